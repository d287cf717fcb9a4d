"""Activation functions, each with its derivative beside it. Pure.

If a derivative has more than one good formula, this module uses that of PyTorch's autograd. A saturated unit then shows
the same digits in both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from .arrays import Array

LEAK: Final = 0.01  # the slope of the leaky ReLU below 0
INACTIVE: Final = "inactive"  # a ReLU or a leaky ReLU at z ≤ 0
NEAR_ZERO: Final = "f′ near 0"


class Activation(NamedTuple):
    """An activation function f: `both` returns f(z) and f′(z), each with the shape of z.

    `steepest` is the largest |f′|, and `flat` the term for a unit whose slope is small compared to it. `gain` is
    PyTorch's `nn.init.calculate_gain`, by which initial weights may be multiplied. It is 1 if PyTorch has none.
    """

    both: Callable[[Array], tuple[Array, Array]]
    steepest: float
    flat: str = "saturated"
    gain: float = 1.0


def _identity(z: Array) -> tuple[Array, Array]:
    return z, np.ones_like(z)


def _logistic(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-z))


def _sigmoid(z: Array) -> tuple[Array, Array]:
    a = _logistic(z)
    return a, a * (1.0 - a)


def _tanh(z: Array) -> tuple[Array, Array]:
    a = np.tanh(z)
    return a, 1.0 - a * a


def _relu(z: Array) -> tuple[Array, Array]:
    # The slope at the kink is 0. NaN is not ≤ 0, so its slope is 1 and the NaN stays visible.
    return np.maximum(z, 0.0), np.where(z <= 0.0, 0.0, 1.0)


def _leaky_relu(z: Array) -> tuple[Array, Array]:
    slope = np.where(z > 0.0, 1.0, LEAK)
    return z * slope, slope


def _gelu(z: Array) -> tuple[Array, Array]:
    """z·Φ(z), exact: Hendrycks and Gimpel, "Gaussian error linear units", 2016. Φ(z) = erfc(−z/√2) / 2."""
    # One value at a time: in the page this is as fast as a rational approximation in numpy, and it is exact.
    tails = map(math.erfc, (z * -math.sqrt(0.5)).ravel().tolist())
    cumulative = 0.5 * np.fromiter(tails, np.float64, z.size).reshape(z.shape)
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return z * cumulative, cumulative + z * density


def _silu(z: Array) -> tuple[Array, Array]:
    """z·σ(z): Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017."""
    s = _logistic(z)
    return z * s, s * (1.0 + z * (1.0 - s))


ACTIVATIONS: Final[dict[str, Activation]] = {
    "identity": Activation(_identity, 1.0),
    "sigmoid": Activation(_sigmoid, 0.25),
    "tanh": Activation(_tanh, 1.0, gain=5.0 / 3.0),
    "relu": Activation(_relu, 1.0, INACTIVE, math.sqrt(2.0)),
    "leaky_relu": Activation(_leaky_relu, 1.0, INACTIVE, math.sqrt(2.0 / (1.0 + LEAK**2))),
    # f′ of these two crosses 0, at z ≈ −0.75 and z ≈ −1.28: a slope near 0 is no saturation there.
    "gelu": Activation(_gelu, 1.128904145185155, NEAR_ZERO),  # at z = √2
    "silu": Activation(_silu, 1.099839320128867, NEAR_ZERO),  # at z ≈ 2.3994
}
