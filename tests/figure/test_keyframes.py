"""The wave as CSS keyframes: they show the springs at any depth, speed and transition."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.figure import wave
from app.figure.keyframes import (
    MAX_FADE_MS,
    MIN_SETTLING_ADVANCES,
    TOLERANCE,
    fade_memory,
    glow_courses,
    keyframes,
    sample_round,
    simplify,
)
from app.spring import INSTANT, SPRINGS, Fades, Spring, Transition, Tween

NAMED = [SPRINGS.smooth, SPRINGS.snappy, SPRINGS.gentle, SPRINGS.bouncy]
ANY = st.sampled_from([*NAMED, Spring(stiffness=30.0, damping=40.0), Tween(0.2), Tween(0.7, "ease_in_out")])
BEATS = st.sampled_from([80.0, 333.0, 500.0, 1234.5])


def read(rule: str) -> list[tuple[float, float]]:
    """The written keyframes: fractions of the round, and opacities."""
    return [(float(at) / 100.0, float(glow)) for at, glow in re.findall(r"([\d.]+)% { opacity: ([\d.]+); }", rule)]


def shown(depth: int, beat: float, transition: Transition, seconds: float) -> list[float]:
    """Each layer's opacity a time after the wave's start, computed from the written keyframes."""
    rules = [read(keyframes("x", points)) for points in glow_courses(depth, beat, transition)]
    glows = []
    for layer in range(depth):
        cursor = wave.layer_at(layer, depth)  # the cursor that lights it: the same count from the other side
        xs, ys = zip(*rules[min(cursor, len(rules) - 1)], strict=True)
        glows.append(float(np.interp((seconds * 1000.0 / beat - cursor) % depth / depth, xs, ys)))
    return glows


def ran(depth: int, beat: float, transition: Transition, seconds: float) -> list[float]:
    """The glows of a figure that has run for this time, sampled once."""
    fades = Fades(wave.glow_targets(depth - 1, depth), transition)
    for advance in range(1, int(seconds * 1000.0 // beat) + 1):
        fades.aim(wave.glow_targets(wave.layer_at(advance % depth, depth), depth), advance * beat / 1000.0)
    glows: list[float] = np.clip(fades.sample(seconds), 0.0, 1.0).tolist()
    return glows


@given(depth=st.integers(1, 14), beat=BEATS, transition=ANY, into=st.floats(0.0, 1.0))
@example(depth=4, beat=80.0, transition=Tween(0.7, "ease_in_out"), into=0.3)  # each beat cuts it short near its start
def test_the_keyframes_show_the_fades(depth: int, beat: float, transition: Transition, into: float) -> None:
    rounds = math.ceil(
        (fade_memory(transition) / beat + MIN_SETTLING_ADVANCES) / depth
    )  # by then one round is like the next
    seconds = (rounds + into) * depth * beat / 1000.0
    # Within the tolerance of the keyframes, between two samples of them, and of the snap with which a spring rests.
    expected = ran(depth, beat, transition, seconds)
    np.testing.assert_allclose(shown(depth, beat, transition, seconds), expected, atol=2 * TOLERANCE + 0.01)


@settings(max_examples=5)  # each takes a quarter of a second
@given(beat=BEATS, transition=st.sampled_from(NAMED), deep=st.integers(30, 60))
def test_the_time_inserted_for_a_deep_network_equals_a_full_sampling(
    beat: float, transition: Transition, deep: int
) -> None:
    round_ = sample_round(deep, beat, transition)
    for distance, points in enumerate(glow_courses(deep, beat, transition)):
        whole = round_.course(deep - 1 - distance, distance)
        xs, ys = zip(*whole, strict=True)
        at, glow = zip(*points, strict=True)
        np.testing.assert_allclose(np.interp(at, xs, ys), glow, atol=1e-4)


@given(depth=st.integers(1, 40), beat=BEATS, transition=st.sampled_from(NAMED), into=st.floats(0.0, 1.0))
def test_after_a_pause_the_wave_goes_on_from_rest(depth: int, beat: float, transition: Transition, into: float) -> None:
    beats = 2 * depth
    rounds = math.ceil((fade_memory(transition) / beat + MIN_SETTLING_ADVANCES) / beats)
    elapsed = (rounds + into) * beats
    fades = Fades(wave.glow_targets(depth - 1, depth), transition)
    for advance in range(1, int(elapsed) + 1):
        cursor = advance % beats
        targets = wave.glow_targets(wave.layer_at(cursor, depth), depth) if cursor < depth else [0.0] * depth
        fades.aim(targets, advance * beat / 1000.0)
    expected = np.clip(fades.sample(elapsed * beat / 1000.0), 0.0, 1.0)
    rules = [read(keyframes("x", points)) for points in glow_courses(depth, beat, transition, pause=depth)]
    for layer in range(depth):
        cursor = wave.layer_at(layer, depth)
        xs, ys = zip(*rules[min(cursor, len(rules) - 1)], strict=True)
        glow = np.interp((elapsed - cursor) % beats / beats, xs, ys)
        np.testing.assert_allclose(glow, expected[layer], atol=2 * TOLERANCE + 0.01)


def test_all_layers_but_two_have_the_same_course_at_different_times() -> None:
    round_ = sample_round(9, 500.0, SPRINGS.smooth)
    first, *others = (np.array(round_.course(layer, wave.layer_at(layer, 9))) for layer in range(7))
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-9)


@pytest.mark.parametrize(("depth", "count"), [(1, 1), (2, 2), (3, 3), (256, 3)])
def test_there_are_only_different_courses(depth: int, count: int) -> None:
    assert len(glow_courses(depth, 500.0, SPRINGS.smooth)) == count


def test_without_a_transition_a_glow_jumps_within_a_frame() -> None:
    assert read(keyframes("x", glow_courses(4, 500.0, INSTANT)[2])) == [
        (0.0, 1.0), (0.2475, 1.0), (0.25, 0.0), (0.4975, 0.0), (0.5, 0.25), (0.7475, 0.25), (0.75, 0.55),
        (0.9975, 0.55), (1.0, 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize("beat", [80.0, 2000.0, 2.0**31 - 1])
def test_keyframes_stay_in_order_however_long_the_round(beat: float) -> None:
    for points in glow_courses(256, beat, SPRINGS.bouncy):
        fractions = [at for at, _ in read(keyframes("x", points))]
        assert fractions[0] == 0.0
        assert fractions[-1] == 1.0
        assert all(a < b for a, b in pairwise(fractions))


@pytest.mark.parametrize("endless", [Spring(damping=0.0), Spring(1e12, 0.0), Tween(1e9)])
def test_an_endless_fade_is_cut(endless: Transition) -> None:
    assert fade_memory(endless) == MAX_FADE_MS
    for beat in (80.0, 2.0**31 - 1):
        for points in glow_courses(2, beat, endless):
            assert all(0.0 <= glow <= 1.0 for _, glow in points)


@given(values=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30))
def test_a_simplified_course_stays_within_its_tolerance(values: list[float]) -> None:
    points = [(float(index), value) for index, value in enumerate(values)]
    kept = simplify(points, 0.05)
    assert set(kept) <= set(points)
    xs, ys = zip(*kept, strict=True)
    np.testing.assert_allclose(np.interp(np.arange(len(values)), xs, ys), np.array(values), atol=0.05 + 1e-12)
