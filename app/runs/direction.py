"""The verdict on layers whose order may be a guess: no direction where the guess decides. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..figure.diagnosis import DEAD, NOT_FINITE, UNDECIDED, Verdict, diagnose
from ..figure.magnitudes import Magnitude, write_magnitude
from .run import Run


def diagnose_run(run: Run, magnitudes: Sequence[Magnitude]) -> Verdict:
    """The verdict on one magnitude a layer of a run, which has one at least.

    `undecided` where the layers' order is a guess, and another order that their names allow leads to another verdict.
    """
    return diagnose_in_orders(run.names, magnitudes, (run.names, *run.other_orders))


def diagnose_in_orders(
    layers: Sequence[str], magnitudes: Sequence[Magnitude], orders: Sequence[Sequence[str]], family: str = ""
) -> Verdict:
    """The verdict on magnitudes of layers in the first of some orders, `undecided` if another order has another."""
    verdicts = (diagnose(*in_order(layers, magnitudes, order), family=family) for order in orders)
    first = next(verdicts)
    if first.kind == NOT_FINITE or (first.kind == DEAD and not any(magnitudes)):  # in any order
        return first
    other = next((each for each in verdicts if each.kind != first.kind), None)
    if other is None:
        return first
    factor = "" if math.isnan(first.factor) else f" (×{write_magnitude(first.factor)} a layer)"
    text = (
        f"Undecided: the order of the layers is guessed, and it decides. In this order it is {first.kind}{factor}, "
        f"in another {other.kind}. Choose the order of layers"
    )
    return Verdict(UNDECIDED, text, first.steps, family=family, reason="The log doesn't tell the order of the layers.")


def in_order(
    layers: Sequence[str], magnitudes: Sequence[Magnitude], order: Sequence[str]
) -> tuple[list[str], list[Magnitude]]:
    """Names and magnitudes by the places of their layers; a layer without a place stays behind the one before it."""
    places, place, found = {name: at for at, name in enumerate(order)}, 0, list[int]()
    for name in layers:
        place = places.get(name, place)
        found.append(place)
    rows = sorted(range(len(layers)), key=found.__getitem__)
    return [called(layers[row]) for row in rows], [magnitudes[row] for row in rows]


def called(name: str) -> str:
    """A layer's name within a sentence: `layer 3` for a number."""
    return f"layer {name}" if name.isdigit() else name
