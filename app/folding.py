"""Looking at runs of hundreds of layers and a hundred thousand steps: blocks that fold, steps in bins, jumps. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .runs import Array, Mask, Run, finished, together

FEW: Final = 32  # rows that a picture starts with, at most, if folding gets there
_PART: Final = re.compile(r"[./]")


class Row(NamedTuple):
    """A row of the picture: a layer, or a block of layers that lie together and share the start of their names.

    `members` are the rows of the run that it stands for, `depth` how many blocks it lies in that are open.
    """

    name: str
    members: range
    depth: int

    @property
    def folded(self) -> bool:
        """Whether it is a block, which can be opened by its name."""
        return len(self.members) > 1


def fold(names: Sequence[str], opened: Collection[str] = ()) -> tuple[Row, ...]:
    """Layers folded into blocks by the parts of their names (`blocks.0.attn.proj`), those in `opened` unfolded.

    The order of the layers stays: only neighbours make a block, so a block whose layers are apart appears in pieces. A
    block of one layer is that layer. Parts that all layers of a block share make no block of their own.
    """
    return tuple(_rows([_PART.split(name) for name in names], names, range(len(names)), 0, frozenset(opened)))


def _rows(
    parts: list[list[str]], names: Sequence[str], members: range, depth: int, opened: frozenset[str]
) -> list[Row]:
    """The rows for some neighbours that lie in `depth` open blocks."""
    shared = _shared([parts[at] for at in members])
    rows: list[Row] = []
    for _, group in groupby(members, key=lambda at: parts[at][: shared + 1]):
        block = list(group)
        inner = range(block[0], block[-1] + 1)
        name = _start(names[inner[0]], shared + 1) if len(inner) > 1 else names[inner[0]]
        if len(inner) > 1 and name in opened:
            rows += _rows(parts, names, inner, depth + 1, opened)
        else:
            rows.append(Row(name, inner, depth))
    return rows


def _shared(parts: list[list[str]]) -> int:
    """How many parts the names have in common, from the first on."""
    first, last = min(parts, default=[]), max(parts, default=[])
    return next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))


def _start(name: str, count: int) -> str:
    """The first parts of a name, as they stand in it."""
    for at, found in enumerate(_PART.finditer(name), start=1):
        if at == count:
            return name[: found.start()]
    return name


def open_at_first(names: Sequence[str], limit: int = FEW) -> frozenset[str]:
    """Which blocks to open so that as many layers are seen as fit into `limit` rows: whole levels, from the outside."""
    opened: frozenset[str] = frozenset()
    while True:
        rows = fold(names, opened)
        more = opened | {row.name for row in rows if row.folded}
        if more == opened or len(fold(names, more)) > limit:
            return opened
        opened = more


def block(run: Run, row: Row) -> tuple[Array, Mask]:
    """The series of a row, combined over its layers as parameters are, and where it was logged: shapes (S,)."""
    if not row.folded:
        return run.norms[row.members[0]], run.logged[row.members[0]]
    sizes = [run.sizes[at] for at in row.members] if run.sizes else None
    return together([run.norms[at] for at in row.members], [run.logged[at] for at in row.members], run.reduction, sizes)


def folded(run: Run, rows: Sequence[Row]) -> Run:
    """The run with a block in the place of its layers, combined as parameters are; names are those of the rows."""
    norms = np.empty((len(rows), len(run.steps)))
    logged = np.empty(norms.shape, np.bool_)
    for at, row in enumerate(rows):
        norms[at], logged[at] = block(run, row)
    names = tuple(row.name for row in rows)
    parameters = tuple(tuple(name for at in row.members for name in run.parameters[at]) for row in rows)
    sizes = tuple(sum(run.sizes[at] for at in row.members) for row in rows) if run.sizes else ()
    return replace(run, names=names, norms=norms, logged=logged, parameters=parameters, sizes=sizes)


@dataclass(frozen=True, eq=False)
class Bins:
    """Magnitudes of a run by layer and bin of steps, for a picture that has fewer columns than the run has steps.

    `first` and `last`: the steps that a bin spans, shape (bins,). `mean`: exp of the mean of the logarithms of what is
    finite and above 0, shape (layers, bins); 0 where all is 0, NaN where nothing was logged or nothing is finite.
    `low`, `high`: the extremes of what was logged, infinity among them; NaN where there is nothing but NaN. `broken`:
    how many values are NaN or infinite.
    """

    first: Array
    last: Array
    mean: Array
    low: Array
    high: Array
    broken: npt.NDArray[np.int64]


def bin_steps(run: Run, count: int) -> Bins:
    """The run in at most `count` bins of equally many steps. Raises ValueError unless `count` is at least 1."""
    return finished(binning(run, count))


def binning(run: Run, count: int) -> Generator[float, None, Bins]:
    """What `bin_steps` does, a layer at a time: yields how much is done, 0 to 1, and returns the bins."""
    if count < 1:
        raise ValueError(f"count: must be at least 1, got {count!r}")
    steps = len(run.steps)
    edges = np.unique(np.linspace(0, steps, min(count, steps) + 1).astype(np.intp)) if steps else np.zeros(1, np.intp)
    starts, shape = edges[:-1], (len(run.names), len(edges) - 1)
    mean, low, high = (np.full(shape, np.nan) for _ in range(3))
    bins = Bins(run.steps[starts], run.steps[edges[1:] - 1], mean, low, high, np.zeros(shape, np.int64))
    for layer in range(len(run.names) if len(starts) else 0):
        yield layer / len(run.names)
        _bin(bins, layer, run.norms[layer], run.logged[layer], starts)
    return bins


def _bin(bins: Bins, layer: int, norms: Array, logged: Mask, starts: npt.NDArray[np.intp]) -> None:
    """Fills in one layer's bins."""
    number = logged & ~np.isnan(norms)
    finite = number & np.isfinite(norms)
    above = finite & (norms > 0)
    some = np.add.reduceat(number, starts, dtype=np.int64) > 0
    counted = np.add.reduceat(above, starts, dtype=np.int64)
    logarithms = np.add.reduceat(np.log(np.where(above, norms, 1.0)), starts)
    zero = np.add.reduceat(finite, starts, dtype=np.int64) > 0
    bins.mean[layer] = np.where(zero, 0.0, np.nan)
    bins.mean[layer, counted > 0] = np.exp(logarithms[counted > 0] / counted[counted > 0])
    bins.low[layer] = np.where(some, np.minimum.reduceat(np.where(number, norms, np.inf), starts), np.nan)
    bins.high[layer] = np.where(some, np.maximum.reduceat(np.where(number, norms, -np.inf), starts), np.nan)
    bins.broken[layer] = np.add.reduceat(logged & ~finite, starts, dtype=np.int64)


class Jump(NamedTuple):
    """Two magnitudes of a layer that follow each other: the row, the step of the later one, both of them."""

    layer: int
    step: float
    before: float
    after: float


def worst_jump(run: Run) -> Jump | None:
    """Where a layer's magnitude changes most, as a ratio, up or down, from one logged step to the next.

    The first that is NaN or infinite is worse than any ratio; of several, the earliest step counts. A change from
    or to 0 has no ratio and is passed over. None where no layer has two magnitudes.
    """
    return finished(seeking_jump(run))


def seeking_jump(run: Run) -> Generator[float, None, Jump | None]:
    """What `worst_jump` does, a layer at a time: yields how much is done, 0 to 1, and returns the jump."""
    worst: Jump | None = None
    size = 0.0
    for layer in range(len(run.names)):
        yield layer / len(run.names)
        jump, ratio = _layer_jump(run, layer)
        earlier = worst is not None and jump is not None and ratio == size and jump.step < worst.step
        if jump is not None and (ratio > size or earlier):
            worst, size = jump, ratio
    return worst


def _layer_jump(run: Run, layer: int) -> tuple[Jump | None, float]:
    """One layer's worst jump, and the size of its logarithm."""
    there = np.flatnonzero(run.logged[layer])
    norms = run.norms[layer, there]
    if len(norms) < 2:
        return None, 0.0
    with np.errstate(all="ignore"):
        logarithms = np.log(norms)
        sizes = np.abs(np.diff(logarithms))
    broken = ~np.isfinite(norms)
    sizes[(norms[1:] == 0) | (norms[:-1] == 0) | broken[:-1]] = 0.0
    sizes[broken[1:] & ~broken[:-1]] = np.inf
    at = int(np.argmax(sizes))
    if sizes[at] == 0:
        return None, 0.0
    return Jump(layer, float(run.steps[there[at + 1]]), float(norms[at]), float(norms[at + 1])), float(sizes[at])
