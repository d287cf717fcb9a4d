"""Questions about a view: one answer is right by the numbers of the view, and each reply fits its guess."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.figure.diagnosis import diagnose
from app.network.config import NetworkConfig
from app.network.training import Training
from app.panels.learn.lessons import DEEP_LAYERS, NARROW_LAYERS, scene_of
from app.panels.learn.network_questions import CURVES, OF_NETWORKS, SETTINGS, look, what_if
from app.panels.learn.question import (
    ESTIMATE_DECADES,
    ESTIMATE_STEP,
    Question,
    Scene,
    choose,
    decades_at,
    estimate,
    place_of,
    tolerance,
    write_share,
)
from app.panels.learn.questions import ORDERLESS, PLAIN
from app.panels.learn.quiz import QUESTIONS, QuizRound, parse_round

CONFIGS = (
    NetworkConfig(),
    NetworkConfig(activation="relu", initialisation="he_normal"),
    NetworkConfig(activation="relu", initialisation="normal", sigma=1.0, residual=True),
    NetworkConfig(activation="tanh", normalisation=True, measure="rms_z"),
    NetworkConfig(measure="mean_slope"),
)
magnitudes = st.one_of(st.none(), st.just(0.0), st.floats(1e-12, 1e6), st.just(math.nan), st.just(math.inf))


def scene_with(sizes: list[float | None], earlier: tuple[float | None, ...] | None = None) -> Scene:
    names = tuple(f"fc{at}" for at in range(1, len(sizes) + 1))
    return Scene(names, tuple(sizes), "L2 ∂L/∂W", diagnose(names, sizes), earlier=earlier)


def computed(config: NetworkConfig, layers: tuple[int, ...] = DEEP_LAYERS, steps: int = 0) -> Scene:
    training = Training(layers, config)
    for _ in range(steps):
        training.advance()
    return scene_of(training, steps, config)


def is_right(question: Question, scene: Scene) -> bool:  # noqa: PLR0911  # one rule a kind
    """Judge the answer anew, from the scene's numbers alone."""
    sizes = dict(zip(scene.names, scene.magnitudes, strict=True))
    texts = [choice.text for choice in question.choices]
    if question.kind == "least":
        return min(texts, key=lambda name: sizes[name] or 0.0) == texts[question.answer]
    if question.kind == "most":
        return max(texts, key=lambda name: sizes[name] or 0.0) == texts[question.answer]
    if question.kind == "share":
        return question.decades == pytest.approx(math.log10((scene.size(0)) / scene.size(-1)))
    if question.kind == "verdict":
        return texts[question.answer].lower() == scene.verdict.kind
    if question.kind == "drop":
        ratios = {
            text: scene.size(scene.names.index(text.split(" → ")[1])) / (sizes[text.split(" → ")[0]] or 1)
            for text in texts
        }
        return min(ratios, key=ratios.__getitem__) == texts[question.answer]
    if question.kind in ("pair", "ratio"):
        low = next(name for name in scene.names if f"at {name}," in question.text)
        high = next(name for name in scene.names if question.text.endswith(f"with {name}?"))
        wanted = 10.0 ** round(math.log10((sizes[low] or 0) / (sizes[high] or 1)))
        value = texts[question.answer].removeprefix("about ").replace(",", "").replace(" times", "").replace("×", "")
        value = value.replace("the same", "1").replace("1/", "1e0/")
        if "/" in value:
            return 1 / float(value.split("/")[1]) == pytest.approx(wanted)
        return float(value) == pytest.approx(wanted)
    assert question.kind == "since"
    assert scene.earlier is not None
    at = next(at for at, name in enumerate(scene.names) if f" {name} now" in question.text)
    ratio = scene.size(at) / (scene.earlier[at] or 1)
    return question.answer == (0 if ratio < 1 / 3 else 2 if ratio > 3 else 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(magnitudes, min_size=1, max_size=9).filter(any), st.integers(0, 9999), st.booleans())
def test_each_answer_is_right_by_the_numbers_of_any_view(sizes: list[float | None], seed: int, has_past: bool) -> None:
    scene = scene_with(sizes, tuple(reversed(sizes)) if has_past else None)
    for ask in {**PLAIN, **ORDERLESS}.values():
        question = ask(scene, Random(seed))
        if question is not None:
            assert is_right(question, scene), question
            assert len({choice.text for choice in question.choices}) == len(question.choices) != 1
            assert all(choice.reply.endswith(".") for choice in question.choices)


def test_a_view_without_a_clear_answer_is_not_asked_about() -> None:
    equal = scene_with([1.0] * 6)
    assert [PLAIN[kind](equal, Random(0)) for kind in ("least", "drop", "since")] == [None] * 3
    assert PLAIN["share"](scene_with([None, 1.0, 1.0]), Random(0)) is None


@pytest.mark.parametrize("config", CONFIGS)
def test_a_computed_view_has_at_least_six_kinds_of_question_and_no_two_rounds_of_a_seed_differ(
    config: NetworkConfig,
) -> None:
    scene = computed(config)
    asked = []
    for _ in range(2):
        round_ = QuizRound(OF_NETWORKS, 7)
        while (question := round_.ask(scene)) is not None:
            round_.answer(question, choose(question, 0) if question.choices else estimate(question, 0.0))
        assert round_.is_over
        asked.append([each.question for each in round_.answered])
    assert asked[0] == asked[1]
    assert len(asked[0]) == QUESTIONS
    assert len({question.kind for question in asked[0]}) == QUESTIONS


@pytest.mark.parametrize("seed", range(6))
def test_what_another_setting_does_is_found_by_trying_it(seed: int) -> None:
    config = replace(CONFIGS[seed % 3], seed=seed)
    scene = computed(config)
    asked = OF_NETWORKS["what_if"](scene, Random(seed))
    assert asked is not None
    setting = next(each for each in SETTINGS if asked.text.endswith(f"with {each.name}?"))
    kind = Training(DEEP_LAYERS, setting.change(config)).shown(0).verdict.kind
    assert asked.choices[asked.answer].text.lower() == kind
    fix = OF_NETWORKS["fix"](scene, Random(seed))
    for place, choice in enumerate(fix.choices if fix else ()):
        setting = next(each for each in SETTINGS if each.name == choice.text)
        kind = Training(DEEP_LAYERS, setting.change(config)).shown(0).verdict.kind
        assert (kind == "healthy") == (fix is not None and place == fix.answer)
    curve = OF_NETWORKS["curve"](scene, Random(seed))
    assert curve is not None
    setting = next(each for each in CURVES if curve.text.endswith(f"Which is {each.name}?"))
    series = Training(DEEP_LAYERS, setting.change(config)).shown(0).gradients[1:]
    assert curve.curves[curve.answer] == pytest.approx(series)


def test_the_factor_that_changes_most_is_the_farthest_from_one() -> None:
    scene = computed(NetworkConfig())
    question = OF_NETWORKS["factor"](scene, Random(0))
    assert question is not None
    assert question.choices[question.answer].text == "slope f′"  # a sigmoid's is 0.25 at most


def test_a_network_too_large_to_try_is_asked_about_as_it_is() -> None:
    layers = (64, *[512] * 4, 8)
    scene = computed(NetworkConfig(batch=256), layers)
    assert [OF_NETWORKS[kind](scene, Random(0)) for kind in ("what_if", "curve", "fix")] == [None] * 3


def test_a_dead_network_leaves_the_verdict_to_ask_for() -> None:
    dead = next(
        scene
        for seed in range(40)
        if (
            scene := computed(NetworkConfig(activation="relu", initialisation="he_normal", seed=seed), NARROW_LAYERS)
        ).verdict.kind
        == "dead"
    )
    asked = {kind: ask(dead, Random(0)) for kind, ask in OF_NETWORKS.items()}
    assert asked["verdict"] is not None
    assert asked["least"] is asked["share"] is asked["drop"] is None


@given(st.floats(-12, 12), st.floats(-12, 12))
def test_an_estimate_is_right_within_its_tolerance(truth: float, guess: float) -> None:
    feedback = estimate(Question("share", "", decades=truth), guess)
    assert feedback.is_right == (abs(guess - truth) <= tolerance(truth))
    assert feedback.text.startswith("Right" if feedback.is_right else "Not quite")


@pytest.mark.parametrize(
    ("decades", "text"),
    [(-4.924, "1/84,000"), (0.0, "×1.0"), (1.978, "×95"), (-9.0, "10⁻⁹"), (-0.01, "×1.0"), (-0.5, "1/3.2")],
)
def test_a_share_is_written_as_people_say_it(decades: float, text: str) -> None:
    assert write_share(decades) == text


def test_the_seed_of_a_round_is_a_number_of_six_digits() -> None:
    assert parse_round("42") == 42
    with pytest.raises(ValueError, match='Quiz: must be a whole number from 0 to 999999, got "x"'):
        parse_round("x")


@given(st.floats(-0.5, 1.5))
def test_a_predicted_bar_ends_where_it_is_dragged_to(place: float) -> None:
    decades = decades_at(place)
    assert abs(decades) <= ESTIMATE_DECADES
    assert decades % ESTIMATE_STEP == 0
    assert abs(place_of(decades) - min(max(place, 0.0), 1.0)) <= 0.5 * ESTIMATE_STEP / ESTIMATE_DECADES
    assert decades_at(place_of(decades)) == decades


def test_an_untrained_network_is_the_same_whatever_its_training_and_its_scale() -> None:
    config = NetworkConfig(seed=5)
    other = replace(config, rate=1.0, clip=1.0, optimiser="adam", scale="linear", forward=True)
    assert look(DEEP_LAYERS, other) == look(DEEP_LAYERS, config)._replace(config=other)
    assert look(DEEP_LAYERS, other).series == pytest.approx(Training(DEEP_LAYERS, other).values("rms_a")[:, 0])
    assert look(DEEP_LAYERS, replace(config, seed=6)).series != look(DEEP_LAYERS, config).series


@pytest.mark.parametrize("changes", [{}, {"normalisation": True}, {"residual": True}, {"activation": "relu"}])
def test_the_factors_that_a_reply_lists_multiply_to_what_a_layer_passes_on(changes: dict[str, Any]) -> None:
    tried = look((2, 8, 8, 6, 6, 6, 2), NetworkConfig(**changes))
    factors = [tried.slope, tried.normalisation, tried.gain, tried.skip]
    assert math.prod(each for each in factors if each is not None) == pytest.approx(tried.step)


def test_a_reply_has_no_number_that_is_not_known() -> None:
    for layers, config, name in (
        ((2, 4, 2), NetworkConfig(initialisation="normal", sigma=0.0), "He’s weights"),
        ((2, 4, 4, 4, 2), NetworkConfig(activation="relu", initialisation="normal", sigma=1e60), "tanh"),
        ((2, 2, 2, 2, 2, 2, 2, 2, 2, 2), NetworkConfig(initialisation="he_normal"), "ReLU"),
    ):
        question = what_if(layers, config, next(each for each in SETTINGS if each.name == name))
        assert not any("NaN" in choice.reply.partition(". ")[0] for choice in question.choices), question
    assert OF_NETWORKS["what_if"](computed(NetworkConfig(), (2, 3)), Random(0)) is None


def test_about_the_same_is_only_offered_as_right_for_what_nearly_is() -> None:
    assert ORDERLESS["ratio"](scene_with([0.5, 2.0, 1.0]), Random(0)) is None
    question = ORDERLESS["ratio"](scene_with([0.9, 30.0, 1.0]), Random(0))
    assert question is not None
    assert question.choices[question.answer].text == "about the same"
