"""Printed lines that are like former ones but for their numbers: nearly all lines of a long log. Pure."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from .number_text import NUMBER_PATTERN
from .printed_frameworks import framework_line
from .printed_prefix import step_in, without_prefix

MAX_REPEATED_CHARS: Final = 1 << 12  # of a line that is remembered
MAX_REMEMBERED_LINES: Final = 1 << 13
_NUMBER: Final = re.compile(rf"(?<=[ =])({NUMBER_PATTERN})(?=[\s,;|)]|$)", re.IGNORECASE)


class Repeat(NamedTuple):
    """A line's names for the collector, None for each number of no use, and the reader's state when it was met."""

    state: Hashable
    keys: Sequence[str | None]


class RepeatedLines:
    """Remembers by the text around the numbers of a line which names its numbers have."""

    def __init__(self) -> None:
        self._known: dict[str | tuple[str, ...], Repeat] = {}
        self._first_words: set[str] = set()

    def find(self, text: str) -> tuple[Repeat, list[float]] | None:
        """The names of a line's numbers, and these; None for a line that is like no former one."""
        if not self._known or len(text) > MAX_REPEATED_CHARS:
            return None
        before, _, last = text.rpartition(" ")
        repeat = self._known.get(before)
        if repeat and "_" not in last:
            try:
                return repeat, [float(last)]
            except ValueError:
                return None
        if _first_word(text) not in self._first_words:
            return None
        pieces = _NUMBER.split(text)
        repeat = self._known.get(tuple(pieces[::2]))
        return (repeat, list(map(float, pieces[1::2]))) if repeat else None

    def remember(self, text: str, state: Hashable, fields: Sequence[tuple[str, str | None]]) -> None:
        """Remember a line by its numbers and their names, unless other numbers could make it a line of another kind."""
        pieces = _NUMBER.split(text) if len(text) <= MAX_REPEATED_CHARS else []
        if pieces[1::2] != [number for number, _ in fields]:
            return
        if any(_is_special(each) for each in (text, "1".join(pieces[::2]))):
            return
        if len(self._known) >= MAX_REMEMBERED_LINES:
            self._known.clear()
            self._first_words.clear()
        is_last = len(fields) == 1 and not pieces[-1] and pieces[0].endswith(" ")
        self._known[pieces[0][:-1] if is_last else tuple(pieces[::2])] = Repeat(state, [key for _, key in fields])
        if not is_last:
            self._first_words.add(_first_word(text))


def _first_word(text: str) -> str:
    """A line's first word, which ends before the first number."""
    return text.partition(" ")[0].partition("=")[0]


def _is_special(text: str) -> bool:
    """Say whether a line tells a step, has a prefix, or is a framework's own."""
    return bool(step_in(text)[0] or framework_line(text)) or without_prefix(text) != (text, None)
