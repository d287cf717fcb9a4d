"""The diagnosis: by slope, in both directions, at any depth, and the series without a slope."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.figure.diagnosis import Verdict, diagnose
from app.figure.magnitudes import synthesise
from app.figure.wave import layer_name

depths = st.integers(2, 256)


def names(depth: int) -> list[str]:
    return [layer_name(index, depth) for index in range(depth)]


def judged(magnitudes: Sequence[float]) -> Verdict:
    return diagnose(names(len(magnitudes)), magnitudes)


def geometric(factor: float, depth: int, end: float = 1.0) -> list[float]:
    """A geometric series with a factor per layer from the output on, in the order input … output."""
    return [end * factor**step for step in range(depth)][::-1]


def test_it_is_one_sentence_with_its_numbers() -> None:
    near, far = geometric(0.25, 4), geometric(0.25, 3, end=0.25**4 * 0.8)
    verdict = judged(far + near)
    expected = "Vanishing: ×0.24 a layer, 3.7 decades over 6 layers; largest drop between hidden 3 and hidden 2"
    assert str(verdict) == verdict.text == expected
    assert verdict.between == ("hidden 3", "hidden 2")
    assert verdict.decades < 0


@pytest.mark.parametrize(
    ("magnitudes", "text"),
    [
        (synthesise(4), "Vanishing: ×0.55 a layer, 0.8 decades over 3 layers"),
        ([0.2, 1.0], "Vanishing: ×0.20 a layer, 0.7 decades over 1 layer"),
        (
            [90.0, 3.0, 1.0],
            "Exploding: ×9.49 a layer, 2.0 decades over 2 layers; largest rise between hidden 1 and input",
        ),
        (geometric(0.9, 4), "Healthy: ×0.90 a layer, 0.1 decades over 3 layers"),
        ([1.0, 1.0, 1.0], "Healthy: ×1.00 a layer, 0.0 decades over 2 layers"),
        ([7.0], "Healthy: a single layer, which loses nothing"),
        ([1.0, math.nan, 0.5, 0.1], "Not finite: NaN at hidden 1"),
        ([math.nan, math.inf, math.inf, 0.1], "Not finite: ∞ at hidden 2"),
        ([0.0, 0.0, 0.18, 1.0], "Dead: 0 at hidden 1, where hidden 2 still has 0.18"),
        ([0.0, 0.0], "Dead: 0 at output"),
        ([0.0], "Dead: 0 at output"),
        ([math.nan, 0.0, 1.0], "Not finite: NaN at input"),
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


@given(depths, st.floats(1.0, 3.0))
def test_series_that_explodes_in_one_direction_vanishes_in_the_other(depth: int, factor: float) -> None:
    up, down = judged(geometric(factor, depth)), judged(geometric(1 / factor, depth))
    assert {(up.kind, down.kind)} <= {("exploding", "vanishing"), ("healthy", "healthy")}
    assert up.factor * down.factor == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("factor", "depth", "kind"),
    [
        (1.49, 2, "healthy"),
        (1.5, 2, "exploding"),
        (1 / 1.49, 4, "healthy"),
        (1 / 1.5, 4, "vanishing"),
        (0.97, 8, "healthy"),
        (0.97, 256, "vanishing"),
        (1.03, 60, "healthy"),
        (1.03, 256, "exploding"),
        (10 ** (-1 / 20), 21, "vanishing"),
        (10 ** (-1 / 20), 20, "healthy"),
    ],
)
def test_a_steep_slope_or_a_long_one_is_not_healthy(factor: float, depth: int, kind: str) -> None:
    assert judged(geometric(factor, depth)).kind == kind


@given(depths, st.floats(1e-200, 1e200))
def test_a_single_magnitude_does_not_decide(depth: int, magnitude: float) -> None:
    assert judged([magnitude] * depth).kind == "healthy"


@given(st.lists(st.floats(0.5, 2.0), min_size=20, max_size=60), st.floats(0.2, 0.4))
def test_noise_does_not_hide_a_slope(noise: list[float], factor: float) -> None:
    magnitudes = geometric(factor, len(noise))
    verdict = judged([magnitude * by for magnitude, by in zip(magnitudes, noise, strict=True)])
    assert verdict.kind == "vanishing"
    assert verdict.factor == pytest.approx(factor, rel=0.25)


def test_three_hundred_layers_can_be_diagnosed() -> None:
    labels = [f"layer {index}" for index in range(300)]
    verdict = diagnose(labels, geometric(0.24, 300))
    assert verdict.text == "Vanishing: ×0.24 a layer, 185.3 decades over 299 layers"


def test_a_factor_beyond_float64_is_infinite() -> None:
    verdict = diagnose(["a", "b"], [1e300, 1e-320])
    assert (verdict.kind, verdict.factor) == ("exploding", math.inf)
    assert verdict.text == "Exploding: ×∞ a layer, 620.0 decades over 1 layer"


def test_an_underflow_to_0_is_vanishing_and_not_dead() -> None:
    labels = [f"layer {index}" for index in range(300)]
    verdict = diagnose(labels, geometric(0.05, 300))
    assert verdict.kind == "vanishing"
    assert verdict.text.startswith("Vanishing: ×0.05 a layer, 389.0 decades over 299 layers; ")
    assert verdict.text.endswith("; too small for float64 from layer 50 on")


def test_a_layer_without_a_magnitude_is_left_out() -> None:
    assert diagnose(names(4), [None, *geometric(0.5, 3)]) == diagnose(names(4)[1:], geometric(0.5, 3))


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
        (["output"], "1", "magnitudes: must be a sequence of numbers"),
        (["input", "output"], [None, None], "magnitudes: at least one must be a number, got None for each"),
    ],
)
def test_wrong_magnitudes_are_refused(labels: list[str], magnitudes: Sequence[float], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        diagnose(labels, magnitudes)
