"""The chain rule's links: each number by its definition, and the prediction where it must hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.activations import ACTIVATIONS
from app.network.chain_rule import LayerFactor, layer_factors
from app.network.datasets import Batch, Data
from app.network.initialisers import INITIALISER_NAMES as INITIALISATIONS
from app.network.metrics import Report
from app.network.mlp import Network

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
    assert link.through == pytest.approx(link.gain * link.rms_slope * link.normalisation)
    assert link.predicted == pytest.approx(math.sqrt(1 + link.through**2))
    assert link.saturated == report.series("saturated")[2]
    assert link.dead == report.series("dead")[2]


def test_only_normalised_layers_have_its_factor_and_only_skipping_ones_add_one() -> None:
    found = layer_factors(looked(residual=True, normalisation=True))
    assert [link.normalisation is None for link in found] == [False, False, False, False, True, True]
    assert [link.skips for link in found] == [False, True, True, False, False, False]


def test_an_orthogonal_linear_network_is_predicted_exactly() -> None:
    for link in layer_factors(looked((6, 6, 6, 6), activation="identity", initialisation="orthogonal"))[:-1]:
        assert link.predicted == pytest.approx(1.0, rel=1e-12)
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
    link = LayerFactor("hidden 1", "hidden 2", 0.1, gain=1.02, mean_slope=0.2, rms_slope=0.21, measured=0.24)
    assert link.sentence() == "gain of W 1.02 × RMS f′(z) 0.21 = ×0.21; measured ×0.24"
    normalised = link._replace(normalisation=0.5)
    assert normalised.sentence() == ("gain of W 1.02 × RMS f′(z) 0.21 × normalisation 0.50 = ×0.11; measured ×0.24")
    skipping = link._replace(skips=True, predicted=1.0227)
    assert skipping.sentence() == (
        "gain of W 1.02 × RMS f′(z) 0.21 = ×0.21, beside the skip √(1 + 0.21²) = ×1.02; measured ×0.24"
    )
    assert link._replace(saturated=0.125, dead=0.0).units() == "hidden 2: mean f′(z) 0.20, saturated 12 %, dead 0 %"
    assert link._replace(mean_slope=-0.05).units() == "hidden 2: mean f′(z) −0.05, saturated NaN, dead NaN"


def test_at_the_output_the_sentence_names_the_loss_s_gradient() -> None:
    link = layer_factors(looked())[-1]
    assert link.sentence().startswith("the loss’s own gradient: RMS ∂L/∂a 0.")
    assert link.units() == ""


def test_a_dead_layer_says_that_nothing_comes_through() -> None:
    network = Network((3, 4, 4, 2), activation="relu")
    network.parameters[2]["biases"] = np.full(4, -100.0)
    first, second, _, _ = layer_factors(network.forward_backward(Data("spirals", 3, 2).batch(8)))
    assert second.sentence().endswith(" × RMS f′(z) 0 = ×0; measured ×0")
    assert second.units() == "hidden 2: mean f′(z) 0, saturated 100 %, dead 100 %"
    assert first.sentence().endswith("; nothing comes from hidden 1")


def test_an_overflow_is_written_too() -> None:
    found = layer_factors(looked(initialisation="normal", sigma=1e200, activation="identity"))
    assert all(link.sentence() for link in found)
    assert any("NaN" in link.sentence() or "∞" in link.sentence() for link in found)
    assert math.isinf(found[0].gain) or found[0].gain > 1e199


def test_a_single_layer_has_only_the_loss_s_gradient() -> None:
    (link,) = layer_factors(looked((2,)))
    assert (link.name, link.source) == ("output", "")
