"""Events of a run: found where they are, with their steps; none in a calm run."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.figure.work import finished
from app.runs.change_points import find_changes
from app.runs.climbs import find_climbs, join_changes
from app.runs.events import BROKE, CHANGED, DIED, MAX_EVENTS, SPIKED, WOKE, Event, finding_events, name_layers
from app.runs.families import BY_BIASES, Families, Family
from app.runs.run import Run
from app.runs.run_verdict import RunJudge
from app.runs.spikes import find_excursions, find_spikes, find_zero_runs

Array = npt.NDArray[np.float64]
LAYERS = 10
STEPS = 1000


def noise(deviation: float, seed: int = 0, layers: int = LAYERS, steps: int = STEPS) -> Array:
    """Norms around 1, their deviation in decades."""
    found: Array = 10 ** np.random.default_rng(seed).normal(0.0, deviation, (layers, steps))
    return found


def events_of(norms: Array, *, first_step: float = 0.0) -> tuple[Event, ...]:
    names = tuple(f"fc{at}" for at in range(len(norms)))
    steps = first_step + np.arange(norms.shape[1], dtype=np.float64)
    logged = np.ones(norms.shape, np.bool_)
    parameters = tuple((f"{name}.bias",) for name in names)
    run = Run("run", names, steps, norms, logged, None, parameters, "parameter", "l2")
    series = tuple(zip(norms, logged, strict=True))
    family = Family(BY_BIASES, "", names, tuple(f"{name}.bias" for name in names), steps, series)
    return finished(finding_events(run, RunJudge(run, Families(BY_BIASES, (family,)))))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [12, 20, 60, STEPS])
def test_a_calm_run_has_no_event(seed: int, steps: int) -> None:
    assert events_of(noise(0.3, seed, steps=steps)) == ()


def test_a_slow_convergence_of_all_layers_is_no_event() -> None:
    assert events_of(noise(0.1) * np.logspace(0, -2, STEPS)) == ()


@pytest.mark.parametrize("deviation", [0.0, 0.1, 0.3])
def test_five_decades_that_are_lost_are_found_with_their_steps(deviation: float) -> None:
    slide = np.interp(np.arange(STEPS), [200, 800], [0.0, -5.0])
    (event,) = events_of(noise(deviation) * 10**slide)
    assert (event.kind, len(event.layers)) == (CHANGED, LAYERS)
    assert event.text.endswith(": all 10 layers fell ×10⁻⁵")
    assert event.first == pytest.approx(200, abs=80)
    assert event.last == event.step == pytest.approx(800, abs=80)


def test_a_jump_of_some_layers_is_at_its_step() -> None:
    norms = noise(0.05)
    norms[:4, 612:] *= 1e-2
    event = next(event for event in events_of(norms) if event.kind == CHANGED)
    assert event.layers == ("fc0", "fc1", "fc2", "fc3")
    assert "fc0 to fc3 fell to 1/" in event.text
    assert event.first == pytest.approx(612, abs=6)
    assert event.last == pytest.approx(612, abs=6)


def test_a_spike_and_a_dip_are_told_apart_and_the_recovery_is_none() -> None:
    norms = noise(0.01)
    norms[3, 700] *= 340
    norms[:, 400:402] /= 50
    spike, dip = sorted(events_of(norms), key=lambda event: -event.step)
    assert (spike.kind, spike.step, spike.layers) == (SPIKED, 700, ("fc3",))
    assert "fc3 spiked ×3" in spike.text
    assert (dip.step, len(dip.layers)) == (400, LAYERS)
    assert "all 10 layers dipped to 1/" in dip.text
    assert "1 more step has spikes or dips" in spike.text


@pytest.mark.parametrize(
    ("decades", "steps", "text"),
    [
        (1.0, 8, "Steps 0–7: all 10 layers rose ×10⁷"),
        (-1.0, 8, "Steps 0–7: all 10 layers fell ×10⁻⁷"),
        (math.log10(3.0), 12, "Steps 0–11: all 10 layers rose ×10⁵"),
        (1.0, 60, "Steps 0–59: all 10 layers rose ×10⁵⁹"),
    ],
)
def test_exponential_growth_and_decay_are_told_over_all_their_steps(decades: float, steps: int, text: str) -> None:
    assert [event.text for event in events_of(np.tile(10 ** (decades * np.arange(steps)), (LAYERS, 1)))] == [text]


def test_layers_that_grow_by_different_factors_are_one_event_that_tells_the_largest() -> None:
    event = next(each for each in events_of(np.array([10.0 ** np.arange(8), 100.0 ** np.arange(8)])) if each.layers)
    assert event.text == "Steps 0–7: both layers rose, most in fc1: ×10¹⁴"


def test_growth_that_ends_in_an_infinity_is_told_up_to_it() -> None:
    growth = [*(10.0 ** np.arange(-6, 6)), math.inf, math.inf]
    broke, rose = events_of(np.array([growth, growth]))
    assert broke.text == "Step 12: ∞ first in both layers; 2 of 14 recorded steps have a NaN or ∞"
    assert rose.text == "Steps 0–11: both layers rose ×10¹¹"


def test_growth_at_the_end_of_a_calm_run_is_told_where_it_happens() -> None:
    norms = noise(0.05, layers=1, steps=100)
    norms[0, -8:] *= 10.0 ** np.arange(1, 9)
    (event,) = events_of(norms)
    assert event.text == "Steps 91–99: fc0 rose ×10⁸"


def test_a_jump_that_has_not_returned_by_the_end_is_no_spike() -> None:
    norms = noise(0.05, layers=1, steps=100)
    norms[0, -1] *= 1000
    (event,) = events_of(norms)
    assert (event.kind, event.first, event.last) == (CHANGED, 98, 99)
    assert events_of(np.array([[1.0, 1e3, 1e6]]))[0].text == "Steps 0–2: fc0 rose ×10⁶"


def test_a_nan_is_first_and_says_where_it_began() -> None:
    norms = noise(0.1)
    norms[6, 812] = math.nan
    norms[:, 813:820] = math.inf
    (event, *_) = events_of(norms, first_step=1.0)
    assert (event.kind, event.step, event.layers) == (BROKE, 813.0, ("fc6",))
    assert event.text == "Step 813: NaN first in fc6; 8 of 1,000 recorded steps have a NaN or ∞"


def test_layers_that_die_wake_or_rest_are_told() -> None:
    norms = noise(0.1)
    norms[:3, 300:] = 0.0
    norms[7, :40] = 0.0
    norms[9, 500:520] = 0.0
    died, rested, woke = events_of(norms)[:3]
    assert (died.kind, died.text) == (DIED, "Step 300: no gradient at fc0 to fc2 from here on")
    assert rested.text == "Steps 500–519: no gradient at fc9"
    assert (woke.kind, woke.text) == (WOKE, "Step 40: the first gradient at fc7")


def test_steps_in_alarm_are_counted() -> None:
    norms = noise(0.05)
    norms[:, 500:] *= np.logspace(-3, 0, LAYERS)[:, None]
    alarm = next(event for event in events_of(norms) if event.kind == "in alarm")
    assert "vanishing at 5" in alarm.text
    assert alarm.step == pytest.approx(513, abs=15)


def test_at_most_five_are_told_by_their_weight() -> None:
    norms = noise(0.05)
    for at in range(9):
        norms[at, 100 * at + 50] *= 10.0 ** (1 + at / 4)
    found = events_of(norms)
    assert len(found) == MAX_EVENTS
    assert [event.layers for event in found] == [(f"fc{at}",) for at in (8, 7, 6, 5, 4)]


def test_a_run_of_one_step_and_one_without_values_have_none() -> None:
    assert events_of(np.ones((3, 1))) == ()
    assert events_of(np.ones((3, 0))) == ()


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([0, 1, 2, 3, 4, 5], "all 6 layers"),
        ([1, 2, 3], "layer 0 to b"),
        ([2, 4], "layer 1, b2"),
        ([0, 2, 3, 5], "a, layer 1, b and 1 more"),
    ],
)
def test_layers_are_named_as_a_range_or_a_few(rows: list[int], text: str) -> None:
    names = ["a", "0", "1", "b", "b2", "c"]
    assert name_layers(names, rows) == text


NORMS = st.one_of(st.floats(1e-12, 1e12), st.sampled_from([0.0, math.nan, math.inf]))


@settings(max_examples=60)
@given(st.lists(st.lists(NORMS, min_size=30, max_size=30), min_size=1, max_size=4))
def test_any_run_has_events_within_its_steps(rows: list[list[float]]) -> None:
    for event in events_of(np.array(rows)):
        assert 0 <= event.first <= event.step <= event.last <= 29
        assert event.text.startswith("Step")
        assert event.weight > 0


@given(st.integers(10, 90), st.floats(1.4, 12.0), st.booleans())
def test_a_change_is_found_whatever_its_size_and_place(at: int, decades: float, up: bool) -> None:
    values = np.zeros(100)
    values[at:] = decades if up else -decades
    (change,) = find_changes(values)
    assert change.decades == pytest.approx(decades if up else -decades)
    assert (change.start, change.stop) == (at - 1, at)


@given(st.integers(1, 90), st.floats(0.5, 12.0), st.integers(1, 5), st.booleans())
def test_a_short_excursion_is_a_spike_or_if_large_a_dip(at: int, decades: float, length: int, up: bool) -> None:
    values = np.zeros(100)
    values[at : at + length] = decades if up else -decades
    if not up and decades < 1:
        assert find_spikes(values) == []
        return
    (spike,) = find_spikes(values)
    assert (spike.place, spike.length) == (at, length)
    assert spike.decades == pytest.approx(decades if up else -decades)


@given(st.lists(st.floats(-300, 300), min_size=2, max_size=60), st.booleans())
def test_values_that_only_rise_or_only_fall_have_no_spike(values: list[float], down: bool) -> None:
    series = np.array(sorted(values, reverse=down))
    assert find_spikes(series) == []
    assert all((change.decades < 0) == down for change in find_changes(series))


@given(st.integers(8, 60), st.floats(0.2, 5.0), st.booleans(), st.floats(-200, 200))
def test_growth_by_one_factor_is_one_change(count: int, decades: float, down: bool, start: float) -> None:
    series = np.linspace(start, start + (count - 1) * (-decades if down else decades), count)
    climbs = find_climbs(series)
    assert find_excursions(series, climbs) == ([], [])
    (change,) = join_changes(climbs, find_changes(series))
    assert (change.start, change.stop) == (0, count - 1)
    assert change.decades == pytest.approx(series[-1] - series[0])


@given(st.integers(6, 20), st.integers(6, 20), st.floats(0.5, 3.0))
def test_the_peak_between_growth_and_decay_is_no_spike(rise: int, fall: int, decades: float) -> None:
    series = np.interp(np.arange(100), [30, 30 + rise, 30 + rise + fall], [0.0, decades * rise, 0.0])
    assert find_spikes(series) == []
    assert [(climb.start, climb.stop) for climb in find_climbs(series)] == [
        (30, 30 + rise),
        (30 + rise, 30 + rise + fall),
    ]


@given(st.integers(30, 140), st.integers(1, 40), st.floats(0, 1), st.floats(1.5, 12.0), st.integers(0, 99))
def test_a_change_is_as_large_as_it_is_from_its_first_step_to_its_last(  # how fast and where it happens
    count: int, length: int, place: float, decades: float, seed: int
) -> None:
    at = int(place * (count - 1))
    course = np.interp(np.arange(count), [at, at + length], [0.0, decades if seed % 2 else -decades])
    series: Array = course + np.random.default_rng(seed).normal(0.0, 0.02, count)
    climbs = find_climbs(series)
    excursions = find_excursions(series, climbs)
    assert excursions.spikes == []
    for change in join_changes([*climbs, *excursions.jumps], find_changes(series)):
        between = series[change.stop] - series[change.start]
        assert change.decades == pytest.approx(between, abs=0.15 * abs(change.decades) + 0.1)


def test_a_jump_after_a_slow_drift_is_placed_where_it_happens() -> None:
    drift = np.concatenate([np.linspace(0.4, -0.5, 35), np.linspace(-0.5, 0.1, 26)])
    values = np.concatenate([drift, [9.0, 8.0, 5.0], np.full(56, 1.7)])
    assert [(change.start, change.stop) for change in find_changes(values) if change.decades > 0] == [(60, 61)]


def test_a_dip_is_measured_from_the_level_and_not_from_an_extreme_before_it() -> None:
    level = np.tile([0.1, 0.0, -0.1], 30)
    for extreme, found in ((0.45, []), (0.0, [40])):
        values = level.copy()
        values[39:41] = extreme, extreme - 1.05
        assert [spike.place for spike in find_spikes(values)] == found


def test_an_expert_that_is_often_0_has_no_gaps() -> None:
    values = np.ones(100)
    values[40:60] = 0.0
    assert [tuple(gap) for gap in find_zero_runs(values)] == [(40, 60)]
    values[::3] = 0.0
    assert find_zero_runs(values) == []
