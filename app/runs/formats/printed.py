"""Printed text: names and numbers as training scripts print them, behind any logger's prefix. Pure.

A step that a line tells holds for what follows, until the next one. Where no line tells it, a name that comes again
begins the next record.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ..collector import METRICS_PER_PAUSE, ParsedLog, Paused, SeriesCollector
from . import refusals
from .delimited import find_header, is_row, is_rule, split_cells
from .json_decoding import decoding_any
from .json_series import named_pairs
from .json_shapes import merged
from .printed_fields import fields, number_list, without_bars
from .printed_frameworks import Line, framework_line
from .printed_headings import MAX_HEADING_CHARS, Headings
from .printed_labels import PARTS, Label, is_layer_like, parse_printed_label
from .printed_prefix import counted_row, heading_step, is_step_header, rank_of, step_in, without_bullet, without_prefix
from .printed_repeats import RepeatedLines
from .record_groups import RecordGroups
from .record_sink import RecordSink
from .records import METRICS
from .steps import NO_LABELS, Labels
from .table import TextTable

MAX_PRINTED_CHARS: Final = 1 << 19  # of a printed line that are looked at
MAX_LABELS: Final = 1 << 13  # that are remembered
MAX_ROW_CHARS: Final = 1 << 13  # of a table's header or row that stands in print
_HEADER: Final = re.compile(
    r"\b(?:step|iter|epoch|layer|param|module|name|block|tag)|\b(?:key|it|batch|metric)\b", re.IGNORECASE
)
_MARKS: Final = "{}[]() ,=-*_#>.━═─│┃|+"
NO_NUMBER: Final = "without a name and a number"


class PrintedReader:
    """Printed lines, of which each may hold names and numbers, a dict, a row of a table, or neither."""

    def __init__(self, collector: SeriesCollector) -> None:
        self._collector = collector
        self._groups = RecordGroups(sorts_names=True)
        self._sink = RecordSink(collector)
        self._headings = Headings(self._label)
        self._step_header = ""  # the first column of the last header, if it tells the step
        self._held: list[tuple[str, str]] = []  # a line that may be a table's header, and rules below it
        self._table: TextTable | None = None
        self._has_metrics = False
        self._labels: dict[str, Label] = {}  # that were met, by their text
        self._repeats = RepeatedLines()
        self._key: str | None = None  # the last name that was put
        self.stray = 0  # lines that gave nothing

    def line(self, text: str, number: int) -> Paused[None]:
        """Take one printed line."""
        where = f"line {number:,}"
        if len(text) > MAX_PRINTED_CHARS:
            wrong = f"longer than {MAX_PRINTED_CHARS >> 10} kB, of which only that was looked at"
            self._collector.issues.count("lines", wrong, where)
            text = text[:MAX_PRINTED_CHARS]
        if self._table and (yield from self._row(self._table, text, where)):
            return
        if self._held:
            if is_rule(text):
                self._held.append((text, where))
                return
            if (yield from self._first_row(text, where)):
                return
            yield from self._let_go()
        if _may_be_header(text):
            self._held = [(text, where)]
        else:
            yield from self._plain_line(text, where)

    def repeat(self, text: str) -> bool:
        """Take a line that is like a former one but for its numbers; say whether it is one. No line waits then."""
        if self._table or self._held:
            return False
        self._groups.rank = ""
        stripped = text.strip()
        return self._repeated(stripped, len(text) - len(text.lstrip()))

    def _repeated(self, text: str, indent: int, where: str = "") -> bool:
        found = self._repeats.find(text)
        if found is None:
            return False
        repeat, numbers = found
        if repeat.state != self._headings.state(indent) or not min(numbers) >= 0:  # a NaN, too, is looked at by itself
            return False
        self._groups.put_line(self._collector, repeat.keys, numbers, where)
        return True

    def _let_go(self) -> Paused[None]:
        """Take the lines that were held for the header of a table, and are none."""
        held, self._held = self._held, []
        for text, where in held:
            if not is_rule(text):
                yield from self._plain_line(text, where)

    def _plain_line(self, text: str, where: str) -> Paused[None]:
        """Take a line that is no table's."""
        indent = len(text) - len(text.lstrip())
        if not (yield from self._any_line(text.strip(), indent, where)):
            self.stray += 1
            self._collector.issues.count("lines", NO_NUMBER, where)

    def _any_line(self, text: str, indent: int, where: str) -> Paused[bool]:
        """Take a line of any kind but a table's; say whether it was of use or is known to be of none."""
        framework = framework_line(text)
        if framework:
            self._framework(framework, where)
            return True
        self._groups.rank = rank_of(text)
        inner, labels = without_prefix(text)
        if ("{" in inner or "[(" in inner) and (yield from self._dict(inner, labels, where)):
            return True
        inner = without_bars(inner)
        labels, inner = step_in(inner, labels)
        labels = labels or (counted_row(inner, self._step_header) if self._step_header else None)
        if labels:
            self._groups.mark(labels)
        inner = inner.strip()
        self._headings.leave(indent)
        if self._repeated(inner, indent, where):
            return True
        listed = number_list(inner)
        if listed and self._list(*listed, where):
            return True
        if (yield from self._fields(inner, indent, where)):
            return True
        if is_step_header(inner):
            self._step_header = inner.split()[0]
        elif 0 < len(inner) <= MAX_HEADING_CHARS and (told := heading_step(inner)):
            self._groups.mark(told)
        return self._headings.take(inner[: MAX_HEADING_CHARS + 1], indent) or bool(labels) or not inner.strip(_MARKS)

    def _fields(self, text: str, indent: int, where: str) -> Paused[bool]:
        """Take the numbers of a line that have labels; say whether there are any."""
        state = self._headings.state(indent)
        found: list[tuple[str, str | None]] = []
        line = _Line(state.block, state.is_further_in)
        for field in fields(text):
            if field:
                self._key = None
                self._field(line, field.label, field.number, where)
                found.append((field.number, self._key))
            if not field or len(found) % METRICS_PER_PAUSE == 0:
                yield
        if (
            found
            and state == self._headings.state(indent)
            and not ("{" in text or "[(" in text or _may_be_header(text))
        ):
            self._repeats.remember(text, state, found)
        return bool(found)

    def _framework(self, line: Line, where: str) -> None:
        """Take a line of a framework's own."""
        if line.is_alone and line.labels.step is not None:
            self._groups.add_line(line.labels.step, line.number)
            return
        self._groups.mark(line.labels)
        if line.note:
            self._collector.issues.say(line.note)
        if line.key:
            self._put(line.key, line.number, where)

    def _put(self, key: str, number: object, where: str, run: str = "") -> None:
        self._key = key
        metric = self._collector.metric(key)
        if metric.role in METRICS and not metric.doubt:
            self._has_metrics = self._has_metrics or not key.startswith(("grad", "activation_grad"))
        self._groups.put(self._collector, key, number, where, run)

    def _field(self, line: _Line, text: str, number: str, where: str) -> None:
        """Take a number and its label. A label without a name is of the name before it in the line."""
        value = float(number)
        label = self._label(text)
        if label.is_whole:
            line.name = ""
            self._put(label.name.rstrip(":"), value, where)
            return
        if label.name and (label.is_gradient or (label.says_something and is_layer_like(label.name))):
            line.name = label.name
        line.is_gradient = line.is_gradient or label.is_gradient
        if label.is_heading:
            line.context = label
        elif label.leads and line.lead is None:
            line.lead = label
        if not label.name and not label.says_something:
            return
        self._named(line, label, value, where)

    def _label(self, text: str) -> Label:
        """A label taken apart; those of the last step come again in the next."""
        label = self._labels.get(text)
        if label is None:
            if len(self._labels) >= MAX_LABELS:
                self._labels.clear()
            label = self._labels[text] = parse_printed_label(without_bullet(text))
        return label

    def _named(self, line: _Line, label: Label, value: float, where: str) -> None:
        name = label.name or line.name or line.block
        if not name and label.fallback:
            name = label.fallback
            label = replace(label, words=label.words - {name})
        if not name and label.doubtful:
            self._doubtful(line, label, value, where)
            return
        if label.is_total or (not name and label.says_something):
            if label.is_gradient:
                self._collector.metric("grad_norm")
            return
        context = line.context or self._headings.context
        context = context if context and context.is_gradient else None
        if label.is_gradient or (line.is_gradient and label.says_something and not label.is_other):
            self._put(label.key(name, label.statistic or (context.statistic if context else "")), value, where)
        elif label.is_other:
            self._part_or_other(context if name else None, label, name, value, where)
        elif label.name and self._collector.metric(label.name).role in METRICS:
            self._headings.context = None
            self._put(name, value, where)
        elif context and (line.context or self._headings.are_of(line.is_further_in, name)):
            name = f"{line.block}.{name}" if line.block and label.name else name
            self._put(context.key(name, label.statistic or context.statistic), value, where)
        else:
            self._bare(line, label, name, value, where)

    def _bare(self, line: _Line, label: Label, name: str, value: float, where: str) -> None:  # as above
        """Take a number without words of its own, and under no heading."""
        if label.statistic and label.statistic != "norm":
            self._other(label)
        elif line.lead and not label.says_something and is_layer_like(name):
            self._put(line.lead.key(name, line.lead.statistic), value, where)
        else:
            self._put(name, value, where)

    def _doubtful(self, line: _Line, label: Label, value: float, where: str) -> None:
        """Take the number of a label that may be a layer's name or a statistic: `norm`, `L1 grad`."""
        name = label.doubtful
        if not (label.is_gradient and name.casefold() == "norm"):  # whose other norm is the statistic
            label = replace(label, words=label.words - {name.casefold()})
        context = line.context or self._headings.context
        if label.is_gradient:
            self._put(label.key(name, label.statistic), value, where)
        elif context and context.is_gradient:
            self._put(context.key(name, label.statistic or context.statistic), value, where)
        elif not (label.says_something or line.is_gradient):
            self._put(name, value, where)

    def _part_or_other(  # all that belongs to a value
        self, context: Label | None, label: Label, name: str, value: float, where: str
    ) -> None:
        """Take `kernel: 0.1` within a layer's block of gradients; else remember what is of no gradient."""
        if context and label.words <= PARTS.keys():
            whole = replace(context, words=context.words | label.words)
            self._put(whole.key(name, context.statistic), value, where)
        else:
            self._other(label)

    def _other(self, label: Label) -> None:
        """Remember a name that is of no gradient, so that a refusal can name it."""
        self._has_metrics = True
        self._collector.metric(label.raw.strip()[:MAX_HEADING_CHARS])

    def _list(self, text: str, numbers: list[str], where: str) -> bool:
        """Take a list of numbers, by layer; say whether it is one of gradients."""
        label = parse_printed_label(without_bullet(text))
        words = Label("", "", label.words, False)
        if label.is_whole or (label.name and label.is_gradient):
            self._sink.shapes.lists[label.name] = None
            return True
        if not words.is_gradient:
            return False
        for at, number in enumerate(numbers):
            if number.casefold() != "none":
                self._put(words.key(str(at), label.statistic), float(number), where)
        return True

    def _dict(self, text: str, labels: Labels | None, where: str) -> Paused[bool]:
        """Take a dict or a JSON object, and what is written before it; say whether there was one."""
        start, end = text.find("{"), text.rfind("}")
        if start < 0:
            start, end = text.find("[("), text.rfind(")]") + 1
        if end <= start or not (":" in text[start:end] or text[start] == "["):
            return False
        try:
            value: Any = yield from decoding_any(text[start : end + 1])
        except ValueError:
            return False
        value = value if isinstance(value, dict) else named_pairs(value)
        if not value:
            return False
        labels, before = step_in(text[:start], labels)
        heading = parse_printed_label(without_bullet(before))
        for record in self._sink.shapes.records(value):
            self._groups.mark(merged(labels or NO_LABELS, record.labels))
            for count, (name, number) in enumerate(record.items, start=1):
                bare = heading.is_gradient and self._collector.metric(name).role == "bare"
                self._put(heading.key(name, heading.statistic) if bare else name, number, where, record.run)
                if count % METRICS_PER_PAUSE == 0:
                    yield
            yield
        return True

    def _row(self, table: TextTable, text: str, where: str) -> Paused[bool]:
        """Take a row of the table that is being printed; say whether it is one."""
        header = table.header
        cells = split_cells(text, header.separator)
        if is_rule(text) or (cells and table.is_header_again(cells)):
            return True
        labels, rest = step_in(text.strip())
        if not (labels and not rest.strip(" :=#-")) and is_row(header.cells, cells, header.separator):
            yield from table.row(cells[len(cells) - len(header.cells) :], where)
            return True
        self._table = None
        return False

    def _first_row(self, text: str, where: str) -> Paused[bool]:
        """Take the first row of a table whose header was held; say whether it is one."""
        header = find_header([self._held[0][0], text]) if len(text) <= MAX_ROW_CHARS else None
        if header is None or header.line:
            return False
        cells = split_cells(text, header.separator)
        if not is_row(header.cells, cells, header.separator):
            return False
        self._table, self._held = TextTable(self._collector, header, self._groups), []
        yield from self._table.row(cells[len(cells) - len(header.cells) :], where)
        return True

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        yield from self._let_go()
        self._collector.any_name = not self._has_metrics
        self._groups.finish(self._collector)
        self._sink.say()
        log = yield from self._collector.finishing(
            partial(refusals.nearest, self._collector, refusals.PRINTED_EXPECTED)
        )
        return (yield from self._groups.relabelled(log))


def _may_be_header(text: str) -> bool:
    """Say whether a line may be the header of a table, so that it waits for the next one."""
    if ": " in text or "=" in text or text.rstrip().endswith(":") or len(text) > MAX_ROW_CHARS:
        return False
    return bool(_HEADER.search(text))


class _Line:
    """The parts of a line's first label that hold for those after it.

    `is_further_in`: the line stands further in than the last heading, of which `block` is the layer.
    """

    def __init__(self, block: str, is_further_in: bool) -> None:
        self.name, self.is_gradient = "", False
        self.is_further_in = is_further_in
        self.block = block if is_further_in else ""
        self.context: Label | None = None
        self.lead: Label | None = None
