"""Headings in print: whether the lines below are of gradients, and of which layer those further in are. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from .printed_labels import Label, is_layer_like
from .printed_prefix import without_bullet

MAX_HEADING_CHARS: Final = 200
MAX_NAME_WORDS: Final = 3  # of a heading that is a layer's name
CONTAINERS: Final = frozenset({"params", "parameters", "FrozenDict", "grads", "weights"})  # headings of no layer
_NAMED: Final = re.compile(r"(?:layer|param(?:eter)?|module|block|tensor|name)(?: name)?\s*[:=]", re.IGNORECASE)
_BRACKETS: Final = "{[("


class HeadingsState(NamedTuple):
    """All but a line's text that tells what its numbers are."""

    context: Label | None
    block: str
    is_further_in: bool
    goes_further_in: bool


class Headings:
    """The headings above the present line.

    `context`: the last one that speaks of gradients or of something else. `block`: the layer that the last ones name.
    `other`: the last heading spoke of something else than gradients.
    """

    def __init__(self, label: Callable[[str], Label]) -> None:
        self._label = label
        self.context: Label | None = None
        self.block = ""
        self._goes_further_in = False  # the lines under the context
        self._indent = -1  # how far in the last heading stands
        self._blocks: list[tuple[int, str]] = []  # how far in those stand that name layers, and their names

    def state(self, indent: int) -> HeadingsState:
        """The headings' part in a line that stands so far in."""
        return HeadingsState(self.context, self.block, indent > self._indent, self._goes_further_in)

    def take(self, text: str, indent: int) -> bool:
        """Take a line without a number; say whether it is a heading of what follows."""
        text = without_bullet(text)
        if len(text) > MAX_HEADING_CHARS or not text:
            return False
        opens = text[-1] == "{"
        text = text.rstrip(f" {_BRACKETS}") if opens else text
        is_title = text.endswith(":")
        label = self._label(text.rstrip(":").strip("=-*# "))
        if (label.is_gradient or label.is_other) and (is_title or not label.name):
            self.context, self._goes_further_in = label, False
            self._blocks = []
            self._open(label.name if is_title else "", indent)
            return True
        is_named = label.name and not label.is_whole and len(label.name.split()) <= MAX_NAME_WORDS
        is_title = is_title or (text == label.name and " " not in text and is_layer_like(text))
        if is_named and (is_title or _NAMED.match(text)):
            self._open("" if label.name in CONTAINERS else label.name, indent if is_title else indent - 1)
            return True
        if not opens:
            self.context = None
        return opens

    def _open(self, name: str, indent: int) -> None:
        """Let the lines further in than a heading be of the layer that it names, within those above it."""
        while self._blocks and self._blocks[-1][0] >= indent:
            self._blocks.pop()
        self._blocks.append((indent, name))
        self.block, self._indent = ".".join(each for _, each in self._blocks if each), indent

    def leave(self, indent: int) -> None:
        """Close the blocks within which a line that stands so far in is not."""
        if len(self._blocks) > 1 and indent <= self._indent:
            while len(self._blocks) > 1 and self._blocks[-1][0] >= indent:
                self._blocks.pop()
            self._open(self._blocks[-1][1], self._blocks[-1][0])

    def are_of(self, is_further_in: bool, name: str) -> bool:
        """Say whether a line without words of its own is of what the context speaks of."""
        self._goes_further_in = self._goes_further_in or is_further_in
        return is_further_in or (not self._goes_further_in and is_layer_like(name))
