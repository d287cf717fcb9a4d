"""Printing: the view as one page of paper, which is made for the time of printing alone.

web/print.css shows it instead of the page. What draws it comes with the first source that has a panel, or with the
first Ctrl+P. If the browser's own menu prints before that, web/print.css prints the figure and the address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from js import document, window

from ..browser.elements import by_id, empty, fill
from ..browser.handles import Listener
from ..view.settings import SYNTHESISED
from .lazy_bundles import SHEET_BUNDLES, bring

if TYPE_CHECKING:
    from ..view.snapshot import State
    from .downloads import Content
    from .store import Store


class Handout:
    """Prints the view. `content` returns what it consists of now."""

    def __init__(self, store: Store, content: Callable[[], Content]) -> None:
        self._content = content
        self._is_ready = False  # to draw it without waiting
        self._coming: asyncio.Future[str] | None = None  # held here: the event loop keeps no reference
        self._printing: asyncio.Future[None] | None = None  # the same
        self._listeners = [
            Listener(window, "beforeprint", lambda _event: self._fill()),
            Listener(window, "afterprint", lambda _event: self._empty()),
            Listener(document, "keydown", self._on_key),
        ]
        self._forget = store.subscribe(self._prepare)

    def print_view(self) -> None:
        """Print the view as soon as what draws it is there."""
        if self._printing is None or self._printing.done():
            self._printing = asyncio.ensure_future(self._print())

    def _prepare(self, before: State, now: State) -> None:
        """Load what draws it when a panel has been loaded: the browser's own menu does not wait for it."""
        if now.snapshot.source not in {SYNTHESISED, before.snapshot.source} and not self._coming:
            self._coming = asyncio.ensure_future(self._bring())

    def _on_key(self, event: Any) -> None:
        """Ctrl+P and ⌘P wait for what draws the handout."""
        is_print = str(event.key).lower() == "p" and (event.ctrlKey or event.metaKey)
        if is_print and not (event.altKey or event.shiftKey or self._is_ready):
            event.preventDefault()
            self.print_view()

    async def _print(self) -> None:
        by_id("export-message").textContent = await self._bring()
        window.print()

    async def _bring(self) -> str:
        """Load what draws it. Returns a sentence about its failure, or an empty text."""
        try:
            await bring(*SHEET_BUNDLES)
        except OSError as error:
            return f"{error} The page prints without it."
        self._is_ready = True
        return ""

    def _fill(self) -> None:
        content = self._content()  # also writes the address that is printed without the handout
        if not self._is_ready:
            return
        from ..sheet.content import SheetContent  # noqa: PLC0415  # imported here: it comes at the first use
        from ..sheet.handout import handout_markup  # noqa: PLC0415  # the same

        sheet = SheetContent(content.settings, content.snapshot, content.shown, content.address)
        fill("handout", handout_markup(sheet))
        document.documentElement.dataset.printed = "handout"

    @staticmethod
    def _empty() -> None:
        document.documentElement.removeAttribute("data-printed")
        empty("handout")
