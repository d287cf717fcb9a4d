"""QR codes, read by another library."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from app.view.qr_code import MAX_VERSION, QUIET_ZONE, make_qr_code, qr_path, qr_side

ROOM = {1: 17, 6: 134, 7: 154, 9: 230, 10: 271, 14: 458, 20: 858}  # bytes for which versions have room, by the standard
MOST = ROOM[MAX_VERSION]
PIXELS = 3  # a module
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=150)


def photo(dark: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """The picture of a code with its quiet zone."""
    enlarged = np.kron(dark, np.ones((PIXELS, PIXELS), np.bool_))
    return np.where(enlarged, 0, 255).astype(np.uint8)


def read(text: str) -> str:
    """The text that a reader finds in the code of a text."""
    found = zxingcpp.read_barcode(photo(np.pad(np.array(make_qr_code(text)), QUIET_ZONE)))
    assert found is not None
    return str(found.text)


@settings(max_examples=15)
@given(printable)
def test_a_reader_finds_the_text(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(("version", "size"), ROOM.items())
def test_a_version_is_filled_to_its_last_byte(version: int, size: int) -> None:
    text = "".join(chr(33 + 7 * at % 90) for at in range(size))
    assert len(make_qr_code(text)) == 17 + 4 * version
    assert read(text) == text
    if version < MAX_VERSION:
        assert len(make_qr_code(text + "x")) == 17 + 4 * (version + 1)


def test_characters_outside_of_ascii_take_several_bytes() -> None:
    text = "https://example.org/?names=слой,層,∂L"
    assert read(text) == text
    with pytest.raises(ValueError, match=rf"at most {MOST} bytes .*, got {2 * MOST}$"):
        make_qr_code("é" * MOST)


def test_the_path_draws_the_same_modules() -> None:
    modules = make_qr_code("https://example.org/?layers=3-4-4-2")
    drawn = np.zeros((qr_side(modules), qr_side(modules)), np.bool_)
    for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", qr_path(modules)):
        drawn[int(top), int(left) : int(left) + int(width)] = True
    np.testing.assert_array_equal(drawn, np.pad(np.array(modules), QUIET_ZONE))


def test_more_than_the_largest_code_holds_is_refused() -> None:
    with pytest.raises(ValueError, match=f"^text: must have at most {MOST} bytes for a QR code, got {MOST + 1}$"):
        make_qr_code("x" * (MOST + 1))
