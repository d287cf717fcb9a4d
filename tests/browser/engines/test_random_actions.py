"""Random actions in the engines that the other tests don't run in. Time passes by itself here."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tests.support.driver import Driver
from tests.support.random_actions import READY, SOURCES, assert_consistent, begin, chosen

ACTIONS = int(os.environ.get("RANDOM_ACTIONS", "20"))  # a source
MAX_LOOKS = 1_000  # at a page, until all that it shows agrees


class DriverHands:
    """The page in the engine under test."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self._driver.js(f"(({script})({json.dumps(argument)}) ?? null)")

    def press(self, key: str) -> None:
        self._driver.press(key)

    def wait(self, milliseconds: int) -> None:
        raise AssertionError("here time passes by itself")

    def settle(self) -> None:
        """Wait until all that is shown agrees. Raises AssertionError if it never does."""
        self._driver.until(f"({READY})()", seconds=60)
        for _ in range(MAX_LOOKS):
            try:
                return assert_consistent(self)
            except AssertionError:
                continue
        return assert_consistent(self)


@pytest.mark.parametrize("source", SOURCES)
def test_after_each_action_all_that_is_shown_comes_to_agree(live: Driver, source: str) -> None:
    hands = DriverHands(live)
    begin(hands, source)
    if source == "recorded":
        live.until("document.getElementById('run-files') !== null", seconds=60)
    done = []
    for action in chosen(source, ACTIONS, waiting=False):
        done.append(action.name)
        action.do(hands)
        try:
            hands.settle()
        except AssertionError as error:
            raise AssertionError(f"after {done}: {error}") from error
