"""Training runs out of the files that people have: known by their content, read in pieces, put together by layer. Pure.

    reader = Reader("run.jsonl")
    while piece := file.read(65_536):
        reader.feed(piece)  # a few milliseconds each
    log = reader.finish()
    run = combine([log])[0]  # names, steps, norms (layers, steps), loss

What can't be used, and what was assumed, is said in `Run.problems`, with file, line or byte; `LogError` is raised where
nothing can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ..figure.mentions import mention
from ..figure.work import in_one_go, share_of
from .arrays import PIECE, Floats, Mask, Work, as_arrays, found_in, unmeasured
from .grouping import Group, Part, group_logs
from .layer_names import natural_key
from .layer_order import AS_LOGGED, BY_HAND, BY_NAME, FROM_NAMES, LayerOrder, ordering_layers
from .layers import Layers, fill_layers, place_steps, sort_into_layers, split_where_needed
from .norm_bounds import ESTIMATED, NormBounds, bounding_tables
from .ratios import dividing, placing
from .reader import Reader, read
from .reductions import (
    ASSUMED,
    ESTIMATE,
    GRADIENT_KINDS,
    KINDS,
    L2,
    OUTPUT,
    PREFERRED,
    RATIOS,
    SHORT,
    WEIGHT_NORM,
    reduction_label,
)
from .series import MAX_CELLS, Key, LogError, ParsedLog, Table

__all__ = ["Reader", "Run", "combine", "combining", "ordered", "read"]

NATURAL: Final = "natural"
LOGGED: Final = "logged"
FEWER: Final = 4  # times fewer series than another choice has: too few to be shown first
Choice = tuple[str, str]  # kind and reduction


@dataclass(frozen=True, eq=False)
class Run:
    """Gradient magnitudes of one run, by layer and step.

    `names`: the layers, in order; `steps`: shape (S,), ascending; `norms`: shape (layers, S), NaN where nothing was
    logged; `logged`: the same shape, False there, so that a logged NaN can be told from a missing value; `loss`: shape
    (S,), NaN where none was logged, or None, and `loss_logged`, where one was. `parameters`: of each layer, the names
    that are combined in it. `kind` and `reduction` as in `reductions`; `choices`: all that the files have. `sizes`: how
    many elements a layer has, as far as the files tell; an unknown parameter counts as one. `as_logged`: the layers in
    the order of the files, where known. `order_source`: where the order of the layers comes from (`layer_order`), and
    `other_orders`, what else it may be. `bounds`: of norms that are estimates, what they are at least and at most.
    `modules`: the type of each module, by name, and `optimizer`, its type; empty where the files don't tell. `weights`:
    of ratios, the norms of the weights that they were divided by, shape (layers, S); else None.
    """

    title: str
    names: tuple[str, ...]
    steps: Floats
    norms: Floats
    logged: Mask
    loss: Floats | None
    parameters: tuple[tuple[str, ...], ...]
    kind: str
    reduction: str
    choices: tuple[Choice, ...] = ()
    problems: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    as_logged: tuple[str, ...] = ()
    loss_logged: Mask | None = None
    order_source: str = AS_LOGGED
    other_orders: tuple[tuple[str, ...], ...] = ()
    bounds: NormBounds | None = None
    modules: Mapping[str, str] = field(default_factory=dict)
    optimizer: str = ""
    weights: Floats | None = None

    @property
    def is_gradient(self) -> bool:
        """True if the magnitudes are of gradients; of anything else no verdict can be given."""
        return self.kind in GRADIENT_KINDS

    @property
    def label(self) -> str:
        """The text on the picture: `parameter gradient ∂L/∂W, L2 norm`."""
        return choice_label(self.kind, self.reduction)


def choice_label(kind: str, reduction: str) -> str:
    """The kind and the reduction in words; of a ratio the kind alone."""
    return KINDS[kind] if kind in RATIOS else f"{KINDS[kind]}, {reduction_label(reduction)}"


Order = str | Sequence[str] | None


def combining(
    logs: Sequence[ParsedLog],
    kind: str | None = None,
    reduction: str | None = None,
    order: Order = None,
    title: str | None = None,
) -> Work[tuple[Run, ...]]:
    """Combine files into runs: those that name the same run, or are each a part of one, are put together.

    `kind` and `reduction` choose among what was logged (`Run.choices`); the default is an L2 norm. `order` is
    `"natural"` (layer.2 before layer.10), `"logged"`, or layers by name, the others after them; the default is as
    logged, but guessed from the names where the file is sorted by them. `title` is that of the wanted run; None: all.
    Parameters are combined into layers by their module's name. Raises LogError where nothing of that choice was logged.

    `combining` works in pieces of a few milliseconds and yields the share done, 0 to 1. `combine` returns the runs.
    """
    groups = [group for group in group_logs(logs) if title in {None, group.title}]
    runs: list[Run] = []
    for at, group in enumerate(groups):
        work = _with_bounds(_combined(group, kind, reduction, order), group)
        runs.append((yield from share_of(work, at / len(groups), 1 / len(groups))))
    return tuple(runs)


combine = in_one_go(combining)


def _with_bounds(work: Work[Run], group: Group) -> Work[Run]:
    """The run that some work makes; where its norms are estimates, with their bounds."""
    run = yield from work
    if run.reduction != ESTIMATE:
        return run
    low = yield from share_of(_bound(run, group, 0), 1.0, 0.0)
    high = yield from share_of(_bound(run, group, 1), 1.0, 0.0)
    rows = {name: row for row, name in enumerate(low.names)}
    return replace(run, bounds=NormBounds(rows, low.steps, low.norms, high.norms), problems=(*run.problems, ESTIMATED))


def _bound(run: Run, group: Group, side: int) -> Work[Run]:
    """The run with its norms' lower or upper bounds in their place."""
    logs = ((replace(log, tables=bounding_tables(log.tables, side)), name) for log, name in group.parts)
    return (yield from _combined(replace(group, parts=list(logs)), run.kind, ESTIMATE, run.names))


def _combined(group: Group, kind: str | None, reduction: str | None, order: Order) -> Work[Run]:
    title, parts = group.title, group.parts
    choices = _choices(parts)
    chosen = next((one for one in choices if kind in {None, one[0]} and reduction in {None, one[1]}), None)
    if chosen is None:
        offered = "; ".join(choice_label(*one) for one in choices)
        raise LogError(f"{title}: has no such magnitudes. It has: {offered}.")
    if chosen[0] in RATIOS:
        top = yield from _combined(group, RATIOS[chosen[0]], L2, order)
        return (yield from _ratio(top, group, chosen[0]))
    tables = [(log, log.tables[key]) for log, run in parts if (key := Key(run, *chosen)) in log.tables]
    steps, places = yield from place_steps([table for _, table in tables])
    layers = yield from sort_into_layers(tables, places, chosen[0])
    layers, problems = yield from split_where_needed(layers, len(steps), chosen[1])
    found = yield from _order(layers, _as_in_files(tables), parts, order)
    if len(found.names) * len(steps) > MAX_CELLS:
        raise LogError(
            f"{title}: {len(found.names):,} layers by {len(steps):,} steps are more than the {MAX_CELLS:,} values "
            "there is room for. Log every tenth step."
        )
    norms, logged = yield from fill_layers([layers[name] for name in found.names], len(steps), chosen[1])
    loss, there = yield from share_of(_placing_loss(parts, steps), 1.0, 0.0)
    return Run(
        title,
        found.names,
        steps,
        norms,
        logged,
        loss,
        tuple(tuple(layers[name]) for name in found.names),
        *chosen,
        choices=choices,
        problems=(*_problems(group), *problems, *_assumed(found, tuple(layers), chosen[1])),
        sizes=tuple(sum(each.size or 1 for each in layers[name].values()) for name in found.names),
        as_logged=tuple(layers),
        loss_logged=there,
        order_source=found.source,
        other_orders=found.others,
        modules={name: each for log, _ in parts for name, each in log.modules.items()},
        optimizer=next((log.optimizer for log, _ in reversed(parts) if log.optimizer), ""),
    )


def _ratio(top: Run, group: Group, kind: str) -> Work[Run]:
    """A run divided by the norms of the weights of the same parameters."""
    wanted = {name for names in top.parameters for name in names}
    parts = [(replace(log, tables=_weights_of(log, wanted)), run) for log, run in group.parts]
    below = yield from _combined(replace(group, parts=parts), WEIGHT_NORM, L2, top.names)
    rows = {name: row for row, name in enumerate(below.names)}
    placed = yield from placing(below.norms, below.steps, top.steps)
    weights = np.stack([placed[rows[name]] if name in rows else np.full(len(top.steps), np.nan) for name in top.names])
    norms, logged = yield from dividing(top.norms, top.logged, weights)
    return replace(top, kind=kind, norms=norms, logged=logged, weights=weights, choices=_choices(group.parts))


def _weights_of(log: ParsedLog, wanted: set[str]) -> dict[Key, Table]:
    """The norms of the wanted parameters' weights."""
    return {
        key: Table(table.rows, {name: column for name, column in table.columns.items() if name in wanted})
        for key, table in log.tables.items()
        if key.kind == WEIGHT_NORM
    }


def _as_in_files(tables: list[tuple[ParsedLog, Table]]) -> list[str]:
    """The parameters' names as they come in the files."""
    return list(dict.fromkeys(name for _, table in tables for name in table.columns))


def _order(layers: Layers, logged: list[str], parts: list[Part], order: Order) -> Work[LayerOrder]:
    if order is None:
        is_defined = all(log.ordered for log, _ in parts)
        return (yield from unmeasured(ordering_layers(list(layers), logged, defined=is_defined)))
    return LayerOrder(ordered(list(layers), order), source_of(order))


def source_of(order: str | Sequence[str]) -> str:
    """The source of an order that somebody chose."""
    return {NATURAL: BY_NAME, LOGGED: AS_LOGGED}.get(order, BY_HAND) if isinstance(order, str) else BY_HAND


def _problems(group: Group) -> tuple[str, ...]:
    told = (f"{log.file}: {problem}" for log, _ in group.parts for problem in log.problems)
    return tuple(dict.fromkeys([*told, *group.problems]))


def _assumed(order: LayerOrder, logged: tuple[str, ...], reduction: str) -> list[str]:
    """The assumptions about a run, a sentence each."""
    found = []
    if order.source == FROM_NAMES and (order.names != logged or order.others):
        found.append(
            f"The order of the layers is guessed from their names, from {mention(order.names[0])} at the input to "
            f"{mention(order.names[-1])} at the loss, for the log is sorted. Change it where that is wrong."
        )
    if reduction == ASSUMED:
        found.append("How the gradients were reduced is not said: taken for L2 norms.")
    return found


def _choices(parts: list[Part]) -> tuple[Choice, ...]:
    """The kinds and reductions in the files, the one to show first first."""
    recorded = {*SHORT, OUTPUT}  # by the recorder, beside gradients by parameters
    series: dict[Choice, int] = {}
    for log, run in parts:
        for key, table in log.tables.items():
            if key.run == run:
                series[key.kind, key.reduction] = series.get((key.kind, key.reduction), 0) + len(table.columns)
    most = max((count for (kind, _), count in series.items() if kind not in recorded), default=0)
    for ratio, divided in RATIOS.items():
        if (divided, L2) in series and (WEIGHT_NORM, L2) in series:
            series[ratio, L2] = series[divided, L2]

    def rank(choice: Choice) -> tuple[bool, bool, int, int, str]:
        kind, reduction = choice
        known = PREFERRED.index(reduction) if reduction in PREFERRED else len(PREFERRED)
        return (kind in recorded, FEWER * series[choice] < most, list(KINDS).index(kind), known, reduction)

    return tuple(sorted(series, key=rank))


def ordered(names: Sequence[str], order: str | Sequence[str]) -> tuple[str, ...]:
    """Names in an order: `"natural"`, `"logged"` (as they are), or those given first and the others after them."""
    if order == NATURAL:
        return tuple(sorted(names, key=natural_key))
    if isinstance(order, str):
        return tuple(names)
    there = set(names)
    first = {name: None for name in order if name in there}
    return (*first, *(name for name in names if name not in first))


def _placing_loss(parts: list[Part], steps: Floats) -> Work[tuple[Floats, Mask] | tuple[None, None]]:
    """The loss at the steps that have gradients, and where one was logged; None where that is at none of them."""
    loss, logged = np.full(len(steps), np.nan), np.zeros(len(steps), np.bool_)
    for log, run in parts:
        losses = log.losses.get(run, {})
        where, values = yield from as_arrays((losses, losses.values()))
        for start in range(0, len(where), PIECE):
            yield 0.0
            at, there = found_in(where[start : start + PIECE], steps)
            loss[at[there]] = values[start : start + PIECE][there]
            logged[at[there]] = True
    return (loss, logged) if logged.any() else (None, None)
