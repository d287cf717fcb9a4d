"""Initialisers of weights and biases. Pure.

Each draws W of shape (outputs, inputs), for z = W a + b, from a stream of random numbers. Biases begin at 0, except
with PyTorch's default, which draws them too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from .arrays import Array
from .splitmix import SplitMix

Initialisation = Callable[[SplitMix, int, int], Array]


def normal(deviation: float) -> Initialisation:
    """Normal numbers of mean 0 and this standard deviation, independent of the widths."""
    return lambda random, outputs, inputs: deviation * random.normal(outputs, inputs)


def _scaled_normal(variance: Callable[[int, int], float]) -> Initialisation:
    return lambda random, outputs, inputs: math.sqrt(variance(outputs, inputs)) * random.normal(outputs, inputs)


def _scaled_uniform(variance: Callable[[int, int], float]) -> Initialisation:
    def draw(random: SplitMix, outputs: int, inputs: int) -> Array:
        limit = math.sqrt(3.0 * variance(outputs, inputs))  # [−c, c) has variance c² / 3
        return random.uniform(outputs, inputs, low=-limit, high=limit)

    return draw


def _xavier(outputs: int, inputs: int) -> float:
    """Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 12."""
    return 2.0 / (inputs + outputs)


def _he(_outputs: int, inputs: int) -> float:
    """He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015, eq. 10: for ReLU, from the inputs."""
    return 2.0 / inputs


def _lecun(_outputs: int, inputs: int) -> float:
    """LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, eq. 16."""
    return 1.0 / inputs


def _pytorch_default(_outputs: int, inputs: int) -> float:
    """PyTorch's `nn.Linear.reset_parameters`: uniform in ±1/√inputs, a variance of 1 / (3 · inputs)."""
    return 1.0 / (3.0 * inputs)


def orthogonal(random: SplitMix, outputs: int, inputs: int) -> Array:
    """A random matrix with orthonormal rows or columns, whichever are fewer, uniformly distributed.

    Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", 2013. It is the Q of a normal matrix whose R has a positive diagonal: without that, Q would depend on the
    algorithm (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
    """
    tall = random.normal(max(outputs, inputs), min(outputs, inputs))
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
    return q if outputs >= inputs else np.ascontiguousarray(q.T)


PYTORCH_DEFAULT: Final = "pytorch_default"
INITIALISATIONS: Final[dict[str, Initialisation]] = {
    "xavier_uniform": _scaled_uniform(_xavier),
    "xavier_normal": _scaled_normal(_xavier),
    "he_uniform": _scaled_uniform(_he),
    "he_normal": _scaled_normal(_he),
    "lecun_normal": _scaled_normal(_lecun),
    "orthogonal": orthogonal,
    PYTORCH_DEFAULT: _scaled_uniform(_pytorch_default),
}
NORMAL: Final = "normal"  # the one with a standard deviation
INITIALISER_NAMES: Final = (NORMAL, *INITIALISATIONS)


def initialisation(name: str, deviation: float) -> Initialisation:
    """Return the initialiser of this name, one of `INITIALISER_NAMES`; only `normal` uses `deviation`."""
    return normal(deviation) if name == NORMAL else INITIALISATIONS[name]


def initial_biases(name: str, random: SplitMix, outputs: int, inputs: int) -> Array:
    """Return the first biases, (outputs,): uniform in ±1/√inputs with PyTorch's default, else 0."""
    if name != PYTORCH_DEFAULT:
        return np.zeros(outputs)
    limit = 1.0 / math.sqrt(inputs)
    return random.uniform(outputs, low=-limit, high=limit)


# Initialisers that take the gain of the activation function, as `nn.init` of PyTorch does with `gain=`.
WITH_GAIN: Final = ("xavier_uniform", "xavier_normal", "orthogonal")
