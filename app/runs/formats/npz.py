"""NumPy's `.npz`: raw gradients, of which every norm is taken. Pure.

`np.savez("step-120.npz", **{name: p.grad.cpu().numpy() for name, p in model.named_parameters() if p.grad is not None})`

An archive is read from front to back as it comes in, an array's bytes are summed and let go, so that neither its size
nor what it claims to hold takes memory. Nothing in it is unpickled. (APPNOTE 6.3.10, 4.3.7; numpy.lib.format)
"""

from __future__ import annotations

import ast
import math
import re
import struct
import zlib
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import metric_names
from ..collector import Key, LogError, ParsedLog, Paused, SeriesCollector

MEMBER_HEADER_BYTES: Final = 30  # bytes of a member's header before its name
MAX_ARRAY_HEADER_BYTES: Final = 10_000  # of an array, as numpy.load has it
FREE_BYTES: Final = 64 << 20  # inflated bytes that any archive may have …
MAX_RATIO: Final = 100  # … and how many times its own size beyond: a bomb has a thousand, gradients have less than two
INFLATED_BYTES_AT_ONCE: Final = 1 << 18  # bytes inflated at once
ARCHIVE_EXPECTED: Final = 'Expected is what np.savez("step-120.npz", **{name: gradient}) writes.'
CHECKPOINT_REFUSAL: Final = (
    "is a checkpoint, which holds a pickle. That can run any code, so it is not opened. Save gradients with np.savez."
)
MAX_HEADER_DEPTH: Final = 8  # brackets within each other
_QUOTED: Final = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
_PLAIN_HEADER: Final = re.compile(r"(?:True|False|[\s\d,:()\[\]{}L])*")
_STEP: Final = re.compile(r"(\d{1,15})(?!.*\d)", re.DOTALL)  # the last number in a file's name


class Member(NamedTuple):
    """A file in the archive as its header tells."""

    name: str
    method: int
    packed: int | None  # bytes, where the header knows
    at: int


class Moments:
    """Sums over an array's elements that come in pieces; scaled, so that squares neither overflow nor vanish."""

    def __init__(self) -> None:
        self.count, self.norm, self.total, self.largest = 0, 0.0, 0.0, 0.0

    def take(self, piece: npt.NDArray[Any]) -> None:
        """Takes some more of the elements, real or complex."""
        sizes = np.abs(piece.astype(np.complex128 if piece.dtype.kind == "c" else np.float64))
        if not sizes.size:
            return
        largest = float(sizes.max())
        self.count += sizes.size
        self.total += float(sizes.sum())
        if math.isnan(largest) or math.isnan(self.largest):
            self.largest = self.norm = math.nan
        elif math.isinf(largest) or math.isinf(self.largest):
            self.largest = self.norm = math.inf
        elif largest:
            self.largest = max(self.largest, largest)
            self.norm = math.hypot(self.norm, largest * math.sqrt(float(np.square(sizes / largest).sum())))

    def by_reduction(self) -> dict[str, float]:
        """The L2 norm, RMS, mean and maximum of the elements' sizes, by the reduction's name. Needs an element."""
        return {
            metric_names.L2: self.norm,
            metric_names.RMS: self.norm / math.sqrt(self.count),
            metric_names.MEAN: self.total / self.count,
            metric_names.MAX: self.largest,
        }


def is_plain_header(text: str) -> bool:
    """Say whether an array's header is a literal of plain values, nested as little as those that numpy writes.

    Python's parser calls itself for each level and each sign, and WebAssembly's stack is small.
    """
    rest = _QUOTED.sub("", text)
    if not _PLAIN_HEADER.fullmatch(rest):
        return False
    depth = deepest = 0
    for char in rest:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest <= MAX_HEADER_DEPTH


class ArrayStream:
    """One `.npy` that comes in pieces; `wrong` says why it can't be used."""

    def __init__(self) -> None:
        self.moments = Moments()
        self.wrong = ""
        self._rest = b""
        self._dtype: np.dtype[Any] | None = None
        self._left = 0  # elements still to come
        self.scalar: float | None = None
        self._shape: tuple[int, ...] = ()

    def feed(self, data: bytes) -> None:
        """Takes the next bytes of it."""
        if self.wrong:
            return
        data = self._rest + data
        self._rest = b""
        if self._dtype is None:
            data = self._begin(data)
        if self._dtype is not None:
            self._sum(data)

    def _begin(self, data: bytes) -> bytes:
        """Reads the header when all of it is there; what follows it."""
        if len(data) < 12:
            self._rest = data
            self.wrong = "" if b"\x93NUMPY".startswith(data[:6]) else "no NumPy array"
            return b""
        if data[:6] != b"\x93NUMPY" or data[6] not in {1, 2, 3}:
            self.wrong = "no NumPy array"
            return b""
        size = 2 if data[6] == 1 else 4
        length, start = int.from_bytes(data[8 : 8 + size], "little"), 8 + size
        if length > MAX_ARRAY_HEADER_BYTES:
            self.wrong = "an array with too long a header"
        elif len(data) < start + length:
            self._rest = data
        else:
            self._describe(data[start : start + length])
            return data[start + length :]
        return b""

    def _describe(self, header: bytes) -> None:
        text = header.decode("latin-1").strip()
        if not is_plain_header(text):
            self.wrong = "an array with a damaged header"
            return
        try:
            told = ast.literal_eval(text)
            descr, shape = told["descr"], told["shape"]
        except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
            self.wrong = "an array with a damaged header"
            return
        if not isinstance(descr, str) or not re.fullmatch(r"[<>=|]?(?:f[248]|[iu][1248]|c8|c16)", descr):
            objects = isinstance(descr, str) and "O" in descr
            self.wrong = "a pickle of Python objects, which is not opened" if objects else "no array of numbers"
            return
        if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
            self.wrong = "an array with a damaged header"
            return
        self._dtype, self._shape, self._left = np.dtype(descr), shape, math.prod(shape)

    def _sum(self, data: bytes) -> None:
        assert self._dtype
        width = self._dtype.itemsize
        whole = min(len(data) // width, self._left)
        piece = np.frombuffer(data, self._dtype, whole)
        with np.errstate(all="ignore"):  # NaN and overflow are results here
            self.moments.take(piece)
            if self._shape == () and whole:
                self.scalar = float(np.real(piece[0]))
        self._left -= whole
        self._rest = data[whole * width :]
        if self._left == 0 and self._rest:
            self.wrong = "an array longer than its header says"

    def end(self) -> None:
        """Tells that nothing more comes."""
        if not self.wrong and (self._dtype is None or self._left):
            self.wrong = "an array that is cut off"


class ArchiveReader:
    """Reads an `.npz` fed in pieces."""

    def __init__(self, file: str) -> None:
        self._collector = SeriesCollector(file, any_name=True)
        self._buffer = b""
        self._at = self._inflated = 0
        self._member: Member | None = None
        self._stream = ArrayStream()
        self._inflater: Any = None  # the standard library keeps the type's name to itself
        self._left: int | None = None  # packed bytes of the member still to come
        self._members: list[str] = []
        self._found: list[tuple[str, ArrayStream]] = []
        self._over = False

    def feeding(self, data: bytes) -> Paused[None]:
        """Takes the next bytes. Raises LogError."""
        if self._over:
            return
        self._buffer += data
        going = True
        while going and not self._over:
            going = (yield from self._in_member()) if self._member else self._next_member()
            yield

    def _next_member(self) -> bool:
        """Reads the next header; False when more bytes are needed for it."""
        if len(self._buffer) < 4:
            return False
        if self._buffer[:4] != b"PK\x03\x04":
            self._over = True
            if self._buffer[:4] not in {b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06"}:
                self._collector.issues.say(f"At byte {self._at:,} no array begins, as one should; the rest was left.")
            return False
        if len(self._buffer) < MEMBER_HEADER_BYTES:
            return False
        flags, method, packed, size = struct.unpack_from("<2xHH8xII", self._buffer, 4)
        name_length, extra_length = struct.unpack_from("<HH", self._buffer, 26)
        end = MEMBER_HEADER_BYTES + name_length + extra_length
        if len(self._buffer) < end:
            return False
        name = self._buffer[MEMBER_HEADER_BYTES : MEMBER_HEADER_BYTES + name_length].decode("utf-8", "replace")
        if 0xFFFFFFFF in {packed, size}:
            packed = _long_size(self._buffer[MEMBER_HEADER_BYTES + name_length : end], size == 0xFFFFFFFF, packed)
        self._begin(Member(name, method, None if flags & 8 else packed, self._at), bool(flags & 1))
        self._drop(end)
        return True

    def _begin(self, member: Member, encrypted: bool) -> None:
        if member.name.endswith("data.pkl"):
            raise LogError(f"{self._collector.file}: {CHECKPOINT_REFUSAL}")
        self._members.append(member.name)
        self._member, self._stream, self._left = member, ArrayStream(), member.packed
        self._inflater = zlib.decompressobj(-15) if member.method == 8 else None
        if encrypted:
            self._stream.wrong = "encrypted"
        elif member.method not in {0, 8}:
            self._stream.wrong = f"packed by a method (number {member.method}) that NumPy doesn't write"
        elif not member.name.endswith(".npy"):
            self._stream.wrong = "no NumPy array"
        if member.packed is None and (self._stream.wrong or self._inflater is None):
            self._stop(
                f"The size of {metric_names.clean(member.name)}, at byte {member.at:,}, is not known before its end"
            )

    def _stop(self, why: str) -> None:
        self._over, self._buffer = True, b""
        self._collector.issues.say(f"{why}; it and what follows could not be read.")

    def _drop(self, count: int) -> None:
        self._at += count
        self._buffer = self._buffer[count:]

    def _in_member(self) -> Paused[bool]:
        """Takes what is there of the member; False when more bytes are needed."""
        data = self._buffer if self._left is None else self._buffer[: self._left]
        used = len(data)
        ended = False
        if self._inflater and (not self._stream.wrong or self._left is None):
            used, ended = yield from self._inflate(data)
        elif not self._stream.wrong:
            self._stream.feed(data)
        if self._over:
            return False
        self._drop(used)
        if self._left is None:
            if ended:
                self._drop_descriptor()
        else:
            self._left -= used
            ended = self._left == 0
        if ended:
            self._end()
        return ended

    def _inflate(self, data: bytes) -> Paused[tuple[int, bool]]:
        """Inflates and sums a piece; how many bytes it took, and whether the member's end is among them."""
        member = self._member
        assert member
        rest = data
        while True:
            yield
            try:
                piece = self._inflater.decompress(rest, INFLATED_BYTES_AT_ONCE)
            except zlib.error:
                return self._fail("packed bytes that are damaged", data)
            rest = self._inflater.unconsumed_tail
            self._inflated += len(piece)
            if self._inflated > FREE_BYTES + MAX_RATIO * (self._at + len(data)):
                return self._fail(f"a zip bomb, inflating to more than {MAX_RATIO} times its size", data)
            self._stream.feed(piece)
            if self._stream.wrong and self._left is not None:
                return len(data), False
            if self._inflater.eof:
                return len(data) - len(self._inflater.unused_data), True
            if not rest and len(piece) < INFLATED_BYTES_AT_ONCE:
                return len(data), False

    def _fail(self, wrong: str, data: bytes) -> tuple[int, bool]:
        """Gives a member up; where its end is not known, the archive with it."""
        self._stream.wrong = wrong
        if self._left is None:
            self._end()
            self._stop("Where the next array begins is not known")
        return len(data), False

    def _drop_descriptor(self) -> None:
        """Passes over the sizes that follow a member whose header had none."""
        if self._buffer[:4] == b"PK\x07\x08":
            self._drop(4)
        for length in (12, 20):
            if self._buffer[length : length + 2] == b"PK":
                self._drop(length)
                return
        self._stop("Where the next array begins is not known")

    def _end(self) -> None:
        """Keeps what a member gave."""
        assert self._member
        self._stream.end()
        name = self._member.name.removesuffix(".npy")
        if self._stream.wrong:
            where = f"{metric_names.clean(self._member.name)}, byte {self._member.at:,}"
            self._collector.issues.count("members", self._stream.wrong, where)
        else:
            self._found.append((name, self._stream))
        self._member = None

    def finishing(self) -> Paused[ParsedLog]:
        """The norms of all arrays, at one step. Raises LogError when there are none."""
        if self._member:
            self._stream.wrong = self._stream.wrong or "cut off"
            self._end()
        elif not self._over:
            self._collector.issues.say(f"It is cut off at byte {self._at:,}, before its table of contents.")
        self._collector.totals["members"] = len(self._members)
        step = self._step()
        for name, stream in self._found:
            self._add(name, stream, step)
            yield
        if not self._members:
            raise LogError(f"{self._collector.file}: is an empty archive. {ARCHIVE_EXPECTED}")
        return (yield from self._collector.finishing(lambda: ARCHIVE_EXPECTED))

    def _step(self) -> float:
        """The step: an array of that name with one number, else the last number in the file's name, else 0."""
        for name, stream in self._found:
            if (
                stream.scalar is not None
                and math.isfinite(stream.scalar)
                and self._collector.metric(name).role == "step"
            ):
                return stream.scalar
        found = _STEP.search(PurePosixPath(self._collector.file).stem)
        return float(found[1]) if found else 0.0

    def _add(self, name: str, stream: ArrayStream, step: float) -> None:
        metric = self._collector.metric(name)
        if metric.role == "loss" and stream.scalar is not None:
            self._collector.loss(step, stream.scalar)
        elif metric.role == "gradient" and metric.reduction != metric_names.ASSUMED:
            self._collector.issues.count("members", "norms by their names, not raw gradients", metric_names.clean(name))
        elif metric.role in {"gradient", "bare"} and stream.moments.count:
            self._put(name, metric, stream.moments, step)

    def _put(self, name: str, metric: metric_names.MetricName, moments: Moments, step: float) -> None:
        for reduction, norm in moments.by_reduction().items():
            self._collector.put(Key("", metric.kind, reduction), name, step, norm, metric)
        self._collector.sizes[name] = moments.count


def _long_size(extra: bytes, has_size: bool, packed: int) -> int:
    """The packed size out of a header's Zip64 field (APPNOTE 4.5.3); as it was where there is none."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1:
            at = 4 + (8 if has_size else 0)
            return int.from_bytes(extra[at : at + 8], "little") if packed == 0xFFFFFFFF and length >= at + 4 else packed
        extra = extra[4 + length :]
    return packed
