"""The motion of the figure: three weights, transitions, frames only while something moves, reduced motion."""

from __future__ import annotations

import numpy as np
import pytest

from app.spring import SPRINGS, Spring, spring_motion
from tests.support.stage import Stage

STILL = "layers=[3, 4, 4, 2], playing=False"
FROM = np.array([0.0, 0.25, 0.55, 1.0])  # the glows with the cursor at 0 …
TO = np.array([0.25, 0.55, 1.0, 0.0])  # … and at 1
SETTLED = 2000  # ms: by then every transition here is over
A_FRAME = 16  # ms


def step(stage: Stage, cursor: int = 1) -> float:
    """Send the first figure's wave to `cursor`; the time it started, in ms."""
    started = float(stage.page.evaluate("performance.now()"))
    stage.update(f"current_layer={cursor}")
    return started


def seconds_since(stage: Stage, started: float) -> float:
    """From `started` to the last frame."""
    return (float(stage.page.evaluate("spy.frame")) - started) / 1000.0


@pytest.mark.parametrize(
    ("cursor", "glows", "states"),
    [
        (0, [0, 0, 0.25, 0.55, 1], ["rest", "rest", "far", "near", "active"]),
        (1, [0, 0.25, 0.55, 1, 0], ["rest", "far", "near", "active", "rest"]),
        (2, [0.25, 0.55, 1, 0, 0], ["far", "near", "active", "rest", "rest"]),
        (3, [0.55, 1, 0, 0, 0], ["near", "active", "rest", "rest", "rest"]),
        (4, [1, 0, 0, 0, 0], ["active", "rest", "rest", "rest", "rest"]),
    ],
)
def test_the_active_layer_and_the_next_two_glow_and_nothing_wraps_round(
    stage: Stage, cursor: int, glows: list[float], states: list[str]
) -> None:
    stage.mount(f"layers=[3, 4, 5, 4, 2], playing=False, default_current_layer={cursor}")
    assert stage.shown().glows == glows
    stage.update(f"current_layer={(cursor + 2) % 5}")
    stage.run(SETTLED)
    stage.update(f"current_layer={cursor}")
    stage.run(SETTLED)
    assert (stage.shown().glows, stage.shown().states) == (glows, states)


@pytest.mark.parametrize(
    ("cursor", "glows", "states"),
    [
        (-5, [1, 0.55, 0.25, 0, 0], ["active", "near", "far", "rest", "rest"]),
        (-4, [0, 1, 0.55, 0.25, 0], ["rest", "active", "near", "far", "rest"]),
        (-2, [0, 0, 0, 1, 0.55], ["rest", "rest", "rest", "active", "near"]),
        (-1, [0, 0, 0, 0, 1], ["rest", "rest", "rest", "rest", "active"]),
        (0, [0, 0, 0.25, 0.55, 1], ["rest", "rest", "far", "near", "active"]),
    ],
)
def test_in_a_forward_pass_the_layers_towards_the_output_glow(
    stage: Stage, cursor: int, glows: list[float], states: list[str]
) -> None:
    props = f"layers=[3, 4, 5, 4, 2], activations=[1] * 5, playing=False, default_current_layer={cursor}"
    stage.mount(props)
    assert (stage.shown().glows, stage.shown().states) == (glows, states)
    stage.update(f"current_layer={cursor + 2}")
    stage.run(SETTLED)
    stage.update(f"current_layer={cursor}")
    stage.run(SETTLED)
    assert (stage.shown().glows, stage.shown().states) == (glows, states)


def test_a_forward_pass_wears_the_accent_and_a_page_may_change_it(stage: Stage) -> None:
    stage.mount(f"{STILL}, activations=[1, 1, 1, 1]")
    read = """() => ["[data-part=tag]", "[data-state=active] [data-part=halo] .gradient-flow-nodes"]
      .map(part => getComputedStyle(document.querySelector(`#stage ${part}`)).fill)"""
    stage.page.evaluate("document.getElementById('stage').style.setProperty('--cb-accent', 'rgb(4, 5, 6)')")
    assert stage.page.evaluate(read) == ["rgb(4, 5, 6)"] * 2
    stage.update("current_layer=0")
    assert "rgb(4, 5, 6)" not in stage.page.evaluate(read)
    stage.update("current_layer=-2")
    stage.page.evaluate("document.getElementById('stage').removeAttribute('style')")
    assert stage.page.evaluate(read) == ["rgb(29, 78, 216)"] * 2


def test_the_wave_wears_its_own_colour_and_a_page_may_change_it(stage: Stage) -> None:
    stage.mount(STILL)
    read = "getComputedStyle(document.querySelector('#stage [data-part=tag]')).fill"
    stage.page.evaluate("document.getElementById('stage').style.setProperty('--cb-warning', 'rgb(1, 2, 3)')")
    assert stage.page.evaluate(read) == "rgb(1, 2, 3)"
    stage.page.evaluate("document.getElementById('stage').removeAttribute('style')")
    assert stage.page.evaluate(read) != "rgb(1, 2, 3)"


@pytest.mark.parametrize(
    ("given", "spring"),
    [
        ("", SPRINGS.smooth),
        (", transition=SPRINGS.gentle", SPRINGS.gentle),
        (", transition=Spring(stiffness=120, damping=6, mass=1)", Spring(120, 6, 1)),
        (", transition=Spring(stiffness=100, damping=20, mass=1)", Spring(100, 20, 1)),
        (", transition=Spring(stiffness=100, damping=45, mass=2)", Spring(100, 45, 2)),
        (
            ", transition=Spring(visual_duration=0.5, bounce=0.4)",
            Spring(visual_duration=0.5, bounce=0.4),
        ),
    ],
    ids=["smooth by default", "named", "under-damped", "critical", "over-damped", "by duration and bounce"],
)
def test_a_spring_fades_as_its_equation_says(stage: Stage, given: str, spring: Spring) -> None:
    stage.mount(STILL + given)
    started = step(stage)
    for _ in range(6):
        stage.run(2 * A_FRAME)
        elapsed = seconds_since(stage, started)
        offset = [spring_motion(spring, distance, 0.0, elapsed)[0] for distance in (FROM - TO).tolist()]
        assert stage.shown().glows == pytest.approx(np.clip(TO + offset, 0, 1).tolist(), abs=0.001)
    stage.run(2 * SETTLED)
    assert stage.shown().glows == TO.tolist()


def test_a_tween_fades_along_its_easing_and_ends_on_time(stage: Stage) -> None:
    stage.mount(f"{STILL}, transition=Tween(duration=0.2, easing='linear')")
    started = step(stage)
    for _ in range(5):
        stage.run(2 * A_FRAME)
        progress = seconds_since(stage, started) / 0.2
        assert stage.shown().glows == pytest.approx((FROM + (TO - FROM) * progress).tolist(), abs=0.001)
    stage.run(200 - 10 * A_FRAME + A_FRAME)
    assert stage.shown().glows == TO.tolist()


def test_an_easing_may_be_a_bezier(stage: Stage) -> None:
    stage.mount(f"{STILL}, transition=Tween(duration=0.2, easing=(0.42, 0.0, 1.0, 1.0))")
    step(stage)
    stage.run(100)
    assert 0.6 < stage.shown().glows[3] < 0.8  # easing in, it has gone less than half of the way


def test_instant_is_there_with_the_next_frame(stage: Stage) -> None:
    stage.mount(f"{STILL}, transition=INSTANT")
    asked = stage.frames_asked()
    step(stage)
    stage.run(A_FRAME)
    assert stage.shown().glows == TO.tolist()
    stage.run(SETTLED)
    assert stage.frames_asked() == asked + 1


@pytest.mark.parametrize("transition", ["Spring(stiffness=100, damping=4)", "Tween(0.25, 'linear')"])
def test_a_fade_turned_round_in_mid_flight_goes_on_from_where_it_is(stage: Stage, transition: str) -> None:
    stage.mount(f"{STILL}, transition={transition}")
    step(stage, 1)
    stage.run(6 * A_FRAME)
    before = stage.shown().glows
    step(stage, 0)
    assert stage.shown().glows == before
    stage.run(A_FRAME)
    after = stage.shown().glows
    assert 0.3 < before[3] < 0.8
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) < 0.15
    assert after != before
    stage.run(3 * SETTLED)
    assert stage.shown().glows == FROM.tolist()


def test_a_spring_turned_round_in_mid_flight_keeps_its_speed(stage: Stage) -> None:
    stage.mount(f"{STILL}, transition=Spring(stiffness=100, damping=4)")
    step(stage, 1)
    stage.run(6 * A_FRAME)
    before = stage.shown().glows
    step(stage, 0)
    stage.run(A_FRAME)
    assert stage.shown().glows[3] < before[3]  # called back up, it first goes on down


def test_another_transition_takes_a_fade_over_in_mid_flight(stage: Stage) -> None:
    stage.mount(STILL)
    step(stage)
    stage.run(5 * A_FRAME)
    before = stage.shown().glows
    stage.update("transition=Tween(0.1, 'linear')")
    assert stage.shown().glows == before
    stage.run(A_FRAME)
    after = stage.shown().glows
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) < 0.2
    stage.run(100)
    assert stage.shown().glows == TO.tolist()


def test_only_what_moves_is_written(stage: Stage) -> None:
    stage.mount("layers=[2] * 12, playing=False, current_layer=2")
    stage.observe()
    step(stage, 3)
    stage.run(2 * A_FRAME)  # the first may come too soon for a change that is seen
    assert set(stage.observed()) == {
        "readout childList",
        "summary childList",
        "tag childList",
        "tag x",
        "tag text-anchor",
        *(f"{layer} {change}" for layer in (6, 7, 8, 9) for change in ("data-state", "halo opacity")),
    }


def test_nothing_is_asked_for_while_paused_and_settled(stage: Stage) -> None:
    stage.mount(STILL)
    asked = stage.frames_asked()
    stage.observe()
    stage.run(10_000)
    assert (stage.frames_asked(), stage.timers(), stage.observed()) == (asked, 0, [])


def test_frames_stop_when_all_is_at_rest_and_start_again_when_a_target_moves(stage: Stage) -> None:
    stage.mount(STILL)
    asked = stage.frames_asked()
    for cursor in (1, 2):
        step(stage, cursor)
        assert stage.frames_asked() == asked + 1
        stage.run(SETTLED)
        assert stage.frames_asked() > asked + 5
        stage.observe()
        asked = stage.frames_asked()
        stage.run(10_000)
        assert (stage.frames_asked(), stage.observed()) == (asked, [])
        assert stage.shown().glows == stage.shown().settled


def test_frames_rest_between_two_advances(stage: Stage) -> None:
    stage.mount("layers=[3, 4, 4, 2], play_speed=5000")
    stage.run(5000)
    moving = stage.frames_asked()
    stage.run(SETTLED)
    asked = stage.frames_asked()
    assert asked > moving
    stage.run(2900)
    assert stage.frames_asked() == asked
    stage.run(200)
    assert stage.frames_asked() > asked


def test_one_frame_is_asked_for_at_a_time(stage: Stage) -> None:
    stage.mount(STILL)
    asked = stage.frames_asked()
    for cursor in (1, 2, 3, 0, 2):
        step(stage, cursor)
    assert stage.frames_asked() == asked + 1


def test_a_layer_that_comes_to_rest_while_no_frame_comes_is_shown_at_rest(stage: Stage) -> None:
    stage.mount("layers=[2] * 6")
    stage.hold_frames()
    stage.run(1500)
    stage.update("playing=False")
    stage.release_frames()
    stage.run(SETTLED)
    assert stage.cursor() == 3
    assert stage.shown().glows == stage.shown().settled


def test_a_bouncy_spring_never_leaves_what_an_opacity_can_be(stage: Stage) -> None:
    stage.mount(f"{STILL}, transition=Spring(stiffness=300, damping=4)")
    step(stage)
    seen = []
    for _ in range(20):
        stage.run(A_FRAME)
        seen += stage.page.evaluate(
            "[...document.querySelectorAll('#stage [data-part=halo]')].map(halo => +halo.getAttribute('opacity'))"
        )
    assert (min(seen), max(seen)) == (0, 1)


def test_reduced_motion_parks_the_wave_at_the_input(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.python("heard = []")
    stage.mount("layers=[3, 4, 4, 2], on_current_layer_change=heard.append")
    asked = stage.frames_asked()
    stage.observe()
    stage.run(5000)
    shown = stage.shown()
    assert (shown.readout, shown.tag) == ("layer 01 / 04 · |∂L| 0.17", "|∂L| 0.17")
    assert shown.summary == "Backward gradient wave at layer 1 of 4 (input). Gradient magnitude 0.17."
    assert shown.glows == [1, 0, 0, 0]
    assert (stage.frames_asked(), stage.timers(), stage.observed()) == (asked, 0, [])
    assert stage.python("heard") == []


def test_reduced_motion_parks_at_the_input_of_the_backward_pass(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount("layers=[3, 4, 4, 2], activations=[1, 2, 3, 4]")
    stage.run(5000)
    assert (stage.python("viz.current_layer"), stage.timers()) == (3, 0)
    assert stage.shown().readout == "layer 01 / 04 · |∂L| 0.17"
    stage.update("current_layer=-2")
    assert stage.shown().readout == "layer 03 / 04 · RMS a 3.00"
    assert stage.shown().glows == [0, 0, 1, 0.55]


def test_the_parked_layers_readout_is_fully_visible(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount("layers=[3, 4, 4, 2]")
    readout = stage.page.locator("#stage [data-part=readout]")
    assert readout.is_visible()
    assert readout.evaluate("element => element.checkVisibility({ opacityProperty: true })")
    assert readout.evaluate("element => getComputedStyle(element).opacity") == "1"


def test_under_reduced_motion_an_update_is_obeyed_at_once(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount("layers=[3, 4, 4, 2]")
    asked = stage.frames_asked()
    step(stage, 1)
    assert stage.shown().glows == TO.tolist()
    assert stage.shown().readout == "layer 03 / 04 · |∂L| 0.55"
    assert stage.frames_asked() == asked
    stage.update("gradients=[4, 3, 2, 1]")
    assert stage.shown().readout == "layer 03 / 04 · |∂L| 2.00"


def test_under_reduced_motion_playing_plays_nothing(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount(STILL)
    stage.update("playing=True, play_speed=100")
    stage.run(1000)
    assert (stage.cursor(), stage.timers()) == (3, 0)


def test_under_reduced_motion_another_network_is_parked_too(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount("layers=[3, 4, 4, 2]")
    stage.update("layers=[2] * 7")
    assert stage.shown().readout == "layer 01 / 07 · |∂L| 0.03"
    stage.update("layers=[2] * 5, current_layer=0")
    assert stage.shown().readout == "layer 05 / 05 · |∂L| 1.00"


def test_a_controlled_figure_is_parked_until_it_is_told_otherwise(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.python("heard = []")
    stage.mount("layers=[3, 4, 4, 2], current_layer=0, on_current_layer_change=heard.append")
    stage.run(2000)
    assert stage.cursor() == 3
    stage.update("current_layer=2")
    assert stage.shown().glows == [0.55, 1, 0, 0]
    assert stage.python("heard") == []


def test_a_switch_to_reduced_motion_cuts_a_fade_short_and_parks(stage: Stage) -> None:
    stage.mount("layers=[3, 4, 4, 2]")
    stage.run(500 + 4 * A_FRAME)
    assert stage.shown().glows != stage.shown().settled
    stage.prefer_reduced_motion(True)
    assert stage.shown().glows == [1, 0, 0, 0]
    assert stage.shown().readout == "layer 01 / 04 · |∂L| 0.17"
    asked = stage.frames_asked()
    stage.run(5000)
    assert (stage.cursor(), stage.frames_asked(), stage.timers()) == (3, asked, 0)


def test_a_switch_back_lets_the_wave_run_on_from_the_input(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount("layers=[3, 4, 4, 2]")
    stage.prefer_reduced_motion(False)
    assert (stage.cursor(), stage.timers()) == (3, 1)
    stage.run(500)
    assert stage.cursor() == 0
    assert stage.shown().glows != FROM.tolist()  # it fades again
    stage.run(490)
    assert stage.shown().glows == pytest.approx(FROM.tolist(), abs=0.01)


def test_a_switch_back_starts_nothing_that_was_paused(stage: Stage) -> None:
    stage.prefer_reduced_motion(True)
    stage.mount(STILL)
    stage.prefer_reduced_motion(False)
    stage.run(2000)
    assert (stage.cursor(), stage.timers()) == (3, 0)


@pytest.mark.parametrize(("update", "cursor"), [("class_name='x'", 1), ("current_layer=2", 2)])
def test_a_switch_back_returns_a_controlled_cursor_to_where_it_was_told_to_be(
    stage: Stage, update: str, cursor: int
) -> None:
    stage.mount(f"{STILL}, current_layer=1")
    stage.prefer_reduced_motion(True)
    assert stage.cursor() == 3
    stage.update(update)
    stage.prefer_reduced_motion(False)
    assert stage.cursor() == cursor
    stage.run(SETTLED)
    assert stage.shown().glows == stage.shown().settled
