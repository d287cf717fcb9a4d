"""Roles of parameters and modules, from their names and types: what is alike, and may be fitted by one line. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .layer_names import layer_of

OF_BIAS, OF_WEIGHT, UNLIKE = "bias", "weight", "other"  # a parameter within its module
AFFINE, NORM, EMBEDDING, RECURRENT = "affine", "norm", "embedding", "recurrent"  # a module
_CONTAINERS: Final = frozenset(
    ("block", "blocks", "group", "layer", "layers", "resblocks", "resnets", "stage", "stages", "unit", "units", "h")
)
_PARTS: Final = re.compile(r"[./]")
_DIGITS: Final = re.compile(r"\d+")
_RECURRENT_LEAF: Final = re.compile(r"(?P<leaf>(?:weight|bias)_(?:ih|hh|hr))_l(?P<layer>\d{1,3})(?P<back>_reverse)?$")
_BIAS_LEAF: Final = re.compile(r"bias|^beta|^b\d*(?::\d+)?$", re.IGNORECASE)
_NORM_LEAF: Final = re.compile(r"^(?:gamma|beta|scale|moving_|running_)", re.IGNORECASE)
_WEIGHT_LEAF: Final = re.compile(r"weight|kernel|lora_|^w\d*(?::\d+)?$", re.IGNORECASE)
_NORM_NAME: Final = re.compile(r"norm|(?:^|_)(?:bn|ln|gn)(?:_|\d|$)", re.IGNORECASE)
_EMBEDDING_NAME: Final = re.compile(r"embed|^(?:wte|wpe|emb\d*|.*_emb)$|token$", re.IGNORECASE)
_BY_TYPE: Final = (
    (NORM, re.compile(r"norm", re.IGNORECASE)),
    (EMBEDDING, re.compile(r"embedding", re.IGNORECASE)),
    (RECURRENT, re.compile(r"LSTM|GRU|RNN", re.IGNORECASE)),
    (AFFINE, re.compile(r"linear|conv|dense|attention", re.IGNORECASE)),
)
_SCORE_NAME: Final = re.compile(
    r"^(?:[qk]|key|query|[qk]_(?:proj|lin)|to_[qk]|w[qk]|(?:key|query)_proj)$", re.IGNORECASE
)
_RAW: Final = re.compile(r"^(?P<path>.*[./])?(?P<letter>[wWbB])_?(?P<number>\d{1,4})$")  # w0, b0, as written by hand


class ParameterRole(NamedTuple):
    """The role of a parameter, or of a module where `part` is empty.

    `place` is the module's name with a star for the number of its block, `h.*.attn.c_attn`: names that share it have
    one role in each block. `block` is the number itself, −1 without one.
    """

    module: str
    part: str
    kind: str
    place: str
    block: int = -1

    @property
    def inner(self) -> str:
        """The part of the place that follows the number of the block: `.attn.c_attn`."""
        return self.place.partition("*")[2]

    @property
    def is_expert(self) -> bool:
        """True for one of several experts, which lie beside each other and are not all used."""
        return "expert" in self.module.casefold()

    @property
    def is_score(self) -> bool:
        """True for attention's queries and keys: what attention looks at decides on their gradient, not the depth.

        The bias of keys has none up to rounding, because a softmax doesn't depend on it.
        """
        return bool(_SCORE_NAME.match(_PARTS.split(self.module)[-1]))


def role_of(name: str, types: dict[str, str], layer: str = "") -> ParameterRole:
    """The role of a parameter, by its name and the types of the modules that are known."""
    recurrent = _RECURRENT_LEAF.search(name)
    if recurrent:
        module, leaf = name[: recurrent.start()].rstrip("./"), recurrent["leaf"] + (recurrent["back"] or "")
        part = OF_BIAS if leaf.startswith("bias") else OF_WEIGHT
        return ParameterRole(module, part, RECURRENT, f"{module}.l*.{leaf}", int(recurrent["layer"]))
    raw = _RAW.match(name)
    if raw:
        part = OF_BIAS if raw["letter"] in "bB" else OF_WEIGHT
        return ParameterRole(
            f"{raw['path'] or ''}{raw['number']}", part, AFFINE, f"{raw['path'] or ''}*", int(raw["number"])
        )
    module = layer or layer_of(name)
    leaf = name[len(module) :].strip("./_[]'\"") if name.startswith(module) else name
    part = (
        OF_BIAS
        if _BIAS_LEAF.search(leaf)
        else OF_WEIGHT
        if _WEIGHT_LEAF.search(leaf) or _NORM_LEAF.match(leaf)
        else UNLIKE
    )
    place, block = _place(module)
    kind = NORM if _NORM_LEAF.match(leaf) and module not in types else _kind(module, types.get(module, ""))
    if leaf.casefold().startswith("embedding"):
        kind = EMBEDDING
    if leaf.partition(":")[0] not in {"weight", "bias", "kernel", "gamma", "beta", ""}:
        place = f"{place}.{_DIGITS.sub('', leaf).rstrip(':')}"
    return ParameterRole(module, part, kind, place, block)


def module_role(module: str, types: dict[str, str]) -> ParameterRole:
    """The role of a module."""
    place, block = _place(module)
    return ParameterRole(module, "", _kind(module, types.get(module, "")), place, block)


def _kind(module: str, type_name: str) -> str:
    if type_name:
        return next((kind for kind, pattern in _BY_TYPE if pattern.search(type_name)), UNLIKE)
    last = [part for part in _PARTS.split(module) if not part.isdigit()][-1:] or [""]
    own = _PARTS.split(module)[-1]
    if _NORM_NAME.search(own):
        return NORM
    return EMBEDDING if _EMBEDDING_NAME.search(last[0]) and not own.isdigit() else AFFINE


def _place(module: str) -> tuple[str, int]:
    """A module's name with a star for the number of its block, and of the block's stage, and that number."""
    found, block, parts = [], -1, _PARTS.split(module)
    for at, part in enumerate(parts):
        digits = _DIGITS.search(part)
        if digits and (block < 0 or _counts_blocks(parts, at)):
            block = int(digits[0]) if block < 0 else block * 1000 + int(digits[0])
            found.append(_DIGITS.sub("*", part, count=1))
        else:
            found.append(part)
    return ".".join(found), block


def _counts_blocks(parts: list[str], at: int) -> bool:
    """True if a part within a block has the number of a block in it, and not of a module: `layers.0.blocks.1.fc`."""
    if not parts[at].isdigit():
        return _stem(parts[at]).endswith(("layer", "block", "stage", "unit"))
    before = _stem(parts[at - 1])
    return before in _CONTAINERS or (not before and not all(part.isdigit() for part in parts[at:]))


def _stem(part: str) -> str:
    return _DIGITS.sub("", part).rstrip("_").casefold()
