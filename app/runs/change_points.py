"""Changes of level in one layer's magnitudes over the steps: fast jumps and slow slides. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from .arrays import Floats, median

MIN_BLOCK: Final = 5  # values whose median is one point, so that a spike is no change of level
MAX_BLOCKS: Final = 256
MIN_BLOCKS: Final = 4
MIN_CHANGE_DECADES: Final = 1.3
MIN_LEVEL_CHANGE: Final = 1.0  # decades between the levels before and after
MIN_SLOW_DECADES: Final = 3.0  # of a change that takes more than half of the steps, as a converging training has
MAX_CHANGES: Final = 4  # of one layer
NOISE: Final = 6.0  # standard deviations of a point that a change must exceed
LEVEL: Final = 5  # points before and after a change that tell its size
JUMP: Final = 0.7  # of a change that happens between two neighbouring points: it is no slow one
GAUSSIAN: Final = 1.4826  # standard deviations in a median absolute deviation


class Change(NamedTuple):
    """A change of level from one value to another, by their places, in decades: negative for a fall."""

    start: int
    stop: int
    decades: float


def find_changes(logarithms: Floats) -> list[Change]:
    """The largest changes of level in some log₁₀, shape (N,), in the order of their size."""
    size = max(MIN_BLOCK, -(-len(logarithms) // MAX_BLOCKS))
    count = len(logarithms) // size
    if count < MIN_BLOCKS:
        return []
    points = median(logarithms[: count * size].reshape(count, size))
    noise = GAUSSIAN * float(median(np.abs(np.diff(points)))) / math.sqrt(2)
    found: list[Change] = []
    parts = [(0, count)]
    while parts and len(found) < MAX_CHANGES:
        low, high = parts.pop()
        change = _largest(points[low:high])
        decades = abs(change.decades)
        if decades < max(MIN_CHANGE_DECADES, NOISE * noise):
            continue
        parts += [(low, low + change.start + 1), (low + change.stop, high)]
        start, stop = _trimmed(points, low + change.start, low + change.stop, max(0.02 * decades, 3.5 * noise))
        start, stop = _jump(points, start, stop, change.decades)
        before, after = points[max(low, start - LEVEL + 1) : start + 1], points[stop : min(high, stop + LEVEL)]
        level = float(median(after) - median(before))  # without the extremes of the noise
        if abs(level) >= MIN_LEVEL_CHANGE and (decades >= MIN_SLOW_DECADES or stop - start <= count / 2):
            found.append(_placed(logarithms, Change((start + 1) * size - 1, stop * size, level)))
    return sorted(found, key=lambda change: -abs(change.decades))


def _largest(points: Floats) -> Change:
    """The largest fall or rise from a point to a later one."""
    falls, rises = np.maximum.accumulate(points) - points, points - np.minimum.accumulate(points)
    if falls.max() >= rises.max():
        stop = int(falls.argmax())
        return Change(int(points[: stop + 1].argmax()), stop, -float(falls[stop]))
    stop = int(rises.argmax())
    return Change(int(points[: stop + 1].argmin()), stop, float(rises[stop]))


def _placed(logarithms: Floats, change: Change) -> Change:
    """A change from one point to the next at the step where it happened: the largest within the two."""
    if change.stop - change.start > 1:
        return change
    size = max(MIN_BLOCK, -(-len(logarithms) // MAX_BLOCKS))
    low = max(0, change.start - size)
    steps = np.diff(logarithms[low : change.stop + size])
    at = low + int((steps * np.sign(change.decades)).argmax())
    return Change(at, at + 1, change.decades)


def _jump(points: Floats, start: int, stop: int, decades: float) -> tuple[int, int]:
    """The two neighbouring points between which most of a change happens, or its interval if there are none."""
    steps = np.diff(points[start : stop + 1]) * np.sign(decades)
    at = int(steps.argmax())
    return (start + at, start + at + 1) if steps[at] >= JUMP * abs(decades) else (start, stop)


def _trimmed(points: Floats, start: int, stop: int, tolerance: float) -> tuple[int, int]:
    """The part of an interval in which the change happens: without what is level at its ends."""
    part = points[start : stop + 1]
    first = int(np.flatnonzero(np.abs(part - part[0]) <= tolerance)[-1])
    last = int(np.flatnonzero(np.abs(part - part[-1]) <= tolerance)[0])
    return (start + first, start + last) if first < last else (start, stop)
