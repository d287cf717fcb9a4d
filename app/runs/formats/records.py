"""Values of a training log, handed to the collector under their names. Pure."""

from __future__ import annotations

from typing import Any, Final

from .. import metric_names
from ..collector import Collector, magnitude

FEW: Final = 64  # values that are taken without a pause: a new name costs some regular expressions
MAX_KNOWN: Final = 1 << 14  # names whose roles are remembered
HISTOGRAM: Final = "a histogram without its sum of squares, from which no norm follows"
NO_MAGNITUDE: Final = "no magnitude (a number of at least 0, NaN or Infinity)"
NO_STEP: Final = "without a step that is a number"


class Roles:
    """What names are to the collector, asked without it taking them for names that were met."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The role of a name."""
        known = self._known.get(name)
        if known is None:
            known = metric_names.read_tag(name).role
            if len(self._known) < MAX_KNOWN:
                self._known[name] = known
        return known


def add(  # noqa: PLR0917  # all that belongs to a value
    collector: Collector, name: str, step: float | None, value: object, where: str, run: str = ""
) -> None:
    """Hand on one value of any type; count what should be a magnitude and is none, or has no step."""
    number = value if type(value) is float and value >= 0 else magnitude(value)
    if number is not None and step is not None:
        collector.add(name, step, number, run)
        return
    role = collector.tag(name).role
    if role == "loss" and step is not None:
        _add_loss(collector, step, value, run)
    elif role == "gradient" and value is not None:
        collector.complaints.count("values", _wrong(value, number), f"{where}, {metric_names.clean(name)}")


def _add_loss(collector: Collector, step: float, value: object, run: str) -> None:
    """A loss may be below zero, a magnitude may not."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            collector.loss(step, float(value), run)
        except OverflowError:
            collector.loss(step, float("inf"), run)


def _wrong(value: object, number: float | None) -> str:
    if number is not None:
        return NO_STEP
    return HISTOGRAM if is_histogram(value) else NO_MAGNITUDE


def is_histogram(value: Any) -> bool:
    """Say whether a value is a histogram as W&B writes it."""
    return isinstance(value, dict) and ("_type" in value or ("bins" in value and "values" in value))
