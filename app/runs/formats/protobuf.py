"""Protocol buffers' wire format: the fields of a message, without its schema. Pure.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

VARINT: Final = 0  # wire types
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5
MAX_VARINT_BITS: Final = 70  # ten bytes of seven bits


class MalformedError(ValueError):
    """A message breaks the wire format."""


def read_fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Each field between two offsets of a message: number, wire type, start and end of the value's bytes.

    For a varint, the start is its value. Raises MalformedError.
    """
    while at < end:
        key, at = varint(message, at, end)
        wire = key & 7
        if wire == VARINT:
            value, at = varint(message, at, end)
            yield key >> 3, wire, value, at
            continue
        if wire == BYTES:
            length, at = varint(message, at, end)
        elif wire in {FIXED64, FIXED32}:
            length = 8 if wire == FIXED64 else 4
        else:
            raise MalformedError
        if at + length > end:
            raise MalformedError
        yield key >> 3, wire, at, at + length
        at += length


def varint(message: bytes, at: int, end: int) -> tuple[int, int]:
    """The unsigned number at an offset, and the offset after it. Raises MalformedError."""
    value = shift = 0
    while at < end and shift < MAX_VARINT_BITS:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise MalformedError


def signed(number: int) -> int:
    """An int64 that was read as an unsigned varint."""
    return number - (1 << 64) if number >> 63 else number
