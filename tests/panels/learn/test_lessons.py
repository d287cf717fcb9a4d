"""The lessons agree with their networks."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from app.figure.diagnosis import DEAD, EXPLODING, HEALTHY, VANISHING
from app.network.chain_rule import layer_factors
from app.network.config import NetworkConfig
from app.network.operations import EPSILON
from app.network.training import StepSnapshot, Training
from app.panels.learn.lessons import DEEP_LAYERS, LESSONS, Lesson, scene_of
from app.panels.learn.network_questions import look

BY_NAME = {lesson.name: lesson for lesson in LESSONS}


def shown(name: str, **changed: object) -> StepSnapshot:
    lesson = BY_NAME[name]
    return Training(lesson.layers, replace(lesson.computed, **changed)).shown(0)  # type: ignore[arg-type]  # as named


def against(name: str) -> StepSnapshot:
    lesson = BY_NAME[name]
    assert lesson.computed.against is not None
    return Training(lesson.layers, lesson.computed.against).shown(0)


KINDS = {
    "sigmoid": VANISHING,
    "he_relu": HEALTHY,
    "xavier_tanh": HEALTHY,
    "normal_exploding": EXPLODING,
    "dead_relu": DEAD,
    "residual": HEALTHY,
    "normalisation": HEALTHY,
    "deeper": VANISHING,
    "fix": HEALTHY,
}


@lru_cache(16)  # lessons with one seed share networks
def untrained(layers: tuple[int, ...], config: NetworkConfig) -> Training:
    return Training(layers, config)


def expected(lesson: Lesson, asked: NetworkConfig, end: NetworkConfig) -> str | float:
    """The right answer, found by training's own numbers: the text of a choice, or decades."""
    training = untrained(lesson.layers, replace(asked, against=None))
    judged = training.values("l2_z")[1:, 0]
    kind = training.shown(0).verdict.kind.capitalize()
    dead = np.flatnonzero(judged == 0.0)
    if lesson.name in ("residual", "normalisation"):
        return untrained(lesson.layers, replace(end, against=None)).shown(0).verdict.kind.capitalize()
    if lesson.name == "dead_relu":
        assert kind == "Dead"
        return training.names[1 + int(dead.max())]
    if lesson.name in ("sigmoid", "deeper"):
        return math.log10(judged[0] / judged[-1])
    known = {
        "travels": "output",
        "smallest": training.names[1 + int(training.values("rms_a")[1:, 0].argmin())],
        "slope_or_weights": "slope f′ of hidden 4",
        "fix": "tanh",
    }
    return known.get(lesson.name, kind)


@pytest.mark.parametrize("seeds", [range(start, start + 10) for start in range(0, 40, 10)], ids=str)
def test_each_lesson_has_its_right_answer_and_two_sentences_for_each_of_forty_seeds(seeds: range) -> None:
    for seed in seeds:
        for lesson in LESSONS:
            assert_is_right(lesson, seed)


def assert_is_right(lesson: Lesson, seed: int) -> None:
    asked, end = lesson.with_seed_of(NetworkConfig(seed=seed))
    training = untrained(lesson.layers, replace(asked, against=None))
    question, of = lesson.ask(scene_of(training, 0, asked)), (lesson.name, seed)
    assert question is not None, of
    if lesson.name == "he_relu":  # the curve of He, which is the lesson's own network
        assert question.curves[question.answer] == pytest.approx(training.shown(0, asked).gradients[1:]), of
    elif question.choices:
        assert question.choices[question.answer].text == expected(lesson, asked, end), of
    else:
        assert question.decades == pytest.approx(expected(lesson, asked, end)), of
    assert question.shows is None or lesson.speaks_of(lesson.layers, question.shows), of
    if seed < 4:
        assert all(sentence.endswith(".") for sentence in lesson.told(asked)), of


@pytest.mark.parametrize("seed", range(12))
def test_what_the_sentences_say_of_factors_holds(seed: int) -> None:
    sigmoid, deeper = (look(BY_NAME[name].layers, NetworkConfig(seed=seed)) for name in ("sigmoid", "deeper"))
    assert sigmoid.slope <= 0.25
    assert 0.8 < sigmoid.gain < 1.2  # the weights nearly keep the gradient
    assert sigmoid.step == pytest.approx(deeper.step, rel=0.15)  # about the same factor
    exploding = look(DEEP_LAYERS, replace(BY_NAME["normal_exploding"].computed, seed=seed))
    assert exploding.gain == pytest.approx(4.0, rel=0.15)
    small = look(DEEP_LAYERS, replace(BY_NAME["normalisation"].asked, seed=seed))
    assert small.step < 0.5


def test_a_path_of_ten_lessons_or_more_has_unique_names_and_keeps_the_former_ones() -> None:
    names = [lesson.name for lesson in LESSONS]
    assert len(names) == len(set(names)) == len({lesson.title for lesson in LESSONS}) >= 10
    former = ("sigmoid", "he_relu", "xavier_tanh", "normal_exploding", "dead_relu", "residual", "normalisation")
    assert set(former) < set(names)
    assert len(DEEP_LAYERS) == 10


@pytest.mark.parametrize("name", KINDS)
def test_the_network_at_the_end_has_its_verdict(name: str) -> None:
    assert shown(name).verdict.kind == KINDS[name]


@pytest.mark.parametrize("seed", range(10))
def test_a_digit_classifier_is_healthy(seed: int) -> None:
    computed = NetworkConfig(activation="relu", initialisation="he_normal", measure="rms_a", seed=seed)
    assert Training((784, 128, 64, 10), computed).shown(0).verdict.kind == HEALTHY


@pytest.mark.parametrize("seed", range(3))
def test_a_network_of_a_hundred_layers_is_healthy_with_residual_connections(seed: int) -> None:
    computed = NetworkConfig(
        activation="relu", initialisation="he_normal", residual=True, normalisation=True, seed=seed
    )
    assert Training((2, *[16] * 98, 2), computed).shown(0).verdict.kind == HEALTHY


@pytest.mark.parametrize("seed", range(4))
def test_a_sigmoid_passes_on_a_quarter_a_layer(seed: int) -> None:
    found = shown("sigmoid", seed=seed)
    assert 0.2 < found.verdict.factor < 0.26
    assert found.verdict.decades < -4.6
    assert all(0.8 < link.gain < 1.3 for link in found.links[1:-2])
    assert all(link.rms_slope <= 0.25 for link in found.links[:-2])


@pytest.mark.parametrize("seed", range(8))
def test_a_sigmoid_loses_about_five_decades_and_its_first_layers_hardly_learn(seed: int) -> None:
    lesson = BY_NAME["sigmoid"]
    training = Training(lesson.layers, replace(lesson.computed, seed=seed))
    magnitudes = training.values("rms_a")[:, 0]
    assert 4.5 < np.log10(magnitudes[-1] / magnitudes[0]) < 6.2
    before = [layer["weights"] for layer in training._network.parameters[1:]]
    for _ in range(30):
        training.advance()
    pairs = zip(before, training._network.parameters[1:], strict=True)
    moved = [np.linalg.norm(own["weights"] - first) / np.linalg.norm(first) for first, own in pairs]
    assert max(moved[:2]) < 1e-3 * moved[-1]


@pytest.mark.parametrize("seed", range(4))
def test_he_makes_up_for_a_relu_and_xavier_does_not(seed: int) -> None:
    report = NetworkConfig(activation="relu", initialisation="he_normal", seed=seed).network(DEEP_LAYERS)
    inner = layer_factors(report.forward_backward(NetworkConfig(seed=seed).data_for(DEEP_LAYERS).batch(64)))[1:-2]
    assert np.mean([link.gain for link in inner]) == pytest.approx(np.sqrt(2), rel=0.05)
    assert np.mean([link.rms_slope for link in inner]) == pytest.approx(0.71, abs=0.07)
    assert shown("he_relu", seed=seed).verdict.kind == HEALTHY
    assert 0.6 < shown("he_relu", seed=seed, initialisation="xavier_normal").verdict.factor < 0.75


def test_xavier_is_drawn_beside_he() -> None:
    assert against("he_relu").verdict.decades < shown("he_relu").verdict.decades - 1
    assert 0.63 < against("he_relu").verdict.factor < 0.75


@pytest.mark.parametrize("seed", range(4))
def test_tanh_nearly_keeps_the_gradient_s_size_and_takes_some_of_both(seed: int) -> None:
    found = shown("xavier_tanh", seed=seed)
    assert 0.8 < found.verdict.factor < 1.1
    assert all(0.8 < link.rms_slope < 1.0 for link in found.links[:-2])
    assert found.activations[-2] < found.activations[1]


@pytest.mark.parametrize("seed", range(4))
def test_unit_weights_nearly_treble_the_gradient(seed: int) -> None:
    found = shown("normal_exploding", seed=seed)
    assert 2.4 < found.verdict.factor < 3.0
    assert np.mean([link.gain for link in found.links[1:-2]]) == pytest.approx(4.0, rel=0.1)
    assert 2.0 < (found.activations[-2] / found.activations[1]) ** (1 / 7) < 3.0
    assert found.loss > 1e6


def test_a_dead_layer_stays_dead_and_a_leaky_one_is_not() -> None:
    lesson = BY_NAME["dead_relu"]
    training = Training(lesson.layers, lesson.computed)
    dead = training.values("dead")[1:-1, 0]
    assert (dead == 1.0).any()
    weights = [layer["weights"] for layer in training._network.parameters[1:-1]]
    for _ in range(30):
        training.advance()
    assert all(training.shown(step).verdict.kind == DEAD for step in range(31))
    for before, after in zip(weights, training._network.parameters[1:-1], strict=True):
        np.testing.assert_array_equal(before, after["weights"])
    inputs = lesson.computed.data_for(lesson.layers).inputs
    everything = training._network.forward_backward(training._data.batch(512))
    assert len(inputs) == 512
    assert (everything.series("dead")[1:-1] == 1.0).any()  # for every example
    leaky = shown("dead_relu", activation="leaky_relu")
    assert all(link.dead == 0.0 for link in leaky.links[:-1])
    assert min(magnitude for magnitude in leaky.gradients if magnitude is not None) > 0.0


@pytest.mark.parametrize("seed", range(4))
def test_a_residual_connection_rescues_the_sigmoid(seed: int) -> None:
    found = shown("residual", seed=seed)
    assert found.verdict.kind == HEALTHY
    assert found.links[1].skips


def test_with_and_without_a_residual_connection_are_five_decades_apart() -> None:
    there, here = against("residual").gradients[1], shown("residual").gradients[1]
    assert there is not None
    assert here is not None
    assert here / there > 1e5
    assert BY_NAME["residual"].computed.against == BY_NAME["sigmoid"].computed


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sigma", [0.01, 0.1])
def test_normalisation_rescues_small_weights(sigma: float, seed: int) -> None:
    assert shown("normalisation", seed=seed, sigma=sigma).verdict.kind == HEALTHY


@pytest.mark.parametrize("seed", range(4))
def test_weights_whose_sums_vary_less_than_epsilon_are_too_small_for_normalisation(seed: int) -> None:
    assert EPSILON == 1e-5
    lesson = BY_NAME["normalisation"]
    tiny = Training(lesson.layers, replace(lesson.computed, sigma=2e-4, seed=seed))
    variances = [
        float(layer.scale.min()) ** -2 - EPSILON for layer in tiny.report.passes[2:-1] if layer.scale is not None
    ]
    assert max(variances) < EPSILON
    assert tiny.shown(0).verdict.kind == VANISHING


def test_without_normalisation_small_weights_keep_a_quarter() -> None:
    assert 0.23 < against("normalisation").verdict.factor < 0.28


def test_a_lesson_speaks_of_its_own_networks_with_any_seed_in_any_view_and_of_no_other() -> None:
    for lesson in LESSONS:
        for own in (lesson.asked, lesson.computed):
            assert lesson.speaks_of(lesson.layers, replace(own, measure="l2_w", scale="linear", seed=99))
        assert not lesson.speaks_of((*lesson.layers, 2), lesson.computed)
        assert not lesson.speaks_of(lesson.layers, replace(lesson.computed, batch=32))
        changed = replace(lesson.computed, **lesson.further[1])
        assert lesson.speaks_of(lesson.layers, changed) == (lesson.name == "travels")  # which tries another seed
        against = NetworkConfig(batch=63) if lesson.computed.against is None else NetworkConfig(activation="gelu")
        assert not lesson.speaks_of(lesson.layers, replace(lesson.computed, against=against))


@pytest.mark.parametrize("seed", range(30))
def test_of_a_dead_layer_it_is_true_that_those_behind_it_are_dead_and_no_weight_learns(seed: int) -> None:
    lesson = BY_NAME["dead_relu"]
    training = Training(lesson.layers, replace(lesson.computed, seed=seed))
    told, shares = lesson.told(NetworkConfig(seed=seed))[0], training.values("dead")[:, 0]
    if training.shown(0).verdict.kind != DEAD:
        assert told.startswith("With this seed no layer is dead. ")
        return
    first = int(np.flatnonzero(shares == 1.0)[0])
    assert told.startswith(f"All units of hidden {first} have z ≤ 0")
    assert (shares[first:-1] == 1.0).all()
    assert ("behind it" in told) == (first < len(shares) - 2)
    assert not training.values("l2_w")[1:, 0].any()
    assert training.report.passes[-1].gradients["biases"].any()
