"""The computations of a network in pieces of a few milliseconds, so that a page can answer in between. Pure.

One operation is a multiplication and an addition in a product of large matrices: 0.4 ns in the page, measured on
2026-11-28 on a 2-core x86_64 machine. The costs of other work are given in the same unit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np

from .arrays import Array

Outcome = TypeVar("Outcome")
Pieces = Generator[int, None, Outcome]  # yields the number of operations since the last pause
PIECE_OPERATIONS: Final = 8_000_000  # between two pauses, 3 to 6 ms
NUMBER_OPERATIONS: Final = 100  # to draw a random number, or to change a weight and measure it
VALUE_OPERATIONS: Final = 400  # of an activation function and its measures, for each unit and input: GELU's is slow
CALL_OPERATIONS: Final = 200_000  # of Python around a piece, however small its arrays are
LAYER_OPERATIONS: Final = 8 * CALL_OPERATIONS


def is_one_piece(operations: int) -> bool:
    """Return True if work of so many operations needs no pause."""
    return operations <= PIECE_OPERATIONS


def row_blocks(rows: int, operations_each: int) -> list[slice]:
    """Return slices that divide `rows` into blocks of one piece each, with at least one row."""
    size = max(PIECE_OPERATIONS // max(operations_each, 1), 1)
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def rows_in_pieces(compute: Callable[[slice], Array], rows: int, operations_each: int) -> Pieces[Array]:
    """Return an array whose blocks of rows `compute` returns."""
    parts = []
    for block in row_blocks(rows, operations_each):
        parts.append(compute(block))
        yield (block.stop - block.start) * operations_each
    return np.concatenate(parts)


def without_warnings(work: Pieces[Outcome]) -> Pieces[Outcome]:
    """Do some work without numpy's warnings about overflow, which the results show. Small pieces become larger ones.

    The warnings are back in each pause, for whatever else runs then.
    """
    while True:
        done = 0
        with np.errstate(all="ignore"):
            try:
                while done < PIECE_OPERATIONS:
                    done += next(work) + CALL_OPERATIONS
            except StopIteration as end:
                result: Outcome = end.value
                return result
        yield done


def shares(work: Pieces[Outcome], total: int) -> Generator[float, None, Outcome]:
    """Do some work of about `total` operations, and yield the share that is done, 0 to 1."""
    done = 0
    while True:
        try:
            done += next(work)
        except StopIteration as end:
            result: Outcome = end.value
            return result
        yield min(done / total, 1.0)


def weight_count(layers: Sequence[int]) -> int:
    """Return the number of weights of a network of these layers."""
    return sum(inputs * outputs for inputs, outputs in pairwise(layers))


def multiplications(layers: Sequence[int], batch: int) -> int:
    """Return the number of multiplications in the three matrix products of each layer in a step of training."""
    return 3 * weight_count(layers) * batch


def step_cost(layers: Sequence[int], batch: int) -> int:
    """Return about how many operations a step of training takes, or the first look at a network that is drawn."""
    return multiplications(layers, batch) + VALUE_OPERATIONS * sum(layers) * batch + _layers_and_weights(layers)


def start_cost(layers: Sequence[int], batch: int, *, is_orthogonal: bool = False) -> int:
    """Return about how many operations it takes to draw a network and to look at it first."""
    orthogonal = 2 * sum(n * m * min(n, m) for n, m in pairwise(layers)) if is_orthogonal else 0
    return step_cost(layers, batch) + _layers_and_weights(layers) + orthogonal


def _layers_and_weights(layers: Sequence[int]) -> int:
    return LAYER_OPERATIONS * len(layers) + 2 * NUMBER_OPERATIONS * weight_count(layers)
