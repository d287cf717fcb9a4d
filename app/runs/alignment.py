"""Runs brought to the same layers, steps and order, so that they lie side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..figure.work import share_of
from .arrays import Floats, Work, distinct, found_in
from .collector import MAX_CELLS, LogError
from .run import LOGGED, Run, ordered, source_of


@dataclass(frozen=True, eq=False)
class Alignment:
    """Two runs by the same layers: `left` and `right` are rows of their `norms`, one for each of `names`.

    `only_left` and `only_right` have no counterpart; `problems` says so, and what else stands against comparing.
    """

    names: tuple[str, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    problems: tuple[str, ...]


def align(left: Run, right: Run) -> Alignment:
    """Two runs aligned by layer name, in the order of the left one. Layers that one side lacks are named."""
    at = {name: row for row, name in enumerate(right.names)}
    names = tuple(name for name in left.names if name in at)
    ours = {name: row for row, name in enumerate(left.names)}
    only_left = tuple(name for name in left.names if name not in at)
    only_right = tuple(name for name in right.names if name not in ours)
    problems = list(_missing(right.title, only_left)) + list(_missing(left.title, only_right))
    if left.label != right.label:
        problems.append(
            f"{left.title} has the {left.label}, {right.title} the {right.label}: their sizes can't be compared."
        )
    if not found_in(left.steps, right.steps)[1].any():
        problems.append(f"{left.title} and {right.title} have no step in common.")
    rows = tuple(ours[name] for name in names), tuple(at[name] for name in names)
    return Alignment(names, *rows, only_left, only_right, tuple(problems))


def pairing(left: Run, right: Run) -> Work[tuple[Run, Run]]:
    """Both runs by the left one's layers, in its order, on the union of their steps, to lie side by side; in pieces.

    Where a run has a layer or a step that the other lacks, the other is not logged: `align` says which layers. A run
    that is so already is returned as it is. Raises LogError where there are more values than there is room for.
    """
    steps = distinct(np.concatenate([left.steps, right.steps]))
    if len(left.names) * len(steps) > MAX_CELLS:
        raise LogError(
            f"{left.title} and {right.title}: together they have {len(steps):,} steps, and {len(left.names):,} layers "
            f"by these are more than the {MAX_CELLS:,} values there is room for. Fold layers into blocks first."
        )
    first = yield from share_of(_gathering(left, left.names, steps), 0.0, 0.5)
    second = yield from share_of(_gathering(right, left.names, steps), 0.5, 0.5)
    return first, second


def reordering(run: Run, order: str | Sequence[str]) -> Work[Run]:
    """The run with its layers in another order, in pieces: `"natural"`, `"logged"`, or those named and then the others.

    An order that somebody chose is no guess any more.
    """
    names = ordered(run.names, run.as_logged or LOGGED) if order == LOGGED else ordered(run.names, order)
    moved = yield from _gathering(run, names, run.steps)
    source = source_of(order)
    if moved is run and run.order_source == source and not run.other_orders:
        return run
    return replace(moved, order_source=source, other_orders=())


def _gathering(run: Run, names: tuple[str, ...], steps: Floats) -> Work[Run]:
    """The run by these layers and these steps, all of its own among them; what it doesn't have is not logged."""
    same = np.array_equal(steps, run.steps)
    if same and names == run.names:
        return run
    rows = {name: row for row, name in enumerate(run.names)}
    where = slice(None) if same else np.searchsorted(steps, run.steps)
    norms, logged = np.empty((len(names), len(steps))), np.empty((len(names), len(steps)), np.bool_)
    weights = None if run.weights is None else np.full(norms.shape, np.nan)
    for at, name in enumerate(names):
        yield at / len(names)
        if name not in rows or not same:
            norms[at], logged[at] = np.nan, False
        if name in rows:
            norms[at, where], logged[at, where] = run.norms[rows[name]], run.logged[rows[name]]
        if name in rows and run.weights is not None and weights is not None:
            weights[at, where] = run.weights[rows[name]]
    loss, there = run.loss, run.loss_logged
    if loss is not None and there is not None and not same:
        loss, there = np.full(len(steps), np.nan), np.zeros(len(steps), np.bool_)
        loss[where], there[where] = run.loss, run.loss_logged
    parameters = tuple(run.parameters[rows[name]] if name in rows else () for name in names)
    sizes = tuple(run.sizes[rows[name]] if name in rows else 0 for name in names) if run.sizes else ()
    moved = replace(run, names=names, steps=steps, parameters=parameters, sizes=sizes, loss=loss, loss_logged=there)
    return replace(moved, norms=norms, logged=logged, weights=weights)


def _missing(title: str, names: Iterable[str]) -> Iterable[str]:
    names = list(names)
    if names:
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        yield f"{title} has no {shown} ({len(names):,} {'layer' if len(names) == 1 else 'layers'})."
