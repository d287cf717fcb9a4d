"""Names below the columns: those that fit, and that no drawn name overlaps another or leaves the drawing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.layer_labels import (
    ELLIPSIS,
    FITS_ANY,
    FITS_BROAD,
    FITS_NOWHERE,
    LABEL_CHAR_WIDTH,
    MAX_LIT_LABEL_CHARS,
    SMALL_LABEL_CHAR_WIDTH,
    lay_out_labels,
    place_lit_label,
    shorten,
    shorten_lit_label,
)
from app.figure.layer_labels import width as width_of
from app.figure.layout import COLUMNS_BOTTOM, COUNT_BASELINE, HEIGHT, WIDTH, Layout, lay_out
from tests.figure.test_layout import ADVANCE, ASCENT, DESCENT, largest_font, smallest_font

printable = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=200)
dotted = st.lists(st.sampled_from(["layer", "encoder", "0", "11", "الطبقة", "層"]), min_size=1, max_size=12).map(
    ".".join
)
some_names = st.lists(printable | dotted | st.sampled_from(["0", "fc1", "lm_head"]), min_size=1, max_size=256)


def spans(layout: Layout, texts: tuple[str, ...], character: float) -> list[tuple[float, float]]:
    halves = [character * width_of(text) / 2 for text in texts]
    return [(column.x - half, column.x + half) for column, half in zip(layout.columns, halves, strict=True)]


@given(some_names)
def test_a_row_of_names_neither_overlaps_nor_leaves_the_drawing(names: list[str]) -> None:
    layout = lay_out([1] * len(names))
    row = lay_out_labels(layout, names)
    for character in {
        FITS_ANY: (SMALL_LABEL_CHAR_WIDTH, LABEL_CHAR_WIDTH),
        FITS_BROAD: (SMALL_LABEL_CHAR_WIDTH,),
        FITS_NOWHERE: (),
    }[row.fit]:
        there = spans(layout, row.texts, character)
        assert there[0][0] >= 0
        assert there[-1][1] <= WIDTH
        assert all(end < begin for (_, end), (begin, _) in pairwise(there))


@given(some_names)
def test_the_lit_layer_s_name_is_inside_the_drawing_and_at_its_column(names: list[str]) -> None:
    layout = lay_out([1] * len(names))
    for layer, column in enumerate(layout.columns):
        text = shorten_lit_label(names[layer])
        x, anchor = place_lit_label(layout, layer, text)
        begin = x - LABEL_CHAR_WIDTH * width_of(text) * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        assert 0 <= begin <= column.x <= begin + LABEL_CHAR_WIDTH * width_of(text) <= WIDTH


@pytest.mark.parametrize(
    ("names", "fit"),
    [
        (["fc1", "fc2", "fc3", "head"], FITS_ANY),
        (["embeddings", "fc2", "fc3", "head"], FITS_BROAD),
        (["encoder.layer.11.attention.self.query"] * 4, FITS_BROAD),
        ([str(2 * index) for index in range(12)], FITS_ANY),
        ([f"fc{index}" for index in range(14)], FITS_BROAD),
        ([f"layer{index}.0" for index in range(12)], FITS_NOWHERE),
        ([f"encoder.layers.{index}" for index in range(40)], FITS_NOWHERE),
        (["0"] * 256, FITS_NOWHERE),
        (["a name"], FITS_ANY),
    ],
)
def test_a_row_fits_at_some_widths(names: list[str], fit: str) -> None:
    row = lay_out_labels(lay_out([1] * len(names)), names)
    assert (row.fit, len(row.texts)) == (fit, 0 if fit == FITS_NOWHERE else len(names))


@pytest.mark.parametrize(
    ("name", "room", "text"),
    [
        ("fc1", 3, "fc1"),
        ("encoder.6.norm2", 15, "encoder.6.norm2"),
        ("encoder.6.norm2", 11, "enc…6.norm2"),
        ("encoder.6.norm2", 6, "e…orm2"),
        ("encoder.6.norm2", 1, "…"),
        ("第三层卷积", 10, "第三层卷积"),
        ("第三层卷积", 9, "第…层卷积"),
        ("第三层卷积", 8, "第…卷积"),
        ("الطبقة المخفية", 14, "الطبقة المخفية"),
    ],
)
def test_a_name_is_shortened_before_its_end(name: str, room: int, text: str) -> None:
    assert shorten(name, room) == text


@given(printable, st.integers(1, MAX_LIT_LABEL_CHARS))
def test_a_shortened_name_has_the_two_ends_of_the_name_and_fits(name: str, room: int) -> None:
    text = shorten(name, room)
    assert width_of(text) <= room
    if text != name:
        first, _, last = text.partition(ELLIPSIS) if ELLIPSIS not in name else (text, "", "")
        assert name.startswith(first.split(ELLIPSIS)[0])
        assert name.endswith(last)


def test_a_character_is_as_wide_as_the_style_sheet_makes_it() -> None:
    assert max(largest_font("gradient-flow-names"), largest_font("gradient-flow-name")) * ADVANCE <= LABEL_CHAR_WIDTH
    assert smallest_font("gradient-flow-names") * ADVANCE <= SMALL_LABEL_CHAR_WIDTH


def test_names_stand_between_the_columns_and_the_drawing_s_edge() -> None:
    size = max(largest_font("gradient-flow-names"), largest_font("gradient-flow-name"))
    assert COUNT_BASELINE - ASCENT * size > COLUMNS_BOTTOM
    assert COUNT_BASELINE + DESCENT * size <= HEIGHT
