"""The series of a training run, as the timeline draws them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..figure.magnitudes import Bounds, write_bounded
from ..figure.shading import Domain
from . import heatmap
from .arrays import BoolArray, FloatArray

MAX_ROW_NAME_CHARS: Final = 11  # beside a row of the map
MIN_LINEAR_TOP: Final = 1e-300  # from here on floats are fine enough for marks


class RunSeries(NamedTuple):
    """The losses and magnitudes of a run.

    `losses`: shape (S,), also NaN and infinity; None: no losses, so no curve. `values`: magnitudes, shape (layers, S);
    a missing one is `heatmap.MISSING_VALUE`, or any number if `logged` is False there. `cells`: the map's cells, if a
    long run has them already. `lossless`: True at steps without a loss, whatever `losses` has there, shape (S,).
    `bounds`: a function from layer and step to the bounds of an estimated magnitude.
    """

    losses: FloatArray | None
    values: FloatArray
    logged: BoolArray | None = None
    cells: heatmap.Cells | None = None
    lossless: BoolArray | None = None
    bounds: Callable[[int, int], Bounds | None] | None = None

    @property
    def map_cells(self) -> heatmap.Cells:
        """The cells of the map."""
        if self.cells is not None:
            return self.cells
        return heatmap.make_cells(
            self.values if self.logged is None else np.where(self.logged, self.values, heatmap.MISSING_VALUE)
        )

    def loss(self, step: int) -> float | None:
        """The loss at a step, or None."""
        if self.losses is None or (self.lossless is not None and self.lossless[step]):
            return None
        return float(self.losses[step])

    @property
    def marked_losses(self) -> FloatArray | None:
        """The losses whose NaN and infinity get a mark; 0 at steps without a loss."""
        return (
            self.losses if self.losses is None or self.lossless is None else np.where(self.lossless, 0.0, self.losses)
        )

    def magnitude(self, layer: int, step: int) -> float | None:
        """The magnitude of a layer at a step, or None."""
        value = float(self.values[layer, step])
        return None if value < 0 or (self.logged is not None and not self.logged[layer, step]) else value

    def written(self, layer: int, step: int) -> str:
        """The text of a magnitude, with its bounds if it is an estimate."""
        return write_bounded(self.magnitude(layer, step), self.bounds(layer, step) if self.bounds else None)


def linear_domain(runs: Sequence[RunSeries]) -> Domain | None:
    """A domain whose upper end is the greatest finite magnitude of all steps, for a linear axis; None without one."""
    high = max(map(_greatest, runs), default=0.0)
    return (high / 10.0, high) if high > MIN_LINEAR_TOP else None


def _greatest(run: RunSeries) -> float:
    there = np.isfinite(run.values) if run.logged is None else np.isfinite(run.values) & run.logged
    return float(np.maximum.reduce(run.values, axis=None, initial=0.0, where=there))


def check_series(names: Sequence[str], series: RunSeries, steps: int) -> None:
    """Raise ValueError unless the series has a row per name and `steps` steps."""
    shape = (len(names), max(steps, 1))
    if series.values.shape != shape:
        raise ValueError(f"values: must have the shape {shape}, got {series.values.shape}")
    if series.losses is not None and series.losses.shape != (steps,):
        raise ValueError(f"losses: must have the shape {(steps,)}, got {series.losses.shape}")
    if series.logged is not None and series.logged.shape != shape:
        raise ValueError(f"logged: must have the shape {shape}, got {series.logged.shape}")


def row_names(names: Sequence[str]) -> list[str]:
    """The names of layers beside rows: without the blocks that all share, and only the end of a long name.

    Of a range of layers, `h.2 … h.3`, both ends are without these blocks.
    """
    first, last = min(names), max(names)
    same = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    shared = first.rfind(".", 0, same) + 1
    blocks = first[:shared]
    return [_end(name[shared:].replace(f" … {blocks}", "…") if blocks else name) for name in names]


def _end(name: str) -> str:
    return name if len(name) <= MAX_ROW_NAME_CHARS else f"…{name[1 - MAX_ROW_NAME_CHARS :]}"
