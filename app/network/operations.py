"""The operations of a network: each has its forward and its backward function. Pure.

B is the batch size, m and n are numbers of units. A backward function takes the gradient of the loss with respect to
the result of the forward function, and the forward function's arguments. By the chain rule it returns the gradient with
respect to each argument. Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from .arrays import Array, ClassLabels

EPSILON: Final = 1e-5  # added to a variance, so that equal sums do not divide by 0; PyTorch's default


def affine(a: Array, weights: Array, biases: Array) -> Array:
    """Return a Wᵀ + b, (B, n), of a (B, m), W (n, m) and b (n,)."""
    sums: Array = a @ weights.T + biases
    return sums


def affine_backward(gradient: Array, a: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return the gradients with respect to a, W and b."""
    return gradient @ weights, gradient.T @ a, gradient.sum(axis=0)


class Standardised(NamedTuple):
    """Values of mean 0 and variance 1 in each row, (B, n), and 1 / standard deviation of each row, (B, 1)."""

    values: Array
    scale: Array


def normalise(sums: Array, gains: Array, shifts: Array) -> tuple[Array, Standardised]:
    """Layer normalisation, (B, n): standardise each row of `sums` over its n units, then apply γ and β, (n,) each.

    Ba, Kiros and Hinton, "Layer normalization", 2016, eq. 4.
    """
    centred = sums - sums.mean(axis=1, keepdims=True)
    scale = 1.0 / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + EPSILON)
    standardised = Standardised(centred * scale, scale)
    return standardised.values * gains + shifts, standardised


def normalise_backward(gradient: Array, standardised: Standardised, gains: Array) -> tuple[Array, Array, Array]:
    """Return the gradients with respect to the sums, γ and β.

    A row's mean and deviation depend on all its sums, which removes two components of the gradient.
    """
    values, scale = standardised
    inner = gradient * gains
    removed = inner.mean(axis=1, keepdims=True) + values * (inner * values).mean(axis=1, keepdims=True)
    return scale * (inner - removed), (gradient * values).sum(axis=0), gradient.sum(axis=0)


def mean_squared_error(outputs: Array, targets: Array) -> float:
    """The mean of (output − target)² over the batch and the n outputs; both are (B, n)."""
    return float(np.mean((outputs - targets) ** 2))


def mean_squared_error_backward(outputs: Array, targets: Array) -> Array:
    """Return the gradient with respect to the outputs, (B, n)."""
    return (outputs - targets) * (2.0 / outputs.size)


def cross_entropy(outputs: Array, labels: ClassLabels) -> float:
    """The mean over the batch of −log softmax(outputs), (B, n), at the correct labels, (B,)."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)  # the softmax is the same, and exp cannot overflow
    correct = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - correct))


def cross_entropy_backward(outputs: Array, labels: ClassLabels) -> Array:
    """Return the gradient with respect to the outputs, (B, n): the softmax, minus 1 at the correct label, divided by B.

    Bishop, "Pattern recognition and machine learning", 2006, eq. 4.109.
    """
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    gradient: Array = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(len(labels)), labels] -= 1.0
    return gradient / len(labels)
