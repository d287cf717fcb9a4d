"""The mention of a layer in a sentence: places as `the output`, numbers as `layer 3`, other names as they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PLACES: Final = frozenset({"input", "output"})  # names that say where a layer is; others are its own
_CAPITALISED: Final = ("the ", "hidden ", "layer ")  # words of the language; `fc1` stays as it is in the code


def mention(name: str) -> str:
    """A layer's name within a sentence: `the input`, `layer 3` for a number, `fc1`."""
    if name in PLACES:
        return f"the {name}"
    return f"layer {name}" if name.isdigit() else name


def mention_first(name: str) -> str:
    """A layer's name at the start of a sentence: `The output`, `Hidden 1`, `fc1`."""
    mentioned = mention(name)
    return mentioned[:1].upper() + mentioned[1:] if mentioned.startswith(_CAPITALISED) else mentioned


def mention_some(names: Iterable[str], most: int = 3) -> str:
    """Several layers within a sentence: `fc1, fc2, the output and 4 more`."""
    mentioned = [mention(name) for name in names]
    more = f" and {len(mentioned) - most:,} more" if len(mentioned) > most else ""
    return ", ".join(mentioned[:most]) + more
