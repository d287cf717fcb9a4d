"""What the name of a logged value says: whose gradient it is, of which kind, reduced how. Pure.

Tools write the same thing in many ways: `grad_norm/fc1.weight`, Lightning's `grad_2.0_norm/fc1.weight`, a histogram
tagged `fc1.weight.grad`. What a name does not say is not guessed silently: see `ASSUMED`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

L1: Final = "l1"
L2: Final = "l2"
MEAN: Final = "mean"
MAX: Final = "max"
RMS: Final = "rms"
ASSUMED: Final = "l2?"  # the log says that it is a gradient and not how it was reduced: taken for an L2 norm
PARAMETER: Final = "parameter"
ACTIVATION: Final = "activation"
UNKNOWN: Final = "unknown"
KINDS: Final = {
    PARAMETER: "parameter gradient ∂L/∂W",
    ACTIVATION: "activation gradient ∂L/∂a",
    UNKNOWN: "gradient (the log doesn't say by what)",
}
REDUCTIONS: Final = {
    L2: "L2 norm",
    ASSUMED: "L2 norm (assumed)",
    RMS: "RMS",
    MEAN: "mean |·|",
    MAX: "maximum |·|",
    L1: "L1 norm",
}
LONGEST: Final = 200  # characters of a name; the longest in torchvision have about 60
STEPS: Final = (
    "step",
    "_step",
    "global_step",
    "trainer/global_step",
    "train/global_step",
    "steps",
    "iteration",
    "iter",
)
LOSSES: Final = ("loss", "train_loss", "train/loss", "loss/train", "training_loss", "train loss", "losses/train")

_WORD: Final = (
    r"(?:(?P<before>max|mean|avg|rms|abs_mean|mean_abs|l1|l2)_)?"
    r"(?P<by>layer_|param_|parameter_|activation_|activations_|act_|output_|input_|hidden_)?"
    r"(?:gradients?|grads?)(?P<of>_(?:outputs?|inputs?|activations?)(?![a-z]))?"
    r"(?:_(?P<p>\d{1,3}(?:\.\d{1,6})?|inf)_norm|_(?P<after>l2_norm|l1_norm|norms?|l2|l1|rms|abs_mean|mean_abs|mean|"
    r"abs_max|max_abs|max)(?![a-z0-9]))?"
)
_ONLY: Final = re.compile(rf"{_WORD}$", re.IGNORECASE)
_FRONT: Final = re.compile(rf"{_WORD}[.:_ ](?P<name>.+)$", re.IGNORECASE | re.DOTALL)
_BACK: Final = re.compile(rf"[._ ]{_WORD}$", re.IGNORECASE)
_MENTIONED: Final = re.compile(r"grad", re.IGNORECASE)
_TOTAL: Final = re.compile(r"(?:^|[/._ ])(?:total|all|global|overall|sum)$", re.IGNORECASE)
_TOTAL_FRONT: Final = re.compile(
    r"^(?:total|global|overall|train|training|trainer|optim|optimizer|model)$", re.IGNORECASE
)
_PARAMETER: Final = re.compile(
    r"(?:^|[./])(?:parametrizations\.\w+\.original\d?|"
    r"(?:\w+_)?(?:weights?(?!_decay)|bias|kernel|gamma|beta|scale|embeddings?)(?:_\w+)?)$"
)
_LAYER: Final = re.compile(
    r"(?:^|[./_ ])(?:layers?|fc|conv|dense|linear|lin|blocks?|encoder|decoder|h|lstm|gru|rnn|attn|attention|head|embed|"
    r"bn|norm|hidden|input|output|stage|stem|mlp)[\w ]*?[._/ ]?\d+(?:[./]|$)",
    re.IGNORECASE,
)
_METRIC: Final = re.compile(
    r"^_|(?:^|[/_. ])(?:acc|accuracy|lr|learning[_ ]rate|epochs?|time|runtime|timestamp|date|val|valid|validation|test|"
    r"eval|f1|precision|recall|auc|mae|mse|rmse|ppl|perplexity|samples?|tokens?|memory|gpu|cpu|loss|losses|momentum|"
    r"weight_decay|seed|batch|batch_size|throughput|reward|score|bleu)(?:$|[/_. \-@]|\d)",
    re.IGNORECASE,
)
_WRAPPERS: Final = re.compile(
    r"(?:^|(?<=\.))(?:_orig_mod|_fsdp_wrapped_module|_forward_module|_checkpoint_wrapped_module)\."
)
_DIGITS: Final = re.compile(r"(\d+)")


class Tag(NamedTuple):
    """What a key is.

    `role` is `step`, `loss`, `gradient` or `bare` (a number under a name that might be a layer's), or `other`: totals
    over all layers, minima and maxima beside a value, metrics. Of a gradient, `name` is the parameter's or the
    layer's; `kind` is `activation` or `unknown`: that it is a parameter's shows in the names (`kind_of`).
    """

    role: str
    name: str
    kind: str = UNKNOWN
    reduction: str = ASSUMED


def read_tag(key: str) -> Tag:
    """What a key says."""
    key = clean(key)
    folded = key.casefold()
    if folded in STEPS:
        return Tag("step", key)
    if folded.endswith(("__min", "__max", "_epoch")):
        return Tag("other", key)
    key, folded = key.removesuffix("_step"), folded.removesuffix("_step")  # Lightning's, beside one an epoch
    if folded in LOSSES:
        return Tag("loss", key)
    if _MENTIONED.search(key):
        found = _gradient(key)
        if found:
            return found
    metric = _METRIC.search(key) and not _PARAMETER.search(key)
    return Tag("other" if metric or not key else "bare", module_name(key))


def _gradient(key: str) -> Tag | None:
    """A key that speaks of a gradient; None where its word for it is none that is known."""
    parts = key.split("/")
    for at, part in enumerate(parts):
        word = _ONLY.match(part)
        if word:
            rest, before = "/".join(parts[at + 1 :]), "/".join(parts[:at])
            name = rest or ("" if _TOTAL_FRONT.match(before) else before)
            return _named(word, name)
    word = _FRONT.match(parts[-1])
    if word:
        return _named(word, word["name"])
    word = _FRONT.match(key)
    if word:
        return _named(word, word["name"])
    word = _BACK.search(key)
    return _named(word, key[: word.start()]) if word else None


def _named(word: re.Match[str], name: str) -> Tag:
    if not name or _TOTAL.search(name) or _TOTAL_FRONT.match(name):
        return Tag("other", name)
    by = (word["by"] or "") + (word["of"] or "")
    activation = any(what in by.lower() for what in ("act", "output", "input", "hidden"))
    return Tag("gradient", module_name(name), ACTIVATION if activation else UNKNOWN, _reduction(word))


def _reduction(word: re.Match[str]) -> str:
    if word["p"]:
        p = word["p"].lower()
        return MAX if p == "inf" else f"l{float(p):g}" if float(p) else ASSUMED
    said = f"{word['before'] or ''}_{word['after'] or ''}".lower()
    for part, reduction in (("rms", RMS), ("mean", MEAN), ("avg", MEAN), ("max", MAX), ("l1", L1), ("l2", L2)):
        if part in said:
            return reduction
    return L2 if "norm" in said else ASSUMED


def clean(name: str) -> str:
    """The name as the figure takes it: at most 200 characters, all of them printable, so none a change of direction."""
    name = name[:LONGEST].strip()
    return name if name.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in name)


def module_name(name: str) -> str:
    """The name without what wraps a module for compiling and sharding: `_orig_mod.fc1.weight` is `fc1.weight`."""
    return _WRAPPERS.sub("", name.removeprefix("module.")) or name


def layer_of(name: str) -> str:
    """The layer that a parameter belongs to, its module's name: `fc1.weight` is of `fc1`, `dense/kernel` of `dense`.

    A name that is no parameter's is a layer itself: `layer.2`, `cls_token`.
    """
    found = _PARAMETER.search(name)
    return name[: found.start()] or name if found else name


def kind_of(names: Iterable[str]) -> str:
    """Whether these are gradients by parameters, which their names show; else it is not known."""
    return PARAMETER if any(_PARAMETER.search(name) for name in names) else UNKNOWN


def look_like_layers(names: Sequence[str]) -> bool:
    """Whether names that don't say so are of layers or parameters: half of them at least look it."""
    like = sum(1 for name in names if _PARAMETER.search(name) or _LAYER.search(name))
    return bool(names) and 2 * like >= len(names)


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """What names are sorted by so that `layer.2` comes before `layer.10`."""
    pieces = _DIGITS.split(name)
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


def reduction_label(reduction: str) -> str:
    """How a reduction is called on the picture; `l3` is the norm Σ|g|³ to the power of 1/3."""
    return REDUCTIONS.get(reduction) or f"L{reduction[1:]} norm"


def short_label(kind: str, reduction: str) -> str:
    """As `L2 ∂L/∂W`, to stand before a magnitude; what the log does not say has a question mark."""
    by = {PARAMETER: "∂L/∂W", ACTIVATION: "∂L/∂a"}.get(kind, "∂L")
    known = {L2: "L2", ASSUMED: "L2?", RMS: "RMS", L1: "L1"}
    if reduction in {MEAN, MAX}:
        return f"{reduction} |{by}|"
    return f"{known.get(reduction, reduction.upper())} {by}"
