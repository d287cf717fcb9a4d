"""Activations: their values, and their derivatives against those of complex numbers and of differences."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from app.network.activations import ACTIVATIONS
from app.network.arrays import Array

names = st.sampled_from(sorted(ACTIVATIONS))
VALUES: dict[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "sigmoid": scipy.special.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "gelu": lambda z: z * scipy.special.ndtr(z),
    "silu": lambda z: z * scipy.special.expit(z),
}


def both(name: str, z: list[float] | Array) -> tuple[Array, Array]:
    with np.errstate(all="ignore"):
        return ACTIVATIONS[name].both(np.asarray(z, dtype=np.float64))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_values_are_exact_to_the_last_digits(name: str) -> None:
    z = np.linspace(-30.0, 30.0, 6001)
    np.testing.assert_allclose(both(name, z)[0], VALUES[name](z), rtol=4e-15, atol=1e-20)


@given(names, st.floats(-20.0, 20.0))
def test_the_derivative_agrees_with_finite_differences(name: str, z: float) -> None:
    if abs(z) < 1e-4:  # near the rectifiers' kink there is none
        return
    step = 1e-5
    high, low = both(name, [z + step])[0], both(name, [z - step])[0]
    np.testing.assert_allclose(both(name, [z])[1], (high - low) / (2 * step), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_no_slope_is_steeper_than_the_steepest(name: str) -> None:
    slopes = np.abs(both(name, np.linspace(-10.0, 10.0, 400_001))[1])
    assert slopes.max() <= ACTIVATIONS[name].steepest * (1 + 1e-15)
    assert slopes.max() == pytest.approx(ACTIVATIONS[name].steepest, rel=1e-9)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0.0), ("leaky_relu", 0.01)])
def test_at_the_kink_a_rectifier_has_the_slope_of_its_left(name: str, slope: float) -> None:
    assert both(name, [0.0, -0.0])[1].tolist() == [slope, slope]


@given(names)
def test_nan_stays_nan(name: str) -> None:
    assert math.isnan(both(name, [math.nan])[0][0])


@given(names, st.sampled_from([-math.inf, -1e308, -800.0, 800.0, 1e308, math.inf]))
def test_large_numbers_do_not_overflow(name: str, z: float) -> None:
    a, slope = both(name, [z])
    assert a.shape == slope.shape == (1,)


@given(names, st.lists(st.floats(-5.0, 5.0), min_size=4, max_size=4))
def test_an_array_keeps_its_shape(name: str, z: list[float]) -> None:
    a, slopes = both(name, np.reshape(z, (2, 2)))
    assert a.shape == slopes.shape == (2, 2)
    np.testing.assert_array_equal(a.ravel(), both(name, z)[0])


def test_a_unit_with_a_slope_near_0_is_called_by_the_activation_s_own_term() -> None:
    terms = {name: activation.flat for name, activation in ACTIVATIONS.items() if name != "identity"}
    assert terms == {
        **dict.fromkeys(("sigmoid", "tanh"), "saturated"),
        **dict.fromkeys(("relu", "leaky_relu"), "inactive"),
        **dict.fromkeys(("gelu", "silu"), "f′ near 0"),
    }


@pytest.mark.parametrize(("name", "crossing"), [("gelu", -0.7518), ("silu", -1.2785)])
def test_the_slope_of_gelu_and_silu_crosses_0_where_the_unit_is_not_saturated(name: str, crossing: float) -> None:
    _, slopes = ACTIVATIONS[name].both(np.array([crossing - 0.01, crossing, crossing + 0.01]))
    assert slopes[0] < 0.0 < slopes[2]
    assert abs(slopes[1]) < 1e-3
