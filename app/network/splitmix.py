"""Seeded random numbers, the same in the page and on every other platform. Pure.

SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, with the constants of Vigna's
splitmix64.c. The n-th number is a hash of seed + n·γ, so numpy computes a whole draw at once. The page has no
`numpy.random`: it would cost each visitor 0.44 MB more.

The random bits, and the uniform numbers made of them, are the same bit for bit everywhere. Normal numbers use log, sin
and cos, whose last digit depends on the platform.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..figure.validation import check_whole
from ..figure.work import in_one_go
from .arrays import Array
from .pieces import NUMBER_OPERATIONS, Pieces, row_blocks

MAX_SEED: Final = 2**53 - 1  # the largest that JSON and JavaScript hold exactly
_GAMMA: Final = 0x9E3779B97F4A7C15  # 2⁶⁴ divided by the golden ratio, odd
_MASK: Final = 2**64 - 1


def _mix(bits: Any) -> Any:
    """Hash 64 bits to 64 bits, each of which depends on all input bits. Takes an int or an array of uint64."""
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & _MASK
    return bits ^ (bits >> 31)


class SplitMix:
    """A stream of random numbers; each draw continues after the one before.

    `path` separates streams of one seed, `SplitMix(0, "weights", 3)`: draws from one do not change another.
    Raises ValueError if the seed is not a whole number from 0 to 2⁵³ − 1.
    """

    def __init__(self, seed: Any, *path: str | int) -> None:
        self._state = check_whole(seed, 0, MAX_SEED, "seed")
        for byte in "/".join(map(str, path)).encode():
            self._state = _mix((self._state ^ byte) + _GAMMA & _MASK)

    def bits(self, count: int) -> NDArray[np.uint64]:
        """Draw `count` numbers of 64 random bits, shape (count,)."""
        steps = np.arange(1, count + 1, dtype=np.uint64)
        drawn: NDArray[np.uint64] = _mix(steps * np.uint64(_GAMMA) + np.uint64(self._state))
        self._state = self._state + count * _GAMMA & _MASK
        return drawn

    def drawing_uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Pieces[Array]:
        """Draw uniform numbers in [low, high), in steps of (high − low) / 2⁵³, of the given shape."""
        drawn = np.empty(math.prod(shape))
        for block in row_blocks(len(drawn), NUMBER_OPERATIONS):
            unit = (self.bits(block.stop - block.start) >> np.uint64(11)).astype(np.float64) * 2.0**-53
            drawn[block] = low + (high - low) * unit
            yield (block.stop - block.start) * NUMBER_OPERATIONS
        return drawn.reshape(shape)

    def drawing_normal(self, *shape: int) -> Pieces[Array]:
        """Draw normal numbers of mean 0 and variance 1, of the given shape.

        Box and Muller, "A note on the generation of random normal deviates", 1958: a point with an exponential squared
        radius and a uniform angle has two independent normal coordinates.
        """
        count = math.prod(shape)
        pairs = (count + 1) // 2
        radius = yield from self.drawing_uniform(pairs)
        angle = yield from self.drawing_uniform(pairs)
        drawn = np.empty(2 * pairs)
        for block in row_blocks(pairs, NUMBER_OPERATIONS):
            lengths = np.sqrt(-2.0 * np.log(1.0 - radius[block]))  # of (0, 1], because log 0 is −∞
            turned = 2.0 * math.pi * angle[block]
            drawn[:pairs][block], drawn[pairs:][block] = lengths * np.cos(turned), lengths * np.sin(turned)
            yield (block.stop - block.start) * NUMBER_OPERATIONS
        return drawn[:count].reshape(shape)

    uniform, normal = in_one_go(drawing_uniform), in_one_go(drawing_normal)

    def permutation(self, count: int) -> NDArray[np.intp]:
        """Draw a random order of 0 … count − 1, shape (count,)."""
        return np.argsort(self.bits(count), kind="stable")
