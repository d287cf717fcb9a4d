"""The verdict on a run's layers: no direction where their order is a guess, and the guess decides. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..figure.diagnosis import DEAD, NOT_FINITE, UNDECIDED, Verdict, diagnose
from ..figure.magnitudes import Magnitude
from .run import Run


def diagnose_run(run: Run, magnitudes: Sequence[Magnitude]) -> Verdict:
    """The verdict on one magnitude a layer of a run, which has one at least.

    `undecided` where the layers' order is a guess, and another order that their names allow leads to another verdict.
    """
    verdict = diagnose(run.names, magnitudes)
    if verdict.kind in {DEAD, NOT_FINITE}:  # in any order
        return verdict
    by_name = dict(zip(run.names, magnitudes, strict=True))
    others = (diagnose(names, [by_name[name] for name in names]) for names in run.other_orders)
    other = next((each for each in others if each.kind != verdict.kind), None)
    if other is None:
        return verdict
    text = (
        f"Undecided: the order of the layers is guessed, and it decides. In this order it is {verdict.kind} "
        f"{_factor(verdict)}, in another {other.kind}. Choose the order of layers"
    )
    return Verdict(UNDECIDED, text, verdict.steps)


def _factor(verdict: Verdict) -> str:
    """`(×0.23 a layer)`."""
    return f"({verdict.text.partition(': ')[2].partition(',')[0]})"
