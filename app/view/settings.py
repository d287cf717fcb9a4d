"""The page's settings: one table of fields that the form, the address and the messages all read. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..figure.magnitudes import Magnitude, check_length
from ..figure.props import MAX_LAYERS, MAX_NEURONS, MIN_PLAY_SPEED_MS, check_label, check_names, neurons_refusal
from ..figure.text import quote, write_number
from ..figure.wave import LABEL, clamp_cursor, first_cursor

MAX_PLAY_SPEED_MS: Final = 2000.0  # ms between advances: the slider's far end
SOURCES: Final = ("synthesised", "computed", "recorded")
RECORDED: Final = ("run", "step")  # what an address says of a recorded run
THEMES: Final = ("system", "light", "dark")
HIDEABLE: Final = ("title", "readout", "direction", "counts", "transport", "slider", "status")  # of an embedded page
_BETWEEN: Final = re.compile(r"\s*[-–—,;]\s*|\s+")
_NEURONS: Final = re.compile(r"[0-9]{1,9}")
_CURSOR: Final = re.compile(r"-?[0-9]{1,9}")
_GRADIENTS_RULE: Final = "must be a number of at least 0, NaN, Infinity or none"
_MARKED: Final = re.compile(r"~?.", re.DOTALL)  # a character of a name, or what stands between them
_OWN: Final = re.compile(r"[~,]|^ | $")  # what of a name needs a mark
_CODED: Final = re.compile(r"[^A-Za-z0-9\-._~,:/@]+")  # in a query
_NONE: Final = "none"  # a layer without a magnitude


def parse_layers(text: str) -> tuple[int, ...]:
    """`3-4-4-2`, with dashes, commas or spaces. Raises ValueError naming layer, rule and value."""
    parts = _BETWEEN.split(text.strip())
    if len(parts) > MAX_LAYERS:
        raise ValueError(f"Architecture: must have 1 to {MAX_LAYERS} layers, got {len(parts)}")
    for layer, part in enumerate(parts, start=1):
        if not _NEURONS.fullmatch(part) or not 1 <= int(part) <= MAX_NEURONS:
            raise ValueError(neurons_refusal("Architecture", layer, quote(part)))
    return tuple(int(part) for part in parts)


def parse_gradients(text: str, field: str = "Gradients") -> tuple[Magnitude, ...] | None:
    """`none, 0.012, 0.18, 1`; nothing at all means the synthesised series. Raises as `parse_layers` does."""
    if not text.strip():
        return None
    parts = re.split(r"\s*[,;]\s*|\s+", text.strip())
    return tuple(_parse_magnitude(part, layer, field) for layer, part in enumerate(parts, start=1))


def _parse_magnitude(text: str, layer: int, field: str) -> Magnitude:
    if text.lower() == _NONE:
        return None
    try:
        magnitude = float(text.replace("∞", "inf"))
    except ValueError:
        magnitude = -1.0
    if magnitude < 0:
        raise ValueError(f"{field}: the magnitude of layer {layer} {_GRADIENTS_RULE}, got {quote(text)}")
    return magnitude


def parse_names(text: str) -> tuple[str, ...] | None:
    """`fc1, fc2`, with a tilde before each comma, tilde or outer space that is a name's own; nothing at all means none.

    Raises ValueError naming layer, rule and value.
    """
    return check_names(_split_names(text), "Names", quote) if text.strip() else None


def _split_names(text: str) -> list[str]:
    names: list[list[str]] = [[]]
    for token in _MARKED.findall(text):
        if token == ",":
            names.append([])
        elif names[-1] or not token.isspace():
            names[-1].append(token)
    return ["".join(token[-1] for token in _ended(name)) for name in names]


def _ended(tokens: list[str]) -> list[str]:
    while tokens and tokens[-1].isspace():
        tokens.pop()
    return tokens


def parse_label(text: str) -> str:
    """What a magnitude is called. Raises ValueError."""
    return check_label(text, "Label", quote)


def parse_speed(text: str) -> float:
    """Milliseconds between advances; less than the floor counts as the floor. Raises ValueError."""
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 <= speed <= MAX_PLAY_SPEED_MS:
        raise ValueError(
            f"Playback: must be a number of milliseconds from 0 to {MAX_PLAY_SPEED_MS:.0f}, got {quote(text)}"
        )
    return max(speed, MIN_PLAY_SPEED_MS)


def parse_cursor(text: str) -> int:
    """A cursor, 0 at the loss side; one below 0 is a forward pass's. Raises ValueError."""
    if not _CURSOR.fullmatch(text.strip()):
        raise ValueError(f"Layer: must be a whole number, 0 at the loss side, got {quote(text)}")
    return int(text.strip())


def check_cursor(cursor: int, depth: int, forward: bool = False) -> None:
    """Raises ValueError unless the network has that cursor, with a forward pass or without."""
    if cursor != clamp_cursor(cursor, depth, forward):
        first = first_cursor(depth, forward)
        raise ValueError(f"Layer: must be a whole number from {first} to {depth - 1} here, got {quote(str(cursor))}")


def parse_playing(text: str) -> bool:
    """`1` or `true`, `0` or `false`. Raises ValueError."""
    return _parse_flag(text, "Playing")


def parse_embed(text: str) -> bool:
    """As `parse_playing`."""
    return _parse_flag(text, "Embed")


def parse_theme(text: str) -> str:
    """`system`, `light` or `dark`. Raises ValueError."""
    if text not in THEMES:
        raise ValueError(f"Theme: must be {_either(THEMES)}, got {quote(text)}")
    return text


def parse_hide(text: str) -> tuple[str, ...]:
    """Some of `HIDEABLE`, with commas or spaces; nothing hides nothing. Raises ValueError naming the first other."""
    names = tuple(re.findall(r"[^\s,]+", text))
    for name in names:
        if name not in HIDEABLE:
            raise ValueError(f"Hide: each must be {_either(HIDEABLE)}, got {quote(name)}")
    return names


def parse_source(text: str) -> str:
    """`synthesised` or `computed`. Raises ValueError."""
    if text not in SOURCES:
        raise ValueError(f"Source: must be {_either(SOURCES)}, got {quote(text)}")
    return text


def parse_step(text: str) -> float:
    """The number of a recorded run's step. Raises ValueError."""
    try:
        step = float(text)
    except ValueError:
        step = math.nan
    if not math.isfinite(step):
        raise ValueError(f"Step: must be a number, got {quote(text)}")
    return step


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _parse_flag(text: str, field: str) -> bool:
    answers = {"1": True, "true": True, "0": False, "false": False}
    if text.strip().lower() not in answers:
        raise ValueError(f"{field}: must be 1 or 0, got {quote(text)}")
    return answers[text.strip().lower()]


def write_layers(layers: tuple[int, ...]) -> str:
    """The text that `parse_layers` reads."""
    return "-".join(str(neurons) for neurons in layers)


def write_gradients(gradients: tuple[Magnitude, ...] | None) -> str:
    """The text that `parse_gradients` reads."""
    return ",".join(_NONE if magnitude is None else write_number(magnitude) for magnitude in gradients or ())


def write_names(names: tuple[str, ...] | None) -> str:
    """The text that `parse_names` reads."""
    return ",".join(_OWN.sub(r"~\g<0>", name) for name in names or ())


def write_speed(speed: float) -> str:
    """The text that `parse_speed` reads."""
    return write_number(speed)


def write_playing(playing: bool) -> str:
    """The text that `parse_playing` reads."""
    return "1" if playing else "0"


@dataclass(frozen=True)
class Field:
    """One setting: its name in the address, its default, and how its text is read and written."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    write: Callable[[Any], str]


FIELDS: Final = (
    Field("layers", (3, 4, 4, 2), parse_layers, write_layers),
    Field("gradients", None, parse_gradients, write_gradients),
    Field("names", None, parse_names, write_names),
    Field("label", LABEL, parse_label, str),
    Field("speed", 500.0, parse_speed, write_speed),
    Field("layer", 0, parse_cursor, str),
    Field("playing", True, parse_playing, write_playing),
)


_LOOK: Final[tuple[tuple[str, Callable[[str], object], str], ...]] = (
    ("embed", parse_embed, "it changes nothing"),
    ("hide", parse_hide, "the others are hidden"),
    ("theme", parse_theme, "it changes nothing"),
    ("source", parse_source, "the magnitudes are synthesised"),
)
LOOK_PARAMETERS: Final = tuple(name for name, _, _ in _LOOK)


@dataclass
class Settings:
    """What a view of the page is made of. `layer` is the cursor, 0 at the loss side; `speed` is in ms.

    `label` is what `gradients` are called, `names` what the layers are. `computed` is a `computed.Computed` where a
    network makes the magnitudes: then `gradients` are what it made, and neither label nor names are shown. Where they
    are a recorded run's, `recorded` is a `recorded.Origin`.
    """

    layers: tuple[int, ...] = (3, 4, 4, 2)
    gradients: tuple[Magnitude, ...] | None = None
    speed: float = 500.0
    layer: int = 0
    playing: bool = True
    computed: Any = None  # its module comes only to those who choose it, so nothing here knows it …
    recorded: Any = None  # … and neither this one's
    names: tuple[str, ...] | None = None
    label: str = LABEL


def read_address(parameters: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """Settings from an address's parameters, and a sentence for each that is wrong: its default stands in."""
    settings, wrong = Settings(), []
    for field in FIELDS:
        if field.name not in parameters:
            continue
        try:
            setattr(settings, field.name, field.parse(parameters[field.name]))
        except ValueError as error:
            wrong.append(_in_the_address(field, str(error)))
    for name, check in _AGREEMENTS.items():
        if name == "layer" and "run" in parameters:  # how many layers a recorded run has is not known yet
            continue
        try:
            check(settings, _asks_forward(parameters))
        except ValueError as error:
            field = next(field for field in FIELDS if field.name == name)
            setattr(settings, name, field.default)
            wrong.append(_in_the_address(field, str(error)))
    return settings, wrong


def _check_gradients(settings: Settings, _forward: bool) -> None:
    if settings.gradients is not None:
        check_length(len(settings.gradients), len(settings.layers), "Gradients")


def _check_names(settings: Settings, _forward: bool) -> None:
    if settings.names is not None:
        check_length(len(settings.names), len(settings.layers), "Names", "name")


def _check_label(settings: Settings, _forward: bool) -> None:
    if settings.gradients is None and settings.label != LABEL:
        raise ValueError(
            f"Label: must come with gradients, for the synthesised series is {LABEL}, got {quote(settings.label)}"
        )


def _check_layer(settings: Settings, forward: bool) -> None:
    check_cursor(settings.layer, len(settings.layers), forward)


# What is right by itself may not be in this view. In this order: a label has gradients, or had.
_AGREEMENTS: Final[dict[str, Callable[[Settings, bool], None]]] = {
    "gradients": _check_gradients,
    "names": _check_names,
    "label": _check_label,
    "layer": _check_layer,
}


def fitted(settings: Settings) -> Settings:
    """The same without what was said of other layers or magnitudes: names of another number, a label of none."""
    has_names = settings.names is not None and len(settings.names) == len(settings.layers)
    has_label = settings.gradients is not None or settings.computed is not None
    return replace(settings, names=settings.names if has_names else None, label=settings.label if has_label else LABEL)


def _asks_forward(parameters: Mapping[str, str]) -> bool:
    """Whether the address asks for a computed forward pass. What is computed is read later, by `computed`."""
    return parameters.get("source") == "computed" and parameters.get("forward", "").strip().lower() in {"1", "true"}


def check_look_parameters(parameters: Mapping[str, str]) -> list[str]:
    """A sentence for each wrong parameter of how the page is shown (see web/before-paint.js, web/page.css)."""
    wrong = []
    for name, parse, outcome in _LOOK:
        try:
            parse(parameters.get(name, ""))
        except ValueError as error:
            if name in parameters:
                wrong.append(f"{error}. This came from “{name}” in the address; {outcome}.")
    return wrong


def write_address(settings: Settings) -> list[tuple[str, str]]:
    """The parameters that make this view again: those that differ from their defaults, in the table's order.

    Where the wave plays, its layer is no part of the view: it has moved on before the address is read. Magnitudes that
    are computed are made again by what computed them, which says what they are. Of a recorded run there is where it
    came from, and nothing where that is a file: what is in it goes into no address.
    """
    made = settings.computed or settings.recorded
    passing = {"layer": settings.playing, "gradients": made is not None, "names": made is not None}
    passing["label"] = made is not None or settings.gradients is None
    if settings.recorded is not None:
        passing |= {"layers": True, "layer": True}
    pairs = []
    for field in FIELDS:
        value = getattr(settings, field.name)
        if value != field.default and not passing.get(field.name, False):
            pairs.append((field.name, field.write(value)))
    return pairs if made is None else [*pairs, *made.address()]


def write_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters as an address has them: in it stay the characters that mean nothing there, so that it can be read."""
    return "&".join(f"{name}={_encoded(text)}" for name, text in pairs)


def _encoded(text: str) -> str:
    """UTF-8, each byte that isn't plain as a percent sign and its number (https://www.rfc-editor.org/rfc/rfc3986)."""
    return _CODED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def _in_the_address(field: Field, refusal: str) -> str:
    unsaid = {"gradients": "the synthesised series", "names": "input, hidden 1 … output"}
    default = unsaid.get(field.name) or field.write(field.default)
    return f"{refusal}. This came from “{field.name}” in the address; the default stands in: {default}."
