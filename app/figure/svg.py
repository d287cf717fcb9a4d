"""The figure as a picture: one SVG that holds all it needs, without a script, and plays or stands still. Pure.

It shows what the component shows, in the component's layout, markup and motion; but forward and backward pass have each
halos of their own, which fade into each other where the component's change their colour: keyframes for both together
would differ from layer to layer. Its style sheet speaks of nothing outside it: every rule and name is the picture's
own, by a hash of what it shows, so that several of them inlined in one page, a notebook, disturb neither each other nor
the page. Nothing but numbers comes in, and a label and names, which are escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, Literal

from ..spring import SPRINGS, Transition
from . import wave
from .keyframes import courses, keyframes, percent, short
from .layout import HEIGHT, WIDTH, Layout, lay_out
from .magnitudes import say_magnitude
from .markup import escaped, feet_markup, name_markup, network_markup, number, tag_markup
from .props import Props, make_props

PADDING: Final = 24.0  # around all of it, units of the view box
FIGURE_HEAD: Final = 18.0  # beneath the padding, the baseline of title and readout, …
MARKER: Final = 48.0  # … of the direction's marker, …
DRAWING: Final = 58.0  # … and the drawing's top
UNDER_WAY: Final = 0.5  # of a beat has gone by when it begins: a first look, or a snapshot, finds the output lit
SCOPE: Final = "<SCOPE>"  # stands in the text, where no label can, for the picture's name, which follows from the text
Scheme = Literal["light", "dark"]
# The tokens of viz.css, light and dark, by a media query: light-dark() is newer than many a viewer of pictures.
COLOURS: Final = {
    "--cb-warning": ("#b45309", "#fbbf24"),
    "--cb-accent": ("#1d4ed8", "#60a5fa"),
    "--cb-surface": ("#ffffff", "#1c1a18"),
    "--cb-ink": ("#1c1917", "#f5f5f4"),
    "--cb-muted": ("#57534e", "#b3ada8"),
    "--cb-node": ("#e7e5e4", "#3b3733"),
    "--cb-node-line": ("#8a837d", "#8a827b"),
    "--cb-edge": ("#cbc6c1", "#4b4641"),
    "--cb-band": ("#f1efed", "#272422"),
}
FORWARD_COLOUR: Final = "--cb-accent"  # told only where there is a forward pass …
FORWARD_LOOK: Final = f"[data-phase=forward] {{ --cb-warning: var({FORWARD_COLOUR}); }}"  # … which wears it
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
NAMES_LOOK: Final = (  # told only where the layers have names
    f".gradient-flow-names text {{ font: 14px {MONO}; text-anchor: middle; }}",
    f".gradient-flow-name {{ font: 17px {MONO}; fill: var(--cb-warning); }}",
    ".gradient-flow-name[data-fit=broad] { display: none; }",
)
# A picture shrinks with its place; its texts must not. Inside an <img> these ask for the picture's own width.
NARROW: Final = ((620, 18, 27, 22), (420, 23, 34, 30))  # at most so wide, px: all texts' size, the tag's, the counts'
LONG_LABEL: Final = 10  # characters; with more of them title and readout have no room for …
LARGE: Final = 16  # … a larger size than this


def animated_svg(
    layers: Iterable[int],
    gradients: Iterable[float | None] | None = None,
    *,
    label: str = wave.LABEL,
    names: Iterable[str] | None = None,
    activations: Iterable[float | None] | None = None,
    play_speed: float = 500.0,
    transition: Transition = SPRINGS.smooth,
) -> str:
    """The text of an SVG file: the figure, with the wave travelling through it for good, by CSS alone.

    `layers`, `gradients`, `label`, `names`, `activations`, `play_speed` (ms) and `transition` are what they are to
    GradientFlowViz. Where reduced motion is preferred it stands at the input. Raises ValueError for a wrong value: the
    message names prop, rule and value.
    """
    given = {"layers": layers, "gradients": gradients, "label": label, "names": names, "activations": activations}
    return static_svg(make_props({**given, "play_speed": play_speed, "transition": transition}), None)


def still_svg(
    layers: Iterable[int],
    gradients: Iterable[float | None] | None = None,
    current_layer: int = 0,
    scheme: Scheme | None = None,
    *,
    label: str = wave.LABEL,
    names: Iterable[str] | None = None,
    activations: Iterable[float | None] | None = None,
) -> str:
    """The text of an SVG file: the figure standing still, with the wave where `current_layer` says.

    That is clamped, and counts from the loss side, 0, to the input, depth − 1, and in a forward pass, which there is
    with `activations`, from the input, −depth, to the output, −1: all as GradientFlowViz's. With a `scheme` it
    has those colours wherever it is looked at; else it follows light and dark. Raises ValueError for a wrong value: the
    message names prop, rule and value.
    """
    given = {"layers": layers, "gradients": gradients, "label": label, "names": names, "activations": activations}
    props = make_props({**given, "current_layer": current_layer})
    return static_svg(props, props.current_layer, scheme)


def static_svg(props: Props, cursor: int | None, scheme: Scheme | None = None) -> str:
    """The text of an SVG file: the figure of checked props, standing still at a cursor, or playing where that is None.

    A network of one layer has nothing to play, unless forward and backward. The same arguments give the same text.
    """
    layout, plays = lay_out(props.layers), cursor is None and (props.depth > 1 or props.has_forward)
    at = wave.clamp_cursor(cursor or 0, props.depth, props.has_forward)
    rules = [*_look(scheme, props), *(_motion(props) if plays else ())]
    style, body = "\n".join(rules), _body(layout, props, at, plays)
    title = f"{wave.TITLE} and forward" if plays and props.has_forward else wave.phase_at(at).title
    width, height = number(WIDTH + 2 * PADDING), number(HEIGHT + DRAWING + 2 * PADDING)
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{SCOPE}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{SCOPE}-title" aria-describedby="{SCOPE}-desc">\n'
        f'<title id="{SCOPE}-title">{title}</title>\n'
        f'<desc id="{SCOPE}-desc">{_description(props, at, plays)}</desc>\n'
        f"<style>\n{style}\n</style>\n"
        f'<rect class="gradient-flow-ground" width="{width}" height="{height}" rx="12"/>\n{body}\n</svg>\n'
    )
    return text.replace(SCOPE, f"gradient-flow-{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def _body(layout: Layout, props: Props, at: int, plays: bool) -> str:
    """Network and texts with the wave at a cursor, and where it plays the texts of all others, hidden."""
    look, both = props.look(at), plays and props.has_forward
    first = wave.first_cursor(props.depth, props.has_forward)
    heads = [_head(phase, f' data-head="{phase.name}"{_hidden(phase is not look.phase)}') for phase in wave.PHASES]
    says = [_says(layout, props, cursor, cursor == at) for cursor in (range(first, props.depth) if plays else (at,))]
    network = _drawn(network_markup(layout, look.layer, look.phase, both) + feet_markup(layout, props.names))
    body = "\n".join((*(heads if both else [_head(look.phase)]), network, *reversed(says)))
    return body if look.phase is wave.BACKWARD else f'<g data-phase="forward">\n{body}\n</g>'


def _head(phase: wave.Phase, attributes: str = "") -> str:
    middle, marker = number(PADDING + WIDTH / 2), number(PADDING + MARKER)
    head = (
        f'<text class="gradient-flow-title" x="{number(PADDING)}" y="{number(PADDING + FIGURE_HEAD)}">'
        f"{phase.title}</text>\n"
        f'<text class="gradient-flow-direction" x="{middle}" y="{marker}">{phase.direction}</text>'
    )
    return f"<g{attributes}>{head}</g>" if attributes else head


def _says(layout: Layout, props: Props, cursor: int, is_shown: bool) -> str:
    """What is said while the wave is at a cursor: readout, tag and the layer's name where that stands alone."""
    look = props.look(cursor)
    phase = ' data-phase="forward"' if look.phase is wave.FORWARD else ""
    return (
        f'<g data-says="{look.layer}"{phase} visibility="{"visible" if is_shown else "hidden"}">'
        f'<text class="gradient-flow-readout" x="{number(PADDING + WIDTH)}" y="{number(PADDING + FIGURE_HEAD)}">'
        f"{escaped(look.readout)}</text>"
        f"{_drawn(tag_markup(layout, look) + name_markup(layout, look.layer, props.names))}</g>"
    )


def _drawn(markup: str) -> str:
    """What of the drawing, in its place."""
    return f'<g transform="translate({number(PADDING)} {number(PADDING + DRAWING)})">{markup}</g>'


def _description(props: Props, at: int, plays: bool) -> str:
    layers = "-".join(str(neurons) for neurons in props.layers)
    network = f"A neural network of {layers} neurons a layer, the input first."
    if not plays:
        return f"{network} {escaped(props.look(at).summary)}"
    what = "Gradient magnitudes" if props.label == wave.LABEL else escaped(props.label)
    back = f"A wave travels back from the loss to the input. {what} on its way: {_reach(props, range(props.depth))}."
    if not props.has_forward:
        return f"{network} {back}"
    reach = _reach(props, range(-props.depth, 0))
    return (
        f"{network} A forward pass travels from the input to the output. RMS of activations on its way: {reach}. {back}"
    )


def _reach(props: Props, cursors: range) -> str:
    looks = map(props.look, cursors)
    return ", ".join(f"{escaped(look.name)} {say_magnitude(look.magnitude)}" for look in looks)


def _look(scheme: Scheme | None, props: Props) -> list[str]:
    light, dark = (_scoped(f"{{ {_tokens(index, props.has_forward)}; }}") for index in range(2))
    follows = (light, f"@media (prefers-color-scheme: dark) {{ {dark} }}")
    colours = {None: follows, "light": (light,), "dark": (dark,)}[scheme]
    look = (*FIGURE_RULES, *((FORWARD_LOOK,) if props.has_forward else ()), *(NAMES_LOOK if props.names else ()))
    return [*colours, *map(_scoped, look), *(_narrow(props, *sizes) for sizes in NARROW)]


def _tokens(index: int, has_forward: bool) -> str:
    told = {name: both[index] for name, both in COLOURS.items() if has_forward or name != FORWARD_COLOUR}
    return "; ".join(f"{name}: {colour}" for name, colour in told.items())


def _narrow(props: Props, width: int, text: int, tag: int, counts: int) -> str:
    rules = [
        f"{{ font-size: {text if len(props.label) <= LONG_LABEL else min(text, LARGE)}px; }}",
        f".gradient-flow-tag {{ font-size: {tag}px; }}",
        f".gradient-flow-counts text {{ font-size: {counts}px; }}",
    ]
    if props.names:
        rules[2] = f":is(.gradient-flow-names text, .gradient-flow-name) {{ font-size: {counts}px; }}"
        rules += [
            ".gradient-flow-names[data-fit=broad] { display: none; }",
            ".gradient-flow-name[data-fit=broad] { display: inline; }",
        ]
    return f"@media (max-width: {width}px) {{ {' '.join(map(_scoped, rules))} }}"


def _motion(props: Props) -> list[str]:
    """The wave: all that belongs to a layer goes the same course, each layer by its `--at` later than the one before.

    The delays are negative, so that from its first moment on it is the wave that has been travelling. A forward pass
    goes the same courses in the mirror, by its own delays `--to`.
    """
    depth, beat = props.depth, props.play_speed
    beats = 2 * depth if props.has_forward else depth
    round_ = _seconds(beats, beat)
    glows = courses(depth, beat, props.transition, beats - depth)
    last = len(glows) - 1
    return [
        "@media (prefers-reduced-motion: no-preference) {",
        *(f"{_of(layer)} {{ {_delays(layer, props)} }}" for layer in range(depth)),
        _scoped(f"[data-part=halo] {{ animation: {SCOPE}-{last} {round_} linear var(--at) infinite; }}"),
        *(_scoped(f"{_halo(depth - 1 - near)} {{ animation-name: {SCOPE}-{near}; }}") for near in range(last)),
        *(keyframes(f"{SCOPE}-{distance}", points) for distance, points in enumerate(glows)),
        _scoped(f"[data-says] {{ animation: {SCOPE}-says {round_} step-end var(--at) infinite; }}"),
        f"@keyframes {SCOPE}-says {{ 0% {{ visibility: visible; }} "
        f"{percent(1.0 / beats, beats * beat)} {{ visibility: hidden; }} }}",
        *(_forward_motion(props, round_, last) if props.has_forward else ()),
        "}",
        "@media (prefers-reduced-motion: reduce) {",
        _scoped("[data-part=halo] { opacity: 0; }"),
        _scoped(f"{_halo(0)} {{ opacity: 1; }}"),
        _scoped("[data-says] { visibility: hidden; }"),
        _scoped('[data-says="0"]:not([data-phase]) { visibility: visible; }' if props.has_forward else
                '[data-says="0"] { visibility: visible; }'),
        "}",
    ]  # fmt: skip


def _forward_motion(props: Props, round_: str, last: int) -> list[str]:
    """What a forward pass adds: its own halos and texts, and a title and a marker that change with the pass."""
    away = _seconds(-UNDER_WAY, props.play_speed)
    back = _seconds(-UNDER_WAY - props.depth, props.play_speed)
    near = (f'[data-layer="{layer}"] > [data-part=forward]' for layer in range(last))
    return [
        _scoped(f"[data-part=forward] {{ animation: {SCOPE}-{last} {round_} linear var(--to) infinite; }}"),
        *(_scoped(f"{halo} {{ animation-name: {SCOPE}-{layer}; }}") for layer, halo in enumerate(near)),
        _scoped("[data-says][data-phase] { animation-delay: var(--to); }"),
        _scoped(f"[data-head=forward] {{ animation: {SCOPE}-head {round_} step-end {away} infinite; }}"),
        _scoped(f"[data-head=backward] {{ animation: {SCOPE}-head {round_} step-end {back} infinite; }}"),
        f"@keyframes {SCOPE}-head {{ 0% {{ visibility: visible; }} 50% {{ visibility: hidden; }} }}",
    ]


def _delays(layer: int, props: Props) -> str:
    """Since when a layer's courses have been under way: a round begins at the loss side, or with the forward pass."""
    back = f"--at: {_seconds(-(layer + 1 + UNDER_WAY), props.play_speed)};"
    if not props.has_forward:
        return back
    return f"{back} --to: {_seconds(-(2 * props.depth - layer + UNDER_WAY), props.play_speed)};"


def _seconds(beats: float, beat: float) -> str:
    return f"{short(beats * beat / 1000.0)}s"


def _hidden(is_hidden: bool) -> str:
    return ' visibility="hidden"' if is_hidden else ""


def _halo(layer: int) -> str:
    return f'[data-layer="{layer}"] > [data-part=halo]'


def _scoped(rule: str) -> str:
    """The rule for what is in this picture, and nowhere else."""
    return f".{SCOPE} {rule}"


def _of(layer: int) -> str:
    return f'.{SCOPE} [data-layer="{layer}"], .{SCOPE} [data-says="{layer}"]'
