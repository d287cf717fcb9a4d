"""The two ways the page is published, in a real browser: the built site, and the tree as it is."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.examples import HOST, run_example
from tests.support.pages import Opener, Watched
from tests.support.places import PUBLIC
from tests.support.routes import PUBLIC_ROUTES


def assert_wave_runs(opened: Watched) -> None:
    readout = opened.page.locator('#figure [data-part="readout"]')
    before = readout.inner_text()
    opened.page.clock.run_for(500)
    expect(readout).not_to_have_text(before)


def test_the_site_asks_for_nothing_outside_its_own_folder(open_page: Opener, origin: str) -> None:
    opened = open_page("/gradient-flow-viz/", clock=True)
    assert_wave_runs(opened)
    opened.page.get_by_label("Architecture").fill("784-128-64-10")
    opened.page.clock.run_for(1_000)
    assert len(opened.requests) > 10
    assert [url for url in opened.requests if not url.startswith(f"{origin}/gradient-flow-viz/")] == []
    assert opened.errors == []


def test_the_tree_runs_as_it_is_and_asks_for_the_pinned_public_files_alone(open_page: Opener, origin: str) -> None:
    opened = open_page("/tree/index.html?layers=2-3&playing=0", clock=True, routes=PUBLIC_ROUTES)
    page = opened.page
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["2", "3"])  # it reads its address
    page.get_by_role("button", name="Play", exact=True).click()
    assert_wave_runs(opened)
    page.goto(f"{origin}/tree/docs.html")
    opened.wait_alive()
    expect(page.locator("#install-pyscript")).to_contain_text(f'"{origin}/tree/app/config.toml"')
    expect(page.locator("#install-pip")).to_contain_text(HOST)  # it has no wheel
    run_example(page, "default")
    outside = [url for url in opened.requests if not url.startswith(f"{origin}/tree/")]
    assert [url for url in outside if not url.startswith(tuple(PUBLIC))] == []
    for prefix in PUBLIC:
        assert any(url.startswith(prefix) for url in outside)
    assert opened.errors == []


def test_the_tree_names_a_public_file_that_is_missing(open_page: Opener) -> None:
    missing = {"**/pyodide.asm.wasm": lambda route: route.fulfill(status=404, body="Not found")}
    opened = open_page("/tree/", alive=False, routes={**PUBLIC_ROUTES, **missing})
    line = opened.page.get_by_role("alert").locator("#status-text")
    expect(line).to_contain_text("could not be loaded")
    expect(line).to_contain_text("full/pyodide.asm.wasm")
    expect(opened.page.get_by_role("button", name="Try again")).to_be_visible()
