"""The results as a table, and the limits of this page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.watched import Found

DECIMALS: Final = {
    "CLS": 3,
    "MB": 2,
    "first MB": 2,
    "requests": 0,
    "tasks": 0,
    "keys": 0,
    "elements": 0,
    "frames": 0,
    "apart": 0,
    "steps": 0,
}  # the others have one


def table(found: Found) -> str:
    """Return a table with a line for each page and case, and a column for each figure."""
    rows = [(page, case, row) for page, cases in found.items() for case, row in cases.items()]
    names = list(rows[0][2])
    lines = [f"{'':6s} {'':16s}" + "".join(f"{name:>10s}" for name in names)]
    for page, case, row in rows:
        figures = "".join(f"{row[name]:10,.{DECIMALS.get(name, 1)}f}" for name in names)
        lines.append(f"{page:6s} {case:16s}{figures}")
    return "\n".join(lines)


@dataclass(frozen=True)
class Bar:
    """The limit of a figure of this page: a multiple of another page's figure, or a value."""

    case: str
    figure: str
    against: str | None
    limit: float

    def line(self, measured: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str | None:
        """Return a line that says whether the limit holds; None if not everything was measured."""
        pages = ["ours"] if self.against is None else ["ours", self.against]
        if not all(self.case in measured.get(page, {}) for page in pages):
            return None
        ours, *others = (measured[page][self.case][self.figure] for page in pages)
        value = ours / others[0] if others else ours
        verdict = "holds" if value <= self.limit else "MISSED"
        what = f"{self.figure} {self.case}" + (f", of {self.against}'s" if self.against else "")
        return f"{what:28s}{value:8.3f}  at most {self.limit:g}: {verdict}"


BARS: Final = (
    Bar("cold", "picture", "peer", 1.0),
    Bar("cold", "content", "peer", 1.0),
    Bar("cold", "alive", "stock", 0.22),
    Bar("again", "alive", "stock", 0.16),
    Bar("throttled", "alive", "stock", 0.22),
    Bar("cold", "first MB", None, 3.3),
    Bar("cold", "longest", None, 100.0),
    Bar("chosen", "first", "before", 1.0),
    Bar("chosen", "before", None, 32.0),
    *(Bar(case, "frame", None, 50.0) for case in ("jsonl", "events", "csv")),
    Bar("cold", "CLS", None, 0.0),
    Bar("again", "CLS", None, 0.0),
    Bar("throttled", "CLS", None, 0.0),
    Bar("computed", "first", None, 100.0),
    Bar("computed", "frame", None, 50.0),
    *(
        Bar(field, figure, None, limit)
        for field in ("activation", "initialisation", "residual", "normalisation")
        for figure, limit in (("paint", 100.0), ("frame", 50.0), ("apart", 0.0))
    ),
)


def verdicts(measured: Found) -> Iterator[str]:
    """Yield a line for each limit that could be checked."""
    for bar in BARS:
        line = bar.line(measured)
        if line is not None:
            yield line
