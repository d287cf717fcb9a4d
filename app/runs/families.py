"""Families of like series in a run's logs, for a verdict compares like with like. Pure.

The logs' own series are sorted, not the layers of the picture, which combine weights with biases. ‖∂L/∂z‖ of modules
tells how the gradient flows. So do the gradients of biases, Σ ∂L/∂z over the batch. Those of weights don't: in networks
of ReLU or linear layers ⟨W, ∂L/∂W⟩ is equal in all layers (Du, Hu and Lee, "Algorithmic regularization in learning deep
homogeneous models", 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np

from ..figure.diagnosis import MIN_ROWS
from .arrays import Floats, Mask, Work, median
from .grouping import Part, group_logs
from .layer_order import order_layers
from .layers import Layers, Parameter, place_steps, series_of, sort_into_layers
from .reductions import ACTIVATION, OUTPUT, PARAMETER, PREFERRED, UNKNOWN, UPDATE_NORM, WEIGHT_NORM
from .roles import AFFINE, NORM, OF_BIAS, OF_WEIGHT, RECURRENT, ParameterRole, module_role, role_of
from .series import Key, ParsedLog

BY_OUTPUTS: Final = "∂L/∂z of modules"
BY_ACTIVATIONS: Final = "∂L/∂a of layers"
BY_BIASES: Final = "gradients of biases"
BY_SHIFTS: Final = "gradients of normalisation layers' biases"
BY_GAINS: Final = "gradients of normalisation layers' weights"
BY_WEIGHTS: Final = "gradients of weights"
BY_LAYERS: Final = "gradients of layers"
IN_A_ROW: Final = frozenset(
    (  # names of parts that follow each other, though their inner names may be equal
        *(
            "backbone",
            "body",
            "bottom",
            "classifier",
            "conv",
            "dec",
            "decoder",
            "down",
            "enc",
            "encoder",
            "fc",
            "features",
        ),
        *(
            "first",
            "head",
            "in",
            "input",
            "last",
            "lower",
            "mlp",
            "neck",
            "net",
            "out",
            "output",
            "post",
            "pre",
            "second",
        ),
        *("stem", "tail", "top", "trunk", "up", "upper"),
    )
)
MIN_CHAIN: Final = 3  # biases along the depth, if not every layer has one
MAX_MOVING: Final = 100  # weight matrices whose ‖ΔW‖/‖W‖ is looked at
MAX_SAMPLED: Final = 64  # steps that tell if a bias comes before a normalisation
# A bias whose gradient is smaller is 0 up to rounding: than the own weight's and the next bias's; before a norm.
NULL_OF_WEIGHT, NULL_OF_NEXT, NULL_BEFORE_NORM = 1e-5, 1e-4, 1e-3


@dataclass(frozen=True, eq=False)
class Family:
    """Like series, one a row, the input first as in the files.

    `layers` are the rows' layers, `parameters` their names in the logs, `series` their values by step and where one was
    logged; `steps` has shape (S,).
    `role` is what the rows share of their names, empty if they are all of a kind that there are.
    """

    basis: str
    role: str
    layers: tuple[str, ...]
    parameters: tuple[str, ...]
    steps: Floats
    series: tuple[tuple[Floats, Mask], ...]

    @property
    def label(self) -> str:
        """`gradients of biases, h.*.attn.c_attn`."""
        return f"{self.basis}, {self.role}" if self.role else self.basis


@dataclass(frozen=True, eq=False)
class Families:
    """The families that a run is judged by, all of one basis; none if the logs have nothing that tells."""

    basis: str
    members: tuple[Family, ...] = ()
    movement: tuple[Family, Family] | None = None  # ‖ΔW‖ and ‖W‖ of the same matrices


@dataclass(frozen=True)
class _Row:
    """A series with its role and its layer."""

    role: ParameterRole
    layer: str
    name: str
    parameter: Parameter


@dataclass
class _Sorted:
    """All series of one kind: by role, on the same steps."""

    steps: Floats = field(default_factory=lambda: np.empty(0))
    rows: list[_Row] = field(default_factory=list)


def finding_families(logs: Sequence[ParsedLog], title: str) -> Work[Families]:
    """The families of the run with this title among the logs, found in pieces of a few milliseconds."""
    parts = next((group.parts for group in group_logs(logs) if group.title == title), [])
    types = {name: each for log, _ in parts for name, each in log.modules.items()}
    found = yield from _finding(parts, types)
    return replace(found, movement=(yield from _movement(parts, types)))


def _finding(parts: Sequence[Part], types: dict[str, str]) -> Work[Families]:
    outputs = yield from _sorting(parts, OUTPUT, lambda name, _layer: module_role(name, types))
    found = _of_outputs(outputs)
    if found is not None:
        return found
    for kind in (PARAMETER, ACTIVATION, UNKNOWN):
        series = yield from _sorting(parts, kind, lambda name, layer: role_of(name, types, layer))
        if not series.rows:
            continue
        if kind == PARAMETER or any(row.role.part == OF_BIAS for row in series.rows):
            return _of_parameters(series)
        return (
            Families(BY_ACTIVATIONS, _grouped(BY_ACTIVATIONS, series, series.rows))
            if kind == ACTIVATION
            else _none(BY_LAYERS)
        )
    return _none(BY_LAYERS)


def _movement(parts: Sequence[Part], types: dict[str, str]) -> Work[tuple[Family, Family] | None]:
    """‖ΔW‖ and ‖W‖ of weight matrices, at most MAX_MOVING of them: enough for their median."""
    sides = []
    for kind in (UPDATE_NORM, WEIGHT_NORM):
        series = yield from _sorting(parts, kind, lambda name, layer: role_of(name, types, layer))
        moving = [row for row in series.rows if row.role.part == OF_WEIGHT and row.role.kind in {AFFINE, RECURRENT}]
        sides.append((series, {row.name: row for row in moving}))
    (updates, moved), (weights, there) = sides
    names = [name for name in moved if name in there]
    names = names[:: max(1, len(names) // MAX_MOVING)]
    if not names:
        return None
    return (
        _family("‖ΔW‖", "", updates, [moved[name] for name in names]),
        _family("‖W‖", "", weights, [there[name] for name in names]),
    )


def _none(basis: str) -> Families:
    return Families(basis)


def _sorting(parts: Sequence[Part], kind: str, role: Callable[[str, str], ParameterRole]) -> Work[_Sorted]:
    """The series of one kind, by the reduction that is best known."""
    keys = [key for log, run in parts for key in log.tables if key.run == run and key.kind == kind]
    if not keys:
        return _Sorted()
    reduction = min((key.reduction for key in keys), key=lambda one: PREFERRED.index(one) if one in PREFERRED else 99)
    tables = [(log, log.tables[key]) for log, run in parts if (key := Key(run, kind, reduction)) in log.tables]
    steps, places = yield from place_steps([table for _, table in tables])
    layers: Layers = yield from sort_into_layers(tables, places, kind)
    logged = list(dict.fromkeys(name for _, table in tables for name in table.columns))
    rows = []
    for layer in order_layers(list(layers), logged, defined=all(log.ordered for log, _ in parts)).names:
        yield 0.5
        rows += [_Row(role(name, layer), layer, name, parameter) for name, parameter in layers[layer].items()]
    return _Sorted(steps, rows)


def _of_outputs(series: _Sorted) -> Families | None:
    """By ∂L/∂z, of affine modules if there are two, else of all but normalisation layers; None without any."""
    there = [row for row in series.rows if row.role.kind != NORM and not row.role.is_expert]
    affine = [row for row in there if row.role.kind == AFFINE and not row.role.is_score]
    rows = affine if len(affine) > 1 else there
    return Families(BY_OUTPUTS, _grouped(BY_OUTPUTS, series, rows)) if rows else None


def _of_parameters(series: _Sorted) -> Families:
    known = [row for row in series.rows if row.role.part in {OF_BIAS, OF_WEIGHT} and not row.role.is_expert]
    if not known:
        return _none(BY_LAYERS)
    affine = [row for row in known if row.role.kind in {AFFINE, RECURRENT}]
    layers = {row.layer for row in affine if row.role.part == OF_WEIGHT}
    null = _null_biases(series, affine)
    biases = [row for row in affine if row.role.part == OF_BIAS and id(row) not in null and _tells(row.role)]
    if len(biases) >= MIN_ROWS or 2 <= len(biases) >= min(len(layers), MIN_ROWS):
        return Families(BY_BIASES, _grouped(BY_BIASES, series, biases))
    shifts, gains = (
        [row for row in known if row.role.kind == NORM and row.role.part == part] for part in (OF_BIAS, OF_WEIGHT)
    )
    if len(shifts) >= MIN_ROWS:
        return Families(BY_SHIFTS, _grouped(BY_SHIFTS, series, shifts))
    telling = {id(row) for row in (*biases, *shifts)}
    chain = _chain([row for row in known if row.role.kind in {AFFINE, RECURRENT, NORM}], telling)
    found = _grouped(BY_BIASES, series, chain) if chain else ()
    if [len(family.layers) for family in found] == [len(chain)]:
        return Families(BY_BIASES, found)
    return Families(BY_GAINS, _grouped(BY_GAINS, series, gains)) if len(gains) >= MIN_ROWS else _none(BY_WEIGHTS)


def _chain(rows: Sequence[_Row], telling: set[int]) -> list[_Row]:
    """The biases that tell, if there are a few along the whole depth: at each module, or at its neighbour.

    A bias may be that of a normalisation layer, which stands for the bias of the layer before it.
    """
    found = [row for row in rows if id(row) in telling]
    modules = list(dict.fromkeys(row.role.module for row in rows))
    told = {row.role.module for row in found}
    has_gap = any(module not in told and after not in told for module, after in pairwise(modules))
    return found if len(found) >= MIN_CHAIN and not has_gap else []


def _tells(role: ParameterRole) -> bool:
    """False for biases of attention's scores, and for the second biases of recurrent layers, which equal the first."""
    return not role.is_score and not (role.kind == RECURRENT and ".bias_hh" in role.place)


def _null_biases(series: _Sorted, rows: Sequence[_Row]) -> set[int]:
    """The biases before a normalisation, which takes the mean away: their gradient is 0 up to rounding.

    Known by the type or the name of the next module, else by their size beside the own weight's and the next bias's.
    """
    weights = {row.role.module: row for row in rows if row.role.part == OF_WEIGHT}
    norms = {row.role.module for row in series.rows if row.role.kind == NORM}
    following = dict(pairwise(dict.fromkeys(row.role.module for row in series.rows)))
    biases = [row for row in rows if row.role.part == OF_BIAS]
    found, after = set[int](), 0.0
    for row in reversed(biases):
        module, size = row.role.module, _sample(series, row)
        weight = _sample(series, weights[module]) if module in weights else 0.0
        is_followed = following.get(module) in norms
        if (is_followed and size < NULL_BEFORE_NORM * weight) or size < min(
            NULL_OF_WEIGHT * weight, NULL_OF_NEXT * after
        ):
            found.add(id(row))
        else:
            after = size  # several in a row may be 0, as in a linear network
    return found


def _sample(series: _Sorted, row: _Row) -> float:
    """The median of a series over some of its steps; 0 if nothing was logged there."""
    values, there = series_of(row.parameter, len(series.steps))
    some = slice(None, None, max(1, len(values) // MAX_SAMPLED))
    logged = values[some][there[some] & np.isfinite(values[some])]
    return float(median(logged)) if logged.size else 0.0


def _grouped(basis: str, series: _Sorted, rows: Sequence[_Row]) -> tuple[Family, ...]:
    """One family, or one for each branch; in a network of blocks or recurrent layers one for each role.

    Of these the ones with rows enough for a slope count, if there are some.
    """
    places: dict[str, list[_Row]] = {}
    for row in rows:
        places.setdefault(row.role.place, []).append(row)
    several = [group[0].role for group in places.values() if len(group) > 1]
    if len({role.inner for role in several}) < 2 and all(role.kind != RECURRENT for role in several):
        places = _branches(rows)
    for least in (MIN_ROWS, 2):
        found = {place: group for place, group in places.items() if len(group) >= least}
        if found:
            return tuple(_family(basis, place, series, group) for place, group in found.items())
    return (_family(basis, "", series, rows),)


def _branches(rows: Sequence[_Row]) -> dict[str, list[_Row]]:
    """Rows by the branch that they lie in: modules beside each other with equal inner names, such as several heads.

    The rows outside of all branches are under the empty name.
    """
    inner: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        parts = row.role.module.replace("/", ".").split(".")
        for depth, part in enumerate(parts[:-1]):
            if part.isalpha() and part.casefold() not in IN_A_ROW:
                children = inner.setdefault(".".join(parts[:depth]), {})
                children.setdefault(part, set()).add(".".join(parts[depth + 1 :]))
    branches = [
        f"{parent}.{child}".lstrip(".")
        for parent, children in inner.items()
        for child, names in children.items()
        if len(names) > 1 and sum(names == others for others in children.values()) > 1
    ]
    found: dict[str, list[_Row]] = {}
    for row in rows:
        module = row.role.module.replace("/", ".")
        found.setdefault(next((name for name in branches if module.startswith(f"{name}.")), ""), []).append(row)
    return found


def _family(basis: str, role: str, series: _Sorted, rows: Sequence[_Row]) -> Family:
    layers, parameters = tuple(row.layer for row in rows), tuple(row.name for row in rows)
    found = tuple(series_of(row.parameter, len(series.steps)) for row in rows)
    return Family(basis, role, layers, parameters, series.steps, found)
