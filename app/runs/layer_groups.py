"""Looking at runs of hundreds of layers and a hundred thousand steps: blocks that fold, their map, jumps. Pure.

What takes long is a generator that does it in pieces of a few milliseconds: it yields how much is done, 0 to 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, groupby
from typing import Final, NamedTuple

import numpy as np

from ..figure.magnitudes import write_magnitude
from ..figure.mentions import mention_first
from ..figure.text import write_power_of_ten, write_step
from ..figure.work import share_of
from .arrays import Places, Work
from .collector import in_one_go
from .merging import merging
from .ratios import merging_ratios
from .run import Run

MAX_FIRST_ROWS: Final = 32  # rows that a picture starts with, at most
RANGE_SIZES: Final = (2, 5, 10, 20, 50, 100, 200, 500)  # of neighbours: MAX_NAMES layers fit in MAX_FIRST_ROWS
STEPS_A_PIECE: Final = 1 << 15  # values of which cells are made at once
_PART: Final = re.compile(r"[./]")


class Row(NamedTuple):
    """A row of the picture: a layer, or a block of layers that lie together.

    `members` are the rows of the run that it stands for, `depth` how many blocks it lies in that are open.
    """

    name: str
    members: range
    depth: int

    @property
    def folded(self) -> bool:
        """True for a block, which can be opened by its name."""
        return len(self.members) > 1


class Entry(NamedTuple):
    """A line of the outline: a row, or above its rows a block that is open."""

    name: str
    members: range
    depth: int
    opened: bool

    @property
    def is_block(self) -> bool:
        """True if it stands for several layers, which can be folded or unfolded by its name."""
        return len(self.members) > 1


class _Block(NamedTuple):
    """A layer, or a block of the blocks in it."""

    name: str
    members: range
    inner: tuple[_Block, ...] = ()


def fold(names: Sequence[str], opened: Collection[str] = ()) -> tuple[Row, ...]:
    """Layers folded into blocks by the parts of their names (`blocks.0.attn.proj`), those in `opened` unfolded.

    The order of the layers stays: only neighbours make a block, so a block whose layers are apart appears in pieces. A
    block of one layer is that layer. Parts that all layers of a block share make no block of their own. Where more than
    MAX_FIRST_ROWS blocks or layers lie in one block, neighbours make ranges, which are blocks too: `layer.0 … layer.9`.

    With nothing opened there are at most MAX_FIRST_ROWS rows. There is no other limit: a caller that can show only so
    many rows has to count them. The rows' names differ if those of the layers do, and don't depend on what is open.
    """
    return rows_of(outline(names, opened))


def outline(names: Sequence[str], opened: Collection[str] = ()) -> tuple[Entry, ...]:
    """The rows of `fold`, and above the rows of each open block the block itself."""
    return tuple(_entries(_blocks(names), frozenset(opened), 0))


def rows_of(entries: Iterable[Entry]) -> tuple[Row, ...]:
    """The rows in an outline."""
    return tuple(Row(entry.name, entry.members, entry.depth) for entry in entries if not entry.opened)


def open_at_first(names: Sequence[str], limit: int = MAX_FIRST_ROWS) -> frozenset[str]:
    """Which blocks to open so that as many layers are seen as fit into `limit` rows: whole levels, from the outside.

    None where even the first level doesn't fit, which is possible only with a limit below MAX_FIRST_ROWS.
    """
    blocks = _blocks(names)
    opened: frozenset[str] = frozenset()
    rows = rows_of(_entries(blocks, opened, 0))
    while folded := [row.name for row in rows if row.folded]:
        more = opened.union(folded)
        rows = rows_of(_entries(blocks, more, 0))
        if len(rows) > limit:
            break
        opened = more
    return opened


def _entries(blocks: Sequence[_Block], opened: frozenset[str], depth: int) -> Iterator[Entry]:
    for block in blocks:
        is_open = bool(block.inner) and block.name in opened
        yield Entry(block.name, block.members, depth, is_open)
        if is_open:
            yield from _entries(block.inner, opened, depth + 1)


def _blocks(names: Sequence[str]) -> tuple[_Block, ...]:
    """All blocks, in each other."""
    return _Folder(names).level(range(len(names)))


class _Folder:
    """Makes blocks whose names differ from each other's, and from those of the layers that lie outside of them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._places = {name: at for at, name in enumerate(names)}
        self._parts = [_PART.split(name) for name in names]
        self._taken: set[str] = set()

    def level(self, members: range) -> tuple[_Block, ...]:
        """The blocks that some neighbours make."""
        shared = _shared([self._parts[at] for at in members])
        groups = [list(group) for _, group in groupby(members, key=lambda at: self._parts[at][: shared + 1])]
        if len(groups) == 1:  # `a.b` and `a/b`
            groups = [[at] for at in members]
        return self._ranged([self._block(range(group[0], group[-1] + 1), shared + 1) for group in groups])

    def _block(self, members: range, parts: int) -> _Block:
        first, last = self._names[members[0]], self._names[members[-1]]
        if len(members) == 1:
            return _Block(first, members)
        name = self._named([_start(first, parts), f"{first} … {last}"], members)
        return _Block(name, members, self.level(members))

    def _ranged(self, blocks: list[_Block]) -> tuple[_Block, ...]:
        """The blocks, in ranges where they are many."""
        if len(blocks) <= MAX_FIRST_ROWS:
            return tuple(blocks)
        size = next(
            (size for size in RANGE_SIZES if len(blocks) <= size * MAX_FIRST_ROWS), -(-len(blocks) // MAX_FIRST_ROWS)
        )
        return tuple(self._range(blocks[at : at + size]) for at in range(0, len(blocks), size))

    def _range(self, blocks: list[_Block]) -> _Block:
        if len(blocks) == 1:
            return blocks[0]
        members = range(blocks[0].members.start, blocks[-1].members.stop)
        name = self._named([f"{blocks[0].name} … {blocks[-1].name}"], members)
        return _Block(name, members, self._ranged(blocks))

    def _named(self, wanted: list[str], members: range) -> str:
        """The first of the names that is free, else the last one with a number."""
        name = next(name for name in _tries(wanted) if self._free(name, members))
        self._taken.add(name)
        return name

    def _free(self, name: str, members: range) -> bool:
        return name not in self._taken and self._places.get(name, members[0]) in members


def _tries(wanted: list[str]) -> Iterator[str]:
    yield from wanted
    yield from (f"{wanted[-1]} ({number})" for number in count(2))


def _shared(parts: list[list[str]]) -> int:
    """The number of parts that all names have in common, from the first on."""
    first, last = min(parts, default=[]), max(parts, default=[])
    return next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))


def _start(name: str, count: int) -> str:
    """The first parts of a name, as they stand in it."""
    for at, found in enumerate(_PART.finditer(name), start=1):
        if at == count:
            return name[: found.start()]
    return name


def folding(run: Run, rows: Sequence[Row]) -> Work[Run]:
    """Put a block in the place of its layers, combined as parameters are. Names are those of the rows.

    Returns the run itself if the rows are its layers. Works in pieces; `folded` does it all at once.
    """
    if tuple(row.members for row in rows) == tuple(range(at, at + 1) for at in range(len(run.names))):
        return run
    norms = np.empty((len(rows), len(run.steps)))
    logged = np.empty(norms.shape, np.bool_)
    weights = None if run.weights is None else np.empty(norms.shape)
    done = 0
    for at, row in enumerate(rows):
        part = slice(row.members.start, row.members.stop)
        series, masks, sizes = list(run.norms[part]), list(run.logged[part]), run.sizes[part] or None
        start, share = done / len(run.names), len(row.members) / len(run.names)
        if run.weights is None or weights is None:
            yield from share_of(merging(series, masks, run.reduction, sizes, norms[at], logged[at]), start, share)
        else:
            work = merging_ratios(series, masks, list(run.weights[part]), norms[at], logged[at])
            weights[at] = yield from share_of(work, start, share)
        done += len(row.members)
    return replace(
        run,
        names=tuple(row.name for row in rows),
        norms=norms,
        logged=logged,
        parameters=tuple(tuple(name for at in row.members for name in run.parameters[at]) for row in rows),
        sizes=tuple(sum(run.sizes[at] for at in row.members) for row in rows) if run.sizes else (),
        as_logged=(),
        weights=weights,
    )


folded = in_one_go(folding)


class Jump(NamedTuple):
    """Two magnitudes of a layer that follow each other: the row, the step of the later one, both of them."""

    layer: int
    step: float
    before: float
    after: float


def seeking_jump(run: Run) -> Work[Jump | None]:
    """Find the largest change of a layer's magnitude, as a ratio, from one logged step to the next.

    The first that is NaN or infinite is worse than any ratio; of several, the earliest step counts. A change from
    or to 0 has no ratio and is passed over. None where no layer has two magnitudes. Works in pieces; `worst_jump` does
    it all at once.
    """
    worst: Jump | None = None
    size = 0.0
    for layer in range(len(run.names)):
        last = np.empty(0, np.intp)  # where it was logged last
        for start in range(0, len(run.steps), STEPS_A_PIECE):
            yield (layer + start / len(run.steps)) / len(run.names)
            there = np.append(last, start + np.flatnonzero(run.logged[layer, start : start + STEPS_A_PIECE]))
            last = there[-1:]
            jump, ratio = _jump_among(run, layer, there)
            earlier = worst is not None and jump is not None and ratio == size and jump.step < worst.step
            if jump is not None and (ratio > size or earlier):
                worst, size = jump, ratio
    return worst


worst_jump = in_one_go(seeking_jump)


def _jump_among(run: Run, layer: int, there: Places) -> tuple[Jump | None, float]:
    """A layer's worst jump between some of its steps, and the size of its logarithm."""
    norms = run.norms[layer, there]
    if len(norms) < 2:
        return None, 0.0
    with np.errstate(all="ignore"):
        sizes = np.abs(np.diff(np.log(norms)))
    broken = ~np.isfinite(norms)
    sizes[(norms[1:] == 0) | (norms[:-1] == 0) | broken[:-1]] = 0.0
    sizes[broken[1:] & ~broken[:-1]] = np.inf
    at = int(np.argmax(sizes))
    if sizes[at] == 0:
        return None, 0.0
    return Jump(layer, float(run.steps[there[at + 1]]), float(norms[at]), float(norms[at + 1])), float(sizes[at])


def say_jump(run: Run, jump: Jump) -> str:
    """`fc3 ×340 at step 812, from 0.012 to 4.1`; `fc3 turned NaN at step 812`."""
    name, where = mention_first(run.names[jump.layer]), f"at step {write_step(jump.step)}"
    if not math.isfinite(jump.after):
        return f"{name} turned {write_magnitude(jump.after)} {where}"
    decades = math.log10(jump.after) - math.log10(jump.before)
    factor = _two_digits(jump.after / jump.before) if abs(decades) < 300 else write_power_of_ten(round(decades))
    return f"{name} ×{factor} {where}, from {_two_digits(jump.before)} to {_two_digits(jump.after)}"


def _two_digits(number: float) -> str:
    """As short as it goes with the first two digits: `0.012`, `340`, `8.0e-4`."""
    return f"{float(f'{number:.2g}'):g}" if 1e-3 <= number < 1e4 else write_magnitude(number)
