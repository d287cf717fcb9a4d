"""Pack the compiled files of an archive that the page needs. Runs inside Pyodide, whose bytecode the page needs.

The result is a bundle: the page writes its files into Python's folders before Python starts, while Pyodide is still
being loaded. Python imports from a folder faster than from a zip, which it unpacks module by module.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import py_compile
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

WRITTEN: Final = "pyscript/"  # PyScript writes these as sources, and Python looks for their bytecode in __pycache__
METADATA: Final = (".dist-info/METADATA", ".dist-info/WHEEL")  # the files of a wheel that Pyodide and importlib read
RECORD: Final = ".dist-info/RECORD"
LEVEL: Final = 9  # of compression: done once, and loaded by every visitor


def pack(
    source: str,
    target: str,
    *,
    folder: str,
    optimize: int,
    reduce: Callable[[str, bytes], bytes],
    kept: Collection[str] | None = None,
) -> None:
    """Write to `target` a bundle of the archive at `source` with `x.pyc` for each `x.py`, as `python -O…` makes it.

    `folder` is the files' folder in Python's file system; `reduce` returns the text that a module has on the site. With
    `kept`, the bundle holds only these files. A wheel also keeps its metadata, and its record lists the files that are
    left. Raises PyCompileError.
    """
    with zipfile.ZipFile(source) as sources:
        files = packed(sources, optimize, reduce, None if kept is None else frozenset(kept))
        Path(target).write_bytes(bundled(files, folder))


def bundled(files: Iterable[tuple[str, bytes]], folder: str = "") -> bytes:
    """Return the files as a bundle, which web/pyodide-loader.js unpacks. Their paths are in `folder`, or whole.

    A bundle is gzip over the length of the index (4 bytes, little-endian), the index (JSON: a list of a path and a size
    for each file), and the files' contents. It is compressed here because not every host compresses.
    """
    listed = list(files)
    index = json.dumps(
        [[f"{folder}/{name}" if folder else name, len(data)] for name, data in listed], separators=(",", ":")
    ).encode()
    content = b"".join((len(index).to_bytes(4, "little"), index, *(data for _, data in listed)))
    return gzip.compress(content, LEVEL, mtime=0)


def unbundled(bundle: bytes) -> list[tuple[str, bytes]]:
    """Return the files of a bundle with their paths in Python's file system."""
    content = gzip.decompress(bundle)
    at = 4 + int.from_bytes(content[:4], "little")
    files = []
    for path, size in json.loads(content[4:at]):
        files.append((path, content[at : at + size]))
        at += size
    return files


def packed(
    sources: zipfile.ZipFile, optimize: int, reduce: Callable[[str, bytes], bytes], kept: frozenset[str] | None
) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the bundle's files, in the archive's order."""
    names = [name for name in sources.namelist() if kept is None or name in kept or name.endswith(METADATA)]
    for name in names:
        if name.endswith(".py"):
            source = reduce(name, sources.read(name))
            yield placed(name), compiled(name, source, optimize)
        elif not name.endswith(RECORD):
            yield name, sources.read(name)
    for record in (name for name in sources.namelist() if name.endswith(RECORD)):
        # Checksums are optional: the lock file has one for the whole wheel.
        installed = [placed(name) if name.endswith(".py") else name for name in names if name != record]
        yield record, "".join(f"{name},,\n" for name in [*installed, record]).encode()


def placed(name: str) -> str:
    """Return the path of a module's bytecode: in place of its source, or in __pycache__ if the source is kept."""
    return importlib.util.cache_from_source(name) if name.startswith(WRITTEN) else f"{name}c"


def compiled(name: str, source: bytes, optimize: int) -> bytes:
    """Return a module's bytecode; tracebacks name it `name`. Python never checks it against a source."""
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
