"""The component's props: one table with a check for each; a wrong prop changes nothing. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

from ..spring import SPRINGS, Spring, Transition, Tween
from .magnitudes import Magnitude, check_magnitudes, synthesise
from .shading import MAGNITUDE, Domain, Shading, check_domain, check_shading, shade_magnitudes
from .validation import (
    FormatValue,
    check_choice,
    check_cursor,
    check_flag,
    check_lengths,
    check_props,
    check_sequence,
    check_text,
    optional,
    to_whole_number,
)
from .wave import ACTIVATIONS_LABEL, MAX_LABEL_CHARS, WaveFrame, layer_at, layer_name, phase_at

COMPONENT_NAME: Final = "GradientFlowViz"
MAX_LAYERS: Final = 256
MAX_NEURONS: Final = 1024
MAX_BEAT_MS: Final = 2**31 - 1  # the longest wait of a browser's timer
MAX_NAME_CHARS: Final = 200  # of a layer's name; the longest names in torchvision have about 60
STEPS: Final = "steps"
ANNOUNCEMENTS: Final = ("advance", STEPS)
MIN_PLAY_SPEED_MS: Final = 80.0  # with less, the fades could not visibly settle between two advances


if TYPE_CHECKING:  # for type checkers, and for the page's table of props, which tools/reference.py reads from here
    from typing import TypedDict

    class GivenProps(TypedDict, total=False):
        """The props as the caller gives them."""

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
        announce: str
        shading: str
        domain: tuple[float, float] | None


@dataclass(frozen=True)
class Props:
    """The checked props of GradientFlowViz."""

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
    announce: str = "advance"
    shading: str = "wave"
    domain: Domain | None = None

    @property
    def depth(self) -> int:
        """The number of layers."""
        return len(self.layers)

    @property
    def magnitudes(self) -> tuple[Magnitude, ...]:
        """One magnitude per layer: the given ones, or the synthesised vanishing series."""
        return synthesise(self.depth) if self.gradients is None else self.gradients

    @property
    def has_forward(self) -> bool:
        """True if each round begins with a forward pass."""
        return self.activations is not None

    @property
    def shades(self) -> Shading | None:
        """The shades of the nodes, if they show magnitudes."""
        return shade_magnitudes(self.magnitudes, self.domain) if self.shading == MAGNITUDE else None

    def wave_frame(self, cursor: int) -> WaveFrame:
        """The content of the figure with the wave at a cursor, which must exist."""
        layer, phase = layer_at(cursor, self.depth), phase_at(cursor)
        name = self.name(layer)
        if cursor < 0 and self.activations is not None:
            return WaveFrame(layer, self.depth, self.activations[layer], ACTIVATIONS_LABEL, phase, name)
        return WaveFrame(layer, self.depth, self.magnitudes[layer], self.label, phase, name)

    def name(self, layer: int) -> str:
        """The name of the layer at an index from the input."""
        return layer_name(layer, self.depth, self.names)


def make_props(given: Mapping[str, Any]) -> Props:
    """Props from keyword arguments.

    Raises TypeError for an unknown or missing name, ValueError for a wrong value.
    """
    if "layers" not in given:
        raise TypeError(f"{COMPONENT_NAME}: the prop layers is required")
    return _check_depth(Props(**check_props(given, PROP_CHECKS, COMPONENT_NAME)))


def change_props(props: Props, given: Mapping[str, Any]) -> Props:
    """`props` with some changed. Raises as `make_props` does."""
    return _check_depth(replace(props, **check_props(given, PROP_CHECKS, COMPONENT_NAME)))


def _check_depth(props: Props) -> Props:
    fields = {"gradients": props.gradients, "activations": props.activations, "names": props.names}
    check_lengths(fields, props.depth)
    return props


def check_layers(value: Iterable[object], field: str = "layers", format_value: FormatValue = repr) -> tuple[int, ...]:
    """Neurons per layer. Raises ValueError naming `field`, the layer, the rule and the value."""
    listed = check_sequence(value, field, "whole numbers", format_value)
    if not 1 <= len(listed) <= MAX_LAYERS:
        raise ValueError(f"{field}: must have 1 to {MAX_LAYERS} layers, got {len(listed)}")
    return tuple(_check_neurons(neurons, layer, field, format_value) for layer, neurons in enumerate(listed, start=1))


def neurons_error(field: str, layer: int, got: str) -> ValueError:
    """The error for a layer with a wrong number of neurons. `layer` counts from 1."""
    return ValueError(f"{field}: layer {layer} must be a whole number from 1 to {MAX_NEURONS}, got {got}")


def _check_neurons(value: object, layer: int, field: str, format_value: FormatValue) -> int:
    whole = to_whole_number(value)
    if whole is None or not 1 <= whole <= MAX_NEURONS:
        raise neurons_error(field, layer, format_value(value))
    return whole


def check_label(value: Any, field: str = "label", format_value: FormatValue = repr) -> str:
    """The label of the magnitudes. Raises as `check_text` does."""
    return check_text(value, field, MAX_LABEL_CHARS, format_value=format_value)


def check_names(value: Iterable[Any], field: str = "names", format_value: FormatValue = repr) -> tuple[str, ...]:
    """The names of the layers. Raises ValueError naming `field`, the layer, the rule and the value."""
    listed = check_sequence(value, field, "strings, one a layer", format_value)
    return tuple(
        check_text(name, field, MAX_NAME_CHARS, item=f"the name of layer {layer}", format_value=format_value)
        for layer, name in enumerate(listed, start=1)
    )


def check_callback(value: Any) -> Callable[[int], object] | None:
    """The prop `on_current_layer_change`: a function or None. Raises ValueError."""
    if value is not None and not callable(value):
        raise ValueError(f"on_current_layer_change: must be a function of one argument or None, got {value!r}")
    return value  # type: ignore[no-any-return]  # because callable() can't tell the signature


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
    """Class names, separated by spaces. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"class_name: must be a string, got {value!r}")
    return value


PROP_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "layers": check_layers,
    "gradients": optional(lambda value: check_magnitudes(value, "gradients")),
    "label": check_label,
    "names": optional(check_names),
    "activations": optional(lambda value: check_magnitudes(value, "activations")),
    "current_layer": optional(lambda value: check_cursor(value, "current_layer")),
    "default_current_layer": lambda value: check_cursor(value, "default_current_layer"),
    "on_current_layer_change": check_callback,
    "playing": lambda value: check_flag(value, "playing"),
    "play_speed": _check_play_speed,
    "transition": _check_transition,
    "class_name": check_class_name,
    "announce": lambda value: check_choice(value, ANNOUNCEMENTS, "announce"),
    "shading": check_shading,
    "domain": optional(check_domain),
}
