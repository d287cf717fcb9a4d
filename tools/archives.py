"""Packs an archive anew: what the page needs of it, compiled. Runs inside Pyodide, whose own bytecode it must be."""

from __future__ import annotations

import py_compile
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # one date for all, so that the same sources make the same archive
# All that these do is to give numpy's functions their docstrings.
EMPTIED: Final = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
METADATA: Final = (".dist-info/METADATA", ".dist-info/WHEEL")  # what Pyodide's loader and importlib read of a wheel's
RECORD: Final = ".dist-info/RECORD"
# A fifth smaller than deflated, whatever the host does. But Python imports from deflated zips alone, so it is for
# archives that are unpacked: Pyodide unpacks a wheel with zipfile, which knows Zstandard (its number there is 93).
# Above level 19 it comes no smaller, but unpacking takes a window of 128 MB, and the page's memory grows by that.
ZSTANDARD: Final = 93
METHODS: Final = {".whl": (ZSTANDARD, 19), ".zip": (zipfile.ZIP_DEFLATED, 9)}  # with the level


def pack(source: str, target: str, optimize: int, kept: Collection[str] | None = None) -> None:
    """Write to `target` the archive at `source` with `x.pyc` for each `x.py`, as `python -O…` makes it.

    Given `kept`, it holds these files alone. A wheel keeps its metadata too, and its record says what is left.
    Raises PyCompileError.
    """
    method, level = METHODS[Path(target).suffix]
    with zipfile.ZipFile(source) as sources, zipfile.ZipFile(target, "w", method, compresslevel=level) as archive:
        for name, data in packed(sources, optimize, None if kept is None else frozenset(kept)):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, method, level)


def packed(sources: zipfile.ZipFile, optimize: int, kept: frozenset[str] | None) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what the new archive holds, in the old one's order."""
    names = [name for name in sources.namelist() if kept is None or name in kept or name.endswith(METADATA)]
    for name in names:
        if name.endswith(".py"):
            yield f"{name}c", compiled(name, b"" if name in EMPTIED else sources.read(name), optimize)
        elif not name.endswith(RECORD):
            yield name, sources.read(name)
    for record in (name for name in sources.namelist() if name.endswith(RECORD)):
        # Without checksums, which may be left out: the lock file has one for the whole wheel.
        installed = [f"{name}c" if name.endswith(".py") else name for name in names if name != record]
        yield record, "".join(f"{name},,\n" for name in [*installed, record]).encode()


def compiled(name: str, source: bytes, optimize: int) -> bytes:
    """The bytecode file of a module; tracebacks name it `name`. It is never checked against a source: there is none."""
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "module.py"
        module.write_bytes(source)
        target = py_compile.compile(
            str(module),
            cfile=str(module.with_suffix(".pyc")),
            dfile=name,
            doraise=True,
            optimize=optimize,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        return Path(str(target)).read_bytes()
