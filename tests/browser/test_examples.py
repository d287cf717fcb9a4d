"""docs.html: examples that run what they show, the lines to install from, and the way to each section."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.examples import HOST, go_to, run_example
from tests.support.pages import Opener, frames
from tests.support.places import DOCS, HOME
from tests.support.scripts import WATCH_SHIFTS
from tools import sections, wheel
from tools.runtime import ROOT

SECTIONS = ["installation", "usage", "record", "behaviour", "props", "accessibility", "credits"]


def readout(page: Page, name: str) -> str:
    return page.locator(f"#{name} [data-part=readout]").inner_text()


def moves(page: Page, name: str) -> bool:
    before = readout(page, name)
    page.clock.run_for(500)
    return readout(page, name) != before


def test_no_example_runs_before_it_is_near_and_then_it_shows_what_it_says(open_page: Opener) -> None:
    opened = open_page(DOCS, clock=True)
    page = opened.page
    assert page.get_by_role("figure").count() == 0
    for name in sections.EXAMPLES:
        run_example(page, name)
    expect(page.locator("#default .gradient-flow-counts text")).to_have_text(["3", "4", "4", "2"])
    expect(page.locator("#controlled .gradient-flow-counts text")).to_have_text(["3", "4", "2"])
    go_to(page, "#vanishing")
    frames(page)
    seen = set()
    for _ in range(4):
        page.clock.run_for(500)
        seen.add(readout(page, "vanishing").partition(" · ")[2])
    assert seen == {"|∂L| 8.0e-4", "|∂L| 0.01", "|∂L| 0.18", "|∂L| 1.00"}
    titles = page.locator("[role=figure]").evaluate_all(
        "figures => figures.map(one => one.getAttribute('aria-labelledby'))"
    )
    assert len(set(titles)) == 4
    assert page.locator("#decay [data-bar=gradients]").count() == 4
    assert page.locator("[data-example=decay] .example-pause").count() == 0
    assert opened.errors == []


def test_an_example_runs_the_code_it_shows_and_one_that_cannot_run_says_so_and_harms_nothing(
    open_page: Opener,
) -> None:
    opened = open_page(DOCS, clock=True)
    page = opened.page
    page.locator("#default-python").evaluate("code => { code.textContent = '1 / 0  # <b>' }")
    page.locator("#vanishing-python").evaluate(
        "code => { code.textContent = code.textContent.replace(/layers=\\[[^\\]]*\\]/, 'layers=[5, 6, 4, 2]') }"
    )
    go_to(page, "#default")
    message = page.locator("[data-example=default] .message")
    expect(message).to_have_text("This example could not run: ZeroDivisionError: division by zero")
    run_example(page, "vanishing")
    expect(page.locator("#vanishing .gradient-flow-counts text")).to_have_text(["5", "6", "4", "2"])
    assert ["ZeroDivisionError" in error for error in opened.errors] == [True]
    assert moves(page, "vanishing")


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Page:
    """The page with the clock standing still, for tests that leave its examples running."""
    return open_shared(DOCS, clock=True).page


def test_slider_and_scrolling_move_the_wave_and_each_other(open_page: Opener) -> None:
    page = open_page(DOCS).page
    run_example(page, "controlled")
    figure, slider, story = (page.locator(f"#{name}") for name in ("controlled", "cursor", "story"))
    expect(figure).to_contain_text("layer 03 / 03")
    slider.press("Home")
    expect(figure).to_contain_text("layer 01 / 03")
    assert story.evaluate("story => Math.round(story.scrollTop / story.clientHeight)") == 2
    story.evaluate("story => { story.scrollTop = story.clientHeight }")
    expect(figure).to_contain_text("layer 02 / 03")
    expect(slider).to_have_value("2")
    story.press("Home")
    expect(figure).to_contain_text("layer 03 / 03")
    expect(slider).to_have_value("3")


def test_an_example_can_be_paused_and_rests_out_of_view(shared: Page) -> None:
    page = shared
    run_example(page, "default")
    pause = page.locator("[data-example=default] .example-pause")
    expect(pause).to_have_text("Pause this example")
    assert moves(page, "default")
    run_example(page, "flow")
    assert moves(page, "flow")
    go_to(page, "#default")
    frames(page)
    pause.click()
    expect(pause).to_have_text("Play this example")
    assert not moves(page, "default")
    pause.click()
    assert moves(page, "default")
    go_to(page, "h1")
    page.wait_for_function("scrollY < 200")
    frames(page)
    assert not moves(page, "default")
    go_to(page, "#default")
    frames(page)
    assert moves(page, "default")


def test_with_reduced_motion_the_examples_stand_and_the_controlled_one_obeys(open_page: Opener) -> None:
    page = open_page(DOCS, reduced_motion="reduce").page
    run_example(page, "default")
    expect(page.locator("#default")).to_contain_text("layer 01 / 04")
    expect(page.locator("[data-example=default] .example-pause")).to_be_hidden()
    run_example(page, "controlled")
    expect(page.locator("#controlled")).to_contain_text("layer 01 / 03")
    expect(page.locator("#cursor")).to_have_value("1")
    page.locator("#cursor").press("End")
    expect(page.locator("#controlled")).to_contain_text("layer 03 / 03")


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_nothing_moves_when_the_examples_come(open_page: Opener, width: int) -> None:
    page = open_page(f"{DOCS}#usage", viewport={"width": width, "height": 800}, script=WATCH_SHIFTS).page
    for name in sections.EXAMPLES:
        room = page.locator(f"[data-example={name}] .example-live")
        before = room.bounding_box()
        assert before is not None
        run_example(page, name)
        after = room.bounding_box()
        assert after is not None
        assert (after["width"], after["height"]) == pytest.approx((before["width"], before["height"]), abs=0.5)
    frames(page)
    assert sum(page.evaluate("shifts")) == 0


def test_the_lines_to_install_from_name_the_host_they_came_from(shared: Page, origin: str) -> None:
    page = shared
    here = f"{origin}{HOME}"
    expect(page.locator("#install-pyscript")).to_have_text(f'packages = ["numpy", "{here}app/config.toml"]')
    expect(page.locator("#install-pip")).to_have_text(f'pip install "{here}dist/{wheel.file_name(ROOT)}"')
    for name in ("app/config.toml", f"dist/{wheel.file_name(ROOT)}"):
        assert page.request.get(f"{here}{name}").ok


def test_until_python_comes_a_host_stands_for_any(open_page: Opener) -> None:
    opened = open_page(DOCS, alive=False, routes={"**/core.js": lambda route: route.abort()})
    expect(opened.page.locator("#install-pyscript")).to_contain_text(f'"{HOST}app/config.toml"')


@pytest.fixture(scope="module")
def resting(open_shared: Opener) -> Page:
    """The page with motion reduced, for tests that only look at it."""
    return open_shared(DOCS, reduced_motion="reduce").page


@pytest.mark.parametrize("name", SECTIONS)
def test_the_contents_lead_to_each_section(resting: Page, name: str) -> None:
    page = resting
    page.locator(f".contents a[href='#{name}']").click()
    heading = page.locator(f"#{name}-heading")
    expect(heading).to_be_in_viewport()
    assert heading.evaluate("heading => getComputedStyle(heading).textDecorationLine") == "underline"
    below_the_bar = """heading => heading.getBoundingClientRect().top
      >= document.querySelector('.contents').getBoundingClientRect().bottom"""
    assert heading.evaluate(below_the_bar)
    assert page.url.endswith(f"#{name}")
