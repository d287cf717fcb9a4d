"""The layout: for any architecture nothing overlaps, and all is inside the view box."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.layout import (
    COLUMNS_BOTTOM,
    COLUMNS_TOP,
    COUNT_BASELINE,
    DEFAULT_LABEL_CHARS,
    HEIGHT,
    MIN_COUNT_PITCH,
    TAG_BASELINE,
    TAG_HALF_WIDTH,
    WIDTH,
    Layout,
    lay_out,
    tag_place,
)
from app.figure.wave import LABEL, MAX_LABEL_CHARS, tag_text
from tools.runtime import ROOT

STYLE_SHEET = ROOT / "app" / "viz.css"
ADVANCE = 0.61  # em: a monospace character's width, with a little to spare
ASCENT, DESCENT = 0.95, 0.25  # em
ROUNDING = 1e-9
STROKE = 1.25  # of a node's outline

neurons = st.one_of(st.integers(1, 8), st.integers(1, 1024), st.sampled_from([1, 2, 53, 54, 1024]))
architectures = st.one_of(
    st.lists(neurons, min_size=1, max_size=12),
    st.lists(neurons, min_size=1, max_size=256),
    st.tuples(st.integers(1, 256), neurons).map(lambda pair: [pair[1]] * pair[0]),
)
extremes = (
    [1],
    [1024],
    [1] * 256,
    [1024] * 256,
    [1, 1024] * 128,
    [1024] * 9,
    [1024] * 10,
    [1024] * 11,
    [1024] * 12,
)


def fonts(selector: str) -> list[float]:
    """The sizes, in units of the view box, that the style sheet gives a text."""
    rule = rf"^[^{{\n]*\.{selector}(?![-\w\[])[^{{\n]*{{[^}}]*font-size: ([0-9.]+)px"
    return [float(size) for size in re.findall(rule, STYLE_SHEET.read_text("utf-8"), re.M)]


def largest_font(selector: str) -> float:
    """The largest of them."""
    return max(fonts(selector))


def smallest_font(selector: str) -> float:
    """The smallest of them."""
    return min(fonts(selector))


def tag_span(layout: Layout, layer: int, magnitude: float, label: str = LABEL) -> tuple[float, float]:
    """The start and the end of a tag with its largest text."""
    x, anchor = tag_place(layout, layer, len(label))
    width = len(tag_text(magnitude, label)) * ADVANCE * largest_font("gradient-flow-tag")
    begin = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    return begin, begin + width


def check_inside(layout: Layout) -> None:
    half = layout.halo_width / 2
    for column in layout.columns:
        assert column.x - max(half, column.radius) >= 0
        assert column.x + max(half, column.radius) <= WIDTH
        assert column.top >= COLUMNS_TOP - ROUNDING
        assert column.bottom <= COLUMNS_BOTTOM + ROUNDING
        assert column.top - ROUNDING <= min(column.ys) <= max(column.ys) <= column.bottom + ROUNDING


def check_nodes_apart(layout: Layout) -> None:
    for column in layout.columns:
        assert column.radius > 0
        if not column.is_bar:
            assert all(z - y > 2 * column.radius + STROKE for y, z in pairwise(column.ys))
            assert (column.ys[0] - column.radius, column.ys[-1] + column.radius) == (
                column.top,
                column.bottom,
            )


def check_columns_apart(layout: Layout) -> None:
    for a, b in pairwise(layout.columns):
        assert a.x + a.radius < b.x - b.radius
        assert a.x + layout.halo_width / 2 < b.x - layout.halo_width / 2
        assert b.x - a.x == pytest.approx(layout.pitch)


def check_centred(layout: Layout) -> None:
    assert layout.columns[0].x + layout.columns[-1].x == pytest.approx(WIDTH)
    for column in layout.columns:
        assert column.ys[0] + column.ys[-1] == pytest.approx(COLUMNS_TOP + COLUMNS_BOTTOM)


def check_counts_apart(layout: Layout) -> None:
    if layout.shows_counts:
        digit = ADVANCE * largest_font("gradient-flow-counts")
        spans = [
            (column.x - digit * len(str(neurons)) / 2, column.x + digit * len(str(neurons)) / 2)
            for column, neurons in zip(layout.columns, layout.layers, strict=True)
        ]
        assert spans[0][0] >= 0
        assert spans[-1][1] <= WIDTH
        assert all(end < begin for (_, end), (begin, _) in pairwise(spans))


def check_tags_inside(layout: Layout) -> None:
    for layer in range(len(layout.layers)):
        begin, end = tag_span(layout, layer, 5e-324)
        assert begin >= 0
        assert end <= WIDTH


CHECKS = (
    check_inside,
    check_nodes_apart,
    check_columns_apart,
    check_centred,
    check_counts_apart,
    check_tags_inside,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
@pytest.mark.parametrize("layers", extremes, ids=lambda layers: f"{len(layers)} of {min(layers)} to {max(layers)}")
def test_an_extreme_architecture_is_laid_out_well(check: Callable[[Layout], None], layers: list[int]) -> None:
    check(lay_out(layers))


@given(architectures)
def test_everything_is_inside_the_view_box(layers: list[int]) -> None:
    check_inside(lay_out(layers))


@given(architectures)
def test_the_nodes_of_a_column_do_not_overlap(layers: list[int]) -> None:
    check_nodes_apart(lay_out(layers))


@given(architectures)
def test_neighbouring_columns_and_their_halos_do_not_overlap(layers: list[int]) -> None:
    check_columns_apart(lay_out(layers))


@given(architectures)
def test_the_figure_stands_in_the_middle(layers: list[int]) -> None:
    check_centred(lay_out(layers))


@given(architectures)
def test_neuron_counts_at_their_largest_do_not_overlap(layers: list[int]) -> None:
    check_counts_apart(lay_out(layers))


@given(architectures)
def test_the_longest_tag_at_its_largest_is_inside_the_view_box(layers: list[int]) -> None:
    check_tags_inside(lay_out(layers))


@given(architectures, st.integers(1, MAX_LABEL_CHARS))
def test_a_tag_with_any_label_is_inside_the_view_box_and_at_its_column(layers: list[int], length: int) -> None:
    layout = lay_out(layers)
    for layer, column in enumerate(layout.columns):
        begin, end = tag_span(layout, layer, 5e-324, length * "m")
        assert 0 <= begin <= column.x <= end <= WIDTH


def test_the_default_label_has_the_length_that_its_tag_has_room_for() -> None:
    assert len(LABEL) == DEFAULT_LABEL_CHARS


@given(st.floats(min_value=0.0))
def test_no_tag_is_longer_than_that_of_the_smallest_magnitude(magnitude: float) -> None:
    assert len(tag_text(magnitude)) <= len(tag_text(5e-324))


def test_half_the_longest_tag_fits_the_room_that_is_left_for_it() -> None:
    assert len(tag_text(5e-324)) * ADVANCE * largest_font("gradient-flow-tag") / 2 <= TAG_HALF_WIDTH


def test_four_digits_fit_the_room_that_is_left_for_a_neuron_count() -> None:
    assert 4 * ADVANCE * largest_font("gradient-flow-counts") < MIN_COUNT_PITCH


def test_the_rows_of_tag_columns_and_counts_do_not_overlap() -> None:
    tag, count = largest_font("gradient-flow-tag"), largest_font("gradient-flow-counts")
    edges = (
        0.0,
        TAG_BASELINE - ASCENT * tag,
        TAG_BASELINE + DESCENT * tag,
        COLUMNS_TOP,
        COLUMNS_BOTTOM,
        COUNT_BASELINE - ASCENT * count,
        COUNT_BASELINE + DESCENT * count,
        HEIGHT,
    )
    assert list(edges) == sorted(edges)


@given(architectures)
def test_positions_depend_on_layers_alone(layers: list[int]) -> None:
    assert lay_out(layers) == lay_out(tuple(layers))


@given(architectures)
def test_there_is_one_column_a_layer_one_place_a_neuron_and_one_gap_in_between(layers: list[int]) -> None:
    layout = lay_out(layers)
    assert [len(column.ys) for column in layout.columns] == layers
    assert layout.layers == tuple(layers)
    assert [gap.left for gap in layout.gaps] == list(range(len(layers) - 1))


@given(architectures)
def test_a_gap_beside_a_bar_is_a_band(layers: list[int]) -> None:
    layout = lay_out(layers)
    for gap in layout.gaps:
        if layout.columns[gap.left].is_bar or layout.columns[gap.left + 1].is_bar:
            assert gap.is_band


@given(architectures)
def test_a_drawing_never_has_more_edges_than_can_be_distinguished(layers: list[int]) -> None:
    layout = lay_out(layers)
    lines = sum(layers[gap.left] * layers[gap.left + 1] for gap in layout.gaps if not gap.is_band)
    assert lines <= 1.3 * WIDTH


@pytest.mark.parametrize(
    ("layers", "bands"),
    [
        ([3, 4, 4, 2], [False, False, False]),
        ([2, 2], [False]),
        ([8, 8, 8], [False, False]),
        ([32, 32], [True]),
        ([3, 4, 1024, 2], [False, True, True]),
        ([32] * 32, [True] * 31),
    ],
)
def test_a_gap_with_crowded_edges_is_a_band(layers: list[int], bands: list[bool]) -> None:
    assert [gap.is_band for gap in lay_out(layers).gaps] == bands


@pytest.mark.parametrize(("neurons_", "is_bar"), [(1, False), (8, False), (32, False), (200, True), (1024, True)])
def test_a_column_with_crowded_nodes_is_a_bar(neurons_: int, is_bar: bool) -> None:
    assert lay_out([neurons_]).columns[0].is_bar is is_bar


def test_a_single_layer_stands_in_the_middle() -> None:
    assert lay_out([3]).columns[0].x == WIDTH / 2


def test_two_layers_stand_together() -> None:
    a, b = lay_out([2, 2]).columns
    assert (a.x, b.x) == (WIDTH / 2 - 100, WIDTH / 2 + 100)


@pytest.mark.parametrize(("depth", "shown"), [(1, True), (4, True), (8, True), (32, False), (256, False)])
def test_neuron_counts_are_shown_if_they_fit(depth: int, shown: bool) -> None:
    assert lay_out([4] * depth).shows_counts is shown


@given(architectures)
def test_a_tag_begins_ends_or_has_its_middle_at_its_column(layers: list[int]) -> None:
    layout = lay_out(layers)
    half = layout.halo_width / 2
    for index, column in enumerate(layout.columns):
        x, anchor = tag_place(layout, index)
        assert math.isclose(x, column.x + {"start": -half, "middle": 0.0, "end": half}[anchor])


def test_a_tag_is_over_the_middle_of_its_column_if_there_is_room() -> None:
    layout = lay_out([3, 4, 4, 2])
    assert [tag_place(layout, layer)[1] for layer in range(4)] == ["start", "middle", "middle", "end"]
