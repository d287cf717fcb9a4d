"""The network before the last change of a parameter: which one it is, and where its magnitudes mean something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.network.config import NetworkConfig
from app.panels.computed.model import NEW_NETWORK, SAME_DRAG, ComputedModel

LAYERS = (3, 4, 4, 2)
SIGMOID = NetworkConfig()
RELU = replace(SIGMOID, activation="relu")


@pytest.fixture
def model() -> ComputedModel:
    """A model of ReLUs that were sigmoids before."""
    made = ComputedModel(LAYERS, SIGMOID, lambda: None)
    made.change(LAYERS, RELU)
    return made


def magnitudes(config: NetworkConfig) -> tuple[float | None, ...]:
    return ComputedModel(LAYERS, config, lambda: None).shown.gradients


def test_it_is_the_one_before_the_last_change_and_training_keeps_it(model: ComputedModel) -> None:
    assert model.former == (SIGMOID, magnitudes(SIGMOID))
    model.advance()
    model.look_at(1)
    assert model.former == (SIGMOID, magnitudes(SIGMOID))
    trained = model.shown.gradients
    model.change(LAYERS, replace(RELU, residual=True))
    assert model.former == (RELU, trained)


def test_another_magnitude_is_not_compared_with_the_former_one(model: ComputedModel) -> None:
    for view in ({"scale": "linear"}, {"forward": True}):
        model.change(LAYERS, replace(model.config, **view))
        assert model.former == (SIGMOID, magnitudes(SIGMOID))
    model.change(LAYERS, replace(model.config, measure="l2_w"))
    assert model.former == (SIGMOID, None)


@pytest.mark.parametrize("layers", [(3, 5, 4, 2), (3, 4, 2)])
def test_another_architecture_and_a_new_network_have_none(model: ComputedModel, layers: tuple[int, ...]) -> None:
    model.compute(layers, RELU)
    assert model.former is None
    model.change(layers, SIGMOID)
    assert model.former is not None
    model.change(layers, RELU, NEW_NETWORK)
    assert model.former is None


def test_while_it_is_compared_it_has_no_ghost_and_may_be_compared_again(model: ComputedModel) -> None:
    for _ in range(2):
        model.compare()
        assert model.config.against == SIGMOID
        assert model.former == (SIGMOID, None)
        model.compare()
        assert model.config == RELU


def test_a_slider_goes_on_with_one_change(model: ComputedModel) -> None:
    for sigma in (0.1, 0.2, 0.3):
        config = replace(RELU, initialisation="normal", sigma=sigma)
        model.change(LAYERS, config, SAME_DRAG if sigma > 0.1 else "changed")
    assert model.former == (RELU, magnitudes(RELU))


def test_a_refused_change_keeps_it(model: ComputedModel) -> None:
    former = model.former
    with pytest.raises(ValueError, match="single output neuron"):
        model.change((3, 4, 1), replace(RELU, loss="cross_entropy"))
    assert model.former is former
