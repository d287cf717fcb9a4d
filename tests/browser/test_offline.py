"""The kept site, in a real browser: return visits without the network, and one release at a time, whole."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import SITE, bring_late, new_context, shown
from tools import release, wheel
from tools.serve import Handler, Server

UPDATE_CHECK = "sw.js"  # a browser asks for it by itself at each visit: that is how it hears of a new release
KEPT = """async () => {
  const found = {};
  for (const name of (await caches.keys()).filter(name => !name.endsWith(" memory"))) // that has tests of its own
    found[name] = (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname);
  return found;
}"""
SETTLED = """() => navigator.serviceWorker.getRegistration()
  .then(found => Boolean(found?.active?.state === "activated" && !found.installing))"""


class Host:
    """A static host with its own copy of the site; notes what it is asked for, and can be unplugged."""

    def __init__(self, folder: Path, base: str) -> None:
        self.site, self.base, self.asked = folder / base.strip("/"), base, list[str]()
        shutil.copytree(SITE, self.site, dirs_exist_ok=True)
        self._folder = folder
        self._port = 0
        self.plug_in()

    @property
    def home(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self._port}{self.base}"

    def plug_in(self) -> None:
        """Answer, at the same address as before."""
        self._server = Server(("127.0.0.1", self._port), partial(_noting(self.asked), directory=str(self._folder)))
        self._port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def unplug(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def publish(self, change: Callable[[Path], object]) -> None:
        """Put up another release: this one, changed."""
        for name in (release.PAGE, release.WORKER):
            shutil.copyfile(SITE / name, self.site / name)
        page, worker = self.site / release.PAGE, self.site / release.WORKER
        text = page.read_text(encoding="utf-8")
        start = text.index(' data-release="')
        page.write_text(text[:start] + text[text.index(">", start) :], encoding="utf-8")
        text = worker.read_text(encoding="utf-8")
        start = text.index("const RELEASE")
        end = text.index("};", start) + 2
        worker.write_text(text[:start] + release.EMPTY + text[end:], encoding="utf-8")
        change(self.site)
        release.stamp(self.site)


def _noting(asked: list[str]) -> type[Handler]:
    class Noting(Handler):
        def do_GET(self) -> None:  # noqa: N802 - the base class's name
            asked.append(self.path)
            super().do_GET()

    return Noting


@pytest.fixture(params=["/", "/a/sub/path/"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """The site at the host's root, and under a sub-path."""
    host = Host(tmp_path, request.param)
    yield host
    host.unplug()


@pytest.fixture
def one_host(tmp_path: Path) -> Iterator[Host]:
    """The site under a sub-path."""
    host = Host(tmp_path, "/gradient-flow-viz/")
    yield host
    host.unplug()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor, who comes back."""
    context = new_context(browser)
    yield context
    context.close()


def visit(context: BrowserContext, address: str) -> Page:
    """A page that has come alive."""
    page = context.new_page()
    page.goto(address)
    assert_alive(page)
    return page


def assert_alive(page: Page) -> None:
    """Python has taken over, and the wave advances."""
    try:
        expect(page.locator("html")).to_have_attribute("data-state", "alive")
    except AssertionError as error:
        raise AssertionError(f"the page did not come alive: {shown(page)}") from error
    readout = page.locator("#figure [data-part=readout]")
    expect(readout).not_to_have_text(readout.inner_text())


def wait_until(page: Page, script: str) -> None:
    """Wait for a promise of true; by evaluate, as the page's policy allows no text to be waited for."""
    came = page.evaluate(f"""async () => {{
      for (let frames = 0; frames < 6_000; frames++) {{
        if (await ({script})()) return true;
        await new Promise(requestAnimationFrame);
      }}
    }}""")
    assert came, f"never came true: {script}"


def visit_and_keep(context: BrowserContext, address: str) -> Page:
    """A first visit, until the site is kept."""
    page = visit(context, address)
    wait_until(page, SETTLED)
    return page


def release_of(page: Page) -> str:
    """The name of the release that the page is of."""
    return str(page.locator("html").get_attribute("data-release"))


def test_the_second_visit_asks_the_network_for_nothing_and_needs_none(context: BrowserContext, host: Host) -> None:
    visit_and_keep(context, host.home).close()
    assert len(host.asked) == len(set(host.asked))  # the site was kept from what the visit had fetched
    host.asked.clear()
    page = visit(context, f"{host.home}?layers=4-4-4&speed=300")
    assert set(host.asked) <= {f"{host.base}{UPDATE_CHECK}"}
    expect(page.locator(".gradient-flow-counts text")).to_have_text(["4", "4", "4"])
    assert bring_late(page) == ""  # it is kept from now on
    page.close()
    host.unplug()  # the cable is out
    page = visit(context, f"{host.home}index.html?layers=2-2")
    expect(page.locator(".gradient-flow-counts text")).to_have_text(["2", "2"])
    assert bring_late(page) == ""
    page.reload()
    assert_alive(page)
    host.plug_in()


def test_the_recorder_is_kept_with_the_page(context: BrowserContext, one_host: Host) -> None:
    recorder = (SITE / wheel.RECORDER).read_text(encoding="utf-8")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit_and_keep(context, one_host.home).close()
    assert one_host.asked.count(f"{one_host.base}{wheel.RECORDER}") == 1
    one_host.unplug()
    page = visit(context, one_host.home)
    page.get_by_role("button", name="Copy the recorder").click()
    expect(page.locator("[data-copy-file]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == recorder
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download the recorder").click()
    assert begun.value.path().read_text(encoding="utf-8") == recorder
    one_host.plug_in()


def test_a_new_release_is_offered_and_taken_whole(context: BrowserContext, one_host: Host) -> None:
    page = visit_and_keep(context, one_host.home)
    former = release_of(page)
    one_host.publish(lambda site: (site / "web" / "page.css").write_text("body { margin: 77px }"))
    page.reload()
    assert_alive(page)
    assert release_of(page) == former  # as it was kept, all of it
    expect(page.locator("#update")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).margin") != "77px"
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("html")).not_to_have_attribute("data-release", former)
    assert_alive(page)
    assert page.evaluate("getComputedStyle(document.body).margin") == "77px"
    expect(page.locator("#update")).to_be_hidden()
    wait_until(page, f"async () => Object.keys(await ({KEPT})()).length === 1")  # the former one is gone


def test_half_a_release_is_not_taken(context: BrowserContext, one_host: Host) -> None:
    page = visit_and_keep(context, one_host.home)
    former, kept = release_of(page), page.evaluate(KEPT)
    style = one_host.site / "web" / "page.css"
    for damage in ("missing", "other"):
        one_host.publish(lambda site: (site / "web" / "page.css").write_text("body { margin: 77px }"))
        if damage == "missing":
            style.unlink()
        else:
            style.write_text("body { margin: 7px }")
        page.evaluate("""() => navigator.serviceWorker.getRegistration().then(found => new Promise(done => {
            found.addEventListener("updatefound", () => found.installing.addEventListener("statechange", event =>
              event.target.state === "redundant" && done()), { once: true });
            found.update().catch(() => {});
          }))""")
        assert page.evaluate(KEPT) == kept
    one_host.unplug()
    page.reload()
    assert_alive(page)
    assert release_of(page) == former
    expect(page.locator("#update")).to_be_hidden()
    one_host.plug_in()


def test_other_copies_on_the_same_origin_keep_theirs(context: BrowserContext, one_host: Host, tmp_path: Path) -> None:
    shutil.copytree(SITE, tmp_path / "other")
    visit_and_keep(context, one_host.home).close()
    page = visit_and_keep(context, one_host.home.replace(one_host.base, "/other/"))
    kept: dict[str, Any] = page.evaluate(KEPT)
    assert sorted(paths[0].split("/")[1] for paths in kept.values()) == ["gradient-flow-viz", "other"]


def test_without_room_it_works_without_keeping(context: BrowserContext, one_host: Host) -> None:
    page = context.new_page()
    context.new_cdp_session(page).send(
        "Storage.overrideQuotaForOrigin", {"origin": one_host.home.removesuffix(one_host.base), "quotaSize": 1000}
    )
    page.goto(one_host.home)
    assert_alive(page)
    wait_until(page, "() => navigator.serviceWorker.getRegistration().then(found => !found?.installing)")
    assert page.evaluate(KEPT) == {}
    page.reload()
    assert_alive(page)


def test_where_there_are_no_workers_it_works_without(context: BrowserContext, one_host: Host) -> None:
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    assert visit(context, one_host.home).evaluate("'serviceWorker' in navigator") is False


def test_the_manifest_says_what_an_installed_page_needs(
    launch_whole: Callable[..., BrowserContext], one_host: Host
) -> None:
    context = launch_whole()
    page = context.new_page()
    page.goto(one_host.home)
    protocol = context.new_cdp_session(page)
    found = protocol.send("Page.getAppManifest")
    assert (found["errors"], found["url"]) == ([], f"{one_host.home}manifest.webmanifest")
    assert protocol.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
