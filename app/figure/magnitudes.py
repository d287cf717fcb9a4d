"""Gradient magnitudes: the synthesised series, the rule for given ones, and their texts. Pure.

A magnitude is one number per layer, in the order of `layers`: from the input to the output. NaN and infinity are
magnitudes too: a broken run has them, and people want to see them. None means that a layer has no magnitude: the input
has no weights, or nothing was logged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from .validation import FormatValue, check_sequence

Magnitude = float | None
Bounds = tuple[float, float]  # the lower and the upper bound of an estimate
DECAY: Final = 0.55  # factor per layer of the synthesised series: the wave visibly shrinks on its way from the loss
TWO_DECIMALS_FROM: Final = 0.01  # with two decimals, a smaller number would read 0.00 …
TWO_DECIMALS_BELOW: Final = 10_000.0  # … and the decimals of a larger one would be noise


def synthesise(depth: int) -> tuple[float, ...]:
    """The vanishing series 0.55^(depth − 1 − l) for l = 0 … depth − 1: 1 at the output, less before it."""
    return tuple(DECAY ** (depth - 1 - layer) for layer in range(depth))


def check_magnitudes(values: Iterable[object], field: str, format_value: FormatValue = repr) -> tuple[Magnitude, ...]:
    """`values` as floats and None. Raises ValueError naming `field`, the layer, the rule and the value."""
    listed = check_sequence(values, field, "numbers, one a layer", format_value)
    return tuple(_check_magnitude(value, layer, field, format_value) for layer, value in enumerate(listed, start=1))


def magnitude_error(field: str, layer: int, *, none: str, got: str) -> ValueError:
    """The error for a wrong magnitude. `layer` counts from 1, `none` is how a layer without a magnitude is written."""
    rule = f"must be a number of at least 0, NaN, Infinity or {none}"
    return ValueError(f"{field}: the magnitude of layer {layer} {rule}, got {got}")


def _check_magnitude(value: object, layer: int, field: str, format_value: FormatValue) -> Magnitude:
    if value is None:
        return None
    error = magnitude_error(field, layer, none=format_value(None), got=format_value(value))
    if isinstance(value, (bool, str, bytes)):
        raise error
    try:
        magnitude = float(value)  # type: ignore[arg-type]  # because what float() takes is welcome: numpy, torch
    except (TypeError, ValueError, OverflowError):
        raise error from None
    if magnitude < 0:
        raise error
    return magnitude


def write_magnitude(magnitude: Magnitude) -> str:
    """Two decimals if they are enough (`0.18`), else scientific (`8.0e-4`); zero is `0`, None `–`; `NaN`, `∞`."""
    if magnitude is None:
        return "–"
    if math.isnan(magnitude):
        return "NaN"
    if math.isinf(magnitude):
        return "∞"
    if magnitude == 0:
        return "0"
    if TWO_DECIMALS_FROM <= magnitude < TWO_DECIMALS_BELOW:
        return f"{magnitude:.2f}"
    mantissa, exponent = f"{magnitude:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def describe_magnitude(magnitude: Magnitude) -> str:
    """The text of `write_magnitude` for screen readers: `none` instead of a dash."""
    return "none" if magnitude is None else write_magnitude(magnitude)


def write_bounded(magnitude: Magnitude, bounds: Bounds | None) -> str:
    """A magnitude with its bounds if it is an estimate: `0.17 (0.14 to 0.21)`."""
    text = write_magnitude(magnitude)
    return text if bounds is None else f"{text} ({write_magnitude(bounds[0])} to {write_magnitude(bounds[1])})"


def describe_bounded(magnitude: Magnitude, bounds: Bounds | None) -> str:
    """The text of `write_bounded` for screen readers: `0.17, between 0.14 and 0.21`."""
    text = describe_magnitude(magnitude)
    return text if bounds is None else f"{text}, between {write_magnitude(bounds[0])} and {write_magnitude(bounds[1])}"
