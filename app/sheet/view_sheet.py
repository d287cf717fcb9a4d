"""The whole view as one SVG: verdict, figure, bars, loss and map, settings and address. Pure.

It looks the same in browsers, drawing programs and word processors: it has no style sheet, no script and no variable,
and its texts are text. What comes from outside is escaped.
"""

from __future__ import annotations

from typing import Final

from ..figure.layout import WIDTH
from ..figure.markup import escape, number
from .bars_part import bars_part
from .content import SheetContent
from .figure_part import figure_part
from .part import MONO_CHAR_EMS, Part, colour, printable, stack_parts, wrap_lines, write_lines
from .run_part import run_part

MARGIN: Final = 24.0
BETWEEN: Final = 18.0
VERDICT_SIZE: Final = 19.0
FACTS_SIZE: Final = 12.5
ADDRESS_SIZE: Final = 11.0
MAX_ADDRESS_LINES: Final = 4  # a longer address is left out: nobody types it


def view_svg(content: SheetContent) -> str:
    """The text of an SVG file of the view, in the light theme on white."""
    body = stack_parts(list(view_parts(content)), BETWEEN)
    width, height = number(WIDTH + 2 * MARGIN), number(body.height + 2 * MARGIN)
    shown = content.shown
    title = escape(printable(shown.verdict or content.figure.wave_frame(0).phase.title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="sheet-title">\n<title id="sheet-title">{title}</title>\n'
        f'<rect width="{width}" height="{height}" fill="{colour("surface")}"/>\n'
        f'<g transform="translate({number(MARGIN)} {number(MARGIN)})">\n{body.markup}\n</g>\n</svg>\n'
    )


def view_parts(content: SheetContent) -> tuple[Part, ...]:
    """The parts of the view, from top to bottom."""
    shown, cursor = content.shown, content.settings.layer
    verdict = write_lines(wrap_lines(shown.verdict, VERDICT_SIZE), VERDICT_SIZE, ink="ink", bold=True)
    facts = write_lines(wrap_lines(write_facts(shown.facts), FACTS_SIZE), FACTS_SIZE)
    lines = wrap_lines(content.address, ADDRESS_SIZE, ems=MONO_CHAR_EMS)
    address = write_lines(lines if len(lines) <= MAX_ADDRESS_LINES else [], ADDRESS_SIZE, mono=True)
    run = None if shown.timeline is None else run_part(shown.timeline)
    parts = (verdict, figure_part(content.figure, cursor), bars_part(content.bars, cursor), run, facts, address)
    return tuple(part for part in parts if part is not None and part.height)


def write_facts(facts: tuple[tuple[str, str], ...]) -> str:
    """Settings as one text: `Architecture 2-16-3 · Activation Sigmoid`."""
    return " · ".join(f"{name} {value}" for name, value in facts)
