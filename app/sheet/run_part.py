"""The loss and the map of a run as a part of a sheet. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ..charts import heatmap, line_chart
from ..charts.arrays import FloatArray
from ..charts.series import RunSeries, row_names
from ..figure.layer_labels import shorten
from ..figure.layer_labels import width as columns_of
from ..figure.layout import WIDTH
from ..figure.magnitudes import write_magnitude
from ..figure.markup import number
from ..figure.shading import MARK_WORDS, SHADE_COUNT, Decades, mix
from ..figure.text import write_step
from ..figure.wave import LABEL
from .part import MONO_CHAR_EMS, SheetPart, colour, write_text

_GUTTER: Final = 96.0  # at the left, for the names of the layers and the losses
_PLOT_WIDTH: Final = WIDTH - _GUTTER
_CURVE: Final = 110.0  # the height of the loss
_HEAD: Final = 30.0
_CAPTION: Final = 24.0
_MAX_MAP_HEIGHT: Final = 260.0
_MAX_ROW_HEIGHT: Final = 18.0
_MIN_NAMED_HEIGHT: Final = 10.0  # of the rows for a name
_MAX_CELLS: Final = 16_000  # of a map: each takes about ten bytes of the file
_KEY: Final = 44.0  # the height of the key below the map
_IDENT: Final = "sheet-run"  # the ids of its patterns begin with it
_OVERLAP: Final = 0.3  # of a cell over the next one, or some programs show a gap between them
_SHADES: Final = 64  # of a map: as many paths as there are colours
_LEGEND: Final = 20.0  # the height of the names of two curves
_MAX_NAME_CHARS: Final = 80
_MAX_LEGEND_CHARS: Final = 40  # of a name beside its line
_LINES: Final = (f'stroke="{colour("warning")}"', f'stroke="{colour("accent")}" stroke-dasharray="6 4"')
_POINT: Final = re.compile(r"(\d+), (\d+)")


class RunContent(NamedTuple):
    """The arguments of `Timeline.show` by name."""

    names: Sequence[str]
    run: RunSeries
    step: int
    label: str = LABEL
    layer: int = 0
    other: RunSeries | None = None
    other_name: str = "the other network"
    own_name: str = "this network"
    numbers: FloatArray | None = None
    decades: Decades | None = None

    @property
    def runs(self) -> tuple[RunSeries, ...]:
        """The run, and the one beside it."""
        return (self.run,) if self.other is None else (self.run, self.other)

    @property
    def run_names(self) -> tuple[str, str]:
        """The names of the run and of the one beside it, as long as they may be."""
        return shorten(self.own_name, _MAX_NAME_CHARS), shorten(self.other_name, _MAX_NAME_CHARS)

    @property
    def steps(self) -> int:
        """The number of steps."""
        return int(self.run.values.shape[-1])

    def number(self, step: int) -> str:
        """The text of a step's number."""
        return str(step) if self.numbers is None else write_step(float(self.numbers[step]))


def run_part(arguments: Mapping[str, Any]) -> SheetPart:
    """The loss, the map, its key, and a line at the step. `arguments`: those of `Timeline.show`."""
    content = RunContent(**arguments)
    drawn, top, plots = [_head(content)], _HEAD, []
    if any(run.losses is not None for run in content.runs):
        if content.other is not None:
            drawn.append(_moved(_curves_legend(content), top))
            top += _LEGEND
        drawn.append(_moved(_curves(content), top))
        plots.append((top, top + _CURVE))
        top += _CURVE
    maps = [_thinned(run.map_cells) for run in content.runs]
    span = content.decades or heatmap.colour_span(maps)
    row = min(_MAX_ROW_HEIGHT, _MAX_MAP_HEIGHT / len(content.names))
    by_step = f"{content.label} by layer and step"
    captions = (by_step,) if content.other is None else (f"{by_step}, {name}" for name in content.run_names)
    for cells, caption in zip(maps, captions, strict=False):
        top += _CAPTION
        drawn.append(write_text((_GUTTER, top - 7), caption))
        drawn.append(_moved(_names(content, row) + _map(cells, span, row), top))
        plots.append((top, top + row * len(content.names)))
        top = plots[-1][1]
    drawn += [_cursor(content, plots), _moved(_key(content, span, heatmap.kinds_shown(maps)), top)]
    return SheetPart(top + _KEY, "".join(drawn))


def _moved(markup: str, top: float) -> str:
    return f'<g transform="translate(0 {number(top)})">{markup}</g>'


def _head(content: RunContent) -> str:
    has_losses = any(run.losses is not None for run in content.runs)
    loss = content.run.loss(content.step)
    parts = [f"step {content.number(content.step)} of {content.number(content.steps - 1)}"]
    parts += [] if content.run.losses is None else [f"loss {write_magnitude(loss)}"]
    title = "Loss by step" if has_losses else "Gradients by step"
    readout = write_text((WIDTH, 14.0), " · ".join(parts), anchor="end", mono=True)
    return write_text((0.0, 14.0), title, size=14, ink="ink", bold=True) + readout


def _curves_legend(content: RunContent) -> str:
    """The line and the name of each run."""
    drawn, x = [], 0.0
    for run, name, line in zip(content.runs, content.run_names, _LINES, strict=True):
        without = "" if run.losses is not None else ": no loss"
        text = shorten(name, _MAX_LEGEND_CHARS - len(without)) + without
        drawn.append(f'<path d="M{number(x)} 7h26" fill="none" {line} stroke-width="2"/>')
        drawn.append(write_text((x + 34, 11.0), text, size=12, mono=True))
        x += 34 + columns_of(text) * MONO_CHAR_EMS * 12 + 24
    return "".join(drawn)


def _curves(content: RunContent) -> str:
    """The losses over a grid, and marks where they are not finite."""
    losses = [run.losses for run in content.runs]
    axis = line_chart.loss_axis([each for each in losses if each is not None])
    drawn = []
    for at, text in axis.ticks:
        y = _CURVE * (1 - at)
        line = f"M{number(_GUTTER)} {number(y)}H{number(WIDTH)}"
        drawn.append(f'<path d="{line}" stroke="{colour("edge")}" stroke-dasharray="1 3"/>')
        drawn.append(write_text((_GUTTER - 8, y + 4), text, size=11, anchor="end", mono=True))
    for run in content.runs:
        if run.marked_losses is not None:
            drawn += [_broken(*stretch) for stretch in line_chart.broken_stretches(run.marked_losses)]
    for each, style in zip(losses, _LINES, strict=False):
        if each is not None:
            path = _POINT.sub(_place_point, line_chart.line_path(each, axis)).replace(", ", " ")
            drawn.append(f'<path d="{path}" fill="none" {style} stroke-width="2" stroke-linecap="round"/>')
    return "".join(drawn)


def _place_point(found: re.Match[str]) -> str:
    """A point of the line's own coordinates in those of the part."""
    x = _GUTTER + _PLOT_WIDTH * int(found[1]) / line_chart.CURVE_WIDTH
    return f"{number(x)} {number(_CURVE * int(found[2]) / line_chart.CURVE_HEIGHT)}"


def _broken(start: float, end: float, kind: str) -> str:
    left, width = number(_GUTTER + _PLOT_WIDTH * start), number(_PLOT_WIDTH * (end - start))
    opacity = 0.3 if kind == "nan" else 0.75
    return (
        f'<rect x="{left}" y="0" width="{width}" height="{number(_CURVE)}" fill="{colour("accent")}" '
        f'fill-opacity="{opacity}"/>'
    )


def _thinned(cells: heatmap.Cells) -> heatmap.Cells:
    """The cells in fewer columns if there are very many."""
    rows, columns = cells.kinds.shape
    return heatmap.merge_cells(cells, heatmap.steps_per_column(columns, max(1, _MAX_CELLS // rows)))


def _names(content: RunContent, row: float) -> str:
    """The names of the rows, the output at the top, as many as fit."""
    texts, stride = row_names(content.names), math.ceil(_MIN_NAMED_HEIGHT / row)
    count = len(texts)
    return "".join(
        write_text(
            (_GUTTER - 8, row * (count - layer - 0.5) + 4),
            texts[layer],
            size=11,
            ink="warning" if layer == content.layer else "muted",
            anchor="end",
            mono=True,
            bold=layer == content.layer,
        )
        for layer in range(count - 1, -1, -stride)
    )


def _map(cells: heatmap.Cells, span: tuple[int, int], row: float) -> str:
    """The cells: a path for each colour, and the marks of those without a place on the scale."""
    count, columns = cells.kinds.shape
    low, high = span
    shades = np.clip((cells.logs - low) * (_SHADES / (high - low)), 0, _SHADES - 1).astype(np.intp)
    paints = np.where(cells.kinds == heatmap.CELL_VALUE, shades, -cells.kinds.astype(np.intp))[::-1].tolist()
    width = _PLOT_WIDTH / columns
    paths: dict[int, list[str]] = {}
    for at, line in enumerate(paints):
        start = 0
        for end in range(1, columns + 1):
            if end < columns and line[end] == line[start]:
                continue
            left, right = number(_GUTTER + start * width), _GUTTER + end * width + (_OVERLAP if end < columns else 0.0)
            box = f"M{left} {number(at * row)}H{number(right)}v{number(row)}H{left}z"
            paths.setdefault(line[start], []).append(box)
            start = end
    frame = f'x="{number(_GUTTER)}" y="0" width="{number(_PLOT_WIDTH)}" height="{number(row * count)}"'
    filled = "".join(_painted(paint, "".join(boxes), row) for paint, boxes in sorted(paths.items()))
    framed = f'<rect {frame} fill="none" stroke="{colour("edge")}"/>'
    return f'{_patterns(row)}<g shape-rendering="crispEdges">{filled}</g>{framed}'


def _painted(paint: int, path: str, row: float) -> str:
    """The cells of one colour, or of one kind without a value, whose paint is its negative number."""
    if paint >= 0:
        step = round((paint + 0.5) * (SHADE_COUNT - 1) / _SHADES)
        return f'<path fill="{_shade(step)}" d="{path}"/>'
    fills = {
        heatmap.CELL_NAN: f"url(#{_IDENT}-nan)",
        heatmap.CELL_INFINITE: colour("accent"),
        heatmap.CELL_ZERO: f"url(#{_IDENT}-zero)",
    }
    return f'<path fill="{fills[-paint]}" d="{path}"/>' if -paint in fills else ""


def _shade(step: int) -> str:
    return mix(step, *(colour(name) for name in ("magnitude-low", "warning", "magnitude-high")))


def _patterns(row: float) -> str:
    """The lattice of NaN, and the line of 0 at the bottom of its row."""
    ground, mark = colour("surface"), colour("accent")
    return (
        f'<defs><pattern id="{_IDENT}-nan" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0h6v6h-6z" fill="{ground}"/><path d="M0 0h3v3h-3zM3 3h3v3h-3z" fill="{mark}"/></pattern>'
        f'<pattern id="{_IDENT}-zero" width="6" height="{number(row)}" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0h6v{number(row)}h-6z" fill="{ground}"/>'
        f'<path d="M0 {number(0.75 * row)}h6v{number(0.25 * row)}h-6z" fill="{mark}"/></pattern></defs>'
    )


def _cursor(content: RunContent, plots: list[tuple[float, float]]) -> str:
    """A line at the step through each plot, from its top to its bottom."""
    x = number(_GUTTER + _PLOT_WIDTH * line_chart.step_place(content.step, content.steps))
    path = "".join(f"M{x} {number(top)}V{number(bottom)}" for top, bottom in plots)
    return f'<path d="{path}" stroke="{colour("ink")}" stroke-width="1.5"/>'


def _key(content: RunContent, span: tuple[int, int], kinds: Sequence[str]) -> str:
    """The first and the last step, the scale of colours, and the kinds without a place on it."""
    last = content.steps - 1
    ends = write_text((_GUTTER, 14.0), content.number(0), size=11, mono=True)
    ends += write_text((WIDTH, 14.0), content.number(last), size=11, anchor="end", mono=True) if last else ""
    stops = "".join(
        f'<stop offset="{offset}" stop-color="{colour(name)}"/>'
        for offset, name in (("0", "magnitude-low"), ("0.5", "warning"), ("1", "magnitude-high"))
    )
    low, *_, high = heatmap.key_marks(span)
    left, top = _GUTTER + 56, 24.0
    scale = (
        f'<defs><linearGradient id="{_IDENT}-scale">{stops}</linearGradient></defs>'
        f'<rect fill="url(#{_IDENT}-scale)" stroke="{colour("node-line")}" x="{number(left)}" y="{number(top)}" '
        f'width="160" height="11" rx="2"/>'
        + write_text((left - 8, top + 10), low[1], size=11, anchor="end", mono=True)
        + write_text((left + 168, top + 10), high[1], size=11, mono=True)
    )
    fills = {"nan": f"url(#{_IDENT}-nan)", "infinite": colour("accent"), "none": "none"}
    marks = []
    for at, kind in enumerate(kinds):
        x, fill = left + 230 + 70 * at, fills.get(kind, colour("surface"))
        marks.append(
            f'<rect x="{number(x)}" y="{number(top)}" width="16" height="11" fill="{fill}" '
            f'stroke="{colour("node-line")}"/>'
        )
        if kind == "zero":
            marks.append(
                f'<path d="M{number(x)} {number(top + 9.5)}h16" stroke="{colour("accent")}" stroke-width="3"/>'
            )
        marks.append(write_text((x + 22, top + 10), MARK_WORDS[kind], size=11))
    return ends + scale + "".join(marks)
