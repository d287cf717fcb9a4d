"""Small synthetic data sets and seeded batches of them. Pure.

All data sets except `teacher` are points in a plane. If a network does not have two inputs, a random orthogonal frame
maps the plane into its input space. The number of classes follows from the outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, NamedTuple

import numpy as np

from ..figure.props import MAX_NEURONS
from ..figure.validation import check_choice, check_number, check_whole
from ..figure.work import finished
from .arrays import Array, ClassLabels
from .initialisers import INITIALISATIONS, orthogonal
from .pieces import NUMBER_OPERATIONS, Pieces
from .splitmix import SplitMix

MAX_POINTS: Final = 65_536
TEACHER_UNITS: Final = 16


class Batch(NamedTuple):
    """A batch of B inputs with their targets and labels.

    `inputs` are (B, n₀). Mean squared error uses `targets`, (B, n). Cross-entropy uses `labels`, whole numbers (B,)
    from 0 to n − 1. The one that a network's loss does not use may be None.
    """

    inputs: Array
    targets: Array | None = None
    labels: ClassLabels | None = None


def _spirals(random: SplitMix, labels: ClassLabels, classes: int, noise: float) -> Array:
    """One arm per class, three quarters of a turn long, from near the middle to radius 2."""
    along = random.uniform(len(labels), low=0.1, high=1.0)
    return _polar(2.0 * along, labels / classes + 0.75 * along) + noise * random.normal(len(labels), 2)


def _circles(random: SplitMix, labels: ClassLabels, classes: int, noise: float) -> Array:
    """One ring per class around the origin, the outermost of radius 2."""
    radius = 2.0 * (labels + 1.0) / classes
    return _polar(radius, random.uniform(len(labels))) + noise * random.normal(len(labels), 2)


def _xor(random: SplitMix, labels: ClassLabels, _classes: int, noise: float) -> Array:
    """Coordinates from −2 to 2, with different signs for label 1 and the same sign for label 0."""
    first = random.uniform(len(labels), low=-2.0, high=2.0)
    second = random.uniform(len(labels), low=0.0, high=2.0)
    sign = np.where((first > 0.0) == (labels == 1), -1.0, 1.0)
    return np.stack((first, sign * second), axis=1) + noise * random.normal(len(labels), 2)


def _blobs(random: SplitMix, labels: ClassLabels, classes: int, noise: float) -> Array:
    """One Gaussian per class, means spaced evenly on a circle of radius 2, standard deviation 5 × noise."""
    return _polar(np.full(len(labels), 2.0), labels / classes) + 5.0 * noise * random.normal(len(labels), 2)


def _polar(radius: Array, turns: Array) -> Array:
    angle = 2.0 * math.pi * turns
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


_PLANE: Final[dict[str, Callable[[SplitMix, ClassLabels, int, float], Array]]] = {
    "spirals": _spirals,
    "circles": _circles,
    "xor": _xor,
    "blobs": _blobs,
}
DATASETS: Final = (*_PLANE, "teacher")


class _Points(NamedTuple):
    inputs: Array
    targets: Array
    labels: ClassLabels


class Data:
    """A data set for networks with these numbers of inputs and outputs, and its batches.

    `name` is one of `DATASETS`. `spirals`, `circles` and `blobs` have one class per output; `xor` has two. Their
    targets are 1 at the label and 0 elsewhere; a single output has 0 or 1. `teacher` has normal inputs. Its targets are
    the outputs of a random tanh network with 16 hidden units, and its label is the largest of them. `noise` is the
    standard deviation of the noise that is added to each coordinate, or for `teacher` to each target.

    Raises ValueError naming field, rule and value.
    """

    def __init__(
        self, name: str, inputs: int, outputs: int, *, size: int = 512, noise: float = 0.1, seed: int = 0
    ) -> None:
        self.name = check_choice(name, DATASETS, "name")
        n0, n = check_whole(inputs, 1, MAX_NEURONS, "inputs"), check_whole(outputs, 1, MAX_NEURONS, "outputs")
        self.size = check_whole(size, 1, MAX_POINTS, "size")
        self.seed = seed
        SplitMix(seed)  # refuses a wrong seed now, not when the points are drawn
        self._shape = n0, n, check_number(noise, "noise")
        self._drawn: _Points | None = None
        self._epoch, self._order = (
            -1,
            np.empty(0, np.intp),
        )  # of the last batch: the next one is often of the same epoch

    def drawing(self) -> Pieces[None]:
        """Draw the points in pieces. Whatever needs them draws them if they are still missing."""
        if self._drawn is None:
            self._drawn = yield from (self._teacher if self.name == "teacher" else self._plane)(*self._shape)

    @property
    def _points(self) -> _Points:
        if self._drawn is None:
            finished(self.drawing())
        assert self._drawn is not None
        return self._drawn

    @property
    def inputs(self) -> Array:
        """The inputs of all points, (size, n₀)."""
        return self._points.inputs

    @property
    def targets(self) -> Array:
        """The targets of all points, (size, n)."""
        return self._points.targets

    @property
    def labels(self) -> ClassLabels:
        """The labels of all points, (size,)."""
        return self._points.labels

    def batch(self, size: int, number: int = 0) -> Batch:
        """Return the batch with this number, counted from 0; the same number gives the same batch.

        Each epoch takes the points in a new order, and leaves out the points after its last whole batch. Raises
        ValueError if the size is larger than the data set.
        """
        size = check_whole(size, 1, self.size, "size")
        epoch, place = divmod(check_whole(number, 0, 2**53, "number"), self.size // size)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, SplitMix(self.seed, "batches", epoch).permutation(self.size)
        rows = self._order[place * size : (place + 1) * size]
        return Batch(self.inputs[rows], self.targets[rows], self.labels[rows])

    def batches(self, size: int) -> Iterator[Batch]:
        """Return an endless iterator over the batches of this size."""
        return (self.batch(size, number) for number in count())

    def _plane(self, inputs: int, outputs: int, noise: float) -> Pieces[_Points]:
        classes = 2 if self.name == "xor" else max(outputs, 2)
        labels = np.arange(self.size, dtype=np.int64) % classes
        points = _PLANE[self.name](SplitMix(self.seed, "points"), labels, classes, noise)
        yield NUMBER_OPERATIONS * points.size
        return _Points(self._placed(points, inputs), _one_hot(labels, outputs), labels)

    def _placed(self, points: Array, inputs: int) -> Array:
        """Map the points, (size, 2), into the input space, (size, n₀), with the same scale per coordinate."""
        if inputs == 2:
            return points
        frame = orthogonal(SplitMix(self.seed, "frame"), inputs, 2)
        placed: Array = points @ frame.T * math.sqrt(inputs / 2.0)
        return placed

    def _teacher(self, inputs: int, outputs: int, noise: float) -> Pieces[_Points]:
        draw, random = INITIALISATIONS["lecun_normal"], SplitMix(self.seed, "teacher")
        first, second = draw(random, TEACHER_UNITS, inputs), draw(random, outputs, TEACHER_UNITS)
        inputs_drawn = yield from SplitMix(self.seed, "points").drawing_normal(self.size, inputs)
        clean = np.tanh(inputs_drawn @ first.T) @ second.T
        labels = np.argmax(clean, axis=1) if outputs > 1 else (clean[:, 0] > 0.0)
        noises = yield from random.drawing_normal(self.size, outputs)
        return _Points(inputs_drawn, clean + noise * noises, labels.astype(np.int64))


def _one_hot(labels: ClassLabels, outputs: int) -> Array:
    if outputs == 1:
        return labels[:, None].astype(np.float64)
    return np.where(labels[:, None] == np.arange(outputs), 1.0, 0.0)
