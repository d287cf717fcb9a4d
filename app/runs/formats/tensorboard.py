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
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import metric_names
from ..collector import Collector, Key, Log, Paused, finished

HEADER: Final = 12  # bytes before a message: its length and that length's checksum
FOOTER: Final = 4  # bytes after it
LONGEST_MESSAGE: Final = 4 << 20  # bytes kept at once; 300 histograms in one event take about 2 MB
EXPECTED: Final = (
    "Expected are scalars as in add_scalar('grad_norm/fc1.weight', …) or histograms as in "
    "add_histogram('gradients/fc1.weight', …)."
)
FEW: Final = 512  # bytes, of which checksums are sooner taken one by one
SHORTEST_BLOCK: Final = 32  # bytes, of those that messages are cut into for their checksums
PAUSE: Final = 64  # records, or values, that are taken without a pause …
PAUSE_CRC: Final = 16  # … and rounds of a checksum
MOST_LAYOUTS: Final = 8192  # that are kept: of heads of records, of events of a scalar
_CASTAGNOLI: Final = 0x82F63B78  # CRC32C's polynomial, its bits reversed (RFC 3720, B.4)

# An event's wall time and step. In one of a scalar, what follows up to the number is the same each time for a tag.
_BEGINNING: Final = re.compile(rb"\x09.{8}(?:\x10([\x80-\xff]{0,9}[\x00-\x7f]))?", re.DOTALL)
_FLOAT: Final = struct.Struct("<f")
# An event's wall time, step and summary, the summary's value and its tag, with the lengths of these three.
_SCALAR: Final = re.compile(
    rb"\x09.{8}(?:\x10([\x80-\xff]{0,9}[\x00-\x7f]))?\x2a[\x00-\x7f]\x0a[\x00-\x7f]\x0a[\x00-\x7f]", re.DOTALL
)

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]


# A message, where its record starts, its step, and its values; of one scalar that ends it the tag.
Wanted = tuple[int, bytes, int, "str | list[Value]"]


class MalformedError(ValueError):
    """A message is no protocol buffer."""


def _table() -> Words:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_CASTAGNOLI), table >> 1).astype(np.uint32)
    return table


_TABLE: Final = _table()
_STEPS: Final[list[int]] = _TABLE.tolist()


def _over(states: Words, count: int) -> Words:
    """CRC states (any shape) after `count` zero bytes."""
    for _ in range(count):
        states = _TABLE[states & 0xFF] ^ (states >> 8)
    return states


@lru_cache
def _jump(block: int) -> Words:
    """What a block of zeros makes of each byte of a state: shape (4, 256). The map is linear over xor."""
    bytes_ = np.arange(256, dtype=np.uint32)
    return np.stack([_over(np.left_shift(bytes_, np.uint32(8 * place)), block) for place in range(4)])


def masked_crcs(messages: list[bytes]) -> list[int]:
    """The masked CRC32C of each message, as TensorFlow's record files have it (`tensorflow/core/lib/hash/crc32c.h`)."""
    return finished(summing(messages))


def summing(messages: list[bytes]) -> Paused[list[int]]:
    """What `masked_crcs` does, with pauses.

    All at once, for one byte after another takes Python ten times as long: messages are cut into blocks whose
    remainders are taken in parallel and then chained. A block is as long as there are blocks, about.
    """
    crcs = [0] * len(messages)
    alike: dict[int, list[int]] = {}
    few = sum(map(len, messages)) < FEW
    for position, message in enumerate(messages):
        if position % (4 * PAUSE) == 0:
            yield
        alike.setdefault(0 if few else _block(len(message)), []).append(position)
    for block, positions in alike.items():
        chosen = [messages[position] for position in positions]
        found = (yield from _crcs(chosen, block)) if block else np.array(list(map(_slowly, chosen)), np.uint32)
        masked: Words = (found >> np.uint32(15) | found << np.uint32(17)) + np.uint32(0xA282EAD8)
        for position, crc in zip(positions, masked.tolist(), strict=True):
            crcs[position] = crc
        yield
    return crcs


@lru_cache(4096)
def _block(length: int) -> int:
    """How long the blocks are that a message is cut into, in bytes; 0 for one that is sooner taken byte by byte."""
    return 0 if length < 4 else max(SHORTEST_BLOCK, 1 << (length.bit_length() + 1) // 2)


def _crcs(messages: list[bytes], block: int) -> Paused[Words]:
    """The CRC32C of each message of at least four bytes, taken by blocks.

    The register's first value, all ones, is the same as the first four bytes inverted and zeros before them, which
    change nothing. So each message is padded in front.
    """
    counts = [-(-len(message) // block) for message in messages]
    yield
    padded = b"".join(_padded(message, count * block) for message, count in zip(messages, counts, strict=True))
    yield
    blocks: Bytes = np.frombuffer(padded, np.uint8).reshape(-1, block)
    remainders = np.zeros(len(blocks), np.uint32)
    for place in range(block):
        remainders = _TABLE[(remainders ^ blocks[:, place]) & 0xFF] ^ (remainders >> 8)
        if place % PAUSE_CRC == PAUSE_CRC - 1:
            yield
    yield
    jump = _jump(block)
    yield
    return (yield from _chained(remainders, np.array(counts, np.intp), jump))


def _padded(message: bytes, length: int) -> bytes:
    return ((int.from_bytes(message[:4]) ^ 0xFFFFFFFF).to_bytes(4) + message[4:]).rjust(length, b"\0")


def _chained(remainders: Words, counts: npt.NDArray[np.intp], jump: Words) -> Paused[Words]:
    """Each message's CRC out of the remainders of its blocks: those of all messages' first blocks, then the second …"""
    starts = np.cumsum(counts) - counts
    states = np.zeros(len(counts), np.uint32)
    for step in range(int(counts.max(initial=0))):
        going = np.flatnonzero(counts > step)
        now = states[going]
        jumped = remainders[starts[going] + step]
        for place in range(4):
            jumped = jumped ^ jump[place][(now >> (8 * place)) & 0xFF]
        states[going] = jumped
        if step % PAUSE == PAUSE - 1:
            yield
    return states ^ np.uint32(0xFFFFFFFF)


def _slowly(message: bytes) -> int:
    """The CRC32C of a message, byte by byte."""
    state = 0xFFFFFFFF
    for byte in message:
        state = _STEPS[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ 0xFFFFFFFF


@lru_cache(4096)
def _length_sum(length: bytes) -> bytes:
    """The checksum that goes with a length, of which a file has few."""
    return struct.pack("<I", masked_crcs([length])[0])


def is_event_file(head: bytes) -> bool:
    """Whether a file that begins with these bytes is one: the first length agrees with its checksum, or it says so."""
    if len(head) >= HEADER and _length_sum(head[:8]) == head[8:HEADER]:
        return True
    return b"brain.Event:" in head[:64]


class EventReader:
    """Reads an event file fed in pieces."""

    def __init__(self, file: str) -> None:
        self._collector = Collector(file)
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
        while offset + HEADER <= size:
            length = self._length(buffer[offset : offset + HEADER])
            end = offset + HEADER + length + FOOTER
            if length < 0 or end > size:
                break
            starts.append(offset)
            messages.append(buffer[offset + HEADER : end - FOOTER])
            offset = end
            if len(messages) % (8 * PAUSE) == 0:
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
        """How long a record's message is; below zero where that doesn't agree with its checksum."""
        length = self._lengths.get(head)
        if length is None:
            if _length_sum(head[:8]) != head[8:]:
                return -1
            length = int.from_bytes(head[:8], "little")
            if len(self._lengths) < MOST_LAYOUTS:
                self._lengths[head] = length
        return length

    def _break(self, at: int) -> None:
        self._broken, self._buffer = True, b""
        self._collector.complaints.say(
            f"The record at byte {at:,} has a length that doesn't agree with its checksum; nothing after it was read. "
            "Copy the file anew from where it was written."
        )

    def _await(self) -> None:
        """Waits for the rest of a record, or lets go of one that is too long to keep: a picture, a graph."""
        if len(self._buffer) < HEADER:
            return
        length = int.from_bytes(self._buffer[:8], "little")
        missing = HEADER + length + FOOTER - len(self._buffer)
        if length <= LONGEST_MESSAGE:
            self._need = missing
            return
        self._count(1)
        wrong = f"longer than {LONGEST_MESSAGE >> 20} MB and passed over"
        self._collector.complaints.count("records", wrong, f"byte {self._at:,}")
        self._skip, self._at = missing, self._at + len(self._buffer)
        self._buffer = b""

    def _take(self, starts: list[int], messages: list[bytes]) -> Paused[None]:
        """Takes what is wanted out of whole messages; the checksum is only taken of those that have it."""
        self._count(len(messages))
        wanted = yield from self._choose(starts, messages)
        crcs = (yield from summing([message for _, message, _, _ in wanted])) if wanted else []
        for at, ((start, message, step, what), crc) in enumerate(zip(wanted, crcs, strict=True)):
            if at % PAUSE == 0:
                yield
            end = start + HEADER + len(message)
            if crc != int.from_bytes(self._buffer[end : end + FOOTER], "little"):
                self._complain("damaged (its checksum doesn't agree)", start)
            elif isinstance(what, str):
                self._add_scalar(what, step, _FLOAT.unpack_from(message, len(message) - _FLOAT.size)[0], start)
            else:
                for value in what:
                    self._add(value, step, start)

    def _choose(self, starts: list[int], messages: list[bytes]) -> Paused[list[Wanted]]:
        wanted = list[Wanted]()
        for at, (start, message) in enumerate(zip(starts, messages, strict=True)):
            if at % PAUSE == 0:
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
        if event and len(self._tags) < MOST_LAYOUTS:
            (value,) = event[1]
            beginning = _BEGINNING.match(message)
            assert beginning, "_SCALAR begins like it"
            self._tags[message[beginning.end() : -_FLOAT.size]] = value.tag if self._wants(value) else ""
        return event

    def _count(self, more: int) -> None:
        self._collector.totals["records"] = self._collector.totals.get("records", 0) + more

    def _complain(self, wrong: str, start: int) -> None:
        self._collector.complaints.count("records", wrong, f"byte {self._at + start:,}")

    def _wants(self, value: Value) -> bool:
        role = self._collector.tag(value.tag).role
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
        if scalar < 0 and (role := self._collector.tag(tag).role) != "loss":
            if role == "gradient":
                self._complain_of(tag, "below zero, which no magnitude is", start)
        else:
            self._collector.add(tag, step, scalar)

    def _complain_of(self, tag: str, wrong: str, start: int) -> None:
        self._collector.complaints.count("values", wrong, f"byte {self._at + start:,}, {metric_names.clean(tag)}")

    def _add_histogram(self, name: str, step: int, histogram: Histogram) -> str | None:
        """The norms that follow from a histogram's moments, of a gradient's elements; or what is wrong with it."""
        low, high, count, squares = histogram
        if squares < 0 or not count > 0 or (squares == 0 and (low or high)):
            return "a histogram without its sum of squares"
        tag = self._collector.tag(name)
        largest = math.nan if math.isnan(low) or math.isnan(high) else max(abs(low), abs(high))
        norms = {
            metric_names.L2: math.sqrt(squares),
            metric_names.RMS: math.sqrt(squares / count),
            metric_names.MAX: largest,
        }
        for reduction, norm in norms.items():
            self._collector.put(Key("", tag.kind, reduction), tag.name, step, norm)
        if count < 1e15:
            self._collector.sizes[tag.name] = int(count)
        return None

    def finishing(self) -> Paused[Log]:
        """What was found. Raises LogError when that is nothing."""
        yield
        self._gather()
        if self._buffer or self._skip:
            have = len(self._buffer)
            self._collector.complaints.say(
                f"The last record, at byte {self._at:,}, is cut off; the {have:,} bytes of it that are there were left."
            )
        return self._collector.finish(EXPECTED)


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
    for number, wire, start, end in fields(message, 0, len(message)):
        if number == 2 and wire == 0:
            step = _signed(start)
        elif number == 5 and wire == 2:
            for inner, inner_wire, inner_start, inner_end in fields(message, start, end):
                if inner == 1 and inner_wire == 2:
                    values.append(read_value(message, inner_start, inner_end))
                if len(values) % PAUSE == PAUSE - 1:
                    yield
    return step, values


@lru_cache
def _step(digits: bytes | None) -> int:
    """The step that a varint says, of which neighbours in a file say the same; 0 where there is none."""
    return _signed(_varint(digits, 0, len(digits))[0]) if digits else 0


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def read_value(message: bytes, start: int, end: int) -> Value:
    """The Summary.Value between two places of a message. Raises MalformedError."""
    tag, scalar, histogram = "", None, None
    for number, wire, first, last in fields(message, start, end):
        if number == 1 and wire == 2:
            tag = message[first : min(last, first + 4 * metric_names.LONGEST)].decode("utf-8", "replace")
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
    for number, wire, first, _ in fields(message, start, end):
        if number in moments and wire == 1:
            moments[number] = struct.unpack_from("<d", message, first)[0]
    return Histogram(*moments.values())


def read_tensor(message: bytes, start: int, end: int) -> float | None:
    """The one number of a TensorProto, as TensorFlow 2 writes a scalar; else None. Raises MalformedError."""
    dtype, content = 0, b""
    for number, wire, first, last in fields(message, start, end):
        if number == 1 and wire == 0:
            dtype = first
        elif number in {4, 5, 6} and wire in {1, 2, 5}:
            content = message[first : min(last, first + 9)]
    form = {1: "<f", 2: "<d"}.get(dtype, "")
    if not form or len(content) != struct.calcsize(form):
        return None
    scalar: float = struct.unpack(form, content)[0]
    return scalar


def fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The fields between two places of a message: number, wire type, and of what the value's bytes are, start and end.

    A varint has its value for a start. Raises MalformedError. (https://protobuf.dev/programming-guides/encoding/)
    """
    while at < end:
        key, at = _varint(message, at, end)
        wire = key & 7
        if wire == 0:
            value, at = _varint(message, at, end)
            yield key >> 3, wire, value, at
            continue
        if wire == 2:
            length, at = _varint(message, at, end)
        elif wire in {1, 5}:
            length = 8 if wire == 1 else 4
        else:
            raise MalformedError
        if at + length > end:
            raise MalformedError
        yield key >> 3, wire, at, at + length
        at += length


def _varint(message: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise MalformedError
