"""The product's verdict on a recording beside its label, and the count of what was right and wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from app.runs.check import reports_of
from app.runs.run import read
from bench.truth.rule import DEAD, EITHER, HEALTHY, VANISHING, Label

UNDECIDED: Final = "undecided"
RIGHT, FALSE_ALARM, MISS, WRONG_KIND, ABSTENTION, UNJUDGED = (
    "right",
    "false alarm",
    "miss",
    "wrong kind",
    "abstention",
    "either",
)
FLOAT32_DECADES: Final = 30  # a gradient that falls further is 0 in single precision: dead as well as vanishing
OUTCOMES: Final = (RIGHT, FALSE_ALARM, MISS, WRONG_KIND, ABSTENTION, UNJUDGED)


class Answer(NamedTuple):
    """A verdict on a recording, and the outcome by its label."""

    name: str
    label: Label
    kind: str
    text: str
    outcome: str

    def __str__(self) -> str:
        truth = f"{self.label.truth}, {self.label.decades:+.1f} decades (R² {self.label.r_squared:.2f})"
        return f"{self.outcome:12s}{self.name}: {self.kind} ({self.text}); truth {truth}, skill {self.label.skill:.2f}"


def answer(name: str, label: Label, path: Path) -> Answer:
    """Ask the product for its verdict on a recording."""
    (report,) = reports_of([read(path.name, path.read_bytes())])
    kind = report["verdict"]["kind"]
    return Answer(name, label, kind, report["verdict"]["text"], outcome(label, kind))


def outcome(label: Label, kind: str) -> str:
    """Return the outcome of a verdict's kind by the label."""
    if label.truth == EITHER:
        return UNJUDGED
    if kind == UNDECIDED:
        return ABSTENTION
    if kind == label.truth or (kind == DEAD and label.truth == VANISHING and label.decades <= -FLOAT32_DECADES):
        return RIGHT
    if label.truth == HEALTHY:
        return FALSE_ALARM
    return MISS if kind == HEALTHY else WRONG_KIND


def summary(answers: Sequence[Answer]) -> str:
    """Return a line with the number of each outcome, and the share of abstentions among the labelled networks."""
    counts = Counter(each.outcome for each in answers)
    labelled = len(answers) - counts[UNJUDGED]
    blind = sum(each.outcome == ABSTENTION and each.label.blind for each in answers)
    parts = [f"{labelled} labelled", *(f"{name} {counts[name]}" for name in OUTCOMES[:-1])]
    share = 100 * counts[ABSTENTION] / labelled if labelled else 0.0
    return f"{', '.join(parts)} ({share:.0f} %, {blind} of them on sick networks without biases)"
