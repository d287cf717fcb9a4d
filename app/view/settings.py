"""The page's settings: one table of fields for the form, the address and the messages. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..figure.magnitudes import Magnitude, magnitude_error
from ..figure.props import MAX_LAYERS, MAX_NEURONS, MIN_PLAY_SPEED_MS, check_label, check_names, neurons_error
from ..figure.text import quote, write_number
from ..figure.validation import check_lengths, parse_flag, parse_float
from ..figure.wave import LABEL, clamp_cursor, first_cursor

MAX_PLAY_SPEED_MS: Final = 2000.0  # between two advances; the slider's end
SOURCES: Final = ("synthesised", "computed", "recorded")
SYNTHESISED: Final = SOURCES[0]
RECORDED_PARAMETERS: Final = ("run", "step")  # in the address of a recorded run
# In the address of a computed network: the fields of network/config.py, which is loaded only when needed.
COMPUTED_PARAMETERS: Final = (
    *("activation", "initialisation", "sigma", "activation_gain", "residual", "normalisation"),
    *("data", "loss", "seed", "batch"),
    *("measure", "relative", "scale", "forward", "optimiser", "rate", "clip", "against"),
)
# In the address of a lesson, or of a round of questions about a view.
LEARN_PARAMETERS: Final = ("lesson", "mode", "quiz")
# The fields that the parameters of a source replace.
_COVERED_FIELDS: Final = {
    "computed": ("gradients", "names", "label"),
    "recorded": ("layers", "gradients", "names", "label", "layer"),
}
THEMES: Final = ("system", "light", "dark")
# The parts of an embedded page that can be shown, and what of them can be hidden. web/before-paint.js knows the first.
SHOWABLE: Final = ("figure", "transport", "bars", "verdict")
HIDEABLE: Final = ("title", "readout", "direction", "counts", "transport", "slider", "link", "status")
_BETWEEN: Final = re.compile(r"\s*[-–—,;]\s*|\s+")
_DECIMAL_COMMA: Final = re.compile(r"[0-9]+,[0-9]+(e[+-]?[0-9]+)?", re.IGNORECASE)
_NEURONS: Final = re.compile(r"[0-9]{1,9}")
_CURSOR: Final = re.compile(r"-?[0-9]{1,9}")
_NAME_TOKEN: Final = re.compile(r"~?.", re.DOTALL)  # one character of a name, perhaps escaped, or a separator
_NEEDS_TILDE: Final = re.compile(r"[~,]|^ | $")  # the characters of a name that a tilde must escape
_NEEDS_ENCODING: Final = re.compile(r"[^A-Za-z0-9\-._~,:/@]+")  # in a query
_NONE: Final = "none"  # the text for a layer without a magnitude


def parse_layers(text: str) -> tuple[int, ...]:
    """Layers from a text: `3-4-4-2`, with dashes, commas or spaces. Raises ValueError naming layer, rule and value."""
    parts = _BETWEEN.split(text.strip())
    if len(parts) > MAX_LAYERS:
        raise ValueError(f"Architecture: must have 1 to {MAX_LAYERS} layers, got {len(parts)}")
    for layer, part in enumerate(parts, start=1):
        if not _NEURONS.fullmatch(part) or not 1 <= int(part) <= MAX_NEURONS:
            raise neurons_error("Architecture", layer, quote(part))
    return tuple(int(part) for part in parts)


def parse_gradients(text: str, field: str = "Gradients") -> tuple[Magnitude, ...] | None:
    """Magnitudes from a text: `none, 0.012, 0.18, 1`. An empty text means the synthesised series.

    Raises ValueError naming layer, rule and value, and for numbers that may have a decimal comma.
    """
    if not text.strip():
        return None
    _check_decimal_commas(text, field)
    parts = re.split(r"\s*[,;]\s*|\s+", text.strip())
    return tuple(_parse_magnitude(part, layer, field) for layer, part in enumerate(parts, start=1))


def _check_decimal_commas(text: str, field: str) -> None:
    """Raise ValueError for a text such as `0,5 0,25`: two numbers with decimal commas, or four numbers.

    Commas alone, or commas with spaces after them, separate numbers.
    """
    parts = [part.strip(",") for part in re.split(r"[\s;]+", text.strip()) if part.strip(",")]
    doubtful = next((part for part in parts if _DECIMAL_COMMA.fullmatch(part)), None)
    if doubtful is not None and len(parts) > 1:
        rule = "must have decimal points, and one kind of separator between the numbers"
        raise ValueError(f"{field}: {rule}, got {quote(doubtful)}, which may be one number or two")


def _parse_magnitude(text: str, layer: int, field: str) -> Magnitude:
    if text.lower() == _NONE:
        return None
    try:
        magnitude = float(text.replace("∞", "inf"))
    except ValueError:
        magnitude = -1.0
    if magnitude < 0:
        raise magnitude_error(field, layer, none=_NONE, got=quote(text))
    return magnitude


def parse_names(text: str) -> tuple[str, ...] | None:
    """Names from a text: `fc1, fc2`. An empty text means no names.

    A tilde stands before each comma, tilde or outer space that belongs to a name. Raises ValueError naming layer, rule
    and value.
    """
    return check_names(_split_names(text), "Names", quote) if text.strip() else None


def _split_names(text: str) -> list[str]:
    names: list[list[str]] = [[]]
    for token in _NAME_TOKEN.findall(text):
        if token == ",":
            names.append([])
        elif names[-1] or not token.isspace():
            names[-1].append(token)
    return ["".join(token[-1] for token in _without_trailing_spaces(name)) for name in names]


def _without_trailing_spaces(tokens: list[str]) -> list[str]:
    while tokens and tokens[-1].isspace():
        tokens.pop()
    return tokens


def parse_label(text: str) -> str:
    """The label of the magnitudes from a text. Raises ValueError."""
    return check_label(text, "Label", quote)


def parse_speed(text: str) -> float:
    """Milliseconds between two advances from a text. Raises ValueError."""
    return check_speed(parse_float(text), "Playback", quote(text))


def check_speed(speed: Any, field: str, got: str) -> float:
    """Milliseconds between two advances; less than the minimum counts as the minimum. Raises ValueError.

    `got` is the value as the message shows it.
    """
    is_number = isinstance(speed, (int, float)) and not isinstance(speed, bool)
    if not is_number or not 0 <= speed <= MAX_PLAY_SPEED_MS:
        raise ValueError(f"{field}: must be a number of milliseconds from 0 to {MAX_PLAY_SPEED_MS:.0f}, got {got}")
    return max(float(speed), MIN_PLAY_SPEED_MS)


def parse_cursor(text: str) -> int:
    """A cursor from a text: 0 at the loss side, below 0 in a forward pass. Raises ValueError."""
    if not _CURSOR.fullmatch(text.strip()):
        raise ValueError(f"Layer: must be a whole number, 0 at the loss side, got {quote(text)}")
    return int(text.strip())


def check_cursor_range(cursor: int, depth: int, forward: bool = False, *, field: str = "Layer", got: str = "") -> None:
    """Raise ValueError unless the network has that cursor, with or without a forward pass.

    `got` is the value as the message shows it; by default in quotes.
    """
    if cursor != clamp_cursor(cursor, depth, forward):
        rule = f"must be a whole number from {first_cursor(depth, forward)} to {depth - 1} here"
        raise ValueError(f"{field}: {rule}, got {got or quote(str(cursor))}")


def parse_playing(text: str) -> bool:
    """A flag from a text: `1` or `true`, `0` or `false`. Raises ValueError."""
    return parse_flag(text, "Playing")


def parse_embed(text: str) -> bool:
    """A flag from a text, as in `parse_playing`."""
    return parse_flag(text, "Embed")


def parse_theme(text: str) -> str:
    """A theme from a text: `system`, `light` or `dark`. Raises ValueError."""
    return _parse_choice(text, THEMES, "Theme: must")


def parse_hide(text: str) -> tuple[str, ...]:
    """Some of `HIDEABLE` from a text, with commas or spaces. Raises ValueError naming the first wrong one."""
    return _parse_parts(text, HIDEABLE, "Hide: each must")


def parse_show(text: str) -> tuple[str, ...]:
    """Some of `SHOWABLE` from a text, with commas or spaces. Raises ValueError naming the first wrong one."""
    return _parse_parts(text, SHOWABLE, "Show: each must")


def _parse_parts(text: str, choices: tuple[str, ...], rule: str) -> tuple[str, ...]:
    return tuple(_parse_choice(name, choices, rule) for name in re.findall(r"[^\s,]+", text))


def parse_source(text: str) -> str:
    """One of `SOURCES` from a text. Raises ValueError."""
    return _parse_choice(text, SOURCES, "Source: must")


def parse_step(text: str) -> float:
    """The number of a recorded run's step from a text. Raises ValueError."""
    step = parse_float(text)
    if not math.isfinite(step):
        raise ValueError(f"Step: must be a number, got {quote(text)}")
    return step


def _parse_choice(text: str, choices: tuple[str, ...], rule: str) -> str:
    if text not in choices:
        raise ValueError(f"{rule} be {', '.join(choices[:-1])} or {choices[-1]}, got {quote(text)}")
    return text


def write_layers(layers: tuple[int, ...]) -> str:
    """The text that `parse_layers` reads."""
    return "-".join(str(neurons) for neurons in layers)


def write_gradients(gradients: tuple[Magnitude, ...] | None) -> str:
    """The text that `parse_gradients` reads."""
    return ",".join(_NONE if magnitude is None else write_number(magnitude) for magnitude in gradients or ())


def write_names(names: tuple[str, ...] | None) -> str:
    """The text that `parse_names` reads."""
    return ",".join(_NEEDS_TILDE.sub(r"~\g<0>", name) for name in names or ())


def write_speed(speed: float) -> str:
    """The text that `parse_speed` reads."""
    return write_number(speed)


def write_playing(playing: bool) -> str:
    """The text that `parse_playing` reads."""
    return "1" if playing else "0"


@dataclass(frozen=True)
class SettingField:
    """One setting: its name in the address, its default, and the functions that read and write its text."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    write: Callable[[Any], str]


FIELDS: Final = (
    SettingField("layers", (3, 4, 4, 2), parse_layers, write_layers),
    SettingField("gradients", None, parse_gradients, write_gradients),
    SettingField("names", None, parse_names, write_names),
    SettingField("label", LABEL, parse_label, str),
    SettingField("speed", 500.0, parse_speed, write_speed),
    SettingField("layer", 0, parse_cursor, str),
    SettingField("playing", True, parse_playing, write_playing),
)


_LOOK: Final[tuple[tuple[str, Callable[[str], object], str], ...]] = (
    ("embed", parse_embed, "it changes nothing"),
    ("hide", parse_hide, "the others are hidden"),
    ("show", parse_show, "it is left out"),
    ("theme", parse_theme, "it changes nothing"),
    ("source", parse_source, "the magnitudes are synthesised"),
)
LOOK_PARAMETERS: Final = tuple(name for name, _, _ in _LOOK)


@dataclass(frozen=True)
class Settings:
    """A view of the page. `layer` is the cursor, 0 at the loss side; `speed` is in ms.

    `label` is the label of `gradients`, `names` are the names of the layers. `source` is one of `SOURCES`.
    """

    layers: tuple[int, ...] = (3, 4, 4, 2)
    gradients: tuple[Magnitude, ...] | None = None
    speed: float = 500.0
    layer: int = 0
    playing: bool = True
    source: str = SYNTHESISED
    names: tuple[str, ...] | None = None
    label: str = LABEL


def read_address(parameters: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """Settings from the parameters of an address, and a sentence for each wrong one, which gets its default."""
    values: dict[str, Any] = {"source": _source_of(parameters)}
    wrong = []
    for field in FIELDS:
        if field.name not in parameters:
            continue
        try:
            values[field.name] = field.parse(parameters[field.name])
        except ValueError as error:
            wrong.append(_in_the_address(field, str(error)))
    settings = Settings(**values)
    for name, check in _FIT_CHECKS.items():
        if name == "layer" and settings.source == "recorded":  # its depth is not known yet
            continue
        try:
            check(settings, _asks_forward(parameters))
        except ValueError as error:
            field = next(field for field in FIELDS if field.name == name)
            settings = replace(settings, **{name: field.default})
            wrong.append(_in_the_address(field, str(error)))
    return settings, wrong


def _source_of(parameters: Mapping[str, str]) -> str:
    """The source that an address asks for. A run without a source is recorded, and a lesson computed."""
    if "source" in parameters:
        return parameters["source"] if parameters["source"] in SOURCES else SYNTHESISED
    if parameters.get("run"):
        return "recorded"
    return "computed" if parameters.get("lesson") else SYNTHESISED


def check_label_use(settings: Settings, field: str, got: str) -> None:
    """Raise ValueError for a label of its own on the synthesised series. `got` is the label as the message shows it."""
    if settings.gradients is None and settings.label != LABEL:
        raise ValueError(f"{field}: must come with gradients, for the synthesised series is {LABEL}, got {got}")


# A value that is right by itself may still not fit this view. The order matters: the label depends on the gradients.
_FIT_CHECKS: Final[dict[str, Callable[[Settings, bool], None]]] = {
    "gradients": lambda settings, _: check_lengths({"Gradients": settings.gradients}, len(settings.layers)),
    "names": lambda settings, _: check_lengths({"Names": settings.names}, len(settings.layers)),
    "label": lambda settings, _: check_label_use(settings, "Label", quote(settings.label)),
    "layer": lambda settings, forward: check_cursor_range(settings.layer, len(settings.layers), forward),
}


def drop_misfits(settings: Settings) -> Settings:
    """Drop names whose count no longer matches the layers, and a label without magnitudes."""
    has_names = settings.names is not None and len(settings.names) == len(settings.layers)
    has_label = settings.gradients is not None
    return replace(settings, names=settings.names if has_names else None, label=settings.label if has_label else LABEL)


def _asks_forward(parameters: Mapping[str, str]) -> bool:
    """True if the address asks for a computed forward pass. `network.config` reads the details later."""
    return parameters.get("source") == "computed" and parameters.get("forward", "").strip().lower() in {"1", "true"}


def check_look_parameters(parameters: Mapping[str, str]) -> list[str]:
    """A sentence for each wrong parameter of the page's look (see web/before-paint.js, web/embed.css)."""
    wrong = []
    for name, parse, outcome in _LOOK:
        try:
            parse(parameters.get(name, ""))
        except ValueError as error:
            if name in parameters:
                wrong.append(f"{error}. This came from “{name}” in the address; {outcome}.")
    return wrong


def write_address(settings: Settings, own: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """The parameters that lead back to this view: those that differ from their defaults, in the table's order.

    A playing wave has no layer in the address, because it moves on before the address is read. `own` are the parameters
    of the source, which replace the magnitudes. A run from a file has none: it must not go into an address.
    """
    left_out = {*_COVERED_FIELDS.get(settings.source, ()), *(("layer",) if settings.playing else ())}
    if settings.gradients is None:
        left_out.add("label")
    pairs = []
    for field in FIELDS:
        value = getattr(settings, field.name)
        if value != field.default and field.name not in left_out:
            pairs.append((field.name, field.write(value)))
    return [*pairs, *own]


def write_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters as the query of an address. Characters without a special meaning stay readable."""
    return "&".join(f"{name}={_encoded(text)}" for name, text in pairs)


def _encoded(text: str) -> str:
    """The text in UTF-8 with percent encoding (https://www.rfc-editor.org/rfc/rfc3986)."""
    return _NEEDS_ENCODING.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def _in_the_address(field: SettingField, refusal: str) -> str:
    descriptions = {"gradients": "the synthesised series", "names": "input, hidden 1 … output"}
    default = descriptions.get(field.name) or field.write(field.default)
    return f"{refusal}. This came from “{field.name}” in the address; the default stands in: {default}."
