"""Python's own notation of numbers, lists and dicts, as `print` writes it, turned into JSON. Pure.

    {'fc1.weight': tensor(0.0120, device='cuda:0'), 'fc2.weight': nan}    {"fc1.weight": 0.0120, "fc2.weight": NaN}

Nothing is evaluated. Text that is none of this stays as it is, and is no JSON then.
"""

from __future__ import annotations

import json
import re
from typing import Final

from ..collector import Paused

PAUSE_TOKENS: Final = 2048  # that are replaced without a pause
_TOKEN: Final = re.compile(
    r"""
    (?P<tensor><tf\.(?:Tensor|Variable)[^<>]{0,200}?numpy=(?P<inner>[^<>]{1,60})>)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<single>'(?:[^'\\]|\\.)*')
    |(?P<keyword>,\s{0,8}(?:device|dtype|grad_fn|requires_grad|shape|weak_type)\s{0,8}=\s{0,8}
        (?:'[^']{0,80}'|<[^>]{0,80}>|\([^()]{0,80}\)|[\w.]{1,80}))
    |(?P<call>[A-Za-z_][\w.]{0,60}\(\s{0,8}(?:<class[ ]'[^']{0,60}'>,\s{0,8})?)
    |(?P<word>[-+]?\b(?:nan|inf|infinity|None|True|False)\b)
    |(?P<number>[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)
    |(?P<bracket>[()\[\]{}])
    |(?P<comma>,(?=\s{0,200}[\])}]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPE: Final = re.compile(r"\\x[0-9a-fA-F]{2}|\\U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}|\\.|\"", re.DOTALL)
_WORDS: Final = {
    "nan": "NaN",
    "+nan": "NaN",
    "-nan": "NaN",
    "none": "null",
    "true": "true",
    "false": "false",
    "inf": "Infinity",
    "+inf": "Infinity",
    "-inf": "-Infinity",
    "infinity": "Infinity",
    "+infinity": "Infinity",
    "-infinity": "-Infinity",
}
_UNUSUAL: Final = ('"', "\\", "(", ". ", ".,", ".]", ".}", " .", ", }", ",}", ",]")  # more than other quotes and words
_WORD: Final = re.compile(r'"[^"]*"|[-+]?\b(?:nan|inf|infinity|None|True|False)\b', re.IGNORECASE)
_MAY_HAVE_WORD: Final = re.compile(r"[:\[, ][-+]?(?:nan|inf|None|True|False)", re.IGNORECASE)
_NOT_JSON: Final = re.compile(r"'|\(|\b(?:nan|inf|None|True|False)\b|,\s{0,8}[\]}]|[:\[,]\s{0,4}[-+]?\.\d|\d\.(?!\d)")


def may_be_python(text: str) -> bool:
    """Say whether text that is no JSON has anything in it that Python prints and JSON does not know."""
    return bool(_NOT_JSON.search(text))


def converting(text: str) -> Paused[str]:
    """The text with Python's notation replaced by JSON's."""
    if not any(mark in text for mark in _UNUSUAL):
        text = text.replace("'", '"')
        return _WORD.sub(_word, text) if _MAY_HAVE_WORD.search(text) else text
    pieces: list[str] = []
    open_brackets: list[str] = []
    at = 0
    for count, found in enumerate(_TOKEN.finditer(text)):
        pieces.append(text[at : found.start()])
        pieces.append(_replaced(found, open_brackets))
        at = found.end()
        if count % PAUSE_TOKENS == PAUSE_TOKENS - 1:
            yield
    pieces.append(text[at:])
    return "".join(pieces)


def _word(found: re.Match[str]) -> str:
    """The JSON text for a word of Python; a string stays."""
    token = found[0]
    return token if token[0] == '"' else _WORDS[token.casefold()]


def _replaced(found: re.Match[str], open_brackets: list[str]) -> str:
    """The JSON text for a token of Python; brackets that only wrap a value go."""
    kind, token = found.lastgroup, found[0]
    if kind in {"single", "string"}:
        return '"' + _ESCAPE.sub(_escaped, token[1:-1]) + '"'
    if kind in {"tensor", "word", "number"}:
        token = found["inner"] if kind == "tensor" else token
        return _WORDS.get(token.casefold()) or _number(token)
    if kind in {"keyword", "comma"}:
        return ""
    if kind == "call":
        open_brackets.append("")
        return ""
    return _bracket(token, open_brackets) if kind == "bracket" else token


def _escaped(found: re.Match[str]) -> str:
    """A character of a string, escaped as JSON wants it."""
    token = found[0]
    if token in {'"', "\\'"}:
        return '\\"' if token == '"' else "'"
    if token[:2] in {"\\x", "\\U"}:
        return json.dumps(chr(int(token[2:], 16)))[1:-1]
    return token


def _bracket(token: str, open_brackets: list[str]) -> str:
    if token in "([{":
        closing = {"(": "]", "[": "]", "{": "}"}[token]
        open_brackets.append(closing)
        return "[" if token == "(" else token
    if token == ")":
        return open_brackets.pop() if open_brackets else token
    if open_brackets:
        open_brackets.pop()
    return token


def _number(token: str) -> str:
    """A number with a digit on both sides of its point, as JSON wants it."""
    sign = "-" if token[0] == "-" else ""
    token = token.lstrip("+-")
    if token[0] == ".":
        token = f"0{token}"
    token = re.sub(r"\.(?=$|[eE])", ".0", token)
    return sign + (re.sub(r"^0+(?=\d)", "", token))
