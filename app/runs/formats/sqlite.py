"""SQLite databases of MLflow (`mlflow.db`) and trackio (`PROJECT.db`). Pure.

SQLite reads a file out of order, so all of it is kept in memory. Only plain tables are read: a view or a virtual table
could run for ever. In the page, SQLite is in Python's machine code already, and costs nothing until it is asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from ..collector import LogError, ParsedLog, Paused, SeriesCollector, step_number
from ..metric_names import clean
from .json_values import flat_values

SQLITE_MAGIC: Final = b"SQLite format 3\0"
MAX_DATABASE_BYTES: Final = 256 << 20  # twice as much is held at one time
MAX_METRICS_BYTES: Final = 8 << 20  # of a step's metrics in trackio; 4,096 histograms take about 8 MB
ROWS_PER_PAUSE: Final = 64
VALUES_PER_PAUSE: Final = 16  # of one row: a histogram takes a seventh of a millisecond
INFINITY: Final = 1.797e308  # MLflow keeps infinity as the largest float64
WAL_FLAGS: Final = slice(18, 20)  # bytes of the header: 2 in write-ahead mode, which has a second file
Connection = Any  # sqlite3's, which is not imported by name: the site is built without it
DATABASE_EXPECTED: Final = "Expected are metrics as in mlflow.log_metrics or trackio.log({'grad_norm/fc1.weight': …})."
NOT_HERE: Final = (
    "is an SQLite database, and this Python has no sqlite3 to open it. Export MLflow's metrics with sqlite3 -csv "
    "-header FILE 'SELECT key AS name, step, value FROM metrics' > metrics.csv, and trackio's with sqlite3 FILE "
    "'SELECT metrics FROM metrics ORDER BY step' > metrics.jsonl"
)
UNKNOWN_DATABASE: Final = (
    "is an SQLite database, but not MLflow's or trackio's: it has no table of metrics that is known"
)
NEWEST: Final = (
    "What was written last may be in a second file, which ends in -wal and is not read. Finish the run first, or copy "
    "the database with sqlite3 FILE '.backup copy.db'."
)


class MetricsRow(NamedTuple):
    """A row of a table of metrics: its run, a step and a value under a key; trackio has an object without a key."""

    run: str
    step: object
    key: str
    value: object


class MetricsTable(NamedTuple):
    """A table of metrics: the query for its rows, the function that reads one, and the runs' names by their ids."""

    query: str
    make_row: Callable[[Sequence[Any]], MetricsRow]
    names: dict[str, str]


class SqliteReader:
    """Reads a database that is fed in pieces, once all of it is there."""

    def __init__(self, file: str) -> None:
        self._collector = SeriesCollector(file)
        self._content = bytearray()

    def feeding(self, data: bytes) -> Paused[None]:
        """Take the next bytes. Raises LogError."""
        self._content += data
        if len(self._content) > MAX_DATABASE_BYTES:
            raise LogError(
                f"{self._collector.file}: is an SQLite database of more than {MAX_DATABASE_BYTES >> 20} MB. "
                "Export the metrics of one run as CSV."
            )
        yield

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        sqlite3 = load_sqlite()
        if sqlite3 is None:
            raise LogError(f"{self._collector.file}: {NOT_HERE}.")
        self._check_length(self._content)
        connection = sqlite3.connect(":memory:")
        yield
        try:
            yield from self._reading(connection)
        except sqlite3.Error as error:
            self._collector.issues.say(f"SQLite could not read all of it: {clean(str(error))}.")
        except UnicodeDecodeError:  # SQLite's own message quotes what is damaged
            self._collector.issues.say("SQLite could not read all of it: it is damaged.")
        finally:
            connection.close()
        return (yield from self._collector.finishing(lambda: DATABASE_EXPECTED))

    def _check_length(self, content: bytearray) -> None:
        """Say what is missing of a file that is cut off, and what may be in a second file.

        SQLite opens a file only at its whole length, so empty pages stand for those that are missing.
        """
        page = int.from_bytes(content[16:18]) or 1
        expected = int.from_bytes(content[28:32]) * (1 << 16 if page == 1 else page)
        if len(content) < expected:
            self._collector.issues.say(
                f"It is cut off: {len(content):,} bytes are there, of {expected:,} that its header tells."
            )
            content.extend(bytes(min(expected, MAX_DATABASE_BYTES) - len(content)))
        if content[WAL_FLAGS] == b"\2\2":
            content[WAL_FLAGS] = b"\1\1"
            self._collector.issues.say(NEWEST)

    def _reading(self, connection: Connection) -> Paused[None]:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.deserialize(self._content)
        self._content = bytearray()  # SQLite has copied it
        connection.execute("PRAGMA trusted_schema = OFF")
        yield
        source = find_source(connection)
        if source is None:
            raise LogError(f"{self._collector.file}: {UNKNOWN_DATABASE}.")
        duplicates = {name for name, count in Counter(source.names.values()).items() if count > 1}
        totals = self._collector.totals
        for number, found in enumerate(connection.execute(source.query), 1):
            row = source.make_row(found)
            name = source.names.get(row.run, row.run)
            totals["rows"] = number
            yield from self._adding(row, number, f"{name} ({row.run[:8]})" if name in duplicates else name)
            if number % ROWS_PER_PAUSE == 0:
                yield

    def _adding(self, row: MetricsRow, number: int, run: str) -> Paused[None]:
        where = f"row {number:,}"
        step = step_number(row.step)
        if step is None:
            self._collector.issues.count("rows", "without a step that is a number", where)
            return
        values = {row.key: row.value} if row.key else _decoded(row.value)
        if values is None:
            self._collector.issues.count("rows", "not an object in JSON", where)
            return
        for at, (key, value) in enumerate(values.items(), 1):
            if at % VALUES_PER_PAUSE == 0:
                yield
            for name, each in flat_values(key, value):
                self._collector.add_value(name, step, each, where, run)


def _decoded(text: object) -> dict[str, object] | None:
    """trackio's metrics of a step, an object in JSON; None for what is none."""
    try:
        values = json.loads(text) if isinstance(text, (bytes, str)) and len(text) <= MAX_METRICS_BYTES else None
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def load_sqlite() -> Any:
    """Python's module for SQLite; None where there is none.

    The site is built without the package sqlite3, but the module in C beneath it is in Pyodide itself.
    """
    for name in ("_sqlite3", "sqlite3"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def find_source(connection: Connection) -> MetricsTable | None:
    """MLflow's or trackio's table of metrics; None where there is neither."""
    tables = {name: _columns(connection, name) for name in ("metrics", "runs") if _is_table(connection, name)}
    columns = tables.get("metrics", frozenset())
    if {"run_uuid", "key", "value", "step"} <= columns:
        return _mlflow(connection, columns, tables.get("runs", frozenset()))
    if {"run_name", "step", "metrics"} <= columns:
        run = "run_id" if "run_id" in columns else "run_name"
        names = dict(connection.execute(f"SELECT DISTINCT {run}, run_name FROM metrics"))
        return MetricsTable(
            f"SELECT {run}, step, metrics FROM metrics ORDER BY rowid",
            lambda found: MetricsRow(str(found[0]), found[1], "", found[2]),
            {str(ident): str(name) for ident, name in names.items()},
        )
    return None


def _mlflow(connection: Connection, columns: frozenset[str], runs: frozenset[str]) -> MetricsTable:
    names: dict[str, str] = {}
    if {"run_uuid", "name"} <= runs:
        rows = connection.execute("SELECT run_uuid, name FROM runs")
        names = {str(ident): str(name or ident) for ident, name in rows}
    deleted = ""
    if {"run_uuid", "lifecycle_stage"} <= runs:
        deleted = "WHERE run_uuid NOT IN (SELECT run_uuid FROM runs WHERE lifecycle_stage = 'deleted')"
    is_nan = "is_nan" if "is_nan" in columns else "0"
    return MetricsTable(
        f"SELECT run_uuid, step, key, value, {is_nan} FROM metrics {deleted} ORDER BY rowid",
        lambda found: MetricsRow(str(found[0]), found[1], str(found[2]), _mlflow_value(found[3], found[4])),
        names,
    )


def _mlflow_value(value: object, is_nan: object) -> object:
    if is_nan:
        return float("nan")
    if isinstance(value, float) and abs(value) >= INFINITY:
        return float("inf") if value > 0 else float("-inf")
    return value


def _is_table(connection: Connection, name: str) -> bool:
    """True for a table of rows, and none that a view or a module makes up."""
    found = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)).fetchone()
    return found is not None and isinstance(found[0], str) and not found[0].upper().startswith("CREATE VIRTUAL")


def _columns(connection: Connection, table: str) -> frozenset[str]:
    return frozenset(str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})"))
