"""Printed text: names and numbers as training scripts print them, behind any logger's prefix. Pure.

A step that a line tells holds for what follows, until the next one. Where no line tells it, a name that comes again
begins the next record.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ..collector import Collector, Log, Paused
from . import refusals
from .delimited import Header, find_header, is_row, is_rule, split_cells
from .json_decoding import decoding_any
from .json_shapes import merged
from .printed_fields import fields, number_list
from .printed_frameworks import Line, framework_line
from .printed_labels import Label, is_layer_like, parse_label
from .printed_prefix import step_in, without_bullet, without_prefix
from .record_sink import RecordSink
from .records import FEW, add
from .steps import NO_LABELS, GroupClock, Labels
from .table import Table

_NAMED: Final = re.compile(r"(?:layer|param(?:eter)?|module|block|tensor|name)(?: name)?\s*[:=]", re.IGNORECASE)
MAX_PRINTED_CHARS: Final = 1 << 19  # of a printed line that are looked at
MAX_HEADING_CHARS: Final = 200
MAX_NAME_WORDS: Final = 3  # of a heading that is a layer's name
MAX_WAITING: Final = 3  # lines between a table's header and its first row
NO_NUMBER: Final = "without a name and a number"


class PrintedReader:
    """Printed lines, of which each may hold names and numbers, a dict, a row of a table, or neither."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._clock = GroupClock()
        self._sink = RecordSink(collector)
        self._context: Label | None = None  # of the last heading that speaks of gradients or of something else
        self._block, self._indent = "", -1  # the heading that the lines below it, further in, belong to
        self._waiting: list[str] = []  # a line that may be a table's header, and what follows it
        self._table: Table | None = None
        self._has_metrics = False
        self.stray = 0  # lines that gave nothing

    def line(self, text: str, number: int) -> Paused[None]:
        """Take one printed line."""
        where = f"line {number:,}"
        if len(text) > MAX_PRINTED_CHARS:
            wrong = f"longer than {MAX_PRINTED_CHARS >> 10} kB, of which only that was looked at"
            self._collector.complaints.count("lines", wrong, where)
            text = text[:MAX_PRINTED_CHARS]
        if not (yield from self._table_line(text, where)):
            indent = len(text) - len(text.lstrip())
            if not (yield from self._any_line(text.strip(), indent, where)):
                self.stray += 1
                self._collector.complaints.count("lines", NO_NUMBER, where)

    def _any_line(self, text: str, indent: int, where: str) -> Paused[bool]:
        """Take a line of any kind but a table's; say whether it was of use or is known to be of none."""
        framework = framework_line(text)
        if framework:
            self._framework(framework, where)
            return True
        inner, labels = without_prefix(text)
        if "{" in inner and (yield from self._dict(inner, labels, where)):
            return True
        labels, inner = step_in(inner, labels)
        if labels:
            self._clock.mark(labels)
        listed = number_list(inner)
        if listed and self._list(*listed, where):
            return True
        count = 0
        line = _Line(self._block if indent > self._indent else "")
        for field in fields(inner):
            count += 1
            self._field(line, field.label, field.number, where)
            if count % FEW == 0:
                yield
        if not count:
            return self._heading(without_bullet(inner), indent) or bool(labels) or not inner.strip("{}[]() ,=-*_#>.")
        return True

    def _framework(self, line: Line, where: str) -> None:
        """Take a line of a framework's own."""
        if line.follows:
            self._clock.mark_last(line.labels)
        else:
            self._clock.mark(line.labels)
        if line.note:
            self._collector.complaints.say(line.note)
        if line.key:
            self._put(line.key, line.number, where)

    def _put(self, key: str, number: object, where: str, run: str = "") -> None:
        role = self._collector.tag(key).role
        if role in {"other", "loss"}:
            self._has_metrics = self._has_metrics or not key.startswith(("grad", "activation_grad"))
        if role == "step":
            return
        add(self._collector, key, self._clock.place(key, run), number, where, run)

    def _field(self, line: _Line, text: str, number: str, where: str) -> None:
        """Take a number and its label. A label without a name is of the name before it in the line."""
        label = parse_label(without_bullet(text))
        value = float(number)
        if label.is_whole:
            line.name = ""
            self._put(label.name.rstrip(":"), value, where)
            return
        says_something = label.is_gradient or label.is_other or bool(label.statistic)
        if label.name and (label.is_gradient or (says_something and is_layer_like(label.name))):
            line.name = label.name
        if label.is_heading:
            line.context = label
        if label.is_gradient:
            line.is_gradient = True
        if not label.name and not says_something:
            return
        self._named(line, label, value, where)

    def _named(self, line: _Line, label: Label, value: float, where: str) -> None:
        says_something = label.is_gradient or label.is_other or bool(label.statistic)
        name = label.name or line.name or line.block
        if label.is_total or (not name and says_something):
            if label.is_gradient:
                self._collector.tag("grad_norm")
            return
        context = line.context or self._context
        context = context if context and context.is_gradient else None
        is_metric = self._collector.tag(label.name).role in {"loss", "other", "step"} if label.name else False
        if label.is_gradient or (not label.is_other and (line.is_gradient and says_something)):
            self._put(label.key(name, label.statistic or (context.statistic if context else "")), value, where)
        elif label.is_other:
            self._other(label)
        elif is_metric:
            self._context = None
            self._put(name, value, where)
        elif context:
            self._put(context.key(name, label.statistic or context.statistic), value, where)
        elif label.statistic and label.statistic != "norm":
            self._other(label)
        else:
            self._put(name, value, where)

    def _other(self, label: Label) -> None:
        """Remember a name that is of no gradient, so that a refusal can name it."""
        self._has_metrics = True
        self._collector.tag(label.raw.strip()[:MAX_HEADING_CHARS])

    def _heading(self, text: str, indent: int) -> bool:
        """Take a line without a number; say whether it is a heading of what follows."""
        if len(text) > MAX_HEADING_CHARS or not text:
            return False
        is_title = text.endswith(":")
        label = parse_label(text.rstrip(":").strip("=-*# "))
        if (label.is_gradient or label.is_other) and (is_title or not label.name):
            self._context = label
            self._block, self._indent = (label.name if is_title else ""), indent
            return True
        if (
            label.name
            and not label.is_whole
            and len(label.name.split()) <= MAX_NAME_WORDS
            and (is_title or _NAMED.match(text))
        ):
            self._block, self._indent = label.name, (indent if is_title else indent - 1)
            return True
        self._context = None
        return False

    def _list(self, text: str, numbers: list[str], where: str) -> bool:
        """Take a list of numbers, by layer; say whether it is one of gradients."""
        label = parse_label(without_bullet(text))
        words = Label("", "", label.words, False)
        if label.is_whole or (label.name and label.is_gradient and self._collector.tag(label.name).role != "other"):
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
        start, end = text.index("{"), text.rfind("}")
        if end < start or ":" not in text[start:end]:
            return False
        try:
            value: Any = yield from decoding_any(text[start : end + 1])
        except ValueError:
            return False
        if not isinstance(value, dict):
            return False
        labels, before = step_in(text[:start], labels)
        heading = parse_label(without_bullet(before))
        for count, record in enumerate(self._sink.shapes.records(value)):
            self._clock.mark(merged(labels or NO_LABELS, record.labels))
            for name, number in record.items:
                bare = heading.is_gradient and self._collector.tag(name).role == "bare"
                self._put(heading.key(name, heading.statistic) if bare else name, number, where, record.run)
            if count % FEW == 0:
                yield
        return True

    def _table_line(self, text: str, where: str) -> Paused[bool]:
        """Take a line of a table; say whether it is one. A header waits for its first row."""
        if self._table:
            header = self._table.header
            cells = split_cells(text, header.separator)
            if is_rule(text) or (cells and self._table.is_header_again(cells)):
                return True
            labels, rest = step_in(text.strip())
            if not (labels and not rest.strip(" :=#-")) and is_row(header.cells, cells, header.separator):
                yield from self._table.row(cells[len(cells) - len(header.cells) :], where)
                return True
            self._table = None
        self._waiting = [*self._waiting, text][-MAX_WAITING:]
        header_found = self._waiting_header()
        if header_found is None:
            return False
        self._table = Table(self._collector, header_found, self._clock)
        self._waiting = []
        cells = split_cells(text, header_found.separator)
        yield from self._table.row(cells[len(cells) - len(header_found.cells) :], where)
        return True

    def _waiting_header(self) -> Header | None:
        """The header of the table whose first row is the last line that came."""
        if (
            len(self._waiting) < 2
            or ":" in self._waiting[-1]
            or ("=" in self._waiting[-1] and not is_rule(self._waiting[-1]))
        ):
            return None
        for at in range(len(self._waiting) - 1):
            between = self._waiting[at + 1 : -1]
            if all(is_rule(line) for line in between) and not is_rule(self._waiting[at]):
                header = find_header([self._waiting[at], self._waiting[-1]])
                if (
                    header
                    and header.line == 0
                    and is_row(header.cells, split_cells(self._waiting[-1], header.separator), header.separator)
                ):
                    return header
        return None

    def finishing(self) -> Paused[Log]:
        """All that was found. Raises LogError when that is nothing."""
        yield
        self._collector.any_name = not self._has_metrics
        self._clock.say(self._collector)
        self._sink.say()
        log = self._collector.finish(refusals.nearest(self._collector, refusals.PRINTED_EXPECTED))
        return (yield from self._clock.relabelled(log))


class _Line:
    """The name and the kind that the first label of a line gives to those after it."""

    def __init__(self, block: str) -> None:
        self.name, self.is_gradient, self.block = "", False, block
        self.context: Label | None = None
