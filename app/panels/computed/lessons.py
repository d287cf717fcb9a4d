"""Lessons, each a network that teaches one thing, and fixes, single changes that may improve a gradient. Pure.

Every number in the sentences comes from the lesson's own network. The tests check it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from ...figure.diagnosis import DEAD, EXPLODING, HEALTHY, VANISHING
from ...network.config import NetworkConfig, applies

DEEP_LAYERS: Final = (2, *[16] * 8, 2)  # ten layers, including input and output
NARROW_LAYERS: Final = (2, *[4] * 8, 2)


class Lesson(NamedTuple):
    """A view that teaches one thing: its button's `title`, two `sentences`, and the `kind` of verdict they explain."""

    name: str
    title: str
    layers: tuple[int, ...]
    computed: NetworkConfig
    sentences: tuple[str, str]
    kind: str


LESSONS: Final = (
    Lesson(
        "sigmoid",
        "Sigmoid at depth 10",
        DEEP_LAYERS,
        NetworkConfig(),
        (
            "The slope of a sigmoid is 0.25 at most, and Xavier’s weights have a gain of about 1: each layer passes on "
            "a quarter of what reaches it.",
            "Over nine layers more than five decades are lost, so the first layers hardly learn.",
        ),
        VANISHING,
    ),
    Lesson(
        "he_relu",
        "He and ReLU",
        DEEP_LAYERS,
        NetworkConfig(activation="relu", initialisation="he_normal", against=NetworkConfig(activation="relu")),
        (
            "A ReLU lets about half of the gradient’s entries through, which takes its RMS times 0.71; He’s weights "
            "have a gain of √2, which makes up for it.",
            "Xavier’s weights, drawn beside them, have a gain of about 1: a third is lost at each layer.",
        ),
        HEALTHY,
    ),
    Lesson(
        "xavier_tanh",
        "Xavier and tanh",
        DEEP_LAYERS,
        NetworkConfig(activation="tanh"),
        (
            "The slope of tanh is 1 at 0, and Xavier’s weights have a gain of about 1: the gradient nearly keeps its "
            "size through ten layers.",
            "Away from 0 tanh flattens, so each layer takes some per cent of the gradient, and of the activations too.",
        ),
        HEALTHY,
    ),
    Lesson(
        "normal_exploding",
        "N(0, 1) and exploding",
        DEEP_LAYERS,
        NetworkConfig(activation="relu", initialisation="normal", sigma=1.0),
        (
            "Weights of standard deviation 1 have a gain of √16 = 4 at sixteen units a layer, times 0.71 for the ReLU.",
            "The gradient nearly trebles at each layer, as the activations did before it, and the loss is in the "
            "millions.",
        ),
        EXPLODING,
    ),
    Lesson(
        "dead_relu",
        "Dead ReLUs",
        NARROW_LAYERS,
        NetworkConfig(activation="relu", initialisation="he_normal"),
        (
            "Where all units of a layer have z ≤ 0 for the whole batch, f′(z) is 0 for all of them, and no gradient "
            "comes through.",
            "Training can’t bring them back, for no weight up to the dead layer ever moves; with leaky ReLUs no layer "
            "dies.",
        ),
        DEAD,
    ),
    Lesson(
        "residual",
        "Residual rescue",
        DEEP_LAYERS,
        NetworkConfig(residual=True, against=NetworkConfig()),
        (
            "The sigmoid network again, each layer now adding its input to its output, so that the gradient has a way "
            "past the sigmoid, with the factor 1.",
            "Drawn beside it is the same network without: five decades apart at the first hidden layer.",
        ),
        HEALTHY,
    ),
    Lesson(
        "normalisation",
        "Normalisation rescue",
        DEEP_LAYERS,
        NetworkConfig(
            activation="relu",
            initialisation="normal",
            sigma=0.1,
            normalisation=True,
            against=NetworkConfig(activation="relu", initialisation="normal", sigma=0.1),
        ),
        (
            "Weights of standard deviation 0.1 are too small for sixteen units, and without more the gradient keeps a "
            "quarter at each layer, as drawn beside it.",
            "Normalisation divides the sums by their own deviation, and the gradient with them: however small the "
            "weights are, they cancel out.",
        ),
        HEALTHY,
    ),
)


class Fix(NamedTuple):
    """One change that may improve a gradient: `label` is the text of its button, `field` the field it changes."""

    name: str
    label: str
    field: str
    change: Callable[[NetworkConfig], NetworkConfig]

    def helps(self, computed: NetworkConfig, layers: Sequence[int]) -> bool:
        """Return True if it changes anything for a network of these layers."""
        return applies(self.field, computed, layers) and self.change(computed) != computed


def _clipped(computed: NetworkConfig) -> NetworkConfig:
    return computed if computed.clip is not None else replace(computed, clip=1.0)


FIXES: Final = (
    Fix("he", "He initialisation", "initialisation", lambda chosen: replace(chosen, initialisation="he_normal")),
    Fix("xavier", "Xavier initialisation", "initialisation", lambda now: replace(now, initialisation="xavier_normal")),
    Fix("relu", "ReLU", "activation", lambda chosen: replace(chosen, activation="relu")),
    Fix("residual", "Residual connections", "residual", lambda chosen: replace(chosen, residual=True)),
    Fix("normalisation", "Layer normalisation", "normalisation", lambda chosen: replace(chosen, normalisation=True)),
    Fix("clipping", "Clip gradients to norm 1", "clip", _clipped),
)
