"""Parameters of one run sorted into layers, from all its files, and combined by step. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..figure.work import share_of
from .arrays import PIECE, Floats, Mask, Places, Work, as_arrays, distinct, places_of
from .issues import name_list
from .layer_names import layer_of
from .merging import merging
from .reductions import BY_PARAMETER, MEAN, RMS, STD
from .series import NAMES_PER_PAUSE, Column, ParsedLog, Table

CALL_ROWS: Final = 64


@dataclass
class Parameter:
    """A parameter's values in the files: columns, each with its rows' places; `size`: its elements, where known."""

    size: int | None
    columns: list[tuple[Column, Places | None]]


Layers = dict[str, dict[str, Parameter]]  # by layer and parameter, both as they come in the files


def place_steps(tables: list[Table]) -> Work[tuple[Floats, list[Places | None]]]:
    """All steps, ascending, and of each table the places among them of its rows, None where these are the same."""
    listed = yield from as_arrays(table.rows for table in tables)
    steps = distinct(np.concatenate(listed))
    places: list[Places | None] = []
    for one in listed:
        yield 0.0
        places.append(None if np.array_equal(one, steps) else (yield from places_of(one, steps)))
    return steps, places


def sort_into_layers(tables: list[tuple[ParsedLog, Table]], places: list[Places | None], kind: str) -> Work[Layers]:
    """The parameters of each layer, both as they come in the files. What is no parameter is a layer itself."""
    sizes = [log.sizes for log, _ in tables if log.sizes]
    known: dict[str, Parameter] = {}
    layers: Layers = {}
    for (_, table), place in zip(tables, places, strict=True):
        yield 0.0
        for count, (name, column) in enumerate(table.columns.items(), start=1):
            if count % NAMES_PER_PAUSE == 0:
                yield 0.0
            parameter = known.get(name)
            if parameter is None:
                layer = layer_of(name) if kind in BY_PARAMETER else name
                parameter = Parameter(next((told[name] for told in sizes if name in told), None), [])
                known[name] = layers.setdefault(layer, {})[name] = parameter
            parameter.columns.append((column, place))
    yield 0.0
    return _without_lone_numbers(layers)


def _without_lone_numbers(layers: Layers) -> Layers:
    """The only layer of a recurrent module has the module's name: `lstm.l0` is `lstm` where there is no `lstm.l1`."""
    found: Layers = {}
    for name, parameters in layers.items():
        module = name.removesuffix(".l0")
        is_alone = module != name and f"{module}.l1" not in layers and module not in layers
        found[module if is_alone and "weight_ih_l0" in "".join(parameters) else name] = parameters
    return found


def split_where_needed(layers: Layers, steps: int, reduction: str) -> Work[tuple[Layers, list[str]]]:
    """Layers whose parameters can't be combined, as one row a parameter; and a sentence for each reason."""
    problems: list[str] = []
    if reduction == STD or (reduction in {RMS, MEAN} and _any_unknown_size(layers)):
        needed = "means" if reduction == STD else "sizes"
        found = {name: one for layer in layers.values() for name, one in layer.items()}
        if len(found) > len(layers):
            what = {STD: "Standard deviations", RMS: "RMS values", MEAN: "Means"}[reduction]
            problems.append(f"{what} of parameters can't be combined without their {needed}: each is its own row.")
            return {name: {name: parameter} for name, parameter in found.items()}, problems
        return layers, problems
    apart: list[str] = []
    partly: list[str] = []
    found_layers: Layers = {}
    looked_at = 0  # rows, of which a call costs as many as CALL_ROWS
    for layer, parameters in layers.items():
        looked_at += (steps + CALL_ROWS) * len(parameters)
        if looked_at > PIECE:
            looked_at = 0
            yield 0.0
        shared, some = _logged_together(list(parameters.values()), steps)
        if some and not shared:
            apart.append(layer)
            found_layers.update({name: {name: parameter} for name, parameter in parameters.items()})
        else:
            partly += [layer] if shared < some else []
            found_layers[layer] = parameters
    if apart:
        problems.append(f"The parameters of {name_list(apart)} are never logged at the same step: each is its own row.")
    if partly:
        problems.append(
            f"At some steps not all parameters of {name_list(partly)} were logged; there these layers have no value."
        )
    return found_layers, problems


def _any_unknown_size(layers: Layers) -> bool:
    return any(one.size is None for layer in layers.values() if len(layer) > 1 for one in layer.values())


def _logged_together(parameters: list[Parameter], steps: int) -> tuple[int, int]:
    """At how many steps all of some parameters were logged, of how many at which one at least was."""
    if all(_is_whole(parameter, steps) for parameter in parameters):
        return steps, steps
    masks = [mask for parameter in parameters if (mask := series_of(parameter, steps)[1]).any()]
    if not masks:
        return 0, 0
    return int(np.logical_and.reduce(masks).sum()), int(np.logical_or.reduce(masks).sum())


def _is_whole(parameter: Parameter, steps: int) -> bool:
    """True if it was logged at every step, which is the usual case and quickly known."""
    column, place = parameter.columns[0]
    return len(parameter.columns) == 1 and place is None and column.logged.count(1) == steps


def fill_layers(layers: list[dict[str, Parameter]], steps: int, reduction: str) -> Work[tuple[Floats, Mask]]:
    """The norms of each layer by step, shape (layers, steps), and where there are any."""
    norms = np.empty((len(layers), steps))  # filled row by row, for all at once would take too long
    logged = np.empty(norms.shape, np.bool_)
    for row, parameters in enumerate(layers):
        values, there = [], []
        for parameter in parameters.values():
            yield row / len(layers)
            series, mask = series_of(parameter, steps)
            values.append(series)
            there.append(mask)
        sizes = [parameter.size or 1 for parameter in parameters.values()]
        work = merging(values, there, reduction, sizes, norms[row], logged[row])
        yield from share_of(work, row / len(layers), 1 / len(layers))
    return norms, logged


def series_of(parameter: Parameter, steps: int) -> tuple[Floats, Mask]:
    """A parameter's values, and where one was logged; where two files logged the same step, the later one stands."""
    if len(parameter.columns) == 1:
        column, place = parameter.columns[0]
        if place is None and len(column.values) == steps:  # as it is, without a copy
            return np.frombuffer(column.values, np.float64), np.frombuffer(column.logged, np.bool_)
    values, there = np.full(steps, np.nan), np.zeros(steps, np.bool_)
    for column, place in parameter.columns:
        logged = np.frombuffer(column.logged, np.bool_)
        where = np.flatnonzero(logged) if place is None else place[: len(logged)][logged]
        values[where] = np.frombuffer(column.values, np.float64)[logged]
        there[where] = True
    return values, there
