"""The functions of Pyodide's WebAssembly module that the page's start and its everyday use call.

tools/hot-functions.json has them, and tools.profile_functions finds them. They are numbered in the module's order,
without imported functions.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from tools import runtime
from tools.wasm_sections import Module

LIST: Final = "tools/hot-functions.json"
SMALL: Final = (
    128  # bytes: a function of a table that is not longer stays with the hot ones, and may be called unforeseen
)
LINE: Final = 116  # characters of a line of the list


def read(root: Path, wasm: bytes) -> set[int]:
    """Return the hot functions of a module. Raises SetupError if the list belongs to another one."""
    known = runtime.read_json(root / LIST)
    if (found := hashlib.sha256(wasm).hexdigest()) != known.get("module"):
        raise runtime.SetupError(
            f"{LIST} was made for another pyodide.asm.wasm: the module's sha256 is {found}, the list wants "
            f"{known.get('module')}. Run python -m tools.profile_functions."
        )
    return set(expand(known["hot"]))


def write(root: Path, wasm: bytes, called: Collection[int]) -> None:
    """Write the list of the functions that were called."""
    listed = {"module": hashlib.sha256(wasm).hexdigest(), "hot": textwrap.wrap(compact(called), LINE)}
    (root / LIST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def compact(numbers: Collection[int]) -> str:
    """Return numbers as ranges, each counted from the end of the one before: 3 4 5 9 are `3+2 4`."""
    out = []
    last = 0
    for first, end in _ranges(sorted(numbers)):
        out.append(f"{first - last}+{end - first}" if end > first else f"{first - last}")
        last = end
    return " ".join(out)


def expand(lines: list[str]) -> Iterator[int]:
    """Yield the numbers of compacted ranges."""
    last = 0
    for item in " ".join(lines).split():
        gap, _, more = item.partition("+")
        first = last + int(gap)
        last = first + int(more or 0)
        yield from range(first, last + 1)


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last number of each range in a sorted list."""
    for _, group in itertools.groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        members = [number for _, number in group]
        yield members[0], members[-1]


def small_in_tables(module: Module) -> set[int]:
    """Return the functions of the module's tables that are not longer than SMALL."""
    bodies = module.bodies()
    return {one for one in module.functions_in_tables() if len(bodies[one]) <= SMALL}
