"""The build's own rules, on a small tree in a temporary folder: no network, no npm."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from tools import (
    archives,
    build,
    glue,
    installed,
    manifest,
    precompile,
    release,
    runtime,
    site,
    snapshot,
    wasm_halves,
    wheel,
)
from tools.manifest import AwaitedFile, Manifest
from tools.runtime import ROOT, SetupError, Wheel

FILES = (AwaitedFile("python_stdlib.", 3919, "Python’s standard library"), AwaitedFile("main.py", 1, site.APP_LABEL))
MANIFEST = Manifest(FILES)
INDEX = f"""<!doctype html><html lang="en" data-state="loading"><head>
{manifest.OPENING}{manifest.CLOSING}
<script type="module" src="{runtime.PYSCRIPT_ADDRESS}core.js"></script></head>
<script type="py" src="app/main.py" config="pyscript.toml"></script>"""
INDEX = manifest.insert(INDEX, MANIFEST)
CONFIG = """interpreter = "./web/pyodide-loader.js"
packages = ["numpy"]
[files]
"./app/figure/wave.py" = "./app/figure/wave.py"
[lazy]
computed = ["network/mlp.py", "panels/panels.css"]
recorded = ["runs/layer_groups.py"]
"""
PROJECT = """[project]
name = "gradient-flow-viz"
version = "1.0.0"
description = "A wave."
requires-python = ">=3.11"
dependencies = ["numpy"]
"""
WHEEL_NAME = "numpy-2.4.3-test.whl"
BUNDLES = ("python_stdlib.bundle", "numpy-2.4.3.bundle")
INFO = "numpy-2.4.3.dist-info"


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unpacked(bundle: Path | bytes) -> dict[str, bytes]:
    """Return a bundle's files, read as the loader reads them."""
    content = gzip.decompress(bundle if isinstance(bundle, bytes) else bundle.read_bytes())
    start = 4 + int.from_bytes(content[:4], "little")
    files = {}
    for path, size in json.loads(content[4:start]):
        files[path] = content[start : start + size]
        start += size
    assert start == len(content)
    return files


WHEEL = zipped(**{"numpy/__init__.py": "", f"{INFO}/RECORD": "old", f"{INFO}/licenses/LICENSE.txt": "as you like"})


def npm_lock() -> dict[str, object]:
    pins = {f"node_modules/{name}": {"version": version} for name, version in runtime.PINS.items()}
    return {"packages": {"": {"name": "page"}, **pins}}


def pyodide_lock() -> dict[str, object]:
    numpy = {"depends": [], "file_name": WHEEL_NAME, "sha256": hashlib.sha256(WHEEL).hexdigest()}
    return {"info": {"python": "3.14.0"}, "packages": {"numpy": numpy, "scipy": {"depends": ["numpy"]}}}


def write(path: Path, content: str | bytes = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout with everything fetched; its archives are placeholders, so nothing is compiled."""

    def precompiled(root: Path, archives: list[precompile.Archive], _imports: list[str]) -> list[Path]:
        for archive in archives:
            write(root / "compiled" / archive.name, archive.source.read_bytes())
        return [root / "compiled" / archive.name for archive in archives]

    monkeypatch.setattr(precompile, "precompiled", precompiled)

    def bundled(root: Path, modules: list[str], late: dict[str, list[str]]) -> tuple[Path, dict[str, Path]]:
        return root / modules[0], {group: root / names[0] for group, names in late.items()}

    monkeypatch.setattr(precompile, "bundled", bundled)
    whole_script = glue.Glue(tmp_path / "node_modules" / "pyodide" / glue.NAME, ())
    monkeypatch.setattr(glue, "pruned", lambda _root, _numpy, _engine=(): whole_script)
    halves = wasm_halves.Halves(*(tmp_path / "halves" / name for name in (wasm_halves.START, wasm_halves.REST)))
    monkeypatch.setattr(wasm_halves, "made", lambda _root, _numpy, _exports: halves)

    def made(root: Path, bundles: tuple[Path, Path]) -> snapshot.Snapshot:
        parts = [root / "made" / name for name in (snapshot.MEMORY, snapshot.START, snapshot.LIBRARY)]
        for path in parts:
            write(path, f"{path.name} {bundles[1].read_text(encoding='utf-8')}")
        return snapshot.Snapshot(*parts)

    monkeypatch.setattr(snapshot, "made", made)
    files: dict[str, str | bytes] = {
        "index.html": INDEX,
        "docs.html": INDEX,
        "web/page.css": "body { margin: 0 }",
        "web/loading-status.js": "// status",
        "web/before-paint.js": "// before",
        "web/announce-scripts.js": "// announce",
        "web/start-pyscript.js": "// start",
        "web/split-wasm.js": "// split",
        "web/pyodide-loader.js": f"import '{runtime.PYODIDE_ADDRESS}pyodide.mjs';",
        "sw.js": f"{release.DATA_LINE}{{}};\n// code",
        "pyscript.toml": CONFIG,
        "web/icon.svg": "<svg/>",
        "README.md": "not part of the page",
        "pyproject.toml": PROJECT,
        wheel.RECORDER: "",
        "app/__init__.py": "from .wave import travel",
        "app/__main__.py": "import argparse",
        "app/network/mlp.py": "",
        "app/network/training.py": "",
        "app/panels/panels.css": "p { margin: 0 }",
        "app/runs/alignment.py": "pass",
        "app/runs/layer_groups.py": "import csv",
        "app/runs/trend.py": "",
        "app/config.toml": "[files]",
        "app/py.typed": "",
        "app/main.py": "import numpy",
        "app/figure/wave.py": "import math",
        "app/viz.css": "svg { fill: none }",
        "app/charts/bar_chart.css": "",
        "app/__pycache__/main.cpython-314.pyc": "not part of the page either",
        "package.json": "{}",
        "package-lock.json": json.dumps(npm_lock()),
        "node_modules/.package-lock.json": json.dumps(npm_lock()),
        "node_modules/pyodide/pyodide-lock.json": json.dumps(pyodide_lock()),
        "node_modules/@pyscript/core/dist/core.js": "core",
        "node_modules/@pyscript/core/dist/core.js.map": "map",
        "node_modules/@pyscript/core/LICENSE": "licence",
        f".cache/{WHEEL_NAME}": WHEEL,
        f"halves/{wasm_halves.START}": "start",
        f"halves/{wasm_halves.REST}": "rest",
        "node_modules/pyodide/python_stdlib.zip": zipped(**{"ast.py": ""}),
        **{f"node_modules/pyodide/{name}": name for name in build.PYODIDE_FILES},
    }
    for name, content in files.items():
        write(tmp_path / name, content)
    write(tmp_path / installed.SUMS)
    installed.write_sums(tmp_path)
    return tmp_path


def test_pins_that_match_pass() -> None:
    runtime.check_pins(npm_lock())


@pytest.mark.parametrize("name", list(runtime.PINS))
@pytest.mark.parametrize("entry", [{"version": "0.0.1"}, {}])
def test_a_pin_that_does_not_match_its_address_is_refused(name: str, entry: dict[str, str]) -> None:
    lock = {"packages": {**npm_lock()["packages"], f"node_modules/{name}": entry}}  # type: ignore[dict-item]  # JSON
    with pytest.raises(SetupError, match=f"pins {name} "):
        runtime.check_pins(lock)


def test_the_checkout_pins_what_its_addresses_name() -> None:
    runtime.check_pins(runtime.read_json(ROOT / "package-lock.json"))


def test_each_package_in_the_npm_lock_has_an_integrity_and_no_address() -> None:
    packages = runtime.read_json(ROOT / "package-lock.json")["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if "integrity" not in package] == []


def test_bytes_with_another_checksum_are_refused() -> None:
    with pytest.raises(SetupError, match=r"numpy\.whl from somewhere was refused"):
        runtime.check_sha256(b"tampered", Wheel("numpy.whl", hashlib.sha256(WHEEL).hexdigest()), "somewhere")


def test_a_wheel_damaged_in_the_cache_is_fetched_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree / ".cache" / WHEEL_NAME, b"damaged")
    monkeypatch.setattr(runtime, "_fetch", lambda _wheel, _cache: WHEEL)
    assert runtime.ensure_numpy_wheel(tree).read_bytes() == WHEEL


def test_when_neither_place_answers_both_are_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, place: str = "first") -> bytes:
        raise SetupError(f"{place} did not answer.")

    (tree / ".cache" / WHEEL_NAME).unlink()
    monkeypatch.setattr(runtime, "_from_pyodide", fail)
    monkeypatch.setattr(runtime, "_from_carrier", lambda *_: fail(place="second"))
    with pytest.raises(SetupError, match=r"first did not answer\. second did not answer\."):
        runtime.ensure_numpy_wheel(tree)


def laid_out(tree: Path, pattern: str) -> Path:
    """Return the only file of the built site that matches a pattern: some names have a hash."""
    (found,) = (tree / "site").glob(pattern)
    return found


def test_the_site_holds_the_page_and_its_runtime_and_nothing_else(tree: Path) -> None:
    assert build.build(tree)
    folder = laid_out(tree, "runtime/*").relative_to(tree / "site").as_posix()
    assert sorted(build.sizes(tree / "site")) == sorted(
        [
            *(
                "app/__init__.py",
                "app/__main__.py",
                "app/runs/alignment.py",
                "app/config.toml",
                "app/charts/bar_chart.css",
                "app/runs/layer_groups.py",
            ),
            *(
                "app/panels/panels.css",
                "app/main.py",
                "app/network/mlp.py",
                "app/network/training.py",
                "app/runs/trend.py",
                "app/viz.css",
                "app/figure/wave.py",
            ),
            *("dist/gradient_flow_viz-1.0.0-py3-none-any.whl", laid_out(tree, "app-*.bundle").name),
            *(laid_out(tree, f"{group}-*.bundle").name for group in ("computed", "recorded")),
            *(laid_out(tree, f"{part}-*.bundle").name for part in ("snapshot", "start", "library")),
            *("index.html", "docs.html", "pyscript.json"),
            *(f"web/{name}" for name in ("before-paint.js", "announce-scripts.js", "icon.svg", "loading-status.js")),
            "web/page.css",
            *("web/pyodide-loader.js", "web/split-wasm.js", "web/start-pyscript.js"),
            *("sw.js", wheel.RECORDER, "gradient_flow_recorder.py"),
            *(f"{folder}/pyodide/{name}" for name in (*build.PYODIDE_FILES, "pyodide-lock.json", *BUNDLES)),
            *(f"{folder}/pyodide/nothing.zip", f"{folder}/pyodide/whole/pyodide.asm.mjs"),
            *(f"{folder}/pyodide/{name}" for name in (wasm_halves.START, wasm_halves.REST)),
            f"{folder}/pyodide/numpy-licences/LICENSE.txt",
            *(f"{folder}/pyscript/LICENSE", f"{folder}/pyscript/core.js"),
        ]
    )


def test_files_that_browsers_keep_for_good_have_a_hash_in_their_names(tree: Path) -> None:
    build.build(tree)
    folder, bundle = laid_out(tree, "runtime/*").name, laid_out(tree, "app-*.bundle").name
    assert all(len(name) == 12 and set(name) <= set("0123456789abcdef") for name in (folder, bundle[4:-7]))
    write(tree / "web" / "page.css", "body { margin: 1px }")
    assert build.build(tree)
    assert laid_out(tree, f"runtime/{folder}").is_dir()
    write(tree / "app" / "figure" / "wave.py", "import cmath")
    write(tree / "node_modules" / "pyodide" / "pyodide.mjs", "another")
    installed.write_sums(tree)
    assert build.build(tree)
    assert laid_out(tree, "app-*.bundle").name != bundle
    assert laid_out(tree, "runtime/*").name != folder
    assert f"./runtime/{laid_out(tree, 'runtime/*').name}/pyscript/core.js" in laid_out(tree, "index.html").read_text()


def test_a_missing_module_of_the_start_is_named(tree: Path) -> None:
    (tree / "app" / "figure" / "wave.py").unlink()
    with pytest.raises(SetupError, match=r"pyscript\.toml lists app/figure/wave\.py, missing"):
        build.build(tree)


@pytest.mark.parametrize("name", ["network/mlp.py", "panels/panels.css"])
def test_a_missing_file_of_a_lazy_bundle_is_named(tree: Path, name: str) -> None:
    (tree / "app" / name).unlink()
    with pytest.raises(SetupError, match=rf"pyscript\.toml lists app/{name}, missing"):
        build.build(tree)


def test_the_page_s_modules_and_pyscript_s_reach_the_site_compiled_without_docstrings(tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    write(tmp_path / "app" / "figure" / "wave.py", '"""Words of the wave."""')
    write(tmp_path / "app" / "network" / "mlp.py", '"""Words."""')
    write(tmp_path / "app" / "panels" / "panels.css", "p { margin: 0 }")
    write(tmp_path / "app" / "runs" / "run.py", "")
    brought = (
        ["app/figure/wave.py"],
        {"computed": ["app/network/mlp.py", "app/panels/panels.css"], "recorded": ["app/runs/run.py"]},
    )
    bundle, late = precompile.bundled(tmp_path, *brought)
    assert list(unpacked(late["computed"])) == [
        f"/home/pyodide/app/{name}" for name in ("network/mlp.pyc", "panels/panels.css")
    ]
    assert list(unpacked(late["recorded"])) == ["/home/pyodide/app/runs/run.pyc"]
    assert b"Words." not in gzip.decompress(late["computed"].read_bytes())
    files = unpacked(bundle)
    assert b"Words of the wave." not in gzip.decompress(bundle.read_bytes())
    assert b"app/figure/wave.py" in files.pop("/home/pyodide/app/figure/wave.pyc")  # what tracebacks name it
    assert "/home/pyodide/pyscript/__pycache__/context.cpython-314.pyc" in files  # where Python looks beside a source
    assert all(path.startswith("/home/pyodide/pyscript/__pycache__/") for path in files)
    assert precompile.bundled(tmp_path, *brought) == (bundle, late)


def test_archives_reach_the_site_compiled_by_the_python_that_runs_them_and_damaged_ones_are_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as sources:
        sources.writestr("package/module.py", '"""Words."""\nanswer = 42\n')
        sources.writestr("package/data.txt", "as it is")
    wanted = precompile.Archive(archive, "library.bundle", "/lib")
    (made,) = precompile.precompiled(tmp_path, [wanted])
    files = unpacked(made)
    assert list(files) == ["/lib/package/module.pyc", "/lib/package/data.txt"]
    assert files["/lib/package/data.txt"] == b"as it is"
    bytecode = files["/lib/package/module.pyc"]
    library = unpacked(next((ROOT / "site").rglob("python_stdlib.bundle")))
    assert bytecode[:4] == library["/lib/python3.14/ast.pyc"][:4]  # the magic number of one and the same Python
    assert b"Words." not in bytecode
    assert precompile.precompiled(tmp_path, [wanted]) == [made]
    content = made.read_bytes()
    made.write_bytes(b"another")
    assert precompile.precompiled(tmp_path, [wanted]) == [made]
    assert made.read_bytes() == content
    made.write_bytes(b"")
    monkeypatch.setattr(runtime, "run", refuse)
    with pytest.raises(SetupError, match="made again"):
        precompile.precompiled(tmp_path, [wanted])


def refuse(*_arguments: object) -> None:
    raise SetupError("made again")


def test_a_bundle_holds_its_files_under_their_places_in_python_s_folders() -> None:
    files = {"numpy/__init__.pyc": b"\x00code", "numpy/core.so": b"", "numpy/é.pyc": b"more"}
    bundle = archives.bundled(files.items(), "/lib/site-packages")
    assert unpacked(bundle) == {f"/lib/site-packages/{name}": content for name, content in files.items()}
    assert archives.bundled(files.items(), "/lib/site-packages") == bundle


def test_a_packed_archive_has_the_kept_files_the_reduced_ones_and_a_new_record() -> None:
    files = {"a.py": "one = 1", "b.py": "two = 2", "c.so": "code", "d.pyi": "types"}
    info = {f"{INFO}/{name}": name for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    with zipfile.ZipFile(io.BytesIO(zipped(**files, **info))) as sources:
        packed = dict(archives.packed(sources, 0, lambda _name, _source: b"1 / 0", frozenset({"a.py", "c.so"})))
    assert packed["a.pyc"] == archives.compiled("a.py", b"1 / 0", 0)
    assert list(packed) == ["a.pyc", "c.so", *(f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD"))]
    assert packed[f"{INFO}/RECORD"].decode().split() == [f"{name},," for name in packed]


def test_imports_of_the_page_are_found_anywhere_in_its_modules(tmp_path: Path) -> None:
    source = "import math\nfrom js import document\nfrom . import wave\ndef late():\n    from email import message\n"
    main, tables = tmp_path / "app" / "main.py", tmp_path / "app" / "data" / "tables.py"
    write(main, source)
    write(tables, "import csv, app.main\nimport pyodide.ffi")
    assert precompile.page_imports([main, tables]) == ["csv", "email:message", "math", "pyodide.ffi"]


def test_a_syntax_error_in_the_page_is_one_sentence_with_its_place(tmp_path: Path) -> None:
    write(tmp_path / "main.py", "one = 1\ntwo = (\n")
    with pytest.raises(SetupError, match=r"^app/main\.py, line 2: .*\.$"):
        precompile.page_imports([tmp_path / "main.py"])


def test_the_site_has_the_modules_the_page_needs_and_not_the_rest() -> None:
    library = unpacked(next((ROOT / "site").rglob("python_stdlib.bundle")))
    numpy = unpacked(next((ROOT / "site").rglob("numpy-*.bundle")))
    names = {path.removeprefix(f"{precompile.LIBRARY}/") for path in library}
    names.update(path.removeprefix(f"{precompile.SITE_PACKAGES}/") for path in numpy)
    needed = {
        "asyncio/__init__.pyc",
        "difflib.pyc",
        "pyodide/code.pyc",
        "numpy/__init__.pyc",
        "numpy/linalg/_linalg.pyc",
    }
    assert needed <= names
    assert [name for name in names if name.startswith(("unittest", "numpy/f2py", "numpy/random", "tkinter"))] == []
    assert [name for name in names if name.endswith((".py", ".pyi", ".h", ".a"))] == []


def test_the_site_has_no_packages_to_load_besides_its_bundles(tree: Path) -> None:
    build.build(tree)
    lock = json.loads(laid_out(tree, "runtime/*/pyodide/pyodide-lock.json").read_text())
    assert lock == {"info": {"python": "3.14.0"}, "packages": {}}
    library, numpy = (f"./runtime/{laid_out(tree, 'runtime/*').name}/pyodide/{name}" for name in BUNDLES)
    written = manifest.read(laid_out(tree, "index.html").read_text(encoding="utf-8"))
    assert written.bundles == (library, f"./{laid_out(tree, 'app-*').name}")
    groups = {group: f"./{laid_out(tree, f'{group}-*').name}" for group in ("computed", "recorded")}
    assert written.lazy_bundles == {"numpy": numpy, **groups}


def test_a_second_build_has_nothing_to_do(tree: Path) -> None:
    assert build.build(tree)
    assert not build.build(tree)


@pytest.mark.parametrize(
    "name", ["index.html", "docs.html", "web/page.css", "app/main.py", "web/icon.svg", "package.json"]
)
def test_a_changed_input_is_built_again(tree: Path, name: str) -> None:
    build.build(tree)
    write(tree / name, (tree / name).read_text() + "\n")
    assert build.build(tree)


def test_a_new_module_is_built_in_and_a_deleted_one_is_gone(tree: Path) -> None:
    build.build(tree)
    write(tree / "app" / "layout.py")
    assert build.build(tree)
    assert (tree / "site" / "app" / "layout.py").is_file()
    (tree / "app" / "layout.py").unlink()
    assert build.build(tree)
    assert not (tree / "site" / "app" / "layout.py").exists()
    assert (tree / "site" / "app" / "main.py").is_file()


def test_a_checkout_that_can_not_be_written_to_is_served_as_it_was_built_or_refused(tree: Path) -> None:
    build.build(tree)
    (tree / ".cache" / "lock").unlink()
    (tree / ".cache" / "lock").mkdir()  # as unwritable to root, too
    assert build.build(tree) is False
    write(tree / "web" / "page.css", "body { margin: 2px }")
    with pytest.raises(SetupError, match=r"lock can't be written \(Is a directory\)\.$"):
        build.build(tree)


def test_a_file_missing_from_the_site_is_restored(tree: Path) -> None:
    build.build(tree)
    laid_out(tree, "runtime/*/pyscript/core.js").unlink()
    assert build.build(tree)
    assert laid_out(tree, "runtime/*/pyscript/core.js").read_text() == "core"


def test_a_build_that_fails_leaves_the_last_good_site(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build.build(tree)
    before = build.sizes(tree / "site")
    monkeypatch.setattr(build, "PYODIDE_FILES", ("gone.wasm",))
    write(tree / "web" / "page.css", "body { margin: 1px }")
    with pytest.raises(SetupError, match="could not be laid out"):
        build.build(tree)
    assert build.sizes(tree / "site") == before
    assert [path.name for path in (tree / ".cache").iterdir() if path.is_dir()] == []


def test_a_missing_page_file_is_named(tree: Path) -> None:
    (tree / "web" / "loading-status.js").unlink()
    with pytest.raises(SetupError, match=r"loading-status\.js missing"):
        build.build(tree)


def test_npm_runs_again_when_its_record_differs_from_the_lock(tree: Path) -> None:
    assert runtime.npm_packages_are_current(tree)
    write(tree / "node_modules" / ".package-lock.json", json.dumps({"packages": {}}))
    assert not runtime.npm_packages_are_current(tree)


def test_npm_failing_is_one_sentence(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "node_modules" / ".package-lock.json").unlink()
    monkeypatch.setenv("PATH", str(tree))
    with pytest.raises(SetupError, match=r"^npm ci failed: npm did not start \(.*\)\.$"):
        build.build(tree)


NPM = """#!/bin/sh
printf '%s' "$AGAIN" > node_modules/pyodide/pyodide.mjs
"""


@pytest.mark.parametrize("damage", ["changed", "added", "missing"])
def test_installed_files_that_were_changed_are_installed_again(
    tree: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    build.build(tree)
    write(tree / "web" / "page.css", "body { margin: 1px }")
    script = tree / "node_modules" / "pyodide" / "pyodide.mjs"
    if damage == "changed":
        write(script, "another")
    elif damage == "missing":
        script.unlink()
    else:
        write(tree / "node_modules" / "@pyscript" / "core" / "dist" / "new.js", "another")
    write(tree / "bin" / "npm", NPM)
    (tree / "bin" / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tree / "bin"))
    monkeypatch.setenv("AGAIN", "pyodide.mjs")
    if damage == "added":  # this npm does not remove it
        with pytest.raises(
            SetupError, match=r"^node_modules/@pyscript/core/dist/new\.js: not as pinned by requirements"
        ):
            build.build(tree)
    else:
        assert build.build(tree)
        monkeypatch.setenv("AGAIN", "wrong")
        write(script, "another")
        write(tree / "web" / "page.css", "")
        with pytest.raises(SetupError, match=r"^node_modules/pyodide/pyodide\.mjs: not as pinned by requirements"):
            build.build(tree)


def test_the_sums_of_the_installed_files_are_those_in_force() -> None:
    assert installed.changed_files(ROOT) == []
