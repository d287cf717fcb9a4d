"""A recorded run, in a real browser: chosen, dropped, pasted or fetched, looked at, compared, and refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.accessibility import SCHEMES, Scheme, assert_no_sideways_scrolling, assert_no_violation
from tests.support.pages import ALL_PANELS, Opener, Watched
from tests.support.places import HOME, SITE
from tests.support.recorded_panel import (
    SET_BACK_RECORDED,
    SPIKE,
    deep,
    drawn,
    give,
    jsonl,
    norm,
    readout,
    scrub,
    show,
    table,
)

BUNDLE = next(SITE.glob("recorded-*.bundle"), SITE)

DROP = """files => {
  const carried = new DataTransfer();
  for (const [name, text] of files) carried.items.add(new File([text], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.getElementById("figure").dispatchEvent(
      new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
PASTE = """text => {
  const carried = new DataTransfer();
  carried.setData("text/plain", text);
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
}"""


def opened_at(open_: Opener, query: str = "?playing=0", **options: Any) -> Page:
    return open_(HOME + query, **options).page


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(
        HOME + "?playing=0&source=recorded", ready="#run-files", permissions=["clipboard-read"], viewport=ALL_PANELS
    )


@pytest.fixture
def recorded(shared: Watched) -> Iterator[Page]:
    """The page with Recorded chosen and its figure waiting."""
    page = shared.page
    page.evaluate(SET_BACK_RECORDED)
    page.wait_for_selector("#run-files")
    yield page
    assert shared.errors == []


def test_nothing_of_it_is_fetched_before_it_is_wanted(open_page: Opener) -> None:
    opened = open_page(HOME, viewport=ALL_PANELS)
    assert not any(BUNDLE.name in url for url in opened.requests)
    opened.page.locator("label", has=opened.page.locator("#source-recorded")).click()
    opened.page.wait_for_selector("#run-files")
    assert len([url for url in opened.requests if BUNDLE.name in url]) == 1
    expect(opened.page.locator("#explained")).to_be_hidden()
    assert opened.errors == []


def test_a_chosen_run_is_in_figure_bars_map_verdict_and_form(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    assert readout(page).endswith(f"L2 ∂L/∂W {1 + 19 / 20:.2f}")
    assert page.locator("#figure [data-layer]").count() == 4
    assert [float(text) for text in table(page)] == [norm(layer, 19) for layer in (1, 2, 3, 4)]
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 190 of 190 · loss 0.10")
    expect(page.locator("#run-told")).to_have_text("parameter gradient ∂L/∂W, L2 norm · 4 layers · 20 steps")
    assert page.locator("#verdict").inner_text().startswith("Step 190. Healthy: fc1 gets 0.12 times fc4's gradient")
    expect(page.locator("#run-reason")).to_contain_text("Judged by gradients of biases over 20 recorded steps.")
    assert page.locator("#run-trend").inner_text() != ""
    expect(page.locator("#architecture-field")).to_be_hidden()
    expect(page.locator("#gradients-field")).to_be_hidden()


def test_scrubbing_moves_wave_bars_verdict_and_readout_together(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    scrub(page, 0)
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("L2 ∂L/∂W 1.00")
    assert [float(text) for text in table(page)] == [norm(layer, 0) for layer in (1, 2, 3, 4)]
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 0 of 190")
    assert page.locator("#verdict").inner_text().startswith("Step 0. Healthy")
    page.locator("#timeline input[type=range]").press("ArrowRight")
    assert page.locator("#verdict").inner_text().startswith("Step 10. Healthy")
    page.locator("#timeline [data-part=names]").click(position={"x": 5, "y": 2})
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("layer 04 / 04")


def test_an_event_is_one_click_away(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    expect(page.locator("#run-events li")).to_have_text([re.compile(r"Step 70: fc2 spiked ×\d+\.$")])
    page.get_by_role("button", name="Go to step 70").click()
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text(f"step {10 * SPIKE} of 190")
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("layer 02 / 04")


IN_VIEW = """() => {
  const seen = document.querySelector(".stage").getBoundingClientRect();
  const parts = ["#verdict", "#timeline [data-part=field]", "#timeline .gradient-timeline-plot", "#timeline input",
    "#figure", "#play"];
  return parts.filter(part => {
    const { top, bottom, height } = document.querySelector(part).getBoundingClientRect();
    return !height || top < 0 || bottom > innerHeight || (part !== "#verdict" && bottom > seen.bottom);
  });
}"""


def test_without_a_run_there_is_a_drop_zone_and_a_sample_run_which_fills_the_view(open_page: Opener) -> None:
    opened = open_page(
        HOME + "?playing=0&source=recorded",
        ready=".run-drop",
        permissions=["clipboard-read", "clipboard-write"],
        viewport={"width": 1440, "height": 900},
    )
    page = opened.page
    zone = page.locator("#map")
    expect(zone).to_contain_text("Drop a log here, or choose")
    expect(zone).to_contain_text("recorder.step(loss)")
    assert zone.get_by_role("link").get_attribute("href") == "docs.html#record"
    with page.expect_file_chooser():
        zone.get_by_role("button", name="files").click()
    zone.get_by_role("button", name="Look at a sample run").press("Enter")
    show(page, "sample-run.jsonl")
    expect(page.locator("#verdict")).to_have_text("Step 470. Dead: 0 at fc5 and everything before it; fc6 has 0.02.")
    expect(page.get_by_role("application")).to_be_focused()
    for width, height in ((1440, 900), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"({IN_VIEW})().length === 0")
    page.locator("[data-copy=run-findings]").click()
    expect(page.locator("[data-copy=run-findings]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied[0] == "sample-run.jsonl: parameter gradient ∂L/∂W, L2 norm · 6 layers · 48 steps"
    assert copied[1].startswith("Step 470. Dead: 0 at fc5")
    assert copied[-2] == "Step 260: no gradient at fc1 to fc5 from here on."
    page.wait_for_url("**run=web/sample-run.jsonl**")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name="Run").click()
    page.evaluate("scrollTo(0, 900)")
    expect(page.locator("#timeline [data-part=field]")).to_be_in_viewport(ratio=1)  # the map stays at the top
    expect(page.locator("#verdict")).to_be_in_viewport(ratio=1)
    assert opened.errors == []


def test_a_run_can_be_dropped_anywhere_on_the_page_several_files_at_once(open_page: Opener) -> None:
    page = opened_at(open_page)
    files = [[f"run-fc{layer}.csv", f"Wall time,Step,Value\n1,0,{layer}.5\n2,10,{layer}.25\n"] for layer in (10, 2)]
    page.evaluate(DROP, files)
    page.wait_for_selector("#timeline [data-part=map]")
    drawn(page)
    expect(page.locator("#source-recorded")).to_be_checked()
    assert sorted(float(text) for text in table(page)) == [2.25, 10.25]
    assert page.locator("#run-layers .run-layer-name").all_inner_texts()[0].endswith("fc2")


def test_text_can_be_pasted(recorded: Page) -> None:
    recorded.evaluate(PASTE, "grad_norm/fc1.weight: 0.001\ngrad_norm/fc2.weight: 0.5\n")
    show(recorded, "pasted text")
    assert [float(text) for text in table(recorded)] == [0.001, 0.5]


def test_a_field_takes_its_own_paste(recorded: Page) -> None:
    give(recorded, ("mlp.jsonl", jsonl()))
    show(recorded, "mlp.jsonl")
    assert (
        recorded.evaluate(
            """() => {
          const carried = new DataTransfer();
          carried.setData("text/plain", "3-3");
          const paste = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
          document.getElementById("architecture").dispatchEvent(paste);
          return paste.defaultPrevented;
        }"""
        )
        is False
    )


def test_what_cannot_be_read_is_said_and_what_was_shown_stays(recorded: Page) -> None:
    page = recorded
    give(page, ("good.jsonl", jsonl()))
    show(page, "good.jsonl")
    before = table(page)
    give(page, ("weights.pkl", "\x80\x04 not to be opened"), ("notes.txt", "dear diary"))
    expect(page.locator("#run-message")).to_contain_text("notes.txt: no gradients in it.")
    assert table(page) == before
    show(page, "good.jsonl")
    give(page, ("torn.jsonl", jsonl() + '{"step": 200, "grad'), ("notes.txt", "dear diary"))
    show(page, "torn.jsonl")
    assert page.locator("#run-message").inner_text() == ""
    page.locator("#run-remarks summary").click()
    said = page.locator("#run-remarks").inner_text()
    assert "notes.txt: no gradients in it." in said
    assert "line 22" in said


def test_a_script_in_a_name_is_text(recorded: Page) -> None:
    bad = '<img src=x onerror="window.owned=1">.weight'
    line = json.dumps({"step": 1, f"grad_norm/{bad}": 1.0, "grad_norm/fc2.weight": 2.0})
    give(recorded, ("<b>x</b>.jsonl", line + "\n"))
    show(recorded, "<b>x</b>.jsonl")
    assert recorded.locator("img[src=x]").count() == 0
    assert recorded.evaluate("window.owned") is None
    assert any("<img" in text for text in recorded.locator("#run-layers .run-layer-name").all_inner_texts())


def test_blocks_unfold_and_fold_and_layers_move(recorded: Page) -> None:
    page = recorded
    give(page, ("deep.jsonl", deep(16)))
    show(page, "deep.jsonl")
    names = page.locator("#run-layers .run-layer-name")
    assert names.count() == 16
    assert page.locator("#figure [data-layer]").count() == 16
    page.get_by_role("button", name="Unfold blocks.1", exact=True).click()
    expect(page.locator("#figure [data-layer]")).to_have_count(18)
    expect(page.get_by_role("button", name="Fold blocks.1", exact=True)).to_be_focused()
    drawn(page)
    assert names.all_inner_texts()[1:5] == ["blocks.1", "blocks.1.attn", "blocks.1.mlp", "blocks.1.norm"]
    page.get_by_role("button", name="Move blocks.1.attn down, towards the loss").click()
    expect(names.nth(2)).to_have_text("blocks.1.mlp")
    expect(page.locator("#run-order")).to_have_value("")
    drawn(page)
    page.get_by_role("button", name="Fold blocks.1", exact=True).click()
    expect(page.locator("#figure [data-layer]")).to_have_count(16)
    expect(page.get_by_role("button", name="Unfold blocks.1", exact=True)).to_be_attached()
    drawn(page)
    assert math.isclose(float(table(page)[1]), math.sqrt(4**2 + 5**2 + 6**2))
    page.locator("#run-order").select_option("natural")
    expect(page.locator("#run-order")).to_have_value("natural")


def test_an_order_that_is_guessed_is_said_and_can_be_turned_round(recorded: Page) -> None:
    page = recorded
    norms = {"classifier.1": 1.0, "classifier.4": 3.0, "features.0": 0.001, "features.3": 0.01, "features.6": 0.1}
    record = {f"grad_norm/{name}.bias": norm for name, norm in norms.items()}
    give(page, ("sorted.jsonl", "\n".join(json.dumps({"step": step, **record}) for step in (0, 1))))
    show(page, "sorted.jsonl")
    source, verdict = page.locator("#run-order-source"), page.locator("#verdict")
    expect(source).to_contain_text("guessed from names: change it if that is wrong. features.0 is at the input")
    expect(page.locator("#run-order")).to_have_value("guessed")
    expect(verdict).to_contain_text("Undecided: the order of the layers is guessed")
    page.locator("#run-order").select_option(label="turn it round")
    expect(source).to_contain_text("Order of layers by hand. classifier.4 is at the input")
    expect(page.locator("#run-order")).to_have_value("")
    expect(verdict).to_contain_text("Exploding")
    page.locator("#run-order").select_option(label="guessed from names")
    expect(verdict).to_contain_text("Undecided")


def test_the_recorder_s_magnitudes_can_be_chosen_and_a_loss_scale_divided_out(recorded: Page) -> None:
    page, lines = recorded, [json.dumps({"gradient_flow": 2, "order": "definition"})]
    for step in range(40):
        scale, layers = 4 if step >= 20 else 1, range(1, 5)
        record = {f"grad_norm/fc{at}.weight": scale * 2.0**-at for at in layers} | {
            f"zeros/fc{at}": 0.5 for at in layers
        }
        lines.append(json.dumps({"step": step} | record | {f"weight_norm/fc{at}.weight": 8.0 for at in layers}))
    give(page, ("scaled.jsonl", "\n".join(lines)))
    show(page, "scaled.jsonl")
    remark = page.locator("#run-remarks p")
    expect(remark).to_have_text(
        "All layers jump by ×4 at step 20, as when a loss scale is changed. If gradients were recorded with it, choose "
        "Loss scale: divided out."
    )
    assert float(table(page)[0]) == 4 * 0.5
    page.locator("#run-scale").select_option(label="divided out")
    expect(remark).to_contain_text("It is divided out: all steps are at the scale of the first ones.")
    drawn(page)
    assert float(table(page)[0]) == 0.5
    page.locator("#run-choice").select_option(label="‖∂L/∂W‖/‖W‖")
    drawn(page)
    assert float(table(page)[0]) == 0.5 / 8
    expect(page.locator("#timeline [data-part=ends]")).to_contain_text("10")
    page.locator("#run-choice").select_option(label="share of zeros in activations")
    drawn(page)
    assert table(page)[0] == "0.5"
    expect(page.locator("#timeline [data-part=ends]")).to_have_text("00.5")
    give(page, ("plain.jsonl", jsonl()))
    show(page, "plain.jsonl")
    expect(page.locator("#run-scale-field")).to_be_hidden()


def test_a_second_run_stands_beside_the_first_by_the_names_of_its_layers(recorded: Page) -> None:
    page = recorded
    give(page, ("deeper.jsonl", jsonl(30, 0.9)))
    show(page, "deeper.jsonl")
    give(page, ("short.jsonl", jsonl(10, layers=3)))
    show(page, "short.jsonl")
    page.locator("#run-beside").select_option(label="deeper.jsonl")
    expect(page.locator("#run-told")).to_contain_text("beside it: deeper.jsonl")
    expect(page.locator("#timeline [data-part=map-other]")).to_be_visible()
    drawn(page)
    assert page.locator("#timeline input[type=range]").get_attribute("max") == "29"
    scrub(page, 3)
    assert "Beside it: " in page.locator("#verdict").inner_text()
    assert page.locator("#run-remarks").inner_text() == "short.jsonl has no fc4 (1 layer)."
    page.locator("#run-beside").select_option("none")
    expect(page.locator("#timeline [data-part=map-other]")).to_be_hidden()


def test_reading_can_be_cancelled_and_what_was_shown_stays(recorded: Page, tmp_path: Path) -> None:
    page = recorded
    give(page, ("good.jsonl", jsonl()))
    show(page, "good.jsonl")
    (tmp_path / "big.jsonl").write_text(deep(300, 400))
    page.locator("#run-files").set_input_files(tmp_path / "big.jsonl")
    expect(page.locator("#run-progress")).to_be_visible()
    expect(page.locator("#run-progress-text")).to_contain_text("big.jsonl")
    page.locator("#run-cancel").click()
    expect(page.locator("#run-message")).to_have_text("Cancelled. What was shown before stays.")
    expect(page.locator("#run-progress")).to_be_hidden()
    show(page, "good.jsonl")


def test_another_source_takes_over_and_the_run_comes_back(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    page.locator("label", has=page.locator("#source-synthesised")).click()
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("|∂L|")
    assert page.locator("#figure [data-layer]").count() == 4
    expect(page.locator("#run")).to_be_hidden()
    expect(page.locator("#architecture-field")).to_be_visible()
    assert page.locator("#architecture").input_value() == "3-4-4-2"
    page.locator("label", has=page.locator("#source-recorded")).click()
    show(page, "mlp.jsonl")


def serve_run(route: Route) -> None:
    route.fulfill(body=jsonl(), content_type="application/octet-stream")


def test_an_address_brings_a_run_and_a_step_and_is_kept(open_page: Opener) -> None:
    opened = open_page(
        HOME + "?run=logs/mlp.jsonl&step=70&playing=0", routes={"**/logs/mlp.jsonl": serve_run}, viewport=ALL_PANELS
    )
    page = opened.page
    show(page, "mlp.jsonl")
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 70 of 190")
    scrub(page, 2)
    page.wait_for_url("**step=20**")
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["run"], asked["source"], asked["step"]) == (["logs/mlp.jsonl"], ["recorded"], ["20"])
    assert "gradients" not in asked
    assert opened.errors == []


def test_an_embedded_page_shows_a_run_by_its_address(open_page: Opener) -> None:
    page = opened_at(
        open_page, "?embed=1&run=logs/mlp.jsonl&playing=0", routes={"**/logs/mlp.jsonl": serve_run}, viewport=ALL_PANELS
    )
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("L2 ∂L/∂W")
    assert page.locator("#figure [data-layer]").count() == 4


def test_an_address_without_a_run_says_so(open_page: Opener) -> None:
    page = opened_at(open_page, "?run=logs/none.jsonl&playing=0")
    expect(page.locator("#run-message")).to_contain_text("404")


def test_what_is_in_a_file_goes_into_no_address_but_the_snippets_have_the_view(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    expect(page.locator("#snippet-python")).to_contain_text('label="L2 ∂L/∂W"')
    assert not {"gradients", "layers", "names", "run"} & set(parse_qs(urlsplit(page.url).query))
    assert "names=fc1,fc2,fc3,fc4" in (page.locator("#snippet-link").text_content() or "")
    assert 'names=["fc1", "fc2", "fc3", "fc4"]' in (page.locator("#snippet-python").text_content() or "")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways_at_320_px(open_page: Opener, scheme: Scheme) -> None:
    page = opened_at(
        open_page, "?playing=0&source=recorded", viewport={"width": 320, "height": 640}, color_scheme=scheme
    )
    page.wait_for_selector("#run-files")
    assert_no_violation(page)
    give(page, ("a-name-that-is-quite-long-as-names-of-runs-are.jsonl", deep(40)), ("x.txt", "dear diary"))
    page.wait_for_selector("#timeline [data-part=map]")
    drawn(page)
    page.evaluate("document.querySelector('#run-remarks details').open = true")
    assert_no_sideways_scrolling(page)
    assert_no_violation(page)


def test_other_runs_can_be_forgotten(recorded: Page) -> None:
    page = recorded
    for name in ("one.jsonl", "two.jsonl", "three.jsonl"):
        give(page, (name, jsonl()))
        show(page, name)
    page.locator("#run-forget").click()
    expect(page.locator("#run-shown-field")).to_be_hidden()
    expect(page.locator("#run-forget")).to_be_hidden()
    show(page, "three.jsonl")


def test_the_thumb_stands_under_the_step_on_the_page_as_well(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    scrub(page, 3)
    distance = page.evaluate(
        """() => {
          const slider = document.querySelector("#timeline input[type=range]");
          const track = slider.getBoundingClientRect();
          const thumb = parseFloat(getComputedStyle(document.documentElement).fontSize) * 1.5;
          const cursor = document.querySelector("#timeline [data-part=cursor]").getBoundingClientRect();
          const middle = track.left + thumb / 2 + (slider.value / slider.max) * (track.width - thumb);
          return middle - cursor.left - cursor.width / 2;
        }"""
    )
    assert distance == pytest.approx(0, abs=1)


def test_where_an_address_s_run_does_not_come_the_form_s_magnitudes_are_shown(open_page: Opener) -> None:
    page = opened_at(open_page, "?run=logs/none.jsonl&playing=0")
    expect(page.locator("#run-message")).to_contain_text("404")
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("|∂L| 1.00")
    page.locator("label", has=page.locator("#source-synthesised")).click()
    page.wait_for_url("**/?playing=0")


def test_what_is_given_while_another_is_read_is_read_after_it(recorded: Page) -> None:
    page = recorded
    give(page, ("first.jsonl", deep(100, 200)))
    expect(page.locator("#run-progress")).to_be_visible()
    give(page, ("notes.txt", "dear diary"))
    give(page, ("second.jsonl", jsonl()))
    show(page, "second.jsonl")
    titles = page.locator("#run-shown option").all_inner_texts()
    assert [title for title in titles if "first" in title or "second" in title] == ["first.jsonl", "second.jsonl"]
    expect(page.locator("#run-message")).to_contain_text("notes.txt: no gradients in it.")


def test_layers_can_be_moved_faster_than_they_are_drawn(recorded: Page) -> None:
    page = recorded
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    page.evaluate(
        """() => {
          const down = document.querySelector('[aria-label^="Move fc1 down"]');
          down.click();
          down.click();
        }"""
    )
    names = page.locator("#run-layers .run-layer-name")
    expect(names.nth(2)).to_have_text("fc1")
    drawn(page)
    assert names.all_inner_texts() == ["fc2", "fc3", "fc1", "fc4"]
