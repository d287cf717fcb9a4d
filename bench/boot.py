"""The start of a page, from navigation to the running wave: cold, on return visits, and throttled.

Each page gets a browser with its own profile on disk, new for each run, because Chromium keeps compiled code only
there. The first visit of a run is `cold`; the third to sixth are `again`, because Chromium writes its code cache at the
second.

The figures of a visit, times in ms since navigation:

- `picture`: the first drawn node is in the page and was painted. `content`: the first contentful paint.
- `alive`: Python (or React) has advanced the wave. This is the first change of the aria-live sentence after its element
  appeared. If the element is in the HTML as served, it is replaced when Python takes over the prerendered picture, and
  only changes after that count. Motion by CSS before that does not count.
- `taken`: the aria-live element has appeared or been replaced. Python runs and waits for the beat.
- `tasks`, `longest`, `blocking`: main-thread tasks of over 50 ms between the first paint and `alive`: their number, the
  longest, and the sum of their times above 50 ms.
- `CLS`: the sum of all layout shifts, not only those of the worst five seconds.
- `first MB`: the size of everything that was requested before `alive`, as it came over the network.
- `MB`, `requests`: the network traffic until the page is at rest, including a service worker's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import re
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from playwright.sync_api import BrowserContext, BrowserType, Error, Page

from bench.watched import Found, Row, Watched
from tools.chromium import ARGUMENTS, executable

COMPARED: Final = ("stock", "peer")  # the pages that this page is compared with
VISITS: Final = 6
AGAIN: Final = slice(2, VISITS)
REST: Final = 3_000  # ms after `alive`, for a page to register a service worker and for Chromium to write its caches
AT_ONCE: Final = 5  # ms within which two observers note one change; no wave advances that fast
WORKER_TIMEOUT_MS: Final = 60_000
CPU_SLOWDOWN: Final = 4
LINE: Final = {
    "offline": False,
    "latency": 40,  # ms from a request to its response
    "downloadThroughput": 20e6 / 8,  # bytes per second
    "uploadThroughput": 20e6 / 8,
}
SERVED: Final = re.compile(r"aria-live=[^>]*>[^<]*\blayer \d+ of \d+")
WATCH: Final = """{
window.__boot = {picture: null, spoken: [], longtask: [], 'layout-shift': []};
let speaker;  // the element that says where the wave is; another one after the takeover
new MutationObserver(() => {
  const found = [...document.querySelectorAll('[aria-live]')].find(e => /layer \\d+ of \\d+/.test(e.textContent));
  if (!found || found === speaker) return;
  speaker = found;
  window.__boot.spoken.push(performance.now());
}).observe(document, {subtree: true, childList: true, characterData: true});
new MutationObserver((_, observer) => {
  if (!document.querySelector('[role=figure] svg circle, [role=figure] svg path')) return;
  observer.disconnect();
  requestAnimationFrame(() => {  // it waits for style sheets, as the first paint does
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => { window.__boot.picture = performance.now(); };
    port2.postMessage(null);  // arrives when the frame is done
  });
}).observe(document, {subtree: true, childList: true});
for (const type of ['longtask', 'layout-shift'])
  new PerformanceObserver(list => window.__boot[type].push(...list.getEntries())).observe({type, buffered: true});
}"""
RESULTS: Final = """() => ({
  picture: window.__boot.picture,
  spoken: window.__boot.spoken,
  paint: performance.getEntriesByName('first-paint')[0].startTime,
  content: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  tasks: window.__boot.longtask.map(task => [task.startTime, task.duration]),
  CLS: window.__boot['layout-shift'].reduce((sum, shift) => sum + (shift.hadRecentInput ? 0 : shift.value), 0)})"""
WORKER: Final = """patience => navigator.serviceWorker.getRegistrations().then(found => found.length && Promise.race([
  navigator.serviceWorker.ready.then(() => 1), new Promise(done => setTimeout(done, patience, 1))]))"""


class Traffic:
    """The requests of a page and its workers, from Chromium's events; the first is for the page itself."""

    def __init__(self) -> None:
        self.answers: list[tuple[float, float]] = []  # when each was asked for, in s since the first, and its bytes
        self._asked: dict[tuple[str, str], float] = {}  # by session and request, in s of Chromium's clock

    def note(self, method: str, event: Mapping[str, Any], session: str = "") -> None:
        """Count an event of a session; the page's own has no name."""
        if method == "Network.requestWillBeSent":
            self._asked[session, event["requestId"]] = event["timestamp"]
        elif method == "Network.loadingFinished" and event["encodedDataLength"] > 0:  # otherwise from a cache
            began = next(iter(self._asked.values()))
            asked = self._asked.get((session, event["requestId"]), math.inf)
            self.answers.append((asked - began, event["encodedDataLength"]))

    def megabytes(self, until: float = math.inf) -> float:
        """Return the size of what was asked for within so many ms of the first request, in MB."""
        return sum(size for asked, size in self.answers if asked * 1e3 <= until) / 1e6


class Wire:
    """The network traffic of a page and its workers, which can be throttled.

    Chromium reports workers through the page's session, so their requests are counted and throttled too. A service
    worker then has its own line with the same bandwidth as the page's. Chromium slows down only the page's main thread,
    not workers.
    """

    def __init__(self, page: Page, *, throttled: bool) -> None:
        self.traffic = Traffic()
        self._throttled = throttled
        self._protocol = page.context.new_cdp_session(page)
        self._protocol.on(
            "Network.requestWillBeSent", lambda event: self.traffic.note("Network.requestWillBeSent", event)
        )
        self._protocol.on("Network.loadingFinished", lambda event: self.traffic.note("Network.loadingFinished", event))
        self._protocol.on("Target.attachedToTarget", self._attach)
        self._protocol.on("Target.receivedMessageFromTarget", self._hear)
        self._protocol.send("Network.enable")
        if throttled:
            self._protocol.send("Network.emulateNetworkConditions", LINE)
            self._protocol.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        attach = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}
        self._protocol.send("Target.setAutoAttach", attach)

    def _attach(self, event: Mapping[str, Any]) -> None:
        commands: list[tuple[str, Mapping[str, Any]]] = [("Network.enable", {})]
        if self._throttled:
            commands.append(("Network.emulateNetworkConditions", LINE))  # a dedicated worker already uses the page's
        for number, (method, values) in enumerate([*commands, ("Runtime.runIfWaitingForDebugger", {})]):
            message = json.dumps({"id": number, "method": method, "params": values})
            with contextlib.suppress(Error):  # the worker has ended
                self._protocol.send("Target.sendMessageToTarget", {"sessionId": event["sessionId"], "message": message})

    def _hear(self, event: Mapping[str, Any]) -> None:
        message = json.loads(event["message"])
        if "method" in message:
            self.traffic.note(message["method"], message["params"], event["sessionId"])


def is_served(base: str) -> bool:
    """Return True if the aria-live sentence is in a page's HTML as served."""
    with urllib.request.urlopen(base) as answer:
        return SERVED.search(answer.read().decode()) is not None


def taken(spoken: Sequence[float], *, served: bool) -> float:
    """Return the time when the page's code added its aria-live element, from the times when such elements appeared."""
    return spoken[1 if served else 0]


def alive(seen: Sequence[tuple[float, str]], spoken: Sequence[float], *, served: bool) -> float:
    """Return the time of the wave's first advance, as the module's docstring defines it.

    `seen` has the sentences with their times; `spoken` has the times when an element with one appeared. A sentence seen
    at that moment is the element's first text, not an advance.
    """
    came = taken(spoken, served=served)
    return next(time for time, _ in seen if time > came + AT_ONCE)


def busy(tasks: Sequence[tuple[float, float]], began: float, ended: float) -> Row:
    """The long tasks, each with its start and duration in ms, that touch a span of time."""
    took = [duration for start, duration in tasks if start < ended and start + duration > began]
    return {"tasks": len(took), "longest": max(took, default=0.0), "blocking": sum(one - 50 for one in took)}


def come_to_rest(page: Page) -> None:
    """Let the browser write its caches, and a service worker that the page registers become active."""
    page.wait_for_timeout(REST)
    if page.evaluate(WORKER, WORKER_TIMEOUT_MS):
        page.wait_for_timeout(REST)


def visit(context: BrowserContext, base: str, *, served: bool, throttled: bool = False) -> Row:
    """One visit to a page in a new tab, from its address until it has come to rest."""
    watched = Watched(context)
    watched.page.add_init_script(WATCH)
    wire = Wire(watched.page, throttled=throttled)
    watched.page.goto(base)
    watched.wait_for_advances(4)
    seen = watched.seen()
    come_to_rest(watched.page)
    results = watched.page.evaluate(RESULTS)
    watched.page.close()
    lives = alive(seen, results["spoken"], served=served)
    return {
        "content": results["content"],
        "picture": max(results["picture"], results["paint"]),
        "taken": taken(results["spoken"], served=served),
        "alive": lives,
        **busy(results["tasks"], results["paint"], lives),
        "CLS": results["CLS"],
        "first MB": wire.traffic.megabytes(until=lives),
        "MB": wire.traffic.megabytes(),
        "requests": len(wire.traffic.answers),
    }


@contextlib.contextmanager
def fresh_profile(chromium: BrowserType) -> Iterator[BrowserContext]:
    """A browser with a new profile on disk, deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="profile-", ignore_cleanup_errors=True) as folder:
        context = chromium.launch_persistent_context(folder, executable_path=executable(), args=list(ARGUMENTS))
        context.pages[0].wait_for_timeout(1_000)  # the browser's own start is not measured
        yield context
        context.close()


def medians(rows: Sequence[Row]) -> Row:
    """Return the median of each figure."""
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def boot(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure cold and return visits, alternating between the pages."""
    served = {page: is_served(base) for page, base in pages.items()}
    cold: dict[str, list[Row]] = {page: [] for page in pages}
    again: dict[str, list[Row]] = {page: [] for page in pages}
    for _ in range(options.runs):
        for page, base in pages.items():
            with fresh_profile(chromium) as context:
                rows = [visit(context, base, served=served[page]) for _ in range(VISITS)]
            cold[page].append(rows[0])
            again[page].extend(rows[AGAIN])
    return {page: {"cold": medians(cold[page]), "again": medians(again[page])} for page in pages}


def embed(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure cold visits to the page and to its embedded form, opened directly, alternating."""
    found: Found = {}
    for page in (page for page in pages if page not in COMPARED):  # these have no embedded form
        cases = {"page": pages[page], "embedded": f"{pages[page]}?embed=1"}
        rows: dict[str, list[Row]] = {case: [] for case in cases}
        served = is_served(pages[page])
        for _ in range(options.runs):
            for case, address in cases.items():
                with fresh_profile(chromium) as context:
                    rows[case].append(visit(context, address, served=served))
        found[page] = {case: medians(taken) for case, taken in rows.items()}
    return found


def throttled(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure cold visits at 20 Mbit/s, 40 ms latency and a quarter of the processor speed, pages alternating."""
    served = {page: is_served(base) for page, base in pages.items()}
    cold: dict[str, list[Row]] = {page: [] for page in pages}
    for _ in range(options.runs):
        for page, base in pages.items():
            with fresh_profile(chromium) as context:
                cold[page].append(visit(context, base, served=served[page], throttled=True))
    return {page: {"throttled": medians(rows)} for page, rows in cold.items()}
