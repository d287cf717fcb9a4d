"""Timeline on component.html's stage: curve and map, scrubbing, themes, what is broken, refusals, its end."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import SCHEMES, assert_no_sideways_scrolling, assert_no_violation
from tests.support.chart_stage import bring_drawing
from tests.support.pages import Opener
from tests.support.places import COMPONENT
from tests.support.stage import Stage

NAMES = "['input', 'hidden 1', 'hidden 2', 'output']"
RUN = f"""
names = {NAMES}
losses = np.exp(-np.arange(401) / 150)
values = 10.0 ** (np.arange(4)[:, None] - 4 + np.sin(np.arange(401) / 40))
heard = []
line = timeline(on_step=heard.append)
"""
SHOW = "line.show(names, RunSeries(losses, values), 120, label='RMS ∂L/∂a', layer=2)"
PIXEL = """([x, y]) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  context.drawImage(document.querySelector("[data-part=map]"), -x, -y);
  return [...context.getImageData(0, 0, 1, 1).data];
}"""
SLIDER = "#stage input[type=range]"


@pytest.fixture
def bench(stage: Stage) -> Stage:
    bring_drawing(stage)
    stage.python(RUN)
    return stage


def test_curve_map_and_slider_show_the_step(bench: Stage) -> None:
    bench.python(SHOW)
    page = bench.page
    slider = page.locator(SLIDER)
    assert page.locator("#stage [data-part=readout]").inner_text() == "step 120 of 400 · loss 0.45 · 0.01"
    assert (slider.input_value(), slider.get_attribute("max")) == ("120", "400")
    assert slider.get_attribute("aria-valuetext") == "step 120 of 400, loss 0.45"
    assert page.evaluate(
        "() => [document.querySelector('[data-part=map]').width, document.querySelector('[data-part=map]').height]"
    ) == [401, 16]
    assert page.locator("#stage [data-part=names] text").all_text_contents() == [
        "output",
        "hidden 2",
        "hidden 1",
        "input",
        "hidden 2",  # the lit one
    ]


def test_the_thumb_stands_under_the_step_s_cell(bench: Stage) -> None:
    for steps, step in ((1, 0), (2, 1), (7, 3), (401, 400)):
        bench.python(f"line.show(names, RunSeries(losses[:{steps}], values[:, :{steps}]), {step})")
        at = bench.page.evaluate(
            """() => {
              const map = document.querySelector("[data-part=map]").getBoundingClientRect();
              const track = document.querySelector("#stage input").getBoundingClientRect();
              const input = document.querySelector("#stage input");
              const thumb = parseFloat(getComputedStyle(document.documentElement).fontSize) * 1.5;
              const share = Number(input.max) ? input.value / input.max : 0;
              const middle = track.left + thumb / 2 + share * (track.width - thumb);
              const cursor = document.querySelector("[data-part=cursor]").getBoundingClientRect();
              return [middle - map.left, cursor.left + cursor.width / 2 - map.left].map(x => x / map.width);
            }"""
        )
        assert at == pytest.approx([(step + 0.5) / steps] * 2, abs=0.004)


def test_one_scrubs_by_key_and_on_the_map(bench: Stage) -> None:
    bench.python(SHOW)
    bench.page.locator(SLIDER).press("ArrowRight")
    assert bench.python("str((heard, line.step))") == "([121], 121)"
    box = bench.page.locator("[data-part=map]").bounding_box()
    assert box
    bench.page.mouse.click(box["x"] + box["width"] * 200.5 / 401, box["y"] + 4)
    assert bench.python("str((heard, line.step))") == "([121, 200], 200)"
    bench.python("line.go(9999)")
    assert bench.python("str((heard, line.step))") == "([121, 200], 400)"


def test_a_mouse_over_the_map_reads_a_cell_and_a_press_chooses_it(bench: Stage) -> None:
    bench.python("layers = []\nline.destroy()\nline = timeline(on_step=heard.append, on_layer=layers.append)")
    bench.python(SHOW)
    page = bench.page
    box = page.locator("[data-part=map]").bounding_box()
    assert box
    readout = page.locator("#stage [data-part=readout]")
    page.mouse.move(box["x"] + box["width"] * 200.5 / 401, box["y"] + box["height"] * 0.9)
    assert readout.inner_text() == "input · step 200 · 1.1e-5"
    assert bench.python("str((heard, layers))") == "([], [])"
    page.mouse.down()
    page.mouse.up()
    assert bench.python("str((heard, layers))") == "([200], [0])"
    page.mouse.move(0, 0)
    assert readout.inner_text() == "step 200 of 400 · loss 0.26 · 1.1e-5"
    page.locator("[data-part=names]").click(position={"x": 5, "y": 2})
    assert bench.python("str((heard, layers))") == "([200], [0, 3])"


def test_the_map_is_read_by_keyboard_and_nothing_else_is_said(bench: Stage) -> None:
    bench.python("layers = []\nline.destroy()\nline = timeline(on_step=heard.append, on_layer=layers.append)")
    page = bench.page
    field = page.get_by_role("application")
    assert field.get_attribute("aria-label") == "|∂L| by layer and step"  # before anything is shown
    bench.python(SHOW)
    assert field.get_attribute("aria-label") == "RMS ∂L/∂a by layer and step, 4 layers and 401 steps"
    field.focus()
    said = page.locator("#stage [aria-live=polite]")
    assert said.inner_text() == ""
    for key, told in (
        ("ArrowDown", "hidden 1 · step 120 · 1.4e-3"),
        ("ArrowRight", "hidden 1 · step 121 · 1.3e-3"),
        ("PageUp", "hidden 1 · step 161 · 1.7e-4"),
        ("End", "hidden 1 · step 400 · 2.9e-4"),
        ("Home", "hidden 1 · step 0 · 1.0e-3"),
        ("ArrowUp", "hidden 2 · step 0 · 0.01"),
        ("ArrowDown", "hidden 1 · step 0 · 1.0e-3"),
    ):
        field.press(key)
        assert said.inner_text() == told
        assert page.locator("#stage [data-part=readout]").inner_text() == told
    assert bench.python("str((heard, layers))") == "([121, 161, 400, 0], [])"  # the wave stays where it is
    field.press("Enter")
    assert bench.python("str(layers)") == "[1]"
    bench.python("line.go(7)")
    assert said.inner_text() == "hidden 1 · step 0 · 1.0e-3"  # steps of others are not announced


def test_a_table_is_made_when_it_is_opened_and_has_the_step_in_view(bench: Stage) -> None:
    bench.python(SHOW)
    page = bench.page
    assert page.locator("#stage td").count() == 0
    page.locator("#stage summary").click()
    heads = page.locator("#stage th[scope=col]")
    expect(heads).to_have_count(12)
    assert (heads.nth(0).inner_text(), heads.nth(1).inner_text()) == ("layer", "step 0")
    assert page.locator("#stage th[data-current]").inner_text() == "step 120"
    assert page.locator("#stage th[scope=row]").all_inner_texts() == ["input", "hidden 1", "hidden 2", "output"]
    assert page.locator("#stage tbody tr").nth(3).locator("td").first.get_attribute("title") == "0.1"
    assert "11 of 401 steps" in page.locator("#stage [data-part=chosen]").inner_text()
    bench.python("line.go(77)")
    bench.page.clock.run_for(200)
    assert page.locator("#stage th[data-current]").inner_text() == "step 77"


def test_the_bars_of_a_step_stand_in_the_rows_of_the_map(bench: Stage) -> None:
    bench.python("line.destroy()\nline = timeline(has_bars=True)")
    bench.python("values[0] = -1\nvalues[1] = np.nan\nvalues[2] = np.inf")
    bench.python(
        "other = RunSeries(losses, np.full(values.shape, 0.01))\n"
        "line.show(names, RunSeries(losses, values), 120, layer=3, other=other)"
    )
    page = bench.page
    bars = page.locator("#stage [data-part=bars] rect")
    kinds = "bars => bars.map(bar => bar.dataset.kind)"
    assert bars.evaluate_all(kinds) == ["none", "nan", "infinite", "value"]
    assert page.locator("#stage [data-part=lit] rect").evaluate_all(kinds) == ["value"]
    assert page.locator("#stage [data-part=marks] line").count() == 4
    map_, last = page.locator("#stage [data-part=map]").bounding_box(), bars.last.bounding_box()
    assert map_
    assert last
    middle = last["y"] + last["height"] / 2 - map_["y"]
    assert middle == pytest.approx(map_["height"] / 8, abs=1.5)
    bench.python("line.go(120, 2)")
    assert page.locator("#stage [data-part=lit] rect").evaluate_all(kinds) == ["infinite"]


def test_the_axis_of_the_bars_is_that_of_all_steps_or_is_fitted_and_then_grows(bench: Stage) -> None:
    fit, ends = bench.page.locator("#stage [data-part=fit]"), bench.page.locator("#stage [data-part=ends]")
    bench.python(f"{SHOW}")
    expect(fit).to_be_hidden()  # no bars
    bench.python("line.destroy()\nline = timeline(has_bars=True)")
    bench.python(f"{SHOW}\nline.go(140)")
    expect(ends).to_have_text("10⁻⁶10⁰")
    fit.click()
    expect(fit).to_have_attribute("aria-pressed", "true")
    expect(ends).to_have_text("10⁻⁵10⁻¹")
    bench.python("line.go(20)")
    expect(ends).to_have_text("10⁻⁵10⁰")
    bench.python("line.go(140)")
    expect(ends).to_have_text("10⁻⁵10⁰")
    fit.click()
    expect(ends).to_have_text("10⁻⁶10⁰")
    bench.python("line.show(names, RunSeries(losses, np.full(values.shape, 0.5)), 0)")
    expect(fit).to_be_hidden()  # it would change nothing


def test_what_is_broken_is_marked_in_curve_map_and_key(bench: Stage) -> None:
    bench.python(
        "losses[10], losses[20:] = np.nan, np.inf\n"
        "values[0] = -1\n"
        "values[1, 10], values[1, 20:], values[1, 5] = np.nan, np.inf, 0"
    )
    bench.python(SHOW)
    page = bench.page
    kinds = "marks => marks.map(mark => mark.dataset.kind)"
    assert page.locator("[data-part=broken] rect").evaluate_all(kinds) == ["nan", "infinite"]
    assert page.locator("[data-part=kinds] li").all_inner_texts() == ["none", "0", "NaN", "∞"]
    assert page.locator("[data-part=readout]").inner_text() == "step 120 of 400 · loss ∞ · 0.01"
    assert page.evaluate(PIXEL, [3, 13]) == [0, 0, 0, 0]
    assert page.evaluate(PIXEL, [30, 9])[3] == 255


def test_a_second_run_has_a_curve_and_a_map_of_its_own_on_the_same_scale(bench: Stage) -> None:
    page = bench.page
    bench.python(SHOW)
    assert not page.locator("[data-part=map-other]").is_visible()
    bench.python("line.show(names, RunSeries(losses, values), 120, other=RunSeries(losses * 2, values * 100))")
    assert page.locator("[data-part=map-other]").is_visible()
    assert page.locator("[data-part=line-other]").get_attribute("d")


def test_a_recorded_run_has_its_own_numbers_and_may_lack_losses_and_values(bench: Stage) -> None:
    page = bench.page
    bench.python(
        "logged = np.ones(values.shape, bool)\nlogged[2, 120] = False\n"
        "track = RunSeries(None, values, logged)\n"
        "line.show(names, track, 120, layer=2, numbers=np.arange(401) * 250.0)"
    )
    assert page.locator("#stage [data-part=readout]").inner_text() == "step 30,000 of 100,000 · –"
    assert page.locator(SLIDER).get_attribute("aria-valuetext") == "step 30,000 of 100,000"
    assert not page.locator("[data-part=curve]").is_visible()
    assert page.locator("[data-part=kinds] li").all_inner_texts() == ["none"]
    assert page.evaluate(PIXEL, [120, 6]) == [0, 0, 0, 0]


def test_a_map_made_beforehand_is_drawn_as_it_is(bench: Stage) -> None:
    bench.python("from app.charts import heatmap\ncells = heatmap.make_cells(values, 100)")
    bench.python("line.show(names, RunSeries(losses, values, cells=cells), 120)")
    assert bench.page.evaluate("document.querySelector('[data-part=map]').width") == 81


def test_colours_follow_the_theme(bench: Stage) -> None:
    bench.python(SHOW)
    light = bench.page.evaluate(PIXEL, [60, 14])
    bench.page.emulate_media(color_scheme="dark")
    bench.page.wait_for_function(f"light => String(({PIXEL})([60, 14])) !== light", arg=",".join(map(str, light)))
    bench.page.emulate_media(color_scheme="light")
    bench.page.wait_for_function(f"light => String(({PIXEL})([60, 14])) === light", arg=",".join(map(str, light)))


def test_another_step_writes_no_pixel_and_no_path(bench: Stage) -> None:
    bench.python(SHOW)
    bench.observe()
    bench.python("line.go(121)")
    assert {change for change in bench.observed() if change.startswith(("map", "line"))} == set()


def test_axe_finds_nothing_and_nothing_scrolls_sideways_at_320_px(open_page: Opener) -> None:
    stage = Stage(open_page(COMPONENT, viewport={"width": 320, "height": 640}))
    page = stage.page
    bring_drawing(stage)
    stage.python(RUN)
    stage.python(
        "line.show(['a name that is long'] * 4, RunSeries(losses, values), 120, other=RunSeries(losses * 2, values))"
    )
    page.evaluate("document.body.style.background = 'light-dark(#fff, #1c1a18)'")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert_no_sideways_scrolling(page)
        assert_no_violation(page)


def test_a_wrong_shape_is_named_and_changes_nothing_and_the_end_leaves_nothing(bench: Stage) -> None:
    bench.python(SHOW)
    before = bench.html()
    assert bench.watched.raised("line.show(names, RunSeries(losses, values[:3]), 7)") == (
        "ValueError: values: must have the shape (4, 401), got (3, 401)"
    )
    assert bench.html() == before
    bench.python("line.destroy()\nline.destroy()")
    assert bench.page.evaluate("document.querySelector('#stage > div').childElementCount") == 0
    assert bench.watched.raised("line.go(1)").startswith("RuntimeError: Timeline: it was called after destroy()")
