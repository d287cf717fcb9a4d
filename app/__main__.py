"""The command line: `python -m gradient_flow_viz 3-4-4-2 -o wave.svg`, and `check run.jsonl`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from . import __version__
from .figure.shading import SHADINGS, WAVE, check_shading
from .figure.static_figure import GradientFlowFigure
from .figure.text import quote
from .figure.validation import check_choice, check_length
from .figure.wave import LABEL
from .network.config import FLAG, NetworkConfig
from .network.options import OPTIONS, SOURCE_NAMES, option_help, parse_steps, read_options
from .network.training import Training
from .spring import INSTANT, SPRINGS, Transition
from .view.settings import (
    check_cursor_range,
    parse_cursor,
    parse_gradients,
    parse_label,
    parse_layers,
    parse_names,
    parse_speed,
)

TRANSITIONS: Final[dict[str, Transition]] = {
    "smooth": SPRINGS.smooth,
    "snappy": SPRINGS.snappy,
    "gentle": SPRINGS.gentle,
    "bouncy": SPRINGS.bouncy,
    "instant": INSTANT,
}

CHECK: Final = "check"  # the first argument for a check of a log
SERIES_OPTIONS: Final = ("gradients", "activations")  # one number per layer each


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the SVG for the arguments, or check a log. Returns the exit code: 2 with an error message on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == [CHECK]:
        from .runs import check  # numpy and all formats, which an SVG needs not  # noqa: PLC0415

        return check.run_check(given[1:])
    options = _parser().parse_args(given)
    try:
        svg = _svg(options)
        if options.output == "-":
            sys.stdout.buffer.write(svg.encode())
        else:
            Path(options.output).write_text(svg, encoding="utf-8")
    except ValueError as error:
        print(f"gradient_flow_viz: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"gradient_flow_viz: Output: {quote(options.output)} can't be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _svg(options: argparse.Namespace) -> str:
    layers = parse_layers(options.layers)
    transition = check_choice(options.transition, TRANSITIONS, "Transition", quote)
    figure = GradientFlowFigure(
        layers=layers,
        **_magnitudes(options, layers),
        names=_names(options.names, len(layers)),
        play_speed=parse_speed(options.speed),
        transition=TRANSITIONS[transition],
        shading=check_shading(options.shading, "Shading", quote),
    )
    if options.still is None:
        return figure.to_svg()
    cursor = parse_cursor(options.still)
    check_cursor_range(cursor, len(layers), figure.activations is not None)
    return figure.to_svg(animated=False, current_layer=cursor)


def _magnitudes(options: argparse.Namespace, layers: tuple[int, ...]) -> dict[str, Any]:
    """The figure's arguments for the magnitudes: computed, given or synthesised."""
    label = {} if options.label is None else {"label": parse_label(options.label)}
    computed = read_options(options, layers)
    if computed is not None:
        return _computed(options, layers, computed) | label
    series = {name: parse_gradients(getattr(options, name), name.capitalize()) for name in SERIES_OPTIONS}
    for name, given in series.items():
        if given is not None:
            check_length(len(given), len(layers), name.capitalize())
    return {**series, **label}


def _computed(options: argparse.Namespace, layers: tuple[int, ...], computed: NetworkConfig) -> dict[str, Any]:
    """The figure's arguments for a network that is trained for the given number of steps."""
    for name in SERIES_OPTIONS:
        if text := getattr(options, name):
            raise ValueError(f"{name.capitalize()}: must not be given where they are computed, got {quote(text)}")
    training = Training(layers, computed)
    steps = parse_steps(options.steps or "0", training.max_steps)
    while training.steps < steps:
        training.advance()
    shown = training.shown(steps)
    activations = shown.activations if computed.forward else None
    return {"gradients": shown.gradients, "activations": activations, "label": shown.label}


def _names(text: str, depth: int) -> tuple[str, ...] | None:
    names = parse_names(text)
    if names is not None:
        check_length(len(names), depth, "Names", "name")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradient_flow_viz",
        description="Writes an SVG of a neural network with a wave of gradient magnitudes travelling back through it. "
        "It plays by itself, without a script.",
        epilog="python -m gradient_flow_viz check run.jsonl says what is wrong in a recorded training run.",
    )
    add = parser.add_argument
    add("layers", help="neurons per layer, input first, as in 3-4-4-2")
    add("--gradients", default="", help="one magnitude per layer, input first, as in none,0.012,0.18,1")
    add("--label", help=f"the name of the magnitudes (default: {LABEL})")
    add("--names", default="", help="the names of the layers, input first, as in embed,fc1,fc2,head (~, is a comma)")
    add("--activations", default="", help="one RMS of activations per layer, for a forward pass before each wave")
    add("--speed", default="500", help="milliseconds between two layers, 80 to 2000 (default: 500)")
    add("--transition", default="smooth", help=f"how layers fade: {', '.join(TRANSITIONS)} (default: smooth)")
    add("--shading", default=WAVE, help=f"what the nodes show: {', '.join(SHADINGS)} (default: {WAVE})")
    add(
        "--still",
        metavar="LAYER",
        help="stand still at this layer: 0 at the loss side, depth - 1 at the input, -depth … -1 in a forward pass",
    )
    _add_computed(parser)
    add("-o", "--output", default="-", help="the file to write; - (the default) is the standard output")
    add("--version", action="version", version=__version__)
    return parser


def _add_computed(parser: argparse.ArgumentParser) -> None:
    """Add an option for each field of a computed view. Their texts are those of the page's address."""
    group = parser.add_argument_group(
        "computed gradients", "With any of these options, a network computes the magnitudes."
    )
    group.add_argument("--source", help=f"where magnitudes come from: {', '.join(SOURCE_NAMES)}")
    for field in OPTIONS:
        how: dict[str, Any] = {"action": "store_const", "const": "1"} if field.kind == FLAG else {"metavar": "VALUE"}
        group.add_argument(f"--{field.name}", help=option_help(field), **how)
    group.add_argument("--steps", help="train for this number of steps first (default: 0)")


if __name__ == "__main__":
    sys.exit(main())
