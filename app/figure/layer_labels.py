"""What layers are called, beneath their columns: how much of each name fits, and where only the lit layer's does. Pure.

Lengths are units of the view box, as in `layout`, or characters. How wide a text comes out is the browser's to say, and
no name is known beforehand, so it is estimated from above.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from .layout import WIDTH, Layout, place_beside

CHARACTER: Final = 18.3  # a name's, at the largest size the style sheet gives it …
SMALL_CHARACTER: Final = 8.6  # … and, of those in a row, at the smallest
FEWEST: Final = 6  # characters: a name cut shorter than that says nothing
MOST: Final = int(WIDTH / CHARACTER) - 1  # characters of the lit layer's, which has the whole width
DOUBLE_FROM: Final = "\u0900"  # characters from here on may be as wide as two: Devanagari, Chinese, emoji
CUT: Final = "…"

ANY: Final = "any"  # a row of names fits at any width of the figure, …
BROAD: Final = "broad"  # … in a broad one, where texts are smallest, or …
NONE: Final = "none"  # … nowhere: the lit layer's name stands alone then


class Row(NamedTuple):
    """The names beneath all columns: where they fit, `ANY`, `BROAD` or `NONE`, and as what, one a layer."""

    fit: str
    texts: tuple[str, ...]


def lay_row(layout: Layout, names: Sequence[str]) -> Row:
    """What of `names`, one a layer, stands beneath the columns. Where it fits nowhere there are no texts."""
    room = _room(layout, SMALL_CHARACTER)
    if any(min(width(name), FEWEST) > room for name in names):
        return Row(NONE, ())
    texts = tuple(shortened(name, room) for name in names)
    fits_any = max(map(width, texts)) <= _room(layout, CHARACTER)
    return Row(ANY if fits_any else BROAD, texts)


def _room(layout: Layout, character: float) -> int:
    """How many characters a column has, one kept free between neighbours, and the outer ones inside the view box."""
    return int(min(layout.pitch - character, 2.0 * layout.columns[0].x) / character)


def lone_name(name: str) -> str:
    """As much of the lit layer's name as there is room for."""
    return shortened(name, MOST)


def name_place(layout: Layout, layer: int, name: str) -> tuple[float, str]:
    """The x and `text-anchor` of a text of `lone_name` beneath its column, or as near as it is inside the view box."""
    return place_beside(layout, layer, CHARACTER / 2.0 * width(name))


def shortened(name: str, room: int) -> str:
    """`name`, or what of its two ends is at most `room` characters wide, more of the last: `enc…6.norm2`.

    The end is what tells a layer from its neighbours.
    """
    if width(name) <= room:
        return name
    first = _fitting(name, (room - 1) // 3)
    last = _fitting(name[::-1], room - 1 - width(first))[::-1]
    return f"{first}{CUT}{last}"


def _fitting(text: str, room: int) -> str:
    """The longest beginning that is at most `room` characters wide."""
    count = 0
    for character in text:
        room -= width(character)
        if room < 0:
            break
        count += 1
    return text[:count]


def width(text: str) -> int:
    """How many characters of a monospace font it is wide, at most."""
    if text.isascii():
        return len(text)
    return sum(2 if character >= DOUBLE_FROM and character != CUT else 1 for character in text)
