"""A WebAssembly module is read and written without a change, and what is not understood is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.places import ROOT
from tools.runtime import SetupError
from tools.wasm_halves import WASM
from tools.wasm_sections import (
    HEADER,
    Export,
    Kind,
    Module,
    Reader,
    Section,
    Signature,
    encode_export,
    encode_signature,
    signed,
    text,
    unsigned,
)


@given(st.integers(0, 2**64 - 1))
def test_an_unsigned_number_comes_back(value: int) -> None:
    encoded = unsigned(value)
    assert Reader(encoded).unsigned() == value
    assert len(encoded) == max(1, -(-value.bit_length() // 7))


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_signed_number_comes_back(value: int) -> None:
    reader = Reader(signed(value) + b"\0")
    assert (reader.signed(), reader.at) == (value, len(signed(value)))


def test_numbers_are_encoded_as_the_standard_shows() -> None:
    assert (unsigned(624_485), signed(-123_456)) == (b"\xe5\x8e\x26", b"\xc0\xbb\x78")


@given(st.text())
def test_a_name_comes_back(value: str) -> None:
    assert Reader(text(value)).text() == value


def test_the_pinned_module_is_written_as_it_was_read() -> None:
    wasm = (ROOT / WASM).read_bytes()
    module = Module(wasm)
    assert module.encode() == wasm
    module.put(Section.EXPORT, map(encode_export, module.exports()))
    module.put(Section.TYPE, map(encode_signature, module.signatures()))
    assert module.encode() == wasm


def test_entries_are_added_at_a_sections_end() -> None:
    module = Module()
    module.add(Section.EXPORT, [encode_export(Export("a", Kind.FUNCTION, 300))])
    module.add(Section.EXPORT, [encode_export(Export("∂", Kind.TAG, 0))])
    assert module.exports() == [Export("a", Kind.FUNCTION, 300), Export("∂", Kind.TAG, 0)]
    assert module.encode() == HEADER + b"\7\x0c\2\1a\0\xac\2\3\xe2\x88\x82\4\0"


def test_a_section_without_entries_goes() -> None:
    module = Module()
    module.put(Section.TYPE, [encode_signature(Signature((b"\x7f",), ()))])
    module.put(Section.TYPE, [])
    assert module.encode() == HEADER


@pytest.mark.parametrize(
    ("wasm", "reason"),
    [
        (b"<!doctype html>", "This is not a WebAssembly module"),
        (HEADER + b"\1\5\1", "ends too early, at byte 10 of a section"),
        (HEADER + b"\1", "ends too early, at byte 9 of a section"),
    ],
)
def test_other_bytes_are_refused(wasm: bytes, reason: str) -> None:
    with pytest.raises(SetupError, match=reason):
        Module(wasm)


def test_types_that_are_not_functions_are_refused() -> None:
    with pytest.raises(SetupError, match=r"a type of form 0x5f; only functions \(0x60\) are read"):
        Module(HEADER + b"\1\3\1\x5f\0").signatures()


def test_constants_of_all_kinds_are_read() -> None:
    for encoded, value in [
        (b"\x41\x80\x7f\x0b", -128),
        (b"\x42\1\x0b", None),
        (b"\x43\0\0\0\0\x0b", None),
        (b"\x44" + bytes(8) + b"\x0b", None),
        (b"\x23\1\x0b", None),
        (b"\xd0\x70\x0b", None),
    ]:
        reader = Reader(encoded)
        assert (reader.constant(), reader.at) == (value, len(encoded))
    with pytest.raises(SetupError, match="instruction 0x6a in a constant"):
        Reader(b"\x6a\x0b").constant()


@pytest.mark.parametrize(
    "segment",
    [b"\0\x41\0\x0b\2\1\3", b"\2\0\x41\0\x0b\0\2\1\3", b"\1\0\2\1\3", b"\3\0\2\1\3"],
    ids=["active", "of a table", "passive", "declared"],
)
def test_functions_in_tables_are_found(segment: bytes) -> None:
    module = Module(HEADER + b"\2\6\1\0\1f\0\0")  # with one imported function
    module.put(Section.ELEMENT, [segment, segment])
    assert module.functions_in_tables() == {0, 2}


def test_elements_that_are_expressions_are_refused() -> None:
    module = Module()
    module.put(Section.ELEMENT, [b"\4\x41\0\x0b\0"])
    with pytest.raises(SetupError, match=r"^An element segment of kind 4 is not read\.$"):
        module.functions_in_tables()
