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
FEW_POINTS: Final = 3  # a change over more of them is placed by them, and not by its values
ARRIVED: Final = 0.05  # of a change, at most, is missing where it has left one level or arrived at the other
GAUSSIAN: Final = 1.4826  # standard deviations in a median absolute deviation


class Change(NamedTuple):
    """A change of level from one value to another, by their places, in decades: negative for a fall."""

    start: int
    stop: int
    decades: float


class _Series(NamedTuple):
    """Some log₁₀, and the medians of their blocks of `size` values."""

    logarithms: Floats
    size: int
    points: Floats


def find_changes(logarithms: Floats) -> list[Change]:
    """The largest changes of level in some log₁₀, shape (N,), in the order of their size."""
    size = max(MIN_BLOCK, -(-len(logarithms) // MAX_BLOCKS))
    count = len(logarithms) // size
    if count < MIN_BLOCKS:
        return []
    points = median(logarithms[: count * size].reshape(count, size))
    series, noise = _Series(logarithms, size, points), step_noise(points) / math.sqrt(2)
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
        placed = _placed(series, (max(low, start - LEVEL + 1), start, stop, min(high, stop + LEVEL)))
        is_slow = decades < MIN_SLOW_DECADES and stop - start > count / 2
        if abs(placed.decades) >= MIN_LEVEL_CHANGE and not is_slow:
            found.append(placed)
    return sorted(found, key=lambda change: -abs(change.decades))


def step_noise(values: Floats) -> float:
    """A robust standard deviation of the steps between two values or more, without their trend."""
    steps = np.diff(values)
    return GAUSSIAN * float(median(np.abs(steps - median(steps))))


def _largest(points: Floats) -> Change:
    """The largest fall or rise from a point to a later one."""
    falls, rises = np.maximum.accumulate(points) - points, points - np.minimum.accumulate(points)
    if falls.max() >= rises.max():
        stop = int(falls.argmax())
        return Change(int(points[: stop + 1].argmax()), stop, -float(falls[stop]))
    stop = int(rises.argmax())
    return Change(int(points[: stop + 1].argmin()), stop, float(rises[stop]))


def _placed(series: _Series, points: tuple[int, int, int, int]) -> Change:
    """A change at the values where it leaves one level and arrives at another; at one step if most happens there.

    `points`: the first that has the level before, the last before the change, the first after it, and the end of those
    that have the level after.
    """
    low, start, stop, high = points
    before, after = float(median(series.points[low : start + 1])), float(median(series.points[stop:high]))
    sign, decades, size = math.copysign(1.0, after - before), abs(after - before), series.size
    if stop - start <= FEW_POINTS:
        steps = sign * np.diff(_smooth(series.logarithms[start * size : (stop + 1) * size]))
        at = start * size + int(steps.argmax())
        if steps.max() >= JUMP * decades:
            return Change(at, at + 1, after - before)
    tolerance = max(ARRIVED * decades, step_noise(series.logarithms))
    head = sign * (_smooth(series.logarithms[low * size : min(start + 2, high) * size - 1]) - before)
    left = np.flatnonzero(head <= tolerance)
    first = low * size + int(left[-1]) if left.size else (start + 1) * size - 1
    begin = max(first + 1, (stop - 1) * size)
    tail = sign * (_smooth(series.logarithms[begin : high * size]) - after)
    arrived = np.flatnonzero(tail >= -tolerance)
    return Change(first, begin + int(arrived[0]) if arrived.size else max(begin, stop * size), after - before)


def _smooth(values: Floats) -> Floats:
    """The median of each value and the two on either side, so that a spike is no change."""
    padded = np.concatenate((values[:1], values[:1], values, values[-1:], values[-1:]))
    return median(np.stack([padded[at : at + len(values)] for at in range(5)], axis=1))


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
