"""Small logs of every shape that is read, made here."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.runs.formats.crc32c import masked_crcs


def varint(number: int) -> bytes:
    """A number as protocol buffers have it."""
    number &= 0xFFFFFFFFFFFFFFFF
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(digits) + bytes([number])


def field(number: int, value: int | float | bytes | str) -> bytes:
    """A field of a message: a varint, a double, or bytes."""
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def scalar(tag: str, value: float) -> bytes:
    """A Summary.Value with a simple value."""
    return field(1, tag) + varint(2 << 3 | 5) + struct.pack("<f", value)


def histogram(tag: str, low: float, high: float, count: float, squares: float) -> bytes:
    """A Summary.Value with a histogram, and two buckets that nobody reads."""
    moments = field(1, low) + field(2, high) + field(3, count) + field(4, 0.0) + field(5, squares)
    return field(1, tag) + field(5, moments + field(6, struct.pack("<2d", 0, 1)) + field(7, struct.pack("<2d", 1, 2)))


def event(step: int, *values: bytes) -> bytes:
    """An Event with a summary of these values."""
    return field(1, 1.5e9) + field(2, step) + field(5, b"".join(field(1, value) for value in values))


def sealed(*messages: bytes) -> bytes:
    """Messages as an event file's records."""
    records = []
    for message in messages:
        length = struct.pack("<Q", len(message))
        sums = masked_crcs([length, message])
        records.append(length + struct.pack("<I", sums[0]) + message + struct.pack("<I", sums[1]))
    return b"".join(records)


VERSION = field(1, 1.5e9) + field(3, "brain.Event:2")


def event_file() -> bytes:
    """Scalars and histograms over some steps, and what is no gradient."""
    picture = field(1, "picture") + field(4, field(1, 9) + field(4, bytes(30)))
    tensor = field(1, "grad_norm/c.weight") + field(8, field(1, 1) + field(5, struct.pack("<f", 0.5)))
    steps = [
        event(
            step, scalar("grad_norm/a.weight", 0.5 * step), histogram("gradients/b.weight", -1.0, 2.0, 4.0, 9.0), tensor
        )
        for step in range(3)
    ]
    return sealed(VERSION, *steps, event(3, picture), event(3, scalar("loss", 0.5)))


def archive(arrays: Mapping[str, Any], packed: bool = True) -> bytes:
    """An `.npz`, written by numpy."""
    buffer = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def streamed_archive() -> bytes:
    """An `.npz` written to where one can't go back, so that sizes follow the members."""

    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

    buffer, array = OneWay(), io.BytesIO()
    np.save(array, np.arange(5.0))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("a.weight.npy", array.getvalue())
        members.writestr("b.weight.npy", array.getvalue())
    return buffer.getvalue()


GRADIENTS = {
    "a.weight": np.arange(6.0).reshape(2, 3),
    "a.bias": np.array([1, np.nan], np.float32),
    "b.weight": np.ones(3, np.complex64),
}
SAMPLES: dict[str, bytes] = {
    "run.jsonl": b"".join(
        json.dumps({"step": at, "loss": 0.5, "grad_norm/a.weight": at / 3, "grad_norm/b": float("nan")}).encode()
        + b"\n"
        for at in range(4)
    ),
    "dict.json": b'{\n "fc1.weight": 3.1e-4,\n "deeper": {"fc2.weight": 0.012}\n}',
    "history.json": b'[{"step": 1, "grad_norm/a": 1}, {"step": 2, "grad_norm/a": 2}]',
    "printed.txt": b"Step 3\nfc1.weight: tensor(0.1)\nfc2.weight = nan\nStep 4\nfc1.weight: 2, fc2.weight: inf\n",
    "dicts.txt": b"{'fc1.weight': tensor(0.0120, device='cuda:0'), 'fc2.weight': nan}\n" * 2,
    "metrics.csv": b"epoch,grad_2.0_norm/a.weight,grad_2.0_norm_total,step,loss\n0,0.5,0.5,1,\n0,,,1,0.3\n1,nan,,2,\n",
    "chart.csv": b'"Step","r - grad_norm/a","r - grad_norm/a__MIN","s - grad_norm/a"\n"1","5","1",""\n"2","","","7"\n',
    "run-x-tag-grad_norm_a.weight.csv": b"Wall time,Step,Value\n1654943296.2,0,0.0123\n1654943297.2,1,0.1\n",
    "run-x-tag-grad_norm_a.weight.json": b"[[1654943296.2,0,0.0123],[1654943297.2,1,0.1]]",
    "german.csv": b"step;grad_norm/a\n1;0,5\n2;1e-3\n",
    "wide.txt": "fc1.weight: 1\nfc2.weight: 2\n".encode("utf-16"),
    "events.out.tfevents.1": event_file(),
    "packed-1.npz": archive(GRADIENTS),
    "plain-2.npz": archive(
        {"a.weight": np.arange(3, dtype=np.int16), "step": np.array(7), "loss": np.array(0.5)}, False
    ),
    "streamed-3.npz": streamed_archive(),
}
