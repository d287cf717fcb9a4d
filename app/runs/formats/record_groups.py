"""Values of a log that come one by one, put together into records: a record is what was logged at one step. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Final, NamedTuple

from .. import metric_names
from ..collector import MAX_NAMES, ParsedLog, Paused, SeriesCollector
from .printed_labels import is_layer_like
from .records import METRICS
from .steps import COUNTED, NO_LABELS, Labels, Numbering, can_label, relabel, repeated_label

MAX_HELD: Final = 10_000  # numbers that wait until it is clear whether they are layers'
SHOWN_NAMES: Final = 5


class _Records:
    """The records of values of one sort, each with its label, NaN for none."""

    def __init__(self) -> None:
        self.labels = array("d")
        self.is_new = True  # the labels changed since the last value
        self.are_sure = False  # some of the values are no totals for sure
        self.seen: dict[str | tuple[str, str], str] = {}  # names (and runs) of the record, and the ranks that told them
        self.losses: list[tuple[str, int, object]] = []  # run, record and loss
        self.lines: list[StepLine] = []  # that stand by themselves, after the values of their step or before them

    def place(self, name: str, run: str, label: float, rank: str) -> int | None:
        """The record that the next value, of this name, belongs to; None if another rank told it before."""
        key = (run, name) if run else name
        known = self.seen.get(key)
        if known is not None and known != rank and not self.is_new:
            return None
        if self.is_new or known is not None:
            self.seen.clear()
            self.is_new = False
            self.labels.append(label)
        self.seen[key] = rank
        return len(self.labels) - 1

    def add_line(self, step: float, loss: object) -> None:
        """Take a line by itself that tells a step, which ends a record."""
        if self.labels and math.isnan(self.labels[-1]):
            self.is_new = True
        self.lines.append(StepLine(step, loss, len(self.labels)))

    def place_lines(self) -> bool:
        """Label each record by the line after it, or by the one before it; say whether the lines come before.

        They come before if no record is before the first of them, and the last one is before a record.
        """
        are_before = bool(self.lines) and self.lines[0].records == 0 and self.lines[-1].records < len(self.labels)
        for step, loss, records in self.lines:
            at = records if are_before else records - 1
            if 0 <= at < len(self.labels) and math.isnan(self.labels[at]):
                self.labels[at] = step
                self.losses.append(("", at, loss))
        return are_before


class StepLine(NamedTuple):
    """A line that tells a step, the loss in it, and the number of records before it."""

    step: float
    loss: object
    records: int


class RecordGroups:
    """Puts values that come one by one together into records, and these into the collector.

    A record ends where the labels change or a name comes again. All are counted, and labelled at the end. What is said
    to be a gradient is counted by itself: other numbers in print come and go as they like. With `sorts_names`, of those
    other numbers the ones whose names look like layers' are taken, where there are any.
    """

    def __init__(self, sorts_names: bool = False) -> None:
        self._numbering = Numbering()
        self._now: Labels = NO_LABELS
        self._label = math.nan
        self._gradients, self._bare = _Records(), _Records()
        self._sorts_names = sorts_names
        self._layers: dict[str, _Records] = {}  # of names that are known to be layers'
        self._marks = 0
        self.rank = ""  # of the process that prints the next values; empty where that is not told
        self._held: list[tuple[str, object, str, str, float, int]] = []  # of names that don't look like layers'

    def mark(self, labels: Labels) -> None:
        """Take the labels of what follows. An epoch alone is no new label in a log that tells steps."""
        step, epoch = labels
        now = Labels(step, self._now.epoch if epoch is None else epoch)
        if step is None and (epoch is None or self._now.step is not None):
            self._now = self._now._replace(epoch=now.epoch)
        elif now != self._now:
            self._now = now
            self._marks += 1
            self._gradients.is_new = self._bare.is_new = True
            told = self._numbering.step(now)
            told = now.epoch if told is None else told
            self._label = math.nan if told is None else told

    def add_line(self, step: float, loss: object) -> None:
        """Take a line by itself that tells a step and a loss, before or after the values of that step."""
        self._gradients.add_line(step, loss)
        self._bare.add_line(step, loss)

    def put(self, collector: SeriesCollector, key: str, value: object, where: str, run: str = "") -> None:
        """Hand a value to the collector, under the record that it belongs to."""
        records = self._layers.get(key)
        if records is None:
            metric = collector.metric(key)
            role = metric.doubt or metric.role
            if role in METRICS or (role == "bare" and self._sorts_names and not (metric.doubt or is_layer_like(key))):
                self._put_other(collector, key, value, where, run)
                return
            records = self._bare if role == "bare" else self._gradients
            records.are_sure = records.are_sure or not metric.doubt
            if len(self._layers) < MAX_NAMES:
                self._layers[key] = records
        place = records.place(key, run, self._label, self.rank)
        if place is None:
            collector.issues.count("values", "told by another rank before, for the same layer and step", where)
        else:
            collector.add_value(key, place, value, where, run)

    def put_line(
        self, collector: SeriesCollector, keys: Sequence[str | None], values: Sequence[float], where: str
    ) -> None:
        """Take the values of a line that is like a former one, each as `put` does."""
        for key, value in zip(keys, values, strict=True):
            if key is None:
                continue
            records = self._layers.get(key)
            if records is None or records.is_new or key in records.seen:
                self.put(collector, key, value, where)
            else:
                records.seen[key] = self.rank
                collector.add_value(key, len(records.labels) - 1, value, where)

    def _put_other(self, collector: SeriesCollector, key: str, value: object, where: str, run: str) -> None:
        """Keep a loss, and a number whose name does not look like a layer's; leave the other metrics."""
        role = collector.metric(key).role
        if role == "loss":
            for records in (self._gradients, self._bare):
                records.losses.append((run, len(records.labels) - (not records.is_new), value))
        elif role == "bare":
            self._held.append((key, value, where, run, self._label, self._marks))
            if len(self._held) > MAX_HELD:
                self._let_go(collector)

    def _let_go(self, collector: SeriesCollector) -> None:
        """Take the numbers that were held for layers' after all, unless others have names that look like layers'."""
        held, self._held = self._held, []
        if self._gradients.are_sure or not held:
            return
        if self._bare.are_sure:
            names = list(dict.fromkeys(key for key, *_ in held))
            more = " …" if len(names) > SHOWN_NAMES else ""
            shown = ", ".join(map(metric_names.clean, names[:SHOWN_NAMES]))
            collector.issues.say(f"Names that don't look like layers were left out: {shown}{more}.")
            return
        self._sorts_names = False
        last = -1
        for key, value, where, run, label, mark in held:
            self._bare.is_new = self._bare.is_new or mark != last
            last = mark
            collector.add_value(key, self._bare.place(key, run, label, ""), value, where, run)

    def finish(self, collector: SeriesCollector) -> None:
        """Hand the losses on, and tell what was assumed. Call it before `finish` of the collector."""
        self._let_go(collector)
        records = self._used
        if records.place_lines():
            collector.issues.say("The steps are taken from the lines before their values.")
        for run, at, loss in records.losses:
            if at < len(records.labels):
                collector.add_value("loss", float(at), loss, "", run)
        if self._numbering.starts_anew:
            collector.issues.say("Steps start anew in each epoch, so they were counted on from one epoch to the next.")
        if len(records.labels) > 1 and all(map(math.isnan, records.labels)):
            collector.issues.say(COUNTED)
        repeated = repeated_label(records.labels)
        if repeated is not None:
            collector.issues.say(f"Step {repeated:g} has several records, so the records were counted.")
        elif not can_label(records.labels) and not all(map(math.isnan, records.labels)):
            collector.issues.say("Some records come before the first step, so the records were counted.")

    @property
    def _used(self) -> _Records:
        """The records of gradients; of all numbers, where none is said to be one."""
        return self._gradients if self._gradients.are_sure else self._bare

    def relabelled(self, log: ParsedLog) -> Paused[ParsedLog]:
        """The log with its records at their steps, where each has one."""
        if can_label(self._used.labels):
            yield from relabel(log, self._used.labels)
        return log
