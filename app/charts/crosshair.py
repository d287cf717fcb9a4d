"""A pointer on a map of magnitudes: the cell where it is pressed, dragged or held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..browser.handles import Listener
from .cell_place import CellPlace, row_at
from .line_chart import step_at

FIELD_CLASS: Final = "gradient-timeline-field"


class CellPointer:
    """A pointer on the plots, until `destroy`.

    `choose` gets the cell where it is pressed or dragged; `hover` the cell under a mouse, or None once it has left.
    `shape` returns the numbers of steps and rows.
    """

    def __init__(
        self,
        plots: Any,
        shape: Callable[[], tuple[int, int]],
        choose: Callable[[CellPlace], object],
        hover: Callable[[CellPlace | None], object],
    ) -> None:
        self._plots, self._shape, self._choose, self._hover = plots, shape, choose, hover
        self._listeners = [
            Listener(plots, "pointerdown", self._on_down),
            Listener(plots, "pointermove", self._on_move),
            Listener(plots, "pointerleave", lambda _event: hover(None)),
        ]

    def destroy(self) -> None:
        """Remove the listeners and free the proxies."""
        for listener in self._listeners:
            listener.destroy()

    def _on_down(self, event: Any) -> None:
        place = self._place(event) if event.button == 0 else None
        if place is not None:
            self._choose(place)

    def _on_move(self, event: Any) -> None:
        place = self._place(event)
        if place is None:
            return
        if event.buttons == 1:
            self._choose(place)
        elif event.pointerType == "mouse" and not event.buttons:
            self._hover(place)

    def _place(self, event: Any) -> CellPlace | None:
        steps, rows = self._shape()
        box = self._plots.getBoundingClientRect()
        if not box.width:
            return None
        return CellPlace(step_at((event.clientX - box.left) / box.width, steps), row_under(event, FIELD_CLASS, rows))


def row_under(event: Any, name: str, rows: int) -> int | None:
    """The row under a pointer in the element of that class; None outside of it."""
    field = event.target.closest(f".{name}")
    if not field:
        return None
    box = field.getBoundingClientRect()
    return row_at((event.clientY - box.top) / box.height, rows) if box.height else None
