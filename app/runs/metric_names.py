"""One grammar for the names of logged values: whose gradient it is, of which kind, reduced how. Pure.

Tools write the same thing in many ways: `grad_norm/fc1.weight`, Lightning's `grad_2.0_norm/fc1.weight`, Composer's
`l2_norm/grad/fc1.weight`, OLMo's `grad/fc1.weight.norm`, a histogram tagged `fc1.weight.grad`. A name is cut into
segments and words; the gradient word and the words of statistics beside it are its *phrase*. What follows the phrase is
the parameter or the layer, what comes before it is context; where nothing follows, what comes before is the layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from .layer_names import (
    MAX_METRIC_NAME_CHARS,
    any_parameter,
    clean,
    is_parameter,
    layer_of,
    look_like_layers,
    looks_like_layer,
    module_name,
    natural_key,
)
from .metric_phrases import OF_NORMS, NameParts, split_name, words_of
from .metric_words import (
    ACTIVATION_WORDS,
    CONTAINER_WORDS,
    LEADING_NOISE,
    MAX_WORDS,
    MEAN_WORDS,
    NOISE_SEGMENTS,
    NORM_WORDS,
    NOT_MAGNITUDE_WORDS,
    PARAMETER_WORDS,
    PLAIN_WORDS,
    STATISTIC_WORDS,
    STEP_NAMES,
    TOTAL_WORDS,
    UNLIKE_WORDS,
    WEIGHT_PHRASE,
    is_loss,
    is_metric,
    is_step,
)
from .reductions import (
    ACTIVATION,
    ASSUMED,
    KINDS,
    L1,
    L2,
    MAX,
    MEAN,
    PARAMETER,
    RMS,
    STD,
    UNKNOWN,
    reduction_label,
    short_label,
)

__all__ = [  # with what the readers of the formats need of its neighbours
    "ACTIVATION",
    "ASSUMED",
    "KINDS",
    "L1",
    "L2",
    "MAX",
    "MAX_METRIC_NAME_CHARS",
    "MEAN",
    "PARAMETER",
    "RMS",
    "STD",
    "STEP_NAMES",
    "UNKNOWN",
    "MetricName",
    "clean",
    "kind_of",
    "layer_of",
    "look_like_layers",
    "module_name",
    "natural_key",
    "parse_metric_name",
    "reduction_label",
    "short_label",
]

STEP: Final = "step"
LOSS: Final = "loss"
GRADIENT: Final = "gradient"  # of a layer or a parameter
BARE: Final = "bare"  # a number under a name that might be a layer's
TOTAL: Final = "total"  # over all layers
STATISTIC: Final = "statistic"  # of a gradient, but no magnitude: least values, medians, counts
WEIGHT: Final = "weight"  # of weights, updates, activations
OTHER: Final = "other"
DOUBTFUL: Final = frozenset({"norm", "l1", "l2"})  # names of layers, or of a norm of all layers
MAX_REMEMBERED: Final = 1 << 13  # names whose parts are remembered: a file may have 4,096
MAX_PHRASES: Final = 3  # gradient words in one name: `gradients/grad_norm/fc1.weight`
BEFORE_CLIPPING: Final = "before clipping"
AFTER_CLIPPING: Final = "after clipping"
BY_EPOCH: Final = "by epoch"
STAGES: Final = ("", BEFORE_CLIPPING, AFTER_CLIPPING, BY_EPOCH)  # the first that there is of a series is shown

_STAGE: Final = re.compile(
    r"(?:(?<=[/_.\s-])|^)(?:(?P<early>(?:pre|before|un|no)[_\s-]?clip(?:ping|ped)?|raw(?=[_-]grad))|"
    r"(?P<late>(?:(?:post|after)[_\s-]?)?clip(?:ping|ped)|(?:post|after)[_\s-]?clip))(?=[/_.\s-]|$)[_-]?",
    re.IGNORECASE,
)
_DERIVATIVE: Final = re.compile(r"^(?P<path>.{0,160}/)?d(?P<name>[WwbB]_?\d{1,6})$")  # dW1, as who writes it by hand
_BACKWARD: Final = re.compile(
    r"^(?P<layer>.{1,160})_backward_(?P<of>weight|bias|gamma|beta|data\d?|output\d?)$", re.IGNORECASE
)
_MENTIONED: Final = re.compile(r"grad|gnorm|_backward_|^(?:.{0,80}/)?d[WwbB]_?\d", re.IGNORECASE)
_BY_WORD: Final = (  # the first counts
    (STD, frozenset({"std", "stddev", "sd"})),
    (MAX, MAX_WORDS),
    (RMS, frozenset({"rms"})),
    (L1, frozenset({"l1", "sum"})),
    (L2, NORM_WORDS | {"l2", "fro", "frobenius"}),
    (MEAN, MEAN_WORDS),
)


@dataclass(frozen=True, slots=True)
class MetricName:
    """A logged value's name, taken apart.

    `name` is the parameter's or the layer's. `kind` is `activation`, `parameter` or `unknown`: that it is a parameter's
    mostly shows in the names of its neighbours (`kind_of`). `context` is what stands around the phrase and may tell
    series apart (`actor`, `train`); `stage` is `before clipping`, `after clipping` or `by epoch`. `by_suffix` tells
    that the statistic is a last word `norm`, which might be a module's. `doubt`: the role of a name that may be a
    layer's although its role says otherwise (`grads/norm`, `L1`).
    """

    role: str
    name: str
    kind: str = UNKNOWN
    reduction: str = ASSUMED
    context: str = ""
    stage: str = ""
    by_suffix: bool = False
    doubt: str = ""

    @property
    def layer(self) -> str:
        """The layer's name."""
        return layer_of(self.name)

    @property
    def parameter(self) -> str:
        """The parameter within its layer, as `weight`; empty where the name is a layer's."""
        return self.name[len(self.layer) :].strip("./") if is_parameter(self.name) else ""

    @property
    def is_total(self) -> bool:
        """True if it is over all layers."""
        return self.role == TOTAL


@lru_cache(MAX_REMEMBERED)
def parse_metric_name(key: str, *, norm_is_module: bool = False) -> MetricName:
    """A name taken apart. `norm_is_module`: a last word `norm` is a module, as in `gradients/encoder_norm`."""
    key = clean(key).replace("()", "")
    if is_step(key):
        return MetricName(STEP, key)
    if key.casefold().endswith(("__min", "__max")):  # W&B's, beside the value
        return MetricName(OTHER, key)
    stage = ""
    if "_" in key[-6:]:  # Lightning's: one a step, one an epoch
        if key.casefold().endswith("_epoch"):
            key, stage = key[: -len("_epoch")], BY_EPOCH
        elif key.casefold().endswith("_step"):
            key = key[: -len("_step")]
    if is_loss(key):
        return MetricName(OTHER if stage else LOSS, key)
    if _MENTIONED.search(key):
        found = _gradient(key, norm_is_module)
        if found:
            return replace(found, stage=found.stage or stage)
    if stage:
        return MetricName(OTHER, key)
    return MetricName(_bare_role(key), module_name(key), doubt=BARE if key.casefold() in DOUBTFUL else "")


def _bare_role(key: str) -> str:
    """The role of a name without a gradient word."""
    if not key:
        return OTHER
    if WEIGHT_PHRASE.search(key):
        return WEIGHT
    words = words_of(key)
    if words and all(word in TOTAL_WORDS or word in STATISTIC_WORDS or word == "layer" for word in words):
        return TOTAL if TOTAL_WORDS.intersection(words) else OTHER
    return OTHER if is_metric(key) and not is_parameter(key) else BARE


def kind_of(names: Iterable[str]) -> str:
    """`parameter` if these names show gradients by parameters; else `unknown`."""
    return PARAMETER if any_parameter(names) else UNKNOWN


def _gradient(key: str, norm_is_module: bool) -> MetricName | None:
    """A name that speaks of a gradient, taken apart; None where its gradient word is none that is known."""
    key, stage = _without_stage(key)
    written = _written_out(key)
    if written:
        return written
    words, context = list[str](), list[str]()
    parts, name = None, key
    for _ in range(MAX_PHRASES):
        found = split_name(name, norm_is_module=norm_is_module or not NORM_WORDS.isdisjoint(words))
        if found is None:
            break
        if found.is_unlike:
            return MetricName(OTHER, key)
        parts = found
        context += found.before if found.after else _leading_context(found)
        words += found.words + found.suffix
        name = "/".join(found.after or found.before)
    if parts is None:
        return None
    named = _named(words, name, "." if parts.after else "/", context)
    return replace(named, stage=stage, by_suffix=parts.suffix == ["norm"])


def _without_stage(key: str) -> tuple[str, str]:
    """A name without `pre_clip` and its like, and what that says."""
    found = _STAGE.search(key)
    if not found:
        return key, ""
    stage = BEFORE_CLIPPING if found["early"] else AFTER_CLIPPING
    before, after = key[: found.start()], key[found.end() :]
    if not before:
        return after.lstrip("/_"), stage
    joint = "/" if before.endswith("/") or after.startswith("/") else ""
    return before.rstrip("/_-. ") + joint + after.lstrip("/_"), stage


def _written_out(key: str) -> MetricName | None:
    """MXNet's `fc1_backward_weight`, and `dW1` as who computes it by hand calls it."""
    backward = _BACKWARD.match(key)
    if backward:
        of = backward["of"].casefold()
        if of.startswith(("data", "output")):
            return MetricName(GRADIENT, module_name(backward["layer"]), ACTIVATION)
        return MetricName(GRADIENT, module_name(f"{backward['layer']}_{of}"), PARAMETER)
    derivative = _DERIVATIVE.match(key)
    return MetricName(GRADIENT, f"{derivative['path'] or ''}{derivative['name']}", PARAMETER) if derivative else None


def _leading_context(parts: NameParts) -> list[str]:
    """The context before a name that its phrase follows: `train` in `train/fc1/grad_norm`."""
    found = []
    while len(parts.before) > 1 and (first := parts.before[0].casefold()) in LEADING_NOISE:
        found.append(parts.before.pop(0))
        parts.words += [first] if first in ACTIVATION_WORDS else []
    return [each for each in found if each.casefold() in CONTAINER_WORDS]


def _named(words: list[str], name: str, joint: str, context: list[str]) -> MetricName:
    name = module_name(_without_brackets(name.strip(" :|,-")))
    if context and context[-1].casefold() in PARAMETER_WORDS:
        words = [*words, context.pop().casefold()]
    name, kind = _with_parameter(words, name, joint), _kind(words)
    context = [each for each in context if each.casefold() not in NOISE_SEGMENTS]
    around, reduction = "/".join(context), _reduction(words)
    if _is_total(name) and not (name.casefold() == "norm" and "norm" in words[:2]):
        doubt = GRADIENT if reduction and name.casefold() in DOUBTFUL else ""
        return MetricName(TOTAL, name or around, kind, reduction or ASSUMED, around if doubt else "", doubt=doubt)
    if reduction is None:
        return MetricName(STATISTIC, name, kind, ASSUMED, around)
    return MetricName(GRADIENT, name, kind, reduction, around)


def _without_brackets(name: str) -> str:
    if name.endswith(")") and "(" not in name:
        return name[:-1]
    if name[:1] in {"[", "("} and not {"]", ")"}.intersection(name):
        return name[1:]
    is_bracketed = name[:1] + name[-1:] in {"()", "{}", "[]"} and name[1:2] not in {"'", '"'}
    return name[1:-1] if is_bracketed else name


def _with_parameter(words: list[str], name: str, joint: str) -> str:
    """The name with the parameter that the phrase has instead: `bias_grad_norm/fc1` is of `fc1.bias`."""
    of = next((word for word in words if word in PARAMETER_WORDS), None)
    return f"{name}{joint}{PARAMETER_WORDS[of]}" if of and name and not is_parameter(name) else name


def _is_total(name: str) -> bool:
    """True if a name is that of no layer: `total`, `train`, or empty."""
    words = words_of(name)
    if not words:
        return True
    of_layers = set(words[1:]) - STATISTIC_WORDS
    if words[0] in STATISTIC_WORDS and of_layers in ({"layer"}, {"layers"}):
        return True  # over the layers: `max_layer_norm`
    if len(words) > 1 and all(word in UNLIKE_WORDS for word in words):
        return True  # `num_zeros`, `clip_coef`
    plain = TOTAL_WORDS | PLAIN_WORDS | CONTAINER_WORDS
    return all(word in plain or word in STATISTIC_WORDS for word in words) and not looks_like_layer(name)


def _kind(words: list[str]) -> str:
    if any(word in ACTIVATION_WORDS for word in words):
        return ACTIVATION
    known = {"wgrad", "dw", "db", "param", "params", "parameter", "parameters", *PARAMETER_WORDS}
    return PARAMETER if known.intersection(words) else UNKNOWN


def _reduction(words: list[str]) -> str | None:
    """The reduction of the elements; None if the statistic is no magnitude."""
    said = set(words)
    power = next((word for word in words if word[0].isdigit()), "")
    if not said.isdisjoint(NOT_MAGNITUDE_WORDS) or OF_NORMS in said or ("sum" in said and "abs" not in said):
        return None
    if power and "norm" in said:
        return f"l{float(power):g}" if float(power) else ASSUMED
    for reduction, names in _BY_WORD:
        if not said.isdisjoint(names):
            return reduction
    return ASSUMED
