"""The texts and elements of the figure, the elements that an update leaves alone, and the end of a figure."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.stage import Stage

BASE = "layers=[3, 4, 4, 2]"
STILL = f"{BASE}, playing=False"
A_FRAME = 16  # ms
MARK = "selectors => selectors.forEach(at => { document.querySelector(`#stage ${at}`).mark = at; })"
MARKED = "selectors => selectors.filter(at => document.querySelector(`#stage ${at}`).mark === at)"
PARTS = ["svg", ".gradient-flow-title", "[data-part=readout]", "[data-part=summary]", "[data-part=tag]"]

COUNT_PROXIES = """
made, create_proxy = [], browser.create_proxy

def counting(callback):
    made.append(create_proxy(callback))
    return made[-1]

def is_alive(proxy):
    try:
        proxy.type
    except Exception:
        return False
    return True

browser.create_proxy = counting
"""


def test_the_root_may_be_a_selector(stage: Stage) -> None:
    stage.python("figures.append(GradientFlowViz('#here', layers=[3, 4]))")
    assert stage.page.locator("#here").get_attribute("role") == "figure"


@pytest.mark.parametrize(
    ("root", "shown"),
    [
        ("'#nowhere'", "'#nowhere'"),
        ("'##'", "'##'"),
        ("document.querySelector('#nowhere')", "jsnull"),
        ("None", "None"),
        ("document", "[object HTMLDocument]"),
    ],
)
def test_a_root_that_is_not_there_is_named(stage: Stage, root: str, shown: str) -> None:
    assert stage.watched.raised(f"GradientFlowViz({root}, layers=[3, 4])") == (
        f"LookupError: GradientFlowViz: root must be an element or a selector that matches one, got {shown}"
    )
    assert stage.timers() == 0


def test_a_later_figure_in_a_root_ends_the_former(stage: Stage) -> None:
    stage.mount(BASE)
    stage.python("later = GradientFlowViz(document.querySelector('#stage > *'), layers=[5, 6], playing=False)")
    assert stage.timers() == 0
    ended = "RuntimeError: GradientFlowViz: update() was called after destroy(); make a new one"
    assert stage.watched.raised("figures[-1].update(layers=[2, 2])") == ended
    stage.python("figures[-1].destroy()")
    assert stage.shown().readout == "layer 02 / 02 · |∂L| 1.00"
    stage.python("later.update(layers=[7, 8, 9])")
    assert stage.shown().readout == "layer 03 / 03 · |∂L| 1.00"
    stage.python("later.destroy()")


def test_a_figure_whose_root_was_emptied_is_drawn_anew(stage: Stage) -> None:
    stage.mount(STILL)
    stage.page.evaluate("document.querySelector('#stage > *').replaceChildren()")
    stage.update("layers=[5, 6]")
    assert stage.shown().readout == "layer 02 / 02 · |∂L| 1.00"


def test_the_figure_is_one_and_is_named_by_its_title(stage: Stage) -> None:
    stage.mount(STILL)
    figure = stage.page.get_by_role("figure", name="Gradient wave · backward", exact=True)
    expect(figure).to_have_count(1)
    expect(figure).to_have_class("theirs gradient-flow")
    title = stage.page.evaluate(
        "document.getElementById(document.querySelector('#stage > *').getAttribute('aria-labelledby')).textContent"
    )
    assert title == "Gradient wave · backward"


def test_the_direction_stands_above_the_diagram_and_is_not_announced(stage: Stage) -> None:
    stage.mount(STILL)
    direction = stage.page.get_by_text("← gradients ←", exact=True)
    expect(direction).to_have_count(1)
    expect(direction).to_have_attribute("aria-hidden", "true")
    above, diagram = direction.bounding_box(), stage.page.locator("#stage svg").bounding_box()
    assert above is not None
    assert diagram is not None
    assert above["y"] + above["height"] <= diagram["y"] + 0.5


@pytest.mark.parametrize(
    ("layers", "cursor", "readout", "summary"),
    [
        ("[3, 4, 4, 2]", 0, "layer 04 / 04 · |∂L| 1.00", "layer 4 of 4 (output). Gradient magnitude 1.00."),
        ("[3, 4, 4, 2]", 1, "layer 03 / 04 · |∂L| 0.55", "layer 3 of 4 (hidden 2). Gradient magnitude 0.55."),
        ("[3, 4, 4, 2]", 2, "layer 02 / 04 · |∂L| 0.30", "layer 2 of 4 (hidden 1). Gradient magnitude 0.30."),
        ("[3, 4, 4, 2]", 3, "layer 01 / 04 · |∂L| 0.17", "layer 1 of 4 (input). Gradient magnitude 0.17."),
        ("[7]", 0, "layer 01 / 01 · |∂L| 1.00", "layer 1 of 1 (output). Gradient magnitude 1.00."),
        ("[1] * 100", 0, "layer 100 / 100 · |∂L| 1.00", "layer 100 of 100 (output). Gradient magnitude 1.00."),
        ("[1] * 100", 99, "layer 001 / 100 · |∂L| 2.0e-26", "layer 1 of 100 (input). Gradient magnitude 2.0e-26."),
        ("[1] * 12", 9, "layer 03 / 12 · |∂L| 4.6e-3", "layer 3 of 12 (hidden 2). Gradient magnitude 4.6e-3."),
    ],
)
def test_readout_tag_and_announcement(stage: Stage, layers: str, cursor: int, readout: str, summary: str) -> None:
    stage.mount(f"layers={layers}, playing=False, default_current_layer={cursor}")
    mounted = stage.shown()
    assert (mounted.readout, mounted.summary) == (readout, f"Backward gradient wave at {summary}")
    assert mounted.tag == readout.partition(" · ")[2]
    stage.update("current_layer=0")
    stage.update(f"current_layer={cursor}")
    assert stage.shown().readout == readout
    assert stage.shown().summary == mounted.summary


def test_the_announcement_is_polite_and_out_of_sight_but_not_hidden(stage: Stage) -> None:
    stage.mount(STILL)
    summary = stage.page.locator("#stage [data-part=summary]")
    expect(summary).to_have_attribute("aria-live", "polite")
    assert summary.evaluate("element => [getComputedStyle(element).display, element.ariaHidden, element.hidden]") == [
        "block",
        None,
        False,
    ]


HEARD = """() => {
  spy.heard = [];
  spy.ear = new MutationObserver(records => records.forEach(({ target }) => {
    if (target.getAttribute("aria-live") === "polite") spy.heard.push(target.textContent);
  }));
  document.querySelectorAll("#stage [data-part=summary]").forEach(one => spy.ear.observe(one, { childList: true }));
}"""


def heard(stage: Stage) -> list[str]:
    """The layers of the sentences that a screen reader has announced since the last call."""
    sentences = stage.page.evaluate("() => spy.heard.splice(0)")
    return [sentence.partition(" layer ")[2].partition(" ")[0] for sentence in sentences]


def test_with_steps_only_what_is_done_by_hand_is_announced(stage: Stage) -> None:
    summary = stage.page.locator("#stage [data-part=summary]")
    stage.mount(f"{BASE}, announce='steps'")
    stage.page.evaluate(HEARD)
    assert summary.get_attribute("aria-live") == "off"
    stage.run(1000)
    assert stage.shown().summary.startswith("Backward gradient wave at layer 2 of 4")
    stage.update("gradients=[1, 2, 3, 4]")
    assert heard(stage) == []
    stage.update("current_layer=0")  # a step by hand, though it plays
    assert heard(stage) == ["4"]
    stage.python("viz.update(on_current_layer_change=lambda cursor: viz.update(current_layer=cursor))")
    stage.run(500)  # the caller moves it as the wave asks
    assert (stage.cursor(), heard(stage)) == (1, [])
    stage.update("playing=False")
    assert (summary.get_attribute("aria-live"), heard(stage)) == ("polite", ["3"])
    stage.update("current_layer=2, gradients=[4, 3, 2, 1]")
    assert heard(stage) == ["2"]
    stage.update("gradients=[5, 3, 2, 1]")
    assert summary.get_attribute("aria-live") == "polite"  # the step is still to be spoken
    stage.run(600)
    stage.update("gradients=[6, 7, 8, 9]")
    assert stage.shown().summary.endswith(" Gradient magnitude 7.00.")
    assert heard(stage) == []
    stage.update("playing=True, current_layer=None")
    stage.update("current_layer=0, playing=False")
    assert heard(stage) == ["4"]  # once
    stage.update("announce='advance', current_layer=None, playing=True")
    stage.run(500)
    assert heard(stage) == ["3"]
    stage.update("announce='steps'")
    stage.run(500)
    assert heard(stage) == []
    stage.prefer_reduced_motion(True)
    assert heard(stage) == ["1"]


def test_the_tag_stands_over_the_active_layer_or_as_near_as_the_drawing_lets_it(stage: Stage) -> None:
    stage.mount(STILL)
    drawing = stage.page.locator("#stage svg").bounding_box()
    assert drawing is not None
    for cursor in range(4):
        stage.update(f"current_layer={cursor}")
        tag = stage.page.locator("#stage [data-part=tag]").bounding_box()
        halo = stage.page.locator("#stage [data-state=active] rect.gradient-flow-halo").bounding_box()
        assert tag is not None
        assert halo is not None
        assert tag["x"] <= halo["x"] + halo["width"] / 2 <= tag["x"] + tag["width"]
        assert drawing["x"] <= tag["x"]
        assert tag["x"] + tag["width"] <= drawing["x"] + drawing["width"]


def test_elements_grow_with_depth_and_not_with_neurons(stage: Stage) -> None:
    stage.mount("layers=[32] * 32")
    count = stage.page.locator("#stage > * *").count
    small = count()
    stage.update("layers=[256] * 32")
    wide = count()
    stage.update("layers=[1024] * 32")
    assert small <= 600
    assert wide <= small
    assert count() <= small


def test_other_gradients_keep_every_element(stage: Stage) -> None:
    stage.mount(STILL)
    stage.page.evaluate(MARK, PARTS)
    stage.observe()
    stage.update("gradients=[1, 2, 3, 4]")
    assert stage.page.evaluate(MARKED, PARTS) == PARTS
    assert stage.observed() == ["readout childList", "tag childList", "summary childList"]


def test_magnitudes_that_change_with_every_frame_are_shown_at_once_and_announced_now_and_then(stage: Stage) -> None:
    stage.mount(STILL)
    sentences = set()
    for frame in range(1, 61):
        stage.update(f"gradients=[1, 2, 3, {frame}]")
        shown = stage.shown()
        assert (shown.tag, shown.readout) == (f"|∂L| {frame}.00", f"layer 04 / 04 · |∂L| {frame}.00")
        sentences.add(shown.summary)
        stage.run(A_FRAME)
    assert 2 <= len(sentences) <= 3
    stage.run(500)
    assert stage.shown().summary.endswith(" Gradient magnitude 60.00.")
    assert stage.timers() == 0


def test_an_advance_announces_the_magnitude_that_is_there_then(stage: Stage) -> None:
    stage.mount(STILL)
    stage.update("gradients=[1, 2, 3, 4]")
    stage.update("gradients=[5, 6, 7, 8]")
    assert stage.shown().summary.endswith(" Gradient magnitude 4.00.")
    stage.update("current_layer=1")
    assert stage.shown().summary.endswith(" Gradient magnitude 7.00.")
    assert stage.timers() == 0


def test_other_layers_keep_title_readout_and_live_region(stage: Stage) -> None:
    stage.mount(BASE)
    stage.page.evaluate(MARK, PARTS)
    stage.update("layers=[5, 5, 5]")
    assert stage.page.evaluate(MARKED, PARTS) == PARTS[1:4]


def test_an_advance_keeps_every_element(stage: Stage) -> None:
    stage.mount(BASE)
    stage.page.evaluate(MARK, PARTS)
    stage.run(3000)
    assert stage.page.evaluate(MARKED, PARTS) == PARTS


@pytest.mark.parametrize(
    "props",
    [
        "",
        "layers=(3, 4, 4, 2)",
        "gradients=[1, 2, float('nan'), float('nan')]",
        "gradients=[7, 8, 9, float('nan')]",
        "gradients=[None, None, 9, float('nan')]",
        "label='|∂L|'",
        "names=None",
        "current_layer=0",
        "current_layer=-3",
        "default_current_layer=2",
        "on_current_layer_change=print",
        "playing=True",
        "play_speed=500",
        "play_speed=900",
        "transition=INSTANT",
        "class_name='mine'",
    ],
)
def test_an_update_that_changes_nothing_seen_touches_nothing(stage: Stage, props: str) -> None:
    stage.mount(f"{BASE}, gradients=[1, 2, float('nan'), float('nan')], class_name='mine'")
    asked = stage.frames_asked()
    stage.observe()
    stage.update(props)
    stage.run(100)
    assert (stage.observed(), stage.frames_asked()) == ([], asked)


def test_other_neurons_at_the_same_depth_announce_nothing_anew(stage: Stage) -> None:
    stage.mount(STILL)
    stage.observe()
    stage.update("layers=[3, 5, 4, 2]")
    assert not [change for change in stage.observed() if change.startswith(("readout", "summary"))]


def test_another_class_name_touches_the_root_alone(stage: Stage) -> None:
    stage.mount(STILL)
    stage.observe()
    stage.update("class_name='mine'")
    assert set(stage.observed()) == {"class"}


def test_two_figures_on_a_page_keep_out_of_each_others_way(stage: Stage) -> None:
    stage.mount(f"{BASE}, play_speed=300", name="one")
    stage.mount("layers=[2] * 6, play_speed=500", name="two")
    stage.run(600)
    assert (stage.shown(0).cursor, stage.shown(1).cursor) == (2, 1)
    labels = [stage.page.locator("#stage > *").nth(index).get_attribute("aria-labelledby") for index in (0, 1)]
    assert len(set(labels)) == 2
    expect(stage.page.get_by_role("figure", name="Gradient wave · backward", exact=True)).to_have_count(2)
    stage.update("playing=False", name="two")
    stage.run(2000)
    other = stage.html(1)
    stage.update("layers=[9, 9], gradients=[1, 2], class_name='mine'", name="one")
    stage.run(1000)
    stage.python("one.destroy()")
    assert stage.html(1) == other
    stage.update("current_layer=3", name="two")
    assert stage.shown(1).readout == "layer 03 / 06 · |∂L| 0.17"


def test_destroy_empties_the_root_and_hands_it_back_as_it_was(stage: Stage) -> None:
    stage.mount(f"{BASE}, class_name='mine'")
    stage.python("viz.destroy()")
    assert stage.html() == '<div class="theirs"></div>'


def test_destroy_takes_the_phase_away_too(stage: Stage) -> None:
    stage.mount(f"{BASE}, activations=[1, 2, 3, 4]")
    stage.python("viz.destroy()")
    assert stage.html() == '<div class="theirs"></div>'


def test_destroy_cancels_timer_frame_and_listener(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"{BASE}, on_current_layer_change=heard.append")
    stage.run(550)
    assert stage.timers() == 1
    stage.python("viz.destroy()")
    asked = stage.frames_asked()
    stage.prefer_reduced_motion(True)
    stage.run(3000)
    assert (stage.timers(), stage.frames_asked()) == (0, asked)
    assert stage.python("heard") == [1]
    assert stage.html() == '<div class="theirs"></div>'


def test_a_second_destroy_is_harmless(stage: Stage) -> None:
    stage.mount(BASE)
    stage.python("viz.destroy()\nviz.destroy()")
    assert stage.html() == '<div class="theirs"></div>'


def test_a_second_destroy_leaves_alone_what_came_after_the_first(stage: Stage) -> None:
    stage.mount(STILL)
    stage.python("viz.destroy()\nroot = document.querySelector('#stage > *')")
    stage.python("figures.append(GradientFlowViz(root, layers=[2, 2], playing=False))\nviz.destroy()")
    assert stage.shown().readout == "layer 02 / 02 · |∂L| 1.00"


@pytest.mark.parametrize("props", ["", "layers=[2, 2]", "playing=False"])
def test_an_update_after_destroy_says_what_is_wrong(stage: Stage, props: str) -> None:
    stage.mount(BASE)
    stage.python("viz.destroy()")
    assert stage.watched.raised(f"viz.update({props})") == (
        "RuntimeError: GradientFlowViz: update() was called after destroy(); make a new one"
    )


def test_a_tick_that_was_due_when_it_was_destroyed_does_nothing(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"{BASE}, on_current_layer_change=lambda layer: (heard.append('one'), two.destroy())", name="one")
    stage.mount(f"{BASE}, on_current_layer_change=lambda layer: heard.append('two')", name="two")
    stage.run(1000)
    assert stage.python("heard") == ["one", "one"]
    assert stage.html(1) == '<div class="theirs"></div>'


@pytest.mark.parametrize("more", ["", "or [][1]"])
def test_a_callback_may_destroy_its_own_figure(stage: Stage, more: str) -> None:
    stage.mount(f"{BASE}, on_current_layer_change=lambda layer: viz.destroy() {more}")
    stage.run(3000)
    assert stage.html() == '<div class="theirs"></div>'
    assert stage.timers() == 0
    errors, stage.watched.errors[:] = stage.watched.errors[:], []
    assert ["IndexError" in error for error in errors] == ([True] if more else [])


def test_a_callback_may_update_its_own_figure(stage: Stage) -> None:
    stage.mount(f"{BASE}, on_current_layer_change=lambda layer: viz.update(layers=[2] * (5 + layer), play_speed=200)")
    stage.run(500)
    assert stage.shown().readout == "layer 05 / 06 · |∂L| 0.55"
    stage.run(200)
    assert stage.shown().readout == "layer 05 / 07 · |∂L| 0.30"


def test_no_proxy_is_leaked_by_200_reflows_and_a_destroy(stage: Stage) -> None:
    stage.python(COUNT_PROXIES)
    try:
        stage.mount(f"{BASE}, play_speed=80, transition=SPRINGS.gentle")
        stage.run(1000)
        made = stage.python("len(made)")
        assert made > 0
        assert stage.python("[is_alive(proxy) for proxy in made]") == [True] * made
        for _ in range(4):
            stage.python("for depth in range(2, 52):\n    viz.update(layers=[4] * depth)")
            stage.run(200)
        assert stage.python("len(made)") == made
        stage.python("viz.destroy()")
        assert stage.python("[is_alive(proxy) for proxy in made]") == [False] * made
        stage.run(1000)
        assert stage.python("len(made)") == made
    finally:
        stage.python("browser.create_proxy = create_proxy")


COUNT_LISTENERS = """() => {
  spy.listeners = 0;
  for (const [name, step] of [["addEventListener", 1], ["removeEventListener", -1]]) {
    const own = EventTarget.prototype[name];
    EventTarget.prototype[name] = function (...given) { spy.listeners += step; return own.apply(this, given); };
  }
}"""


def test_fifty_figures_are_independent(stage: Stage) -> None:
    for number in range(50):
        stage.mount(
            f"layers=[{2 + number % 5}] * {2 + number % 7}, play_speed={100 + 10 * number}", name=f"viz{number}"
        )
    ids = stage.page.evaluate("[...document.querySelectorAll('#stage [id]')].map(element => element.id)")
    assert len(set(ids)) == len(ids) == 50
    assert stage.timers() == 50
    others = [stage.html(number) for number in range(50) if number != 3]
    stage.update("layers=[9, 9, 9], playing=False", name="viz3")
    assert [stage.html(number) for number in range(50) if number != 3] == others
    assert stage.timers() == 49
    stage.python("viz0.destroy()")
    stage.run(590)
    assert stage.cursor_of(49) == 1  # at its own pace: 590 ms
    assert stage.cursor_of(3) == 0
    assert stage.timers() == 48


def test_fifty_figures_destroyed_leave_nothing_behind(stage: Stage) -> None:
    stage.page.evaluate(COUNT_LISTENERS)
    stage.python(COUNT_PROXIES)
    try:
        for _ in range(50):
            stage.mount(f"{BASE}, play_speed=100")
        stage.run(150)  # each in mid-fade: it has asked for another frame
        made = stage.python("len(made)")
        assert made >= 50 * 3
        assert stage.timers() == 50
        assert stage.page.evaluate("spy.listeners") == 50
        stage.python("for figure in figures:\n    figure.destroy()")
        asked = stage.frames_asked()
        assert stage.timers() == 0
        assert stage.page.evaluate("spy.listeners") == 0
        assert stage.python("[is_alive(proxy) for proxy in made]") == [False] * made
        stage.run(1_000)
        assert stage.frames_asked() == asked
        assert stage.page.locator("#stage > * *").count() == 0
    finally:
        stage.python("browser.create_proxy = create_proxy")


def test_nothing_keeps_a_destroyed_figure_in_memory(stage: Stage) -> None:
    stage.mount(BASE)
    stage.run(700)
    stage.update("layers=[5, 5], current_layer=1")
    stage.run(50)
    stage.python("import gc, weakref\nreference = weakref.ref(viz)\nviz.destroy()")
    stage.python("figures.clear()\ndel viz")
    assert stage.python("gc.collect()\nreference() is None")
