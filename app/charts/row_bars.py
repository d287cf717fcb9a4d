"""The bars of one step beside the rows of a map: horizontal, each in its row. Pure.

Places are per cent of the plot, so that the bars stay in their rows at any size. The markup consists of numbers and
this module's own words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from ..figure.magnitudes import Bounds, Magnitude, write_magnitude
from ..figure.markup import number
from ..figure.shading import magnitude_kind
from .bounds import AllBounds, bounds_at
from .scales import Scale

DENSE_ROWS: Final = 64  # from here on bars touch each other
BAR_SHARE_OF_ROW: Final = 0.64
MIN_BAR_LENGTH: Final = 1.5  # per cent; also the length of 0


def bar_length(magnitude: Magnitude, axis: Scale) -> float:
    """The length of a bar in per cent. NaN, infinity and None take the whole row; 0 is as short as possible."""
    if magnitude is None or not math.isfinite(magnitude):
        return 100.0
    return max(100.0 * axis.place(magnitude), MIN_BAR_LENGTH) if magnitude > 0 else MIN_BAR_LENGTH


def row_middle(row: int, rows: int) -> float:
    """The middle of a row in per cent from the top, where the output is."""
    return 100 * (rows - row - 0.5) / rows


def row_bar(magnitude: Magnitude, row: int, rows: int, axis: Scale, ident: str) -> str:
    """One bar. `ident` is the prefix of the patterns' ids."""
    share = 1.0 if rows >= DENSE_ROWS else BAR_SHARE_OF_ROW
    height = 100 * share / rows
    kind = magnitude_kind(magnitude)
    fill = f' fill="url(#{ident}-{kind})"' if kind in {"nan", "infinite"} else ""
    return (
        f'<rect data-kind="{kind}" y="{number(row_middle(row, rows) - height / 2)}%" height="{number(height)}%" '
        f'width="{number(bar_length(magnitude, axis))}%"{fill}/>'
    )


def row_bars(magnitudes: Sequence[Magnitude], axis: Scale, ident: str) -> str:
    """The bars of all rows, the first row at the bottom."""
    rows = len(magnitudes)
    return "".join(row_bar(magnitude, row, rows, axis, ident) for row, magnitude in enumerate(magnitudes))


def bar_marks(magnitudes: Sequence[Magnitude], axis: Scale) -> str:
    """A line in each row at the magnitude of another run. Only values above 0 have one."""
    rows = len(magnitudes)
    places = ((row, 100 * axis.place(at)) for row, at in enumerate(magnitudes) if at and math.isfinite(at))
    return "".join(_upright(place, row, rows) for row, place in places)


def _upright(place: float, row: int, rows: int) -> str:
    top, bottom = row_middle(row, rows) - 45 / rows, row_middle(row, rows) + 45 / rows
    x = number(place)
    return f'<line x1="{x}%" x2="{x}%" y1="{number(top)}%" y2="{number(bottom)}%"/>'


def bound_lines(bounds: AllBounds | None, axis: Scale, rows: int) -> str:
    """A line from the lower to the upper bound of each estimated magnitude."""
    pairs = ((row, bounds_at(bounds, row)) for row in range(rows))
    return "".join(_bound_line(pair, axis, row, rows) for row, pair in pairs if pair is not None)


def _bound_line(bounds: Bounds, axis: Scale, row: int, rows: int) -> str:
    low, high = (100.0 if math.isinf(bound) else 100 * axis.place(bound) for bound in bounds)
    y = number(row_middle(row, rows))
    return f'<line data-bounds x1="{number(low)}%" x2="{number(high)}%" y1="{y}%" y2="{y}%"/>'


def value_texts(magnitudes: Sequence[Magnitude], shown: Iterable[int], lit: int) -> str:
    """The magnitudes as texts: of the rows that have room for one, and last, over the others, of the lit row."""
    rows = len(magnitudes)
    return "".join(
        f'<text x="100%" y="{number(row_middle(row, rows))}%"{" data-lit" if row == lit else ""}>'
        f"{write_magnitude(magnitudes[row])}</text>"
        for row in (*(row for row in shown if row != lit), lit)
    )


def bar_ticks(axis: Scale) -> tuple[str, str]:
    """The lines of an axis behind the bars, and the texts of its two ends below them."""
    lines = "".join(
        f'<line x1="{number(100 * at)}%" x2="{number(100 * at)}%" y1="0" y2="100%"/>' for at, _ in axis.ticks
    )
    (first, low), (last, high) = axis.ticks[0], axis.ticks[-1]
    ends = (
        f'<text x="{number(100 * first)}%" y="1em" text-anchor="start">{low}</text>'
        f'<text x="{number(100 * last)}%" y="1em" text-anchor="end">{high}</text>'
    )
    return lines, ends


def bar_patterns(ident: str) -> str:
    """The patterns of bars without a value: the lattice of NaN, and infinity, which fades out to the right."""
    return (
        f'<defs><pattern id="{ident}-nan" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path class="gradient-timeline-nan" d="M0 0L6 6M6 0L0 6"/></pattern>'
        f'<linearGradient id="{ident}-infinite"><stop class="gradient-timeline-infinite" offset="0.5"/>'
        '<stop class="gradient-timeline-infinite" offset="1" stop-opacity="0"/></linearGradient></defs>'
    )
