"""The layers' names below their columns, shortened to fit, and the lit layer's name if the others don't fit. Pure.

Lengths are units of the view box, as in `layout`, or characters. Only the browser knows the width of a text, so widths
are estimated from above.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from .layout import WIDTH, Layout, place_beside

LABEL_CHAR_WIDTH: Final = 18.3  # at the largest font size of the style sheet
SMALL_LABEL_CHAR_WIDTH: Final = 8.6  # in a row of names, at its smallest font size
MIN_LABEL_CHARS: Final = 6  # a name cut shorter than this says nothing
MAX_LIT_LABEL_CHARS: Final = int(WIDTH / LABEL_CHAR_WIDTH) - 1  # the lit layer's name has the whole width
FIRST_WIDE_CHAR: Final = "\u0900"  # from here on a character may be as wide as two: Devanagari, Chinese, emoji
ELLIPSIS: Final = "…"

FITS_ANY: Final = "any"  # the row of names fits at any width of the figure
FITS_BROAD: Final = "broad"  # it fits in a broad figure, where texts are smallest
FITS_NOWHERE: Final = "none"  # it never fits: only the lit layer's name is shown


class LabelRow(NamedTuple):
    """The row of names below the columns. `fit`: `FITS_ANY`, `FITS_BROAD` or `FITS_NOWHERE`; `texts`: one per layer."""

    fit: str
    texts: tuple[str, ...]


def lay_out_labels(layout: Layout, names: Sequence[str]) -> LabelRow:
    """The row for `names`, one per layer. It has no texts if they fit nowhere."""
    room = _room(layout, SMALL_LABEL_CHAR_WIDTH)
    if any(min(width(name), MIN_LABEL_CHARS) > room for name in names):
        return LabelRow(FITS_NOWHERE, ())
    texts = tuple(shorten(name, room) for name in names)
    fits_any = max(map(width, texts)) <= _room(layout, LABEL_CHAR_WIDTH)
    return LabelRow(FITS_ANY if fits_any else FITS_BROAD, texts)


def _room(layout: Layout, char_width: float) -> int:
    """The characters that fit below a column, with one free between neighbours, inside the view box."""
    return int(min(layout.pitch - char_width, 2.0 * layout.columns[0].x) / char_width)


def shorten_lit_label(name: str) -> str:
    """The lit layer's name, shortened to the width of the figure."""
    return shorten(name, MAX_LIT_LABEL_CHARS)


def place_lit_label(layout: Layout, layer: int, text: str) -> tuple[float, str]:
    """The x and the `text-anchor` of the lit layer's name below its column, inside the view box."""
    return place_beside(layout, layer, LABEL_CHAR_WIDTH / 2.0 * width(text))


def shorten(name: str, room: int) -> str:
    """`name`, or its two ends, at most `room` characters wide, with more of the last: `enc…6.norm2`.

    The end distinguishes a layer from its neighbours.
    """
    if width(name) <= room:
        return name
    first = _longest_start(name, (room - 1) // 3)
    last = _longest_start(name[::-1], room - 1 - width(first))[::-1]
    return f"{first}{ELLIPSIS}{last}"


def _longest_start(text: str, room: int) -> str:
    """The longest beginning that is at most `room` characters wide."""
    count = 0
    for character in text:
        room -= width(character)
        if room < 0:
            break
        count += 1
    return text[:count]


def width(text: str) -> int:
    """The width of a text in characters of a monospace font, at most."""
    if text.isascii():
        return len(text)
    return sum(2 if character >= FIRST_WIDE_CHAR and character != ELLIPSIS else 1 for character in text)
