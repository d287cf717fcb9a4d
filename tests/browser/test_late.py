"""What the page brings late, in a real browser: all of it once it is asked for, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import BRING_LATE, SITE, Held, Watched, bring_late
from tests.browser.test_loading import abort, answer_404, half
from tests.browser.test_tree import ROUTES
from tests.test_site import LATE
from tools.runtime import ROOT

Opener = Callable[..., Watched]
MODULES = [name.removesuffix(".py").replace("/", ".") for name in LATE if name.endswith(".py")]
BUNDLE = next(SITE.glob("computed-*.bundle"), SITE)
PATIENCE = """window.patience = [];
AbortSignal.timeout = ms => { patience.push([ms, new AbortController()]); return patience.at(-1)[1].signal; }"""
RUN = """async code => {
  const { loadPyodide } = await import("./python.js");
  return (await loadPyodide({ stdout: console.log, stderr: console.error })).runPython(code);
}"""


@dataclass(frozen=True)
class Place:
    """Where the page is published, and one of the files that come late there."""

    path: str
    file: str
    asked_for: int  # which of the requests is the one for it
    is_checked: bool  # whether a half of it is known to be one


PLACES = (
    Place("/gradient-flow-viz/", BUNDLE.name, 0, is_checked=True),
    Place("/tree/", "network.py", LATE.index("app/network.py"), is_checked=False),
)


def run(page: Page, code: str) -> object:
    """The value of the last line of Python code, run in the page."""
    return page.evaluate(RUN, code)


def assert_computes(page: Page) -> None:
    """It can be imported, and there is all that it needs of the standard library and of numpy."""
    run(page, f"import importlib\nfor name in {MODULES}: importlib.import_module(name)")
    source = (ROOT / "tests" / "same_numbers.py").read_text(encoding="utf-8")
    run(page, f"space = {{'__name__': 'numbers'}}\nexec({source!r}, space)\nspace['numbers']()['training'].keys()")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path.strip("/"))
def test_it_comes_once_when_it_is_asked_for_and_what_does_not_come_is_named(open_page: Opener, place: Place) -> None:
    opened = open_page(place.path, routes=ROUTES, script=PATIENCE)
    page, pattern = opened.page, f"**/app/{place.file}" if place.path == "/tree/" else f"**/{place.file}"
    missing = f"What computes gradients is missing: {place.file}"

    failures = [(answer_404, "answered 404"), (abort, "could not be loaded")]
    for handler, how in [*failures, (half, "arrived damaged")] if place.is_checked else failures:
        opened.context.route(pattern, handler)
        assert bring_late(page) == f"{missing} {how}."
        opened.context.unroute(pattern)

    held = Held()
    opened.context.route(pattern, held)
    page.evaluate(f"patience.length = 0; window.brought = ({BRING_LATE})(); null")
    held.await_one(page)
    assert page.evaluate(f"patience[{place.asked_for}][1].abort(); patience[{place.asked_for}][0]") == 30_000
    assert page.evaluate("brought") == f"{missing} did not arrive within 30 seconds."
    opened.context.unroute(pattern)

    opened.requests.clear()
    assert bring_late(page) == ""
    assert sum(url.endswith(f"/{place.file}") for url in opened.requests) == 1
    assert_computes(page)
    opened.requests.clear()
    assert bring_late(page) == ""
    assert opened.requests == []
