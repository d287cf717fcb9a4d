"""Find the modules of the standard library and numpy that the page needs, by using them once. Runs inside Pyodide.

The modules that are imported at the end reach the visitor. All others are left out, and importing one in the page
raises ModuleNotFoundError. The page's own imports are found automatically. Modules that a function imports only when it
is called must be used here or listed in `IMPORTED_IN_CALLS`.
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

# The imports of PyScript's own Python, which does not exist under Node.
PYSCRIPT: Final = ("asyncio", "base64", "collections", "functools", "html", "inspect", "io", "json", "os", "pathlib")
# Pyodide's modules for running code, awaiting JavaScript and fetching.
PYODIDE: Final = ("pyodide.code", "pyodide.ffi", "pyodide.http", "pyodide.webloop")
IMPORTED_IN_CALLS: Final = (
    "encodings.ascii",  # codecs are imported by name, at the first use
    "encodings.cp437",  # names in a zip
    "encodings.latin_1",
    "encodings.utf_8_sig",
    "hashlib",  # random.seed("text")
    "numpy.linalg",
    "random",
)
# Optional imports of asyncio and numpy that a page does not use.
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
    """Return the files that a page with these imports needs, by their names in the archives. Raises ImportError."""
    for name in (*imports, *PYSCRIPT, *PYODIDE, *IMPORTED_IN_CALLS):
        bring(name)
    for rehearse in (calculate, fail, warn, unpack):
        rehearse()
    imported = [module for name, module in list(sys.modules.items()) if name not in DISPENSABLE]
    return sorted(filter(None, map(archived, imported)))


def bring(name: str) -> None:
    """Import `module`, or for `module:name` what `from module import name` imports; the name may be a module."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    if attribute and attribute != "*" and not hasattr(found, attribute):
        importlib.import_module(f"{module}.{attribute}")


def archived(module: Any) -> str | None:
    """Return a module's file in its archive; None if it is built into the interpreter."""
    spec, file = getattr(module, "__spec__", None), getattr(module, "__file__", None)
    if spec is None or file is None or spec.origin == "frozen":
        return None
    folders = [folder for folder in sys.path if folder.endswith((".zip", "site-packages"))]
    return next((file.removeprefix(f"{folder}/") for folder in folders if file.startswith(f"{folder}/")), None)


def calculate() -> None:
    """Use numpy as the page does."""
    import numpy as np  # noqa: PLC0415  # here, so that reading this file under CPython needs no numpy

    matrix = np.arange(12.0).reshape(3, 4) + np.eye(3, 4)
    np.linalg.svd(matrix)
    np.linalg.qr(matrix)
    np.linalg.norm(np.einsum("ij,kj->ik", matrix, matrix))
    repr(matrix)
    str(np.float64(0.5))
    np.isclose(np.sort(matrix.ravel())[0], np.mean(matrix))  # np.median would bring numpy.ma, 80 kB
    np.clip(matrix.astype(int), 0, 5).tolist()


def fail() -> None:
    """Print tracebacks of errors, with Python's hints, as the console does."""
    for code in WRONG:
        try:
            exec(compile(code, "page", "exec"), {})
        except Exception:  # noqa: BLE001  # any error: it is only printed
            with contextlib.redirect_stderr(io.StringIO()):
                traceback.print_exc()


def warn() -> None:
    """Print a warning."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("mind", RuntimeWarning, stacklevel=1)


def unpack() -> None:
    """Unpack a zip, as Pyodide does with a wheel."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", 93) as archive:
        archive.writestr("name", "content")
    with zipfile.ZipFile(buffer) as archive:
        archive.read("name")
