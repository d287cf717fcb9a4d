"""Norms of several series combined into the norm of all their elements together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..figure.work import finished, share_of
from .arrays import Floats, Mask, Work
from .reductions import ASSUMED, ESTIMATE, L1, L2, MAX, MEAN, RMS, SHARE

STRETCH: Final = 1 << 14  # steps that are combined at once: what that takes stays in the processor's cache


def together(
    values: Sequence[Floats], there: Sequence[Mask], reduction: str, sizes: Sequence[int] | None = None
) -> tuple[Floats, Mask]:
    """Several series combined into that of all their elements together, and where all of them were logged.

    Of norms ‖g‖ₚ the p-norm, for L2 the root of the sum of squares; of maxima the maximum; RMS, mean and share weighted
    by the number of elements, `sizes`, or alike where it isn't known. A series of which nothing was logged counts for
    nothing. NaN where one wasn't logged, or where a NaN was.
    """
    norms, logged = np.empty(len(values[0])), np.empty(len(values[0]), np.bool_)
    finished(merging(values, there, reduction, sizes, norms, logged))
    return norms, logged


def merging(  # noqa: PLR0917  # what is combined, how, and where to
    values: Sequence[Floats],
    there: Sequence[Mask],
    reduction: str,
    sizes: Sequence[int] | None,
    norms: Floats,
    logged: Mask,
) -> Work[None]:
    """Do the work of `together` in short pieces, into `norms` and `logged`, shape (S,) each."""
    used = [at for at, mask in enumerate(there) if mask.any()] or [0]
    values, there = [values[at] for at in used], [there[at] for at in used]
    weights = [1.0 if sizes is None else float(sizes[at]) for at in used]
    for start in range(0, len(norms), STRETCH):
        part = slice(start, start + STRETCH)
        work = _merging([one[part] for one in values], [mask[part] for mask in there], reduction, weights)
        norms[part], logged[part] = yield from share_of(work, start / len(norms), min(1.0, STRETCH / len(norms)))


def _merging(
    values: list[Floats], there: list[Mask], reduction: str, weights: list[float]
) -> Work[tuple[Floats, Mask]]:
    """Series of few steps together: largest · (Σ wᵢ (xᵢ / largest)ᵖ)^(1/p), so that no power overflows on the way."""
    largest, logged = np.zeros(len(values[0])), np.ones(len(values[0]), np.bool_)
    for series, mask in zip(values, there, strict=True):
        yield 0.0
        np.maximum(largest, _known(series, mask), out=largest)
        logged &= mask
    if len(values) > 1 and reduction != MAX:
        largest = yield from _summing(values, there, reduction, weights, largest)
    return np.where(logged, largest, np.nan), logged


def _summing(
    values: list[Floats], there: list[Mask], reduction: str, weights: list[float], largest: Floats
) -> Work[Floats]:
    p, divided = _power(reduction), reduction in {MEAN, RMS, SHARE}
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    total, weight = np.zeros(len(scale)), np.zeros(len(scale))
    for series, mask, count in zip(values, there, weights, strict=True):
        yield 0.5
        with np.errstate(all="ignore"):  # NaN and infinity are values here
            power = _raised(_known(series, mask) / scale, p)
            total += count * power if divided else power
        if divided:
            weight += count * mask
    with np.errstate(all="ignore"):
        return scale * _raised(total / weight if divided else total, 1 / p)


def _known(series: Floats, mask: Mask) -> Floats:
    """The series with 0 where nothing was logged."""
    return series if mask.all() else np.where(mask, series, 0.0)


def _raised(values: Floats, power: float) -> Floats:
    """Values to a power, of which the usual ones have functions that are several times as fast."""
    if power in {2.0, 0.5}:
        return np.square(values) if power == 2 else np.sqrt(values)
    return values if power == 1 else values**power


def _power(reduction: str) -> float:
    """The p of a p-norm by which a reduction is combined: 2 for L2 and RMS, 1 for L1, mean and share, else infinity."""
    named = {
        L2: 2.0,
        ASSUMED: 2.0,
        ESTIMATE: 2.0,
        RMS: 2.0,
        L1: 1.0,
        MEAN: 1.0,
        SHARE: 1.0,
        MAX: np.inf,
    }
    return named.get(reduction) or float(reduction[1:])
