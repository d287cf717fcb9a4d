"""Protocol buffers' wire format: fields as they were written, and any bytes at all."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.formats.protobuf import MalformedError, read_fields, signed, varint
from tests.support.log_samples import field
from tests.support.log_samples import varint as written


@given(st.integers(0, 2**64 - 1), st.binary(max_size=5))
def test_a_number_is_read_as_it_was_written(number: int, after: bytes) -> None:
    data = written(number)
    assert varint(data + after, 0, len(data) + len(after)) == (number, len(data))


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_below_zero_is_its_complement_of_two(number: int) -> None:
    assert signed(number & 0xFFFFFFFFFFFFFFFF) == number


def test_fields_of_every_type_follow_each_other() -> None:
    message = field(1, 300) + field(2, 0.5) + field(3, "text") + b"\x25" + struct.pack("<f", 1)
    found = [
        (number, wire, message[start:end] if wire else start)
        for number, wire, start, end in read_fields(message, 0, len(message))
    ]
    assert found == [(1, 0, 300), (2, 1, struct.pack("<d", 0.5)), (3, 2, b"text"), (4, 5, struct.pack("<f", 1))]


@pytest.mark.parametrize(
    "message",
    [b"\x08", b"\x0a\x05abc", b"\x0b", b"\x09\0\0", b"\xff" * 11],
    ids=["number", "text", "type", "double", "key"],
)
def test_a_message_that_breaks_off_is_refused(message: bytes) -> None:
    with pytest.raises(MalformedError):
        list(read_fields(message, 0, len(message)))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_none(content: bytes) -> None:
    try:
        found = list(read_fields(content, 0, len(content)))
    except MalformedError:
        return
    assert all(end <= len(content) for _, _, _, end in found)
