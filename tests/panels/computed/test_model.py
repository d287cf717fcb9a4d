"""The model of a computed network: what is trained is kept while it holds, and a refused change changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.network.config import NetworkConfig
from app.network.training import Shares, Training
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


LARGE = (3, 300, 300, 2)


class Held:
    """A background that holds its work until `end`."""

    def __init__(self) -> None:
        self.work: Shares[None] | None = None
        self.text = ""

    def start(self, work: Shares[None], text: str) -> None:
        self.work, self.text = work, text

    def cancel(self) -> None:
        self.work = None

    def end(self) -> list[float]:
        """Do the work, and return the shares that it yielded."""
        assert self.work is not None
        yielded = list(self.work)
        self.work = None
        return yielded


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def waiting(changes: list[str], held: Held) -> ComputedModel:
    """A model, trained for two steps, that was asked for a large network beside another one and waits for it."""
    made = ComputedModel(LAYERS, CONFIG, lambda: changes.append("changed"), held)
    for _ in range(2):
        made.advance()
    made.look_at(2)
    changes.clear()
    made.change(LARGE, replace(CONFIG, against=NetworkConfig()))
    return made


def test_a_large_network_is_shown_when_it_is_computed(waiting: ComputedModel, changes: list[str], held: Held) -> None:
    assert held.text == "Computing a network of 91,500 weights"
    assert (waiting.layers, waiting.step, changes) == (LAYERS, 2, [])
    assert waiting.wanted.layers == LARGE
    yielded = held.end()
    assert yielded == sorted(yielded)
    assert (waiting.layers, waiting.step, changes) == (LARGE, 0, ["changed"])
    assert waiting.snapshot.gradients == Training(LARGE, CONFIG).shown(0).gradients
    assert waiting.shown_beside is not None
    assert waiting.shown_beside.gradients == Training(LARGE, NetworkConfig()).shown(0).gradients


def test_a_large_network_that_is_given_up_leaves_the_present_one(
    waiting: ComputedModel, changes: list[str], held: Held
) -> None:
    held.cancel()
    waiting.give_up()
    assert (waiting.layers, waiting.wanted.layers, waiting.config, changes) == (LAYERS, LAYERS, CONFIG, ["changed"])
    waiting.give_up()  # there is nothing more to give up
    waiting.advance()
    assert (waiting.run.steps, changes) == (3, ["changed"])


def test_another_change_replaces_a_large_network_that_is_being_computed(waiting: ComputedModel, held: Held) -> None:
    waiting.change(LAYERS, replace(CONFIG, seed=5))
    assert held.work is None
    assert (waiting.layers, waiting.config.seed) == (LAYERS, 5)
    assert waiting.wanted == (LAYERS, waiting.config)


@pytest.mark.parametrize(
    ("layers", "config", "sentence"),
    [
        ((1024,) * 4, replace(CONFIG, batch=512), "^Batch: must be at most 317 "),
        ((300, 300, 1), replace(CONFIG, against=NetworkConfig(loss="cross_entropy"), loss="cross_entropy"), "^Loss: "),
    ],
)
def test_an_impossible_large_network_is_refused_at_once(
    waiting: ComputedModel, held: Held, layers: tuple[int, ...], config: NetworkConfig, sentence: str
) -> None:
    work = held.work
    with pytest.raises(ValueError, match=sentence):
        waiting.change(layers, config)
    assert held.work is work
    assert waiting.wanted.layers == LARGE


def test_a_reset_of_a_large_network_is_computed_in_the_background(waiting: ComputedModel, held: Held) -> None:
    held.end()
    assert waiting.is_large
    waiting.advance()
    waiting.look_at(1)
    waiting.reset()
    assert (waiting.step, waiting.run.steps) == (1, 1)
    held.end()
    assert (waiting.step, waiting.run.steps) == (0, 0)


def test_a_step_in_pieces_trains_both_networks_at_its_end(waiting: ComputedModel, held: Held) -> None:
    held.end()
    assert waiting.other is not None
    work = waiting.advancing()
    yielded = []
    for share in work:
        assert (waiting.run.steps, waiting.other.steps) == (0, 0)
        yielded.append(share)
    assert (waiting.run.steps, waiting.other.steps) == (1, 1)
    assert yielded == sorted(yielded)
    assert yielded[0] < 0.5 < yielded[-1] <= 1


def test_a_small_network_is_not_large(model: ComputedModel) -> None:
    assert not model.is_large
