"""Parts of a sheet: pieces of SVG below each other, with their texts and colours as any program reads them. Pure.

A part has no style sheet, no class and no variable: everything is an attribute with a plain value. Its width is WIDTH.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ..figure.layer_labels import width as columns_of
from ..figure.layout import WIDTH
from ..figure.markup import escape, number
from ..figure.plain_attributes import MONO_FONT, SANS_FONT
from ..figure.svg import COLOUR_TOKENS

SANS_CHAR_EMS: Final = 0.53  # the width of a character in a text, on average
MONO_CHAR_EMS: Final = 0.62
LINE_EMS: Final = 1.4  # from one line to the next


class SheetPart(NamedTuple):
    """A piece of SVG, WIDTH wide."""

    height: float
    markup: str


def colour(name: str) -> str:
    """The colour of a token in the light theme: `ink`, `warning`."""
    return COLOUR_TOKENS[f"--cb-{name}"][0]


def write_text(
    place: tuple[float, float],
    text: str,
    *,
    size: float = 13.0,
    ink: str = "muted",
    anchor: str = "start",
    mono: bool = False,
    bold: bool = False,
) -> str:
    """A line of text at a place, which is on its baseline."""
    attributes = [
        f'x="{number(place[0])}" y="{number(place[1])}" font-family="{MONO_FONT if mono else SANS_FONT}"',
        f'font-size="{number(size)}" fill="{colour(ink)}"',
        *([] if anchor == "start" else [f'text-anchor="{anchor}"']),
        *(['font-weight="700"'] if bold else []),
    ]
    return f"<text {' '.join(attributes)}>{escape(printable(text))}</text>"


def write_lines(
    lines: list[str], size: float, *, ink: str = "muted", bold: bool = False, mono: bool = False
) -> SheetPart:
    """Lines of text, one below the other."""
    step = LINE_EMS * size
    drawn = (
        write_text((0.0, size + step * at), line, size=size, ink=ink, bold=bold, mono=mono)
        for at, line in enumerate(lines)
    )
    return SheetPart(step * len(lines), "".join(drawn))


def wrap_lines(text: str, size: float, width: float = WIDTH, ems: float = SANS_CHAR_EMS) -> list[str]:
    """The lines of a text in a width, broken between words. A longer word is broken anywhere."""
    room = max(1, int(width / (ems * size)))
    lines: list[str] = []
    line = ""
    for word in printable(text).split():
        whole = f"{line} {word}" if line else word
        if columns_of(whole) <= room:
            line = whole
            continue
        lines += [line] if line else []
        line = word
        while columns_of(line) > room:
            start = _start(line, room)
            lines.append(start)
            line = line[len(start) :]
    return [*lines, line] if line else lines


def _start(word: str, room: int) -> str:
    """The longest beginning of a word that fits, one character at least."""
    end = len(word)
    while end > 1 and columns_of(word[:end]) > room:
        end -= 1
    return word[:end]


def printable(text: str) -> str:
    """A text without characters that XML can't have or nobody can see."""
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)


def stack_parts(parts: list[SheetPart], between: float) -> SheetPart:
    """Parts below each other."""
    top, drawn = 0.0, []
    for part in parts:
        drawn.append(f'<g transform="translate(0 {number(top)})">{part.markup}</g>')
        top += part.height + between
    return SheetPart(top - between if parts else 0.0, "".join(drawn))
