"""The manifest in index.html: written, read, and refused if it is damaged."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import manifest, release
from tools.manifest import AwaitedFile, File, Manifest, SnapshotFiles
from tools.runtime import ROOT, SetupError

PAGE = f"<!doctype html><head>{manifest.OPENING}{manifest.CLOSING}<script></script></head>"
NAMES = st.text(max_size=20)
FILES = st.builds(File, NAMES, NAMES)
MANIFESTS = st.builds(
    Manifest,
    st.lists(st.builds(AwaitedFile, NAMES, st.integers(1, 10_000), NAMES)).map(tuple),
    st.lists(NAMES).map(tuple),
    st.dictionaries(NAMES, NAMES),
    st.none() | st.builds(SnapshotFiles, *[FILES] * len(SnapshotFiles._fields)),
    st.lists(NAMES).map(tuple),
    NAMES,
)


@given(MANIFESTS, MANIFESTS)
def test_what_is_inserted_is_read_and_can_be_replaced(first: Manifest, second: Manifest) -> None:
    page = manifest.insert(PAGE, first)
    assert manifest.read(page) == first
    replaced = manifest.insert(page, second)
    assert manifest.read(replaced) == second
    assert replaced == manifest.insert(PAGE, second)


def test_no_content_closes_the_element() -> None:
    page = manifest.insert(PAGE, Manifest(release="</script><script>"))
    assert page.count("</script>") == PAGE.count("</script>")


@pytest.mark.parametrize(
    "page",
    [
        "<head></head>",
        f"<head>{manifest.OPENING}{{}}",
        f"<head>{manifest.OPENING}</script>{manifest.OPENING}</script></head>",
    ],
)
def test_a_page_must_have_one_place(page: str) -> None:
    with pytest.raises(
        SetupError, match=re.escape(f"index.html must have one manifest, which begins with {manifest.OPENING}")
    ):
        manifest.insert(page, Manifest())


@pytest.mark.parametrize(
    "text", ["", "{}", '{"files": [[1]], "bundles": [], "lazyBundles": {}, "snapshot": null, "release": ""}']
)
def test_a_manifest_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(SetupError, match=r"index\.html has a manifest that cannot be read"):
        manifest.read(f"<head>{manifest.OPENING}{text}{manifest.CLOSING}</head>")


@pytest.mark.parametrize("name", release.PAGES)
def test_the_tree_s_pages_have_the_tree_s_manifest(name: str) -> None:
    assert manifest.read((ROOT / name).read_text(encoding="utf-8")) == Manifest()


def test_the_file_without_a_manifest_is_named() -> None:
    with pytest.raises(SetupError, match=r"^docs\.html must have one manifest"):
        manifest.read("<head></head>", "docs.html")


@pytest.mark.parametrize("row", manifest.TREE_FILES, ids=lambda row: row.prefix)
def test_the_tree_s_sizes_are_about_right(row: AwaitedFile) -> None:
    folders = (
        ROOT,
        ROOT / "web",
        ROOT / "app",
        ROOT / "node_modules/pyodide",
        ROOT / "node_modules/@pyscript/core/dist",
    )
    found = [path for folder in folders for path in folder.glob(f"{row.prefix}*") if path.suffix != ".map"]
    assert len(found) == 1
    assert found[0].stat().st_size / 1000 == pytest.approx(row.kilobytes, rel=0.2, abs=3)
