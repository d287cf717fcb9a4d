"""Changes of a loss scale that is still in the gradients: all layers jump at one step by the same power of two. Pure.

Mixed precision multiplies the loss by a power of two, which it doubles and halves at times. Where the scale was not
divided out, all gradients jump with it. The rule is strict, for gradients change by themselves as well: the levels
before and after are compared over windows of steps, and a jump is only told where noise can hardly make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from ..figure.text import write_step
from ..figure.work import share_of
from .arrays import Floats, Mask, Places, Work
from .reductions import GRADIENT_KINDS
from .run import Run
from .series import Column, ParsedLog, Table

MIN_LAYERS: Final = 3
WINDOW: Final = 20  # steps before a jump and after it that are compared, at most …
MIN_WINDOW: Final = 8  # … and at least
ALIVE_SHARE: Final = 0.9  # of the steps at which a layer has to have a magnitude above 0 to be looked at
MIN_JUMP: Final = 0.75  # binary orders of magnitude, at one step, of the median layer
SPIKE: Final = 6.0  # times the usual change from step to step, which a jump has to exceed
MAX_ERROR: Final = 0.04  # binary orders: of the median's level, by its noise
MAX_OFF: Final = 0.08  # by which the median may miss the power of two
MAX_APART: Final = 0.15  # by which a layer may be off from the median
MAX_DRIFT: Final = 0.15  # within a window
MAX_CANDIDATES: Final = 64
VALUES_A_PIECE: Final = 1 << 15


class ScaleJump(NamedTuple):
    """A step from which on all gradients are 2^exponent times as large as before."""

    step: float
    exponent: int


class _Levels(NamedTuple):
    """The layers that are alive, the steps where all of them have a magnitude, and there the median of its log₂."""

    alive: Places
    steps: Places
    median: Floats

    def logs(self, run: Run, part: slice) -> Floats:
        """The binary logarithms of the magnitudes of all these layers at a part of the steps."""
        return _logs(run, self.alive, self.steps[part])


def finding_scale_jumps(run: Run) -> Work[tuple[ScaleJump, ...]]:
    """The jumps of a run of gradients that a change of the loss scale explains, by step; in pieces."""
    if run.kind not in GRADIENT_KINDS or len(run.names) < MIN_LAYERS or len(run.steps) < 2 * MIN_WINDOW:
        return ()
    levels = yield from share_of(_measuring(run), 0.0, 0.9)
    if levels is None:
        return ()
    changes = np.diff(levels.median)
    candidates = np.flatnonzero(np.abs(changes) >= MIN_JUMP) + 1
    if not 0 < candidates.size <= MAX_CANDIDATES:
        return ()
    ends = np.concatenate([[0], candidates, [len(levels.steps)]])
    found = []
    for number, at in enumerate(candidates, start=1):
        yield 0.95
        before = slice(max(int(ends[number - 1]), at - WINDOW), at)
        after = slice(at, min(int(ends[number + 1]), at + WINDOW))
        exponent = _exponent(run, levels, before, after)
        if exponent and not _moves(run.loss, levels.steps, before, after):
            found.append(ScaleJump(float(run.steps[levels.steps[at]]), exponent))
    return tuple(found)


def _measuring(run: Run) -> Work[_Levels | None]:
    """The levels, row by row and piece by piece: a big run has no room for one more number a magnitude."""
    rows, counts = len(run.names), []
    for row in range(rows):
        yield 0.2 * row / rows
        counts.append(int(_usable(run, row).sum()))
    alive = np.flatnonzero(np.array(counts) >= ALIVE_SHARE * len(run.steps))
    if alive.size < MIN_LAYERS:
        return None
    usable = np.ones(len(run.steps), np.bool_)
    for row in alive.tolist():
        yield 0.2 + 0.2 * row / rows
        usable &= _usable(run, row)
    steps = np.flatnonzero(usable)
    if steps.size < 2 * MIN_WINDOW:
        return None
    median = np.empty(steps.size)
    size = max(1, VALUES_A_PIECE // alive.size)
    for start in range(0, steps.size, size):
        yield 0.4 + 0.6 * start / steps.size
        part = slice(start, start + size)
        median[part] = _median(_logs(run, alive, steps[part]))
    return _Levels(alive, steps, median)


def _usable(run: Run, row: int) -> Mask:
    """The steps at which a layer has a magnitude that has a logarithm."""
    usable: Mask = run.logged[row] & np.isfinite(run.norms[row]) & (run.norms[row] > 0)
    return usable


def _logs(run: Run, rows: Places, steps: Places) -> Floats:
    return np.asarray(np.log2(run.norms[np.ix_(rows, steps)]))


def _median(values: Floats) -> Floats:
    """The median of each column: np.median would bring numpy.ma, which the page does without."""
    ascending = np.sort(values, axis=0)
    middle = len(ascending) // 2
    lower = middle - 1 + len(ascending) % 2
    return np.asarray((ascending[lower] + ascending[middle]) / 2)


def _exponent(run: Run, levels: _Levels, before: slice, after: slice) -> int:
    """The power of two by which all layers jump between two windows; 0 where it is not sure that they do."""
    first, second = levels.median[before], levels.median[after]
    if min(len(first), len(second)) < MIN_WINDOW:
        return 0
    changes = np.concatenate([np.diff(first), np.diff(second)])
    usual = 1.4826 * float(_median(np.abs(changes - _median(changes))))
    jump = float(second[0] - first[-1])
    error = float(np.hypot(first.std() / np.sqrt(len(first)), second.std() / np.sqrt(len(second))))
    drift = max(_drift(first), _drift(second))
    shifts = levels.logs(run, after).mean(axis=1) - levels.logs(run, before).mean(axis=1)
    middle = float(_median(shifts))
    exponent = round(middle)
    is_sure = (
        abs(jump) > SPIKE * usual
        and error <= MAX_ERROR
        and drift <= MAX_DRIFT
        and abs(middle - exponent) <= MAX_OFF
        and float(np.abs(shifts - middle).max()) <= MAX_APART
    )
    return exponent if is_sure else 0


def _drift(levels: Floats) -> float:
    """The difference between the halves of a window."""
    middle = len(levels) // 2
    return abs(float(levels[middle:].mean() - levels[:middle].mean()))


def _moves(loss: Floats | None, steps: Places, before: slice, after: slice) -> bool:
    """True if the loss jumps as well, which a loss scale does not make it do."""
    if loss is None:
        return False
    first, second = (each[np.isfinite(each)] for each in (loss[steps[before]], loss[steps[after]]))
    if not first.size or not second.size:
        return False
    spread = float(np.hypot(first.std(), second.std()))
    return abs(float(second.mean() - first.mean())) > 3 * spread + 0.1 * abs(float(first.mean()))


def dividing_out(log: ParsedLog, jumps: Sequence[ScaleJump]) -> Work[ParsedLog]:
    """The log with its gradients as they would be at the scale of the first steps; in pieces."""
    tables = {}
    for at, (key, table) in enumerate(log.tables.items()):
        yield at / len(log.tables)
        tables[key] = (yield from _divided(table, jumps)) if key.kind in GRADIENT_KINDS else table
    return replace(log, tables=tables)


def _divided(table: Table, jumps: Sequence[ScaleJump]) -> Work[Table]:
    steps = np.fromiter(table.rows, np.float64, len(table.rows))
    exponents = np.zeros(len(steps), np.int64)
    for jump in jumps:
        exponents[steps >= jump.step] += jump.exponent
    found = Table(table.rows)
    for name, column in table.columns.items():
        yield 0.0
        found.columns[name] = _lowered(column, exponents)
    return found


def _lowered(column: Column, exponents: Places) -> Column:
    """A column divided by powers of two, without rounding."""
    lowered = Column()
    lowered.logged = column.logged
    values: Floats = np.ldexp(np.frombuffer(column.values, np.float64), -exponents[: len(column.values)])
    lowered.values.frombytes(values.tobytes())
    if column.bounds:
        lowered.bounds = _lowered(column.bounds[0], exponents), _lowered(column.bounds[1], exponents)
    return lowered


def say_scale_jumps(jumps: Sequence[ScaleJump], *, is_divided: bool) -> str:
    """The jumps in words, and what to do about them; empty where there is none."""
    if not jumps:
        return ""
    (step, exponent), *others = jumps
    factor = f"×{2**exponent}" if exponent > 0 else f"×1/{2**-exponent}"
    again = f", and so {len(others):,} more {'time' if len(others) == 1 else 'times'}" if others else ""
    told = f"All layers jump by {factor} at step {write_step(step)}{again}, as when a loss scale is changed."
    if is_divided:
        return f"{told} It is divided out: all steps are at the scale of the first ones."
    return f"{told} If gradients were recorded with it, choose Loss scale: divided out."
