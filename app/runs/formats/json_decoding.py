"""JSON of any length, decoded with pauses; nested too deeply, it is refused before it is decoded. Pure.

`json` reads `NaN` and `Infinity`, as Python writes them. JavaScript's `JSON.parse` does not. Decoding calls itself
for each level. WebAssembly's stack is small: 5,000 levels end Python in the page. So a scan bounds the depth first.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ..collector import Paused
from .python_literals import converting, may_be_python

MAX_DEPTH: Final = 32  # arrays and objects within each other
PAUSE_CHARS: Final = 1 << 16  # characters of JSON that are read without a pause
SCANNED_CHARS: Final = 1 << 16  # that are looked through for brackets without a pause
MAX_CONVERTED_CHARS: Final = 1 << 20  # of what Python prints
PIECEWISE_LEVELS: Final = 8  # arrays and objects in each other that are read a member at a time
TOO_MANY_LEVELS: Final = f"nested more than {MAX_DEPTH} levels deep"
_GAP: Final = re.compile(r"[ \t\n\r]*")
_FLAT: Final = re.compile(rf"[\[{{][^\[\]{{}}]{{0,{PAUSE_CHARS}}}+[\]}}]")  # an array or object with none in it
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|"|[\[{]+|[\]}]+', re.DOTALL)
_scan: Final = json.JSONDecoder().raw_decode


class TooDeepError(ValueError):
    """JSON that is nested more deeply than is read."""

    def __init__(self) -> None:
        super().__init__(TOO_MANY_LEVELS)


def check_depth(text: str, limit: int = MAX_DEPTH) -> Paused[None]:
    """Raise TooDeepError for text whose brackets, those in strings apart, are nested more deeply than the limit."""
    if text.count("[") + text.count("{") <= limit:
        return
    depth = at = 0
    while at < len(text):
        end = at + SCANNED_CHARS
        for found in _BRACKET.finditer(text, at, end):
            token, at = found[0], found.end()
            if token[0] in "[{":
                depth += len(token)
                if depth > limit:
                    raise TooDeepError
            elif token == '"':  # a string goes on behind the end
                whole = _STRING.match(text, found.start())
                at = whole.end() if whole else len(text)
                break
            elif token[0] != '"':
                depth = max(0, depth - len(token))
        else:
            at = max(at, end)
        yield


def decoding(text: str) -> Paused[Any]:
    """Decode as `json.loads` does, with pauses where the text is long. Raises ValueError."""
    yield from check_depth(text)
    if len(text) <= PAUSE_CHARS:
        return json.loads(text)
    value, at = yield from _decoding(text, _after_gap(text, 0), PIECEWISE_LEVELS)
    if at != len(text):
        raise json.JSONDecodeError("Extra data", text, at)
    return value


def decoding_any(text: str) -> Paused[Any]:
    """Decode JSON, or what Python prints of lists and dicts. Raises ValueError, of the JSON."""
    try:
        return (yield from decoding(text))
    except TooDeepError:
        raise
    except ValueError:
        if len(text) > MAX_CONVERTED_CHARS or not may_be_python(text):
            raise
        changed = yield from converting(text)
        return (yield from decoding(changed))


def decoding_several(text: str) -> Paused[list[Any]]:
    """Decode values that follow each other, each over several lines, of JSON or as Python prints. Raises ValueError."""
    yield from check_depth(text)
    if len(text) <= MAX_CONVERTED_CHARS and may_be_python(text):
        text = yield from converting(text)
    values: list[Any] = []
    at = _after_gap(text, 0)
    while at < len(text):
        value, at = yield from _decoding(text, at, PIECEWISE_LEVELS)
        values.append(value)
        yield
        if text[at : at + 1] == ",":
            at = _after_gap(text, at + 1)
    return values


def decoding_begun(text: str) -> Paused[list[Any]]:
    """Decode the whole entries of a list that was cut off. Raises TooDeepError."""
    yield from check_depth(text)
    values: list[Any] = []
    at = _after_gap(text, text.find("[") + 1)
    while at < len(text):
        try:
            value, at = yield from _decoding(text, at, PIECEWISE_LEVELS)
        except ValueError:
            break
        values.append(value)
        yield
        if text[at : at + 1] != ",":
            break
        at = _after_gap(text, at + 1)
    return values


def _decoding(text: str, at: int, levels: int) -> Paused[tuple[Any, int]]:
    """The value at a place, and where what follows it and a gap begins."""
    if not levels or text[at : at + 1] not in {"[", "{"} or _FLAT.match(text, at):
        value, at = _scan(text, at)
    else:
        value, at = yield from _members(text, at, levels)
    return value, _after_gap(text, at)


def _members(text: str, at: int, levels: int) -> Paused[tuple[Any, int]]:
    """An array or object at a place, and its end."""
    names, found = list[str](), list[Any]()
    is_object = text[at] == "{"
    end, pause = "}" if is_object else "]", at
    at = _after_gap(text, at + 1)
    mark = "," if text[at : at + 1] != end else end
    at -= mark == ","  # as if one stood before the first
    while mark == ",":
        at = _after_gap(text, at + 1)
        if is_object:
            name, at = _name(text, at)
            names.append(name)
        value, at = yield from _decoding(text, at, levels - 1)
        found.append(value)
        mark = text[at : at + 1]
        if at - pause > PAUSE_CHARS >> 3:
            pause = at
            yield
    if mark != end:
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    return dict(zip(names, found, strict=True)) if is_object else found, at + 1


def _name(text: str, at: int) -> tuple[str, int]:
    """A member's name, and where its value begins."""
    if text[at : at + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    name, at = _scan(text, at)
    at = _after_gap(text, at)
    if text[at : at + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
    return name, _after_gap(text, at + 1)


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at
