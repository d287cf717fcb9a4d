"""GradientDecayExplorer's props, and its bars as numbers and markup. Pure.

Horizontal places are per cent of the figure's width, vertical ones per cent of the plot's height. So bars are below the
figure's columns at any size, while texts and hatches keep their size. The markup consists of numbers and this module's
own words, without names and labels from outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ..figure import wave
from ..figure.layer_labels import FITS_ANY, FITS_BROAD, FITS_NOWHERE
from ..figure.layout import WIDTH, lay_out
from ..figure.magnitudes import (
    Magnitude,
    check_magnitudes,
    describe_bounded,
    describe_magnitude,
    write_bounded,
    write_magnitude,
)
from ..figure.markup import number
from ..figure.props import (
    MAX_NAME_CHARS,
    check_callback,
    check_class_name,
    check_label,
    check_layers,
    check_names,
)
from ..figure.shading import Domain, check_domain, magnitude_kind
from ..figure.validation import check_choice, check_cursor, check_lengths, check_props, check_text, optional
from .bounds import AllBounds, bounds_at, bounds_markup, check_bounds
from .scales import SCALES, Scale, make_scale

Magnitudes = tuple[Magnitude, ...]

EXPLORER_NAME: Final = "GradientDecayExplorer"
BAR_SERIES: Final = ("former", "gradients", "other")  # in painting order
BAR_SHARE: Final = 0.58  # of a column's pitch
MAX_BAR_WIDTH: Final = 48.0  # units of the figure's width
FORMER_WIDTH_FACTOR: Final = 1.3  # of a bar's width
DENSE_PITCH: Final = 14.0  # units; with less, bars touch each other and the other series are lines over them
MIN_BAR_HEIGHT: Final = 1.2  # per cent of the plot's height; also the height of a line
ZERO_HEIGHT: Final = 2.0  # per cent
TEXT_CHAR_WIDTH_PX: Final = 7.3  # of a digit in the plot's texts
BROAD_PX_PER_UNIT: Final = 0.8  # in a window of 660 px
NARROW_PX_PER_UNIT: Final = 0.34  # in a window of 320 px


if TYPE_CHECKING:  # for type checkers alone
    from typing import TypedDict

    class GivenBarProps(TypedDict, total=False):
        """The props as the caller gives them."""

        layers: Iterable[int]
        gradients: Iterable[Magnitude]
        label: str
        names: Iterable[str] | None
        current_layer: int | None
        scale: str
        former: Iterable[Magnitude] | None
        other: Iterable[Magnitude] | None
        other_name: str
        own_name: str
        bounds: Iterable[tuple[float, float] | None] | None
        on_current_layer_change: Callable[[int], object] | None
        class_name: str
        domain: Domain | None


@dataclass(frozen=True)
class BarProps:
    """The checked props of GradientDecayExplorer."""

    layers: tuple[int, ...]
    gradients: Magnitudes
    label: str = wave.LABEL
    names: tuple[str, ...] | None = None
    current_layer: int | None = None
    scale: str = "log"
    former: Magnitudes | None = None
    other: Magnitudes | None = None
    other_name: str = ""
    own_name: str = "now"
    bounds: AllBounds | None = None
    on_current_layer_change: Callable[[int], object] | None = None
    class_name: str = ""
    domain: Domain | None = None

    @property
    def depth(self) -> int:
        """The number of layers."""
        return len(self.layers)

    @property
    def axis(self) -> Scale:
        """The common scale of all series."""
        bounds = (bound for pair in self.bounds or () if pair for bound in pair if bound > 0)
        series = (self.gradients, self.former or (), self.other or (), bounds)
        return make_scale((magnitude for one in series for magnitude in one), self.scale == "log", self.domain)

    def name(self, layer: int) -> str:
        """The name of the layer at an index: as given, or `hidden 2`."""
        return wave.layer_name(layer, self.depth, self.names)

    def series(self, name: str) -> Magnitudes | None:
        """One of BAR_SERIES, a magnitude per layer; None if it was not given."""
        return {"gradients": self.gradients, "former": self.former, "other": self.other}[name]

    def series_name(self, name: str) -> str:
        """The name of one of BAR_SERIES in the legend."""
        return {"gradients": self.own_name, "former": "before", "other": self.other_name or "other"}[name]


def make_bar_props(given: Mapping[str, Any]) -> BarProps:
    """Props from keyword arguments.

    Raises TypeError for an unknown or missing name, ValueError for a wrong value: field, rule, value.
    """
    for name in ("layers", "gradients"):
        if name not in given:
            raise TypeError(f"{EXPLORER_NAME}: the prop {name} is required")
    return _check_bar_depth(BarProps(**check_props(given, _BAR_CHECKS, EXPLORER_NAME)))


def change_bar_props(bars: BarProps, given: Mapping[str, Any]) -> BarProps:
    """`bars` with some props changed. Raises as `make_bar_props` does, and then nothing has changed."""
    return _check_bar_depth(replace(bars, **check_props(given, _BAR_CHECKS, EXPLORER_NAME)))


def _check_bar_depth(bars: BarProps) -> BarProps:
    lengths = {**{name: bars.series(name) for name in BAR_SERIES}, "bounds": bars.bounds, "names": bars.names}
    check_lengths(lengths, bars.depth)
    return bars


def _check_series(field: str) -> Callable[[Any], Magnitudes]:
    return lambda values: check_magnitudes(values, field)


_BAR_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "layers": check_layers,
    "gradients": _check_series("gradients"),
    "label": check_label,
    "names": optional(check_names),
    "current_layer": optional(lambda value: check_cursor(value, "current_layer")),
    "scale": lambda value: check_choice(value, SCALES, "scale"),
    "former": optional(_check_series("former")),
    "other": optional(_check_series("other")),
    "other_name": lambda value: check_text(value, "other_name", MAX_NAME_CHARS, shortest=0),
    "own_name": lambda value: check_text(value, "own_name", MAX_NAME_CHARS),
    "bounds": optional(check_bounds),
    "on_current_layer_change": check_callback,
    "class_name": check_class_name,
    "domain": optional(check_domain),
}


def lit_layer(cursor: int, depth: int) -> int:
    """The index, from the input, of the layer that a cursor lights, clamped.

    From 0 on the cursor counts back from the output. Below 0 it is a forward pass: −depth is the input, −1 the output.
    """
    return (
        min(max(depth + cursor, 0), depth - 1) if cursor < 0 else wave.layer_at(wave.clamp_cursor(cursor, depth), depth)
    )


def nearest_layer(layers: tuple[int, ...], across: float) -> int:
    """The layer whose column is nearest to a place: 0 at the figure's left side, 1 at its right."""
    columns = lay_out(layers).columns
    return min(range(len(columns)), key=lambda layer: abs(columns[layer].x - across * WIDTH))


def key_step(key: str, layer: int, depth: int) -> int | None:
    """The layer that a slider's key leads to from `layer`; None for other keys."""
    page = max(1, depth // 10)
    steps = {"ArrowRight": 1, "ArrowUp": 1, "ArrowLeft": -1, "ArrowDown": -1, "PageUp": page, "PageDown": -page}
    if key in steps:
        return min(max(layer + steps[key], 0), depth - 1)
    return {"Home": 0, "End": depth - 1}.get(key)


def bar_height(magnitude: Magnitude, axis: Scale) -> float:
    """The height of a bar in per cent. NaN, infinity and None fill the plot; 0 is flat."""
    if magnitude is None or not math.isfinite(magnitude):
        return 100.0
    return max(100.0 * axis.place(magnitude), MIN_BAR_HEIGHT) if magnitude > 0 else ZERO_HEIGHT


@dataclass(frozen=True)
class BarPlaces:
    """The horizontal places of the bars, in units of the figure's width."""

    pitch: float
    centres: tuple[float, ...]
    width: float
    shift: float  # from a column's centre to the centre of each of two bars

    @property
    def dense(self) -> bool:
        """True if bars touch each other and the other series are lines over them."""
        return self.pitch < DENSE_PITCH

    def span(self, series: str, layer: int) -> tuple[float, float]:
        """The left side and the width of a bar."""
        if series == "former" and not self.dense:
            width = self.width * FORMER_WIDTH_FACTOR + 2 * self.shift
            return self.centres[layer] - width / 2, width
        middle = self.centres[layer] + {"gradients": -self.shift, "other": self.shift}.get(series, 0.0)
        return middle - self.width / 2, self.width


def bar_places(layers: tuple[int, ...], beside: bool) -> BarPlaces:
    """The places for the bars of these layers, narrower if there is another series beside each."""
    layout = lay_out(layers)
    centres = tuple(column.x for column in layout.columns)
    if layout.pitch < DENSE_PITCH:
        return BarPlaces(layout.pitch, centres, layout.pitch, 0.0)
    width = min(MAX_BAR_WIDTH, BAR_SHARE * layout.pitch) * (0.62 if beside else 1.0)
    return BarPlaces(layout.pitch, centres, width, width / 2 if beside else 0.0)


def text_fit(text: str, room: float) -> str:
    """The plots in which a text fits into `room` units: `any` plot, a `broad` one, or `none`."""
    need = TEXT_CHAR_WIDTH_PX * len(text) + 4.0
    if need <= NARROW_PX_PER_UNIT * room:
        return FITS_ANY
    return FITS_BROAD if need <= BROAD_PX_PER_UNIT * room else FITS_NOWHERE


def text_fits(magnitudes: Magnitudes, room: float) -> tuple[str, ...]:
    """The plots in which each magnitude's text fits. Numbers are shown together or not at all."""
    each = [text_fit(write_magnitude(magnitude), room) for magnitude in magnitudes]
    numbers = [one for one, magnitude in zip(each, magnitudes, strict=True) if magnitude_kind(magnitude) == "value"]
    worst = max(numbers, key=(FITS_ANY, FITS_BROAD, FITS_NOWHERE).index, default=FITS_ANY)
    return tuple(worst if magnitude_kind(at) == "value" else one for one, at in zip(each, magnitudes, strict=True))


def _per_cent(units: float) -> str:
    return f"{100 * units / WIDTH:.3f}%"


def plot_markup(bars: BarProps, ident: str) -> str:
    """The SVG content of the plot, without the attributes that depend on magnitudes, which bar_chart.py writes.

    `ident` is a prefix for the ids of its patterns, unique in the document.
    """
    there = bar_places(bars.layers, bars.other is not None)
    drawn = [name for name in BAR_SERIES if bars.series(name) is not None]
    groups = "".join(
        f'<g class="gradient-explorer-{name}">'
        + "".join(_bar_markup(there, name, layer) for layer in range(bars.depth))
        + "</g>"
        for name in drawn
    )
    halo = _lit_halo_markup(there)
    spans = () if bars.bounds is None else (there.span("gradients", layer) for layer in range(bars.depth))
    groups += bounds_markup(_per_cent(left + width / 2) for left, width in spans)
    return (
        f"{_patterns(ident)}{halo}"
        '<g class="gradient-explorer-grid" data-part="grid"></g>'
        f"{groups}"
        '<line class="gradient-explorer-foot" x1="0" x2="100%" y1="100%" y2="100%"/>'
        '<g class="gradient-explorer-ticks" data-part="ticks"></g>'
        f"{_texts_markup(there, drawn, bars.depth)}"
        f'<g class="gradient-explorer-numbers">{numbers_markup(there)}</g>'
    )


def _bar_markup(there: BarPlaces, series: str, layer: int) -> str:
    left, width = there.span(series, layer)
    return f'<rect data-bar="{series}" x="{_per_cent(left)}" width="{_per_cent(width)}"/>'


def _texts_markup(there: BarPlaces, drawn: list[str], depth: int) -> str:
    """Elements for the magnitudes' texts. Former magnitudes have none, and dense bars have none at all."""
    drawn = [] if there.dense else [series for series in drawn if series != "former"]
    texts = "".join(
        f'<text data-value="{series}" x="{_per_cent(left + width / 2)}"/>'
        for series in drawn
        for layer in range(depth)
        for left, width in [there.span(series, layer)]
    )
    return f'<g class="gradient-explorer-values">{texts}</g>'


def _lit_halo_markup(there: BarPlaces) -> str:
    width = max(min(1.55 * MAX_BAR_WIDTH, 0.94 * there.pitch), 4.0)
    return (
        f'<rect class="gradient-explorer-halo" data-part="halo" y="0" height="100%" rx="6" width="{_per_cent(width)}"/>'
    )


def halo_left(layers: tuple[int, ...], layer: int) -> str:
    """The left side of the halo for the lit layer."""
    there = bar_places(layers, False)
    width = max(min(1.55 * MAX_BAR_WIDTH, 0.94 * there.pitch), 4.0)
    return _per_cent(there.centres[layer] - width / 2)


def grid_markup(axis: Scale) -> tuple[str, str]:
    """The grid lines, and their texts.

    Each text is at the origin of an <svg> of its own, about which a style sheet may turn it. WebKit can't turn a text
    about its own place.
    """
    heights = [(number(100 - 100 * at), text) for at, text in axis.ticks]
    lines = "".join(f'<line x1="0" x2="100%" y1="{y}%" y2="{y}%"/>' for y, _ in heights)
    texts = (f'<svg y="{y}%" overflow="visible"><text dy="-0.3em">{text}</text></svg>' for y, text in heights)
    return lines, "".join(texts)


def numbers_markup(there: BarPlaces) -> str:
    """The layers' numbers below the plot, as many as fit."""
    depth = len(there.centres)
    few, many = (shown_numbers(depth, there.pitch * scale) for scale in (NARROW_PX_PER_UNIT, BROAD_PX_PER_UNIT))
    return "".join(
        f'<text x="{_per_cent(there.centres[shown - 1])}" y="100%" dy="1.45em" '
        f'data-fit="{"any" if shown in few & many else "broad" if shown in many else "narrow"}">{shown}</text>'
        for shown in sorted(few | many)
    )


def shown_numbers(depth: int, pitch: float) -> set[int]:
    """The layers' numbers that fit below columns `pitch` px apart: the first, the last, and round ones."""
    need = (TEXT_CHAR_WIDTH_PX * len(str(depth)) + 8.0) / pitch
    step = next(step for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 256) if step >= min(need, 256))
    round_ones = (number for number in range(step, depth + 1, step) if number - 1 >= need and depth - number >= need)
    return {1, depth, *round_ones} if need <= depth - 1 or depth == 1 else {depth}


def _patterns(ident: str) -> str:
    """The patterns of bars: the lattice of NaN, the gradient of infinity, the hatch of the other series."""
    return (
        f'<defs><pattern id="{ident}-nan" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path class="gradient-explorer-nan-line" d="M0 0L6 6M6 0L0 6"/></pattern>'
        f'<pattern id="{ident}-other" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="gradient-explorer-other-ground" width="5" height="5"/>'
        '<rect class="gradient-explorer-other-line" width="2" height="5"/></pattern>'
        f'<linearGradient id="{ident}-infinite" x1="0" x2="0" y1="0" y2="1">'
        '<stop class="gradient-explorer-infinite" offset="0" stop-opacity="0"/>'
        '<stop class="gradient-explorer-infinite" offset="0.5"/></linearGradient></defs>'
    )


def readout_of(bars: BarProps, layer: int) -> str:
    """The readout for a layer: `hidden 2 · 0.17 · before 8.0e-4 · He 0.30`."""
    own = write_bounded(bars.gradients[layer], bounds_at(bars.bounds, layer))
    return " · ".join((bars.name(layer), own, *_others(bars, layer, write_magnitude)))


def announcement(bars: BarProps, layer: int) -> str:
    """A layer's sentence for screen readers: `layer 3 of 6, hidden 2: RMS ∂L/∂a 0.17, before 8.0e-4`."""
    own = f"{bars.label} {describe_bounded(bars.gradients[layer], bounds_at(bars.bounds, layer))}"
    magnitudes = ", ".join((own, *_others(bars, layer, describe_magnitude)))
    return f"layer {layer + 1} of {bars.depth}, {bars.name(layer)}: {magnitudes}"


def _others(bars: BarProps, layer: int, write: Callable[[Magnitude], str]) -> list[str]:
    series = ((name, bars.series(name)) for name in ("former", "other"))
    return [f"{bars.series_name(name)} {write(each[layer])}" for name, each in series if each is not None]


def plot_shape(bars: BarProps) -> tuple[object, ...]:
    """The props on which the plot's elements depend. As long as they stay, only attributes change."""
    return bars.layers, bars.bounds is not None, *(bars.series(name) is not None for name in BAR_SERIES)
