"""Issues of a file: what could not be used, counted, and what was assumed, a sentence each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .layer_names import clean

MAX_SHOWN_CHARS: Final = 60  # of a name in a sentence


class Issues:
    """The issues of a file, each kind counted, with the place of the first."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str], list[int | str]] = {}
        self._plain: dict[str, None] = {}

    def count(self, what: str, wrong: str, where: str, more: int = 1) -> None:
        """Counts one more of `what` (`lines`) that is `wrong` (`not JSON`)."""
        known = self._counted.setdefault((what, wrong), [0, where])
        known[0] = int(known[0]) + more

    def say(self, sentence: str) -> None:
        """Keeps a sentence, once."""
        self._plain[sentence] = None

    def sentences(self, totals: dict[str, int]) -> tuple[str, ...]:
        """All as sentences; `totals` says of how many lines, records or files."""
        return (*(self._sentence(key, known, totals) for key, known in self._counted.items()), *self._plain)

    @staticmethod
    def _sentence(key: tuple[str, str], known: list[int | str], totals: dict[str, int]) -> str:
        (what, wrong), (count, where) = key, known
        of = f" of {totals[what]:,}" if what in totals else ""
        noun = what if totals.get(what, count) != 1 else _singular(what)
        verb, first = ("was", "") if count == 1 else ("were", "first ")
        return f"{count:,}{of} {noun} {verb} {wrong}; {first}at {where}."


def _singular(noun: str) -> str:
    """`lines` as `line`, `entries` as `entry`; `series` stays."""
    if noun == "series":
        return noun
    return f"{noun.removesuffix('ies')}y" if noun.endswith("ies") else noun.removesuffix("s")


def name_list(names: list[str], most: int = 3) -> str:
    """The first few of some names: `fc1, fc2, fc3 …`."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def short_name(name: str) -> str:
    """A name as a sentence shows it, at most 60 characters of it."""
    name = clean(name)
    return name if len(name) <= MAX_SHOWN_CHARS else f"{name[:MAX_SHOWN_CHARS]}…"


def short_name_list(names: Iterable[str]) -> str:
    """The first few names, shortened."""
    return name_list([short_name(name) for name in names])
