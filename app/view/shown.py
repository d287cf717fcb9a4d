"""The content that a source shows around the figure, as data for a picture of the whole view or for paper. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .settings import write_layers

MAX_ARCHITECTURE_CHARS: Final = 120  # of a fact; a longer one is told by its depth


class Shown(NamedTuple):
    """The content around the figure.

    `file_words`: the words for it in the name of a file, such as `sigmoid`, `10-layers`, `step-40`. `verdict`: its
    sentences. `facts`: the settings, each with its name. `bars`: the props of GradientDecayExplorer. `timeline`: the
    arguments of `Timeline.show`; None if there are no steps. `lesson`: the paragraphs of an open lesson, its title
    first. `remark`: a sentence about the address, if it does not lead to all of it. `is_hidden`: a question awaits a
    guess, so nothing is shown that tells the answer.
    """

    file_words: tuple[str, ...]
    verdict: str
    facts: tuple[tuple[str, str], ...]
    bars: Mapping[str, Any]
    timeline: Mapping[str, Any] | None = None
    lesson: tuple[str, ...] = ()
    remark: str = ""
    is_hidden: bool = False


def short_architecture(layers: tuple[int, ...]) -> str:
    """The architecture as in the form, or the number of layers of a very long one."""
    text = write_layers(layers)
    return text if len(text) <= MAX_ARCHITECTURE_CHARS else f"{len(layers)} layers"
