"""The reduced modules, which have what their users need."""

from __future__ import annotations

import html
import subprocess
import sys
import zipfile
from types import ModuleType
from typing import Final

import numpy as np
import pytest
from numpy import typing as npt

from tools import archives
from tools.reduced import EDITED, REDUCED, reduce
from tools.runtime import ROOT

# In Pyodide, for it is its version of Python that asks.
IN_PYODIDE: Final = """
import { readFileSync } from "node:fs";
const { loadPyodide } = await import(`${process.cwd()}/node_modules/pyodide/pyodide.mjs`);
const pyodide = await loadPyodide();
pyodide.FS.mkdirTree("/tools");
pyodide.mountNodeFS("/tools", `${process.cwd()}/tools`);
pyodide.runPython(readFileSync(0, "utf8"));
"""
TRACEBACKS: Final = """
import sys, traceback, types
sys.path.append("/tools")
from reduced import REDUCED
def told():
    for code in ("1 / 0", "def (", "raise ExceptionGroup('several', [OSError('one'), ValueError('two')])"):
        try:
            exec(code)
        except Exception as error:
            yield from traceback.format_exception(error)
            yield from traceback.format_exception(error, colorize=reduced)
reduced = False
whole = list(told())
traceback._colorize = types.ModuleType("_colorize")
exec(REDUCED["_colorize.py"], traceback._colorize.__dict__)
reduced = True
assert list(told()) == whole
"""


def module(name: str, path: str) -> ModuleType:
    """Run a reduced module."""
    made = ModuleType(name)
    exec(compile(REDUCED[path], path, "exec"), made.__dict__)
    return made


def test_each_reduced_module_compiles() -> None:
    assert all(archives.compiled(name, text.encode(), 2) for name, text in REDUCED.items())


LIBRARY: Final = ROOT / "node_modules" / "pyodide" / "python_stdlib.zip"


def test_each_edited_module_compiles_and_has_the_new_lines() -> None:
    with zipfile.ZipFile(LIBRARY) as sources:
        for name, lines in EDITED.items():
            text = reduce(name, sources.read(name))
            assert archives.compiled(name, text, 2)
            assert all(other in text.decode() for other in lines.values())


def test_a_line_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"asyncio/events\.py has no line 'import socket'\."):
        reduce("asyncio/events.py", b"import os\n")


def test_other_modules_stay_as_they_are() -> None:
    assert reduce("ast.py", b"source") == b"source"


def test_characters_have_their_names() -> None:
    found = ModuleType("html")
    with zipfile.ZipFile(LIBRARY) as sources:
        exec(reduce("html/__init__.py", sources.read("html/__init__.py")), found.__dict__)
    for text in ("&eacute;&notit;&amp", "&nosuch;", "a&#x41;&lt"):
        assert found.unescape(text) == html.unescape(text)


def test_each_colour_is_an_empty_text() -> None:
    colours = module("_colorize", "_colorize.py")
    assert colours.can_colorize(file=sys.stderr) is False
    for how in ({"force_color": True}, {"force_no_color": True}, {}):
        theme = colours.get_theme(**how).traceback
        assert f"{theme.type}ValueError{theme.reset}: {theme.message}no{theme.reset}" == "ValueError: no"


def test_tracebacks_read_as_with_the_whole_module() -> None:
    subprocess.run(
        ["node", "--input-type=module", "--eval", IN_PYODIDE], cwd=ROOT, input=TRACEBACKS, text=True, check=True
    )


def test_array_types_are_the_original_ones() -> None:
    reduced = module("numpy._typing", "numpy/_typing/__init__.py")
    assert str(reduced.NDArray[np.float64]) == str(npt.NDArray[np.float64])
    assert reduced.ArrayLike == npt.ArrayLike
    assert reduced.DTypeLike == npt.DTypeLike
    public = module("numpy.typing", "numpy/typing/__init__.py")
    assert sorted(public.__all__) == sorted(npt.__all__)
    assert public.ArrayLike == npt.ArrayLike
    for one in (reduced, public):
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            _ = one.nothing
