"""The cells of the map's table: which steps it has, and what stands in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from ..figure.magnitudes import Magnitude, describe_bounded
from .series import RunSeries

MAX_TABLE_STEPS: Final = 12


def table_steps(steps: int, step: int, most: int = MAX_TABLE_STEPS) -> tuple[int, ...]:
    """The steps of the table: all, or evenly spaced ones with the first, the last and the one in view."""
    if steps <= most:
        return tuple(range(steps))
    spaced = {round(at * (steps - 1) / (most - 2)) for at in range(most - 1)}
    return tuple(sorted(spaced | {min(max(step, 0), steps - 1)}))


class MapRows(NamedTuple):
    """The data of a map: one run, or two by `titles`, on the same layers and steps.

    `steps`: how many; `step`: the one in view; `number`: a function from a step to its text.
    """

    title: str
    names: tuple[str, ...]
    runs: tuple[RunSeries, ...]
    titles: tuple[str, ...]
    steps: int
    step: int
    number: Callable[[int], str]

    def told(self, steps: Sequence[int]) -> str:
        """The sentence about what the table leaves out; empty if it has all."""
        if len(steps) == self.steps:
            return ""
        return f"{len(steps)} of {self.steps:,} steps, with the one in view. Choose another step to have it here."

    def heads(self, steps: Sequence[int]) -> tuple[str, ...]:
        """The heads of the columns."""
        return ("layer", *(f"step {self.number(step)}" for step in steps))

    def lines(self, steps: Sequence[int]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """The texts of each row, the input first, and its numbers in full precision. A second run has its own rows."""
        for layer, name in enumerate(self.names):
            for run, title in zip(self.runs, self.titles, strict=False):
                head = f"{name}, {title}" if len(self.runs) > 1 else name
                cells = [(run.magnitude(layer, step), step) for step in steps]
                texts = (describe_bounded(at, run.bounds(layer, step) if run.bounds else None) for at, step in cells)
                yield (head, *texts), ("", *(_precise(at) for at, _ in cells))


def _precise(magnitude: Magnitude) -> str:
    return "none" if magnitude is None else repr(magnitude)
