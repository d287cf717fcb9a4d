"""Command-line options of a computed view: written, read, and explained in the help. Pure."""

from __future__ import annotations

from typing import Any, Final

from ..figure.text import quote
from ..figure.validation import check_whole
from .config import CHOICE, COMPUTED_FIELDS, FLAG, SOURCE, ComputedField, NetworkConfig, change

# The scale belongs to the bars. A picture shows neither the bars nor a second configuration.
OPTIONS: Final = tuple(field for field in COMPUTED_FIELDS if field.name != "scale")
SOURCE_NAMES: Final = ("synthesised", SOURCE[1])


def command_words(computed: NetworkConfig) -> list[str]:
    """Return the options that recreate a computed view: those that differ from the defaults."""
    texts = dict(computed.address())
    words = [_write_option(field, texts[field.name]) for field in OPTIONS if field.name in texts]
    return words or ["--source computed"]


def _write_option(field: ComputedField, text: str) -> str:
    return f"--{field.name}" if field.kind == FLAG else f"--{field.name} {text}"


def option_help(field: ComputedField) -> str:
    """Return the help text of an option."""
    names = f": {', '.join(name for name, _ in field.choices)}" if field.kind == CHOICE else ""
    default = "" if field.kind == FLAG else f" (default: {field.write(field.default) or 'none'})"
    return f"{field.hint.rstrip('.').replace('%', '%%')}{names}{default}"


def read_options(options: Any, layers: tuple[int, ...]) -> NetworkConfig | None:
    """Read a computed view from an `argparse.Namespace` with each option as its text or None; None if there is none.

    Raises ValueError naming the field, the rule and the value.
    """
    if options.source not in (None, *SOURCE_NAMES):
        raise ValueError(f"Source: must be {' or '.join(SOURCE_NAMES)}, got {quote(options.source)}")
    given = {field.name: getattr(options, field.name) for field in OPTIONS}
    texts = {name: text for name, text in given.items() if text is not None}
    named = [f"--{name}" for name in (*texts, *(["steps"] if options.steps is not None else []))]
    if options.source == SOURCE_NAMES[0] and named:
        raise ValueError(f"Source: must be {SOURCE_NAMES[1]} where there is {named[0]}, got {quote(SOURCE_NAMES[0])}")
    if not named and options.source != SOURCE_NAMES[1]:
        return None
    computed = NetworkConfig()
    for name, text in texts.items():
        computed = change(computed, name, text, layers)
    return computed


def parse_steps(text: str, most: int) -> int:
    """Read the number of training steps, 0 to `most`. Raises ValueError."""
    steps = text.strip()
    whole = int(steps) if steps.isascii() and steps.isdecimal() and len(steps) <= 9 else None
    return check_whole(whole, 0, most, "Steps", format_value=lambda _: quote(text))
