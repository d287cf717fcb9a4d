"""The label of a trained network: a rule over its learning and its ∂L/∂z, neither of which the verdict sees.

A network *learns* if at the end it avoids at least LEARNED of the loss of a constant prediction (and, in a
classification, is that much better than guessing) and has not lost that much of what it knew. It is *stuck* if it
avoids less than STUCK. Its gradients *fall* or *rise* if ‖∂L/∂z‖
changes by FAR decades or more from the output to the input, by a fitted line and from end to end.

- `not finite`: a loss or a weight is NaN or infinite at the end.
- `dead`: stuck, and ∂L/∂z is exactly 0 from some layer down to the input.
- `vanishing`, `exploding`: stuck, and its gradients fall or rise.
- `healthy`: learns, and its gradients neither fall nor rise; or its loss is exactly 0, which leaves no gradient.
- `either`: all others. Nobody can say that an alarm is wrong there, or that none is.

A sick network without biases is *blind*: norms of ∂L/∂W alone can't show what is wrong with it.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from bench.truth.probe import line
from bench.truth.training import Case, Trained

LEARNED: Final = 0.2
STUCK: Final = 0.05
FAR: Final = 1.3  # decades

HEALTHY, VANISHING, EXPLODING, DEAD, NOT_FINITE, EITHER = (
    "healthy",
    "vanishing",
    "exploding",
    "dead",
    "not finite",
    "either",
)


class Label(NamedTuple):
    """The truth about a network and what it follows from."""

    truth: str
    blind: bool
    decades: float  # of ‖∂L/∂z‖ by the fitted line, negative if they are lost on the way to the input
    ends: float  # of ‖∂L/∂z‖ from end to end
    r_squared: float
    skill: float
    last_loss: float
    accuracy: float


def label(case: Case, trained: Trained) -> Label:
    """Return the label of a trained network."""
    decades, ends, r_squared = line(trained.norms)
    truth = _truth(trained, decades, ends)
    sick = truth not in {HEALTHY, EITHER}
    blind = sick and truth != NOT_FINITE and not case.biases
    return Label(truth, blind, decades, ends, r_squared, trained.skill, trained.last_loss, trained.accuracy)


def _truth(trained: Trained, decades: float, ends: float) -> str:
    if not trained.finite:
        return NOT_FINITE
    stuck = _is_stuck(trained)
    if stuck and len(trained.norms) and trained.norms[0] == 0:
        return DEAD
    if stuck and min(decades, ends, key=abs) * math.copysign(1, decades) >= FAR and decades * ends > 0:
        return EXPLODING if decades > 0 else VANISHING
    if _learns(trained) and trained.last_loss == 0:
        return HEALTHY
    if _learns(trained) and max(abs(decades), abs(ends)) < FAR:
        return HEALTHY
    return EITHER


def _is_stuck(trained: Trained) -> bool:
    return trained.skill < STUCK and not _guesses_well(trained)


def _learns(trained: Trained) -> bool:
    kept = trained.skill >= trained.best_skill - LEARNED
    return kept and trained.skill >= LEARNED and (math.isnan(trained.accuracy) or _guesses_well(trained))


def _guesses_well(trained: Trained) -> bool:
    """Return True if the network is far better than one that always names the commonest class."""
    return trained.accuracy - trained.guess >= LEARNED * (1 - trained.guess)
