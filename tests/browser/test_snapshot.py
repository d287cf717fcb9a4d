"""Python's kept memory, in a real browser: return visits that start from it, and plain starts where it won't do."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.kept_site import StaticHost, assert_alive, visit, visit_and_keep, wait_until
from tests.support.lazy_bundles import bring_lazy
from tests.support.places import NUMPY, SITE

LATE = (NUMPY.name, *(path.name for group in ("charts", "computed") for path in SITE.glob(f"{group}-*.bundle")))
REMEMBERED = """async () => {
  for (const name of await caches.keys())
    if (name.endsWith(" snapshot")) return (await (await caches.open(name)).keys()).map(request => request.url);
  return [];
}"""
IS_KEPT = f"async () => (await ({REMEMBERED})()).filter(url => !url.endsWith('&in-use')).length === 1"
CAME_FROM_MEMORY = "() => performance.getEntriesByName('python-from-snapshot').length === 1"
SET_ASIDE = """async () => {
  const name = (await caches.keys()).find(name => name.endsWith(" snapshot"));
  const [key] = await (await caches.open(name)).keys();
  await (await caches.open("aside")).put(key, await caches.match(key));
  return [name, key.url];
}"""
CHANGE = """async ([name, key, how]) => {
  const kept = await (await caches.open("aside")).match(key), cache = await caches.open(name);
  const bytes = new Uint8Array(await kept.arrayBuffer()), headers = new Headers(kept.headers);
  if (how === "tried") await cache.put(`${key}&in-use`, new Response(""));
  if (how === "another browser's") headers.set("Made-By", "another");
  if (how === "full of noise") for (let at = bytes.length >> 1; at < bytes.length; at += 64) bytes[at] ^= 85;
  await cache.put(key, new Response(how === "empty" ? "" : bytes, { headers }));
}"""
NEVER_IDLE = "window.requestIdleCallback = () => 0"  # as for who leaves before there is an idle moment

RUN = """async code => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  return (await loadPyodide({})).runPython(code);
}"""


def visit_and_remember(context: BrowserContext, host: StaticHost) -> Page:
    """A first visit, until the site and Python's memory are kept."""
    page = visit_and_keep(context, host.home)
    wait_until(page, IS_KEPT)
    return page


def assert_wave_goes(page: Page) -> None:
    readout = page.locator("#figure [data-part=readout]")
    expect(readout).not_to_have_text(readout.inner_text())
    page.get_by_label("Architecture").fill("2-3-2")
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["2", "3", "2"])


def test_the_next_visit_starts_from_memory_without_a_word_to_the_network(
    context: BrowserContext, one_host: StaticHost
) -> None:
    first = visit_and_remember(context, one_host)
    assert not first.evaluate(CAME_FROM_MEMORY)
    first.close()
    asked = [path for path in one_host.asked if "/runtime/" in path or "/app-" in path]
    assert sorted(asked) == sorted(set(asked))  # that first visit fetched nothing twice for it
    one_host.asked.clear()
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    page.goto(one_host.home)
    assert_alive(page)
    assert page.evaluate(CAME_FROM_MEMORY)
    assert_wave_goes(page)
    assert bring_lazy(page) == ""
    assert [path for path in one_host.asked if not path.endswith(("sw.js", *LATE))] == []
    assert complaints == []


def test_what_comes_late_comes_to_a_python_from_memory_once_and_then_without_the_network(
    context: BrowserContext, one_host: StaticHost
) -> None:
    visit_and_remember(context, one_host).close()
    assert [path for path in one_host.asked if path.endswith(LATE)] == []
    for is_plugged in (True, False):
        page = visit(context, one_host.home)
        assert page.evaluate(CAME_FROM_MEMORY)
        assert page.evaluate(RUN, "import sys; 'numpy' in sys.modules") is False
        if not is_plugged:
            one_host.unplug()
        page.get_by_label("Computed", exact=True).check()
        expect(page.locator("#figure [data-part=readout]")).to_contain_text("RMS ∂L/∂a")
        expect(page.locator("#verdict")).to_contain_text("the output's gradient")
        page.close()
    assert sorted(path.rpartition("/")[2] for path in one_host.asked if path.endswith(LATE)) == sorted(LATE)
    one_host.plug_in()


def test_it_starts_from_memory_again_and_again_and_draws_other_numbers(
    context: BrowserContext, one_host: StaticHost
) -> None:
    visit_and_remember(context, one_host).close()
    context.add_init_script(NEVER_IDLE)
    drawn = set()
    for query in ("", "?embed=1", ""):
        page = visit(context, one_host.home + query)
        assert page.evaluate(CAME_FROM_MEMORY)
        wait_until(page, f"async () => (await ({REMEMBERED})()).length === 1")  # it is trusted again
        drawn.add(page.evaluate(RUN, "import random; random.random()"))
        page.close()
    assert len(drawn) == 3


def test_where_the_memory_will_not_do_python_starts_plainly_and_keeps_another(
    context: BrowserContext, one_host: StaticHost
) -> None:
    page = visit_and_remember(context, one_host)
    place = page.evaluate(SET_ASIDE)
    for how in ("empty", "full of noise", "another browser's", "tried"):
        page.evaluate(CHANGE, [*place, how])
        page.close()
        page = context.new_page()
        page.add_init_script(NEVER_IDLE)
        page.goto(one_host.home)
        assert_alive(page)
        assert not page.evaluate(CAME_FROM_MEMORY), how
        assert_wave_goes(page)
        assert page.evaluate(REMEMBERED) == []
    page.close()
    page = visit(context, one_host.home)
    wait_until(page, IS_KEPT)
    page.close()
    assert visit(context, one_host.home).evaluate(CAME_FROM_MEMORY)


def test_a_page_that_fails_after_a_start_from_memory_starts_plainly_by_itself(
    context: BrowserContext, one_host: StaticHost
) -> None:
    visit_and_remember(context, one_host).close()
    page = context.new_page()
    # Python's first look at the page finds something amiss, as it might with a memory that is wrong in a small way.
    page.add_init_script("""
      if (!sessionStorage.seen) { sessionStorage.seen = 1; delete window.URLSearchParams; }
    """)
    page.goto(one_host.home)
    assert_alive(page)
    assert not page.evaluate(CAME_FROM_MEMORY)
    assert_wave_goes(page)


def test_a_new_release_keeps_a_memory_of_its_own(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit_and_remember(context, one_host)
    (former,) = page.evaluate(REMEMBERED)

    def publish(site: Path) -> None:
        (bundle,) = site.glob("app-*.bundle")
        other = bundle.with_name("app-0123456789ab.bundle")
        bundle.rename(other)
        index = site / "index.html"
        index.write_text(index.read_text(encoding="utf-8").replace(bundle.name, other.name), encoding="utf-8")

    one_host.publish(publish)
    page.reload()
    assert_alive(page)
    expect(page.locator("#update")).to_be_visible()
    release = page.locator("html").get_attribute("data-release") or ""
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("html")).not_to_have_attribute("data-release", release)
    assert_alive(page)
    wait_until(page, f"async () => (await ({REMEMBERED})()).some(url => url.endsWith('app-0123456789ab.bundle'))")
    assert former not in page.evaluate(REMEMBERED)
