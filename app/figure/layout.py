"""Where everything of the figure stands, from `layers` alone. Pure; lengths are units of the view box.

The view box never changes size, so a figure that re-flows shifts nothing around it. Top to bottom it has a
row for the tag, the columns, and a row for the neuron counts.
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

MARGIN: Final = 64.0  # from the view box's sides to the outer columns' centres
LARGEST_PITCH: Final = 200.0  # between columns: two layers stand together, not at the two ends
LARGEST_NODE_PITCH: Final = 64.0
LARGEST_RADIUS: Final = 17.0
HALO_WIDTH: Final = 64.0
CHARACTER: Final = 21.0  # a tag's, at the largest size the style sheet gives it
TAG_ROOM: Final = 150.0  # half the widest tag then, where its label has …
LABEL_LENGTH: Final = 4  # … so many characters: |∂L|
COUNT_ROOM: Final = 76.0  # a column's neuron count, four digits at the largest size

FEWEST_UNITS_A_NODE: Final = 5.0  # below it a column's nodes run together: it is drawn as one bar
MOST_EDGES_A_UNIT: Final = 1.0  # of a gap's width: above it its edges run together: it is drawn as one band


@dataclass(frozen=True)
class Column:
    """A layer's place: centre line `x`, nodes at `ys` of `radius`, or one bar from `top` to `bottom`."""

    x: float
    ys: tuple[float, ...]
    radius: float
    is_bar: bool
    top: float
    bottom: float


@dataclass(frozen=True)
class Gap:
    """What stands between column `left` and the next: one line an edge, or one band."""

    left: int
    is_band: bool


@dataclass(frozen=True)
class Layout:
    """A whole figure's places. `pitch` is the distance between columns, `halo_width` a halo's."""

    layers: tuple[int, ...]
    columns: tuple[Column, ...]
    gaps: tuple[Gap, ...]
    pitch: float
    halo_width: float

    @property
    def shows_counts(self) -> bool:
        """Whether neuron counts fit beneath the columns."""
        return self.pitch >= COUNT_ROOM


def lay_out(layers: Sequence[int]) -> Layout:
    """Places for `layers` neurons a layer, left to right: one layer or more, of one neuron or more."""
    depth = len(layers)
    pitch = min(LARGEST_PITCH, (WIDTH - 2 * MARGIN) / max(depth - 1, 1))
    first = WIDTH / 2 - pitch * (depth - 1) / 2
    columns = tuple(_column(first + pitch * index, neurons, pitch) for index, neurons in enumerate(layers))
    gaps = tuple(_gap(columns, left) for left in range(depth - 1))
    return Layout(tuple(layers), columns, gaps, pitch, min(HALO_WIDTH, 0.9 * pitch))


def tag_place(layout: Layout, layer: int, label_length: int = LABEL_LENGTH) -> tuple[float, str]:
    """The tag's x and `text-anchor`: over the middle of the layer's column, or as near as fits."""
    return place_beside(layout, layer, TAG_ROOM + CHARACTER / 2 * (label_length - LABEL_LENGTH))


def place_beside(layout: Layout, layer: int, room: float) -> tuple[float, str]:
    """The x and `text-anchor` of a text of at most twice `room`: at its column's middle, or as near as fits."""
    x, half = layout.columns[layer].x, layout.halo_width / 2
    if x < room:
        return min(x - half, WIDTH - 2 * room), "start"
    return (max(x + half, 2 * room), "end") if x > WIDTH - room else (x, "middle")


def _column(x: float, neurons: int, pitch: float) -> Column:
    middle, height = (COLUMNS_TOP + COLUMNS_BOTTOM) / 2, COLUMNS_BOTTOM - COLUMNS_TOP - 16.0
    node_pitch = min(LARGEST_NODE_PITCH, height / neurons)
    is_bar = node_pitch < FEWEST_UNITS_A_NODE
    radius = min(LARGEST_RADIUS / 2 if is_bar else 0.36 * node_pitch, LARGEST_RADIUS, 0.3 * pitch)
    ys = tuple(middle + (index - (neurons - 1) / 2) * node_pitch for index in range(neurons))
    if is_bar:
        return Column(x, ys, radius, True, middle - height / 2, middle + height / 2)
    return Column(x, ys, radius, False, ys[0] - radius, ys[-1] + radius)


def _gap(columns: Sequence[Column], left: int) -> Gap:
    a, b = columns[left], columns[left + 1]
    crowded = len(a.ys) * len(b.ys) > MOST_EDGES_A_UNIT * (b.x - a.x)
    return Gap(left, a.is_bar or b.is_bar or crowded)
