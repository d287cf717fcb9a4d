"""The figure from the command line: `python -m gradient_flow_viz 3-4-4-2 -o wave.svg`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from . import __version__
from .figure import GradientFlowFigure
from .gradients import check_length
from .props import LABEL_RULE, is_label
from .settings import check_cursor, parse_cursor, parse_gradients, parse_layers, parse_speed, quote
from .spring import INSTANT, SPRINGS, Transition
from .wave import LABEL

TRANSITIONS: Final[dict[str, Transition]] = {
    "smooth": SPRINGS.smooth,
    "snappy": SPRINGS.snappy,
    "gentle": SPRINGS.gentle,
    "bouncy": SPRINGS.bouncy,
    "instant": INSTANT,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the SVG that the arguments ask for; the process's exit code, 2 where they are wrong: stderr says how."""
    options = _parser().parse_args(arguments)
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
    layers, gradients = parse_layers(options.layers), parse_gradients(options.gradients)
    activations = parse_gradients(options.activations, "Activations")
    for name, given in (("Gradients", gradients), ("Activations", activations)):
        if given is not None:
            check_length(len(given), len(layers), name)
    if options.transition not in TRANSITIONS:
        raise ValueError(f"Transition: must be one of {', '.join(TRANSITIONS)}, got {quote(options.transition)}")
    figure = GradientFlowFigure(
        layers=layers,
        gradients=gradients,
        label=_label(options.label),
        activations=activations,
        play_speed=parse_speed(options.speed),
        transition=TRANSITIONS[options.transition],
    )
    if options.still is None:
        return figure.to_svg()
    cursor = parse_cursor(options.still)
    check_cursor(cursor, len(layers), activations is not None)
    return figure.to_svg(animated=False, current_layer=cursor)


def _label(text: str) -> str:
    if not is_label(text):
        raise ValueError(f"Label: {LABEL_RULE}, got {quote(text)}")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradient_flow_viz",
        description="Writes an SVG of a neural network with a wave of gradient magnitudes travelling back through it. "
        "It plays by itself, without a script.",
    )
    add = parser.add_argument
    add("layers", help="neurons per layer, input first, as in 3-4-4-2")
    add("--gradients", default="", help="one magnitude a layer, input first, as in none,0.012,0.18,1")
    add("--label", default=LABEL, help=f"what a magnitude is called ({LABEL} unless told)")
    add("--activations", default="", help="one RMS of activations a layer, for a forward pass before each wave")
    add("--speed", default="500", help="milliseconds between two layers, 80 to 2000 (500 unless told)")
    add("--transition", default="smooth", help=f"how layers fade: {', '.join(TRANSITIONS)} (smooth unless told)")
    add(
        "--still",
        metavar="LAYER",
        help="stand still there: 0 at the loss side, depth - 1 at the input, -depth … -1 in a forward pass",
    )
    add("-o", "--output", default="-", help="the file to write; - for the standard output, as it is unless told")
    add("--version", action="version", version=__version__)
    return parser


if __name__ == "__main__":
    sys.exit(main())
