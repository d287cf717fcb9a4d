"""Whole rows of a table, put into their columns at once. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from .series import METRICS_PER_PAUSE, Column, Paused, Table

Place = tuple[Table, Column]
ROWS_AT_ONCE: Final = 32  # that are put into the columns together


class KeptCells(Protocol):
    """The number of values that a collector keeps, and whether more fit."""

    cells: int

    def has_room(self, cells: int) -> bool:
        """True if so many more values fit."""


class RowWriter:
    """Puts whole rows into columns, in a tenth of the time that it takes value by value.

    It knows but the usual case, in which all of a row is there and its step is new; `putting` says whether it was that.
    Rows wait until there are several. `flushing` puts them into the columns.
    """

    def __init__(self, kept: KeptCells, places: Sequence[Place]) -> None:
        self._kept = kept
        self._tables = list({id(table): table for table, _ in places}.values())
        self._columns = [column for _, column in places]
        self._rows = [table.rows for table, _ in places]
        self._numbers, self._waiting = array("d"), 0  # of rows that wait, one row after the other; how many they are
        self._cells = -1  # that were kept when the columns were last seen to be level

    def putting(self, step: float, cells: Iterable[str]) -> Paused[bool]:
        """Puts one row of texts; False, and nothing waits, where each value has to be looked at by itself."""
        numbers = self._usable(step, cells)
        if numbers is None:
            yield from self.flushing()
            return False
        for table in self._tables:
            table.rows[step] = len(table.rows)
        self._numbers.extend(numbers)
        self._waiting += 1
        self._kept.cells += len(numbers)
        self._cells = self._kept.cells
        if self._waiting >= ROWS_AT_ONCE:
            yield from self.flushing()
        return True

    def flushing(self) -> Paused[None]:
        """Puts the rows that wait into their columns."""
        numbers, marks, width = self._numbers, b"\1" * self._waiting, len(self._columns)
        self._numbers, self._waiting = array("d"), 0
        if not marks:
            return
        for at, column in enumerate(self._columns):
            column.values.extend(numbers[at::width])
            column.logged.extend(marks)
            if at % METRICS_PER_PAUSE == METRICS_PER_PAUSE - 1:  # all columns outgrow their memory at the same row
                yield

    def _usable(self, step: float, cells: Iterable[str]) -> list[float] | None:
        """The numbers of a row that is of the usual case; None for any other."""
        try:
            numbers = list(map(float, cells))
        except ValueError:
            return None
        if not (min(numbers) >= 0 and sum(numbers) >= 0):  # a sum with NaN in it is NaN, which goes by itself
            return None
        is_known = any(step in table.rows for table in self._tables)
        return numbers if not is_known and self._kept.has_room(len(numbers)) and self._are_level() else None

    def _are_level(self) -> bool:
        """True if each column ends where its table does, as after a whole row."""
        is_untouched = self._cells == self._kept.cells
        ends = zip(self._columns, self._rows, strict=True)
        return is_untouched or all(len(column.values) == len(rows) for column, rows in ends)
