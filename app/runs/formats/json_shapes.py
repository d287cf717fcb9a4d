"""Shapes of JSON: what an object or a list holds, as records and series of values by name. Pure.

{"step": 0, "grad_norm": {"fc1": 0.1}}                      a record, with objects in it
{"0": {"fc1": 0.1}, "100": {"fc1": 0.2}}                    records by step
{"grad_norms": {"fc1": [0.1, 0.2]}, "loss": [2.0, 1.9]}     lists by step
{"tag": [[wall time, step, value], …]}                      TensorBoard's, all tags together
{"title": {"series": {"x": […], "y": […]}}}                 ClearML's; Sacred's has steps and values
[{"name": "grad_norm/fc1", "value": 0.1, "step": 0}, …]     long form: an object a value
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from .json_series import (
    as_number,
    chart_of,
    frame_of,
    json_rows_of,
    json_series_of,
    named_pairs,
    points_of,
    series_by_key,
)
from .long_form import MAX_FIELDS, VALUES, find_long_form
from .records import GRADIENTS, METRICS, is_histogram
from .steps import (
    NO_LABELS,
    Labels,
    choose_steps,
    is_epoch,
    is_step_or_epoch,
    keyed_step,
    may_be_label,
    plain_name,
    step_rank,
)

NAMING_WORDS: Final = ("layer", "name", "param", "module", "label", "block")  # of a list of layers' names
SERIES_NAMES: Final = ("name", "metric", "metric_name", "metricname", "tag", "key", "series", "label", "layer")
MAX_LABEL_DEPTH: Final = 4  # objects within each other in which a record's step is looked for
_PARAMETER: Final = re.compile(r"(?:weights?|bias|kernel|\d)$")
_PARAMETER_WORDS: Final = frozenset({"weight", "weights", "bias", "kernel", "w", "b", "gamma", "beta", "scale", "norm"})
Role = Callable[[str], str]


class Record(NamedTuple):
    """Values of one step. `is_part`: one of several objects that may be of the same step, as in long form."""

    labels: Labels
    items: list[tuple[str, Any]]
    run: str = ""
    is_part: bool = False


class Shapes:
    """Takes JSON values apart.

    `notes` has a sentence for each assumption, `lists` the names of the lists that were not understood.
    """

    def __init__(self, role: Role) -> None:
        self._role = role
        self.notes: dict[str, None] = {}
        self.lists: dict[str, None] = {}

    def records(self, value: Any, is_document: bool = False) -> Iterator[Record]:
        """The records in one JSON object, or in all of a document."""
        yield from self._record(value, "", NO_LABELS, is_document)

    def _record(self, node: Mapping[str, Any], path: str, outer: Labels, is_document: bool) -> Iterator[Record]:
        long = None if len(node) > MAX_FIELDS else find_long_form(flat := _shallow(node), self._role)
        labels = merged(outer, own_labels(node))
        series = json_series_of(node) if not long and path == "" else None
        name = series_name(node) if series else ""
        if series and name:
            yield from self._series(name, series)
            return
        if long:
            if long.left_out:
                self.notes[long.left_out] = None
            name = long.name(flat)
            items = [(f"{before}{name}{after}", flat[field]) for field, before, after in long.values]
            yield Record(labels, items, str(flat.get(long.run, "")) if long.run else "", is_part=True)
            return
        found = _Found(labels)
        yield from self._walk(node, path, found, is_document)
        if found.columns:
            yield from self._columns(found, is_document)
        if found.items:
            yield Record(found.labels, found.items)

    def _walk(self, node: Mapping[str, Any], path: str, found: _Found, is_document: bool) -> Iterator[Record]:
        """Collect an object's own values; yield the records that lie within it."""
        for key, inner in node.items():
            name = f"{path}{key}"
            if type(inner) is float and not is_step_or_epoch(key):  # nearly always
                found.items.append((name, inner))
            elif isinstance(inner, dict):
                yield from self._object(inner, name, found, is_document)
            elif isinstance(inner, list):
                yield from self._list(inner, name, found, is_document)
            elif inner is not None and not (is_step_or_epoch(key) and as_number(inner) is not None):
                found.items.append((name, inner))

    def _object(self, inner: dict[str, Any], name: str, found: _Found, is_document: bool) -> Iterator[Record]:
        series = None if is_histogram(inner) else json_series_of(inner)
        if is_histogram(inner):
            found.items.append((name, inner))
        elif series:
            yield from self._series(name, series)
        elif by_steps(inner, is_document):
            yield from self._by_steps(inner, f"{name}/", found.labels)
        elif is_document and self._role(name) in GRADIENTS and (points := series_by_key(inner)):
            yield from self._by_key(name, points, found)
        else:
            yield from self._walk(inner, f"{name}/", found, is_document)

    def _by_steps(self, node: Mapping[str, Any], path: str, outer: Labels) -> Iterator[Record]:
        for key, inner in node.items():
            labels = keyed_step(key)
            if labels is None:
                if isinstance(inner, dict):
                    yield from self._record(inner, f"{path}{key}/", outer, False)
            elif isinstance(inner, dict):
                yield from self._record(inner, path, merged(outer, labels), False)
            elif isinstance(inner, list):
                yield Record(merged(outer, labels), self._by_layer(path.removesuffix("/") or "grad", inner))
            else:
                yield Record(merged(outer, labels), [(path.removesuffix("/"), inner)])

    def document(self, value: Any) -> Iterator[Record]:
        """The records in a document that is one object."""
        series, chart = json_series_of(value), chart_of(value)
        rows = json_rows_of(value) or frame_of(value, self._role)
        if series:
            yield from self._series(series_name(value), series)
        elif chart:
            for name, points in chart.items():
                yield from self._series(name, points)
        elif rows:
            for row in rows:
                yield from self.records(row)
        elif by_steps(value, True):
            yield from self._by_steps(value, "", NO_LABELS)
        else:
            yield from self.records(value, is_document=True)

    def _by_key(self, name: str, points: list[tuple[Any, Any]], found: _Found) -> Iterator[Record]:
        """A layer's numbers by key: steps, or parts of the layer where the keys are 0, 1, 2 and so on."""
        counted = [key for key, _ in points] == [str(at) for at in range(len(points))]
        if counted and not _PARAMETER.search(name):
            found.items.extend((f"{name}/{key}", value) for key, value in points)
        else:
            yield from self._series(name, points)

    def _list(self, inner: list[Any], name: str, found: _Found, is_document: bool) -> Iterator[Record]:
        if inner and all(isinstance(each, dict) for each in inner):
            for each in inner:
                yield from self._entry(each, name, found)
        elif is_document and (points := points_of(inner, self._role(name) in GRADIENTS)):
            yield from self._series(name, points)
        elif pairs := named_pairs(inner):
            found.items.extend((f"{name}/{key}", value) for key, value in pairs.items())
        elif inner:
            found.columns[name] = inner

    def _entry(self, entry: dict[str, Any], name: str, found: _Found) -> Iterator[Record]:
        """An object in a list: a layer's of this record, or a record of its own."""
        for record in self._record(entry, "", found.labels, False):
            if record.is_part and record.labels == found.labels and found.labels != NO_LABELS:
                found.items.extend(record.items)
            else:
                yield record._replace(items=[(self._within(name, key), value) for key, value in record.items])

    def _within(self, name: str, key: str) -> str:
        """The name of a value in a list's object: the list's, or its own with the gradient word of the list."""
        if plain_name(key) in VALUES and self._role(name) in GRADIENTS:
            return name
        if "grad" in name.casefold() and self._role(key) == "bare":
            return f"{'grad_norm' if 'norm' in name.casefold() else 'grad'}/{key}"
        return key

    def _series(self, name: str, points: list[tuple[Any, Any]]) -> Iterator[Record]:
        name = name.replace("//", "/").strip("/")
        for x, y in points:
            yield Record(Labels(as_number(x), None), [(name, y)])

    def _columns(self, found: _Found, is_document: bool) -> Iterator[Record]:
        """Lists of numbers, by step or by layer."""
        names = found.layer_names()
        by_layer = not is_document or found.labels != NO_LABELS
        if by_layer:
            for name, column in found.columns.items():
                found.items.extend(self._by_layer(name, column, names))
            return
        yield from self._rows(found, names)

    def _by_layer(self, name: str, column: list[Any], names: list[str] | None = None) -> list[tuple[str, Any]]:
        numbers = [as_number(each) for each in column]
        if any(number is None and each is not None for number, each in zip(numbers, column, strict=True)):
            if self._role(name) in GRADIENTS or self._role(f"{name}/0") in GRADIENTS:
                self.lists[name] = None
            return []
        if self._role(name) in GRADIENTS:
            if len(column) == 1:
                return [(name, column[0])]
            self.lists[name] = None
            return []
        if self._role(f"{name}/layer1.weight") not in GRADIENTS:
            return []
        layers = names if names and len(names) == len(column) else [str(at) for at in range(len(column))]
        return [(f"{name}/{layer}", each) for layer, each in zip(layers, column, strict=True)]

    def _rows(self, found: _Found, names: list[str] | None) -> Iterator[Record]:
        """Lists of a document, a value a step in each."""
        steps, length = found.step_column()
        columns = {name: column for name, column in found.columns.items() if not is_step_or_epoch(name)}
        layered = {name for name in columns if self._role(name) in GRADIENTS}
        others = {len(column) for name, column in columns.items() if self._is_metric(name, column)}
        for name, column in columns.items():
            numbers = all(as_number(each) is not None or each is None for each in column)
            if name in layered or (self._role(name) in {"loss", "bare"} and numbers):
                yield from self._by_step(name, column, steps)
            elif self._role(f"{name}/layer1.weight") in GRADIENTS:
                yield from self._unlayered(name, column, steps, names, others | ({length} if length else set()))

    def _is_metric(self, name: str, column: list[Any]) -> bool:
        is_plain = self._role(name) in METRICS and "grad" not in name.casefold()
        return is_plain and not any(isinstance(each, list) for each in column)

    def _by_step(self, name: str, column: list[Any], steps: list[Any] | None) -> Iterator[Record]:
        if steps is not None and len(steps) != len(column):
            self.lists[name] = None
            return
        for at, each in enumerate(column):
            if each is not None:
                yield Record(Labels(float(at) if steps is None else as_number(steps[at]), None), [(name, each)])

    def _unlayered(
        self, name: str, column: list[Any], steps: list[Any] | None, names: list[str] | None, lengths: set[int]
    ) -> Iterator[Record]:
        """A gradient's list that names no layer: of lists by layer, or of numbers."""
        if all(isinstance(each, list) for each in column):
            rows = column
            width = len(rows[0])
            if len(rows) not in lengths and (width in lengths or (names and len(names) == len(rows) != width)):
                rows = [list(row) for row in zip(*rows, strict=False)]
            elif len(rows) not in lengths and not (names and len(names) == width):
                self.notes[f"The lists of {name} are taken for a step each, with a value a layer."] = None
            for at, row in enumerate(rows):
                step = float(at) if steps is None or len(steps) != len(rows) else as_number(steps[at])
                yield Record(Labels(step, None), self._by_layer(name, row, names))
        elif names and len(names) == len(column):
            yield Record(NO_LABELS, self._by_layer(name, column, names))
        elif len(column) not in lengths and all(as_number(each) is not None for each in column):
            self.lists[name] = None
        else:
            yield Record(NO_LABELS, [(name, next((each for each in column if each is not None), 0.0))])


class _Found:
    """The parts of a record found so far: values by name, and lists by name."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.items: list[tuple[str, Any]] = []
        self.columns: dict[str, list[Any]] = {}

    def layer_names(self) -> list[str] | None:
        """A list of texts that names the layers of the other lists."""
        for name, column in self.columns.items():
            are_texts = all(isinstance(each, str) and as_number(each) is None for each in column)
            if are_texts and any(word in name.casefold() for word in NAMING_WORDS):
                return column
        return None

    def step_column(self) -> tuple[list[Any] | None, int | None]:
        """The list of steps or epochs, and its length."""
        step, epoch = choose_steps(self.columns)
        name = step or epoch
        return (self.columns[name], len(self.columns[name])) if name else (None, None)


def series_name(node: Mapping[str, Any]) -> str:
    """The name of a series that tells it in a field."""
    found = next((node[key] for key in node if plain_name(key) in SERIES_NAMES and isinstance(node[key], str)), "")
    return str(found)


def _shallow(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with the values of the objects in it under joined names."""
    if len(node) > MAX_FIELDS or not any(isinstance(inner, dict) for inner in node.values()):
        return node
    flat: dict[str, Any] = {}
    for key, inner in node.items():
        if isinstance(inner, dict) and len(inner) <= MAX_FIELDS:
            flat.update((f"{key}/{below}", value) for below, value in inner.items())
        else:
            flat[key] = inner
    return flat


def own_labels(node: Mapping[str, Any]) -> Labels:
    """The step and the epoch that an object tells, in itself or in an object in it."""
    ranked: list[tuple[int, int, float]] = []
    epochs: list[tuple[int, float]] = []
    level: list[Mapping[str, Any]] = [node]
    for depth in range(MAX_LABEL_DEPTH):
        for each in level:
            for key, value in each.items():
                if isinstance(value, (dict, list)) or value is None or not may_be_label(key):
                    continue
                rank = step_rank(key)
                if rank is not None and (number := as_number(value)) is not None:
                    ranked.append((depth, rank, number))
                elif rank is None and is_epoch(key) and (number := as_number(value)) is not None:
                    epochs.append((depth, number))
        if ranked:
            break
        level = [inner for each in level for inner in each.values() if isinstance(inner, dict) and len(inner) < 100]
    return Labels(min(ranked)[2] if ranked else None, min(epochs)[1] if epochs else None)


def merged(outer: Labels, inner: Labels) -> Labels:
    """The labels of a record within another."""
    return Labels(outer.step if inner.step is None else inner.step, outer.epoch if inner.epoch is None else inner.epoch)


def by_steps(node: Mapping[str, Any], is_document: bool) -> bool:
    """Say whether the keys of an object are steps, each with what was logged then."""
    if not node:
        return False
    if not all(isinstance(inner, (dict, list)) for inner in node.values()):
        return False
    labels = [keyed_step(key) for key in node]
    if None in labels:
        worded = [key for key, label in zip(node, labels, strict=True) if label and not key.strip()[:1].isdigit()]
        return bool(worded) and 2 * len(worded) >= len(node)
    if not is_document or not all(key.strip()[:1].isdigit() for key in node):
        return not all(key.strip()[:1].isdigit() for key in node)
    names = {inner_key.casefold() for inner in node.values() if isinstance(inner, dict) for inner_key in inner}
    return not names <= _PARAMETER_WORDS or not names
