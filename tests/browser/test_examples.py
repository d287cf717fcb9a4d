"""The sections beneath the figure: examples that run what they show, the lines to install from, the way to each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.examples import HOST, go_to, run_example
from tests.support.pages import Opener, frames
from tests.support.places import HOME
from tests.support.routes import Held
from tests.support.scripts import WATCH_SHIFTS
from tools import sections, wheel
from tools.runtime import ROOT

SECTIONS = ["installation", "usage", "record", "understanding", "props", "accessibility", "credits"]


def readout(page: Page, name: str) -> str:
    return page.locator(f"#{name} [data-part=readout]").inner_text()


def moves(page: Page, name: str) -> bool:
    before = readout(page, name)
    page.clock.run_for(500)
    return readout(page, name) != before


def test_no_example_runs_before_it_is_near_and_then_it_shows_what_it_says(open_page: Opener) -> None:
    opened = open_page(HOME, clock=True)
    page = opened.page
    assert page.get_by_role("figure").count() == 1
    assert page.locator("[data-layer]").count() == 4
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
    assert len(set(titles)) == 5
    assert page.locator("#decay [data-bar=gradients]").count() == 4
    assert page.locator("[data-example=decay] .example-pause").count() == 0
    assert opened.errors == []


def test_an_example_runs_the_code_it_shows_and_one_that_cannot_run_says_so_and_harms_nothing(
    open_page: Opener,
) -> None:
    opened = open_page(HOME, clock=True)
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
    go_to(page, "#figure")
    assert moves(page, "figure")


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Page:
    """The page with the clock standing still and its view in the address, for tests that leave its examples running."""
    return open_shared(f"{HOME}?layers=2-3", clock=True).page


def test_slider_and_scrolling_move_the_wave_and_each_other(open_page: Opener) -> None:
    page = open_page(HOME).page
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
    go_to(page, "#figure")
    page.wait_for_function("scrollY < 200")
    frames(page)
    assert not moves(page, "default")
    go_to(page, "#default")
    frames(page)
    assert moves(page, "default")


def test_with_reduced_motion_the_examples_stand_and_the_controlled_one_obeys(open_page: Opener) -> None:
    page = open_page(HOME, reduced_motion="reduce").page
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
    page = open_page(f"{HOME}#usage", viewport={"width": width, "height": 800}, script=WATCH_SHIFTS).page
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
    opened = open_page(HOME, alive=False, routes={"**/core.js": lambda route: route.abort()})
    expect(opened.page.locator("#install-pyscript")).to_contain_text(f'"{HOST}app/config.toml"')


@pytest.fixture(scope="module")
def resting(open_shared: Opener) -> Page:
    """The page with motion reduced, for tests that only look at it."""
    return open_shared(HOME, reduced_motion="reduce").page


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


def test_the_first_tab_skips_to_the_figure(open_page: Opener) -> None:
    page = open_page(HOME).page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the figure")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    skip.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#forward")).to_be_focused()


def test_a_link_to_a_section_holds_when_python_takes_over(open_page: Opener) -> None:
    held = Held()
    opened = open_page(
        f"{HOME}?speed=700#props", alive=False, routes={"**/app-*.bundle": held}, reduced_motion="reduce"
    )
    page, top = opened.page, "document.getElementById('props').getBoundingClientRect().top"
    expect(page.locator("#props-heading")).to_be_in_viewport()
    before = page.evaluate(top)
    held.let_go(page)
    opened.wait_alive()
    page.evaluate("document.querySelector('[data-preset=\"8-64-64-8\"]').click()")  # out of view, above
    page.wait_for_url("**/?layers=8-64-64-8&speed=700")  # the address of the view, which is not that section
    assert page.evaluate(top) == before


def test_where_people_read_the_keys_are_for_reading(shared: Page) -> None:
    page = shared
    go_to(page, "#understanding")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Pause")
    page.locator("pre").last.press("Space")  # a block of code that scrolls has keys of its own
    expect(page.locator("#play")).to_have_text("Pause")
    go_to(page, "#figure")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Play")
    page.keyboard.press("Space")
