"""Short texts for values: quoted input, numbers, powers of ten, steps. Pure."""

from __future__ import annotations

import math
from typing import Final

MAX_QUOTED_CHARS: Final = 40  # characters of a wrong value that a message repeats
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def quote(text: str) -> str:
    """A value as a message repeats it, cut where it is long; what can't be seen of it is written out."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return f'"{text}"' if len(text) <= MAX_QUOTED_CHARS else f'"{text[: MAX_QUOTED_CHARS - 1]}…"'


def write_number(value: float) -> str:
    """A number as all fields write it, in full precision and with nothing in it that an address would misread."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity"
    if value == int(value) and value < 1e15:
        return str(int(value))
    return repr(value).replace("e+", "e")  # in a query a plus is a space


def power_text(exponent: int) -> str:
    """`10⁻³`."""
    return f"10{str(exponent).translate(_RAISED)}"


def write_step(step: float) -> str:
    """A step as it is told: `100,000`, `0.5`."""
    return f"{step:g}" if abs(step) >= 1e15 else f"{step:,.0f}" if step.is_integer() else f"{step:,}"
