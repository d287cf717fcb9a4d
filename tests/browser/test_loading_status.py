"""The loading status line by itself, where a stub takes Python's place; test_loading.py has what needs Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.loading import CORE, FILES, answer_stub, assert_failed, assert_figure_stands
from tests.support.pages import Opener, Watched, until
from tests.support.places import HOME, SNAPSHOT
from tests.support.routes import Handler, Held, abort, answer_404, as_text, half

STUBBED = dict.fromkeys(("**/start-pyscript.js", "**/pyodide-loader.js"), answer_stub)
# The 30 s are over when the test says so.
HOLD_WATCHDOG = """window.patience = [];
const wait = setTimeout;
window.setTimeout = (what, ms, ...more) => ms === 30_000 ? void patience.push(what) : wait(what, ms, ...more);"""


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(f"{HOME}web/icon.svg", alive=False, routes=STUBBED, script=HOLD_WATCHDOG)


@pytest.fixture
def stub(shared: Watched) -> Iterator[Watched]:
    """A page that can be opened with Python's place taken by the stub; what a test routed is free again after."""
    shared.errors.clear()
    yield shared
    shared.page.unroute_all(behavior="ignoreErrors")


def opened(stub: Watched, origin: str, pattern: str, handler: Handler, query: str = "") -> Page:
    """The page with one file answered otherwise."""
    stub.page.route(pattern, handler)
    stub.page.goto(f"{origin}{HOME}{query}", wait_until="commit")
    return stub.page


def test_it_is_silent_once_all_has_come(stub: Watched, origin: str) -> None:
    stub.page.goto(origin + HOME)
    stub.wait_alive()
    expect(stub.page.locator("#status")).to_be_hidden()
    assert [file for file in FILES if not any(url.endswith(file) for url in stub.requests)] == []
    assert stub.errors == []


@pytest.mark.parametrize(
    ("pattern", "handler", "said", "cause"),
    [
        ("**/pyodide.mjs", answer_404, "pyodide/pyodide.mjs (404) could not be loaded.", "404"),
        ("**/start.wasm", abort, "pyodide/start.wasm could not be loaded.", "ERR_FAILED"),
        (f"**/{SNAPSHOT['snapshot'].name}", abort, f"{SNAPSHOT['snapshot'].name} could not be loaded.", "ERR_FAILED"),
        ("**/pyodide-lock.json", answer_404, "pyodide/pyodide-lock.json (404) could not be loaded.", "404"),
        ("**/pyscript.json", abort, "gradient-flow-viz/pyscript.json could not be loaded.", "ERR_FAILED"),
    ],
)
def test_a_failure_is_named(stub: Watched, origin: str, pattern: str, handler: Handler, said: str, cause: str) -> None:
    page = opened(stub, origin, pattern, handler)
    assert_failed(page, said)
    assert_figure_stands(page)
    until(page, lambda: any(cause in error for error in stub.errors))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("**/pyodide.mjs", "pyodide/pyodide.mjs"),
        ("**/pyodide.asm.mjs", "pyodide/pyodide.asm.mjs"),
        ("**/start.wasm", "pyodide/start.wasm"),
    ],
)
def test_a_truncated_file_is_named(stub: Watched, origin: str, pattern: str, name: str) -> None:
    page = opened(stub, origin, pattern, half, "?damaged")
    line = page.get_by_role("alert").locator("#status-text")
    expect(line).to_contain_text(re.compile(rf"{re.escape(name)}\S* arrived damaged: \d+ of \d+ kB\."))
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


@pytest.mark.parametrize("pattern", ["**/core.js", "**/pyodide.mjs", "**/pyodide.asm.mjs", "**/start.wasm"])
def test_code_of_a_wrong_type_is_named(stub: Watched, origin: str, pattern: str) -> None:
    page = opened(stub, origin, pattern, as_text, "?damaged")
    line = page.get_by_role("alert").locator("#status-text")
    expect(line).to_contain_text(f"{pattern.removeprefix('**/')} was served as text/plain.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (f"**/{CORE.name}", "PyScript"),
        ("**/pyscript.json", "the page’s configuration"),
        ("**/pyodide.asm.mjs", "Pyodide"),
        ("**/start.wasm", "Python"),
        (f"**/{SNAPSHOT['snapshot'].name}", "Python"),
        ("**/pyodide-lock.json", "Pyodide’s list of packages"),
    ],
)
def test_what_never_comes_is_named_after_30_seconds(stub: Watched, origin: str, pattern: str, said: str) -> None:
    held = Held()
    page = opened(stub, origin, pattern, held)
    held.await_one(page)
    expect(page.locator("#status-text")).to_have_text(re.compile(rf"^Loading {said} · |Nothing has arrived"))
    # What arrives late begins the 30 s anew, so it is the last of them that has to be over.
    silent = f"Nothing has arrived for 30 seconds, still waiting for {said}. Wait on, or try again."
    over = """() => {
      patience.at(-1)();
      return document.getElementById("retry").hidden ? "" : document.getElementById("status-text").textContent;
    }"""
    until(page, lambda: page.evaluate(over) == silent)
    held.let_go(page)
    stub.wait_alive()


@pytest.mark.parametrize("handler", [answer_404, abort])
def test_a_failure_can_be_tried_again(stub: Watched, origin: str, handler: Handler) -> None:
    page = opened(stub, origin, "**/start.wasm", handler)
    assert_failed(page, "pyodide/start.wasm")
    page.get_by_role("button", name="Try again").click()  # still broken: it says so again
    assert_failed(page, "pyodide/start.wasm")
    page.unroute("**/start.wasm")
    page.get_by_role("button", name="Try again").click()
    stub.wait_alive()
    expect(page.locator("#status")).to_be_hidden()
