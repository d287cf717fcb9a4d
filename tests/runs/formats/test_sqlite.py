"""MLflow's and trackio's databases, whole, cut off and made to trap a reader."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from importlib import import_module
from typing import Any

import pytest

from app.runs.collector import LogError, ParsedLog, finished
from app.runs.formats import sqlite
from app.runs.formats.sqlite import NEWEST, SqliteReader
from app.runs.reductions import ESTIMATE
from tests.support.tracker_samples import HISTOGRAM, mlflow_database, trackio_database


def read(data: bytes, piece: int = 1 << 20) -> ParsedLog:
    reader = SqliteReader("runs.db")
    for start in range(0, len(data), piece):
        finished(reader.feeding(data[start : start + piece]))
    return finished(reader.finishing())


def refusal(data: bytes) -> str:
    with pytest.raises(LogError) as refused:
        read(data)
    return str(refused.value)


def values(log: ParsedLog) -> dict[str, dict[str, list[float]]]:
    """Each run's values by name."""
    found: dict[str, dict[str, list[float]]] = {}
    for key, table in log.tables.items():
        for name, column in table.columns.items():
            found.setdefault(key.run, {})[name] = column.values.tolist()
    return found


def database(script: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return connection.serialize()


def test_mlflows_runs_come_by_their_names_in_the_order_of_logging() -> None:
    rows = [(run, key, step, step / 2) for step in range(3) for run in "xy" for key in ("grad_norm/b", "grad_norm/a")]
    log = read(mlflow_database(rows, {"x": "sunny", "y": "rainy"}), 1000)
    assert values(log) == {run: {"b": [0, 0.5, 1], "a": [0, 0.5, 1]} for run in ("sunny", "rainy")}
    assert [list(table.columns) for table in log.tables.values()] == [["b", "a"], ["b", "a"]]
    assert log.problems == ()


def test_mlflows_runs_of_one_name_are_told_apart_by_their_ids() -> None:
    rows = [(run, "grad_norm/a", 0, 1.0) for run in ("0123456789", "9876543210", "5555555555")]
    log = read(mlflow_database(rows, {"0123456789": "sunny", "9876543210": "sunny"}))
    assert list(values(log)) == ["sunny (01234567)", "sunny (98765432)", "5555555555"]


def test_mlflows_deleted_runs_are_left_out() -> None:
    rows = [(run, "grad_norm/a", 0, 1.0) for run in "xy"]
    assert list(values(read(mlflow_database(rows, {"x": "sunny", "y": "rainy"}, deleted="x")))) == ["rainy"]


def test_mlflows_nan_and_infinity_are_themselves() -> None:
    rows = [("x", "grad_norm/a", step, value) for step, value in enumerate((None, math.inf, 1e300))]
    found = values(read(mlflow_database([*rows, ("x", "loss", 0, -math.inf)], {"x": "sunny"})))["sunny"]["a"]
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, 1e300]
    assert read(mlflow_database([*rows, ("x", "loss", 0, -math.inf)], {})).losses == {"x": {0: -math.inf}}


def test_trackios_metrics_and_histograms_come_by_step() -> None:
    metrics = {"loss": 0.5, "grad_norm/a": "NaN", "gradients/b.weight": {"_type": "trackio.histogram", **HISTOGRAM}}
    rows = [("1", "sunny", step, metrics) for step in range(0, 30, 10)]
    log = read(trackio_database(rows))
    assert log.losses == {"sunny": {0: 0.5, 10: 0.5, 20: 0.5}}
    (table,) = (table for key, table in log.tables.items() if key.reduction == ESTIMATE)
    assert list(table.rows) == [0, 10, 20]
    assert log.sizes == {"b.weight": 4}
    assert log.problems == ()


def test_trackios_older_table_has_no_ids() -> None:
    log = read(
        database(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT);"
            """INSERT INTO metrics VALUES (1, '', 'sunny', 4, '{"grad_norm/a": 2}');"""
        )
    )
    assert values(log) == {"sunny": {"a": [2]}}


def test_what_may_lie_in_a_second_file_is_said() -> None:
    rows = [("1", "sunny", 0, {"grad_norm/a": 1})]
    log = read(trackio_database(rows, wal=True))
    assert values(log) == {"sunny": {"a": [1]}}
    assert log.problems == (NEWEST,)


def test_rows_that_can_not_be_used_are_counted() -> None:
    rows: list[tuple[str, str, int, Any]] = [("1", "sunny", 0, {"grad_norm/a": 1})]
    rows += [("1", "sunny", 1, text) for text in (b"{", b"[" * 100_000, b"[1]", b"\xff", b'{"grad_norm/a": -1}')]
    assert read(trackio_database(rows)).problems == (
        "4 of 6 rows were not an object in JSON; first at row 2.",
        "1 value was no magnitude (a number of at least 0, NaN or Infinity); at row 6, grad_norm/a.",
    )
    script = "CREATE TABLE metrics (run_uuid, key, value, step); INSERT INTO metrics VALUES "
    log = read(
        database(f"{script} ('x', 'grad_norm/a', 1, 'now'), ('x', 'grad_norm/a', x'00', 1), ('x', 'grad_norm/a', 1, 2)")
    )
    assert values(log) == {"x": {"a": [1]}}
    assert log.problems == (
        "1 of 3 rows was without a step that is a number; at row 1.",
        "1 value was no magnitude (a number of at least 0, NaN or Infinity); at row 2, grad_norm/a.",
    )


def test_a_database_without_gradients_is_refused_with_its_names() -> None:
    assert refusal(mlflow_database([("x", "accuracy", 0, 1.0)], {})) == (
        "runs.db: no gradients in it. Its names are accuracy. Expected are metrics as in mlflow.log_metrics or "
        "trackio.log({'grad_norm/fc1.weight': …})."
    )


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE notes (text)",
        "CREATE TABLE metrics (value)",
        "CREATE VIEW metrics AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) "
        "SELECT n AS run_uuid, n AS key, n AS value, n AS step FROM t",
        "CREATE VIRTUAL TABLE metrics USING fts5(run_uuid, key, value, step)",
    ],
    ids=["other", "columns", "view", "virtual"],
)
def test_another_database_is_refused(script: str) -> None:
    assert refusal(database(script)) == (
        "runs.db: is an SQLite database, but not MLflow's or trackio's: it has no table of metrics that is known."
    )


def test_a_database_that_is_cut_off_keeps_what_can_be_read_and_says_so() -> None:
    rows = [("x", f"grad_norm/layer.{at}.weight", step, 1.0) for step in range(200) for at in range(20)]
    data = mlflow_database(rows, {"x": "sunny"})
    log = read(data[: len(data) // 2])
    assert (
        log.problems[0] == f"It is cut off: {len(data) // 2:,} bytes are there, of {len(data):,} that its header tells."
    )
    assert log.problems[1].startswith("SQLite could not read all of it: ")
    assert len(values(log)["sunny"]) == 20


def test_what_is_no_database_after_all_is_refused() -> None:
    assert "SQLite could not read all of it: " in refusal(sqlite.SQLITE_MAGIC + bytes(2000))


def test_a_python_without_sqlite_says_how_to_export(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "import_module", lambda name: __import__(f"no{name}"))
    said = refusal(mlflow_database([("x", "grad_norm/a", 0, 1.0)], {}))
    assert said.startswith("runs.db: is an SQLite database, and this Python has no sqlite3 to open it. Export ")
    assert "SELECT key AS name, step, value FROM metrics" in said


def test_the_module_in_c_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_c(name: str) -> Any:
        if not name.startswith("_"):
            raise ImportError
        return import_module(name)

    monkeypatch.setattr(sqlite, "import_module", only_c)
    assert values(read(mlflow_database([("x", "grad_norm/a", 0, 1.0)], {}))) == {"x": {"a": [1]}}


def test_too_large_a_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "MAX_DATABASE_BYTES", 1 << 20)
    reader = SqliteReader("runs.db")
    with pytest.raises(LogError, match=r"^runs\.db: is an SQLite database of more than 1 MB\. Export "):
        finished(reader.feeding(bytes((1 << 20) + 1)))
