"""JSON records, put into the collector each at its step. Pure."""

from __future__ import annotations

from typing import Any, Final

from ..collector import METRICS_PER_PAUSE, ParsedLog, Paused, SeriesCollector, step_number
from . import refusals
from .json_shapes import Record, Shapes, own_labels
from .record_groups import RecordGroups
from .records import Roles
from .steps import Labels, StepClock, is_step_or_epoch, may_be_label


class RecordSink:
    """Puts JSON values into the collector, each record at its step."""

    def __init__(self, collector: SeriesCollector, clock: StepClock | None = None) -> None:
        self._collector = collector
        self.clock = clock or StepClock()
        self.group = RecordGroups()
        self.shapes = Shapes(Roles())
        self.count = 0
        self._step_key: str | None = None
        self._epoch_key: str | None = None
        self._parts = False

    def record(self, value: dict[str, Any], where: str, is_document: bool = False) -> Paused[None]:
        """One object, or all of a document."""
        self.count += 1
        if not is_document and self._is_flat(value):
            yield from self._flat(value, where)
            return
        records = self.shapes.document(value) if is_document else self.shapes.records(value)
        for at, record in enumerate(records):
            yield from self._put(record, where)
            if at % METRICS_PER_PAUSE == 0:
                yield

    @staticmethod
    def _is_flat(value: dict[str, Any]) -> bool:
        """Say whether an object has a step and numbers alone: nearly all records of long logs are that."""
        return not any(type(inner) in _NESTED or type(inner) is str for inner in value.values())

    def _flat(self, value: dict[str, Any], where: str) -> Paused[None]:
        labels = self._labels(value)
        step = self.clock.record(labels)
        labels_keys = (self._step_key, self._epoch_key)
        values = [item for item in value.items() if item[0] not in labels_keys]
        yield from self._collector.adding(values, step, where)

    def _labels(self, value: dict[str, Any]) -> Labels:
        """The labels of an object; the same names as in the last one are tried first."""
        if self._step_key is None or self._step_key not in value:
            self._step_key = self._epoch_key = None
            ranked = own_labels(value)
            if ranked.step is None and ranked.epoch is None:
                return ranked
            self._find_keys(value, ranked)
        step = None if self._step_key is None else step_number(value[self._step_key])
        epoch = None if self._epoch_key is None else step_number(value.get(self._epoch_key))
        return Labels(step, epoch)

    def _find_keys(self, value: dict[str, Any], labels: Labels) -> None:
        for key, number in value.items():
            if not may_be_label(key):
                continue
            if is_step_or_epoch(key) and self._step_key is None and own_labels({key: number}).step is not None:
                if labels.step == step_number(number):
                    self._step_key = key
            elif own_labels({key: number}).epoch is not None and self._epoch_key is None:
                self._epoch_key = key

    def _put(self, record: Record, where: str) -> Paused[None]:
        if record.is_part:
            self._parts = True
            self.group.mark(record.labels)
        elif record.items:
            step = self.clock.record(record.labels)
            yield from self._collector.adding(record.items, step, where, record.run)
            return
        for at, (name, value) in enumerate(record.items, start=1):
            self.group.put(self._collector, name, value, where, record.run)
            if at % METRICS_PER_PAUSE == 0:
                yield

    def say(self) -> None:
        """Tell what was assumed."""
        for note in self.shapes.notes:
            self._collector.issues.say(note)
        for name in list(self.shapes.lists)[:1]:
            self._collector.issues.say(refusals.unclear_list(name))
        if self._parts:
            self.group.finish(self._collector)
        else:
            self.clock.say(self._collector)

    def relabelled(self, log: ParsedLog) -> Paused[ParsedLog]:
        """The log with its records at their steps."""
        return (yield from (self.group if self._parts else self.clock).relabelled(log))


_NESTED: Final = frozenset({dict, list})
