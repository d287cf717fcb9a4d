"""Packs an archive anew: what the page needs of it, compiled. Runs inside Pyodide, whose own bytecode it must be.

It becomes a bundle: the page puts its files into Python's folders itself, before Python starts and while that is still
on its way. Python imports from a folder faster than from a zip, which it would unpack by itself, module by module.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import py_compile
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

WRITTEN: Final = "pyscript/"  # PyScript writes these as sources, beside which Python looks for their bytecode
METADATA: Final = (".dist-info/METADATA", ".dist-info/WHEEL")  # what Pyodide and importlib read of a wheel's
RECORD: Final = ".dist-info/RECORD"
LEVEL: Final = 9  # of compression: it is done once, and fetched by every visitor


def pack(
    source: str,
    target: str,
    *,
    folder: str,
    optimize: int,
    reduced: Mapping[str, str],
    kept: Collection[str] | None = None,
) -> None:
    """Write to `target` a bundle of the archive at `source` with `x.pyc` for each `x.py`, as `python -O…` makes it.

    `folder` is where Python shall have the files; `reduced` are the texts that stand in place of some modules. Given
    `kept`, the bundle holds these files alone. A wheel keeps its metadata too, and its record says what is left. Raises
    PyCompileError.
    """
    with zipfile.ZipFile(source) as sources:
        files = packed(sources, optimize, reduced, None if kept is None else frozenset(kept))
        Path(target).write_bytes(bundled(files, folder))


def bundled(files: Iterable[tuple[str, bytes]], folder: str) -> bytes:
    """The files as web/pyodide-loader.js unpacks them.

    It is gzip over: the length of the index, 4 bytes, little-endian; the index, as JSON a list of a path and a size for
    each file; and the files' contents, one by one. Compressed here, it does without a host that does it.
    """
    listed = list(files)
    index = json.dumps([[f"{folder}/{name}", len(data)] for name, data in listed], separators=(",", ":")).encode()
    content = b"".join((len(index).to_bytes(4, "little"), index, *(data for _, data in listed)))
    return gzip.compress(content, LEVEL, mtime=0)


def packed(
    sources: zipfile.ZipFile, optimize: int, reduced: Mapping[str, str], kept: frozenset[str] | None
) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what the new archive holds, in the old one's order."""
    names = [name for name in sources.namelist() if kept is None or name in kept or name.endswith(METADATA)]
    for name in names:
        if name.endswith(".py"):
            source = reduced[name].encode() if name in reduced else sources.read(name)
            yield placed(name), compiled(name, source, optimize)
        elif not name.endswith(RECORD):
            yield name, sources.read(name)
    for record in (name for name in sources.namelist() if name.endswith(RECORD)):
        # Without checksums, which may be left out: the lock file has one for the whole wheel.
        installed = [placed(name) if name.endswith(".py") else name for name in names if name != record]
        yield record, "".join(f"{name},,\n" for name in [*installed, record]).encode()


def placed(name: str) -> str:
    """Where a module's bytecode goes: in the place of its source, or where Python looks for that of a source."""
    return importlib.util.cache_from_source(name) if name.startswith(WRITTEN) else f"{name}c"


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
