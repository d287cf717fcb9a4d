"""Values of a training log, handed to the collector under their names. Pure."""

from __future__ import annotations

from typing import Any, Final

from .. import metric_names
from ..collector import SeriesCollector

METRICS_PER_PAUSE: Final = 64  # values that are taken without a pause: a new name costs some regular expressions
GRADIENTS: Final = frozenset({"gradient", "statistic"})  # roles of what is said to be of a layer's gradient
METRICS: Final = frozenset({"loss", "other", "total", "weight", "step"})  # roles of what is no layer's gradient
MAX_KNOWN: Final = 1 << 14  # names whose roles are remembered


class Roles:
    """The collector's roles of names, asked without counting the names as met."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The role of a name."""
        known = self._known.get(name)
        if known is None:
            known = metric_names.parse_metric_name(name).role
            if len(self._known) < MAX_KNOWN:
                self._known[name] = known
        return known


def add(  # noqa: PLR0917  # all that belongs to a value
    collector: SeriesCollector, name: str, step: float | None, value: object, where: str, run: str = ""
) -> None:
    """Hand on one value of any type; the collector counts what should be a magnitude and is none, or has no step."""
    collector.add_value(name, step, value, where, run)


def is_histogram(value: Any) -> bool:
    """Say whether a value is a histogram as W&B writes it."""
    return isinstance(value, dict) and ("_type" in value or ("bins" in value and "values" in value))
