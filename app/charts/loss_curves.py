"""Draws the losses of one run or two as curves over the steps."""

from __future__ import annotations

from collections.abc import Sequence

from ..figure.markup import number
from . import line_chart
from .parts import Parts
from .series import RunSeries


def draw_losses(parts: Parts, runs: Sequence[RunSeries]) -> bool:
    """Draw the curves of the runs that have losses, on one scale. Returns False if none has."""
    losses = [run.losses for run in runs]
    there = [each for each in losses if each is not None]
    scale = line_chart.loss_axis(there)
    heights = [(1 - at, text) for at, text in scale.ticks]
    lines = (f"M0 {number(line_chart.CURVE_HEIGHT * at)}h{line_chart.CURVE_WIDTH}" for at, _ in heights)
    parts.draw("grid", f'<path d="{"".join(lines)}"/>')
    parts.draw("losses", "".join(f'<text x="100%" y="{number(100 * at)}%">{text}</text>' for at, text in heights))
    for part, each in zip(("line", "line-other"), (*losses, None), strict=False):
        parts.put(part, "d", "" if each is None else line_chart.line_path(each, scale))
    marked = (run.marked_losses for run in runs)
    marks = [mark for each in marked if each is not None for mark in line_chart.broken_stretches(each)]
    parts.draw("broken", "".join(_broken_markup(*mark) for mark in marks))
    return bool(there)


def _broken_markup(start: float, end: float, kind: str) -> str:
    left, width = number(line_chart.CURVE_WIDTH * start), number(line_chart.CURVE_WIDTH * (end - start))
    return f'<rect data-kind="{kind}" x="{left}" y="0" width="{width}" height="{line_chart.CURVE_HEIGHT}"/>'
