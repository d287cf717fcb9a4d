"""The rules for values: a check returns the value, or raises ValueError with field, rule and value. Pure.

`format_value` writes the wrong value into the message: `repr` for Python callers, another function for other ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from operator import index
from typing import Any, Final

from .text import quote

FormatValue = Callable[[Any], str]
_FLAGS: Final = {"1": True, "true": True, "0": False, "false": False}


def check_choice(value: Any, choices: Iterable[str], field: str, format_value: FormatValue = repr) -> str:
    """One of `choices`. Raises ValueError."""
    names = tuple(choices)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{field}: must be one of {', '.join(names)}, got {format_value(value)}")
    return value


def check_whole(value: Any, lowest: int, highest: int, field: str, *, format_value: FormatValue = repr) -> int:
    """A whole number of any integer type in this range, as an int. Raises ValueError."""
    whole = to_whole_number(value)
    if whole is None or not lowest <= whole <= highest:
        raise ValueError(f"{field}: must be a whole number from {lowest} to {highest}, got {format_value(value)}")
    return whole


def check_cursor(value: Any, field: str, format_value: FormatValue = repr) -> int:
    """A cursor of the wave, which may still lie outside the network. Raises ValueError."""
    whole = to_whole_number(value)
    if whole is None:
        raise ValueError(f"{field}: must be a whole number, 0 at the loss side, got {format_value(value)}")
    return whole


def to_whole_number(value: Any) -> int | None:
    """`value` as an int if it is a whole number of any integer type but bool, else None."""
    if isinstance(value, bool):
        return None
    try:
        return index(value)
    except TypeError:
        return None


def check_number(
    value: Any,
    field: str,
    *,
    above: float | None = None,
    below: float = math.inf,
    format_value: FormatValue = repr,
) -> float:
    """A finite number of at least 0 (or more than `above`) and less than `below`, as a float. Raises ValueError."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    fits = is_number and math.isfinite(value) and (value >= 0 if above is None else value > above) and value < below
    if not fits:
        rule = "of at least 0" if above is None else f"greater than {above:g}"
        end = "" if math.isinf(below) else f" and less than {below:g}"
        raise ValueError(f"{field}: must be a finite number {rule}{end}, got {format_value(value)}")
    return float(value)


def check_flag(value: Any, field: str, format_value: FormatValue = repr) -> bool:
    """True or False. Raises ValueError."""
    if not isinstance(value, bool):
        rule = f"must be {format_value(True)} or {format_value(False)}"
        raise ValueError(f"{field}: {rule}, got {format_value(value)}")
    return value


def parse_flag(text: str, field: str) -> bool:
    """A flag from a text: `1` or `true`, `0` or `false`. Raises ValueError."""
    flag = _FLAGS.get(text.strip().lower())
    if flag is None:
        raise ValueError(f"{field}: must be 1 or 0, got {quote(text)}")
    return flag


def parse_float(text: str) -> float:
    """A number from a text, or NaN if it is none, which a following check refuses."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def check_text(
    value: Any, field: str, longest: int, *, shortest: int = 1, item: str = "", format_value: FormatValue = repr
) -> str:
    """A string of `shortest` to `longest` printable characters. Raises ValueError.

    `item` names the part of the field that the value is, such as `the name of layer 1`.
    """
    if not isinstance(value, str) or not shortest <= len(value) <= longest or not value.isprintable():
        subject = f"{field}: {item}" if item else f"{field}:"
        rule = f"must be a string of {shortest} to {longest} printable characters"
        raise ValueError(f"{subject} {rule}, got {format_value(value)}")
    return value


def check_sequence(
    values: Iterable[object], field: str, items: str, format_value: FormatValue = repr
) -> tuple[object, ...]:
    """`values` as a tuple. Raises ValueError for a string and for anything else that can't be iterated.

    `items` says in the message what the sequence must hold.
    """
    try:
        if not isinstance(values, (str, bytes)):
            return tuple(values)
    except TypeError:
        pass
    raise ValueError(f"{field}: must be a sequence of {items}, got {format_value(values)}")


def check_length(count: int, depth: int, field: str, item: str = "magnitude") -> None:
    """Raise ValueError unless the field has one `item` for each layer."""
    if count != depth:
        layers = "1 layer" if depth == 1 else f"{depth} layers"
        raise ValueError(f"{field}: needs one {item} a layer, {depth} for {layers}, got {count}")


def check_lengths(fields: Mapping[str, tuple[object, ...] | None], depth: int) -> None:
    """Raise ValueError unless each field that is given has one entry for each layer."""
    items = {"names": "name", "bounds": "pair"}
    for field, values in fields.items():
        if values is not None:
            check_length(len(values), depth, field, items.get(field.lower(), "magnitude"))


def optional(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same check, which also lets None pass."""
    return lambda value: None if value is None else check(value)


def check_props(given: Mapping[str, Any], checks: Mapping[str, Callable[[Any], Any]], owner: str) -> dict[str, Any]:
    """The props of a component, each checked. Raises TypeError for an unknown name, ValueError for a wrong value."""
    for name in given:
        if name not in checks:
            raise TypeError(f"{owner}: there is no prop {name!r}; the props are {', '.join(checks)}")
    return {name: checks[name](value) for name, value in given.items()}
