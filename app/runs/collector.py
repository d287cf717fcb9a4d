"""What is read out of one file of a training run: series of gradient magnitudes by name and step. Pure.

The readers of the formats put values in here one by one; `app/runs/run.py` makes runs of the result. What can't be
used is counted, and said in a sentence each with the place of the first.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from . import metric_names

Found = TypeVar("Found")
Paused = Generator[None, None, Found]  # work that pauses every few milliseconds, so that a page can do else meanwhile

READ: Final = "JSON lines, CSV, TensorBoard's event files and NumPy's .npz are read"
MOST_NAMES: Final = 4096  # of parameters in a file; the largest in torchvision have about 1,100
MAGNITUDES: Final = ("gradient", "bare")  # roles of what has a column
ZERO: Final = 0.0
MOST_CELLS: Final = 40_000_000  # steps times names: 300 layers by 100,000 steps fit, at nine bytes each


def finished(work: Generator[object, None, Found]) -> Found:
    """Does all of some work that can be done in pieces; its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Found = end.value
            return result


class LogError(ValueError):
    """Nothing of a file can be used; the message says where and what was expected. No reader raises else."""


class Key(NamedTuple):
    """What a table's magnitudes are of: the run as its file names it, the kind of gradient, the reduction."""

    run: str
    kind: str
    reduction: str


class Column:
    """One name's values by row, and whether one was logged there: a logged NaN is not a missing value."""

    __slots__ = ("logged", "values")

    def __init__(self) -> None:
        self.values = array("d")
        self.logged = bytearray()

    def put(self, row: int, value: float) -> int:
        """Sets the value of a row, the last one given stands; how many cells the column grew by."""
        gap = row - len(self.values)
        if gap < 0:
            self.values[row] = value
            self.logged[row] = 1
            return 0
        if gap:
            self.values.extend(array("d", (math.nan,)) * gap)
            self.logged.extend(bytes(gap))
        self.values.append(value)
        self.logged.append(1)
        return gap + 1


@dataclass
class Table:
    """Columns that share their rows; `rows` gives the row of a step. Columns end where they were last logged."""

    rows: dict[float, int] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Log:
    """What one file holds.

    `tables` by what they are of; `losses` by run and step; `sizes`, how many elements a parameter has where the file
    tells; `ordered`, whether names stand in the order of their definition; `problems`, a sentence for each.
    """

    file: str
    tables: dict[Key, Table]
    losses: dict[str, dict[float, float]]
    sizes: dict[str, int]
    ordered: bool
    problems: tuple[str, ...]


Place = tuple[Table, Column]
_NEW: Final[Place] = (Table(), Column())  # of a name that wasn't met yet


class Complaints:
    """What could not be used, counted by what is wrong with it."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str], list[int | str]] = {}
        self._plain: dict[str, None] = {}

    def count(self, what: str, wrong: str, where: str) -> None:
        """Counts one more of `what` (`lines`) that is `wrong` (`not JSON`)."""
        known = self._counted.setdefault((what, wrong), [0, where])
        known[0] = int(known[0]) + 1

    def say(self, sentence: str) -> None:
        """Keeps a sentence, once."""
        self._plain[sentence] = None

    def sentences(self, totals: dict[str, int]) -> tuple[str, ...]:
        """All as sentences; `totals` says of how many lines, records or files."""
        return (*(self._sentence(key, known, totals) for key, known in self._counted.items()), *self._plain)

    @staticmethod
    def _sentence(key: tuple[str, str], known: list[int | str], totals: dict[str, int]) -> str:
        (what, wrong), (count, where) = key, known
        of = f" of {totals[what]:,}" if what in totals else ""
        noun = what if totals.get(what, count) != 1 else _ONE.get(what, what.removesuffix("s"))
        verb, first = ("was", "") if count == 1 else ("were", "first ")
        return f"{count:,}{of} {noun} {verb} {wrong}; {first}at {where}."


class Collector:
    """Where the readers of the formats put what they find, and what makes a `Log` of it.

    `any_name` takes numbers under any name for gradients where none is marked as one: what somebody pastes is meant.
    """

    def __init__(self, file: str, any_name: bool = False) -> None:
        self.file, self.any_name, self.ordered = file, any_name, False
        self.complaints = Complaints()
        self.totals: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        self._tables: dict[Key, Table] = {}
        self._bare: dict[Key, Table] = {}
        self._losses: dict[str, dict[float, float]] = {}
        self._places: dict[tuple[str, str], Place | None] = {}
        self._tags: dict[str, metric_names.Tag] = {}
        self._names = 0
        self.cells = 0  # that are kept, gaps too
        self._refused: set[str] = set()

    def tag(self, key: str) -> metric_names.Tag:
        """What a key says, remembered."""
        known = self._tags.get(key)
        if known is None:
            known = metric_names.read_tag(key)
            if len(self._tags) < 4 * MOST_NAMES:
                self._tags[key] = known
        return known

    def names(self) -> list[str]:
        """The names that were met, in their order."""
        return list(self._tags)

    def add(self, key: str, step: float, value: float, run: str = "") -> None:
        """One value as it was logged under `key`: a gradient, the loss, or nothing of use."""
        place = self._places.get((run, key), _NEW)
        if place is _NEW:
            place = self._place(run, key)
        if place:
            self._put(place[0], place[1], step, value)
        elif self.tag(key).role == "loss":
            self._losses.setdefault(run, {})[step] = value

    def put(self, key: Key, name: str, step: float, value: float) -> None:
        """One magnitude whose kind and reduction are known."""
        place = self._column(self._tables, key, name)
        if place:
            self._put(place[0], place[1], step, value)

    def loss(self, step: float, value: float, run: str = "") -> None:
        """The loss at a step."""
        self._losses.setdefault(run, {})[step] = value

    def _place(self, run: str, key: str) -> Place | None:
        tag = self.tag(key)
        place = None
        if tag.role in MAGNITUDES:
            tables = self._tables if tag.role == "gradient" else self._bare
            place = self._column(tables, Key(run, tag.kind, tag.reduction), tag.name)
        if len(self._places) < 4 * MOST_NAMES:
            self._places[run, key] = place
        return place

    def _column(self, tables: dict[Key, Table], key: Key, name: str) -> Place | None:
        table = tables.setdefault(key, Table())
        column = table.columns.get(name)
        if column is None:
            if self._names >= MOST_NAMES:
                self._refused.add(name) if len(self._refused) < 100_000 else None
                return None
            self._names += 1
            column = table.columns[name] = Column()
        return table, column

    def _put(self, table: Table, column: Column, step: float, value: float) -> None:
        rows = table.rows
        row = rows.get(step)
        if row is None:
            row = len(rows)
        gap = row - len(column.values)
        if gap == 0 and self.cells < MOST_CELLS:  # nearly always; the rest would do it too
            rows[step] = row
            column.values.append(value)
            column.logged.append(1)
            self.cells += 1
            return
        if self.cells + max(0, gap) >= MOST_CELLS:
            self.complaints.say(
                f"Only the first {MOST_CELLS:,} values were read: steps times names may be no more. "
                "Log every tenth step, or a norm a layer."
            )
            return
        rows[step] = row
        self.cells += column.put(row, value)

    def row_writer(self, keys: Sequence[tuple[str, str]]) -> RowWriter | None:
        """What puts values of these runs and keys by the row; None until each has its column, put one by one before."""
        places = [self._places.get(key) for key in keys]
        there = [place for place in places if place is not None]
        columns = {id(column) for _, column in there}
        return RowWriter(self, there) if there and len(columns) == len(keys) else None

    def has_room(self, cells: int) -> bool:
        """Whether so many more values may be kept."""
        return self.cells + cells <= MOST_CELLS

    def finish(self, expected: str) -> Log:
        """What was collected. Raises LogError when that is nothing, saying what there is and what was expected."""
        tables = {key: table for key, table in self._tables.items() if table.rows}
        if not tables:
            tables = {key: table for key, table in self._bare.items() if table.rows and self._meant(table)}
        if self._refused:
            self.complaints.say(
                f"Only the first {MOST_NAMES:,} names were read, of {MOST_NAMES + len(self._refused):,}: "
                f"{_shown(min(self._refused))} is among those left out. Log one norm a layer."
            )
        problems = self.complaints.sentences(self.totals)
        if not tables:
            raise LogError(" ".join((f"{self.file}: no gradients in it.", *self._found(), *problems, expected)))
        named = {self._known_kind(key, table): table for key, table in tables.items()}
        return Log(self.file, named, self._losses, self.sizes, self.ordered, problems)

    def _meant(self, table: Table) -> bool:
        return self.any_name or metric_names.look_like_layers(list(table.columns))

    def _known_kind(self, key: Key, table: Table) -> Key:
        return key._replace(kind=metric_names.kind_of(table.columns)) if key.kind == metric_names.UNKNOWN else key

    def _found(self) -> tuple[str, ...]:
        if not self._tags:
            return ()
        first = ", ".join(_shown(key) for key in list(self._tags)[:5])
        return (f"Its names are {first}{' …' if len(self._tags) > 5 else '.'}",)


class RowWriter:
    """Puts a value into each of several columns at once, in a tenth of the time that it takes one by one.

    It knows but the usual case, in which all of a row is there and its step is new; `put` says whether it was that.
    """

    def __init__(self, collector: Collector, places: Sequence[Place]) -> None:
        self._collector = collector
        self._tables = list({id(table): table for table, _ in places}.values())
        self._columns = [(column, table.rows) for table, column in places]
        self._puts = [(column.values.append, column.logged.append) for _, column in places]
        self._cells = -1  # that were kept when the columns were last seen to be level

    def put(self, step: float, cells: Iterable[str]) -> bool:
        """Puts one row of texts; False, and nothing is changed, where each value has to be looked at by itself."""
        collector = self._collector
        try:
            numbers = list(map(float, cells))
        except ValueError:
            return False
        if not all(map(ZERO.__le__, numbers)):  # NaN, too, goes by itself
            return False
        is_known = any(step in table.rows for table in self._tables)
        if is_known or not collector.has_room(len(numbers)) or not self._are_level():
            return False
        for table in self._tables:
            table.rows[step] = len(table.rows)
        for (put, mark), number in zip(self._puts, numbers, strict=True):
            put(number)
            mark(1)
        collector.cells += len(numbers)
        self._cells = collector.cells
        return True

    def _are_level(self) -> bool:
        """Whether each column ends where its table does: so they do after a row, until something else is put."""
        is_untouched = self._cells == self._collector.cells
        return is_untouched or all(len(column.values) == len(rows) for column, rows in self._columns)


_ONE: Final = {"entries": "entry"}


def _shown(name: str) -> str:
    name = metric_names.clean(name)
    return name if len(name) <= 60 else f"{name[:60]}…"


def magnitude(value: object) -> float | None:
    """A logged magnitude: a number of at least 0, NaN or infinity, also as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, str)):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            return None
        return None if number < 0 else number
    return None


def step_number(value: object) -> float | None:
    """A step: a finite number, whole or not; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
