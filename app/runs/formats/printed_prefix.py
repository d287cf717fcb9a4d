"""Prefixes of printed lines: times, levels, ranks and logger names, and the step that a line tells. Pure."""

from __future__ import annotations

import re
from typing import Final

from .steps import Labels

_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?"
_DATE: Final = r"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?|\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4})"
_STAMP: Final = re.compile(
    rf"^[\[(]?(?:[A-Z][a-z]{{2}} )?(?:{_DATE}[T _,]{{0,2}})?{_TIME}"
    r"(?:Z|\s?[-+]\d{2}:?\d{2}|\s?(?:AM|PM|UTC))?[\])]?(?:\s*[-:|,](?=\s)|(?=\s|$|\[))\s*"
)
_GLOG: Final = re.compile(r"^[IWEF]\d{4,8} [\d:.]+\s+\d+ [\w./-]+:\d+\] ?")
_LEVEL: Final = re.compile(
    r"^(?P<before>.{0,120}?)(?<![\w.])(?:TRACE|DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)(?![\w.])[\])]?\s*"
    r"(?:[-:|]\s*|(?=\S))(?P<after>.*)$",
    re.DOTALL,
)
_LOGGER: Final = re.compile(
    r"^(?:[\w.<>/-]{1,80}(?::[\w<>.]{1,80}){0,2}(?::\d+)?\s*(?:\||-)\s+(?=\S)|[\w.<>/-]{1,80}:\d+\s*[-:|\]]?\s+|"
    r"[\w.]{1,60}:(?=\S)(?!\d)|\[[\w.:/ -]{1,60}\]\s*[-:|]?\s*)"
)
_PLAIN_LOGGER: Final = re.compile(r"^[\w.]{1,60}:(?=\S)(?!\d)")
_BRACKETED: Final = re.compile(r"^\[(?!['\"])(?P<inner>[^\[\]]{1,60})\]\s*[-:|]?\s*")
_MPI: Final = re.compile(r"^\[\d+,\d+\]<std\w+>:\s*")
_RANK: Final = re.compile(
    r"^(?:\(\w[^()]{0,60}(?:pid|rank)[ =]?\d+[^()]{0,40}\)|(?:local[ _])?rank[ _:=]{0,2}\d+\s*[:|\]-])\s*", re.I
)
_BULLET: Final = re.compile(r"^[^\w\"'`(\[{<|∂∇‖∥]+")
_COUNT: Final = re.compile(r"^(?P<count>\d{1,12})(?:\s*/\s*\d{1,12})?$")
_STEP: Final = re.compile(
    r"(?<![\w./-])(?:(?P<epoch>epoch)|(?:global|train(?:ing)?|optimi[sz]er|current|cur)?[ _]?"
    r"(?P<step>steps?|iter(?:ation)?s?|itr|it|num[ _]updates|update|batch(?:[ _](?:idx|index|id))?|minibatch))"
    r"[\s:=#\[(]{0,12}(?P<number>\d{1,15}(?:\.\d{1,9})?)(?![\w.]*[a-zA-Z])(?:\s*/\s*\d{1,15}|\s+of\s+\d{1,15})?[\])]?",
    re.IGNORECASE,
)
_BATCH: Final = re.compile(r"batch", re.IGNORECASE)
_TABLE_STEP: Final = re.compile(r"^[\s:,|>\-\])]*")


def without_prefix(text: str) -> tuple[str, Labels | None]:
    """A line without what a logger puts before it, and the step in brackets that was part of that."""
    labels: Labels | None = None
    for _ in range(8):
        before = text
        text = _GLOG.sub("", _MPI.sub("", text.lstrip()))
        text = _RANK.sub("", _STAMP.sub("", text))
        found = _BRACKETED.match(text)
        if found and not _STEP.search(found["inner"]):
            count = _COUNT.match(found["inner"].strip())
            rest = text[found.end() :]
            if count and rest:
                labels = Labels(float(count["count"]), None)
            text = rest if rest else text
        elif found:
            labels, _ = step_in(found["inner"], labels)
            text = text[found.end() :]
        if text == before:
            break
    level = _LEVEL.match(text)
    if level and "=" not in level["before"] and "{" not in level["before"]:
        labels, _ = step_in(level["before"], labels)
        text = level["after"]
        pattern = _LOGGER if "|" in text or not level["before"].strip(" -:|[]") else _PLAIN_LOGGER
        text = _after_loggers(text, pattern)
        inner, more = without_prefix(text) if text != before else (text, None)
        return inner, more or labels
    return text, labels


def _after_loggers(text: str, pattern: re.Pattern[str]) -> str:
    """The text after the names of modules and functions that loggers write behind the level."""
    found = pattern.match(text)
    if not found:
        return text
    token = found[0].strip(" -|:[]")
    is_name = bool(re.search(r"weight|bias|kernel|grad|\d$|\d\.", token)) and ":" not in token
    return text if is_name and "|" not in found[0] else text[found.end() :]


def step_in(text: str, before: Labels | None = None) -> tuple[Labels | None, str]:
    """The step and the epoch that a text tells, and the text without them."""
    step = epoch = None
    rank = 0
    pieces: list[str] = []
    at = 0
    for found in _STEP.finditer(text):
        number = float(found["number"])
        if found["epoch"]:
            epoch = number if epoch is None else epoch
        elif step is None or (rank == 1 and not _BATCH.search(found["step"])):
            step, rank = number, 1 if _BATCH.search(found["step"]) else 2
        pieces.append(text[at : found.start()])
        at = found.end()
    if not pieces:
        return before, text
    pieces.append(text[at:])
    labels = Labels(step, epoch)
    if before:
        labels = Labels(before.step if step is None else step, before.epoch if epoch is None else epoch)
    return labels, " ".join(piece for piece in pieces if piece)


def without_bullet(text: str) -> str:
    """A text without the bullets, arrows and pictures before it."""
    return _BULLET.sub("", text)
