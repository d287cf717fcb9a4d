"""Names of parameters and layers: what belongs to which layer, what wraps a module, how names are sorted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

MAX_METRIC_NAME_CHARS: Final = 200  # characters of a name; the longest in torchvision have about 60

WEIGHT_WORDS: Final = (
    r"weights?(?!_decay)|bias(?:es)?|kernel|gamma|beta|scale|recurrent_kernel|depthwise_kernel|pointwise_kernel|"
    r"running_\w{1,20}|moving_\w{1,20}"
)
EMBEDDING_WORDS: Final = "embeddings?|embedding_table"  # of Flax; `token_embeddings` is a layer of its own
PARAMETER_ENDING: Final = re.compile(
    rf"(?:^|[./~])(?:parametrizations\.\w{{1,80}}\.original\d?|(?:\w{{1,80}}?_)?(?:{WEIGHT_WORDS})(?:_\w{{1,80}})?"
    rf"|{EMBEDDING_WORDS}|lora_(?:embedding_)?[AB]|[wWbB])(?::\d{{1,3}})?$"
)
_LORA: Final = re.compile(r"^(?P<layer>.{0,160}\blora_(?:embedding_)?[AB])(?:\.weight)?$")  # an adapter's two halves
_DEFAULT_ADAPTER: Final = re.compile(r"(?<=\.lora_[AB])\.default(?=\.|$)")
_KEYSTR: Final = re.compile(
    rf"\[['\"](?:{WEIGHT_WORDS}|{EMBEDDING_WORDS}|[wWbB])['\"]\]$|\.(?:{WEIGHT_WORDS}|{EMBEDDING_WORDS})\.value$"
)
_RECURRENT: Final = re.compile(r"(?:weight|bias)_(?:ih|hh|hr)_(?P<layer>l\d{1,3})(?:_reverse)?$")
_JOINED: Final = re.compile(  # `fc1_weight`, as MXNet and Caffe name a layer's parameters
    r"^(?P<layer>.{0,160}?(?:^|[./])(?:\w{0,80}\d|fc|conv|dense|linear|head|classifier|out|output|embed|embedding|hidden|"
    r"encoder|decoder))_(?:weights?|bias(?:es)?|kernel|gamma|beta)(?::\d{1,3})?$"
)
_LAYER: Final = re.compile(
    r"(?:^|[./_ \['\"])(?:layers?|fc|conv|dense|linear|lin|blocks?|encoder|decoder|h|lstm|gru|rnn|attn|attention|head|"
    r"embed|bn|norm|hidden|input|output|stage|stem|mlp|features|classifier)[\w ]*?[._/ ]?\d+(?:[./ ]|$|['\"]\])|"
    r"^l(?:[03-9]|\d{2,3})$",
    re.IGNORECASE,
)
_WRAPPER: Final = (
    r"(?:_orig_mod|_fsdp_wrapped_module|_forward_module|_checkpoint_wrapped_module|_module|_fpw_module|_flat_param)\."
)
_WRAPPERS: Final = re.compile(rf"(?:^|(?<=[./])){_WRAPPER}")
_FRONT_WRAPPERS: Final = re.compile(rf"^(?:module\.|base_model\.model\.|{_WRAPPER})+")
_MODULE: Final = re.compile(
    r"(?:^|[/._])(?:(?:cls|class|mask|dist|query|register|reg|embed|prompt|latent|image|text|learnable|special|pos)_?"
    r"tokens?|(?:\w{1,40}_)?embed(?:s|der|ding|dings|_tokens)?|(?:batch|layer|group|instance|rms)_?norm\d{0,3}|"
    r"\w{1,40}_(?:encoder|decoder|mlp|adapter|proj|predictor|bottleneck|block|layer|head)\d{0,3})$",
    re.IGNORECASE,
)
_MEASURED: Final = re.compile(r"(?:^|[/_. ])(?:val|valid|validation|test|eval|loss|acc|accuracy)(?:$|[/_. ])", re.I)
_DIGITS: Final = re.compile(r"(\d+)")


def clean(name: str) -> str:
    """The name as the figure takes it: at most 200 characters, all of them printable, so none a change of direction."""
    name = name[:MAX_METRIC_NAME_CHARS].strip()
    return name if name.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in name)


def module_name(name: str) -> str:
    """The name without what wraps a module for compiling, sharding and adapting, in any order.

    `_orig_mod.module.fc1.weight` is `fc1.weight`.
    """
    short = _FRONT_WRAPPERS.sub("", _WRAPPERS.sub("", _FRONT_WRAPPERS.sub("", name)))
    return (_DEFAULT_ADAPTER.sub("", short) if "lora_" in short else short) or name


def layer_of(name: str) -> str:
    """The layer that a parameter belongs to: `fc1.weight` is of `fc1`, `dense/kernel:0` of `dense`.

    Layers of a recurrent module are apart: `lstm.weight_ih_l0` is of `lstm.l0`. A name that is no parameter's is a
    layer itself: `layer.2`, `cls_token`. So is each half of an adapter, `q_proj.lora_A` and `q_proj.lora_B`: at the
    start of a training A has no gradient.
    """
    if len(name) > MAX_METRIC_NAME_CHARS:
        return name
    recurrent = _RECURRENT.search(name)
    if recurrent:
        before = name[: recurrent.start()].rstrip("./")
        return f"{before}.{recurrent['layer']}" if before else recurrent["layer"]
    lora = _LORA.match(name)
    if lora:
        return lora["layer"]
    keystr = _KEYSTR.search(name)
    if keystr:
        return name[: keystr.start()] or name
    joined = _JOINED.match(name)
    if joined:
        return joined["layer"]
    found = PARAMETER_ENDING.search(name)
    return (name[: found.start()].rstrip("~/") or name) if found else name


def is_parameter(name: str) -> bool:
    """True if a name is a parameter's by its last part: `fc1.weight`, `dense/kernel:0`, `fc1_weight`."""
    return bool(PARAMETER_ENDING.search(name) or _KEYSTR.search(name) or _JOINED.match(name))


def look_like_layers(names: Sequence[str]) -> bool:
    """True if names that don't say so are of layers or parameters: at least half of them look like it."""
    like = sum(1 for name in names if looks_like_layer(name) or is_module(name))
    return bool(names) and 2 * like >= len(names)


def looks_like_layer(name: str) -> bool:
    """True if a name is a parameter's, or a layer's by a word and a number as in `block 3`."""
    return is_parameter(name) or bool(_LAYER.search(name))


def is_module(name: str) -> bool:
    """True for a name that is a module's by its last word: `embed_tokens`, `cls_token`, `time_mlp`, `batch_norm`."""
    return bool(_MODULE.search(name)) and not _MEASURED.search(name)


def any_parameter(names: Iterable[str]) -> bool:
    """True if some of the names are parameters'."""
    return any(map(is_parameter, names))


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """The key by which `layer.2` is sorted before `layer.10`."""
    pieces = _DIGITS.split(name)
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)
