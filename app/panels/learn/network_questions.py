"""Questions about a computed network: its factors, and what it would be with another setting, which is tried. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, pairwise
from random import Random
from typing import Any, Final, NamedTuple

from ...figure.diagnosis import HEALTHY, Verdict
from ...figure.magnitudes import write_magnitude
from ...figure.mentions import mention
from ...network.chain_rule import LayerFactor, layer_factors
from ...network.config import NetworkConfig, applies
from ...network.datasets import Batch
from ...network.metrics import GRADIENT_MEASURES, JUDGED, MEASURES, Report
from ...network.pieces import start_cost
from ..computed.why import explain
from .question import Option, Question, Scene, write_share
from .questions import CLEAR_DECADES, MAX_CHOICES, OFFERED_KINDS, PLAIN, Ask

MAX_OPERATIONS: Final = 60_000_000  # of each network that is tried for a question: some 30 ms in the page
MAX_LOOKS_KEPT: Final = 16
IN_TRAINING: Final = ("optimiser", "rate", "clip", "scale", "forward")  # these change no untrained network
MIN_CURVE_DECADES: Final = 0.5  # between two curves at their first layers
MIN_JUDGED_LAYERS: Final = 3  # of a network in which a gradient has a way, the input among them
MIN_CURVE_LAYERS: Final = 5  # of a network whose curves have a shape


class Setting(NamedTuple):
    """A change of a network: its name in a sentence, and the fields that it sets."""

    name: str
    changes: Mapping[str, Any]

    def change(self, config: NetworkConfig) -> NetworkConfig:
        """Return the configuration with this setting, and without the one beside it."""
        return replace(config, **{**self.changes, "against": None})


SETTINGS: Final = (
    Setting("ReLU", {"activation": "relu"}),
    Setting("tanh", {"activation": "tanh"}),
    Setting("a sigmoid", {"activation": "sigmoid"}),
    Setting("He’s weights", {"initialisation": "he_normal"}),
    Setting("Xavier’s weights", {"initialisation": "xavier_normal"}),
    Setting("residual connections", {"residual": True}),
    Setting("normalisation", {"normalisation": True}),
)
CURVES: Final = (
    Setting("He", {"initialisation": "he_normal"}),
    Setting("Xavier", {"initialisation": "xavier_normal"}),
    Setting("N(0, 1)", {"initialisation": "normal", "sigma": 1.0}),
    Setting("N(0, 0.1²)", {"initialisation": "normal", "sigma": 0.1}),
)


class Tried(NamedTuple):
    """An untrained network, looked at: its verdict, its magnitudes, and its factors."""

    layers: tuple[int, ...]
    config: NetworkConfig
    verdict: Verdict
    series: tuple[float, ...]
    links: tuple[LayerFactor, ...]
    loss: float

    @property
    def slope(self) -> float:
        """The typical slope factor between two hidden layers."""
        return typical_factor([link.slope_met for link in self.links[1:-2]])

    @property
    def gain(self) -> float:
        """The typical weight factor between two hidden layers."""
        return typical_factor([link.gain_met for link in self.links[1:-2]])

    @property
    def normalisation(self) -> float | None:
        """The typical factor of the normalisation between two hidden layers; None without it."""
        met = [link.normalisation_met for link in self.links[1:-2]]
        return typical_factor([each for each in met if each is not None]) if self.config.normalisation else None

    @property
    def skip(self) -> float | None:
        """The typical factor by which skip connections change what comes through the units; None without one."""
        links = self.links[1:-2]
        if not any(link.skips for link in links):
            return None
        return typical_factor([_skip_factor(link) for link in links])

    @property
    def step(self) -> float:
        """The typical whole factor from a hidden layer to the one before."""
        return typical_factor([link.measured for link in self.links[1:-2]])


def _skip_factor(link: LayerFactor) -> float:
    if not link.skips:
        return 1.0
    return link.measured / link.through if link.through else math.inf


def typical_factor(factors: Sequence[float]) -> float:
    """Return the geometric mean; 0 if a factor is 0, NaN without a factor."""
    known = [factor for factor in factors if not math.isnan(factor)]
    if not known:
        return math.nan
    return math.exp(math.fsum(map(math.log, known)) / len(known)) if min(known) > 0.0 else 0.0


def look(layers: tuple[int, ...], config: NetworkConfig) -> Tried:
    """Look at an untrained network."""
    alone = replace(config, against=None)
    same = {name: getattr(NetworkConfig, name) for name in IN_TRAINING}
    return _looked(layers, replace(alone, **same))._replace(config=alone)


@lru_cache(MAX_LOOKS_KEPT)  # a question and its lesson look at the same networks, and a learner goes back and forth
def _looked(layers: tuple[int, ...], alone: NetworkConfig) -> Tried:
    report = _report(layers, alone)
    return Tried(layers, alone, report.verdict(), _series(report, alone), layer_factors(report), report.loss)


def _report(layers: tuple[int, ...], config: NetworkConfig) -> Report:
    drawn = NetworkConfig(data=config.data, seed=config.seed, batch=config.batch)
    return config.network(layers).forward_backward(_first_batch((layers[0], layers[-1]), drawn))


@lru_cache(1)  # drawing the points takes longer than looking at a small network
def _first_batch(ends: tuple[int, int], config: NetworkConfig) -> Batch:
    return config.data_for(ends).batch(config.batch, 0)


def _series(report: Report, config: NetworkConfig) -> tuple[float, ...]:
    """The magnitudes in view if they are gradients, and else those that the verdict is about."""
    return tuple(report.series(_measure(config)).tolist())


def _measure(config: NetworkConfig) -> str:
    return config.measure if config.measure in GRADIENT_MEASURES else JUDGED


def is_cheap(layers: Sequence[int], config: NetworkConfig) -> bool:
    """Return True if such networks can be tried at once for a question."""
    return start_cost(layers, config.batch) <= MAX_OPERATIONS


def ask_what_if(scene: Scene, chance: Random) -> Question | None:
    """Ask for the verdict with another setting."""
    shown = scene.network
    if shown is None or len(shown.layers) < MIN_JUDGED_LAYERS or not is_cheap(shown.layers, shown.config):
        return None
    usable = [each for each in SETTINGS if _helps(each, shown.layers, shown.config)]
    if not usable:
        return None
    return what_if(shown.layers, shown.config, usable[int(chance.random() * len(usable))])


def _helps(setting: Setting, layers: tuple[int, ...], config: NetworkConfig) -> bool:
    is_other = any(getattr(config, name) != value for name, value in setting.changes.items())
    return is_other and all(applies(name, config, layers) for name in setting.changes)


def what_if(layers: tuple[int, ...], config: NetworkConfig, setting: Setting) -> Question:
    """Return the question for the verdict of a network with this setting, untrained."""
    before, after = look(layers, config), look(layers, setting.change(config))
    actual = after.verdict.kind
    kinds = OFFERED_KINDS if actual in OFFERED_KINDS else (*OFFERED_KINDS, actual)
    numbers = _compared(before, after, setting.name)

    def reply(kind: str) -> str:
        if kind == actual:
            return numbers
        if kind == before.verdict.kind:
            return f"{kind.capitalize()} is what it is without {setting.name}. {numbers}"
        return f"It becomes {actual}, not {kind}. {numbers}"

    choices = tuple(Option(kind.capitalize(), reply(kind)) for kind in kinds)
    text = f"Untrained, this network is {before.verdict.kind}. What does it become with {setting.name}?"
    shows = replace(after.config, against=before.config)
    return Question("what_if", text, choices, kinds.index(actual), hides=False, shows=shows)


def _compared(before: Tried, after: Tried, name: str) -> str:
    """Return the verdict after a change, and what a layer passes on before and after it, if both are known."""
    told = [_numbers(each) for each in (before, after)]
    passes = f"A layer passes on {told[0]} before and {told[1]} with {name}. " if all(told) else ""
    return f"{passes}{after.verdict.text}."


def _numbers(tried: Tried) -> str:
    """`×0.24 (slope 0.24 × weights 1.00)`; without the factors if one is not known, and empty without a number."""
    factors = {"slope": tried.slope, "normalisation": tried.normalisation, "weights": tried.gain, "skip": tried.skip}
    known = {name: factor for name, factor in factors.items() if factor is not None}
    step = tried.verdict.factor if math.isnan(tried.step) else tried.step
    if not math.isfinite(step):
        return ""
    if math.isnan(tried.step) or not all(0.0 < factor < math.inf for factor in known.values()):
        return f"×{write_magnitude(step)}"
    written = (f"{name} {write_magnitude(factor)}" for name, factor in known.items())
    return f"×{write_magnitude(step)} ({' × '.join(written)})"


def ask_curve(scene: Scene, chance: Random, wanted: str = "") -> Question | None:
    """Ask which of three curves belongs to an initialisation, `wanted` or any."""
    shown = scene.network
    if shown is None or len(shown.layers) < MIN_CURVE_LAYERS or not is_cheap(shown.layers, shown.config):
        return None
    configs = {each.name: each.change(shown.config) for each in CURVES}
    tried = {name: _series(_report(shown.layers, each), each)[1:] for name, each in configs.items()}
    for names in sorted(combinations(tried, 3), key=lambda _names: chance.random()):
        if wanted in ("", *names) and _are_apart([tried[name] for name in names]):
            order = sorted(names, key=lambda _name: chance.random())
            drawn, label = {name: tried[name] for name in order}, MEASURES[_measure(shown.config)].label
            return _curve_question(wanted or order[int(chance.random() * 3)], drawn, label)
    return None


def _are_apart(curves: Sequence[Sequence[float]]) -> bool:
    if not all(0.0 < size < math.inf for curve in curves for size in curve):
        return False
    ends = sorted(map(_change, curves))
    return all(later - earlier >= MIN_CURVE_DECADES for earlier, later in pairwise(ends))


def _change(curve: Sequence[float]) -> float:
    return math.log10(curve[0]) - math.log10(curve[-1])


def _curve_question(wanted: str, curves: Mapping[str, Sequence[float]], label: str) -> Question:
    shares = {name: write_share(_change(curve)) for name, curve in curves.items()}

    def reply(name: str) -> str:
        own = f"With {name} the first hidden layer gets {shares[name]} of the output’s gradient"
        return f"{own}." if name == wanted else f"This is {name}. {own}, with {wanted} {shares[wanted]}."

    names = list(curves)
    choices = tuple(Option(f"Curve {letter}", reply(name)) for letter, name in zip("ABC", names, strict=True))
    text = (
        f"Each curve is this network’s gradient ({label}) before training with other first weights, the input at the "
        f"left. Which is {wanted}?"
    )
    sizes = tuple(tuple(float(size) for size in curves[name]) for name in names)
    return Question("curve", text, choices, names.index(wanted), curves=sizes, hides=False)


def ask_factor(scene: Scene, chance: Random) -> Question | None:
    """Ask which factor changes the gradient most from one layer to the one before."""
    shown = scene.network
    if shown is None:
        return None
    places = sorted(range(1, len(shown.layers) - 1), key=lambda _at: chance.random())
    return next((found for at in places if (found := factor_at(shown, at)) is not None), None)


def factor_at(shown: Tried, at: int) -> Question | None:
    """Return the question for the largest factor at a layer; None if no factor is clearly the largest."""
    explained = explain(shown.links, at, shown.config, loss=shown.loss, widths=shown.layers)
    terms = [term for term in explained.terms if 0.0 < term.factor < math.inf]
    if len(terms) < 2 or len(terms) < len(explained.terms):
        return None
    sizes = [abs(math.log10(term.factor)) for term in terms]
    best, second = sorted(sizes, reverse=True)[:2]
    if best - second < CLEAR_DECADES:
        return None
    answer = sizes.index(best)
    own = f"The factor of the {terms[answer].name} is ×{write_magnitude(terms[answer].factor)}"

    def reply(place: int) -> str:
        listed = ", ".join(f"{term.name} ×{write_magnitude(term.factor)}" for term in terms)
        if place == answer:
            return f"{own}, farthest from ×1 of all: {listed}."
        return f"{own}, farther from ×1 than that of the {terms[place].name}: {listed}."

    product = write_magnitude(math.prod(term.factor for term in terms))
    way = f"From {mention(explained.source)} to {mention(explained.name)}"
    text = f"{way} the gradient ({explained.label}) becomes ×{product}. Which factor changes it most?"
    choices = tuple(Option(term.name, reply(place)) for place, term in enumerate(terms))
    return Question("factor", text, choices, answer, layer=at)


def ask_fix(scene: Scene, chance: Random) -> Question | None:
    """Ask which one of several settings makes a sick network healthy."""
    shown = scene.network
    if shown is None or not is_cheap(shown.layers, shown.config):
        return None
    return fix_question(shown.layers, shown.config, SETTINGS, chance)


def fix_question(
    layers: tuple[int, ...], config: NetworkConfig, settings: Sequence[Setting], chance: Random
) -> Question | None:
    """Return the question for the one setting that makes a network healthy; None unless one does and two do not."""
    before = look(layers, config)
    if before.verdict.kind == HEALTHY:
        return None
    tried = {each.name: look(layers, each.change(config)) for each in settings if _helps(each, layers, config)}
    good = [name for name, after in tried.items() if after.verdict.kind == HEALTHY]
    bad = sorted((name for name in tried if name not in good), key=lambda _name: chance.random())[: MAX_CHOICES - 1]
    if not good or len(bad) < 2:
        return None
    right = good[int(chance.random() * len(good))]
    names = sorted([right, *bad], key=lambda _name: chance.random())
    choices = tuple(Option(name, f"With {name}: {tried[name].verdict.text}.") for name in names)
    text = f"Untrained, this network is {before.verdict.kind}. Which one of these makes it healthy?"
    shows = replace(tried[right].config, against=before.config)
    return Question("fix", text, choices, names.index(right), hides=False, shows=shows)


OF_NETWORKS: Final[Mapping[str, Ask]] = {
    **PLAIN,
    "what_if": ask_what_if,
    "curve": ask_curve,
    "factor": ask_factor,
    "fix": ask_fix,
}
