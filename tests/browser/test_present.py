"""Present, in a real browser: full screen, single keys that act only there, and the way back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.panels.learn.lessons import LESSONS
from tests.support.accessibility import assert_no_sideways_scrolling, assert_no_violation
from tests.support.pages import Opener
from tests.support.places import HOME

REFUSED = "Element.prototype.requestFullscreen = () => Promise.reject(new TypeError('Permissions check failed'))"
RECORD_SAID = """() => {
  window.said = [];
  const note = () => said.push(document.querySelector("#present-said").textContent);
  new MutationObserver(note).observe(document.querySelector("#present-said"), { childList: true });
}"""


def is_presented(page: Page) -> bool:
    return bool(page.evaluate("'present' in document.documentElement.dataset"))


def bottom_of(page: Page, selector: str) -> float:
    return float(page.evaluate("part => document.querySelector(part).getBoundingClientRect().bottom", selector))


def test_keys_step_through_settings_and_lessons_in_full_screen(open_page: Opener) -> None:
    watched = open_page(HOME, viewport={"width": 1280, "height": 720})
    page, caption, said = watched.page, watched.page.locator("#present-caption"), watched.page.locator("#present-said")
    page.keyboard.press("a")  # means nothing yet
    page.get_by_label("Architecture").focus()
    for keys in ("f", "Control+Shift+f", "Alt+f"):
        page.keyboard.press(keys)
    page.get_by_label("Architecture").fill("2-16-16-16-16-16-16-3")
    assert not is_presented(page)
    present = page.get_by_role("button", name="Present")
    present.focus()
    page.keyboard.press("f")
    expect(caption).to_have_text("Synthesised series · 8 layers, 6 hidden of 16")
    assert page.evaluate("document.fullscreenElement === document.documentElement")
    expect(page.locator(".masthead")).to_be_hidden()
    page.evaluate(RECORD_SAID)
    page.keyboard.press("a")  # chooses Computed first
    expect(said).to_have_text("Activation: tanh.")
    for key, field, value in (
        ("Shift+A", "activation", "Sigmoid"),
        ("Shift+A", "activation", "Identity"),
        ("Shift+A", "activation", "SiLU"),
        ("i", "initialisation", "He (Kaiming) uniform"),
        ("r", "residual", "on"),
        ("n", "normalisation", "on"),
        ("R", "residual", "off"),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"[data-step={field}] b")).to_have_text(value)
    assert page.evaluate("said")[-2:] == ["Normalisation: on.", "Residual: off."]
    expect(page.locator("#verdict")).to_be_visible()
    assert bottom_of(page, "#bars svg") < 720 - 60  # nothing is below the window or the bar
    assert_no_violation(page)
    page.keyboard.press("?")
    expect(page.get_by_role("region", name="Keys")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Play")
    page.keyboard.press("4")
    expect(page.locator("#lesson-title")).to_have_text(f"4. {LESSONS[3].title}")
    page.locator("#learn-show").click()
    expect(page.locator("#lesson-told")).to_be_visible()
    assert bottom_of(page, "#bars svg") < 720 - 60
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys").uncheck()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.locator("#present-bar")).to_have_count(0)
    expect(present).to_be_focused()
    page.wait_for_function("() => !document.fullscreenElement")
    page.keyboard.press("f")  # is off, and stays so
    page.reload()
    watched.wait_alive()
    page.keyboard.press("f")
    present.click()
    expect(page.get_by_label("Single keys")).not_to_be_checked()
    expect(page.locator("[data-step=activation] b")).to_have_text("Sigmoid")  # the lesson's, which `a` has not changed
    assert watched.errors == []


def test_without_full_screen_the_look_is_the_same_and_a_recorded_run_stays(open_page: Opener) -> None:
    watched = open_page(HOME, script=REFUSED, viewport={"width": 768, "height": 1024}, has_touch=True, is_mobile=True)
    page = watched.page
    expect(page.locator("#keys")).to_be_hidden()  # nothing hovers, so there may be no keyboard
    page.locator("#source-recorded").check()
    expect(page.locator("#run-files")).to_be_attached()
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".masthead")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.locator("#present-said")).to_contain_text("This is a recorded run.")
    expect(page.locator("#source-recorded")).to_be_checked()
    assert_no_violation(page)
    assert_no_sideways_scrolling(page)
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("button", name="Present")).to_be_focused()
    assert watched.errors == []
