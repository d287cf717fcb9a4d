"""The trend of a run: the changes from its first steps to its last."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.figure.diagnosis import diagnose
from app.runs.collector import finished
from app.runs.run import Run
from app.runs.trend import MAX_TREND_WINDOW, STEPS_AT_ONCE, Trend, finding_trend

NAN, INFINITY = math.nan, math.inf
Drawn = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def run_of(layers: Sequence[Sequence[float | None]]) -> Run:
    """A run of these magnitudes, None where nothing was logged, at the steps 0, 10, 20 …"""
    norms = np.array([[NAN if one is None else one for one in layer] for layer in layers]).reshape(len(layers), -1)
    logged = np.array([[one is not None for one in layer] for layer in layers], np.bool_).reshape(norms.shape)
    names = tuple(f"fc{at}" for at in range(1, len(layers) + 1))
    steps = np.linspace(0.0, 10.0 * (norms.shape[1] - 1), norms.shape[1])
    return Run("run", names, steps, norms, logged, None, tuple((name,) for name in names), "parameter", "l2")


def trend_of(*layers: Sequence[float | None]) -> Trend:
    return finished(finding_trend(run_of(layers)))


def test_the_start_and_the_end_are_judged_and_the_level_is_told() -> None:
    found = trend_of([0.8, 1e-4], [0.9, 1e-2], [1.0, 1.0])
    assert str(found) == (
        "Over the run: healthy at first (×0.89 a layer), vanishing in the end (×0.01 a layer). "
        "Gradients shrank 2.0 decades on average; most at fc1, 3.9."
    )
    assert (found.steps, found.window, found.broken, found.first_broken, found.dead) == (2, 1, 0, None, ())
    assert found.first == diagnose(("fc1", "fc2", "fc3"), [0.8, 0.9, 1.0])
    assert found.last == diagnose(("fc1", "fc2", "fc3"), [1e-4, 1e-2, 1.0])
    assert found.shift == pytest.approx(-(math.log10(8000) + math.log10(90)) / 3)
    assert found.most is not None
    assert found.most[0] == "fc1"
    assert found.most[1] == pytest.approx(-math.log10(8000))


def test_what_stays_as_it_was_is_said_once() -> None:
    assert trend_of([0.005, 0.005], [1.0, 1.1]).text == (
        "Over the run: vanishing at first (×5.0e-3 a layer) and in the end (×4.5e-3 a layer). "
        "Gradients kept their level."
    )


def test_layers_that_move_against_each_other_are_told_apart() -> None:
    assert trend_of([1.0, 1000.0], [1.0, 0.001]).text.endswith(
        "Gradients kept their level on average; fc1 grew 3.0 decades."
    )
    assert trend_of([1.0, 1000.0], [1.0, 1e-4]).text.endswith(
        "Gradients shrank 0.5 decades on average; most at fc2, 4.0."
    )
    assert trend_of([1.0, 1e-3], [1.0, 100.0], [1.0, 100.0]).text.endswith(
        "Gradients grew 0.3 decades on average; fc1 shrank 3.0 decades."
    )


def test_a_tenth_of_the_steps_is_compared_with_a_tenth_and_no_more_than_so_many() -> None:
    steps = np.concatenate([np.full(10, 1.0), np.full(80, 1e6), np.full(10, 100.0)])
    found = trend_of(steps.tolist())
    assert (found.steps, found.window) == (100, 10)
    assert found.shift == pytest.approx(2)
    assert found.text == "Gradients grew 2.0 decades."
    long = np.ones(MAX_TREND_WINDOW * 20)
    long[MAX_TREND_WINDOW:-MAX_TREND_WINDOW] = 1e6
    assert (trend_of(long.tolist()).window, trend_of(long.tolist()).shift) == (MAX_TREND_WINDOW, 0)


def test_one_step_and_none_have_no_trend() -> None:
    assert trend_of([1.0], [2.0]) == Trend("One step was logged: there is no trend.", 1)
    assert trend_of([1.0, None]).text == "One step was logged: there is no trend."
    assert trend_of([None, None]) == trend_of([]) == Trend("Nothing was logged.", 0)
    assert (
        trend_of([NAN]).text
        == "One step was logged: there is no trend. NaN first at step 0 in fc1; 1 of 1 recorded steps has a NaN or ∞."
    )


def test_the_first_that_is_not_finite_is_named_nearest_the_loss_and_such_steps_are_counted() -> None:
    found = trend_of(
        [1.0, 1.0, NAN, 1.0, 1.0, NAN],
        [1.0, 1.0, INFINITY, 1.0, 1.0, NAN],
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    )
    assert found.first_broken == ("fc2", 20.0, INFINITY)
    assert found.broken == 2
    assert found.text == (
        "Over the run: healthy at first (×1.00 a layer), not finite in the end (NaN at fc2 and 1 more). "
        "Gradients kept their level. ∞ first at step 20 in fc2; 2 of 6 recorded steps have a NaN or ∞."
    )


def test_a_stray_nan_does_not_decide_the_verdict_and_most_do() -> None:
    rest = [1.0] * 36
    assert trend_of([NAN, 1.0, 1.0, *rest, 1.0], [1.0] * 40).first == diagnose(("fc1", "fc2"), [1.0, 1.0])
    found = trend_of([1.0, 1.0, 1.0, 1.0, *rest[4:], NAN, 1.0, NAN, 1.0], [1.0] * 40).last
    assert found is not None
    assert found.kind == "not finite"


def test_layers_that_die_are_told_with_the_step() -> None:
    found = trend_of([1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0])
    assert found.dead == (("fc1", 20.0),)
    assert found.text == (
        "Over the run: healthy at first (×1.00 a layer), dead in the end (0 at fc1). Gradients kept their level. "
        "fc1 is 0 from step 20 on."
    )
    assert trend_of([0.0, 0.0], [0.0, 0.0], [1.0, 0.0]).text == (
        "Over the run: dead at first (0 at fc2 and 1 more) and in the end (0 at fc3 and 2 more). "
        "3 layers are 0 in the end; fc3, nearest the loss, from step 10 on."
    )


def test_a_layer_that_is_logged_late_is_judged_when_it_is_there() -> None:
    found = trend_of([None, None, 1e-6], [1.0, 1.0, 1e-3], [1.0, 1.0, 1.0])
    assert found.first == diagnose(("fc2", "fc3"), [1.0, 1.0])
    assert found.last == diagnose(("fc1", "fc2", "fc3"), [1e-6, 1e-3, 1.0])
    assert found.most is not None
    assert found.most[0] == "fc2"
    assert found.most[1] == pytest.approx(-3)


def test_layers_that_are_never_there_together_are_said_to_be() -> None:
    assert trend_of([1.0, None], [None, 1.0]).text == "No layer was logged both at first and in the end."


def test_steps_at_which_nothing_was_logged_don_t_count() -> None:
    found = trend_of([None, 1.0, None, 10.0, None], [None, 1.0, None, 10.0, None])
    assert found.steps == 2
    assert found.shift == pytest.approx(1)


def test_what_begins_after_many_steps_is_found() -> None:
    norms = np.ones((2, STEPS_AT_ONCE + 9))
    norms[0, STEPS_AT_ONCE + 2 :] = NAN
    run = run_of([[1.0], [1.0]])
    steps = np.arange(norms.shape[1], dtype=np.float64)
    run = Run(
        "run", run.names, steps, norms, np.isfinite(steps) & (norms != 2), None, run.parameters, "parameter", "l2"
    )
    found = finished(finding_trend(run))
    assert found.first_broken is not None
    assert (found.first_broken.step, found.broken) == (STEPS_AT_ONCE + 2, 7)


VALUES = st.one_of(st.floats(min_value=0), st.sampled_from([0.0, NAN, INFINITY, 5e-324, 1.7e308]))
SHAPES = st.tuples(st.integers(1, 5), st.integers(0, 45))


@given(SHAPES.flatmap(lambda shape: st.tuples(arrays(np.float64, shape, elements=VALUES), arrays(np.bool_, shape))))
def test_any_run_has_a_trend_that_is_true_of_it(drawn: Drawn) -> None:
    norms, logged = drawn
    run = run_of(
        [
            [float(x) if there else None for x, there in zip(*rows, strict=True)]
            for rows in zip(norms, logged, strict=True)
        ]
    )
    found = finished(finding_trend(run))
    wrong = run.logged & ~np.isfinite(run.norms)
    assert found.steps == run.logged.any(axis=0).sum()
    assert found.broken == wrong.any(axis=0).sum()
    if found.first_broken:
        at = run.steps.tolist().index(found.first_broken.step)
        assert not wrong[:, :at].any()
        assert wrong[run.names.index(found.first_broken.layer), at]
        assert f"at step {found.first_broken.step:,.0f} in {found.first_broken.layer}" in found.text
    for name, since in found.dead:
        row = run.names.index(name)
        assert (run.norms[row, (run.steps >= since) & run.logged[row]] == 0).all()
        before = run.norms[row, (run.steps < since) & run.logged[row]]
        assert not before.size or before[-1] != 0
    assert (found.first is None) == (found.last is None) == (found.window == 0) == (found.steps < 2)
    assert found.text.endswith(".")
    if found.window and found.most:
        assert abs(found.shift) <= abs(found.most[1]) * (1 + 1e-9) + 1e-12
