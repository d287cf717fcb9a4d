"""The halves of Pyodide's WebAssembly, as the site has them, and the list of hot functions that they are made by."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.places import ROOT
from tools import cold_data, glue, hot_functions, runtime, wasm_halves
from tools.wasm_sections import HEADER, Kind, Module, Reader, Section

KIB = 1024


@pytest.fixture(scope="module")
def halves() -> wasm_halves.Halves:
    numpy = runtime.ensure_numpy_wheel(ROOT)
    return wasm_halves.made(ROOT, numpy, glue.pruned(ROOT, numpy).exports)


@given(st.sets(st.integers(0, 60)))
def test_a_compacted_list_comes_back(numbers: set[int]) -> None:
    assert list(hot_functions.expand([hot_functions.compact(numbers)])) == sorted(numbers)


def test_ranges_count_from_the_end_of_the_one_before() -> None:
    assert hot_functions.compact({3, 4, 5, 9}) == "3+2 4"


def test_the_list_belongs_to_the_pinned_module() -> None:
    wasm = (ROOT / wasm_halves.WASM).read_bytes()
    hot = hot_functions.read(ROOT, wasm)
    assert max(hot) < len(Module(wasm).functions())
    assert len(hot) > 1_000
    assert (ROOT / hot_functions.LIST).stat().st_size < 40 * KIB


def test_a_list_that_was_made_for_another_module_is_refused() -> None:
    found = hashlib.sha256(HEADER).hexdigest()
    with pytest.raises(runtime.SetupError, match=f"sha256 is {found}, the list wants .* python -m tools.profile_func"):
        hot_functions.read(ROOT, HEADER)


def test_a_list_that_is_written_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    called = set(range(0, 4_000, 3))
    hot_functions.write(tmp_path, HEADER, called)
    assert hot_functions.read(tmp_path, HEADER) == called
    assert max(map(len, (tmp_path / hot_functions.LIST).read_text(encoding="utf-8").splitlines())) <= 120


def test_the_modules_own_tables_keep_their_slots(halves: wasm_halves.Halves) -> None:
    whole, start = Module((ROOT / wasm_halves.WASM).read_bytes()), Module(halves.start.read_bytes())
    tables = whole.types_of(Section.TABLE, Kind.TABLE)
    assert start.types_of(Section.TABLE, Kind.TABLE)[: len(tables)] == tables
    assert start.types_of(Section.MEMORY, Kind.MEMORY) == whole.types_of(Section.MEMORY, Kind.MEMORY)
    first = next(start.entries(Section.ELEMENT))
    own = next(whole.entries(Section.ELEMENT))
    assert (first.unsigned(), first.constant()) == (own.unsigned(), own.constant())
    assert first.unsigned() == own.unsigned()  # as many functions, from the same slot on


def test_both_halves_are_small_and_only_the_second_has_data(halves: wasm_halves.Halves) -> None:
    assert halves.start.stat().st_size < 2_000 * KIB
    late = sum(end - first for first, end in cold_data.RANGES)
    assert halves.rest.stat().st_size < 4_200 * KIB + late
    assert Section.DATA not in Module(halves.start.read_bytes()).sections
    assert len(list(Module(halves.rest.read_bytes()).entries(Section.DATA))) == len(cold_data.RANGES)


def test_a_start_that_does_not_run_the_constructors_gets_what_they_do(halves: wasm_halves.Halves) -> None:
    sections = [Reader(payload) for payload in Module(halves.start.read_bytes()).custom]
    found = next(json.loads(one.payload[one.at :]) for one in sections if one.text() == wasm_halves.CONSTRUCTED)
    assert found["globals"]["split.global1"] > 2**23  # where the stack begins
    assert found["tables"] == {"split.table1": [None, "__hiwire_deduplicate_new"], "split.table2": [None]}
