"""Puts compiled modules in the place of an archive's sources. Runs inside Pyodide, whose own bytecode it must be."""

from __future__ import annotations

import py_compile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # one date for all, so that the same sources make the same archive
OPTIMIZE: Final = 2  # neither asserts nor docstrings: nobody reads numpy's manual out of the page


def compile_archive(source: str, target: str) -> None:
    """Write to `target` the zip at `source` with `x.pyc` for each `x.py`. Raises PyCompileError."""
    with (
        zipfile.ZipFile(source) as sources,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
    ):
        for member in sources.infolist():
            name, data = member.filename, sources.read(member)
            if name.endswith(".py"):
                name, data = f"{name}c", compiled(name, data)
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)


def compiled(name: str, source: bytes) -> bytes:
    """The bytecode file of a module; tracebacks name it `name`. It is never checked against a source: there is none."""
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "module.py"
        module.write_bytes(source)
        target = py_compile.compile(
            str(module),
            cfile=str(module.with_suffix(".pyc")),
            dfile=name,
            doraise=True,
            optimize=OPTIMIZE,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        return Path(str(target)).read_bytes()
