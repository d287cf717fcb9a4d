"""The lessons agree with their networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.figure.diagnosis import DEAD, EXPLODING, HEALTHY, VANISHING
from app.network.chain_rule import layer_factors
from app.network.config import NetworkConfig
from app.network.operations import EPSILON
from app.network.training import StepSnapshot, Training
from app.panels.computed.lessons import DEEP_LAYERS, LESSONS, Lesson

BY_NAME = {lesson.name: lesson for lesson in LESSONS}


def shown(name: str, **changed: object) -> StepSnapshot:
    lesson = BY_NAME[name]
    return Training(lesson.layers, replace(lesson.computed, **changed)).shown(0)  # type: ignore[arg-type]  # as named


def against(name: str) -> StepSnapshot:
    lesson = BY_NAME[name]
    assert lesson.computed.against is not None
    return Training(lesson.layers, lesson.computed.against).shown(0)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_each_lesson_explains_its_verdict_in_two_sentences(lesson: Lesson) -> None:
    assert len(lesson.sentences) == 2
    assert all(sentence.endswith(".") for sentence in lesson.sentences)
    assert Training(lesson.layers, lesson.computed).shown(0).verdict.kind == lesson.kind


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_each_lesson_has_its_verdict_whatever_the_seed(lesson: Lesson) -> None:
    for seed in range(40):
        training = Training(lesson.layers, replace(lesson.computed, seed=seed))
        assert training.shown(0).verdict.kind == lesson.kind


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


def test_the_seven_lessons_have_their_verdicts_and_unique_names() -> None:
    assert [lesson.kind for lesson in LESSONS] == [
        *(VANISHING, HEALTHY, HEALTHY, EXPLODING, DEAD),
        *(HEALTHY, HEALTHY),
    ]
    assert len(BY_NAME) == len({lesson.title for lesson in LESSONS}) == len(LESSONS) == 7
    assert len(DEEP_LAYERS) == 10


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


def test_a_lesson_speaks_of_its_own_network_in_any_view_and_of_no_other() -> None:
    for lesson in LESSONS:
        assert lesson.speaks_of(lesson.layers, replace(lesson.computed, measure="l2_W", scale="linear"))
        assert not lesson.speaks_of((*lesson.layers, 2), lesson.computed)
        assert not lesson.speaks_of(lesson.layers, replace(lesson.computed, seed=99))
        against = NetworkConfig(seed=98) if lesson.computed.against is None else None
        assert not lesson.speaks_of(lesson.layers, replace(lesson.computed, against=against))
