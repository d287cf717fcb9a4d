"""Read and write WebAssembly modules, section by section. Instructions are not decoded.

The format: https://webassembly.github.io/spec/core/binary/modules.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tools.runtime import SetupError

HEADER: Final = b"\0asm\1\0\0\0"
FUNCTION_TYPE: Final = 0x60
REFERENCE_PREFIXES: Final = frozenset({0x63, 0x64})  # a heap type follows
END, GLOBAL_GET, I32_CONST, I64_CONST, F32_CONST, F64_CONST = 0x0B, 0x23, 0x41, 0x42, 0x43, 0x44
REF_NULL, REF_FUNC = 0xD0, 0xD2
ELEMENTS_ARE_PASSIVE, ELEMENTS_NAME_TABLE, ELEMENTS_ARE_INDICES = (
    1,
    2,
    3,
)  # flags of element segments; the last: below 4
HAS_MAXIMUM: Final = 1  # a flag of limits


class Section(IntEnum):
    """The sections' numbers."""

    CUSTOM = 0
    TYPE = 1
    IMPORT = 2
    FUNCTION = 3
    TABLE = 4
    MEMORY = 5
    GLOBAL = 6
    EXPORT = 7
    START = 8
    ELEMENT = 9
    CODE = 10
    DATA = 11
    DATA_COUNT = 12
    TAG = 13


ORDER: Final = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)  # of the sections in a module


class Kind(IntEnum):
    """The kinds of imports and exports."""

    FUNCTION = 0
    TABLE = 1
    MEMORY = 2
    GLOBAL = 3
    TAG = 4


@dataclass(frozen=True)
class Signature:
    """A function's type: its parameters and results, as the module encodes them."""

    params: tuple[bytes, ...]
    results: tuple[bytes, ...]


@dataclass(frozen=True)
class Import:
    """An import; `type` is its encoded type."""

    module: str
    name: str
    kind: Kind
    type: bytes


@dataclass(frozen=True)
class Export:
    """An export of the thing with an index."""

    name: str
    kind: Kind
    index: int


def unsigned(value: int) -> bytes:
    """Return a number in LEB128."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def signed(value: int) -> bytes:
    """Return a number in signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value & 127])


def text(value: str) -> bytes:
    """Return a name with its length."""
    return unsigned(len(value.encode())) + value.encode()


def vector(items: Iterable[bytes]) -> bytes:
    """Return items with their number."""
    listed = list(items)
    return unsigned(len(listed)) + b"".join(listed)


class Reader:
    """Reads a payload from its start."""

    def __init__(self, payload: bytes, at: int = 0) -> None:
        """Begin at an offset."""
        self.payload = payload
        self.at = at

    def byte(self) -> int:
        """Return the next byte. Raises SetupError at the end."""
        if self.at >= len(self.payload):
            raise SetupError(f"A WebAssembly module ends too early, at byte {self.at} of a section.")
        self.at += 1
        return self.payload[self.at - 1]

    def unsigned(self) -> int:
        """Return a number in LEB128."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self) -> int:
        """Return a number in signed LEB128."""
        start = self.at
        value = self.unsigned()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> (bits - 1) & 1 else value

    def take(self, count: int) -> bytes:
        """Return the next bytes. Raises SetupError if there are fewer."""
        if self.at + count > len(self.payload):
            raise SetupError(f"A WebAssembly module ends too early, at byte {self.at} of a section.")
        self.at += count
        return self.payload[self.at - count : self.at]

    def text(self) -> str:
        """Return a name."""
        return self.take(self.unsigned()).decode()

    def value_type(self) -> bytes:
        """Return an encoded value type."""
        start = self.at
        if self.byte() in REFERENCE_PREFIXES:
            self.signed()
        return self.payload[start : self.at]

    def limits(self) -> bytes:
        """Return the encoded limits of a table or a memory."""
        start = self.at
        flags = self.byte()
        self.unsigned()
        if flags & HAS_MAXIMUM:
            self.unsigned()
        return self.payload[start : self.at]

    def type_of(self, kind: Kind) -> bytes:
        """Return the encoded type of an import, a table, a memory, a global or a tag."""
        start = self.at
        if kind is Kind.TABLE:
            self.value_type()
            self.limits()
        elif kind is Kind.MEMORY:
            self.limits()
        elif kind is Kind.GLOBAL:
            self.value_type()
            self.byte()  # whether it changes
        elif kind is Kind.TAG:
            self.byte()
            self.unsigned()
        else:
            self.unsigned()
        return self.payload[start : self.at]

    def constant(self) -> int | None:
        """Read a constant expression; return its value if it is an i32. Raises SetupError for other instructions."""
        value = None
        while (code := self.byte()) != END:
            if code == I32_CONST:
                value = self.signed()
            elif code in (I64_CONST, GLOBAL_GET, REF_NULL, REF_FUNC):
                self.signed()
            elif code in (F32_CONST, F64_CONST):
                self.take(4 if code == F32_CONST else 8)
            else:
                raise SetupError(f"A WebAssembly module has the instruction {code:#x} in a constant; it is not read.")
        return value


class Module:
    """A module's sections by number; custom sections apart, in their order."""

    def __init__(self, wasm: bytes = HEADER) -> None:
        """Read a module's bytes. Raises SetupError if they are not such."""
        if not wasm.startswith(HEADER):
            raise SetupError("This is not a WebAssembly module: its first eight bytes are others.")
        self.sections: dict[int, bytes] = {}
        self.custom: list[bytes] = []
        reader = Reader(wasm, len(HEADER))
        while reader.at < len(wasm):
            number = reader.byte()
            payload = reader.take(reader.unsigned())
            if number == Section.CUSTOM:
                self.custom.append(payload)
            else:
                self.sections[number] = payload

    def encode(self) -> bytes:
        """Return the module's bytes: custom sections first, as dynamic linking wants them."""
        numbered = [(0, one) for one in self.custom]
        numbered += [(number, self.sections[number]) for number in ORDER if number in self.sections]
        return HEADER + b"".join(bytes([number]) + unsigned(len(one)) + one for number, one in numbered)

    def copy(self) -> Module:
        """Return a module with the same sections."""
        other = Module()
        other.sections, other.custom = dict(self.sections), list(self.custom)
        return other

    def entries(self, section: Section) -> Iterator[Reader]:
        """Yield a reader at each entry of a section; the caller reads the entry before it takes the next."""
        if section in self.sections:
            reader = Reader(self.sections[section])
            for _ in range(reader.unsigned()):
                yield reader

    def put(self, section: Section, items: Iterable[bytes]) -> None:
        """Replace a section; without items it goes."""
        listed = list(items)
        self.sections.pop(section, None)
        if listed:
            self.sections[section] = vector(listed)

    def add(self, section: Section, items: Iterable[bytes]) -> None:
        """Add entries at a section's end."""
        listed = list(items)
        before = Reader(self.sections.get(section, b"\0"))
        self.sections[section] = (
            unsigned(before.unsigned() + len(listed)) + before.payload[before.at :] + b"".join(listed)
        )

    def signatures(self) -> list[Signature]:
        """Return the function types. Raises SetupError for other types."""
        return [_signature(reader) for reader in self.entries(Section.TYPE)]

    def imports(self) -> list[Import]:
        """Return the imports."""
        return [_import(reader) for reader in self.entries(Section.IMPORT)]

    def exports(self) -> list[Export]:
        """Return the exports."""
        return [
            Export(reader.text(), Kind(reader.byte()), reader.unsigned()) for reader in self.entries(Section.EXPORT)
        ]

    def functions(self) -> list[int]:
        """Return the type's index of each function that the module defines."""
        return [reader.unsigned() for reader in self.entries(Section.FUNCTION)]

    def types_of(self, section: Section, kind: Kind) -> list[bytes]:
        """Return the encoded types of the tables, memories or tags that the module defines."""
        return [reader.type_of(kind) for reader in self.entries(section)]

    def bodies(self) -> list[bytes]:
        """Return the functions' bodies: their local variables and instructions."""
        return [reader.take(reader.unsigned()) for reader in self.entries(Section.CODE)]

    def functions_in_tables(self) -> set[int]:
        """Return the defined functions in tables. Raises SetupError for segments of another form than indices."""
        first = self.count(Kind.FUNCTION)
        found: set[int] = set()
        for reader in self.entries(Section.ELEMENT):
            if (flag := reader.unsigned()) > ELEMENTS_ARE_INDICES:
                raise SetupError(f"An element segment of kind {flag} is not read.")
            if flag & ELEMENTS_NAME_TABLE and not flag & ELEMENTS_ARE_PASSIVE:
                reader.unsigned()
            if not flag & ELEMENTS_ARE_PASSIVE:
                reader.constant()
            if flag:
                reader.byte()  # the kind of elements
            found.update(reader.unsigned() - first for _ in range(reader.unsigned()))
        return {one for one in found if one >= 0}

    def count(self, kind: Kind) -> int:
        """Return how many things of a kind the module imports: their indices come first."""
        return sum(one.kind is kind for one in self.imports())


def _signature(reader: Reader) -> Signature:
    if (form := reader.byte()) != FUNCTION_TYPE:
        raise SetupError(
            f"A WebAssembly module has a type of form {form:#x}; only functions ({FUNCTION_TYPE:#x}) are read."
        )
    params, results = ([reader.value_type() for _ in range(reader.unsigned())] for _ in range(2))
    return Signature(tuple(params), tuple(results))


def _import(reader: Reader) -> Import:
    module, name, kind = reader.text(), reader.text(), Kind(reader.byte())
    return Import(module, name, kind, reader.type_of(kind))


def encode_import(one: Import) -> bytes:
    """Return an import's bytes."""
    return text(one.module) + text(one.name) + bytes([one.kind]) + one.type


def encode_export(one: Export) -> bytes:
    """Return an export's bytes."""
    return text(one.name) + bytes([one.kind]) + unsigned(one.index)


def encode_signature(one: Signature) -> bytes:
    """Return a function type's bytes."""
    return bytes([FUNCTION_TYPE]) + vector(one.params) + vector(one.results)


def encode_bodies(bodies: Iterable[bytes]) -> list[bytes]:
    """Return functions' bodies with their lengths."""
    return [unsigned(len(body)) + body for body in bodies]
