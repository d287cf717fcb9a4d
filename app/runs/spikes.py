"""Spikes, dips, jumps and gaps in one layer's magnitudes over the steps. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from .arrays import Floats, median
from .change_points import LEVEL, MIN_BLOCK, MIN_BLOCKS, NOISE, Change, step_noise
from .climbs import find_climbs

MIN_FACTOR: Final = math.log10(3.0)  # decades of a spike, at least
MIN_DIP: Final = 1.0  # decades of a dip, which harms less
MIN_JUMP_DECADES: Final = 1.0  # decades of a jump that has had no time to return
MAX_LENGTH: Final = 5  # values, until it is back; what stays away is a change of level
MAX_SPIKES: Final = 200  # of one layer
MIN_ZEROS: Final = 10  # values in a row that are 0, to call a layer dead for that time
MAX_ZEROS_BEFORE: Final = 0.1  # of the values before and after them: an expert is often 0


class Spike(NamedTuple):
    """A short excursion of a layer's magnitude: its first value's place, its extreme in decades, negative for a dip."""

    place: int
    decades: float
    length: int


class Excursions(NamedTuple):
    """Departures from the level: spikes and dips, which return, and jumps, which do not."""

    spikes: list[Spike]
    jumps: list[Change]


class ZeroRun(NamedTuple):
    """A time without gradient: the places of its first value and of the first one after it, which may be the end."""

    start: int
    stop: int


def find_spikes(logarithms: Floats) -> list[Spike]:
    """Spikes and dips in some log₁₀, shape (N,), that are larger than the series' own steps explain."""
    return find_excursions(logarithms, find_climbs(logarithms)).spikes


def find_excursions(logarithms: Floats, climbs: Sequence[Change]) -> Excursions:
    """Spikes, dips and jumps in some log₁₀, shape (N,), whose climbs are known; what is in a climb is none.

    A spike is ×3 or more, a dip to a tenth or less, of the value before and of the level of those before; it returns
    halfway within MAX_LENGTH values. A jump of ×10 or more does not return. Only those are told that no change of level
    tells: at the end, in a short series, and after a climb.
    """
    steps = np.diff(logarithms)
    found = Excursions([], [])
    if not len(steps):
        return found
    least = max(MIN_FACTOR, NOISE * step_noise(logarithms))
    sizes = np.abs(steps)
    for climb in climbs:
        sizes[climb.start : climb.stop] = 0.0
    ends = {climb.stop for climb in climbs}
    after = 0
    for at in np.flatnonzero(sizes >= least).tolist():
        if at < after or len(found.spikes) >= MAX_SPIKES:
            continue
        away = math.copysign(1.0, steps[at]) * (logarithms[at + 1 : at + 2 + MAX_LENGTH] - logarithms[at])
        back = np.flatnonzero(away < sizes[at] / 2)
        if back.size:
            length = int(back[0])
            after = at + 1 + length
            spike = Spike(at + 1, _decades(logarithms, at, length), length)
            if abs(spike.decades) >= (least if spike.decades > 0 else max(least, MIN_DIP)):
                found.spikes.append(spike)
        elif len(logarithms) < MIN_BLOCK * MIN_BLOCKS or at + 2 + MAX_LENGTH > len(logarithms) or at in ends:
            length = _continued(steps[at:], least)
            after = at + max(length, MAX_LENGTH) + 1
            jump = Change(at, at + length, _decades(logarithms, at, length))
            if abs(jump.decades) >= max(least, MIN_JUMP_DECADES):
                found.jumps.append(jump)
    return found


def _continued(steps: Floats, least: float) -> int:
    """The number of large steps in the direction of the first."""
    small = np.flatnonzero(steps * np.sign(steps[0]) < least)
    return int(small[0]) if small.size else len(steps)


def _decades(logarithms: Floats, at: int, length: int) -> float:
    """The size of an excursion that begins after a place: from the value there, and from the level of those before it.

    One value before may be an extreme itself. 0 if the two differ in sign.
    """
    sign = math.copysign(1.0, logarithms[at + 1] - logarithms[at])
    level = float(median(logarithms[max(0, at + 1 - LEVEL) : at + 1]))
    extreme = float((sign * logarithms[at + 1 : at + 1 + length]).max())
    return sign * max(0.0, extreme - max(sign * float(logarithms[at]), sign * level))


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
