"""Norms of histograms: the bounds hold for any data, the estimate is near for data as it is."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.histograms import HistogramError, NormInterval, is_logged_histogram, norm_interval, read_norm

Array = npt.NDArray[np.float64]
EDGES = st.one_of(
    st.floats(-1e150, 1e150), st.floats(-1.0, 1.0), st.sampled_from([0.0, 1e-300, -5e-324, 1.0, 1.0 + 2**-52, -1.0])
)


@st.composite
def histograms(draw: st.DrawFn) -> tuple[Array, Array, Array]:
    """Some elements, the edges of bins, and how many of the elements lie in each."""
    edges = sorted(edge + 0.0 for edge in draw(st.lists(EDGES, min_size=2, max_size=9)))  # no −0
    bins = [
        draw(st.lists(st.floats(low, high), min_size=at == 0, max_size=4))
        for at, (low, high) in enumerate(pairwise(edges))
    ]
    counts = np.array([len(elements) for elements in bins], np.float64)
    return np.array([element for elements in bins for element in elements]), np.array(edges), counts


def interval(elements: Array, bins: int = 64) -> NormInterval:
    counts, edges = np.histogram(elements, bins)
    return norm_interval(counts.astype(np.float64), edges)


def norm(elements: Array) -> float:
    largest = float(np.abs(elements).max())
    return largest * math.sqrt(float(np.square(elements / largest).sum())) if largest else 0.0


@given(histograms())
def test_the_norm_of_any_elements_lies_between_the_bounds(drawn: tuple[Array, Array, Array]) -> None:
    elements, edges, counts = drawn
    low, estimate, high, count = norm_interval(counts, edges)
    assert low * (1 - 1e-12) <= norm(elements) <= high * (1 + 1e-12)
    assert low <= estimate <= high
    assert count == len(elements)


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=50))
def test_the_bounds_hold_where_edges_were_rounded_to_float32(elements: list[float]) -> None:
    data = np.array(elements)
    edges = np.linspace(data.min(), data.max(), 65).astype(np.float32)
    span = edges[-1] - edges[0]
    at = np.zeros(len(data), int) if span == 0 else np.clip(((data - edges[0]) / span * 64).astype(int), 0, 63)
    low, _, high, _ = norm_interval(np.bincount(at, minlength=64).astype(np.float64), edges.astype(np.float64))
    assert low * (1 - 1e-12) <= norm(data) <= high * (1 + 1e-12)


@pytest.mark.parametrize("count", [100, 10_000, 1_000_000])
@pytest.mark.parametrize("draw", ["normal", "laplace", "random"])
def test_the_estimate_is_within_one_per_cent_for_usual_data(draw: str, count: int) -> None:
    chance = np.random.default_rng(0)
    for _ in range(5):
        data = getattr(chance, draw)(size=count)
        assert interval(data).estimate == pytest.approx(norm(data), rel=0.01)


def test_the_estimate_is_at_most_two_thirds_too_large_for_heavy_tails() -> None:
    chance = np.random.default_rng(0)
    ratios = []
    for _ in range(10):
        data = chance.standard_t(3, size=1_000_000)
        ratios.append(interval(data).estimate / norm(data))
    assert 0.99 < min(ratios) <= max(ratios) < 1.66
    assert max(ratios) > 1.05  # it is no exact norm, and must not be called one


def test_elements_that_are_all_zero_have_the_norm_zero() -> None:
    assert norm_interval(np.array([5.0]), np.array([0.0, 0.0])) == (0, 0, 0, 5)


def test_bins_that_hold_one_value_each_bound_the_norm_to_it() -> None:
    low, estimate, high, _ = norm_interval(np.array([4.0]), np.array([3.0, 3.0]))
    assert low == pytest.approx(6, rel=1e-6)
    assert estimate == pytest.approx(6, rel=1e-6)
    assert high == pytest.approx(6, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_squares_neither_overflow_nor_vanish(scale: float) -> None:
    data = np.random.default_rng(0).normal(size=1000) * scale
    assert interval(data).estimate == pytest.approx(norm(data), rel=0.01)


def test_packed_bins_are_edges_of_equal_width() -> None:
    packed = {"_type": "histogram", "values": [*range(8)], "packedBins": {"min": -8, "size": 2.0, "count": 8}}
    plain = {"_type": "histogram", "values": [*range(8)], "bins": [*range(-8, 9, 2)]}
    assert read_norm(packed) == read_norm(plain)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"bins": [0, 1]}, "without its counts"),
        ({"values": [1]}, "without its edges"),
        ({"values": [1], "bins": [0, 1, 2]}, "with 1 counts and 3 edges, which don't fit"),
        ({"values": [], "bins": [0]}, "with 0 counts and 1 edges, which don't fit"),
        ({"values": [1] * 5000, "bins": [*range(5001)]}, "with 5,000 counts and 5,001 edges, which don't fit"),
        ({"values": [1, 1], "bins": [0, 2, 1]}, "whose edges don't rise from number to number"),
        ({"values": [1], "bins": [0, math.inf]}, "whose edges don't rise from number to number"),
        ({"values": [-1], "bins": [0, 1]}, "with a count that is no number of at least 0"),
        ({"values": [math.nan], "bins": [0, 1]}, "with a count that is no number of at least 0"),
        ({"values": [0], "bins": [0, 1]}, "of no elements"),
        ({"values": [1e30], "bins": [0, 1]}, "of more elements than there can be"),
        ({"values": ["x"], "bins": [0, 1]}, "whose counts are no numbers"),
        ({"values": [[1]], "bins": [0, 1]}, "whose counts are no numbers"),
        ({"values": [1, [2]], "bins": [0, 1]}, "whose counts are no numbers"),
        (
            {"values": [1, 2, 3], "bins": [-0.1, 0, 0.1, 0.2]},
            "of 3 bins, too few to bound a norm, and without its sum of squares",
        ),
        ({"values": [1], "packedBins": {"min": 0}}, "with packed bins that are damaged"),
        ({"values": [1], "packedBins": {"min": 0, "size": 1, "count": 10**9}}, "of 1,000,000,000 bins"),
    ],
)
def test_a_histogram_that_bounds_no_norm_is_refused(value: dict[str, Any], said: str) -> None:
    with pytest.raises(HistogramError) as refused:
        read_norm(value)
    assert str(refused.value) == said


def test_objects_that_say_so_or_have_counts_and_edges_are_histograms() -> None:
    assert is_logged_histogram({"_type": "histogram"})
    assert is_logged_histogram({"_type": "trackio.histogram"})
    assert not is_logged_histogram({"_type": "image-file"})
    assert is_logged_histogram({"values": [1], "bins": [0, 1]})
    assert not is_logged_histogram({"values": [1]})
    assert not is_logged_histogram([1])
