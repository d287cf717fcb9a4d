"""A long run of the page: memory and beat while it plays, trains and reads, with pauses, and where nothing is kept.

    python -m bench.soak [--autoplay 20] [--training 10] [--reading 5] [--frozen 2] [--storage]

The numbers are minutes; 0 leaves a part out. Each part prints a line every half a minute:

- `heap`: JavaScript's heap in MB, after a collection. `python`: the size of Python's memory in MB; it never shrinks.
- `nodes`, `listeners`: the numbers of DOM nodes and of event listeners, as Chromium counts them.
- `beat`: the mean time between two moves of the wave since the last line, in ms; `drift`: how much later than the
  first move plus whole periods the last move came, in ms.
- `steps`, `runs`: the training steps made, and the files read. Each file is kept as a run, with two options in the
  form; after ten the others are forgotten, so `nodes` are comparable where as many runs are kept.

After each part the page is frozen for `--frozen` minutes, as Chromium freezes a page in the background, and goes on.
`--storage` opens the page in a private window, with storage denied, and with a full disk while a release is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, BrowserType, CDPSession, Page, sync_playwright

from tools import build
from tools.chromium import ARGUMENTS, executable
from tools.runtime import ROOT
from tools.serve import open_server

PERIOD_MS: Final = 500
LINE_S: Final = 30.0
MAX_STEPS: Final = 4_900  # of one training, before the page's own maximum
MAX_RUNS: Final = 10  # that are kept
BLOCKED: Final = {"profile": {"default_content_setting_values": {"cookies": 2}}}  # no page may store anything
WATCH: Final = """{
  window.moves = [];
  const look = () => {
    const said = [...document.querySelectorAll("[aria-live]")]
      .map(each => each.textContent.match(/layer \\d+ of \\d+/)?.[0])  // a training changes the magnitude
      .find(Boolean);
    if (said && said !== window.said) { window.said = said; window.moves.push(performance.now()); }
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
}"""
PYTHON_MB: Final = """async () => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return python._module.HEAPU8.length / 1e6;
}"""
TAKE_MOVES: Final = "window.moves.splice(0)"
ALIVE: Final = "html[data-state=alive]"


class Soaked:
    """A page with Chromium's counters and the moves of its wave."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error).splitlines()[0]))
        self.page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        self.page.add_init_script(WATCH)
        self.page.goto(address)
        self.page.wait_for_selector(ALIVE)
        self._protocol: CDPSession = context.new_cdp_session(self.page)
        self._protocol.send("Performance.enable")
        self.settle()

    def settle(self) -> None:
        """Let the start be over, and count the moves of the wave anew."""
        self.page.wait_for_timeout(3_000)
        self.page.evaluate(TAKE_MOVES)
        self._first: float | None = None
        self._moves = 0

    def freeze(self, *, is_frozen: bool) -> None:
        """Stop the page as Chromium stops one in the background, or let it go on."""
        self._protocol.send("Page.setWebLifecycleState", {"state": "frozen" if is_frozen else "active"})

    def line(self) -> dict[str, float]:
        """Return the counters of now, and the beat since the last line."""
        self._protocol.send("HeapProfiler.collectGarbage")
        counted = {one["name"]: one["value"] for one in self._protocol.send("Performance.getMetrics")["metrics"]}
        row = {
            "heap": counted["JSHeapUsedSize"] / 1e6,
            "python": self.page.evaluate(PYTHON_MB),
            "nodes": counted["Nodes"],
            "listeners": counted["JSEventListeners"],
        }
        moves: list[float] = self.page.evaluate(TAKE_MOVES)
        if len(moves) > 1:
            self._first = moves[0] if self._first is None else self._first
            self._moves += len(moves)
            row["beat"] = (moves[-1] - moves[0]) / (len(moves) - 1)
            row["drift"] = moves[-1] - self._first - (self._moves - 1) * PERIOD_MS
        return row


def soak(name: str, soaked: Soaked, minutes: float, act: Callable[[Page], dict[str, float]]) -> None:
    """Let a page work for some minutes, acting each second, and print its lines."""
    end, next_line = time.monotonic() + 60 * minutes, 0.0
    acted: dict[str, float] = {}
    while time.monotonic() < end:
        acted = act(soaked.page)
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + LINE_S
            shown = " ".join(f"{key} {value:.1f}" for key, value in (soaked.line() | acted).items())
            print(f"{name} {shown}", *soaked.problems, flush=True)
            soaked.problems.clear()
        soaked.page.wait_for_timeout(1_000)


def idle(_page: Page) -> dict[str, float]:
    """Do nothing: the wave plays."""
    return {}


def train(page: Page) -> dict[str, float]:
    """Keep the training going: reset it before its last step, and start it when it stands."""
    made = float(page.locator("#timeline input").get_attribute("max") or 0)
    if made > MAX_STEPS:
        page.locator("#train-reset").click()
    if page.locator("#train-run").inner_text() == "Run":
        page.locator("#train-run").click()
    return {"steps": made}


class Reading:
    """Reads one log after another, each with the same name and other steps, and forgets the former ones in time."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, page: Page) -> dict[str, float]:
        """Choose the next file, or forget the former ones."""
        if page.locator("#run-shown option").count() > MAX_RUNS:
            page.locator("#run-forget").click()
            return {"runs": self.runs}
        self.runs += 1
        lines = [
            json.dumps({"step": step, **{f"layer{at}.weight": 0.5**at for at in range(12)}})
            for step in range(200 + self.runs % MAX_RUNS)
        ]
        log = {"name": "log.jsonl", "mimeType": "application/json", "buffer": "\n".join(lines).encode()}
        page.locator("#run-files").set_input_files(log)  # type: ignore[arg-type]  # a FilePayload
        return {"runs": self.runs}


def freeze(soaked: Soaked, minutes: float, name: str) -> None:
    """Let the page stand still for some minutes, and watch it go on."""
    soaked.freeze(is_frozen=True)
    time.sleep(60 * minutes)
    soaked.freeze(is_frozen=False)
    soaked.settle()
    soak(f"{name}, after it was frozen", soaked, minutes, idle)


def launch(chromium: BrowserType, profile: str, preferences: dict[str, Any] | None = None) -> BrowserContext:
    """Start Chromium with a new profile on the disk."""
    folder = Path(profile) / "Default"
    folder.mkdir(parents=True)
    (folder / "Preferences").write_text(json.dumps(preferences or {}))
    return chromium.launch_persistent_context(profile, executable_path=executable(), args=list(ARGUMENTS))


def try_storages(chromium: BrowserType, base: str) -> None:
    """Visit the page twice where storing is private, denied or impossible, and print what came."""
    browser = chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
    try_twice("private window", browser.new_context(), base)
    browser.close()
    for name, preferences in (("storage denied", BLOCKED), ("full disk", None)):
        with tempfile.TemporaryDirectory() as profile:
            context = launch(chromium, f"{profile}/it", preferences)
            if name == "full disk":
                session = context.new_cdp_session(context.pages[0])
                session.send("Storage.overrideQuotaForOrigin", {"origin": base.rstrip("/"), "quotaSize": 1_000})
            try_twice(name, context, base)
            context.close()


def try_twice(name: str, context: BrowserContext, base: str) -> None:
    """Visit the page twice, with a source that is loaded later, and print the console's complaints."""
    for visit in ("first", "second"):
        soaked = Soaked(context, f"{base}?source=computed&layers=3-8-8-2")
        soaked.page.wait_for_selector("#verdict:not(:empty)")
        soaked.page.wait_for_timeout(8_000)  # while the release would be kept
        keeps = soaked.page.evaluate("Boolean(navigator.serviceWorker?.controller)")
        print(f"{name}, {visit} visit: alive, kept {keeps}", *soaked.problems, flush=True)
        soaked.page.close()


def main() -> None:
    """Run the chosen parts one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for part, minutes in (("autoplay", 20.0), ("training", 10.0), ("reading", 5.0), ("frozen", 2.0)):
        parser.add_argument(f"--{part}", type=float, default=minutes, help="minutes")
    parser.add_argument("--storage", action="store_true", help="also try private windows and storage that is denied")
    options = parser.parse_args()
    build.build(ROOT)
    server = open_server(ROOT / "site", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    layers = "-".join(["32"] * 12)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        if options.storage:
            try_storages(playwright.chromium, base)
        context = launch(playwright.chromium, f"{profile}/soaked")
        parts: list[tuple[str, str, Callable[[Page], dict[str, float]]]] = [
            ("autoplay", "", idle),
            ("training", f"&source=computed&layers={layers}", train),
            ("reading", "&source=recorded", Reading()),
        ]
        for name, query, act in parts:
            if minutes := getattr(options, name):
                soaked = Soaked(context, f"{base}?speed={PERIOD_MS}{query}")
                soak(name, soaked, minutes, act)
                if options.frozen:
                    freeze(soaked, options.frozen, name)
                soaked.page.close()
        context.close()


if __name__ == "__main__":
    main()
