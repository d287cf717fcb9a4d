"""Measures: the norms at any scale, the shares by their definitions, and what a report tells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.figure.magnitudes import check_magnitudes
from app.network import metrics
from app.network.arrays import Array
from app.network.chain_rule import layer_factors
from app.network.datasets import Batch, Data
from app.network.metrics import GRADIENT_MEASURES, MEASURES, Report, measure_label
from app.network.mlp import Network

tables = arrays.arrays(np.float64, arrays.array_shapes(max_dims=2, max_side=6), elements=st.floats(-1e3, 1e3, width=32))


def looked(depth: int = 5, **options: Any) -> Report:
    network = Network([2, *[6] * (depth - 2), 3] if depth > 1 else [3], **options)
    return network.forward_backward(Data("spirals", network.layers[0], 3).batch(16))


@given(tables)
def test_the_norms_agree_with_their_definitions(values: Array) -> None:
    assert metrics.l2(values) == pytest.approx(np.sqrt(np.sum(values**2)))
    assert metrics.rms(values) == pytest.approx(np.sqrt(np.mean(values**2)))
    assert metrics.norms(values).mean_size == pytest.approx(np.mean(np.abs(values)))
    assert metrics.norms(values)[:2] == (metrics.l2(values), metrics.rms(values))


@given(tables, st.sampled_from([2.0**-900, 2.0**900]))
def test_a_norm_does_not_underflow_when_its_squares_would(values: Array, scale: float) -> None:
    for there, here in zip(metrics.norms(values * scale), metrics.norms(values), strict=True):
        assert there == here * scale


@pytest.mark.parametrize("norm", [metrics.l2, metrics.rms, lambda values: metrics.norms(values).mean_size])
def test_a_norm_of_zeros_is_0_and_of_non_finite_values_is_not_finite(norm: Any) -> None:
    assert norm(np.zeros((2, 3))) == 0.0
    assert norm(np.array([1.0, -math.inf])) == math.inf
    assert math.isnan(norm(np.array([1.0, math.nan, math.inf])))
    assert norm(np.array([5e-324])) == 5e-324


def test_the_spectral_norm_is_the_largest_stretch() -> None:
    assert metrics.spectral_norm(np.diag([3.0, -7.0, 2.0])) == pytest.approx(7.0)
    assert metrics.spectral_norm(np.outer([3.0, 4.0], [1.0, 2.0, 2.0]) * 1e200) == pytest.approx(15e200)
    assert metrics.spectral_norm(np.zeros((2, 3))) == 0.0
    assert metrics.spectral_norm(np.array([[1.0, -math.inf]])) == math.inf
    assert math.isnan(metrics.spectral_norm(np.array([[math.inf, math.nan]])))


def test_saturated_is_a_share_of_units_and_inputs_dead_one_of_units() -> None:
    slopes = np.array([[0.0, 0.0, 0.049, 1.0], [0.0, -0.5, 0.05, 1.0]])
    assert metrics.saturated(slopes, 1.0) == 4 / 8
    assert metrics.saturated(slopes, 0.5) == 3 / 8
    assert metrics.dead(slopes) == 1 / 4
    assert math.isnan(metrics.saturated(np.array([[math.nan, 0.0]]), 1.0))
    assert math.isnan(metrics.dead(np.array([[math.nan, 0.0]])))


def test_a_sigmoid_far_out_is_saturated_and_a_rectifier_below_all_inputs_dead() -> None:
    far = looked(initialisation="normal", sigma=1e3, activation="sigmoid")
    assert far.series("saturated")[1:-1].min() > 0.9
    assert far.series("saturated")[[0, -1]].tolist() == [0.0, 0.0]
    network = Network([2, 4, 3], activation="relu")
    network.parameters[1]["biases"] = np.array([-100.0, 100.0, -100.0, -100.0])
    assert network.forward_backward(Data("spirals", 2, 3).batch(16)).series("dead").tolist() == [0.0, 0.75, 0.0]


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_has_one_number_per_layer(measure: str) -> None:
    report = looked(normalisation=True, residual=True)
    values = report.series(measure)
    assert values.shape == (5,)
    first = MEASURES[measure].first
    assert np.isnan(values[:first]).all()
    check_magnitudes(values.tolist(), measure)  # it can be shown
    assert np.isfinite(values[first:]).all()


def test_each_measure_agrees_with_its_label() -> None:
    report = looked()
    (layer,) = report.passes[2:3]
    expected = {
        "rms_a": np.sqrt(np.mean(layer.gradient_a**2)),
        "l2_a": np.linalg.norm(layer.gradient_a),
        "mean_a": np.mean(np.abs(layer.gradient_a)),
        "rms_z": np.sqrt(np.mean(layer.gradient_z**2)),
        "l2_z": np.linalg.norm(layer.gradient_z),
        "mean_z": np.mean(np.abs(layer.gradient_z)),
        "l2_w": np.linalg.norm(layer.gradients["weights"]),
        "mean_slope": np.mean(1 - layer.a**2),
        "saturated": 0.0,
        "dead": 0.0,
        "spectral_norm": np.linalg.norm(layer.parameters["weights"], 2),
    }
    assert {name: report.series(name)[2] for name in MEASURES} == pytest.approx(expected)


@pytest.mark.parametrize("measure", GRADIENT_MEASURES)
def test_relative_is_to_the_output_s(measure: str) -> None:
    report = looked()
    relative = report.series(measure, relative=True)
    assert relative[-1] == 1.0
    np.testing.assert_allclose(relative * report.series(measure)[-1], report.series(measure), rtol=1e-14)


def test_the_label_names_the_measure() -> None:
    assert measure_label("rms_a") == "RMS ∂L/∂a"
    assert measure_label("mean_z", relative=True) == "mean |∂L/∂z| ÷ output"
    labels = [measure_label(name) for name in MEASURES]
    labels += [measure_label(name, relative=True) for name in GRADIENT_MEASURES]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 24  # what a picture has room for


def test_the_layers_are_named_as_the_wave_names_them() -> None:
    assert looked().names == ("input", "hidden 1", "hidden 2", "hidden 3", "output")


def test_the_verdict_is_on_the_layers_that_have_the_measure() -> None:
    report = looked(8, activation="sigmoid")
    assert report.verdict().text.startswith("Vanishing: ")
    assert report.verdict().steps == report.verdict("rms_a").steps == 6
    assert report.verdict("l2_w").steps == 6
    assert str(looked(8, initialisation="orthogonal", activation="identity").verdict()).startswith("Healthy: ")
    assert looked(1).verdict().kind == "healthy"


def test_a_wrong_measure_is_one_sentence() -> None:
    report = looked()
    with pytest.raises(ValueError, match=r"^measure: must be one of rms_a, .*, spectral_norm, got 'rms'$"):
        report.series("rms")
    with pytest.raises(ValueError, match=r"^measure: must be one of rms_a, .*, l2_w, got 'dead'$"):
        report.series("dead", relative=True)
    with pytest.raises(ValueError, match=r"^measure: must be one of rms_a, .*, l2_w, got 'dead'$"):
        report.verdict("dead")
    with pytest.raises(ValueError, match=r"^relative: must be True or False, got 1$"):
        measure_label("rms_a", relative=1)  # type: ignore[arg-type]  # because that is what is tried
    with pytest.raises(ValueError, match=r"^measure: must be one that a single layer has, .*, got 'l2_w'$"):
        looked(1).verdict("l2_w")


def test_what_is_finite_has_no_overflow() -> None:
    assert looked().overflow is None


def test_an_overflow_is_reported_where_it_began() -> None:
    forward = looked(6, initialisation="normal", sigma=1e110, activation="identity")
    assert forward.overflow == "NaN or ∞ from hidden 3 on, in the forward pass."
    assert forward.verdict().kind == "not finite"
    loss = looked(3, initialisation="normal", sigma=1e90, activation="identity")
    assert loss.overflow == "NaN or ∞ in the loss."
    network = Network([2, 6, 6, 6, 6, 3], initialisation="normal", sigma=1e110, loss="cross_entropy")
    backward = network.forward_backward(Batch(np.zeros((4, 2)), labels=np.zeros(4, np.int64)))
    assert backward.overflow == "NaN or ∞ from hidden 2 on towards the input, in the backward pass."


def test_nan_in_the_inputs_is_reported_too() -> None:
    network = Network([2, 4, 3])
    batch = Data("spirals", 2, 3).batch(4)
    batch.inputs[0, 0] = math.nan
    assert network.forward_backward(batch).overflow == "NaN or ∞ from the input on, in the forward pass."


def test_a_relative_series_of_no_gradient_at_all_is_not_a_number() -> None:
    report = looked()
    gone = report._replace(passes=[layer._replace(gradient_a=layer.gradient_a * 0.0) for layer in report.passes])
    assert gone.verdict("rms_a").text == "Dead: 0 at every layer"
    assert np.isnan(gone.series("rms_a", relative=True)).all()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid"])
def test_the_slopes_of_units_whose_values_are_nan_are_not_known(activation: str) -> None:
    network = Network((2, 4, 4, 2), activation=activation, seed=1)
    network.parameters[1]["weights"][0, 0] = np.nan
    report = network.forward_backward(Data("spirals", 2, 2).batch(8))
    for measure in ("mean_slope", "saturated", "dead"):
        taken = report.series(measure)
        assert taken[0] == (1.0 if measure == "mean_slope" else 0.0), measure
        assert np.isnan(taken[1:3]).all(), measure
    assert all(math.isnan(link.rms_slope) for link in layer_factors(report)[:2])
