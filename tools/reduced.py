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

REDUCED: Final = {
    "_colorize.py": COLORIZE,
    "asyncio/graph.py": "__all__ = ()\n",  # the graph of awaiting tasks, for debuggers: two more dataclasses
    "numpy/_core/_add_newdocs.py": "",  # these two only add docstrings to numpy's functions
    "numpy/_core/_add_newdocs_scalars.py": "",
    "numpy/_typing/__init__.py": PRIVATE_TYPING,
    "numpy/typing/__init__.py": PUBLIC_TYPING,
}
