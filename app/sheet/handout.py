"""The handout: one page of paper with the lesson, the verdict, the figure, the bars, the run and the address. Pure."""

from __future__ import annotations

from typing import Final

from ..figure.layout import WIDTH
from ..figure.markup import escape, number
from ..view.qr_code import make_qr_code, qr_path, qr_side
from .content import SheetContent
from .part import SheetPart, printable
from .view_sheet import pictures, verdict_line

_NAME: Final = "Gradient Flow Viz"
TOO_LONG: Final = "The address is too long for a QR code."
MAX_PRINTED_ADDRESS_CHARS: Final = 700  # a longer one would leave no room for the rest
UNPRINTED: Final = "The address is too long for this page: copy it from the page on the screen."


def handout_markup(content: SheetContent) -> str:
    """The content of the handout as HTML. web/print.css lays it out on one page."""
    shown = content.shown
    heading, *paragraphs = shown.lesson or (_NAME,)
    return "".join(
        (
            f"<h1>{_text(heading)}</h1>",
            *(f"<p>{_text(paragraph)}</p>" for paragraph in paragraphs),
            f'<p class="handout-verdict">{_text(verdict_line(shown))}</p>' if verdict_line(shown) else "",
            *map(_picture, pictures(content)),
            _facts(shown.facts),
            _address(content.address, shown.remark),
        )
    )


def _text(text: str) -> str:
    return escape(printable(text))


def _picture(part: SheetPart) -> str:
    return f'<svg viewBox="0 0 {number(WIDTH)} {number(part.height)}" aria-hidden="true">{part.markup}</svg>'


def _facts(facts: tuple[tuple[str, str], ...]) -> str:
    rows = "".join(f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in facts)
    return f"<dl>{rows}</dl>"


def _address(address: str, remark: str) -> str:
    """The address as text and as a QR code, or a sentence if it is too long."""
    code, notes = "", [remark] if remark else []
    try:
        modules = make_qr_code(address)
    except ValueError:
        notes.append(TOO_LONG)
    else:
        side = qr_side(modules)
        code = f'<svg viewBox="0 0 {side} {side}" aria-hidden="true"><path d="{qr_path(modules)}"/></svg>'
    is_short = len(address) <= MAX_PRINTED_ADDRESS_CHARS
    written = f'<p class="handout-address">{_text(address)}</p>' if is_short else f"<p>{UNPRINTED}</p>"
    return f"<footer>{code}<div>{written}{''.join(f'<p>{_text(note)}</p>' for note in notes)}</div></footer>"
