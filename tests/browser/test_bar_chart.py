"""GradientDecayExplorer on component.html's stage: bars beneath columns, choosing a layer, table, refusals, its end."""

from __future__ import annotations

import pytest

from tests.support.accessibility import SCHEMES, assert_no_sideways_scrolling, assert_no_violation
from tests.support.chart_stage import bring_drawing
from tests.support.pages import Opener
from tests.support.places import COMPONENT
from tests.support.stage import Stage

SIX = "layers=[3, 4, 4, 4, 4, 2], gradients=[1e-12, 1e-9, 3e-7, 2e-4, .03, 1]"
ODD = "layers=[3, 4, 4, 4, 4, 2], gradients=[None, float('nan'), float('inf'), 0, .03, 1]"
SLIDER = "#stage [role=slider]"
MIDDLES = """selector => [...document.querySelectorAll(selector)].map(element => {
  const box = element.getBoundingClientRect();
  return box.left + box.width / 2;
})"""
# Of each chart the right side of the axis' texts, and the left side of the first bar.
AXIS_AND_BARS = """selector => [...document.querySelectorAll(selector)].map(chart => {
  const boxes = selector => [...chart.querySelectorAll(selector)].map(element => element.getBoundingClientRect());
  return [Math.max(...boxes(".gradient-explorer-ticks text").map(({ right }) => right)),
    Math.min(...boxes("[data-bar]").map(({ left }) => left))];
})"""
LIT = "() => [...document.querySelectorAll('[data-bar=gradients]')].findIndex(bar => bar.dataset.lit === 'yes')"


@pytest.fixture
def bench(stage: Stage) -> Stage:
    bring_drawing(stage)
    return stage


def test_each_bar_stands_beneath_its_column(bench: Stage) -> None:
    for layers in ("[3, 4, 4, 2]", "[2] * 12", "[7]", "[2] * 256"):
        bench.python(
            f"layers = {layers}\n_ = mount(layers=layers)\n_ = explore(layers=layers, gradients=[1] * len(layers))"
        )
        columns = bench.page.evaluate(MIDDLES, "[data-layer] > .gradient-flow-nodes")
        bars = bench.page.evaluate(MIDDLES, "[data-bar=gradients]")
        assert bars == pytest.approx(columns, abs=0.6)
        bench.python("clear()")


def test_the_texts_of_the_axis_stand_beside_the_bars_however_narrow_the_plot(bench: Stage) -> None:
    for width in (258, 328, 640, 840):  # of the panel in windows of 320, 390, 740 and 1000 px
        bench.page.evaluate("width => { document.getElementById('stage').style.width = `${width}px`; }", width)
        bench.python(
            "for depth in (2, 6, 10, 30, 100):\n"
            "    for other in ({}, {'other': [1] * depth}):\n"
            "        explore(layers=[1] * depth, gradients=[1e-9] + [1] * (depth - 1), **other)"
        )
        places = bench.page.evaluate(AXIS_AND_BARS, "#stage > div")
        assert len(places) == 10
        assert all(left <= right for left, right in places), (width, places)
        bench.python("clear()")
    bench.page.evaluate("document.getElementById('stage').style.width = ''")


def test_what_is_no_number_has_a_look_of_its_own(bench: Stage) -> None:
    bench.python(f"_ = explore({ODD})")
    bars = bench.page.locator("[data-bar=gradients]")
    assert bars.evaluate_all("bars => bars.map(bar => bar.dataset.kind)") == [
        "none",
        "nan",
        "infinite",
        "zero",
        "value",
        "value",
    ]
    looks = bars.evaluate_all(
        "bars => bars.map(bar => [getComputedStyle(bar).fill, getComputedStyle(bar).strokeDasharray].join())"
    )
    assert len(set(looks[:5])) == 5
    assert all(box["height"] > 1 for bar in bars.all() if (box := bar.bounding_box()))


def test_a_layer_is_chosen_by_key_and_by_tap_and_the_cursor_is_told(bench: Stage) -> None:
    bench.python(f"heard = []\n_ = explore({SIX}, on_current_layer_change=heard.append)")
    slider = bench.page.locator(SLIDER)
    assert slider.get_attribute("aria-valuetext") == "layer 6 of 6, output: |∂L| 1.00"
    slider.focus()
    for key in ("ArrowLeft", "Home", "ArrowRight"):
        bench.page.keyboard.press(key)
    assert bench.python("str(heard)") == "[1, 5, 4]"
    assert slider.get_attribute("aria-valuetext") == "layer 2 of 6, hidden 1: |∂L| 1.0e-9"
    bench.page.locator("[data-bar=gradients]").nth(3).click()
    assert bench.python("str(heard)") == "[1, 5, 4, 2]"
    assert bench.page.evaluate(LIT) == 3


def test_a_controlled_cursor_moves_by_update_alone_forward_passes_too(bench: Stage) -> None:
    bench.python(f"heard = []\nex = explore({SIX}, current_layer=2, on_current_layer_change=heard.append)")
    bench.page.locator(SLIDER).press("End")
    assert bench.python("str(heard)") == "[0]"
    assert bench.page.evaluate(LIT) == 3
    bench.python("ex.update(current_layer=-6)")
    assert bench.page.evaluate(LIT) == 0


def test_other_magnitudes_write_attributes_alone(bench: Stage) -> None:
    bench.python(f"ex = explore({SIX})")
    bench.observe()
    bench.python("ex.update(gradients=[1e-12, 1e-9, 3e-7, 3e-4, .03, 1])")
    assert set(bench.observed()) == {"y", "height", "childList"}
    bench.python("ex.update(gradients=[1e-12, 1e-9, 3e-7, 3e-4, .03, 1])")
    assert bench.observed() == []


def test_before_and_beside_are_in_legend_readout_and_table_and_text_stays_text(bench: Stage) -> None:
    bench.python(
        f"_ = explore({SIX}, former=[1] * 6, other=[None] * 6, other_name='<b>He</b>', names=['<i>a</i>'] * 6)"
    )
    page = bench.page
    assert page.locator("#stage li").all_inner_texts() == ["now", "before", "<b>He</b>"]
    assert page.locator("[data-part=readout]").inner_text() == "<i>a</i> · 1.00 · before 1.00 · <b>He</b> –"
    page.locator("#stage summary").click()
    page.wait_for_selector("#stage td")
    assert page.locator("#stage tr").first.locator("th").all_inner_texts() == [
        *("layer", "neurons", "|∂L|, now", "before", "<b>He</b>"),
    ]
    assert page.locator("#stage tr").nth(1).inner_text().split("\t") == ["<i>a</i>", "3", "1.0e-12", "1.00", "–"]
    assert page.locator("#stage tr").nth(3).locator("td").nth(1).get_attribute("title") == "3e-07"


def test_axe_finds_nothing_and_nothing_scrolls_sideways_at_320_px(open_page: Opener) -> None:
    stage = Stage(open_page(COMPONENT, viewport={"width": 320, "height": 640}))
    page = stage.page
    bring_drawing(stage)
    stage.python(f"_ = explore({ODD}, former=[1] * 6, other=[1] * 6, other_name='He and ReLU')")
    page.locator("#stage summary").click()
    page.wait_for_selector("#stage td")
    page.evaluate("document.body.style.background = 'light-dark(#fff, #1c1a18)'")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert_no_sideways_scrolling(page)
        assert_no_violation(page)


def test_a_wrong_update_changes_nothing_and_the_end_leaves_nothing(bench: Stage) -> None:
    bench.python(f"ex = explore({SIX}, class_name='mine')")
    before = bench.html()
    assert bench.watched.raised("ex.update(former=[1], scale='linear')") == (
        "ValueError: former: needs one magnitude a layer, 6 for 6 layers, got 1"
    )
    assert bench.html() == before
    bench.python("ex.destroy()\nex.destroy()")
    assert bench.html() == '<div class="theirs"></div>'
    assert bench.watched.raised("ex.update(scale='log')").startswith("RuntimeError: GradientDecayExplorer: update()")
