"""Releases: the files that a browser keeps, and the release's name."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools import manifest, modules, release
from tools.manifest import Manifest
from tools.runtime import ROOT, SetupError

PAGE = manifest.insert(f"<!doctype html><head>{manifest.OPENING}{manifest.CLOSING}</head>", Manifest())
FILES = {
    "index.html": PAGE,
    "docs.html": PAGE,
    "sw.js": f"{release.DATA_LINE}{{}};\n// code",
    "web/page.css": "body { margin: 0 }",
    "app/main.py": "in the page",
    "app/figure/wave.py": "source",
    "app/config.toml": "for other pages",
    "dist/gradient_flow_viz-1.0.0-py3-none-any.whl": "for other pages and for notebooks",
    "app-0123456789ab.bundle": "bundle",
    **{f"{part}-0123456789ab.bundle": part for part in ("snapshot", "start", "library")},
    "app/viz.css": "figure { margin: 0 }",
    "app/panels/panels.css": "in the bundle as well",
    "computed-0123456789ab.bundle": "late",
    "recorded-0123456789ab.bundle": "late",
    "documentation-0123456789ab.bundle": "for docs.html",
    "runtime/0123456789ab/pyscript/core.js": "core",
    "runtime/0123456789ab/pyscript/core-C9.js": "core's chunk",
    "runtime/0123456789ab/pyscript/py-editor-C4.js": "never asked for",
    "runtime/0123456789ab/pyscript/LICENSE": "owed to copyists",
    "runtime/0123456789ab/pyodide/numpy-2.4.3.bundle": "late",
    "runtime/0123456789ab/pyodide/python_stdlib.bundle": "library",
    "runtime/0123456789ab/pyodide/numpy-licences/COPYING": "owed to copyists",
    "runtime/0123456789ab/pyodide/pyodide.asm.wasm": "for the start without the snapshot",
    **{f"runtime/0123456789ab/pyodide/{half}.wasm": half for half in ("start", "rest")},
}
NEEDED = {
    "",
    "docs.html",
    "web/page.css",
    "app/viz.css",
    *(f"{part}-0123456789ab.bundle" for part in ("snapshot", "start", "library")),
    "documentation-0123456789ab.bundle",
    "runtime/0123456789ab/pyscript/core.js",
    "runtime/0123456789ab/pyscript/core-C9.js",
    *(f"runtime/0123456789ab/pyodide/{half}.wasm" for half in ("start", "rest")),
}
LAZY = {
    "runtime/0123456789ab/pyodide/pyodide.asm.wasm",
    "app-0123456789ab.bundle",
    "runtime/0123456789ab/pyodide/python_stdlib.bundle",
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


def read_worker(site: Path) -> dict[str, Any]:
    """The release that the worker knows."""
    first, _, _ = (site / "sw.js").read_text(encoding="utf-8").partition("\n")
    known: dict[str, Any] = json.loads(first.removeprefix(release.DATA_LINE).removesuffix(";"))
    return known


def integrity(path: Path) -> str:
    """A file's sha256 as browsers compare it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def test_the_worker_knows_what_a_visit_needs_with_its_integrity(site: Path) -> None:
    version = release.stamp(site)
    known = read_worker(site)
    assert known["version"] == version
    assert known["files"] == {name: integrity(site / (name or "index.html")) for name in NEEDED}
    assert known["lazy"] == {name: integrity(site / name) for name in LAZY}


def test_each_page_s_manifest_names_the_release(site: Path) -> None:
    version = release.stamp(site)
    for name in release.PAGES:
        assert manifest.read((site / name).read_text(encoding="utf-8")).release == version


def test_the_worker_keeps_its_code(site: Path) -> None:
    release.stamp(site)
    assert (site / "sw.js").read_text(encoding="utf-8").endswith(";\n// code")


def test_the_name_follows_from_the_contents(site: Path) -> None:
    first = release.stamp(site)
    assert release.stamp(site) == first
    (site / "web" / "page.css").write_text("body { margin: 1px }")
    assert release.stamp(site) != first


@pytest.mark.parametrize("name", ["index.html", "docs.html", "sw.js"])
def test_a_file_without_its_place_is_named(site: Path, name: str) -> None:
    (site / name).write_text("nothing to fill in")
    with pytest.raises(SetupError, match=re.escape(name)):
        release.stamp(site)


def test_the_tree_s_worker_keeps_nothing() -> None:
    first, _, _ = (ROOT / "sw.js").read_text(encoding="utf-8").partition("\n")
    data, _, _ = first.removeprefix(release.DATA_LINE).partition("; //")
    assert json.loads(data) == {"version": "", "files": {}, "lazy": {}}


@pytest.mark.parametrize("name", release.PAGES)
def test_all_that_a_built_page_names_is_kept(name: str) -> None:
    page = (ROOT / "site" / name).read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|href|config)="([^"#:?]+)[^":]*"', page)
    named = {address.removeprefix("./") for address in addresses}
    before_paint = {"web/before-paint.js", "web/page.css", "app/viz.css"}  # index.html holds their texts
    assert before_paint & named == (set() if name == release.HOME else before_paint)
    assert {"web/loading-status.js", "web/start-pyscript.js", "web/print.css"} <= named
    written = manifest.read(page)
    named |= {name.removeprefix("./") for name in (*written.bundles, *written.lazy_bundles.values())}
    assert sum(name.endswith(".bundle") for name in named) == 3 + len(modules.LAZY)  # Python's own, the start's, numpy
    known = read_worker(ROOT / "site")
    assert named <= {*known["files"], *known["lazy"]}
