"""Lessons, each a network that teaches one thing. Pure.

Every number in the sentences comes from the lesson's own network. The tests check it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ...figure.diagnosis import DEAD, EXPLODING, HEALTHY, VANISHING
from ...network.config import NetworkConfig, is_same_run

DEEP_LAYERS: Final = (2, *[16] * 8, 2)  # ten layers, including input and output
NARROW_LAYERS: Final = (2, *[2] * 12, 2)  # so narrow that with any seed a layer of ReLUs is dead


class Lesson(NamedTuple):
    """A view that teaches one thing: its button's `title`, two `sentences`, and the `kind` of verdict they explain."""

    name: str
    title: str
    layers: tuple[int, ...]
    computed: NetworkConfig
    sentences: tuple[str, str]
    kind: str

    def speaks_of(self, layers: tuple[int, ...], computed: NetworkConfig) -> bool:
        """Return True if its sentences are about this network and the one beside it, in any view of them."""
        if layers != self.layers or not is_same_run(computed, self.computed):
            return False
        beside, own = computed.against, self.computed.against
        return beside is own if beside is None or own is None else is_same_run(beside, own)


LESSONS: Final = (
    Lesson(
        "sigmoid",
        "Sigmoid at depth 10",
        DEEP_LAYERS,
        NetworkConfig(),
        (
            "The slope of a sigmoid is 0.25 at most, and Xavier’s weights have a gain of about 1: each layer passes on "
            "about a quarter of what reaches it.",
            "From the output to the input about five decades are lost, so with plain SGD the first layers hardly "
            "learn.",
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
            "Here that holds for every example, so training can’t bring them back: no weight up to the dead layer ever "
            "moves. With leaky ReLUs no layer dies.",
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
            "Drawn beside it is the same network without: about five decades apart at the first hidden layer.",
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
            "Weights of standard deviation 0.1 are too small for sixteen units, and without more the gradient keeps "
            "about a quarter at each layer, as drawn beside it.",
            "Normalisation divides the sums by their own deviation, and the gradient with them. So the size of the "
            "weights cancels out, as long as the variance of the sums is well above ε = 10⁻⁵.",
        ),
        HEALTHY,
    ),
)
