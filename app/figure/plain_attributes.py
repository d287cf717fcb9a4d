"""The figure's styles as attributes, for programs that know no style sheets or no variables in them. Pure.

Inkscape drops a style sheet with custom properties, librsvg each declaration with one, and office programs know hardly
any. In a browser the style sheet of a picture counts more than these attributes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

SANS_FONT: Final = "Arial, sans-serif"
MONO_FONT: Final = "Menlo, Consolas, monospace"
# The attributes that stand for a class; in the overlay of a lit layer, others.
PLAIN_ATTRIBUTES: Final = {
    "title": f'font-family="{SANS_FONT}" font-size="15" font-weight="600" fill="var(--cb-ink)"',
    "direction": f'font-family="{SANS_FONT}" font-size="13.5" fill="var(--cb-muted)" text-anchor="middle"',
    "readout": f'font-family="{MONO_FONT}" font-size="15" fill="var(--cb-muted)" text-anchor="end"',
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
_CLASS: Final = re.compile(r'class="gradient-flow-([a-z]+)"(?: data-shade="([a-z]+)")?')
_LIT: Final = re.compile(r'(<g class="gradient-flow-lit"[^>]*>)(.*?)</g>')
_FOOT: Final = re.compile(r'(data-shade="([a-z]+)"[^>]*/>)(<path class="gradient-flow-foot"[^>]*/>)')
_KEY: Final = re.compile(r'(<g class="gradient-flow-legend".*?<rect )')
_OTHER_FIT: Final = re.compile(r'(<text class="gradient-flow-name" data-part="name" data-fit="broad")')
_DATA: Final = re.compile(r' (?:data-[a-z]+|class)="[^"]*"')
_TAG: Final = re.compile(r"<[^>]*>")
_TOKEN: Final = re.compile(r"var\((--[a-z0-9-]+)\)")


def add_attributes(markup: str, tokens: Mapping[str, str]) -> str:
    """The figure's markup with attributes beside its classes. Only tags are changed: texts come from outside.

    `tokens`: the colours, and that of the wave as `--wave`.
    """
    markup = _FOOT.sub(lambda found: found[1] + (found[3] if found[2] == "zero" else ""), markup)
    markup = _KEY.sub(r'\1stroke="var(--cb-node-line)" ', markup)
    markup = _OTHER_FIT.sub(r'\1 display="none"', markup)  # the row of all names fits
    forward = {**tokens, "--wave": tokens["--cb-accent"]}
    parts, end = [], 0
    for lit in _LIT.finditer(markup):
        colours = forward if "data-phase=" in lit[1] else tokens
        parts += [_with(PLAIN_ATTRIBUTES, markup[end : lit.start(2)], tokens), _with(LIT_ATTRIBUTES, lit[2], colours)]
        end = lit.end(2)
    return "".join((*parts, _with(PLAIN_ATTRIBUTES, markup[end:], tokens)))


def drop_classes(markup: str) -> str:
    """The same markup without its classes and its data attributes."""
    return _TAG.sub(lambda tag: _DATA.sub("", tag[0]), markup)


def _with(styles: Mapping[str, str], markup: str, tokens: Mapping[str, str]) -> str:
    def style(found: re.Match[str]) -> str:
        own = _shaded_style(found[2]) if found[2] else styles.get(found[1], "")
        return f"{found[0]} {own}" if own else found[0]

    def style_tag(tag: re.Match[str]) -> str:
        return _TOKEN.sub(lambda found: tokens[found[1]], _CLASS.sub(style, tag[0]))

    return _TAG.sub(style_tag, markup)


def _shaded_style(kind: str) -> str:
    return {"value": PLAIN_ATTRIBUTES["shaded"], "none": _MISSING}.get(kind, _MARKED)
