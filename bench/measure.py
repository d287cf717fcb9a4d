"""Pages that show the gradient wave, measured side by side in one run: boot, steady cost, re-flow, rest.

    python -m bench.measure [boot] [steady] [reflow] [rest] [--runs 5] [--seconds 8] [--sizes 3-4-4-2,12x12,32x32]
    python -m bench.measure steady --page other=http://127.0.0.1:9000/

A page is known by its contract alone: role=figure, an aria-live region saying `layer A of N`, a field labelled
`Architecture`, the query parameters `layers` and `speed`. `12x12` means twelve layers of twelve. Figures are medians;
their ratios hold where the absolute ones of a noisy machine don't. Chromium is the one in CHROMIUM, or on the PATH, or
Playwright's.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from bench.prepare import lay_out_pages
from tools.chromium import ARGUMENTS, executable
from tools.serve import open_server

PATIENCE: Final = 120_000  # ms
WATCH: Final = """
window.__seen = []; window.__figure = null; window.__frames = 0;
const look = () => {
  if (window.__figure === null && document.querySelector('[role=figure] svg circle, [role=figure] svg path'))
    window.__figure = performance.now();
  const said = [...document.querySelectorAll('[aria-live]')].map(e => e.textContent)
    .find(t => /layer \\d+ of \\d+/.test(t));
  if (said && window.__seen.at(-1)?.[1] !== said) window.__seen.push([performance.now(), said]);
};
new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
const frame = requestAnimationFrame.bind(window);
window.requestAnimationFrame = callback => { window.__frames++; return frame(callback); };
"""
FRAME_GAPS: Final = """seconds => new Promise(done => {
  const gaps = []; let last = performance.now(); const end = last + seconds * 1e3;
  const step = now => { gaps.push(now - last); last = now; now < end ? requestAnimationFrame(step) : done(gaps); };
  requestAnimationFrame(step); })"""
REFLOW: Final = """([text, depth]) => new Promise(done => {
  const label = [...document.querySelectorAll('label')].find(l => l.textContent.includes('Architecture'));
  const input = label.control || label.querySelector('input');
  const start = performance.now();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
  input.dispatchEvent(new Event('input', {bubbles: true}));
  const there = () => [...document.querySelectorAll('[aria-live]')].some(e => e.textContent.includes(` of ${depth} `));
  const poll = () => there() ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)))
    : performance.now() - start > 20000 ? done(NaN) : requestAnimationFrame(poll);
  requestAnimationFrame(poll); })"""

Row = dict[str, float]


class Watched:
    """A page under measurement, with Chromium's own counters."""

    def __init__(self, browser: Browser, context: BrowserContext | None = None) -> None:
        self.context = context or browser.new_context(bypass_csp=True)
        self.page: Page = self.context.new_page()
        self.page.add_init_script(WATCH)
        self.bytes = 0.0
        self._protocol: CDPSession = self.context.new_cdp_session(self.page)
        for domain in ("Performance", "Network"):
            self._protocol.send(f"{domain}.enable")
        self._protocol.on("Network.loadingFinished", self._count)

    def _count(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]

    def metrics(self) -> dict[str, float]:
        """Chromium's counters: seconds of main-thread work of each kind since the page began, and more."""
        return {one["name"]: one["value"] for one in self._protocol.send("Performance.getMetrics")["metrics"]}

    def wait_for_advances(self, count: int) -> None:
        """Wait until the wave has said `count` different things."""
        self.page.wait_for_function(f"window.__seen.length >= {count}", timeout=PATIENCE)


def spell(size: str) -> str:
    """`12x12` as an architecture."""
    if "x" not in size:
        return size
    depth, width = size.split("x")
    return "-".join([width] * int(depth))


def address(base: str, size: str, **more: str) -> str:
    """A page's address with an architecture and other parameters."""
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{base}?layers={spell(size)}&speed=500{extra}"


def median(rows: list[Row]) -> Row:
    """Each figure's median."""
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def boot(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """First picture and life, ms since navigation, main-thread ms until then and MB fetched: cold, and again."""
    cold: list[Row] = []
    again: list[Row] = []
    for _ in range(options.runs):
        context = None
        for rows in (cold, again, again):
            watched = Watched(browser, context)
            context = watched.context
            watched.page.goto(base)
            watched.wait_for_advances(3)
            seen = watched.page.evaluate("window.__seen")
            task = watched.metrics()["TaskDuration"] * 1e3
            picture = watched.page.evaluate("window.__figure")
            rows.append({"picture": picture, "live": seen[1][0], "task": task, "MB": watched.bytes / 1e6})
            watched.page.close()
        if context is not None:
            context.close()
    return {"cold": median(cold), "again": median(again)}


def steady(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """Main-thread ms for each second of autoplay, and the gaps between frames in ms."""
    found = {}
    for size in options.sizes.split(","):
        watched = Watched(browser)
        watched.page.goto(address(base, size))
        watched.wait_for_advances(4)
        before, began = watched.metrics(), time.perf_counter()
        gaps = sorted(watched.page.evaluate(FRAME_GAPS, options.seconds)[1:])
        after, took = watched.metrics(), time.perf_counter() - began
        found[size] = {
            "busy": (after["TaskDuration"] - before["TaskDuration"]) / took * 1e3,
            "script": (after["ScriptDuration"] - before["ScriptDuration"]) / took * 1e3,
            "p99": gaps[int(0.99 * len(gaps))],
            "longest": gaps[-1],
            "elements": watched.page.evaluate("document.querySelectorAll('[role=figure] *').length"),
        }
        watched.context.close()
    return found


def reflow(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """Milliseconds from a change of the architecture field to the figure drawn anew, from 2-2."""
    watched = Watched(browser)
    watched.page.goto(base)
    watched.wait_for_advances(3)
    found = {}
    for size in options.sizes.split(","):
        took = []
        for _ in range(options.runs):
            watched.page.evaluate(REFLOW, ["2-2", 2])
            took.append(watched.page.evaluate(REFLOW, [spell(size), spell(size).count("-") + 1]))
        found[f"2-2 to {size}"] = {"ms": statistics.median(took)}
    watched.context.close()
    return found


def rest(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """What a paused, settled page still does: frames asked for, and main-thread ms a second."""
    watched = Watched(browser)
    watched.page.goto(address(base, "3-4-4-2", playing="0"))
    watched.page.wait_for_function("window.__seen.length >= 1", timeout=PATIENCE)
    watched.page.wait_for_timeout(3000)
    before, frames = watched.metrics(), watched.page.evaluate("window.__frames")
    watched.page.wait_for_timeout(options.seconds * 1000)
    after, later = watched.metrics(), watched.page.evaluate("window.__frames")
    watched.context.close()
    busy = (after["TaskDuration"] - before["TaskDuration"]) / options.seconds * 1e3
    script = (after["ScriptDuration"] - before["ScriptDuration"]) / options.seconds * 1e3
    return {"3-4-4-2": {"frames": later - frames, "busy": busy, "script": script}}


SCENARIOS: Final[dict[str, Callable[[Browser, str, argparse.Namespace], dict[str, Row]]]] = {
    "boot": boot,
    "steady": steady,
    "reflow": reflow,
    "rest": rest,
}


def show(name: str, found: dict[str, dict[str, Row]]) -> None:
    """One table a scenario: a row for each page and case."""
    print(f"\n{name}")
    for page, cases in found.items():
        for case, row in cases.items():
            figures = "  ".join(f"{figure} {value:.1f}" for figure, value in row.items())
            print(f"  {page:6s} {case:16s} {figures}", flush=True)


def main() -> None:
    """Measure what was asked for, all pages in one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--sizes", default="3-4-4-2,12x12,32x32")
    parser.add_argument("--page", action="append", default=[], metavar="NAME=ADDRESS", help="instead of the three")
    parser.add_argument("--only", default="ours,stock,peer", help="which of the three")
    options = parser.parse_args()
    pages = dict(one.split("=", 1) for one in options.page)
    if not pages:
        for name, folder in lay_out_pages().items():
            if name in options.only.split(","):
                server = open_server(folder, 0)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                pages[name] = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        for name in options.scenarios or SCENARIOS:
            scenario = SCENARIOS[name]
            show(name, {page: scenario(browser, base, options) for page, base in pages.items()})
        browser.close()


if __name__ == "__main__":
    main()
