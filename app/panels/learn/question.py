"""A question about the view, a guess, and the feedback to it. Pure."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

from ...figure.diagnosis import Verdict
from ...figure.text import write_power_of_ten

ESTIMATE_DECADES: Final = 12.0  # the slider's range to each side of ×1
ESTIMATE_STEP: Final = 0.25  # decades
MIN_TOLERANCE: Final = 0.5  # decades
RELATIVE_TOLERANCE: Final = 0.15  # of the answer's decades


class Scene(NamedTuple):
    """The view to ask about: one magnitude for each layer that learns, the input side first.

    `first` is the index of the first of these layers in the figure. `earlier` are the magnitudes of the first step, if
    another step is in view. `network` is the computed network, for the questions that need one. `is_drawn` is False if
    bars and figure show something else, such as the shares of saturated units.
    """

    names: tuple[str, ...]
    magnitudes: tuple[float | None, ...]
    label: str
    verdict: Verdict
    first: int = 0
    earlier: tuple[float | None, ...] | None = None
    network: Any = None
    is_drawn: bool = True

    @property
    def known(self) -> list[int]:
        """The places of the layers with a finite magnitude above 0."""
        return [at for at, size in enumerate(self.magnitudes) if size is not None and 0.0 < size < math.inf]

    def size(self, at: int) -> float:
        """The magnitude of a layer; NaN if it has none."""
        size = self.magnitudes[at]
        return math.nan if size is None else size


class Option(NamedTuple):
    """An answer to choose, and the `reply` that fits it: the reason why it is right or wrong."""

    text: str
    reply: str


class Question(NamedTuple):
    """A question with `choices`, of which the one at `answer` is right; or with an estimate, whose truth is `decades`.

    `layer` is the layer of the figure that the answer is about. `hides` is True if bars and tags would tell the answer.
    `curves` are drawn beside the choices. `shows` is the configuration that the answer leads to.
    `pair` names two layers that are compared.
    """

    kind: str
    text: str
    choices: tuple[Option, ...] = ()
    answer: int = -1
    decades: float = math.nan
    reply: str = ""
    layer: int | None = None
    hides: bool = True
    curves: tuple[tuple[float, ...], ...] = ()
    shows: Any = None
    pair: tuple[str, str] = ("", "")


class Feedback(NamedTuple):
    """The reply to a guess."""

    is_right: bool
    text: str


def choose(question: Question, guess: int) -> Feedback:
    """Return the feedback to the choice at a place."""
    is_right = guess == question.answer
    return Feedback(is_right, f"{'Right' if is_right else 'Not quite'}. {question.choices[guess].reply}")


def estimate(question: Question, decades: float) -> Feedback:
    """Return the feedback to an estimate, in decades."""
    off = decades - question.decades
    is_right = abs(off) <= tolerance(question.decades)
    if is_right:
        return Feedback(True, f"Right, within {abs(off):.1f} decades. {question.reply}")
    direction = "more" if off > 0 else "less"
    return Feedback(
        False, f"Not quite. Your {write_share(decades)} is {abs(off):.1f} decades {direction}. {question.reply}"
    )


def place_of(decades: float) -> float:
    """Return the end of an estimate's bar, 0 to 1; a half is ×1."""
    return 0.5 + 0.5 * decades / ESTIMATE_DECADES


def decades_at(place: float) -> float:
    """Return the estimate whose bar ends nearest to a place."""
    steps = round((2.0 * place - 1.0) * ESTIMATE_DECADES / ESTIMATE_STEP)
    return min(max(steps * ESTIMATE_STEP, -ESTIMATE_DECADES), ESTIMATE_DECADES)


def tolerance(decades: float) -> float:
    """The distance in decades that still counts as right."""
    return max(MIN_TOLERANCE, RELATIVE_TOLERANCE * abs(decades))


def write_share(decades: float) -> str:
    """A factor as a text: `1/84,000`, `×1.0`, `×95`, `10⁻⁹`."""
    if abs(decades) >= 6.0:
        return write_power_of_ten(round(decades))
    factor = 10.0 ** abs(decades)
    rounded = f"{factor:.1f}" if factor < 9.95 else f"{float(f'{factor:.2g}'):,.0f}"
    return f"1/{rounded}" if decades < 0 and rounded != "1.0" else f"×{rounded}"
