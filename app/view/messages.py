"""What the page around a framed one may say to it, and how wrong values are answered. Pure.

A message is `{type: "gradient-flow", layers, gradients, names, label, layer, playing, speed}`, any of them: what
`Settings` holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ..figure import wave
from ..figure.magnitudes import Magnitude, check_length, check_magnitudes
from ..figure.props import MIN_PLAY_SPEED_MS, check_label, check_layers, check_names, whole_number
from ..figure.text import MAX_QUOTED_CHARS, quote
from .settings import MAX_PLAY_SPEED_MS, Settings, fitted

TYPE: Final = "gradient-flow"
LAYER_TYPE: Final = "gradient-flow-layer"
ERROR_TYPE: Final = "gradient-flow-error"


class Refusal(NamedTuple):
    """What is wrong with one field of a message: field, rule and value in a sentence."""

    field: str
    message: str


def read_message(
    data: object, settings: Settings, *, parked: bool = False, forward: bool = False
) -> tuple[Settings, list[Refusal]]:
    """The settings after a message, and a refusal for each field that is wrong: if one is, nothing has changed.

    What isn't a message of this kind changes nothing and is not refused. Magnitudes given for another depth give way
    to the synthesised series, names to none; a cursor that isn't in the message stays within the network, or goes to
    the input where the wave is `parked` there. Cursors below 0 are those of a `forward` pass, where one is shown.
    """
    if not isinstance(data, Mapping) or data.get("type") != TYPE:
        return settings, []
    told = {name: value for name, value in data.items() if name != "type"}
    changes, refusals = _read_each(told)
    depth = len(changes.get("layers", settings.layers))
    if "layers" in changes or "layers" not in told:  # else there is no depth to compare with
        refusals += _misfits(changes, depth, forward)
    if refusals:
        return settings, refusals
    new = _changed(settings, changes, depth, parked, forward)
    if changes.get("label", new.label) != new.label:
        rule = f"must come with gradients, for the synthesised series is {wave.LABEL}"
        return settings, [Refusal("label", f"label: {rule}, got {tell(changes['label'])}")]
    return new, []


def layer_message(cursor: int) -> dict[str, object]:
    """What the page around is told when the wave has come to another layer; 0 is at the loss side."""
    return {"type": LAYER_TYPE, "layer": cursor}


def error_message(refusal: Refusal) -> dict[str, object]:
    """What the page around is told of a wrong value."""
    return {"type": ERROR_TYPE, **refusal._asdict()}


def tell(value: object) -> str:
    """A value as a refusal repeats it: as JavaScript writes it, cut where it is long."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    text = {"None": "null", "True": "true", "False": "false"}.get(repr(value), repr(value))
    return text if len(text) <= MAX_QUOTED_CHARS else f"{text[: MAX_QUOTED_CHARS - 1]}…"


def _read_each(told: Mapping[Any, object]) -> tuple[dict[str, Any], list[Refusal]]:
    changes, refusals = {}, []
    for name, value in told.items():
        try:
            if name not in _CHECKS:
                raise ValueError(f"{tell(name)}: there is no such field; the fields are {', '.join(_CHECKS)}")
            changes[name] = _CHECKS[name](value)
        except ValueError as error:
            refusals.append(Refusal(str(name)[:MAX_QUOTED_CHARS], str(error)))
    return changes, refusals


def _misfits(changes: Mapping[str, Any], depth: int, forward: bool) -> list[Refusal]:
    """What is right by itself, but not in a network of that depth."""
    refusals = []
    for name, what in (("gradients", "magnitude"), ("names", "name")):
        if changes.get(name) is not None:
            try:
                check_length(len(changes[name]), depth, name, what)
            except ValueError as error:
                refusals.append(Refusal(name, str(error)))
    first = wave.first_cursor(depth, forward)
    if not first <= changes.get("layer", 0) < depth:
        rule = f"must be a whole number from {first} to {depth - 1} here"
        refusals.append(Refusal("layer", f"layer: {rule}, got {tell(changes['layer'])}"))
    return refusals


def _changed(settings: Settings, changes: Mapping[str, Any], depth: int, parked: bool, forward: bool) -> Settings:
    if settings.recorded is not None and {"layers", "gradients"} & changes.keys():  # those are what is to be seen
        settings = replace(settings, recorded=None, gradients=None, names=None)
    new = replace(settings, **changes)
    if new.gradients is not None and len(new.gradients) != depth:
        new.gradients = None
    if "gradients" in changes:
        new.computed = None  # those are what is to be seen
    if "layers" in changes and "layer" not in changes:
        new.layer = depth - 1 if parked else wave.clamp_cursor(new.layer, depth, forward)
    return fitted(new)


def _check_list(value: object, name: str, what: str = "number") -> None:
    if not isinstance(value, (list, tuple, memoryview)):  # the last is a typed array
        raise ValueError(f"{name}: must be a list with one {what} a layer, got {tell(value)}")


def _check_layers(value: Any) -> tuple[int, ...]:
    _check_list(value, "layers")
    return check_layers(value, "layers", tell)


def _check_gradients(value: Any) -> tuple[Magnitude, ...] | None:
    if value is None:
        return None
    _check_list(value, "gradients")
    return check_magnitudes(value, "gradients", tell)


def _check_names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    _check_list(value, "names", "name")
    return check_names(value, "names", tell)


def _check_label(value: Any) -> str:
    return wave.LABEL if value is None else check_label(value, "label", tell)


def _check_layer(value: Any) -> int:
    whole = whole_number(value)
    if whole is None:
        raise ValueError(f"layer: must be a whole number, 0 at the loss side, got {tell(value)}")
    return whole


def _check_playing(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"playing: must be true or false, got {tell(value)}")
    return value


def _check_speed(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MAX_PLAY_SPEED_MS:
        raise ValueError(
            f"speed: must be a number of milliseconds from 0 to {MAX_PLAY_SPEED_MS:.0f}, got {tell(value)}"
        )
    return max(float(value), MIN_PLAY_SPEED_MS)


_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "layers": _check_layers,
    "gradients": _check_gradients,
    "names": _check_names,
    "label": _check_label,
    "layer": _check_layer,
    "playing": _check_playing,
    "speed": _check_speed,
}
