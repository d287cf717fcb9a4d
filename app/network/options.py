"""A computed view as options of the command line: written, read, and what the help says of them. Pure."""

from __future__ import annotations

from typing import Any, Final

from ..figure.text import quote
from .config import CHOICE, COMPUTED_FIELDS, FLAG, SOURCE, ComputedField, NetworkConfig, change

# The scale is that of the bars, and neither they nor a second configuration are in a picture.
OPTIONS: Final = tuple(field for field in COMPUTED_FIELDS if field.name != "scale")
SOURCES: Final = ("synthesised", SOURCE[1])


def command_words(computed: NetworkConfig) -> list[str]:
    """The options that make a view again which is computed: what differs from the defaults."""
    told = dict(computed.address())
    words = [_option(field, told[field.name]) for field in OPTIONS if field.name in told]
    return words or ["--source computed"]


def _option(field: ComputedField, text: str) -> str:
    return f"--{field.name}" if field.kind == FLAG else f"--{field.name} {text}"


def option_help(field: ComputedField) -> str:
    """What the command line's help says of an option."""
    names = f": {', '.join(name for name, _ in field.choices)}" if field.kind == CHOICE else ""
    default = "" if field.kind == FLAG else f" ({field.write(field.default) or 'none'} unless told)"
    return f"{field.hint.rstrip('.').replace('%', '%%')}{names}{default}"


def read_options(options: Any, layers: tuple[int, ...]) -> NetworkConfig | None:
    """What an `argparse.Namespace` says of a computed view, each option as its text or None; None: it is none.

    Raises ValueError naming the field, the rule and the value.
    """
    if options.source not in (None, *SOURCES):
        raise ValueError(f"Source: must be {' or '.join(SOURCES)}, got {quote(options.source)}")
    given = {field.name: getattr(options, field.name) for field in OPTIONS}
    told = {name: text for name, text in given.items() if text is not None}
    named = [f"--{name}" for name in (*told, *(["steps"] if options.steps is not None else []))]
    if options.source == SOURCES[0] and named:
        raise ValueError(f"Source: must be {SOURCES[1]} where there is {named[0]}, got {quote(SOURCES[0])}")
    if not named and options.source != SOURCES[1]:
        return None
    computed = NetworkConfig()
    for name, text in told.items():
        computed = change(computed, name, text, layers)
    return computed


def parse_steps(text: str, most: int) -> int:
    """How many steps a network is trained for, 0 to `most`. Raises ValueError."""
    steps = text.strip()
    if not (steps.isascii() and steps.isdecimal() and len(steps) <= 9 and int(steps) <= most):
        raise ValueError(f"Steps: must be a whole number from 0 to {most}, got {quote(text)}")
    return int(steps)
