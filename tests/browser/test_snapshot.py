"""The start from the memory snapshot in a real browser, and the plain start where the snapshot fails."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.kept_site import DAMAGE, StaticHost, assert_alive, visit, visit_and_keep, wait_until
from tests.support.lazy_bundles import bring_lazy, run_python
from tests.support.loading import CORE
from tests.support.pages import Opener, until
from tests.support.places import HOME, NUMPY, SITE, SNAPSHOT
from tests.support.routes import Handler, Held, abort, answer_404, as_text, half
from tools import manifest, release

LATE = (NUMPY.name, *(path.name for group in ("charts", "computed") for path in SITE.glob(f"{group}-*.bundle")))
FROM_SNAPSHOT = "performance.getEntriesByName('python-from-snapshot').length === 1"
TOO_EARLY = "performance.getEntriesByName('cold-call').length"  # calls of the second half before it came
ANNOUNCED = "[...document.querySelectorAll('link[rel=preload]')].map(link => link.href.split('/').pop())"
MARK = "sessionStorage.getItem('gradient-flow-viz snapshot')"
# The machine code of the first start never comes, though its file does.
NEVER_READY = """
  const compile = WebAssembly.compileStreaming;
  WebAssembly.compileStreaming = () => {
    WebAssembly.compileStreaming = compile;
    window.isWaiting = true;
    return new Promise(() => {});
  };
"""
# Python's first look at the page finds something amiss, as with a memory that is wrong in a small way.
FAILS_ONCE = "if (!sessionStorage.seen) { sessionStorage.seen = 1; delete window.URLSearchParams; }"
IS_REMOVED = """async () => {
  for (const key of await caches.keys())
    if ((await (await caches.open(key)).keys()).some(request => request.url.includes("/snapshot-"))) return false;
  return true;
}"""


def assert_wave_goes(page: Page) -> None:
    readout = page.locator("#figure [data-part=readout]")
    expect(readout).not_to_have_text(readout.inner_text())
    page.get_by_label("Architecture").fill("2-3-2")
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["2", "3", "2"])


def assert_plain(page: Page) -> None:
    assert not page.evaluate(FROM_SNAPSHOT)
    assert_wave_goes(page)
    assert bring_lazy(page) == ""


def test_each_visit_starts_from_it_and_draws_other_numbers(context: BrowserContext, one_host: StaticHost) -> None:
    drawn = set()
    for query in ("", "?embed=1", "docs.html"):
        page = context.new_page()
        page.goto(one_host.home + query)
        expect(page.locator("html")).to_have_attribute("data-state", "alive")
        assert page.evaluate(FROM_SNAPSHOT)
        assert page.evaluate(TOO_EARLY) == 0
        drawn.add(run_python(page, "import random; random.random()"))
        page.close()
    assert len(drawn) == 3


def test_the_next_visit_asks_the_network_for_nothing_and_what_comes_late_comes_once(
    context: BrowserContext, one_host: StaticHost
) -> None:
    first = visit_and_keep(context, one_host.home)
    assert first.evaluate(ANNOUNCED) == []
    first.close()
    assert [path for path in one_host.asked if path.endswith(LATE)] == []
    complaints: list[str] = []
    for is_plugged in (True, False):
        if not is_plugged:
            one_host.unplug()
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.goto(one_host.home)
        assert_alive(page)
        assert page.evaluate(FROM_SNAPSHOT)
        assert page.evaluate(ANNOUNCED) == ["pyodide.asm.mjs", CORE.name]
        assert run_python(page, "import sys; 'numpy' in sys.modules") is False
        page.get_by_label("Computed", exact=True).check()
        expect(page.locator("#figure [data-part=readout]")).to_contain_text("RMS ∂L/∂a")
        expect(page.locator("#verdict")).to_contain_text("the output's gradient")
        page.close()
    assert sorted(path.rpartition("/")[2] for path in one_host.asked if path.endswith(LATE)) == sorted(LATE)
    assert complaints == []
    one_host.plug_in()


def test_the_start_needs_nothing_of_what_is_not_in_memory(open_page: Opener) -> None:
    held = Held()
    opened = open_page(HOME, routes={f"**/{SNAPSHOT['library'].name}": held})
    page = opened.page
    held.await_one(page)
    assert_wave_goes(page)
    page.get_by_label("Architecture").fill("2-x")
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    page.get_by_label("Computed", exact=True).check()
    held.let_go(page)
    expect(page.locator("#verdict")).to_contain_text("the output's gradient")
    assert opened.errors == []


@pytest.mark.parametrize(
    ("name", "handler"),
    [
        (SNAPSHOT["snapshot"].name, answer_404),
        (SNAPSHOT["snapshot"].name, half),
        (SNAPSHOT["snapshot"].name, abort),
        (SNAPSHOT["start"].name, half),
        ("pyodide/start.wasm", abort),
        ("pyodide/start.wasm", half),
        ("pyodide/pyodide.asm.mjs", half),
        ("pyodide/pyodide.asm.mjs", as_text),
    ],
)
def test_where_a_file_of_it_fails_python_starts_plainly_in_the_same_visit(
    open_page: Opener, name: str, handler: Handler
) -> None:
    opened = open_page(HOME, routes={f"**/{name}": handler})
    assert_plain(opened.page)


def spoilt(change: Callable[[bytearray], object]) -> Callable[[Path], None]:
    """Return what publishes a snapshot that is damaged, with an integrity that fits."""

    def publish(site: Path) -> None:
        (path,) = site.glob("snapshot-*.bundle")
        content = bytearray(gzip.decompress(path.read_bytes()))
        change(content)
        path.write_bytes(gzip.compress(content, 1))
        for name in release.PAGES:
            page = (site / name).read_text(encoding="utf-8")
            former = manifest.read(page, name)
            assert former.snapshot
            memory = former.snapshot.memory._replace(integrity=release.integrity(path.read_bytes()))
            changed = replace(former, snapshot=former.snapshot._replace(memory=memory))
            (site / name).write_text(manifest.insert(page, changed, name), encoding="utf-8")

    return publish


def cut(content: bytearray) -> None:
    del content[len(content) // 2 :]


def empty(content: bytearray) -> None:
    start = 4 + int.from_bytes(content[:4], "little")
    content[start:] = bytes(len(content) - start)


@pytest.mark.parametrize("change", [cut, empty])
def test_where_python_does_not_work_in_it_python_starts_plainly_in_the_same_visit(
    context: BrowserContext, one_host: StaticHost, change: Callable[[bytearray], object]
) -> None:
    one_host.publish(spoilt(change))
    assert_plain(visit(context, one_host.home))


def test_where_it_is_never_ready_python_starts_plainly_in_the_same_visit(open_page: Opener, origin: str) -> None:
    opened = open_page(f"{HOME}web/icon.svg", alive=False, clock=True)
    page = opened.page
    page.add_init_script(NEVER_READY)
    page.goto(origin + HOME)
    until(page, lambda: bool(page.evaluate("window.isWaiting")))
    until(page, lambda: not opened.unanswered)
    page.clock.run_for(20_000)
    page.clock.resume()
    opened.wait_alive()
    assert_plain(page)


def test_a_page_that_fails_after_a_start_from_it_starts_plainly_by_itself(
    context: BrowserContext, one_host: StaticHost
) -> None:
    page = context.new_page()
    page.add_init_script(FAILS_ONCE)
    page.goto(one_host.home)
    assert_alive(page)
    assert_plain(page)
    page.reload()
    assert_alive(page)
    assert page.evaluate(FROM_SNAPSHOT)  # it is tried again


def test_a_start_from_it_that_never_ended_is_not_repeated(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit(context, one_host.home)
    page.evaluate("sessionStorage.setItem('gradient-flow-viz snapshot', '1')")
    page.reload()
    assert_alive(page)
    assert_plain(page)
    assert page.evaluate(MARK) is None


def test_a_damaged_one_in_the_kept_site_is_replaced(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit_and_keep(context, one_host.home)
    page.evaluate(DAMAGE, "/snapshot-")
    page.reload()
    assert_alive(page)
    assert_plain(page)
    wait_until(page, IS_REMOVED)
    page.reload()
    assert_alive(page)
    assert page.evaluate(FROM_SNAPSHOT)
