"""Split a WebAssembly module in two: the functions that a page's start calls, and the rest, which comes later.

Both have all functions' indices. In the first, each cold function is a stub: it calls through the table `split.cold`,
which the second module fills; before that it calls the table's first entry, which brings the second module
(web/split-wasm.js). In the second, each hot function is a stub that calls through the table `split.hot`. All else
(memory, tables, variables, tags) belongs to the first module, and the second imports it under the same names. So the
slots of the module's own tables stay as they were, and a memory that the whole module made fits the first one.

Binaryen's wasm-split is not used: npm's package has none, and version 108 of other packages makes an import from
JavaScript of each of 10,000 cold functions and puts all of them into the module's own function table.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tools.runtime import SetupError
from tools.wasm_sections import (
    Export,
    Import,
    Kind,
    Module,
    Reader,
    Section,
    Signature,
    encode_bodies,
    encode_export,
    encode_import,
    encode_signature,
    signed,
    text,
    unsigned,
    vector,
)

NAMESPACE: Final = "split"  # of what the first module exports to the second
COLD: Final = f"{NAMESPACE}.cold"  # the table of cold functions: slot 0 brings them
HOT: Final = f"{NAMESPACE}.hot"
I32, FUNCREF = b"\x7f", b"\x70"
END, CALL, CALL_INDIRECT, LOCAL_GET, I32_CONST = b"\x0b", b"\x10", b"\x11", b"\x20", b"\x41"
TABLE_GET, REF_IS_NULL, IF_VOID = b"\x25", b"\xd1", b"\x04\x40"
DATA_COPIES: Final = 0  # the flag of a data segment that is copied into memory 0 at the start
ELEMENTS_OF_TABLE: Final = b"\x02"  # the flag of an element segment that names its table
VARIABLE: Final = 1  # the flag of a global that can change


@dataclass(frozen=True)
class Halves:
    """The two modules, and the initial memory that the first one lacks: bytes and where they begin."""

    start: bytes
    rest: bytes
    memory: bytes
    memory_at: int


def split(wasm: bytes, hot: Collection[int], late: Sequence[tuple[int, int]] = ()) -> Halves:
    """Split a module; `hot` are the functions of the first module, counted without imported ones.

    The second module brings the data in the ranges `late`: addresses of the first byte and of the one after the last.
    Raises SetupError for a module with passive data or with types other than functions.
    """
    return _Split(Module(wasm), hot).halves(late)


class _Split:
    """One split: the whole module, its hot and cold functions and their slots."""

    def __init__(self, whole: Module, hot: Collection[int]) -> None:
        self.whole = whole
        self.signatures = whole.signatures()
        self.functions = whole.functions()
        self.imported = whole.count(Kind.FUNCTION)
        self.hot = {function: slot for slot, function in enumerate(sorted(hot))}
        cold = [function for function in range(len(self.functions)) if function not in self.hot]
        self.cold = {function: slot for slot, function in enumerate(cold, 1)}
        if unknown := [function for function in self.hot if function >= len(self.functions)]:
            raise SetupError(f"Function {unknown[0]} can't be hot: the module has only {len(self.functions)}.")
        self.shared = self._shared()

    def halves(self, late: Sequence[tuple[int, int]]) -> Halves:
        """Return both modules, the second one with the data in some ranges."""
        at, memory = initial_memory(self.whole)
        rest = self._rest()
        rest.put(Section.DATA, [_data_segment(first, memory[first - at : end - at]) for first, end in late])
        return Halves(self._start().encode(), rest.encode(), memory, at)

    def _shared(self) -> list[tuple[Export, bytes]]:
        """Return what the first module lends to the second, in the order of its indices, with its encoded type."""
        shared = []
        sections = {Section.TABLE: Kind.TABLE, Section.MEMORY: Kind.MEMORY, Section.TAG: Kind.TAG}
        for section, kind in sections.items():
            first = self.whole.count(kind)
            for number, encoded in enumerate(self.whole.types_of(section, kind)):
                shared.append((Export(f"{NAMESPACE}.{kind.name.lower()}{number}", kind, first + number), encoded))
        first = self.whole.count(Kind.GLOBAL)
        for number, encoded in enumerate(self._lent_globals()):
            shared.append((Export(f"{NAMESPACE}.global{number}", Kind.GLOBAL, first + number), encoded))
        return shared

    def _globals(self) -> list[tuple[bytes, bytes]]:
        """Return each global's encoded type, and the whole of it."""
        found = []
        for reader in self.whole.entries(Section.GLOBAL):
            start = reader.at
            encoded = reader.type_of(Kind.GLOBAL)
            reader.constant()
            found.append((encoded, reader.payload[start : reader.at]))
        return found

    def _lent_globals(self) -> list[bytes]:
        """Return the types of the globals up to the last that can change. Those after it are the same in both."""
        types = [encoded for encoded, _ in self._globals()]
        while types and types[-1][-1] != VARIABLE:
            types.pop()
        return types

    def _start(self) -> Module:
        """Return the first module: everything but the cold functions' instructions and the data."""
        module = self.whole.copy()
        first_table = self.whole.count(Kind.TABLE) + len(self.whole.types_of(Section.TABLE, Kind.TABLE))
        cold_table, hot_table = first_table, first_table + 1
        bring, check = self._type_of(module, Signature((), ())), self._type_of(module, Signature((I32,), (I32,)))
        checking = CALL + unsigned(self.imported + len(self.functions))  # the function after all others
        bodies = self.whole.bodies()
        for function, slot in self.cold.items():
            bodies[function] = self._stub(function, slot, cold_table, checking)
        bodies.append(_checked_slot(cold_table, bring))
        module.put(Section.CODE, encode_bodies(bodies))
        module.add(Section.FUNCTION, [unsigned(check)])
        module.add(Section.TABLE, [FUNCREF + _limits(len(self.cold) + 1), FUNCREF + _limits(len(self.hot))])
        tables = [Export(COLD, Kind.TABLE, cold_table), Export(HOT, Kind.TABLE, hot_table)]
        module.add(Section.EXPORT, map(encode_export, [*(one for one, _ in self.shared), *tables]))
        module.add(Section.ELEMENT, [self._elements(hot_table, self.hot, 0)] if self.hot else [])
        module.put(Section.DATA, [])
        module.put(Section.DATA_COUNT, [])
        return module

    def _rest(self) -> Module:
        """Return the second module: the cold functions, everything else by import."""
        module = Module()
        kept = (Section.TYPE, Section.FUNCTION)
        module.sections = {number: self.whole.sections[number] for number in kept if number in self.whole.sections}
        lent = [Import(NAMESPACE, one.name, one.kind, encoded) for one, encoded in self.shared]
        hot_table = self.whole.count(Kind.TABLE) + sum(one.kind is Kind.TABLE for one in lent)
        tables = [Import(NAMESPACE, name, Kind.TABLE, FUNCREF + _limits(0)) for name in (HOT, COLD)]
        # After the module's own tables, which come first in `lent`.
        module.put(Section.IMPORT, map(encode_import, [*self.whole.imports(), *lent, *tables]))
        module.put(Section.GLOBAL, [whole for _, whole in self._globals()[len(self._lent_globals()) :]])
        bodies = self.whole.bodies()
        for function, slot in self.hot.items():
            bodies[function] = self._stub(function, slot, hot_table, b"")
        module.put(Section.CODE, encode_bodies(bodies))
        module.put(Section.ELEMENT, [self._elements(hot_table + 1, self.cold, 1)] if self.cold else [])
        return module

    def _type_of(self, module: Module, signature: Signature) -> int:
        """Return a signature's index in a module that may get it as one more type."""
        known = module.signatures()
        if signature not in known:
            module.add(Section.TYPE, [encode_signature(signature)])
            return len(known)
        return known.index(signature)

    def _stub(self, function: int, slot: int, table: int, check: bytes) -> bytes:
        """Return the body of a function that calls a table's slot with its own arguments."""
        kind = self.functions[function]
        arguments = b"".join(LOCAL_GET + unsigned(local) for local in range(len(self.signatures[kind].params)))
        call = CALL_INDIRECT + unsigned(kind) + unsigned(table)
        return b"\0" + arguments + I32_CONST + signed(slot) + check + call + END

    def _elements(self, table: int, functions: Collection[int], offset: int) -> bytes:
        """Return an element segment that puts functions into a table."""
        place = ELEMENTS_OF_TABLE + unsigned(table) + I32_CONST + signed(offset) + END
        return place + b"\0" + vector(unsigned(self.imported + function) for function in functions)


def _data_segment(place: int, data: bytes) -> bytes:
    """Return a data segment that is copied into memory 0 when the module is instantiated."""
    return unsigned(DATA_COPIES) + I32_CONST + signed(place) + END + unsigned(len(data)) + data


def _limits(least: int) -> bytes:
    return b"\0" + unsigned(least)


def _checked_slot(table: int, bring: int) -> bytes:
    """Return the body of a function that returns its argument, and before that brings the cold functions."""
    missing = I32_CONST + signed(1) + TABLE_GET + unsigned(table) + REF_IS_NULL
    fetch = I32_CONST + signed(0) + CALL_INDIRECT + unsigned(bring) + unsigned(table)
    return b"\0" + missing + IF_VOID + fetch + END + LOCAL_GET + unsigned(0) + END


def initial_memory(module: Module) -> tuple[int, bytes]:
    """Return the memory that a module's data segments make: where it begins, and its bytes.

    Raises SetupError for a segment that is not copied at the start to a fixed place.
    """
    segments: list[tuple[int, bytes]] = []
    for reader in module.entries(Section.DATA):
        place = reader.constant() if (flag := reader.unsigned()) == DATA_COPIES else None
        if place is None:
            raise SetupError(f"A data segment of kind {flag} has no fixed place in memory: it can't be left out.")
        segments.append((place, reader.take(reader.unsigned())))
    return _joined(segments)


def _joined(segments: Sequence[tuple[int, bytes]]) -> tuple[int, bytes]:
    start = min((place for place, _ in segments), default=0)
    memory = bytearray(max((place + len(data) for place, data in segments), default=0) - start)
    for place, data in segments:
        memory[place - start : place - start + len(data)] = data
    return start, bytes(memory)


def named(wasm: bytes, exports: Collection[str]) -> bytes:
    """Return a module with only these exports of functions and variables, and each function's number as its name.

    Raises SetupError if one is missing.
    """
    module = Module(wasm)
    kept = [one for one in module.exports() if one.name in exports or one.kind not in (Kind.FUNCTION, Kind.GLOBAL)]
    if missing := sorted(set(exports) - {one.name for one in kept}):
        raise SetupError(f"The module does not export {', '.join(missing[:3])}.")
    module.put(Section.EXPORT, map(encode_export, kept))
    first = module.count(Kind.FUNCTION)
    names = vector(unsigned(first + one) + text(str(one)) for one in range(len(module.functions())))
    module.custom.append(text("name") + b"\1" + unsigned(len(names)) + names)
    return module.encode()


def numbers(wasm: bytes) -> tuple[bytes, list[int]]:
    """Return a module without its names, and what they say: each function's former number."""
    module = Module(wasm)
    first = module.count(Kind.FUNCTION)
    found: dict[int, int] = {}
    for payload in module.custom:
        reader = Reader(payload)
        if reader.text() == "name":
            found |= _function_names(reader, first)
    module.custom = [one for one in module.custom if Reader(one).text() != "name"]
    return module.encode(), [found[index] for index in range(len(module.functions()))]


def _function_names(reader: Reader, first: int) -> dict[int, int]:
    """Return the names of the functions that a module defines, from its section of names."""
    while reader.at < len(reader.payload):
        kind, size = reader.byte(), reader.unsigned()
        if kind == 1:
            named = [(reader.unsigned(), reader.text()) for _ in range(reader.unsigned())]
            return {index - first: int(name) for index, name in named if index >= first}
        reader.take(size)
    return {}
