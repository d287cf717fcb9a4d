"""CRC32C against the standard's examples and against a computation bit by bit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.formats.crc32c import MIN_BLOCKED_BYTES, masked_crcs


def crc32c(message: bytes) -> int:
    """Bit by bit, from the definition (RFC 3720, B.4)."""
    state = 0xFFFFFFFF
    for byte in message:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def unmasked(crc: int) -> int:
    rotated = (crc - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("message", "crc"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
    ],
)
def test_checksums_are_those_of_the_standard(message: bytes, crc: int) -> None:
    assert unmasked(masked_crcs([message])[0]) == crc  # RFC 3720, B.4
    assert unmasked(masked_crcs([message, bytes(MIN_BLOCKED_BYTES)])[0]) == crc


@given(st.lists(st.binary(max_size=700), max_size=12))
def test_checksums_of_many_are_those_of_each(messages: list[bytes]) -> None:
    assert [unmasked(crc) for crc in masked_crcs(messages)] == [crc32c(message) for message in messages]


def test_the_checksum_of_a_long_message_is_taken_too() -> None:
    message = bytes(range(256)) * 130
    assert unmasked(masked_crcs([message])[0]) == crc32c(message)
