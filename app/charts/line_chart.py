"""The loss over the steps as a path with few points, for a run of any length, without losing a spike. Pure.

Coordinates are whole numbers in a view box of CURVE_WIDTH × CURVE_HEIGHT, which is stretched to any size. A step is at
the middle of its share of the width, like its cell in the map below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from .arrays import FloatArray
from .scales import Scale, make_scale

CURVE_WIDTH: Final = 2000
CURVE_HEIGHT: Final = 1000
MAX_LINE_BINS: Final = 240  # with two points each


def loss_axis(runs: Sequence[FloatArray]) -> Scale:
    """The axis for the losses of all runs: logarithmic if all finite losses are above 0, else linear."""
    finite = np.concatenate([np.empty(0), *(run[np.isfinite(run)] for run in runs)])
    ends = [float(finite.min()), float(finite.max())] if finite.size else []
    return make_scale(ends, log=all(end > 0 for end in ends))


def step_place(step: int, steps: int) -> float:
    """The place of a step among `steps`, 0 to 1, clamped."""
    return (min(max(step, 0), steps - 1) + 0.5) / steps


def step_at(place: float, steps: int) -> int:
    """The step at a place, 0 to 1, clamped."""
    return min(max(int(place * steps), 0), steps - 1)


def _distinct(steps: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The distinct steps in order. (np.unique would load numpy.ma, which the page doesn't have.)"""
    ordered = np.sort(steps)
    return ordered[np.append(True, np.diff(ordered) > 0)] if ordered.size else ordered


def thin(losses: FloatArray, most: int = MAX_LINE_BINS) -> npt.NDArray[np.intp]:
    """The steps that a line needs: all, or the two ends and the least and greatest loss of each bin."""
    steps = len(losses)
    if steps <= 2 * most:
        return np.arange(steps)
    edges = np.linspace(0, steps, most + 1).astype(np.intp)
    size = int(np.diff(edges).max())
    at = np.minimum(edges[:-1, None] + np.arange(size), edges[1:, None] - 1)  # a shorter bin repeats its last step
    block = losses[at]
    finite = np.isfinite(block)
    rows = np.arange(len(at))
    least = at[rows, np.where(finite, block, np.inf).argmin(axis=1)]
    most_ = at[rows, np.where(finite, block, -np.inf).argmax(axis=1)]
    return _distinct(np.concatenate([[0], least, most_, [steps - 1]]))


def line_path(losses: FloatArray, scale: Scale) -> str:
    """The path of a line, interrupted at NaN and infinity. A single step is a dot. `losses` has shape (S,)."""
    steps = len(losses)
    kept = thin(losses)
    shown = losses[kept]
    good = np.isfinite(shown)
    xs = ((kept + 0.5) * (CURVE_WIDTH / max(steps, 1))).astype(np.intp)
    with np.errstate(all="ignore"):
        heights = (np.log10(shown) - scale.low) / (scale.high - scale.low) if scale.log else shown / scale.high
    ys = np.rint(CURVE_HEIGHT * (1 - np.clip(np.where(good, heights, 0.0), 0.0, 1.0))).astype(np.intp)
    parts = []
    for run in _runs(good, _breaks(losses, kept)):
        # One text for all points is faster than one per point.
        points = str(np.column_stack((xs[run], ys[run])).ravel().tolist())[1:-1]
        parts.append(f"M{points}" if run.stop - run.start > 1 else f"M{points}h0")
    return "".join(parts)


def _breaks(losses: FloatArray, kept: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """True for each kept step after a loss that is not finite; shape as `kept`."""
    broken_stretches = np.cumsum(~np.isfinite(losses))
    return np.diff(broken_stretches[kept], prepend=0) > 0


def _runs(good: npt.NDArray[np.bool_], breaks: npt.NDArray[np.bool_]) -> list[slice]:
    """The slices of neighbouring good steps without a break between them."""
    runs: list[slice] = []
    start: int | None = None
    if good.all() and not breaks.any():
        return [slice(0, len(good))] if len(good) else []
    for at, (fine, broken_stretches) in enumerate(zip(good.tolist(), breaks.tolist(), strict=True)):
        if start is not None and (broken_stretches or not fine):
            runs.append(slice(start, at))
            start = None
        if fine and start is None:
            start = at
    return runs if start is None else [*runs, slice(start, len(good))]


def broken_stretches(losses: FloatArray, most: int = MAX_LINE_BINS) -> list[tuple[float, float, str]]:
    """The stretches of NaN or infinite losses: start, end, 0 to 1, and `nan` or `infinite`; at most `most` of each."""
    steps = len(losses)
    marks: list[tuple[float, float, str]] = []
    for kind, there in (("nan", np.isnan(losses)), ("infinite", np.isinf(losses))):
        if not there.any():
            continue
        bins = _distinct((np.flatnonzero(there) * min(most, steps)) // steps)  # few bins make few stretches
        for stretch in np.split(bins, np.flatnonzero(np.diff(bins) > 1) + 1):
            share = 1 / min(most, steps)
            marks.append((float(stretch[0]) * share, (float(stretch[-1]) + 1) * share, kind))
    return marks
