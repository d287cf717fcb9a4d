"""The package's face, as its users import it: in a process of their own, where nothing is imported yet."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib

import pytest

import app
from tools.runtime import ROOT


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_importing_it_imports_nothing_else() -> None:
    code = "import json, sys, typing; before = set(sys.modules); import app; print(json.dumps(sorted(set(sys.modules) - before)))"  # noqa: E501
    assert json.loads(python(code).stdout) == ["app"]


def test_it_exports_what_works_here() -> None:
    answer = python("from app import *; print(GradientFlowFigure(layers=[3]), SPRINGS.smooth, Spring, Tween, INSTANT)")
    assert answer.returncode == 0, answer.stderr


def test_without_a_browser_the_component_says_what_to_use_instead() -> None:
    with pytest.raises(ImportError, match=r"^GradientFlowViz .*needs a browser .*GradientFlowFigure .*\.$"):
        from app import GradientFlowViz  # noqa: F401, PLC0415  # because importing it is what is tried


def test_a_name_it_has_not_is_python_s_own_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        app.nothing  # noqa: B018  # because asking for it is what is tried


def test_every_name_is_listed() -> None:
    assert set(app.__all__) <= set(dir(app))
    assert set(app._HOMES) == {*app.__all__, "GradientDecayExplorer", "GradientFlowViz"}


def test_its_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == app.__version__
