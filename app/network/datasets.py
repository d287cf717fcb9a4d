"""Small made-up data sets, and seeded batches of them. Pure.

All but `teacher` are points of a plane. For a network with more or fewer inputs than two, the plane is put into the
space of these by a random frame; the number of classes follows the outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, NamedTuple

import numpy as np

from ..figure.props import MAX_NEURONS
from ..figure.validation import check_choice, check_number, check_whole
from .arrays import Array, Labels
from .initialisers import INITIALISATIONS, orthogonal
from .splitmix import SplitMix

MAX_POINTS: Final = 65_536
TEACHER_UNITS: Final = 16


class Batch(NamedTuple):
    """What a network is shown at once, B inputs and what belongs to them.

    `inputs` are (B, n₀). `targets`, (B, n), are what mean squared error wants, `labels`, whole numbers (B,) from 0 to
    n − 1, what cross-entropy wants; the one that a network's loss doesn't use may be None.
    """

    inputs: Array
    targets: Array | None = None
    labels: Labels | None = None


def _spirals(random: SplitMix, labels: Labels, classes: int, noise: float) -> Array:
    """One arm a class, three quarters of a turn long, from near the middle out to radius 2."""
    along = random.uniform(len(labels), low=0.1, high=1.0)
    return _polar(2.0 * along, labels / classes + 0.75 * along) + noise * random.normal(len(labels), 2)


def _circles(random: SplitMix, labels: Labels, classes: int, noise: float) -> Array:
    """One ring a class, all about the origin, the outermost of radius 2."""
    radius = 2.0 * (labels + 1.0) / classes
    return _polar(radius, random.uniform(len(labels))) + noise * random.normal(len(labels), 2)


def _xor(random: SplitMix, labels: Labels, _classes: int, noise: float) -> Array:
    """Coordinates from −2 to 2, of unlike sign for label 1 and of like sign for label 0."""
    first = random.uniform(len(labels), low=-2.0, high=2.0)
    second = random.uniform(len(labels), low=0.0, high=2.0)
    sign = np.where((first > 0.0) == (labels == 1), -1.0, 1.0)
    return np.stack((first, sign * second), axis=1) + noise * random.normal(len(labels), 2)


def _blobs(random: SplitMix, labels: Labels, classes: int, noise: float) -> Array:
    """One Gaussian a class, their means evenly on a circle of radius 2; at a noise of 0.1 of standard deviation 0.5."""
    return _polar(np.full(len(labels), 2.0), labels / classes) + 5.0 * noise * random.normal(len(labels), 2)


def _polar(radius: Array, turns: Array) -> Array:
    angle = 2.0 * math.pi * turns
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


_PLANE: Final[dict[str, Callable[[SplitMix, Labels, int, float], Array]]] = {
    "spirals": _spirals,
    "circles": _circles,
    "xor": _xor,
    "blobs": _blobs,
}
DATASETS: Final = (*_PLANE, "teacher")


class Data:
    """A data set for networks with so many inputs and outputs, and its batches.

    `name` is one of `DATASETS`. The classes of `spirals`, `circles` and `blobs` are as many as the outputs; `xor` has
    two. Their targets are 1 at the label and 0 elsewhere; a single output has 0 or 1. `teacher` has normal inputs, the
    outputs of a random tanh network with 16 hidden units as targets, and as label the largest of them. `noise` is the
    standard deviation of what is added to each coordinate, or for `teacher` to each target.

    `inputs` is (size, n₀), `targets` (size, n), `labels` (size,). Raises ValueError naming field, rule and value.
    """

    def __init__(
        self, name: str, inputs: int, outputs: int, *, size: int = 512, noise: float = 0.1, seed: int = 0
    ) -> None:
        self.name = check_choice(name, DATASETS, "name")
        n0, n = check_whole(inputs, 1, MAX_NEURONS, "inputs"), check_whole(outputs, 1, MAX_NEURONS, "outputs")
        self.size = check_whole(size, 1, MAX_POINTS, "size")
        self.seed = seed
        spread = check_number(noise, "noise")
        make = self._teacher if name == "teacher" else self._plane
        self.inputs, self.targets, self.labels = make(n0, n, spread)

    def batch(self, size: int, number: int = 0) -> Batch:
        """The batch of this number, counted from 0; the same number is the same batch.

        Each pass through the data takes the points in an order of its own; what is left after its last whole batch is
        not taken. Raises ValueError for a size that the data set has not.
        """
        size = check_whole(size, 1, self.size, "size")
        epoch, place = divmod(check_whole(number, 0, 2**53, "number"), self.size // size)
        order = SplitMix(self.seed, "batches", epoch).permutation(self.size)
        rows = order[place * size : (place + 1) * size]
        return Batch(self.inputs[rows], self.targets[rows], self.labels[rows])

    def batches(self, size: int) -> Iterator[Batch]:
        """All batches of this size one after another, without an end."""
        return (self.batch(size, number) for number in count())

    def _plane(self, inputs: int, outputs: int, noise: float) -> tuple[Array, Array, Labels]:
        classes = 2 if self.name == "xor" else max(outputs, 2)
        labels = np.arange(self.size, dtype=np.int64) % classes
        points = _PLANE[self.name](SplitMix(self.seed, "points"), labels, classes, noise)
        return self._placed(points, inputs), _one_hot(labels, outputs), labels

    def _placed(self, points: Array, inputs: int) -> Array:
        """The points, (size, 2), in the inputs' space, (size, n₀), on the same scale a coordinate."""
        if inputs == 2:
            return points
        frame = orthogonal(SplitMix(self.seed, "frame"), inputs, 2)
        placed: Array = points @ frame.T * math.sqrt(inputs / 2.0)
        return placed

    def _teacher(self, inputs: int, outputs: int, noise: float) -> tuple[Array, Array, Labels]:
        drawn, random = INITIALISATIONS["lecun_normal"], SplitMix(self.seed, "teacher")
        first, second = drawn(random, TEACHER_UNITS, inputs), drawn(random, outputs, TEACHER_UNITS)
        given = SplitMix(self.seed, "points").normal(self.size, inputs)
        told = np.tanh(given @ first.T) @ second.T
        labels = np.argmax(told, axis=1) if outputs > 1 else (told[:, 0] > 0.0)
        return given, told + noise * random.normal(self.size, outputs), labels.astype(np.int64)


def _one_hot(labels: Labels, outputs: int) -> Array:
    if outputs == 1:
        return labels[:, None].astype(np.float64)
    return np.where(labels[:, None] == np.arange(outputs), 1.0, 0.0)
