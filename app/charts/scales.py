"""Logarithmic and linear axes for magnitudes, which may be any float. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..figure.shading import Domain, whole_decades
from ..figure.text import write_power_of_ten

SCALES: Final = ("log", "linear")
MAX_TICKS: Final = 6
MARK_DECADES: Final = (1, 2, 3, 5, 10, 20, 50, 100, 200)  # between two marks; float64 has 633 decades


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, exponents of ten if `log`, else magnitudes. `ticks`: place, 0 to 1, and text."""

    log: bool
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def place(self, magnitude: float) -> float:
        """The place of a finite magnitude: 0 at the bottom, 1 at the top. On a log scale, 0 is at the bottom."""
        if not self.log:
            return min(max(magnitude / self.high, 0.0), 1.0)
        if magnitude <= 0:
            return 0.0
        return min(max((math.log10(magnitude) - self.low) / (self.high - self.low), 0.0), 1.0)


def make_scale(magnitudes: Iterable[float | None], log: bool = True, domain: Domain | None = None) -> Scale:
    """The axis for all finite magnitudes. None, NaN and infinity have no place on it, nor has 0 on a log scale.

    A log scale has the whole of `domain` too, and a linear one reaches at least to its upper end.
    """
    finite = [magnitude for magnitude in magnitudes if magnitude is not None and math.isfinite(magnitude)]
    if log:
        return log_scale(finite, domain)
    return linear_scale(finite if domain is None else [*finite, domain[1]])


def log_scale(magnitudes: Sequence[float], domain: Domain | None = None) -> Scale:
    """The whole decades around the magnitudes above 0 and `domain`; without any, the decade 0.1 to 1."""
    low, high = whole_decades(magnitudes)
    if domain is not None:
        ends = math.floor(math.log10(domain[0])), math.ceil(math.log10(domain[1]))
        low, high = (min(low, ends[0]), max(high, ends[1])) if any(magnitudes) else ends
    step = next(step for step in MARK_DECADES if (high - low) / step <= MAX_TICKS)
    marks = range(-(-low // step) * step, high + 1, step)
    return Scale(True, low, high, tuple(((mark - low) / (high - low), write_power_of_ten(mark)) for mark in marks))


def linear_scale(magnitudes: Sequence[float]) -> Scale:
    """The axis from 0 to the first mark at or above the largest magnitude; to 1 if none is above 0."""
    most = max(magnitudes, default=0.0) or 1.0
    step = _even_step(most)
    count = math.ceil(most / step * (1 - 1e-12)) if step else 0
    high = step * count
    if not count or not math.isfinite(high):  # at the ends of the range of floats
        return Scale(False, 0.0, most, ((0.0, "0"), (1.0, f"{most:.3g}")))
    return Scale(False, 0.0, high, tuple((mark / count, _even_text(mark * step)) for mark in range(count + 1)))


def _even_step(most: float) -> float:
    """1, 2 or 5 times a power of ten, for 3 to 6 marks up to `most`; 0 if floats are too coarse."""
    power = 10.0 ** math.floor(math.log10(most)) if most > 1e-300 else 0.0
    return next((power * part for part in (0.2, 0.5, 1.0, 2.0) if power and most / (power * part) <= 5.0), 0.0)


def _even_text(mark: float) -> str:
    """The text of a mark on a linear scale: `0`, `0.2`, `2e-8`."""
    text = f"{mark:.6g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"
