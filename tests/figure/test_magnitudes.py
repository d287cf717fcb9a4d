"""Magnitudes: the synthesised series, the rule for given ones, and their texts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.magnitudes import (
    check_magnitudes,
    describe_magnitude,
    synthesise,
    write_magnitude,
)

positive = st.floats(min_value=0.0, exclude_min=True, allow_infinity=False)


def test_the_synthesised_series_vanishes_from_the_output_to_the_input() -> None:
    assert synthesise(4) == pytest.approx((0.166375, 0.3025, 0.55, 1.0))


def test_a_single_layer_has_magnitude_1() -> None:
    assert synthesise(1) == (1.0,)


@given(st.integers(1, 256))
def test_the_synthesised_series_has_one_positive_magnitude_a_layer(depth: int) -> None:
    series = synthesise(depth)
    assert len(series) == depth
    assert min(series) > 0
    assert list(series) == sorted(series)


@pytest.mark.parametrize(
    ("magnitude", "text"),
    [
        (1.0, "1.00"),
        (0.55, "0.55"),
        (0.18, "0.18"),
        (0.166375, "0.17"),
        (12.345, "12.35"),
        (0.01, "0.01"),
        (0.0099999, "1.0e-2"),
        (0.0096, "9.6e-3"),
        (0.0008, "8.0e-4"),
        (0.00996, "1.0e-2"),
        (9999.99, "9999.99"),
        (10_000.0, "1.0e4"),
        (123_456.0, "1.2e5"),
        (1.7976931348623157e308, "1.8e308"),
        (5e-324, "4.9e-324"),
        (0.0, "0"),
        (-0.0, "0"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
    ],
)
def test_a_magnitude_is_written_with_significant_digits(magnitude: float, text: str) -> None:
    assert write_magnitude(magnitude) == describe_magnitude(magnitude) == text


def test_a_missing_magnitude_is_shown_as_a_dash_and_announced_as_none() -> None:
    assert write_magnitude(None) == "–"
    assert describe_magnitude(None) == "none"


@given(positive)
def test_a_magnitude_above_0_is_never_written_as_0(magnitude: float) -> None:
    assert any(digit in "123456789" for digit in write_magnitude(magnitude).split("e")[0])


@given(st.one_of(positive, st.floats(1e-4, 1e5)))
def test_the_text_is_the_magnitude_within_its_rounding(magnitude: float) -> None:
    text = write_magnitude(magnitude)
    exponent = int(text.split("e")[1]) if "e" in text else None
    half_a_digit = Decimal("0.005") if exponent is None else Decimal(5).scaleb(exponent - 2)
    assert abs(Decimal(text) - Decimal(magnitude)) <= half_a_digit


@given(st.one_of(positive, st.just(0.0), st.just(math.inf), st.just(math.nan)))
def test_a_written_magnitude_has_at_most_eight_characters(magnitude: float) -> None:
    assert len(write_magnitude(magnitude)) <= 8


@pytest.mark.parametrize(
    "values",
    [
        [0, 0.5, 1],
        (0.0, 0.5, 1.0),
        np.array([0.0, 0.5, 1.0]),
        iter([0, 0.5, 1]),
        np.array([0, 0.5, 1], np.float32),
    ],
    ids=["list", "tuple", "array", "iterator", "float32"],
)
def test_any_iterable_of_numbers_becomes_floats(values: Iterable[object]) -> None:
    checked = check_magnitudes(values, "gradients")
    assert checked == (0.0, 0.5, 1.0)
    assert [type(magnitude) for magnitude in checked] == [float] * 3


def test_nan_and_infinity_are_magnitudes() -> None:
    assert str(check_magnitudes([math.nan, math.inf], "gradients")) == "(nan, inf)"


def test_a_layer_may_have_none() -> None:
    assert check_magnitudes([None, 1], "gradients") == (None, 1.0)
    assert check_magnitudes(np.array([None, 0.5]), "gradients") == (None, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        -0.1,
        -math.inf,
        "0.5",
        b"1",
        True,
        [1.0],
        1j,
        pytest.param(10**400, id="beyond any float"),
        np.array([0.5, 1.0]),
    ],
)
def test_a_wrong_magnitude_is_refused_by_field_layer_rule_and_value(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"^Gradients: ") as refused:
        check_magnitudes([1.0, wrong], "Gradients")
    assert str(refused.value) == (
        f"Gradients: the magnitude of layer 2 must be a number of at least 0, NaN, Infinity or None, got {wrong!r}"
    )


@pytest.mark.parametrize("wrong", ["1, 2", b"12", 3, 0.5, np.array(0.5)])
def test_anything_but_a_sequence_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"^gradients: ") as refused:
        check_magnitudes(wrong, "gradients")
    assert str(refused.value) == f"gradients: must be a sequence of numbers, one a layer, got {wrong!r}"
