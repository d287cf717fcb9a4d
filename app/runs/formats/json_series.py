"""Series and tables in JSON: lists of steps and values, pairs, columns and rows, each told by its shape. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .number_text import read_number
from .records import GRADIENTS, METRICS
from .steps import is_step_or_epoch

X_KEYS: Final = ("x", "steps", "step", "iters", "iterations", "iteration", "epochs", "epoch", "global_step")
Y_KEYS: Final = ("y", "values", "value", "vals")
MIN_TIME: Final = 1e6  # s; a time at which something was logged is larger, a gradient is not
PAIR: Final = 2
TRIPLE: Final = 3
Points = list[tuple[Any, Any]]


def as_number(value: Any) -> float | None:
    """The number that a JSON value is, also as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return None
    return read_number(value) if isinstance(value, str) else None


def json_series_of(node: Mapping[str, Any]) -> Points | None:
    """The points of an object with a list of steps and a list of values; None where it is none."""
    y = next((key for key in Y_KEYS if isinstance(node.get(key), list)), None)
    x = next((key for key in X_KEYS if isinstance(node.get(key), list)), None)
    if y is None or x is None or len(node[x]) != len(node[y]):
        return None
    others = (key for key, value in node.items() if isinstance(value, list) and key not in {x, y})
    return None if any("time" not in key.casefold() for key in others) else list(zip(node[x], node[y], strict=True))


def series_by_key(node: Mapping[str, Any]) -> Points | None:
    """The points of an object whose keys are steps and whose values are numbers; None where it is none."""
    if len(node) < PAIR or not all(key.strip().isdecimal() for key in node):
        return None
    return list(node.items()) if all(as_number(value) is not None or value is None for value in node.values()) else None


def points_of(values: list[Any], is_of_layer: bool = False) -> Points | None:
    """The points of `[[wall time, step, value], …]`, of a layer's values also of `[[step, value], …]`, else None."""
    if not values or not all(isinstance(each, list) and len(each) == len(values[0]) for each in values):
        return None
    first = values[0]
    if len(first) == PAIR and is_of_layer and all(isinstance(each[0], int) for each in values):
        return [(step, value) for step, value in values]
    if len(first) != TRIPLE or not isinstance(first[0], (int, float)) or first[0] < MIN_TIME:
        return None
    return [(step, value) for _, step, value in values] if isinstance(first[1], int) else None


def named_pairs(values: list[Any]) -> dict[str, Any] | None:
    """The names and values of `[["fc1", 0.1], …]`; None for anything else."""
    if not values or not all(
        isinstance(each, list) and len(each) == PAIR and isinstance(each[0], str) for each in values
    ):
        return None
    return dict(values) if all(as_number(value) is not None or value is None for _, value in values) else None


def json_rows_of(node: Any) -> list[dict[str, Any]] | None:
    """The rows of a table, as objects: of `{"columns": […], "data": [[…], …]}`, or of lists after one of names."""
    index: list[Any] | None = None
    columns: Any
    rows: Any
    if isinstance(node, dict):
        columns, rows = node.get("columns"), node.get("data") or node.get("rows")
        index = node.get("index") if isinstance(node.get("index"), list) else None
    elif isinstance(node, list) and node:
        columns, rows = node[0], node[1:]
    else:
        return None
    if not _are_names(columns) or not isinstance(rows, list) or not rows:
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        return None
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    if index is not None and len(index) == len(rows) and not any(map(is_step_or_epoch, columns)):
        records = [{"step": step, **record} for step, record in zip(index, records, strict=True)]
    return records


def _are_names(columns: Any) -> bool:
    return (
        isinstance(columns, list)
        and len(columns) > 1
        and all(isinstance(name, str) and as_number(name) is None for name in columns)
    )


def frame_of(node: Mapping[str, Any], role: Callable[[str], str]) -> list[dict[str, Any]] | None:
    """The rows of a table whose columns are objects by row, as pandas writes it; None where it is none."""
    columns = list(node.values())
    if len(columns) < PAIR or not all(isinstance(column, dict) and column for column in columns):
        return None
    keys = list(columns[0])
    if any(list(column) != keys or series_by_key(column) is None for column in columns):
        return None
    names = list(node)
    if any(map(is_step_or_epoch, names)):
        return [{name: node[name][key] for name in names} for key in keys]
    if not all(role(name) in GRADIENTS | METRICS for name in names):
        return None
    return [{"step": key, **{name: node[name][key] for name in names}} for key in keys]


def chart_of(node: Mapping[str, Any]) -> dict[str, Points] | None:
    """The series by name of `{"labels": [steps], "datasets": [{"label": …, "data": […]}, …]}`; None for all else."""
    labels, sets = node.get("labels"), node.get("datasets")
    if not isinstance(labels, list) or not isinstance(sets, list):
        return None
    series: dict[str, Points] = {}
    for each in sets:
        data = each.get("data") if isinstance(each, dict) else None
        if not isinstance(data, list) or len(data) != len(labels):
            return None
        series[str(each.get("label", len(series)))] = list(zip(labels, data, strict=True))
    return series
