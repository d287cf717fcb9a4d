"""Blocks of layers, their map, the worst jump."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import heatmap
from app.charts.heatmap import MAX_PIECE_VALUES, cells_in_pieces
from app.runs.collector import finished
from app.runs.layer_groups import (
    MAX_FIRST_ROWS,
    STEPS_A_PIECE,
    Jump,
    fold,
    folded,
    folding,
    open_at_first,
    say_jump,
    seeking_jump,
    worst_jump,
)
from app.runs.run import Run
from tools.runtime import ROOT

NAN, INFINITY = math.nan, math.inf
BLOCKS = [
    "model.embed",
    *(f"model.layers.{at}.{part}" for at in range(4) for part in ("attn.q", "attn.k", "mlp")),
    "model.norm",
    "head",
]


def run_of(norms: Sequence[Sequence[float]], names: Sequence[str] = (), reduction: str = "l2") -> Run:
    array = np.array(norms, np.float64).reshape(len(norms), -1)
    titles = tuple(names) or tuple(f"layer.{at}" for at in range(len(array)))
    steps = np.array([10.0 * at for at in range(array.shape[1])])
    logged = np.ones(array.shape, np.bool_)
    return Run("run", titles, steps, array, logged, None, tuple((name,) for name in titles), "parameter", reduction)


def rows(names: Sequence[str], *opened: str) -> list[tuple[str, int, int]]:
    return [(row.name, len(row.members), row.depth) for row in fold(names, opened)]


def test_layers_fold_into_blocks_by_the_start_of_their_names() -> None:
    assert rows(BLOCKS) == [("model", 14, 0), ("head", 1, 0)]


def test_a_block_unfolds_and_its_blocks_in_it() -> None:
    assert rows(BLOCKS, "model", "model.layers", "model.layers.1", "model.layers.1.attn") == [
        ("model.embed", 1, 1),
        ("model.layers.0", 3, 2),
        ("model.layers.1.attn.q", 1, 4),
        ("model.layers.1.attn.k", 1, 4),
        ("model.layers.1.mlp", 1, 3),
        ("model.layers.2", 3, 2),
        ("model.layers.3", 3, 2),
        ("model.norm", 1, 1),
        ("head", 1, 0),
    ]


def test_what_all_names_share_is_no_block() -> None:
    assert rows(["a.b.c", "a.b.d"]) == [("a.b.c", 1, 0), ("a.b.d", 1, 0)]


def test_a_layer_named_as_a_block_lies_in_it() -> None:
    assert rows(["a", "a.b", "z"], "a") == [("a", 1, 1), ("a.b", 1, 1), ("z", 1, 0)]


def test_layers_that_are_apart_make_blocks_apart() -> None:
    assert rows(["a.1", "a.2", "z", "a.3"]) == [("a", 2, 0), ("z", 1, 0), ("a.3", 1, 0)]


def test_as_many_levels_are_open_at_first_as_fit() -> None:
    assert open_at_first(BLOCKS, 8) == {"model", "model.layers"}
    assert len(fold(BLOCKS, open_at_first(BLOCKS, 100))) == len(BLOCKS)
    deep = [f"blocks.{at}.{part}" for at in range(25) for part in "abcdefghijkl"]
    assert len(deep) == 300
    assert len(fold(deep, open_at_first(deep))) == 25 <= MAX_FIRST_ROWS


def test_many_flat_neighbours_fold_into_ranges() -> None:
    flat = ["embed", *(f"layer.{at}" for at in range(300)), "head"]
    assert rows(flat) == [("embed", 1, 0), ("layer", 300, 0), ("head", 1, 0)]
    inner = rows(flat, "layer")[1:-1]
    assert inner[:2] == [("layer.0 … layer.9", 10, 1), ("layer.10 … layer.19", 10, 1)]
    assert [count for _, count, _ in inner] == [10] * 30
    assert rows(flat, "layer", "layer.10 … layer.19")[2:5] == [
        ("layer.10", 1, 2),
        ("layer.11", 1, 2),
        ("layer.12", 1, 2),
    ]


def test_ranges_of_blocks_are_named_by_their_blocks() -> None:
    deep = [f"h.{at}.{part}" for at in range(33) for part in "ab"]
    assert rows(deep)[0] == ("h.0 … h.1", 4, 0)
    assert rows(deep, "h.0 … h.1", "h.1")[:3] == [("h.0", 2, 1), ("h.1.a", 1, 2), ("h.1.b", 1, 2)]


def test_thousands_of_neighbours_fold_into_ranges_of_ranges() -> None:
    flat = [f"layer.{at}" for at in range(4096)]
    assert [count for _, count, _ in rows(flat)][:2] == [200, 200]
    assert rows(flat, "layer.0 … layer.199")[:2] == [("layer.0 … layer.9", 10, 1), ("layer.10 … layer.19", 10, 1)]
    assert open_at_first(flat) == set()


def test_pieces_of_a_block_that_are_apart_have_names_of_their_own() -> None:
    apart = ["a.1", "a.2", "z", "a.3", "a.4"]
    assert rows(apart) == [("a", 2, 0), ("z", 1, 0), ("a.3 … a.4", 2, 0)]
    assert rows(apart, "a")[:3] == [("a.1", 1, 1), ("a.2", 1, 1), ("z", 1, 0)]
    assert rows(["a", "z", "a.1", "a.2"])[2] == ("a.1 … a.2", 2, 0)


def test_names_of_the_same_parts_make_a_block_that_opens() -> None:
    assert rows(["a.b", "a/b", "z"], "a") == [("a.b", 1, 1), ("a/b", 1, 1), ("z", 1, 0)]


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "b", "c … d", "0", "1 … 2"]), min_size=1, max_size=4).flatmap(
        lambda parts: st.sampled_from("./").map(lambda separator: separator.join(parts))
    ),
    unique=True,
    max_size=30,
) | st.integers(0, 1200).map(lambda count: [f"layer.{at}" for at in range(count)])


@given(NAMES, st.data())
def test_rows_hold_every_layer_once_in_order_and_under_names_that_differ(names: list[str], data: st.DataObject) -> None:
    opened: set[str] = set()
    found = fold(names)
    assert len(found) <= MAX_FIRST_ROWS
    while folded_ := [row.name for row in found if row.folded]:
        assert [at for row in found for at in row.members] == list(range(len(names)))
        assert all(row.name == names[row.members[0]] for row in found if not row.folded)
        assert len({row.name for row in found}) == len(found)
        opened.update(data.draw(st.lists(st.sampled_from(folded_), min_size=1, max_size=3)))
        if len(opened) > 12:
            opened.update(folded_)
        before, found = len(found), fold(names, opened)
        assert len(found) > before
    assert [row.name for row in found] == names


@given(NAMES, st.integers(MAX_FIRST_ROWS, 200))
def test_what_is_open_at_first_stays_within_its_limit(names: list[str], limit: int) -> None:
    assert len(fold(names, open_at_first(names, limit))) <= limit


def test_a_folded_block_is_all_its_layers_together() -> None:
    run = run_of([[3, 1], [4, NAN], [7, 0]], ["a.1", "a.2", "z"])
    small = folded(run, fold(run.names))
    assert small.names == ("a", "z")
    np.testing.assert_array_equal(small.norms, [[5, NAN], [7, 0]])
    assert small.parameters == (("a.1", "a.2"), ("z",))


def test_a_block_s_rms_counts_elements_and_not_layers() -> None:
    run = replace(run_of([[3], [0]], ["a.1", "a.2"], "rms"), sizes=(1, 8))
    (row,) = fold(["a.1", "a.2", "z"])[:1]
    np.testing.assert_allclose(folded(run, [row]).norms, [[1]])
    assert folded(run, [row]).sizes == (9,)


def test_folding_is_done_in_pieces_that_tell_how_much_is_done() -> None:
    run = run_of([[1, 2]] * 4, ["a.1", "a.2", "b", "c"])
    done = list(folding(run, fold(run.names)))
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 0.75)


def test_a_run_none_of_whose_layers_is_folded_is_not_copied() -> None:
    run = run_of([[1, 2], [3, 4]], ["a", "b"])
    assert folded(run, fold(run.names)) is run


def test_the_worst_jump_is_sought_in_pieces() -> None:
    run = run_of([[1, 2], [1, 3]])
    assert list(seeking_jump(run)) == [0, 0.5]
    assert finished(seeking_jump(run)) == worst_jump(run) == Jump(1, 10.0, 1.0, 3.0)


def test_a_jump_from_one_piece_to_the_next_is_found() -> None:
    norms = np.ones((1, MAX_PIECE_VALUES + 3))
    norms[0, STEPS_A_PIECE:] = 5
    assert worst_jump(run_of(norms.tolist())) == Jump(0, 10.0 * STEPS_A_PIECE, 1.0, 5.0)


def test_a_spike_of_one_step_in_a_hundred_thousand_is_seen() -> None:
    norms = np.full((2, 100_000), 1e-3)
    norms[0, 54_321] = 1e6
    cells = finished(cells_in_pieces(run_of(norms.tolist())))
    share = heatmap.steps_per_column(100_000)
    assert cells.logs.shape == (2, -(-100_000 // share))
    spike = 54_321 // share
    assert cells.logs[0, spike] == pytest.approx(6)
    np.testing.assert_allclose(np.delete(cells.logs[0], spike), -3)
    np.testing.assert_allclose(cells.logs[1], -3)


def test_what_was_not_logged_is_told_from_a_logged_nan() -> None:
    run = run_of([[NAN, 1, NAN], [0, INFINITY, 100]])
    run.logged[0, 2] = False
    cells = finished(cells_in_pieces(run))
    assert cells.kinds.tolist() == [
        [heatmap.CELL_NAN, heatmap.CELL_VALUE, heatmap.CELL_EMPTY],
        [heatmap.CELL_ZERO, heatmap.CELL_INFINITE, heatmap.CELL_VALUE],
    ]
    assert cells.logs[1, 2] == pytest.approx(2)


def test_a_map_of_a_run_without_steps_has_no_columns() -> None:
    assert finished(cells_in_pieces(run_of([[]]))).kinds.shape == (1, 0)


@pytest.mark.parametrize(
    ("layers", "steps"), [(1, 3 * MAX_PIECE_VALUES + 5), (3, MAX_PIECE_VALUES // 2), (500, 90), (2, 1)]
)
def test_a_map_made_in_pieces_is_the_map_made_at_once(layers: int, steps: int) -> None:
    values = np.exp(np.random.default_rng(0).normal(size=(layers, steps)))
    values[0, ::7] = 0
    values[-1, ::11] = NAN
    run = run_of(values.tolist())
    run.logged[:, ::5] = False
    done = list(cells_in_pieces(run, 40))
    assert done == sorted(done)
    assert all(0 <= share < 1 for share in done)
    whole, pieces = (
        heatmap.make_cells(np.where(run.logged, values, heatmap.MISSING_VALUE), 40),
        finished(cells_in_pieces(run, 40)),
    )
    np.testing.assert_array_equal(pieces.kinds, whole.kinds)
    np.testing.assert_array_equal(pieces.logs, whole.logs)


def test_the_worst_jump_is_the_greatest_ratio_up_or_down() -> None:
    assert worst_jump(run_of([[1, 2, 1], [1, 0.001, 0.002]])) == Jump(1, 10.0, 1.0, 0.001)


def test_the_first_value_that_is_no_number_is_worse_than_any_ratio() -> None:
    found = worst_jump(run_of([[1, 1e9, 1], [1, 1, NAN], [1, INFINITY, NAN]]))
    assert found == Jump(2, 10.0, 1.0, INFINITY)


def test_a_jump_is_seen_over_steps_that_were_not_logged() -> None:
    run = run_of([[1, NAN, 100]])
    run.logged[0, 1] = False
    assert worst_jump(run) == Jump(0, 20.0, 1.0, 100.0)


@pytest.mark.parametrize("norms", [[[5.0]], [[0.0, 3.0]], [[NAN, NAN]], [[1.0, 1.0]], [[]]])
def test_without_a_ratio_there_is_no_jump(norms: list[list[float]]) -> None:
    assert worst_jump(run_of(norms)) is None


@pytest.mark.parametrize(
    ("norms", "sentence"),
    [
        ([0.012, 4.1], "fc3 ×340 at step 10, from 0.012 to 4.1"),
        ([1.0, 0.001], "fc3 ×0.001 at step 10, from 1 to 0.001"),
        ([12_345.0, 1e-5], "fc3 ×8.1e-10 at step 10, from 1.2e4 to 1.0e-5"),
        ([1e-320, 1e300], "fc3 ×10⁶²⁰ at step 10, from 1.0e-320 to 1.0e300"),
        ([1.0, NAN], "fc3 turned NaN at step 10"),
        ([1.0, INFINITY], "fc3 turned ∞ at step 10"),
    ],
)
def test_a_jump_is_told_in_a_sentence(norms: list[float], sentence: str) -> None:
    run = run_of([norms], ["fc3"])
    jump = worst_jump(run)
    assert jump is not None
    assert say_jump(run, jump) == sentence


def test_nothing_here_brings_numpys_masked_arrays() -> None:
    looked = (
        "import sys\n"
        "from app.charts.heatmap import cells_in_pieces\n"
        "from app.runs import alignment, combine, layer_groups, read, trend\n"
        "from app.runs.collector import finished\n"
        'run, = combine([read(\'\', \'{"a.weight": 1, "a.bias": 2, "b.weight": NaN}\')])\n'
        "alignment.align(*finished(alignment.pairing(run, run)))\n"
        "run = layer_groups.folded(run, layer_groups.fold(run.names))\n"
        "finished(cells_in_pieces(run)), layer_groups.worst_jump(run), finished(trend.finding_trend(run))\n"
        "sys.exit('numpy.ma' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", looked], cwd=ROOT, check=True)
