"""The figure as markup, which the build and the browser both use. Pure.

It is made of numbers and this module's own words. The label and the layers' names come from outside and are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import wave
from .layer_labels import FITS_ANY, lay_out_labels, place_lit_label, shorten_lit_label
from .layout import (
    COLUMNS_BOTTOM,
    COLUMNS_TOP,
    COUNT_BASELINE,
    HEIGHT,
    TAG_BASELINE,
    WIDTH,
    LayerColumn,
    Layout,
    tag_place,
)

OUTLINE_RATIO = 0.35  # of a node's radius: the width of the wave's outline around a shaded node
MAX_OUTLINE = 4.0


class Fill(NamedTuple):
    """The fill of a layer's nodes that shows its magnitude: the magnitude's kind, and the paint."""

    kind: str
    paint: str


class NodeFills(NamedTuple):
    """The fills of all layers' nodes, the input first, the definitions that they refer to, and the legend's content."""

    fills: tuple[Fill, ...]
    definitions: str
    legend: str = ""


def number(value: float) -> str:
    """A coordinate in hundredths of a unit, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def escape(text: str) -> str:
    """Text as markup between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def figure_markup(
    layout: Layout,
    frame: wave.WaveFrame,
    title_id: str,
    names: Sequence[str] | None = None,
    *,
    fills: NodeFills | None = None,
) -> str:
    """The content of the figure's root, with the wave settled.

    `names`: the layers' names, if given. `fills`: if given, the nodes show magnitudes.
    """
    legend = (
        f'<div class="gradient-flow-legend" data-part="legend" aria-hidden="true">{fills.legend}</div>' if fills else ""
    )
    return (
        '<div class="gradient-flow-head">'
        f'<span class="gradient-flow-title" id="{title_id}">{frame.phase.title}</span>'
        f'<span class="gradient-flow-readout" data-part="readout">'
        f"{escape(frame.readout)}</span></div>"
        f'<div class="gradient-flow-direction" aria-hidden="true">{frame.phase.direction}</div>{legend}'
        f"{drawing_markup(layout, frame, names, fills)}"
        '<div class="gradient-flow-summary" aria-live="polite" data-part="summary">'
        f"{escape(frame.summary)}</div>"
    )


def drawing_markup(
    layout: Layout, frame: wave.WaveFrame, names: Sequence[str] | None = None, fills: NodeFills | None = None
) -> str:
    """The SVG alone: edges, one group per layer, neuron counts or names, and the tag."""
    return (
        f'<svg class="gradient-flow-drawing" viewBox="0 0 {number(WIDTH)} {number(HEIGHT)}" '
        'aria-hidden="true">'
        f"{network_markup(layout, frame.layer, frame.phase, fills=fills)}{column_labels_markup(layout, names)}"
        f"{tag_markup(layout, frame)}{lit_label_markup(layout, frame.layer, names)}</svg>"
    )


def network_markup(
    layout: Layout,
    layer: int,
    phase: wave.WavePhase = wave.BACKWARD,
    both: bool = False,
    *,
    fills: NodeFills | None = None,
) -> str:
    """The network: edges, and one group per layer.

    With `both`, each layer has a second overlay for the forward pass, not lit. With `fills`, the nodes show magnitudes
    and lie above the overlay, which outlines them.
    """
    glows = wave.glow_targets(layer, len(layout.layers), phase)
    groups = "".join(
        f'<g class="gradient-flow-layer" data-layer="{index}" data-state="{wave.layer_state(index, layer, phase)}">'
        f"{_layer_markup(layout, index, glows[index], both, fills.fills[index] if fills else None)}</g>"
        for index in range(len(layout.layers))
    )
    edges = "".join(_gap_markup(layout, gap.left) for gap in layout.gaps)
    return f'{fills.definitions if fills else ""}<g class="gradient-flow-edges">{edges}</g>{groups}'


def _layer_markup(layout: Layout, index: int, glow: float, both: bool, fill: Fill | None) -> str:
    column = layout.columns[index]
    nodes = _nodes_markup(column) if fill is None else _outline_markup(column)
    incoming = _gap_markup(layout, index) if index < len(layout.gaps) else ""
    lit = f"{_halo_markup(layout, column)}{incoming}{nodes}"
    forward = f'<g class="gradient-flow-lit" data-part="forward" data-phase="forward" opacity="0">{lit}</g>'
    overlays = (
        f'<g class="gradient-flow-lit" data-part="halo" opacity="{number(glow)}">{lit}</g>{forward if both else ""}'
    )
    return f"{nodes}{overlays}" if fill is None else f"{overlays}{_shaded_markup(column, fill)}"


def _halo_markup(layout: Layout, column: LayerColumn) -> str:
    width, height = layout.halo_width, COLUMNS_BOTTOM - COLUMNS_TOP
    return (
        f'<rect class="gradient-flow-halo" x="{number(column.x - width / 2)}" y="{number(COLUMNS_TOP)}" '
        f'width="{number(width)}" height="{number(height)}" rx="{number(min(width / 2, 24.0))}"/>'
    )


def _nodes_markup(column: LayerColumn) -> str:
    width = "" if column.is_bar else f'stroke-width="{number(_line_width(column))}"'
    return _nodes_shape(column, "gradient-flow-nodes", width)


def _line_width(column: LayerColumn) -> float:
    """The width of the line around a node. A small node has a thin one: a normal one would cover it."""
    return min(1.25, 0.3 * column.radius)


def _outline_markup(column: LayerColumn) -> str:
    """The wave's outline around the nodes, of which they cover the inner half."""
    width = 2 * min(MAX_OUTLINE, OUTLINE_RATIO * column.radius) + _line_width(column)
    return _nodes_shape(column, "gradient-flow-outline", f'stroke-width="{number(width)}"')


def _shaded_markup(column: LayerColumn, fill: Fill) -> str:
    """The nodes with the fill of a magnitude, and the lines at their bottoms that a 0 has."""
    attributes = f'data-shade="{fill.kind}" fill="{fill.paint}" stroke-width="{number(_line_width(column))}"'
    r = column.radius
    lows = (column.bottom - r,) if column.is_bar else column.ys
    feet = "".join(f"M{number(column.x - 0.8 * r)} {number(y + 0.6 * r)}h{number(1.6 * r)}" for y in lows)
    foot = f'<path class="gradient-flow-foot" stroke-width="{number(min(3.0, 0.4 * r))}" d="{feet}"/>'
    return _nodes_shape(column, "gradient-flow-shaded", attributes) + foot


def _nodes_shape(column: LayerColumn, name: str, attributes: str) -> str:
    """The shape of a layer's nodes with a class and other attributes: one path or, for very many, one bar."""
    between = f" {attributes} " if attributes else " "
    if column.is_bar:
        r = column.radius
        return (
            f'<rect class="{name}"{between}x="{number(column.x - r)}" y="{number(column.top)}" '
            f'width="{number(2 * r)}" height="{number(column.bottom - column.top)}" rx="{number(r)}"/>'
        )
    radius, across = number(column.radius), number(2 * column.radius)
    left = number(column.x - column.radius)
    arcs = f"a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0-{across} 0z"
    path = "".join(f"M{left} {number(y)}{arcs}" for y in column.ys)
    return f'<path class="{name}"{between}d="{path}"/>'


def _gap_markup(layout: Layout, left: int) -> str:
    a, b = layout.columns[left], layout.columns[left + 1]
    start, end = number(a.x + a.radius), number(b.x - b.radius)
    if layout.gaps[left].is_band:
        corners = f"M{start} {number(a.top)}L{end} {number(b.top)}V{number(b.bottom)}L{start} {number(a.bottom)}z"
        return f'<path class="gradient-flow-band" d="{corners}"/>'
    lines = "".join(f"M{start} {number(y)}L{end} {number(z)}" for y in a.ys for z in b.ys)
    return f'<path class="gradient-flow-lines" d="{lines}"/>'


def column_labels_markup(layout: Layout, names: Sequence[str] | None = None) -> str:
    """The texts below all columns if they fit: the layers' names or, without names, the neuron counts."""
    if names is None:
        counts = map(str, layout.layers)
        return f'<g class="gradient-flow-counts">{_column_texts(layout, counts)}</g>' if layout.shows_counts else ""
    row = lay_out_labels(layout, names)
    texts = _column_texts(layout, map(escape, row.texts))
    return f'<g class="gradient-flow-names" data-fit="{row.fit}">{texts}</g>' if texts else ""


def _column_texts(layout: Layout, texts: Iterable[str]) -> str:
    return "".join(
        f'<text x="{number(column.x)}" y="{number(COUNT_BASELINE)}">{text}</text>'
        for column, text in zip(layout.columns, texts, strict=False)  # there may be no texts
    )


def lit_label_markup(layout: Layout, layer: int, names: Sequence[str] | None) -> str:
    """The lit layer's name below its column, for a figure in which the names of all layers don't fit."""
    if names is None or (fit := lay_out_labels(layout, names).fit) == FITS_ANY:
        return ""
    text = shorten_lit_label(names[layer])
    x, anchor = place_lit_label(layout, layer, text)
    return (
        f'<text class="gradient-flow-name" data-part="name" data-fit="{fit}" x="{number(x)}" '
        f'y="{number(COUNT_BASELINE)}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def tag_markup(layout: Layout, frame: wave.WaveFrame, attributes: str = 'data-part="tag"') -> str:
    """The tag above a layer."""
    x, anchor = tag_place(layout, frame.layer, len(frame.label))
    return (
        f'<text class="gradient-flow-tag" {attributes} x="{number(x)}" y="{number(TAG_BASELINE)}" '
        f'text-anchor="{anchor}">{escape(frame.tag)}</text>'
    )
