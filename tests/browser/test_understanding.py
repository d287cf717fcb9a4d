"""The section beneath the workbench: reading it, and the links that lead to it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.examples import go_to
from tests.support.pages import Opener
from tests.support.places import HOME
from tests.support.routes import Held


def test_the_first_tab_skips_to_the_figure(open_page: Opener) -> None:
    page = open_page(HOME).page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the figure")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    skip.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#forward")).to_be_focused()


def test_a_link_to_the_section_holds_when_python_takes_over(open_page: Opener) -> None:
    held = Held()
    opened = open_page(
        f"{HOME}?speed=700#understanding", alive=False, routes={"**/start-*.bundle": held}, reduced_motion="reduce"
    )
    page, top = opened.page, "document.getElementById('understanding').getBoundingClientRect().top"
    expect(page.locator("#understanding-heading")).to_be_in_viewport()
    before = page.evaluate(top)
    held.let_go(page)
    opened.wait_alive()
    page.evaluate("document.querySelector('[data-preset=\"8-64-64-8\"]').click()")  # out of view, above
    page.wait_for_url("**/?layers=8-64-64-8&speed=700")  # the address of the view, which is not that section
    assert page.evaluate(top) == before


def test_where_people_read_the_keys_are_for_reading(open_page: Opener) -> None:
    page = open_page(HOME, clock=True).page
    go_to(page, "#understanding li:last-of-type")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Pause")
    page.locator("pre").first.press("Space")  # a block of code that scrolls has keys of its own
    expect(page.locator("#play")).to_have_text("Pause")
    go_to(page, "#figure")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Play")


def test_each_link_shows_its_view_without_loading_the_page(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?speed=900", reduced_motion="reduce")
    page = opened.page
    page.evaluate("window.isSame = true")
    layers, verdict = page.locator("#figure [data-layer]"), page.locator("#verdict")
    page.get_by_role("link", name="Show the sigmoid network").click()
    page.get_by_role("link", name="Show the dead network").click()  # before the first one is there
    expect(verdict).to_have_text(re.compile(r"^Dead: "))
    expect(layers).to_have_count(14)
    expect(page.locator("#layer")).to_be_focused()
    expect(page.locator("#figure")).to_be_in_viewport()
    expect(page.locator("#computed-activation")).to_have_value("relu")
    page.get_by_role("link", name="Show the tanh network").click()
    expect(verdict).to_have_text(re.compile(r"^Healthy: "))
    expect(layers).to_have_count(10)
    expect(page.locator("#computed-initialisation")).to_have_value("xavier_normal")
    page.get_by_role("link", name="Show the first view").click()
    expect(page.locator("#source-synthesised")).to_be_checked()
    expect(layers).to_have_count(4)
    page.get_by_role("link", name="Show the residual network").click()  # it is there from before, closed
    expect(verdict).to_have_text(re.compile(r"^Healthy: .* Beside it: Vanishing: "))
    page.wait_for_url("**/?*speed=900*residual=1*")
    page.get_by_role("link", name="Open a log").click()
    expect(page.get_by_role("button", name="files", exact=True)).to_be_focused()
    expect(page.get_by_text("Drop a log here")).to_be_in_viewport()
    page.get_by_role("link", name="Train", exact=True).click()  # it is as it was left
    expect(verdict).to_have_text(re.compile(r"^Healthy: .* Beside it: Vanishing: "))
    assert page.evaluate("isSame")
    assert opened.errors == []
