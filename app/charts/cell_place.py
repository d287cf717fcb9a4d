"""A cell of a map of magnitudes: which one a place or a key leads to. Pure.

Rows are counted from the input, as everywhere; the picture has the output at the top.
"""

from __future__ import annotations

from typing import NamedTuple

from .line_chart import step_at


class CellPlace(NamedTuple):
    """The place of a cell: the index of its step, and its row. `row` is None beside the maps, as on the curve."""

    step: int
    row: int | None


def row_at(place: float, rows: int) -> int:
    """The row at a place, 0 at the top to 1 at the bottom, clamped."""
    return rows - 1 - step_at(place, rows)


def key_place(key: str, step: int, row: int, steps: int, rows: int) -> CellPlace | None:
    """The cell that a key leads to; None for other keys. Page Up and Page Down move by a tenth of the steps."""
    page = max(1, steps // 10)
    across = {"ArrowLeft": -1, "ArrowRight": 1, "PageUp": page, "PageDown": -page, "Home": -steps, "End": steps}
    up = {"ArrowUp": 1, "ArrowDown": -1}
    if key not in across and key not in up:
        return None
    return CellPlace(
        min(max(step + across.get(key, 0), 0), steps - 1),
        min(max(row + up.get(key, 0), 0), rows - 1),
    )
