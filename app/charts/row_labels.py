"""The names of the map's rows, as many as there is room for."""

from __future__ import annotations

import math
from typing import Any, Final

from js import document

from .parts import Parts
from .row_bars import row_middle
from .series import MAX_ROW_NAME_CHARS, row_names

NAME_HEIGHT_PX: Final = 14.5
MIN_WIDTH_CHARS: Final = 5  # for the losses' axis above them


class RowLabels:
    """The names among the timeline's `parts`, the output at the top. The last text is the name of the row in view."""

    def __init__(self, parts: Parts) -> None:
        self._places = [parts[name] for name in ("names", "names-other")]
        self._shown: tuple[int, ...] = ()
        self._name_rows = 1.0  # how many rows a name is high
        self.texts: list[str] = []

    @property
    def width(self) -> int:
        """The room that the names need, in characters."""
        return min(max(MIN_WIDTH_CHARS, *map(len, self.texts)), MAX_ROW_NAME_CHARS)

    def name(self, names: tuple[str, ...]) -> None:
        """Take other names, the input's first."""
        self.texts = row_names(names)

    def fit(self, height: float, lit: int) -> None:
        """Show the names that fit in a height in pixels."""
        rows = len(self.texts)
        self._name_rows = rows * NAME_HEIGHT_PX / max(height, 1.0)
        self._shown = tuple(range(rows - 1, -1, -math.ceil(self._name_rows)))
        for place in self._places:
            place.replaceChildren(*(self._text(row) for row in (*self._shown, lit)))

    def light(self, lit: int) -> None:
        """Show the name of the row in view, and hide those that it would cover."""
        for place in self._places:
            *texts, last = place.children
            self._put(last, lit)
            for text, row in zip(texts, self._shown, strict=True):
                text.toggleAttribute("data-covered", self._is_covered(row, lit))

    def rows_beside(self, lit: int) -> list[int]:
        """The rows with room for a text when the lit row has one."""
        return [row for row in self._shown if not self._is_covered(row, lit)]

    def _is_covered(self, row: int, lit: int) -> bool:
        return abs(row - lit) < self._name_rows

    def _text(self, row: int) -> Any:
        text = document.createElementNS("http://www.w3.org/2000/svg", "text")
        text.setAttribute("x", "100%")
        self._put(text, row)
        return text

    def _put(self, text: Any, row: int) -> None:
        text.setAttribute("y", f"{row_middle(row, len(self.texts)):.2f}%")
        text.textContent = self.texts[row]
