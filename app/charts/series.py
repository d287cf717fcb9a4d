"""A training run as the timeline draws it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..figure.magnitudes import Bounds, write_bounded
from . import heatmap
from .heatmap import Array, Mask

MAX_ROW_NAME_CHARS: Final = 11  # characters that fit beside a row


class RunSeries(NamedTuple):
    """A run as it is drawn.

    `losses`: shape (S,), NaN and infinity too; None: there are none, and no curve. `values`: magnitudes, shape
    (layers, S). Where there is none they are `heatmap.NONE`, or, given `logged`, whatever they are where that is False.
    `cells`: the map's, where they were made beforehand, for a long run. `lossless`: True where there is no loss,
    whatever `losses` are, shape (S,). `bounds`: what gives the bounds of a magnitude that is an estimate, by layer and
    step.
    """

    losses: Array | None
    values: Array
    logged: Mask | None = None
    cells: heatmap.Cells | None = None
    lossless: Mask | None = None
    bounds: Callable[[int, int], Bounds | None] | None = None

    @property
    def map_cells(self) -> heatmap.Cells:
        """The map's cells."""
        if self.cells is not None:
            return self.cells
        return heatmap.cells(self.values if self.logged is None else np.where(self.logged, self.values, heatmap.NONE))

    def loss(self, step: int) -> float | None:
        """One loss; None where there is none."""
        if self.losses is None or (self.lossless is not None and self.lossless[step]):
            return None
        return float(self.losses[step])

    @property
    def marked_losses(self) -> Array | None:
        """The losses of which those not finite are to be marked: 0 where there is none."""
        return (
            self.losses if self.losses is None or self.lossless is None else np.where(self.lossless, 0.0, self.losses)
        )

    def magnitude(self, layer: int, step: int) -> float | None:
        """One magnitude; None where there is none."""
        value = float(self.values[layer, step])
        return None if value < 0 or (self.logged is not None and not self.logged[layer, step]) else value

    def written(self, layer: int, step: int) -> str:
        """One magnitude as text; of an estimate, with its bounds."""
        return write_bounded(self.magnitude(layer, step), self.bounds(layer, step) if self.bounds else None)


def row_names(names: Sequence[str]) -> list[str]:
    """Layers' names as they fit beside rows: without the blocks that all of them are in, and of a long one its end."""
    first, last = min(names), max(names)
    alike = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    shared = first.rfind(".", 0, alike) + 1
    return [_end(name[shared:]) for name in names]


def _end(name: str) -> str:
    return name if len(name) <= MAX_ROW_NAME_CHARS else f"…{name[1 - MAX_ROW_NAME_CHARS :]}"
