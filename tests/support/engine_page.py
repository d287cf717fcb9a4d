"""The page in an engine: waiting for it, and what it may not do."""

from __future__ import annotations

import json

from tests.support.driver import Driver
from tests.support.pages import ALIVE

READOUT = "document.querySelector('#figure [data-part=readout]').textContent"


def wait_alive(driver: Driver) -> None:
    """Wait until Python has taken the page over, or says that it never will."""
    driver.until("document.documentElement.dataset.state !== 'loading'", seconds=90)
    assert driver.js(ALIVE), driver.js("document.getElementById('status-text').textContent")


def wait_for(driver: Driver, expression: str, value: object) -> None:
    """Wait until an expression is worth a value; raises AssertionError with what it is worth instead."""
    try:
        driver.until(f"JSON.stringify({expression}) === JSON.stringify({json.dumps(value)})")
    except AssertionError:
        raise AssertionError(f"{expression} is {driver.js(expression)!r}, not {value!r}") from None


def assert_kept_to_itself(driver: Driver, home: str) -> None:
    elsewhere = [address for address in driver.requests() if not address.startswith(home)]
    found = elsewhere, driver.complaints(), driver.violations()
    assert found == ([], [], []), found  # said here: pytest looks into no module that isn't a test
