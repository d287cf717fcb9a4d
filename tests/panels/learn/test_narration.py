"""The line about what is on the screen."""

from __future__ import annotations

import pytest

from app.figure.magnitudes import write_magnitude
from app.network.config import NetworkConfig
from app.network.training import Training
from app.panels.computed.why import explain
from app.panels.learn.lessons import DEEP_LAYERS, NARROW_LAYERS, scene_of
from app.panels.learn.narration import narrate


def line(config: NetworkConfig, layer: int, layers: tuple[int, ...] = DEEP_LAYERS) -> str:
    training = Training(layers, config)
    shown = training.shown(0, config)
    explained = explain(shown.links, layer, config, loss=shown.loss, widths=layers)
    return narrate(scene_of(training, 0, config), layer, explained)


def test_it_tells_a_layer_s_magnitude_its_share_and_the_factor_that_matters_most() -> None:
    shown = Training(DEEP_LAYERS, NetworkConfig()).shown(0)
    told = line(NetworkConfig(), 4)
    assert told.startswith(f"hidden 4 gets {write_magnitude(shown.gradients[4])}, 1/")
    assert f"×{write_magnitude(shown.links[4].measured)} from hidden 5, most of it by the slope f′" in told


@pytest.mark.parametrize(
    ("layer", "words"), [(9, "straight from the loss"), (0, "No weight learns from the input’s gradient.")]
)
def test_both_ends_have_their_own_line(layer: int, words: str) -> None:
    assert words in line(NetworkConfig(), layer)


def test_a_layer_without_a_gradient_or_with_an_overflow_is_told_as_that() -> None:
    dead = NetworkConfig(activation="relu", initialisation="he_normal")
    assert line(dead, 1, NARROW_LAYERS) == "hidden 1 gets no gradient at all."
    huge = NetworkConfig(activation="identity", initialisation="normal", sigma=1e60)
    assert line(huge, 1) == "hidden 1: NaN or ∞ here."
