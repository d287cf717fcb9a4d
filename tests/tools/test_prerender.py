"""The version: pyproject.toml states it, and all copies are generated."""

from __future__ import annotations

import re

import gradient_flow_recorder
import pytest

import app
from tools import runtime, wheel
from tools.prerender import fresh, with_version
from tools.runtime import ROOT

VERSION = wheel.project(ROOT)["version"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('__version__ = "1.0.0"\n', '__version__ = "2.1.0rc1"\n'),
        ("dist/gradient_flow_viz-1.0.0-py3-none-any.whl", "dist/gradient_flow_viz-2.1.0rc1-py3-none-any.whl"),
        ("since version 1.0.0", "since version 1.0.0"),
        ("numpy-1.0.0-py3-none-any.whl", "numpy-1.0.0-py3-none-any.whl"),
    ],
)
def test_a_version_is_written_where_a_module_or_a_wheel_s_name_has_one(text: str, expected: str) -> None:
    assert with_version(text, "2.1.0rc1") == expected


def test_package_and_recorder_have_the_project_s_version() -> None:
    assert (app.__version__, gradient_flow_recorder.__version__) == (VERSION, VERSION)


def test_the_files_of_npm_have_no_version_of_their_own() -> None:
    assert "version" not in runtime.read_json(ROOT / "package.json")
    lock = runtime.read_json(ROOT / "package-lock.json")
    assert "version" not in lock
    assert "version" not in lock["packages"][""]


def test_each_document_that_names_the_wheel_is_written() -> None:
    naming = {
        path
        for path in (*ROOT.glob("*.*"), *(ROOT / "docs").glob("*.md"))
        if path.is_file() and re.search(rb"gradient_flow_viz-\d", path.read_bytes())
    }
    assert naming
    assert naming <= set(fresh(ROOT))
