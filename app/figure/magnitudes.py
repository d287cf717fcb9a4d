"""Gradient magnitudes: where they come from, checking them, writing them. Pure.

A magnitude is one number a layer, ordered as `layers` is: from the input to the output. NaN and infinity are
magnitudes too: they are what a broken run has, and what people come to see. None is that of a layer that has none: no
weights at the input, or nothing that was logged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

Magnitude = float | None
DECAY: Final = 0.55  # a layer, of the synthesised series: a wave that visibly shrinks from the loss on
TWO_DECIMALS_FROM: Final = 0.01  # below it two decimals would read 0.00 …
TWO_DECIMALS_BELOW: Final = 10_000.0  # … and from here on they are noise


def synthesise(depth: int) -> tuple[float, ...]:
    """The vanishing series 0.55^(depth − 1 − l) for l = 0 … depth − 1: 1 at the output, less before it."""
    return tuple(DECAY ** (depth - 1 - layer) for layer in range(depth))


def check_magnitudes(
    values: Iterable[object], field: str, tell: Callable[[object], str] = repr
) -> tuple[Magnitude, ...]:
    """`values` as floats and None. Raises ValueError naming `field`, layer, rule and value, as `tell` writes it."""
    listed = check_sequence(values, field, "numbers, one a layer", tell)
    return tuple(_check_magnitude(value, number, field, tell) for number, value in enumerate(listed, start=1))


def check_sequence(
    values: Iterable[object], field: str, what: str, tell: Callable[[object], str] = repr
) -> tuple[object, ...]:
    """`values` as they are; a text is none. Raises ValueError naming `field`, `what` it holds and the value."""
    try:
        if not isinstance(values, (str, bytes)):
            return tuple(values)
    except TypeError:
        pass
    raise ValueError(f"{field}: must be a sequence of {what}, got {tell(values)}")


def check_length(count: int, depth: int, field: str, what: str = "magnitude") -> None:
    """Raises ValueError naming `field` unless there is one magnitude, or whatever it has, a layer."""
    if count != depth:
        layers = "1 layer" if depth == 1 else f"{depth} layers"
        raise ValueError(f"{field}: needs one {what} a layer, {depth} for {layers}, got {count}")


def _check_magnitude(value: object, number: int, field: str, tell: Callable[[object], str]) -> Magnitude:
    if value is None:
        return None
    rule = f"must be a number of at least 0, NaN, Infinity or {tell(None)}"
    refusal = f"{field}: the magnitude of layer {number} {rule}, got {tell(value)}"
    if isinstance(value, (bool, str, bytes)):
        raise ValueError(refusal)
    try:
        magnitude = float(value)  # type: ignore[arg-type]  # because what float() takes is welcome: numpy, torch
    except (TypeError, ValueError, OverflowError):
        raise ValueError(refusal) from None
    if magnitude < 0:
        raise ValueError(refusal)
    return magnitude


def write_magnitude(magnitude: Magnitude) -> str:
    """Two decimals where they say something (`0.18`), else scientific (`8.0e-4`); zero is `0`; `NaN`, `∞`; none `–`."""
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


def say_magnitude(magnitude: Magnitude) -> str:
    """As `write_magnitude` does, but to be heard: a dash is not."""
    return "none" if magnitude is None else write_magnitude(magnitude)
