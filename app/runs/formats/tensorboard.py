"""TensorBoard's event files (`events.out.tfevents…`): gradients out of scalars and histograms. Pure.

A file is a chain of records: the length as u64, little-endian, its masked CRC32C, the message, the message's masked
CRC32C. The message is an Event of TensorFlow's `event.proto`, its summary of `summary.proto`; both are protocol
buffers, of which only the few fields needed are read here. Images, graphs and all that is no gradient are passed over.

The L2 norm of a histogram's tensor is √sum_squares exactly, which TensorBoard itself does not export.
"""

from __future__ import annotations

import math
import re
import struct
from functools import lru_cache
from typing import Final, NamedTuple

from .. import metric_names
from ..collector import Key, ParsedLog, Paused, SeriesCollector, finished
from . import protobuf
from .crc32c import computing_masked_crcs, masked_crcs
from .protobuf import MalformedError

HEADER_BYTES: Final = 12  # bytes before a message: its length and that length's checksum
FOOTER_BYTES: Final = 4  # bytes after it
MAX_MESSAGE_BYTES: Final = 4 << 20  # bytes kept at once; 300 histograms in one event take about 2 MB
EVENTS_EXPECTED: Final = (
    "Expected are scalars as in add_scalar('grad_norm/fc1.weight', …) or histograms as in "
    "add_histogram('gradients/fc1.weight', …)."
)
RECORDS_AT_ONCE: Final = 64  # records, or values, that are taken without a pause
MAX_LAYOUTS: Final = 8192  # that are kept: of heads of records, of events of a scalar

# An event's wall time and step. In one of a scalar, what follows up to the number is the same each time for a tag.
_BEGINNING: Final = re.compile(rb"\x09.{8}(?:\x10([\x80-\xff]{0,9}[\x00-\x7f]))?", re.DOTALL)
_FLOAT: Final = struct.Struct("<f")
# An event's wall time, step and summary, the summary's value and its tag, with the lengths of these three.
_SCALAR: Final = re.compile(
    rb"\x09.{8}(?:\x10([\x80-\xff]{0,9}[\x00-\x7f]))?\x2a[\x00-\x7f]\x0a[\x00-\x7f]\x0a[\x00-\x7f]", re.DOTALL
)

# A message, where its record starts, its step, and its values; of one scalar that ends it the tag.
Wanted = tuple[int, bytes, int, "str | list[Value]"]


@lru_cache(4096)
def _length_sum(length: bytes) -> bytes:
    """The checksum that goes with a length, of which a file has few."""
    return struct.pack("<I", masked_crcs([length])[0])


def is_event_file(head: bytes) -> bool:
    """True if these bytes begin an event file: the first length agrees with its checksum, or the file says so."""
    if len(head) >= HEADER_BYTES and _length_sum(head[:8]) == head[8:HEADER_BYTES]:
        return True
    return b"brain.Event:" in head[:64]


class EventReader:
    """Reads an event file fed in pieces."""

    def __init__(self, file: str) -> None:
        self._collector = SeriesCollector(file)
        self._pieces: list[bytes] = []  # of a record that hasn't come whole …
        self._have = self._need = 0  # … their bytes, and how many it takes to go on
        self._buffer = b""
        self._at = 0  # bytes of the file before the buffer
        self._skip = 0  # bytes of a message too long to keep that are still to come
        self._broken = False
        self._lengths: dict[bytes, int] = {}  # by the head of a record, of those whose checksum agreed
        self._tags: dict[bytes, str] = {}  # by what stands between an event's step and its one scalar; "": not wanted

    def feeding(self, data: bytes) -> Paused[None]:
        """Takes the next bytes."""
        if self._broken:
            return
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            self._at += passed
            data = data[passed:]
        self._pieces.append(data)
        self._have += len(data)
        if self._have >= self._need:
            self._gather()
            yield from self._read()

    def _gather(self) -> None:
        self._buffer = b"".join([self._buffer, *self._pieces])
        self._pieces, self._have = [], 0

    def _read(self) -> Paused[None]:
        """Reads the records that have come whole."""
        buffer, size, offset, length = self._buffer, len(self._buffer), 0, 0
        starts, messages = [], []
        while offset + HEADER_BYTES <= size:
            length = self._length(buffer[offset : offset + HEADER_BYTES])
            end = offset + HEADER_BYTES + length + FOOTER_BYTES
            if length < 0 or end > size:
                break
            starts.append(offset)
            messages.append(buffer[offset + HEADER_BYTES : end - FOOTER_BYTES])
            offset = end
            if len(messages) % (8 * RECORDS_AT_ONCE) == 0:
                yield
        yield from self._take(starts, messages)
        self._at += offset
        if length < 0:
            self._break(self._at)
            return
        self._buffer = buffer[offset:]
        self._need = 0
        self._await()

    def _length(self, head: bytes) -> int:
        """The length of a record's message; below zero if it doesn't agree with its checksum."""
        length = self._lengths.get(head)
        if length is None:
            if _length_sum(head[:8]) != head[8:]:
                return -1
            length = int.from_bytes(head[:8], "little")
            if len(self._lengths) < MAX_LAYOUTS:
                self._lengths[head] = length
        return length

    def _break(self, at: int) -> None:
        self._broken, self._buffer = True, b""
        self._collector.issues.say(
            f"The record at byte {at:,} has a length that doesn't agree with its checksum; nothing after it was read. "
            "Copy the file anew from where it was written."
        )

    def _await(self) -> None:
        """Waits for the rest of a record, or lets go of one that is too long to keep: a picture, a graph."""
        if len(self._buffer) < HEADER_BYTES:
            return
        length = int.from_bytes(self._buffer[:8], "little")
        missing = HEADER_BYTES + length + FOOTER_BYTES - len(self._buffer)
        if length <= MAX_MESSAGE_BYTES:
            self._need = missing
            return
        self._count(1)
        wrong = f"longer than {MAX_MESSAGE_BYTES >> 20} MB and passed over"
        self._collector.issues.count("records", wrong, f"byte {self._at:,}")
        self._skip, self._at = missing, self._at + len(self._buffer)
        self._buffer = b""

    def _take(self, starts: list[int], messages: list[bytes]) -> Paused[None]:
        """Takes what is wanted out of whole messages; the checksum is only taken of those that have it."""
        self._count(len(messages))
        wanted = yield from self._choose(starts, messages)
        crcs = (yield from computing_masked_crcs([message for _, message, _, _ in wanted])) if wanted else []
        for at, ((start, message, step, what), crc) in enumerate(zip(wanted, crcs, strict=True)):
            if at % RECORDS_AT_ONCE == 0:
                yield
            end = start + HEADER_BYTES + len(message)
            if crc != int.from_bytes(self._buffer[end : end + FOOTER_BYTES], "little"):
                self._complain("damaged (its checksum doesn't agree)", start)
            elif isinstance(what, str):
                self._add_scalar(what, step, _FLOAT.unpack_from(message, len(message) - _FLOAT.size)[0], start)
            else:
                for value in what:
                    self._add(value, step, start)

    def _choose(self, starts: list[int], messages: list[bytes]) -> Paused[list[Wanted]]:
        wanted = list[Wanted]()
        for at, (start, message) in enumerate(zip(starts, messages, strict=True)):
            if at % RECORDS_AT_ONCE == 0:
                yield
            beginning = _BEGINNING.match(message)
            tag = self._tags.get(message[beginning.end() : -_FLOAT.size]) if beginning else None
            if beginning and tag is not None:
                if tag:
                    wanted.append((start, message, _step(beginning[1]), tag))
                continue
            try:
                step, values = self._read_first(message) or (yield from _reading_any(message))
            except MalformedError:
                self._complain("no Event message", start)
                continue
            found = [value for value in values if self._wants(value)]
            if found:
                wanted.append((start, message, step, found))
        return wanted

    def _read_first(self, message: bytes) -> tuple[int, list[Value]] | None:
        """An event of one scalar, the bulk of most files; the next of its tag will be known by what is alike."""
        event = _read_scalar(message)
        if event and len(self._tags) < MAX_LAYOUTS:
            (value,) = event[1]
            beginning = _BEGINNING.match(message)
            assert beginning, "_SCALAR begins like it"
            self._tags[message[beginning.end() : -_FLOAT.size]] = value.tag if self._wants(value) else ""
        return event

    def _count(self, more: int) -> None:
        self._collector.totals["records"] = self._collector.totals.get("records", 0) + more

    def _complain(self, wrong: str, start: int) -> None:
        self._collector.issues.count("records", wrong, f"byte {self._at + start:,}")

    def _wants(self, value: Value) -> bool:
        metric = self._collector.metric(value.tag)
        role = metric.doubt or metric.role
        return role == "gradient" or (role in {"loss", "bare"} and value.scalar is not None)

    def _add(self, value: Value, step: int, start: int) -> None:
        wrong = None
        if value.histogram is not None:
            wrong = self._add_histogram(value.tag, step, value.histogram)
        elif value.scalar is None:
            wrong = "no scalar, and no histogram with its sum of squares"
        else:
            self._add_scalar(value.tag, step, value.scalar, start)
        if wrong:
            self._complain_of(value.tag, wrong, start)

    def _add_scalar(self, tag: str, step: int, scalar: float, start: int) -> None:
        if scalar < 0 and self._collector.metric(tag).role != "loss":
            self._collector.note_negative(tag, f"byte {self._at + start:,}", "below zero, which no magnitude is")
        else:
            self._collector.add(tag, step, scalar)

    def _complain_of(self, tag: str, wrong: str, start: int) -> None:
        self._collector.issues.count("values", wrong, f"byte {self._at + start:,}, {metric_names.clean(tag)}")

    def _add_histogram(self, name: str, step: int, histogram: Histogram) -> str | None:
        """The norms that follow from a histogram's moments, of a gradient's elements; or what is wrong with it."""
        low, high, count, squares = histogram
        if squares < 0 or not count > 0 or (squares == 0 and (low or high)):
            return "a histogram without its sum of squares"
        metric = self._collector.metric(name)
        largest = math.nan if math.isnan(low) or math.isnan(high) else max(abs(low), abs(high))
        norms = {
            metric_names.L2: math.sqrt(squares),
            metric_names.RMS: math.sqrt(squares / count),
            metric_names.MAX: largest,
        }
        for reduction, norm in norms.items():
            self._collector.put(Key("", metric.kind, reduction), name, step, norm, metric)
        if count < 1e15:
            self._collector.sizes[name] = int(count)
        return None

    def finishing(self) -> Paused[ParsedLog]:
        """The log that was read. Raises LogError if it has no gradients."""
        yield
        self._gather()
        if self._buffer or self._skip:
            have = len(self._buffer)
            self._collector.issues.say(
                f"The last record, at byte {self._at:,}, is cut off; the {have:,} bytes of it that are there were left."
            )
        return (yield from self._collector.finishing(lambda: EVENTS_EXPECTED))


class Histogram(NamedTuple):
    """The moments of a HistogramProto: of the values, the least, the greatest, their number, Σx²."""

    low: float
    high: float
    number: float
    squares: float


class Value(NamedTuple):
    """A Summary.Value: its tag, and a scalar, a histogram or, of anything else, nothing."""

    tag: str
    scalar: float | None
    histogram: Histogram | None


def read_event(message: bytes) -> tuple[int, list[Value]]:
    """An Event's step and the values of its summary. Raises MalformedError."""
    return _read_scalar(message) or finished(_reading_any(message))


def _read_scalar(message: bytes) -> tuple[int, list[Value]] | None:
    """An event of one scalar as most writers lay it out, the bulk of most files; None for any other."""
    found = _SCALAR.match(message)
    if not found:
        return None
    start, size = found.end(), len(message)  # of the tag, whose length stands before it, as do those of what holds it
    end = start + message[start - 1]
    if size != end + 5 or message[end] != 0x15 or message[start - 3] != size - start + 2:
        return None
    if message[start - 5] != size - start + 4:
        return None
    scalar: float = _FLOAT.unpack_from(message, end + 1)[0]
    return _step(found[1]), [Value(message[start:end].decode("utf-8", "replace"), scalar, None)]


def _reading_any(message: bytes) -> Paused[tuple[int, list[Value]]]:
    step, values = 0, list[Value]()
    for number, wire, start, end in protobuf.read_fields(message, 0, len(message)):
        if number == 2 and wire == 0:
            step = protobuf.signed(start)
        elif number == 5 and wire == 2:
            for inner, inner_wire, inner_start, inner_end in protobuf.read_fields(message, start, end):
                if inner == 1 and inner_wire == 2:
                    values.append(read_value(message, inner_start, inner_end))
                if len(values) % RECORDS_AT_ONCE == RECORDS_AT_ONCE - 1:
                    yield
    return step, values


@lru_cache
def _step(digits: bytes | None) -> int:
    """The step that a varint says, of which neighbours in a file say the same; 0 where there is none."""
    return protobuf.signed(protobuf.varint(digits, 0, len(digits))[0]) if digits else 0


def read_value(message: bytes, start: int, end: int) -> Value:
    """The Summary.Value between two places of a message. Raises MalformedError."""
    tag, scalar, histogram = "", None, None
    for number, wire, first, last in protobuf.read_fields(message, start, end):
        if number == 1 and wire == 2:
            tag = message[first : min(last, first + 4 * metric_names.MAX_METRIC_NAME_CHARS)].decode("utf-8", "replace")
        elif number == 2 and wire == 5:
            scalar = struct.unpack_from("<f", message, first)[0]
        elif number == 5 and wire == 2:
            histogram = read_histogram(message, first, last)
        elif number == 8 and wire == 2:
            scalar = read_tensor(message, first, last)
    return Value(tag, scalar, histogram)


def read_histogram(message: bytes, start: int, end: int) -> Histogram:
    """The moments of a HistogramProto; its buckets are passed over. Raises MalformedError."""
    moments = {1: 0.0, 2: 0.0, 3: 0.0, 5: 0.0}
    for number, wire, first, _ in protobuf.read_fields(message, start, end):
        if number in moments and wire == 1:
            moments[number] = struct.unpack_from("<d", message, first)[0]
    return Histogram(*moments.values())


def read_tensor(message: bytes, start: int, end: int) -> float | None:
    """The one number of a TensorProto, as TensorFlow 2 writes a scalar; else None. Raises MalformedError."""
    dtype, content = 0, b""
    for number, wire, first, last in protobuf.read_fields(message, start, end):
        if number == 1 and wire == 0:
            dtype = first
        elif number in {4, 5, 6} and wire in {1, 2, 5}:
            content = message[first : min(last, first + 9)]
    form = {1: "<f", 2: "<d"}.get(dtype, "")
    if not form or len(content) != struct.calcsize(form):
        return None
    scalar: float = struct.unpack(form, content)[0]
    return scalar
