"""Links beneath the workbench, each to a view of this page. The view is shown at once, without loading the page."""

from __future__ import annotations

from typing import Any

from js import URLSearchParams, document

from ..browser.elements import by_id, write
from ..browser.handles import Listener
from ..view.request import read_request
from .sources import Sources


class ViewLinks:
    """Follows the links with `data-view`. Other clicks, such as those for a new tab, are the browser's."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._listener = Listener(document, "click", self._on_click)

    def _on_click(self, event: Any) -> None:
        link = event.target.closest("a[data-view]")
        if not link or event.button or event.ctrlKey or event.metaKey or event.shiftKey or event.altKey:
            return
        event.preventDefault()
        pairs = URLSearchParams.new(link.search).entries()
        self._sources.show(read_request((str(name), str(text)) for name, text in pairs))
        by_id("layer").focus(preventScroll=True)  # the figure's slider: it says the layer, and its keys step
        by_id("main").scrollIntoView()
        write("announcement", "")
        write("announcement", f"{link.textContent}: shown at the top of the page.")
