"""The model of a computed network: what is trained is kept while it holds, and a refused change changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.network.config import NetworkConfig
from app.network.training import Training
from app.panels.computed.model import ComputedModel

LAYERS = (3, 4, 4, 2)
CONFIG = NetworkConfig(activation="relu")


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def model(changes: list[str]) -> ComputedModel:
    """A model that was trained for two steps."""
    made = ComputedModel(LAYERS, CONFIG, lambda: changes.append("changed"))
    for _ in range(2):
        made.advance()
    made.look_at(2)
    changes.clear()
    return made


def test_the_snapshot_is_of_the_step_in_view(model: ComputedModel, changes: list[str]) -> None:
    training = Training(LAYERS, CONFIG)
    model.look_at(0)
    assert model.snapshot.gradients == training.shown(0).gradients
    assert (model.snapshot.label, model.snapshot.layers, model.snapshot.source) == ("RMS ∂L/∂a", LAYERS, "computed")
    assert model.snapshot.activations is None
    assert changes == ["changed"]


def test_an_advance_shows_nothing_by_itself(model: ComputedModel, changes: list[str]) -> None:
    before = model.snapshot
    model.advance()
    assert (model.run.steps, model.step, changes) == (3, 2, [])
    assert model.snapshot is before


def test_another_view_of_the_network_keeps_its_steps(model: ComputedModel, changes: list[str]) -> None:
    model.change(LAYERS, replace(CONFIG, measure="l2_w", forward=True))
    assert (model.step, model.run.steps, changes) == (2, 2, ["changed"])
    assert model.snapshot.label == "L2 ∂L/∂W"
    assert model.snapshot.has_forward


@pytest.mark.parametrize(
    ("layers", "config"),
    [
        (LAYERS, replace(CONFIG, seed=1)),
        (LAYERS, replace(CONFIG, optimiser="adam")),
        ((3, 5, 4, 2), CONFIG),
        (LAYERS, replace(CONFIG, against=NetworkConfig())),
    ],
)
def test_another_network_is_untrained(model: ComputedModel, layers: tuple[int, ...], config: NetworkConfig) -> None:
    model.change(layers, config)
    assert (model.step, model.run.steps) == (0, 0)
    assert model.snapshot.layers == layers


def test_a_comparison_ends_without_the_loss_of_a_step(model: ComputedModel) -> None:
    model.change(LAYERS, replace(CONFIG, against=NetworkConfig()))
    model.advance()
    model.look_at(1)
    beside = Training(LAYERS, NetworkConfig())
    beside.advance()
    assert model.shown_beside is not None
    assert model.shown_beside.gradients == beside.shown(1).gradients
    model.change(LAYERS, CONFIG)
    assert model.other is None
    assert model.shown_beside is None
    assert model.step == 1


def test_a_refused_network_changes_nothing(model: ComputedModel, changes: list[str]) -> None:
    before = model.snapshot, model.config, model.run, model.step
    with pytest.raises(ValueError, match="single output neuron"):
        model.change((3, 4, 1), replace(CONFIG, loss="cross_entropy"))
    assert (model.snapshot, model.config, model.run, model.step) == before
    assert (model.layers, changes) == (LAYERS, [])


def test_reset_forgets_the_steps(model: ComputedModel) -> None:
    model.reset()
    assert (model.step, model.run.steps) == (0, 0)
    assert model.snapshot.gradients == Training(LAYERS, CONFIG).shown(0).gradients
