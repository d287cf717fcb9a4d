"""Spikes, dips and gaps in one layer's magnitudes over the steps. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from .arrays import Floats, median
from .change_points import GAUSSIAN, LEVEL, NOISE

MIN_FACTOR: Final = math.log10(3.0)  # decades of a spike, at least
MIN_DIP: Final = 1.0  # decades of a dip, which harms less
MAX_LENGTH: Final = 5  # values, until it is back; what stays away is a change of level
MAX_SPIKES: Final = 200  # of one layer
MIN_ZEROS: Final = 10  # values in a row that are 0, to call a layer dead for that time
MAX_ZEROS_BEFORE: Final = 0.1  # of the values before and after them: an expert is often 0


class Spike(NamedTuple):
    """A short excursion of a layer's magnitude: its first value's place, its extreme in decades, negative for a dip."""

    place: int
    decades: float
    length: int


class ZeroRun(NamedTuple):
    """A time without gradient: the places of its first value and of the first one after it, which may be the end."""

    start: int
    stop: int


def find_spikes(logarithms: Floats) -> list[Spike]:
    """Spikes and dips in some log₁₀, shape (N,), that are larger than the series' own steps explain.

    A spike is ×3 or more, a dip to a tenth or less, of the value before and of the level of those before. The last
    values have no time to return: there it takes ×10.
    """
    steps = np.diff(logarithms)
    if not len(steps):
        return []
    noise = GAUSSIAN * float(median(np.abs(steps - median(steps))))
    least = max(MIN_FACTOR, NOISE * noise)
    found: list[Spike] = []
    after = 0
    for at in np.flatnonzero(np.abs(steps) >= least).tolist():
        if at < after or len(found) >= MAX_SPIKES:
            continue
        sign = math.copysign(1.0, steps[at])
        away = sign * (logarithms[at + 1 : at + 2 + MAX_LENGTH] - logarithms[at])
        back = np.flatnonzero(away < abs(steps[at]) / 2)
        is_late = at + 2 + MAX_LENGTH > len(logarithms) and abs(steps[at]) >= 1
        if not back.size and not is_late:
            continue
        length = int(back[0]) if back.size else len(away)
        level = float(median(logarithms[max(0, at + 1 - LEVEL) : at + 1]))  # one value before may be an extreme itself
        decades = float(min(away[:length].max(), (sign * (logarithms[at + 1 : at + 1 + length] - level)).max()))
        if decades >= (least if sign > 0 else max(least, MIN_DIP)):
            found.append(Spike(at + 1, sign * decades, length))
        after = at + 1 + length
    return found


def find_zero_runs(values: Floats) -> list[ZeroRun]:
    """Times in which a layer that has a gradient otherwise has none, from its values, shape (N,)."""
    zero = values == 0
    if np.count_nonzero(zero) < MIN_ZEROS:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], zero.astype(np.int8), [0]))))
    gaps = [ZeroRun(int(start), int(stop)) for start, stop in edges.reshape(-1, 2) if stop - start >= MIN_ZEROS]
    outside = len(values) - sum(gap.stop - gap.start for gap in gaps)
    others = np.count_nonzero(zero) - sum(gap.stop - gap.start for gap in gaps)
    return gaps if outside and others <= MAX_ZEROS_BEFORE * outside else []
