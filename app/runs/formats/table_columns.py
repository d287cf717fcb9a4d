"""Columns of a table: which one tells the step, and which hold values of which name and run. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ..series import NAMES_PER_PAUSE, Paused
from .long_form import RUNS, VALUES
from .metric_files import metric_of_file
from .steps import best_epoch, best_step, is_plain_step, plain_name

MAX_METRIC_COLUMNS: Final = 4  # of a file with one metric
EXTREMES: Final = ("__min", "__max")
TIMES: Final = frozenset({"wall_time", "timestamp", "time", "walltime", "date", "relative_time"})
INDEXES: Final = frozenset({"", "unnamed: 0", "unnamed: 0.1", "index"})


class TableColumn(NamedTuple):
    """A column of values: where it stands, the name of its values and their run."""

    at: int
    name: str
    run: str = ""


@dataclass
class Columns:
    """The roles of a table's columns."""

    header: list[str]
    values: list[TableColumn] = field(default_factory=list)
    step: int | None = None
    epoch: int | None = None
    run: int | None = None
    is_metric: bool = False  # the file has one metric, so what it is called is meant
    twice: list[str] = field(default_factory=list)  # names that come again, and whose second column is left out


def read_header(header: list[str], file: str) -> Paused[Columns]:
    """Find the roles of the columns under a header."""
    plain: list[str] = []
    for at, name in enumerate(header):
        plain.append(plain_name(name))
        if at % NAMES_PER_PAUSE == 0:
            yield
    found = Columns(header, step=best_step(plain), epoch=best_epoch(plain))
    if found.step is None and found.epoch is None and header[0].casefold() in INDEXES:
        found.step = 0
    metric = _metric_column(header, plain, file) if len(header) <= MAX_METRIC_COLUMNS else None
    if metric:
        found.values, found.is_metric = [metric], True
        return found
    is_chart = any(" - " in name for name in header)
    if is_chart and found.step is None:
        found.step = 0
    found.run = next((at for at, name in enumerate(plain) if name in RUNS), None)
    yield
    yield from _find_values(found, plain, is_chart)
    return found


def _find_values(found: Columns, plain: list[str], is_chart: bool) -> Paused[None]:
    seen: set[tuple[str, str]] = set()
    for at, name in enumerate(found.header):
        if at % NAMES_PER_PAUSE == 0:
            yield
        run, _, tag = name.rpartition(" - ") if is_chart else ("", "", name)
        is_index = at == 0 and name.casefold() in INDEXES
        if at in {found.step, found.epoch, found.run} or is_index or is_plain_step(plain[at]):
            continue
        if tag.casefold().endswith(EXTREMES):
            continue
        if (run, tag) in seen:
            found.twice.append(tag)
            continue
        seen.add((run, tag))
        found.values.append(TableColumn(at, tag, run))


def _metric_column(header: list[str], plain: list[str], file: str) -> TableColumn | None:
    """The one column of values in a file of one metric."""
    rest = [
        at
        for at, name in enumerate(plain)
        if not is_plain_step(name) and name not in TIMES and header[at].casefold() not in INDEXES
    ]
    if len(rest) != 1:
        return None
    name = header[rest[0]]
    stem = file.replace("\\", "/").rpartition("/")[2]
    for ending in (".csv", ".tsv", ".txt"):
        stem = stem.removesuffix(ending)
    is_value = plain[rest[0]] in VALUES
    if not is_value and not stem.endswith(name.replace("/", "_").replace(" ", "_")):
        return None
    metric = metric_of_file(file, "" if is_value else name)
    return TableColumn(rest[0], metric.name, metric.run)
