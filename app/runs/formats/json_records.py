"""JSON and what Python prints of dicts: a record a line, or one document that is read when all of it is there. Pure."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from ..collector import HISTOGRAM, METRICS_PER_PAUSE, LogError, ParsedLog, Paused, SeriesCollector, step_number
from ..recorder_header import is_header
from . import refusals
from .json_decoding import PAUSE_CHARS, TOO_MANY_LEVELS, TooDeepError, decoding_any, decoding_begun, decoding_several
from .json_series import json_rows_of, named_pairs, points_of
from .json_shapes import own_labels
from .metric_files import metric_of_file
from .printed import PrintedReader
from .record_sink import RecordSink
from .records import METRICS
from .steps import NO_LABELS

MAX_DOCUMENT_CHARS: Final = 32 << 20  # of JSON that is not one record a line
LINES_JOINED: Final = 4096  # lines of a document that are joined at once: a million would take too long


_OBJECTS: Final = re.compile(r"^\{.*\}\s*,?\s*\{", re.DOTALL)  # one after the other in a line


class JsonReader:
    """JSON: a record a line, or one document."""

    def __init__(self, collector: SeriesCollector) -> None:
        self._collector = collector
        self._sink = RecordSink(collector)
        self._document: list[str] | None = None  # in lines, but all …
        self._former: list[str] = []  # … before them in few pieces
        self._size = 0
        self._printed: PrintedReader | None = None
        self._first: tuple[dict[str, Any], str] | None = None  # the first line's object, and where it was
        self._is_trainer_state = False

    def line(self, text: str, number: int) -> Paused[None]:
        """Take a record, or the next line of the document."""
        if self._printed:
            yield from self._printed.line(text, number)
        elif self._document is not None:
            self._keep(text)
        else:
            yield from self._record_line(text.strip(), number)

    def _keep(self, text: str) -> None:
        assert self._document is not None
        self._size += len(text)
        if self._size > MAX_DOCUMENT_CHARS:
            raise LogError(
                f"{self._collector.file}: is one JSON value of more than {MAX_DOCUMENT_CHARS >> 20} MB. "
                "Expected is a record a line (JSON lines), which may be of any size."
            )
        if len(self._document) >= LINES_JOINED:
            self._former.append("\n".join(self._document))
            self._document = []
        self._document.append(text)

    def _record_line(self, text: str, number: int) -> Paused[None]:
        try:
            value = yield from decoding_any(text.rstrip(", "))
        except TooDeepError:
            self._collector.issues.count("lines", TOO_MANY_LEVELS, f"line {number:,}")
            return
        except ValueError:
            yield from self._not_json(text, number)
            return
        if isinstance(value, dict) and is_header(value):
            self._collector.header.add(self._collector.file, value)
        elif isinstance(value, dict) and not self._sink.count and not self._first:
            self._first = value, f"line {number:,}"
        elif isinstance(value, dict):
            yield from self._take_first(is_alone=False)
            yield from self._dict(value, f"line {number:,}")
        elif isinstance(value, list) and ((not self._sink.count and not self._first) or _are_objects(value)):
            yield from self._take_first(is_alone=False)
            yield from self._list(value)
        else:
            self._collector.issues.count("lines", "no JSON object", f"line {number:,}")

    def _not_json(self, text: str, number: int) -> Paused[None]:
        if not self._sink.count and not self._first and text[-1] in "{[,":
            self._document = []
            self._keep(text)
            return
        if not self._sink.count and not self._first and (text.startswith("[{") or _OBJECTS.search(text)):
            yield from self._no_document(text, "it was cut off")
            return
        if not self._sink.count and not self._first and number <= 1 and len(text) <= PAUSE_CHARS:
            self._printed = PrintedReader(self._collector)
            yield from self._printed.line(text, number)
            return
        self._collector.issues.count("lines", "not JSON", f"line {number:,}")

    def _dict(self, value: dict[str, Any], where: str, is_document: bool = False) -> Paused[None]:
        first = not self._sink.count
        self._is_trainer_state = self._is_trainer_state or (first and "log_history" in value)
        has_lists = any(isinstance(inner, list) for inner in value.values())
        is_pasted = first and not has_lists  # one dict
        self._collector.any_name = is_pasted and not (yield from self._has_metrics(value))
        yield from self._sink.record(value, where, is_document)

    def _take_first(self, is_alone: bool) -> Paused[None]:
        """Take the first line, which is a document where it is the only one and holds more than numbers."""
        if self._first:
            (value, where), self._first = self._first, None
            has_more = any(isinstance(inner, (list, dict)) for inner in value.values())
            yield from self._dict(value, where, is_alone and has_more and own_labels(value) == NO_LABELS)

    def _has_metrics(self, value: dict[str, Any]) -> Paused[bool]:
        for count, name in enumerate(value, start=1):
            if self._collector.metric(name).role in METRICS or refusals.is_single(name):
                return True
            if count % METRICS_PER_PAUSE == 0:
                yield
        return False

    def _list(self, values: list[Any]) -> Paused[None]:
        rows: list[Any] | None = json_rows_of(values)
        values = rows or values
        if values and all(isinstance(value, list) for value in values):
            yield from self._lists(values)
            return
        for position, value in enumerate(values, start=1):
            yield
            if isinstance(value, dict):
                yield from self._dict(value, f"entry {position:,}")
            else:
                self._collector.issues.count("entries", "no JSON object", f"entry {position:,}")

    def _lists(self, values: list[list[Any]]) -> Paused[None]:
        """TensorBoard's own JSON of one tag: wall time, step and value each. Or pairs of a name and a number."""
        pairs = named_pairs(values)
        if pairs:
            yield from self._dict(pairs, "the list")
            return
        metric = metric_of_file(self._collector.file)
        points = points_of(values)
        if points is None:
            points = [(value[1], value[2]) for value in values if len(value) == 3]
            wrong = len(values) - len(points)
            if wrong:
                raise LogError(f"{self._collector.file}: {refusals.LISTS_OF_LISTS}")
        for position, (step, value) in enumerate(points, start=1):
            if position % METRICS_PER_PAUSE == 0:
                yield
            if isinstance(value, list):
                raise LogError(
                    f"{self._collector.file}: entry {position:,} is {HISTOGRAM}. "
                    "Expected are scalars, or the event file itself (events.out.tfevents…), which has it."
                )
            self._collector.add_value(metric.name, step_number(step), value, f"entry {position:,}", metric.run)
        self._collector.any_name = self._collector.is_metric_file = True

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        yield from self._take_first(is_alone=True)
        if self._document is not None:
            yield from self._read_document("\n".join([*self._former, *self._document]))
        if self._printed:
            return (yield from self._printed.finishing())
        self._sink.say()
        try:
            expected = partial(refusals.nearest, self._collector, refusals.JSON_EXPECTED)
            log = yield from self._collector.finishing(expected)
        except LogError:
            if self._is_trainer_state:
                raise LogError(f"{self._collector.file}: {refusals.TRAINER_STATE}") from None
            raise
        return (yield from self._sink.relabelled(log))

    def _read_document(self, text: str) -> Paused[None]:
        try:
            value = yield from decoding_any(text)
        except TooDeepError:
            raise LogError(f"{self._collector.file}: {refusals.TOO_DEEP}") from None
        except ValueError as error:
            yield from self._no_document(text, str(error))
            return
        if isinstance(value, dict):
            yield from self._dict(value, "the document", is_document=True)
        else:
            yield from self._list(value)

    def _no_document(self, text: str, wrong: str) -> Paused[None]:
        """Several values that follow each other; or a document that was cut off, or is none, taken line by line."""
        try:
            values = yield from decoding_several(text)
        except ValueError:
            values = (yield from decoding_begun(text)) if text.startswith("[") else []
            if not any(isinstance(value, dict) for value in values):
                yield from self._by_line(text, wrong)
                return
            self._collector.issues.say(f"The last entry is not whole, so it was left out ({wrong}).")
        for position, value in enumerate(values, start=1):
            if isinstance(value, dict):
                yield from self._dict(value, f"object {position:,}")
            else:
                self._collector.issues.count("objects", "no JSON object", f"object {position:,}")

    def _by_line(self, text: str, wrong: str) -> Paused[None]:
        if "log_history" in text[:LINES_JOINED]:
            raise LogError(f"{self._collector.file}: {refusals.TRAINER_STATE}")
        self._printed = PrintedReader(self._collector)
        for number, line in enumerate(text.split("\n"), start=1):
            yield from self._printed.line(line, number)
            yield
        if self._printed.stray:
            self._collector.issues.say(f"As JSON it is wrong: {wrong}.")


def _are_objects(values: list[Any]) -> bool:
    """Say whether a list is one of objects."""
    return bool(values) and all(isinstance(value, dict) for value in values)
