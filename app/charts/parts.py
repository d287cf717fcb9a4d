"""The parts of a chart: its elements with `data-part`, written only if something changes."""

from __future__ import annotations

from typing import Any


class Parts:
    """The elements by name below `root`."""

    def __init__(self, root: Any) -> None:
        self._elements = {str(part.dataset.part): part for part in root.querySelectorAll("[data-part]")}
        self._written: dict[tuple[str, str], str] = {}

    def __getitem__(self, name: str) -> Any:
        """The element of that name."""
        return self._elements[name]

    def put(self, part: str, name: str, value: str) -> None:
        """Write an attribute if it changes."""
        if self._written.get((part, name)) != value:
            self._written[part, name] = value
            self._elements[part].setAttribute(name, value)

    def write(self, part: str, text: str) -> None:
        """Write a text if it changes."""
        if self._written.get((part, "")) != text:
            self._written[part, ""] = text
            self._elements[part].textContent = text

    def draw(self, part: str, markup: str) -> None:
        """Put markup, which must contain nothing from outside, into a part if it changes."""
        if self._written.get((part, "<>")) != markup:
            self._written[part, "<>"] = markup
            self._elements[part].innerHTML = markup

    def clear(self) -> None:
        """Let the elements go."""
        self._elements.clear()
        self._written.clear()
