"""The figure as a part of a sheet: it stands still, and the style sheet's rules are attributes. Pure."""

from __future__ import annotations

import re
from typing import Final

from ..figure import wave
from ..figure.layout import COLUMNS_BOTTOM, COLUMNS_TOP, HEIGHT, WIDTH, Layout, lay_out
from ..figure.legend import picture_fills, picture_legend, shade_tokens
from ..figure.markup import column_labels_markup, lit_label_markup, network_markup, number, tag_markup
from ..figure.props import Props
from ..figure.svg import COLOUR_TOKENS, DRAWING_TOP, FORWARD_COLOUR, HEAD_BASELINE, MARKER_BASELINE
from .part import MONO_FONT, SANS_FONT, SheetPart, colour, write_text

_IDENT: Final = "sheet-figure"  # the ids of its patterns begin with it
# The attributes that stand for a class; in the overlay of a lit layer, others.
PLAIN_ATTRIBUTES: Final = {
    "lines": 'fill="none" stroke="var(--cb-edge)" stroke-width="1.25"',
    "band": 'fill="var(--cb-band)"',
    "nodes": 'fill="var(--cb-node)" stroke="var(--cb-node-line)"',
    "shaded": 'stroke="var(--cb-node-line)"',
    "foot": 'stroke="var(--cb-accent)"',
    "mark": 'fill="var(--cb-accent)"',
    "ground": 'fill="var(--cb-surface)"',
    "low": 'stop-color="var(--cb-magnitude-low)"',
    "middle": 'stop-color="var(--cb-warning)"',
    "high": 'stop-color="var(--cb-magnitude-high)"',
    "legend": f'font-family="{SANS_FONT}" font-size="12.75" fill="var(--cb-muted)"',
    "counts": f'font-family="{MONO_FONT}" font-size="17" fill="var(--cb-muted)" text-anchor="middle"',
    "names": f'font-family="{MONO_FONT}" font-size="14" fill="var(--cb-muted)" text-anchor="middle"',
    "name": f'font-family="{MONO_FONT}" font-size="17" fill="var(--wave)"',
    "tag": f'font-family="{MONO_FONT}" font-size="22" font-weight="700" fill="var(--wave)"',
}
LIT_ATTRIBUTES: Final = {
    "halo": 'fill="var(--wave)" fill-opacity="0.16"',
    "lines": 'fill="none" stroke="var(--wave)" stroke-width="1.25" stroke-opacity="0.55"',
    "band": 'fill="var(--wave)" fill-opacity="0.18"',
    "nodes": 'fill="var(--wave)" stroke="var(--wave)"',
    "outline": 'fill="none" stroke="var(--wave)"',
}
_MARKED: Final = 'stroke="var(--cb-accent)"'  # of nodes without a place on the scale
_MISSING: Final = 'stroke="var(--cb-node-line)" stroke-dasharray="2 3"'  # of nodes without a magnitude
_STRIP: Final = 92.0  # the height of the columns if all layers are single nodes
_HALO_PLACE: Final = re.compile(
    r'(<rect class="gradient-flow-halo" x="[^"]*") y="[^"]*" width="([^"]*)" height="[^"]*"'
)
_CLASS: Final = re.compile(r'class="gradient-flow-([a-z]+)"')
_LIT: Final = re.compile(r'<g class="gradient-flow-lit"([^>]*)>(.*?)</g>')
_SHADED: Final = re.compile(r'class="gradient-flow-shaded" data-shade="([a-z]+)"')
_FOOT: Final = re.compile(r'(data-shade="([a-z]+)"[^>]*/>)(<path class="gradient-flow-foot"[^>]*/>)')
_DATA: Final = re.compile(r' data-[a-z]+="[^"]*"')
_TAG: Final = re.compile(r"<[^>]*>")
_TOKEN: Final = re.compile(r"var\((--[a-z0-9-]+)\)")


def figure_part(props: Props, cursor: int) -> SheetPart:
    """The figure with the wave at a cursor."""
    layout, frame = lay_out(props.layers), props.wave_frame(wave.clamp_cursor(cursor, props.depth, props.has_forward))
    tokens = _tokens(props, frame.phase)
    drawing, height = _drawing(props, layout, frame, tokens)
    legend = picture_legend(props.shades, props.label, _IDENT, (0.0, WIDTH, MARKER_BASELINE)) if props.shades else ""
    head = (
        write_text((0.0, HEAD_BASELINE), frame.phase.title, size=15, ink="ink", bold=True)
        + write_text((WIDTH, HEAD_BASELINE), frame.readout, size=15, anchor="end", mono=True)
        + write_text((WIDTH / 2, MARKER_BASELINE), frame.phase.direction, anchor="middle")
        + _styled(legend, tokens).replace("<rect ", f'<rect stroke="{colour("node-line")}" ')
    )
    return SheetPart(DRAWING_TOP + height, f'{head}<g transform="translate(0 {number(DRAWING_TOP)})">{drawing}</g>')


def _drawing(props: Props, layout: Layout, frame: wave.WaveFrame, tokens: dict[str, str]) -> tuple[str, float]:
    """The network with its texts, and its height: less if all layers are a single node, as those of a recorded run."""
    fills = picture_fills(props.shades, _IDENT) if props.shades else None
    network = network_markup(layout, frame.layer, frame.phase, fills=fills)
    labels, lit_label = column_labels_markup(layout, props.names), lit_label_markup(layout, frame.layer, props.names)
    if 'data-fit="broad"' not in lit_label:  # else the row of all names fits
        labels += lit_label
    cut = 0.0
    if max(props.layers) == 1:
        cut = (COLUMNS_BOTTOM - COLUMNS_TOP - _STRIP) / 2
        halo = rf'\1 y="{number(COLUMNS_TOP + cut)}" width="\2" height="{number(_STRIP)}"'
        network = f'<g transform="translate(0 {number(-cut)})">{_HALO_PLACE.sub(halo, network)}</g>'
        labels = f'<g transform="translate(0 {number(-2 * cut)})">{labels}</g>'
    return _styled(network + labels + tag_markup(layout, frame), tokens), HEIGHT - 10.0 - 2 * cut


def _tokens(props: Props, phase: wave.WavePhase) -> dict[str, str]:
    """The colours of the picture, those of the layers' shades among them."""
    tokens = {name: light for name, (light, _dark) in COLOUR_TOKENS.items()}
    tokens["--wave"] = tokens[FORWARD_COLOUR if phase is wave.FORWARD else "--cb-warning"]
    if props.shades:
        ends = (tokens[f"--cb-{name}"] for name in ("magnitude-low", "warning", "magnitude-high"))
        tokens |= shade_tokens(props.shades, *ends)
    return tokens


def _styled(markup: str, tokens: dict[str, str]) -> str:
    """The figure's markup with attributes instead of classes. Only tags are changed: texts come from outside."""
    markup = _FOOT.sub(lambda found: found[1] + (found[3] if found[2] == "zero" else ""), markup)
    markup = _LIT.sub(lambda found: f"<g{found[1]}>{_with(LIT_ATTRIBUTES, found[2], tokens)}</g>", markup)
    return _with(PLAIN_ATTRIBUTES, markup, tokens)


def _with(styles: dict[str, str], markup: str, tokens: dict[str, str]) -> str:
    def style(tag: re.Match[str]) -> str:
        text = _SHADED.sub(lambda found: _shaded_style(found[1]), tag[0])
        text = _DATA.sub("", _CLASS.sub(lambda found: styles.get(found[1], ""), text))
        return _TOKEN.sub(lambda found: tokens[found[1]], text).replace("<g >", "<g>")

    return _TAG.sub(style, markup)


def _shaded_style(kind: str) -> str:
    return {"value": PLAIN_ATTRIBUTES["shaded"], "none": _MISSING}.get(kind, _MARKED)
