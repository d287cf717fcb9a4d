"""Series of gradient magnitudes by name and step, as one file holds them. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

Found = TypeVar("Found")
Paused = Generator[None, None, Found]  # work that pauses every few milliseconds, so that a page can do else meanwhile

READ: Final = (
    "JSON lines, CSV, TensorBoard's event files, W&B's .wandb, MLflow's and trackio's databases, safetensors and "
    "NumPy's .npz are read"
)
MAX_NAMES: Final = 4096  # of parameters in a file; the largest in torchvision have about 1,100
METRICS_PER_PAUSE: Final = 64  # that are taken without a pause: a new name costs some regular expressions
NAMES_PER_PAUSE: Final = 256  # names that are looked at without a pause
MAX_CELLS: Final = 40_000_000  # steps times names: 300 layers by 100,000 steps fit, at nine bytes each


class LogError(ValueError):
    """Nothing of a file can be used; the message says where and what was expected. No reader raises else."""


class Key(NamedTuple):
    """The key of a table: the run as its file names it, the kind of gradient, the reduction."""

    run: str
    kind: str
    reduction: str


class Column:
    """One name's values by row, and whether one was logged there: a logged NaN is not a missing value.

    `bounds`: of values that are estimates, columns of what each is at least and at most.
    """

    __slots__ = ("bounds", "logged", "values")

    def __init__(self) -> None:
        self.values = array("d")
        self.logged = bytearray()
        self.bounds: tuple[Column, Column] | None = None

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

    def put_bounds(self, row: int, low: float, high: float) -> int:
        """Sets the bounds of a row's value; how many cells the columns of bounds grew by."""
        if self.bounds is None:
            self.bounds = Column(), Column()
        return self.bounds[0].put(row, low) + self.bounds[1].put(row, high)

    def overlaps(self, other: Column) -> bool:
        """True if both have a value in the same row."""
        return any(one and two for one, two in zip(self.logged, other.logged, strict=False))

    def fill_from(self, other: Column) -> None:
        """Takes what another has; its values stand where both have one."""
        for row, (value, logged) in enumerate(zip(other.values, other.logged, strict=True)):
            if logged:
                self.put(row, value)
        for mine, others in zip(self.bounds or (), other.bounds or (), strict=False):
            mine.fill_from(others)

    def moved(self, rows: list[int]) -> Column:
        """The column with each of its rows at another place."""
        found = Column()
        for row, value, logged in sorted(zip(rows, self.values, self.logged, strict=False)):
            if logged:
                found.put(row, value)
        if self.bounds:
            found.bounds = self.bounds[0].moved(rows), self.bounds[1].moved(rows)
        return found


@dataclass
class Table:
    """Columns that share their rows; `rows` gives the row of a step. Columns end where they were last logged."""

    rows: dict[float, int] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)


def join_tables(tables: list[Table]) -> Table:
    """Tables as one, whose rows are the steps of all of them. A name that comes again is that of the later table."""
    if len(tables) == 1:
        return tables[0]
    joined = Table()
    for table in tables:
        for step in table.rows:
            joined.rows.setdefault(step, len(joined.rows))
    for table in tables:
        places = [joined.rows[step] for step in table.rows]  # rows are numbered in this order
        for name, column in table.columns.items():
            joined.columns[name] = column.moved(places)
    return joined


@dataclass(frozen=True)
class ParsedLog:
    """The content of one file.

    `tables` by what they are of; `losses` by run and step; `sizes`, how many elements a parameter has where the file
    tells; `ordered`, whether names stand in the order of their definition; `problems`, a sentence for each. `modules`:
    the type of each module, by name; `optimizer`: its type; both empty where the file doesn't tell. `refusal`: the
    reason why nothing can be shown of a file that has the loss alone, and so no tables.
    """

    file: str
    tables: dict[Key, Table]
    losses: dict[str, dict[float, float]]
    sizes: dict[str, int]
    ordered: bool
    problems: tuple[str, ...]
    modules: Mapping[str, str] = field(default_factory=dict)
    optimizer: str = ""
    refusal: str = ""
