"""Names that are a layer's or a norm's over all layers, as `grads/norm` and `L1`: what is beside them tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from .issues import Issues, short_name, short_name_list
from .metric_names import MetricName
from .series import Column, Key, Table, join_tables

_NUMBERED: Final = re.compile(r"^l\d{1,4}$", re.IGNORECASE)


def with_doubtful(
    tables: Mapping[Key, Table], doubtful: Mapping[Key, Table], metrics: dict[str, MetricName], issues: Issues
) -> dict[Key, Table]:
    """Tables with the doubtful series that are layers'. Those that may be of all layers are left out, and named."""
    found = dict(tables)
    left: list[str] = []
    for key, table in doubtful.items():
        sure = tables.get(key)
        if sure is None:
            continue
        taken: dict[str, Column] = {}
        for name, column in table.columns.items():
            beside = [other for other in sure.columns if metrics[other].context == metrics[name].context]
            if _is_layer(name, beside, metrics) or _is_below(Table(table.rows, {name: column}), sure, beside, issues):
                taken[name] = column
            elif beside:
                left.append(name)
        for name in taken:
            metrics[name] = replace(metrics[name], role=metrics[name].doubt)
        if taken:
            found[key] = _in_order(join_tables([sure, Table(table.rows, taken)]), metrics)
    if left:
        what = "it may be a layer, or the norm" if len(left) == 1 else "they may be layers, or norms"
        issues.say(f"Left out: {short_name_list(left)}; {what} of all layers. A name such as norm.weight tells.")
    return found


def _is_layer(name: str, beside: list[str], metrics: Mapping[str, MetricName]) -> bool:
    """True for `L1` beside `L3`."""
    return bool(_NUMBERED.match(metrics[name].name)) and any(_NUMBERED.match(metrics[each].name) for each in beside)


def _is_below(one: Table, sure: Table, beside: list[str], issues: Issues) -> bool:
    """True if a series is somewhere below one beside it, as the norm of all layers can't be."""
    ((name, column),) = one.columns.items()
    for step, row in one.rows.items():
        other = sure.rows.get(step)
        if other is None or row >= len(column.logged) or not column.logged[row]:
            continue
        if any(_value(sure.columns[each], other) > column.values[row] * (1 + 1e-6) for each in beside):
            issues.say(f"{short_name(name)} is below a layer beside it, so it was taken for a layer, not for a total.")
            return True
    return False


def _value(column: Column, row: int) -> float:
    return column.values[row] if row < len(column.values) else 0.0


def _in_order(table: Table, metrics: Mapping[str, MetricName]) -> Table:
    """A table with its columns in the order in which their names were met."""
    places = {name: at for at, name in enumerate(metrics)}
    return Table(
        table.rows, {name: table.columns[name] for name in sorted(table.columns, key=lambda name: places[name])}
    )
