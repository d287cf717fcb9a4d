"""The section of docs.html on recording a run: three ways to do it, and the recorder to copy or to keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.accessibility import SCHEMES, assert_no_sideways_scrolling, assert_no_violation
from tests.support.clipboard import CLIPBOARD, NO_CLIPBOARD, refuse_clipboard, selected
from tests.support.pages import Opener, Watched
from tests.support.places import DOCS
from tests.support.routes import Held
from tools import wheel
from tools.runtime import ROOT

RECORDER = (ROOT / wheel.RECORDER).read_text(encoding="utf-8")
WAYS = ("pytorch", "keras", "numpy")


def copy(page: Page) -> None:
    page.get_by_role("button", name="Copy the recorder").click()


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def asked(opened: Watched) -> int:
    return sum(url.endswith(wheel.RECORDER) for url in opened.requests)


@pytest.fixture(scope="module")
def still(open_shared: Opener) -> Page:
    """The page, for tests that only look at the section."""
    return open_shared(DOCS, reduced_motion="reduce").page


@pytest.mark.parametrize("way", WAYS)
def test_one_way_to_record_is_shown(still: Page, way: str) -> None:
    still.locator(f"#recording-{way}").check()
    shown = [other for other in WAYS if still.locator(f"#record-{other}").is_visible()]
    assert shown == [way]
    lines = still.locator(f"#record-{way}").inner_text()
    assert lines == (ROOT / "examples" / "recording" / f"from_{way}.py").read_text(encoding="utf-8")


def test_choosing_a_way_moves_nothing(still: Page) -> None:
    places = set()
    for way in WAYS:
        still.locator(f"#recording-{way}").check()
        places.add(still.locator("#props").evaluate("section => section.offsetTop"))
    assert len(places) == 1


@pytest.mark.parametrize("way", WAYS)
def test_the_lines_can_be_read_whole_in_a_narrow_window(still: Page, way: str) -> None:
    still.set_viewport_size({"width": 320, "height": 800})
    still.locator(f"#recording-{way}").check()
    assert_no_sideways_scrolling(still)
    link = still.get_by_role("link", name="Download the recorder").bounding_box()
    assert link is not None
    assert link["height"] >= 44


def test_the_recorder_is_fetched_when_it_is_to_be_copied_and_once(open_page: Opener) -> None:
    opened = open_page(DOCS, clock=True, **CLIPBOARD)
    page = opened.page
    button = page.locator("[data-copy-file]")
    width = button.evaluate("button => button.offsetWidth")
    assert asked(opened) == 0
    copy(page)
    expect(button).to_have_text("Copied")
    expect(page.locator("#announcement")).to_have_text("Copied.")
    assert clipboard(page) == RECORDER
    assert button.evaluate("button => button.offsetWidth") == width
    page.clock.run_for(2_000)
    expect(button).to_have_text("Copy the recorder")
    page.evaluate("navigator.clipboard.writeText('')")
    copy(page)
    expect(button).to_have_text("Copied")
    assert clipboard(page) == RECORDER
    assert asked(opened) == 1
    expect(page.locator("#recorder-shown")).to_be_hidden()
    assert opened.errors == []


@pytest.mark.parametrize("lack", ["missing", "refused", "old"])
def test_where_the_clipboard_is_out_of_reach_the_recorder_is_shown_and_selected(open_page: Opener, lack: str) -> None:
    script = {"missing": NO_CLIPBOARD, "refused": "", "old": "delete window.ClipboardItem;"}[lack]
    opened = open_page(DOCS, clock=True, script=script)
    page = opened.page
    if lack == "refused":
        refuse_clipboard(opened)
    copy(page)
    expect(page.locator("[data-copy-file]")).to_have_text("Press Ctrl+C")
    expect(page.locator("#recorder-shown")).to_be_visible()
    assert selected(page) == RECORDER.rstrip("\n")  # of the last line the browser selects no end
    assert opened.errors == []


def test_the_recorder_shown_is_clean_to_axe_and_fits_a_narrow_window(open_page: Opener) -> None:
    page = open_page(DOCS, script=NO_CLIPBOARD, viewport={"width": 320, "height": 800}, reduced_motion="reduce").page
    copy(page)
    expect(page.locator("#recorder-shown")).to_be_visible()
    assert_no_sideways_scrolling(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert_no_violation(page)


@pytest.mark.parametrize("offline", [False, True], ids=["missing", "offline"])
def test_a_recorder_that_does_not_come_is_said_to_be_and_can_be_tried_again(open_page: Opener, offline: bool) -> None:
    def answer(route: Route) -> None:
        if is_there:
            route.continue_()
        elif offline:
            route.abort()
        else:
            route.fulfill(status=404, body="not here")

    is_there = False
    opened = open_page(DOCS, clock=True, routes={f"**/{wheel.RECORDER}": answer}, **CLIPBOARD)
    page = opened.page
    page.evaluate("navigator.clipboard.writeText('what was there')")
    message = page.locator("#recorder-text-message")
    copy(page)
    why = "Failed to fetch" if offline else "the host answered 404"
    expect(message).to_have_text(f"{wheel.RECORDER} could not be fetched: {why}. Press the button to try again.")
    page.get_by_role("link", name="Download the recorder").click()
    expect(message).to_have_text(f"gradient_flow_recorder.py could not be fetched: {why}. Try again.")
    expect(page.locator("[data-copy-file]")).to_have_text("Copy the recorder")
    assert clipboard(page) == "what was there"
    is_there = True
    copy(page)
    expect(page.locator("[data-copy-file]")).to_have_text("Copied")
    expect(message).to_be_empty()
    assert clipboard(page) == RECORDER
    assert all("Failed to load resource" in error for error in opened.errors)  # the browser's own line


def test_while_it_is_on_its_way_the_button_says_so_and_asks_no_second_time(open_page: Opener) -> None:
    held = Held()
    opened = open_page(DOCS, clock=True, routes={f"**/{wheel.RECORDER}": held}, **CLIPBOARD)
    button = opened.page.locator("[data-copy-file]")
    copy(opened.page)
    expect(button).to_have_text("Fetching …")
    button.click()
    expect(button).to_have_text("Fetching …")
    held.let_go(opened.page)
    expect(button).to_have_text("Copied")
    assert asked(opened) == 1
    assert clipboard(opened.page) == RECORDER


def test_asked_for_before_python_came_it_is_copied_then(open_page: Opener) -> None:
    held = Held()
    opened = open_page(DOCS, alive=False, routes={"**/start-*.bundle": held}, **CLIPBOARD)
    copy(opened.page)
    expect(opened.page.locator("#status-text")).to_contain_text("what you did is kept")
    held.let_go(opened.page)
    opened.wait_alive()
    expect(opened.page.locator("[data-copy-file]")).to_have_text("Copied")
    assert clipboard(opened.page) == RECORDER


def test_the_link_gives_the_file(open_page: Opener, tmp_path: Path) -> None:
    page = open_page(DOCS).page
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download the recorder").click()
    assert begun.value.suggested_filename == "gradient_flow_recorder.py"
    begun.value.save_as(tmp_path / "recorder.py")
    assert (tmp_path / "recorder.py").read_text(encoding="utf-8") == RECORDER
