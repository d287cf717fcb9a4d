"""Compiles the runtime's Python ahead of time: else each visitor's browser would, on every first visit, for seconds."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools import runtime

TOOLS: Final = Path(__file__).resolve().parent
COMPILER: Final = (TOOLS / "bytecode.py", TOOLS / "bytecode.mjs")


def precompiled(root: Path, archives: Sequence[Path]) -> list[Path]:
    """Each archive with compiled modules for sources, from the cache where it has them. Raises SetupError."""
    folder = runtime.cache_folder(root) / "precompiled"
    made = folder / _key(archives)
    if not made.is_dir():
        print("Compiling Python's standard library and numpy …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)  # what was made of other archives is of no more use
        folder.mkdir()
        with tempfile.TemporaryDirectory(dir=folder, prefix="partial-") as partial:
            pyodide = root / "node_modules" / "pyodide"
            paths = [str(path) for path in (COMPILER[1], pyodide, TOOLS, Path(partial), *archives)]
            runtime.run(["node", *paths], "Compiling the runtime's modules", root)
            shutil.copytree(partial, made)
    return [made / archive.name for archive in archives]


def _key(archives: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in (*archives, *COMPILER):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]
