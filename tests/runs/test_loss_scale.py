"""A loss scale in recorded gradients: found only where it is sure, and divided out exactly."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.work import finished
from app.panels.recorded.arrangement import Plan, arranging, recordings_of
from app.runs.arrays import Floats
from app.runs.loss_scale import ScaleJump, dividing_out, finding_scale_jumps, say_scale_jumps
from app.runs.run import combine, read
from app.runs.series import ParsedLog

STEPS = 60
LAYERS = 4


def training(seed: int, noise: float, steps: int = STEPS) -> Floats:
    """Norms of layers that lie apart, with noise that all have and noise of their own; shape (layers, steps)."""
    random = np.random.default_rng(seed)
    shared, own = random.normal(0, noise, steps), random.normal(0, noise, (LAYERS, steps))
    return np.asarray(2.0 ** (-np.arange(LAYERS)[:, None] + shared + own))


def log_of(norms: npt.NDArray[np.float64], losses: Floats | None = None) -> ParsedLog:
    records: list[dict[str, Any]] = []
    for step in range(norms.shape[1]):
        record: dict[str, Any] = {"step": step} | {
            f"grad_norm/fc{at}.weight": float(row[step]) for at, row in enumerate(norms)
        }
        records.append(record | ({} if losses is None else {"loss": float(losses[step])}))
    return read("run.jsonl", "\n".join(map(json.dumps, records)))


def jumps_of(norms: npt.NDArray[np.float64], losses: Floats | None = None) -> tuple[ScaleJump, ...]:
    return finished(finding_scale_jumps(combine([log_of(norms, losses)])[0]))


def scaled(norms: Floats, *jumps: tuple[int, int]) -> Floats:
    found = norms.copy()
    for step, exponent in jumps:
        found[:, step:] *= 2.0**exponent
    return found


@given(st.integers(0, 1000), st.sampled_from([-16, -2, -1, 1, 2, 16]), st.integers(10, STEPS - 10))
def test_a_jump_of_all_layers_by_a_power_of_two_is_found(seed: int, exponent: int, step: int) -> None:
    assert jumps_of(scaled(training(seed, 0.02), (step, exponent))) == (ScaleJump(step, exponent),)


def test_several_jumps_are_found_and_a_step_that_overflowed_is_passed_over() -> None:
    norms = scaled(training(1, 0.02), (20, 1), (40, -1))
    norms[:, 40] = np.inf
    assert jumps_of(norms) == (ScaleJump(20, 1), ScaleJump(41, -1))


@given(st.integers(0, 1000), st.sampled_from([0.02, 0.1, 0.3, 0.7, 1.5]))
def test_noise_alone_is_no_jump(seed: int, noise: float) -> None:
    assert jumps_of(training(seed, noise)) == ()


@given(st.integers(0, 1000), st.floats(0.15, 0.85), st.integers(-3, 3))
def test_a_factor_that_is_no_power_of_two_is_no_jump(seed: int, part: float, whole: int) -> None:
    norms = training(seed, 0.02)
    norms[:, 30:] *= 2.0 ** (whole + part)
    assert jumps_of(norms) == ()


def random_walk(seed: int) -> Floats:
    steps = np.random.default_rng(seed).normal(0, 0.3, (1, STEPS)).cumsum(axis=1)
    return np.asarray(training(seed, 0.02) * 2.0**steps)


def apart(seed: int) -> Floats:
    norms = training(seed, 0.02)
    norms[:, 30:] *= np.array([[2.0], [2.0], [2.0], [2.4]])
    return norms


def spiked(seed: int) -> Floats:
    norms = training(seed, 0.02)
    norms[:, 30:33] *= 8
    return norms


def growing(seed: int) -> Floats:
    return np.asarray(training(seed, 0.02) * 2.0 ** np.arange(STEPS))


def noisy(seed: int) -> Floats:
    return scaled(training(seed, 0.5), (30, 1))


@pytest.mark.parametrize("make", [random_walk, apart, spiked, growing, noisy])
@pytest.mark.parametrize("seed", range(10))
def test_what_a_loss_scale_does_not_do_is_no_jump(make: Any, seed: int) -> None:
    assert jumps_of(make(seed)) == ()


def test_few_layers_or_steps_tell_nothing_and_a_jump_of_the_loss_tells_another_cause() -> None:
    norms = scaled(training(3, 0.02), (30, 1))
    losses = np.linspace(1, 0.9, STEPS)
    assert jumps_of(norms, losses) == (ScaleJump(30, 1),)
    assert jumps_of(norms, np.where(np.arange(STEPS) < 30, losses, 2 * losses)) == ()
    assert jumps_of(norms[:2]) == jumps_of(norms[:, 25:36]) == ()


@given(st.integers(0, 1000), st.lists(st.tuples(st.integers(0, STEPS - 1), st.integers(-20, 20)), max_size=3))
def test_dividing_out_gives_the_gradients_of_the_first_scale(seed: int, jumps: list[tuple[int, int]]) -> None:
    norms = training(seed, 1.0)
    found = [ScaleJump(float(step), exponent) for step, exponent in jumps]
    log = finished(dividing_out(log_of(scaled(norms, *jumps)), found))
    np.testing.assert_allclose(combine([log])[0].norms, norms, rtol=1e-14)


def test_the_view_says_it_offers_it_and_does_it() -> None:
    norms = training(5, 0.02)
    recordings = finished(recordings_of([log_of(scaled(norms, (30, 1), (45, -3)))]))
    before = finished(arranging(recordings, Plan(0)))
    assert before.has_scale
    assert before.remarks[0] == (
        "All layers jump by ×2 at step 30, and so 1 more time, as when a loss scale is changed. "
        "If gradients were recorded with it, choose Loss scale: divided out."
    )
    after = finished(arranging(recordings, Plan(0, is_unscaled=True), before))
    np.testing.assert_allclose(after.main.run.norms, norms, rtol=1e-12)
    assert after.has_scale
    assert after.remarks[0].endswith("It is divided out: all steps are at the scale of the first ones.")
    again = finished(arranging(recordings, Plan(0, is_unscaled=True, opened=frozenset()), after))
    assert again.remarks == after.remarks
    assert not finished(arranging(finished(recordings_of([log_of(norms)])), Plan(0))).has_scale


def test_the_sentence_names_the_factor() -> None:
    assert say_scale_jumps([ScaleJump(7.0, -2)], is_divided=False).startswith(
        "All layers jump by ×1/4 at step 7, as when"
    )
    assert say_scale_jumps([], is_divided=True) == ""
