"""Pyodide's WebAssembly module in two halves, as the site has it: what the start calls, and the rest.

Exports that nothing on the site uses are left out, and with them the functions that only they reach. Binaryen's
wasm-opt does that. The result is cached.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import cached, cold_data, hot_functions, installed, runtime, split_wasm
from tools.wasm_sections import Module, text

TOOLS: Final = Path(__file__).resolve().parent
MAKERS: Final = (
    *("wasm_halves.py", "split_wasm.py", "wasm_sections.py", "constructors.mjs", "cold_data.py"),
    *("hot_functions.py", "hot-functions.json"),
)
WASM: Final = "node_modules/pyodide/pyodide.asm.wasm"
START, REST = "start.wasm", "rest.wasm"
CONSTRUCTED: Final = "constructed"  # the section of what the constructors do
FEATURES: Final = (
    *("--mvp-features", "--enable-bulk-memory", "--enable-bulk-memory-opt", "--enable-exception-handling"),
    *("--enable-reference-types", "--enable-sign-ext", "--enable-nontrapping-float-to-int"),
    *("--enable-multivalue", "--enable-mutable-globals"),
)
AS_TEXT: Final = "-S"
SHAKE: Final = "--remove-unused-module-elements"


@dataclass(frozen=True)
class Halves:
    """The two modules. The memory must be one that the whole module has had, without `cold_data`, which `rest` has."""

    start: Path  # with a section of what the constructors do besides changing memory
    rest: Path


def made(root: Path, numpy: Path, used_exports: Collection[str]) -> Halves:
    """Return both halves, from the cache if it has them.

    `numpy` is its wheel, and `used_exports` are those that the glue reads. Raises SetupError.
    """
    files = [root / WASM, numpy, root / "node_modules" / installed.WASM_OPT, *(TOOLS / name for name in MAKERS)]
    key = cached.key(sorted(used_exports), files)
    folder = cached.folder(root, "halves", key, lambda target: _make(root, target, _exports(root, numpy, used_exports)))
    return Halves(folder / START, folder / REST)


def _exports(root: Path, numpy: Path, used: Collection[str]) -> set[str]:
    """Return the module's exports that the glue or a wheel's side modules use."""
    wanted = set(used)
    with zipfile.ZipFile(numpy) as wheel:
        for name in wheel.namelist():
            if name.endswith(".so"):
                wanted |= {one.name for one in Module(wheel.read(name)).imports()}
    return wanted & {one.name for one in Module((root / WASM).read_bytes()).exports()}


def _make(root: Path, target: Path, exports: Collection[str]) -> None:
    print("Splitting Pyodide's WebAssembly …", flush=True)
    whole = (root / WASM).read_bytes()
    hot = hot_functions.read(root, whole) | hot_functions.small_in_tables(Module(whole))
    shaken, numbers = split_wasm.numbers(_optimised(root, split_wasm.named(whole, exports), "-g"))
    first = [one for one, number in enumerate(numbers) if number in hot]
    halves = split_wasm.split(shaken, first, cold_data.RANGES)
    start, rest = (_optimised(root, half) for half in (halves.start, halves.rest))
    cold_data.check(_optimised(root, start, AS_TEXT).decode())
    module = Module(start)
    module.custom.append(text(CONSTRUCTED) + _constructed(root, start, rest, halves))
    (target / START).write_bytes(module.encode())
    (target / REST).write_bytes(rest)


def _constructed(root: Path, start: bytes, rest: bytes, halves: split_wasm.Halves) -> bytes:
    """Return what the constructors do besides changing memory, as JSON."""
    with tempfile.TemporaryDirectory(dir=runtime.cache_folder(root), prefix="wasm-") as folder:
        contents = {"start": start, "rest": rest, "memory": halves.memory}
        job: dict[str, str | int] = {"memoryAt": halves.memory_at}
        for name, content in contents.items():
            path = Path(folder) / name
            path.write_bytes(content)
            job[name] = str(path)
        command = ["node", str(TOOLS / "constructors.mjs"), json.dumps(job)]
        return runtime.run(command, "Running the constructors of Pyodide's WebAssembly", root).strip()


def _optimised(root: Path, wasm: bytes, *more: str) -> bytes:
    """Return a module without what it does not use."""
    with tempfile.TemporaryDirectory(dir=runtime.cache_folder(root), prefix="wasm-") as folder:
        before, after = Path(folder) / "before.wasm", Path(folder) / "after.wasm"
        before.write_bytes(wasm)
        tool = root / "node_modules" / installed.WASM_OPT
        command = ["node", str(tool), str(before), "-o", str(after), *FEATURES, SHAKE, *more]
        runtime.run(command, "Shortening Pyodide's WebAssembly", root)
        return after.read_bytes()
