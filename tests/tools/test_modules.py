"""The rules for which module is where: in the start, in a lazy bundle, in the remote package, in the wheel."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from tools import modules, wheel
from tools.runtime import ROOT

APP = ROOT / "app"
START = modules.start_files(APP)
LAZY = modules.lazy_files(APP)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small package: a start, a chart, and two panels that share a module."""
    files = {
        "__init__.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .viz import it\n",
        "main.py": "from app.page.controller import Page\nfrom app.page.documentation import examples",
        "viz.py": "import math\nfrom numpy import array\nfrom .figure import wave, __name__",
        "viz.css": "",
        "figure/__init__.py": "",
        "figure/wave.py": "",
        "figure/alone.py": "",
        "figure/shared.py": "",
        "page/__init__.py": "",
        "page/controller.py": (
            "from ..figure import wave\ndef f():\n    from ..viz import it\n    from ..panels.computed.model import M\n"
        ),
        "charts/__init__.py": "",
        "charts/bars.py": "from ..figure.wave import a",
        "charts/bars.css": "",
        "network/__init__.py": "",
        "network/mlp.py": "from ..figure.shared import a\nfrom . import mlp",
        "runs/__init__.py": "",
        "runs/run.py": "from ..figure.shared import a",
        "page/documentation/__init__.py": "",
        "page/documentation/examples.py": "from ...figure.alone import a\nfrom ...figure.wave import b",
        "panels/__init__.py": "",
        "panels/panels.css": "",
        "panels/computed/__init__.py": "",
        "panels/computed/model.py": "from ...network.mlp import N\nfrom ...charts.bars import B",
        "panels/recorded/__init__.py": "",
        "panels/recorded/model.py": "from ...runs.run import R",
        "panels/present/__init__.py": "",
        "sheet/__init__.py": "",
        "sheet/picture.py": "from ..charts.bars import B",
        "former/__init__.py": "",
        "former/old.py": "from .network.mlp import *",
        "former/log.py": "from .runs.run import *",
    }
    for name, text in files.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "app"


def test_the_start_has_what_the_entry_imports_outside_the_lazy_packages(folder: Path) -> None:
    wanted = ["__init__.py", "figure/__init__.py", "figure/wave.py", "page/__init__.py", "page/controller.py"]
    assert modules.start_files(folder) == [*wanted, "viz.py"]


def test_a_lazy_bundle_has_what_its_folder_imports_with_its_style_sheets(folder: Path) -> None:
    assert modules.lazy_files(folder) == {
        "charts": [
            *("charts/__init__.py", "charts/bars.css", "charts/bars.py", "figure/shared.py", "panels/__init__.py"),
            "panels/panels.css",
        ],
        "computed": [
            "network/__init__.py",
            "network/mlp.py",
            "panels/computed/__init__.py",
            "panels/computed/model.py",
        ],
        "recorded": ["panels/recorded/__init__.py", "panels/recorded/model.py", "runs/__init__.py", "runs/run.py"],
        "present": ["panels/present/__init__.py"],
        "documentation": ["figure/alone.py", "page/documentation/__init__.py", "page/documentation/examples.py"],
        "sheet": ["sheet/__init__.py", "sheet/picture.py"],
    }


def test_the_remote_package_has_the_components_the_network_and_their_former_names(folder: Path) -> None:
    (folder / "network" / "__init__.py").write_text("from .mlp import Network")
    wanted = ["__init__.py", "figure/__init__.py", "figure/shared.py", "figure/wave.py", "former/__init__.py"]
    wanted += ["former/old.py", "network/__init__.py", "network/mlp.py", "viz.css", "viz.py"]
    assert modules.remote_files(folder) == wanted


def test_the_wheel_has_everything_except_what_only_the_page_uses(folder: Path) -> None:
    names = modules.package_files(folder)
    assert {"viz.css", "charts/bars.css", "former/old.py", "runs/run.py", "figure/alone.py"} <= set(names)
    assert [name for name in names if name.startswith(("page/", "panels/", "main"))] == []


def test_each_module_of_the_page_is_in_exactly_one_place() -> None:
    lists = [START, *LAZY.values()]
    assert all(not set(one) & set(other) for one, other in itertools.combinations(lists, 2))
    there = {path.relative_to(APP).as_posix() for path in APP.rglob("*.py")}
    for_others = {"__main__.py", "main.py", "figure/static_figure.py", "runs/check.py"}
    for_others.add("view/source.py")  # for types alone
    for_others |= {name for name in there if name.startswith("former/")}
    listed = {name for names in lists for name in names if name.endswith(".py")}
    assert listed == there - for_others


@pytest.mark.parametrize("bundle", LAZY)
def test_a_lazy_bundle_has_everything_that_it_needs(bundle: str) -> None:
    names = [name.removesuffix(".py").replace("/", ".") for name in LAZY[bundle] if name.endswith(".py")]
    needed = modules.reachable(APP, [name.removesuffix(".__init__") for name in names])
    there = {name for name in (*START, *LAZY[modules.SHARED], *LAZY[bundle]) if name.endswith(".py")}
    assert {
        path.relative_to(APP).as_posix() for name, path in modules.all_modules(APP).items() if name in needed
    } <= there


def test_the_list_of_the_remote_package_is_fresh() -> None:
    config = tomllib.loads((APP / "config.toml").read_text(encoding="utf-8"))
    assert config["files"] == {f"./{name}": f"./gradient_flow_viz/{name}" for name in modules.remote_files(APP)}
    assert config["packages"] == wheel.project(ROOT)["dependencies"]
    assert config["name"] == "gradient_flow_viz"
