"""Logs that have one file for each metric: the metric and the run that such a file's path tells. Pure.

run-train-tag-grad_norm_fc1.weight.csv             TensorBoard's download
plots/metrics/grad_norm/fc1.weight.tsv             DVCLive
mlruns/0/4f1…/metrics/grad_norm/fc1.weight         MLflow
job/grad_norm_fc1.weight.csv                       DeepSpeed
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from ..collector import ParsedLog, Paused, SeriesCollector
from . import refusals
from .number_text import NUMBER_PATTERN

RUN: Final = "run"  # the title of a run that its files don't name
_TENSORBOARD: Final = re.compile(r"^(?:run-)?(?P<run>.*?)-tag-(?P<tag>.+)$")
_BEFORE_GRADIENT: Final = re.compile(r"_(?=grad)", re.IGNORECASE)
_METRICS: Final = re.compile(r"^(?P<run>.*?)(?:^|/)(?:plots/)?(?:metrics|scalars)/(?P<tag>.+)$")
_MLFLOW: Final = re.compile(rf"^1\d{{12}}\s+(?P<value>{NUMBER_PATTERN})(?:\s+(?P<step>-?\d{{1,15}}))?$", re.IGNORECASE)
_ENDINGS: Final = (".csv", ".json", ".tsv", ".txt")


class Metric(NamedTuple):
    """A metric's name and its run."""

    name: str
    run: str


def metric_of_file(file: str, column: str = "") -> Metric:
    """The metric in a file of one, whose column has this name."""
    path = file.replace("\\", "/").strip("/")
    for ending in _ENDINGS:
        path = path.removesuffix(ending)
    found = _TENSORBOARD.match(PurePosixPath(path).name)
    if found:
        return Metric(found["tag"], RUN if found["run"] == "." else found["run"])
    found = _METRICS.match(path)
    if found:
        return Metric(found["tag"], PurePosixPath(found["run"]).name or RUN)
    folder, _, stem = path.rpartition("/")
    name = column if column and len(column) > len(stem) else stem
    return Metric(_whole_name(stem, column) or name, PurePosixPath(folder).name or RUN)


def _whole_name(stem: str, column: str) -> str:
    """DeepSpeed's column is the end of the name, of which the file's has an underscore for each slash."""
    if column and stem != column and stem.endswith(column):
        before = _BEFORE_GRADIENT.sub("/", stem[: -len(column)].rstrip("_"))
        return f"{before}/{column}"
    return ""


def is_metric_file(lines: Sequence[str]) -> bool:
    """Say whether lines are those of a file of one metric that MLflow keeps: a time in ms, a value and a step."""
    return bool(lines) and all(_MLFLOW.match(line.strip()) for line in lines)


class MetricReader:
    """MLflow's file of one metric."""

    def __init__(self, collector: SeriesCollector) -> None:
        self._collector = collector
        self._metric = metric_of_file(collector.file)
        collector.any_name = collector.is_metric_file = True

    def line(self, text: str, number: int) -> Paused[None]:
        """Take a value."""
        yield
        found = _MLFLOW.match(text.strip())
        if found:
            step, value = float(found["step"] or 0), float(found["value"])
            self._collector.add_value(self._metric.name, step, value, f"line {number:,}", self._metric.run)
        else:
            self._collector.issues.count("lines", "no time, value and step", f"line {number:,}")

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        yield
        expected = partial(refusals.nearest, self._collector, refusals.TABLE_EXPECTED)
        return (yield from self._collector.finishing(expected))
