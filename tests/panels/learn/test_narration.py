"""The line about what is on the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.figure.diagnosis import diagnose
from app.figure.magnitudes import write_magnitude
from app.network.config import NetworkConfig
from app.network.metrics import GRADIENT_MEASURES, JUDGED, MEASURES
from app.network.training import Training
from app.panels.computed.why import Explanation, Term, explain
from app.panels.learn.lessons import DEEP_LAYERS, NARROW_LAYERS, scene_of
from app.panels.learn.narration import narrate
from app.panels.learn.question import Scene


def line(config: NetworkConfig, layer: int, layers: tuple[int, ...] = DEEP_LAYERS) -> str:
    training = Training(layers, config)
    shown = training.shown(0, config)
    scene = scene_of(training, 0, config)
    explained = explain(shown.links, layer, scene.network.config, loss=shown.loss, widths=layers)
    return narrate(scene, layer, explained)


def test_it_tells_a_layer_s_magnitude_its_share_and_the_factor_that_matters_most() -> None:
    shown = Training(DEEP_LAYERS, NetworkConfig()).shown(0)
    told = line(NetworkConfig(), 4)
    assert told.startswith(f"Hidden 4 gets {write_magnitude(shown.gradients[4])}, 1/")
    assert f"×{write_magnitude(shown.links[4].measured)} from hidden 5, most of it by the slope f′" in told


@pytest.mark.parametrize(
    ("layer", "words"), [(9, "straight from the loss"), (0, "No weight learns from the input’s gradient.")]
)
def test_both_ends_have_their_own_line(layer: int, words: str) -> None:
    assert words in line(NetworkConfig(), layer)


def test_a_layer_without_a_gradient_or_with_an_overflow_is_told_as_that() -> None:
    dead = NetworkConfig(activation="relu", initialisation="he_normal")
    assert line(dead, 1, NARROW_LAYERS) == "Hidden 1 gets no gradient at all."
    # Behind a dead layer ∂L/∂a is still there: only the sums get nothing.
    assert line(replace(dead, measure="l2_z"), 12, NARROW_LAYERS) == "The sums of hidden 12 get no gradient at all."
    assert line(dead, 12, NARROW_LAYERS).startswith("Hidden 12 gets 0.")
    huge = NetworkConfig(activation="identity", initialisation="normal", sigma=1e60)
    assert line(huge, 1) == "Hidden 1: NaN or ∞ here."


@pytest.mark.parametrize("measure", MEASURES)
def test_the_factor_is_that_of_the_magnitudes_that_are_told_or_its_own_is_named(measure: str) -> None:
    config = NetworkConfig(measure=measure, activation="tanh")
    told, shown = line(config, 4), Training(DEEP_LAYERS, config)
    is_drawn = measure in GRADIENT_MEASURES
    sizes = shown.values(measure if is_drawn else JUDGED)[:, 0]
    label = MEASURES[JUDGED].label
    assert told.startswith(f"Hidden 4 gets {write_magnitude(sizes[4])}{'' if is_drawn else f' ({label})'}, ")
    own = f"; ×{write_magnitude(sizes[4] / sizes[5])} from hidden 5"
    named = f"; RMS ∂L/∂{measure[-1] if measure.startswith('mean_') else 'a'} is ×"
    assert (own if measure.startswith(("rms", "l2_a", "l2_z")) or not is_drawn else named) in told


def test_a_weight_gradient_does_not_come_straight_from_the_loss_and_can_be_0_alone() -> None:
    config = NetworkConfig(activation="relu", initialisation="he_normal", measure="l2_w")
    assert line(config, 13, NARROW_LAYERS) == "The weights of the output get no gradient at all."
    assert "straight" not in line(NetworkConfig(measure="l2_w"), 9)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ((0.5, 0.6, 4.0), "×1.20 from b, changed most by the term 2 (×4.00)"),
        ((0.25, 1.2), "×0.30 from b, most of it by the term 0 (×0.25)"),
        ((0.3, 3.2), "×0.96 from b, changed most by the term 0 (×0.30)"),
        ((1.0, 1.001), "×1.00 from b."),
    ],
)
def test_most_of_a_change_is_only_said_of_a_factor_that_made_most_of_it(terms: tuple[float, ...], words: str) -> None:
    explained = Explanation("a", "b", (), tuple(Term(f"term {at}", each, each) for at, each in enumerate(terms)), "L2")
    assert words in narrate(Scene(("a", "b"), (1.0, 1.0), "L2", diagnose(["a", "b"], [1.0, 1.0])), 0, explained)


def test_a_gradient_that_is_too_small_for_floats_is_told_as_that() -> None:
    scene = Scene(("a", "b", "c"), (0.0, 1e-305, 1.0), "L2", diagnose(["a", "b", "c"], [0.0, 1e-305, 1.0]))
    assert narrate(scene, 0) == "a gets 0: its gradient is too small for float64."
