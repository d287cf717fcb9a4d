"""The wave's weights, names and sentences."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.wave import (
    BACKWARD,
    DIRECTION,
    FORWARD,
    PHASES,
    TITLE,
    WaveFrame,
    clamp_cursor,
    cursor_at,
    first_cursor,
    glow_targets,
    layer_at,
    layer_name,
    layer_state,
    next_cursor,
    phase_at,
    readout_text,
    tag_text,
)

depths = st.integers(1, 256)


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """A depth and one of its cursors."""
    depth = draw(depths)
    return depth, draw(st.integers(0, depth - 1))


def test_the_title_is_the_contract() -> None:
    assert TITLE == "Gradient wave · backward"


def test_the_direction_is_the_contract() -> None:
    assert DIRECTION == "← gradients ←"


@pytest.mark.parametrize(("cursor", "layer"), [(0, 3), (1, 2), (2, 1), (3, 0)])
def test_cursor_0_is_the_output_and_the_last_cursor_the_input(cursor: int, layer: int) -> None:
    assert layer_at(cursor, depth=4) == layer


@given(places())
def test_the_wave_visits_every_layer_once_from_output_to_input_and_starts_again(
    place: tuple[int, int],
) -> None:
    depth, _ = place
    cursor, visited = 0, []
    for _ in range(depth):
        visited.append(layer_at(cursor, depth))
        cursor = next_cursor(cursor, depth)
    assert visited == list(range(depth - 1, -1, -1))
    assert cursor == 0


@given(depths)
def test_with_a_forward_pass_a_round_goes_from_input_to_output_and_back(depth: int) -> None:
    cursor, visited = first_cursor(depth, forward=True), []
    for _ in range(2 * depth):
        visited.append((phase_at(cursor).name, layer_at(cursor, depth)))
        cursor = next_cursor(cursor, depth, forward=True)
    there = [("forward", layer) for layer in range(depth)]
    assert visited == there + [("backward", layer) for layer in reversed(range(depth))]
    assert cursor == first_cursor(depth, forward=True) == -depth


@given(places())
def test_a_layer_has_a_cursor_in_each_pass(place: tuple[int, int]) -> None:
    depth, layer = place
    for phase in PHASES:
        cursor = cursor_at(layer, depth, phase)
        assert (layer_at(cursor, depth), phase_at(cursor)) == (layer, phase)
        assert clamp_cursor(cursor, depth, forward=True) == cursor


@pytest.mark.parametrize(("cursor", "clamped"), [(-7, -4), (-4, -4), (-1, -1), (0, 0), (3, 3), (4, 3), (10**9, 3)])
def test_with_a_forward_pass_there_are_cursors_below_0(cursor: int, clamped: int) -> None:
    assert clamp_cursor(cursor, depth=4, forward=True) == clamped


@pytest.mark.parametrize(("cursor", "clamped"), [(-7, 0), (-1, 0), (0, 0), (3, 3), (4, 3), (10**9, 3)])
def test_a_cursor_outside_the_network_is_clamped(cursor: int, clamped: int) -> None:
    assert clamp_cursor(cursor, depth=4) == clamped


@given(cursor=st.integers(), depth=depths)
def test_a_clamped_cursor_always_lights_a_layer(cursor: int, depth: int) -> None:
    assert 0 <= layer_at(clamp_cursor(cursor, depth), depth) < depth


@pytest.mark.parametrize(
    ("layer", "glows"),
    [
        (4, [0.0, 0.0, 0.25, 0.55, 1.0]),
        (3, [0.0, 0.25, 0.55, 1.0, 0.0]),
        (2, [0.25, 0.55, 1.0, 0.0, 0.0]),
        (1, [0.55, 1.0, 0.0, 0.0, 0.0]),
        (0, [1.0, 0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_the_active_layer_and_the_next_two_towards_the_input_glow(layer: int, glows: list[float]) -> None:
    assert glow_targets(layer, depth=5) == glows


@given(places())
def test_forward_glows_are_the_mirror_image_of_backward_ones(place: tuple[int, int]) -> None:
    depth, layer = place
    mirrored = glow_targets(depth - 1 - layer, depth, BACKWARD)[::-1]
    assert glow_targets(layer, depth, FORWARD) == mirrored


@given(places())
def test_no_glow_wraps_round(place: tuple[int, int]) -> None:
    depth, cursor = place
    active = layer_at(cursor, depth)
    glows = glow_targets(active, depth)
    assert len(glows) == depth
    assert glows[max(active - 2, 0) : active + 1] == [0.25, 0.55, 1.0][-(active + 1) :]
    assert not any(glows[: max(active - 2, 0)] + glows[active + 1 :])


@given(places())
def test_a_layers_state_says_how_it_glows(place: tuple[int, int]) -> None:
    depth, active = place
    glow_of = {"active": 1.0, "near": 0.55, "far": 0.25, "rest": 0.0}
    for phase in PHASES:
        states = [layer_state(index, active, phase) for index in range(depth)]
        assert [glow_of[state] for state in states] == glow_targets(active, depth, phase)


@pytest.mark.parametrize(
    ("depth", "names"),
    [
        (1, ["output"]),
        (2, ["input", "output"]),
        (4, ["input", "hidden 1", "hidden 2", "output"]),
    ],
)
def test_layers_are_named_input_hidden_and_output(depth: int, names: list[str]) -> None:
    assert [layer_name(index, depth) for index in range(depth)] == names


def test_names_that_are_given_are_the_layers_names() -> None:
    assert [layer_name(index, 3, ["fc1", "input", "output"]) for index in range(3)] == ["fc1", "input", "output"]


def test_the_tag_is_the_contract() -> None:
    assert tag_text(1.0) == "|∂L| 1.00"


@pytest.mark.parametrize(
    ("layer", "depth", "magnitude", "text"),
    [
        (3, 4, 1.0, "layer 04 / 04 · |∂L| 1.00"),
        (0, 4, 0.0008, "layer 01 / 04 · |∂L| 8.0e-4"),
        (0, 1, math.nan, "layer 01 / 01 · |∂L| NaN"),
        (11, 99, math.inf, "layer 12 / 99 · |∂L| ∞"),
        (4, 100, 0.0, "layer 005 / 100 · |∂L| 0"),
        (255, 256, 0.18, "layer 256 / 256 · |∂L| 0.18"),
    ],
)
def test_the_readout_has_two_digits_or_as_many_as_the_depth_needs(
    layer: int, depth: int, magnitude: float, text: str
) -> None:
    assert readout_text(layer, depth, magnitude) == text


def test_a_label_may_replace_the_gradient_sign() -> None:
    assert tag_text(0.166, "RMS ∂L/∂a") == "RMS ∂L/∂a 0.17"
    assert readout_text(3, 4, 1.0, "RMS ∂L/∂a") == "layer 04 / 04 · RMS ∂L/∂a 1.00"
    assert (
        WaveFrame(3, 4, 1.0, "RMS ∂L/∂a").summary == "Backward gradient wave at layer 4 of 4 (output). RMS ∂L/∂a 1.00."
    )


def test_a_forward_pass_says_what_it_is() -> None:
    assert FORWARD.title == "Gradient wave · forward"
    assert FORWARD.direction == "→ activations →"
    sentence = "Forward pass at layer 1 of 4 (input). RMS of activations {}."
    assert WaveFrame(0, 4, 0.83, "RMS a", FORWARD).summary == sentence.format("0.83")
    assert WaveFrame(0, 4, None, "RMS a", FORWARD).summary == sentence.format("none")


def test_a_layer_that_has_a_name_is_announced_by_it() -> None:
    back, forward = WaveFrame(3, 4, 1.0, name="fc2"), WaveFrame(0, 4, 0.83, "RMS a", FORWARD, "<b>")
    assert back.summary == "Backward gradient wave at layer 4 of 4 (fc2). Gradient magnitude 1.00."
    assert back.readout == "layer 04 / 04 · |∂L| 1.00"
    assert forward.summary == "Forward pass at layer 1 of 4 (<b>). RMS of activations 0.83."


def test_a_layer_without_a_magnitude_shows_a_dash_and_says_none() -> None:
    assert tag_text(None) == "|∂L| –"
    assert readout_text(0, 4, None) == "layer 01 / 04 · |∂L| –"
    assert WaveFrame(0, 4, None).summary == "Backward gradient wave at layer 1 of 4 (input). Gradient magnitude none."
    assert WaveFrame(0, 1, None, "L2").summary.endswith(" (output). L2 none.")


@given(places())
def test_the_readout_keeps_its_length_while_the_wave_runs(place: tuple[int, int]) -> None:
    depth, cursor = place
    assert len(readout_text(layer_at(cursor, depth), depth, 1.0)) == len(readout_text(0, depth, 1.0))


@pytest.mark.parametrize(
    ("layer", "depth", "magnitude", "sentence"),
    [
        (3, 4, 1.0, "Backward gradient wave at layer 4 of 4 (output). Gradient magnitude 1.00."),
        (2, 4, 0.55, "Backward gradient wave at layer 3 of 4 (hidden 2). Gradient magnitude 0.55."),
        (0, 4, 0.0008, "Backward gradient wave at layer 1 of 4 (input). Gradient magnitude 8.0e-4."),
        (0, 1, math.inf, "Backward gradient wave at layer 1 of 1 (output). Gradient magnitude ∞."),
    ],
)
def test_the_live_regions_sentence_is_the_contract(layer: int, depth: int, magnitude: float, sentence: str) -> None:
    assert WaveFrame(layer, depth, magnitude).summary == sentence
