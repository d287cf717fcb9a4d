"""Export: the whole view as a file, and as one page of paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from app.sheet.view_sheet import HIDDEN
from tests.support.accessibility import assert_no_violation
from tests.support.pages import Opener, Watched
from tests.support.places import HOME
from tests.support.routes import answer_404

COMPUTED = "?source=computed&layers=2-8-8-2&activation=sigmoid&lesson=smallest"
AWAITS_GUESS = "The numbers are hidden until the open question is answered. Guess, or show the answer, first."
SVG = "{http://www.w3.org/2000/svg}"
BUNDLE = "**/sheet-*.bundle"
# Printing for real would open the browser's dialog.
PRINT = """window.print = () => { window.printed = (window.printed ?? 0) + 1; };"""


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME + COMPUTED, script=PRINT)


@pytest.fixture
def trained(shared: Watched) -> Iterator[Page]:
    """A network in its lesson, after two steps of training."""
    page = shared.page
    expect(page.locator("#bars [data-bar]")).to_have_count(5)
    yield page
    assert shared.errors == []


def export(page: Page, name: str) -> tuple[str, bytes]:
    """Name and content of the file that a button of the menu gives."""
    if not page.locator("#export-menu").is_visible():
        page.get_by_role("button", name="Export").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def texts_of(svg: bytes) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg.decode()).iter(f"{SVG}text")]


def test_the_whole_view_is_one_picture_which_tells_no_answer_before_the_guess(trained: Page) -> None:
    texts = texts_of(export(trained, "View as SVG")[1])
    assert HIDDEN in " ".join(texts)
    assert not set(trained.locator("#bars [data-value=gradients]").all_text_contents()) & set(texts)
    for picture in ("Still SVG", "Animated SVG"):
        words = " ".join(texts_of(export(trained, picture)[1]))
        assert "RMS ∂L/∂a –" in words
        assert not re.search(r"\d\.\d", words)
    trained.keyboard.press("Escape")
    for numbers in ("CSV", "JSON"):
        trained.get_by_role("button", name=numbers, exact=True).click()
        expect(trained.locator("#download-message")).to_have_text(AWAITS_GUESS)
    trained.locator("#learn-show").click()

    name, svg = export(trained, "View as SVG")
    assert name == "gradient-flow-sigmoid-5-layers.svg"
    texts = texts_of(svg)
    assert (trained.locator("#verdict-text").text_content() or "?") in " ".join(texts)
    for magnitude in trained.locator("#bars [data-value=gradients]").all_text_contents():
        assert magnitude in texts
    name, png = export(trained, "View as PNG")
    assert (name, png[:4]) == ("gradient-flow-sigmoid-5-layers.png", b"\x89PNG")
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    assert (width, height > width) == (2 * 808, True)
    trained.get_by_role("link", name="Download", exact=True).click()
    expect(trained.locator("#export-menu")).to_be_hidden()


def test_a_lesson_prints_as_one_page_with_its_words_its_numbers_and_its_address(trained: Page) -> None:
    trained.emulate_media(media="print")
    trained.evaluate("dispatchEvent(new Event('beforeprint'))")
    handout = trained.locator("#handout")
    expect(handout.locator("h1")).to_have_text(trained.locator("#lesson-title").text_content() or "")
    expect(handout).to_contain_text(trained.locator("#verdict-text").text_content() or "")
    expect(handout.locator(".handout-address")).to_contain_text("lesson=smallest")
    expect(handout.locator("footer svg")).to_be_visible()
    expect(trained.locator("body > :visible")).to_have_count(1)
    trained.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(handout).to_be_empty()
    trained.emulate_media(media="null")
    assert [pages_of(trained.pdf(format=paper)) for paper in ("A4", "Letter")] == [1, 1]


def test_before_the_handout_is_there_the_figure_prints_and_the_keys_for_printing_wait(open_page: Opener) -> None:
    opened = open_page(HOME, script=PRINT, routes={BUNDLE: answer_404})
    page, message = opened.page, opened.page.locator("#export-message")
    assert pages_of(page.pdf()) == 1  # as from the browser's own menu
    page.emulate_media(media="print")
    expect(page.get_by_role("figure", name="Gradient wave · backward")).to_be_visible()
    expect(page.locator("#snippet-link")).to_be_visible()
    page.emulate_media(media="null")

    page.get_by_role("button", name="Export").click()
    assert_no_violation(page)
    page.get_by_role("button", name="View as SVG").click()
    expect(message).to_have_text(re.compile(r"^What draws the whole view is missing: sheet-.*bundle answered 404\.$"))
    page.get_by_role("button", name="Print").click()
    expect(message).to_have_text(re.compile(r"answered 404\. The page prints without it\.$"))
    page.wait_for_function("() => window.printed === 1")

    opened.context.unroute(BUNDLE)
    page.keyboard.press("Control+p")
    page.wait_for_function("() => window.printed === 2")
    expect(message).to_be_empty()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#handout footer svg")).to_be_attached()
    assert pages_of(page.pdf()) == 1
