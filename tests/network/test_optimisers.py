"""Optimisers: their first steps by hand, clipping, and whose they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.arrays import Array
from app.network.optimisers import OPTIMISERS, SGD, Adam, Momentum, Optimiser, optimiser

names = st.sampled_from(sorted(OPTIMISERS))


def steps(chosen: Optimiser, gradients: list[float], start: float = 1.0) -> list[float]:
    """The value of one parameter after these gradients."""
    place: list[Array] = [np.array([start])]
    places = []
    for gradient in gradients:
        place = chosen.step(place, [np.array([gradient])])
        places.append(float(place[0][0]))
    return places


def test_gradient_descent_goes_down_the_gradient() -> None:
    assert steps(SGD(0.5), [1.0, 1.0, -4.0]) == [0.5, 0.0, 2.0]


def test_momentum_accumulates_gradients() -> None:
    assert steps(Momentum(0.5, momentum=0.5), [1.0, 1.0, 0.0]) == [0.5, -0.25, -0.625]


def test_adam_s_first_step_is_its_learning_rate_whatever_the_gradient() -> None:
    for gradient in (1e-3, 7.0, -2e5):
        (place,) = steps(Adam(0.01), [gradient], start=0.0)
        assert place == pytest.approx(-math.copysign(0.01, gradient), rel=1e-4)


@given(names, st.floats(-1e3, 1e3))
def test_the_given_arrays_are_not_changed(name: str, gradient: float) -> None:
    parameters, gradients = [np.ones((2, 2)), np.ones(3)], [np.full((2, 2), gradient), np.full(3, gradient)]
    optimiser(name, 0.1, clip=1.0).step(parameters, gradients)
    assert all((array == 1.0).all() for array in parameters)
    assert all((array == gradient).all() for array in gradients)


@given(st.floats(0.01, 100.0), st.floats(0.01, 100.0))
def test_clipping_shortens_long_gradients_and_keeps_their_direction(clip: float, size: float) -> None:
    gradients = [np.array([3.0 * size, 0.0]), np.array([[4.0 * size]])]
    first, second = SGD(1.0, clip=clip).step([np.zeros(2), np.zeros((1, 1))], gradients)
    norm = min(5.0 * size, clip)
    np.testing.assert_allclose(first, [-0.6 * norm, 0.0], rtol=1e-14)
    np.testing.assert_allclose(second, [[-0.8 * norm]], rtol=1e-14)


def test_clipping_works_for_gradients_whose_squares_overflow() -> None:
    (place,) = SGD(1.0, clip=1.0).step([np.zeros(2)], [np.array([3e200, 4e200])])
    np.testing.assert_allclose(place, [-0.6, -0.8])


def test_clipping_does_not_hide_a_gradient_that_is_not_a_number() -> None:
    first, second = SGD(1.0, clip=1.0).step([np.zeros(2), np.zeros(1)], [np.array([1.0, math.nan]), np.ones(1)])
    assert np.isnan(first).all()
    assert np.isnan(second).all()


@given(names, st.sampled_from([math.inf, -math.inf, math.nan, 1e308]))
def test_non_finite_gradients_are_no_error(name: str, gradient: float) -> None:
    (place,) = optimiser(name, 0.1).step([np.ones(1)], [np.array([gradient])])
    assert place.shape == (1,)
    assert math.isfinite(gradient) or not math.isfinite(place[0])


def test_another_network_needs_an_optimiser_of_its_own() -> None:
    chosen = Adam()
    chosen.step([np.ones(2)], [np.ones(2)])
    with pytest.raises(ValueError, match=r"^optimiser: must stay with the network of its first step; "):
        chosen.step([np.ones(3)], [np.ones(3)])
    with pytest.raises(ValueError, match=r"^optimiser: must stay with the network of its first step; "):
        SGD().step([np.ones(2)], [np.ones(3)])


def test_no_parameters_are_no_error() -> None:
    assert Adam(clip=1.0).step([], []) == []


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: SGD(-1), "learning_rate: must be a finite number of at least 0, got -1"),
        (lambda: SGD(math.nan), "learning_rate: must be a finite number of at least 0, got nan"),
        (lambda: SGD(0.1, clip=0), "clip: must be a finite number greater than 0, got 0"),
        (lambda: Momentum(momentum=1.0), r"momentum: must be a finite number of at least 0 and less than 1, got 1\.0"),
        (lambda: Adam(beta1=1), "beta1: must be a finite number of at least 0 and less than 1, got 1"),
        (lambda: Adam(beta2=-0.1), r"beta2: must be a finite number of at least 0 and less than 1, got -0\.1"),
        (lambda: Adam(epsilon=0.0), r"epsilon: must be a finite number greater than 0, got 0\.0"),
        (lambda: optimiser("adagrad", 0.1), "optimiser: must be one of sgd, momentum, adam, got 'adagrad'"),
    ],
)
def test_a_wrong_value_is_one_sentence(make: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        make()
