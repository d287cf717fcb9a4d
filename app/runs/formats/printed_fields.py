"""Numbers in a printed line, each with the text before it that labels it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from .number_text import NUMBER_PATTERN, WRAPPED

MAX_TAIL_CHARS: Final = 400  # of a part of a line that has one number, at its end
MAX_PRINTED_LABEL_CHARS: Final = 400
WINDOW_CHARS: Final = 1 << 14  # that are searched without a pause
MARGIN_CHARS: Final = 1000  # at the end of a window, which are searched again in the next
PAUSE_SEGMENTS: Final = 64
_FIELD: Final = re.compile(
    rf"(?:[:=≈~]|\b(?:of|is)\s(?!\s{{0,8}}(?:nan|inf)\s+[a-z])|->|→)\s{{0,12}}(?:\|\s{{0,4}})?{WRAPPED}"
    rf"(?P<number>{NUMBER_PATTERN})(?![\w.%/])(?![:-]\d)",
    re.IGNORECASE,
)
_INNER: Final = re.compile(  # `loss 0.5 fc1`: another number, without a mark before it
    r"[ :|,-]{0,4}(?P<label>[A-Za-z][A-Za-z_ /]{0,60}?)\s(?P<number>\d{1,15}\.\d{1,15}(?:[eE][-+]?\d{1,3})?)"
    r"\s+(?=[A-Za-z_])"
)
_LIST: Final = re.compile(
    rf"^(?P<label>[^\[\]{{}}]{{1,200}}?)\s{{0,4}}(?:[:=]|\s)\s{{0,4}}(?:[A-Za-z_][\w.]{{0,40}}\()?\[\s{{0,4}}"
    rf"(?P<numbers>(?:{WRAPPED}(?:{NUMBER_PATTERN}|None)\)?[,\s]{{1,8}}){{1,4096}}?{WRAPPED}(?:{NUMBER_PATTERN}|None)\)?)\s{{0,4}},?\s{{0,4}}\]",
    re.IGNORECASE,
)
_NUMBERS: Final = re.compile(rf"(?<![\w.])(?:{NUMBER_PATTERN}|None)(?![\w.(])", re.IGNORECASE)
_TAIL: Final = re.compile(
    rf"(?:^|[\s:=,|]){WRAPPED}(?P<number>{NUMBER_PATTERN})(?:,\s{{0,8}}(?:device|dtype|grad_fn|requires_grad)=.{{0,80}})?"
    r"[\])},;.|]{0,4}\s*$",
    re.IGNORECASE,
)
_BARS: Final = " █▇▆▅▄▃▂▁▏▎▍▌▋▊▉░▒▓■✓✗✔✘⚠❌✅🔴🟢🟡\ufe0f"
_ARROW: Final = re.compile(r"\s*(?:<[-=]+|←|#).*$")
_SEGMENT: Final = re.compile(r"\s*[|;,]\s+|\s+\|\s*")
_BARE_NUMBER: Final = re.compile(rf"(?<![\w.#:\[-])(?:{NUMBER_PATTERN})(?![\w.])", re.IGNORECASE)
_NUMBERED: Final = re.compile(
    r"\b(?:layer|block|stage|module|level|depth|param|parameter|hidden|conv|fc|h|l)\s*#?\s*\d+\b", re.I
)
_IS_NUMBER: Final = re.compile(rf"\s*(?:{NUMBER_PATTERN})\s*$", re.IGNORECASE)
_APART: Final = re.compile(rf"(?<=\s)({NUMBER_PATTERN})[,;|]?(?=\s|$)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?<![A-Za-z\d.])\d{1,2}$")
_DIGITS: Final = re.compile(r":\d\d(?!\d)")
_VARIABLE: Final = re.compile(r"(?:kernel|bias|gamma|beta|weights?|embeddings?|variance|mean|scale):0$")  # TensorFlow's
_SPREAD: Final = re.compile(rf"\s?±\s?(?:{NUMBER_PATTERN})", re.IGNORECASE)
_SINGLE: Final = re.compile(r"(?<=\d)f(?=-?\d{1,2}(?![\w.]))")  # Julia's 1.5f-3
_SHAPE: Final = re.compile(
    r"(?:torch\.)?Size\(\[[\d, ]{0,80}\]\)|\bshape\s?[:=]?\s?[(\[][\dNone, x×]{0,80}[)\]]|"
    r"[(\[]\d{1,9}(?:\s?[x×]\s?\d{1,9}){1,6}[)\]]"  # [64x3x7x7]
)
_AVERAGE: Final = re.compile(r"(?<=[\d.]\d)\s\(\s?-?\d{1,15}(?:\.\d{0,15})?(?:e[-+]?\d{1,3})?\s?\)", re.IGNORECASE)
_FULL_STOP: Final = re.compile(r"(?<=\d\.\d)\.$|(?<=\d\d)\.$")
_PAIR_ROW: Final = re.compile(r"^[|│]\s*(?P<name>[^|│]{1,200}?)\s*[|│]\s*(?P<value>[^|│]{1,80}?)\s*[|│]$")
_KEYWORDS: Final = re.compile(
    r",\s{0,8}(?:device|dtype|grad_fn|requires_grad)=(?:'[^']{0,80}'|<[^>]{0,80}>|[\w.]{1,80})"
)


class Field(NamedTuple):
    """A number and its label."""

    label: str
    number: str


def fields(text: str) -> Iterator[Field | None]:
    """The numbers of a line with their labels: those after a colon or an equals sign, else one at the end of a part.

    None is a pause: nothing was found in a long stretch.
    """
    found_any = False
    text = _plain(text) if len(text) <= WINDOW_CHARS else text
    at = 0
    for found in _FIELD.finditer(text) if len(text) <= WINDOW_CHARS else _in_windows(text):
        if found is None:
            yield None
            continue
        label = text[at : found.start()]
        if label[-1:].isdigit() and _CLOCK.search(label[-3:]) and _DIGITS.match(text, found.start()):
            if len(label) > MAX_PRINTED_LABEL_CHARS:
                at = found.end()
                yield None
            continue
        if found["number"] == "0" and _VARIABLE.search(text, max(0, found.start() - 20), found.end()):
            continue
        at = found.end()
        found_any = True
        if "." in label and (inner := _INNER.match(label)):
            yield Field(inner["label"], inner["number"])
            label = label[inner.end() :]
        yield Field(label[-MAX_PRINTED_LABEL_CHARS:], found["number"])
    if not found_any:
        yield from _tails(text)


def _plain(text: str) -> str:
    """A line without spreads and keywords, and with the numbers of Julia as others write them."""
    if "±" in text:
        text = _SPREAD.sub("", text)
    if "(" in text or "[" in text:
        text = _AVERAGE.sub("", _SHAPE.sub("", _KEYWORDS.sub("", text)))
    if text[-1:] == ".":
        text = _FULL_STOP.sub("", text)
    return _SINGLE.sub("e", text) if "f0" in text or "f-" in text else text


def _in_windows(text: str) -> Iterator[re.Match[str] | None]:
    """Yield the matches of `finditer`, stretch by stretch; None for each stretch without one."""
    at = 0
    while at < len(text):
        end = at + WINDOW_CHARS
        found = _FIELD.search(text, at, end)
        if found is None:
            yield None
            at = end - MARGIN_CHARS
            continue
        if found.start() - at > MARGIN_CHARS:
            yield None
        at = found.start() + 1
        if found.end() > end - MARGIN_CHARS:  # the end of the window may cut it
            found = _FIELD.match(text, found.start(), found.start() + WINDOW_CHARS)
        if found:
            yield found
            at = found.end()


def without_bars(text: str) -> str:
    """A row of two cells as a name and its value: `name: 0.5` of `| name | 0.5 |`."""
    found = _PAIR_ROW.match(text)
    return f"{found['name']}: {found['value']}" if found else text


def _alternating(text: str) -> Iterator[Field]:
    """The pairs of a line that is names and numbers in turn, with spaces between them: `norms: fc1 0.1 fc2 0.2`."""
    title, colon, rest = text.partition(": ")
    if colon and not any(map(str.isdigit, title)):
        for pair in _alternating(rest):
            yield Field(f"{title} {pair.label}", pair.number)
        return
    tokens = text.strip().split("\t") if "\t" in text else text.split()
    names, numbers = tokens[::2], tokens[1::2]
    if not (names and _IS_NUMBER.match(tokens[1] if len(tokens) > 1 else "")) and "grad" in text.casefold():
        yield from _worded(text)
        return
    is_in_turn = len(numbers) > 1 and len(names) == len(numbers) and all(map(_IS_NUMBER.match, numbers))
    if is_in_turn and not any(map(_IS_NUMBER.match, names)):
        yield from map(Field, names, (number.strip() for number in numbers))


def _worded(text: str) -> Iterator[Field]:
    """The pairs of a line whose names have several words: `fc1 grad 0.1 fc2 grad 0.2`."""
    pieces = _APART.split(text.strip())
    labels, numbers = [label.strip() for label in pieces[:-1:2]], pieces[1::2]
    if len(numbers) > 1 and not pieces[-1].strip() and all("grad" in label.casefold() for label in labels):
        yield from map(Field, labels, numbers)


def _tails(text: str) -> Iterator[Field | None]:
    if len(text) <= WINDOW_CHARS and (pairs := list(_alternating(text))):
        yield from pairs
        return
    waiting = ""
    for count, part in enumerate(_SEGMENT.split(text) if len(text) <= WINDOW_CHARS else text.split("|")):
        if count % PAUSE_SEGMENTS == PAUSE_SEGMENTS - 1:
            yield None
        if len(part) > MAX_TAIL_CHARS:
            continue
        segment = _ARROW.sub("", part).rstrip(_BARS)
        found = _TAIL.search(segment)
        if not found:
            waiting = f"{waiting} | {segment}" if waiting else segment.strip("| ")
            continue
        label = segment[: found.start()].strip()
        label, waiting = (f"{waiting} | {label}" if waiting else label), ""
        if label and not _BARE_NUMBER.search(_NUMBERED.sub("", label)):
            yield Field(label[-MAX_PRINTED_LABEL_CHARS:], found["number"])


def number_list(text: str) -> tuple[str, list[str]] | None:
    """The label and the numbers of a list, as of `Gradient norms: [0.1, 0.2]`; None for a line with none."""
    if "[" not in text or _SHAPE.search(text, 0, MARGIN_CHARS):
        return None
    found = _LIST.match(text)
    return (found["label"], _NUMBERS.findall(found["numbers"])) if found else None
