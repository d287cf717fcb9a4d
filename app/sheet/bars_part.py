"""The bars as a part of a sheet: the same places and heights as GradientDecayExplorer's, in units. Pure."""

from __future__ import annotations

from typing import Final

from ..charts import bars
from ..charts.bars import BarProps
from ..charts.bounds import bound_places
from ..charts.scales import Scale
from ..figure.layer_labels import FITS_NOWHERE, shorten
from ..figure.layer_labels import width as columns_of
from ..figure.layout import WIDTH
from ..figure.magnitudes import write_magnitude
from ..figure.markup import number
from ..figure.shading import magnitude_kind
from .part import MONO_CHAR_EMS, SheetPart, colour, write_text

_HEAD: Final = 40.0  # above the plot, for the title and the values of full bars
_PLOT_HEIGHT: Final = 200.0
_FOOT: Final = 24.0  # below the plot, for the numbers of the layers
_TEXT_SIZE: Final = 12.0
_LEGEND_SIZE: Final = 12.0
_TITLE_SIZE: Final = 14.0
_BOLD_CHAR_EMS: Final = 0.58
_SWATCH: Final = 38.0  # the width of a swatch in the legend, with the spaces around it
_MIN_LEGEND_CHARS: Final = 8
_IDENT: Final = "sheet-bars"  # the ids of its patterns begin with it
_PATTERNS: Final = (
    f'<defs><pattern id="{_IDENT}-nan" width="6" height="6" patternUnits="userSpaceOnUse">'
    f'<path d="M0 0L6 6M6 0L0 6" stroke="{colour("ink")}"/></pattern>'
    f'<pattern id="{_IDENT}-other" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="{colour("surface")}"/>'
    f'<rect width="2" height="5" fill="{colour("accent")}"/></pattern>'
    f'<linearGradient id="{_IDENT}-infinite" x1="0" x2="0" y1="0" y2="1">'
    f'<stop offset="0" stop-color="{colour("ink")}" stop-opacity="0"/>'
    f'<stop offset="0.5" stop-color="{colour("ink")}"/></linearGradient></defs>'
)
_OUTLINED: Final = f'fill="none" stroke="{colour("ink")}" stroke-width="1.25" stroke-dasharray="4 3"'


def bars_part(props: BarProps, cursor: int) -> SheetPart:
    """The bars with the layer of a cursor lit."""
    axis, layer = props.axis, bars.lit_layer(cursor, props.depth)
    there = bars.bar_places(props.layers, props.other is not None)
    scale = "by layer, log scale" if props.scale == "log" else "by layer"
    drawn = [name for name in bars.BAR_SERIES if props.series(name) is not None]
    plot = (
        _halo(there, layer)
        + _grid(axis)
        + "".join(_series(props, name, axis, layer) for name in drawn)
        + _bounds(props, there, axis)
        + _line((0.0, _PLOT_HEIGHT), (WIDTH, _PLOT_HEIGHT), "node-line")
        + _ticks(axis)
        + "".join(_values(props, name, axis, layer) for name in drawn if name != "former")
        + _numbers(there)
    )
    heading = f"{props.label} {scale}"
    title = write_text((0.0, 14.0), heading, size=_TITLE_SIZE, ink="ink", bold=True)
    legend = _legend(props, drawn, WIDTH - _BOLD_CHAR_EMS * _TITLE_SIZE * columns_of(heading))
    plot = f'<g transform="translate(0 {number(_HEAD)})">{plot}</g>'
    return SheetPart(_HEAD + _PLOT_HEIGHT + _FOOT, f"{_PATTERNS}{title}{legend}{plot}")


def _y(per_cent: float) -> float:
    """The place of a height in per cent from the bottom of the plot."""
    return _PLOT_HEIGHT * (1 - per_cent / 100)


def _rect(left: float, top: float, width: float, height: float, attributes: str) -> str:
    return (
        f'<rect x="{number(left)}" y="{number(top)}" width="{number(width)}" height="{number(height)}" {attributes}/>'
    )


def _line(start: tuple[float, float], end: tuple[float, float], ink: str, attributes: str = "") -> str:
    places = f'x1="{number(start[0])}" y1="{number(start[1])}" x2="{number(end[0])}" y2="{number(end[1])}"'
    return f'<line {places} stroke="{colour(ink)}"{attributes}/>'


def _halo(there: bars.BarPlaces, layer: int) -> str:
    width = max(min(1.55 * bars.MAX_BAR_WIDTH, 0.94 * there.pitch), 4.0)
    left = there.centres[layer] - width / 2
    return _rect(left, 0.0, width, _PLOT_HEIGHT, f'rx="6" fill="{colour("warning")}" fill-opacity="0.16"')


def _grid(axis: Scale) -> str:
    heights = (_y(100 * at) for at, _ in axis.ticks)
    return "".join(_line((0.0, y), (WIDTH, y), "edge", ' stroke-dasharray="1 3"') for y in heights)


def _ticks(axis: Scale) -> str:
    return "".join(write_text((0.0, _y(100 * at) - 4), text, size=_TEXT_SIZE, mono=True) for at, text in axis.ticks)


def _series(props: BarProps, name: str, axis: Scale, layer: int) -> str:
    """All bars of a series."""
    there = bars.bar_places(props.layers, props.other is not None)
    drawn = []
    for at, magnitude in enumerate(props.series(name) or ()):
        kind, height = magnitude_kind(magnitude), bars.bar_height(magnitude, axis)
        left, width = there.span(name, at)
        top = _y(height)
        if there.dense and name != "gradients" and kind == "value":  # a line over the bars
            height = bars.MIN_BAR_HEIGHT
        style = _style(name, kind, is_lit=at == layer, is_dense=there.dense)
        drawn.append(_rect(left, top, width, _PLOT_HEIGHT * height / 100, style))
    return "".join(drawn)


def _style(series: str, kind: str, *, is_lit: bool, is_dense: bool) -> str:
    ink, node_line = colour("ink"), colour("node-line")
    if series == "former" and not is_dense:
        return _OUTLINED
    marks = {
        "none": f'fill="none" stroke="{node_line}" stroke-dasharray="2 4"',
        "zero": f'fill="{colour("surface")}" stroke="{ink}" stroke-width="1.25"',
        "nan": f'fill="url(#{_IDENT}-nan)" stroke="{ink}"',
        "infinite": f'fill="url(#{_IDENT}-infinite)"',
    }
    if kind in marks:
        return marks[kind]
    if series == "other":
        paint = colour("accent")
        return f'fill="{paint}"' if is_dense else f'fill="url(#{_IDENT}-other)" stroke="{paint}" stroke-width="1.25"'
    if series == "former":
        return f'fill="{ink}"'
    rounded = "" if is_dense else ' rx="2"'
    return f'fill="{colour("warning") if is_lit else node_line}"{rounded}'


def _bounds(props: BarProps, there: bars.BarPlaces, axis: Scale) -> str:
    """The lines between the bounds of estimates."""
    drawn = []
    for layer, bounds in enumerate(props.bounds or ()):
        if bounds is not None:
            left, width = there.span("gradients", layer)
            upper, lower = (_PLOT_HEIGHT * at / 100 for at in bound_places(bounds, axis))
            x = left + width / 2
            drawn.append(_line((x, upper), (x, lower), "ink", ' stroke-width="2"'))
    return "".join(drawn)


def _values(props: BarProps, name: str, axis: Scale, layer: int) -> str:
    """The magnitudes above their bars, if they fit."""
    there, magnitudes = bars.bar_places(props.layers, props.other is not None), props.series(name) or ()
    if there.dense:
        return ""
    fits = bars.text_fits(magnitudes, there.pitch if props.other is None else there.width)
    drawn = []
    for at, (magnitude, fit) in enumerate(zip(magnitudes, fits, strict=True)):
        if fit == FITS_NOWHERE:
            continue
        left, width = there.span(name, at)
        top = _y(0.0 if magnitude is None else bars.bar_height(magnitude, axis))
        if name == "gradients" and props.bounds and (pair := props.bounds[at]):
            top = min(top, _PLOT_HEIGHT * bound_places(pair, axis)[0] / 100)
        lit = at == layer
        ink = "warning" if lit else "ink"
        text = write_magnitude(magnitude)
        drawn.append(
            write_text(
                (left + width / 2, top - 5), text, size=_TEXT_SIZE, ink=ink, anchor="middle", mono=True, bold=lit
            )
        )
    return "".join(drawn)


def _numbers(there: bars.BarPlaces) -> str:
    """The numbers of the layers below the plot, as many as fit."""
    shown = bars.shown_numbers(len(there.centres), there.pitch * bars.BROAD_PX_PER_UNIT)
    return "".join(
        write_text((there.centres[one - 1], _PLOT_HEIGHT + 17), str(one), size=_TEXT_SIZE, anchor="middle", mono=True)
        for one in sorted(shown)
    )


def _legend(props: BarProps, drawn: list[str], room: float) -> str:
    """The names of the series at the right, if there are several, in a room beside the title."""
    if len(drawn) < 2:
        return ""
    right, items = WIDTH, []
    chars = int((room / len(drawn) - _SWATCH) / (MONO_CHAR_EMS * _LEGEND_SIZE))
    for name in ("other", "former", "gradients"):
        if name in drawn:
            text = shorten(props.series_name(name), max(chars, _MIN_LEGEND_CHARS))
            right -= columns_of(text) * MONO_CHAR_EMS * _LEGEND_SIZE
            items.append(write_text((right, 14.0), text, size=_LEGEND_SIZE, mono=True))
            right -= 24.0
            style = _style(name, "value", is_lit=False, is_dense=False)
            items.append(_rect(right, 4.0, 18.0, 11.0, style))
            right -= 14.0
    return "".join(items)
