"""The notices at the top of the window, which say what in the address can't be used, or what has failed."""

from __future__ import annotations

from collections.abc import Iterable

from ..browser.elements import by_id, element
from ..browser.handles import Listener


class Notices:
    """A list of sentences that stays in view until it is closed. It is hidden while it is empty."""

    def __init__(self) -> None:
        self._root = by_id("notices")
        self._list = self._root.querySelector("ul")
        self._listener = Listener(by_id("close-notices"), "click", lambda _event: self._close())

    def add(self, sentences: Iterable[str]) -> None:
        """Add sentences. A screen reader announces them."""
        for sentence in sentences:
            self._root.hidden = False  # first: what is added to a hidden part is not announced
            self._list.appendChild(element("li", sentence))

    def _close(self) -> None:
        self._root.hidden = True
        self._list.replaceChildren()
