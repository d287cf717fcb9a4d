"""Blocks of layers, bins of steps, the worst jump."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.folding import FEW, Jump, bin_steps, binning, fold, folded, open_at_first, seeking_jump, worst_jump
from app.runs import Run, finished

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
    assert len(fold(deep, open_at_first(deep))) == 25 <= FEW


@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join), unique=True, max_size=30),
    st.data(),
)
def test_rows_hold_every_layer_once_and_in_order(names: list[str], data: st.DataObject) -> None:
    prefixes = sorted({".".join(name.split(".")[:count]) for name in names for count in range(1, 5)})
    opened = data.draw(st.lists(st.sampled_from(prefixes))) if prefixes else []
    found = fold(names, opened)
    assert [at for row in found for at in row.members] == list(range(len(names)))
    assert all(row.name == names[row.members[0]] for row in found if not row.folded)
    everything = fold(names, prefixes)
    assert [row.name for row in everything] == names


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


def test_bins_can_be_made_a_layer_at_a_time() -> None:
    run = run_of([[1, 2], [3, 4], [5, 6], [7, 8]])
    assert list(binning(run, 1)) == [0, 0.25, 0.5, 0.75]
    np.testing.assert_array_equal(finished(binning(run, 1)).high, bin_steps(run, 1).high)


def test_the_worst_jump_can_be_sought_a_layer_at_a_time() -> None:
    run = run_of([[1, 2], [1, 3]])
    assert list(seeking_jump(run)) == [0, 0.5]
    assert finished(seeking_jump(run)) == worst_jump(run) == Jump(1, 10.0, 1.0, 3.0)


def test_a_spike_of_one_step_in_a_hundred_thousand_is_seen() -> None:
    norms = np.full((1, 100_000), 1e-3)
    norms[0, 54_321] = 1e6
    bins = bin_steps(run_of(norms.tolist()), 500)
    assert bins.mean.shape == (1, 500)
    (at,) = np.flatnonzero(bins.high[0] > 1)
    assert (bins.high[0, at], bins.low[0, at]) == (1e6, 1e-3)
    assert bins.first[at] <= 543_210 <= bins.last[at]
    assert bins.mean[0, at] == pytest.approx(10 ** ((199 * -3 + 6) / 200))


def test_bins_cover_all_steps_in_equal_numbers() -> None:
    bins = bin_steps(run_of([list(range(1, 11))]), 3)
    assert bins.first.tolist() == [0, 30, 60]
    assert bins.last.tolist() == [20, 50, 90]


def test_fewer_steps_than_bins_have_a_bin_each() -> None:
    bins = bin_steps(run_of([[1, 10, 100]]), 500)
    np.testing.assert_allclose(bins.mean, [[1, 10, 100]])


def test_zeros_nan_and_infinity_are_told_apart() -> None:
    run = run_of([[0, 0], [0, 4], [NAN, NAN], [NAN, 2], [INFINITY, 1], [INFINITY, NAN]])
    bins = bin_steps(run, 1)
    np.testing.assert_allclose(bins.mean.ravel(), [0, 4, NAN, 2, 1, NAN])
    np.testing.assert_array_equal(bins.low.ravel(), [0, 0, NAN, 2, 1, INFINITY])
    np.testing.assert_array_equal(bins.high.ravel(), [0, 4, NAN, 2, INFINITY, INFINITY])
    assert bins.broken.ravel().tolist() == [0, 0, 2, 1, 1, 2]


def test_what_was_not_logged_is_neither_nan_nor_zero() -> None:
    run = run_of([[NAN, NAN]])
    run.logged[:] = False
    bins = bin_steps(run, 1)
    assert math.isnan(bins.mean[0, 0])
    assert bins.broken[0, 0] == 0


def test_a_run_without_steps_has_no_bins() -> None:
    assert bin_steps(run_of([[]]), 10).mean.shape == (1, 0)


@pytest.mark.parametrize("count", [0, -1])
def test_no_bins_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=rf"^count: must be at least 1, got {count}$"):
        bin_steps(run_of([[1]]), count)


@given(
    st.lists(st.one_of(st.floats(0, 1e300), st.sampled_from([0.0, NAN, INFINITY])), min_size=1, max_size=60),
    st.integers(1, 70),
)
def test_no_extreme_is_lost_in_bins(series: list[float], count: int) -> None:
    bins = bin_steps(run_of([series]), count)
    known = [value for value in series if not math.isnan(value)]
    if known:
        assert np.nanmax(bins.high) == max(known)
        assert np.nanmin(bins.low) == min(known)
    finite = np.isfinite(bins.mean)
    assert (bins.mean[finite] <= bins.high[finite] * (1 + 1e-9)).all()
    assert bins.broken.sum() == sum(not math.isfinite(value) for value in series)


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
