"""The loss over the steps as the path of a line: few points whatever the run's length, no spike lost. Pure.

Places are whole numbers of a view box of WIDTH × HEIGHT that is stretched to any size; a step stands in the middle of
its share of the width, as its cell does in the map beneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from .scales import Scale, make_scale

Array = npt.NDArray[np.float64]

WIDTH: Final = 2000
HEIGHT: Final = 1000
MAX_BINS: Final = 240  # of two points each


def axis(runs: Sequence[Array]) -> Scale:
    """An axis on which all losses stand, of any number of runs: in decades where each finite one is above 0."""
    finite = np.concatenate([np.empty(0), *(run[np.isfinite(run)] for run in runs)])
    ends = [float(finite.min()), float(finite.max())] if finite.size else []
    return make_scale(ends, log=all(end > 0 for end in ends))


def across(step: int, steps: int) -> float:
    """Where a step stands, 0 to 1, among `steps`, clamped."""
    return (min(max(step, 0), steps - 1) + 0.5) / steps


def step_at(place: float, steps: int) -> int:
    """The step at a place, 0 to 1, clamped."""
    return min(max(int(place * steps), 0), steps - 1)


def _distinct(steps: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Each once, in order: np.unique would bring numpy.ma, which the page does without."""
    ordered = np.sort(steps)
    return ordered[np.append(True, np.diff(ordered) > 0)] if ordered.size else ordered


def thinned(losses: Array, most: int = MAX_BINS) -> npt.NDArray[np.intp]:
    """The steps that a line needs: all, or of each bin those of its least and greatest loss; and both ends."""
    steps = len(losses)
    if steps <= 2 * most:
        return np.arange(steps)
    edges = np.linspace(0, steps, most + 1).astype(np.intp)
    size = int(np.diff(edges).max())
    at = np.minimum(edges[:-1, None] + np.arange(size), edges[1:, None] - 1)  # the last again where a bin is shorter
    block = losses[at]
    finite = np.isfinite(block)
    rows = np.arange(len(at))
    least = at[rows, np.where(finite, block, np.inf).argmin(axis=1)]
    most_ = at[rows, np.where(finite, block, -np.inf).argmax(axis=1)]
    return _distinct(np.concatenate([[0], least, most_, [steps - 1]]))


def path(losses: Array, scale: Scale) -> str:
    """The line's path, interrupted where a loss is NaN or infinite; a step alone is a dot. Losses of shape (S,)."""
    steps = len(losses)
    kept = thinned(losses)
    shown = losses[kept]
    good = np.isfinite(shown)
    xs = ((kept + 0.5) * (WIDTH / max(steps, 1))).astype(np.intp)
    with np.errstate(all="ignore"):
        heights = (np.log10(shown) - scale.low) / (scale.high - scale.low) if scale.log else shown / scale.high
    ys = np.rint(HEIGHT * (1 - np.clip(np.where(good, heights, 0.0), 0.0, 1.0))).astype(np.intp)
    parts = []
    for run in _runs(good, _breaks(losses, kept)):
        points = str(np.column_stack((xs[run], ys[run])).ravel().tolist())[1:-1]  # one text: quicker than one a point
        parts.append(f"M{points}" if run.stop - run.start > 1 else f"M{points}h0")
    return "".join(parts)


def _breaks(losses: Array, kept: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Whether something not finite lies between each kept step and the one before; shape as `kept`."""
    broken = np.cumsum(~np.isfinite(losses))
    return np.diff(broken[kept], prepend=0) > 0


def _runs(good: npt.NDArray[np.bool_], breaks: npt.NDArray[np.bool_]) -> list[slice]:
    """Slices of neighbours that are good and that nothing broken lies between."""
    runs: list[slice] = []
    start: int | None = None
    if good.all() and not breaks.any():
        return [slice(0, len(good))] if len(good) else []
    for at, (fine, broken) in enumerate(zip(good.tolist(), breaks.tolist(), strict=True)):
        if start is not None and (broken or not fine):
            runs.append(slice(start, at))
            start = None
        if fine and start is None:
            start = at
    return runs if start is None else [*runs, slice(start, len(good))]


def broken(losses: Array, most: int = MAX_BINS) -> list[tuple[float, float, str]]:
    """Where losses are NaN or infinite: from, to, 0 to 1, and `nan` or `infinite`; at most `most` of each."""
    steps = len(losses)
    marks: list[tuple[float, float, str]] = []
    for kind, there in (("nan", np.isnan(losses)), ("infinite", np.isinf(losses))):
        if not there.any():
            continue
        bins = _distinct((np.flatnonzero(there) * min(most, steps)) // steps)  # so that stretches stay few
        for stretch in np.split(bins, np.flatnonzero(np.diff(bins) > 1) + 1):
            share = 1 / min(most, steps)
            marks.append((float(stretch[0]) * share, (float(stretch[-1]) + 1) * share, kind))
    return marks
