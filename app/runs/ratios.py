"""Magnitudes of layers divided by those of their weights: ‖ΔW‖/‖W‖ and ‖∂L/∂W‖/‖W‖. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..figure.work import share_of
from .arrays import Floats, Mask, Work, found_in
from .merging import merging
from .reductions import L2


def dividing(norms: Floats, logged: Mask, weights: Floats) -> Work[tuple[Floats, Mask]]:
    """Norms divided by weights' norms, shape (layers, steps) each, and where there is a ratio; in pieces.

    There is none where a norm or the weights' norm was not logged (NaN there), or the weights are all 0.
    """
    ratios, there = np.full(norms.shape, np.nan), np.zeros(norms.shape, np.bool_)
    for row in range(len(norms)):
        yield row / len(norms)
        there[row] = logged[row] & (weights[row] > 0)
        with np.errstate(all="ignore"):  # infinity by infinity is NaN, and shown as that
            np.divide(norms[row], weights[row], out=ratios[row], where=there[row])
    return ratios, there


def placing(norms: Floats, steps: Floats, wanted: Floats) -> Work[Floats]:
    """Norms of layers, shape (layers, steps), at other steps; NaN where they have none."""
    placed = np.full((len(norms), len(wanted)), np.nan)
    at, there = found_in(wanted, steps)
    for row in range(len(norms)):
        yield row / len(norms)
        placed[row, there] = norms[row, at[there]]
    return placed


def merging_ratios(
    ratios: Sequence[Floats], there: Sequence[Mask], weights: Sequence[Floats], norms: Floats, logged: Mask
) -> Work[Floats]:
    """The ratio of several layers taken together, into `norms` and `logged`; returns the norm of their weights."""
    together = np.empty_like(norms)
    top = [ratio * weight for ratio, weight in zip(ratios, weights, strict=True)]
    yield from share_of(merging(top, there, L2, None, norms, logged), 0.0, 0.5)
    yield from share_of(merging(weights, there, L2, None, together, np.empty_like(logged)), 0.5, 0.5)
    with np.errstate(all="ignore"):
        norms /= together
    return together
