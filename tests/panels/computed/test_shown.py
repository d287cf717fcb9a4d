"""The computed view as data for a sheet."""

from __future__ import annotations

from dataclasses import replace

from app.network.config import NetworkConfig
from app.panels.computed.model import ComputedModel
from app.panels.computed.shown import UNTRAINED, shown_network
from app.view.export import file_name
from app.view.settings import Settings

LAYERS = (2, 8, 8, 2)
SIGMOID = NetworkConfig(activation="sigmoid")


def model_of(config: NetworkConfig = SIGMOID, steps: int = 0) -> ComputedModel:
    model = ComputedModel(LAYERS, config, lambda: None)
    for _ in range(steps):
        model.advance()
    model.look_at(steps)
    return model


def test_an_untrained_network_has_no_steps_to_show() -> None:
    model = model_of()
    shown = shown_network(model, 0)
    assert shown.timeline is None
    assert shown.remark == ""
    assert shown.verdict == f"{model.shown.verdict}. The verdict judges L2 ∂L/∂z."
    assert file_name(Settings(LAYERS), ".svg", shown.file_words) == "gradient-flow-sigmoid-4-layers.svg"


def test_a_trained_one_has_its_steps_and_names_the_one_in_view() -> None:
    model = model_of(steps=3)
    model.look_at(2)
    shown = shown_network(model, 3)
    assert file_name(Settings(LAYERS), ".png", shown.file_words) == "gradient-flow-sigmoid-4-layers-step-2.png"
    assert ("Step", "2 of 3") in shown.facts
    assert shown.remark == UNTRAINED
    assert shown.timeline is not None
    assert (shown.timeline["step"], shown.timeline["run"].values.shape[1]) == (2, 4)
    assert shown.bars["gradients"] == model.shown.gradients


def test_the_facts_are_the_fields_that_count_here() -> None:
    facts = dict(shown_network(model_of(), 0).facts)
    assert facts["Architecture"] == "2-8-8-2"
    assert facts["Activation"] == "Sigmoid"
    assert facts["Residual connections"] == "no"
    assert "Learning rate" not in facts  # before the first step


def test_the_network_beside_it_has_its_bars_and_its_verdict() -> None:
    model = model_of(replace(SIGMOID, against=replace(SIGMOID, activation="relu")))
    shown = shown_network(model, 0)
    assert model.shown_beside is not None
    assert shown.bars["other"] == model.shown_beside.gradients
    assert shown.bars["other_name"] == "ReLU"
    assert f"Beside it: {model.shown_beside.verdict}." in shown.verdict
