"""The package's face, as its users import it: in a process of their own, where nothing is imported yet."""

from __future__ import annotations

import importlib
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
    assert set(app._HOMES) == {*app.__all__, "BackpropFlow", "GradientDecayExplorer", "GradientFlowViz"}


def test_its_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == app.__version__


@pytest.mark.parametrize(
    ("module", "names"),
    {
        "network": ("Network",),
        "runs": ("combine", "read"),
        "datasets": ("Data", "Batch"),
        "optimisers": ("SGD", "Adam"),
        "chain": ("Link", "links"),
        "computed": ("Computed",),
        "training": ("Shown", "Training"),
        "measures": ("rms", "l2", "Report"),
        "verdict": ("judge", "Verdict"),
        "folding": ("fold", "mapping", "worst_jump"),
        "trend": ("finding_trend",),
        "aligning": ("align",),
    }.items(),
)
def test_what_could_be_imported_from_the_first_release_still_can(module: str, names: tuple[str, ...]) -> None:
    found = importlib.import_module(f"app.{module}")
    assert [name for name in names if not hasattr(found, name)] == []


def test_a_former_name_of_a_method_still_works() -> None:
    network = importlib.import_module("app.network").Network
    assert (network.look, network.step) == (network.forward_backward, network.train_step)
    assert network.follow is network.apply_gradients
