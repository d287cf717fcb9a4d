"""A training run as the timeline draws it. Pure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import heat
from .heat import Array, Mask


class Track(NamedTuple):
    """A run as it is drawn.

    `losses`: shape (S,), NaN and infinity too; None: there are none, and no curve. `values`: magnitudes, shape
    (layers, S). Where there is none they are `heat.NONE`, or, given `logged`, whatever they are where that is False.
    `cells`: the map's, where they were made beforehand, for a long run.
    """

    losses: Array | None
    values: Array
    logged: Mask | None = None
    cells: heat.Cells | None = None

    @property
    def map_cells(self) -> heat.Cells:
        """The map's cells."""
        if self.cells is not None:
            return self.cells
        return heat.cells(self.values if self.logged is None else np.where(self.logged, self.values, heat.NONE))

    def magnitude(self, layer: int, step: int) -> float | None:
        """One magnitude; None where there is none."""
        value = float(self.values[layer, step])
        return None if value < 0 or (self.logged is not None and not self.logged[layer, step]) else value


def write_step(number: float) -> str:
    """A step's number: whole, as steps nearly always are, with its thousands apart; else as short as it goes."""
    return f"{number:,.0f}" if number.is_integer() else f"{number:g}"
