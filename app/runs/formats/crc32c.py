"""CRC32C checksums of many messages at once, masked as TensorFlow's record files mask them. Pure.

A loop over bytes is ten times slower: numpy computes the remainders of equal blocks side by side and chains them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from ..collector import Paused, in_one_go

POLYNOMIAL: Final = 0x82F63B78  # Castagnoli's, bits reversed (RFC 3720, B.4)
MIN_BLOCKED_BYTES: Final = 512  # less in all is computed byte by byte
MIN_BLOCK_BYTES: Final = 32
MESSAGES_PER_PAUSE: Final = 64
PLACES_PER_PAUSE: Final = 16  # bytes of each block

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]


def _make_table() -> Words:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


_TABLE: Final = _make_table()
_TABLE_LIST: Final[list[int]] = _TABLE.tolist()


def computing_masked_crcs(messages: list[bytes]) -> Paused[list[int]]:
    """Compute the masked CRC32C of each message (`tensorflow/core/lib/hash/crc32c.h`), with pauses.

    Messages are cut into blocks, about as long as there are blocks. Messages with equal blocks are computed together.
    """
    crcs = [0] * len(messages)
    is_small = sum(map(len, messages)) < MIN_BLOCKED_BYTES
    positions_by_block: dict[int, list[int]] = {}
    for position, message in enumerate(messages):
        if position % (4 * MESSAGES_PER_PAUSE) == 0:
            yield
        block = 0 if is_small else _block_bytes(len(message))
        positions_by_block.setdefault(block, []).append(position)
    for block, positions in positions_by_block.items():
        chosen = [messages[position] for position in positions]
        found = (yield from _blocked_crcs(chosen, block)) if block else np.array(list(map(_bytewise_crc, chosen)), "u4")
        for position, crc in zip(positions, _masked(found).tolist(), strict=True):
            crcs[position] = crc
        yield
    return crcs


masked_crcs = in_one_go(computing_masked_crcs)


def _masked(crcs: Words) -> Words:
    return (crcs >> np.uint32(15) | crcs << np.uint32(17)) + np.uint32(0xA282EAD8)


@lru_cache(4096)
def _block_bytes(length: int) -> int:
    """The block length for a message; 0 for one that is computed byte by byte."""
    return 0 if length < 4 else max(MIN_BLOCK_BYTES, 1 << (length.bit_length() + 1) // 2)


def _blocked_crcs(messages: list[bytes], block: int) -> Paused[Words]:
    """The CRC32C of each message of at least four bytes.

    CRC32C starts from a register of ones. Inverting the first four bytes has the same effect and lets zeros stand
    before them, so each message is padded in front.
    """
    counts = [-(-len(message) // block) for message in messages]
    yield
    padded = b"".join(_padded(message, count * block) for message, count in zip(messages, counts, strict=True))
    yield
    blocks: Bytes = np.frombuffer(padded, np.uint8).reshape(-1, block)
    remainders = np.zeros(len(blocks), np.uint32)
    for place in range(block):
        remainders = _TABLE[(remainders ^ blocks[:, place]) & 0xFF] ^ (remainders >> 8)
        if place % PLACES_PER_PAUSE == PLACES_PER_PAUSE - 1:
            yield
    yield
    table = _zeros_table(block)
    yield
    return (yield from _chained(remainders, np.array(counts, np.intp), table))


def _padded(message: bytes, length: int) -> bytes:
    return ((int.from_bytes(message[:4]) ^ 0xFFFFFFFF).to_bytes(4) + message[4:]).rjust(length, b"\0")


@lru_cache
def _zeros_table(count: int) -> Words:
    """The effect of `count` zero bytes on each byte of a state: shape (4, 256). It is linear over xor."""
    values = np.arange(256, dtype=np.uint32)
    states = np.stack([np.left_shift(values, np.uint32(8 * place)) for place in range(4)])
    for _ in range(count):
        states = _TABLE[states & 0xFF] ^ (states >> 8)
    return states


def _chained(remainders: Words, counts: npt.NDArray[np.intp], table: Words) -> Paused[Words]:
    """The CRC of each message, from its blocks' remainders: the first block of every message, then the second …"""
    starts = np.cumsum(counts) - counts
    states = np.zeros(len(counts), np.uint32)
    for step in range(int(counts.max(initial=0))):
        longer = np.flatnonzero(counts > step)
        state = states[longer]
        advanced = remainders[starts[longer] + step]
        for place in range(4):
            advanced = advanced ^ table[place][(state >> (8 * place)) & 0xFF]
        states[longer] = advanced
        if step % MESSAGES_PER_PAUSE == MESSAGES_PER_PAUSE - 1:
            yield
    return states ^ np.uint32(0xFFFFFFFF)


def _bytewise_crc(message: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in message:
        state = _TABLE_LIST[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ 0xFFFFFFFF
