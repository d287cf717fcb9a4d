"""The reason why a file has no gradients by layer, by the names that were met in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from .issues import name_list, short_name
from .metric_names import TOTAL, WEIGHT, MetricName


def nothing_found(names: Mapping[str, MetricName], expected: str) -> str:
    """The reason, unless `expected` already gives it."""
    totals = [name for name in _of_role(names, TOTAL) if "norm" in name.casefold() or "grad" in name.casefold()]
    if totals and "one norm over all layers" not in expected:
        return (
            f"no gradients by layer in it. {short_name(totals[0])} is one norm over all layers, in which nothing shows "
            "of where gradients vanish. Record each layer's own, as gradient_flow_recorder.py does."
        )
    weights = _of_role(names, WEIGHT)
    if weights:
        first = name_list(list(map(short_name, weights)))
        return f"no gradients in it. Of weights, updates or activations it has {first}."
    if not names:
        return "no gradients in it."
    first = name_list(list(map(short_name, names)), 5)
    return f"no gradients in it. Its names are {first}" + ("" if first.endswith("…") else ".")


def _of_role(names: Mapping[str, MetricName], role: str) -> list[str]:
    return [name for name, metric in names.items() if metric.role == role]
