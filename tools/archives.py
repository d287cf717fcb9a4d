"""Packs an archive anew: what the page needs of it, compiled. Runs inside Pyodide, whose own bytecode it must be.

What Python imports from while it starts stays a zip. All else becomes a bundle: the page puts its files into Python's
folders itself, before Python starts and while that is still on its way.
"""

from __future__ import annotations

import gzip
import json
import py_compile
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # one date for all, so that the same sources make the same archive
# All that these do is to give numpy's functions their docstrings.
EMPTIED: Final = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
METADATA: Final = (".dist-info/METADATA", ".dist-info/WHEEL")  # what Pyodide and importlib read of a wheel's
RECORD: Final = ".dist-info/RECORD"
LEVEL: Final = 9  # of compression: it is done once, and fetched by every visitor


def pack(source: str, target: str, folder: str, optimize: int, kept: Collection[str] | None = None) -> None:
    """Write to `target` the archive at `source` with `x.pyc` for each `x.py`, as `python -O…` makes it.

    With a `folder` in which Python shall have the files, the target is a bundle; without, a zip. Given `kept`, it holds
    these files alone. A wheel keeps its metadata too, and its record says what is left. Raises PyCompileError.
    """
    with zipfile.ZipFile(source) as sources:
        files = packed(sources, optimize, None if kept is None else frozenset(kept))
        if folder:
            Path(target).write_bytes(bundled(files, folder))
        else:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                for name, data in files:
                    archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED, LEVEL)


def bundled(files: Iterable[tuple[str, bytes]], folder: str) -> bytes:
    """The files as python.js unpacks them.

    It is gzip over: the length of the index, 4 bytes, little-endian; the index, as JSON a list of a path and a size for
    each file; and the files' contents, one by one. Compressed here, it does without a host that does it.
    """
    listed = list(files)
    index = json.dumps([[f"{folder}/{name}", len(data)] for name, data in listed], separators=(",", ":")).encode()
    content = b"".join((len(index).to_bytes(4, "little"), index, *(data for _, data in listed)))
    return gzip.compress(content, LEVEL, mtime=0)


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
