"""What a browser keeps of a built site, and the name it goes by."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from tools import release
from tools.runtime import ROOT, SetupError

PAGE = '<!doctype html>\n<html lang="en" data-state="loading">\n'
FILES = {
    "index.html": PAGE,
    "sw.js": f"{release.EMPTY} // each file\n",
    "web/page.css": "body { margin: 0 }",
    "app/main.py": "entry",
    "app/figure/wave.py": "source",
    "app/config.toml": "for other pages",
    "dist/gradient_flow_viz-1.0.0-py3-none-any.whl": "for other pages and for notebooks",
    "app-0123456789ab.bundle": "bundle",
    "app/viz.css": "figure { margin: 0 }",
    "app/panels/panels.css": "in the bundle as well",
    "computed-0123456789ab.bundle": "late",
    "recorded-0123456789ab.bundle": "late",
    "runtime/0123456789ab/pyscript/core.js": "core",
    "runtime/0123456789ab/pyscript/core-C9.js": "core's chunk",
    "runtime/0123456789ab/pyscript/py-editor-C4.js": "never asked for",
    "runtime/0123456789ab/pyscript/LICENSE": "owed to copyists",
    "runtime/0123456789ab/pyodide/numpy-2.4.3.bundle": "late",
    "runtime/0123456789ab/pyodide/python_stdlib.bundle": "library",
    "runtime/0123456789ab/pyodide/numpy-licences/COPYING": "owed to copyists",
    "runtime/0123456789ab/pyodide/pyodide.asm.wasm": "wasm",
}
NEEDED = {
    "",
    "web/page.css",
    "app/main.py",
    "app/viz.css",
    "app-0123456789ab.bundle",
    "runtime/0123456789ab/pyscript/core.js",
    "runtime/0123456789ab/pyscript/core-C9.js",
    "runtime/0123456789ab/pyodide/pyodide.asm.wasm",
    "runtime/0123456789ab/pyodide/python_stdlib.bundle",
}
LATE = {
    "computed-0123456789ab.bundle",
    "recorded-0123456789ab.bundle",
    "runtime/0123456789ab/pyodide/numpy-2.4.3.bundle",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def told(site: Path) -> dict[str, object]:
    """The release that the worker knows."""
    (text,) = re.findall(r"const RELEASE = (.*?\n});", (site / "sw.js").read_text(encoding="utf-8"), re.DOTALL)
    known: dict[str, object] = json.loads(text)
    return known


def integrity(path: Path) -> str:
    """A file's sha256 as browsers compare it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def test_the_worker_knows_what_a_visit_needs_with_its_integrity(site: Path) -> None:
    version = release.stamp(site)
    known = told(site)
    assert known["version"] == version
    assert known["files"] == {name: integrity(site / (name or "index.html")) for name in NEEDED}
    assert known["late"] == {name: integrity(site / name) for name in LATE}


def test_the_page_says_which_release_it_is_of(site: Path) -> None:
    version = release.stamp(site)
    assert f'<html lang="en" data-state="loading" data-release="{version}">' in (site / "index.html").read_text()


def test_the_name_follows_from_the_contents(site: Path, tmp_path: Path) -> None:
    first = release.stamp(site)
    (site / "index.html").write_text(PAGE)
    (site / "sw.js").write_text(FILES["sw.js"])
    assert release.stamp(site) == first
    (site / "index.html").write_text(PAGE)
    (site / "sw.js").write_text(FILES["sw.js"])
    (site / "web" / "page.css").write_text("body { margin: 1px }")
    assert release.stamp(site) != first


@pytest.mark.parametrize("name", ["index.html", "sw.js"])
def test_a_file_without_its_place_is_named(site: Path, name: str) -> None:
    (site / name).write_text("nothing to fill in")
    with pytest.raises(SetupError, match=re.escape(name)):
        release.stamp(site)


def test_the_tree_has_both_places_and_keeps_nothing() -> None:
    assert release.ROOT_ELEMENT in (ROOT / "index.html").read_text(encoding="utf-8")
    assert release.EMPTY in (ROOT / "sw.js").read_text(encoding="utf-8")
    assert "data-release" not in (ROOT / "index.html").read_text(encoding="utf-8")


def test_all_that_the_built_page_names_is_kept() -> None:
    page = (ROOT / "site" / "index.html").read_text(encoding="utf-8")
    named = {name.removeprefix("./") for name in re.findall(r'(?:src|href|config)="([^"#:]+)"', page)}
    assert {
        "web/before-paint.js",
        "web/loading-status.js",
        "web/start-pyscript.js",
        "web/page.css",
        "app/main.py",
    } <= named
    starter = (ROOT / "site" / "web" / "pyodide-loader.js").read_text(encoding="utf-8")
    named |= {name.removeprefix("./") for name in re.findall(r'"([^"]+\.bundle)"', starter)}
    assert sum(name.endswith(".bundle") for name in named) == 6
    known = told(ROOT / "site")
    assert named <= {*known["files"], *known["late"]}  # type: ignore[misc]  # JSON
