"""docs.html: puts its parts together."""

from __future__ import annotations

from typing import Any

from js import document

from ...browser.elements import by_id
from ...browser.handles import Listener
from ..clipboard import CopyButtons
from .examples import Examples


class Documentation:
    """The whole of docs.html: copy buttons, examples, the recorder to download. It lives as long as its tab."""

    def __init__(self) -> None:
        self._downloads: Any = None  # made at the first download
        self._listener = Listener(document, "click", self._on_click)
        self._copying = CopyButtons(by_id("announcement"))
        self._examples = Examples()

    def _on_click(self, event: Any) -> None:
        link = event.target.closest("a[download]")
        if not link:
            return
        from ..downloads import Downloads  # noqa: PLC0415  # imported here: few visitors need it

        event.preventDefault()
        message = by_id(link.getAttribute("aria-describedby"))
        self._downloads = self._downloads or Downloads()
        self._downloads.pass_on(str(link.href), message)
