"""Replacements on the site for some modules of Python and numpy that take too long to import on a first visit.

Each has the part that the page can need, and is compiled like the others. They are kept as text because they do not
belong to this package, and some have the name of a module that Python itself imports.
"""

from __future__ import annotations

from typing import Final

# The names that traceback uses: no colours, as for any output that is not a terminal. The original creates five
# dataclasses.
COLORIZE: Final = """
class _Colourless:
    def __getattr__(self, name):
        return ""


class Theme:
    traceback = _Colourless()


def can_colorize(*, file=None):
    return False


def get_theme(*, tty_file=None, force_color=False, force_no_color=False):
    return Theme
"""

# NDArray, which numpy.linalg uses in its declarations; other names are imported on first use.
PRIVATE_TYPING: Final = """
from importlib import import_module
from typing import Any, TypeVar

from numpy import dtype, generic, ndarray

_ScalarT = TypeVar("_ScalarT", bound=generic)
NDArray = ndarray[tuple[Any, ...], dtype[_ScalarT]]


def __getattr__(name):
    if not name.startswith("__"):
        for part in ("_array_like", "_dtype_like", "_nbit_base"):
            found = getattr(import_module(f"{__name__}.{part}"), name, None)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
"""

PUBLIC_TYPING: Final = """
from numpy import _typing
from numpy._typing import NDArray

__all__ = ["ArrayLike", "DTypeLike", "NBitBase", "NDArray"]


def __getattr__(name):
    if name in __all__:
        return getattr(_typing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
"""

# The parts of asyncio that an event loop of the browser needs; all others are imported on first use.
ASYNCIO: Final = """
from . import coroutines, events, exceptions, futures, locks, queues, tasks, timeouts
from .coroutines import *
from .events import *
from .exceptions import *
from .futures import *
from .locks import *
from .queues import *
from .tasks import *
from .timeouts import *

DefaultEventLoopPolicy = events._BaseDefaultEventLoopPolicy


def __getattr__(name):
    from importlib import import_module

    if not name.startswith("__"):
        for part in (
            *("runners", "taskgroups", "threads", "base_events", "protocols", "transports"),
            *("streams", "subprocess", "selector_events", "unix_events", "sslproto", "base_futures", "base_tasks"),
        ):
            module = import_module(f"{__name__}.{part}")
            if name == part:
                return module
            if name in getattr(module, "__all__", ()):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
"""

# The futures of threads and processes.
LAZY_CONCURRENT: Final = """
class _Futures:
    ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION = "ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"

    def __getattr__(self, name):
        from importlib import import_module
        return getattr(import_module("concurrent.futures"), name)


class concurrent:
    futures = _Futures()
"""
# The 2,231 names of characters, which html.unescape looks up.
LAZY_ENTITIES: Final = """
class _Entities:
    def __contains__(self, name):
        from html.entities import html5
        return name in html5

    def __getitem__(self, name):
        from html.entities import html5
        return html5[name]


_html5 = _Entities()
"""
LAZY_SHUTIL: Final = """
class _Lazy:
    def __getattr__(self, name):
        import shutil
        return getattr(shutil, name)


shutil = _Lazy()
"""
LAZY_FUNCTION: Final = """
def {name}(*arguments, **named):
    import {module}
    return {module}.{name}(*arguments, **named)
"""

REDUCED: Final = {
    "_colorize.py": COLORIZE,
    "asyncio/__init__.py": ASYNCIO,
    "asyncio/graph.py": "__all__ = ()\n",  # the graph of awaiting tasks, for debuggers: two more dataclasses
    "numpy/_core/_add_newdocs.py": "",  # these two only add docstrings to numpy's functions
    "numpy/_core/_add_newdocs_scalars.py": "",
    "numpy/_typing/__init__.py": PRIVATE_TYPING,
    "numpy/typing/__init__.py": PUBLIC_TYPING,
}
# Lines of modules, and what replaces them.
EDITED: Final = {
    # A browser has no sockets and no processes. Signatures have these constants as defaults.
    "asyncio/events.py": {
        "import socket": "class socket: AF_UNSPEC = 0; AI_PASSIVE = 1",
        "import subprocess": "class subprocess: PIPE = -1",
    },
    "asyncio/futures.py": {
        "import concurrent.futures": LAZY_CONCURRENT,
        "import logging": "class logging: DEBUG = 10",
    },
    "asyncio/tasks.py": {"import concurrent.futures": LAZY_CONCURRENT},
    "html/__init__.py": {"from html.entities import html5 as _html5": LAZY_ENTITIES},
    # For packages that are installed while the page runs; the page brings its own as bundles.
    "pyodide/_package_loader.py": {
        "import shutil": LAZY_SHUTIL,
        "if IN_PYODIDE:": "if False:",  # it registers the format of wheels in shutil
        "from tempfile import NamedTemporaryFile": LAZY_FUNCTION.format(module="tempfile", name="NamedTemporaryFile"),
        "from zipfile import ZipFile": LAZY_FUNCTION.format(module="zipfile", name="ZipFile"),
    },
}


def reduce(name: str, source: bytes) -> bytes:
    """Return the site's text for a module. Raises ValueError if a line that is to be replaced is not there."""
    if name in REDUCED:
        return REDUCED[name].encode()
    text = source.decode() if name in EDITED else ""
    for line, other in EDITED.get(name, {}).items():
        if f"\n{line}\n" not in text:
            raise ValueError(f"{name} has no line {line!r}.")
        text = text.replace(f"\n{line}\n", f"\n{other}\n", 1)
    return text.encode() if text else source
