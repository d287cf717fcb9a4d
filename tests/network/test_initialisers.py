"""Initialisations: shape, mean, variance, and what orthogonal means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.initialisers import INITIALISER_NAMES, initial_biases, initialisation, orthogonal
from app.network.splitmix import SplitMix

OUTPUTS, INPUTS = 150, 250
DEVIATIONS = {
    "normal": 0.7,
    "xavier_uniform": math.sqrt(2 / 400),
    "xavier_normal": math.sqrt(2 / 400),
    "he_uniform": math.sqrt(2 / 250),
    "he_normal": math.sqrt(2 / 250),
    "lecun_normal": math.sqrt(1 / 250),
    "orthogonal": math.sqrt(1 / 250),  # rows of length 1
    "pytorch_default": math.sqrt(1 / 250 / 3),
}
widths = st.integers(1, 20)


@pytest.mark.parametrize("name", INITIALISER_NAMES)
def test_its_weights_have_their_mean_and_deviation(name: str) -> None:
    weights = initialisation(name, 0.7)(SplitMix(3), OUTPUTS, INPUTS)
    assert weights.shape == (OUTPUTS, INPUTS)
    deviation = DEVIATIONS[name]
    assert abs(weights.mean()) < 4 * deviation / math.sqrt(weights.size)
    assert weights.std() == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize("name", ["xavier_uniform", "he_uniform", "pytorch_default"])
def test_uniform_weights_stay_within_the_root_of_three_deviations(name: str) -> None:
    weights = initialisation(name, 0.0)(SplitMix(3), OUTPUTS, INPUTS)
    limit = math.sqrt(3) * DEVIATIONS[name]
    assert 0.99 * limit < np.abs(weights).max() <= limit


@given(st.sampled_from(INITIALISER_NAMES), st.integers(0, 1000), widths, widths)
def test_the_same_stream_gives_the_same_weights(name: str, seed: int, outputs: int, inputs: int) -> None:
    begin = initialisation(name, 1.0)
    first, second = (begin(SplitMix(seed), outputs, inputs) for _ in range(2))
    assert first.shape == (outputs, inputs)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, begin(SplitMix(seed + 1), outputs, inputs)) or first.size == 1


@given(st.integers(0, 1000), widths, widths)
def test_an_orthogonal_matrix_keeps_lengths(seed: int, outputs: int, inputs: int) -> None:
    weights = orthogonal(SplitMix(seed), outputs, inputs)
    product = weights @ weights.T if outputs <= inputs else weights.T @ weights
    np.testing.assert_allclose(product, np.eye(min(outputs, inputs)), atol=1e-13)


def test_only_pytorch_s_default_draws_the_biases() -> None:
    for name in INITIALISER_NAMES:
        biases = initial_biases(name, SplitMix(3), OUTPUTS, INPUTS)
        assert biases.shape == (OUTPUTS,)
        assert 0.9 < np.abs(biases).max() * math.sqrt(INPUTS) <= 1.0 if name == "pytorch_default" else not biases.any()


def test_an_orthogonal_matrix_of_one_is_either_sign() -> None:
    drawn = [float(orthogonal(SplitMix(seed), 1, 1)[0, 0]) for seed in range(40)]
    assert {round(value, 12) for value in drawn} == {-1.0, 1.0}
