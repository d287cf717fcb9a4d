"""The whole view as one SVG: verdict, figure, bars, loss and map, settings and address. Pure.

It looks the same in browsers, drawing programs and word processors: it has no style sheet, no script and no variable,
and its texts are text. What comes from outside is escaped.
"""

from __future__ import annotations

from typing import Final

from ..figure.layout import WIDTH
from ..figure.markup import escape, number
from ..view.shown import Shown
from .bars_part import bars_part
from .content import SheetContent
from .figure_part import figure_part
from .part import MONO_CHAR_EMS, SheetPart, colour, printable, stack_parts, wrap_lines, write_lines

HIDDEN: Final = "The question on this view is open: verdict, bars and magnitudes are hidden until it is answered."
_MARGIN: Final = 24.0
_BETWEEN: Final = 18.0
_VERDICT_SIZE: Final = 19.0
_FACTS_SIZE: Final = 12.5
_ADDRESS_SIZE: Final = 11.0
_MAX_ADDRESS_LINES: Final = 4  # a longer address is left out: nobody types it


def view_svg(content: SheetContent) -> str:
    """The text of an SVG file of the view, in the light theme on white."""
    body = stack_parts(list(view_parts(content)), _BETWEEN)
    width, height = number(WIDTH + 2 * _MARGIN), number(body.height + 2 * _MARGIN)
    title = escape(printable(verdict_line(content.shown) or content.figure.wave_frame(0).phase.title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="sheet-title">\n<title id="sheet-title">{title}</title>\n'
        f'<rect width="{width}" height="{height}" fill="{colour("surface")}"/>\n'
        f'<g transform="translate({number(_MARGIN)} {number(_MARGIN)})">\n{body.markup}\n</g>\n</svg>\n'
    )


def view_parts(content: SheetContent) -> tuple[SheetPart, ...]:
    """The parts of the view, from top to bottom."""
    shown = content.shown
    verdict = write_lines(wrap_lines(verdict_line(shown), _VERDICT_SIZE), _VERDICT_SIZE, ink="ink", bold=True)
    facts = write_lines(wrap_lines(write_facts(shown.facts), _FACTS_SIZE), _FACTS_SIZE)
    lines = wrap_lines(content.address, _ADDRESS_SIZE, ems=MONO_CHAR_EMS)
    address = write_lines(lines if len(lines) <= _MAX_ADDRESS_LINES else [], _ADDRESS_SIZE, mono=True)
    return tuple(part for part in (verdict, *pictures(content), facts, address) if part.height)


def verdict_line(shown: Shown) -> str:
    """The verdict, or a sentence that it is hidden while a question awaits a guess."""
    return HIDDEN if shown.is_hidden else shown.verdict


def pictures(content: SheetContent) -> list[SheetPart]:
    """The figure, the bars and, if there are steps, the loss and the map."""
    timeline, cursor = content.shown.timeline, content.settings.layer
    parts = [figure_part(content.figure, cursor)]
    if content.shown.is_hidden:
        return parts
    parts.append(bars_part(content.bars, cursor))
    if timeline is not None:
        from .run_part import run_part  # noqa: PLC0415  # imported here: it needs numpy, which the others do without

        parts.append(run_part(timeline))
    return parts


def write_facts(facts: tuple[tuple[str, str], ...]) -> str:
    """Settings as one text: `Architecture 2-16-3 · Activation Sigmoid`."""
    return " · ".join(f"{name} {value}" for name, value in facts)
