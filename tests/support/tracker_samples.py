"""Small files of experiment trackers and of safetensors, made here: W&B's log, MLflow's and trackio's databases."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

import numpy as np

from app.runs.formats import wandb
from tests.support.log_samples import field

MLFLOW = """
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), lifecycle_stage VARCHAR(20));
CREATE TABLE metrics ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
  run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
  CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan));
"""
TRACKIO = """
CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,
  run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL, log_id TEXT, space_id TEXT);
CREATE INDEX idx_metrics_run_step ON metrics(run_id, step);
"""
HISTOGRAM = {"values": [1, 0, 0, 2, 0, 0, 0, 1], "bins": [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0]}


def item(key: str | tuple[str, ...], value: Any) -> bytes:
    """An item of W&B's history, its key nested as W&B's service writes it."""
    parts = (key,) if isinstance(key, str) else key
    return field(1, b"".join(field(2, part) for part in parts) + field(16, json.dumps(value)))


def histogram_items(key: str, values: Mapping[str, Any] = HISTOGRAM) -> list[bytes]:
    """The three items that a histogram is logged as."""
    return [item((key, name), value) for name, value in {"_type": "histogram", **values}.items()]


def history(step: int | None, items: Iterable[bytes]) -> bytes:
    """A record of one step's history."""
    marked = [*items, *([] if step is None else [item("_step", step)])]
    return field(1, 5) + field(2, b"".join(marked))


def run_record(ident: str = "a1b2", name: str = "sunny") -> bytes:
    """A record that tells the run's id and name."""
    return field(17, field(1, ident) + field(3, "project") + field(8, name))


def scalars(step: int, values: Mapping[str, Any]) -> bytes:
    """A record of one step's numbers."""
    return history(step, [item(key, value) for key, value in values.items()])


def wandb_log(*records: bytes, at: int = 0) -> bytes:
    """W&B's log of some records; `at`: how many bytes lie before them, 0 for the beginning of a file."""
    data = bytearray(b"" if at else b":W&B\xe1\xbe\x00")
    for record in records:
        start, first = 0, True
        while first or start < len(record):
            room = wandb.BLOCK - (at + len(data)) % wandb.BLOCK
            if room < wandb.RECORD_HEADER:
                data += bytes(room)
                continue
            part = record[start : start + room - wandb.RECORD_HEADER]
            last = start + len(part) == len(record)
            kind = bytes(
                [wandb.FULL if first and last else wandb.FIRST if first else wandb.LAST if last else wandb.MIDDLE]
            )
            data += struct.pack("<IH", zlib.crc32(kind + part), len(part)) + kind + part
            start, first = start + len(part), False
            if last:
                break
    return bytes(data)


def mlflow_database(
    rows: Iterable[tuple[str, str, int, float | None]], runs: Mapping[str, str], deleted: str = ""
) -> bytes:
    """MLflow's database: rows of run, key, step, value; None for NaN; `runs`: their names."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(MLFLOW)
        for ident, name in runs.items():
            stage = "deleted" if ident == deleted else "active"
            connection.execute("INSERT INTO runs VALUES (?, ?, ?)", (ident, name, stage))
        for run, key, step, value in rows:
            kept = (key, 0.0 if value is None else max(min(value, 1.7976931348623157e308), -1.7976931348623157e308))
            connection.execute("INSERT INTO metrics VALUES (?, ?, 0, ?, ?, ?)", (*kept, run, step, value is None))
        connection.commit()
        return connection.serialize()


def trackio_database(rows: Iterable[tuple[str, str, int, Mapping[str, Any] | bytes]], wal: bool = False) -> bytes:
    """trackio's database: rows of a run's id and name, step, metrics."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TRACKIO)
        for ident, name, step, metrics in rows:
            text = metrics if isinstance(metrics, bytes) else json.dumps(metrics).encode()
            connection.execute(
                "INSERT INTO metrics(run_id, timestamp, run_name, step, metrics) VALUES (?, '', ?, ?, ?)",
                (ident, name, step, text),
            )
        connection.commit()
        data = bytearray(connection.serialize())
    if wal:
        data[18:20] = b"\2\2"
    return bytes(data)


def safetensors_file(tensors: Mapping[str, tuple[str, Any]], metadata: Mapping[str, str] | None = None) -> bytes:
    """A safetensors file of arrays, each under the name of its type."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    body = b""
    for name, (dtype, values) in tensors.items():
        array = np.asarray(values)
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + array.nbytes],
        }
        body += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def bfloat16(values: Any) -> Any:
    """Numbers as bfloat16, cut off rather than rounded: the upper half of each float32."""
    return (np.asarray(values, "<f4").view("<u4") >> 16).astype("<u2")


def wandb_run(*more: bytes) -> bytes:
    """A run of W&B's with scalars and histograms over some steps, and more records after them."""
    records = []
    for step in range(3):
        values = [item("grad_norm/a.weight", step / 2), item("loss", 0.5), item(("media", "_type"), "image-file")]
        records.append(history(step, [*values, *histogram_items("gradients/b.weight")]))
    return wandb_log(run_record(), *records, *more)


METRICS = {"loss": 0.5, "grad_norm/a.weight": 1.5, "gradients/b.weight": {"_type": "trackio.histogram", **HISTOGRAM}}
SAMPLES: dict[str, bytes] = {
    "run-a1b2.wandb": wandb_run(),
    "mlflow.db": mlflow_database(
        [(run, f"grad_norm/{name}.weight", step, 0.5) for run in "xy" for step in range(3) for name in "ab"],
        {"x": "sunny", "y": "rainy"},
    ),
    "trackio.db": trackio_database([("1", "sunny", step, METRICS) for step in range(3)]),
    "gradients-4.safetensors": safetensors_file(
        {"a.weight": ("BF16", bfloat16([1, 2, 3])), "b.weight": ("F32", np.ones((2, 2), "<f4"))}, {"about": "gradients"}
    ),
}
