"""The common scale of figure, bars and map: it grows with all that is shown, and never jumps back by itself. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from ...figure.magnitudes import Magnitude
from ...figure.shading import Decades, Domain, decades_around, to_domain
from ...network.training import Training

Reach = tuple[float, float]  # the least and the greatest logarithm of some magnitudes; ∞ and −∞ without any
NO_REACH: Final[Reach] = (math.inf, -math.inf)
MIN_LINEAR: Final = -300.0  # the logarithm from which floats are fine enough for marks


class TrainingReach:
    """The reach of one series of a training, read on as the training goes on."""

    def __init__(self, training: Training, measure: str, *, relative: bool) -> None:
        self.of = training, measure, relative
        self._seen = 0
        self._reach = NO_REACH

    def read(self) -> Reach:
        """The reach of its magnitudes so far."""
        training, measure, relative = self.of
        steps = training.steps + 1
        if steps > self._seen:
            fresh = np.abs(training.values(measure, relative=relative)[:, self._seen :])
            self._seen = steps
            there = fresh[(fresh > 0) & (fresh < np.inf)]
            if there.size:
                self._reach = common_reach(self._reach, (math.log10(there.min()), math.log10(there.max())))
        return self._reach


def reach_of(magnitudes: Iterable[Magnitude]) -> Reach:
    """The reach of the finite magnitudes above 0."""
    logarithms = [math.log10(size) for size in magnitudes if size is not None and 0 < size < math.inf]
    return (min(logarithms), max(logarithms)) if logarithms else NO_REACH


def common_reach(*reaches: Reach) -> Reach:
    """The reach of several together."""
    return min(low for low, _ in reaches), max(high for _, high in reaches)


def reach_decades(reach: Reach) -> Decades | None:
    """The whole decades around a reach; None if it is empty."""
    return decades_around(*reach) if reach[0] <= reach[1] else None


class SteadyAxis:
    """The reach of all that was shown of one subject. Another subject, `begin` and `fit` let it start anew."""

    def __init__(self) -> None:
        self._subject: object = None
        self._reach = self._needed = NO_REACH

    def show(self, subject: object, needed: Reach) -> None:
        """Grow as far as `needed`, the reach of what is shown now."""
        self._reach = common_reach(self._reach, needed) if subject == self._subject else needed
        self._subject, self._needed = subject, needed

    def begin(self) -> None:
        """Start anew with what is shown next."""
        self._subject = None

    def fit(self) -> None:
        """Shrink to what is shown now."""
        self._reach = self._needed

    @property
    def decades(self) -> Decades | None:
        """The exponents at the ends of the logarithmic scale; None if nothing has a place on it."""
        return reach_decades(self._reach)

    @property
    def span(self) -> Domain | None:
        """A domain whose upper end is the greatest magnitude, for a linear scale; None without one."""
        high = self._reach[1]
        return to_domain((high - 1.0, high)) if high > MIN_LINEAR else None

    def is_wide(self, *, log: bool) -> bool:
        """Return True if `fit` would shrink the scale: by a decade, or a linear one by half."""
        if log:
            return self.decades != reach_decades(self._needed)
        return self._reach[1] - self._needed[1] > math.log10(2.0)
