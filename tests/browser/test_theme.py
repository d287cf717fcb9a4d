"""The theme, chosen or the system's, from the first paint on; and the page on paper."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.support.accessibility import assert_no_sideways_scrolling, assert_no_violation
from tests.support.pages import BLOCKED, Opener, watch
from tests.support.places import HOME

LIGHT, DARK = "rgb(250, 249, 247)", "rgb(19, 17, 16)"  # --page

CHOSEN_BEFORE = "localStorage.setItem('gradient-flow-theme', 'dark');"
# What the theme was when the body came to be, which is before anything of it could be painted.
NOTE = """
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    window.early = [document.documentElement.dataset.theme, document.querySelector("meta[name=color-scheme]").content];
  }).observe(document, { childList: true, subtree: true });
"""


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def quick(open_page: Opener, address: str = HOME, **options: object) -> Page:
    """The page without Python, which has no part in its theme."""
    page = open_page(address, alive=False, routes={"**/start-pyscript.js": lambda route: route.abort()}, **options).page
    expect(page.get_by_label("Theme")).to_be_visible()
    return page


def test_the_system_decides_until_one_chooses(open_page: Opener) -> None:
    page = quick(open_page, color_scheme="dark")
    assert background(page) == DARK
    page.emulate_media(color_scheme="light")
    assert background(page) == LIGHT
    expect(page.get_by_label("Theme")).to_have_value("system")


def test_what_is_chosen_is_in_force_at_once_and_remembered(open_page: Opener) -> None:
    page = quick(open_page, color_scheme="light")
    page.get_by_label("Theme").select_option("Dark")
    assert background(page) == DARK
    page.reload()
    expect(page.get_by_label("Theme")).to_have_value("dark")
    assert background(page) == DARK
    page.get_by_label("Theme").select_option("System")
    assert background(page) == LIGHT
    page.reload()
    expect(page.get_by_label("Theme")).to_have_value("system")
    assert background(page) == LIGHT


def test_the_choice_is_in_force_before_the_first_paint(open_page: Opener) -> None:
    page = quick(open_page, color_scheme="light", script=CHOSEN_BEFORE + NOTE)
    assert page.evaluate("early") == ["dark", "dark"]
    expect(page.get_by_label("Theme")).to_have_value("dark")


def test_other_tabs_follow(open_page: Opener) -> None:
    page = quick(open_page, color_scheme="light")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Theme").select_option("Dark")
    expect(page.get_by_label("Theme")).to_have_value("dark")
    assert background(page) == DARK


def test_it_works_where_nothing_may_be_stored(launch_whole: Callable[..., BrowserContext], origin: str) -> None:
    opened = watch(launch_whole(BLOCKED, bypass_csp=True, color_scheme="light"))
    opened.page.goto(origin + HOME)
    with pytest.raises(Error, match="denied"):
        opened.page.evaluate("localStorage.length")
    opened.page.get_by_label("Theme").select_option("Dark")
    assert background(opened.page) == DARK
    opened.wait_alive()
    assert opened.errors == []


def test_the_address_s_theme_goes_before_the_remembered_one_until_one_chooses(open_page: Opener) -> None:
    page = quick(open_page, f"{HOME}?theme=light&speed=900&own=a,b#figure", color_scheme="dark", script=CHOSEN_BEFORE)
    expect(page.get_by_label("Theme")).to_have_value("light")
    assert background(page) == LIGHT
    page.get_by_label("Theme").select_option("System")
    assert background(page) == DARK
    address = urlsplit(page.url)
    assert parse_qs(address.query) == {"speed": ["900"], "own": ["a,b"]}
    assert address.fragment == "figure"


@pytest.mark.parametrize("theme", ["blue", "", "<b>dark"])
def test_a_theme_that_there_isn_t_is_the_remembered_one(open_page: Opener, theme: str) -> None:
    page = quick(open_page, f"{HOME}?theme={theme}", color_scheme="light", script=CHOSEN_BEFORE)
    expect(page.get_by_label("Theme")).to_have_value("dark")


def test_a_chosen_theme_is_as_usable_as_the_system_s(open_page: Opener) -> None:
    page = open_page(HOME, viewport={"width": 320, "height": 800}).page
    for chosen, opposite in (("Light", "dark"), ("Dark", "light")):
        page.emulate_media(color_scheme=opposite)  # type: ignore[arg-type]  # one of its own names
        page.get_by_label("Theme").select_option(chosen)
        assert background(page) == {"Light": LIGHT, "Dark": DARK}[chosen]
        assert_no_violation(page)
        assert_no_sideways_scrolling(page)
        box = page.get_by_label("Theme").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def test_on_paper_there_is_the_figure_in_the_light_and_no_control(open_page: Opener) -> None:
    page = open_page(HOME, color_scheme="dark", script=CHOSEN_BEFORE).page
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("figure", name="Gradient wave · backward")).to_be_visible()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(":is(button, input, select, .panel:not(.share), #keys, #status):visible")).to_have_count(0)
    ink = page.locator("#figure .gradient-flow-title").evaluate("title => getComputedStyle(title).color")
    wave = page.locator("#figure [data-part=tag]").evaluate("tag => getComputedStyle(tag).fill")
    assert (ink, wave) == ("rgb(28, 25, 23)", "rgb(180, 83, 9)")
    assert_no_sideways_scrolling(page)
