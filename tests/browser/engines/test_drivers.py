"""The drivers themselves: what the other tests expect to find nothing of, they would notice."""

from __future__ import annotations

import pytest

from tests.browser.engines.conftest import Launch
from tests.support.driver import Driver
from tests.support.host import Host

PLAIN = "/gradient-flow-viz/web/icon.svg"


@pytest.fixture(scope="module")
def shared(launch_shared: Launch) -> Driver:
    return launch_shared()


@pytest.fixture
def driver(shared: Driver, host: Host) -> Driver:
    """A document without any script, from a host of its own."""
    shared.open(host.origin + PLAIN)
    return shared


def heard(driver: Driver) -> list[str]:
    """Its complaints, once there are some: an engine tells of them a little after the page has gone on."""
    for _ in range(1000):
        if driver.complaints():
            break
        driver.js("null")
    return driver.complaints()


def test_a_plain_document_gives_no_cause(driver: Driver, host: Host) -> None:
    assert host.origin + PLAIN in driver.requests()
    assert [address for address in driver.requests() if not address.startswith(host.origin)] == []
    assert driver.complaints() == driver.violations() == []


@pytest.mark.parametrize(
    "script",
    [
        "console.error('a mishap')",
        "console.warn('a mishap')",
        "setTimeout(() => { throw new Error('a mishap'); })",
        "void Promise.reject(new Error('a mishap'))",
    ],
)
def test_a_complaint_is_noticed(driver: Driver, script: str) -> None:
    driver.js(f"(() => {{ {script}; }})()")
    [complaint] = heard(driver)
    assert "a mishap" in complaint


def test_a_request_to_another_host_is_noticed(driver: Driver) -> None:
    for address in ("http://elsewhere.invalid/plain", "https://elsewhere.invalid/sealed"):
        driver.js(f"void fetch('{address}').catch(() => {{ window.over = '{address}'; }})")
        driver.until(f"window.over === '{address}'")
    assert "http://elsewhere.invalid/plain" in driver.requests()
    assert any(address.startswith("https://elsewhere.invalid") for address in driver.requests())


def test_a_refusal_of_the_policy_is_noticed(driver: Driver, host: Host) -> None:
    driver.open(host.origin + "/gradient-flow-viz/nothing")  # what says so is a page with a head to put a policy in
    driver.js(
        """(() => {
          const policy = document.createElement("meta");
          policy.httpEquiv = "Content-Security-Policy";
          policy.content = "img-src 'none'";
          document.head.append(policy);
          new Image().src = "/gradient-flow-viz/web/icon.svg";
        })()"""
    )
    driver.until("window.violations.length > 0")
    assert driver.violations() == [f"img-src {host.origin}{PLAIN}"]


def test_a_stopped_host_answers_no_more(driver: Driver, host: Host) -> None:
    host.stop()
    driver.js(
        """void fetch(location.href, { cache: "no-store" })
          .then(() => { window.outcome = "came"; }, () => { window.outcome = "gone"; })"""
    )
    driver.until("window.outcome")
    assert driver.js("window.outcome") == "gone"
