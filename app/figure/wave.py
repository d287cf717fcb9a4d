"""The wave: the layer that the cursor lights, the glow of the layers ahead, and the texts about it. Pure.

The cursor counts from the loss side: 0 is the output layer, depth − 1 the input. A forward pass before the backward
pass has the cursors −depth (the input) to −1 (the output). A layer's index counts from the input, as in `layers`; its
number in texts is the index + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from .magnitudes import Magnitude, describe_magnitude, write_magnitude


class WavePhase(NamedTuple):
    """One of the two passes. `ahead` is the step of the layer's index from one advance to the next: 1 or −1."""

    name: str
    title: str
    direction: str
    ahead: int


FORWARD: Final = WavePhase("forward", "Gradient wave · forward", "→ activations →", 1)
BACKWARD: Final = WavePhase("backward", "Gradient wave · backward", "← gradients ←", -1)
PHASES: Final = (FORWARD, BACKWARD)
TITLE: Final = BACKWARD.title
DIRECTION: Final = BACKWARD.direction
ACTIVATIONS_LABEL: Final = "RMS a"  # of the magnitudes in a forward pass
LABEL: Final = "|∂L|"  # of the other magnitudes, unless the caller gives another
MAX_LABEL_CHARS: Final = 24  # with the longest magnitude they still fit the drawing
MAX_SHORT_LABEL_CHARS: Final = 10  # a longer label takes two lines, or smaller text, in a narrow figure
GLOWS: Final = (1.0, 0.55, 0.25)  # the active layer, then the next two ahead of the wave
STATES: Final = ("active", "near", "far")
REST: Final = "rest"


def first_cursor(depth: int, forward: bool = False) -> int:
    """The first cursor of a round: 0 at the loss side, or the input if the round has a forward pass."""
    return -depth if forward else 0


def clamp_cursor(cursor: int, depth: int, forward: bool = False) -> int:
    """The nearest cursor that exists in a network of `depth` layers, with or without a forward pass."""
    return min(max(cursor, first_cursor(depth, forward)), depth - 1)


def next_cursor(cursor: int, depth: int, forward: bool = False) -> int:
    """The cursor one step later. After the input a new round begins."""
    return cursor + 1 if cursor < depth - 1 else first_cursor(depth, forward)


def phase_at(cursor: int) -> WavePhase:
    """The pass to which the cursor belongs."""
    return FORWARD if cursor < 0 else BACKWARD


def layer_at(cursor: int, depth: int) -> int:
    """The index, from the input, of the layer that the cursor lights."""
    return depth + cursor if cursor < 0 else depth - 1 - cursor


def cursor_at(layer: int, depth: int, phase: WavePhase = BACKWARD) -> int:
    """The cursor that lights the layer at this index, from the input, in this pass."""
    return layer - depth if phase is FORWARD else depth - 1 - layer


def glow_targets(layer: int, depth: int, phase: WavePhase = BACKWARD) -> list[float]:
    """The settled glow of each layer: 1, 0.55, 0.25 from the active layer onwards in the wave's direction, else 0."""
    targets = [0.0] * depth
    for distance, glow in enumerate(GLOWS):
        index = layer + phase.ahead * distance
        if 0 <= index < depth:
            targets[index] = glow
    return targets


def layer_state(index: int, active: int, phase: WavePhase = BACKWARD) -> str:
    """The state of the layer at `index`: `active`, `near`, `far` or `rest`."""
    distance = (index - active) * phase.ahead
    return STATES[distance] if 0 <= distance < len(STATES) else REST


def layer_name(index: int, depth: int, names: Sequence[str] | None = None) -> str:
    """The name of a layer: from `names`, or else `output`, `input` or `hidden N`, with N counted from the input.

    A single layer is the output.
    """
    if names is not None:
        return names[index]
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


class WaveFrame(NamedTuple):
    """The content of a figure of `depth` layers with the wave at one cursor. An empty `name` means the default name."""

    layer: int
    depth: int
    magnitude: Magnitude
    label: str = LABEL
    phase: WavePhase = BACKWARD
    name: str = ""

    @property
    def tag(self) -> str:
        """The active layer's tag."""
        return tag_text(self.magnitude, self.label)

    @property
    def readout(self) -> str:
        """The readout beside the title."""
        return readout_text(self.layer, self.depth, self.magnitude, self.label)

    @property
    def summary(self) -> str:
        """The sentence that screen readers announce when the wave advances."""
        name = self.name or layer_name(self.layer, self.depth)
        at, magnitude = f"at layer {self.layer + 1} of {self.depth} ({name})", describe_magnitude(self.magnitude)
        if self.phase is FORWARD:
            return f"Forward pass {at}. RMS of activations {magnitude}."
        what = "Gradient magnitude" if self.label == LABEL else self.label
        return f"Backward gradient wave {at}. {what} {magnitude}."
