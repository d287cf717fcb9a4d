"""Optimisers: gradient descent, gradient descent with momentum, and Adam. Pure.

The formulas are PyTorch's, without its further options. A step returns new arrays and does not change the old ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ..figure.validation import check_choice, check_number
from .arrays import Array
from .metrics import l2


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

    def step(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """Return new parameters, with the shapes of the old ones and of their gradients.

        Raises ValueError if the shapes are not those of the first step.
        """
        shapes = [gradient.shape for gradient in gradients]
        if [parameter.shape for parameter in parameters] != shapes or self._shapes not in (None, shapes):
            raise ValueError("optimiser: must stay with the network of its first step; another one needs its own")
        if self._shapes is None:
            self._shapes = shapes
            self._begin(gradients)
        with np.errstate(all="ignore"):  # an overflow becomes ∞ or NaN, which the report shows
            steps = self._directions(self._clipped(gradients))
            return [parameter - self.learning_rate * step for parameter, step in zip(parameters, steps, strict=True)]

    def _clipped(self, gradients: Sequence[Array]) -> Sequence[Array]:
        if self.clip is None:
            return gradients
        norm = l2(np.array([l2(gradient) for gradient in gradients]))
        return gradients if norm <= self.clip else [gradient * (self.clip / norm) for gradient in gradients]

    def _begin(self, gradients: Sequence[Array]) -> None:  # noqa: B027  # an optimiser may have no state
        """Create the state, before the first step."""

    @abstractmethod
    def _directions(self, gradients: Sequence[Array]) -> Sequence[Array]:
        """Return what is subtracted from the parameters, before it is multiplied by the learning rate."""


class SGD(Optimiser):
    """Stochastic gradient descent: w ← w − η g."""

    def __init__(self, learning_rate: float = 0.1, *, clip: float | None = None) -> None:
        super().__init__(learning_rate, clip=clip)

    def _directions(self, gradients: Sequence[Array]) -> Sequence[Array]:
        return gradients


class Momentum(Optimiser):
    """v ← μ v + g, w ← w − η v: Sutskever, Martens, Dahl and Hinton, 2013, in PyTorch's form."""

    def __init__(self, learning_rate: float = 0.1, *, momentum: float = 0.9, clip: float | None = None) -> None:
        super().__init__(learning_rate, clip=clip)
        self.momentum = check_number(momentum, "momentum", below=1.0)

    def _begin(self, gradients: Sequence[Array]) -> None:
        self._velocities = [np.zeros_like(gradient) for gradient in gradients]

    def _directions(self, gradients: Sequence[Array]) -> Sequence[Array]:
        pairs = zip(self._velocities, gradients, strict=True)
        self._velocities = [self.momentum * velocity + gradient for velocity, gradient in pairs]
        return self._velocities


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

    def _directions(self, gradients: Sequence[Array]) -> Sequence[Array]:
        self._steps += 1
        beta1, beta2 = self.beta1, self.beta2
        self._means = [beta1 * m + (1.0 - beta1) * g for m, g in zip(self._means, gradients, strict=True)]
        self._squares = [beta2 * v + (1.0 - beta2) * g * g for v, g in zip(self._squares, gradients, strict=True)]
        first, second = 1.0 - beta1**self._steps, 1.0 - beta2**self._steps
        pairs = zip(self._means, self._squares, strict=True)
        return [m / first / (np.sqrt(v / second) + self.epsilon) for m, v in pairs]


OPTIMISERS: Final[dict[str, type[Optimiser]]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def optimiser(name: str, learning_rate: Any, clip: Any = None) -> Optimiser:
    """Return one of `OPTIMISERS` by its name, with the other options at their defaults. Raises ValueError."""
    return OPTIMISERS[check_choice(name, OPTIMISERS, "optimiser")](learning_rate, clip=clip)
