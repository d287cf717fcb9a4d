"""The verdict on layers whose order may be a guess: no direction where the guess decides. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..figure.diagnosis import DEAD, NOT_FINITE, UNDECIDED, Verdict, diagnose
from ..figure.magnitudes import Magnitude, write_magnitude
from .run import Run


class Arrangement(NamedTuple):
    """Rows in one order: their names, and their places in the order in which magnitudes are given."""

    names: tuple[str, ...]
    rows: tuple[int, ...]


def arranged(layers: Sequence[str], order: Sequence[str]) -> Arrangement:
    """Rows by the places of their layers in an order; one without a place stays behind the one before it."""
    places, place, found = {name: at for at, name in enumerate(order)}, 0, list[int]()
    for name in layers:
        place = places.get(name, place)
        found.append(place)
    rows = sorted(range(len(layers)), key=found.__getitem__)
    return Arrangement(tuple(layers[row] for row in rows), tuple(rows))


def diagnose_run(run: Run, magnitudes: Sequence[Magnitude]) -> Verdict:
    """The verdict on one magnitude a layer of a run, which has one at least.

    `undecided` where the layers' order is a guess, and another order that their names allow leads to another verdict.
    """
    return diagnose_in_orders([arranged(run.names, order) for order in (run.names, *run.other_orders)], magnitudes)


def diagnose_in_orders(orders: Sequence[Arrangement], magnitudes: Sequence[Magnitude], family: str = "") -> Verdict:
    """The verdict on magnitudes of rows in the first of some orders, `undecided` if another order has another."""
    verdicts = (diagnose(order.names, [magnitudes[row] for row in order.rows], family=family) for order in orders)
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
