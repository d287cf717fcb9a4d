"""Series of values that have signs, and so are no magnitudes: means of gradients, beside minima below zero. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .issues import Issues, short_name_list
from .metric_names import BARE, GRADIENT, STATISTIC, MetricName
from .reductions import MAX, MEAN
from .series import Key, Table

ABSOLUTE: Final = "abs"  # in the name of a mean of absolute values


def signed_series(negative: Mapping[str, MetricName], gradients: Mapping[Key, Table], issues: Issues) -> set[str]:
    """The series to leave out. `negative`: the names of those that were below zero somewhere."""
    roles = {name: metric.role for name, metric in negative.items()}
    signed = {name for name, role in roles.items() if role == GRADIENT or (role == BARE and not gradients)}
    has_minima = any(role == STATISTIC and "min" in name.casefold() for name, role in roles.items())
    means = _plain_means(gradients) if has_minima else []
    if has_minima and any(key.reduction == MAX for key in gradients):
        issues.say("The maxima are of values with their signs: the largest magnitude may be greater.")
    if means:
        issues.say(f"Left out were means of values that have signs: {short_name_list(means)}.")
    if signed:
        first = short_name_list(sorted(signed))
        issues.say(
            f"Left out were series that are below zero at times, and so no magnitudes: {first}. "
            "Log a norm, or the mean of absolute values."
        )
    return signed.union(means)


def _plain_means(gradients: Mapping[Key, Table]) -> list[str]:
    """The series that are means, and not of absolute values."""
    means = [name for key, table in gradients.items() if key.reduction == MEAN for name in table.columns]
    return [name for name in means if ABSOLUTE not in name.casefold()]
