"""Operations: each backward against central differences of its forward."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network import operations
from app.network.arrays import Array
from app.network.splitmix import SplitMix

sizes = st.integers(1, 5)
seeds = st.integers(0, 10_000)


def differences(function: Callable[[Array], float], values: Array, step: float = 1e-6) -> Array:
    """The gradient of a function by central differences, shaped as `values`."""
    gradient = np.empty_like(values)
    for place in np.ndindex(values.shape):
        high, low = values.copy(), values.copy()
        high[place] += step
        low[place] -= step
        gradient[place] = (function(high) - function(low)) / (2 * step)
    return gradient


def agree(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@given(seeds, sizes, sizes, sizes)
def test_the_affine_map_s_gradients(seed: int, batch: int, inputs: int, outputs: int) -> None:
    random = SplitMix(seed)
    a, weights, biases = random.normal(batch, inputs), random.normal(outputs, inputs), random.normal(outputs)
    along = random.normal(batch, outputs)
    found = operations.affine_backward(along, a, weights)
    agree(found[0], differences(lambda value: float(np.sum(operations.affine(value, weights, biases) * along)), a))
    agree(found[1], differences(lambda value: float(np.sum(operations.affine(a, value, biases) * along)), weights))
    agree(found[2], differences(lambda value: float(np.sum(operations.affine(a, weights, value) * along)), biases))


@given(seeds, sizes, st.integers(3, 6))
def test_the_normalisation_s_gradients(seed: int, batch: int, units: int) -> None:
    random = SplitMix(seed)
    sums, gains, shifts = random.normal(batch, units), random.normal(units), random.normal(units)
    along = random.normal(batch, units)

    def loss(*values: Array) -> float:
        return float(np.sum(operations.normalise(*values)[0] * along))

    found = operations.normalise_backward(along, operations.normalise(sums, gains, shifts)[1], gains)
    if sums.std(axis=1).min() > 0.1:  # else the differences say little
        agree(found[0], differences(lambda value: loss(value, gains, shifts), sums))
    agree(found[1], differences(lambda value: loss(sums, value, shifts), gains))
    agree(found[2], differences(lambda value: loss(sums, gains, value), shifts))


def test_a_normalised_row_has_mean_0_and_variance_1() -> None:
    values = operations.normalise(5.0 + 3.0 * SplitMix(0).normal(4, 50), np.ones(50), np.zeros(50))[0]
    np.testing.assert_allclose(values.mean(axis=1), 0.0, atol=1e-14)
    np.testing.assert_allclose(values.var(axis=1), 1.0, rtol=1e-5)


def test_a_layer_of_one_normalised_is_its_shift() -> None:
    values, kept = operations.normalise(np.array([[3.0], [-1.0]]), np.ones(1), np.full(1, 0.5))
    assert values.tolist() == [[0.5], [0.5]]
    assert operations.normalise_backward(np.ones((2, 1)), kept, np.ones(1))[0].tolist() == [[0.0], [0.0]]


@given(seeds, sizes, sizes)
def test_the_mean_squared_error_s_gradient(seed: int, batch: int, outputs: int) -> None:
    random = SplitMix(seed)
    made, targets = random.normal(batch, outputs), random.normal(batch, outputs)
    found = operations.mean_squared_error_backward(made, targets)
    agree(found, differences(lambda value: operations.mean_squared_error(value, targets), made))


@given(seeds, sizes, st.integers(2, 5))
def test_the_cross_entropy_s_gradient(seed: int, batch: int, outputs: int) -> None:
    random = SplitMix(seed)
    made, labels = random.normal(batch, outputs), random.bits(batch).astype(np.int64) % outputs
    found = operations.cross_entropy_backward(made, labels)
    agree(found, differences(lambda value: operations.cross_entropy(value, labels), made))


def test_the_cross_entropy_of_even_odds_is_the_logarithm_of_the_classes() -> None:
    assert operations.cross_entropy(np.full((3, 4), 7.0), np.array([0, 1, 3])) == pytest.approx(np.log(4))


def test_huge_outputs_overflow_no_softmax() -> None:
    made = np.array([[1e300, -1e300], [0.0, 1e5]])
    assert operations.cross_entropy(made, np.array([0, 1])) == 0.0
    assert operations.cross_entropy_backward(made, np.array([0, 1])).tolist() == [[0.0, 0.0], [0.0, 0.0]]
