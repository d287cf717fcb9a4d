"""The order of layers, the input first: the file's own, or guessed from names where the file is sorted. Pure.

A log whose names are not in alphabetical order keeps the order of `named_parameters()`, which is mostly that of the
forward pass. A sorted log has lost it. There the names help: numbers (`layer.2` before `layer.10`) and roles (an
embedding or a stem comes first, a head last). What neither says remains open, and the guess is tried both ways:
see `LayerOrder.others`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

from ..figure.work import in_one_go
from .layer_names import natural_key
from .series import NAMES_PER_PAUSE, Paused

AS_LOGGED: Final = "as logged"
FROM_NAMES: Final = "guessed from names"
BY_NAME: Final = "by name"
BY_HAND: Final = "by hand"
RANKS_PER_PAUSE: Final = 64  # names of which the role is looked for without a pause
MAX_PAIRS: Final = 200  # of neighbours whose order is compared with what their names say
_PARTS: Final = re.compile(r"[./]|\]\[|[\[\]'\"]+")
_STEM: Final = re.compile(r"^(?P<stem>.*?)[_ -]?(?P<number>\d*)$", re.DOTALL)

_ROLES: Final = (  # from the input to the output; the first pattern that a part of a name matches counts
    (
        -4.0,
        r"cls_token|class_token|shared|(?:pos|position|positional|patch|token|word|tok|time|input|char|node|image|src|tgt)?"
        r"_?(?:embed|embedding|embedder|embeds|embeddings|embed_tokens|embed_positions)(?:_?\d*|_.*)|wte|wpe|"
        r"tok_embeddings|word_embeddings|token_embedding|class_embedding|rel_pos.*",
    ),
    (
        -3.0,
        r"stem.*|patchify|conv_?(?:in|stem|first|proj|0)|in_?conv|inc|input(?:s|_.*)?|in_layer|first.*|preprocess.*|"
        r"prenet|from_rgb|conv_embed|in_proj_layer|lin_in|fc_in|linear_in|dense_in",
    ),
    (-2.0, r"feature_?extractor|features_extractor|audio_encoder|vision_tower|tokenizer"),
    (-1.5, r"feature_projection"),
    (
        -1.0,
        r"features?|backbone.*|encoder.*|enc|body|trunk|base.*|cnn|convs?|visual.*|vision.*|downs?|down_?blocks?|"
        r"downsample_blocks|extractor|bottom",
    ),
    (0.0, r"mid.*|middle.*|bottleneck"),
    (1.0, r"neck|bridge|projector|decoder.*|dec|ups?|up_?blocks?|top|mlp|ffn|feed_?forward.*|transition"),
    (
        2.0,
        r"(?:final|last|post|out|output|top|encoder|decoder|model)_?(?:layer_?)?(?:norm|ln|layernorm|bn).*|ln_f|norm_f|"
        r"norm|final_norm|layernorm|layer_norm|pooler?|avgpool|fc_norm|head_norm|norm_out|conv_norm_out",
    ),
    (2.5, r"(?:fc|linear|lin|dense)(?:_?\d+)?|fcs|linears|.+_linear"),
    (
        3.0,
        r".*heads?|.*head_?\d*|classifiers?.*|cls|class_.+|logits?|lm_head|output(?:s|_layer|_proj|_projection)?|out|"
        r"out_?conv|outc|conv_?(?:out|last|final)|proj_out|predict.*|score|scorer|to_rgb|final.*|last.*|generator_out|"
        r"unembed.*|fc_out|linear_out|lin_out|dense_out|out_layer|readout|mlm.*|regressor|bbox_.+|action_net|value_net",
    ),
)
_KNOWN: Final = tuple((rank, re.compile(rf"^(?:{pattern})$", re.IGNORECASE)) for rank, pattern in _ROLES)
_FAMILY: Final = re.compile(
    r"^(?:conv|conv[123]d|bn|batch_?norm|batch_normalization|norm|ln|gn|in|relu|prelu|pool|batchnorm2d|down|block)$",
    re.IGNORECASE,
)
_ATTENTION: Final = re.compile(r"^(?:self_?)?(?:attn|attention|self_attention|mha|c_attn)$", re.IGNORECASE)
_NORMS: Final = (  # of a transformer's block
    (-0.5, re.compile(r"^(?:ln_?1|norm_?1|input_layernorm|att(?:n|ention)_norm|layernorm_before)$", re.IGNORECASE)),
    (0.5, re.compile(r"^(?:ln_?2|norm_?2|post_attention_layernorm|ffn_norm|mlp_norm|layernorm_after)$", re.IGNORECASE)),
)
_INNER: Final = (  # within a block
    r"^(?:q|q_proj|query|wq|to_q)$",
    r"^(?:k|k_proj|key|wk|to_k)$",
    r"^(?:v|v_proj|value|wv|to_v)$",
    r"^(?:qkv|c_attn|query_key_value|att_proj|in_proj|qkv_proj)$",
    r"^(?:o|o_proj|out_proj|proj|wo|to_out|attn_out|dense)$",
    r"^(?:fc|c_fc|fc1|up|up_proj|gate_proj|gate|w1|w3|wi|ff_proj|lin1|linear1|dense_h_to_4h|intermediate)$",
    r"^(?:fc2|c_proj|down|down_proj|w2|ff_out|lin2|linear2|dense_4h_to_h)$",
)
_INSIDE: Final = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _INNER)


class LayerOrder(NamedTuple):
    """Layers in an order, the input first. `source`: where that comes from.

    `others`: other orders that the names allow as well; what is different in one of them isn't known.
    """

    names: tuple[str, ...]
    source: str = AS_LOGGED
    others: tuple[tuple[str, ...], ...] = ()


def ordering_layers(layers: Sequence[str], logged: Sequence[str], *, defined: bool = False) -> Paused[LayerOrder]:
    """The order of layers that come as in their file.

    `logged`: the names of their parameters in the file, whose being sorted tells. `defined`: the file says that it has
    the order of definition.
    """
    names = tuple(layers)
    if defined or len(names) < 2:
        return LayerOrder(names)
    if not (yield from _are_sorted(logged)):
        return (yield from _turned(names)) or LayerOrder(names)
    guess = yield from _guessing(names, 1)
    other = yield from _guessing(names, -1)
    if guess == names == other:
        return LayerOrder(names)
    natural = tuple((yield from _sorting(names, natural_key)))
    others = tuple(dict.fromkeys(order for order in (other, natural) if order != guess))
    return LayerOrder(guess, FROM_NAMES, others)


order_layers = in_one_go(ordering_layers)


def _are_sorted(names: Sequence[str]) -> Paused[bool]:
    """True if names are in alphabetical order: by code, without case, or by their numbers."""
    plain, folded = list(names), [name.casefold() for name in names]
    if plain == sorted(plain) or folded == sorted(folded):
        return True
    yield
    return plain == (yield from _sorting(plain, natural_key))


is_sorted = in_one_go(_are_sorted)


def _sorting(names: Iterable[str], key: Callable[[str], Any]) -> Paused[list[str]]:
    """Names sorted by a key that takes some time to find."""
    keyed: list[tuple[Any, int, str]] = []
    for at, name in enumerate(names):
        keyed.append((key(name), at, name))
        if at % NAMES_PER_PAUSE == NAMES_PER_PAUSE - 1:
            yield
    return [name for _, _, name in sorted(keyed)]


def _turned(names: tuple[str, ...]) -> Paused[LayerOrder | None]:
    """The other way round, where all that the names tell stands against the file: it logs from the loss on."""
    against = 0
    for one, other in islice(pairwise(names), MAX_PAIRS):
        forth = yield from _guessing((one, other), 1)
        back = yield from _guessing((one, other), -1)
        if forth != back:
            continue  # neither numbers nor roles say which of the two comes first
        if forth[0] == one:
            return None
        against += 1
    return LayerOrder(names[::-1], FROM_NAMES, (names,)) if against >= 2 else None


def _guessing(names: tuple[str, ...], direction: int) -> Paused[tuple[str, ...]]:
    """Names by their numbers and roles; what these leave open alphabetically, or (−1) the other way round."""
    parts = [tuple(part for part in _PARTS.split(name) if part) for name in names]
    yield
    places = yield from _level(parts, list(range(len(names))), 0, direction)
    return tuple(names[at] for at in places)


def _level(parts: list[tuple[str, ...]], members: list[int], depth: int, direction: int) -> Paused[list[int]]:
    """The members that share their first parts, in order."""
    children: dict[str, list[int]] = {}
    for at in members:
        children.setdefault(parts[at][depth] if depth < len(parts[at]) else "", []).append(at)
    if len(children) == 1:
        (only,) = children
        return members if not only else (yield from _level(parts, members, depth + 1, direction))
    found = []
    for part in (yield from _siblings(list(children), depth, direction)):
        found += (yield from _level(parts, children[part], depth + 1, direction)) if part else children[part]
        yield
    return found


def _siblings(parts: list[str], depth: int, direction: int) -> Paused[list[str]]:
    """The parts of names that stand beside each other, in order: by role, then stem, then number."""
    staged = any(re.match(r"^(?:layer|stage|block|res|group)_?\d$", part, re.IGNORECASE) for part in parts)
    has_attention = any(map(_ATTENTION.match, parts))
    ranked: dict[float, dict[str, list[str]]] = {}  # by role and stem
    for count, part in enumerate(sorted(parts), start=1):
        rank = (_norm_rank(part) if has_attention else None) or _rank(part, staged, depth)
        ranked.setdefault(rank, {}).setdefault(_stem(part), []).append(part)
        if count % RANKS_PER_PAUSE == 0:
            yield
    found: list[str] = []
    for rank in sorted(ranked):
        stems = ranked[rank]
        alphabetical = yield from _sorting(sorted(stems), lambda stem: natural_key(stem.casefold()))
        for stem in alphabetical[::direction]:
            found += yield from _sorting(stems[stem], _within)
    return found


def _norm_rank(part: str) -> float | None:
    """The rank of a norm beside attention: before it, or before the feed-forward part."""
    return next((rank for rank, pattern in _NORMS if pattern.match(part)), None)


def _rank(part: str, staged: bool, depth: int) -> float:
    if not part:
        return -9.0  # the block's own parameters
    stem = _STEM.match(part)
    if staged and stem and _FAMILY.match(stem["stem"]) and stem["stem"].casefold() not in {"block", "down"}:
        return -2.0 if stem["number"] in {"", "0", "1"} else 0.0
    inside = next((at for at, pattern in enumerate(_INSIDE) if pattern.match(part)), None)
    if depth >= 2 and inside is not None:
        return inside / 10
    return next((rank for rank, pattern in _KNOWN if pattern.match(part)), 0.0)


def _stem(part: str) -> str:
    """A part without its number; convolutions and their norms are numbered together."""
    found = _STEM.match(part)
    stem = found["stem"] if found else part
    is_numbered = bool(found and found["number"]) or stem.casefold().startswith(("conv", "batch_n"))
    return "\0family" if is_numbered and _FAMILY.match(stem) else stem.casefold()


def _within(part: str) -> tuple[float, int, tuple[tuple[int, int, str], ...]]:
    found = _STEM.match(part)
    number = float(found["number"]) if found and found["number"] else -1.0
    first = 0 if found and found["stem"].casefold().startswith(("conv", "block")) else 1
    return number, first, natural_key(part)
