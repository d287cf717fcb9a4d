"""The figure as a part of a sheet: it stands still, and the style sheet's rules are attributes. Pure."""

from __future__ import annotations

import re
from typing import Final

from ..figure import wave
from ..figure.layout import COLUMNS_BOTTOM, COLUMNS_TOP, HEIGHT, WIDTH, Layout, lay_out
from ..figure.legend import picture_fills, picture_legend
from ..figure.markup import column_labels_markup, lit_label_markup, network_markup, number, tag_markup
from ..figure.plain_attributes import add_attributes, drop_classes
from ..figure.props import Props
from ..figure.svg import DRAWING_TOP, HEAD_BASELINE, MARKER_BASELINE, plain_tokens
from .part import SheetPart, write_text

_IDENT: Final = "sheet-figure"  # the ids of its patterns begin with it
_STRIP: Final = 92.0  # the height of the columns if all layers are single nodes
_HALO_PLACE: Final = re.compile(
    r'(<rect class="gradient-flow-halo" x="[^"]*") y="[^"]*" width="([^"]*)" height="[^"]*"'
)


def figure_part(props: Props, cursor: int) -> SheetPart:
    """The figure with the wave at a cursor."""
    layout, frame = lay_out(props.layers), props.wave_frame(wave.clamp_cursor(cursor, props.depth, props.has_forward))
    tokens = plain_tokens(props, frame.phase)
    drawing, height = _drawing(props, layout, frame, tokens)
    legend = picture_legend(props.shades, props.label, _IDENT, (0.0, WIDTH, MARKER_BASELINE)) if props.shades else ""
    head = (
        write_text((0.0, HEAD_BASELINE), frame.phase.title, size=15, ink="ink", bold=True)
        + write_text((WIDTH, HEAD_BASELINE), frame.readout, size=15, anchor="end", mono=True)
        + write_text((WIDTH / 2, MARKER_BASELINE), frame.phase.direction, anchor="middle")
        + _plain(legend, tokens)
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
    return _plain(network + labels + tag_markup(layout, frame), tokens), HEIGHT - 10.0 - 2 * cut


def _plain(markup: str, tokens: dict[str, str]) -> str:
    """The figure's markup with attributes instead of classes."""
    return drop_classes(add_attributes(markup, tokens))
