"""Tables of values: Lightning's wide one, W&B's of a chart, one of a single metric, long form. Pure.

Cells may be empty, which says that nothing was logged there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, Final

from ..collector import MAGNITUDES, METRICS_PER_PAUSE, ParsedLog, Paused, RowWriter, SeriesCollector, step_number
from . import refusals
from .delimited import (
    BY_LOOKS,
    Header,
    is_comment,
    is_numeric,
    is_rule,
    separator_line,
    split_cells,
    without_trailing,
)
from .json_decoding import PAUSE_CHARS, decoding_any
from .json_shapes import merged
from .long_form import MAX_FIELDS, NAMES, LongForm, find_long_form
from .number_text import read_number, with_point
from .printed_prefix import heading_step
from .record_groups import RecordGroups
from .record_sink import RecordSink
from .records import Roles
from .steps import NO_LABELS, Labels, StepClock, is_step_or_epoch, keyed_step, plain_name
from .table_columns import Columns, TableColumn, read_header

MIN_STEPS: Final = 3  # columns of a table that has a column a step
MAX_STEPS: Final = 4096


class TextTable:
    """The rows under a header, put into the collector.

    `group`: the records of the print that a table stands in; None for a table that is all of its file.
    """

    def __init__(self, collector: SeriesCollector, header: Header, group: RecordGroups | None = None) -> None:
        self._collector, self.header = collector, header
        self._clock, self._group = StepClock(), group
        self._role = Roles()
        self._columns: Columns | None = None
        self._magnitudes: list[TableColumn] = []  # the columns that may be put by the row, …
        self._taken: Callable[[list[str]], Sequence[str]] = list  # of a row, the cells of those
        self._losses: list[TableColumn] = []  # … and the others of use
        self._used: list[TableColumn] = []  # those, and what may hold lists
        self._writer: RowWriter | None = None
        self._by_step: list[float] = []  # the steps of the columns, where a row is a layer
        self.told = NO_LABELS  # of the last heading between the rows
        self._rows = 0
        self._long: LongForm | None = None
        self._parts: RecordGroups | None = None

    def begin(self, cells: list[str]) -> Paused[Columns]:
        """Find out by the header and the first row what the columns are."""
        self._columns = columns = yield from read_header(self.header.cells, self._collector.file)
        yield from self._sort(columns)
        yield from self._flushing()
        self._writer, self._long = None, None
        self._collector.is_metric_file = columns.is_metric
        if columns.is_metric or (self._magnitudes and all(column.name.isdecimal() for column in self._magnitudes)):
            self._collector.any_name = True
        for name in columns.twice[:1]:
            self._collector.issues.say(f"The column {name} comes twice; the second was left out.")
        self._by_step = _columns_by_step(self.header.cells)
        if self._by_step:
            self._collector.any_name = True
            self._collector.issues.say("The columns are taken for steps, with a layer a row.")
        elif not columns.is_metric and len(cells) <= MAX_FIELDS:
            self._find_long_form(cells)
        return columns

    def _sort(self, columns: Columns) -> Paused[None]:
        """Sort the columns by what their names are to the collector."""
        self._magnitudes, self._losses, self._used = [], [], []
        for at, name in enumerate(self.header.cells, start=1):
            self._collector.metric(name)
            if at % METRICS_PER_PAUSE == 0:
                yield
        for at, column in enumerate(columns.values, start=1):
            metric = self._collector.metric(column.name)
            role = metric.doubt or metric.role
            if role in MAGNITUDES:
                self._magnitudes.append(column)
            elif role == "loss":
                self._losses.append(column)
            if role in MAGNITUDES or role == "loss" or "grad" in column.name.casefold():
                self._used.append(column)
            if at % METRICS_PER_PAUSE == 0:
                yield
        places = [column.at for column in self._magnitudes]
        self._taken = itemgetter(*places) if len(places) > 1 else partial(_cells_at, places)

    def _find_long_form(self, cells: list[str]) -> None:
        row = {name: self._value(cell) for name, cell in zip(self.header.cells, cells, strict=False)}
        self._long = find_long_form(row, self._role)
        if self._long:
            self._parts = self._group or RecordGroups()
            if self._long.left_out:
                self._collector.issues.say(self._long.left_out)
            if any(before == after == "" for _, before, after in self._long.values):
                self._collector.any_name = True

    def row(self, cells: list[str], where: str) -> Paused[None]:
        """Take the next row."""
        columns = self._columns or (yield from self.begin(cells))
        self._rows += 1
        if self._by_step:
            yield from self._steps_of_layer(cells, where)
        elif self._long and self._parts:
            yield from self._long_row(columns, self._long, self._parts, cells, where)
        elif self._group:
            self._group.mark(Labels(self._label(columns.step, cells), self._label(columns.epoch, cells)))
            yield from self._each(columns, cells, where, None)
        elif columns.run is not None:
            at = columns.epoch if columns.step is None else columns.step
            yield from self._each(
                columns, cells, where, float(self._rows - 1) if at is None else self._label(at, cells)
            )
        else:
            step = self._step(columns, cells)
            if step is None or not (yield from self._putting(step, cells)):
                yield from self._each(columns, cells, where, step)

    def _step(self, columns: Columns, cells: list[str]) -> float | None:
        """The step of a row; None where its cell has no number."""
        step = self._label(columns.step, cells)
        if step is None and columns.step is not None:
            return None
        return self._clock.record(Labels(step, self._label(columns.epoch, cells)))

    def _value(self, cell: str) -> str:
        return with_point(cell) if "," in cell else cell

    def _label(self, at: int | None, cells: list[str]) -> float | None:
        return None if at is None else step_number(self.number(cells[at]))

    def number(self, cell: str) -> float | str:
        """The number in a cell; its text where it has none."""
        try:
            return float(cell)
        except ValueError:
            number = read_number(with_point(cell)) if cell else None
            return cell if number is None else number

    def _putting(self, step: float, cells: list[str]) -> Paused[bool]:
        """Put all of a row at once, as nearly every row can be once the first was put; say whether it was."""
        if self._writer is None:
            self._writer = self._collector.row_writer([(column.run, column.name) for column in self._magnitudes])
        if self._writer is None:
            return False
        if not (yield from self._writer.putting(step, self._taken(cells))):
            return False
        for column in self._losses:
            if cells[column.at]:
                self._collector.add_value(column.name, step, self.number(cells[column.at]), "", column.run)
        return True

    def _flushing(self) -> Paused[None]:
        """Put the rows that wait."""
        if self._writer:
            yield from self._writer.flushing()

    def _each(self, columns: Columns, cells: list[str], where: str, step: float | None) -> Paused[None]:
        """Put a row's values one by one."""
        run = cells[columns.run].strip() if columns.run is not None else ""
        for count, column in enumerate(self._used, start=1):
            cell = cells[column.at].strip()
            if cell[:1] in {"[", "{"} and len(cell) <= PAUSE_CHARS:
                yield from self._nested(column.name, cell, where, step)
            elif cell:
                self._cell(column._replace(run=run) if run else column, self.number(cell), where, step)
            if count % METRICS_PER_PAUSE == 0:
                yield

    def _cell(self, column: TableColumn, number: float | str, where: str, step: float | None) -> None:
        if self._group:
            self._group.put(self._collector, column.name, number, where, column.run)
            return
        self._collector.add_value(column.name, step, number, where, column.run)

    def _nested(self, name: str, cell: str, where: str, step: float | None) -> Paused[None]:
        """Put a list or an object in a cell, by layer."""
        try:
            value: Any = yield from decoding_any(cell)
        except ValueError:
            self._collector.add_value(name, step, cell, where)
            return
        sink = RecordSink(self._collector)
        for record in sink.shapes.records({"step": 0 if step is None else step, name: value}):
            for inner, number in record.items:
                self._collector.add_value(inner, step, number, where)
        sink.say()

    def _long_row(
        self, columns: Columns, form: LongForm, parts: RecordGroups, cells: list[str], where: str
    ) -> Paused[None]:
        row = dict(zip(self.header.cells, cells, strict=False))
        name = form.name(row)
        run = row.get(form.run, "").strip() if form.run else ""
        step, epoch = self._label(columns.step, cells), self._label(columns.epoch, cells)
        if columns.step is not None and step is None:
            self._collector.add_value(f"{form.values[0][1]}{name}", None, 0.0, where)
            return
        parts.mark(merged(self.told, Labels(step, epoch)))
        for field, before, after in form.values:
            cell = row.get(field, "").strip()
            if cell:
                key = f"{before}{name}{after}"
                parts.put(self._collector, key, self.number(cell), where, run)
        yield

    def _steps_of_layer(self, cells: list[str], where: str) -> Paused[None]:
        """Put a row that is a layer, with a column a step."""
        for step, cell in zip(self._by_step, cells[1:], strict=False):
            if cell.strip():
                self._collector.add_value(cells[0].strip(), step, self.number(cell.strip()), where)
        yield

    def is_header_again(self, cells: list[str]) -> bool:
        """Take a header that comes again, as a training that is resumed writes it; say whether it is one."""
        first = cells[0].strip()
        if first != self.header.cells[0] and (not first or is_numeric(first)):
            return False
        stripped = [cell.strip() for cell in cells]
        if stripped == self.header.cells:
            return True
        if any(is_numeric(cell) for cell in stripped) or not any(is_step_or_epoch(cell) for cell in stripped):
            return False
        if self.header.separator in BY_LOOKS and len(cells) != len(self.header.cells):
            return False
        self.header = self.header._replace(cells=stripped)
        self._columns = None
        return True

    def finishing(self) -> Paused[None]:
        """Tell what was assumed."""
        yield from self._flushing()
        if self._columns is None:
            yield from self.begin([])
        if self._parts:
            self._parts.finish(self._collector)
        else:
            self._clock.say(self._collector)

    def relabelled(self, log: ParsedLog) -> Paused[ParsedLog]:
        """The log with its records at their steps."""
        return (yield from (self._parts or self._clock).relabelled(log))


def _cells_at(places: list[int], cells: list[str]) -> list[str]:
    return [cells[at] for at in places]


def _columns_by_step(header: list[str]) -> list[float]:
    """The steps that the columns after the first are called by; empty where they are not."""
    if len(header) < MIN_STEPS or plain_name(header[0]) not in NAMES or len(header) > MAX_STEPS:
        return []
    labels = [keyed_step(name) for name in header[1:]]
    steps = [label.step if label.epoch is None else label.epoch for label in labels if label]
    return [step for step in steps if step is not None] if len(steps) == len(labels) else []


class TableReader:
    """A file that is one table."""

    def __init__(self, collector: SeriesCollector, header: Header) -> None:
        self._collector, self._header = collector, header
        self._table: TextTable | None = None
        self._told = NO_LABELS
        self._lines = 0

    def line(self, text: str, number: int) -> Paused[None]:
        """Take the header, or a row."""
        self._lines += 1
        told = heading_step(text.strip()) if text[0] == "#" else None
        if told:
            self._told = told
        if self._table is None:
            if self._lines == self._header.line + 1:
                self._table = TextTable(self._collector, self._header)
            return
        self._table.told = self._told
        header, separator = self._table.header.cells, self._header.separator
        first = text.lstrip()[:1]
        if not (first.isalnum() or first in '"-.') and (is_comment(text) or is_rule(text)):
            return
        count = text.count(separator) + 1 if separator else 0  # or less, where some are in quotes
        cells = split_cells(text, separator) if count < 4 * len(header) + PAUSE_CHARS else []
        cells = without_trailing(cells, len(header))
        if len(cells) == len(header) + 1 and separator in BY_LOOKS and is_numeric(cells[0]):
            cells = cells[1:]
        if cells and self._table.is_header_again(cells):
            return
        if len(cells) == len(header):
            yield from self._table.row(cells, f"line {number:,}")
        elif not (is_rule(text) or separator_line(text)):
            wrong = f"without the {len(header):,} cells of the first line"
            self._collector.issues.count("lines", wrong, f"line {number:,}, which has {len(cells) or count:,}")

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        if self._table is None:
            self._table = TextTable(self._collector, self._header)
        yield from self._table.finishing()
        log = yield from self._collector.finishing(partial(refusals.nearest, self._collector, refusals.TABLE_EXPECTED))
        return (yield from self._table.relabelled(log))
