"""Bytes cut into lines of text, of any length and in pieces of any size. The first lines tell who reads them.

A line may end as on any system, or with a carriage return alone, as a progress bar's does. Colours go. Pure.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final

from ..collector import READ, LogError, ParsedLog, Paused, SeriesCollector
from . import refusals
from .printed import PrintedReader
from .recognition import LineReader, recognise

MAX_LINE_BYTES: Final = 8 << 20  # 10,000 columns take about 0.6 MB
MAX_HEAD_LINES: Final = 24  # that tell what a text is …
MAX_HEAD_CHARS: Final = 1 << 16  # … and how long they are together
REPEATS_PER_PAUSE: Final = 16  # lines like former ones that are taken without a pause
_UTF_16: Final = {b"\xff\xfe": codecs.utf_16_le_decode, b"\xfe\xff": codecs.utf_16_be_decode}
_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\-_])")
_OVERWRITTEN: Final = re.compile(r"[^\x08]\x08")


class Lines:
    """Cuts bytes into lines and hands them on, decoded."""

    def __init__(self, file: str) -> None:
        self._file, self._number, self._skipping = file, 0, False
        self._rest: list[bytes] = []  # the beginning of a line …
        self._long = 0  # … and its bytes
        self._utf_16: Callable[[bytes, str, bool], tuple[str, int]] | None = None  # decodes text that is UTF-16 …
        self._half = b""  # … of which this is the beginning of a character
        self._started = False
        self._head: list[tuple[str, int]] = []  # the first lines, until it is known what they are
        self._head_chars = 0
        self._reader: LineReader | None = None
        self._collector = SeriesCollector(file)

    def feeding(self, data: bytes) -> Paused[None]:
        """Take the next bytes. Raises LogError."""
        if not self._started and data:
            self._started = True
            self._utf_16 = _UTF_16.get(data[:2]) or _utf_16_without_mark(data)
            data = data[2:] if data[:2] in _UTF_16 else data.removeprefix(b"\xef\xbb\xbf")
        if self._utf_16:
            data = self._as_utf_8(data, final=False)
        *whole, rest = data.split(b"\n")
        for at, line in enumerate(whole):
            if self._rest or self._skipping or not self._repeated(line):
                yield from self._line(self._whole(line))
                yield
            elif at % REPEATS_PER_PAUSE == 0:
                yield
        if b"\r" in rest:
            rest = yield from self._carriage_returns(rest)
        self._keep(rest)

    def _repeated(self, line: bytes) -> bool:
        """Take a printed line that is like a former one but for its numbers; say whether it is one."""
        if not isinstance(self._reader, PrintedReader):
            return False
        try:
            is_repeated = self._reader.repeat(line.decode())
        except UnicodeDecodeError:
            return False
        if is_repeated:
            self._number += 1
            self._count()
        return is_repeated

    def _carriage_returns(self, rest: bytes) -> Paused[bytes]:
        """Take the lines that carriage returns end, so that a text with no other ends is not kept; what is left."""
        *whole, rest = self._whole(rest).split(b"\r")
        if whole and not rest:  # it may be the first half of an end of line
            rest = whole.pop() + b"\r"
        for line in whole:
            yield from self._line(line)
            yield
        return rest

    def _as_utf_8(self, data: bytes, final: bool) -> bytes:
        assert self._utf_16
        data = self._half + data
        try:
            text, used = self._utf_16(data, "strict", final)
        except UnicodeDecodeError:
            raise LogError(
                f"{self._file}: is no longer UTF-16 text, as which it begins, after line {self._number:,}."
            ) from None
        self._half = data[used:]
        return text.encode("utf-8", "replace")

    def _keep(self, rest: bytes) -> None:
        if self._long + len(rest) > MAX_LINE_BYTES:
            self._skipping = True
            self._whole(b"")
        elif rest and not self._skipping:
            self._rest.append(rest)
            self._long += len(rest)

    def _whole(self, line: bytes) -> bytes:
        """A line with the beginning of it that was kept."""
        if self._rest:
            line = b"".join([*self._rest, line])
            self._rest, self._long = [], 0
        return line

    def _line(self, line: bytes) -> Paused[None]:
        """Take a line, or several that carriage returns end."""
        if b"\r" in line and not self._skipping and len(line) <= MAX_LINE_BYTES:
            line = line.rstrip(b"\r")
            if b"\r" in line:
                for part in line.split(b"\r"):
                    yield from self._line(part)
                return
        self._number += 1
        text = self._decoded(line)
        if not text:
            return
        self._count()
        if self._reader:
            yield from self._reader.line(text, self._number)
            return
        self._head.append((text, self._number))
        self._head_chars += len(text)
        if len(self._head) >= MAX_HEAD_LINES or self._head_chars >= MAX_HEAD_CHARS:
            yield from self._begin()

    def _decoded(self, line: bytes) -> str:
        """The text of a line; empty where it has none, or can't be used."""
        if self._skipping or len(line) > MAX_LINE_BYTES:
            self._skipping = False
            return self._leave(f"longer than {MAX_LINE_BYTES >> 20} MB")
        try:
            text = line.decode().rstrip()
        except UnicodeDecodeError as error:
            return self._leave(f"not UTF-8 text (byte {line[error.start]:#04x})")
        if "\0" in text:
            return self._leave("not text (it has a zero byte)")
        if "\x1b" in text:
            text = _ESCAPE.sub("", text).rstrip()
        if "\x08" in text:
            text = _OVERWRITTEN.sub("", text).replace("\x08", "").rstrip()
        return text

    def _count(self) -> None:
        totals = self._collector.totals
        totals["lines"] = totals.get("lines", 0) + 1

    def _begin(self) -> Paused[LineReader]:
        """Find out what the text is, and hand on the lines that came before that was known."""
        self._reader = reader = recognise([text for text, _ in self._head], self._collector)
        head, self._head = self._head, []
        for text, number in head:
            yield from reader.line(text, number)
            yield
        return reader

    def _leave(self, wrong: str) -> str:
        """Count a line that can't be used; nothing is left of it."""
        self._count()
        self._collector.issues.count("lines", wrong, f"line {self._number:,}")
        return ""

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""
        rest = self._whole(self._as_utf_8(b"", final=True) if self._utf_16 else b"")
        if rest or self._skipping:
            yield from self._line(rest)
        if self._reader is None and not self._head:
            if self._collector.totals:
                left_out = self._collector.issues.sentences(self._collector.totals)
                raise LogError(f"{self._file}: is neither text nor any format known here; {READ}. {' '.join(left_out)}")
            raise LogError(f"{self._file}: is empty. {refusals.JSON_EXPECTED}")
        reader = self._reader or (yield from self._begin())
        return (yield from reader.finishing())


def is_utf_16(head: bytes) -> bool:
    """Say whether a file that begins with these bytes is text in UTF-16."""
    return head[:2] in _UTF_16 or _utf_16_without_mark(head) is not None


def _utf_16_without_mark(data: bytes) -> Callable[[bytes, str, bool], tuple[str, int]] | None:
    """The decoder of text whose every other byte is zero at its beginning, as UTF-16 of plain letters has it."""
    head = data[:64]
    if len(head) >= 8 and not any(head[1::2]) and all(head[0::2]):
        return codecs.utf_16_le_decode
    return codecs.utf_16_be_decode if len(head) >= 8 and not any(head[0::2]) and all(head[1::2]) else None
