"""The page's Content-Security-Policy, in force: nothing the page does goes against it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.pages import Opener, Watched
from tests.support.places import HOME, PUBLIC, SITE
from tests.support.routes import answer_public_addresses
from tests.support.scripts import COLLECT_VIOLATIONS

POLICY = {
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
}


def use(opened: Watched) -> None:
    """Do with the page what people do with it."""
    page = opened.page
    expect(page.locator("html")).to_have_attribute("data-state", "alive")
    readout = page.locator("[data-part=readout]")
    expect(readout).not_to_have_text(readout.inner_text())  # the wave advances
    for architecture in ("784-128-64-10", "3-x", "4-4-4"):
        page.get_by_label("Architecture").fill(architecture)
    expect(page.locator(".gradient-flow-counts text")).to_have_text(["4", "4", "4"])
    page.get_by_label("Gradients").fill("1, <b>2</b>, 3")
    page.get_by_role("button", name="Wide").click()
    page.locator("body").press("ArrowLeft")
    page.get_by_label("Playback").press("ArrowRight")
    expect(page).to_have_url(re.compile("speed=520"))
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    expect(page.locator("#reduced")).to_be_visible()


def test_the_policy_is_as_strict_as_the_runtime_allows() -> None:
    page = (SITE / "index.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    others = re.sub(r" 'sha256-[\w+/]+='", "", policy)  # of the texts that the page holds itself
    assert {directive.strip() for directive in others.split(";")} == POLICY
    assert len(re.findall("'sha256-", policy)) == 3


def test_nothing_goes_against_it(open_page: Opener) -> None:
    opened = open_page(HOME + "?layers=0&gradients=<script>", alive=False, bypass_csp=False, script=COLLECT_VIOLATIONS)
    use(opened)
    assert opened.page.evaluate("violations") == []
    assert opened.errors == []
    # What is forbidden is noticed:
    opened.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'var x = 1'}))")
    expect(opened.page.locator("body > script").last).to_have_count(1)
    assert [violation.split()[0] for violation in opened.page.evaluate("violations")] == ["script-src-elem"]


def test_the_tree_lives_under_its_policy_too(open_page: Opener) -> None:
    routes = {f"{address}**": answer_public_addresses for address in PUBLIC}
    opened = open_page("/tree/", alive=False, bypass_csp=False, script=COLLECT_VIOLATIONS, routes=routes)
    use(opened)
    assert opened.page.evaluate("violations") == []
