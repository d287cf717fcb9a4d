"""The map as a table: magnitudes by layer and step, at most `MAX_TABLE_STEPS` steps. Made when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from js import document

from ..browser.handles import Interval, Listener
from .parts import Parts
from .table_cells import MapRows, table_steps

TABLE_SETTLED_MS: Final = 150.0  # without a change of the view, until an open table is written anew


class MapTable:
    """Writes the table among the timeline's `parts` while it is open, until `destroy`.

    `rows` returns what the map shows now; None before anything is shown.
    """

    def __init__(self, parts: Parts, rows: Callable[[], MapRows | None]) -> None:
        self._details, self._place, self._chosen = (parts[name] for name in ("details", "table", "chosen"))
        self._rows = rows
        self._settle = Interval(self._write)
        self._listener = Listener(self._details, "toggle", lambda _event: self._write())

    def change(self) -> None:
        """Write the table anew, if it is open, as soon as the view rests."""
        if self._details.open:
            self._settle.start(TABLE_SETTLED_MS)

    def destroy(self) -> None:
        """Remove the listener and free the proxies."""
        self._settle.destroy()
        self._listener.destroy()

    def _write(self) -> None:
        self._settle.stop()
        rows = self._rows() if self._details.open else None
        if rows is None:
            return
        steps = table_steps(rows.steps, rows.step)
        self._chosen.textContent = rows.told(steps)
        self._place.setAttribute("aria-label", rows.title)
        table, body = document.createElement("table"), document.createElement("tbody")
        head = _line("col", rows.heads(steps))
        for column, step in enumerate(steps, 1):
            head.children[column].toggleAttribute("data-current", step == rows.step)
        table.append(head, body)
        body.append(*(_line("row", cells, titles) for cells, titles in rows.lines(steps)))
        self._place.replaceChildren(table)


def _line(scope: str, texts: Sequence[str], titles: Sequence[str] = ()) -> Any:
    """A row of a table. All cells are headers in a row of columns, else only the first."""
    line = document.createElement("tr")
    for at, text in enumerate(texts):
        is_head = scope == "col" or at == 0
        cell = document.createElement("th" if is_head else "td")
        cell.textContent = text
        if is_head:
            cell.setAttribute("scope", scope)
        elif titles:
            cell.title = titles[at]
        line.append(cell)
    return line
