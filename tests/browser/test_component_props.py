"""The component's props, one by one: what each does, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import re

import pytest

from tests.support.lazy_bundles import bring_lazy
from tests.support.stage import Stage

BASE = "layers=[3, 4, 4, 2]"
STILL = f"{BASE}, playing=False"
NOTING = "heard.append"  # a callback, for tests that start with `heard = []`
WHOLE = "must be a whole number, 0 at the loss side, got"

REFUSED = [
    ("layers=[]", "layers: must have 1 to 256 layers, got 0"),
    ("layers=[1] * 257", "layers: must have 1 to 256 layers, got 257"),
    ("layers=[3, 0]", "layers: layer 2 must be a whole number from 1 to 1024, got 0"),
    ("layers=[1025]", "layers: layer 1 must be a whole number from 1 to 1024, got 1025"),
    ("layers=[3, 4, 4.5]", "layers: layer 3 must be a whole number from 1 to 1024, got 4.5"),
    ("layers=[True]", "layers: layer 1 must be a whole number from 1 to 1024, got True"),
    ("layers='3-4-4-2'", "layers: must be a sequence of whole numbers, got '3-4-4-2'"),
    ("layers=4", "layers: must be a sequence of whole numbers, got 4"),
    ("gradients=[1.0, 2.0]", "gradients: needs one magnitude a layer, 4 for 4 layers, got 2"),
    ("gradients=[]", "gradients: needs one magnitude a layer, 4 for 4 layers, got 0"),
    (
        "gradients=[1, 1, -0.5, 1]",
        "gradients: the magnitude of layer 3 must be a number of at least 0, NaN, Infinity or None, got -0.5",
    ),
    (
        "gradients=[1, '<b>', 1, 1]",
        "gradients: the magnitude of layer 2 must be a number of at least 0, NaN, Infinity or None, got '<b>'",
    ),
    ("activations=[1.0, 2.0]", "activations: needs one magnitude a layer, 4 for 4 layers, got 2"),
    (
        "activations=[1, 1, -0.5, 1]",
        "activations: the magnitude of layer 3 must be a number of at least 0, NaN, Infinity or None, got -0.5",
    ),
    ("label=''", "label: must be a string of 1 to 24 printable characters, got ''"),
    ("label='a\\nb'", "label: must be a string of 1 to 24 printable characters, got 'a\\nb'"),
    ("names=['a', 'b']", "names: needs one name a layer, 4 for 4 layers, got 2"),
    (
        "names=['a', '', 'c', 'd']",
        "names: the name of layer 2 must be a string of 1 to 200 printable characters, got ''",
    ),
    ("current_layer=1.5", f"current_layer: {WHOLE} 1.5"),
    ("current_layer='1'", f"current_layer: {WHOLE} '1'"),
    ("default_current_layer=None", f"default_current_layer: {WHOLE} None"),
    (
        "on_current_layer_change=5",
        "on_current_layer_change: must be a function of one argument or None, got 5",
    ),
    ("playing='no'", "playing: must be True or False, got 'no'"),
    ("play_speed='fast'", "play_speed: must be a number of milliseconds up to 2147483647, got 'fast'"),
    ("play_speed=float('nan')", "play_speed: must be a number of milliseconds up to 2147483647, got nan"),
    ("play_speed=2**31", "play_speed: must be a number of milliseconds up to 2147483647, got 2147483648"),
    ("transition='smooth'", "transition: must be a Spring, a Tween or INSTANT, got 'smooth'"),
    ("class_name=None", "class_name: must be a string, got None"),
    ("shading=1", "shading: must be one of wave, magnitude, got 1"),
    ("domain=(1, 1)", "domain: must be two finite magnitudes, 0 < low < high, got (1, 1)"),
    ("announce=True", "announce: must be one of advance, steps, got True"),
]


def contrast(colour: str, ground: str) -> float:
    """The contrast of `rgb(…)` on `#rrggbb`, as WCAG defines it."""
    channels = [int(part) for part in re.findall(r"\d+", colour)[:3]]
    lights = [luminance(channels), luminance([int(ground[at : at + 2], 16) for at in (1, 3, 5)])]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def luminance(channels: list[int]) -> float:
    """The relative luminance of red, green and blue."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in
              (channel / 255 for channel in channels)]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("props", "message"), REFUSED)
def test_a_wrong_prop_is_named_with_rule_and_value_and_nothing_is_made(stage: Stage, props: str, message: str) -> None:
    given = props if props.startswith("layers") else f"{BASE}, {props}"
    assert stage.watched.raised(f"mount({given})") == f"ValueError: {message}"
    assert stage.html() == '<div class="theirs"></div>'
    assert stage.timers() == 0


@pytest.mark.parametrize(("props", "message"), REFUSED)
def test_a_wrong_update_leaves_the_last_good_state_alive(stage: Stage, props: str, message: str) -> None:
    stage.mount(BASE)
    stage.observe()
    others = "dict(class_name='changed', current_layer=2, gradients=[4, 3, 2, 1], play_speed=99)"
    assert stage.watched.raised(f"viz.update(**{others} | dict({props}))") == f"ValueError: {message}"
    assert stage.observed() == []
    stage.run(500)
    assert stage.cursor() == 1


def test_layers_are_required(stage: Stage) -> None:
    assert stage.watched.raised("mount()") == "TypeError: GradientFlowViz: the prop layers is required"


@pytest.mark.parametrize("call", ["mount(layers=[1], colour='red')", "mount(layers=[1]).update(colour='red')"])
def test_a_prop_that_does_not_exist_is_refused_with_those_that_do(stage: Stage, call: str) -> None:
    assert stage.watched.raised(call) == (
        "TypeError: GradientFlowViz: there is no prop 'colour'; the props are layers, gradients, label, names, "
        "activations, current_layer, default_current_layer, on_current_layer_change, playing, play_speed, transition, "
        "class_name, announce, shading, domain"
    )


def test_layers_stand_left_to_right_from_the_input(stage: Stage) -> None:
    stage.mount(STILL)
    layers = stage.page.locator("#stage [data-layer]")
    boxes = [layers.nth(index).locator("[data-part=halo]").bounding_box() for index in range(4)]
    lefts = [box["x"] for box in boxes if box]
    assert [layers.nth(index).get_attribute("data-layer") for index in range(4)] == ["0", "1", "2", "3"]
    assert len(lefts) == 4
    assert lefts == sorted(lefts)
    assert stage.page.locator("#stage .gradient-flow-counts text").all_text_contents() == ["3", "4", "4", "2"]


@pytest.mark.parametrize(("layers", "depth"), [("[1]", 1), ("[1024]", 1), ("[1024] * 256", 256), ("range(1, 9)", 8)])
def test_layers_may_be_as_few_and_as_many_as_promised(stage: Stage, layers: str, depth: int) -> None:
    stage.mount(f"layers={layers}")
    assert len(stage.shown().states) == depth


def test_the_network_reflows_while_the_wave_keeps_its_place(stage: Stage) -> None:
    stage.mount(BASE)
    stage.run(1000)
    stage.update("layers=[5, 6, 7, 8, 9, 3]")
    assert (stage.cursor(), stage.shown().readout) == (2, "layer 04 / 06 · |∂L| 0.30")
    stage.run(500)
    assert stage.cursor() == 3


def test_a_network_that_gets_too_shallow_for_the_cursor_puts_it_on_the_input(stage: Stage) -> None:
    stage.mount(f"{STILL}, default_current_layer=3")
    stage.update("layers=[3, 2]")
    assert (stage.cursor(), stage.shown().readout) == (1, "layer 01 / 02 · |∂L| 0.55")


@pytest.mark.parametrize(
    ("gradients", "tags"),
    [
        ("None", ["1.00", "0.55", "0.30", "0.17"]),
        ("[0.0008, 0.012, 0.18, 1]", ["1.00", "0.18", "0.01", "8.0e-4"]),
        ("[float('inf'), float('nan'), 0, 123456]", ["1.2e5", "0", "NaN", "∞"]),
        ("[None, 1, 2, 3]", ["3.00", "2.00", "1.00", "–"]),
    ],
)
def test_each_layer_is_tagged_with_its_gradient(stage: Stage, gradients: str, tags: list[str]) -> None:
    stage.mount(f"{BASE}, gradients={gradients}")
    for cursor, tag in enumerate(tags):
        shown = stage.shown()
        assert (shown.cursor, shown.tag) == (cursor, f"|∂L| {tag}")
        assert shown.readout == f"layer {4 - cursor:02d} / 04 · |∂L| {tag}"
        assert shown.summary.endswith(f". Gradient magnitude {tag.replace('–', 'none')}.")
        stage.run(500)


def test_gradients_may_be_an_array_of_numpy(stage: Stage) -> None:
    assert bring_lazy(stage.page, ["numpy"]) == ""
    stage.mount(f"{BASE}, gradients=__import__('numpy').array([4.0, 3.0, 2.0, 1.0])")
    for tag in ("1.00", "2.00", "3.00", "4.00"):
        assert stage.shown().tag == f"|∂L| {tag}"
        stage.run(500)


def test_gradients_change_and_go_back_to_the_series(stage: Stage) -> None:
    stage.mount(STILL)
    stage.update("gradients=[1, 2, 3, float('nan')]")
    assert stage.shown().readout == "layer 04 / 04 · |∂L| NaN"
    assert stage.python("repr(viz.gradients)") == "(1.0, 2.0, 3.0, nan)"
    stage.update("gradients=None")
    assert stage.shown().readout == "layer 04 / 04 · |∂L| 1.00"


def test_a_label_says_what_a_magnitude_is(stage: Stage) -> None:
    stage.mount(f"{BASE}, label='RMS ∂L/∂a'")
    shown = stage.shown()
    assert (shown.tag, shown.readout) == ("RMS ∂L/∂a 1.00", "layer 04 / 04 · RMS ∂L/∂a 1.00")
    assert shown.summary == "Backward gradient wave at layer 4 of 4 (output). RMS ∂L/∂a 1.00."
    stage.run(500)
    assert stage.shown().readout == "layer 03 / 04 · RMS ∂L/∂a 0.55"
    stage.update("label='L2', layers=[2, 2]")
    assert stage.shown().readout == "layer 01 / 02 · L2 0.55"
    stage.update("label='|∂L|'")
    assert stage.shown().summary == "Backward gradient wave at layer 1 of 2 (input). Gradient magnitude 0.55."


ROUND = [
    ("forward", -4, "layer 01 / 04 · RMS a 0.90"),
    ("forward", -3, "layer 02 / 04 · RMS a 0.50"),
    ("forward", -2, "layer 03 / 04 · RMS a –"),
    ("forward", -1, "layer 04 / 04 · RMS a 2.00"),
    ("backward", 0, "layer 04 / 04 · |∂L| 1.00"),
    ("backward", 1, "layer 03 / 04 · |∂L| 0.55"),
    ("backward", 2, "layer 02 / 04 · |∂L| 0.30"),
    ("backward", 3, "layer 01 / 04 · |∂L| 0.17"),
]
ACTIVATIONS = "activations=[0.9, 0.5, None, 2]"
HEAD = """() => {
  const root = document.querySelector("#stage > *");
  const text = part => root.querySelector(`.gradient-flow-${part}`).textContent;
  return [root.dataset.phase ?? null, text("title"), text("direction")];
}"""
FORWARD_HEAD = ["forward", "Gradient wave · forward", "→ activations →"]
BACKWARD_HEAD = ["backward", "Gradient wave · backward", "← gradients ←"]


def test_with_activations_each_round_begins_with_a_forward_pass(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"{BASE}, {ACTIVATIONS}, on_current_layer_change={NOTING}")
    for phase, cursor, readout in [*ROUND, *ROUND[:2]]:
        shown = stage.shown()
        assert (stage.python("viz.current_layer"), shown.readout) == (cursor, readout)
        assert shown.tag == readout.partition(" · ")[2]
        assert stage.page.evaluate(HEAD) == (FORWARD_HEAD if phase == "forward" else BACKWARD_HEAD)
        stage.run(500)
    assert stage.python("heard") == [-3, -2, -1, 0, 1, 2, 3, -4, -3, -2]


def test_a_forward_pass_is_announced_as_such(stage: Stage) -> None:
    stage.mount(f"{STILL}, {ACTIVATIONS}")
    assert stage.shown().summary == "Forward pass at layer 1 of 4 (input). RMS of activations 0.90."
    stage.update("current_layer=-2")
    assert stage.shown().summary == "Forward pass at layer 3 of 4 (hidden 2). RMS of activations none."
    assert stage.page.get_by_role("figure", name="Gradient wave · forward", exact=True).count() == 1


def test_without_activations_nothing_says_that_there_are_two_passes(stage: Stage) -> None:
    stage.mount(STILL)
    assert stage.page.evaluate(HEAD) == [None, *BACKWARD_HEAD[1:]]
    stage.update("current_layer=-3")
    assert (stage.cursor(), stage.python("viz.has_forward")) == (0, False)


def test_activations_come_and_go_while_the_figure_stands(stage: Stage) -> None:
    stage.mount(STILL)
    stage.update(ACTIVATIONS)
    assert stage.page.evaluate(HEAD) == BACKWARD_HEAD
    assert stage.python("viz.has_forward") is True
    stage.update("current_layer=-3")
    assert stage.page.evaluate(HEAD) == FORWARD_HEAD
    stage.update("activations=[1, 3, 1, 1]")
    assert stage.shown().readout == "layer 02 / 04 · RMS a 3.00"
    stage.update("layers=[2] * 6, activations=[4] * 6, gradients=None")
    assert stage.shown().readout == "layer 04 / 06 · RMS a 4.00"
    stage.update("activations=None, current_layer=None")
    assert stage.page.evaluate(HEAD) == [None, *BACKWARD_HEAD[1:]]
    assert stage.shown().readout == "layer 06 / 06 · |∂L| 1.00"


@pytest.mark.parametrize(
    ("props", "cursor"),
    [
        ("default_current_layer=0", 0),
        ("default_current_layer=-2", -2),
        ("default_current_layer=-9", -4),
        ("current_layer=2", 2),
        ("current_layer=-1", -1),
        ("current_layer=-99", -4),
    ],
)
def test_a_figure_with_a_forward_pass_starts_where_it_is_told_to(stage: Stage, props: str, cursor: int) -> None:
    stage.mount(f"{STILL}, {ACTIVATIONS}, {props}")
    assert stage.python("viz.current_layer") == cursor


def test_a_single_layer_goes_forward_and_backward(stage: Stage) -> None:
    stage.mount("layers=[3], activations=[0.5]")
    seen = []
    for _ in range(4):
        seen.append(stage.shown().tag)
        stage.run(500)
    assert seen == ["RMS a 0.50", "|∂L| 1.00"] * 2


def test_other_magnitudes_of_the_other_pass_change_nothing_that_is_shown(stage: Stage) -> None:
    stage.mount(f"{STILL}, {ACTIVATIONS}, current_layer=1")
    stage.observe()
    stage.update("activations=[3, 3, 3, 3]")
    assert stage.observed() == []
    stage.update("gradients=[5, 5, 5, 5], label='L2'")
    assert set(stage.observed()) >= {"readout childList", "summary childList", "tag childList"}


def test_a_label_is_never_markup(stage: Stage) -> None:
    stage.mount(f"{STILL}, label='<img src=x>&amp;'")
    assert stage.shown().tag == "<img src=x>&amp; 1.00"
    stage.update("label='<b>&lt;</b>', layers=[2, 2]")
    assert stage.shown().tag == "<b>&lt;</b> 1.00"
    assert stage.page.locator("#stage img, #stage b").count() == 0


FEET = """() => [...document.querySelectorAll("#stage :is(.gradient-flow-counts, .gradient-flow-names) > *, "
  + "#stage .gradient-flow-name")]
  .filter(text => text.getClientRects().length).map(text => text.textContent)"""


def test_layers_have_names_beneath_their_columns_and_in_what_is_announced(stage: Stage) -> None:
    stage.mount(f"{BASE}, names=['fc1', 'fc2', '<b>&amp;', 'الطبقة']")
    assert stage.page.evaluate(FEET) == ["fc1", "fc2", "<b>&amp;", "الطبقة"]
    assert stage.shown().readout == "layer 04 / 04 · |∂L| 1.00"
    assert stage.shown().summary == "Backward gradient wave at layer 4 of 4 (الطبقة). Gradient magnitude 1.00."
    stage.run(500)
    assert stage.shown().summary == "Backward gradient wave at layer 3 of 4 (<b>&amp;). Gradient magnitude 0.55."
    assert stage.page.locator("#stage b").count() == 0


def test_names_come_change_and_go_while_the_wave_runs(stage: Stage) -> None:
    stage.mount(STILL)
    stage.page.evaluate("() => { document.querySelector('#stage svg').kept = true; }")
    stage.update("names=['a', 'b', 'c', '<b>d']")
    assert stage.page.evaluate(FEET) == ["a", "b", "c", "<b>d"]
    assert stage.shown().summary == "Backward gradient wave at layer 4 of 4 (<b>d). Gradient magnitude 1.00."
    stage.update("names=['e', 'f', 'g', 'h'], current_layer=1")
    assert stage.page.evaluate(FEET) == ["e", "f", "g", "h"]
    assert stage.shown().summary == "Backward gradient wave at layer 3 of 4 (g). Gradient magnitude 0.55."
    stage.update("names=None")
    assert stage.page.evaluate(FEET) == ["3", "4", "4", "2"]
    stage.run(500)
    assert stage.shown().summary == "Backward gradient wave at layer 3 of 4 (hidden 2). Gradient magnitude 0.55."
    assert stage.page.evaluate("document.querySelector('#stage svg').kept") is True
    stage.update("layers=[2, 2], names=['x', 'y']")
    assert stage.page.evaluate(FEET) == ["x", "y"]


def test_names_and_layers_change_their_number_together_or_not_at_all(stage: Stage) -> None:
    stage.mount(f"{STILL}, names=['a', 'b', 'c', 'd']")
    assert stage.watched.raised("viz.update(layers=[2, 2])") == (
        "ValueError: names: needs one name a layer, 2 for 2 layers, got 4"
    )
    assert stage.page.evaluate(FEET) == ["a", "b", "c", "d"]


def test_where_names_do_not_fit_the_lit_layer_s_goes_with_the_wave(stage: Stage) -> None:
    stage.mount("layers=[1] * 40, names=[f'encoder.layers.{i}.<i>' for i in range(40)]")
    for layer in (39, 38, 37):
        assert stage.page.evaluate(FEET) == [f"encoder.layers.{layer}.<i>"]
        stage.run(500)
    stage.update("names=[f'h.{i}' for i in range(40)]")
    assert stage.page.evaluate(FEET) == ["h.36"]
    stage.update("names=None")
    assert stage.page.evaluate(FEET) == []


NAMED = {  # four names, and how many are seen beside one that is whole, at 320, 480 and 760 px
    "fc{}": (4, 4, 4),
    "encoder.layer.{}.attention.self.query": (1, 1, 4),
    "الطبقة.المخفية.{}": (1, 1, 4),
    "第三层卷积神经网络模块{}": (1, 1, 4),
    "m" * 198 + "{}": (1, 1, 4),
}


@pytest.mark.parametrize("place", [0, 1, 2], ids=["320", "480", "760"])
@pytest.mark.parametrize("name", NAMED, ids=["short", "long", "Arabic", "Chinese", "longest"])
def test_however_long_names_are_they_stand_apart_and_inside(stage: Stage, name: str, place: int) -> None:
    read = """() => {
      const box = element => element.getBoundingClientRect();
      const outer = box(document.querySelector("#stage svg"));
      const texts = [...document.querySelectorAll("#stage :is(.gradient-flow-names > text, [data-part=name])")]
        .filter(text => text.getClientRects().length).map(box);
      const inside = texts.every(text => text.left >= outer.left && text.right <= outer.right
        && text.top >= outer.top && text.bottom <= outer.bottom + 1);
      return [texts.length, inside, texts.every((text, at) => !at || texts[at - 1].right < text.left)];
    }"""
    stage.page.evaluate(
        "width => { document.getElementById('stage').style.width = `${width - 32}px`; }", (320, 480, 760)[place]
    )
    try:
        stage.mount(f"{STILL}, names=['{name}'.format(layer) for layer in range(4)]")
        for cursor in range(4):
            stage.update(f"current_layer={cursor}")
            assert stage.page.evaluate(read) == [NAMED[name][place], True, True]
        stage.update(f"layers=[2] * 12, names=['{name}'.format(layer) for layer in range(12)]")
        for cursor in (0, 1, 6, 11):
            stage.update(f"current_layer={cursor}")
            seen, *stand_well = stage.page.evaluate(read)
            assert (seen in {1, 12}, *stand_well) == (True, True, True)
    finally:
        stage.page.evaluate("document.getElementById('stage').removeAttribute('style')")


@pytest.mark.parametrize("width", [320, 480, 760])
@pytest.mark.parametrize("start", ["|∂L|", "mean |∂L/∂z| ÷ output"])
def test_however_long_its_label_a_magnitude_moves_nothing_and_stays_inside(
    stage: Stage, width: int, start: str
) -> None:
    read = """() => {
      const [root, drawing, readout] = ["#stage > *", "#stage svg", "#stage [data-part=readout]"]
        .map(part => document.querySelector(part).getBoundingClientRect());
      const tag = document.querySelector("#stage [data-part=tag]").getBoundingClientRect();
      const inside = [tag, readout].every(box => box.left >= root.left - 1 && box.right <= root.right + 1);
      return [drawing.top - root.top, inside];
    }"""
    stage.page.evaluate("width => { document.getElementById('stage').style.width = `${width - 32}px`; }", width)
    try:
        stage.mount(f"{STILL}, label='{start}'")
        for label in (start, "RMS ∂L/∂a", "mean |∂L/∂z| ÷ output", "|∂L|"):
            tops = []
            for magnitudes in ("None", "[1.25e-101] * 4", "[None] * 4", "[float('nan')] * 4"):
                for cursor in (0, 1, 3):
                    stage.update(f"label='{label}', gradients={magnitudes}, current_layer={cursor}")
                    top, inside = stage.page.evaluate(read)
                    assert inside, (label, magnitudes, cursor)
                    tops.append(top)
            assert len(set(tops)) == 1, label
    finally:
        stage.page.evaluate("document.getElementById('stage').removeAttribute('style')")


def test_layers_and_gradients_change_depth_together_or_not_at_all(stage: Stage) -> None:
    stage.mount(f"{STILL}, gradients=[1, 2, 3, 4]")
    assert stage.watched.raised("viz.update(layers=[2, 2])") == (
        "ValueError: gradients: needs one magnitude a layer, 2 for 2 layers, got 4"
    )
    assert stage.shown().readout == "layer 04 / 04 · |∂L| 4.00"
    stage.update("layers=[2, 2], gradients=[5, 6]")
    assert stage.shown().readout == "layer 02 / 02 · |∂L| 6.00"


@pytest.mark.parametrize(("start", "cursor"), [(0, 0), (2, 2), (-5, 0), (99, 3)])
def test_an_uncontrolled_cursor_starts_where_it_is_told_to(stage: Stage, start: int, cursor: int) -> None:
    stage.mount(f"{BASE}, default_current_layer={start}")
    assert stage.cursor() == cursor
    stage.run(500)
    assert stage.cursor() == (cursor + 1) % 4


def test_the_default_cursor_is_of_no_more_use_once_the_figure_stands(stage: Stage) -> None:
    stage.mount(STILL)
    stage.update("default_current_layer=2")
    assert stage.cursor() == 0


def test_after_the_input_the_wave_starts_again_at_the_loss_side(stage: Stage) -> None:
    stage.mount(BASE)
    visited = []
    for _ in range(6):
        visited.append(stage.cursor())
        stage.run(500)
    assert visited == [0, 1, 2, 3, 0, 1]


def test_a_controlled_cursor_moves_by_update_alone(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"{BASE}, current_layer=1, default_current_layer=3, on_current_layer_change={NOTING}")
    stage.run(1500)
    assert stage.cursor() == 1
    assert stage.python("heard") == [2, 2, 2]
    stage.update("current_layer=3")
    stage.run(500)
    assert stage.cursor() == 3
    assert stage.python("heard") == [2, 2, 2, 0]


def test_a_controlled_cursor_that_is_handed_back_makes_the_wave_run(stage: Stage) -> None:
    stage.mount(f"{BASE}, current_layer=0, on_current_layer_change=lambda layer: viz.update(current_layer=layer)")
    visited = []
    for _ in range(5):
        stage.run(500)
        visited.append(stage.cursor())
    assert visited == [1, 2, 3, 0, 1]


@pytest.mark.parametrize(("given", "cursor"), [(-1, 0), (-(10**30), 0), (4, 3), (10**30, 3)])
def test_a_controlled_cursor_is_clamped(stage: Stage, given: int, cursor: int) -> None:
    stage.mount(f"{STILL}, current_layer={given}")
    assert stage.cursor() == cursor
    stage.update("current_layer=1")
    stage.update(f"current_layer={given}")
    assert stage.cursor() == cursor


def test_a_controlled_cursor_that_a_shallow_network_clamped_is_back_in_a_deep_one(stage: Stage) -> None:
    stage.mount(f"{STILL}, current_layer=3")
    stage.update("layers=[2, 2]")
    assert stage.cursor() == 1
    stage.update(BASE)
    assert stage.cursor() == 3


def test_control_can_be_given_up_and_taken_again(stage: Stage) -> None:
    stage.mount(f"{BASE}, current_layer=2")
    stage.update("current_layer=None")
    assert stage.cursor() == 2
    stage.run(1000)
    assert stage.cursor() == 0
    stage.update("current_layer=1")
    stage.run(5000)
    assert stage.cursor() == 1


def test_the_callback_is_called_once_an_advance_with_the_new_cursor(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"{BASE}, on_current_layer_change={NOTING}")
    assert stage.python("heard") == []
    stage.run(499)
    assert stage.python("heard") == []
    stage.run(2001)
    assert stage.python("heard") == [1, 2, 3, 0, 1]
    assert stage.python("viz.current_layer") == stage.cursor() == 1


def test_the_callback_can_be_changed_and_taken_away(stage: Stage) -> None:
    stage.python("heard, later = [], []")
    stage.mount(f"{BASE}, on_current_layer_change={NOTING}")
    stage.run(500)
    stage.update("on_current_layer_change=later.append")
    stage.run(500)
    stage.update("on_current_layer_change=None")
    stage.run(500)
    assert stage.python("[heard, later]") == [[1], [2]]
    assert stage.cursor() == 3


def test_the_callback_is_not_called_for_what_update_did(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"{STILL}, on_current_layer_change={NOTING}")
    stage.update("current_layer=2")
    stage.update("layers=[2, 2]")
    assert stage.python("heard") == []


def test_a_callback_that_raises_is_reported_once_and_the_wave_goes_on(stage: Stage) -> None:
    stage.python("def fail(layer):\n    raise ZeroDivisionError(f'at {layer}')")
    stage.mount(f"{BASE}, on_current_layer_change=fail")
    with stage.page.expect_console_message(lambda line: line.type == "error"):
        stage.run(500)
    stage.run(1000)
    assert stage.cursor() == 3
    (reported,) = stage.watched.errors
    assert "on_current_layer_change raised" in reported
    assert "ZeroDivisionError: at 1" in reported
    stage.watched.errors.clear()


def test_another_callback_that_raises_is_reported_again(stage: Stage) -> None:
    stage.mount(f"{BASE}, on_current_layer_change=lambda layer: [][layer]")
    with stage.page.expect_console_message(lambda line: line.type == "error"):
        stage.run(500)
    stage.update("on_current_layer_change=lambda layer: {}[layer]")
    with stage.page.expect_console_message(lambda line: line.type == "error"):
        stage.run(500)
    first, second = stage.watched.errors
    assert ("IndexError" in first, "KeyError: 2" in second) == (True, True)
    stage.watched.errors.clear()


def test_playing_stops_and_starts_the_wave(stage: Stage) -> None:
    stage.mount(STILL)
    stage.run(5000)
    assert (stage.cursor(), stage.timers()) == (0, 0)
    stage.update("playing=True")
    stage.run(499)
    assert stage.cursor() == 0
    stage.run(1)
    assert stage.cursor() == 1
    stage.update("playing=False")
    stage.run(5000)
    assert (stage.cursor(), stage.timers()) == (1, 0)


@pytest.mark.parametrize(("speed", "wait"), [("1200", 1200), ("80", 80), ("79.9", 80), ("10", 80), ("-3", 80)])
def test_play_speed_is_the_time_between_advances_and_at_least_80_ms(stage: Stage, speed: str, wait: int) -> None:
    stage.mount(f"{BASE}, play_speed={speed}")
    stage.run(wait - 1)
    assert stage.cursor() == 0
    stage.run(1)
    assert stage.cursor() == 1
    stage.run(wait - 1)
    assert stage.cursor() == 1
    stage.run(1)
    assert stage.cursor() == 2


def test_a_new_play_speed_counts_from_the_change(stage: Stage) -> None:
    stage.mount(f"{BASE}, play_speed=1000")
    stage.run(900)
    stage.update("play_speed=200")
    stage.run(199)
    assert stage.cursor() == 0
    stage.run(1)
    assert (stage.cursor(), stage.timers()) == (1, 1)


def test_other_props_do_not_disturb_the_beat(stage: Stage) -> None:
    stage.mount(BASE)
    stage.run(400)
    stage.update("layers=[2, 2, 2, 2], gradients=[1, 2, 3, 4], class_name='x', transition=INSTANT, play_speed=500")
    stage.run(100)
    assert stage.cursor() == 1


def test_a_single_layer_has_nowhere_to_go(stage: Stage) -> None:
    stage.python("heard = []")
    stage.mount(f"layers=[3], on_current_layer_change={NOTING}")
    stage.run(2000)
    assert stage.python("heard") == []
    assert stage.timers() == 0
    stage.update("layers=[3, 3]")
    stage.run(500)
    assert stage.python("heard") == [1]


SHADED = "layers=[2, 3, 16, 4, 2], shading='magnitude', playing=False"
LOOK = """() => [...document.querySelectorAll("#stage .gradient-flow-shaded")].map(path =>
  [path.dataset.shade, getComputedStyle(path).fill.replace(/[^(]*gradient-flow-[0-9a-f]*/, "")])"""


def test_shading_fills_each_layers_nodes_by_its_magnitude_below_the_waves_outline(stage: Stage) -> None:
    stage.mount(f"{SHADED}, gradients=[None, float('nan'), 0, float('inf'), 1.8e-7]")
    nodes, outline = (stage.page.locator(f"#stage .gradient-flow-{name}") for name in ("shaded", "outline"))
    looks = [look[0] for look in stage.page.evaluate(LOOK)]
    assert looks == ["none", "nan", "zero", "infinite", "value"]
    assert len({look[1] for look in stage.page.evaluate(LOOK)}) == 5
    assert stage.page.locator("#stage .gradient-flow-foot >> visible=true").count() == 1
    legend = stage.page.locator("#stage [data-part=legend]")
    assert legend.inner_text().split() == ["NaN", "∞", "0", "none", "|∂L|", "10⁻⁷", "10⁻⁶"]
    stage.update("gradients=[1.8e-7, 1.8e-7, 6.7e-3, 0.1, 1]")
    assert legend.inner_text().split() == ["|∂L|", "10⁻⁸", "10⁰"]
    fills = [look[1] for look in stage.page.evaluate(LOOK)]
    assert fills[0] == fills[1]
    assert len(set(fills)) == 4
    stage.observe()
    stage.update("gradients=[1.8e-7, 1.8e-7, 6.7e-3, 0.2, 1]")  # one layer's colour alone
    assert [change for change in stage.observed() if not change.endswith("childList")] == ["3 fill"]
    stage.update("current_layer=2")
    stage.run(2000)
    assert {change.split()[-1] for change in stage.observed()} <= {"opacity", "data-state", "childList", "x",
                                                                   "text-anchor"}  # fmt: skip
    assert stage.shown().glows == stage.shown().settled
    assert outline.count() == nodes.count() == 5
    stage.update("domain=(1e-9, 10.0)")
    assert legend.inner_text().split() == ["|∂L|", "10⁻⁹", "10¹"]
    assert stage.page.evaluate(LOOK)[2][1] != fills[2]
    stage.update("shading='wave', announce='steps', playing=True, current_layer=None")
    assert (nodes.count(), legend.count()) == (0, 0)
    assert stage.page.locator("#stage [data-part=summary]").get_attribute("aria-live") == "off"
    stage.update("shading='magnitude', layers=[3, 3], gradients=[1, 2], domain=None")
    assert (nodes.count(), legend.count(), stage.cursor()) == (2, 1, 1)
    stage.run(500)
    assert stage.cursor() == 0


def test_with_more_contrast_edges_reach_three_to_one(stage: Stage) -> None:
    stage.mount(STILL)
    stage.page.emulate_media(contrast="more")
    try:
        for scheme, surface in (("light", "#ffffff"), ("dark", "#1c1a18")):
            stage.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
            stroke = stage.page.locator("#stage .gradient-flow-edges path").first.evaluate(
                "path => getComputedStyle(path).stroke"
            )
            assert contrast(stroke, surface) >= 3
    finally:
        stage.page.emulate_media(contrast="no-preference", color_scheme="no-preference")


def test_class_names_are_added_to_the_roots_own_and_changed_and_taken_away(stage: Stage) -> None:
    root = stage.page.locator("#stage > *")
    stage.mount(f"{STILL}, class_name=' mine  too '")
    assert root.get_attribute("class") == "theirs gradient-flow mine too"
    stage.update("class_name='other'")
    assert set((root.get_attribute("class") or "").split()) == {"theirs", "gradient-flow", "other"}
    stage.update("class_name=''")
    assert set((root.get_attribute("class") or "").split()) == {"theirs", "gradient-flow"}
    stage.update("class_name='last'")
    stage.python("viz.destroy()")
    assert root.get_attribute("class") == "theirs"


def test_a_class_that_was_the_roots_own_stays_its_own(stage: Stage) -> None:
    root = stage.page.locator("#stage > *")
    stage.mount(f"{STILL}, class_name='theirs mine gradient-flow'")
    stage.update("class_name='mine'")
    assert set((root.get_attribute("class") or "").split()) == {"theirs", "gradient-flow", "mine"}
    stage.update("class_name='theirs'")
    stage.python("viz.destroy()")
    assert root.get_attribute("class") == "theirs"


def test_a_class_name_is_never_markup(stage: Stage) -> None:
    stage.mount(f"""{STILL}, class_name='"><img>'""")
    assert stage.page.locator("#stage img").count() == 0
