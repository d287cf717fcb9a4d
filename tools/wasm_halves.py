"""Pyodide's WebAssembly module in two halves, as the site has it: what the start calls, and the rest.

Exports that nothing on the site uses are left out, and with them the functions that only they reach. Binaryen's
wasm-opt does that. The result is cached.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import hot_functions, installed, runtime, split_wasm
from tools.wasm_sections import Module

TOOLS: Final = Path(__file__).resolve().parent
MAKERS: Final = ("wasm_halves.py", "split_wasm.py", "wasm_sections.py", "hot_functions.py", "hot-functions.json")
WASM: Final = "node_modules/pyodide/pyodide.asm.wasm"
START, REST, MEMORY, INDEX = "start.wasm", "rest.wasm", "memory.bin", "index.json"
FEATURES: Final = (
    *("--mvp-features", "--enable-bulk-memory", "--enable-bulk-memory-opt", "--enable-exception-handling"),
    *("--enable-reference-types", "--enable-sign-ext", "--enable-nontrapping-float-to-int"),
    *("--enable-multivalue", "--enable-mutable-globals"),
)
SHAKE: Final = "--remove-unused-module-elements"


@dataclass(frozen=True)
class Halves:
    """The two modules, and the memory that the whole module begins with, which neither of them has."""

    start: Path
    rest: Path
    memory: Path
    memory_at: int  # the address of its first byte


def made(root: Path, numpy: Path, used_exports: Collection[str]) -> Halves:
    """Return both halves, from the cache if it has them.

    `numpy` is its wheel, and `used_exports` are those that the glue reads. Raises SetupError.
    """
    folder = runtime.cache_folder(root) / "halves"
    target = folder / _key(root, numpy, used_exports)
    if not _is_whole(target):
        print("Splitting Pyodide's WebAssembly …", flush=True)
        _make(root, target, _exports(root, numpy, used_exports))
    index = runtime.read_json(target / INDEX)
    return Halves(target / START, target / REST, target / MEMORY, index["memory_at"])


def _exports(root: Path, numpy: Path, used: Collection[str]) -> set[str]:
    """Return the module's exports that the glue or a wheel's side modules use."""
    wanted = set(used)
    with zipfile.ZipFile(numpy) as wheel:
        for name in wheel.namelist():
            if name.endswith(".so"):
                wanted |= {one.name for one in Module(wheel.read(name)).imports()}
    return wanted & {one.name for one in Module((root / WASM).read_bytes()).exports()}


def _make(root: Path, target: Path, exports: Collection[str]) -> None:
    whole = (root / WASM).read_bytes()
    hot = hot_functions.read(root, whole) | hot_functions.small_in_tables(Module(whole))
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="partial-") as folder:
        partial = Path(folder) / "halves"
        partial.mkdir()
        shaken, numbers = split_wasm.numbers(_optimised(root, Path(folder), split_wasm.named(whole, exports), "-g"))
        halves = split_wasm.split(shaken, [one for one, number in enumerate(numbers) if number in hot])
        (partial / START).write_bytes(_optimised(root, Path(folder), halves.start))
        (partial / REST).write_bytes(_optimised(root, Path(folder), halves.rest))
        (partial / MEMORY).write_bytes(halves.memory)
        index = {"memory_at": halves.memory_at, "sums": _sums(partial)}
        (partial / INDEX).write_text(json.dumps(index), encoding="utf-8")
        partial.rename(target)


def _optimised(root: Path, folder: Path, wasm: bytes, *more: str) -> bytes:
    """Return a module without what it does not use."""
    before, after = folder / "before.wasm", folder / "after.wasm"
    before.write_bytes(wasm)
    tool = root / "node_modules" / installed.WASM_OPT
    command = ["node", str(tool), str(before), "-o", str(after), *FEATURES, SHAKE, *more]
    runtime.run(command, "Shortening Pyodide's WebAssembly", root)
    return after.read_bytes()


def _sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (START, REST, MEMORY)}


def _is_whole(target: Path) -> bool:
    """Return True if a folder has what was made: a full disk or a killed build may leave something else."""
    try:
        return bool(json.loads((target / INDEX).read_text(encoding="utf-8"))["sums"] == _sums(target))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _key(root: Path, numpy: Path, used: Collection[str]) -> str:
    total = hashlib.sha256(",".join(sorted(used)).encode())
    tool = root / "node_modules" / installed.WASM_OPT
    for path in (root / WASM, numpy, tool, *(TOOLS / name for name in MAKERS)):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]
