"""The memory snapshot as the build makes it: what is in it, and the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.places import BUNDLE, RUNTIME, SNAPSHOT
from tests.tools.test_build import unpacked
from tools import snapshot
from tools.runtime import ROOT

LIBRARY = RUNTIME / "pyodide" / "python_stdlib.bundle"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The same inputs in another folder."""
    for name in ("app", "node_modules"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_another_folder_and_another_run_give_the_same_bytes(elsewhere: Path) -> None:
    made = snapshot.made(elsewhere, (LIBRARY, BUNDLE))
    for part, path in (("snapshot", made.memory), ("start", made.start), ("library", made.library)):
        assert path.read_bytes() == SNAPSHOT[part].read_bytes()


def test_each_module_is_in_memory_or_in_a_bundle_of_its_own() -> None:
    start, library = unpacked(SNAPSHOT["start"]), unpacked(SNAPSHOT["library"])
    assert start.items() <= unpacked(BUNDLE).items()
    assert library.items() <= unpacked(LIBRARY).items()
    assert "/home/pyodide/app/figure/wave.pyc" not in start  # it needs no browser
    assert "/home/pyodide/app/page/controller.pyc" in start
    assert "/lib/python3.14/dataclasses.pyc" not in library
    assert "/lib/python3.14/zipfile/__init__.pyc" in library


def test_it_imports_what_the_start_imports_except_what_only_a_browser_has() -> None:
    imports = snapshot.start_imports(ROOT)
    assert {"app", "app.figure.wave", "json", "asyncio", "dataclasses:dataclass"} <= set(imports)
    assert not [name for name in imports if name.split(".")[0].split(":")[0] in snapshot.BROWSER]
    assert "app.page.controller" not in imports
