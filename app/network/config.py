"""The configuration of a computed view: one table of fields for the form, address, snippets, command line and messages.

Pure. A `NetworkConfig` holds only names and numbers that are already checked, as `Settings` do for the page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ..figure.text import quote, write_number
from ..figure.validation import check_choice, check_number, check_whole, parse_flag, parse_float
from .activations import ACTIVATIONS
from .datasets import DATASETS, Data
from .initialisers import INITIALISER_NAMES, NORMAL, WITH_GAIN
from .metrics import GRADIENT_MEASURES, MEASURES, measure_label
from .mlp import CROSS_ENTROPY, LOSS_NAMES, MEAN_SQUARED_ERROR, Network, check_cost, check_size
from .optimisers import OPTIMISERS, Optimiser
from .optimisers import optimiser as optimiser_named
from .pieces import start_cost
from .splitmix import MAX_SEED

SOURCE: Final = ("source", "computed")  # the parameter of an address that makes the others count
LOG, LINEAR = "log", "linear"
# The fields that are keyword arguments of `Network`.
NETWORK_ARGUMENTS: Final = (
    *("activation", "initialisation", "sigma", "activation_gain", "residual", "normalisation", "loss", "seed"),
)
POINTS: Final = 512  # in a data set; also the largest batch
CHOICE, FLAG, NUMBER, WHOLE = "choice", "flag", "number", "whole"
# The part that a field belongs to: two configurations side by side differ only in their own fields, and a change of a
# view field starts no new training.
OWN, SHARED, VIEW = "own", "shared", "view"


class ComputedField(NamedTuple):
    """One field: its name in the address and as an attribute of `NetworkConfig`, and its label for people.

    `kind` is `choice`, `flag`, `number` or `whole`. A choice has `choices`, pairs of a value and its text. `parse`
    raises ValueError naming label, rule and value. `part` is `own` if two configurations side by side may differ in it,
    `shared` if they may not, or `view` if it changes only what is shown of a run.
    """

    name: str
    label: str
    kind: str
    hint: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str]
    part: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def default(self) -> Any:
        """The value if none is given."""
        return getattr(NetworkConfig, self.name)


@dataclass(frozen=True)
class NetworkConfig:
    """A network, its data, its training and the view of it. `COMPUTED_FIELDS` explains each field.

    `clip` None means no clipping. `against` is a second configuration beside this one. It may differ only in the fields
    whose part is `own`, and has no `against` itself; the constructor sets the other fields.
    """

    activation: str = "sigmoid"
    initialisation: str = "xavier_normal"
    sigma: float = 1.0
    activation_gain: bool = False
    residual: bool = False
    normalisation: bool = False
    data: str = "spirals"
    loss: str = MEAN_SQUARED_ERROR
    seed: int = 0
    batch: int = 64
    measure: str = "rms_a"
    relative: bool = False
    scale: str = LOG
    forward: bool = False
    optimiser: str = "sgd"
    rate: float = 0.1
    clip: float | None = None
    against: NetworkConfig | None = None

    def __post_init__(self) -> None:
        if self.against is not None:
            shared = {field.name: getattr(self, field.name) for field in COMPUTED_FIELDS if field.part != OWN}
            object.__setattr__(self, "against", replace(self.against, **shared, against=None))

    @property
    def label(self) -> str:
        """The label of the magnitude on a picture, `RMS ∂L/∂a`."""
        return measure_label(self.measure, relative=self.is_relative)

    @property
    def is_relative(self) -> bool:
        """True if magnitudes are divided by the output's, which only gradients can be."""
        return self.relative and self.measure in GRADIENT_MEASURES

    def address(self) -> list[tuple[str, str]]:
        """Return the address parameters that recreate it: the source, then each field that differs from its default."""
        pairs = [SOURCE, *_differences(self, COMPUTED_FIELDS)]
        return pairs if self.against is None else [*pairs, (AGAINST, write_against(self.against))]

    def described(self) -> dict[str, Any]:
        """Return all fields by name, for an exported file; `against` as the same kind of dictionary, or None."""
        found = {field.name: getattr(self, field.name) for field in COMPUTED_FIELDS}
        return found | {AGAINST: None if self.against is None else self.against.described() | {AGAINST: None}}

    def network(self, layers: Sequence[int]) -> Network:
        """Return the untrained network. Raises ValueError as `check` does."""
        check(self, layers)
        return Network(layers, **{name: getattr(self, name) for name in NETWORK_ARGUMENTS})

    def data_for(self, layers: Sequence[int]) -> Data:
        """Return the data set, of `POINTS` points, for a network of these layers."""
        return Data(self.data, layers[0], layers[-1], size=POINTS, seed=self.seed)

    def start_cost(self, layers: Sequence[int]) -> int:
        """Return about how many operations it takes to draw the network and to look at it first."""
        return start_cost(layers, self.batch, is_orthogonal=self.initialisation == "orthogonal")

    def new_optimiser(self) -> Optimiser:
        """Return a new optimiser."""
        return optimiser_named(self.optimiser, self.rate, self.clip)


def _choice_parser(label: str, names: Iterable[str]) -> Callable[[str], str]:
    known = tuple(names)
    return lambda text: check_choice(text.strip(), known, label, lambda _: quote(text))


def _flag_parser(label: str) -> Callable[[str], bool]:
    return lambda text: parse_flag(text, label)


def _number_parser(label: str) -> Callable[[str], float]:
    return lambda text: check_number(parse_float(text), label, format_value=lambda _: quote(text))


def _whole_parser(label: str, lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        whole = int(text) if re.fullmatch(r"[0-9]{1,16}", text.strip()) else None
        return check_whole(whole, lowest, highest, label, format_value=lambda _: quote(text))

    return parse


def parse_clip(text: str) -> float | None:
    """Read a norm greater than 0; an empty text, or `none`, means no clipping. Raises ValueError."""
    if text.strip().lower() in ("", "none"):
        return None
    norm = parse_float(text)
    if not 0.0 < norm < math.inf:
        raise ValueError(f"Clipping: must be a finite number greater than 0, or nothing, got {quote(text)}")
    return norm


def write_clip(clip: float | None) -> str:
    """Return the text that `parse_clip` reads."""
    return "" if clip is None else write_number(clip)


def _write_flag(value: bool) -> str:
    return "1" if value else "0"


def _choice_field(name: str, label: str, hint: str, words: Mapping[str, str], part: str) -> ComputedField:
    return ComputedField(name, label, CHOICE, hint, _choice_parser(label, words), str, part, tuple(words.items()))


def _flag_field(name: str, label: str, hint: str, part: str) -> ComputedField:
    return ComputedField(name, label, FLAG, hint, _flag_parser(label), _write_flag, part)


def _number_field(name: str, label: str, hint: str) -> ComputedField:
    return ComputedField(name, label, NUMBER, hint, _number_parser(label), write_number, OWN)


def _whole_field(name: str, label: str, hint: str, lowest: int, highest: int) -> ComputedField:
    return ComputedField(name, label, WHOLE, hint, _whole_parser(label, lowest, highest), str, SHARED)


_ACTIVATION_TEXTS: Final = dict(
    zip(ACTIVATIONS, ("Identity", "Sigmoid", "tanh", "ReLU", "Leaky ReLU", "GELU", "SiLU"), strict=True)
)
_INITIALISATION_TEXTS: Final = dict(
    zip(
        INITIALISER_NAMES,
        (
            *("Normal, N(0, σ²)", "Xavier (Glorot) uniform", "Xavier (Glorot) normal"),
            *("He (Kaiming) uniform", "He (Kaiming) normal", "LeCun normal", "Orthogonal", "PyTorch’s default"),
        ),
        strict=True,
    )
)
_DATA_TEXTS: Final = dict(
    zip(DATASETS, ("Spirals", "Circles", "Exclusive or", "Gaussian blobs", "Random teacher"), strict=True)
)
_LOSS_TEXTS: Final = dict(zip(LOSS_NAMES, ("Mean squared error", "Softmax cross-entropy"), strict=True))
_OPTIMISER_TEXTS: Final = dict(zip(OPTIMISERS, ("SGD", "SGD with momentum", "Adam"), strict=True))
_MEASURE_TEXTS: Final = {name: measure.label for name, measure in MEASURES.items()}
_SCALE_TEXTS: Final = {LOG: "Logarithmic", LINEAR: "Linear"}

COMPUTED_FIELDS: Final = (
    _choice_field("activation", "Activation", "f of each hidden layer; the output is linear.", _ACTIVATION_TEXTS, OWN),
    _choice_field(
        *("initialisation", "Initialisation", "The first weights. Biases begin at 0, but not with PyTorch’s default."),
        *(_INITIALISATION_TEXTS, OWN),
    ),
    _number_field("sigma", "σ", "Standard deviation of the normal initialisation, at least 0."),
    _flag_field(
        *("activation_gain", "PyTorch’s gain", "Weights times calculate_gain: 5/3 for tanh, √2 for ReLU."), OWN
    ),
    _flag_field("residual", "Residual connections", "Each hidden layer as wide as the one before adds its input.", OWN),
    _flag_field("normalisation", "Layer normalisation", "Before each hidden layer’s activation.", OWN),
    _choice_field("data", "Data", "What the network learns from.", _DATA_TEXTS, SHARED),
    _choice_field("loss", "Loss", "L, the mean over the batch.", _LOSS_TEXTS, SHARED),
    _whole_field("seed", "Seed", f"0 to {MAX_SEED}; the same seed gives the same numbers.", 0, MAX_SEED),
    _whole_field("batch", "Batch", f"Examples a step, 1 to {POINTS}.", 1, POINTS),
    _choice_field("measure", "Magnitude", "The number that is shown for each layer.", _MEASURE_TEXTS, VIEW),
    _flag_field("relative", "Relative to the output", "Each gradient divided by the output’s.", VIEW),
    _choice_field("scale", "Scale", "The axis of the bars.", _SCALE_TEXTS, VIEW),
    _flag_field("forward", "Forward pass first", "Activations travel to the loss before the gradients return.", VIEW),
    _choice_field("optimiser", "Optimiser", "The rule that changes the weights.", _OPTIMISER_TEXTS, OWN),
    _number_field("rate", "Learning rate", "At least 0."),
    ComputedField(
        *("clip", "Clipping", NUMBER, "The largest L2 norm of all gradients together; empty: none."),
        *(parse_clip, write_clip, OWN),
    ),
)
_BY_NAME: Final = {field.name: field for field in COMPUTED_FIELDS}
_OWN_FIELDS: Final = tuple(field for field in COMPUTED_FIELDS if field.part == OWN)
AGAINST: Final = "against"
PARAMETER_NAMES: Final = (SOURCE[0], *_BY_NAME, AGAINST)  # all parameters of a computed view in an address


def _differences(computed: NetworkConfig, among: Iterable[ComputedField]) -> list[tuple[str, str]]:
    """Return name and text of each field that differs from its default."""
    pairs = ((field, getattr(computed, field.name)) for field in among)
    return [(field.name, field.write(value)) for field, value in pairs if value != field.default]


def parse_against(text: str) -> NetworkConfig:
    """Read the own fields that differ from the defaults: `activation:relu,initialisation:he_normal`.

    Raises ValueError.
    """
    chosen: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, value = part.partition(":")
        field = _BY_NAME.get(name.strip())
        if not colon or field is None or field.part != OWN:
            known = ", ".join(field.name for field in _OWN_FIELDS)
            raise ValueError(f"Against: each must be one of {known}, as in activation:relu, got {quote(part)}")
        try:
            chosen[field.name] = field.parse(value)
        except ValueError as error:
            raise ValueError(f"Against: {error}") from None
    return NetworkConfig(**chosen)


def write_against(against: NetworkConfig) -> str:
    """Return the text that `parse_against` reads."""
    return ",".join(f"{name}:{text}" for name, text in _differences(against, _OWN_FIELDS))


def read_computed(parameters: Mapping[str, str], layers: Sequence[int]) -> tuple[NetworkConfig, list[str]]:
    """Read a computed view from an address; return it and a sentence for each wrong parameter."""
    computed, wrong = NetworkConfig(), []
    for name in (*_BY_NAME, AGAINST):
        if name not in parameters:
            continue
        try:
            computed = change(computed, name, parameters[name], layers)
        except ValueError as error:
            default = _BY_NAME[name].write(_BY_NAME[name].default) if name in _BY_NAME else ""
            stands_in = f"the default stands in: {default or 'none'}"
            wrong.append(f"{error}. This came from “{name}” in the address; {stands_in}.")
    return computed, wrong


def change(computed: NetworkConfig, name: str, text: str, layers: Sequence[int]) -> NetworkConfig:
    """Return `computed` with one field, or `against`, read from a text.

    Raises ValueError naming the field, the rule and the value, and KeyError for a name that no field has.
    """
    if name == AGAINST:
        return replace(computed, against=parse_against(text))
    changed = replace(computed, **{name: _BY_NAME[name].parse(text)})
    if name == "loss":
        _check_loss(changed, layers)
    return changed


def check(computed: NetworkConfig, layers: Sequence[int]) -> None:
    """Check that a network of these layers is possible. Raises ValueError naming the field, the rule and the value."""
    check_size(tuple(layers), "Architecture")
    check_cost(layers, computed.batch)
    _check_loss(computed, layers)


def _check_loss(computed: NetworkConfig, layers: Sequence[int]) -> None:
    if computed.loss == CROSS_ENTROPY and layers[-1] < 2:
        rule = f"must be {MEAN_SQUARED_ERROR} for a single output neuron"
        raise ValueError(f"Loss: {rule}, got {quote(CROSS_ENTROPY)}")


def applies(name: str, computed: NetworkConfig, layers: Sequence[int]) -> bool:
    """Return True if a field makes a difference for a network of these layers."""
    rules: dict[str, bool] = {
        "activation": len(layers) > 2,
        "initialisation": len(layers) > 1,
        "sigma": len(layers) > 1 and computed.initialisation == NORMAL,
        "activation_gain": len(layers) > 2 and _has_gain(computed),
        "residual": any(inputs == outputs for inputs, outputs in pairwise(layers[:-1])),
        "normalisation": len(layers) > 2,
        "loss": layers[-1] > 1,
        "relative": computed.measure in GRADIENT_MEASURES,
        **dict.fromkeys(("optimiser", "rate", "clip"), len(layers) > 1),
    }
    return rules.get(name, True)


def _has_gain(computed: NetworkConfig) -> bool:
    return computed.initialisation in WITH_GAIN and ACTIVATIONS[computed.activation].gain != 1.0


def is_same_run(former: NetworkConfig, computed: NetworkConfig) -> bool:
    """Return True if they differ only in view fields. Then a training of one is valid for the other."""
    parts = {field.name: field.part for field in COMPUTED_FIELDS}
    named = [
        field.name for field in fields(NetworkConfig) if parts.get(field.name, OWN) != VIEW and field.name != AGAINST
    ]
    return all(getattr(former, name) == getattr(computed, name) for name in named)
