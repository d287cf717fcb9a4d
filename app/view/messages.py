"""The messages between an embedded page and the page around it, and the errors for wrong values. Pure.

A message to the embedded page is `{type: "gradient-flow", layers, gradients, names, label, layer, playing, speed}`. All
fields but `type` are optional; they are the fields of `Settings`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ..figure import wave
from ..figure.magnitudes import Magnitude, check_magnitudes
from ..figure.props import MAX_LAYERS, check_label, check_layers, check_names
from ..figure.text import MAX_QUOTED_CHARS, quote
from ..figure.validation import check_cursor, check_flag, check_lengths, optional
from .settings import SYNTHESISED, Settings, check_cursor_range, check_label_use, check_speed, drop_misfits

MESSAGE_TYPE: Final = "gradient-flow"
LAYER_TYPE: Final = "gradient-flow-layer"
ERROR_TYPE: Final = "gradient-flow-error"
MAX_REFUSALS: Final = 10  # of one message; the others are counted


class Refusal(NamedTuple):
    """A wrong field of a message, with a sentence that has the field, the rule and the value."""

    field: str
    message: str


class Foreign:
    """A value that was not converted: a list with more entries than there may be layers, or an object in a list."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count  # of the list's entries

    def __repr__(self) -> str:
        return "an object" if self.count is None else f"a list of {self.count:,}"


def read_message(
    data: object, settings: Settings, *, parked: bool = False, forward: bool = False
) -> tuple[Settings, list[Refusal]]:
    """The settings after a message, and a refusal for each wrong field. With a refusal nothing has changed.

    Data of another type changes nothing and is not refused. If the message changes the depth, earlier magnitudes become
    the synthesised series and earlier names are dropped. A cursor that isn't in the message stays within the network,
    or goes to the input if the wave is `parked` there. Cursors below 0 need a `forward` pass.
    """
    if not isinstance(data, Mapping) or data.get("type") != MESSAGE_TYPE:
        return settings, []
    fields = {name: value for name, value in data.items() if name != "type"}
    changes, refusals = _read_each(fields)
    depth = len(changes.get("layers", settings.layers))
    if "layers" in changes or "layers" not in fields:  # else there is no depth to compare with
        refusals += _misfits(changes, depth, forward)
    if refusals:
        return settings, _shortened(refusals)
    new = _changed(settings, changes, depth, parked, forward)
    label = changes.get("label", new.label)
    try:
        check_label_use(replace(new, label=label), "label", format_value(label))
    except ValueError as error:
        return settings, [Refusal("label", str(error))]
    return new, []


def layer_message(cursor: int) -> dict[str, object]:
    """The message to the page around after the wave has moved to another cursor; 0 is at the loss side."""
    return {"type": LAYER_TYPE, "layer": cursor}


def error_message(refusal: Refusal) -> dict[str, object]:
    """The message to the page around about a wrong value."""
    return {"type": ERROR_TYPE, **refusal._asdict()}


def format_value(value: object) -> str:
    """A value as JavaScript writes it, cut if it is long."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    text = {"None": "null", "True": "true", "False": "false"}.get(repr(value), repr(value))
    return text if len(text) <= MAX_QUOTED_CHARS else f"{text[: MAX_QUOTED_CHARS - 1]}…"


def _read_each(fields: Mapping[Any, object]) -> tuple[dict[str, Any], list[Refusal]]:
    changes, refusals = {}, []
    for name, value in fields.items():
        try:
            if name not in FIELD_CHECKS:
                raise ValueError(
                    f"{format_value(name)}: there is no such field; the fields are {', '.join(FIELD_CHECKS)}"
                )
            changes[name] = FIELD_CHECKS[name](value)
        except ValueError as error:
            refusals.append(Refusal(str(name)[:MAX_QUOTED_CHARS], str(error)))
    return changes, refusals


def _shortened(refusals: list[Refusal]) -> list[Refusal]:
    """The first refusals, and one that counts the others: each is a message to the page around."""
    more = len(refusals) - MAX_REFUSALS
    if more <= 0:
        return refusals
    return [*refusals[:MAX_REFUSALS], Refusal("", f"{more:,} more {'field is' if more == 1 else 'fields are'} wrong")]


def _misfits(changes: Mapping[str, Any], depth: int, forward: bool) -> list[Refusal]:
    """Refusals for values that are right by themselves, but not in a network of that depth."""
    cursor = changes.get("layer", 0)
    checks: dict[str, Callable[[], None]] = {
        "gradients": lambda: check_lengths({"gradients": changes.get("gradients")}, depth),
        "names": lambda: check_lengths({"names": changes.get("names")}, depth),
        "layer": lambda: check_cursor_range(cursor, depth, forward, field="layer", got=format_value(cursor)),
    }
    refusals = []
    for name, check in checks.items():
        try:
            check()
        except ValueError as error:
            refusals.append(Refusal(name, str(error)))
    return refusals


def _changed(settings: Settings, changes: Mapping[str, Any], depth: int, parked: bool, forward: bool) -> Settings:
    if settings.source == "recorded" and {"layers", "gradients"} & changes.keys():  # they replace the recorded run
        settings = replace(settings, source=SYNTHESISED, gradients=None, names=None)
    new = replace(settings, **changes)
    if new.gradients is not None and len(new.gradients) != depth:
        new = replace(new, gradients=None)
    if "gradients" in changes:
        new = replace(new, source=SYNTHESISED)
    if "layers" in changes and "layer" not in changes:
        new = replace(new, layer=depth - 1 if parked else wave.clamp_cursor(new.layer, depth, forward))
    return drop_misfits(new)


def _check_list(value: object, name: str, item: str) -> None:
    count = value.count if isinstance(value, Foreign) else None
    if isinstance(value, (list, tuple, memoryview)):  # a typed array arrives as a memoryview
        count = len(value)
    if count is not None and count > MAX_LAYERS:  # before each entry is looked at
        raise ValueError(f"{name}: must have at most {MAX_LAYERS} {item}s, one a layer, got {count:,}")
    if count is None:
        raise ValueError(f"{name}: must be a list with one {item} a layer, got {format_value(value)}")


def _check_layer_list(value: Any) -> tuple[int, ...]:
    _check_list(value, "layers", "number")
    return check_layers(value, "layers", format_value)


def _check_magnitude_list(value: Any) -> tuple[Magnitude, ...]:
    _check_list(value, "gradients", "magnitude")
    return check_magnitudes(value, "gradients", format_value)


def _check_name_list(value: Any) -> tuple[str, ...]:
    _check_list(value, "names", "name")
    return check_names(value, "names", format_value)


def _check_label_or_default(value: Any) -> str:
    return wave.LABEL if value is None else check_label(value, "label", format_value)


FIELD_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "layers": _check_layer_list,
    "gradients": optional(_check_magnitude_list),
    "names": optional(_check_name_list),
    "label": _check_label_or_default,
    "layer": lambda value: check_cursor(value, "layer", format_value),
    "playing": lambda value: check_flag(value, "playing", format_value),
    "speed": lambda value: check_speed(value, "speed", format_value(value)),
}
