"""Values of a training log, handed to the collector under their names. Pure."""

from __future__ import annotations

from typing import Any, Final

from .. import metric_names

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


def is_histogram(value: Any) -> bool:
    """Say whether a value is a histogram as W&B writes it."""
    return isinstance(value, dict) and ("_type" in value or ("bins" in value and "values" in value))
