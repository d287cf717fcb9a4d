"""The phrase in a metric's name that says that it is a gradient, and what stands around it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from .layer_names import PARAMETER_ENDING, is_parameter
from .metric_words import (
    COUNT_WORDS,
    GRADIENT_WORDS,
    INNER_NOISE,
    KIND_WORDS,
    LAST_UNLIKE_WORDS,
    MODULE_NORMS,
    NORM_WORDS,
    OUTER_UNLIKE_WORDS,
    PARAMETER_WORDS,
    RIGHT_WORDS,
    STATISTIC_WORDS,
    TOTAL_WORDS,
    UNLIKE_WORDS,
)

OF_NORMS: Final = "of norms"  # stands among a phrase's words: a statistic of several norms
_SEGMENTS: Final = re.compile(r"\s*[/\\]\s*|\s+\|\s+|\s+[->]\s+|:\s+|::")
_WORD: Final = re.compile(
    r"[lL](?:[12]|inf)(?=[^a-z0-9]|norm|$)|d[WB](?=[_\d]|$)|[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|"
    r"\d{1,9}(?:\.\d{1,6}(?=_?norm))?"
)
_SOFT: Final = frozenset({"", "_", "__", "-", " "})  # what joins the words of a phrase
_EDGES: Final = "._-: /|,@"
_FIRST_EDGE: Final = re.compile(
    r"^(?:[._-](?!_?(?:orig_mod|fsdp|forward|checkpoint))|[\s:|,(]{1,4}|_(?=_))?(?:(?:of|for|in|at|from)\s)?"
)
_FILLER: Final = re.compile(
    r"\s+(?:has|of|the|is|with|in)(?:\s+(?:a|the))?$|^(?:the|layer-wise)(?:\s+|$)", re.IGNORECASE
)

Word = tuple[str, int, int]  # in small letters, with its place


@dataclass(slots=True)
class NameParts:
    """A name cut around its phrase."""

    words: list[str]  # of the phrase
    before: list[str]  # segments
    after: list[str]
    suffix: list[str] = field(default_factory=list)  # statistics that stand after the name
    is_unlike: bool = False  # a word beside the phrase makes it no magnitude: a ratio, a count


def words_of(text: str) -> list[str]:
    """The words of a name in small letters: `L2GradNorm_1` has l2, grad, norm and 1."""
    return [found.group().casefold() for found in _WORD.finditer(text)]


def split_name(name: str, *, norm_is_module: bool) -> NameParts | None:
    """A name cut around its gradient phrase; None where there is none."""
    segments = _SEGMENTS.split(name)
    listed = [_placed_words(segment) for segment in segments]
    mentions = [at for at, words in enumerate(listed) if any(word in GRADIENT_WORDS for word, _, _ in words)]
    if not mentions:
        return None
    whole = [at for at in mentions if all(_is_phrase_word(word) for word, _, _ in listed[at])]
    at = (whole or mentions)[0]
    segment, words = segments[at], listed[at]
    first, last = _phrase(segment, words)
    left = _FILLER.sub("", segment[: words[first][1]].strip(_EDGES))
    right = _FIRST_EDGE.sub("", segment[words[last - 1][2] :], count=1).rstrip(_EDGES)
    if left and right.isdecimal() and segment.endswith(f":{right}"):
        right = ""  # TensorFlow's conv1_weights_grad:0
    before = [each for each in (*segments[:at], left) if each]
    after = [each for each in (right, *segments[at + 1 :]) if each]
    parts = NameParts([word for word, _, _ in words[first:last]], before, after)
    parts.is_unlike = _is_unlike(words[:first], words[last:], segments[:at], after, is_prose=" " in segment)
    _take_segments(parts)
    _take_suffix(parts, norm_is_module)
    return parts


def _placed_words(segment: str) -> list[Word]:
    return [(found.group().casefold(), found.start(), found.end()) for found in _WORD.finditer(segment)]


def _is_phrase_word(word: str) -> bool:
    return word in GRADIENT_WORDS or word in STATISTIC_WORDS or word in KIND_WORDS or word in PARAMETER_WORDS


def _phrase(segment: str, words: list[Word]) -> tuple[int, int]:
    """Which words of a segment are its phrase: the gradient word, and what belongs to it on both sides."""
    first = next(at for at, (word, _, _) in enumerate(words) if word in GRADIENT_WORDS)
    last = first + 1
    while last < len(words) and _belongs_after(segment, words, last):
        last += 1
    leading = all(_is_phrase_word(word) or word in TOTAL_WORDS for word, _, _ in words[:first])
    joined = all(_gap(segment, words, at) in _SOFT for at in range(1, first + 1))
    if leading and joined and not segment[: words[0][1]].strip(_EDGES):
        return 0, last
    while first and _belongs_before(segment, words, first - 1):
        first -= 1
    return first, last


def _gap(segment: str, words: list[Word], at: int) -> str:
    """The characters between a word and the one before it."""
    return segment[words[at - 1][2] : words[at][1]].replace("|", "")


def _belongs_before(segment: str, words: list[Word], at: int) -> bool:
    word = words[at][0]
    is_statistic = word in STATISTIC_WORDS and word not in NORM_WORDS and not word[0].isdigit()
    return is_statistic and _gap(segment, words, at + 1) in _SOFT


def _belongs_after(segment: str, words: list[Word], at: int) -> bool:
    word, _, end = words[at]
    gap, following = _gap(segment, words, at), segment[end : end + 1]
    if word[0].isdigit():  # grad_2.0_norm
        return gap == "_" and segment[end : end + 5].casefold().lstrip("_").startswith("norm")
    if word in {"layer", "param", "parameter", "module"} and words[at - 1][0] == "per":
        return True
    if gap == ".":
        return all(other in STATISTIC_WORDS for other, _, _ in words[at:])
    if gap not in _SOFT or following.islower():
        return False
    is_kind = word in KIND_WORDS and word not in {"layer", "layers", "module", "modules"}
    is_end = following in {"", "_", " ", "-"}
    return word in STATISTIC_WORDS or word in RIGHT_WORDS or word in GRADIENT_WORDS or (is_kind and is_end)


def _is_unlike(left: list[Word], right: list[Word], before: list[str], after: list[str], *, is_prose: bool) -> bool:
    """True if a word beside the phrase makes it no magnitude: `grad_to_param_ratio`, `cosine/moment_grad/fc1`."""
    if right and (right[0][0] in UNLIKE_WORDS or right[-1][0] in {"ratio", "count", "time", "steps"}):
        return True
    left = [word for word in left if not word[0].isdigit()] or left  # log10_grad_norm
    if left and left[-1][0] in UNLIKE_WORDS | {"moment", "momentum", "update"}:
        return not (is_prose and left[-1][0] == "has")  # `fc1 has gradient mean of …`
    if left and left[0][0] in COUNT_WORDS:
        return True  # num-zeros-in-grad
    ends = words_of(after[-1]) if after else []
    if len(ends) > 1 and ends[-1] in LAST_UNLIKE_WORDS:
        return True
    outer = [word for segment in before for word in words_of(segment)]
    return bool(outer) and outer[0] in OUTER_UNLIKE_WORDS


def _take_segments(parts: NameParts) -> None:
    """Adds whole segments that are statistics to the phrase: `l2_norm/grad/fc1`, `grad/norm/fc1`, `fc1/grad/norm`."""
    if parts.before and parts.after and _all_statistics(parts.before[-1]):
        parts.words += words_of(parts.before.pop())
    first = parts.after[0] if parts.after else ""
    is_norm = first.casefold() == "norm"
    if first and _all_statistics(first) and not (is_norm and _has_norm(parts)):
        rest = "/".join(parts.after[1:])
        is_module = is_norm and PARAMETER_ENDING.match(rest) and "/" not in rest and "." not in rest  # grad/norm/weight
        if (rest and not is_module) or (not rest and parts.before):
            parts.words += words_of(parts.after.pop(0))
    while len(parts.after) > 1 and parts.after[0].casefold() in {*PARAMETER_WORDS, *INNER_NOISE}:
        parts.words.append(parts.after.pop(0).casefold())  # grad_norm_biases/fc1


def _take_suffix(parts: NameParts, norm_is_module: bool) -> None:
    """Takes the statistics off the end of the name: `grad/fc1.weight.norm`, `gradients/fc1/max`."""
    if not parts.after:
        return
    has_norm, end = _has_norm(parts), parts.after[-1]
    if len(parts.after) > 1 and _all_statistics(end, totals=True):
        if not (end.casefold() == "norm" and has_norm):
            parts.suffix = [word for word in words_of(parts.after.pop()) if word not in TOTAL_WORDS]
    elif not (norm_is_module and has_norm):
        parts.after[-1], parts.suffix = _without_suffix(end, parts.words, norm_is_module)
    if has_norm and set(parts.suffix) - {*NORM_WORDS, "l2"}:
        parts.suffix.append(OF_NORMS)  # grad_norm/encoder/mean


def _has_norm(parts: NameParts) -> bool:
    return not NORM_WORDS.isdisjoint(parts.words)


def _all_statistics(segment: str, *, totals: bool = False) -> bool:
    words = words_of(segment)
    return bool(words) and all(word in STATISTIC_WORDS or (totals and word in TOTAL_WORDS) for word in words)


def _without_suffix(segment: str, phrase: list[str], norm_is_module: bool) -> tuple[str, list[str]]:
    """A last segment without the statistic that it ends with: `fc1.weight_norm`, OLMo's `fc1.weight.norm`."""
    words = _placed_words(segment)
    at = len(words)
    while at > 1 and words[at - 1][0] in STATISTIC_WORDS and not words[at - 1][0][0].isdigit():
        if segment[words[at - 2][2] : words[at - 1][1]] not in {"_", ".", " ", "-"}:
            break
        at -= 1
    suffix = [word for word, _, _ in words[at:]]
    if not suffix or segment[words[-1][2] :].strip(_EDGES):
        return segment, []
    name, gap = segment[: words[at - 1][2]], segment[words[at - 1][2] : words[at][1]]
    if words[at - 1][0] in {"ih", "hh", "hr"}:
        return segment, []  # weight_ih_l1, a recurrent layer's
    is_said = not {*NORM_WORDS, "rms", "l1", "l2", "max", "mean", "abs"}.isdisjoint(phrase)
    if suffix in (["norm"], ["norms"]) and (is_said or norm_is_module or _is_module_norm(name, gap)):
        return segment, []
    if is_said and set(suffix) <= {"mean", "max", "min", "std", "avg"} and not is_parameter(name):
        return segment, []  # a module's name: a statistic of statistics isn't written like this
    return name, suffix


def _is_module_norm(name: str, gap: str) -> bool:
    """True if `norm` after a name is a module: `layers.0.norm`, `layer_norm`; but not `fc1.weight.norm`, `fc1_norm`."""
    if is_parameter(name):
        return False
    last = re.split(r"[./]", name)[-1]
    if gap == ".":
        return last.isdigit() or not last[-1:].isdigit()
    return last.casefold() in MODULE_NORMS
