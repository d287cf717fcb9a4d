"""Growth and decay in one layer's magnitudes from each value to the next. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from .arrays import Floats
from .change_points import MIN_CHANGE_DECADES, NOISE, Change, step_noise

MIN_CLIMB_STEPS: Final = 6  # all in one direction; what returns sooner is a spike
MIN_RATE: Final = 0.1  # decades a step, on average: a slower change is one of level
MIN_SHARE: Final = 0.3  # of the mean step, at both ends
SAME_CHANGE: Final = 0.5  # of a change of level, at least, is in a climb that takes its place


def find_climbs(logarithms: Floats) -> list[Change]:
    """Climbs and descents in some log₁₀, shape (N,): several steps in one direction, as exponential growth has them."""
    steps = np.diff(logarithms)
    if len(steps) < MIN_CLIMB_STEPS:
        return []
    signs = np.sign(steps)
    edges = np.flatnonzero(signs[1:] != signs[:-1]) + 1
    firsts, lasts = np.append(0, edges), np.append(edges, len(steps))
    is_long = lasts - firsts >= MIN_CLIMB_STEPS
    firsts, lasts = firsts[is_long], lasts[is_long]
    is_large = np.abs(logarithms[lasts] - logarithms[firsts]) >= MIN_CHANGE_DECADES
    if not is_large.any():
        return []
    least = max(MIN_CHANGE_DECADES, NOISE * step_noise(logarithms))
    found = []
    for first, last in zip(firsts[is_large].tolist(), lasts[is_large].tolist(), strict=True):
        start, stop = _trimmed(np.abs(steps[first:last]), first)
        decades = float(logarithms[stop] - logarithms[start])
        if stop - start >= MIN_CLIMB_STEPS and abs(decades) >= max(least, MIN_RATE * (stop - start)):
            found.append(Change(start, stop, decades))
    return found


def _trimmed(sizes: Floats, first: int) -> tuple[int, int]:
    """The places of a climb whose first step is at a place, without much smaller steps at its ends: these are noise."""
    large = np.flatnonzero(sizes >= MIN_SHARE * sizes.mean())
    return first + int(large[0]), first + int(large[-1]) + 1


def join_changes(climbs: Sequence[Change], levels: Sequence[Change]) -> list[Change]:
    """Climbs and changes of level, each change once.

    A climb takes the place of changes of level, as its steps are exact, unless it is a small part of a slow change.
    """
    kept = [climb for climb in climbs if not any(_is_part(climb, level) for level in levels)]
    others = [level for level in levels if not any(_overlap(climb, level) for climb in kept)]
    return sorted([*kept, *others], key=lambda change: -abs(change.decades))


def _is_part(climb: Change, level: Change) -> bool:
    return _overlap(climb, level) and abs(climb.decades) < SAME_CHANGE * abs(level.decades)


def _overlap(one: Change, other: Change) -> bool:
    """True if two changes go the same way and share a step, or follow each other."""
    is_same_way = math.copysign(1.0, one.decades) == math.copysign(1.0, other.decades)
    return is_same_way and one.start <= other.stop and other.start <= one.stop
