"""The path of lessons. Each shows a network, asks one question, and says why with the network's own numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ...figure.diagnosis import DEAD, HEALTHY
from ...figure.magnitudes import write_magnitude
from ...figure.mentions import mention, mention_first
from ...network.config import NetworkConfig, is_same_run
from ...network.metrics import GRADIENT_MEASURES, JUDGED, measure_label
from ...network.training import StepSnapshot, Training
from .network_questions import SETTINGS, Setting, Tried, ask_curve, factor_at, fix_question, look, what_if
from .question import Option, Question, Scene
from .questions import ask_least, ask_share, ask_verdict

DEEP_LAYERS: Final = (2, *[16] * 8, 2)  # ten layers, including input and output
NARROW_LAYERS: Final = (2, *[2] * 12, 2)  # so narrow that with nearly any seed a layer of ReLUs is dead
DEEPER_LAYERS: Final = (2, *[16] * 16, 2)
SMALL_SIGMA: Final = 0.1
CHANCE_SEED: Final = 1
_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}
FIXES_TO_CHOOSE: Final = (
    _BY_NAME["tanh"],
    _BY_NAME["He’s weights"],
    Setting("a learning rate of 1", {"rate": 1.0}),
    Setting("clipping to norm 1", {"clip": 1.0}),
)

Teller = Callable[[Tried, Tried | None], tuple[str, str]]


class Lesson(NamedTuple):
    """A view and a question about it.

    `computed` is the network at the end. If it `starts_beside`, the question is asked about the network beside it.
    `ask` draws the question from a view. `tell` returns two sentences from the network at the end and the one beside
    it. `further` is one thing to try: the text of a button, and the fields that it sets.
    """

    name: str
    title: str
    layers: tuple[int, ...]
    computed: NetworkConfig
    opening: str
    ask: Callable[[Scene], Question | None]
    tell: Teller
    further: tuple[str, Mapping[str, Any]]
    starts_beside: bool = False

    @property
    def asked(self) -> NetworkConfig:
        """The network that the question is about."""
        beside = self.computed.against
        return beside if self.starts_beside and beside is not None else self.computed

    def with_seed_of(self, config: NetworkConfig) -> tuple[NetworkConfig, NetworkConfig]:
        """Return the networks of the question and of the end, with the seed and the view fields of another."""
        own = {name: getattr(config, name) for name in ("seed", "scale", "forward")}
        return replace(self.asked, **own), replace(self.computed, **own)

    def speaks_of(self, layers: tuple[int, ...], config: NetworkConfig) -> bool:
        """Return True if this network is shown, in any view of it and with any seed."""
        return layers == self.layers and any(_is_alike(config, each) for each in (self.asked, self.computed))

    def told(self, shown: NetworkConfig) -> tuple[str, str]:
        """Return the two sentences for the network at the end, with the seed of the one that is shown."""
        end = self.with_seed_of(shown)[1]
        beside = end.against
        return self.tell(look(self.layers, end), None if beside is None else look(self.layers, beside))


def _is_alike(config: NetworkConfig, other: NetworkConfig) -> bool:
    other = replace(other, seed=config.seed)
    beside, own = config.against, other.against
    if not is_same_run(config, other) or (beside is None) != (own is None):
        return False
    return beside is None or own is None or is_same_run(beside, own)


def scene_of(run: Training, step: int, config: NetworkConfig, shown: StepSnapshot | None = None) -> Scene:
    """Return the view of a step to ask about, without the input, from whose gradient nothing learns.

    `shown` is the step's snapshot, if it is known.
    The magnitudes are those in view if they are gradients, and else those that the verdict is about.
    """
    shown = shown or run.shown(step, config)
    measure = config.measure if config.measure in GRADIENT_MEASURES and run.keeps(config.measure) else JUDGED
    relative = config.is_relative and measure == config.measure
    values = run.values(measure, relative=relative)
    series, first = values[:, step].tolist(), min(1, len(run.layers) - 1)
    alone = replace(config, against=None, measure=measure)
    tried = Tried(run.layers, alone, shown.verdict, tuple(series), shown.links, shown.loss)
    return Scene(
        run.names[first:],
        tuple(series[first:]),
        measure_label(measure, relative=relative),
        shown.verdict,
        first,
        tuple(values[first:, 0].tolist()) if step else None,
        tried,
        measure == config.measure,
    )


def _size(value: float) -> str:
    return write_magnitude(value)


def _decades(tried: Tried) -> float:
    """The decades between the output and the first hidden layer."""
    low, high = tried.series[1], tried.series[-1]
    return math.log10(high) - math.log10(low) if low > 0.0 and high > 0.0 else math.inf


def _ask_first(scene: Scene) -> Question | None:
    """Ask which layer's gradient is computed first."""
    shown: Tried = scene.network
    first = next(at for at, link in enumerate(shown.links) if not link.source)

    def reply(at: int) -> str:
        link = shown.links[at]
        if at == first:
            return f"Only {mention(link.name)} gets its gradient from the loss itself: {_size(shown.series[at])}."
        source = mention(link.source)
        return f"The gradient of {mention(link.name)} is computed from that of {source}, so {source} comes first."

    choices = tuple(Option(link.name, reply(at)) for at, link in enumerate(shown.links))
    text = "Which layer’s gradient is computed first?"
    return Question("first", text, choices, first, layer=first)


def _tell_first(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    chain = " → ".join(_size(size) for size in reversed(end.series))
    return (
        "The loss gives the output its gradient, and each layer hands a gradient on to the one before it.",
        f"So gradients travel from the loss to the input, here {chain}.",
    )


def _tell_least(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    return (
        f"The first hidden layer gets {_size(end.series[1])}, the output {_size(end.series[-1])}.",
        f"Each hidden layer passes on about ×{_size(end.step)} of what it gets, and these factors multiply.",
    )


def _tell_sigmoid(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    return (
        f"The slope of a sigmoid is 0.25 at most, here about {_size(end.slope)}, and Xavier’s weights have a factor "
        f"of about {_size(end.gain)}: each layer passes on ×{_size(end.step)}.",
        f"From the output to the first hidden layer {_decades(end):.1f} decades are lost, so with plain SGD the first "
        "layers hardly learn.",
    )


def _tell_factor(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    return (
        f"The typical slope factor is ×{_size(end.slope)}, the typical weight factor ×{_size(end.gain)}.",
        "The weights nearly keep the gradient; it is the slope of the sigmoid that takes it away.",
    )


def _tell_tanh(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    return (
        f"The slope of tanh is 1 at 0, here about {_size(end.slope)}, and Xavier’s weights have a factor of about "
        f"{_size(end.gain)}: each layer passes on ×{_size(end.step)}.",
        f"{'Over all layers that is little. ' if end.verdict.kind == HEALTHY else ''}{end.verdict.text}.",
    )


def _ask_curve(scene: Scene) -> Question | None:
    question = ask_curve(scene, Random(CHANCE_SEED), "He")
    return question._replace(hides=True) if question else None


def _tell_he(end: Tried, beside: Tried | None) -> tuple[str, str]:
    xavier = beside or end
    return (
        f"A ReLU lets about half of the gradient’s entries through, which takes its RMS times {_size(end.slope)}; He’s "
        f"weights have a factor of about {_size(end.gain)}, and the product is ×{_size(end.step)} a layer.",
        f"Xavier’s weights, drawn beside them, have a factor of about {_size(xavier.gain)}: ×{_size(xavier.step)} "
        "a layer.",
    )


def _tell_exploding(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    return (
        f"Weights of standard deviation 1 have a factor of about √16 = 4 at sixteen units a layer, here "
        f"{_size(end.gain)}, times {_size(end.slope)} for the ReLU.",
        f"So the gradient becomes ×{_size(end.step)} at each layer, as the activations did before it, and the loss is "
        f"{_size(end.loss)}.",
    )


def _ask_end(scene: Scene) -> Question | None:
    """Ask where the gradient ends; of a network without a dead layer, ask for the verdict."""
    zeros = [at for at, size in enumerate(scene.magnitudes) if size == 0.0]
    if scene.verdict.kind != DEAD or not zeros or len(zeros) == len(scene.names):
        return ask_verdict(scene, Random(CHANCE_SEED))
    dead = max(zeros)

    def reply(at: int) -> str:
        own, wanted = f"{mention_first(scene.names[at])} gets {_size(scene.size(at))}", mention(scene.names[dead])
        if at == dead:
            return f"{own}, and {mention(scene.names[at + 1])} still gets {_size(scene.size(at + 1))}."
        return f"{own}, but {wanted} already gets 0." if at < dead else f"{own}, not 0; the first 0 is at {wanted}."

    places = sorted({dead, 0, len(scene.names) - 1, max(dead - 1, 0), min(dead + 1, len(scene.names) - 1)})
    text = "Some layers get no gradient at all. Which is the first of them on the way from the loss?"
    choices = tuple(Option(scene.names[at], reply(at)) for at in places)
    return Question("end", text, choices, places.index(dead), layer=dead + scene.first)


def _tell_dead(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    leaky = look(end.layers, replace(end.config, activation="leaky_relu"))
    other = f"With leaky ReLUs, whose slope is 0.01 there, the first hidden layer gets {_size(leaky.series[1])}."
    dead = [link.source for link in end.links if link.dead == 1.0]
    if end.verdict.kind != DEAD or not dead:
        return (
            f"With this seed no layer is dead. {end.verdict.text}.",
            "Another seed may have one: ReLUs die by chance.",
        )
    layer = mention(dead[0])
    all_off = f"All units of {layer} have z ≤ 0 for the whole batch, so its slopes are 0, and it hands on zeros"
    behind = "; with biases of 0 all hidden layers behind it have z = 0 then, and slopes of 0 too" if dead[1:] else ""
    return f"{all_off}{behind}. While that lasts, no weight gets a gradient, only the biases of the output.", other


def _ask_residual(scene: Scene) -> Question | None:
    shown: Tried = scene.network
    return what_if(shown.layers, shown.config, _BY_NAME["residual connections"])


def _tell_residual(end: Tried, beside: Tried | None) -> tuple[str, str]:
    plain = beside or end
    return (
        "Each hidden layer but the first now adds its input to its output, so the gradient has a way past the sigmoid, "
        "with the factor 1.",
        f"The first hidden layer gets {_size(end.series[1])} instead of {_size(plain.series[1])}, a layer passes on "
        f"×{_size(end.step)} instead of ×{_size(plain.step)}.",
    )


def _ask_normalisation(scene: Scene) -> Question | None:
    shown: Tried = scene.network
    return what_if(shown.layers, shown.config, _BY_NAME["normalisation"])


def _tell_normalisation(end: Tried, beside: Tried | None) -> tuple[str, str]:
    plain = beside or end
    return (
        f"Weights of standard deviation 0.1 are too small for sixteen units: a layer passes on ×{_size(plain.step)}.",
        "Normalisation divides the sums by their own deviation, and the gradient with them, so the size of the weights "
        f"cancels out as long as the sums’ variance is well above ε = 10⁻⁵: ×{_size(end.step)} a layer.",
    )


def _tell_deeper(end: Tried, _beside: Tried | None) -> tuple[str, str]:
    shallow = look(DEEP_LAYERS, end.config)
    return (
        f"Eight hidden layers lose {_decades(shallow):.1f} decades, sixteen lose {_decades(end):.1f}.",
        f"The factor of a layer is about the same, ×{_size(shallow.step)} and ×{_size(end.step)}, so decades add "
        "up with each layer.",
    )


def _ask_fix(scene: Scene) -> Question | None:
    shown: Tried = scene.network
    return fix_question(shown.layers, shown.config, FIXES_TO_CHOOSE, Random(CHANCE_SEED))


def _tell_fix(end: Tried, beside: Tried | None) -> tuple[str, str]:
    plain = beside or end
    return (
        f"The slope was the cause: the sigmoid’s factor is about ×{_size(plain.slope)}, that of tanh "
        f"×{_size(end.slope)}.",
        "A learning rate or clipping changes the step that is made from a gradient, but no gradient of the untrained "
        "network; larger weights would have to make up for the slope exactly.",
    )


def _verdict(scene: Scene) -> Question | None:
    return ask_verdict(scene, Random(CHANCE_SEED))


def _share(scene: Scene) -> Question | None:
    return ask_share(scene, Random(CHANCE_SEED))


def _least(scene: Scene) -> Question | None:
    return ask_least(scene, Random(CHANCE_SEED))


def _factor(scene: Scene) -> Question | None:
    return factor_at(scene.network, 4)


def _network(**fields: Any) -> NetworkConfig:
    """Return a network whose bars show the magnitudes that the verdict is about."""
    return NetworkConfig(measure=JUDGED, **fields)


def _try(text: str, **changes: Any) -> tuple[str, Mapping[str, Any]]:
    return text, MappingProxyType(changes)


_TEN: Final = "Ten layers, eight of them hidden with sixteen units each."
_SMALL: Final = _network(activation="relu", initialisation="normal", sigma=SMALL_SIGMA)

LESSONS: Final = (
    Lesson(
        "travels", "What travels?", (3, 4, 4, 2), NetworkConfig(activation="tanh"),
        "To learn, each layer needs its gradient: how the loss changes with its values.",
        _ask_first, _tell_first, _try("Another seed", seed=1),
    ),
    Lesson(
        "smallest", "Who gets least?", (2, 16, 16, 16, 2), NetworkConfig(),
        "Three hidden layers with sigmoids. The gradient is on its way from the output.",
        _least, _tell_least, _try("Take ReLU", activation="relu"),
    ),
    Lesson(
        "sigmoid", "Sigmoid at depth 10", DEEP_LAYERS, _network(),
        f"{_TEN} Sigmoids, and Xavier’s weights.",
        _share, _tell_sigmoid, _try("Take tanh", activation="tanh"),
    ),
    Lesson(
        "slope_or_weights", "Slope or weights?", DEEP_LAYERS, _network(),
        "A layer multiplies the gradient by the slope f′ of its activation function, and by its weights.",
        _factor, _tell_factor, _try("Take ReLU", activation="relu"),
    ),
    Lesson(
        "xavier_tanh", "Xavier and tanh", DEEP_LAYERS, _network(activation="tanh"),
        f"{_TEN} This time with tanh instead of a sigmoid.",
        _verdict, _tell_tanh, _try("Weights of N(0, 1)", initialisation="normal", sigma=1.0),
    ),
    Lesson(
        "he_relu", "He and ReLU", DEEP_LAYERS,
        _network(activation="relu", initialisation="he_normal", against=_network(activation="relu")),
        f"{_TEN} ReLUs, and three ways to draw the first weights.",
        _ask_curve, _tell_he, _try("Take orthogonal weights", initialisation="orthogonal"),
    ),
    Lesson(
        "normal_exploding", "N(0, 1) and exploding", DEEP_LAYERS,
        _network(activation="relu", initialisation="normal", sigma=1.0),
        f"{_TEN} ReLUs, and weights with a standard deviation of 1.",
        _verdict, _tell_exploding, _try("Weights of N(0, 0.1²)", sigma=SMALL_SIGMA),
    ),
    Lesson(
        "dead_relu", "Dead ReLUs", NARROW_LAYERS, _network(activation="relu", initialisation="he_normal"),
        "Twelve hidden layers of only two units. The slope of a ReLU is 0 for each sum below 0.",
        _ask_end, _tell_dead, _try("Take leaky ReLU", activation="leaky_relu"),
    ),
    Lesson(
        "residual", "Residual rescue", DEEP_LAYERS, _network(residual=True, against=_network()),
        "The sigmoid network again. A residual connection adds the input of a layer to its output.",
        _ask_residual, _tell_residual, _try("With ReLU as well", activation="relu"), starts_beside=True,
    ),
    Lesson(
        "normalisation", "Normalisation rescue", DEEP_LAYERS, replace(_SMALL, normalisation=True, against=_SMALL),
        "ReLUs with weights of standard deviation 0.1. Normalisation gives each layer’s sums mean 0 and deviation 1.",
        _ask_normalisation, _tell_normalisation, _try("Weights of N(0, 1)", sigma=1.0), starts_beside=True,
    ),
    Lesson(
        "deeper", "Twice as deep", DEEPER_LAYERS, _network(),
        "The sigmoid network with sixteen hidden layers instead of eight.",
        _share, _tell_deeper, _try("Add residual connections", residual=True),
    ),
    Lesson(
        "fix", "Fix this network", DEEP_LAYERS, _network(activation="tanh", against=_network()),
        "One change is to mend the sigmoid network before its training begins.",
        _ask_fix, _tell_fix, _try("Try normalisation as well", normalisation=True), starts_beside=True,
    ),
)  # fmt: skip
LESSONS_BY_NAME: Final = {lesson.name: lesson for lesson in LESSONS}
