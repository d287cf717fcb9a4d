"""The notices above the figure, which say what in the address can't be used."""

from __future__ import annotations

from collections.abc import Iterable

from ..browser.elements import by_id, element


def add_notices(sentences: Iterable[str]) -> None:
    """Add sentences to the notices. The list is hidden while it is empty."""
    notices = by_id("notices")
    shown = notices.querySelector("ul")
    for sentence in sentences:
        shown.appendChild(element("li", sentence))
    notices.hidden = not shown.children.length
