"""app/charts/table_cells.py: which steps the map's table has, and what stands in them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.charts.series import RunSeries
from app.charts.table_cells import MAX_TABLE_STEPS, MapRows, table_steps


@given(st.integers(1, 10**6), st.integers(-5, 10**6))
def test_the_first_the_last_and_the_step_in_view_are_among_few_steps(steps: int, step: int) -> None:
    chosen = table_steps(steps, step)
    assert list(chosen) == sorted(set(chosen))
    assert len(chosen) <= MAX_TABLE_STEPS
    assert {0, steps - 1, min(max(step, 0), steps - 1)} <= set(chosen)
    assert steps > MAX_TABLE_STEPS or len(chosen) == steps


def rows(steps: int, *, beside: bool = False) -> MapRows:
    values = np.arange(2.0 * steps).reshape(2, steps) + 0.25
    logged = np.ones(values.shape, np.bool_)
    logged[1, 0] = False
    run = RunSeries(None, values, logged)
    runs, titles = ((run, run), ("a.jsonl", "b.jsonl")) if beside else ((run,), ("a.jsonl",))
    return MapRows("L2", ("fc1", "fc2"), runs, titles, steps, 1, lambda step: str(10 * step))


def test_a_row_has_a_layer_s_magnitudes_and_their_full_precision() -> None:
    (head, first, second), titles = next(iter(rows(2).lines((0, 1))))
    assert (head, first, second) == ("fc1", "0.25", "1.25")
    assert titles == ("", "0.25", "1.25")
    (_, missing, _), titles = list(rows(2).lines((0, 1)))[1]
    assert (missing, titles[1]) == ("none", "none")


def test_a_second_run_has_rows_of_its_own() -> None:
    heads = [texts[0] for texts, _ in rows(2, beside=True).lines((0, 1))]
    assert heads == ["fc1, a.jsonl", "fc1, b.jsonl", "fc2, a.jsonl", "fc2, b.jsonl"]


def test_what_is_left_out_is_told() -> None:
    assert rows(3).told((0, 1, 2)) == ""
    assert rows(400).told(table_steps(400, 1)).startswith("12 of 400 steps")
    assert rows(3).heads((0, 2)) == ("layer", "step 0", "step 20")
