"""What a network is made of: each operation forward, and beside it backward. Pure.

B is the batch size, m and n are numbers of units. A backward function takes the loss's gradient for what its forward
function made, and what that was made from, and returns the loss's gradient for each of those: the chain rule, as in
Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from .arrays import Array, Labels

EPSILON: Final = 1e-5  # added to a variance, so that a layer of equal sums divides by more than 0; PyTorch's default


def affine(a: Array, weights: Array, biases: Array) -> Array:
    """a Wᵀ + b, (B, n), of a (B, m), W (n, m) and b (n,)."""
    made: Array = a @ weights.T + biases
    return made


def affine_backward(gradient: Array, a: Array, weights: Array) -> tuple[Array, Array, Array]:
    """The gradients for a, W and b."""
    return gradient @ weights, gradient.T @ a, gradient.sum(axis=0)


class Standardised(NamedTuple):
    """What `normalise` keeps: values of mean 0 and variance 1 in each row, (B, n); 1 / standard deviation, (B, 1)."""

    values: Array
    scale: Array


def normalise(sums: Array, gains: Array, shifts: Array) -> tuple[Array, Standardised]:
    """Layer normalisation, (B, n): each row of `sums` standardised over its n units, then times γ plus β, (n,) each.

    Ba, Kiros and Hinton, "Layer normalization", 2016, eq. 4.
    """
    centred = sums - sums.mean(axis=1, keepdims=True)
    scale = 1.0 / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + EPSILON)
    standardised = Standardised(centred * scale, scale)
    return standardised.values * gains + shifts, standardised


def normalise_backward(gradient: Array, standardised: Standardised, gains: Array) -> tuple[Array, Array, Array]:
    """The gradients for the sums, γ and β.

    A row's mean and deviation depend on all its sums; two components of the gradient are lost to them.
    """
    values, scale = standardised
    inner = gradient * gains
    lost = inner.mean(axis=1, keepdims=True) + values * (inner * values).mean(axis=1, keepdims=True)
    return scale * (inner - lost), (gradient * values).sum(axis=0), gradient.sum(axis=0)


def mean_squared_error(outputs: Array, targets: Array) -> float:
    """The mean of (output − target)² over the batch and the n outputs; both are (B, n)."""
    return float(np.mean((outputs - targets) ** 2))


def mean_squared_error_backward(outputs: Array, targets: Array) -> Array:
    """The gradient for the outputs, (B, n)."""
    return (outputs - targets) * (2.0 / outputs.size)


def cross_entropy(outputs: Array, labels: Labels) -> float:
    """The mean over the batch of −log of the softmax of the outputs, (B, n), at the right label, (B,)."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)  # which changes no softmax, and exp can't overflow
    right = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - right))


def cross_entropy_backward(outputs: Array, labels: Labels) -> Array:
    """The gradient for the outputs, (B, n): the softmax less 1 at the right label, over B.

    Bishop, "Pattern recognition and machine learning", 2006, eq. 4.109.
    """
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    gradient: Array = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(len(labels)), labels] -= 1.0
    return gradient / len(labels)
