"""Messages from the page around: obeyed, ignored or refused, with the words of each refusal."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.view.messages import MAX_REFUSALS, Foreign, Refusal, error_message, format_value, layer_message, read_message
from app.view.settings import Settings

BEFORE = Settings(layers=(3, 4, 4, 2), gradients=(0.1, 0.2, 0.3, 1.0), speed=700.0, layer=3, playing=False)

layers = st.lists(st.integers(1, 1024), min_size=1, max_size=256)
magnitudes = st.floats(min_value=0, allow_nan=False)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
names = st.sampled_from(["layers", "gradients", "names", "label", "layer", "playing", "speed"])


def read(**fields: Any) -> tuple[Settings, list[Refusal]]:
    return read_message({"type": "gradient-flow", **fields}, BEFORE)


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({}, BEFORE),
        ({"layer": 1}, Settings((3, 4, 4, 2), (0.1, 0.2, 0.3, 1.0), 700.0, 1, False)),
        ({"playing": True}, Settings((3, 4, 4, 2), (0.1, 0.2, 0.3, 1.0), 700.0, 3, True)),
        ({"speed": 90}, Settings((3, 4, 4, 2), (0.1, 0.2, 0.3, 1.0), 90.0, 3, False)),
        ({"speed": 5.5}, Settings((3, 4, 4, 2), (0.1, 0.2, 0.3, 1.0), 80.0, 3, False)),
        ({"gradients": [1, 2.5, 0, 4]}, Settings((3, 4, 4, 2), (1.0, 2.5, 0.0, 4.0), 700.0, 3, False)),
        ({"gradients": [math.inf, 0, 0, 4]}, Settings((3, 4, 4, 2), (math.inf, 0.0, 0.0, 4.0), 700.0, 3, False)),
        ({"names": ["a", "b", "<b>", "d,e"]}, replace(BEFORE, names=("a", "b", "<b>", "d,e"))),
        ({"label": "L2 ∂L/∂W"}, replace(BEFORE, label="L2 ∂L/∂W")),
        ({"label": None, "names": None}, BEFORE),
        ({"gradients": None}, Settings((3, 4, 4, 2), None, 700.0, 3, False)),
        ({"layers": [5, 6, 7, 8]}, Settings((5, 6, 7, 8), (0.1, 0.2, 0.3, 1.0), 700.0, 3, False)),
        ({"layers": [5, 6]}, Settings((5, 6), None, 700.0, 1, False)),
        ({"layers": [5, 6], "gradients": [1, 2], "layer": 0}, Settings((5, 6), (1.0, 2.0), 700.0, 0, False)),
    ],
)
def test_a_message_changes_what_it_names(fields: dict[str, Any], after: Settings) -> None:
    assert read(**fields) == (after, [])
    assert BEFORE.layer == 3


def test_typed_arrays_are_lists_too() -> None:
    after, refusals = read(layers=memoryview(array("B", [5, 6])), gradients=memoryview(array("f", [0.5, 2])))
    assert (after.layers, after.gradients, refusals) == ((5, 6), (0.5, 2.0), [])


def test_a_nan_is_a_magnitude() -> None:
    after, refusals = read(gradients=[math.nan, 1, 1, 1])
    assert (str(after.gradients), refusals) == ("(nan, 1.0, 1.0, 1.0)", [])


def test_null_is_a_layer_that_has_none() -> None:
    after, refusals = read(gradients=[None, 1, 1, 1])
    assert (after.gradients, refusals) == ((None, 1.0, 1.0, 1.0), [])


def test_given_magnitudes_replace_computed_ones() -> None:
    before = replace(BEFORE, source="computed")
    told = {"type": "gradient-flow", "gradients": [1, 2, 3, 4]}
    assert read_message(told, before)[0].source == "synthesised"
    assert read_message({"type": "gradient-flow", "layers": [2, 2]}, before)[0].source == "computed"


def test_a_forward_pass_has_cursors_below_0() -> None:
    message = {"type": "gradient-flow", "layer": -4}
    after, refusals = read_message(message, BEFORE, forward=True)
    assert (after.layer, refusals) == (-4, [])
    assert read_message({**message, "layers": [1, 2]}, after, forward=True)[1] == [
        Refusal("layer", "layer: must be a whole number from -2 to 1 here, got -4")
    ]
    assert read_message({"type": "gradient-flow", "layers": [1, 2]}, after, forward=True)[0].layer == -2


def test_names_and_label_are_dropped_with_their_layers_and_magnitudes() -> None:
    before = replace(BEFORE, names=("a", "b", "c", "d"), label="L2")
    message = {"type": "gradient-flow"}
    assert read_message({**message, "layers": [1, 2, 3, 4]}, before)[0].names == before.names
    after = read_message({**message, "layers": [1, 2]}, before)[0]
    assert (after.names, after.label, after.gradients) == (None, "|∂L|", None)
    after = read_message({**message, "layers": [1, 2], "gradients": [1, 2]}, before)[0]
    assert (after.names, after.label, after.gradients) == (None, "L2", (1.0, 2.0))


def test_a_parked_wave_is_parked_in_another_network_too() -> None:
    message = {"type": "gradient-flow", "layers": [1] * 6}
    assert read_message(message, BEFORE, parked=True)[0].layer == 5
    assert read_message({**message, "layer": 2}, BEFORE, parked=True)[0].layer == 2


@pytest.mark.parametrize(
    "data", [None, 3, "gradient-flow", [], {}, {"layer": 2}, {"type": "gradient-flow-layer", "layer": 2}, {"type": 1}]
)
def test_data_of_another_shape_is_ignored(data: object) -> None:
    assert read_message(data, BEFORE) == (BEFORE, [])


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"layers": "3-4"}, "layers", 'layers: must be a list with one number a layer, got "3-4"'),
        ({"layers": None}, "layers", "layers: must be a list with one number a layer, got null"),
        ({"layers": {"0": 3}}, "layers", "layers: must be a list with one number a layer, got {'0': 3}"),
        ({"layers": []}, "layers", "layers: must have 1 to 256 layers, got 0"),
        ({"layers": [1] * 257}, "layers", "layers: must have at most 256 numbers, one a layer, got 257"),
        (
            {"gradients": Foreign(10_000_000)},
            "gradients",
            "gradients: must have at most 256 magnitudes, one a layer, got 10,000,000",
        ),
        ({"names": Foreign(300)}, "names", "names: must have at most 256 names, one a layer, got 300"),
        (
            {"label": Foreign(300)},
            "label",
            "label: must be a string of 1 to 24 printable characters, got a list of 300",
        ),
        (
            {"layers": [3, Foreign()]},
            "layers",
            "layers: layer 2 must be a whole number from 1 to 1024, got an object",
        ),
        ({"layers": [3, 0]}, "layers", "layers: layer 2 must be a whole number from 1 to 1024, got 0"),
        ({"layers": [3, True]}, "layers", "layers: layer 2 must be a whole number from 1 to 1024, got true"),
        ({"layers": [None]}, "layers", "layers: layer 1 must be a whole number from 1 to 1024, got null"),
        ({"gradients": 1}, "gradients", "gradients: must be a list with one magnitude a layer, got 1"),
        ({"gradients": [1, 2]}, "gradients", "gradients: needs one magnitude a layer, 4 for 4 layers, got 2"),
        (
            {"gradients": [1, 2, -math.inf, 4]},
            "gradients",
            "gradients: the magnitude of layer 3 must be a number of at least 0, NaN, Infinity or null, got -Infinity",
        ),
        (
            {"gradients": ["<b>", 2, 3, 4]},
            "gradients",
            'gradients: the magnitude of layer 1 must be a number of at least 0, NaN, Infinity or null, got "<b>"',
        ),
        ({"names": "abcd"}, "names", 'names: must be a list with one name a layer, got "abcd"'),
        ({"names": ["a", "b"]}, "names", "names: needs one name a layer, 4 for 4 layers, got 2"),
        (
            {"names": ["a", "b\n", "c", 4]},
            "names",
            r'names: the name of layer 2 must be a string of 1 to 200 printable characters, got "b\n"',
        ),
        ({"label": 3}, "label", "label: must be a string of 1 to 24 printable characters, got 3"),
        (
            {"label": "L2", "gradients": None},
            "label",
            'label: must come with gradients, for the synthesised series is |∂L|, got "L2"',
        ),
        ({"layer": 4}, "layer", "layer: must be a whole number from 0 to 3 here, got 4"),
        ({"layer": -1}, "layer", "layer: must be a whole number from 0 to 3 here, got -1"),
        ({"layer": 1.5}, "layer", "layer: must be a whole number, 0 at the loss side, got 1.5"),
        ({"layers": [9, 9], "layer": 2}, "layer", "layer: must be a whole number from 0 to 1 here, got 2"),
        ({"playing": 1}, "playing", "playing: must be true or false, got 1"),
        ({"speed": 2001}, "speed", "speed: must be a number of milliseconds from 0 to 2000, got 2001"),
        ({"speed": math.nan}, "speed", "speed: must be a number of milliseconds from 0 to 2000, got NaN"),
        ({"speed": True}, "speed", "speed: must be a number of milliseconds from 0 to 2000, got true"),
        (
            {"gradient": [1]},
            "gradient",
            '"gradient": there is no such field; the fields are layers, gradients, names, label, layer, playing, speed',
        ),
    ],
)
def test_a_wrong_value_is_refused_by_field_rule_and_value(fields: dict[str, Any], field: str, message: str) -> None:
    right = {"playing": True} if "playing" not in fields else {"layer": 1}
    assert read(**right, **fields) == (BEFORE, [Refusal(field, message)])


def test_each_wrong_field_is_refused() -> None:
    _, refusals = read(layers=[0], gradients=[1], layer=9, speed="fast")
    assert [refusal.field for refusal in refusals] == ["layers", "speed"]  # of the others depends on the layers


@pytest.mark.parametrize(("count", "last"), [(11, "1 more field is wrong"), (100_000, "99,990 more fields are wrong")])
def test_the_first_ten_wrong_fields_are_named_and_the_others_counted(count: int, last: str) -> None:
    _, refusals = read(**{f"wrong{at}": 1 for at in range(count)})
    assert [refusal.field for refusal in refusals] == [*(f"wrong{at}" for at in range(10)), ""]
    assert refusals[-1].message == last


@given(layers=layers, data=st.data(), playing=st.booleans(), speed=st.floats(0, 2000))
def test_a_right_message_is_obeyed_completely(
    layers: list[int], data: st.DataObject, playing: bool, speed: float
) -> None:
    gradients = data.draw(st.none() | st.lists(magnitudes, min_size=len(layers), max_size=len(layers)))
    layer = data.draw(st.integers(0, len(layers) - 1))
    after, refusals = read(layers=layers, gradients=gradients, layer=layer, playing=playing, speed=speed)
    assert refusals == []
    expected = None if gradients is None else tuple(gradients)
    assert after == Settings(tuple(layers), expected, max(speed, 80.0), layer, playing)


@given(st.dictionaries(names | st.text(), anything))
def test_any_message_is_obeyed_or_refused_and_never_raises(fields: dict[str, object]) -> None:
    fields.pop("type", None)
    after, refusals = read(**fields)
    if refusals:
        assert after == BEFORE
    counted = {""} if len(refusals) > MAX_REFUSALS else set()  # the last one counts the others
    assert {refusal.field for refusal in refusals} <= {name[:40] for name in fields} | counted
    assert 0 <= after.layer < len(after.layers)
    assert after.gradients is None or len(after.gradients) == len(after.layers)
    assert after.names is None or len(after.names) == len(after.layers)


@given(anything)
def test_a_repeated_value_is_short(value: object) -> None:
    assert len(format_value(value)) <= 42


def test_the_messages_to_the_page_around() -> None:
    assert layer_message(2) == {"type": "gradient-flow-layer", "layer": 2}
    refusal = Refusal("speed", "speed: …")
    assert error_message(refusal) == {"type": "gradient-flow-error", "field": "speed", "message": "speed: …"}
