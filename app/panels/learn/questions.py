"""Questions about magnitudes of any source. A question is None if the view has no clear answer to it. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Final, TypeVar

from ...figure.diagnosis import DEAD, EXPLODING, HEALTHY, NOT_FINITE, VANISHING, Verdict
from ...figure.magnitudes import write_magnitude
from ...figure.mentions import mention, mention_first
from .question import ESTIMATE_DECADES, Option, Question, Scene, write_share

Item = TypeVar("Item")
Ask = Callable[[Scene, Random], Question | None]
MAX_CHOICES: Final = 4
CLEARLY: Final = 1.1  # times as large as another magnitude
CLEAR_DECADES: Final = 0.1  # between two drops
MAX_PAIR_DECADES: Final = 5.5  # between two layers: people can compare no more
SURE_DECADES: Final = 0.3  # from a whole number of decades
SAME_DECADES: Final = 0.1  # between two magnitudes that are about the same
GROWN: Final = math.log10(3.0)  # the decades from which a magnitude has changed
NEAR: Final = 0.05  # decades from a bound: too near to ask
OFFERED_KINDS: Final = (VANISHING, HEALTHY, EXPLODING, DEAD)


def ask_least(scene: Scene, chance: Random) -> Question | None:
    """Ask which layer gets the smallest gradient."""
    known = scene.known
    if len(known) < 3 or len(known) < len(scene.names):
        return None
    least, most = min(known, key=scene.size), max(known, key=scene.size)
    others = [at for at in known if scene.size(at) >= CLEARLY * scene.size(least)]
    if len(others) < 2:
        return None
    ends = [at for at in (known[0], known[-1]) if at in others]
    places = _some(others, ends, chance, also=least)
    sizes = {at: write_magnitude(scene.size(at)) for at in (*places, most)}

    def reply(at: int) -> str:
        if at == least:
            return (
                f"{mention_first(scene.names[least])} gets {sizes[least]}, the smallest {scene.label} of all; "
                f"{mention(scene.names[most])} gets the largest, {sizes[most]}."
            )
        own = f"{mention_first(scene.names[at])} gets {sizes[at]}"
        ratio = write_share(math.log10(scene.size(at) / scene.size(least)))
        return f"{own}, {ratio} of the {sizes[least]} at {mention(scene.names[least])}."

    choices = tuple(Option(scene.names[at], reply(at)) for at in places)
    text = f"Which of these layers gets the smallest gradient ({scene.label})?"
    return Question("least", text, choices, places.index(least), layer=least + scene.first)


def ask_most(scene: Scene, chance: Random) -> Question | None:
    """Ask which layer gets the largest gradient."""
    known = scene.known
    if len(known) < 3 or len(known) < len(scene.names):
        return None
    most = max(known, key=scene.size)
    others = [at for at in known if CLEARLY * scene.size(at) <= scene.size(most)]
    if len(others) < 2:
        return None
    places = _some(others, [], chance, also=most)

    def reply(at: int) -> str:
        own = f"{mention_first(scene.names[at])} gets {write_magnitude(scene.size(at))}"
        if at == most:
            return f"{own}, the largest {scene.label} of all."
        share = write_share(math.log10(scene.size(at) / scene.size(most)))
        return f"{own}, {share} of the {write_magnitude(scene.size(most))} at {mention(scene.names[most])}."

    choices = tuple(Option(scene.names[at], reply(at)) for at in places)
    text = f"Which of these layers gets the largest gradient ({scene.label})?"
    return Question("most", text, choices, places.index(most), layer=most + scene.first)


def ask_ratio(scene: Scene, chance: Random) -> Question | None:
    """Ask for the ratio of two layers as `ask_pair` does, with no word of what is between them."""
    question = ask_pair(scene, chance)
    if question is None:
        return None
    right = question.choices[question.answer].text
    low, high = (next(at for at, name in enumerate(scene.names) if name == each) for each in question.pair)
    own = write_share(math.log10(scene.size(low)) - math.log10(scene.size(high)))
    reply = f"{write_magnitude(scene.size(low))} is {own} of {write_magnitude(scene.size(high))}, so {right} is right."
    return question._replace(kind="ratio", choices=tuple(Option(each.text, reply) for each in question.choices))


def ask_share(scene: Scene, _chance: Random) -> Question | None:
    """Ask how much of the last layer's gradient reaches the first, in decades."""
    last = len(scene.names) - 1
    if last < 1 or not {0, last} <= set(scene.known):
        return None
    decades = math.log10(scene.size(0)) - math.log10(scene.size(last))
    if abs(decades) > ESTIMATE_DECADES:
        return None
    low, high = write_magnitude(scene.size(0)), write_magnitude(scene.size(last))
    ends = mention(scene.names[0]), mention(scene.names[last])
    reply = (
        f"{mention_first(scene.names[0])} gets {low}, that is {write_share(decades)} of the {high} at {ends[1]}: "
        f"{abs(decades):.1f} decades {'lost' if decades < 0 else 'gained'}."
    )
    text = f"How much of the gradient ({scene.label}) at {ends[1]} reaches {ends[0]}?"
    return Question("share", text, decades=decades, reply=reply, layer=scene.first)


def ask_verdict(scene: Scene, _chance: Random) -> Question | None:
    """Ask for the verdict."""
    if len(scene.names) < 2:
        return None
    kinds = OFFERED_KINDS if scene.verdict.kind in OFFERED_KINDS else (*OFFERED_KINDS, scene.verdict.kind)
    choices = tuple(Option(kind.capitalize(), verdict_reply(kind, scene)) for kind in kinds)
    text = f"By {judged_by(scene.verdict)}, is this network vanishing, healthy, exploding or dead?"
    return Question("verdict", text, choices, kinds.index(scene.verdict.kind))


def judged_by(verdict: Verdict) -> str:
    """Return what a verdict is about: `L2 ∂L/∂z over 20 steps`."""
    family = verdict.family or "its gradients"
    return f"{family} over {verdict.window} steps" if verdict.window > 1 else family


def verdict_reply(kind: str, scene: Scene) -> str:
    """Return the reason for or against a kind of verdict, in the numbers of the view."""
    verdict = scene.verdict
    if kind == verdict.kind:
        return f"{verdict.text}. {verdict.reason}".strip()
    return f"{_against(kind, verdict, scene)}{verdict.text}."


def _against(kind: str, verdict: Verdict, scene: Scene) -> str:
    """Return a sentence against a kind that is wrong; empty if no number speaks of it."""
    if kind == DEAD:
        size, first = scene.size(0), mention(scene.names[0])
        return f"Dead would be 0 at {first}, which gets {write_magnitude(size)}. " if size > 0.0 else ""
    if not math.isfinite(verdict.decades) or kind == NOT_FINITE:
        return ""
    change = f"{abs(verdict.decades):.1f} decades {'smaller' if verdict.decades < 0 else 'larger'}"
    rules = {
        VANISHING: "Vanishing would be much smaller at the input",
        EXPLODING: "Exploding would be much larger at the input",
        HEALTHY: "Healthy would be of one size at all layers",
    }
    return f"{rules[kind]}; the line through the layers gets {change} towards it. " if kind in rules else ""


def ask_drop(scene: Scene, chance: Random) -> Question | None:
    """Ask where the gradient shrinks most."""
    places = range(1, len(scene.names))
    if len(scene.known) < len(scene.names) or len(places) < 3:
        return None
    sizes = [math.log10(scene.size(at)) for at in range(len(scene.names))]
    drops = {later: sizes[later] - sizes[earlier] for earlier, later in pairwise(range(len(sizes)))}
    most = max(places, key=drops.__getitem__)
    others = [at for at in places if drops[at] <= drops[most] - CLEAR_DECADES]
    if drops[most] < 2 * CLEAR_DECADES or len(others) < 2:
        return None
    offered = _some(others, [], chance, also=most)

    def passed(at: int) -> str:
        return f"{mention(scene.names[at])} to {mention(scene.names[at - 1])} it is {_times(-drops[at])}"

    def reply(at: int) -> str:
        rest = f", the smallest factor of all {len(places)}." if at == most else f"; from {passed(most)}."
        return f"From {passed(at)}{rest}"

    choices = tuple(Option(f"{scene.names[at]} → {scene.names[at - 1]}", reply(at)) for at in offered)
    text = f"Between which of these layers does the gradient ({scene.label}) shrink most on its way to the input?"
    return Question("drop", text, choices, offered.index(most), layer=most - 1 + scene.first)


def ask_pair(scene: Scene, chance: Random) -> Question | None:
    """Ask for the ratio of two layers, as a power of ten."""
    known = scene.known
    pairs = []
    for low in known:
        for high in known:
            decades = math.log10(scene.size(low)) - math.log10(scene.size(high))
            if high - low >= 2 and _is_clear_power(decades):
                pairs.append((low, high, decades))
    if not pairs:
        return None
    low, high, decades = _pick(pairs, chance)
    whole = round(decades)
    lowest = whole - int(chance.random() * MAX_CHOICES)
    steps = high - low

    def reply(guess: int) -> str:
        own = f"{write_share(decades)} of {mention(scene.names[high])}’s, on average {_times(decades / steps)} a layer"
        if guess == whole:
            return f"{mention_first(scene.names[low])} gets {write_magnitude(scene.size(low))}, {own}."
        return f"That would be on average {_times(guess / steps)} a layer; it gets {own}."

    choices = tuple(Option(_power(guess), reply(guess)) for guess in range(lowest, lowest + MAX_CHOICES))
    where = f"at {mention(scene.names[low])}, compared with {mention(scene.names[high])}"
    text = f"About how large is the gradient ({scene.label}) {where}?"
    pair = scene.names[low], scene.names[high]
    return Question("pair", text, choices, whole - lowest, layer=low + scene.first, pair=pair)


def _is_clear_power(decades: float) -> bool:
    """True if a ratio is near a power of ten; nearer if that is 1, because people know what is the same."""
    off = abs(decades - round(decades))
    return off <= (SURE_DECADES if round(decades) else SAME_DECADES) and abs(decades) < MAX_PAIR_DECADES


def ask_since(scene: Scene, chance: Random) -> Question | None:
    """Ask how a layer's gradient has changed since the first step."""
    if scene.earlier is None:
        return None
    changes = {}
    for at in scene.known:
        before = scene.earlier[at]
        if before is not None and 0.0 < before < math.inf:
            decades = math.log10(scene.size(at)) - math.log10(before)
            if abs(abs(decades) - GROWN) > NEAR:
                changes[at] = decades
    if not changes:
        return None
    at = _pick(sorted(changes), chance)
    first, now = write_magnitude(scene.earlier[at]), write_magnitude(scene.size(at))
    reply = f"It was {first} at the first step and is {now} now, {write_share(changes[at])} of it."
    kinds = ("Less than a third of it", "Between a third and three times of it", "More than three times of it")
    answer = 1 if abs(changes[at]) < GROWN else 0 if changes[at] < 0 else 2
    text = f"How large is the gradient ({scene.label}) at {mention(scene.names[at])} now, compared with the first step?"
    return Question("since", text, tuple(Option(kind, reply) for kind in kinds), answer, layer=at + scene.first)


PLAIN: Final[Mapping[str, Ask]] = {
    "least": ask_least,
    "share": ask_share,
    "verdict": ask_verdict,
    "drop": ask_drop,
    "pair": ask_pair,
    "since": ask_since,
}


ORDERLESS: Final[Mapping[str, Ask]] = {  # about layers whose order or kinds say nothing of the gradient's way
    "least": ask_least,
    "most": ask_most,
    "verdict": ask_verdict,
    "ratio": ask_ratio,
    "since": ask_since,
}


def _times(decades: float) -> str:
    return f"×{write_magnitude(10.0**decades)}" if abs(decades) < 300 else f"10^{decades:.0f} times"


def _power(decades: int) -> str:
    if abs(decades) > 3:
        return f"about {write_share(decades)}"
    return {-3: "about 1/1,000", -2: "about 1/100", -1: "about 1/10", 0: "about the same"}.get(
        decades, f"about {10 ** max(decades, 0):,} times"
    )


def _pick(items: Sequence[Item], chance: Random) -> Item:
    return items[int(chance.random() * len(items))]


def _some(others: Sequence[int], wanted: Sequence[int], chance: Random, *, also: int) -> list[int]:
    """Return `also`, all that are wanted and some others, at most `MAX_CHOICES` together, in order."""
    rest = sorted((at for at in others if at not in wanted), key=lambda _at: chance.random())
    return sorted([also, *wanted, *rest][:MAX_CHOICES])
