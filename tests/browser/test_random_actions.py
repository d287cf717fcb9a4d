"""Random actions, the same on every run: after each of them all that shows the view says the same.

`RANDOM_ACTIONS=300 RANDOM_SEED=2` makes a longer run of others. A build server, which sets CI, makes more.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support.pages import ALL_PANELS, Opener, Watched
from tests.support.places import HOME
from tests.support.random_actions import READY, SOURCES, assert_consistent, begin, chosen

ACTIONS = int(os.environ.get("RANDOM_ACTIONS", "60" if os.environ.get("CI") else "40"))  # a source
SEED = os.environ.get("RANDOM_SEED", "")


class ClockedHands:
    """A page whose clock stands still."""

    def __init__(self, watched: Watched) -> None:
        self._page = watched.page

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self._page.evaluate(script, argument)

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def wait(self, milliseconds: int) -> None:
        self._page.clock.run_for(milliseconds)

    def settle(self) -> None:
        """Let time pass until all is shown and announced, and the address has been written."""
        for _ in range(1_000):
            self.wait(25)
            if self.evaluate(READY):
                break
        self.wait(600)


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME, clock=True, viewport=ALL_PANELS)


@pytest.mark.parametrize("source", SOURCES)
def test_after_each_action_all_that_is_shown_agrees(shared: Watched, source: str) -> None:
    hands = ClockedHands(shared)
    begin(hands, source)
    if source == "recorded":
        shared.page.wait_for_selector("#run-files")
    done = []
    for action in chosen(source, ACTIONS, waiting=True, seed=SEED):
        done.append(action.name)
        action.do(hands)
        hands.settle()
        try:
            assert_consistent(hands)
        except AssertionError as error:
            raise AssertionError(f"at {shared.page.url} after {done}: {error}") from error
    assert shared.errors == []
