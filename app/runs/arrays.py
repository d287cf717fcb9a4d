"""Work on long arrays in pieces of a few milliseconds, and where steps are among others. Pure."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from itertools import islice
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
WorkResult = TypeVar("WorkResult")
Work = Generator[float, None, WorkResult]  # in pieces of a few milliseconds: yields how much is done, 0 to 1
PIECE: Final = 1 << 14  # numbers that are looked at without a pause


def unmeasured(work: Generator[None, None, WorkResult]) -> Work[WorkResult]:
    """Work in pieces that tells no share, as work that yields 0."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: WorkResult = end.value
            return result
        yield 0.0


def places_of(wanted: Floats, steps: Floats) -> Work[Places]:
    """The place of each wanted step among the steps."""
    places = np.empty(len(wanted), np.intp)
    for start in range(0, len(wanted), PIECE):
        part = slice(start, start + PIECE)
        places[part] = np.searchsorted(steps, wanted[part])
        yield 0.0
    return places


def as_arrays(several: Iterable[Iterable[float]]) -> Work[list[Floats]]:
    """Numbers as arrays, shape (N,) each."""
    listed: list[Floats] = []
    for numbers in several:
        left, pieces = iter(numbers), [np.empty(0)]
        while len(piece := np.fromiter(islice(left, PIECE), np.float64)):
            pieces.append(piece)
            yield 0.0
        listed.append(np.concatenate(pieces))
    return listed


def distinct(steps: Floats) -> Floats:
    """Each once, ascending: np.unique would bring numpy.ma, which the page does without."""
    ascending = np.sort(steps, kind="stable")  # which takes no time over what is in order already
    return ascending[np.append(True, np.diff(ascending) > 0)] if ascending.size else ascending


def found_in(wanted: Floats, steps: Floats) -> tuple[Places, Mask]:
    """The places of wanted steps among steps, of which there is one at least, and which of them are there."""
    at = np.minimum(np.searchsorted(steps, wanted), len(steps) - 1)
    return at, steps[at] == wanted


def median(values: Floats) -> Floats:
    """The median along the last axis, the larger of two in the middle: np.median would bring numpy.ma."""
    at = values.shape[-1] // 2
    middle: Floats = np.partition(values, at)[..., at]
    return middle
