from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.scales import MAX_TICKS, make_scale
from app.figure.text import write_power_of_ten

MAGNITUDES = st.lists(st.none() | st.floats(min_value=0), max_size=12)


def finite(magnitudes: list[float | None]) -> list[float]:
    return [magnitude for magnitude in magnitudes if magnitude is not None and math.isfinite(magnitude)]


@given(MAGNITUDES, st.booleans())
def test_every_finite_magnitude_has_a_place_in_order(magnitudes: list[float | None], log: bool) -> None:
    scale = make_scale(magnitudes, log)
    ordered = sorted(finite(magnitudes))
    places = [scale.place(magnitude) for magnitude in ordered]
    assert all(0 <= place <= 1 for place in places)
    assert places == sorted(places)
    if log and ordered and ordered[-1] > 0:
        above = min(magnitude for magnitude in ordered if magnitude > 0)
        assert scale.place(above) > 0


@given(MAGNITUDES, st.booleans())
def test_marks_are_few_in_order_and_on_the_axis(magnitudes: list[float | None], log: bool) -> None:
    ticks = make_scale(magnitudes, log).ticks
    assert 2 <= len(ticks) <= MAX_TICKS + 1
    assert all(0 <= at <= 1 for at, _ in ticks)
    assert all(one[0] < two[0] for one, two in pairwise(ticks))
    assert len({text for _, text in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("magnitudes", "texts"),
    [
        ([1, 0.55, 0.1], ["10⁻²", "10⁻¹", "10⁰"]),
        ([1.0], ["10⁻¹", "10⁰"]),
        ([], ["10⁻¹", "10⁰"]),
        ([0.0, math.nan, math.inf, None], ["10⁻¹", "10⁰"]),
        ([1e-300, 1], ["10⁻³⁰⁰", "10⁻²⁰⁰", "10⁻¹⁰⁰", "10⁰"]),
        ([3e-20, 1], ["10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "10⁰"]),
        ([2.0, 30.0], ["10⁰", "10¹", "10²"]),
    ],
)
def test_a_log_scale_has_marks_at_decades_but_few(magnitudes: list[float | None], texts: list[str]) -> None:
    assert [text for _, text in make_scale(magnitudes).ticks] == texts


@pytest.mark.parametrize(
    ("magnitudes", "texts"),
    [
        ([0.55, 1.0], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([2.5], ["0", "0.5", "1", "1.5", "2", "2.5"]),
        ([0.0], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([3e-8], ["0", "1e-8", "2e-8", "3e-8"]),
        ([5e-324], ["0", "4.94e-324"]),
        ([1.7e308], ["0", "1.7e+308"]),
    ],
)
def test_a_linear_scale_starts_at_0_and_has_even_steps(magnitudes: list[float | None], texts: list[str]) -> None:
    assert [text for _, text in make_scale(magnitudes, log=False).ticks] == texts


def test_a_power_of_ten_is_written_raised() -> None:
    assert [write_power_of_ten(exponent) for exponent in (-12, 0, 308)] == ["10⁻¹²", "10⁰", "10³⁰⁸"]
