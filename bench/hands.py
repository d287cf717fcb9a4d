"""What a visitor's hands feel while a page starts: real keys and a real wheel, from the first paint until it lives.

In the field labelled `Architecture` a key is pressed that changes nothing, End, and the wheel is turned to and fro; the
next key comes only once the page has answered, so that one waits through every task that is long. Each visit is a
first one. What is told, in ms:

- `keys`: how many keys came in that time.
- `wait`: the longest that a key waited for the page to hear of it; `usual`: the median of all.
- `gap`: the longest time between two of the page's frames. Scrolling itself needs none of them: no page listens to the
  wheel, so it is moved apart from the main thread, over what is painted already.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType, ViewportSize

from bench.boot import TOLD, alive, fresh_profile, is_served, medians
from bench.boot import WATCH as BOOT_WATCH
from bench.watched import Found, Row, Watched

KEY: Final = "End"
PAUSE: Final = 30  # ms from an answer to the next key
LOW: Final[ViewportSize] = {"width": 1280, "height": 400}  # px: a window that each page is too high for
ADVANCES: Final = 4
PATIENCE: Final = 2_000  # keys
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
    """How long each span took, of those that touch the time from `began` to `ended`; all in ms."""
    return [until - since for since, until in spans if until > began and since < ended]


def felt(keys: Sequence[Sequence[float]], frames: Sequence[Sequence[float]], began: float, ended: float) -> Row:
    """What is told of a visit: keys pressed and heard, frames and the frames after them, first paint, life."""
    waits = within(keys, began, ended)
    return {
        "keys": len(waits),
        "usual": statistics.median(waits),
        "wait": max(waits),
        "gap": max(within(frames, began, ended)),
    }


def visit(context: BrowserContext, base: str, *, served: bool) -> Row:
    """A first visit to a page with a hand on the keys and one on the wheel."""
    watched = Watched(context)
    page, down = watched.page, list[bool]()
    page.set_viewport_size(LOW)
    page.expose_function("handsDown", lambda: down.append(True))
    page.add_init_script(BOOT_WATCH)
    page.add_init_script(WATCH % ADVANCES)
    page.mouse.move(LOW["width"] / 2, LOW["height"] / 2)
    page.goto(base, wait_until="commit")
    for number in range(PATIENCE):
        page.keyboard.press(KEY)
        page.mouse.wheel(0, WHEEL if number % 2 else -WHEEL)
        page.wait_for_timeout(PAUSE)
        if down:
            break
    told = page.evaluate(TOLD)
    lives = alive(watched.seen(), told["spoken"], served=served)
    keys, frames = page.evaluate("[window.__heard, window.__gaps]")
    page.close()
    return felt(keys, frames, told["paint"], lives)


def hands(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Cold visits with input all the while, the pages in turn."""
    served = {page: is_served(base) for page, base in pages.items()}
    cold: dict[str, list[Row]] = {page: [] for page in pages}
    for _ in range(options.runs):
        for page, base in pages.items():
            with fresh_profile(chromium) as context:
                cold[page].append(visit(context, base, served=served[page]))
    return {page: {"hands": medians(rows)} for page, rows in cold.items()}
