"""The answer to a change of a computed network: figure, bars and verdict, at 8 layers of 16 and a batch of 64.

A case is a real key on a control, or a real click in *Learn*: one on a lesson, on an answer, and on *Predict*. Its
figures, in ms:

- `seen`: from the event's own time until figure, bars and verdict are all changed. Of a click: until its handler ends.
- `paint`: until the frame that shows it is presented, by Event Timing, in steps of 8.
- `frame`: the longest time between two frames, from the event until the fixes are tried.
- `task`: the main thread's processor time in the 150 ms from the event on, in which other work of the machine does not
  count; `script` is the part that runs scripts.
- `apart`: the frames between the first and the last of the three changes; 0: they come together.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, Final

from playwright.sync_api import BrowserType, CDPSession, Page

from bench.boot import fresh_profile, medians
from bench.watched import Found, Row

PAGE: Final = "ours"  # the only page that computes
LAYERS: Final = "-".join(["16"] * 8)
KEYS: Final = {"activation": "ArrowDown", "initialisation": "ArrowDown", "residual": "Space", "normalisation": "Space"}
LESSONS: Final = ("sigmoid", "he_relu", "fix")  # of one network, of five, and of many
WARM: Final = 6_000  # ms: the page is kept for the next visit, and the first fixes are tried
SOON: Final = 150  # ms from an event on
REST: Final = 2_500  # ms, until the fixes are tried
WATCH: Final = """() => {
  const noted = window.__noted = {parts: {}, gaps: [], events: [], inputs: []};
  let frame = 0, last = performance.now();
  const step = () => {
    const now = performance.now();
    noted.gaps.push([last, now]);
    last = now;
    frame++;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  const watched = {subtree: true, childList: true, characterData: true, attributes: true};
  for (const [part, attributes] of [['figure', ['fill']], ['bars', ['y', 'height']], ['verdict', ['data-kind']]])
    new MutationObserver(() => { noted.parts[part] ??= [performance.now(), frame]; })
      .observe(document.getElementById(part), {...watched, attributeFilter: attributes});
  const note = event => { noted.inputs.push(event.timeStamp); };
  for (const type of ['input', 'click']) document.addEventListener(type, note, true);
  new PerformanceObserver(list => noted.events.push(...list.getEntries().map(
    ({name, startTime, processingEnd, duration}) => ({name, startTime, processingEnd, duration}))))
    .observe({type: 'event', durationThreshold: 16});
}"""
FORGET: Final = "() => Object.assign(__noted, {parts: {}, gaps: [], events: [], inputs: []})"
ALIVE: Final = "html[data-state=alive]"


def answered(noted: Mapping[str, Any]) -> Row:
    """Return the figures of one change from what the page has noted."""
    began = noted["inputs"][0]
    presented = [event for event in noted["events"] if event["startTime"] + event["duration"] > began]
    parts = noted["parts"].values()
    handled = max((event["processingEnd"] for event in presented), default=began)
    return {
        "seen": max((time for time, _ in parts), default=handled) - began,
        "paint": max((event["startTime"] + event["duration"] - began for event in presented), default=16.0),
        "frame": max(end - start for start, end in noted["gaps"] if end > began),
        "apart": max((frame for _, frame in parts), default=0) - min((frame for _, frame in parts), default=0),
    }


class Stopwatch:
    """A page with its network, in which one change after another is measured."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        page.goto(f"{base}?source=computed&playing=0&layers={LAYERS}")
        page.wait_for_selector(ALIVE)
        page.wait_for_selector("#fix-status", state="attached")
        page.wait_for_timeout(WARM)
        self._protocol: CDPSession = page.context.new_cdp_session(page)
        self._protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(WATCH)

    def _spent(self) -> dict[str, float]:
        found = self._protocol.send("Performance.getMetrics")["metrics"]
        return {each["name"]: 1_000 * each["value"] for each in found if each["name"].endswith("Duration")}

    def time(self, act: Callable[[], object]) -> Row:
        """Do something, and return its figures."""
        self.page.evaluate(FORGET)
        before = self._spent()
        act()
        self.page.wait_for_timeout(SOON)
        after = self._spent()
        self.page.wait_for_timeout(REST)
        spent = {name: after[f"{name.capitalize()}Duration"] - before[f"{name.capitalize()}Duration"]
                 for name in ("task", "script")}  # fmt: skip
        return answered(self.page.evaluate("__noted")) | spent

    def press(self, field: str) -> Row:
        """Press the key that changes a field."""
        control = self.page.locator(f"#computed-{field}")
        control.focus()
        return self.time(lambda: self.page.keyboard.press(KEYS[field]))

    def click(self, selector: str) -> Row:
        """Click the first element that fits."""
        return self.time(self.page.locator(selector).first.click)


def visit(page: Page, base: str) -> dict[str, Row]:
    """Make each change once."""
    watch = Stopwatch(page, base)
    watch.press("activation")  # the first change of all also brings code
    rows = {field: watch.press(field) for field in KEYS}
    for lesson in LESSONS:
        rows[lesson] = watch.click(f"[data-lesson={lesson}]")
        rows[f"{lesson}, answer"] = watch.click("[data-choice], #estimate-guess")
    rows["predict"] = watch.click("[data-mode=predict]")
    return rows


def changes(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure this page only, with a new profile for each run."""
    visits = []
    for _ in range(options.runs):
        with fresh_profile(chromium) as context:
            visits.append(visit(context.new_page(), pages[PAGE]))
    return {PAGE: {case: medians([each[case] for each in visits]) for case in visits[0]}}
