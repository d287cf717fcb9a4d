"""docs.html as a page of its own: old addresses lead to it, and it starts what it needs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support.loading import assert_failed
from tests.support.pages import Opener
from tests.support.places import DOCS, HOME, SITE, SNAPSHOT
from tests.support.routes import answer_404
from tests.support.scripts import COLLECT_VIOLATIONS, WATCH_SHIFTS

DOCUMENTATION = next(SITE.glob("documentation-*.bundle"), SITE)
STILL = {"**/start-pyscript.js": lambda route: route.abort()}  # the page without Python


def test_an_address_of_a_section_that_has_moved_leads_to_it(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?theme=dark#prop-layers", alive=False, routes=STILL)
    page = opened.page
    page.wait_for_url(f"**{DOCS}?theme=dark#prop-layers")
    expect(page.get_by_label("Theme")).to_have_value("dark")
    expect(page.locator("#prop-layers")).to_be_in_viewport()
    page.goto(page.url.partition("docs.html")[0] + "?embed=1#props")  # an embedded page has one place alone
    expect(page.locator("#figure")).to_be_visible()
    page.goto(page.url.partition("?")[0])
    page.evaluate("location.hash = '#usage'")
    page.wait_for_url(f"**{DOCS}#usage")
    page.go_back()  # to the page, which has no such section: the address before
    page.wait_for_url(f"**{HOME}")


def test_it_starts_what_it_needs_under_the_policy_and_nothing_moves(open_page: Opener) -> None:
    script = COLLECT_VIOLATIONS + WATCH_SHIFTS
    opened = open_page(f"{DOCS}?embed=1&layers=9-9", bypass_csp=False, alive=False, script=script)
    page = opened.page
    expect(page.locator("html")).to_have_attribute("data-state", "alive")
    expect(page.locator("#running")).to_be_visible()
    expect(page.locator("#status")).to_be_hidden()
    expect(page.locator(".contents")).to_be_visible()  # not embedded: only the figure can be
    page.keyboard.press("Space")  # no figure here takes it
    names = [url.rpartition("/")[2] for url in opened.requests]
    assert {SNAPSHOT["start"].name, DOCUMENTATION.name} <= set(names)
    assert [name for name in names if re.match(r"charts-|computed-|recorded-|numpy-|prerendered-wave", name)] == []
    assert page.evaluate("violations") == []
    assert page.evaluate("shifts") == []
    assert opened.errors == []


@pytest.mark.parametrize("name", ["pyscript.json", DOCUMENTATION.name])
def test_what_does_not_come_is_named(open_page: Opener, name: str) -> None:
    opened = open_page(DOCS, alive=False, routes={f"**/{name}": answer_404})
    assert_failed(opened.page, name, "The page’s Python could not start. ")
