"""safetensors of raw gradients, of which every norm is computed. Pure.

    save_file({name: p.grad for name, p in model.named_parameters() if p.grad is not None}, "gradients-120.safetensors")

A file is the header's length as u64, little-endian, the header as JSON, and the tensors' bytes one after the other
(https://github.com/huggingface/safetensors, Format). It is read from front to back as it comes in; a tensor's bytes are
summed and let go.

Checkpoints of weights have the same form. One that looks like a checkpoint is refused; what else says nothing of
gradients is taken for them, with a remark.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple, TypeGuard

import numpy as np
import numpy.typing as npt

from .. import metric_names
from ..collector import MAX_NAMES, Key, LogError, ParsedLog, Paused, SeriesCollector
from .npz import MAX_HEADER_DEPTH, Moments

LENGTH: Final = 8  # bytes before the header
MAX_HEADER_BYTES: Final = 4 << 20
MAX_PIECE: Final = 1 << 18  # bytes that are summed without a pause
OVERLAPPING: Final = "laid over another one"
METADATA: Final = "__metadata__"
DTYPES: Final = {  # as numpy calls them; BF16 is the upper half of a float32
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "C64": "<c8",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
}
SAVE: Final = (
    "save_file({name: p.grad for name, p in model.named_parameters() if p.grad is not None}, "
    "'gradients-120.safetensors')"
)
TENSORS_EXPECTED: Final = f"Expected is what safetensors.torch.{SAVE} writes."
GRADIENTS_ASSUMED: Final = (
    "It doesn't say what its tensors are: taken for gradients. If they are weights, their norms say nothing."
)
_CHECKPOINT: Final = re.compile(
    r"(?:^|[_.-])(?:model|weights|checkpoint|ckpt|lora|vae|unet|consolidated)(?:[_.-]|$)", re.IGNORECASE
)
_GRADIENT: Final = re.compile(r"grad", re.IGNORECASE)
_STEP: Final = re.compile(r"(\d{1,15})(?!.*\d)", re.DOTALL)  # the last number in a file's name
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class Tensor(NamedTuple):
    """A tensor as the header describes it; `start` and `end` count from the header's end."""

    name: str
    dtype: str
    elements: int
    start: int
    end: int


def is_safetensors(head: bytes) -> bool:
    """True for a file that begins with the length of a header and the header's brace."""
    return (
        len(head) > LENGTH and head[LENGTH : LENGTH + 1] == b"{" and int.from_bytes(head[:LENGTH], "little") < 1 << 32
    )


class SafetensorsReader:
    """Reads a `.safetensors` file that is fed in pieces."""

    def __init__(self, file: str) -> None:
        self._collector = SeriesCollector(file, any_name=True)
        self._buffer = b""
        self._at = 0  # the buffer's offset, from the header's end
        self._tensors: list[Tensor] | None = None  # still to come, in the order of their bytes
        self._names: list[str] = []  # in the header's order
        self._found: dict[str, Moments] = {}
        self._moments = Moments()
        self._step: float | None = None

    def feeding(self, data: bytes) -> Paused[None]:
        """Take the next bytes. Raises LogError."""
        self._buffer += data
        if self._tensors is None and not self._read_header():
            return
        self._end_tensors()
        rest = memoryview(self._buffer)
        while rest and (used := self._sum_piece(rest)):
            self._at += used
            rest = rest[used:]
            self._end_tensors()
            yield
        self._buffer = bytes(rest)

    def _read_header(self) -> bool:
        """Read the header once all of it is there."""
        length = int.from_bytes(self._buffer[:LENGTH], "little")
        if length > MAX_HEADER_BYTES:
            self._refuse(f"has a header of {length:,} bytes, and at most {MAX_HEADER_BYTES:,} are read")
        if len(self._buffer) < LENGTH + length:
            return False
        header = _decoded(self._buffer[LENGTH : LENGTH + length])
        if header is None:
            self._refuse("has a damaged header")
        else:
            self._describe(header)
        self._buffer = self._buffer[LENGTH + length :]
        return True

    def _refuse(self, why: str) -> None:
        raise LogError(f"{self._collector.file}: {why}. {TENSORS_EXPECTED}")

    def _describe(self, header: dict[str, Any]) -> None:
        metadata = header.pop(METADATA, {})
        metadata = metadata if isinstance(metadata, Mapping) else {}
        self._check_is_gradients(header, metadata)
        self._step = _number(metadata.get("step"))
        tensors = []
        for name, told in header.items():
            tensor = _described(name, told)
            if tensor is None:
                self._leave_out(name, "described wrongly in the header")
            elif tensor.dtype not in DTYPES:
                self._leave_out(name, f"stored as {metric_names.clean(tensor.dtype)}, which is not read")
            else:
                tensors.append(tensor)
        self._collector.totals["tensors"] = len(header)
        self._names = [tensor.name for tensor in tensors]
        self._tensors = sorted(tensors, key=lambda tensor: tensor.start)

    def _check_is_gradients(self, header: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Refuse a checkpoint, and say what is assumed of a file that says nothing of gradients."""
        file = PurePosixPath(self._collector.file).stem
        told = (file, *metadata, *map(str, metadata.values()), *header)
        if any(map(_GRADIENT.search, told)):
            return
        if "format" in metadata or _CHECKPOINT.search(file):
            self._refuse("looks like a checkpoint, which holds weights and no gradients")
        self._collector.issues.say(GRADIENTS_ASSUMED)

    def _leave_out(self, name: str, wrong: str) -> None:
        self._collector.issues.count("tensors", wrong, metric_names.clean(name))

    def _sum_piece(self, data: memoryview) -> int:
        """Sum the next bytes of the tensor at hand; how many were used, 0 where more must come."""
        if not self._tensors:
            return len(data)
        tensor = self._tensors[0]
        if self._at < tensor.start:
            return min(tensor.start - self._at, len(data))
        dtype = np.dtype(DTYPES[tensor.dtype])
        count = min(len(data), tensor.end - self._at, MAX_PIECE) // dtype.itemsize
        if count:
            self._moments.take(_floats(np.frombuffer(data, dtype, count), tensor.dtype))
        return count * dtype.itemsize

    def _end_tensors(self) -> None:
        """Keep the tensors whose bytes have all come, and leave out one that starts before the last one's end."""
        while self._tensors and self._at >= self._tensors[0].end:
            tensor = self._tensors.pop(0)
            if self._moments.count == tensor.elements:
                self._found[tensor.name] = self._moments
            else:
                self._leave_out(tensor.name, OVERLAPPING)
            self._moments = Moments()
        while self._tensors and self._at > self._tensors[0].start and not self._moments.count:
            self._leave_out(self._tensors.pop(0).name, OVERLAPPING)

    def finishing(self) -> Paused[ParsedLog]:
        """The norms of all tensors, at one step. Raises LogError where there are none."""
        if self._tensors is None:
            self._refuse(f"is cut off in its header, at byte {len(self._buffer):,}")
        for tensor in self._tensors or ():
            self._leave_out(tensor.name, "cut off")
        if not self._collector.totals["tensors"]:
            self._refuse("holds no tensors")
        step = self._step if self._step is not None else _step_in_name(self._collector.file)
        for name in self._names[: 4 * MAX_NAMES]:
            if name in self._found:
                self._put(name, self._found[name], step)
                yield
        return (yield from self._collector.finishing(lambda: TENSORS_EXPECTED))

    def _put(self, name: str, moments: Moments, step: float) -> None:
        metric = self._collector.metric(name)
        if metric.role not in {"gradient", "bare"} or not moments.count:
            return
        if metric.role == "gradient" and metric.reduction != metric_names.ASSUMED:
            self._leave_out(name, "norms by their names, not raw gradients")
            return
        for reduction, norm in moments.by_reduction().items():
            self._collector.put(Key("", metric.kind, reduction), name, step, norm, metric)
        self._collector.sizes[name] = moments.count


def _decoded(header: bytes) -> dict[str, Any] | None:
    """The header's object; None for what is none. How deep it is nested is looked at first."""
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", _STRING.sub(b"", header)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_HEADER_DEPTH:
            return None
    try:
        told = json.loads(header)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _described(name: str, told: object) -> Tensor | None:
    """A tensor as the header describes it; None where that makes no sense."""
    if not isinstance(told, Mapping):
        return None
    dtype, shape, offsets = (told.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not isinstance(dtype, str) or not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        return None
    count, (start, end) = math.prod(shape), offsets
    if dtype in DTYPES and end - start != count * np.dtype(DTYPES[dtype]).itemsize:
        return None
    return Tensor(name, dtype, count, start, end)


def _are_sizes(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 1 << 62 for value in values)


def _floats(values: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    return (values.astype("<u4") << 16).view("<f4") if dtype == "BF16" else values


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str) else math.nan  # metadata holds text alone
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _step_in_name(file: str) -> float:
    found = _STEP.search(PurePosixPath(file).stem)
    return float(found[1]) if found else 0.0
