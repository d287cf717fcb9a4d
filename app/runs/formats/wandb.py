"""W&B's transaction log `run-*.wandb`, of online and offline runs: scalars, and histograms as `wandb.watch` logs them.

The file is a log as LevelDB writes it: blocks of 32 kB with records in them, each with its CRC32, length and type. A
record that crosses blocks is in several parts. Joined, it is a `Record` of wandb_internal.proto, of which the history
is read: one item a value, as JSON. A histogram comes as three items, in any order. Pure.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from ..collector import ParsedLog, Paused, SeriesCollector, step_number
from ..metric_names import BARE, GRADIENT, LOSS
from . import protobuf
from .json_values import flat_values
from .protobuf import BYTES, VARINT, MalformedError

WANDB_MAGIC: Final = b":W&B"
FILE_HEADER: Final = 7  # bytes: the magic text, a magic number, a version
BLOCK: Final = 32_768  # bytes; the first one starts with the file's header
RECORD_HEADER: Final = 7  # bytes: CRC32, length, type
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4  # types of a record's parts
MAX_RECORD_BYTES: Final = 16 << 20  # of a record in several parts; 4,096 histograms take about 8 MB
MAX_KEY_PARTS: Final = 32
MAX_KEY_BYTES: Final = 800
MAX_JSON_BRACKETS: Final = 200  # of one value, which bounds how deep it is nested
WANTED: Final = {GRADIENT, LOSS, BARE}
MIN_AGREEING: Final = (
    8  # records in the same order show that the order is kept: two names agree by chance half the time
)
ITEMS_PER_PAUSE: Final = 16  # a histogram takes a seventh of a millisecond
WANDB_EXPECTED: Final = (
    "Expected are values as in run.log({'grad_norm/fc1.weight': …}) or histograms as in "
    "wandb.watch(model, log='gradients')."
)
# Fields of Record, HistoryRecord, HistoryItem and RunRecord (wandb/proto/wandb_internal.proto).
_HISTORY, _RUN = 2, 17
_ITEM, _STEP = 1, 2
_KEY, _NESTED_KEY, _VALUE_JSON = 1, 2, 16
_STEP_NUMBER = 1
_RUN_ID, _DISPLAY_NAME = 1, 8


class WandbReader:
    """Reads a transaction log that is fed in pieces."""

    def __init__(self, file: str) -> None:
        self._collector = SeriesCollector(file)
        self._buffer = b""
        self._at = 0  # the buffer's offset in the file
        self._parts: list[bytes] = []  # of a record of which the last part has not come
        self._start = 0  # its offset
        self._history = History(self._collector)

    def feeding(self, data: bytes) -> Paused[None]:
        """Take the next bytes."""
        self._buffer += data
        offset = 0
        if self._at == 0:
            if len(self._buffer) < FILE_HEADER:
                return
            offset = FILE_HEADER
        while (end := self._part_end(offset)) is not None:
            if end - offset >= RECORD_HEADER:  # else padding; a first part may be empty, at the end of a block
                yield from self._take_part(offset, end)
            offset = end
        self._buffer = self._buffer[offset:]
        self._at += offset

    def _part_end(self, offset: int) -> int | None:
        """The end of the record's part, or of the padding, at an offset of the buffer; None until it is all there."""
        room = BLOCK - (self._at + offset) % BLOCK
        have = len(self._buffer) - offset
        if room < RECORD_HEADER:
            return offset + room if have >= room else None
        if have < RECORD_HEADER:
            return None
        length = int.from_bytes(self._buffer[offset + 4 : offset + 6], "little")
        is_reserved = not any(self._buffer[offset : offset + RECORD_HEADER])
        if is_reserved or length > room - RECORD_HEADER:  # not written, or damaged: the next block begins anew
            length = room - RECORD_HEADER
        end = offset + RECORD_HEADER + length
        return end if end <= len(self._buffer) else None

    def _take_part(self, offset: int, end: int) -> Paused[None]:
        crc, _, kind = struct.unpack_from("<IHB", self._buffer, offset)
        content = self._buffer[offset + RECORD_HEADER : end]
        at = self._at + offset
        if not any(self._buffer[offset:end]):
            return  # a block that was reserved and not written
        if zlib.crc32(self._buffer[offset + 6 : end]) != crc or kind not in {FULL, FIRST, MIDDLE, LAST}:
            self._drop_parts()
            self._count_damaged("damaged (its checksum doesn't agree)", at)
            return
        if kind in {FULL, FIRST}:
            self._drop_parts()
            self._start = at
        elif not self._parts:
            return  # its beginning was damaged and counted
        self._parts.append(content)
        if kind in {FULL, LAST}:
            record = b"".join(self._parts)
            self._parts = []
            yield from self._take_record(record)
        elif sum(map(len, self._parts)) > MAX_RECORD_BYTES:
            self._parts = []
            self._count_damaged(f"longer than {MAX_RECORD_BYTES >> 20} MB and passed over", self._start)

    def _drop_parts(self) -> None:
        """Count a record of which the rest did not come."""
        if self._parts:
            self._parts = []
            self._count_damaged("without its end", self._start)

    def _count_damaged(self, wrong: str, at: int) -> None:
        self._count_record()
        self._collector.issues.count("records", wrong, f"byte {at:,}")

    def _count_record(self) -> None:
        self._collector.totals["records"] = self._collector.totals.get("records", 0) + 1

    def _take_record(self, record: bytes) -> Paused[None]:
        self._count_record()
        try:
            for number, wire, start, end in protobuf.read_fields(record, 0, len(record)):
                if wire != BYTES:
                    continue
                if number == _HISTORY:
                    yield from self._history.reading(record[start:end], f"byte {self._start:,}")
                elif number == _RUN:
                    self._history.run = _run_name(record[start:end])
        except MalformedError:
            self._collector.issues.count("records", "no Record message", f"byte {self._start:,}")
        yield

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        yield
        if self._buffer.strip(b"\0") or self._parts:
            start = self._start if self._parts else self._at
            have = self._at + len(self._buffer) - start
            self._collector.issues.say(
                f"The last record, at byte {start:,}, is cut off; the {have:,} bytes of it that are there were left."
            )
        log = yield from self._collector.finishing(lambda: WANDB_EXPECTED)
        if not self._history.keeps_order:
            for table in log.tables.values():
                table.columns = dict(sorted(table.columns.items()))
        return log


def _run_name(message: bytes) -> str:
    """The run's name with its id, which tells runs of one name apart; the id alone where it has no name yet."""
    texts = {_RUN_ID: "", _DISPLAY_NAME: ""}
    for number, wire, start, end in protobuf.read_fields(message, 0, len(message)):
        if number in texts and wire == BYTES:
            texts[number] = message[start:end].decode("utf-8", "replace")
    name, ident = texts[_DISPLAY_NAME], texts[_RUN_ID]
    return f"{name} ({ident})" if name and ident else name or ident


class History:
    """The history of a run: values by name at each step, which go to a collector. `run`: what the run is called."""

    def __init__(self, collector: SeriesCollector) -> None:
        self.run = ""
        self._collector = collector
        self._names: list[str] = []  # gradients of the first record with several
        self._agreeing = 0  # records that have the same names in the same order

    @property
    def keeps_order(self) -> bool:
        """True where names come in one order. W&B's service, which writes the file since 2024, shuffles them."""
        return self._agreeing >= MIN_AGREEING

    def reading(self, message: bytes, where: str) -> Paused[None]:
        """Read one step's record. Raises MalformedError."""
        values: dict[str, dict[str, bytes]] = {}
        step = None
        for at, (parts, text) in enumerate(_items(message)):
            if at % ITEMS_PER_PAUSE == 0:
                yield
            if parts == ["_step"]:
                step = step_number(_decoded(text))
            elif len(parts) == 1:
                values.setdefault(parts[0], {})[""] = text
            else:
                values.setdefault(".".join(parts[:-1]), {})[parts[-1]] = text
        step = _step_of(message) if step is None else step
        if step is None:
            self._collector.issues.count("records", "a history record without a step", where)
            return
        yield from self._comparing_order(values)
        for at, (key, texts) in enumerate(values.items()):
            if at % ITEMS_PER_PAUSE == 0:
                yield
            self._add(key, step, texts, where)

    def _add(self, key: str, step: float, texts: dict[str, bytes], where: str) -> None:
        value: Any = None
        if "" in texts:
            if not self._wants(key) and not texts[""].startswith(b"{"):
                return
            value = _decoded(texts[""])
        elif self._wants(key) or "_type" not in texts:
            value = {name: _decoded(text) for name, text in texts.items()}
        for name, each in flat_values(key, value):
            self._collector.add_value(name, step, each, where, self.run)

    def _wants(self, key: str) -> bool:
        metric = self._collector.metric(key)
        return bool(metric.doubt) or metric.role in WANTED

    def _comparing_order(self, keys: Iterable[str]) -> Paused[None]:
        if self._agreeing < 0:
            return
        names = []
        for at, key in enumerate(keys):
            if at % ITEMS_PER_PAUSE == 0:
                yield
            if self._collector.metric(key).role == GRADIENT:
                names.append(key)
        if len(self._names) < 2:
            self._names = names
        elif names == self._names:
            self._agreeing += 1
        elif len(names) > 1 and sorted(names) == sorted(self._names):
            self._agreeing = -1


def _items(message: bytes) -> Iterator[tuple[list[str], bytes]]:
    """The items of a history record: the parts of the key, and the value as JSON. Raises MalformedError."""
    for number, wire, start, end in protobuf.read_fields(message, 0, len(message)):
        if number != _ITEM or wire != BYTES:
            continue
        parts: list[str] = []
        text = b""
        for inner, inner_wire, first, last in protobuf.read_fields(message, start, end):
            if inner_wire != BYTES:
                continue
            if inner in {_KEY, _NESTED_KEY} and len(parts) < MAX_KEY_PARTS:
                parts.append(message[first : min(last, first + MAX_KEY_BYTES)].decode("utf-8", "replace"))
            elif inner == _VALUE_JSON:
                text = message[first:last]
        if parts:
            yield parts, text


def _step_of(message: bytes) -> float | None:
    """The step out of the record's own field. Raises MalformedError."""
    for number, wire, start, end in protobuf.read_fields(message, 0, len(message)):
        if number == _STEP and wire == BYTES:
            for inner, inner_wire, value, _ in protobuf.read_fields(message, start, end):
                if inner == _STEP_NUMBER and inner_wire == VARINT:
                    return float(protobuf.signed(value))
            return 0.0  # which protocol buffers leave out
    return None


def _decoded(text: bytes) -> Any:
    """A JSON value; its first characters where it is none, or is nested deeper than any value of use."""
    with suppress(ValueError):
        return float(text)  # nearly always, and four times as fast
    if text.count(b"[") + text.count(b"{") <= MAX_JSON_BRACKETS:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text[:20].decode("utf-8", "replace")
