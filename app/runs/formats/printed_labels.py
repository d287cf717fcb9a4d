"""Labels of printed numbers: the layer's name, and whether words beside it speak of a gradient, and of which statistic.

fc1.weight - Grad Mean          fc1.weight   gradient, mean
Layer 1 gradient norm           Layer 1      gradient, norm
grad_norm/fc1.weight            as it is: the collector knows such names
Param: fc1.weight | exp_avg     fc1.weight   something else
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .. import metric_names

GRADIENT_LABEL: Final = frozenset(
    {
        *("grad", "grads", "gradient", "gradients", "gradnorm", "gradnorms", "gnorm"),
        *("dw", "db", "dl", "wgrad", "dgrad", "dldw"),
        *("∇", "∇w", "∇l", "∂l", "∂w", "∂l∂w"),
    }
)
NORMS: Final = frozenset({"norm", "norms", "l2", "l2norm", "magnitude", "magnitudes", "mag", "‖", "‖g‖"})
STATISTICS: Final = {
    **dict.fromkeys(("norm", "norms", "l2", "l2norm", "gradnorm", "gradnorms", "gnorm"), "norm"),
    **dict.fromkeys(("l1", "l1norm"), "l1"),
    **dict.fromkeys(("rms",), "rms"),
    **dict.fromkeys(("max", "maximum", "absmax", "maxabs", "amax", "linf"), "max"),
    **dict.fromkeys(("mean", "means", "avg", "average", "absmean", "meanabs"), "mean"),
    **dict.fromkeys(("std", "stddev", "stdev", "sd"), "std"),
    **dict.fromkeys(("var", "variance"), "var"),
    **dict.fromkeys(("min", "minimum"), "min"),
    **dict.fromkeys(("median",), "median"),
    **dict.fromkeys(("sum",), "sum"),
}
RANKED: Final = ("l1", "norm", "rms", "var", "std", "median", "min", "max", "mean", "sum")  # the most telling first
PARTS: Final = {
    **dict.fromkeys(("weight", "weights", "kernel", "kernels", "wgrad", "dw"), ".weight"),
    **dict.fromkeys(("bias", "biases", "db"), ".bias"),
}
ACTIVATION_LABELS: Final = frozenset(
    {"activation", "activations", "act", "output", "outputs", "input", "inputs", "dgrad"}
)
OTHERS: Final = frozenset(
    {
        *(
            "ratio",
            "ratios",
            "update",
            "updates",
            "momentum",
            "exp",
            "sq",
            "lr",
            "nan",
            "nans",
            "inf",
            "infs",
            "zero",
            "zeros",
        ),
        *(
            "finite",
            "sparsity",
            "snr",
            "count",
            "num",
            "numel",
            "n",
            "clip",
            "clipped",
            "threshold",
            "cos",
            "cosine",
            "rank",
        ),
        *(
            "clipping",
            "accumulation",
            "checkpointing",
            "penalty",
            "scaler",
            "steps",
            "step",
            "scaling",
            "underflow",
            "overflow",
        ),
        *(
            "percent",
            "percentile",
            "percentiles",
            "quantile",
            "quantiles",
            "no",
            "ok",
            "sync",
            "accum",
            "fraction",
            "requires",
            "none",
            "elements",
            "dim",
            "dims",
            "data",
            "scale",
            "before",
            "after",
            "change",
        ),
    }
)
FILLERS: Final = frozenset(
    {
        *(
            "has",
            "have",
            "had",
            "of",
            "is",
            "are",
            "was",
            "the",
            "a",
            "an",
            "for",
            "in",
            "at",
            "with",
            "to",
            "per",
            "from",
            "on",
        ),
        *(
            "by",
            "and",
            "its",
            "value",
            "values",
            "wise",
            "layerwise",
            "statistics",
            "stats",
            "stat",
            "size",
            "shape",
            "dtype",
        ),
        *(
            "device",
            "abs",
            "absolute",
            "name",
            "param",
            "params",
            "parameter",
            "parameters",
            "layer",
            "layers",
            "module",
            "tensor",
        ),
        *(
            "modules",
            "block",
            "blocks",
            "flow",
            "check",
            "current",
            "item",
            "each",
            "that",
            "this",
            "debug",
            "info",
            "info:",
        ),
    }
)
LAYERS: Final = frozenset({"layer", "layers", "block", "blocks", "stage", "stages"})
PARAMETERS: Final = frozenset({"param", "params", "parameter", "parameters", "weight", "weights"})
TOTALS: Final = frozenset({"total", "global", "overall", "all", "whole", "entire", "model", "network", "net"})
NUMBERED: Final = frozenset(
    {"layer", "block", "stage", "module", "level", "depth", "param", "parameter", "hidden", "conv", "fc"}
)
_BEFORE_CLIPPING: Final = re.compile(r"\(?\b(?:before|pre)[ _-]?clip(?:ping|ped)?\b\)?", re.IGNORECASE)
_AFTER_CLIPPING: Final = re.compile(r"\b(?:after|post)[ _-]?clip(?:ping|ped)?\b", re.IGNORECASE)
_DOUBTFUL: Final = re.compile(
    r"^[\s|,;:-]*(?:(?P<name>L[12])\b|(?i:(?:layer\s+)?(?P<norm>norm))(?:[\s:=]*$|[\s:|,-]+grad))"
)
_PARENTHESES: Final = re.compile(r"\([^()]{0,200}\)")
_NAMING: Final = re.compile(r"\b(?:layer|param(?:eter)?|module|block|name|tensor)=", re.IGNORECASE)  # layer=fc1
_CLAUSE_END: Final = re.compile("[|,;]")
_CLAUSES: Final = re.compile(r"[,;|]+|[:=](?=\s|$)|\s[-–—>→]+\s|(?<=\s)[-=]+>|\s[-–]+$")
_EDGES: Final = "|‖∥'\"`*()[]{}<>,;"
_NORM_END: Final = re.compile(r"(?<=[‖∥])[_₀₁₂₃∞²F\d]{1,3}$")  # ‖W‖₂
_KEYS: Final = re.compile(r"^\.?(?:\[['\"][^\[\]'\"]{1,80}['\"]\])+$")
_PART: Final = re.compile(r"[_.\-/|‖∥²]+")
_DERIVATIVE: Final = re.compile(r"^(?:[∂d][A-Za-z]\w*/[∂d]|[∇‖]+)(?P<name>\w.*)$")  # ∂L/∂W1, ∇fc1
_ARGUMENT: Final = re.compile(r"\((?P<name>[A-Za-z_][\w./]{0,200})\)")  # grad_norm(fc1.weight)
_ATTRIBUTE: Final = re.compile(r"^(?P<name>.+?)\.grad\.(?P<rest>(?:data\.)?(?:abs\.)?(?:norm|mean|max|std|sum|min))$")
_COUNTS: Final = re.compile(r"^(?:[\d.,]*[:/<%|][\d:/<>%|.,]*|[\d:/<>%|.,]+s(?:/it)?)$")  # 9/15 and times
_SPEED: Final = re.compile(r"^[\d.,?]+[kKM]?[A-Za-z]{0,12}/(?:s|sec|it|step|min|h)$")  # 5.0it/s
_WITH_NUMBER: Final = re.compile(r"^[^\W\d][\w./-]*\d[\w./-]*$")
_JUNK: Final = re.compile(r"[()<>]|\.py$|^torch\.|^/")
_LAYER_WORD: Final = re.compile(
    r"(?:^|[\s_./-])(?:encoder|decoder|embed(?:ding)?s?|head|stem|backbone|neck|fc|conv\w*|linear|dense|attn|attention|mlp|"
    r"ffn?|lstm|gru|rnn|input|output|hidden|classifier|bn|proj\w*|[qkvo]_proj|to_[qkvo]|block|layer|actor|critic|generator|"
    r"discriminator|transformer|wte|wpe|ln_\w|l\d+|[a-z]\d)(?:$|[\s_./-]|\d)",
    re.IGNORECASE,
)
_SPECIFIC: Final = re.compile(r"\w[./\]\[]\w|weight|bias|kernel")


@dataclass(frozen=True)
class Label:
    """A label, taken apart. `raw` is its text, unchanged."""

    name: str
    raw: str
    words: frozenset[str]
    is_whole: bool  # the name has the gradient word in it
    is_heading: bool = False  # the gradient word stands before the name, so it holds for the names after it as well
    fallback: str = ""  # a word, as `output`, that is the name where no other one is known

    @cached_property
    def is_gradient(self) -> bool:
        """Say whether it speaks of a gradient."""
        return not self.words.isdisjoint(GRADIENT_LABEL) and self.words.isdisjoint(OTHERS)

    @cached_property
    def is_other(self) -> bool:
        """Say whether it speaks of something that is no gradient, as of weights."""
        if not self.words.isdisjoint(OTHERS):
            return True
        return self.words.isdisjoint(GRADIENT_LABEL) and not self.words.isdisjoint(ACTIVATION_LABELS | PARTS.keys())

    @cached_property
    def says_something(self) -> bool:
        """Say whether it has words of a gradient, of something else or of a statistic beside the name."""
        return self.is_gradient or self.is_other or bool(self.statistic)

    @property
    def is_total(self) -> bool:
        """Say whether it is of all layers together."""
        return not self.name and not self.words.isdisjoint(TOTALS)

    @cached_property
    def statistic(self) -> str:
        """The statistic that it names; empty for none."""
        said = {STATISTICS[word] for word in self.words if word in STATISTICS}
        return next((one for one in RANKED if one in said), "")

    @cached_property
    def doubtful(self) -> str:
        """A first word that may be a layer's name or a statistic, where there is no other name; empty for none."""
        found = None if self.name else _DOUBTFUL.match(self.raw)
        return (found["name"] or found["norm"]) if found else ""

    @cached_property
    def leads(self) -> bool:
        """Say whether the gradient word stands before the name, as in `gradients fc1`, so that names may follow."""
        clause = _CLAUSE_END.split(self.raw)[-1].split()
        first = _parts(clause[0]) if clause else []
        return self.is_gradient and bool(self.name) and not GRADIENT_LABEL.isdisjoint(first) and clause[-1] == self.name

    @property
    def part(self) -> str:
        """The part of a layer, `.weight` or `.bias`, that it names beside the layer."""
        found = {PARTS[word] for word in self.words if word in PARTS}
        return found.pop() if len(found) == 1 else ""

    def key(self, name: str, statistic: str) -> str:
        """The name for the collector of this gradient of a layer."""
        kind = "activation_" if not self.words.isdisjoint(ACTIVATION_LABELS) else ""
        part = "" if kind or name.endswith((".weight", ".bias")) else self.part
        return f"{kind}grad{'_' if statistic else ''}{statistic}/{name}{part}"


def parse_printed_label(raw: str) -> Label:
    """Take a label apart."""
    text = _NAMING.sub(" ", _PARENTHESES.sub(" ", _BEFORE_CLIPPING.sub(" ", raw)))
    words: set[str] = {"clipped"} if _AFTER_CLIPPING.search(raw) else set()
    clauses = [_clause(clause, words) for clause in _CLAUSES.split(text)]
    named = [names for names in clauses if names]
    tokens = [token for names in named for token in names]
    derivative = next((found for token in tokens if (found := _DERIVATIVE.match(token))), None)
    if derivative:
        return Label(derivative["name"], raw, frozenset({*words, "grad"}), False)
    if not tokens and not words.isdisjoint(GRADIENT_LABEL) and (inner := _ARGUMENT.search(raw)):
        return Label(inner["name"], raw, frozenset(words), False)
    called = next((found for token in tokens if (found := _ATTRIBUTE.match(token))), None)
    if called:
        return Label(called["name"], raw, frozenset({*words, "grad", *_parts(called["rest"])}), False)
    whole = next((token for token in tokens if _has_gradient(token)), "")
    if whole:
        return Label(whole, raw, frozenset(words), True)
    specific = next((token for token in tokens if _SPECIFIC.search(token)), "")
    last = [token for token in named[-1] if not token.isdecimal()] or named[-1] if named else []
    name = specific or " ".join(last)
    fallback = next((word for word in ("input", "output", "inputs", "outputs") if word in words), "")
    if not name and fallback and (words.isdisjoint(GRADIENT_LABEL) or "layer" in words):
        name = fallback
        words.discard(name)
    heads = bool(tokens) and not clauses[0] and not words.isdisjoint(GRADIENT_LABEL)
    if not name and words <= FILLERS:
        name = " ".join(text.split()).strip(_EDGES)
    return Label(name, raw.strip(), frozenset(words), False, heads, "" if name else fallback)


def is_layer_like(name: str) -> bool:
    """Say whether a name is that of a layer or a parameter, by its looks."""
    if len(name) == 1 or _JUNK.search(name):
        return False
    return bool(
        _SPECIFIC.search(name) or _WITH_NUMBER.match(name) or _LAYER_WORD.search(name)
    ) or metric_names.look_like_layers([name])


def _clause(clause: str, words: set[str]) -> list[str]:
    """The tokens of a clause that are names; its other words go to `words`."""
    names: list[str] = []
    tokens = [stripped for token in clause.split() if (stripped := _stripped(token))]
    skip = False
    for at, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if token.casefold() in NUMBERED and following.lstrip("#").isdecimal():
            names.append(f"{token} {following}")
            skip = True
        elif (_COUNTS.match(token) and len(tokens) > 1) or _SPEED.match(token):
            continue
        elif not _is_vocabulary(token):
            names.append(token)
        else:
            parts = _parts(token)
            words.update(parts)
            of = parts if len(parts) > 1 else [*parts, following.casefold()]
            if not GRADIENT_LABEL.intersection(of) and PARAMETERS.intersection(of) and STATISTICS.keys() & set(of):
                words.add("data")  # a norm of parameters
    return names


def _stripped(token: str) -> str:
    """A token without punctuation around it; JAX's `['Dense_0']['kernel']` as it is."""
    keys = token.rstrip(":,")
    return keys if _KEYS.match(keys) else _NORM_END.sub("", token).strip(_EDGES).rstrip(":")


def _parts(token: str) -> list[str]:
    return [part for part in _PART.split(token.casefold()) if part]


def _is_vocabulary(token: str) -> bool:
    """Say whether a token is made of known words alone, and is no layer's name such as `norm.weight` or `layer_1`."""
    parts = _parts(token)
    if not any(part.isalpha() or part in GRADIENT_LABEL for part in parts):
        return not any(char.isalnum() for char in token)
    words = [part for part in parts if not part.isdecimal()]
    if not all(_is_word(part) for part in words):
        return False
    if any(part in GRADIENT_LABEL for part in words):
        return len(words) == len(parts) or (parts[0] in GRADIENT_LABEL and parts[-1] in STATISTICS)
    is_name = len(words) < len(parts) or "." in token or "/" in token
    return not is_name and not (len(parts) > 1 and not LAYERS.isdisjoint(parts))


def _is_word(part: str) -> bool:
    return (
        part in GRADIENT_LABEL
        or part in STATISTICS
        or part in PARTS
        or part in ACTIVATION_LABELS
        or part in OTHERS
        or part in FILLERS
        or part in TOTALS
        or part in NORMS
    )


def _has_gradient(token: str) -> bool:
    """Say whether a name has the gradient word in it, as `grad_norm/fc1.weight` has."""
    return "grad" in token.casefold() or token.startswith("∇")
