"""The shades of the nodes: each layer's magnitude as a place on a log scale, from a low colour to a high one. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from .magnitudes import Magnitude
from .text import write_power_of_ten
from .validation import FormatValue, check_choice, check_sequence

WAVE: Final = "wave"
MAGNITUDE: Final = "magnitude"
SHADINGS: Final = (WAVE, MAGNITUDE)
SHADE_COUNT: Final = 256  # as many colours as the heat map has
MIN_FOOT: Final = 0.06  # of a log axis, below the smallest magnitude, so that its bar is visible
VALUE: Final = "value"
MARK_WORDS: Final = {"nan": "NaN", "infinite": "∞", "zero": "0", "none": "none"}  # of the kinds without a place
Decades = tuple[int, int]  # the exponents of ten at the ends of a scale
Domain = tuple[float, float]  # the magnitudes at the ends of the scale


class Shade(NamedTuple):
    """The look of one layer's nodes. `step` is the place of a value on the scale, 0 to SHADE_COUNT − 1."""

    kind: str
    step: int = 0


class Shading(NamedTuple):
    """The shades of all layers, the input first. `low` and `high` are the exponents of ten at the scale's ends."""

    low: float
    high: float
    shades: tuple[Shade, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds among the layers that have no place on the scale."""
        there = {shade.kind for shade in self.shades}
        return tuple(kind for kind in MARK_WORDS if kind in there)

    @property
    def ends(self) -> tuple[str, str]:
        """The texts at the ends of the scale: `10⁻³`, or `2.5e-3` for other magnitudes."""
        return _write_end(self.low), _write_end(self.high)


def magnitude_kind(magnitude: Magnitude) -> str:
    """The kind of a magnitude: `value`, `zero`, `nan`, `infinite` or, for None, `none`."""
    if magnitude is None:
        return "none"
    if math.isnan(magnitude):
        return "nan"
    if math.isinf(magnitude):
        return "infinite"
    return VALUE if magnitude > 0 else "zero"


def whole_decades(magnitudes: Iterable[Magnitude]) -> Decades:
    """The exponents of the whole decades around the finite magnitudes above 0, with a foot below the smallest.

    Without any, the decade 0.1 to 1.
    """
    logarithms = [math.log10(size) for size in magnitudes if size is not None and 0 < size < math.inf]
    return decades_around(min(logarithms), max(logarithms)) if logarithms else (-1, 0)


def decades_around(least: float, most: float) -> Decades:
    """The whole decades around two logarithms, with a foot below the lower one."""
    low, high = math.floor(least), math.ceil(most)
    return low - (high == low or (least - low) / (high - low) < MIN_FOOT), high


def to_domain(logarithms: tuple[float, float]) -> Domain:
    """The magnitudes with these two logarithms, as far as there are floats."""
    low, high = logarithms
    return 10.0 ** max(low, -323), 10.0**high if high <= sys.float_info.max_10_exp else sys.float_info.max


def shade_magnitudes(magnitudes: Sequence[Magnitude], domain: Domain | None = None) -> Shading:
    """The shades of magnitudes, one a layer, on a scale over `domain` or over the whole decades around them.

    A magnitude outside of the domain has the shade of its nearer end.
    """
    low, high = whole_decades(magnitudes) if domain is None else (math.log10(end) for end in domain)
    return Shading(low, high, tuple(_shade(magnitude, low, high) for magnitude in magnitudes))


def _shade(magnitude: Magnitude, low: float, high: float) -> Shade:
    kind = magnitude_kind(magnitude)
    if magnitude is None or kind != VALUE:
        return Shade(kind)
    place = (math.log10(magnitude) - low) / (high - low)
    return Shade(kind, int(min(max(place, 0.0), 1.0) * (SHADE_COUNT - 1)))


def halves(step: int) -> tuple[bool, float]:
    """The half of the scale that a step is in, True for the upper one, and the step's place in it, 0 to 1."""
    place = 2.0 * step / (SHADE_COUNT - 1)
    return place > 1.0, place - 1.0 if place > 1.0 else place


def mix(step: int, low: str, middle: str, high: str) -> str:
    """The colour of a step, between three colours like `#f3ece4`."""
    is_upper, place = halves(step)
    start, end = (middle, high) if is_upper else (low, middle)
    channels = ((int(start[at : at + 2], 16), int(end[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(first + (last - first) * place):02x}" for first, last in channels)


def check_shading(value: Any, field: str = "shading", format_value: FormatValue = repr) -> str:
    """One of SHADINGS. Raises ValueError."""
    return check_choice(value, SHADINGS, field, format_value)


def check_domain(value: Any, field: str = "domain", format_value: FormatValue = repr) -> Domain:
    """Two magnitudes, the lower one first. Raises ValueError naming `field`, the rule and the value."""
    listed = check_sequence(value, field, "two magnitudes", format_value)
    try:
        low, high = (math.nan if isinstance(end, (bool, str)) else float(end) for end in listed)  # type: ignore[arg-type]  # because what float() takes is welcome
    except (TypeError, ValueError, OverflowError):
        low, high = math.nan, math.nan
    if not 0 < low < high < math.inf or math.log10(low) >= math.log10(high):
        raise ValueError(f"{field}: must be two finite magnitudes, 0 < low < high, got {format_value(value)}")
    return low, high


def _write_end(exponent: float) -> str:
    if exponent == round(exponent):
        return write_power_of_ten(round(exponent))
    mantissa, power = f"{10.0**exponent:.1e}".split("e")
    return f"{mantissa}e{int(power)}"
