"""The diagnosis of a network from its gradient magnitudes: one word and a sentence. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from .magnitudes import check_magnitudes, write_magnitude

HEALTHY, VANISHING, EXPLODING, DEAD, NOT_FINITE = "healthy", "vanishing", "exploding", "dead", "not finite"
MIN_STEEP_SLOPE: Final = math.log10(1.5)  # decades per layer: half as much again, or two thirds
MIN_FAR_DECADES: Final = 1.0  # from one end to the other
MIN_SAFE_MAGNITUDE: Final = 1e-300  # a smaller one soon becomes 0 in float64


class Verdict(NamedTuple):
    """A diagnosis. As a string it is its sentence.

    `kind` is `healthy`, `vanishing`, `exploding`, `dead` or `not finite`. `factor` multiplies the magnitude at each
    layer on its way to the input. `decades` is the change over all `steps` from one end to the other, negative if the
    magnitude shrinks. Both are NaN if no line can be fitted. `between` has the two layers with the largest drop or
    rise between them, the one nearer to the loss first; None if all changes are alike or there are none.
    """

    kind: str
    text: str
    steps: int
    factor: float = math.nan
    decades: float = math.nan
    between: tuple[str, str] | None = None

    def __str__(self) -> str:
        return self.text


def diagnose(names: Sequence[str], magnitudes: Iterable[object]) -> Verdict:
    """The verdict on one magnitude per layer. Names and magnitudes are in the order input … output.

    The rule, in this order:

    1. *Not finite*: there is a NaN or an ∞.
    2. *Dead*: there is a 0. Exception: a 0 after a magnitude below 10⁻³⁰⁰ has only become too small for float64. Then
       the slope of the layers before it decides.
    3. *Vanishing* or *exploding*: the slope decides, not a single magnitude. A straight line is fitted by least squares
       to log₁₀ of the magnitudes over the layers. Either one layer changes the magnitude by a factor of 1.5 or more, or
       all layers together change it by a factor of 10 or more. (×0.97 per layer is fine with 8 layers, but loses four
       decades with 300.)
    4. *Healthy*: none of these.

    A layer whose magnitude is None is left out.

    Raises ValueError naming rule and value if a magnitude is wrong, if the numbers of names and magnitudes differ, or
    if no layer has a magnitude.
    """
    checked = check_magnitudes(magnitudes, "magnitudes")
    if not checked or len(checked) != len(names):
        raise ValueError(f"magnitudes: must be one for each of the {len(names)} names, got {len(checked)}")
    # In the direction of the gradient.
    series = [(name, size) for name, size in zip(names, checked, strict=True) if size is not None][::-1]
    if not series:
        raise ValueError("magnitudes: at least one must be a number, got None for each")
    steps = len(series) - 1
    for name, magnitude in series:
        if not math.isfinite(magnitude):
            return Verdict(NOT_FINITE, f"Not finite: {write_magnitude(magnitude)} at {name}", steps)
    gone = next((index for index, (_, magnitude) in enumerate(series) if magnitude == 0.0), None)
    if gone is None:
        return _by_slope(series, steps)
    if gone >= 2 and series[gone - 1][1] < MIN_SAFE_MAGNITUDE:
        return _by_slope(series[:gone], steps, f"too small for float64 from {series[gone][0]} on")
    before = f", where {series[gone - 1][0]} still has {write_magnitude(series[gone - 1][1])}" if gone else ""
    return Verdict(DEAD, f"Dead: 0 at {series[gone][0]}{before}", steps)


def _by_slope(series: Sequence[tuple[str, float]], steps: int, end: str = "") -> Verdict:
    """The verdict on finite magnitudes above 0, in the order from the loss to the input."""
    if steps == 0:
        return Verdict(HEALTHY, "Healthy: a single layer, which loses nothing", steps)
    logarithms = [math.log10(magnitude) for _, magnitude in series]
    slope = _slope(logarithms)
    factor, decades = 10.0**slope if slope < 308 else math.inf, slope * steps
    size = f"×{write_magnitude(factor)} a layer, {abs(decades):.1f} decades over {_layers(steps)}"
    # Half a millionth of slack, so that a factor of exactly 1.5 or 10 counts in spite of rounding.
    if abs(slope) < MIN_STEEP_SLOPE * (1 - 5e-7) and abs(decades) < MIN_FAR_DECADES * (1 - 5e-7):
        return Verdict(HEALTHY, f"Healthy: {size}", steps, factor, decades)
    kind, turn, sign = (VANISHING, "drop", -1.0) if slope < 0 else (EXPLODING, "rise", 1.0)
    between = _largest(series, [sign * (there - here) for here, there in pairwise(logarithms)])
    parts = [f"{kind.capitalize()}: {size}"]
    if between is not None:
        parts.append(f"largest {turn} between {between[0]} and {between[1]}")
    return Verdict(kind, "; ".join([*parts, *filter(None, [end])]), steps, factor, decades, between)


def _largest(series: Sequence[tuple[str, float]], changes: Sequence[float]) -> tuple[str, str] | None:
    """The two layers with the largest change between them, or None if all changes are alike."""
    largest = max(changes)
    if largest - min(changes) <= 1e-6 * abs(largest):
        return None
    at = changes.index(largest)
    return series[at][0], series[at + 1][0]


def _slope(values: Sequence[float]) -> float:
    """The slope of the least-squares line through (0, values[0]), (1, values[1]) …"""
    middle = (len(values) - 1) / 2
    spread = math.fsum((index - middle) ** 2 for index in range(len(values)))
    return math.fsum((index - middle) * value for index, value in enumerate(values)) / spread


def _layers(steps: int) -> str:
    return "1 layer" if steps == 1 else f"{steps} layers"


judge = diagnose  # the name of version 1.0.0
