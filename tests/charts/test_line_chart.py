from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import line_chart

LOSSES = st.lists(st.floats(min_value=0), min_size=1, max_size=40)
LONG = np.exp(-np.arange(5000) / 900)


def points(path: str) -> list[list[tuple[int, int]]]:
    """The points of each stretch of a path."""
    return [
        [(int(x), int(y)) for x, y in re.findall(r"(\d+), (\d+)", stretch)] for stretch in path.split("M") if stretch
    ]


@given(LOSSES)
def test_each_finite_loss_has_its_point_and_other_losses_interrupt_the_line(losses: list[float]) -> None:
    run = np.array(losses)
    stretches = points(line_chart.line_path(run, line_chart.loss_axis([run])))
    good = np.isfinite(run)
    assert sum(map(len, stretches)) == good.sum()
    assert len(stretches) == (np.diff(good.astype(int), prepend=0) == 1).sum()
    assert all(
        0 <= x <= line_chart.CURVE_WIDTH and 0 <= y <= line_chart.CURVE_HEIGHT for one in stretches for x, y in one
    )


@pytest.mark.parametrize("at", [1, 77, 2500, 4998])
def test_a_spike_is_never_lost_however_long_the_run(at: int) -> None:
    losses = LONG.copy()
    losses[at] = 1e6
    assert at in line_chart.thin(losses)
    losses[at] = np.nan
    stretches = points(line_chart.line_path(losses, line_chart.loss_axis([losses])))
    assert len(stretches) == 2
    assert line_chart.broken_stretches(losses)[0][0] <= (at + 0.5) / 5000 <= line_chart.broken_stretches(losses)[0][1]


def test_a_long_run_has_few_points_with_both_ends() -> None:
    kept = line_chart.thin(LONG)
    assert len(kept) <= 2 * line_chart.MAX_LINE_BINS + 2
    assert (kept[0], kept[-1]) == (0, 4999)
    assert (np.diff(kept) > 0).all()


def test_the_axis_is_logarithmic_only_if_all_losses_are_above_0() -> None:
    assert line_chart.loss_axis([np.array([0.1, np.nan, np.inf]), np.array([3.0])]).log
    assert not line_chart.loss_axis([np.array([0.1, 0.0])]).log
    assert line_chart.loss_axis([np.array([np.nan])]).log


@given(st.integers(1, 5000), st.data())
def test_a_step_s_place_leads_back_to_it(steps: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, steps - 1))
    assert line_chart.step_at(line_chart.step_place(step, steps), steps) == step


def test_places_beyond_the_ends_are_clamped() -> None:
    assert (line_chart.step_at(-0.1, 10), line_chart.step_at(1.0, 10), line_chart.step_place(99, 10)) == (0, 9, 0.95)


def test_losses_that_are_not_finite_are_marked_in_few_stretches_by_kind() -> None:
    losses = np.ones(1000)
    losses[500], losses[700:] = np.nan, np.inf
    (nan_from, nan_to, nan), (from_, to, infinite) = line_chart.broken_stretches(losses)
    assert (nan, infinite) == ("nan", "infinite")
    assert nan_from == 0.5
    assert nan_to == pytest.approx(0.5 + 1 / line_chart.MAX_LINE_BINS)
    assert (from_, to) == pytest.approx((0.7, 1.0))
