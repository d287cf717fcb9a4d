"""The diagnosis: by slope, in both directions, at any depth, by levels, and the series without a slope."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.figure.diagnosis import MAX_WINDOW, MIN_ROWS, Verdict, diagnose, typical
from app.figure.wave import layer_name

depths = st.integers(MIN_ROWS, 256)


def names(depth: int) -> list[str]:
    return [layer_name(index, depth) for index in range(depth)]


def judged(magnitudes: Sequence[float]) -> Verdict:
    return diagnose(names(len(magnitudes)), magnitudes)


def geometric(factor: float, depth: int, end: float = 1.0) -> list[float]:
    """A geometric series with a factor per layer from the output on, in the order input … output."""
    return [end * factor**step for step in range(depth)][::-1]


def test_it_is_one_sentence_with_its_numbers() -> None:
    near, far = geometric(0.25, 4), geometric(0.25, 3, end=0.25**4 * 0.8)
    verdict = diagnose(names(7), far + near, family="L2 ∂L/∂z")
    assert str(verdict) == verdict.text == "Vanishing: the input gets 1/5,100 of the output's gradient (×0.24 a layer)"
    assert verdict.between == ("hidden 3", "hidden 2")
    assert verdict.decades == pytest.approx(-3.7, abs=0.05)
    assert verdict.r_squared > 0.99
    assert (verdict.family, verdict.window, verdict.steps) == ("L2 ∂L/∂z", 1, 6)
    assert verdict.reason == "The line through 7 layers changes by 3.7 decades (R² 1.00); 1.3 are too many."


@pytest.mark.parametrize(
    ("magnitudes", "text"),
    [
        ([0.005, 1.0], "Vanishing: the input gets 1/200 of the output's gradient"),
        (
            [0.05, 1.0],
            "Undecided: the input gets 1/20 of the output's gradient, and 2 layers are too few for a slope",
        ),
        ([0.2, 1.0], "Healthy: the input gets 0.20 times the output's gradient"),
        ([900.0, 30.0, 1.0], "Exploding: the input gets 900 times the output's gradient"),
        ([90.0, 3.0, 1.0, 0.9, 1.0], "Exploding: the input gets 90 times the output's gradient (×2.77 a layer)"),
        (geometric(0.9, 5), "Healthy: the input gets 0.66 times the output's gradient (×0.90 a layer)"),
        ([1.0] * 6, "Healthy: the input gets 1.00 times the output's gradient (×1.00 a layer)"),
        ([7.0], "Healthy: a single layer, which loses nothing"),
        ([1.0, math.nan, 0.5, 0.1], "Not finite: NaN at hidden 1"),
        ([math.nan, math.inf, math.inf, 0.1], "Not finite: ∞ at hidden 2"),
        ([0.0, 0.0, 0.18, 1.0], "Dead: 0 at hidden 1 and everything before it; hidden 2 has 0.18"),
        ([0.0, 0.18, 1.0], "Dead: 0 at the input; hidden 1 has 0.18"),
        ([0.0, 0.0], "Dead: 0 at every layer"),
        ([0.0], "Dead: 0 at the output"),
        ([math.nan, 0.0, 1.0], "Not finite: NaN at the input"),
        (
            [1.0, 0.0, 1.0],
            "Healthy: the input gets 1.00 times the output's gradient; no gradient at hidden 1, though layers nearer "
            "to the input have one",
        ),
        ([1e-12] * 6, "Undecided: alike, but very small: 1.0e-12 in the middle"),
        ([1e12] * 6, "Undecided: alike, but very large: 1.0e12 in the middle"),
        ([1.0, 1.0, 1.0, 1e-9, 1.0, 1.0], "Undecided: hidden 3 gets 10⁻⁹ times the median of all layers"),
        (
            [1.0, 1.0, 1.0, 1e-3, 1e3, 1.0, 1.0],
            "Undecided: hidden 3 gets 1/1,000 of the median of all layers, and 1 more are as far off",
        ),
        ([1e-4, *[1.0] * 9], "Vanishing at the input: the input gets 1/10,000 of the median of all layers"),
        ([1e4, 1e4, *[1.0] * 14], "Exploding at hidden 1: the input gets 10,000 times the median of all layers"),
        (
            [0.02, 1.0, 0.02, 1.0, 0.02, 1.4, 1.03, 1.5, 1.5],
            "Undecided: the layers scatter too much for a trend (R² 0.35); the input gets 1/75 of the output's "
            "gradient",
        ),
        (
            [0.03, 3.0, 0.05, 2.0, 0.05, 2.0, 2.0, 2.0],
            "Healthy: ×0.66 a layer, 1.3 decades over 7 layers",
        ),
    ],
)
def test_each_kind_has_its_sentence(magnitudes: Sequence[float], text: str) -> None:
    assert judged(magnitudes).text == text


@given(depths, st.floats(0.05, 20.0), st.floats(1e-20, 1e20))
def test_a_steady_factor_is_found_whatever_the_depth_and_the_scale(depth: int, factor: float, end: float) -> None:
    assume(abs((depth - 1) * math.log10(factor)) < 280)  # within what a float holds
    verdict = judged(geometric(factor, depth, end))
    assert verdict.factor == pytest.approx(factor, rel=1e-9)
    assert verdict.decades == pytest.approx((depth - 1) * math.log10(factor), rel=1e-9, abs=1e-9)
    assert verdict.steps == depth - 1
    assert verdict.r_squared == pytest.approx(1.0) or abs(verdict.decades) < 1e-6


@given(depths, st.floats(1.0, 3.0))
def test_series_that_explodes_in_one_direction_vanishes_in_the_other(depth: int, factor: float) -> None:
    up, down = judged(geometric(factor, depth)), judged(geometric(1 / factor, depth))
    assert {(up.kind, down.kind)} <= {("exploding", "vanishing"), ("healthy", "healthy")}
    assert up.factor * down.factor == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("factor", "depth", "kind"),
    [
        (0.011, 2, "undecided"),
        (0.01, 2, "vanishing"),
        (0.05, 3, "vanishing"),
        (1.5, 6, "healthy"),
        (0.6, 6, "healthy"),
        (0.4, 6, "vanishing"),
        (0.97, 8, "healthy"),
        (0.97, 256, "vanishing"),
        (1.03, 60, "healthy"),
        (1.03, 256, "exploding"),
        (10 ** (-1.3 / 20), 21, "vanishing"),
        (10 ** (-1.3 / 20), 20, "healthy"),
    ],
)
def test_the_change_over_the_depth_decides(factor: float, depth: int, kind: str) -> None:
    assert judged(geometric(factor, depth)).kind == kind


@given(depths, st.floats(1e-7, 1e7))
def test_a_level_that_all_layers_share_does_not_decide(depth: int, magnitude: float) -> None:
    assert judged([magnitude] * depth).kind == "healthy"


@given(st.lists(st.floats(0.5, 2.0), min_size=20, max_size=60), st.floats(0.2, 0.4))
def test_noise_does_not_hide_a_slope(noise: list[float], factor: float) -> None:
    magnitudes = geometric(factor, len(noise))
    verdict = judged([magnitude * by for magnitude, by in zip(magnitudes, noise, strict=True)])
    assert verdict.kind == "vanishing"
    assert verdict.factor == pytest.approx(factor, rel=0.25)


@given(st.lists(st.floats(0.25, 4.0), min_size=1, max_size=60))
def test_noise_is_no_slope(noise: list[float]) -> None:
    assert judged(noise).kind in {"healthy", "undecided"}  # undecided where few layers happen to be apart


def test_three_hundred_layers_can_be_diagnosed() -> None:
    labels = [f"layer {index}" for index in range(300)]
    verdict = diagnose(labels, geometric(0.24, 300))
    assert verdict.text == "Vanishing: layer 0 gets 10⁻¹⁸⁵ times layer 299's gradient (×0.24 a layer)"


def test_a_factor_beyond_float64_is_infinite() -> None:
    verdict = diagnose(["a", "b"], [1e300, 1e-320])
    assert (verdict.kind, verdict.factor) == ("exploding", math.inf)
    assert verdict.text == "Exploding: a gets 10⁶²⁰ times b's gradient"


def test_an_underflow_to_0_is_vanishing_and_not_dead() -> None:
    labels = [f"layer {index}" for index in range(300)]
    verdict = diagnose(labels, geometric(0.05, 300))
    assert verdict.kind == "vanishing"
    assert verdict.text.startswith("Vanishing: layer 51 gets 10⁻³²³ times layer 299's gradient (×0.05 a layer)")
    assert verdict.text.endswith("; too small for float64 from layer 50 on")


def test_a_layer_without_a_magnitude_is_left_out() -> None:
    assert diagnose(names(6), [None, *geometric(0.5, 5)]) == diagnose(names(6)[1:], geometric(0.5, 5))


def test_a_window_of_steps_is_judged_by_its_typical_magnitudes() -> None:
    noisy = [[size * by for by in (0.1, 10.0, 1.0)] for size in geometric(0.25, 6)]
    verdict = diagnose(names(6), noisy)
    assert (verdict.kind, verdict.window) == ("vanishing", 3)
    assert verdict.factor == pytest.approx(0.25)
    old = [[1e-9] * 50 + [1.0] * MAX_WINDOW] + [[1.0] * 70] * 5
    assert (diagnose(names(6), old).kind, diagnose(names(6), old).window) == ("healthy", MAX_WINDOW)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.01, 1.0], 0.1),
        ([0.0, 1.0, 1.0], 1.0),
        ([0.0, 0.0, 1.0], 0.0),
        ([math.nan, 1.0, 1.0], 1.0),
        ([1.0, 1.0, math.inf], math.inf),
        ([math.inf, math.inf, 1.0], math.inf),
    ],
)
def test_the_typical_magnitude_of_a_window(values: list[float], expected: float) -> None:
    assert typical(values) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "magnitudes", "sentence"),
    [
        (["input", "output"], [1.0], "magnitudes: must be one for each of the 2 names, got 1"),
        ([], [], "magnitudes: must be one for each of the 0 names, got 0"),
        (
            ["output"],
            [-1.0],
            "magnitudes: the magnitude of layer 1 must be a number of at least 0, NaN, Infinity or None, got",
        ),
        (["output"], [[1.0, -1.0]], "magnitudes: the magnitude of layer 2 must be a number of at least 0"),
        (["output"], "1", "magnitudes: must be a sequence of numbers"),
        (["input", "output"], [None, None], "magnitudes: at least one must be a number, got None for each"),
    ],
)
def test_wrong_magnitudes_are_refused(labels: list[str], magnitudes: Sequence[float], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        diagnose(labels, magnitudes)
