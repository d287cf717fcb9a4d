"""The page's own files as the build adapts them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.tools.test_build import CONFIG, INDEX, MANIFEST
from tools import precompile, release, runtime, site
from tools.manifest import File, SnapshotFiles
from tools.runtime import ROOT, SetupError

PYODIDE = "./runtime/0123456789ab/pyodide/"
LIBRARY = f"{PYODIDE}python_stdlib.bundle"
LAZY_BUNDLES = {"numpy": f"{PYODIDE}numpy-2.4.3.bundle", "computed": "./computed-fedcba987654.bundle"}
CODE = "import gc\n"
PLACES = site.Places("./runtime/0123456789ab/", (LIBRARY, "./app-ba9876543210.bundle"), LAZY_BUNDLES)
LAZY = site.lazy(site.read_config((ROOT / site.CONFIG).read_text(encoding="utf-8")))


def brought_in() -> list[str]:
    """The modules that the page starts with."""
    return site.bundled(site.read_config((ROOT / site.CONFIG).read_text(encoding="utf-8")))


def test_public_addresses_become_local() -> None:
    script = f'<script type="module" src="{runtime.PYSCRIPT_ADDRESS}core.js"></script>'
    assert site.localise(script, "index.html", PLACES) == (
        '<script type="module" src="./runtime/0123456789ab/pyscript/core.js"></script>'
    )


def test_a_script_on_the_site_has_no_lines_of_comments() -> None:
    script = """// What it does.
"use strict";
/**
 * @type {number}
 */
/* one line */
const at = "//host/*"; // stays, and so does the code after it
  // indented
run(at);
"""
    assert site.without_comments(script).splitlines() == [
        '"use strict";',
        'const at = "//host/*"; // stays, and so does the code after it',
        "run(at);",
    ]


def test_code_after_a_block_comment_is_refused() -> None:
    with pytest.raises(SetupError, match="Line 2 of a script must end with its comment"):
        site.without_comments("first();\n/* what */ second();\n")


@pytest.mark.parametrize("name", ["sw.js", *(f"web/{path.name}" for path in (ROOT / "web").glob("*.js"))])
def test_each_script_keeps_all_of_its_code(name: str) -> None:
    script = (ROOT / name).read_text(encoding="utf-8")
    kept = site.without_comments(script).splitlines()
    dropped = [line.strip() for line in script.splitlines() if line not in kept]
    assert [line for line in dropped if not line.startswith(("//", "/*", "*"))] == []
    assert dropped


@pytest.mark.parametrize(
    "left",
    [
        "https://pyscript.net/releases/2026.7.2/core.js",
        "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/pyodide.mjs",
        "//cdn.jsdelivr.net/npm/x",
    ],
)
def test_an_unknown_public_address_is_refused_with_its_place(left: str) -> None:
    with pytest.raises(SetupError, match=r"web/loading-status\.js, line 2, still names"):
        site.localise(f"// first\nimport('{left}')\n", "web/loading-status.js", PLACES)


def test_the_configuration_becomes_json_without_what_the_bundles_bring() -> None:
    config = site.read_config(CONFIG.replace("[lazy]", '"./data.csv" = "./"\n[lazy]'))
    assert site.bundled(config) == ["app/figure/wave.py"]
    assert json.loads(site.site_config(config, PLACES)) == {
        "interpreter": "./web/pyodide-loader.js",
        "files": {"./data.csv": "./"},
    }


def test_a_configuration_that_is_not_toml_is_one_sentence() -> None:
    with pytest.raises(SetupError, match=r"^pyscript\.toml is not valid TOML: .*\.$"):
        site.read_config("interpreter = ")


def test_the_start_does_not_import_numpy() -> None:
    paths = [ROOT / name for name in (*brought_in(), f"app/{site.ENTRY}")]
    assert [name for name in precompile.page_imports(paths) if name.startswith("numpy")] == []


def test_the_page_preloads_what_starts_python() -> None:
    places = replace(PLACES, plugin="./runtime/0123456789ab/pyscript/error-D2.js")
    page = site.site_page(INDEX, places, CODE)
    assert '<link rel="modulepreload" href="./web/pyodide-loader.js">\n' in page
    assert '<link rel="modulepreload" href="./runtime/0123456789ab/pyodide/pyodide.mjs">\n' in page
    assert '<link rel="modulepreload" href="./runtime/0123456789ab/pyscript/error-D2.js">\n</head>' in page
    assert 'config="pyscript.json"' in page
    assert "pyscript.toml" not in page


def test_the_site_s_manifest_has_its_bundles_and_the_files_with_their_sizes() -> None:
    sizes = {"runtime/x/python_stdlib.bundle": 1_380_031, "app-ba9876543210.bundle": 64_829}
    written = site.site_manifest(MANIFEST, PLACES, sizes)
    assert written.files == (
        ("python_stdlib.", 1380, "Python’s standard library"),
        ("app-ba9876543210.bundle", 65, "the page’s own code"),
    )
    assert written.bundles == (LIBRARY, "./app-ba9876543210.bundle")
    assert written.lazy_bundles == LAZY_BUNDLES


def test_where_there_is_a_snapshot_its_files_are_waited_for() -> None:
    files = {name: File(f"./{name}-0123456789ab.bundle", "sha256-x") for name in SnapshotFiles._fields}
    snapshot = SnapshotFiles(**files)
    sizes = {"memory-0123456789ab.bundle": 2_100_400, "start-0123456789ab.bundle": 99_000}
    written = site.site_manifest(MANIFEST, replace(PLACES, snapshot=snapshot), sizes)
    assert written.files == (
        ("memory-0123456789ab.bundle", 2100, "Python"),
        ("start-0123456789ab.bundle", 99, "the page’s own code"),
    )
    assert written.snapshot == snapshot


def test_a_file_that_the_manifest_counts_and_the_site_lacks_is_named() -> None:
    with pytest.raises(SetupError, match=r"The manifest counts python_stdlib\., which the site has 0 times"):
        site.site_manifest(MANIFEST, PLACES, {"app-ba9876543210.bundle": 1})


@pytest.mark.parametrize("name", release.PAGES)
def test_the_tree_s_pages_can_be_adapted(name: str) -> None:
    page = site.site_page((ROOT / name).read_text(encoding="utf-8"), PLACES, CODE)
    assert f'<script type="py" config="pyscript.json">\n{CODE}</script>' in page
    assert "main.py" not in page.partition("<body")[2]


def test_code_that_would_end_the_page_s_script_is_refused() -> None:
    with pytest.raises(SetupError, match=r"app/main\.py must not contain </script"):
        site.site_page(INDEX, PLACES, 'print("</script>")')
