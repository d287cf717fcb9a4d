"""The props table, row by row: default, good values, and each kind of wrong one with its whole message."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure import wave
from app.figure.props import Props, change_props, make_props
from app.spring import INSTANT, SPRINGS, Spring, Tween

LAYERS = [3, 4, 4, 2]
MILLISECONDS = "a number of milliseconds up to 2147483647"
MAGNITUDE = "must be a number of at least 0, NaN, Infinity or None"


def callback(cursor: int) -> None:
    """A caller's callback."""


def test_the_defaults_are_those_of_the_table() -> None:
    props = make_props({"layers": LAYERS})
    assert props == Props(
        layers=(3, 4, 4, 2),
        gradients=None,
        label=wave.LABEL,
        names=None,
        activations=None,
        current_layer=None,
        default_current_layer=0,
        on_current_layer_change=None,
        playing=True,
        play_speed=500.0,
        transition=SPRINGS.smooth,
        class_name="",
        announce="advance",
        shading="wave",
        domain=None,
    )


def test_without_gradients_the_magnitudes_are_the_synthesised_series() -> None:
    assert make_props({"layers": [1, 1, 1]}).magnitudes == pytest.approx((0.3025, 0.55, 1.0))


def test_with_gradients_the_magnitudes_are_those() -> None:
    assert make_props({"layers": [1, 1], "gradients": [0.25, 4]}).magnitudes == (0.25, 4.0)


@pytest.mark.parametrize(
    ("name", "given_value", "kept"),
    [
        ("layers", (1,), (1,)),
        ("layers", [1024] * 256, (1024,) * 256),
        ("layers", range(1, 4), (1, 2, 3)),
        ("layers", np.array([3, 4]), (3, 4)),
        ("layers", [np.int32(3), np.uint8(4)], (3, 4)),
        ("gradients", None, None),
        ("gradients", [0, 0.5, 1, 2], (0.0, 0.5, 1.0, 2.0)),
        ("gradients", np.array([0.0, 0.5, 1.0, 2.0], dtype=np.float32), (0.0, 0.5, 1.0, 2.0)),
        ("gradients", [0.0, math.inf, 1.0, math.inf], (0.0, math.inf, 1.0, math.inf)),
        ("gradients", [None, 0.5, 1, None], (None, 0.5, 1.0, None)),
        ("activations", None, None),
        ("activations", np.array([0.0, 0.5, math.inf, 2.0]), (0.0, 0.5, math.inf, 2.0)),
        ("activations", [None, 0.5, 1, None], (None, 0.5, 1.0, None)),
        ("label", "RMS ∂L/∂a", "RMS ∂L/∂a"),
        ("label", "<&>", "<&>"),
        ("label", "n", "n"),
        ("label", "mean |∂L/∂z| ÷ output’s ", "mean |∂L/∂z| ÷ output’s "),
        ("names", None, None),
        ("names", ["<b>", "a, b", "الطبقة", "n" * 200], ("<b>", "a, b", "الطبقة", "n" * 200)),
        ("names", (name for name in ("a", "a", " ", "d")), ("a", "a", " ", "d")),
        ("current_layer", None, None),
        ("current_layer", 2, 2),
        ("current_layer", -5, -5),  # clamped where it is used
        ("current_layer", np.int64(1), 1),
        ("default_current_layer", 3, 3),
        ("default_current_layer", np.int64(1), 1),
        ("on_current_layer_change", None, None),
        ("on_current_layer_change", callback, callback),
        ("playing", False, False),
        ("play_speed", 80, 80.0),
        ("play_speed", 1200.5, 1200.5),
        ("play_speed", np.int64(500), 500.0),
        ("play_speed", np.float32(500), 500.0),
        ("play_speed", 2**31 - 1, 2147483647.0),
        ("transition", SPRINGS.bouncy, SPRINGS.bouncy),
        ("transition", Spring(visual_duration=0.5, bounce=0.2), Spring(visual_duration=0.5, bounce=0.2)),
        ("transition", Tween(0.2, "ease"), Tween(0.2, "ease")),
        ("transition", INSTANT, INSTANT),
        ("class_name", "wide dark", "wide dark"),
    ],
)
def test_a_good_value_is_kept(name: str, given_value: Any, kept: Any) -> None:
    value = getattr(make_props({"layers": LAYERS, name: given_value}), name)
    assert value == kept
    assert type(value) is type(kept)


def test_nan_gradients_are_kept() -> None:
    assert str(make_props({"layers": [1, 2], "gradients": [math.nan, 1]}).gradients) == "(nan, 1.0)"


@pytest.mark.parametrize("speed", [79.9, 16, 0, -1, -1e9])
def test_a_play_speed_below_80_counts_as_80(speed: float) -> None:
    assert make_props({"layers": LAYERS, "play_speed": speed}).play_speed == 80.0


def neurons(layer: int) -> str:
    return f"layers: layer {layer} must be a whole number from 1 to 1024, got "


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("layers", "3-4", "layers: must be a sequence of whole numbers, got '3-4'"),
        ("layers", b"34", "layers: must be a sequence of whole numbers, got b'34'"),
        ("layers", 3, "layers: must be a sequence of whole numbers, got 3"),
        ("layers", None, "layers: must be a sequence of whole numbers, got None"),
        ("layers", [], "layers: must have 1 to 256 layers, got 0"),
        ("layers", [1] * 257, "layers: must have 1 to 256 layers, got 257"),
        ("layers", [3, 0], neurons(2) + "0"),
        ("layers", [3, 4, -1], neurons(3) + "-1"),
        ("layers", [1025], neurons(1) + "1025"),
        ("layers", [3, 4.5], neurons(2) + "4.5"),
        ("layers", [4.0], neurons(1) + "4.0"),
        ("layers", ["3"], neurons(1) + "'3'"),
        ("layers", [True], neurons(1) + "True"),
        ("layers", [None], neurons(1) + "None"),
        ("layers", np.array([[3, 4], [4, 2]]), neurons(1) + "array([3, 4])"),
        ("gradients", "1,1,1,1", "gradients: must be a sequence of numbers, one a layer, got '1,1,1,1'"),
        ("gradients", 1.0, "gradients: must be a sequence of numbers, one a layer, got 1.0"),
        ("gradients", [1, 1, -0.5, 1], f"gradients: the magnitude of layer 3 {MAGNITUDE}, got -0.5"),
        ("gradients", [1, "1", 1, 1], f"gradients: the magnitude of layer 2 {MAGNITUDE}, got '1'"),
        ("gradients", [1, 1, 1], "gradients: needs one magnitude a layer, 4 for 4 layers, got 3"),
        ("gradients", [], "gradients: needs one magnitude a layer, 4 for 4 layers, got 0"),
        ("activations", 1.0, "activations: must be a sequence of numbers, one a layer, got 1.0"),
        ("activations", [1, 1, -0.5, 1], f"activations: the magnitude of layer 3 {MAGNITUDE}, got -0.5"),
        ("activations", [1, 1, 1], "activations: needs one magnitude a layer, 4 for 4 layers, got 3"),
        *(
            ("label", wrong, f"label: must be a string of 1 to 24 printable characters, got {wrong!r}")
            for wrong in ("", "x" * 25, "a\nb", "a\x00", "\u202eabc", "\ud800", None, 3, b"RMS")
        ),
        ("names", "abcd", "names: must be a sequence of strings, one a layer, got 'abcd'"),
        ("names", 4, "names: must be a sequence of strings, one a layer, got 4"),
        ("names", ["a", "b"], "names: needs one name a layer, 4 for 4 layers, got 2"),
        *(
            (
                "names",
                ["a", wrong, "c", "d"],
                f"names: the name of layer 2 must be a string of 1 to 200 printable characters, got {wrong!r}",
            )
            for wrong in ("", "x" * 201, "a\nb", "\u202eabc", "\ud800", None, 3, b"fc1")
        ),
        ("current_layer", 1.0, "current_layer: must be a whole number, 0 at the loss side, got 1.0"),
        ("current_layer", "1", "current_layer: must be a whole number, 0 at the loss side, got '1'"),
        ("current_layer", True, "current_layer: must be a whole number, 0 at the loss side, got True"),
        (
            "default_current_layer",
            None,
            "default_current_layer: must be a whole number, 0 at the loss side, got None",
        ),
        (
            "on_current_layer_change",
            3,
            "on_current_layer_change: must be a function of one argument or None, got 3",
        ),
        ("playing", 1, "playing: must be True or False, got 1"),
        ("playing", None, "playing: must be True or False, got None"),
        ("play_speed", "500", f"play_speed: must be {MILLISECONDS}, got '500'"),
        ("play_speed", None, f"play_speed: must be {MILLISECONDS}, got None"),
        ("play_speed", True, f"play_speed: must be {MILLISECONDS}, got True"),
        ("play_speed", math.nan, f"play_speed: must be {MILLISECONDS}, got nan"),
        ("play_speed", math.inf, f"play_speed: must be {MILLISECONDS}, got inf"),
        ("play_speed", -math.inf, f"play_speed: must be {MILLISECONDS}, got -inf"),
        ("play_speed", 2**31, f"play_speed: must be {MILLISECONDS}, got 2147483648"),
        pytest.param(
            "play_speed", 10**400, f"play_speed: must be {MILLISECONDS}, got {10**400}", id="beyond any float"
        ),
        ("transition", None, "transition: must be a Spring, a Tween or INSTANT, got None"),
        ("transition", 0.3, "transition: must be a Spring, a Tween or INSTANT, got 0.3"),
        ("class_name", None, "class_name: must be a string, got None"),
        ("shading", "no", "shading: must be one of wave, magnitude, got 'no'"),
        ("domain", (1, 0.1), "domain: must be two finite magnitudes, 0 < low < high, got (1, 0.1)"),
        ("domain", (0, 1), "domain: must be two finite magnitudes, 0 < low < high, got (0, 1)"),
        ("domain", "ab", "domain: must be a sequence of two magnitudes, got 'ab'"),
        ("domain", (True, 2), "domain: must be two finite magnitudes, 0 < low < high, got (True, 2)"),
        ("domain", (1, 2, 3), "domain: must be two finite magnitudes, 0 < low < high, got (1, 2, 3)"),
        ("announce", "never", "announce: must be one of advance, steps, got 'never'"),
    ],
)
def test_a_wrong_value_is_refused_by_field_rule_and_value(name: str, wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: ") as refused:
        make_props({"layers": LAYERS, name: wrong})
    assert str(refused.value) == message


def test_layers_are_required() -> None:
    with pytest.raises(TypeError, match=r"^GradientFlowViz: the prop layers is required$"):
        make_props({})


def test_an_unknown_prop_is_refused_with_a_list_of_the_props() -> None:
    with pytest.raises(TypeError, match=r"^GradientFlowViz: there is no prop 'speed'; the props are layers, .*domain$"):
        make_props({"layers": LAYERS, "speed": 100})


def test_change_props_changes_what_is_given_and_nothing_else() -> None:
    props = make_props({"layers": LAYERS, "playing": False, "class_name": "mine"})
    changed = change_props(props, {"play_speed": 250, "playing": True})
    assert changed == make_props({"layers": LAYERS, "class_name": "mine", "play_speed": 250})


def test_change_props_with_nothing_changes_nothing() -> None:
    props = make_props({"layers": LAYERS})
    assert change_props(props, {}) == props


@pytest.mark.parametrize(
    "wrong", [{"play_speed": 100, "layers": [0]}, {"play_speed": 100, "gradients": [1]}, {"layers": [1, 2]}]
)
def test_one_wrong_change_changes_nothing(wrong: dict[str, Any]) -> None:
    props = make_props({"layers": LAYERS, "gradients": [1, 2, 3, 4]})
    with pytest.raises(ValueError, match=r"^(layers|gradients): "):
        change_props(props, wrong)
    assert props == make_props({"layers": LAYERS, "gradients": [1, 2, 3, 4]})


def test_change_props_refuses_an_unknown_prop() -> None:
    with pytest.raises(TypeError, match="there is no prop 'colour'"):
        change_props(make_props({"layers": LAYERS}), {"colour": "red"})


def test_layers_and_gradients_may_change_their_length_together() -> None:
    props = change_props(make_props({"layers": [1], "gradients": [1]}), {"layers": [1, 2], "gradients": [3, 4]})
    assert (props.layers, props.gradients) == ((1, 2), (3.0, 4.0))


def test_layers_and_names_may_change_their_length_together() -> None:
    props = make_props({"layers": [1], "names": ["a"]})
    assert change_props(props, {"layers": [1, 2], "names": ["b", "c"]}).names == ("b", "c")
    with pytest.raises(ValueError, match=r"^names: needs one name a layer, 2 for 2 layers, got 1$"):
        change_props(props, {"layers": [1, 2]})


def test_the_wave_frame_follows_the_cursor() -> None:
    props = make_props({"layers": [3, 4, 2], "gradients": [0.1, 0.2, 1], "label": "L2", "activations": [5, None, 7]})
    looks = [props.wave_frame(cursor) for cursor in range(-3, 3)]
    assert props.has_forward
    assert [look.tag for look in looks] == ["RMS a 5.00", "RMS a –", "RMS a 7.00", "L2 1.00", "L2 0.20", "L2 0.10"]
    assert [look.phase.name for look in looks] == ["forward"] * 3 + ["backward"] * 3
    assert not make_props({"layers": [3, 4, 2]}).has_forward


def test_the_wave_frame_has_the_layers_name() -> None:
    props = make_props({"layers": [3, 4, 2], "activations": [5, None, 7], "names": ["a", "<b>", "c"]})
    assert [props.wave_frame(cursor).name for cursor in range(-3, 3)] == ["a", "<b>", "c", "c", "<b>", "a"]
    assert [make_props({"layers": [3, 4, 2]}).wave_frame(cursor).name for cursor in range(3)] == [
        "output", "hidden 1", "input",
    ]  # fmt: skip


@given(st.lists(st.integers(1, 1024), min_size=1, max_size=256))
def test_there_is_always_one_magnitude_a_layer(layers: list[int]) -> None:
    props = make_props({"layers": layers})
    assert props.depth == len(props.magnitudes) == len(layers)
