"""app/charts/row_bars.py: the bars of one step in the rows of a map."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.row_bars import bar_length, bar_marks, bar_ticks, bound_lines, row_bars, row_middle, value_texts
from app.charts.scales import make_scale

AXIS = make_scale((1e-4, 1.0))
MAGNITUDES = st.one_of(st.sampled_from((None, math.nan, math.inf)), st.floats(min_value=0, allow_infinity=False))


def numbers(markup: str, name: str) -> list[float]:
    return [float(text) for text in re.findall(rf'{name}="([-0-9.]+)%"', markup)]


@pytest.mark.parametrize(
    ("magnitude", "length"), [(1.0, 100.0), (1e-2, 60.0), (0.0, 1.5), (math.nan, 100.0), (None, 100.0)]
)
def test_a_bar_is_as_long_as_its_magnitude_on_the_axis(magnitude: float | None, length: float) -> None:
    assert bar_length(magnitude, AXIS) == pytest.approx(length)


@given(st.lists(MAGNITUDES, min_size=1, max_size=256))
def test_bars_stand_in_their_rows_from_the_bottom_and_never_leave_the_plot(magnitudes: list[float | None]) -> None:
    markup = row_bars(magnitudes, AXIS, "x")
    tops, heights, widths = (numbers(markup, name) for name in ("y", "height", "width"))
    assert len(tops) == len(heights) == len(widths) == len(magnitudes)
    rows = len(magnitudes)
    for row, (top, height, width) in enumerate(zip(tops, heights, widths, strict=True)):
        assert top + height / 2 == pytest.approx(row_middle(row, rows), abs=0.02)
        assert height <= 100 / rows + 0.01
        assert 0 <= width <= 100


def test_kinds_without_a_value_have_patterns_of_their_own() -> None:
    kinds = re.findall(r'data-kind="(\w+)"', row_bars((None, math.nan, math.inf, 0.0, 0.5), AXIS, "x"))
    assert kinds == ["none", "nan", "infinite", "zero", "value"]


def test_only_values_of_another_run_have_a_mark() -> None:
    assert bar_marks((None, math.nan, math.inf, 0.0, 1.0), AXIS).count("<line") == 1


def test_bounds_are_lines_from_the_lower_to_the_upper_one() -> None:
    markup = bound_lines(((1e-2, 1.0), None, (0.0, math.inf)), AXIS, 3)
    assert numbers(markup, "x1") == [60.0, 0.0]
    assert numbers(markup, "x2") == [100.0, 100.0]


def test_the_lit_row_s_number_is_the_last_and_there_is_one_of_each() -> None:
    texts = re.findall(r">([^<]+)<", value_texts((0.5, 0.25, 1e-9), (2, 0), 0))
    assert texts == ["1.0e-9", "0.50"]


def test_the_ends_of_the_axis_are_written() -> None:
    lines, ends = bar_ticks(AXIS)
    assert lines.count("<line") == len(AXIS.ticks)
    assert ends.count("<text") == 2
