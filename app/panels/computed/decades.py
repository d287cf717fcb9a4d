"""The decades of a training: the scale of all magnitudes so far, which grows and never jumps back. Pure."""

from __future__ import annotations

import math

import numpy as np

from ...figure.shading import Decades, decades_around
from ...network.training import Training


class TrainingDecades:
    """The range of one series of a training, read on as the training goes on."""

    def __init__(self, training: Training, measure: str, *, relative: bool) -> None:
        self.of = training, measure, relative
        self._seen = 0
        self._least, self._most = math.inf, -math.inf  # logarithms

    def range(self) -> tuple[float, float]:
        """The least and the greatest logarithm of its magnitudes so far; ∞ and −∞ without any."""
        training, measure, relative = self.of
        steps = training.steps + 1
        if steps > self._seen:
            fresh = np.abs(training.values(measure, relative=relative)[:, self._seen :])
            self._seen = steps
            there = fresh[(fresh > 0) & (fresh < np.inf)]
            if there.size:
                self._least = min(self._least, math.log10(there.min()))
                self._most = max(self._most, math.log10(there.max()))
        return self._least, self._most


def common_decades(ranges: list[tuple[float, float]]) -> Decades | None:
    """The decades around several ranges; None if all are empty."""
    least, most = min(low for low, _ in ranges), max(high for _, high in ranges)
    return decades_around(least, most) if least <= most else None
