"""Optimisers: gradient descent, gradient descent with momentum, and Adam. Pure.

The formulas are PyTorch's, without its further options. A step returns new arrays and does not change the old ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from ..figure.validation import check_choice, check_number
from ..figure.work import in_one_go
from .arrays import Array
from .metrics import l2
from .pieces import NUMBER_OPERATIONS, Pieces, is_one_piece, row_blocks, without_warnings


class Optimiser(ABC):
    """An optimiser of one network: changes parameters by their gradients, and keeps state between steps.

    `clip` is the largest L2 norm of all gradients together; larger gradients are scaled down to it (Pascanu, Mikolov
    and Bengio, "On the difficulty of training recurrent neural networks", 2013). None means no clipping. As in
    PyTorch's `clip_grad_norm_`, one NaN makes all gradients NaN, and an ∞ without NaN makes itself NaN and the others
    0. (PyTorch also adds 1e-6 to the norm that it divides by.) Raises ValueError naming field, rule and value.
    """

    def __init__(self, learning_rate: float, *, clip: float | None = None) -> None:
        self.learning_rate = check_number(learning_rate, "learning_rate")
        self.clip = None if clip is None else check_number(clip, "clip", above=0.0)
        self._shapes: list[tuple[int, ...]] | None = None

    def stepping(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> Pieces[list[Array]]:
        """Return new parameters, with the shapes of the old ones and of their gradients.

        Raises ValueError if the shapes are not those of the first step.
        """
        shapes = [gradient.shape for gradient in gradients]
        if [parameter.shape for parameter in parameters] != shapes or self._shapes not in (None, shapes):
            raise ValueError("optimiser: must stay with the network of its first step; another one needs its own")
        blocks = [_blocks_of(gradient) for gradient in gradients]
        parts = _divided(gradients, blocks)
        if self._shapes is None:
            self._shapes = shapes
            self._begin(parts)
        results = yield from without_warnings(  # the report shows an overflow
            self._stepping(_divided(parameters, blocks), parts)
        )
        return _reunited(results, blocks)

    step = in_one_go(stepping)

    def _stepping(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> Pieces[list[Array]]:
        clipped = yield from self._clipping(gradients)
        stepped = []
        for parameter, direction in zip(parameters, self._directions(clipped), strict=True):
            stepped.append(parameter - self.learning_rate * direction)
            yield NUMBER_OPERATIONS * parameter.size
        return stepped

    def _clipping(self, gradients: Sequence[Array]) -> Pieces[Sequence[Array]]:
        if self.clip is None:
            return gradients
        norms = []
        for gradient in gradients:
            norms.append(l2(gradient))
            yield NUMBER_OPERATIONS * gradient.size
        norm = l2(np.array(norms))
        return gradients if norm <= self.clip else [gradient * (self.clip / norm) for gradient in gradients]

    def _begin(self, gradients: Sequence[Array]) -> None:  # noqa: B027  # an optimiser may have no state
        """Create the state, before the first step."""

    @abstractmethod
    def _directions(self, gradients: Sequence[Array]) -> Iterator[Array]:
        """Yield what is subtracted from each parameter, before it is multiplied by the learning rate.

        The state changes after the last one, and no array of it is changed: a copy made before the step stays as it is.
        """


def _reunited(results: Sequence[Array], blocks: Sequence[Sequence[slice] | None]) -> list[Array]:
    """Return whole arrays from the blocks in one list."""
    left = iter(results)
    return [next(left) if each is None else np.concatenate([next(left) for _ in each]) for each in blocks]


def _blocks_of(gradient: Array) -> list[slice] | None:
    """Return the blocks of rows that are changed one after another; None if all are changed at once."""
    operations = NUMBER_OPERATIONS * gradient.size
    return None if is_one_piece(operations) else row_blocks(len(gradient), operations // len(gradient))


def _divided(arrays: Sequence[Array], blocks: Sequence[Sequence[slice] | None]) -> list[Array]:
    """Return the blocks of all arrays in one list."""
    divided: list[Array] = []
    for array, each in zip(arrays, blocks, strict=True):
        divided.extend([array] if each is None else [array[rows] for rows in each])
    return divided


class SGD(Optimiser):
    """Stochastic gradient descent: w ← w − η g."""

    def __init__(self, learning_rate: float = 0.1, *, clip: float | None = None) -> None:
        super().__init__(learning_rate, clip=clip)

    def _directions(self, gradients: Sequence[Array]) -> Iterator[Array]:
        yield from gradients


class Momentum(Optimiser):
    """v ← μ v + g, w ← w − η v: Sutskever, Martens, Dahl and Hinton, 2013, in PyTorch's form."""

    def __init__(self, learning_rate: float = 0.1, *, momentum: float = 0.9, clip: float | None = None) -> None:
        super().__init__(learning_rate, clip=clip)
        self.momentum = check_number(momentum, "momentum", below=1.0)

    def _begin(self, gradients: Sequence[Array]) -> None:
        self._velocities = [np.zeros_like(gradient) for gradient in gradients]

    def _directions(self, gradients: Sequence[Array]) -> Iterator[Array]:
        velocities = []
        for velocity, gradient in zip(self._velocities, gradients, strict=True):
            velocities.append(self.momentum * velocity + gradient)
            yield velocities[-1]
        self._velocities = velocities


class Adam(Optimiser):
    """Adam: the running mean of g divided by the root of the running mean of g², both corrected for their start at 0.

    Kingma and Ba, "Adam: a method for stochastic optimization", 2014, algorithm 1.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        clip: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clip=clip)
        self.beta1 = check_number(beta1, "beta1", below=1.0)
        self.beta2 = check_number(beta2, "beta2", below=1.0)
        self.epsilon = check_number(epsilon, "epsilon", above=0.0)

    def _begin(self, gradients: Sequence[Array]) -> None:
        self._steps = 0
        self._means = [np.zeros_like(gradient) for gradient in gradients]
        self._squares = [np.zeros_like(gradient) for gradient in gradients]

    def _directions(self, gradients: Sequence[Array]) -> Iterator[Array]:
        steps, beta1, beta2 = self._steps + 1, self.beta1, self.beta2
        first, second = 1.0 - beta1**steps, 1.0 - beta2**steps
        means, squares = [], []
        for mean, square, gradient in zip(self._means, self._squares, gradients, strict=True):
            means.append(beta1 * mean + (1.0 - beta1) * gradient)
            squares.append(beta2 * square + (1.0 - beta2) * gradient * gradient)
            yield means[-1] / first / (np.sqrt(squares[-1] / second) + self.epsilon)
        self._steps, self._means, self._squares = steps, means, squares


OPTIMISERS: Final[dict[str, type[Optimiser]]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def optimiser(name: str, learning_rate: Any, clip: Any = None) -> Optimiser:
    """Return one of `OPTIMISERS` by its name, with the other options at their defaults. Raises ValueError."""
    return OPTIMISERS[check_choice(name, OPTIMISERS, "optimiser")](learning_rate, clip=clip)
