"""A training: each step's numbers, as a network that is looked at by itself has them, and what outgrows its room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.figure.diagnosis import Verdict, diagnose
from app.figure.magnitudes import check_magnitudes
from app.network import training as module
from app.network.chain_rule import layer_factors
from app.network.config import NetworkConfig
from app.network.metrics import GRADIENT_MEASURES, MEASURES, Report, rms
from app.network.training import Training

LAYERS = (3, 6, 6, 4, 2)
VARIANTS = [
    NetworkConfig(),
    NetworkConfig(activation="relu", residual=True, optimiser="adam", rate=0.01, clip=0.5),
    NetworkConfig(activation="gelu", normalisation=True, residual=True, optimiser="momentum", data="circles", seed=3),
    NetworkConfig(loss="cross_entropy", data="teacher", batch=512, activation="tanh", initialisation="orthogonal"),
]
STEPS = 70  # more than there is room for at first


def trained(computed: NetworkConfig, steps: int = STEPS, layers: tuple[int, ...] = LAYERS) -> Training:
    training = Training(layers, computed)
    for _ in range(steps):
        training.advance()
    return training


def reports(computed: NetworkConfig, steps: int = STEPS, layers: tuple[int, ...] = LAYERS) -> list[Report]:
    """The same, step by step by hand."""
    network, data, optimiser = computed.network(layers), computed.data_for(layers), computed.new_optimiser()
    found = [network.train_step(data.batch(computed.batch, number), optimiser) for number in range(steps)]
    return [*found, network.forward_backward(data.batch(computed.batch, steps))]


def same(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(np.array(found, float), np.array(expected, float))


@pytest.mark.parametrize("computed", VARIANTS)
def test_each_step_s_numbers_are_those_of_the_network_at_that_step(computed: NetworkConfig) -> None:
    training, expected = trained(computed), reports(computed)
    assert training.steps == STEPS
    same(training.losses, [report.loss for report in expected])
    for measure in MEASURES:
        same(training.values(measure), np.stack([report.series(measure) for report in expected], axis=1))
    for measure in GRADIENT_MEASURES:
        relative = np.stack([report.series(measure, relative=True) for report in expected], axis=1)
        same(training.values(measure, relative=True), relative)
    same(training.activations, np.stack([[rms(layer.a) for layer in report.passes] for report in expected], axis=1))


def windowed(found: Sequence[Report], step: int) -> Verdict:
    """The diagnosis of L2 ∂L/∂z of the last 20 steps up to this one, each layer's values as a list."""
    windows = np.stack([report.series("l2_z") for report in found[: step + 1]], axis=1)[1:]
    return diagnose(found[0].names[1:], windows[:, -20:].tolist(), family="L2 ∂L/∂z")


def assert_same_verdict(found: Verdict, expected: Verdict) -> None:
    assert (found.text, found.kind, found.window) == (expected.text, expected.kind, expected.window)
    assert found.factor == pytest.approx(expected.factor, nan_ok=True)
    assert found.family == expected.family


@pytest.mark.parametrize("computed", VARIANTS)
@pytest.mark.parametrize("step", [0, 1, 63, 64, STEPS])
def test_any_step_can_be_shown_again(computed: NetworkConfig, step: int) -> None:
    shown, report = trained(computed).shown(step), reports(computed)[step]
    assert (shown.step, shown.loss, shown.label) == (step, report.loss, "RMS ∂L/∂a")
    same(shown.gradients, report.series("rms_a"))
    same(shown.activations, [rms(layer.a) for layer in report.passes])
    assert_same_verdict(shown.verdict, windowed(reports(computed), step))
    assert shown.verdict.window == min(step + 1, 20)
    assert shown.overflow is None
    assert str(shown.links) == str(layer_factors(report))  # as text, for a NaN equals none


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_can_be_shown_and_diagnosed(measure: str, relative: bool) -> None:
    training = trained(VARIANTS[2], 3)
    view = replace(training.computed, measure=measure, relative=relative)
    shown, (*before, report) = training.shown(3, view), reports(training.computed, 3)
    first = MEASURES[measure].first
    assert shown.gradients[:first] == (None,) * first
    is_relative = relative and measure in GRADIENT_MEASURES
    same(shown.gradients[first:], report.series(measure, relative=is_relative)[first:])
    assert shown.label == view.label
    assert_same_verdict(shown.verdict, windowed([*before, report], 3))  # whatever is drawn
    check_magnitudes(shown.gradients[first:], "gradients")


def test_a_negative_mean_slope_is_shown_by_its_absolute_value() -> None:
    training = Training((2, 4, 2), NetworkConfig(activation="gelu", measure="mean_slope"))
    training._numbers[list(MEASURES).index("mean_slope"), 1, 0] = -0.1
    assert training.shown(0).gradients[1] == 0.1
    assert training.shown(0).links[0].mean_slope == -0.1


def test_the_spectral_norm_of_large_weights_is_computed_only_for_the_last_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SPECTRAL_COST_EACH", 10)
    computed = NetworkConfig(measure="spectral_norm")
    training, report = trained(computed, 2), reports(computed, 2)[2]
    assert [name for name in MEASURES if not training.keeps(name)] == ["spectral_norm"]
    assert np.isnan(training.values("spectral_norm")).all()
    assert training.shown(1).gradients == (None,) * 5
    same(training.shown(2).gradients[1:], report.series("spectral_norm")[1:])
    same(training.values("l2_w")[:, 2], report.series("l2_w"))
    monkeypatch.setattr(module, "MAX_SPECTRAL_COST_ONCE", 10)
    assert training.shown(2).gradients == (None,) * 5


def test_returned_arrays_are_read_only() -> None:
    training = trained(NetworkConfig(), 2)
    for array in (training.losses, training.values("rms_a"), training.values("rms_a", relative=True)):
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = 1.0


def test_an_overflow_is_reported_at_its_step_and_training_continues() -> None:
    computed = NetworkConfig(activation="relu", initialisation="he_normal", rate=1e30)
    training = trained(computed, 6)
    assert training.overflow(0) is None
    assert training.shown(0).verdict.kind != "not finite"
    began = next(step for step in range(7) if training.overflow(step))
    assert 0 < began < 6
    for step in range(began, 7):
        assert str(training.overflow(step)).startswith("NaN or ∞ ")
        assert training.shown(step).overflow == training.overflow(step)
    assert all(link.sentence() for link in training.shown(6).links)


def test_two_of_one_seed_see_the_same_batches() -> None:
    computed = NetworkConfig(seed=4, against=NetworkConfig(activation="relu", initialisation="he_normal", seed=9))
    assert computed.against is not None
    first, second = trained(computed, 3), trained(computed.against, 3)
    same(first.report.passes[0].a, second.report.passes[0].a)
    assert first.losses[0] != second.losses[0]


def test_it_finishes_at_the_maximum_number_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TRAINING_STEPS", 3)
    training = Training(LAYERS, NetworkConfig())
    while not training.finished:
        training.advance()
    assert training.steps == 3
    with pytest.raises(RuntimeError, match=r"^Training: has made all of its 3 steps$"):
        training.advance()
    assert training.losses.shape == (4,)


def test_it_keeps_no_more_room_than_its_steps_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TRAINING_STEPS", STEPS)
    training = trained(NetworkConfig())
    for kept in (training.losses, training.values("rms_a")):
        assert kept.base is not None
        assert kept.base.shape[-1] == STEPS + 1


def test_a_deep_network_is_kept_for_fewer_steps() -> None:
    assert Training((2, 32, 2), NetworkConfig()).max_steps == module.MAX_TRAINING_STEPS
    deep = Training((2,) * 256, NetworkConfig())
    assert 500 < deep.max_steps < module.MAX_TRAINING_STEPS
    assert (deep.max_steps + 1) * 256 * len(module.ROWS) <= module.MAX_NUMBERS


def test_a_step_that_was_not_made_is_refused() -> None:
    training = trained(NetworkConfig(), 2)
    for step in (-1, 3, 1.0):
        with pytest.raises(ValueError, match=r"^step: must be a whole number from 0 to 2, got "):
            training.shown(step)  # type: ignore[arg-type]  # because that is what is tried


@pytest.mark.parametrize("layers", [(1,), (2, 2), (1, 1, 1)])
@pytest.mark.parametrize("measure", MEASURES)
def test_the_smallest_networks_are_shown(layers: tuple[int, ...], measure: str) -> None:
    training = trained(NetworkConfig(measure=measure, residual=True, normalisation=True), 2, layers)
    shown = training.shown(2)
    assert len(shown.gradients) == len(shown.links) == len(shown.activations) == len(layers)
    assert shown.verdict.text
