"""The kept site, in a real browser: return visits without the network, and one release at a time, whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.support.examples import run_example
from tests.support.kept_site import (
    DAMAGE,
    KEPT,
    UPDATE_CHECK,
    StaticHost,
    assert_alive,
    release_of,
    visit,
    visit_and_keep,
    wait_until,
)
from tests.support.lazy_bundles import bring_lazy
from tests.support.places import SITE
from tools import wheel


@pytest.fixture(params=["/", "/a/sub/path/"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StaticHost]:
    """The site at the host's root, and under a sub-path."""
    host = StaticHost(tmp_path, request.param)
    yield host
    host.unplug()


def test_the_second_visit_asks_the_network_for_nothing_and_needs_none(
    context: BrowserContext, host: StaticHost
) -> None:
    visit_and_keep(context, host.home).close()
    assert len(host.asked) == len(set(host.asked))  # the site was kept from what the visit had fetched
    host.asked.clear()
    page = visit(context, f"{host.home}?layers=4-4-4&speed=300")
    assert set(host.asked) <= {f"{host.base}{UPDATE_CHECK}"}
    expect(page.locator(".gradient-flow-counts text")).to_have_text(["4", "4", "4"])
    assert bring_lazy(page) == ""  # it is kept from now on
    page.close()
    host.unplug()  # the cable is out
    page = visit(context, f"{host.home}index.html?layers=2-2")
    expect(page.locator(".gradient-flow-counts text")).to_have_text(["2", "2"])
    assert bring_lazy(page) == ""
    page.reload()
    assert_alive(page)
    host.plug_in()


def test_the_documentation_and_the_recorder_are_kept_with_the_page(
    context: BrowserContext, one_host: StaticHost
) -> None:
    recorder = (SITE / wheel.RECORDER).read_text(encoding="utf-8")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit_and_keep(context, one_host.home).close()
    assert one_host.asked.count(f"{one_host.base}{wheel.RECORDER}") == 1
    one_host.unplug()
    page = context.new_page()
    page.goto(f"{one_host.home}docs.html#record")
    expect(page.locator("html")).to_have_attribute("data-state", "alive")
    run_example(page, "default")
    page.get_by_role("button", name="Copy the recorder").click()
    expect(page.locator("[data-copy-file]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == recorder
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download the recorder").click()
    assert begun.value.suggested_filename == "gradient_flow_recorder.py"
    assert begun.value.path().read_text(encoding="utf-8") == recorder
    one_host.plug_in()


def test_a_host_that_shortens_addresses_has_its_documentation_kept_too(context: BrowserContext, tmp_path: Path) -> None:
    host = StaticHost(tmp_path, "/", shortens=True)
    visit_and_keep(context, host.home).close()
    host.unplug()
    for name in ("docs.html#props", "docs#props"):
        page = context.new_page()
        page.goto(host.home + name)
        expect(page.locator("html")).to_have_attribute("data-state", "alive")
        expect(page.locator("#props-heading")).to_be_in_viewport()


def rename(page: Path, title: str, other: str) -> None:
    """Give a page another title."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(f"<title>{title}", f"<title>{other}"), encoding="utf-8")


def test_a_new_release_is_offered_and_taken_whole(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit_and_keep(context, one_host.home)
    former, title = release_of(page), page.title()
    one_host.publish(lambda site: rename(site / "index.html", title, "Another title"))
    page.reload()
    assert_alive(page)
    assert release_of(page) == former  # as it was kept, all of it
    expect(page.locator("#update")).to_be_visible()
    expect(page).to_have_title(title)
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("html")).not_to_have_attribute("data-release", former)
    assert_alive(page)
    expect(page).to_have_title("Another title")
    expect(page.locator("#update")).to_be_hidden()
    wait_until(page, f"async () => Object.keys(await ({KEPT})()).length === 1")  # the former one is gone


def test_half_a_release_is_not_taken(context: BrowserContext, one_host: StaticHost) -> None:
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


REGISTERED = "navigator.serviceWorker.getRegistration().then(found => Boolean(found))"
SUM = """async name => {
  for (const key of await caches.keys()) {
    const cache = await caches.open(key);
    for (const request of (await cache.keys()).filter(request => request.url.includes(name)))
      if (await (await cache.match(request)).text() === "damaged") return "damaged";
  }
  return "sound";
}"""


def test_a_host_that_does_not_answer_leaves_the_kept_site(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit_and_keep(context, one_host.home)
    one_host.unplug()
    assert "could not be loaded" in bring_lazy(page)  # it has never been asked for before
    assert page.evaluate(REGISTERED)
    page.reload()
    assert_alive(page)
    one_host.plug_in()
    shutil.rmtree(one_host.site / "runtime")  # of another release, now
    for bundle in one_host.site.glob("*.bundle"):
        bundle.unlink()
    for _ in range(2):  # however often it is asked for
        assert "could not be loaded" in bring_lazy(page)
    wait_until(page, f"() => {REGISTERED}.then(there => !there)")


def test_trying_again_replaces_a_damaged_file(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit_and_keep(context, one_host.home)
    page.evaluate(DAMAGE, "/core-")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-state", "failed")
    page.get_by_role("button", name="Try again").click()
    assert_alive(page)
    assert page.evaluate(SUM, "/core-") == "sound"


def test_a_new_release_takes_no_damaged_file_from_the_former(context: BrowserContext, one_host: StaticHost) -> None:
    page = visit_and_keep(context, one_host.home)
    former = release_of(page)
    page.evaluate(DAMAGE, "/core-")
    one_host.publish(lambda site: (site / "web" / "page.css").write_text("body { margin: 77px }"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-state", "failed")
    page.evaluate("""() => navigator.serviceWorker.getRegistration().then(found => found.update())""")
    wait_until(page, "() => navigator.serviceWorker.getRegistration().then(found => Boolean(found.waiting))")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("html")).not_to_have_attribute("data-release", former)
    assert_alive(page)


def test_a_tab_beside_the_one_that_takes_a_release_can_follow(context: BrowserContext, one_host: StaticHost) -> None:
    visit_and_keep(context, one_host.home).close()
    first, second = visit(context, one_host.home), visit(context, one_host.home)
    former = release_of(first)
    one_host.publish(lambda site: (site / "web" / "page.css").write_text("body { margin: 77px }"))
    first.reload()
    assert_alive(first)
    first.get_by_role("button", name="Use it").click()
    expect(first.locator("html")).not_to_have_attribute("data-release", former)
    second.get_by_role("button", name="Use it").click()
    expect(second.locator("html")).not_to_have_attribute("data-release", former)
    assert_alive(second)


def test_other_copies_on_the_same_origin_keep_theirs(
    context: BrowserContext, one_host: StaticHost, tmp_path: Path
) -> None:
    shutil.copytree(SITE, tmp_path / "other")
    visit_and_keep(context, one_host.home).close()
    page = visit_and_keep(context, one_host.home.replace(one_host.base, "/other/"))
    kept: dict[str, Any] = page.evaluate(KEPT)
    assert sorted(paths[0].split("/")[1] for paths in kept.values()) == ["gradient-flow-viz", "other"]


def test_without_room_it_works_without_keeping(context: BrowserContext, one_host: StaticHost) -> None:
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


def test_where_there_are_no_workers_it_works_without(context: BrowserContext, one_host: StaticHost) -> None:
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    assert visit(context, one_host.home).evaluate("'serviceWorker' in navigator") is False


def test_the_manifest_says_what_an_installed_page_needs(
    launch_whole: Callable[..., BrowserContext], one_host: StaticHost
) -> None:
    context = launch_whole()
    page = context.new_page()
    page.goto(one_host.home)
    protocol = context.new_cdp_session(page)
    found = protocol.send("Page.getAppManifest")
    assert (found["errors"], found["url"]) == ([], f"{one_host.home}web/manifest.webmanifest")
    assert protocol.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
