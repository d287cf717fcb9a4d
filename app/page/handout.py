"""Printing: the view as one page of paper, which is made for the time of printing alone.

web/print.css shows it instead of the page. What draws it comes at the first use. If the browser's own menu prints
before that, web/print.css prints the figure, the bars and the address as they are in the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from js import document, window

from ..browser.elements import by_id, empty, fill
from ..browser.handles import Listener
from .lazy_bundles import SHEET_BUNDLES, bring, is_there

if TYPE_CHECKING:
    from .downloads import Content


class Handout:
    """Prints the view. `content` returns what it consists of now."""

    def __init__(self, content: Callable[[], Content]) -> None:
        self._content = content
        self._coming: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._listeners = [
            Listener(window, "beforeprint", lambda _event: self._fill()),
            Listener(window, "afterprint", lambda _event: self._empty()),
            Listener(document, "keydown", self._on_key),
        ]

    def print_view(self) -> None:
        """Print the view as soon as what draws it is there."""
        if self._coming is None or self._coming.done():
            self._coming = asyncio.ensure_future(self._print())

    def _on_key(self, event: Any) -> None:
        """Ctrl+P and ⌘P wait for what draws the handout."""
        is_print = str(event.key).lower() == "p" and (event.ctrlKey or event.metaKey)
        if is_print and not (event.altKey or event.shiftKey or is_there(*SHEET_BUNDLES)):
            event.preventDefault()
            self.print_view()

    async def _print(self) -> None:
        message = by_id("export-message")
        message.textContent = ""
        try:
            await bring(*SHEET_BUNDLES)
        except OSError as error:
            message.textContent = f"{error} The page prints without it."
        window.print()

    def _fill(self) -> None:
        if not is_there(*SHEET_BUNDLES):
            return
        from ..sheet.content import SheetContent  # noqa: PLC0415  # imported here: it comes at the first use
        from ..sheet.handout import handout_markup  # noqa: PLC0415  # the same

        content = self._content()
        sheet = SheetContent(content.settings, content.snapshot, content.shown, content.address)
        fill("handout", handout_markup(sheet))
        document.documentElement.dataset.printed = "handout"

    @staticmethod
    def _empty() -> None:
        document.documentElement.removeAttribute("data-printed")
        empty("handout")
