"""Values as logs hold them: magnitudes and steps, as numbers or as text. Pure."""

from __future__ import annotations

import math
from typing import Final

NO_MAGNITUDE: Final = "no magnitude (a number of at least 0, NaN or Infinity)"
HISTOGRAM: Final = "a histogram without its sum of squares, from which no norm follows"


def magnitude(value: object) -> float | None:
    """A logged magnitude: a number of at least 0, NaN or infinity, also as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, str)):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            return None
        return None if number < 0 else number
    return None


def step_number(value: object) -> float | None:
    """A step: a finite number, whole or not; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def is_negative(value: object) -> bool:
    """True for a number below zero, also as text."""
    number = step_number(value)
    return (number is not None and number < 0) or value == -math.inf


def reason_against(value: object, number: float | None) -> str:
    """The reason why a value can't be used. With a magnitude, `number`, it lacks a step."""
    if number is not None:
        return "without a step that is a number"
    if isinstance(value, dict) and ("_type" in value or ("bins" in value and "values" in value)):
        return HISTOGRAM
    return NO_MAGNITUDE
