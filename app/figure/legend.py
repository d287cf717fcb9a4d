"""The fills of shaded nodes and their legend, as HTML for the component and as SVG for a picture. Pure."""

from __future__ import annotations

from typing import Final

from .markup import Fill, NodeFills, escape, number
from .shading import MARK_WORDS, VALUE, Shade, Shading, halves, mix

LATTICE: Final = (
    '<path class="gradient-flow-ground" d="M0 0h8v8h-8z"/>'
    '<path class="gradient-flow-mark" d="M0 0h4v4h-4zM4 4h4v4h-4z"/>'
)
MAX_LEGEND_LABEL_CHARS: Final = 14  # in a picture; a longer one would reach the direction
LEGEND_CHAR_WIDTH: Final = 6.5  # of the text at the end of a scale
SCALE_STOPS: Final = (  # style sheets colour them
    '<stop class="gradient-flow-low" offset="0"/><stop class="gradient-flow-middle" offset="0.5"/>'
    '<stop class="gradient-flow-high" offset="1"/>'
)


def live_fills(shading: Shading, label: str, ident: str) -> NodeFills:
    """The fills in the component, whose colours are the page's tokens. Its ids begin with `ident`."""
    fills = tuple(Fill(shade.kind, _live_paint(shade, ident)) for shade in shading.shades)
    return NodeFills(fills, _definitions(ident), legend_markup(shading, label))


def picture_fills(shading: Shading, ident: str) -> NodeFills:
    """The fills in a picture. Their tokens are in `shade_tokens`."""
    fills = tuple(
        Fill(shade.kind, f"var({shade_token(layer)})" if shade.kind == VALUE else _mark_paint(shade.kind, ident))
        for layer, shade in enumerate(shading.shades)
    )
    return NodeFills(fills, _definitions(ident))


def shade_tokens(shading: Shading, low: str, middle: str, high: str) -> dict[str, str]:
    """The colours of a picture's layers that have a place on the scale between three colours."""
    return {
        shade_token(layer): mix(shade.step, low, middle, high)
        for layer, shade in enumerate(shading.shades)
        if shade.kind == VALUE
    }


def shade_token(layer: int) -> str:
    """The token of a layer's colour."""
    return f"--shade-{layer}"


def _definitions(ident: str) -> str:
    """The lattice of a NaN."""
    return (
        f'<defs><pattern id="{ident}-nan" width="8" height="8" patternUnits="userSpaceOnUse">{LATTICE}</pattern></defs>'
    )


def _live_paint(shade: Shade, ident: str) -> str:
    if shade.kind != VALUE:
        return _mark_paint(shade.kind, ident)
    is_upper, place = halves(shade.step)
    low, high = ("--cb-warning", "--cb-magnitude-high") if is_upper else ("--cb-magnitude-low", "--cb-warning")
    return f"color-mix(in srgb, var({high}) {number(100 * place)}%, var({low}))"


def _mark_paint(kind: str, ident: str) -> str:
    """The fill of nodes whose magnitude has no place on the scale."""
    marks = {"nan": f"url(#{ident}-nan)", "infinite": "var(--cb-accent)", "zero": "var(--cb-surface)"}
    return marks.get(kind, "none")


def picture_legend(shading: Shading, label: str, ident: str, place: tuple[float, float, float]) -> str:
    """The legend in a picture. `place`: its left side, its right side, its baseline."""
    left, right, base = place
    start, end, top = right - 165.0, right - 65.0, base - 11.0
    low, high = shading.ends
    room = LEGEND_CHAR_WIDTH * len(low) + 8.0
    name = (
        f'<text class="gradient-flow-quantity" x="{number(start - 8 - room)}" y="{number(base)}" text-anchor="end">'
        f"{escape(label)}</text>"
        if len(label) <= MAX_LEGEND_LABEL_CHARS
        else ""
    )
    kinds = "".join(
        f'<circle class="gradient-flow-shaded" data-shade="{kind}" fill="{_mark_paint(kind, ident)}" '
        f'cx="{number(left + 7 + 70 * at)}" cy="{number(base - 5)}" r="6"/>'
        f'<path class="gradient-flow-foot" stroke-width="2" d="M{number(left + 2 + 70 * at)} {number(base - 1.5)}h10"/>'
        f'<text x="{number(left + 18 + 70 * at)}" y="{number(base)}">{MARK_WORDS[kind]}</text>'
        for at, kind in enumerate(shading.kinds)
    )
    return (
        f'<g class="gradient-flow-legend"><defs><linearGradient id="{ident}-scale">'
        f"{SCALE_STOPS}</linearGradient></defs>{kinds}"
        f'{name}<text x="{number(start - 8)}" y="{number(base)}" text-anchor="end">{low}</text>'
        f'<rect fill="url(#{ident}-scale)" x="{number(start)}" y="{number(top)}" width="{number(end - start)}" '
        f'height="11" rx="2"/><text x="{number(end + 8)}" y="{number(base)}">{high}</text></g>'
    )


def legend_markup(shading: Shading, label: str) -> str:
    """The content of the component's legend: the scale, and the kinds of magnitudes that have no place on it."""
    low, high = shading.ends
    kinds = "".join(f'<li><i data-shade="{kind}"></i>{MARK_WORDS[kind]}</li>' for kind in shading.kinds)
    return (
        f"<ul>{kinds}</ul><span><b>{escape(label)}</b> {low}</span>"
        f'<i class="gradient-flow-scale"></i><span>{high}</span>'
    )
