"""Sentences about layers, with the names that layers have: places need an article, numbers the noun `layer`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Final

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.figure.diagnosis import diagnose
from app.figure.work import finished
from app.network.config import NetworkConfig
from app.network.training import Training
from app.panels.computed.why import explain, why_markup
from app.panels.learn.lessons import LESSONS, scene_of
from app.panels.learn.narration import narrate
from app.panels.learn.network_questions import OF_NETWORKS
from app.panels.learn.question import Question, Scene
from app.panels.learn.questions import ORDERLESS, PLAIN
from app.panels.recorded.markup import order_text
from app.runs.direction import diagnose_run
from app.runs.events import finding_events
from app.runs.families import BY_BIASES, Families, Family
from app.runs.layer_groups import say_jump, seeking_jump
from app.runs.run import Run
from app.runs.run_verdict import RunJudge
from app.runs.trend import finding_trend

NAMES: Final = ("input", "fc1", "layer 3", "h.0", "771", "output")
BARE: Final = re.compile(r"(?<!\bthe )(?<!\bThe )(?<!\bits )\b(?:input|output)\b|(?<!\blayer )(?<!\bLayer )\b771\b")
LOWER: Final = re.compile(r"(?:^|\. )(?:the (?:in|out)put|layer|hidden)\b")  # at the start of a sentence
sizes = st.lists(
    st.sampled_from([0.0, 1e-9, 1e-4, 0.01, 0.3, 1.0, 1.0, 1.0, 30.0, 1e5, math.nan, math.inf]),
    min_size=len(NAMES),
    max_size=len(NAMES),
)
orders = st.permutations(NAMES)


def check(*texts: str) -> None:
    for text in texts:
        assert not BARE.search(text), text
        assert not LOWER.search(text), text


def check_question(question: Question | None) -> None:
    """Check what a question says, but not its choices, which are names alone."""
    if question:
        check(question.text, question.reply, *(choice.reply for choice in question.choices))


@given(orders, sizes)
def test_a_verdict_and_the_questions_about_it(names: Sequence[str], magnitudes: list[float]) -> None:
    for count in (1, 3, len(names)):
        verdict = diagnose(names[-count:], magnitudes[-count:])
        check(verdict.text, verdict.reason)
    scene = Scene(tuple(names), tuple(magnitudes), "L2 ∂L/∂z", verdict, earlier=(1.0,) * len(names))
    check(*(narrate(scene, at) for at in range(len(names))))
    for ask in {**PLAIN, **ORDERLESS}.values():
        check_question(ask(scene, Random(0)))


@given(orders, sizes, sizes)
def test_the_sentences_about_a_run(names: Sequence[str], before: list[float], after: list[float]) -> None:
    norms = np.array([before, after]).T.repeat(12, axis=1)
    logged = np.ones(norms.shape, np.bool_)
    parameters = tuple((f"{name}.bias",) for name in names)
    steps = np.arange(24.0)
    run = Run("run", tuple(names), steps, norms, logged, None, parameters, "parameter", "l2")
    rows = tuple(f"{name}.bias" for name in names)
    family = Family(BY_BIASES, "", tuple(names), rows, steps, tuple(zip(norms, logged, strict=True)))
    judge = RunJudge(run, Families(BY_BIASES, (family,)))
    check(order_text(run), *map(str, finished(finding_events(run, judge))))
    for at in (0, 23):
        verdict = judge.at(float(at))
        assert verdict is not None
        check(verdict.text, verdict.reason, diagnose_run(run, norms[:, at].tolist()).text)
    check(str(finished(finding_trend(run, judge))), str(finished(finding_trend(run))))
    jump = finished(seeking_jump(run))
    if jump:
        check(say_jump(run, jump))


def told_of(training: Training, config: NetworkConfig) -> Iterator[str]:
    """The sentences about each layer of an untrained network."""
    shown = training.shown(0, config)
    scene = scene_of(training, 0, config)
    yield from (shown.verdict.text, shown.verdict.reason, shown.overflow or "")
    for at in range(len(training.layers)):
        explained = explain(shown.links, at, config, loss=shown.loss, widths=training.layers)
        yield from (shown.links[at].sentence(), narrate(scene, at, explained), *explained.sentences)
        yield from re.findall(r"<caption.*?>(.*?)<", why_markup(explained, 1.0))


def test_the_sentences_about_a_computed_network() -> None:
    relu = NetworkConfig(activation="relu", initialisation="normal")
    for config in (
        NetworkConfig(),
        replace(relu, sigma=1e60),
        replace(relu, sigma=0.0, residual=True),
        replace(relu, sigma=0.0),
    ):
        for layers in ((4, 3), (3, 2, 2, 2, 2), (3, *[1] * 12, 2)):
            training = Training(layers, config)
            check(*told_of(training, config))
            for ask in OF_NETWORKS.values():
                check_question(ask(scene_of(training, 0, config), Random(0)))


def test_the_sentences_of_the_lessons() -> None:
    for lesson in LESSONS:
        check(*lesson.told(lesson.asked))
