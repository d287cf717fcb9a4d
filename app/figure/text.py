"""Short texts for values: quoted input, numbers, powers of ten, steps. Pure."""

from __future__ import annotations

import math
from typing import Final

MAX_QUOTED_CHARS: Final = 40  # of a wrong value in a message
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def quote(text: str) -> str:
    """A wrong value in quotes, for a message: cut if it is long, with invisible characters as escapes."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return f'"{text}"' if len(text) <= MAX_QUOTED_CHARS else f'"{text[: MAX_QUOTED_CHARS - 1]}…"'


def end_sentence(text: str) -> str:
    """The text with a full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def write_number(value: float) -> str:
    """A number in full precision, without characters that have another meaning in an address."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity"
    if value == int(value) and value < 1e15:
        return str(int(value))
    return repr(value).replace("e+", "e")  # in a query a plus is a space


def write_power_of_ten(exponent: int) -> str:
    """A power of ten: `10⁻³`."""
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


def write_step(step: float) -> str:
    """The number of a step: `100,000`, `0.5`."""
    return f"{step:g}" if abs(step) >= 1e15 else f"{step:,.0f}" if step.is_integer() else f"{step:,}"
