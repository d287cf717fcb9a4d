"""Measurements: `python -m bench.measure` and the like."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "recorder"))  # users import the recorder by its own name, too
