"""Bounds of norms that were estimated out of histograms, by layer and step. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..figure.magnitudes import Bounds
from .arrays import Floats
from .reductions import ESTIMATE
from .series import Key, Table

ESTIMATED: Final = "The norms are estimates from histograms; the bars show the bounds that each lies between."


@dataclass(frozen=True, eq=False)
class NormBounds:
    """Bounds of each layer's norm: `low` and `high`, shape (layers, S), NaN where nothing is known.

    They are found by a layer's name and a step's number, so they hold for the run in whatever order its layers are.
    """

    rows: dict[str, int]
    steps: Floats
    low: Floats
    high: Floats

    def at(self, step: float, layers: Sequence[str]) -> Bounds | None:
        """The bounds of a layer, or of several together, by their names at a step; None where they aren't known."""
        place = int(np.searchsorted(self.steps, step))
        if place == len(self.steps) or self.steps[place] != step:
            return None
        rows = [self.rows[name] for name in layers if name in self.rows]
        low, high = (math.hypot(*side[rows, place].tolist()) for side in (self.low, self.high))
        return None if not rows or math.isnan(low) or math.isnan(high) else (low, high)


def bounding_tables(tables: Mapping[Key, Table], side: int) -> dict[Key, Table]:
    """Tables of the estimates' lower bounds, `side` 0, or upper ones, 1, in place of the estimates."""
    return {
        key: Table(table.rows, {name: one.bounds[side] for name, one in table.columns.items() if one.bounds})
        for key, table in tables.items()
        if key.reduction == ESTIMATE
    }
