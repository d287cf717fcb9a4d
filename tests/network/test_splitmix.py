"""Random numbers: the published ones, their distributions, and streams apart from each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from app.network.arrays import Array
from app.network.splitmix import MAX_SEED, SplitMix

seeds = st.integers(0, MAX_SEED)
MASK = 2**64 - 1


def published(state: int, count: int) -> list[int]:
    """Vigna's splitmix64.c, one number after another."""
    numbers = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        numbers.append(z ^ (z >> 31))
    return numbers


def test_its_numbers_are_the_published_ones() -> None:
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert SplitMix(1234567).bits(5).tolist() == known


@given(seeds, st.integers(0, 40), st.integers(0, 40))
def test_all_at_once_or_in_two_draws_they_are_the_same(seed: int, first: int, second: int) -> None:
    random = SplitMix(seed)
    assert random.bits(first).tolist() + random.bits(second).tolist() == published(seed, first + second)


def fits(distribution: str, samples: list[Array]) -> bool:
    """True if samples have a distribution: then the p-values of a test on each sample are uniform."""
    probabilities = [scipy.stats.kstest(sample, distribution).pvalue for sample in samples]
    return bool(scipy.stats.kstest(probabilities, "uniform").pvalue > 0.01)


def test_uniform_numbers_are_spread_evenly() -> None:
    assert fits("uniform", [SplitMix(seed).uniform(1000) for seed in range(200)])
    assert fits("uniform", [SplitMix(0, "path", index).uniform(1000) for index in range(200)])


def test_uniform_numbers_keep_to_their_interval() -> None:
    drawn = SplitMix(1).uniform(100, 100, low=-2.0, high=3.0)
    assert drawn.shape == (100, 100)
    assert -2.0 <= drawn.min() < -1.99 < 2.99 < drawn.max() < 3.0


def test_normal_numbers_are_normal() -> None:
    assert fits("norm", [SplitMix(seed).normal(999) for seed in range(200)])
    assert fits("norm", [SplitMix(0, "path", index).normal(999) for index in range(200)])


def test_normal_numbers_of_a_pair_are_independent() -> None:
    drawn = SplitMix(2).normal(100, 100)
    assert drawn.shape == (100, 100)
    first, second = drawn.ravel()[:5000], drawn.ravel()[5000:]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
    assert abs(np.corrcoef(first**2, second**2)[0, 1]) < 0.05


@given(seeds, st.integers(0, 300))
def test_a_permutation_has_each_number_once(seed: int, count: int) -> None:
    assert sorted(SplitMix(seed).permutation(count).tolist()) == list(range(count))


def test_each_order_of_three_is_as_likely_as_any_other() -> None:
    orders = [tuple(SplitMix(0, index).permutation(3).tolist()) for index in range(6000)]
    counts = [orders.count(order) for order in sorted(set(orders))]
    assert len(counts) == 6
    assert scipy.stats.chisquare(counts).pvalue > 0.01


def test_streams_differ_by_seed_and_by_path() -> None:
    paths: list[tuple[Any, ...]] = [
        (0,),
        (1,),
        (0, "a"),
        (0, "b"),
        (0, "a", 1),
        (0, "a", 2),
        (0, "a1"),
        (0, "a", "1", ""),
    ]
    streams = [SplitMix(*path).normal(2000) for path in paths]
    correlations = np.corrcoef(streams) - np.eye(len(streams))
    assert np.abs(correlations).max() < 0.1


def test_a_draw_of_no_numbers_is_empty_and_all_are_finite() -> None:
    assert SplitMix(0).normal(0, 3).shape == (0, 3)
    assert math.isfinite(float(np.abs(SplitMix(0).normal(10**5)).max()))


@pytest.mark.parametrize("seed", [-1, 2**53, 0.5, "0", None, True])
def test_a_wrong_seed_is_refused(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"^seed: must be a whole number from 0 to 9007199254740991, got "):
        SplitMix(seed)
