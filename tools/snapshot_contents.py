"""Prepare Python's memory for the snapshot that the page starts from. Runs inside Pyodide, in tools/snapshot.mjs.

Each visitor loads the memory, so it holds what the start of the page imports, without docstrings, and with line numbers
only for the page's own code.
"""

from __future__ import annotations

import gc
import importlib
import json
import random
import re
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

IMPORTS: Final = Path("/imports.json")  # what to import, `module` or `module:name`
FILES: Final = Path("/files.json")  # the result: the files of the modules in memory
OURS: Final = ("app/", "pyscript/")  # files whose lines a traceback names
HAS_DOCSTRING: Final = 0x4000000  # inspect.CO_HAS_DOCSTRING
HEAP_TYPE: Final = 1 << 9  # Py_TPFLAGS_HEAPTYPE
IMMUTABLE_TYPE: Final = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE


def prepare() -> None:
    """Import what `IMPORTS` lists, write `FILES`, and leave as little as possible in memory."""
    for name in json.loads(IMPORTS.read_text(encoding="utf-8")):
        bring(name)
    found = {str(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    FILES.write_text(json.dumps(sorted(found - {__file__})), encoding="utf-8")
    for thing in gc.get_objects():
        strip(thing)
    forget()


def bring(name: str) -> None:
    """Import `module`, or for `module:name` what `from module import name` imports; the name may be a module."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    if attribute and attribute != "*" and not hasattr(found, attribute):
        importlib.import_module(f"{module}.{attribute}")


def strip(thing: Any) -> None:
    """Take docstring and line numbers from a function, the docstring from a class or module."""
    if isinstance(thing, FunctionType):
        thing.__code__ = stripped(thing.__code__)
    if isinstance(thing, FunctionType | ModuleType) or (isinstance(thing, type) and has_own_docstring(thing)):
        thing.__doc__ = None


def has_own_docstring(thing: type) -> bool:
    """Return True if a class has a docstring of its own that can be changed."""
    is_open = thing.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) == HEAP_TYPE
    return is_open and isinstance(thing.__dict__.get("__doc__"), str)


def stripped(code: CodeType) -> CodeType:
    """Return a code object without docstrings, and without line numbers unless it is the page's own."""
    constants = [stripped(one) if isinstance(one, CodeType) else one for one in code.co_consts]
    flags = code.co_flags
    if flags & HAS_DOCSTRING:
        constants[0] = None
        flags &= ~HAS_DOCSTRING
    lines = code.co_linetable if code.co_filename.startswith(OURS) else unknown_lines(len(code.co_code) // 2)
    return code.replace(co_consts=tuple(constants), co_flags=flags, co_linetable=lines)


def unknown_lines(units: int) -> bytes:
    """Return a table of line numbers for so many code units that says of each that its line is unknown.

    An empty table would make `traceback` fail. The format is CPython's: Objects/locations.md in InternalDocs.
    """
    whole, left = divmod(units, 8)
    return b"\xff" * whole + (bytes([0xF8 | left - 1]) if left else b"")


def forget() -> None:
    """Remove this module and all that only it needed, empty the caches, and collect garbage."""
    sys.path.remove("/tools")
    sys.path_importer_cache.clear()
    del sys.modules[__name__]
    main = sys.modules["__main__"].__dict__
    for name in ("sys", __name__):
        main.pop(name, None)
    random.seed(0)  # otherwise each build would have another state; web/pyodide-loader.js seeds it anew
    re.purge()
    sys._clear_internal_caches()  # type: ignore[attr-defined]  # Python 3.13 and later
    gc.collect()
