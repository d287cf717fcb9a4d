"""Long form: a row or an object for each layer and step, `{"step": 10, "layer": "fc1", "grad_norm": 0.1}`. Pure.

Which field names the layer, which hold its values, and under which name each value goes to the collector.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from .. import metric_names
from .number_text import read_number
from .records import GRADIENTS
from .steps import is_step_or_epoch, plain_name

NAMES: Final = (  # fields that name the layer, the parameter or the metric, the most telling first
    *("param_name", "parameter_name", "parameter", "param", "layer_name", "layer", "layers", "module_name", "module"),
    *("block", "block_name", "tensor", "tensor_name", "variable", "weight_name", "tag", "metric", "metric_name"),
    *("metricname", "key", "name", "series", "layer_idx", "layer_id", "layer_index", "layer_num", "layer_number"),
    *("block_idx", "block_id", "module_path", "path", "node"),
)
MAX_FIELDS: Final = 40  # of a row or an object that may be in long form
_SPECIFIC: Final = frozenset(NAMES[: NAMES.index("tag")])  # the others may be the name of a run
_GENERIC: Final = frozenset({"tag", "metric", "metric_name", "metricname", "key", "name", "series", "variable"})
VALUES: Final = ("value", "values", "metricvalue", "metric_value", "val", "scalar", "y")
RUNS: Final = ("run", "run_id", "run_name", "runid", "experiment", "experiment_id", "exp", "exp_name", "trial", "seed")
_NUMBERED: Final = re.compile(r"^(?:layer|block)")  # of these fields, numbers are names too
_PARENTS: Final = frozenset({"layer", "layer_name", "module", "module_name", "block", "block_name"})
_CHILDREN: Final = frozenset(
    {"param", "param_name", "parameter", "parameter_name", "tensor", "variable", "weight_name"}
)
_OF_PARAMETER: Final = re.compile(
    r"^(?:(?P<before>weights?|bias(?:es)?|kernel|[wb])_)?(?P<rest>.*?grad.*?)(?:_(?P<after>weights?|bias(?:es)?|kernel|[wb]))?$",
    re.IGNORECASE,
)
_BEFORE_CLIPPING: Final = re.compile(r"[ _](?:pre[ _]?clip(?:ping|ped)?|before[ _]clip(?:ping)?|unclipped|raw)$", re.I)
_AFTER_CLIPPING: Final = re.compile(r"[ _](?:post[ _]?clip(?:ping|ped)?|after[ _]clip(?:ping)?|clipped)$", re.I)
NO_GRADIENT: Final = re.compile(
    r"ratio|coef|cos(?:ine)?(?:$|_)|snr|count|(?:^|_)(?:num|n)_|(?:^|_)(?:nan|inf|zero)s?(?:$|_)|has_|is_|sparsity|frac|pct|"
    r"percent|(?:^|_)scale|threshold|noise",
    re.IGNORECASE,
)
_META: Final = frozenset(
    {
        *(
            "timestamp",
            "time",
            "date",
            "datetime",
            "wall_time",
            "walltime",
            "wall time",
            "created_at",
            "status",
            "shape",
        ),
        *("dtype", "device", "note", "comment", "level", "host", "epoch_name", "unit", "layer_type", "params", "numel"),
    }
)


class LongForm(NamedTuple):
    """The fields of a long form: what is joined to the name, the run's, and each value's with its way to a name."""

    names: tuple[str, ...]
    run: str | None
    values: tuple[tuple[str, str, str], ...]  # field, what stands before the name, what stands after it
    left_out: str  # a sentence of the fields that were not taken; empty where there are none

    def name(self, row: Mapping[str, Any]) -> str:
        """The name of a row's layer."""
        return "/".join(part for field in self.names if (part := str(row.get(field, "")).strip())).replace("\0", "")


def find_long_form(row: Mapping[str, Any], role: Callable[[str], str]) -> LongForm | None:
    """The long form that a row or an object is of; None where it is none.

    `role` tells what a name is to the collector: a row with a gradient under a layer's own name is no long form.
    """
    plain = {field: plain_name(field) for field in row if isinstance(field, str)}
    named = [field for field in plain if plain[field] in NAMES and _is_name(plain[field], row[field])]
    if not named:
        return None
    named.sort(key=lambda field: NAMES.index(plain[field]))
    others = [field for field in plain if field not in named and not is_step_or_epoch(field)]
    values, left_out = _values(others, plain, row, role)
    if not values or not (plain[named[0]] in _SPECIFIC or plain[values[0][0]] in VALUES or _like_layer(row[named[0]])):
        return None
    run = next((field for field in others if plain[field] in RUNS), None)
    texts = [field for field in others if field != run and plain[field] not in _META and _is_text(row[field])]
    joined = _joined(named, plain)
    metric = next((field for field in named if plain[field] in _GENERIC and field not in joined), None)
    if metric and plain[values[0][0]] in VALUES:  # layer, metric and value
        joined = [metric, *joined]
    return LongForm((*texts, *joined), run, values, left_out)


def _is_name(plain: str, value: object) -> bool:
    if isinstance(value, str) and value.strip():
        return bool(_NUMBERED.match(plain)) or read_number(value) is None
    return bool(_NUMBERED.match(plain)) and isinstance(value, int) and not isinstance(value, bool)


def _like_layer(value: object) -> bool:
    return metric_names.look_like_layers([str(value)])


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and read_number(value) is None


def _joined(named: list[str], plain: Mapping[str, str]) -> list[str]:
    """The module and the parameter where both are there, else the most telling one."""
    parent = next((field for field in named if plain[field] in _PARENTS), None)
    child = next((field for field in named if plain[field] in _CHILDREN), None)
    return [parent, child] if parent and child else named[:1]


def _values(
    others: list[str], plain: Mapping[str, str], row: Mapping[str, Any], role: Callable[[str], str]
) -> tuple[tuple[tuple[str, str, str], ...], str]:
    """The fields that hold values, and a sentence of those that stand back behind the same before clipping."""
    numeric = [field for field in others if _is_value(row[field])]
    if any(not NO_GRADIENT.search(field) and role(_parted(field)[0]) in GRADIENTS for field in numeric):
        return (), ""  # a layer's own name is in it
    found: list[tuple[str, str, str]] = []
    behind: list[str] = []
    clipped = any(_BEFORE_CLIPPING.search(field) for field in numeric)
    for field in numeric:
        if clipped and _AFTER_CLIPPING.search(field) and "grad" in field.casefold():
            behind.append(field) if not NO_GRADIENT.search(field) else None
            continue
        way = _way(field, role)
        if way:
            found.append((field, *way))
    if not found:
        plainly = [field for field in numeric if plain[field] in VALUES] or _norms(numeric, plain)
        found = [(field, "", "") for field in plainly[:1]]
    sentence = f"Of gradients before and after clipping those before it were taken; {', '.join(behind)} was left out."
    return tuple(found), sentence if behind else ""


def _is_value(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip() or read_number(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _parted(field: str) -> tuple[str, str]:
    """A field without what tells weights from biases and before from after clipping, and which of the former it is."""
    bare = _AFTER_CLIPPING.sub("", _BEFORE_CLIPPING.sub("", field.strip()))
    bare = re.sub(r"\s+", "_", bare)
    found = _OF_PARAMETER.match(bare)
    part = (found["before"] or found["after"] or "") if found else ""
    if found and part:
        return found["rest"].strip("_ "), ".bias" if part[0] in "bB" else ".weight"
    return bare, ""


def _way(field: str, role: Callable[[str], str]) -> tuple[str, str] | None:
    """The texts before and after a layer's name under this field; None for a field of no gradient."""
    if NO_GRADIENT.search(field):
        return None
    bare, kind = _parted(field)
    return (f"{bare}/", kind) if role(f"{bare}/layer1.weight") in GRADIENTS else None


def _norms(numeric: Iterable[str], plain: Mapping[str, str]) -> list[str]:
    return [field for field in numeric if plain[field] in {"norm", "l2", "l2_norm", "magnitude"}]
