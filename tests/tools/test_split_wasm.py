"""A split module does what the whole one does, whichever of its functions are in the first half."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.places import ROOT
from tools import runtime, split_wasm
from tools.profile_functions import NOTES, instrumented
from tools.wasm_halves import FEATURES
from tools.wasm_sections import Kind, Module, Section

SUPPORT: Final = ROOT / "tests" / "support"
FUNCTIONS: Final = 10  # in split_sample.wat
LACKING: Final = 9  # the function that calls an import which may lack
CALLS: Final = (
    ["sum", 4],
    ["by_table", 1, 21],
    ["caught", 4],
    ["caught", 5],
    ["even", 3],
    ["by_table", 2, 7],
    ["by_table", 0, 7],
    ["by_table", 3, 7],
    ["grown", 2],
    ["by_table", 5, 6],
    ["kept", "an object"],
    ["wide", 1.25, 2, 0.5],
    ["both", 2.5],
    ["needs"],
    ["sum", 2],
)
Split = dict[str, Any]


@cache
def sample() -> bytes:
    """The module in split_sample.wat."""
    tool = ROOT / "node_modules" / "binaryen" / "bin" / "wasm-as"
    features = (
        "--enable-exception-handling",
        "--enable-reference-types",
        "--enable-multivalue",
        "--enable-bulk-memory",
    )
    command = ["node", str(tool), str(SUPPORT / "split_sample.wat"), *features, "-o", "-"]
    return runtime.run(command, "Assembling the sample", ROOT)


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def split(hot: Iterable[int], when: str, **more: Any) -> Split:
    """A split of the sample, and when its second half comes, for split_sample.mjs."""
    halves = split_wasm.split(sample(), set(hot))
    parts = {"start": text(halves.start), "rest": text(halves.rest), "memory": text(halves.memory)}
    return {**parts, "memoryAt": halves.memory_at, "when": when, **more}


def outcomes(splits: list[Split], linker: str = "web/split-wasm.js") -> tuple[Split, list[Split]]:
    """The results of CALLS in the whole sample, and in each split."""
    sums = {one["rest"]: zlib.crc32(base64.b64decode(one["rest"])) for one in splits}
    script = (ROOT / linker).read_text(encoding="utf-8")
    job = {"whole": text(sample()), "calls": CALLS, "splits": splits, "sums": sums, "linker": script}
    command = ["node", str(SUPPORT / "split_sample.mjs")]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    found = json.loads(done.stdout)
    return found["whole"], found["splits"]


def shown(found: Split) -> Split:
    """The part of a result that the whole module has too."""
    return {name: found[name] for name in ("results", "said", "used", "pages", "functions")}


def test_the_whole_sample_throws_traps_and_returns() -> None:
    whole, _ = outcomes([])
    assert whole["results"][:8] == [29, 42, 4, 105, "odd 3", "odd 7", "trap", "trap"]
    assert whole["functions"] == 6
    assert whole["said"] == [2, 103]


def test_each_choice_of_hot_functions_gives_the_same_results_and_the_same_memory() -> None:
    choices = [
        [one for one, is_hot in enumerate(chosen) if is_hot] for chosen in itertools.product((0, 1), repeat=FUNCTIONS)
    ]
    never, before = [split(hot, "never") for hot in choices], [split(hot, "before") for hot in choices[::16]]
    whole, found = outcomes([*never, *before])
    assert [one for one in found if shown(one) != whole] == []
    early = [one["calledTooEarly"] for one in found]
    assert early == [1] * (len(never) - 1) + [0] * (1 + len(before))  # once if any function is cold
    assert all(one["linked"] for one in found[len(never) :])


def test_a_cold_call_while_the_second_half_is_coming_does_not_wait_for_it() -> None:
    whole, (found,) = outcomes([split((0, 1), "meanwhile")])
    assert shown(found) == whole
    assert found["calledTooEarly"] == 1


def test_the_second_half_may_come_after_it_was_needed() -> None:
    whole, (found,) = outcomes([split((), "after")])
    assert (shown(found), found["linked"]) == (whole, True)


def test_emscripten_sees_no_more_exports_than_the_whole_module_has() -> None:
    _, (found,) = outcomes([split((0,), "before")])
    assert found["names"] == sorted(one.name for one in Module(sample()).exports())


def test_a_damaged_second_half_is_refused_and_so_is_each_call_into_it() -> None:
    _, (found,) = outcomes([split((0, 2, 3), "never", damaged=True)])
    assert found["results"][:3] == [29, 42, "the rest of Python arrived damaged"]
    assert found["linked"] is False


def test_an_import_that_lacks_fails_when_it_is_called_and_not_before() -> None:
    hot = set(range(FUNCTIONS)) - {LACKING}
    whole, (found,) = outcomes([split(hot, "before", lacks=True)])
    reason = "lacking is not part of this page's Python"
    assert found["results"] == [
        reason if one == ["needs"] else of for one, of in zip(CALLS, whole["results"], strict=True)
    ]


def test_the_same_split_gives_the_same_bytes_twice() -> None:
    assert split_wasm.split(sample(), [3, 1]) == split_wasm.split(sample(), {1, 3})


def test_neither_half_has_data_and_the_memory_is_what_the_segments_make() -> None:
    halves = split_wasm.split(sample(), (0,))
    assert (halves.memory_at, halves.memory) == (16, bytes([5, 0, 0, 0, 9, 0, 0, 0]))
    assert not any(Section.DATA in Module(half).sections for half in (halves.start, halves.rest))


def test_a_hot_function_that_the_module_lacks_is_refused() -> None:
    with pytest.raises(runtime.SetupError, match=r"^Function 10 can't be hot: the module has only 10\.$"):
        split_wasm.split(sample(), (10,))


def test_passive_data_is_refused() -> None:
    module = Module(sample())
    module.put(Section.DATA, [b"\1\1a"])
    with pytest.raises(runtime.SetupError, match="A data segment of kind 1 has no fixed place in memory"):
        split_wasm.split(module.encode(), ())


def test_names_carry_the_functions_numbers_through_a_tool_that_removes_some(tmp_path: Path) -> None:
    before, after = tmp_path / "before.wasm", tmp_path / "after.wasm"
    before.write_bytes(split_wasm.named(sample(), {"caught", "needs"}))
    tool = ROOT / "node_modules" / "binaryen" / "bin" / "wasm-opt"
    command = ["node", str(tool), "-g", *FEATURES, str(before), "-o", str(after), "--remove-unused-module-elements"]
    runtime.run(command, "Removing functions", ROOT)
    wasm, numbers = split_wasm.numbers(after.read_bytes())
    assert sorted(numbers) == [0, 1, 4, 9]  # those of the table too
    assert [len(Module(wasm).bodies()), Module(wasm).custom] == [4, []]


def test_an_export_that_does_not_exist_cannot_be_kept() -> None:
    with pytest.raises(runtime.SetupError, match=r"^The module does not export gone\.$"):
        split_wasm.named(sample(), {"sum", "gone"})


def test_an_instrumented_module_has_a_second_memory_for_its_notes() -> None:
    whole, noting = Module(sample()), Module(instrumented(sample()))
    assert noting.exports()[-1].name == NOTES
    assert len(noting.types_of(Section.MEMORY, Kind.MEMORY)) == 2
    added = [len(after) - len(before) for before, after in zip(whole.bodies(), noting.bodies(), strict=True)]
    assert added == [8] * FUNCTIONS
