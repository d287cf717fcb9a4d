"""The wave: which layer the cursor lights, how brightly the layers ahead glow, and what is said of it. Pure.

The cursor counts from the loss side: 0 is the output layer, depth − 1 the input. A layer's index counts from
the input, as in `layers`; its number, as people read it, is the index + 1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .gradients import Magnitude, say_magnitude, write_magnitude

TITLE: Final = "Gradient wave · backward"
DIRECTION: Final = "← gradients ←"
LABEL: Final = "|∂L|"  # what a magnitude is called unless the caller says otherwise …
LONGEST_LABEL: Final = 24  # … in so many characters at most: with the longest magnitude they fit the drawing
GLOWS: Final = (1.0, 0.55, 0.25)  # the active layer, then the next two towards the input
STATES: Final = ("active", "near", "far")
REST: Final = "rest"


def clamp_cursor(cursor: int, depth: int) -> int:
    """The nearest cursor that a network of `depth` layers has."""
    return min(max(cursor, 0), depth - 1)


def next_cursor(cursor: int, depth: int) -> int:
    """The cursor one step later; after the input it starts again at the loss side."""
    return (cursor + 1) % depth


def layer_at(cursor: int, depth: int) -> int:
    """The index, from the input, of the layer that the cursor lights."""
    return depth - 1 - cursor


def glow_targets(layer: int, depth: int) -> NDArray[np.float64]:
    """The settled glows, shape (depth,): 1, 0.55, 0.25 from the active layer towards the input, else 0."""
    targets = np.zeros(depth)
    for distance, glow in enumerate(GLOWS[: layer + 1]):
        targets[layer - distance] = glow
    return targets


def layer_state(index: int, active: int) -> str:
    """`active`, `near`, `far` or `rest`: what the wave does with the layer at `index`."""
    distance = active - index
    return STATES[distance] if 0 <= distance < len(STATES) else REST


def layer_name(index: int, depth: int) -> str:
    """`output`, `input` or `hidden N`, N counted from the input; a single layer is the output."""
    if index == depth - 1:
        return "output"
    return "input" if index == 0 else f"hidden {index}"


def tag_text(magnitude: Magnitude, label: str = LABEL) -> str:
    """The active layer's tag, `|∂L| 1.00`."""
    return f"{label} {write_magnitude(magnitude)}"


def readout_text(layer: int, depth: int, magnitude: Magnitude, label: str = LABEL) -> str:
    """The readout, `layer 04 / 04 · |∂L| 1.00`: two digits, or as many as the depth needs."""
    digits = max(2, len(str(depth)))
    return f"layer {layer + 1:0{digits}d} / {depth:0{digits}d} · {tag_text(magnitude, label)}"


def summary_text(layer: int, depth: int, magnitude: Magnitude, label: str = LABEL) -> str:
    """The sentence that is announced when the wave advances."""
    what = "Gradient magnitude" if label == LABEL else label
    return (
        f"Backward gradient wave at layer {layer + 1} of {depth} ({layer_name(layer, depth)}). "
        f"{what} {say_magnitude(magnitude)}."
    )
