"""Data of Pyodide's WebAssembly module that only the second half of it uses, and that comes with it.

It is constant: tables of codecs for Chinese, Japanese and Korean, the names and decompositions of characters, tables of
mathematics, docstrings, and the code of Python's built-in modules, which the memory snapshot has imported. The build
refuses a first half that has one of these addresses in its code. Nothing shorter than some pages is worth an entry, and
no range begins close behind an address that is used: it could be a long table's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.runtime import SetupError

# Addresses of the first byte and of the byte after the last.
RANGES: Final = (
    (425_984, 442_368),  # docstrings
    (671_744, 704_512),  # docstrings
    (724_992, 802_816),  # docstrings
    (802_816, 2_031_616),  # codecs; the database of unicodedata
    (2_113_536, 2_129_920),  # docstrings
    (2_166_784, 2_179_072),  # docstrings
    (2_195_456, 2_211_840),  # docstrings
    (2_232_320, 2_260_992),  # docstrings
    (2_293_760, 2_719_744),  # built-in modules as bytecode
    (2_834_432, 2_949_120),  # codecs
    (3_080_192, 3_129_344),  # exponential, logarithm and powers; numbers to text in C++
)
# Numbers in the code of the first half that are no addresses: masks, the largest character, factors of hashes.
NUMBERS: Final = frozenset(
    {
        *(
            786_433,
            925_824,
            983_040,
            983_552,
            999_999,
            1_000_000,
            1_000_003,
            1_047_552,
            1_048_320,
            1_048_575,
            1_048_576,
        ),
        *(1_052_672, 1_114_111, 1_114_112, 1_179_648, 1_664_525, 2_531_011, 2_626_848, 2_714_388),
    }
)
CONSTANT: Final = re.compile(r"i32\.const (\d+)|offset=(\d+)")  # in WebAssembly's text format


def check(start: str) -> None:
    """Raise SetupError if the first half, in WebAssembly's text format, may use an address of the data."""
    if found := sorted(addresses(start)):
        raise SetupError(
            f"The first half of pyodide.asm.wasm has {found[0]} in its code, which may be an address of data that "
            "comes with the second half: change RANGES or NUMBERS in tools/cold_data.py."
        )


def addresses(start: str) -> Iterator[int]:
    """Yield the numbers in a module's code that may be addresses of the data."""
    for constant, offset in set(CONSTANT.findall(start)):
        number = int(constant or offset)
        if any(first <= number < end for first, end in RANGES) and (offset or number not in NUMBERS):
            yield number
