"""Prefixes of printed lines: times, levels, ranks and logger names, and the step that a line tells. Pure."""

from __future__ import annotations

import re
from typing import Final

from .steps import Labels

MAX_PREFIX_CHARS: Final = 400  # of a line in which a logger's prefix is looked for
MAX_PREFIXES: Final = 6
MAX_STEP_CHARS: Final = 200  # of a line, at its beginning and at its end, in which a step is looked for
STEP_WORDS: Final = ("step", "ep", "it", "batch", "update")
_LEVEL_WORD: Final = re.compile("INFO|DEBUG|WARN|ERROR|TRACE|CRITICAL|FATAL")
_MAY_BE_STAMP: Final = re.compile(r"\s*(?:[\[(\d]|[A-Z][a-z]{2} |[IWEF]\d{4}|(?:local|rank))", re.IGNORECASE)
_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?"
_DATE: Final = r"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?|\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4})"
_STAMP: Final = re.compile(
    rf"^[\[(]?(?:[A-Z][a-z]{{2}} {{1,2}}(?:\d{{1,2}} )?)?(?:{_DATE}[T _,]{{0,2}})?{_TIME}"
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
_PROCESS: Final = re.compile(r"^[\w.-]{1,60} [\w./-]{1,60}\[\d{1,9}\]: ")  # syslog's host and process
_MPI: Final = re.compile(r"^\[\d+,\d+\]<std\w+>:\s*")
_RANK: Final = re.compile(
    r"^(?:\(\w[^()]{0,60}(?:pid|rank)[ =]?\d+[^()]{0,40}\)|(?:local[ _])?rank[ _:=]{0,2}\d+\s*[:|\]-])\s*", re.I
)
_RANK_NUMBER: Final = re.compile(
    r"^[\[(]?(?:local[ _]|global[ _])?rank[ _:=]{0,2}(?P<rank>\d{1,6})\s*[\])]?\s*[:|\]-]", re.I
)
_BULLET: Final = re.compile(r"^[^\w\"'`(\[{<|∂∇‖∥]+")
_MEASURED: Final = re.compile(r"[:=]\s*\d*\.\d")  # [D loss: 0.5] is no prefix
_CONTAINER: Final = re.compile(r"^(?:stdout|stderr) [FP] ")  # Kubernetes' stream
_AT_FIRST: Final = re.compile(
    r"^(?:at|after|in|for)\s+(?=(?:step|epoch|iter(?:ation)?|batch)\s*#?\d+\s*[,:])", re.IGNORECASE
)
_COUNT: Final = re.compile(r"^(?P<count>\d{1,12})(?:\s*/\s*\d{1,12})?$")
_STEP: Final = re.compile(
    r"\b(?=[begiostumcn])(?<![\w./-])"
    r"(?<!\bat )(?<!\bin )(?<!\bfrom )(?<!\bafter )(?<!\bevery )(?<!\bof )"  # "… is NaN at batch 3"
    r"(?<!\bnan )(?<!\bskipped )(?<!\btotal )(?<!\bmax )(?<!\bwarmup )(?<!\bper )(?<!\bsave )(?<!\beval )"
    r"(?:(?P<epoch>epoch|ep)|(?:global|train(?:ing)?|optimi[sz]er|current|cur)?[ _]?(?P<step>(?:time[ _]?)?steps?|"
    r"iter(?:ation)?s?|itr|it|num[ _]updates|update|batch(?:[ _](?:idx|index|id))?|minibatch))(?:\(\w+\))?"
    r"[\s:=#\[(\"'_-]{0,12}(?P<number>\d{1,15}(?:\.\d{1,9})?)(?![\w.]*[a-zA-Z])"
    r"(?:\s*/\s*\d{1,15}|\s+of\s+\d{1,15})?[\])]?",
    re.IGNORECASE,
)
_COUNTED: Final = r"(?:(?P<epoch>epoch|ep)|steps?|iter(?:ation)?s?|batch)"
_EPOCH_AND_BATCH: Final = re.compile(  # Epoch: [1][5/500]
    r"^[^\[\]]{0,80}\[\s*(?P<epoch>\d{1,9})(?:\s*/\s*\d{1,9})?\s*\]\[\s*(?P<step>\d{1,12})\s*/\s*\d{1,12}\s*\][:,]?"
)
_HEADING_STEP: Final = re.compile(
    rf"\b(?:at|after|for|in|from|of)\s+{_COUNTED}[\s:=#]{{0,4}}(?P<number>\d{{1,15}})(?:\s*/\s*\d{{1,15}})?[^\w.]*$",
    re.I,
)
_EVENT: Final = re.compile(r"\b(?:nan|inf|overflow|skip\w*|detected|found|warn\w*|error|stop\w*|saved?|saving)\b", re.I)
_STEP_HEADER: Final = re.compile(r"^(?:epoch|step|iter(?:ation)?|batch)\s{2,}[A-Za-z]", re.IGNORECASE)
_COUNTED_ROW: Final = re.compile(r"^(?P<number>\d{1,12})/\d{1,12}\s{2,}\S")
_FIRST_COLUMN: Final = re.compile(rf"^{_COUNTED}.*?(?P<number>\d{{1,12}})$", re.IGNORECASE | re.DOTALL)
_BATCH: Final = re.compile(r"batch", re.IGNORECASE)


def heading_step(text: str) -> Labels | None:
    """The step at the end of a heading: `Gradient norms at step 100:`. None for a sentence such as `NaN at step 3`."""
    found = _HEADING_STEP.search(text)
    if (
        not found
        or _EVENT.search(text)
        or not (text[0] in "#=-*[" or text[-1] in ":=-*#]" or "grad" in text.casefold())
    ):
        return None
    return _labels(found)


def counted_row(text: str, header: str) -> Labels | None:
    """The step that a row begins with, `5/100   …` below a header that begins with `Epoch`; None for all else."""
    found = _COUNTED_ROW.match(text)
    return _labels(_FIRST_COLUMN.match(f"{header} {found['number']}")) if found else None


def is_step_header(text: str) -> bool:
    """Say whether a line is a header of columns, of which the first tells the step."""
    return bool(_STEP_HEADER.match(text))


def _labels(found: re.Match[str] | None) -> Labels | None:
    if not found:
        return None
    number = float(found["number"])
    return Labels(None, number) if found["epoch"] else Labels(number, None)


def rank_of(text: str) -> str:
    """The rank of the process that printed a line, as `0` of `[rank0]: …`; empty where the line doesn't tell."""
    found = _RANK_NUMBER.match(text)
    return found["rank"] if found else ""


def without_prefix(line: str) -> tuple[str, Labels | None]:
    """A line without what a logger puts before it, and the step in brackets that was part of that."""
    text, rest = line[:MAX_PREFIX_CHARS], line[MAX_PREFIX_CHARS:]
    labels: Labels | None = None
    for _ in range(MAX_PREFIXES):
        text, labels = _without_stamps(text, labels)
        level = _LEVEL.match(text) if _LEVEL_WORD.search(text) else None
        if not level or "=" in level["before"] or "{" in level["before"]:
            break
        labels, _left = step_in(level["before"], labels)
        text = level["after"]
        pattern = _LOGGER if "|" in text or not level["before"].strip(" -:|[]") else _PLAIN_LOGGER
        text = _after_loggers(text, pattern)
    return text + rest, labels


def _without_stamps(text: str, labels: Labels | None) -> tuple[str, Labels | None]:
    """A text without the times, ranks and bracketed words before it."""
    for _ in range(MAX_PREFIXES):
        if not _MAY_BE_STAMP.match(text):
            break
        before = text
        text = _STAMP.sub("", _GLOG.sub("", _MPI.sub("", text.lstrip())))
        text = _RANK.sub("", _PROCESS.sub("", text) if "]: " in text else _CONTAINER.sub("", text))
        found = _BRACKETED.match(text)
        rest = text[found.end() :] if found else ""
        if found and rest and not _MEASURED.search(found["inner"]):
            labels = _bracketed(found["inner"].strip(), labels)
            text = rest
        if text == before:
            break
    return text, labels


def _bracketed(inner: str, labels: Labels | None) -> Labels | None:
    """The step that stands in brackets: `[100]`, `[5/100]`, `[Epoch 1]`."""
    count = _COUNT.match(inner)
    return Labels(float(count["count"]), None) if count else step_in(inner, labels)[0]


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
    if "][" in text:
        found = _EPOCH_AND_BATCH.match(text)
        if found:
            return Labels(float(found["step"]), float(found["epoch"])), text[found.end() :]
    folded = text.casefold()
    if not any(map(folded.__contains__, STEP_WORDS)):
        return before, text
    text = _AT_FIRST.sub("", text)
    if len(text) > 2 * MAX_STEP_CHARS:
        labels, first = _step_in(text[:MAX_STEP_CHARS], before)
        labels, last = _step_in(text[-MAX_STEP_CHARS:], labels)
        return labels, f"{first}{text[MAX_STEP_CHARS:-MAX_STEP_CHARS]}{last}"
    return _step_in(text, before)


def _step_in(text: str, before: Labels | None) -> tuple[Labels | None, str]:
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
