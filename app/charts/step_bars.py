"""Draws the bars of one step in the rows of the timeline's maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ..figure.magnitudes import Magnitude
from ..figure.shading import Decades, Domain, to_domain
from . import row_bars
from .bounds import AllBounds
from .parts import Parts
from .scales import Scale, make_scale
from .series import RunSeries, linear_domain

SUFFIXES: Final = ("", "-other")  # of the parts for the run and for the one beside it


class StepBars:
    """The bars among the timeline's `parts`. `ident`: a prefix for ids, unique in the document.

    Their axis is that of all steps. While it is fitted, it is that of the steps that were shown since.
    """

    def __init__(self, parts: Parts, ident: str) -> None:
        self._parts, self._ident = parts, ident
        self._axis: Scale | None = None
        self._is_log = True
        self._domain: Domain | None = None  # of all steps
        self._fitted: list[float] | None = None  # the ends of what was shown since the axis is fitted
        self._magnitudes: list[tuple[Magnitude, ...]] = []  # of each run
        for suffix in SUFFIXES:
            parts.draw(f"patterns{suffix}", row_bars.bar_patterns(f"{ident}{suffix}"))

    def begin(self, runs: Sequence[RunSeries], span: Decades, *, is_log: bool) -> None:
        """Take the axis for other runs, whose logarithms lie in `span`."""
        self._is_log, self._fitted = is_log, None
        self._domain = to_domain(span) if is_log else linear_domain(runs)

    def toggle_fit(self) -> None:
        """Fit the axis to what is shown next, or return to that of all steps."""
        self._fitted = [] if self._fitted is None else None

    def show(self, runs: Sequence[RunSeries], step: int) -> None:
        """Show the magnitudes and bounds of one run at a step, or those of two on the same axis."""
        rows = range(len(runs[0].values))
        self._magnitudes = [tuple(run.magnitude(row, step) for row in rows) for run in runs]
        bounds = [tuple(run.bounds(row, step) for row in rows) if run.bounds else None for run in runs]
        axis = self._axis = self._find_axis(bounds)
        lines, ends = row_bars.bar_ticks(axis)
        self._parts.draw("ends", ends)
        for suffix, magnitudes, pairs in zip(SUFFIXES, self._magnitudes, bounds, strict=False):
            self._parts.draw(f"scale{suffix}", lines)
            self._parts.draw(f"bars{suffix}", row_bars.row_bars(magnitudes, axis, f"{self._ident}{suffix}"))
            marks = row_bars.bar_marks(self._magnitudes[1], axis) if len(runs) > 1 and not suffix else ""
            self._parts.draw(f"marks{suffix}", marks + row_bars.bound_lines(pairs, axis, len(magnitudes)))

    def _find_axis(self, bounds: Sequence[AllBounds | None]) -> Scale:
        """The axis of the step in view, and the button that fits it, which is there if it would change something."""
        ends = [end for pairs in bounds for pair in pairs or () if pair for end in pair if end > 0]
        sizes = [*ends, *(size for magnitudes in self._magnitudes for size in magnitudes if size is not None)]
        alone, whole = make_scale(sizes, self._is_log), make_scale(sizes, self._is_log, self._domain)
        self._parts["fit"].hidden = alone == whole
        self._parts.put("fit", "aria-pressed", "false" if self._fitted is None else "true")
        if self._fitted is None:
            return whole
        there = [size for size in (*self._fitted, *sizes) if 0.0 < size < math.inf]
        self._fitted = [min(there), max(there)] if there else []
        return make_scale((*sizes, *self._fitted), self._is_log)

    def light(self, lit: int, shown: Sequence[int]) -> None:
        """Light a row, and show the numbers of it and of the rows `shown`, which have room."""
        for suffix, magnitudes in zip(SUFFIXES, self._magnitudes, strict=False):
            if self._axis is None or lit >= len(magnitudes):
                continue
            bar = row_bars.row_bar(magnitudes[lit], lit, len(magnitudes), self._axis, f"{self._ident}{suffix}")
            self._parts.draw(f"lit{suffix}", bar)
            self._parts.draw(f"values{suffix}", row_bars.value_texts(magnitudes, shown, lit))
