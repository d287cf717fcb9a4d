"""QR codes of short texts such as addresses, in byte mode (ISO/IEC 18004). Pure.

A module is one square of the code, True if it is dark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

Modules = tuple[tuple[bool, ...], ...]  # row by row, without the quiet zone
QUIET_ZONE: Final = 4  # modules around the code that stay light
MAX_VERSION: Final = 20  # 97 modules a side: a third of a millimetre each at the size in which they are printed


class Correction(NamedTuple):
    """A level of error correction: its bits in the code, and two numbers for each version from 1."""

    bits: int
    codewords: tuple[int, ...]  # of error correction in a block
    blocks: tuple[int, ...]


CORRECTIONS: Final = (  # the better one is taken if it needs no larger version
    Correction(
        0b00,
        (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26),
        (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16),
    ),
    Correction(
        0b01,
        (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28),
        (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8),
    ),
)
MASKS: Final[tuple[Callable[[int, int], int], ...]] = (  # by row and column; a module is turned where it is 0
    lambda row, column: (row + column) % 2,
    lambda row, _column: row % 2,
    lambda _row, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
)
_RUN: Final = re.compile(r"0{5,}|1{5,}")
_FINDER_LIKE: Final = re.compile(r"(?=10111010000|00001011101)")
_BYTE_MODE: Final = 0b0100
_PADDING: Final = (0xEC, 0x11)
_FIELD: Final = 0x11D  # of the Reed–Solomon code
_FORMAT: Final = (0x537, 10)  # the generator of the format's check bits, and their number
_FORMAT_MASK: Final = 0x5412
_VERSION: Final = (0x1F25, 12)  # the same for the version's
FIRST_WITH_VERSION: Final = 7  # a smaller version is told by its size alone


def make_qr_code(text: str) -> Modules:
    """The modules of the smallest code for a text. Raises ValueError if it is too long for MAX_VERSION."""
    data = text.encode()
    version = next((one for one in range(1, MAX_VERSION + 1) if len(data) <= _room(one, CORRECTIONS[-1])), 0)
    if not version:
        most = _room(MAX_VERSION, CORRECTIONS[-1])
        raise ValueError(f"text: must have at most {most} bytes for a QR code, got {len(data)}")
    correction = next(one for one in CORRECTIONS if len(data) <= _room(version, one))
    bits = "".join(f"{codeword:08b}" for codeword in _codewords(data, version, correction))
    fixed = _fixed_modules(version)
    return min((_masked(fixed, bits, correction, mask) for mask in range(len(MASKS))), key=_penalty)


def qr_path(modules: Modules) -> str:
    """The dark modules as the path of an SVG, one unit each, with the quiet zone around them."""
    runs = ((row, found) for row, line in enumerate(modules) for found in re.finditer("1+", _written(line)))
    return "".join(
        f"M{QUIET_ZONE + run.start()} {QUIET_ZONE + row}h{len(run[0])}v1h-{len(run[0])}z" for row, run in runs
    )


def qr_side(modules: Modules) -> int:
    """The modules on each side of a code with its quiet zone."""
    return len(modules) + 2 * QUIET_ZONE


# The text as codewords.


def _count_bits(version: int) -> int:
    """The bits in which the length of the text is written."""
    return 8 if version < 10 else 16


def _room(version: int, correction: Correction) -> int:
    """The bytes of text for which a version has room."""
    return (8 * _data_codewords(version, correction) - 4 - _count_bits(version)) // 8


def _data_codewords(version: int, correction: Correction) -> int:
    return _all_codewords(version) - correction.codewords[version - 1] * correction.blocks[version - 1]


def _all_codewords(version: int) -> int:
    """The codewords of data and correction for which there are modules."""
    side, rows = 17 + 4 * version, version // 7 + 2 if version > 1 else 0
    finders, format_ = 3 * 8 * 8, 31
    timings = 2 * (side - 16)
    alignments = 25 * (rows * rows - 3) - 10 * (rows - 2) if rows else 0  # those on the timings cover 5 of these
    versions = 36 if version >= FIRST_WITH_VERSION else 0
    return (side * side - finders - format_ - timings - alignments - versions) // 8


def _codewords(data: bytes, version: int, correction: Correction) -> list[int]:
    """All codewords in the order in which they are placed: the blocks' first ones, their second ones, and so on."""
    blocks = list(_blocks(_padded(data, version, correction), correction.blocks[version - 1]))
    checks = [_check_codewords(block, correction.codewords[version - 1]) for block in blocks]
    return [*_interleaved(blocks), *_interleaved(checks)]


def _padded(data: bytes, version: int, correction: Correction) -> list[int]:
    size = _data_codewords(version, correction)
    text = f"{_BYTE_MODE:04b}{len(data):0{_count_bits(version)}b}" + "".join(f"{byte:08b}" for byte in data)
    text = (text + "0000")[: 8 * size]
    text += "0" * (-len(text) % 8)
    found = [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]
    return found + [_PADDING[at % 2] for at in range(size - len(found))]


def _blocks(codewords: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    """The blocks of the data. The last ones are longer by a codeword if the data can't be shared evenly."""
    size, longer = divmod(len(codewords), count)
    start = 0
    for block in range(count):
        end = start + size + (block >= count - longer)
        yield codewords[start:end]
        start = end


def _interleaved(blocks: Sequence[Sequence[int]]) -> list[int]:
    longest = max(map(len, blocks))
    return [block[at] for at in range(longest) for block in blocks if at < len(block)]


def _check_codewords(block: Sequence[int], count: int) -> list[int]:
    """The codewords of error correction: the remainder of the block's polynomial by the generator."""
    generator = _generator(count)
    rest = [0] * count
    for codeword in block:
        factor = codeword ^ rest.pop(0)
        rest.append(0)
        rest = [one ^ _times(other, factor) for one, other in zip(rest, generator, strict=True)]
    return rest


def _generator(count: int) -> list[int]:
    """The coefficients of (x − 1)(x − 2)(x − 4) … without the first, which is 1."""
    found, root = [0] * (count - 1) + [1], 1
    for _ in range(count):
        shifted = [*found[1:], 0]
        found = [_times(one, root) ^ other for one, other in zip(found, shifted, strict=True)]
        root = _times(root, 2)
    return found


def _times(one: int, other: int) -> int:
    """The product of two elements of the field of 256."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one = one << 1 if one < 0x80 else one << 1 ^ _FIELD
        other >>= 1
    return product


# The modules that are the same for all texts. None stands for the others.

Fixed = list[list[bool | None]]


def _fixed_modules(version: int) -> Fixed:
    """The patterns by which a code is found, the version, and room for the format."""
    side = 17 + 4 * version
    fixed: Fixed = [[None] * side for _ in range(side)]
    for row, column in ((3, 3), (3, side - 4), (side - 4, 3)):
        _put_rings(fixed, (row, column), 4, (0, 1, 3))
    places = _alignment_places(version, side)
    for row in places:
        for column in places:
            if fixed[row][column] is None:
                _put_rings(fixed, (row, column), 2, (0, 2))
    for at in range(8, side - 8):
        fixed[6][at] = fixed[at][6] = at % 2 == 0
    for row, column in _format_places(side):
        fixed[row][column] = False
    fixed[side - 8][8] = True
    _put_version(fixed, version)
    return fixed


def _put_rings(fixed: Fixed, middle: tuple[int, int], reach: int, dark: Sequence[int]) -> None:
    """Put square rings around a middle, as far as they are inside. `dark`: the rings that are dark."""
    side = len(fixed)
    for row in range(max(middle[0] - reach, 0), min(middle[0] + reach + 1, side)):
        for column in range(max(middle[1] - reach, 0), min(middle[1] + reach + 1, side)):
            ring = max(abs(row - middle[0]), abs(column - middle[1]))
            fixed[row][column] = ring in dark


def _alignment_places(version: int, side: int) -> list[int]:
    """The rows and columns of the alignment patterns."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = -(-(side - 13) // (2 * (count - 1))) * 2
    return [6, *sorted(side - 7 - step * at for at in range(count - 1))]


def _format_places(side: int) -> list[tuple[int, int]]:
    """The places of the format's 15 bits, the highest first, around the first corner, and then the same elsewhere."""
    near = [0, 1, 2, 3, 4, 5, 7, 8]
    first = [(8, column) for column in near] + [(row, 8) for row in reversed(near[:-1])]
    second = [(side - 1 - at, 8) for at in range(7)] + [(8, side - 8 + at) for at in range(8)]
    return first + second


def _put_version(fixed: Fixed, version: int) -> None:
    if version < FIRST_WITH_VERSION:
        return
    side = len(fixed)
    bits = _with_check(version, *_VERSION)
    for at in range(18):
        row, column = at // 3, side - 11 + at % 3
        fixed[row][column] = fixed[column][row] = bool(bits >> at & 1)


def _with_check(value: int, generator: int, count: int) -> int:
    """A value followed by its check bits."""
    rest = value
    for _ in range(count):
        rest = (rest << 1) ^ (generator if rest >> (count - 1) & 1 else 0)
    return value << count | rest


# The code with a mask, and how well it can be read.


def _masked(fixed: Fixed, bits: str, correction: Correction, mask: int) -> Modules:
    modules = [list(row) for row in fixed]
    turns, side = MASKS[mask], len(fixed)
    free = ((row, column) for row, column in _course(side) if modules[row][column] is None)
    for at, (row, column) in enumerate(free):
        dark = at < len(bits) and bits[at] == "1"  # the last modules have no bits
        modules[row][column] = dark != (turns(row, column) == 0)
    written = _with_check(correction.bits << 3 | mask, *_FORMAT) ^ _FORMAT_MASK
    for at, (row, column) in enumerate(_format_places(side)):
        modules[row][column] = bool(written >> (14 - at % 15) & 1)
    return tuple(tuple(bool(module) for module in row) for row in modules)


def _course(side: int) -> Iterator[tuple[int, int]]:
    """The places in the order of the bits: pairs of columns from the right, alternately upwards and downwards."""
    rights = [right if right > 6 else right - 1 for right in range(side - 1, 0, -2)]
    for at, right in enumerate(rights):
        for row in range(side) if at % 2 else range(side - 1, -1, -1):
            yield row, right
            yield row, right - 1


def _penalty(modules: Modules) -> int:
    """The number by which codes with different masks are compared; the lowest can be read best."""
    rows = [_written(row) for row in modules]
    lines = rows + [_written(column) for column in zip(*modules, strict=True)]
    runs = sum(found.end() - found.start() - 2 for line in lines for found in _RUN.finditer(line))
    finders = sum(1 for line in lines for _ in _FINDER_LIKE.finditer(f"0000{line}0000"))
    squares = sum(
        upper[at : at + 2] == lower[at : at + 2] in {"00", "11"}
        for upper, lower in pairwise(rows)
        for at in range(len(upper) - 1)
    )
    dark = sum(row.count("1") for row in rows) / len(rows) ** 2
    return runs + 3 * squares + 40 * finders + 10 * int(abs(dark - 0.5) * 20)


def _written(line: Sequence[bool]) -> str:
    return "".join("1" if module else "0" for module in line)
