"""The pruned glue keeps what is reached from its imports, from the words and from itself, and nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

from tests.support.places import ROOT
from tools import glue, installed, runtime

NODE: Final = "node"
# (module (import "env" "used" (func)) (export "count" (func 0)) (export "spare" (func 0)))
MODULE: Final = b"\0asm\1\0\0\0\1\4\1\x60\0\0\2\x0c\1\3env\4used\0\0\7\x11\2\5count\0\0\5spare\0\0"
SCRIPT: Final = """async function create(moduleArg={}){var Module=moduleArg;
var helper=(n)=>n+1;var unreached=(n)=>n-1;
function _used(){return helper(_count)}_used.sig="v";
function _unused(){return unreached(2)}_unused.sig="v";
function _run_script(code){return eval(code)}
var started=Module.start();
var MainLoop={init(){return Loop.painted}};var Loop={painted:"painted"};MainLoop.init();
var Browser={init(){return "browser"}};
var FS={open(){if(typeof Browser!="undefined")Browser.init();return "opened"},close(){return _run_script("1")}};
Module["FS"]=FS;Module["SDL"]={draw(){return "drawn"}};
var _count,_spare,_wanted;
function assignWasmExports(wasmExports){_count=Module["_count"]=wasmExports["count"];\
_spare=Module["_spare"]=wasmExports["spare"];_wanted=Module["_wanted"]=wasmExports["wanted"]}
var wasmImports={unused:_unused,used:_used};
function applySignatureConversions(wasmExports){wasmExports=Object.assign({},wasmExports);\
wasmExports["count"]=wasmExports["count"];wasmExports["spare"]=wasmExports["spare"];return wasmExports}
async function run(){const {instance}=await Module.instantiate({env:wasmImports});\
assignWasmExports(applySignatureConversions(instance.exports));return Module}
return run()}export default create;
"""
RUN: Final = """
const { default: create } = await import(process.argv[1]);
const seen = [];
const module = await create({
  start: () => seen.push("started"),
  instantiate: async ({ env }) => (seen.push(...Object.keys(env)), { instance: { exports: { count: 1, wanted: 2 } } }),
});
console.log(JSON.stringify([seen, Object.keys(module), module.FS.open(), module.FS.close()]));
"""


def made(folder: Path, words: list[str]) -> tuple[Path, list[str]]:
    """Prune SCRIPT for MODULE; return the script and the exports that it reads."""
    for name, content in {"module.wasm": MODULE, "glue.mjs": SCRIPT.encode()}.items():
        (folder / name).write_bytes(content)
    job = {
        "packages": str(ROOT / "node_modules"),
        "glue": str(folder / "glue.mjs"),
        "modules": [str(folder / "module.wasm")],
        "words": words,
        "target": str(folder / "pruned.mjs"),
        "exports": str(folder / "exports.json"),
    }
    runtime.run([NODE, str(glue.SCRIPT), json.dumps(job)], "Pruning", folder)
    return folder / "pruned.mjs", json.loads((folder / "exports.json").read_text(encoding="utf-8"))


def test_what_is_imported_named_or_run_at_once_stays_and_works(tmp_path: Path) -> None:
    script, exports = made(tmp_path, ["FS", "_wanted"])
    text = script.read_text(encoding="utf-8")
    run = [NODE, "--input-type=module", "-e", RUN, str(script)]
    done = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
    assert done == [["started", "used"], ["start", "instantiate", "FS", "_count", "_wanted"], "opened", 1]
    assert '.sig="v"' in text
    assert exports == ["count"]
    for gone in ("unused", "spare", "SDL", "drawn", "painted", ".init()}", '"browser"'):
        assert gone not in text


def test_what_nothing_names_goes(tmp_path: Path) -> None:
    script, _ = made(tmp_path, [])
    assert "opened" not in script.read_text(encoding="utf-8")


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    first = made(tmp_path, ["FS"])[0].read_bytes()
    assert made(tmp_path, ["FS"])[0].read_bytes() == first


def test_pyodide_s_own_glue_is_a_quarter_of_its_size() -> None:
    pruned = glue.pruned(ROOT, runtime.ensure_numpy_wheel(ROOT))
    whole = ROOT / "node_modules" / "pyodide" / glue.NAME
    assert pruned.script.stat().st_size * 4 < whole.stat().st_size
    assert {"memory", "malloc"} <= set(pruned.exports)


def test_a_pruned_glue_damaged_in_the_cache_is_not_taken(tmp_path: Path) -> None:
    found = glue.pruned(ROOT, runtime.ensure_numpy_wheel(ROOT)).script
    copy = tmp_path / "made"
    copy.mkdir()
    for path in found.parent.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    assert glue._is_whole(copy)
    (copy / glue.NAME).write_bytes(found.read_bytes()[:-1])
    assert not glue._is_whole(copy)


def test_the_reader_and_the_minifier_are_checked_like_the_runtime() -> None:
    checked = {path.relative_to(ROOT / "node_modules").as_posix() for path in installed.used_files(ROOT)}
    assert set(installed.BUILD_TOOLS) <= checked
