"""Measurements: `python -m bench.measure` and the like."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "recorder"))  # its module is imported by its own name, as users do
