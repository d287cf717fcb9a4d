"""A computed view elsewhere: its program computes it, its link and its frame lead back, its command draws it."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.props import Props, make_props
from app.figure.svg import animated_svg, still_svg
from app.network.config import OWN, SHARED, NetworkConfig, read_computed
from app.network.metrics import MEASURES
from app.network.options import command_words
from app.network.training import Training
from app.panels.computed.python_source import write_program
from app.view.settings import Settings, read_address
from app.view.snippets import MAX_CALL_CHARS, write_motion_props
from app.view.snippets import write_command as command_of
from app.view.snippets import write_iframe as iframe_of
from app.view.snippets import write_link as link_of
from tests.network.test_config import BY_NAME, single
from tests.view.test_snippets import BASE, attributes, read, write_picture

MODULES = ("chain", "datasets", "measures", "network", "optimisers")
LAYERS = st.lists(st.integers(2, 5), min_size=2, max_size=6).map(tuple)


class View(NamedTuple):
    """A computed view: the page's settings, and the network."""

    settings: Settings
    computed: NetworkConfig

    @property
    def layers(self) -> tuple[int, ...]:
        return self.settings.layers


def write_python(view: View) -> str:
    return write_program(view.layers, view.computed, write_motion_props(view.settings))


def write_link(view: View, base: str) -> str:
    return link_of(view.settings, base, view.computed.address())


def write_iframe(view: View, base: str) -> str:
    return iframe_of(view.settings, base, own=view.computed.address())


def write_command(view: View) -> str:
    return command_of(view.settings, command_words(view.computed))


def computed_view(computed: NetworkConfig, layers: tuple[int, ...] = Settings.layers, speed: float = 500.0) -> View:
    return View(Settings(layers, speed=speed, source="computed"), computed)


@st.composite
def views(draw: st.DrawFn) -> View:
    """Computed views whose numbers stay in bounds."""
    against = draw(st.none() | single)
    computed = replace(draw(single), sigma=draw(st.floats(0.0, 2.0)), batch=draw(st.integers(1, 64)), against=against)
    layers = draw(LAYERS)
    playing = draw(st.booleans())
    layer = 0 if playing else draw(st.integers(-len(layers) if computed.forward else 0, len(layers) - 1))
    speed = draw(st.one_of(st.just(500.0), st.floats(80.0, 2000.0)))
    return View(Settings(layers, None, speed, layer, playing, "computed"), computed)


def run(program: str) -> tuple[Props, dict[str, Any]]:
    """Run a program without printing; return its checked props and its global names."""
    made: list[dict[str, Any]] = []
    face = SimpleNamespace(GradientFlowViz=lambda _target, **props: made.append(props))
    package = {f"gradient_flow_viz.{name}": importlib.import_module(f"app.{name}") for name in MODULES}
    left: dict[str, Any] = {"print": lambda *_values: None}
    with patch.dict(sys.modules, {"gradient_flow_viz": face, **package}):
        exec(program, left)
    (props,) = made
    return make_props(props), left


@given(views())
def test_the_link_and_the_frame_lead_back_to_the_view(view: View) -> None:
    for address in (write_link(view, BASE), str(attributes(write_iframe(view, BASE))["src"])):
        found = read(address)
        query = dict(pair.split("=") for pair in address.partition("?")[2].split("&"))
        computed, wrong = read_computed(query, found.layers)
        assert wrong == []
        assert View(found, computed) == view
        assert read_address(query)[1] == []


@given(views())
def test_the_program_computes_the_same_numbers(view: View) -> None:
    shown = Training(view.layers, view.computed).shown(0)
    props, left = run(write_python(view))
    assert (props.layers, props.label) == (view.layers, shown.label)
    assert str(props.gradients) == str(shown.gradients)  # as text, for a NaN equals none
    assert props.activations == (shown.activations if view.computed.forward else None)
    moves = view.settings
    assert (props.playing, props.play_speed, props.default_current_layer) == (moves.playing, moves.speed, moves.layer)
    assert str(left["report"].verdict()) == str(
        Training(view.layers, replace(view.computed, measure="rms_a")).shown(0).verdict
    )
    against = view.computed.against
    if against is not None:
        other = left["other"].forward_backward(left["data"].batch(against.batch))
        assert other.loss == pytest.approx(Training(view.layers, against).report.loss, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_is_computed(measure: str) -> None:
    view = computed_view(NetworkConfig(measure=measure, relative=True, activation="gelu"), (3, 4, 2))
    props, _ = run(write_python(view))
    assert props.gradients == Training(view.layers, view.computed).shown(0).gradients


def test_the_program_trains_as_it_says() -> None:
    computed = NetworkConfig(optimiser="adam", rate=0.01, clip=0.5)
    _, left = run(write_python(computed_view(computed, (3, 4, 2))))
    training = Training((3, 4, 2), computed)
    for number in range(3):
        left["network"].step(left["data"].batch(64, number), left["optimiser"])
        training.advance()
    assert left["network"].forward_backward(left["data"].batch(64, 3)).loss == training.losses[3]


@pytest.mark.parametrize("name", [name for name, field in BY_NAME.items() if field.part in (OWN, SHARED)])
def test_each_field_is_in_the_program(name: str) -> None:
    others: dict[str, Any] = {"sigma": 2.0, "seed": 1, "batch": 8, "rate": 0.5, "clip": 1.0}
    base = NetworkConfig(initialisation="normal") if name == "sigma" else NetworkConfig(activation="relu")
    field = BY_NAME[name]
    value: Any = others.get(name) or (field.choices[-1][0] if field.choices else True)
    view, changed = (computed_view(found, (4, 4, 2)) for found in (base, replace(base, **{name: value})))
    assert write_python(view) != write_python(changed)


@given(views())
def test_a_program_has_no_call_too_long_for_its_line(view: View) -> None:
    assert all(len(line) <= MAX_CALL_CHARS for line in write_python(view).split("\n"))


@given(views())
def test_the_command_draws_the_view(view: View) -> None:
    shown = Training(view.layers, view.computed).shown(0)
    given: dict[str, Any] = {"label": shown.label, "activations": shown.activations if view.computed.forward else None}
    still = still_svg(view.layers, shown.gradients, view.settings.layer, **given)
    plays = animated_svg(view.layers, shown.gradients, play_speed=view.settings.speed, **given)
    assert write_picture(write_command(view)) == (plays if view.settings.playing else still)


def test_a_computed_view_is_described_in_full() -> None:
    computed = NetworkConfig(activation="relu", residual=True, clip=1.0, against=NetworkConfig(activation="tanh"))
    view = computed_view(computed, (2, 4, 4, 3), 900.0)
    assert write_python(view) == (
        "from gradient_flow_viz import GradientFlowViz\n"
        "from gradient_flow_viz.datasets import Data\n"
        "from gradient_flow_viz.network import Network\n"
        "from gradient_flow_viz.optimisers import SGD\n\n"
        "network = Network(\n"
        "    [2, 4, 4, 3],\n"
        '    activation="relu",\n'
        '    initialisation="xavier_normal",\n'
        "    residual=True,\n"
        '    loss="mean_squared_error",\n'
        "    seed=0,\n"
        ")\n"
        'data = Data("spirals", inputs=2, outputs=3, seed=0)\n'
        "report = network.forward_backward(data.batch(64))\n"
        "print(report.verdict())\n\n"
        "other = Network(\n"
        "    [2, 4, 4, 3],\n"
        '    activation="tanh",\n'
        '    initialisation="xavier_normal",\n'
        '    loss="mean_squared_error",\n'
        "    seed=0,\n"
        ")\n"
        "print(other.forward_backward(data.batch(64)).verdict())\n\n"
        "# A step of training: network.train_step(data.batch(64, number), optimiser)\n"
        "optimiser = SGD(0.1, clip=1)\n\n"
        "GradientFlowViz(\n"
        '    "#here",\n'
        "    layers=network.layers,\n"
        '    gradients=report.series("rms_a"),\n'
        '    label="RMS ∂L/∂a",\n'
        '    shading="magnitude",\n'
        "    play_speed=900,\n"
        ")"
    )
    assert write_link(view, BASE) == (
        f"{BASE}?layers=2-4-4-3&speed=900&source=computed&activation=relu&residual=1&clip=1&against=activation:tanh"
    )
    assert write_command(view) == (
        "python -m gradient_flow_viz 2-4-4-3 --activation relu --residual --clip 1 --speed 900 -o wave.svg"
    )


def test_a_view_of_the_defaults_needs_one_option() -> None:
    assert write_command(computed_view(NetworkConfig())) == (
        "python -m gradient_flow_viz 3-4-4-2 --source computed -o wave.svg"
    )
