"""The collector of what one file holds: series of gradient magnitudes by name and step. Pure.

The readers of the formats put values in here one by one; `run.py` makes runs of the result. What can't be used is
counted, and said in a sentence each with the place of the first, and so is what was assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..figure.work import finished, in_one_go
from . import metric_names
from .doubtful_names import with_doubtful
from .histograms import HistogramError, NormInterval, is_logged_histogram, read_norm
from .issues import Issues, name_list, short_name, short_name_list
from .layer_names import is_module, looks_like_layer
from .logged_values import HISTOGRAM, NO_MAGNITUDE, is_negative, magnitude, reason_against, step_number
from .metric_names import BARE, GRADIENT, LOSS, STATISTIC, TOTAL, MetricName, clean, look_like_layers
from .no_gradients import nothing_found
from .recorder_header import RecorderHeader
from .reductions import ESTIMATE, MEAN
from .row_writer import Place, RowWriter
from .series import (
    MAX_CELLS,
    MAX_NAMES,
    METRICS_PER_PAUSE,
    READ,
    Column,
    Key,
    LogError,
    ParsedLog,
    Paused,
    Table,
)
from .series_names import naming_series, without_series
from .signed_series import signed_series

__all__ = [  # with what the readers of the formats need of its neighbours
    "HISTOGRAM",
    "MAGNITUDES",
    "MAX_CELLS",
    "MAX_NAMES",
    "METRICS_PER_PAUSE",
    "READ",
    "Column",
    "Issues",
    "Key",
    "LogError",
    "ParsedLog",
    "Paused",
    "RowWriter",
    "SeriesCollector",
    "Table",
    "finished",
    "in_one_go",
    "magnitude",
    "step_number",
]

MAGNITUDES: Final = (GRADIENT, BARE)  # roles of what has a column

_NEW: Final[Place] = (Table(), Column())  # of a name that wasn't met yet


class SeriesCollector:
    """Takes values from the readers of the formats, and makes a `ParsedLog` of them.

    `any_name` takes numbers under any name for gradients where none is marked as one: what somebody pastes is meant.
    `is_metric_file`: the file has one metric of a run, so it may have the loss alone.
    Until `finishing` a series has the name that the file gives it, whole, so that no two are written over each other.
    """

    def __init__(self, file: str, any_name: bool = False) -> None:
        self.file, self.any_name, self.is_metric_file = file, any_name, False
        self.header = RecorderHeader()
        self.issues = Issues()
        self.totals: dict[str, int] = {}
        self.sizes: dict[str, int] = {}  # by the series' names in the file
        self.cells = 0  # that are kept, gaps too
        self._tables: dict[Key, Table] = {}
        self._bare: dict[Key, Table] = {}
        self._doubtful: dict[str, dict[Key, Table]] = {GRADIENT: {}, BARE: {}}  # by the role that they may have
        self._losses: dict[str, dict[float, float]] = {}
        self._places: dict[tuple[str, str], Place | None] = {}
        self._parsed: dict[str, MetricName] = {}
        self._series: dict[str, MetricName] = {}  # of those that have a column
        self._names = 0
        self._refused: set[str] = set()
        self._negative: set[str] = set()  # names of means, and of numbers that may be magnitudes, that were below zero
        self._again: list[float] = []  # the least and the greatest step at which a series was logged more than once

    def metric(self, key: str) -> MetricName:
        """A name taken apart; the result is kept."""
        known = self._parsed.get(key)
        if known is None:
            known = self.header.metric(key) or metric_names.parse_metric_name(key)
            if len(self._parsed) < 4 * self.header.max_names:
                self._parsed[key] = known
        return known

    def names(self) -> list[str]:
        """The names that were met, in their order."""
        return list(self._parsed)

    def add(self, key: str, step: float, value: float, run: str = "") -> None:
        """One value of at least 0 as it was logged under `key`: a gradient, the loss, or nothing of use."""
        place = self._places.get((run, key), _NEW)
        if place is _NEW:
            place = self._place(run, key)
        if place:
            self._put(place[0], place[1], step, value)
        elif self.metric(key).role == LOSS:
            self._losses.setdefault(run, {})[step] = value

    def add_value(self, name: str, step: float | None, value: object, where: str, run: str = "") -> None:
        """One value of any type under its name; counts what is no magnitude if it should be one, or has no step."""
        place = self._places.get((run, name))
        if place and step is not None and type(value) is float and value >= 0:  # nearly always
            self._put(place[0], place[1], step, value)
            return
        number = value if type(value) is float and value >= 0 else magnitude(value)
        if number is not None and step is not None:
            self.add(name, step, number, run)
            return
        role = self.metric(name).role
        if role == GRADIENT and step is not None and is_logged_histogram(value):
            self._add_histogram(name, step, value, where, run)
        elif role == LOSS and step is not None:
            self._add_loss(step, value, run)
        elif role in {GRADIENT, BARE, STATISTIC} and number is None and is_negative(value):
            self.note_negative(name, where)
        elif role == GRADIENT and value is not None:
            self.issues.count("values", reason_against(value, number), f"{where}, {clean(name)}")

    def adding(
        self, values: Iterable[tuple[str, object]], step: float | None, where: str, run: str = ""
    ) -> Paused[None]:
        """Take several values of one step, each as `add_value` does."""
        places = self._places
        for count, (name, value) in enumerate(values, start=1):
            place = places.get((run, name))
            if place and step is not None and type(value) is float and value >= 0:  # nearly always
                table, column = place
                if table.rows.get(step) == len(column.values) and self.cells < MAX_CELLS:
                    column.values.append(value)
                    column.logged.append(1)
                    self.cells += 1
                else:
                    self._put(table, column, step, value)
            else:
                self.add_value(name, step, value, where, run)
            if count % METRICS_PER_PAUSE == 0:
                yield

    def _add_histogram(self, name: str, step: float, value: Mapping[str, Any], where: str, run: str) -> None:
        try:
            self.put_estimate(name, step, read_norm(value), run)
        except HistogramError as error:
            self.issues.count("values", f"a histogram {error}", f"{where}, {clean(name)}")

    def note_negative(self, name: str, where: str, wrong: str = NO_MAGNITUDE) -> None:
        """Counts a value below zero: it is no magnitude, or its whole series is of means with their signs."""
        metric = self.metric(name)
        if metric.role == GRADIENT and metric.reduction != MEAN:
            self.issues.count("values", wrong, f"{where}, {clean(name)}")
        elif len(self._negative) < MAX_NAMES:
            self._negative.add(name)

    def put(self, key: Key, name: str, step: float, value: float, metric: MetricName | None = None) -> None:
        """One magnitude whose kind and reduction are known. `metric`: what its name says, where that is more."""
        place = self._column(self._tables, key, name, metric or MetricName(GRADIENT, name, key.kind, key.reduction))
        if place:
            self._put(place[0], place[1], step, value)

    def put_estimate(self, name: str, step: float, norm: NormInterval, run: str = "") -> None:
        """An estimate of an L2 norm and its bounds, under the name that the histogram was logged under."""
        metric = self.metric(name)
        place = self._column(self._tables, Key(run, metric.kind, ESTIMATE), name, metric)
        if place is None:
            return
        table, column = place
        self._put(table, column, step, norm.estimate)
        row = table.rows.get(step)
        if row is not None:
            self.cells += column.put_bounds(row, norm.low, norm.high)
        self.sizes[name] = norm.elements

    def loss(self, step: float, value: float, run: str = "") -> None:
        """The loss at a step."""
        self._losses.setdefault(run, {})[step] = value

    def _add_loss(self, step: float, value: object, run: str) -> None:
        """A loss may be below zero, a magnitude may not."""
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            try:
                self.loss(step, float(value), run)
            except OverflowError:
                self.loss(step, math.inf, run)
            except ValueError:
                return

    def _place(self, run: str, key: str) -> Place | None:
        metric = self.metric(key)
        place = None
        if metric.role in MAGNITUDES:
            tables = self._tables if metric.role == GRADIENT else self._bare
            place = self._column(tables, Key(run, metric.kind, metric.reduction), key, metric)
        elif metric.doubt:
            tables = self._doubtful[metric.doubt]
            place = self._column(tables, Key(run, metric.kind, metric.reduction), key, metric)
        if len(self._places) < 4 * self.header.max_names:
            self._places[run, key] = place
        return place

    def _column(self, tables: dict[Key, Table], key: Key, name: str, metric: MetricName) -> Place | None:
        table = tables.setdefault(key, Table())
        column = table.columns.get(name)
        if column is None:
            if self._names >= self.header.max_names:
                self._refused.add(name) if len(self._refused) < 100_000 else None
                return None
            self._names += 1
            self._series[name] = metric
            column = table.columns[name] = Column()
        return table, column

    def _put(self, table: Table, column: Column, step: float, value: float) -> None:
        rows = table.rows
        row = rows.get(step)
        if row is None:
            row = len(rows)
        gap = row - len(column.values)
        if gap == 0 and self.cells < MAX_CELLS:  # nearly always; the rest would do it too
            rows[step] = row
            column.values.append(value)
            column.logged.append(1)
            self.cells += 1
            return
        if self.cells + max(0, gap) >= MAX_CELLS:
            self.issues.say(
                f"Only the first {MAX_CELLS:,} values were read: steps times names may be no more. "
                "Log every tenth step, or a norm a layer."
            )
            return
        if gap < 0 and column.logged[row]:
            self._again = [min([step, *self._again]), max([step, *self._again])]
        rows[step] = row
        self.cells += column.put(row, value)

    def row_writer(self, keys: Sequence[tuple[str, str]]) -> RowWriter | None:
        """A writer of whole rows for these runs and keys; None until each of them has a column."""
        places = [self._places.get(key) for key in keys]
        there = [place for place in places if place is not None]
        columns = {id(column) for _, column in there}
        return RowWriter(self, there) if there and len(columns) == len(keys) else None

    def has_room(self, cells: int) -> bool:
        """True if so many more values fit."""
        return self.cells + cells <= MAX_CELLS

    def finishing(self, expected: Callable[[], str]) -> Paused[ParsedLog]:
        """The log that was collected. Raises LogError if it has no gradients, with what it has instead.

        `expected` is asked for the last sentence of that.
        """
        signed = signed_series({name: self.metric(name) for name in self._negative}, self._tables, self.issues)
        tables = self._usable(self._tables, signed)
        if tables:
            self._say_unmarked()
        else:
            bare = self._usable(self._bare, signed)
            tables = {key: table for key, table in bare.items() if self._meant(table)}
            self._say_bare(tables)
        role = GRADIENT if self._tables else BARE
        tables = with_doubtful(tables, self._doubtful[role], self._series, self.issues)
        self._say_what_was_left()
        if self._is_single(tables):
            tables = {}
        yield
        named, shown = yield from naming_series(tables, self._series, self.issues)
        problems = self.issues.sentences(self.totals)
        if not named:
            last = expected()
            refusal = " ".join((f"{self.file}: {nothing_found(self._parsed, last)}", *problems, last))
            if not (self.is_metric_file and self._losses):
                raise LogError(refusal)
            return ParsedLog(self.file, {}, self._losses, {}, False, problems, refusal=refusal)
        header, sizes = self.header, {**self.header.sizes, **self.sizes}
        return ParsedLog(
            self.file,
            header.in_order(named),
            self._losses,
            {shown[name]: size for name, size in sizes.items() if name in shown},
            header.ordered,
            problems,
            header.modules,
            header.optimizer,
        )

    def _is_single(self, tables: dict[Key, Table]) -> bool:
        """True if the only gradient is the norm of a whole network: `actor/grad_norm`."""
        names = {name for table in tables.values() for name in table.columns}
        if len(names) != 1:
            return False
        (name,) = names
        is_whole = name.casefold().endswith(("grad_norm", "gradient_norm", "grad_norms", "gnorm"))
        is_single = is_whole and not looks_like_layer(self._series[name].name)
        if is_single:
            self._parsed[name] = replace(self._series[name], role=TOTAL)
        return is_single

    def _usable(self, tables: dict[Key, Table], signed: set[str]) -> dict[Key, Table]:
        return without_series({key: table for key, table in tables.items() if table.rows}, signed)

    def _say_unmarked(self) -> None:
        """Name the layers whose names, unlike others', don't say that they are of gradients."""
        names = {name: self._series[name].name for table in self._bare.values() for name in table.columns}
        left = [name for name, layer in names.items() if looks_like_layer(layer) or is_module(layer)]
        if left:
            self.issues.say(f"Left out, for their names don't speak of gradients: {short_name_list(left)}.")

    def _say_bare(self, tables: dict[Key, Table]) -> None:
        if tables:
            first = [clean(name) for table in tables.values() for name in table.columns]
            self.issues.say(f"No name says that it is a gradient; all were taken for gradients: {name_list(first)}.")

    def _say_what_was_left(self) -> None:
        """Names beyond the room there is, statistics that are no magnitudes, steps that came again."""
        if self._refused:
            self.issues.say(
                f"Only the first {self._names:,} names were read, of {self._names + len(self._refused):,}: "
                f"{short_name(self.metric(min(self._refused)).name)} is among those left out. Log one norm a layer."
            )
        statistics = self._of_role(STATISTIC)
        if statistics:
            self.issues.say(f"Left out were statistics that are no magnitudes: {short_name_list(statistics)}.")
        if self._again:
            first, last = (f"{step:.15g}" for step in self._again)
            steps = f"Step {first} was" if first == last else f"Steps between {first} and {last} were"
            self.issues.say(f"{steps} logged more than once, as after a restart; the values logged last stand.")

    def _of_role(self, role: str) -> list[str]:
        return [name for name, metric in self._parsed.items() if metric.role == role]

    def _meant(self, table: Table) -> bool:
        """True if numbers under names that don't say so are gradients."""
        has_total = any("grad" in name.casefold() for name in self._of_role(TOTAL))
        is_any = self.any_name and not has_total
        return is_any or look_like_layers([self._series[name].name for name in table.columns])
