"""Input delay while a page starts: real keys and a real wheel, from the first paint until the wave runs.

In the field labelled `Architecture`, a key that changes nothing is pressed, End, and the wheel is turned up and down.
The next key follows only after the page has handled the one before, so a key waits through each long task. Each visit
is a first one. The figures, in ms:

- `keys`: the number of keys in that time.
- `wait`: the longest time until the page received a key; `usual`: the median.
- `gap`: the longest time between two frames. Scrolling does not depend on them: no page listens to the wheel, so the
  compositor scrolls without the main thread.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType, ViewportSize

from bench.boot import RESULTS, alive, fresh_profile, is_served, medians
from bench.boot import WATCH as BOOT_WATCH
from bench.watched import Found, Row, Watched

KEY: Final = "End"
PAUSE: Final = 30  # ms from a handled key to the next
LOW: Final[ViewportSize] = {"width": 1280, "height": 400}  # px: a window lower than each page
ADVANCES: Final = 4
MAX_KEYS: Final = 2_000
WHEEL: Final = 40  # px, down and up in turn
WATCH: Final = """{
window.__heard = []; window.__gaps = [];
addEventListener('keydown', event => window.__heard.push([event.timeStamp, performance.now()]), true);
let last = performance.now();
const frame = requestAnimationFrame.bind(window);
const step = () => {
  const now = performance.now();
  window.__gaps.push([last, now]);
  last = now;
  if (document.activeElement === document.body)
    [...document.querySelectorAll('label')].find(l => l.textContent.includes('Architecture'))?.control
      ?.focus({preventScroll: true});
  if (window.__seen.length < %d) frame(step);
  else window.handsDown();
};
frame(step);
}"""


def within(spans: Sequence[Sequence[float]], began: float, ended: float) -> list[float]:
    """Return the length of each span that overlaps the time from `began` to `ended`; all in ms."""
    return [until - since for since, until in spans if until > began and since < ended]


def felt(keys: Sequence[Sequence[float]], frames: Sequence[Sequence[float]], began: float, ended: float) -> Row:
    """Return the figures of a visit from the times of keys and frames, between the first paint and `alive`."""
    waits = within(keys, began, ended)
    return {
        "keys": len(waits),
        "usual": statistics.median(waits),
        "wait": max(waits),
        "gap": max(within(frames, began, ended)),
    }


def visit(context: BrowserContext, base: str, *, served: bool) -> Row:
    """Make a first visit to a page, pressing keys and turning the wheel."""
    watched = Watched(context)
    page, down = watched.page, list[bool]()
    page.set_viewport_size(LOW)
    page.expose_function("handsDown", lambda: down.append(True))
    page.add_init_script(BOOT_WATCH)
    page.add_init_script(WATCH % ADVANCES)
    page.mouse.move(LOW["width"] / 2, LOW["height"] / 2)
    page.goto(base, wait_until="commit")
    for number in range(MAX_KEYS):
        page.keyboard.press(KEY)
        page.mouse.wheel(0, WHEEL if number % 2 else -WHEEL)
        page.wait_for_timeout(PAUSE)
        if down:
            break
    results = page.evaluate(RESULTS)
    lives = alive(watched.seen(), results["spoken"], served=served)
    keys, frames = page.evaluate("[window.__heard, window.__gaps]")
    page.close()
    return felt(keys, frames, results["paint"], lives)


def hands(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure cold visits with continuous input, alternating between the pages."""
    served = {page: is_served(base) for page, base in pages.items()}
    cold: dict[str, list[Row]] = {page: [] for page in pages}
    for _ in range(options.runs):
        for page, base in pages.items():
            with fresh_profile(chromium) as context:
                cold[page].append(visit(context, base, served=served[page]))
    return {page: {"hands": medians(rows)} for page, rows in cold.items()}
