"""Copy buttons, those of the page and those that come later: with the clipboard, without it, and where it refuses."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.clipboard import CLIPBOARD, NO_CLIPBOARD, refuse_clipboard, selected
from tests.support.pages import Opener, Watched
from tests.support.places import HOME
from tests.support.routes import Held

TEXT = 'layers=[3, 4] & "<b>"\n  #'
ADD = """text => {
  const code = Object.assign(document.createElement("code"), { id: "some-code", textContent: text });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  button.dataset.copy = "some-code";
  const block = document.createElement("pre");
  block.append(code);
  document.querySelector("main").append(block, button);
}"""
MAC = "Object.defineProperty(Navigator.prototype, 'platform', { value: 'MacIntel' });"


def with_button(opened: Watched) -> Page:
    """The page with a button that came after Python."""
    opened.page.evaluate(ADD, TEXT)
    return opened.page


def test_a_button_copies_and_has_its_text_again_and_where_that_is_refused_the_keys_copy(
    open_page: Opener,
) -> None:
    opened = open_page(HOME, clock=True, **CLIPBOARD)
    page = with_button(opened)
    button, news = page.locator("[data-copy=some-code]"), page.locator("#announcement")
    button.click()
    expect(button).to_have_text("Copied")
    expect(news).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == TEXT
    page.clock.run_for(1_999)
    expect(button).to_have_text("Copied")
    page.clock.run_for(1)
    expect(button).to_have_text("Copy")
    expect(news).to_have_text("")
    # Pressed again and again it ends with its own text.
    button.evaluate("button => { for (let time = 0; time < 5; time += 1) button.click(); }")
    expect(button).to_have_text("Copied")
    button.press("Enter")
    expect(button).to_have_text("Copied")
    page.clock.run_for(2_000)
    expect(button).to_have_text("Copy")
    # Where the clipboard refuses, the keys copy.
    page.evaluate("navigator.clipboard.writeText('')")
    refuse_clipboard(opened)
    button.click()
    expect(button).to_have_text("Press Ctrl+C")
    assert selected(page) == TEXT
    page.keyboard.press("Control+C")
    expect(button).to_have_text("Copied")
    expect(news).to_have_text("Copied.")
    opened.context.grant_permissions(CLIPBOARD["permissions"])
    assert page.evaluate("navigator.clipboard.readText()") == TEXT
    page.clock.run_for(2_000)
    expect(button).to_have_text("Copy")
    assert opened.errors == []


def test_without_a_clipboard_the_text_is_selected_and_the_button_keeps_its_width(open_page: Opener) -> None:
    opened = open_page(HOME, clock=True, script=NO_CLIPBOARD, viewport={"width": 320, "height": 800})
    page = with_button(opened)
    button = page.locator("[data-copy=some-code]")
    before = button.evaluate("button => button.offsetWidth")
    for keys, platform in (("Ctrl+C", ""), ("⌘+C", MAC)):
        page.evaluate(f"{platform}; getSelection().removeAllRanges()")
        button.click()
        expect(button).to_have_text(f"Press {keys}")
        assert button.evaluate("button => button.offsetWidth") == before
        expect(page.locator("#announcement")).to_have_text(
            f"The clipboard is out of reach. Press {keys}: the text is selected."
        )
        assert selected(page) == TEXT
        page.clock.fast_forward(60_000)
        expect(button).to_have_text(f"Press {keys}")  # for as long as it takes to find them
    assert opened.errors == []


def test_what_was_to_be_copied_before_python_came_is_copied_then(open_page: Opener) -> None:
    held = Held()
    opened = open_page(HOME, alive=False, routes={"**/start-*.bundle": held}, **CLIPBOARD)
    page = with_button(opened)
    page.locator("[data-copy=some-code]").click()
    expect(page.locator("#status-text")).to_contain_text("what you did is kept")
    held.let_go(page)
    opened.wait_alive()
    expect(page.locator("[data-copy=some-code]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == TEXT
