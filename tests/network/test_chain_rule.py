"""The chain rule's links: each number by its definition, and the prediction where it must hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.network import operations
from app.network.activations import ACTIVATIONS
from app.network.arrays import Array
from app.network.chain_rule import LayerFactor, layer_factors
from app.network.datasets import Batch, Data
from app.network.initialisers import INITIALISER_NAMES as INITIALISATIONS
from app.network.metrics import Report
from app.network.mlp import LOSS_NAMES, Network
from app.network.optimisers import Adam

LAYERS = (3, 6, 6, 6, 4, 2)


def looked(layers: tuple[int, ...] = LAYERS, **options: Any) -> Report:
    return Network(layers, **options).forward_backward(Data("spirals", layers[0], layers[-1]).batch(32))


def test_each_layer_has_one_factor_from_the_next_layer() -> None:
    found = layer_factors(looked())
    assert [link.name for link in found] == ["input", "hidden 1", "hidden 2", "hidden 3", "hidden 4", "output"]
    assert [link.source for link in found] == ["hidden 1", "hidden 2", "hidden 3", "hidden 4", "output", ""]


@given(
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(INITIALISATIONS),
    st.booleans(),
    st.booleans(),
    st.integers(0, 9),
)
def test_the_measured_factors_lead_from_the_loss_to_the_input(
    activation: str, initialisation: str, residual: bool, normalisation: bool, seed: int
) -> None:
    options: dict[str, Any] = {"residual": residual, "normalisation": normalisation, "seed": seed}
    report = looked(activation=activation, initialisation=initialisation, sigma=0.5, **options)
    found = layer_factors(report)
    np.testing.assert_array_equal([link.magnitude for link in found], report.series("rms_a"))
    product = found[-1].magnitude * math.prod(link.measured for link in found[:-1])
    assert product == pytest.approx(found[0].magnitude, rel=1e-12)


def test_each_factor_agrees_with_its_definition() -> None:
    report = looked(activation="gelu", residual=True, normalisation=True)
    link, layer = layer_factors(report)[1], report.passes[2]
    weights, slopes = layer.parameters["weights"], layer.slopes
    assert link.gain == pytest.approx(np.linalg.norm(weights) / math.sqrt(6))
    assert (link.mean_slope, link.rms_slope) == pytest.approx((slopes.mean(), np.sqrt((slopes**2).mean())))
    sums = report.passes[1].a @ weights.T
    deviations = np.sqrt(sums.var(axis=1) + 1e-5)
    assert link.normalisation is not None
    assert link.normalisation == pytest.approx(np.sqrt(np.mean(deviations**-2.0)) * math.sqrt(4 / 6))
    assert link.skips
    assert link.through_alone == pytest.approx(link.gain * link.rms_slope * link.normalisation)
    assert link.predicted == pytest.approx(math.sqrt(1 + link.through_alone**2))
    gradient_s = operations.normalise_backward(layer.gradient_z, standardised(sums), layer.parameters["gains"])[0]
    path = gradient_s @ weights
    norm: Any = np.linalg.norm
    assert link.slope_met == pytest.approx(norm(layer.gradient_z) / norm(layer.gradient_a))
    assert link.normalisation_met == pytest.approx(norm(gradient_s) / norm(layer.gradient_z))
    assert link.gain_met == pytest.approx(norm(path) / norm(gradient_s))
    assert link.cosine == pytest.approx((path * layer.gradient_a).sum() / norm(path) / norm(layer.gradient_a))
    assert link.saturated == report.series("saturated")[2]
    assert link.dead == report.series("dead")[2]


def standardised(sums: Array) -> operations.Standardised:
    return operations.normalise(sums, np.ones(sums.shape[1]), np.zeros(sums.shape[1]))[1]


@given(
    *(st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(INITIALISATIONS), st.sampled_from(LOSS_NAMES)),
    *(st.booleans(), st.booleans(), st.integers(0, 9), st.sampled_from([0, 1, 20])),
)
@example("relu", "he_normal", "cross_entropy", True, True, 0, 300)
@example("tanh", "pytorch_default", "mean_squared_error", True, False, 1, 300)
@example("gelu", "xavier_normal", "cross_entropy", False, True, 2, 300)
def test_the_factors_that_the_gradient_meets_give_exactly_what_is_measured(
    activation: str, initialisation: str, loss: str, residual: bool, normalisation: bool, seed: int, steps: int
) -> None:
    options: dict[str, Any] = {"residual": residual, "normalisation": normalisation, "seed": seed, "loss": loss}
    network = Network(LAYERS, activation=activation, initialisation=initialisation, sigma=0.5, **options)
    data, optimiser = Data("spirals", LAYERS[0], LAYERS[-1]), Adam(0.01)
    for number in range(steps):
        network.train_step(data.batch(32, number), optimiser)
    report = network.forward_backward(data.batch(32, steps))
    magnitudes = report.series("rms_a")
    for at, link in enumerate(layer_factors(report)[:-1]):
        together = math.sqrt(1 + link.through**2 + 2 * link.through * link.cosine) if link.through else 1.0
        whole = together if link.skips else link.through
        if magnitudes[at + 1] == 0:
            assert math.isnan(link.measured)
        else:
            scale = 1 + link.through if link.skips else link.measured
            assert abs(whole - magnitudes[at] / magnitudes[at + 1]) <= 1e-12 * scale


def test_the_l2_norm_has_the_gain_without_the_widths() -> None:
    report = looked((8, 4, 6, 3))
    norms = report.series("l2_a")
    for at, link in enumerate(layer_factors(report)[:-1]):
        assert link.through / link.width == pytest.approx(norms[at] / norms[at + 1], rel=1e-12)


def test_only_normalised_layers_have_its_factor_and_only_skipping_ones_add_one() -> None:
    found = layer_factors(looked(residual=True, normalisation=True))
    assert [link.normalisation is None for link in found] == [False, False, False, False, True, True]
    assert [link.skips for link in found] == [False, True, True, False, False, False]


def test_an_orthogonal_linear_network_is_predicted_exactly() -> None:
    for link in layer_factors(looked((6, 6, 6, 6), activation="identity", initialisation="orthogonal"))[:-1]:
        assert (link.predicted, link.gain_met, link.slope_met) == pytest.approx((1.0, 1.0, 1.0), rel=1e-12)
        assert link.measured == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("normalisation", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "gelu"])
def test_a_gradient_of_random_direction_is_multiplied_as_predicted(activation: str, normalisation: bool) -> None:
    """Random gradients through one layer that is wide: the mean of many is what the factors say, to some per cent."""
    network = Network((64, 64, 64), activation=activation, initialisation="he_normal", normalisation=normalisation)
    random = np.random.default_rng(0)
    inputs, targets = random.standard_normal((256, 64)), 1e6 * random.standard_normal((256, 64))
    network.parameters[2]["weights"] = np.eye(64)
    link = layer_factors(network.forward_backward(Batch(inputs, targets)))[0]
    assert link.measured == pytest.approx(link.predicted, rel=0.05)


def test_a_sentence_has_the_factors() -> None:
    alone = LayerFactor("hidden 1", "hidden 2", 0.1, gain=1.02, mean_slope=0.2, rms_slope=0.21)
    link = alone._replace(gain_met=1.5, slope_met=0.2, measured=0.3)
    assert link.sentence() == "slope f′(z) 0.20 (alone 0.21) × weights W 1.50 (alone 1.02) = ×0.30"
    normalised = link._replace(normalisation=0.5, normalisation_met=0.4, measured=0.12)
    assert normalised.sentence() == (
        "slope f′(z) 0.20 (alone 0.21) × normalisation 0.40 (alone 0.50) × weights W 1.50 (alone 1.02) = ×0.12"
    )
    skipping = link._replace(skips=True, cosine=-0.5, measured=0.88)
    assert skipping.sentence() == (
        "slope f′(z) 0.20 (alone 0.21) × weights W 1.50 (alone 1.02) = ×0.30; with the skip ×1 at cosine −0.50 ×0.88"
    )
    units = link._replace(saturated=0.125, dead=0.0).units()
    assert units == "hidden 2: mean f′(z) 0.20, saturated 12 %, dead units 0 %"
    assert link._replace(mean_slope=-0.05).units() == "hidden 2: mean f′(z) −0.05, saturated NaN, dead units NaN"


def test_at_the_output_the_sentence_names_the_loss_s_gradient() -> None:
    link = layer_factors(looked())[-1]
    assert link.sentence().startswith("the loss’s own gradient: RMS ∂L/∂a 0.")
    assert link.units() == ""


def test_a_dead_layer_says_that_nothing_comes_through() -> None:
    network = Network((3, 4, 4, 2), activation="relu")
    network.parameters[2]["biases"] = np.full(4, -100.0)
    first, second, _, _ = layer_factors(network.forward_backward(Data("spirals", 3, 2).batch(8)))
    assert second.sentence().startswith("slope f′(z) 0 (alone 0) × ")
    assert second.measured == 0.0
    assert second.units() == "hidden 2: mean f′(z) 0, inactive 100 %, dead units 100 %"
    assert first.sentence().endswith("; nothing comes from hidden 1")


def test_an_overflow_is_written_too() -> None:
    found = layer_factors(looked(initialisation="normal", sigma=1e200, activation="identity"))
    assert all(link.sentence() for link in found)
    assert any("NaN" in link.sentence() or "∞" in link.sentence() for link in found)
    assert math.isinf(found[0].gain) or found[0].gain > 1e199


def test_a_single_layer_has_only_the_loss_s_gradient() -> None:
    (link,) = layer_factors(looked((2,)))
    assert (link.name, link.source) == ("output", "")
