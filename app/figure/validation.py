"""What a value must be, refused in one sentence that names the field, the rule and the value. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from operator import index
from typing import Any


def check_choice(value: Any, choices: Iterable[str], field: str) -> str:
    """`value` where it is one of `choices`. Raises ValueError."""
    names = tuple(choices)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{field}: must be one of {', '.join(names)}, got {value!r}")
    return value


def check_whole(value: Any, lowest: int, highest: int, field: str) -> int:
    """`value` as an int where it is a whole number of any integer type in this range. Raises ValueError."""
    try:
        whole = None if isinstance(value, bool) else index(value)
    except TypeError:
        whole = None
    if whole is None or not lowest <= whole <= highest:
        raise ValueError(f"{field}: must be a whole number from {lowest} to {highest}, got {value!r}")
    return whole


def check_number(value: Any, field: str, *, above: float | None = None, below: float = math.inf) -> float:
    """`value` as a float where it is finite, at least 0 (or more than `above`) and less than `below`.

    Raises ValueError.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    fits = is_number and math.isfinite(value) and (value >= 0 if above is None else value > above) and value < below
    if not fits:
        rule = "of at least 0" if above is None else f"greater than {above:g}"
        end = "" if math.isinf(below) else f" and less than {below:g}"
        raise ValueError(f"{field}: must be a finite number {rule}{end}, got {value!r}")
    return float(value)


def check_flag(value: Any, field: str) -> bool:
    """`value` where it is True or False. Raises ValueError."""
    if not isinstance(value, bool):
        raise ValueError(f"{field}: must be True or False, got {value!r}")
    return value
