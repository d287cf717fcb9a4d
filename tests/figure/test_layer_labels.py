"""Names beneath the columns: what fits, and that what is drawn of any names neither overlaps nor leaves the drawing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.layer_labels import (
    ANY,
    BROAD,
    CHARACTER,
    CUT,
    MOST,
    NONE,
    SMALL_CHARACTER,
    lay_row,
    lone_name,
    name_place,
    shortened,
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
    row = lay_row(layout, names)
    for character in {ANY: (SMALL_CHARACTER, CHARACTER), BROAD: (SMALL_CHARACTER,), NONE: ()}[row.fit]:
        there = spans(layout, row.texts, character)
        assert there[0][0] >= 0
        assert there[-1][1] <= WIDTH
        assert all(end < begin for (_, end), (begin, _) in pairwise(there))


@given(some_names)
def test_the_lit_layer_s_name_is_inside_the_drawing_and_at_its_column(names: list[str]) -> None:
    layout = lay_out([1] * len(names))
    for layer, column in enumerate(layout.columns):
        text = lone_name(names[layer])
        x, anchor = name_place(layout, layer, text)
        begin = x - CHARACTER * width_of(text) * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        assert 0 <= begin <= column.x <= begin + CHARACTER * width_of(text) <= WIDTH


@pytest.mark.parametrize(
    ("names", "fit"),
    [
        (["fc1", "fc2", "fc3", "head"], ANY),
        (["embeddings", "fc2", "fc3", "head"], BROAD),
        (["encoder.layer.11.attention.self.query"] * 4, BROAD),
        ([str(2 * index) for index in range(12)], ANY),
        ([f"fc{index}" for index in range(14)], BROAD),
        ([f"layer{index}.0" for index in range(12)], NONE),
        ([f"encoder.layers.{index}" for index in range(40)], NONE),
        (["0"] * 256, NONE),
        (["a name"], ANY),
    ],
)
def test_where_a_row_fits(names: list[str], fit: str) -> None:
    row = lay_row(lay_out([1] * len(names)), names)
    assert (row.fit, len(row.texts)) == (fit, 0 if fit == NONE else len(names))


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
    assert shortened(name, room) == text


@given(printable, st.integers(1, MOST))
def test_a_shortened_name_has_the_two_ends_of_the_name_and_fits(name: str, room: int) -> None:
    text = shortened(name, room)
    assert width_of(text) <= room
    if text != name:
        first, _, last = text.partition(CUT) if CUT not in name else (text, "", "")
        assert name.startswith(first.split(CUT)[0])
        assert name.endswith(last)


def test_a_character_is_as_wide_as_the_style_sheet_makes_it() -> None:
    assert max(largest_font("gradient-flow-names"), largest_font("gradient-flow-name")) * ADVANCE <= CHARACTER
    assert smallest_font("gradient-flow-names") * ADVANCE <= SMALL_CHARACTER


def test_names_stand_between_the_columns_and_the_drawing_s_edge() -> None:
    size = max(largest_font("gradient-flow-names"), largest_font("gradient-flow-name"))
    assert COUNT_BASELINE - ASCENT * size > COLUMNS_BOTTOM
    assert COUNT_BASELINE + DESCENT * size <= HEIGHT
