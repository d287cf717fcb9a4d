"""The figure as a picture: one self-contained SVG without a script, which plays or stands still. Pure.

It has the component's layout, markup and motion, with one difference: the forward and the backward pass have separate
halos that fade into each other, while the component's halos change colour. Common keyframes would differ from layer to
layer. Its elements have plain attributes too, for programs without style sheets.

All rules and names in its style sheet are scoped by a hash of the content. So several pictures inlined in one page,
such as a notebook, affect neither each other nor the page. Apart from numbers, only a label and names come from
outside; they are escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from ..spring import SPRINGS, Transition
from . import wave
from .keyframes import glow_courses, keyframes, write_decimal, write_percent
from .layout import HEIGHT, WIDTH, Layout, lay_out
from .legend import picture_fills, picture_legend, shade_token, shade_tokens
from .magnitudes import describe_magnitude
from .markup import column_labels_markup, escape, lit_label_markup, network_markup, number, tag_markup
from .plain_attributes import add_attributes
from .props import Props, make_props
from .shading import VALUE, WAVE, Domain, Shading

PADDING: Final = 24.0  # around the whole picture, in units of the view box
HEAD_BASELINE: Final = 18.0  # of title and readout, below the padding
MARKER_BASELINE: Final = 48.0  # of the direction marker, below the padding
DRAWING_TOP: Final = 58.0  # below the padding
START_BEATS: Final = 0.5  # the wave starts half a beat late, so a screenshot of the first moment shows the output lit
SCOPE: Final = "<SCOPE>"  # placeholder for the picture's class, a hash of the text; no escaped label can contain it
Scheme = Literal["light", "dark"]
# The tokens of viz.css, light and dark. A media query chooses, because many image viewers don't know light-dark().
COLOUR_TOKENS: Final = {
    "--cb-warning": ("#b45309", "#fbbf24"),
    "--cb-accent": ("#1d4ed8", "#60a5fa"),
    "--cb-surface": ("#ffffff", "#1c1a18"),
    "--cb-ink": ("#1c1917", "#f5f5f4"),
    "--cb-muted": ("#57534e", "#b3ada8"),
    "--cb-node": ("#e7e5e4", "#3b3733"),
    "--cb-node-line": ("#8a837d", "#8a827b"),
    "--cb-edge": ("#cbc6c1", "#4b4641"),
    "--cb-band": ("#f1efed", "#272422"),
    "--cb-magnitude-low": ("#f3ece4", "#2c2722"),
    "--cb-magnitude-high": ("#431407", "#fff7e0"),
}
CONTRAST_TOKENS: Final = {  # in place of those above, if the viewer prefers more contrast
    "--cb-node-line": ("#57534e", "#c9c3bd"),
    "--cb-edge": ("#857e78", "#8a827b"),
}
CONTRAST_RULES: Final = (
    ".gradient-flow-edges .gradient-flow-band { stroke: var(--cb-edge); }",
    ".gradient-flow-lit .gradient-flow-lines { stroke-opacity: 1; }",
)
FORWARD_COLOUR: Final = "--cb-accent"  # only in a picture with a forward pass
FORWARD_RULE: Final = f"[data-phase=forward] {{ --cb-warning: var({FORWARD_COLOUR}); }}"
SHADE_TOKENS: Final = ("--cb-magnitude-low", "--cb-magnitude-high")  # only in a picture whose nodes show magnitudes
SANS: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif'
MONO: Final = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
FIGURE_RULES: Final = (
    f"{{ display: block; max-width: 100%; height: auto; font: 15px {SANS}; forced-color-adjust: none; }}",
    "text { fill: var(--cb-muted); }",
    ".gradient-flow-ground { fill: var(--cb-surface); }",
    ".gradient-flow-title { fill: var(--cb-ink); font-weight: 600; }",
    ".gradient-flow-direction { font-size: 0.9em; letter-spacing: 0.08em; text-anchor: middle; }",
    f".gradient-flow-readout {{ font-family: {MONO}; text-anchor: end; }}",
    f".gradient-flow-tag {{ font: 700 22px {MONO}; fill: var(--cb-warning); }}",
    f".gradient-flow-counts text {{ font: 17px {MONO}; text-anchor: middle; }}",
    ".gradient-flow-lines { fill: none; stroke: var(--cb-edge); stroke-width: 1.25; }",
    ".gradient-flow-band { fill: var(--cb-band); }",
    ".gradient-flow-nodes { fill: var(--cb-node); stroke: var(--cb-node-line); }",
    ".gradient-flow-halo { fill: var(--cb-warning); fill-opacity: 0.16; }",
    ".gradient-flow-lit .gradient-flow-lines { stroke: var(--cb-warning); stroke-opacity: 0.55; }",
    ".gradient-flow-lit .gradient-flow-band { fill: var(--cb-warning); fill-opacity: 0.18; }",
    ".gradient-flow-lit .gradient-flow-nodes { fill: var(--cb-warning); stroke: var(--cb-warning); }",
)
SHADING_RULES: Final = (  # only in a picture whose nodes show magnitudes
    ".gradient-flow-outline { fill: none; stroke: var(--cb-warning); }",
    ".gradient-flow-shaded { stroke: var(--cb-node-line); }",
    ".gradient-flow-shaded:is([data-shade=nan], [data-shade=infinite], [data-shade=zero]) "
    "{ stroke: var(--cb-accent); }",
    ".gradient-flow-shaded[data-shade=infinite] { fill: var(--cb-accent); }",
    ".gradient-flow-shaded[data-shade=zero] { fill: var(--cb-surface); }",
    ".gradient-flow-shaded[data-shade=none] { stroke-dasharray: 2 3; }",
    ".gradient-flow-foot { display: none; stroke: var(--cb-accent); }",
    ".gradient-flow-shaded[data-shade=zero] + .gradient-flow-foot { display: inline; }",
    ".gradient-flow-mark { fill: var(--cb-accent); }",
    ".gradient-flow-legend { font-size: 0.85em; }",
    ".gradient-flow-legend rect { stroke: var(--cb-node-line); }",
    ".gradient-flow-low { stop-color: var(--cb-magnitude-low); }",
    ".gradient-flow-middle { stop-color: var(--cb-magnitude-middle); }",
    ".gradient-flow-high { stop-color: var(--cb-magnitude-high); }",
)
NAMES_RULES: Final = (  # only in a picture with layer names
    f".gradient-flow-names text {{ font: 14px {MONO}; text-anchor: middle; }}",
    f".gradient-flow-name {{ font: 17px {MONO}; fill: var(--cb-warning); }}",
    ".gradient-flow-name[data-fit=broad] { display: none; }",
)
# A picture shrinks with its container, but its texts must stay readable. Inside an <img> the media queries see the
# picture's own width. Each row: maximum width, then the font sizes of texts, tag and counts, all in px.
NARROW_SIZES: Final = ((620, 18, 27, 22), (420, 23, 34, 30))
MAX_LONG_LABEL_TEXT_PX: Final = 16  # with a long label, title and readout have no room for larger text


def animated_svg(
    layers: Iterable[int],
    gradients: Iterable[float | None] | None = None,
    *,
    label: str = wave.LABEL,
    names: Iterable[str] | None = None,
    activations: Iterable[float | None] | None = None,
    play_speed: float = 500.0,
    transition: Transition = SPRINGS.smooth,
    shading: str = WAVE,
    domain: Domain | None = None,
) -> str:
    """The text of an SVG file: the figure with an endless wave, by CSS alone.

    The arguments are the props of GradientFlowViz. With reduced motion the wave stands at the input. Raises ValueError
    for a wrong value: the message names the prop, the rule and the value.
    """
    given = {"layers": layers, "gradients": gradients, "label": label, "names": names, "activations": activations}
    shown = {"play_speed": play_speed, "transition": transition, "shading": shading, "domain": domain}
    return write_svg(make_props({**given, **shown}), None)


def still_svg(
    layers: Iterable[int],
    gradients: Iterable[float | None] | None = None,
    current_layer: int = 0,
    scheme: Scheme | None = None,
    *,
    label: str = wave.LABEL,
    names: Iterable[str] | None = None,
    activations: Iterable[float | None] | None = None,
    shading: str = WAVE,
    domain: Domain | None = None,
) -> str:
    """The text of an SVG file: the figure standing still, with the wave at `current_layer`.

    The arguments are the props of GradientFlowViz. `current_layer` is 0 at the loss side, depth − 1 at the input; with
    `activations`, −depth to −1 in the forward pass. It is clamped. A `scheme` fixes the colours; without it the picture
    follows the viewer's light or dark scheme. Raises ValueError for a wrong value: the message names the prop, the rule
    and the value.
    """
    given = {"layers": layers, "gradients": gradients, "label": label, "names": names, "activations": activations}
    props = make_props({**given, "current_layer": current_layer, "shading": shading, "domain": domain})
    return write_svg(props, props.current_layer, scheme)


def write_svg(props: Props, cursor: int | None, scheme: Scheme | None = None) -> str:
    """The text of an SVG file for checked props. It stands still at `cursor`, or plays if that is None.

    A network of one layer has nothing to play without a forward pass. The same arguments give the same text.
    """
    layout, plays = lay_out(props.layers), cursor is None and (props.depth > 1 or props.has_forward)
    at = wave.clamp_cursor(cursor or 0, props.depth, props.has_forward)
    rules = [*_style_rules(scheme, props), *(_wave_rules(props) if plays else ())]
    style, body = "\n".join(rules), _body(layout, props, at, plays)
    title = f"{wave.TITLE} and forward" if plays and props.has_forward else wave.phase_at(at).title
    width, height = number(WIDTH + 2 * PADDING), number(HEIGHT + DRAWING_TOP + 2 * PADDING)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{SCOPE}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{SCOPE}-title" aria-describedby="{SCOPE}-desc">\n'
        f'<title id="{SCOPE}-title">{title}</title>\n'
        f'<desc id="{SCOPE}-desc">{_description(props, at, plays)}</desc>\n'
        f"<style>\n{style}\n</style>\n"
    )
    body = f'<rect class="gradient-flow-ground" width="{width}" height="{height}" rx="12"/>\n{body}\n</svg>\n'
    name = f"gradient-flow-{hashlib.sha256((head + body).encode()).hexdigest()[:8]}"
    plain = add_attributes(body.replace(SCOPE, name), plain_tokens(props, wave.phase_at(at), scheme or "light"))
    return head.replace(SCOPE, name) + plain


def plain_tokens(props: Props, phase: wave.WavePhase, scheme: Scheme = "light") -> dict[str, str]:
    """The colours of a picture in one scheme, those of the layers' shades and of the wave among them."""
    tokens = {name: both[scheme == "dark"] for name, both in COLOUR_TOKENS.items()}
    tokens["--wave"] = tokens[FORWARD_COLOUR if phase is wave.FORWARD else "--cb-warning"]
    if props.shades:
        ends = (tokens[name] for name in (SHADE_TOKENS[0], "--cb-warning", SHADE_TOKENS[1]))
        tokens |= shade_tokens(props.shades, *ends)
    return tokens


def _body(layout: Layout, props: Props, at: int, plays: bool) -> str:
    """The network and the texts with the wave at a cursor. If it plays, also the hidden texts of all other cursors."""
    frame, both = props.wave_frame(at), plays and props.has_forward
    first = wave.first_cursor(props.depth, props.has_forward)
    heads = [_head(phase, f' data-head="{phase.name}"{_hidden(phase is not frame.phase)}') for phase in wave.PHASES]
    texts = [
        _cursor_texts(layout, props, cursor, cursor == at) for cursor in (range(first, props.depth) if plays else (at,))
    ]
    fills = picture_fills(props.shades, SCOPE) if props.shades else None
    drawn = network_markup(layout, frame.layer, frame.phase, both, fills=fills)
    network = _drawn(drawn + column_labels_markup(layout, props.names))
    parts = (*(heads if both else [_head(frame.phase)]), *_legend(props), network, *reversed(texts))
    body = "\n".join(parts)
    return body if frame.phase is wave.BACKWARD else f'<g data-phase="forward">\n{body}\n</g>'


def _legend(props: Props) -> tuple[str, ...]:
    """The legend in the row of the direction, if the nodes show magnitudes."""
    if props.shades is None:
        return ()
    return (picture_legend(props.shades, props.label, SCOPE, (PADDING, PADDING + WIDTH, PADDING + MARKER_BASELINE)),)


def _head(phase: wave.WavePhase, attributes: str = "") -> str:
    middle, marker = number(PADDING + WIDTH / 2), number(PADDING + MARKER_BASELINE)
    head = (
        f'<text class="gradient-flow-title" x="{number(PADDING)}" y="{number(PADDING + HEAD_BASELINE)}">'
        f"{phase.title}</text>\n"
        f'<text class="gradient-flow-direction" x="{middle}" y="{marker}">{phase.direction}</text>'
    )
    return f"<g{attributes}>{head}</g>" if attributes else head


def _cursor_texts(layout: Layout, props: Props, cursor: int, is_shown: bool) -> str:
    """The texts for the wave at a cursor: readout, tag, and the lit layer's name if the others don't fit."""
    frame = props.wave_frame(cursor)
    phase = ' data-phase="forward"' if frame.phase is wave.FORWARD else ""
    return (
        f'<g data-says="{frame.layer}"{phase}{_hidden(not is_shown)}>'
        f'<text class="gradient-flow-readout" x="{number(PADDING + WIDTH)}" y="{number(PADDING + HEAD_BASELINE)}">'
        f"{escape(frame.readout)}</text>"
        f"{_drawn(tag_markup(layout, frame) + lit_label_markup(layout, frame.layer, props.names))}</g>"
    )


def _drawn(markup: str) -> str:
    """Markup of the drawing, moved to its place in the picture."""
    return f'<g transform="translate({number(PADDING)} {number(PADDING + DRAWING_TOP)})">{markup}</g>'


def _description(props: Props, at: int, plays: bool) -> str:
    layers = "-".join(str(neurons) for neurons in props.layers)
    network = f"A neural network of {layers} neurons a layer, the input first."
    if not plays:
        return f"{network} {escape(props.wave_frame(at).summary)}"
    what = "Gradient magnitudes" if props.label == wave.LABEL else escape(props.label)
    back = f"A wave travels back from the loss to the input. {what} on its way: {_reach(props, range(props.depth))}."
    if not props.has_forward:
        return f"{network} {back}"
    reach = _reach(props, range(-props.depth, 0))
    return (
        f"{network} A forward pass travels from the input to the output. RMS of activations on its way: {reach}. {back}"
    )


def _reach(props: Props, cursors: range) -> str:
    frames = map(props.wave_frame, cursors)
    return ", ".join(f"{escape(frame.name)} {describe_magnitude(frame.magnitude)}" for frame in frames)


def _style_rules(scheme: Scheme | None, props: Props) -> list[str]:
    tokens = tuple(_tokens(index, props) for index in range(2))
    more = tuple("; ".join(f"{name}: {both[index]}" for name, both in CONTRAST_TOKENS.items()) for index in range(2))
    rules = (
        *FIGURE_RULES,
        *((FORWARD_RULE,) if props.has_forward else ()),
        *(NAMES_RULES if props.names else ()),
        *((*SHADING_RULES, *_shade_rules(props.shades)) if props.shades else ()),
    )
    return [
        *_scheme_rules(scheme, *tokens),
        *map(_scoped, rules),
        "@media (prefers-contrast: more) {",
        *_scheme_rules(scheme, *more),
        *map(_scoped, CONTRAST_RULES),
        "}",
        *(_narrow(props, *sizes) for sizes in NARROW_SIZES),
    ]


def _shade_rules(shades: Shading) -> Iterator[str]:
    """The fills of the layers that have a place on the scale."""
    for layer, shade in enumerate(shades.shades):
        if shade.kind == VALUE:
            yield f'[data-layer="{layer}"] > .gradient-flow-shaded {{ fill: var({shade_token(layer)}); }}'


def _scheme_rules(scheme: Scheme | None, light: str, dark: str) -> tuple[str, ...]:
    """The rules that set the light or the dark tokens, or both, of which the viewer's scheme chooses."""
    both = _scoped(f"{{ {light}; }}"), _scoped(f"{{ {dark}; }}")
    if scheme is not None:
        return (both[scheme == "dark"],)
    return both[0], f"@media (prefers-color-scheme: dark) {{ {both[1]} }}"


def _tokens(index: int, props: Props) -> str:
    """The colours that the picture needs, light or dark."""
    shades = props.shades
    unused = {*(() if shades else SHADE_TOKENS), *(() if shades or props.has_forward else (FORWARD_COLOUR,))}
    tokens = {name: both[index] for name, both in COLOUR_TOKENS.items() if name not in unused}
    if shades:
        middle = COLOUR_TOKENS["--cb-warning"][index]
        low, high = (COLOUR_TOKENS[name][index] for name in SHADE_TOKENS)
        tokens |= {"--cb-magnitude-middle": middle, **shade_tokens(shades, low, middle, high)}
    return "; ".join(f"{name}: {colour}" for name, colour in tokens.items())


def _narrow(props: Props, width: int, text: int, tag: int, counts: int) -> str:
    if len(props.label) > wave.MAX_SHORT_LABEL_CHARS:
        text = min(text, MAX_LONG_LABEL_TEXT_PX)
    shaded = [".gradient-flow-quantity { display: none; }"] if props.shades else []
    rules = [
        f"{{ font-size: {text}px; }}",
        f".gradient-flow-tag {{ font-size: {tag}px; }}",
        f".gradient-flow-counts text {{ font-size: {counts}px; }}",
    ]
    if props.names:
        rules[2] = f":is(.gradient-flow-names text, .gradient-flow-name) {{ font-size: {counts}px; }}"
        rules += [
            ".gradient-flow-names[data-fit=broad] { display: none; }",
            ".gradient-flow-name[data-fit=broad] { display: inline; }",
        ]
    return f"@media (max-width: {width}px) {{ {' '.join(map(_scoped, (*rules, *shaded)))} }}"


def _wave_rules(props: Props) -> list[str]:
    """The rules that move the wave: all layers follow the same courses, each delayed by its own `--at`.

    The delays are negative, so the wave is already travelling at the first moment. A forward pass follows the same
    courses from the other side, with its own delays `--to`.
    """
    depth, beat = props.depth, props.play_speed
    beats = 2 * depth if props.has_forward else depth
    round_ = _seconds(beats, beat)
    glows = glow_courses(depth, beat, props.transition, beats - depth)
    last = len(glows) - 1
    return [
        _scoped("[data-says] { display: inline; }"),
        "@media (prefers-reduced-motion: no-preference) {",
        *(f"{_of(layer)} {{ {_delays(layer, props)} }}" for layer in range(depth)),
        _scoped(f"[data-part=halo] {{ animation: {SCOPE}-{last} {round_} linear var(--at) infinite; }}"),
        *(_scoped(f"{_halo(depth - 1 - near)} {{ animation-name: {SCOPE}-{near}; }}") for near in range(last)),
        *(keyframes(f"{SCOPE}-{distance}", points) for distance, points in enumerate(glows)),
        _scoped(f"[data-says] {{ animation: {SCOPE}-says {round_} step-end var(--at) infinite; }}"),
        f"@keyframes {SCOPE}-says {{ 0% {{ visibility: visible; }} "
        f"{write_percent(1.0 / beats, beats * beat)} {{ visibility: hidden; }} }}",
        *(_forward_rules(props, round_, last) if props.has_forward else ()),
        "}",
        "@media (prefers-reduced-motion: reduce) {",
        _scoped("[data-part=halo] { opacity: 0; }"),
        _scoped(f"{_halo(0)} {{ opacity: 1; }}"),
        _scoped("[data-says] { visibility: hidden; }"),
        _scoped('[data-says="0"]:not([data-phase]) { visibility: visible; }' if props.has_forward else
                '[data-says="0"] { visibility: visible; }'),
        "}",
    ]  # fmt: skip


def _forward_rules(props: Props, round_: str, last: int) -> list[str]:
    """The rules that a forward pass adds: its halos and texts, and a title and a marker that change with the pass."""
    away = _seconds(-START_BEATS, props.play_speed)
    back = _seconds(-START_BEATS - props.depth, props.play_speed)
    near = (f'[data-layer="{layer}"] > [data-part=forward]' for layer in range(last))
    return [
        _scoped("[data-head] { display: inline; }"),
        _scoped(f"[data-part=forward] {{ animation: {SCOPE}-{last} {round_} linear var(--to) infinite; }}"),
        *(_scoped(f"{halo} {{ animation-name: {SCOPE}-{layer}; }}") for layer, halo in enumerate(near)),
        _scoped("[data-says][data-phase] { animation-delay: var(--to); }"),
        _scoped(f"[data-head=forward] {{ animation: {SCOPE}-head {round_} step-end {away} infinite; }}"),
        _scoped(f"[data-head=backward] {{ animation: {SCOPE}-head {round_} step-end {back} infinite; }}"),
        f"@keyframes {SCOPE}-head {{ 0% {{ visibility: visible; }} 50% {{ visibility: hidden; }} }}",
    ]


def _delays(layer: int, props: Props) -> str:
    """The negative delays of a layer. A round begins at the loss side, or with the forward pass."""
    back = f"--at: {_seconds(-(layer + 1 + START_BEATS), props.play_speed)};"
    if not props.has_forward:
        return back
    return f"{back} --to: {_seconds(-(2 * props.depth - layer + START_BEATS), props.play_speed)};"


def _seconds(beats: float, beat: float) -> str:
    return f"{write_decimal(beats * beat / 1000.0)}s"


def _hidden(is_hidden: bool) -> str:
    """The attributes of what is hidden at first. Inkscape knows no visibility of groups, and no `_wave_rules`."""
    return ' visibility="hidden" display="none"' if is_hidden else ' visibility="visible"'


def _halo(layer: int) -> str:
    return f'[data-layer="{layer}"] > [data-part=halo]'


def _scoped(rule: str) -> str:
    """A CSS rule that applies in this picture only."""
    return f".{SCOPE} {rule}"


def _of(layer: int) -> str:
    return f'.{SCOPE} [data-layer="{layer}"], .{SCOPE} [data-says="{layer}"]'
