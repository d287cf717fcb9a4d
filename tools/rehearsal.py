"""What the page's Python needs of the standard library and of numpy, found by doing it all once. Runs inside Pyodide.

Whatever is imported when this is done reaches the visitor. All else is left out, and importing it in the page raises
ModuleNotFoundError. The page's own imports are found without being told; what something imports only when it is
called has to be done here, or named in `LATE`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import traceback
import warnings
import zipfile
from collections.abc import Iterable
from typing import Any, Final

# What the Python within PyScript imports; it isn't there under Node.
PYSCRIPT: Final = ("asyncio", "base64", "collections", "functools", "html", "inspect", "io", "json", "os", "pathlib")
# Pyodide's own for whoever works with it: running code, awaiting JavaScript, fetching.
PYODIDE: Final = ("pyodide.code", "pyodide.ffi", "pyodide.http", "pyodide.webloop")
LATE: Final = (
    "encodings.ascii",  # codecs are imported by name, at the first use
    "encodings.cp437",  # names in a zip
    "encodings.latin_1",
    "encodings.utf_8_sig",
    "hashlib",  # random.seed("text")
    "numpy.linalg",
    "random",
)
# What asyncio and numpy do without where it can't be imported, and a page has no use for.
DISPENSABLE: Final = frozenset({"ssl", "ctypes", "ctypes._endian"})
WRONG: Final = (
    "def (",
    "imporrt sys",
    "nmae = 1; name",
    "[].apend",
    "import nosuchmodule",
    "from math import sine",
    "1 / 0",
    "raise ExceptionGroup('several', [OSError('one'), ValueError('two')])",
)


def needed(imports: Iterable[str]) -> list[str]:
    """The files that a page with these imports needs, by their names in the archives. Raises ImportError."""
    for name in (*imports, *PYSCRIPT, *PYODIDE, *LATE):
        bring(name)
    for rehearse in (calculate, fail, warn, unpack):
        rehearse()
    imported = [module for name, module in list(sys.modules.items()) if name not in DISPENSABLE]
    return sorted(filter(None, map(archived, imported)))


def bring(name: str) -> None:
    """Import `module`, or for `module:name` what `from module import name` imports: the name may be a module too."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    if attribute and attribute != "*" and not hasattr(found, attribute):
        importlib.import_module(f"{module}.{attribute}")


def archived(module: Any) -> str | None:
    """A module's file in its archive; none for one that is built into the interpreter."""
    spec, file = getattr(module, "__spec__", None), getattr(module, "__file__", None)
    if spec is None or file is None or spec.origin == "frozen":
        return None
    folders = [folder for folder in sys.path if folder.endswith((".zip", "site-packages"))]
    return next((file.removeprefix(f"{folder}/") for folder in folders if file.startswith(f"{folder}/")), None)


def calculate() -> None:
    """What is done with numbers."""
    import numpy as np  # noqa: PLC0415  # here, so that what reads this file under CPython needs no numpy

    matrix = np.arange(12.0).reshape(3, 4) + np.eye(3, 4)
    np.linalg.svd(matrix)
    np.linalg.qr(matrix)
    np.linalg.norm(np.einsum("ij,kj->ik", matrix, matrix))
    repr(matrix)
    str(np.float64(0.5))
    np.isclose(np.sort(matrix.ravel())[0], np.mean(matrix))  # np.median would bring numpy.ma, 80 kB
    np.clip(matrix.astype(int), 0, 5).tolist()


def fail() -> None:
    """What goes wrong, told as in the console, with the hints that Python has for it."""
    for code in WRONG:
        try:
            exec(compile(code, "page", "exec"), {})
        except Exception:  # noqa: BLE001  # whatever it is: it is only to be told
            with contextlib.redirect_stderr(io.StringIO()):
                traceback.print_exc()


def warn() -> None:
    """What is only a warning."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("mind", RuntimeWarning, stacklevel=1)


def unpack() -> None:
    """What Pyodide does with a wheel of ours."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", 93) as archive:
        archive.writestr("name", "content")
    with zipfile.ZipFile(buffer) as archive:
        archive.read("name")
