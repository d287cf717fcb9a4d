"""The component's props: one table of what each may be; a bad one changes nothing. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from operator import index
from typing import TYPE_CHECKING, Any, Final

from ..spring import SPRINGS, Spring, Transition, Tween
from .magnitudes import Magnitude, check_length, check_magnitudes, check_sequence, synthesise
from .wave import ACTIVATIONS_LABEL, MAX_LABEL_CHARS, WaveFrame, layer_at, layer_name, phase_at

MAX_LAYERS: Final = 256
MAX_NEURONS: Final = 1024
MAX_BEAT_MS: Final = 2**31 - 1  # ms: the longest a browser's timer can wait
MAX_NAME_CHARS: Final = 200  # characters of a layer's name; the longest in torchvision have about 60
MIN_PLAY_SPEED_MS: Final = 80.0  # ms: less, and the fades could not settle visibly between advances


if TYPE_CHECKING:  # for type checkers and for the page's table of props, which tools/reference.py reads from here
    from typing import TypedDict

    class GivenProps(TypedDict, total=False):
        """The props as they are given."""

        layers: Iterable[int]
        gradients: Iterable[float | None] | None
        label: str
        names: Iterable[str] | None
        activations: Iterable[float | None] | None
        current_layer: int | None
        default_current_layer: int
        on_current_layer_change: Callable[[int], object] | None
        playing: bool
        play_speed: float
        transition: Spring | Tween
        class_name: str


@dataclass(frozen=True)
class Props:
    """GradientFlowViz's props, each already checked."""

    layers: tuple[int, ...]
    gradients: tuple[Magnitude, ...] | None = None
    label: str = "|∂L|"
    names: tuple[str, ...] | None = None
    activations: tuple[Magnitude, ...] | None = None
    current_layer: int | None = None
    default_current_layer: int = 0
    on_current_layer_change: Callable[[int], object] | None = None
    playing: bool = True
    play_speed: float = 500.0
    transition: Transition = SPRINGS.smooth
    class_name: str = ""

    @property
    def depth(self) -> int:
        """How many layers."""
        return len(self.layers)

    @property
    def magnitudes(self) -> tuple[Magnitude, ...]:
        """One magnitude a layer: those given, or the synthesised vanishing series."""
        return synthesise(self.depth) if self.gradients is None else self.gradients

    @property
    def has_forward(self) -> bool:
        """Whether a forward pass goes before the backward one."""
        return self.activations is not None

    def look(self, cursor: int) -> WaveFrame:
        """What is shown with the wave at a cursor that there is."""
        layer, phase = layer_at(cursor, self.depth), phase_at(cursor)
        name = self.name(layer)
        if cursor < 0 and self.activations is not None:
            return WaveFrame(layer, self.depth, self.activations[layer], ACTIVATIONS_LABEL, phase, name)
        return WaveFrame(layer, self.depth, self.magnitudes[layer], self.label, phase, name)

    def name(self, layer: int) -> str:
        """What the layer at an index, from the input, is called."""
        return layer_name(layer, self.depth, self.names)


def make_props(given: Mapping[str, Any]) -> Props:
    """Props from keyword arguments.

    Raises TypeError for an unknown or missing name, ValueError for a wrong value.
    """
    if "layers" not in given:
        raise TypeError("GradientFlowViz: the prop layers is required")
    return _agree(Props(**_checked(given)))


def change_props(props: Props, given: Mapping[str, Any]) -> Props:
    """`props` with some changed. Raises as `make_props` does, and then nothing has changed."""
    return _agree(replace(props, **_checked(given)))


def check_layers(
    value: Iterable[object], field: str = "layers", tell: Callable[[object], str] = repr
) -> tuple[int, ...]:
    """Neurons per layer. Raises ValueError naming `field`, the layer, the rule and the value, as `tell` writes it."""
    listed = check_sequence(value, field, "whole numbers", tell)
    if not 1 <= len(listed) <= MAX_LAYERS:
        raise ValueError(f"{field}: must have 1 to {MAX_LAYERS} layers, got {len(listed)}")
    return tuple(_check_neurons(neurons, number, field, tell) for number, neurons in enumerate(listed, start=1))


def neurons_refusal(field: str, number: int, value: str) -> str:
    """The sentence for a layer whose neurons are not a number it may have."""
    return f"{field}: layer {number} must be a whole number from 1 to {MAX_NEURONS}, got {value}"


def _check_neurons(value: object, number: int, field: str, tell: Callable[[object], str]) -> int:
    whole = whole_number(value)
    if whole is None or not 1 <= whole <= MAX_NEURONS:
        raise ValueError(neurons_refusal(field, number, tell(value)))
    return whole


def whole_number(value: Any) -> int | None:
    """`value` as an int where it is a whole number of any integer type, else None."""
    if isinstance(value, bool):
        return None
    try:
        return index(value)
    except TypeError:
        return None


def _check_gradients(value: Any) -> tuple[Magnitude, ...] | None:
    return None if value is None else check_magnitudes(value, "gradients")


def _check_activations(value: Any) -> tuple[Magnitude, ...] | None:
    return None if value is None else check_magnitudes(value, "activations")


def check_text(value: Any, field: str, longest: int, shortest: int = 1, tell: Callable[[Any], str] = repr) -> str:
    """`value` where it is a string of so many printable characters. Raises ValueError naming field, rule and value."""
    if not _is_text(value, longest, shortest):
        raise ValueError(_text_refusal(f"{field}:", longest, tell(value), shortest))
    return str(value)


def check_label(value: Any, field: str = "label", tell: Callable[[Any], str] = repr) -> str:
    """What a magnitude is called. Raises as `check_text` does."""
    return check_text(value, field, MAX_LABEL_CHARS, tell=tell)


def check_names(value: Iterable[Any], field: str = "names", tell: Callable[[Any], str] = repr) -> tuple[str, ...]:
    """What layers are called. Raises ValueError naming `field`, the layer, the rule and the value, as `tell` does."""
    listed = check_sequence(value, field, "strings, one a layer", tell)
    for number, name in enumerate(listed, start=1):
        if not _is_text(name, MAX_NAME_CHARS):
            raise ValueError(_text_refusal(f"{field}: the name of layer {number}", MAX_NAME_CHARS, tell(name)))
    return tuple(map(str, listed))


def _is_text(value: Any, longest: int, shortest: int = 1) -> bool:
    return isinstance(value, str) and shortest <= len(value) <= longest and value.isprintable()


def _text_refusal(subject: str, longest: int, got: str, shortest: int = 1) -> str:
    return f"{subject} must be a string of {shortest} to {longest} printable characters, got {got}"


def _check_names(value: Any) -> tuple[str, ...] | None:
    return None if value is None else check_names(value)


def _check_cursor(name: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        whole = whole_number(value)
        if whole is None:
            raise ValueError(f"{name}: must be a whole number, 0 at the loss side, got {value!r}")
        return whole

    return check


def _check_current_layer(value: Any) -> int | None:
    return None if value is None else _check_cursor("current_layer")(value)


def check_callback(value: Any) -> Callable[[int], object] | None:
    """A prop that is called with a layer, or None. Raises ValueError."""
    if value is not None and not callable(value):
        raise ValueError(f"on_current_layer_change: must be a function of one argument or None, got {value!r}")
    return value  # type: ignore[no-any-return]  # because callable() can't tell the signature


def _check_playing(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"playing: must be True or False, got {value!r}")
    return value


def _check_play_speed(value: Any) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not -math.inf < value <= MAX_BEAT_MS:
        raise ValueError(f"play_speed: must be a number of milliseconds up to {MAX_BEAT_MS}, got {value!r}")
    return float(max(value, MIN_PLAY_SPEED_MS))


def _check_transition(value: Any) -> Transition:
    if not isinstance(value, (Spring, Tween)):
        raise ValueError(f"transition: must be a Spring, a Tween or INSTANT, got {value!r}")
    return value


def check_class_name(value: Any) -> str:
    """Classes, with spaces between. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"class_name: must be a string, got {value!r}")
    return value


_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "layers": check_layers,
    "gradients": _check_gradients,
    "label": check_label,
    "names": _check_names,
    "activations": _check_activations,
    "current_layer": _check_current_layer,
    "default_current_layer": _check_cursor("default_current_layer"),
    "on_current_layer_change": check_callback,
    "playing": _check_playing,
    "play_speed": _check_play_speed,
    "transition": _check_transition,
    "class_name": check_class_name,
}


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    return checked(given, _CHECKS, "GradientFlowViz")


def checked(given: Mapping[str, Any], checks: Mapping[str, Callable[[Any], Any]], owner: str) -> dict[str, Any]:
    """What is given, each by its check. Raises TypeError, which names `owner`, for a name without one; ValueError."""
    for name in given:
        if name not in checks:
            raise TypeError(f"{owner}: there is no prop {name!r}; the props are {', '.join(checks)}")
    return {name: checks[name](value) for name, value in given.items()}


def _agree(props: Props) -> Props:
    """`props`, once those that depend on each other agree."""
    for name in ("gradients", "activations"):
        if getattr(props, name) is not None:
            check_length(len(getattr(props, name)), props.depth, name)
    if props.names is not None:
        check_length(len(props.names), props.depth, "names", "name")
    return props
