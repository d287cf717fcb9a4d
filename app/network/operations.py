"""The operations of a network: each has its forward and its backward function. Pure.

B is the batch size, m and n are numbers of units. A backward function takes the gradient of the loss with respect to
the result of the forward function, and the forward function's arguments. By the chain rule it returns the gradient with
respect to each argument. Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
"""

from __future__ import annotations

import sys
from typing import Final, NamedTuple

import numpy as np

from ..figure.work import in_one_go
from .arrays import Array, ClassLabels
from .pieces import Pieces, is_one_piece, rows_in_pieces

# Pyodide's numpy has no BLAS. There `einsum` takes 0.06 to 0.9 of the time of `@` for the three products below, from
# 64 × 128 by 128 × 128 to 64 × 1024 by 1024 × 1024, and more than `@` for small matrices.
HAS_BLAS: Final = sys.platform != "emscripten"
MIN_EINSUM_OPERATIONS: Final = 250_000
EPSILON: Final = 1e-5  # added to a variance, so that equal sums do not divide by 0; PyTorch's default


def affine(a: Array, weights: Array, biases: Array) -> Array:
    """Return a Wᵀ + b, (B, n), of a (B, m), W (n, m) and b (n,)."""
    sums: Array = _product("bm,nm->bn", a, weights) if _is_slow(len(a), weights) else a @ weights.T
    return sums + biases


def backpropagating(gradient: Array, a: Array, weights: Array) -> Pieces[tuple[Array, Array, Array]]:
    """Return the gradients with respect to a, W and b."""
    units, inputs = weights.shape
    if is_one_piece(len(a) * weights.size):
        yield 2 * len(a) * weights.size
        return _times_weights(gradient, weights), _summed_outer(gradient, a), gradient.sum(axis=0)
    gradient_a = yield from rows_in_pieces(
        lambda rows: _times_weights(gradient[rows], weights), len(a), operations_each=weights.size
    )
    gradient_weights = yield from rows_in_pieces(
        lambda rows: _summed_outer(gradient[:, rows], a), units, operations_each=len(a) * inputs
    )
    return gradient_a, gradient_weights, gradient.sum(axis=0)


affine_backward = in_one_go(backpropagating)


def _times_weights(gradient: Array, weights: Array) -> Array:
    """Return ∂L/∂s W, (B, m)."""
    return _product("bn,nm->bm", gradient, weights) if _is_slow(len(gradient), weights) else gradient @ weights


def _summed_outer(gradient: Array, a: Array) -> Array:
    """Return the sum over the batch of the outer products of ∂L/∂s and a, (n, m)."""
    return _product("bn,bm->nm", gradient, a) if _is_slow(gradient.shape[1], a) else gradient.T @ a


def _is_slow(rows: int, matrix: Array) -> bool:
    """Return True if `einsum` is faster than `@` for the product of so many rows with a matrix."""
    return not HAS_BLAS and rows * matrix.size >= MIN_EINSUM_OPERATIONS


def _product(subscripts: str, left: Array, right: Array) -> Array:
    product: Array = np.einsum(subscripts, left, right)
    return product


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
