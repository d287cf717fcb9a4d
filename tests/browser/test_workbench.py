"""The workbench's layout: control and effect in one view, the main navigation, tabs in a narrow window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.panels.learn.lessons import LESSONS
from tests.support.accessibility import assert_no_sideways_scrolling
from tests.support.pages import ALL_PANELS, Opener, frames
from tests.support.places import HOME
from tests.support.scripts import WATCH_SHIFTS

NETWORK = "?source=computed&layers=2-16-16-16-16-16-16-3&activation=sigmoid"
BARS = "#bars [data-bar]"
MIN_TARGET = 24.0  # px
TABS = {"Lesson": "lesson", "Model": "model", "Why": "why", "Fixes": "fixes", "Train": "train"}
OPEN_FOLD = "document.getElementById('more-fields').open = true"
# The controls of a network that are not in view together with figure, bars and verdict while the page is unscrolled.
FIND_HIDDEN = """selector => {
  const isIn = element => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight && bottom > top;
  };
  const effects = ["#figure svg", "#bars svg", "#verdict"].map(each => document.querySelector(each));
  const controls = [...document.querySelectorAll(selector)].filter(control => control.checkVisibility());
  const hidden = controls.filter(control => {
    control.scrollIntoView({ block: "nearest" });
    return scrollY !== 0 || ![control, ...effects].every(isIn);
  });
  return [controls.length, hidden.map(control => control.id || control.outerHTML)];
}"""
# The parts of the workbench that have more than their window shows. Only the column of the form may.
FIND_SCROLLING = """() => [...document.querySelectorAll(".stage, .learn, .insight > *")]
  .filter(part => part.checkVisibility() && part.scrollHeight > part.clientHeight)
  .map(part => [part.id || part.className, part.scrollHeight - part.clientHeight])"""
# The controls whose text is cut, or that reach out of their panel. The text of a select is each of its options.
FIND_CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const arrow = 18;
  const isCut = control => {
    const style = getComputedStyle(control);
    const panel = control.closest(".panel, .masthead, .stage, .workbench").getBoundingClientRect();
    if (control.getBoundingClientRect().right > panel.right + 1) return true;
    if (!control.matches("select")) return control.scrollWidth > control.clientWidth + 1;
    pen.font = style.font;
    const room = control.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
    return [...control.options].some(({ text }) => pen.measureText(text).width > room);
  };
  const controls = "select, button, label:not(.visually-hidden), summary, input";
  return [...document.querySelectorAll(`.workbench :is(${controls}), .masthead button`)]
    .filter(control => control.checkVisibility() && getComputedStyle(control).display !== "inline")
    .filter(isCut).map(control => control.id || control.outerHTML);
}"""
# The controls of a panel that a narrow window does not show beneath the stage, with its figure and bars above.
FIND_COVERED = """panel => {
  const stage = document.querySelector(".stage");
  const controls = [...document.querySelectorAll(
    `[data-panel=${panel}] :is(button, input, select, summary)`)].filter(control => control.checkVisibility());
  const covered = controls.filter(control => {
    control.scrollIntoView({ block: "nearest" });
    const { top, bottom } = control.getBoundingClientRect();
    const above = stage.getBoundingClientRect();
    const bars = document.querySelector("#bars svg").getBoundingClientRect();
    return top < above.bottom - 1 || bottom > innerHeight + 1 || above.top < -1 || bars.bottom > top;
  });
  return [controls.length, covered.map(control => control.id || control.outerHTML)];
}"""


def assert_reachable(page: Page, control: Locator) -> None:
    """Assert that a control of the header is in view, large enough to touch, and reached by keyboard."""
    expect(control).to_be_in_viewport(ratio=1)
    box = control.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= MIN_TARGET
    control.focus()
    expect(control).to_be_focused()


def test_each_control_of_a_network_is_in_one_view_with_what_it_changes(open_page: Opener) -> None:
    page = open_page(f"{HOME}{NETWORK}&seed=3", ready=BARS).page
    fold, seed = page.locator("#more-fields"), page.get_by_label("Seed", exact=True)
    expect(fold).to_have_js_property("open", True)  # for the seed
    page.locator("#computed-initialisation").select_option("xavier_uniform")
    expect(page.locator("#bars [data-part=legend]")).to_be_visible()  # with the former bars, too
    expect(page.locator("#fixes button").first).to_be_attached()
    for width, height in ((1440, 900), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        for tab, panel in {"Lesson": "#learn", "Why": "", "Fixes": "#mending", "Train": "#training"}.items():
            page.get_by_role("tab", name=tab).click()
            for part in filter(None, ("#model", panel, "#controls")):
                controls = f"{part} :is(button, input:not([type=radio]), select, summary)"
                count, hidden = page.evaluate(FIND_HIDDEN, controls)
                assert (count > 0, hidden) == (True, []), (part, width)
            assert page.evaluate(FIND_SCROLLING) == [], (tab, width)
            assert page.evaluate(FIND_CUT) == [], (tab, width)
        assert_no_sideways_scrolling(page)

    seed.fill("x")
    fold.locator("summary").click()
    expect(page.locator("#computed-seed-message")).to_be_visible()  # an error is not folded away
    seed.fill("4")
    fold.locator("summary").click()
    expect(seed).to_be_hidden()
    page.get_by_label("Synthesised", exact=True).check(force=True)
    page.get_by_label("Computed", exact=True).check(force=True)
    expect(page.locator(BARS).first).to_be_visible()
    expect(seed).to_be_hidden()  # as it was left


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 700)])
def test_tabs_show_one_panel_beneath_the_stage_of_a_phone(open_page: Opener, width: int, height: int) -> None:
    opened = open_page(HOME + NETWORK, viewport={"width": width, "height": height}, ready=BARS, script=WATCH_SHIFTS)
    page = opened.page
    frames(page)
    assert sum(page.evaluate("shifts")) == 0
    stage = page.locator(".stage").bounding_box()
    row = page.get_by_role("tablist").bounding_box()
    assert stage is not None
    assert row is not None
    assert row["y"] - stage["y"] <= 0.45 * height
    for name in ("Copy link", "Export", "Present"):
        assert_reachable(page, page.get_by_role("banner").get_by_role("button", name=name, exact=True))
    assert_reachable(page, page.get_by_label("Theme"))
    page.evaluate(OPEN_FOLD)
    for name, panel in TABS.items():
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
        assert page.locator("[data-panel]:visible").count() == 1
        assert page.evaluate(FIND_CUT) == [], name
        count, covered = page.evaluate(FIND_COVERED, panel)
        assert (count > 0 or name in {"Why", "Fixes"}, covered) == (True, []), name  # fixes take a while to be tried
    page.keyboard.press("ArrowRight")  # from the last tab to the first
    expect(page.get_by_role("tab", name="Lesson")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Lesson")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Train")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(page.locator("#train-run")).to_be_focused()

    page.get_by_role("link", name="Learn", exact=True).click()  # brings the lesson's tab
    expect(page.locator("#lesson-title")).to_be_focused()
    for part in ("#question-text", "[data-choice] >> nth=-1"):  # the question with its answers
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(page.get_by_role("tab")).to_have_text(["Lesson", "Why", "Fixes", "Train"])
    expect(page.get_by_role("tabpanel", name="Lesson")).to_be_visible()
    expect(page.get_by_role("region", name="Customize")).to_be_visible()
    page.set_viewport_size(ALL_PANELS)
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.locator("[role=tabpanel]")).to_have_count(0)
    assert opened.errors == []


def current(page: Page) -> list[str]:
    return page.locator(".views [aria-current]").all_text_contents()


def test_the_main_navigation_changes_the_view_without_a_reload(open_page: Opener) -> None:
    opened = open_page(HOME, viewport={"width": 1280, "height": 720})
    page = opened.page
    page.evaluate("window.isSame = true")
    assert current(page) == []
    page.get_by_role("link", name="Learn", exact=True).click()
    expect(page.locator("#lesson-title")).to_have_text(f"1. {LESSONS[0].title}")
    expect(page).to_have_url(re.compile(f"lesson={LESSONS[0].name}"))
    assert current(page) == ["Learn"]
    page.locator("[data-lesson=sigmoid]").click()

    page.get_by_role("link", name="Train", exact=True).click()
    expect(page.locator("#training-heading")).to_be_in_viewport()
    expect(page.locator("#train-run")).to_be_in_viewport()
    expect(page.locator("#lesson-title")).to_be_empty()
    expect(page).not_to_have_url(re.compile("lesson="))
    assert current(page) == ["Train"]
    assert page.evaluate("scrollY") == 0

    page.get_by_role("link", name="Your run", exact=True).click()
    expect(page.get_by_role("button", name="files", exact=True)).to_be_focused()  # of the drop zone
    assert current(page) == ["Your run"]
    page.get_by_role("link", name="Learn", exact=True).click()  # the last lesson, and the panels come anew
    expect(page.locator("#lesson-title")).to_contain_text("Sigmoid at depth 10")
    page.get_by_label("Synthesised", exact=True).check(force=True)
    expect(page.locator(".views [aria-current]")).to_have_count(0)
    assert page.evaluate("window.isSame")
    assert opened.errors == []


def test_the_main_navigation_works_by_its_addresses_until_python_runs(open_page: Opener) -> None:
    page = open_page(HOME, alive=False, routes={"**/core.js": lambda route: route.abort()}).page
    page.locator("html[data-state=failed]").wait_for(state="attached")
    for name in ("Copy link", "Export", "Present"):  # which need Python
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    queries = {"Learn": f"?lesson={LESSONS[0].name}", "Train": "?source=computed", "Your run": "?source=recorded"}
    for name, query in queries.items():
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("href", query)
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page).to_have_url(re.compile("source=computed"))


@pytest.mark.parametrize(
    ("query", "ready", "width", "height"),
    [
        ("?source=recorded", ".run-drop", 768, 1024),
        ("?run=web/sample-run.jsonl", "#run-events li", 390, 844),
        ("?run=web/sample-run.jsonl", "#run-events li", 1280, 720),
    ],
)
def test_nothing_moves_when_a_recorded_run_comes(
    open_page: Opener, query: str, ready: str, width: int, height: int
) -> None:
    opened = open_page(HOME + query, viewport={"width": width, "height": height}, script=WATCH_SHIFTS)
    page = opened.page
    page.locator(ready).first.wait_for(state="attached")
    frames(page)
    assert page.evaluate("shifts") == []
    assert opened.errors == []
