"""The network: its gradients against central differences, its seeds, its training, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.activations import ACTIVATIONS
from app.network.arrays import Array
from app.network.datasets import DATASETS, Batch, Data
from app.network.initialisers import INITIALISER_NAMES as INITIALISATIONS
from app.network.mlp import LOSS_NAMES, MAX_WEIGHTS, Network
from app.network.optimisers import SGD, Adam, optimiser
from tests.network.test_operations import differences

SMOOTH = sorted(set(ACTIVATIONS) - {"relu", "leaky_relu"})
BATCH = Data("spirals", 3, 2).batch(4)


def options(draw: st.DrawFn, activations: Any = tuple(ACTIVATIONS)) -> dict[str, Any]:
    return {
        "activation": draw(st.sampled_from(activations)),
        "initialisation": draw(st.sampled_from(INITIALISATIONS)),
        "sigma": draw(st.floats(0.1, 1.5)),
        "residual": draw(st.booleans()),
        "normalisation": draw(st.booleans()),
        "loss": draw(st.sampled_from(LOSS_NAMES)),
        "seed": draw(st.integers(0, 1000)),
    }


@st.composite
def networks(draw: st.DrawFn, activations: Any = tuple(ACTIVATIONS)) -> Network:
    hidden = draw(st.lists(st.integers(3, 5), max_size=4))
    return Network([3, *hidden, 2], **options(draw, activations))


def agree(found: Array, expected: Array) -> None:
    """To 1e-6 of the largest."""
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-6 * max(float(np.abs(expected).max()), 1e-2))


@given(networks(SMOOTH))
def test_parameter_gradients_agree_with_finite_differences(network: Network) -> None:
    report = network.forward_backward(BATCH)
    for layer, parameters in zip(report.passes, network.parameters, strict=True):
        for name in parameters:

            def loss(value: Array, name: str = name, parameters: dict[str, Array] = parameters) -> float:
                kept, parameters[name] = parameters[name], value
                moved = network.forward_backward(BATCH).loss
                parameters[name] = kept
                return moved

            agree(layer.gradients[name], differences(loss, parameters[name], step=1e-5))


@given(networks(SMOOTH))
def test_the_inputs_gradient_agrees_with_finite_differences(network: Network) -> None:
    found = network.forward_backward(BATCH).passes[0].gradient_a
    agree(
        found,
        differences(
            lambda inputs: network.forward_backward(BATCH._replace(inputs=inputs)).loss, BATCH.inputs, step=1e-5
        ),
    )


@given(networks())
def test_a_layer_s_slopes_lead_from_one_gradient_to_the_other(network: Network) -> None:
    for layer in network.forward_backward(BATCH).passes:
        np.testing.assert_array_equal(layer.gradient_z, layer.gradient_a * layer.slopes)


@given(networks())
def test_forward_backward_changes_nothing_and_is_repeatable(network: Network) -> None:
    first, second = network.forward_backward(BATCH), network.forward_backward(BATCH)
    assert first.loss == second.loss
    np.testing.assert_array_equal(first.series(), second.series())


@given(st.data())
def test_the_same_seed_is_the_same_network(data: st.DataObject) -> None:
    chosen = data.draw(st.composite(options)())
    first, second = Network([3, 4, 4, 2], **chosen), Network([3, 4, 4, 2], **chosen)
    other = Network([3, 4, 4, 2], **{**chosen, "seed": chosen["seed"] + 1})
    for index in range(1, 4):
        np.testing.assert_array_equal(first.parameters[index]["weights"], second.parameters[index]["weights"])
        assert not np.array_equal(first.parameters[index]["weights"], other.parameters[index]["weights"])


def test_a_layer_s_weights_do_not_depend_on_the_layers_before_it() -> None:
    long, short = Network([3, 4, 4, 4, 2]), Network([3, 5, 4, 4, 2])
    np.testing.assert_array_equal(long.parameters[3]["weights"], short.parameters[3]["weights"])


def test_biases_begin_at_zero_and_a_normalisation_at_none() -> None:
    for parameters in Network([3, 4, 4, 2], normalisation=True).parameters[1:]:
        assert not parameters["biases"].any()
        assert (parameters.get("gains", np.ones(1)) == 1.0).all()
        assert not parameters.get("shifts", np.zeros(1)).any()


@pytest.mark.parametrize("initialisation", INITIALISATIONS)
def test_the_gain_of_the_activation_multiplies_xavier_s_and_orthogonal_weights(initialisation: str) -> None:
    plain, gained = (
        Network([3, 4, 2], activation="tanh", initialisation=initialisation, activation_gain=gain).parameters
        for gain in (False, True)
    )
    factor = 5 / 3 if initialisation in ("xavier_uniform", "xavier_normal", "orthogonal") else 1.0
    np.testing.assert_array_equal(gained[1]["weights"], factor * plain[1]["weights"])
    np.testing.assert_array_equal(gained[2]["weights"], plain[2]["weights"])  # the output is linear


def test_pytorch_s_default_draws_the_biases_too() -> None:
    biases = [layer["biases"] for layer in Network([4, 9, 9], initialisation="pytorch_default").parameters[1:]]
    assert all(biases[0])
    assert np.abs(biases[0]).max() <= 1 / 2
    assert np.abs(biases[1]).max() <= 1 / 3


def test_only_hidden_layers_are_normalised() -> None:
    names = [tuple(parameters) for parameters in Network([3, 4, 2], normalisation=True).parameters]
    assert names == [(), ("weights", "biases", "gains", "shifts"), ("weights", "biases")]


def test_a_residual_connection_is_there_where_widths_agree() -> None:
    network = Network([3, 3, 4, 4, 4], residual=True, initialisation="normal", sigma=0.0)
    a = [layer.a for layer in network.forward_backward(Data("spirals", 3, 4).batch(4)).passes]
    np.testing.assert_array_equal(a[1], a[0])
    assert not a[2].any()  # from 3 to 4
    assert not a[4].any()  # the output


def test_a_prediction_is_the_output_before_the_softmax() -> None:
    network = Network([3, 4, 2], loss="cross_entropy")
    np.testing.assert_array_equal(network.predict(BATCH.inputs), network.forward_backward(BATCH).passes[-1].a)


def test_a_network_of_one_layer_is_its_inputs() -> None:
    network = Network([2])
    batch = Batch(np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]))
    report = network.train_step(batch, SGD())
    assert report.loss == 2.5
    assert report.passes[0].gradient_a.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_it_learns(name: str) -> None:
    data, network = Data("blobs", 2, 3), Network([2, 8, 8, 3], loss="cross_entropy")
    chosen = optimiser(name, 0.05)
    losses = [network.train_step(data.batch(64, number), chosen).loss for number in range(150)]
    assert losses[0] > 0.7
    assert losses[-1] < 0.1


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_can_be_learnt_better_than_by_chance(name: str) -> None:
    data, network = Data(name, 2, 2), Network([2, 16, 16, 2], loss="cross_entropy", activation="relu")
    chosen = Adam(0.01)
    for number in range(400):
        network.train_step(data.batch(64, number), chosen)
    right = network.predict(data.inputs).argmax(axis=1) == data.labels
    assert right.mean() > 0.95


def test_a_report_keeps_its_values_while_the_network_learns() -> None:
    network = Network([3, 4, 2])
    report, chosen = network.forward_backward(BATCH), SGD(0.5)
    before = {name: report.series(name) for name in ("spectral_norm", "l2_w", "rms_a")}
    network.train_step(BATCH, chosen)
    for name, values in before.items():
        np.testing.assert_array_equal(report.series(name), values)
    assert network.forward_backward(BATCH).series("spectral_norm")[1] != before["spectral_norm"][1]


@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_a_network_that_overflows_keeps_running_and_says_so(loss: str, activation: str, name: str) -> None:
    network = Network([3, 4, 4, 2], loss=loss, activation=activation, initialisation="normal", sigma=1e308)
    chosen = optimiser(name, 0.1)
    reports = [network.train_step(BATCH, chosen) for _ in range(4)]
    assert reports[-1].overflow is not None
    assert reports[-1].verdict().kind == "not finite"
    assert all(report.series("spectral_norm").shape == (4,) for report in reports)


def test_a_gradient_far_below_the_root_of_the_smallest_number_is_not_lost() -> None:
    network = Network([3, *[4] * 250, 2], activation="sigmoid", initialisation="xavier_normal")
    report = network.forward_backward(BATCH)
    assert 0.0 < report.series("rms_a")[0] < 1e-120
    assert report.verdict().kind == "vanishing"
    assert report.verdict().decades < -120


@pytest.mark.parametrize("normalisation", [False, True])
def test_forward_backward_and_apply_gradients_are_a_train_step(normalisation: bool) -> None:
    stepping, following = (Network([3, 4, 4, 2], normalisation=normalisation) for _ in range(2))
    chosen, other = Adam(0.1), Adam(0.1)
    for number in range(3):
        batch = Data("spirals", 3, 2).batch(4, number)
        report = following.forward_backward(batch)
        assert stepping.train_step(batch, chosen).loss == report.loss
        following.apply_gradients(report, other)
    for expected, found in zip(stepping.parameters, following.parameters, strict=True):
        assert {name: array.tolist() for name, array in found.items()} == {
            name: array.tolist() for name, array in expected.items()
        }


@pytest.mark.parametrize(
    "other", [Network([3, 4, 4, 2]), Network([3, 5, 2], normalisation=True), Network([3, 5, 2]), Network([3, 4, 3])]
)
def test_another_network_s_report_is_refused_and_nothing_has_changed(other: Network) -> None:
    network = Network([3, 4, 2])
    before = network.parameters[1]["weights"]
    report = other.forward_backward(Data("spirals", 3, other.layers[-1]).batch(4))
    with pytest.raises(ValueError, match=r"^(report|optimiser): "):
        network.apply_gradients(report, SGD())
    assert network.parameters[1]["weights"] is before


def test_an_array_of_whole_numbers_is_accepted() -> None:
    report = Network([2, 3, 1]).forward_backward(Batch(np.array([[1, 2], [3, 4]]), np.array([[0], [1]])))
    assert report.passes[0].a.dtype == np.float64


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"layers": "3-4"}, "layers: must be a sequence of whole numbers, got '3-4'"),
        ({"layers": [3, 0]}, "layers: layer 2 must be a whole number from 1 to 1024, got 0"),
        ({"layers": [1024] * 8}, f"layers: must have at most {MAX_WEIGHTS:,} weights between them, got 7,340,032"),
        ({"activation": "swish"}, "activation: must be one of identity, sigmoid, tanh, relu, .*, got 'swish'"),
        ({"initialisation": "zeros"}, "initialisation: must be one of normal, xavier_uniform, .*, got 'zeros'"),
        ({"sigma": -1.0}, r"sigma: must be a finite number of at least 0, got -1\.0"),
        ({"sigma": math.inf}, "sigma: must be a finite number of at least 0, got inf"),
        ({"residual": 1}, "residual: must be True or False, got 1"),
        ({"normalisation": "no"}, "normalisation: must be True or False, got 'no'"),
        ({"loss": "hinge"}, "loss: must be one of mean_squared_error, cross_entropy, got 'hinge'"),
        (
            {"layers": [3, 1], "loss": "cross_entropy"},
            "loss: must be mean_squared_error for a single output neuron, got 'cross_entropy'",
        ),
        ({"seed": 0.5}, r"seed: must be a whole number from 0 to 9007199254740991, got 0\.5"),
    ],
)
def test_a_wrong_option_is_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Network(**{"layers": [3, 2], **change})


@pytest.mark.parametrize(
    ("loss", "change", "sentence"),
    [
        (0, {"inputs": np.ones((4, 2))}, "inputs: must be an array of real numbers, B × 3, got 4 × 2"),
        (0, {"inputs": np.ones(3)}, "inputs: must be an array of real numbers, B × 3, got 3"),
        (0, {"inputs": np.ones((0, 3))}, "inputs: must be an array of real numbers, B × 3, got 0 × 3"),
        (0, {"inputs": 7.0}, "inputs: must be an array of real numbers, B × 3, got a single number"),
        (
            0,
            {"inputs": [[1.0], [1.0, 2.0]]},
            "inputs: must be an array of real numbers, B × 3, got rows of unlike length",
        ),
        (0, {"inputs": [["1", "2", "3"]]}, "inputs: must be an array of real numbers, B × 3, got an array of <U1"),
        (0, {"inputs": np.ones((4, 3), complex)}, "inputs: must be an array .*, got an array of complex128"),
        (0, {"targets": None}, "targets: must be an array of real numbers, 4 × 2, got none"),
        (0, {"targets": np.ones((3, 2))}, "targets: must be an array of real numbers, 4 × 2, got 3 × 2"),
        (1, {"labels": None}, "labels: must be 4 whole numbers from 0 to 1, one for each input, got none"),
        (1, {"labels": np.ones(4)}, "labels: must be 4 whole numbers from 0 to 1, .*, got an array of float64"),
        (1, {"labels": np.zeros((4, 1), int)}, "labels: must be 4 whole numbers from 0 to 1, .*, got 4 × 1"),
        (1, {"labels": np.array([0, 1, 2, 0])}, "labels: must be 4 whole numbers from 0 to 1, .*, got 2"),
        (1, {"labels": np.array([0, 1, -1, 0])}, "labels: must be 4 whole numbers from 0 to 1, .*, got -1"),
    ],
)
def test_a_wrong_batch_is_one_sentence_and_changes_nothing(loss: int, change: dict[str, Any], sentence: str) -> None:
    network = Network([3, 4, 2], loss=LOSS_NAMES[loss])
    before = [dict(parameters) for parameters in network.parameters]
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        network.train_step(BATCH._replace(**change), SGD())
    assert all(
        parameters[name] is array
        for parameters, kept in zip(network.parameters, before, strict=True)
        for name, array in kept.items()
    )


def test_the_values_that_a_loss_does_not_use_may_be_missing() -> None:
    assert math.isfinite(Network([3, 2]).forward_backward(BATCH._replace(labels=None)).loss)
    assert math.isfinite(Network([3, 2], loss="cross_entropy").forward_backward(BATCH._replace(targets=None)).loss)
