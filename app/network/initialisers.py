"""Initialisers of weights and biases. Pure.

Each draws W of shape (outputs, inputs), for z = W a + b, from a stream of random numbers. Biases begin at 0, except
with PyTorch's default, which draws them too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from ..figure.work import finished, in_one_go
from .arrays import Array
from .pieces import Pieces
from .splitmix import SplitMix

MAX_QR_OPERATIONS: Final = 2_000_000  # of LAPACK, without a pause: some milliseconds


class Initialisation(NamedTuple):
    """An initialiser: `drawing` draws W in pieces, and a call draws it at once."""

    drawing: Callable[[SplitMix, int, int], Pieces[Array]]

    def __call__(self, random: SplitMix, outputs: int, inputs: int) -> Array:
        """Draw W of shape (outputs, inputs)."""
        return finished(self.drawing(random, outputs, inputs))


def normal(deviation: float) -> Initialisation:
    """Normal numbers of mean 0 and this standard deviation, independent of the widths."""
    return _normal_with(lambda _outputs, _inputs: deviation)


def _scaled_normal(variance: Callable[[int, int], float]) -> Initialisation:
    return _normal_with(lambda outputs, inputs: math.sqrt(variance(outputs, inputs)))


def _normal_with(deviation: Callable[[int, int], float]) -> Initialisation:
    def drawing(random: SplitMix, outputs: int, inputs: int) -> Pieces[Array]:
        drawn = yield from random.drawing_normal(outputs, inputs)
        return deviation(outputs, inputs) * drawn

    return Initialisation(drawing)


def _scaled_uniform(variance: Callable[[int, int], float]) -> Initialisation:
    def drawing(random: SplitMix, outputs: int, inputs: int) -> Pieces[Array]:
        limit = math.sqrt(3.0 * variance(outputs, inputs))  # [−c, c) has variance c² / 3
        drawn = yield from random.drawing_uniform(outputs, inputs, low=-limit, high=limit)
        return drawn

    return Initialisation(drawing)


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


def drawing_orthogonal(random: SplitMix, outputs: int, inputs: int) -> Pieces[Array]:
    """A random matrix with orthonormal rows or columns, whichever are fewer, uniformly distributed.

    Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", 2013. It is the Q of a normal matrix whose R has a positive diagonal: without that, Q would depend on the
    algorithm (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
    """
    tall = yield from random.drawing_normal(max(outputs, inputs), min(outputs, inputs))
    if tall.size * tall.shape[1] > MAX_QR_OPERATIONS:
        rows = yield from _orthonormalising(np.ascontiguousarray(tall.T))
        return np.ascontiguousarray(rows.T) if outputs >= inputs else rows
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
    return q if outputs >= inputs else np.ascontiguousarray(q.T)


def _orthonormalising(rows: Array) -> Pieces[Array]:
    """Make rows orthonormal, one after another, and return them: the transpose of the same Q, in pieces.

    Each row loses its components along the rows before it, twice: once leaves errors of rounding (Giraud, Langou and
    Rozloznik, "The loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005).
    """
    for at in range(len(rows)):
        before, row = rows[:at], rows[at]
        for _ in range(2):
            row -= np.einsum("k,km->m", np.einsum("km,m->k", before, row), before)
        row /= math.sqrt(float(np.einsum("m,m->", row, row)))
        yield 4 * before.size
    return rows


orthogonal = in_one_go(drawing_orthogonal)
PYTORCH_DEFAULT: Final = "pytorch_default"
INITIALISATIONS: Final[dict[str, Initialisation]] = {
    "xavier_uniform": _scaled_uniform(_xavier),
    "xavier_normal": _scaled_normal(_xavier),
    "he_uniform": _scaled_uniform(_he),
    "he_normal": _scaled_normal(_he),
    "lecun_normal": _scaled_normal(_lecun),
    "orthogonal": Initialisation(drawing_orthogonal),
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
