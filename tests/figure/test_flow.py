"""BackpropFlow's props and their translation: one cursor over a forward and a backward pass."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure import wave
from app.figure.flow import change_flow_props, to_wave_props
from app.figure.props import make_props

WHOLE = "must be a whole number, 0 at the input of the forward pass, got"


@given(st.integers(1, 256), st.data())
def test_the_cursor_goes_from_the_input_to_the_output_and_back(depth: int, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, 2 * depth - 1))
    props = make_props(to_wave_props(change_flow_props({}, {"layers": [2] * depth, "current_layer": cursor})))
    assert props.current_layer is not None
    frame = props.wave_frame(props.current_layer)
    assert frame.phase is (wave.FORWARD if cursor < depth else wave.BACKWARD)
    assert frame.layer == (cursor if cursor < depth else 2 * depth - 1 - cursor)


def test_without_activations_there_is_a_forward_pass_of_unknown_magnitudes() -> None:
    props = make_props(to_wave_props(change_flow_props({}, {"layers": [3, 4, 2]})))
    assert props.has_forward
    assert props.wave_frame(-3).tag == "RMS a –"


def test_other_layers_move_the_controlled_cursor_with_them() -> None:
    before = change_flow_props({}, {"layers": [3, 4, 2], "current_layer": 4, "default_current_layer": 1})
    assert to_wave_props(before).get("current_layer") == 1
    after = to_wave_props(change_flow_props(before, {"layers": [3, 4, 4, 2]}))
    assert (after.get("current_layer"), after.get("default_current_layer")) == (0, -3)
    assert after.get("activations") == (None,) * 4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"current_layer": 1.5}, f"current_layer: {WHOLE} 1.5"),
        ({"default_current_layer": None}, f"default_current_layer: {WHOLE} None"),
        ({"layers": [3, 0]}, "layers: layer 2 must be a whole number from 1 to 1024, got 0"),
        ({"playing": 1}, "playing: must be True or False, got 1"),
    ],
)
def test_a_wrong_prop_is_named_with_rule_and_value(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        change_flow_props({"layers": (3, 2)}, given)


def test_layers_are_required_and_an_unknown_prop_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^BackpropFlow: the prop layers is required$"):
        change_flow_props({}, {"current_layer": 0})
    with pytest.raises(TypeError, match=r"^BackpropFlow: there is no prop 'colour'; the props are layers, "):
        change_flow_props({}, {"layers": [1], "colour": "red"})
