"""The places of everything in the figure, from `layers` alone. Pure; lengths are units of the view box.

The view box has a fixed size, so a changed figure moves nothing around it. From top to bottom it has a row for the tag,
the columns, and a row for the neuron counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 760.0
HEIGHT: Final = 400.0
TAG_BASELINE: Final = 38.0
COLUMNS_TOP: Final = 60.0
COLUMNS_BOTTOM: Final = 344.0
COUNT_BASELINE: Final = 382.0

MARGIN: Final = 64.0  # from the sides of the view box to the centres of the outer columns
MAX_PITCH: Final = 200.0  # between columns: two layers stay together instead of at the two ends
MAX_NODE_PITCH: Final = 64.0
MAX_NODE_RADIUS: Final = 17.0
HALO_WIDTH: Final = 64.0
TAG_CHAR_WIDTH: Final = 21.0  # at the largest font size of the style sheet
TAG_HALF_WIDTH: Final = 150.0  # half of the widest tag at that size, if its label has …
DEFAULT_LABEL_CHARS: Final = 4  # … this many characters: |∂L|
MIN_COUNT_PITCH: Final = 76.0  # for a neuron count of four digits at the largest font size

MIN_NODE_PITCH: Final = 5.0  # below it the nodes of a column run together, so it is drawn as one bar
MAX_EDGES_PER_UNIT: Final = 1.0  # of a gap's width; above it the edges run together, so they are drawn as one band


@dataclass(frozen=True)
class LayerColumn:
    """The place of a layer: centre line `x`, nodes at `ys` of `radius`, or one bar from `top` to `bottom`."""

    x: float
    ys: tuple[float, ...]
    radius: float
    is_bar: bool
    top: float
    bottom: float


@dataclass(frozen=True)
class Gap:
    """The edges between column `left` and the next: one line for each edge, or one band."""

    left: int
    is_band: bool


@dataclass(frozen=True)
class Layout:
    """All places of a figure. `pitch` is the distance between columns, `halo_width` the width of a halo."""

    layers: tuple[int, ...]
    columns: tuple[LayerColumn, ...]
    gaps: tuple[Gap, ...]
    pitch: float
    halo_width: float

    @property
    def shows_counts(self) -> bool:
        """True if the neuron counts fit below the columns."""
        return self.pitch >= MIN_COUNT_PITCH


def lay_out(layers: Sequence[int]) -> Layout:
    """The places for `layers`, neurons per layer from left to right: at least one layer of at least one neuron."""
    depth = len(layers)
    pitch = min(MAX_PITCH, (WIDTH - 2 * MARGIN) / max(depth - 1, 1))
    first = WIDTH / 2 - pitch * (depth - 1) / 2
    columns = tuple(_column(first + pitch * index, neurons, pitch) for index, neurons in enumerate(layers))
    gaps = tuple(_column_gap(columns, left) for left in range(depth - 1))
    return Layout(tuple(layers), columns, gaps, pitch, min(HALO_WIDTH, 0.9 * pitch))


def tag_place(layout: Layout, layer: int, label_length: int = DEFAULT_LABEL_CHARS) -> tuple[float, str]:
    """The x and the `text-anchor` of the tag: over the middle of its column, or as near to it as fits."""
    return place_beside(layout, layer, TAG_HALF_WIDTH + TAG_CHAR_WIDTH / 2 * (label_length - DEFAULT_LABEL_CHARS))


def place_beside(layout: Layout, layer: int, half_width: float) -> tuple[float, str]:
    """The x and the `text-anchor` of a text at its column's middle, or as near to it as fits.

    `half_width`: half of the text's width, at most.
    """
    x, half = layout.columns[layer].x, layout.halo_width / 2
    if x < half_width:
        return min(x - half, WIDTH - 2 * half_width), "start"
    return (max(x + half, 2 * half_width), "end") if x > WIDTH - half_width else (x, "middle")


def _column(x: float, neurons: int, pitch: float) -> LayerColumn:
    middle, height = (COLUMNS_TOP + COLUMNS_BOTTOM) / 2, COLUMNS_BOTTOM - COLUMNS_TOP - 16.0
    node_pitch = min(MAX_NODE_PITCH, height / neurons)
    is_bar = node_pitch < MIN_NODE_PITCH
    radius = min(MAX_NODE_RADIUS / 2 if is_bar else 0.36 * node_pitch, MAX_NODE_RADIUS, 0.3 * pitch)
    ys = tuple(middle + (index - (neurons - 1) / 2) * node_pitch for index in range(neurons))
    if is_bar:
        return LayerColumn(x, ys, radius, True, middle - height / 2, middle + height / 2)
    return LayerColumn(x, ys, radius, False, ys[0] - radius, ys[-1] + radius)


def _column_gap(columns: Sequence[LayerColumn], left: int) -> Gap:
    a, b = columns[left], columns[left + 1]
    crowded = len(a.ys) * len(b.ys) > MAX_EDGES_PER_UNIT * (b.x - a.x)
    return Gap(left, a.is_bar or b.is_bar or crowded)
