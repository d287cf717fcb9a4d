"""Names for the series of a file: as short as tells them apart, so that none is written over another. Pure."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace
from itertools import count as count_from
from typing import Final

from .issues import Issues, name_list
from .layer_names import clean, is_parameter
from .metric_names import STAGES, MetricName, kind_of, parse_metric_name
from .reductions import ASSUMED, L2, RECORDED, UNKNOWN
from .series import NAMES_PER_PAUSE, Column, Key, Paused, Table, join_tables

_JOINT: Final = re.compile(r"[./]")
_STAGE_RANK: Final = {stage: rank for rank, stage in enumerate(STAGES)}
Metrics = dict[str, MetricName]  # by the series' names in the file


def naming_series(
    tables: dict[Key, Table], metrics: Metrics, issues: Issues
) -> Paused[tuple[dict[Key, Table], dict[str, str]]]:
    """Tables with the names to be shown, and these by the names in the file.

    `tables` have the names in the file. What is left out or put together is said in `issues`.
    """
    alike: dict[Key, list[Table]] = {}
    for key, table in _with_norm_modules(tables, metrics).items():
        kind = kind_of(metrics[name].name for name in table.columns) if key.kind == UNKNOWN else key.kind
        alike.setdefault(key._replace(kind=kind), []).append(table)
    named: dict[Key, Table] = {}
    shown: dict[str, str] = {}
    for key, several in alike.items():
        table = join_tables(several)
        yield
        kept = _without_stages({name: metrics[name] for name in table.columns}, issues)
        yield
        if key.kind not in RECORDED:  # there a module has values of its own, also beside its parts'
            kept = yield from _without_containers(kept, issues)
            kept = _without_derived(kept, key.reduction, issues)
        yield
        called = yield from _called(kept)
        columns = yield from _columns(table, called, issues)
        named[key] = Table(table.rows, columns)
        shown.update(called)
    return named, shown


def _with_norm_modules(tables: dict[Key, Table], metrics: Metrics) -> dict[Key, Table]:
    """Tables in which `gradients/encoder_norm` is a module where its neighbours have no statistic in their names."""
    found = dict(tables)
    for key, table in tables.items():
        plain = tables.get(key._replace(reduction=ASSUMED))
        if key.reduction != L2 or plain is None:
            continue
        names = {metrics[name].name for name in plain.columns}
        moved = [name for name in table.columns if metrics[name].by_suffix and metrics[name].name not in names]
        if not moved or len(moved) > len(plain.columns):
            continue
        for name in moved:
            metrics[name] = parse_metric_name(name, norm_is_module=True)
        modules = Table(table.rows, {name: table.columns[name] for name in moved})
        rest = {name: column for name, column in table.columns.items() if name not in modules.columns}
        found[key._replace(reduction=ASSUMED)] = join_tables([plain, modules])
        found[key] = Table(table.rows, rest)
    return {key: table for key, table in found.items() if table.columns}


def _without_stages(metrics: Metrics, issues: Issues) -> Metrics:
    """Of a series before and after clipping, or by step and by epoch, the first alone."""
    best: dict[tuple[str, str], str] = {}
    for metric in metrics.values():
        known = best.get((metric.context, metric.name))
        if known is None or _STAGE_RANK[metric.stage] < _STAGE_RANK[known]:
            best[metric.context, metric.name] = metric.stage
    kept = {name: metric for name, metric in metrics.items() if metric.stage == best[metric.context, metric.name]}
    for stage in sorted({metric.stage for name, metric in metrics.items() if name not in kept}):
        left = [name for name, metric in metrics.items() if name not in kept and metric.stage == stage]
        issues.say(f"Left out were the same gradients {stage}: {name_list(list(map(clean, left)))}.")
    return kept


def _without_containers(metrics: Metrics, issues: Issues) -> Paused[Metrics]:
    """Series without those of modules that hold others which are there themselves."""
    inside: set[tuple[str, str]] = set()
    for count, metric in enumerate(metrics.values(), start=1):
        for found in _JOINT.finditer(metric.name):
            inside.add((metric.context, metric.name[: found.start()]))
        if count % NAMES_PER_PAUSE == 0:
            yield
    left = [
        name
        for name, metric in metrics.items()
        if (metric.context, metric.name) in inside and not is_parameter(metric.name)
    ]
    if not left or len(left) == len(metrics):
        return metrics
    issues.say(f"Left out were modules whose parts are there as well: {name_list(list(map(clean, left)))}.")
    return {name: metric for name, metric in metrics.items() if name not in set(left)}


def _without_derived(metrics: Metrics, reduction: str, issues: Issues) -> Metrics:
    """Series without norms of histograms where the same norm was logged by itself."""
    logged = {(metric.context, metric.name) for metric in metrics.values() if metric.reduction == reduction}
    left = [
        name
        for name, metric in metrics.items()
        if metric.reduction != reduction and (metric.context, metric.name) in logged
    ]
    if left:
        first = name_list(list(map(clean, left)))
        issues.say(f"Norms of histograms were left out where the same norm was logged by itself: {first}.")
    return {name: metric for name, metric in metrics.items() if name not in set(left)}


def _called(metrics: Metrics) -> Paused[dict[str, str]]:
    """The name to show for each, with its context where contexts differ."""
    contexts = {name: metric.context.split("/") if metric.context else [] for name, metric in metrics.items()}
    shared = _shared_parts(list(contexts.values()))
    called: dict[str, str] = {}
    for count, (name, metric) in enumerate(metrics.items(), start=1):
        called[name] = clean("/".join([*contexts[name][shared:], metric.name]))
        if count % NAMES_PER_PAUSE == 0:
            yield
    return called


def _shared_parts(contexts: list[list[str]]) -> int:
    """The number of parts that all have in common, from the first on."""
    first, last = min(contexts, default=[]), max(contexts, default=[])
    return next(
        (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other),
        min(len(first), len(last)),
    )


def _columns(table: Table, called: dict[str, str], issues: Issues) -> Paused[dict[str, Column]]:
    """The columns by what they are called. Two of one name are put together, or keep the names that the file has."""
    alike: dict[str, list[str]] = {}
    for name, short in called.items():
        alike.setdefault(short, []).append(name)
    found: dict[str, Column] = {}
    for count, (short, names) in enumerate(alike.items(), start=1):
        if count % NAMES_PER_PAUSE == 0 or len(names) > 1:
            yield
        columns = [table.columns[name] for name in names]
        if len(names) == 1:
            found[_free(short, found)] = columns[0]
        elif any(one.overlaps(other) for at, one in enumerate(columns) for other in columns[:at]):
            for name, column in zip(names, columns, strict=True):
                called[name] = _free(clean(name), found)
                found[called[name]] = column
        else:
            for other in columns[1:]:
                columns[0].fill_from(other)
            found[_free(short, found)] = columns[0]
            issues.say(f"{name_list(list(map(clean, names)))} were taken for one series, {short}.")
    return found


def _free(name: str, taken: Container[str]) -> str:
    """The name, or with a number where it is taken."""
    return next(each for number in count_from(1) if (each := f"{name} ({number})" if number > 1 else name) not in taken)


def without_series(tables: dict[Key, Table], names: Container[str]) -> dict[Key, Table]:
    """Tables without some series, and none that are empty then."""
    return {
        key: replace(table, columns={name: one for name, one in table.columns.items() if name not in names})
        for key, table in tables.items()
        if any(name not in names for name in table.columns)
    }
