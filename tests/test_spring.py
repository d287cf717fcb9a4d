"""Springs as tables of frames and against an independent integrator; fades and tweens as functions of a given
time.

The tables were computed as matrix exponentials of the oscillator's first-order system, not by the code under
test.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from app.spring import (
    EASINGS,
    INSTANT,
    REST_DELTA,
    REST_SPEED,
    SPRINGS,
    Easing,
    Fades,
    Spring,
    Transition,
    Tween,
    cubic_bezier,
    spring_motion,
)

FRAME = 1 / 60  # s
Array = NDArray[np.float64]

# Spring, offset, velocity, then (frame, offset, velocity) at 60 Hz.
Frames = tuple[tuple[int, float, float], ...]
UNDER: Frames = (
    (0, -1.000000000, 0.000000000),
    (1, -0.961244179, 4.469093867),
    (2, -0.857414372, 7.792868931),
    (3, -0.708094365, 9.929632698),
    (4, -0.532730051, 10.934283390),
    (5, -0.349195864, 10.936683310),
    (6, -0.172738944, 10.118329693),
    (7, -0.015311754, 8.689381468),
    (8, 0.114727204, 6.867700565),
    (9, 0.212588852, 4.861114610),
    (10, 0.276765721, 2.853647490),
    (15, 0.200676908, -3.278794696),
    (20, -0.049454918, -1.905315770),
    (30, -0.004436239, 0.885936978),
    (45, -0.008792434, -0.076140393),
    (60, 0.002596601, -0.023534916),
    (90, -0.000057982, -0.001570813),
)
CRITICAL: Frames = (
    (0, -1.000000000, 0.000000000),
    (1, -0.987562012, 1.410802875),
    (2, -0.955375081, 2.388437702),
    (3, -0.909795990, 3.032653299),
    (4, -0.855695198, 3.422780794),
    (5, -0.796763382, 3.621651738),
    (6, -0.735758882, 3.678794412),
    (7, -0.674706985, 3.633037612),
    (8, -0.615059989, 3.514628508),
    (9, -0.557825400, 3.346952402),
    (10, -0.503668274, 3.147926714),
    (15, -0.287297495, 2.052124966),
    (20, -0.154587305, 1.189133112),
    (30, -0.040427682, 0.336897350),
    (45, -0.004701217, 0.041481328),
    (60, -0.000499399, 0.004539993),
    (90, -0.000004894, 0.000045885),
)
OVER: Frames = (
    (0, -1.000000000, 0.000000000),
    (1, -0.988769582, 1.210874471),
    (2, -0.963003117, 1.808064897),
    (3, -0.930294794, 2.078099613),
    (4, -0.894684017, 2.174704796),
    (5, -0.858303397, 2.180314182),
    (6, -0.822263424, 2.139091303),
    (7, -0.787127352, 2.074657783),
    (8, -0.753166082, 1.999610867),
    (9, -0.720494935, 1.920632883),
    (10, -0.689147022, 1.841234166),
    (15, -0.551352541, 1.477106980),
    (20, -0.441022186, 1.181704784),
    (30, -0.282171174, 0.756075361),
    (45, -0.144407752, 0.386939405),
    (60, -0.073904072, 0.198025364),
    (90, -0.019356378, 0.051865258),
)
SMOOTH_IN_FLIGHT: Frames = (
    (0, 0.450000000, 3.000000000),
    (1, 0.479376667, 0.676509047),
    (2, 0.476910178, -0.860272434),
    (3, 0.453909045, -1.818030106),
    (4, 0.418626600, -2.357400279),
    (5, 0.376964984, -2.601306309),
    (6, 0.333037091, -2.642704215),
    (7, 0.289611193, -2.550949339),
    (8, 0.248459559, -2.376983235),
    (9, 0.210629167, -2.157522914),
    (10, 0.176649773, -1.918415258),
    (15, 0.063752845, -0.863338022),
    (20, 0.018356921, -0.302862833),
    (30, 0.000202994, -0.016421024),
    (45, -0.000093048, 0.001071430),
    (60, -0.000001589, 0.000039470),
)
HEAVY_AND_STRUCK: Frames = (
    (0, 0.000000000, 5.000000000),
    (1, 0.079770653, 4.567408114),
    (2, 0.152101408, 4.108609805),
    (3, 0.216624367, 3.631807265),
    (4, 0.273104973, 3.144786523),
    (5, 0.321434470, 2.654847076),
    (6, 0.361621296, 2.168743639),
    (7, 0.393781594, 1.692639790),
    (8, 0.418129061, 1.232073193),
    (9, 0.434964298, 0.791931938),
    (10, 0.444663864, 0.376441412),
    (15, 0.403233455, -1.229424061),
    (20, 0.264681909, -1.948917895),
    (30, -0.035700746, -1.323675487),
    (45, -0.112367512, 0.469429048),
    (60, 0.020177024, 0.337677927),
    (90, -0.008472972, -0.082191851),
)

UNDER_DAMPED = Spring(stiffness=300.0, damping=12.0)
CRITICALLY_DAMPED = Spring(stiffness=100.0, damping=20.0)
OVER_DAMPED = Spring(stiffness=100.0, damping=40.0)
HEAVY = Spring(stiffness=100.0, damping=10.0, mass=2.0)
REGIMES = {"under": UNDER_DAMPED, "critical": CRITICALLY_DAMPED, "over": OVER_DAMPED}


def bezier_by_root_finding(points: tuple[float, float, float, float], progress: float) -> float:
    x1, y1, x2, y2 = points

    def along(s: float, p: float, q: float) -> float:
        return 3 * (1 - s) ** 2 * s * p + 3 * (1 - s) * s * s * q + s**3

    return along(float(brentq(lambda s: along(s, x1, x2) - progress, 0.0, 1.0, xtol=1e-15)), y1, y2)


# The motion


@pytest.mark.parametrize(
    ("spring", "frames"),
    [
        pytest.param(UNDER_DAMPED, UNDER, id="under-damped"),
        pytest.param(CRITICALLY_DAMPED, CRITICAL, id="critically damped"),
        pytest.param(OVER_DAMPED, OVER, id="over-damped"),
        pytest.param(SPRINGS.smooth, SMOOTH_IN_FLIGHT, id="under-damped, in flight"),
        pytest.param(HEAVY, HEAVY_AND_STRUCK, id="mass 2, no distance but speed"),
    ],
)
def test_a_spring_passes_its_table_of_frames(spring: Spring, frames: Frames) -> None:
    _, offset, velocity = frames[0]
    for frame, position, speed in frames:
        assert spring_motion(spring, offset, velocity, frame * FRAME) == pytest.approx((position, speed), abs=2e-9)


@pytest.mark.parametrize("spring", REGIMES.values(), ids=REGIMES)
def test_a_spring_agrees_with_an_independent_integrator_from_any_start(spring: Spring) -> None:
    offsets = np.array([-1.0, 1.0, 0.0, 0.45, -0.3, 0.0, -0.55, 1e-6])
    velocities = np.array([0.0, 0.0, 4.0, -7.5, 2.5, 0.0, 12.0, -1e-6])
    n = len(offsets)

    def oscillator(_: float, state: Array) -> Array:
        x, v = state[:n], state[n:]
        return np.concatenate([v, -(spring.stiffness * x + spring.damping * v) / spring.mass])

    times = np.linspace(0.0, 2.0, 121)
    solved: Any = solve_ivp(
        oscillator,
        (0.0, 2.0),
        np.concatenate([offsets, velocities]),
        method="DOP853",
        t_eval=times,
        rtol=1e-10,
        atol=1e-12,
    )
    for time, state in zip(times.tolist(), solved.y.T, strict=True):
        for layer in range(n):
            position, speed = spring_motion(spring, float(offsets[layer]), float(velocities[layer]), time)
            assert (position, speed) == pytest.approx((state[layer], state[n + layer]), abs=1e-6)


@given(
    stiffness=st.floats(1e-3, 1e6),
    damping=st.floats(0.0, 1e5),
    mass=st.floats(1e-3, 1e3),
    offset=st.floats(-1.0, 1.0),
    velocity=st.floats(-50.0, 50.0),
    elapsed=st.floats(0.0, 1e3),
)
def test_a_spring_never_gains_energy(
    stiffness: float, damping: float, mass: float, offset: float, velocity: float, elapsed: float
) -> None:
    spring = Spring(stiffness, damping, mass)
    position, speed = spring_motion(spring, offset, velocity, elapsed)
    before = stiffness * offset**2 + mass * velocity**2
    assert stiffness * position**2 + mass * speed**2 <= before * (1 + 1e-6) + 1e-12


@pytest.mark.parametrize("spring", REGIMES.values(), ids=REGIMES)
def test_at_the_start_a_spring_is_where_and_how_fast_it_was(spring: Spring) -> None:
    assert spring_motion(spring, 0.3, -4.0, 0.0) == (0.3, -4.0)


@pytest.mark.parametrize("spring", REGIMES.values(), ids=REGIMES)
def test_a_spring_with_no_distance_but_speed_leaves_and_comes_back(spring: Spring) -> None:
    assert spring_motion(spring, 0.0, 5.0, 1e-3)[0] == pytest.approx(5e-3, rel=0.05)
    assert spring_motion(spring, 0.0, 5.0, 5.0) == pytest.approx((0.0, 0.0), abs=1e-4)


@pytest.mark.parametrize("spring", REGIMES.values(), ids=REGIMES)
def test_a_spring_with_neither_distance_nor_speed_stays(spring: Spring) -> None:
    assert spring_motion(spring, 0.0, 0.0, 0.4) == (0.0, 0.0)


@pytest.mark.parametrize("damping", [0.1, 2e6, 1e9], ids=["under", "critical", "over"])
def test_an_extremely_stiff_spring_stays_finite(damping: float) -> None:
    spring = Spring(stiffness=1e12, damping=damping)
    for frame in range(200):
        position, speed = spring_motion(spring, -1.0, 30.0, frame * FRAME)
        assert abs(position) <= 1.0001
        assert abs(speed) <= 1.0001e6


def test_an_extremely_over_damped_spring_creeps_without_overflow() -> None:
    position, speed = spring_motion(Spring(stiffness=100.0, damping=1e6), 1.0, 0.0, 3600.0)
    assert position == pytest.approx(math.exp(-100.0 / 1e6 * 3600.0), rel=1e-6)
    assert speed == pytest.approx(-1e-4 * position, rel=1e-6)


def test_an_undamped_spring_swings_for_ever() -> None:
    spring = Spring(stiffness=4 * math.pi**2, damping=0.0)  # period: 1 s
    assert spring_motion(spring, 1.0, 0.0, 100.0) == pytest.approx((1.0, 0.0), abs=1e-9)
    assert spring_motion(spring, 1.0, 0.0, 100.5) == pytest.approx((-1.0, 0.0), abs=1e-9)


@pytest.mark.parametrize("aside", [-1e-3, -1e-6, -1e-9, -1e-12, -2e-15, 2e-15, 1e-12, 1e-9, 1e-6, 1e-3])
def test_near_critical_damping_a_spring_moves_as_at_it_from_both_sides(aside: float) -> None:
    near = Spring(stiffness=100.0, damping=20.0 * (1 + aside))
    assert near.damping_ratio != 1.0
    for frame in range(0, 120, 7):
        here = spring_motion(near, -1.0, 2.0, frame * FRAME)
        assert here == pytest.approx(
            spring_motion(CRITICALLY_DAMPED, -1.0, 2.0, frame * FRAME), abs=5 * abs(aside) + 1e-12
        )


# What a spring is given by


def test_a_spring_is_stiffness_100_damping_10_mass_1_unless_told() -> None:
    assert Spring() == Spring(stiffness=100.0, damping=10.0, mass=1.0)
    assert Spring(stiffness=50.0) == Spring(50.0, 10.0, 1.0)


@pytest.mark.parametrize(
    ("visual_duration", "bounce", "stiffness", "damping"),
    [
        # (2π / (1.2 · visual_duration))² and 2 · (1 − bounce) · √stiffness, worked out by hand
        (0.5, 0.25, 109.662271123, 15.707963268),
        (1.0, 0.0, 27.415567781, 10.471975512),
        (0.3, 0.6, 304.617419787, 13.962634016),
        (0.5, 1.0, 109.662271123, 1.047197551),  # Motion leaves 5 % of critical damping
    ],
)
def test_visual_duration_and_bounce_mean_what_they_mean_to_motion(
    visual_duration: float, bounce: float, stiffness: float, damping: float
) -> None:
    spring = Spring(visual_duration=visual_duration, bounce=bounce)
    assert (spring.stiffness, spring.damping, spring.mass) == pytest.approx((stiffness, damping, 1.0))


@given(visual_duration=st.floats(0.01, 10.0), bounce=st.floats(0.0, 1.0))
def test_bounce_is_what_is_missing_to_critical_damping(visual_duration: float, bounce: float) -> None:
    spring = Spring(visual_duration=visual_duration, bounce=bounce)
    assert spring.damping_ratio == pytest.approx(max(1.0 - bounce, 0.05))
    assert 2 * math.pi / spring.frequency == pytest.approx(1.2 * visual_duration)


@pytest.mark.parametrize(
    ("visual_duration", "bounce", "values"),
    [
        # Motion 14.14.0: spring({keyframes: [0, 1], visualDuration, bounce}) after 50, 100, 200, 300 and 500 ms
        (0.3, 0.2, (0.2374643278, 0.5904283218, 0.9598889790, 1.0151646199, 1.0006082684)),
        (0.6, 0.8, (0.0884878633, 0.3195339907, 0.9553322300, 1.4307313092, 1.2541899554)),
        (0.4, 0.0, (0.1401527710, 0.3763610815, 0.7360707444, 0.9029241257, 0.9891555476)),
    ],
)
def test_with_duration_and_bounce_a_spring_moves_as_motion_s_does(
    visual_duration: float, bounce: float, values: tuple[float, ...]
) -> None:
    spring = Spring(visual_duration=visual_duration, bounce=bounce)
    found = [1.0 + spring_motion(spring, -1.0, 0.0, time)[0] for time in (0.05, 0.1, 0.2, 0.3, 0.5)]
    assert found == pytest.approx(values, abs=1e-9)


def test_bounce_alone_takes_the_usual_visual_duration() -> None:
    assert Spring(bounce=0.2) == Spring(visual_duration=0.3, bounce=0.2)


def test_visual_duration_alone_does_not_bounce() -> None:
    assert Spring(visual_duration=0.4).damping_ratio == pytest.approx(1.0)


@pytest.mark.parametrize("physical", ["stiffness", "damping", "mass"])
@pytest.mark.parametrize("perceptual", ["visual_duration", "bounce"])
def test_mixing_the_two_ways_to_give_a_spring_raises(physical: str, perceptual: str) -> None:
    given_both: dict[str, Any] = {physical: 3.5, perceptual: 0.25}
    with pytest.raises(ValueError, match=rf"^Spring: .* not both, got .*{physical}=3\.5.*{perceptual}=0\.25"):
        Spring(**given_both)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("stiffness", 0.0, "a finite number above 0"),
        ("stiffness", -1.0, "a finite number above 0"),
        ("stiffness", math.inf, "a finite number above 0"),
        ("stiffness", math.nan, "a finite number above 0"),
        ("stiffness", "stiff", "a finite number above 0"),
        pytest.param("stiffness", 10**400, "a finite number above 0", id="beyond any float"),
        ("mass", 0.0, "a finite number above 0"),
        ("visual_duration", 0.0, "a finite number above 0"),
        ("visual_duration", "long", "a finite number above 0"),
        ("damping", -0.5, "a finite number of at least 0"),
        ("damping", math.nan, "a finite number of at least 0"),
        ("bounce", 1.5, "a number from 0 to 1"),
        ("bounce", -0.1, "a number from 0 to 1"),
        ("bounce", math.nan, "a number from 0 to 1"),
        ("bounce", "much", "a number from 0 to 1"),
    ],
)
def test_a_spring_refuses_a_wrong_value_by_name_rule_and_value(name: str, value: Any, rule: str) -> None:
    wrong: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=r"^Spring: ") as refused:
        Spring(**wrong)
    assert str(refused.value) == f"Spring: {name} must be {rule}, got {value!r}"


@pytest.mark.parametrize("name", ["smooth", "snappy", "gentle", "bouncy"])
def test_a_named_spring_settles_within_two_seconds(name: str) -> None:
    position, speed = spring_motion(getattr(SPRINGS, name), -1.0, 0.0, 2.0)
    assert abs(position) < REST_DELTA
    assert abs(speed) < REST_SPEED


# Fades


def test_fades_start_at_rest_on_the_values_given() -> None:
    fades = Fades([1.0, 0.55, 0.0], SPRINGS.smooth)
    assert fades.sample(3.0) == (1.0, 0.55, 0.0)
    assert not fades.moving


def test_fades_follow_their_spring() -> None:
    fades = Fades([0.0], UNDER_DAMPED)
    fades.aim([1.0], now=10.0)
    for frame, offset, _ in UNDER[:15]:  # what comes later is at rest
        assert fades.sample(10.0 + frame * FRAME)[0] == pytest.approx(1.0 + offset, abs=1e-8)


@pytest.mark.parametrize("spring", REGIMES.values(), ids=REGIMES)
@pytest.mark.parametrize("turn", [0.02, 0.1, 0.17])
def test_a_new_target_in_mid_flight_keeps_position_and_velocity(spring: Spring, turn: float) -> None:
    tiny = 1e-6
    fades = Fades([0.0, 1.0], spring)
    fades.aim([1.0, 0.25], now=0.0)
    before, at = np.array(fades.sample(turn - tiny)), np.array(fades.sample(turn))
    fades.aim([0.0, 1.0], now=turn)
    np.testing.assert_allclose(fades.sample(turn), at, rtol=0, atol=1e-12)
    after = np.array(fades.sample(turn + tiny))
    np.testing.assert_allclose((after - at) / tiny, (at - before) / tiny, atol=2e-3)
    assert (np.abs(at - before) / tiny > 0.1).all()  # it was moving, so there was something to keep


def test_a_layer_whose_target_stays_is_not_disturbed_by_the_others() -> None:
    alone, beside = Fades([0.0], SPRINGS.bouncy), Fades([0.0, 0.0], SPRINGS.bouncy)
    alone.aim([1.0], now=0.0)
    beside.aim([1.0, 0.0], now=0.0)
    beside.aim([1.0, 1.0], now=0.05)
    for frame in range(40):
        assert beside.sample(0.05 + frame * FRAME)[0] == pytest.approx(alone.sample(0.05 + frame * FRAME)[0])


@pytest.mark.parametrize("transition", [*REGIMES.values(), Tween(0.3), INSTANT])
def test_a_fade_ends_exactly_on_its_target_and_stops_moving(transition: Transition) -> None:
    fades = Fades([0.0, 1.0, 0.3], transition)
    fades.aim([1.0, 0.25, 0.3], now=0.0)
    assert fades.moving == (0, 1)
    assert fades.sample(5.0) == (1.0, 0.25, 0.3)
    assert not fades.moving


def test_a_fade_that_passes_its_target_fast_is_not_at_rest() -> None:
    fades = Fades([0.0], SPRINGS.bouncy)
    fades.aim([1.0], now=0.0)
    damped = SPRINGS.bouncy.frequency * math.sqrt(1 - SPRINGS.bouncy.damping_ratio**2)
    crossing = (math.pi / 2 + math.asin(SPRINGS.bouncy.damping_ratio)) / damped
    assert fades.sample(crossing)[0] == pytest.approx(1.0, abs=REST_DELTA)
    assert fades.moving == (0,)


def test_a_fade_that_is_slow_but_far_is_not_at_rest() -> None:
    fades = Fades([0.0], Spring(stiffness=100.0, damping=1e5))
    fades.aim([1.0], now=0.0)
    fades.sample(1.0)
    assert fades.moving == (0,)


def test_a_time_before_the_aim_counts_as_that_moment() -> None:
    fades = Fades([0.2], SPRINGS.smooth)
    fades.aim([1.0], now=5.0)
    assert fades.sample(4.0)[0] == pytest.approx(0.2)
    assert fades.moving == (0,)


def test_sampling_twice_at_one_time_says_the_same() -> None:
    fades = Fades([0.0], SPRINGS.bouncy)
    fades.aim([1.0], now=0.0)
    assert fades.sample(0.1) == fades.sample(0.1)


def test_the_frames_in_between_do_not_change_where_a_fade_goes() -> None:
    often, once = Fades([0.0], SPRINGS.bouncy), Fades([0.0], SPRINGS.bouncy)
    often.aim([1.0], now=0.0)
    once.aim([1.0], now=0.0)
    for frame in range(18):
        often.sample(frame * FRAME)
    assert often.sample(0.3) == once.sample(0.3)


def test_a_jump_is_at_rest_on_its_targets() -> None:
    fades = Fades([0.0, 0.0], SPRINGS.smooth)
    fades.aim([1.0, 1.0], now=0.0)
    fades.sample(0.1)
    fades.jump([0.25, 1.0])
    assert not fades.moving
    assert fades.sample(0.11) == (0.25, 1.0)


def test_after_a_jump_a_fade_starts_without_speed() -> None:
    fades = Fades([0.0], SPRINGS.smooth)
    fades.aim([1.0], now=0.0)
    fades.sample(0.1)
    fades.jump([0.0])
    fades.aim([1.0], now=0.1)
    assert fades.sample(0.1 + 3 * FRAME)[0] == pytest.approx(1 + spring_motion(SPRINGS.smooth, -1.0, 0.0, 3 * FRAME)[0])


def test_turning_to_another_spring_keeps_position_and_velocity() -> None:
    tiny = 1e-6
    fades = Fades([0.0], SPRINGS.bouncy)
    fades.aim([1.0], now=0.0)
    before, at = fades.sample(0.1 - tiny)[0], fades.sample(0.1)[0]
    fades.turn_to(OVER_DAMPED, now=0.1)
    assert fades.sample(0.1)[0] == pytest.approx(at, abs=1e-12)
    assert fades.sample(0.1 + tiny)[0] - at == pytest.approx(at - before, rel=1e-3)


def test_turning_from_a_tween_to_a_spring_hands_on_its_speed() -> None:
    fades = Fades([0.0], Tween(2.0, "linear"))
    fades.aim([1.0], now=0.0)
    fades.turn_to(SPRINGS.smooth, now=1.0)
    assert fades.sample(1.2)[0] == pytest.approx(1 + spring_motion(SPRINGS.smooth, -0.5, 0.5, 0.2)[0], abs=1e-6)


def test_turning_to_instant_ends_the_fade() -> None:
    fades = Fades([0.0], SPRINGS.smooth)
    fades.aim([1.0], now=0.0)
    fades.turn_to(INSTANT, now=0.1)
    assert fades.sample(0.1) == (1.0,)
    assert not fades.moving


def test_fades_keep_what_they_were_given_when_that_changes_afterwards() -> None:
    values, targets = [0.0, 0.0], [1.0, 0.55]
    fades = Fades(values, INSTANT)
    fades.aim(targets, now=0.0)
    values[0] = targets[0] = 7.0
    assert fades.sample(0.1) == (1.0, 0.55)
    fades.jump(targets)
    targets[1] = 8.0
    assert fades.sample(0.2) == (7.0, 0.55)


def test_a_copy_looks_ahead_without_bringing_anything_to_rest() -> None:
    fades = Fades([0.0], SPRINGS.smooth)
    fades.aim([1.0], now=0.0)
    assert copy.copy(fades).sample(9.0) == (1.0,)
    assert fades.moving == (0,)
    assert fades.values == (0.0,)


@given(
    steps=st.lists(
        st.tuples(st.floats(0.0, 0.5), st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3)),
        min_size=1,
        max_size=8,
    ),
    transition=st.sampled_from([*REGIMES.values(), Tween(0.3), Tween(0.2, "linear"), INSTANT]),
)
def test_whatever_it_was_aimed_at_a_fade_comes_to_rest_on_its_last_target(
    steps: list[tuple[float, list[float]]], transition: Transition
) -> None:
    fades, now = Fades([0.0] * 3, transition), 0.0
    for wait, targets in steps:
        now += wait
        fades.aim(targets, now)
    assert fades.sample(now + 60.0) == tuple(steps[-1][1])
    assert not fades.moving


# Tweens


@pytest.mark.parametrize(
    ("name", "eased"),
    [
        # at progress 0.1, 0.25, 0.5, 0.75, 0.9
        ("linear", (0.1, 0.25, 0.5, 0.75, 0.9)),
        ("ease", (0.094796306, 0.408510591, 0.802403388, 0.960458978, 0.994316477)),
        ("ease_in", (0.017026610, 0.093464651, 0.315356813, 0.621861869, 0.839427846)),
        ("ease_out", (0.160572154, 0.378138131, 0.684643187, 0.906535349, 0.982973390)),
        ("ease_in_out", (0.019722454, 0.129161931, 0.5, 0.870838069, 0.980277546)),
    ],
)
def test_an_easing_is_that_of_css(name: str, eased: tuple[float, ...]) -> None:
    assert [EASINGS[name](at) for at in (0.1, 0.25, 0.5, 0.75, 0.9)] == pytest.approx(eased, abs=1e-9)


@given(
    points=st.tuples(st.floats(0.0, 1.0), st.floats(-1.0, 2.0), st.floats(0.0, 1.0), st.floats(-1.0, 2.0)),
    progress=st.floats(0.01, 0.99),
)
def test_a_cubic_bezier_agrees_with_root_finding(points: tuple[float, float, float, float], progress: float) -> None:
    x1, _, x2, _ = points
    if x1 > 0.99 and x2 < 0.01:  # upright in the middle: both roots are right, and far apart
        return
    eased = cubic_bezier(*points)(progress)
    assert eased == pytest.approx(bezier_by_root_finding(points, progress), abs=1e-6)


@pytest.mark.parametrize("easing", EASINGS.values(), ids=EASINGS)
def test_an_easing_starts_at_0_and_ends_at_1(easing: Easing) -> None:
    assert (easing(0.0), easing(1.0)) == (0.0, 1.0)


def test_a_cubic_bezier_may_overshoot() -> None:
    assert cubic_bezier(0.3, 1.8, 0.6, 1.0)(0.5) > 1.0


def test_a_tween_goes_along_its_easing_for_its_duration() -> None:
    fades = Fades([0.0], Tween(0.4, "ease"))
    fades.aim([1.0], now=2.0)
    assert fades.sample(2.2)[0] == pytest.approx(0.802403388, abs=1e-8)
    assert fades.moving == (0,)
    assert fades.sample(2.41) == (1.0,)
    assert not fades.moving


def test_a_tween_starts_again_from_where_it_is() -> None:
    fades = Fades([0.0], Tween(1.0, "linear"))
    fades.aim([1.0], now=0.0)
    fades.aim([0.0], now=0.5)
    assert fades.sample(0.5)[0] == pytest.approx(0.5)
    assert fades.sample(1.0)[0] == pytest.approx(0.25)


def test_a_tween_takes_a_bezier_or_a_function() -> None:
    assert Tween(easing=(0.25, 0.1, 0.25, 1.0)).curve(0.5) == pytest.approx(0.802403388)
    assert Tween(easing=lambda progress: progress**2).curve(0.5) == 0.25


def test_instant_is_there_at_once() -> None:
    fades = Fades([0.0], INSTANT)
    fades.aim([1.0], now=0.0)
    assert fades.sample(0.0) == (1.0,)
    assert not fades.moving


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"duration": -0.1}, "Tween: duration must be a finite number of at least 0, got -0.1"),
        ({"duration": math.nan}, "Tween: duration must be a finite number of at least 0, got nan"),
        ({"duration": "1"}, "Tween: duration must be a finite number of at least 0, got '1'"),
        (
            {"easing": "wobbly"},
            "Tween: easing must be one of linear, ease, ease_in, ease_out, ease_in_out, got 'wobbly'",
        ),
        ({"easing": (0.1, 0.2)}, "Tween: easing must be the four numbers of a cubic-bezier, got (0.1, 0.2)"),
        ({"easing": 3}, "Tween: easing must be a name, four numbers or a function, got 3"),
        (
            {"easing": (1.5, 0.0, 1.0, 1.0)},
            "Tween: a cubic-bezier's x values must be from 0 to 1, got 1.5 and 1.0",
        ),
    ],
)
def test_a_tween_refuses_a_wrong_value_by_name_rule_and_value(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^Tween: ") as refused:
        Tween(**wrong)
    assert str(refused.value) == message
