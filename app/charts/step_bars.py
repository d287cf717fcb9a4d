"""Draws the bars of one step in the rows of the timeline's maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..figure.magnitudes import Magnitude
from ..figure.shading import Domain
from . import row_bars
from .bounds import AllBounds
from .parts import Parts
from .scales import Scale, make_scale

SUFFIXES: Final = ("", "-other")  # of the parts for the run and for the one beside it


class StepBars:
    """The bars among the timeline's `parts`. `ident`: a prefix for ids, unique in the document."""

    def __init__(self, parts: Parts, ident: str) -> None:
        self._parts, self._ident = parts, ident
        self._axis: Scale | None = None
        self._magnitudes: list[tuple[Magnitude, ...]] = []  # of each run
        for suffix in SUFFIXES:
            parts.draw(f"patterns{suffix}", row_bars.bar_patterns(f"{ident}{suffix}"))

    def show(
        self, runs: Sequence[tuple[tuple[Magnitude, ...], AllBounds | None]], is_log: bool, domain: Domain | None
    ) -> None:
        """Show one run's magnitudes and bounds at a step, or two runs' on the same axis, which has `domain`."""
        bounds = (bound for _, pairs in runs for pair in pairs or () if pair for bound in pair if bound > 0)
        sizes = (*(at for magnitudes, _ in runs for at in magnitudes), *bounds)
        axis = self._axis = make_scale(sizes, is_log, domain)
        self._magnitudes = [magnitudes for magnitudes, _ in runs]
        lines, ends = row_bars.bar_ticks(axis)
        self._parts.draw("ends", ends)
        for suffix, (magnitudes, pairs) in zip(SUFFIXES, runs, strict=False):
            self._parts.draw(f"scale{suffix}", lines)
            self._parts.draw(f"bars{suffix}", row_bars.row_bars(magnitudes, axis, f"{self._ident}{suffix}"))
            marks = row_bars.bar_marks(runs[1][0], axis) if len(runs) > 1 and not suffix else ""
            self._parts.draw(f"marks{suffix}", marks + row_bars.bound_lines(pairs, axis, len(magnitudes)))

    def light(self, lit: int, shown: Sequence[int]) -> None:
        """Light a row, and show the numbers of it and of the rows `shown`, which have room."""
        for suffix, magnitudes in zip(SUFFIXES, self._magnitudes, strict=False):
            if self._axis is None or lit >= len(magnitudes):
                continue
            bar = row_bars.row_bar(magnitudes[lit], lit, len(magnitudes), self._axis, f"{self._ident}{suffix}")
            self._parts.draw(f"lit{suffix}", bar)
            self._parts.draw(f"values{suffix}", row_bars.value_texts(magnitudes, shown, lit))
