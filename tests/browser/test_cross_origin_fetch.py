"""A run at an address, of this host or another, fetched by a frame under a policy of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.lazy_bundles import RECORDED, bring_lazy, run_async
from tests.support.other_origin import OtherOrigin
from tests.support.pages import Opener, Watched
from tests.support.places import HOME
from tests.support.scripts import COLLECT_VIOLATIONS

SIZE = 3_000_000
FETCH = """
import json
from app.browser import time_slicing
from app.panels.recorded import reading

stop = time_slicing.CancelToken()
told = []

def tell(progress):
    told.append(list(progress))
    if {stopping}:
        stop.stop()

try:
    file = await reading.fetch_run({address!r}, tell, stop)
except time_slicing.Cancelled:
    found = "stopped"
except OSError as error:
    found = str(error)
else:
    found = [file.name, file.size, (await file.slice(0, 9).text())]
json.dumps([found, told])
"""


@pytest.fixture(scope="module")
def watched(open_shared: Opener) -> Watched:
    """The page with what reads runs, under its policy."""
    watched = open_shared(HOME, alive=False, bypass_csp=False, script=COLLECT_VIOLATIONS)
    expect(watched.page.locator("html")).to_have_attribute("data-state", "alive")
    assert bring_lazy(watched.page, RECORDED) == ""
    return watched


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    """Its page; after each test no frame is left, and nothing went against the policy."""
    yield watched.page
    assert watched.page.evaluate("document.querySelectorAll('iframe').length") == 0
    assert watched.page.evaluate("violations") == []


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in it."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "my run.jsonl").write_bytes(b"fc1: 0.5\n" * (SIZE // 9 + 1))
    return folder


@pytest.fixture(scope="module")
def opened(runs: Path) -> Iterator[str]:
    """The origin of a host that lets others read the run."""
    host = OtherOrigin(runs, is_open=True)
    yield host.origin
    host.stop()


@pytest.fixture(scope="module")
def closed(runs: Path) -> Iterator[str]:
    """The origin of one that doesn't."""
    host = OtherOrigin(runs)
    yield host.origin
    host.stop()


def fetch(page: Page, address: str, stopping: str = "False") -> tuple[Any, list[Any]]:
    """The file at an address, or what is wrong with it, and the progress that was reported."""
    found, told = run_async(page, FETCH.format(address=address, stopping=stopping))
    return found, told


def test_another_host_that_lets_it_is_read_with_progress(page: Page, opened: str, runs: Path) -> None:
    size = (runs / "my run.jsonl").stat().st_size
    found, told = fetch(page, f"{opened}/my%20run.jsonl?of=today")
    assert found == ["my run.jsonl", size, "fc1: 0.5\n"]
    assert told[0] == ["my run.jsonl", 1, 1, 0, 0, ""]
    assert len(told) > 1
    assert all(step[:3] == ["my run.jsonl", 1, 1] and step[3] <= step[4] == size for step in told[1:])


def test_its_own_host_is_read_too(page: Page) -> None:
    found, _ = fetch(page, "web/page.css")
    assert found[0] == "page.css"
    assert found[1] > 1_000


def test_what_can_not_be_had_is_said_to_be_and_why(page: Page, opened: str, closed: str) -> None:
    shut = f"{closed}/my%20run.jsonl"
    assert fetch(page, shut)[0] == (f"{shut} could not be reached, or its host doesn’t let other pages read it (CORS).")
    assert fetch(page, f"{opened}/nothing.jsonl")[0] == f"{opened}/nothing.jsonl answered 404."


@pytest.mark.parametrize("address", ["data:text/plain,fc1: 1", "javascript:alert(1)", "file:///run.jsonl", "http://[/"])
def test_an_address_of_another_kind_is_refused(page: Page, address: str) -> None:
    rule = "Run: must be the address of a file, beginning with https:// or http://"
    assert fetch(page, address)[0] == f'{rule}, got "{address}".'


def test_an_address_with_a_password_is_refused_without_repeating_it(page: Page) -> None:
    rule = "Run: must have no name and no password, which browsers don’t send, got one for example.org."
    for address in ("https://me:secret@example.org/run.jsonl", "https://me@example.org/run.jsonl"):
        assert fetch(page, address)[0] == rule


def test_what_is_stopped_comes_no_further(page: Page, opened: str) -> None:
    found, told = fetch(page, f"{opened}/my%20run.jsonl", stopping="True")
    assert (found, len(told)) == ("stopped", 1)


def test_the_frame_obeys_the_page_around_it_alone(page: Page, opened: str) -> None:
    heard = page.evaluate(
        """async address => {
          const frame = document.createElement('iframe');
          frame.src = 'web/cross-origin-fetch.html';
          document.body.append(frame);
          await new Promise(done => frame.addEventListener('load', done));
          const channel = new MessageChannel();
          const heard = [];
          channel.port1.onmessage = ({data}) => heard.push(data);
          // From the frame itself, as from any window but the parent's.
          frame.contentWindow.dispatchEvent(new MessageEvent('message',
            {data: address, origin: location.origin, source: frame.contentWindow, ports: [channel.port2]}));
          await new Promise(done => setTimeout(done, 0));
          const strange = heard.length;
          frame.contentWindow.dispatchEvent(new MessageEvent('message',
            {data: address, origin: location.origin, source: window, ports: [channel.port2]}));
          while (!heard.length) await new Promise(requestAnimationFrame);
          frame.remove();
          return [strange, heard[0]];
        }""",
        f"{opened}/my%20run.jsonl",
    )
    assert heard == [0, {"heard": True}]
