"""The figure as a picture: one SVG that holds all it needs, without a script, and plays or stands still. Pure.

It shows what the component shows, in the component's layout, markup and motion. Its style sheet speaks of nothing
outside it: every rule and name is the picture's own, by a hash of what it shows, so that several of them inlined in one
page, a notebook, disturb neither each other nor the page. Nothing but numbers comes in, and a label, which is escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, Literal

from . import wave
from .gradients import say_magnitude
from .keyframes import courses, keyframes, percent, short
from .layout import HEIGHT, WIDTH, Layout, lay_out
from .markup import escaped, network_markup, number, tag_markup
from .props import Props, make_props
from .spring import SPRINGS, Transition

PADDING: Final = 24.0  # around all of it, units of the view box
HEAD: Final = 18.0  # beneath the padding, the baseline of title and readout, …
MARKER: Final = 48.0  # … of the direction's marker, …
DRAWING: Final = 58.0  # … and the drawing's top
UNDER_WAY: Final = 0.5  # of a beat has gone by when it begins: a first look, or a snapshot, finds the output lit
SCOPE: Final = "<SCOPE>"  # stands in the text, where no label can, for the picture's name, which follows from the text
Scheme = Literal["light", "dark"]
# The tokens of viz.css, light and dark, by a media query: light-dark() is newer than many a viewer of pictures.
COLOURS: Final = {
    "--cb-warning": ("#b45309", "#fbbf24"),
    "--cb-surface": ("#ffffff", "#1c1a18"),
    "--cb-ink": ("#1c1917", "#f5f5f4"),
    "--cb-muted": ("#57534e", "#b3ada8"),
    "--cb-node": ("#e7e5e4", "#3b3733"),
    "--cb-node-line": ("#8a837d", "#8a827b"),
    "--cb-edge": ("#cbc6c1", "#4b4641"),
    "--cb-band": ("#f1efed", "#272422"),
}
SANS: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif'
MONO: Final = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
LOOK: Final = (
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
# A picture shrinks with its place; its texts must not. Inside an <img> these ask for the picture's own width.
NARROW: Final = ((620, 18, 27, 22), (420, 23, 34, 30))  # at most so wide, px: all texts' size, the tag's, the counts'
LONG_LABEL: Final = 10  # characters; with more of them title and readout have no room for …
LARGE: Final = 18  # … a larger size than this


def animated_svg(
    layers: Iterable[int],
    gradients: Iterable[float | None] | None = None,
    *,
    label: str = wave.LABEL,
    play_speed: float = 500.0,
    transition: Transition = SPRINGS.smooth,
) -> str:
    """The text of an SVG file: the figure, with the wave travelling through it for good, by CSS alone.

    `layers`, `gradients`, `label`, `play_speed` (ms) and `transition` are what they are to GradientFlowViz. Where
    reduced motion is preferred it stands at the input. Raises ValueError for a wrong value: the message names prop,
    rule and value.
    """
    given = {"layers": layers, "gradients": gradients, "label": label}
    return picture(make_props({**given, "play_speed": play_speed, "transition": transition}), None)


def still_svg(
    layers: Iterable[int],
    gradients: Iterable[float | None] | None = None,
    current_layer: int = 0,
    scheme: Scheme | None = None,
    *,
    label: str = wave.LABEL,
) -> str:
    """The text of an SVG file: the figure standing still, with the wave where `current_layer` says.

    That counts from the loss side, 0, to the input, depth − 1, and is clamped, as GradientFlowViz's. With a `scheme` it
    has those colours wherever it is looked at; else it follows light and dark. Raises ValueError for a wrong value: the
    message names prop, rule and value.
    """
    given = {"layers": layers, "gradients": gradients, "label": label}
    props = make_props({**given, "current_layer": current_layer})
    return picture(props, props.current_layer, scheme)


def picture(props: Props, cursor: int | None, scheme: Scheme | None = None) -> str:
    """The text of an SVG file: the figure of checked props, standing still at a cursor, or playing where that is None.

    A network of one layer has nothing to play. The same arguments give the same text.
    """
    layout, plays = lay_out(props.layers), cursor is None and props.depth > 1
    at = wave.layer_at(wave.clamp_cursor(cursor or 0, props.depth), props.depth)
    rules = [*_look(scheme, props.label), *(_motion(props) if plays else ())]
    style, body = "\n".join(rules), _body(layout, props, at, plays)
    width, height = number(WIDTH + 2 * PADDING), number(HEIGHT + DRAWING + 2 * PADDING)
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{SCOPE}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{SCOPE}-title" aria-describedby="{SCOPE}-desc">\n'
        f'<title id="{SCOPE}-title">{wave.TITLE}</title>\n'
        f'<desc id="{SCOPE}-desc">{_description(props, at, plays)}</desc>\n'
        f"<style>\n{style}\n</style>\n"
        f'<rect class="gradient-flow-ground" width="{width}" height="{height}" rx="12"/>\n{body}\n</svg>\n'
    )
    return text.replace(SCOPE, f"gradient-flow-{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def _body(layout: Layout, props: Props, at: int, plays: bool) -> str:
    middle, marker = number(PADDING + WIDTH / 2), number(PADDING + MARKER)
    return "\n".join(
        (
            f'<text class="gradient-flow-title" x="{number(PADDING)}" y="{number(PADDING + HEAD)}">{wave.TITLE}</text>',
            f'<text class="gradient-flow-direction" x="{middle}" y="{marker}">{wave.DIRECTION}</text>',
            _drawn(network_markup(layout, at)),
            *(_says(layout, props, layer, layer == at) for layer in (range(props.depth) if plays else (at,))),
        )
    )


def _says(layout: Layout, props: Props, layer: int, is_shown: bool) -> str:
    """What is said while the wave is at a layer: readout and tag."""
    magnitude = props.magnitudes[layer]
    return (
        f'<g data-says="{layer}" visibility="{"visible" if is_shown else "hidden"}">'
        f'<text class="gradient-flow-readout" x="{number(PADDING + WIDTH)}" y="{number(PADDING + HEAD)}">'
        f"{escaped(wave.readout_text(layer, props.depth, magnitude, props.label))}</text>"
        f"{_drawn(tag_markup(layout, magnitude, layer, props.label))}</g>"
    )


def _drawn(markup: str) -> str:
    """What of the drawing, in its place."""
    return f'<g transform="translate({number(PADDING)} {number(PADDING + DRAWING)})">{markup}</g>'


def _description(props: Props, at: int, plays: bool) -> str:
    layers = "-".join(str(neurons) for neurons in props.layers)
    network = f"A neural network of {layers} neurons a layer, the input first."
    if not plays:
        return f"{network} {escaped(wave.summary_text(at, props.depth, props.magnitudes[at], props.label))}"
    reach = ", ".join(
        f"{wave.layer_name(layer, props.depth)} {say_magnitude(props.magnitudes[layer])}"
        for layer in reversed(range(props.depth))
    )
    what = "Gradient magnitudes" if props.label == wave.LABEL else escaped(props.label)
    return f"{network} A wave travels back from the loss to the input. {what} on its way: {reach}."


def _look(scheme: Scheme | None, label: str) -> list[str]:
    light, dark = (_scoped(f"{{ {_tokens(index)}; }}") for index in range(2))
    follows = (light, f"@media (prefers-color-scheme: dark) {{ {dark} }}")
    colours = {None: follows, "light": (light,), "dark": (dark,)}[scheme]
    return [*colours, *map(_scoped, LOOK), *(_narrow(label, *sizes) for sizes in NARROW)]


def _tokens(index: int) -> str:
    return "; ".join(f"{name}: {both[index]}" for name, both in COLOURS.items())


def _narrow(label: str, width: int, text: int, tag: int, counts: int) -> str:
    rules = (
        f"{{ font-size: {text if len(label) <= LONG_LABEL else min(text, LARGE)}px; }}",
        f".gradient-flow-tag {{ font-size: {tag}px; }}",
        f".gradient-flow-counts text {{ font-size: {counts}px; }}",
    )
    return f"@media (max-width: {width}px) {{ {' '.join(map(_scoped, rules))} }}"


def _motion(props: Props) -> list[str]:
    """The wave: all that belongs to a layer goes the same course, each layer by its `--at` later than the one before.

    The delays are negative, so that from its first moment on it is the wave that has been travelling.
    """
    depth, beat = props.depth, props.play_speed
    round_ = f"{short(depth * beat / 1000.0)}s"
    glows = courses(depth, beat, props.transition)
    last = len(glows) - 1
    return [
        "@media (prefers-reduced-motion: no-preference) {",
        *(f"{_of(layer)} {{ --at: {short(-(layer + 1 + UNDER_WAY) * beat / 1000.0)}s; }}" for layer in range(depth)),
        _scoped(f"[data-part=halo] {{ animation: {SCOPE}-{last} {round_} linear var(--at) infinite; }}"),
        *(_scoped(f"{_halo(depth - 1 - near)} {{ animation-name: {SCOPE}-{near}; }}") for near in range(last)),
        *(keyframes(f"{SCOPE}-{distance}", points) for distance, points in enumerate(glows)),
        _scoped(f"[data-says] {{ animation: {SCOPE}-says {round_} step-end var(--at) infinite; }}"),
        f"@keyframes {SCOPE}-says {{ 0% {{ visibility: visible; }} "
        f"{percent(1.0 / depth, depth * beat)} {{ visibility: hidden; }} }}",
        "}",
        "@media (prefers-reduced-motion: reduce) {",
        _scoped("[data-part=halo] { opacity: 0; }"),
        _scoped(f"{_halo(0)} {{ opacity: 1; }}"),
        _scoped("[data-says] { visibility: hidden; }"),
        _scoped('[data-says="0"] { visibility: visible; }'),
        "}",
    ]


def _halo(layer: int) -> str:
    return f'[data-layer="{layer}"] > [data-part=halo]'


def _scoped(rule: str) -> str:
    """The rule for what is in this picture, and nowhere else."""
    return f".{SCOPE} {rule}"


def _of(layer: int) -> str:
    return f'.{SCOPE} [data-layer="{layer}"], .{SCOPE} [data-says="{layer}"]'
