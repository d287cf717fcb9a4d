"""A page under measurement: its sentences, its requested frames, and Chromium's own counters."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import BrowserContext, CDPSession, Page

TIMEOUT_MS: Final = 120_000
POLL_MS: Final = 100
WATCH: Final = """{
window.__seen = []; window.__frames = 0;
const look = () => {
  const sentence = [...document.querySelectorAll('[aria-live]')].map(e => e.textContent)
    .find(t => /layer \\d+ of \\d+/.test(t));
  if (sentence && window.__seen.at(-1)?.[1] !== sentence) window.__seen.push([performance.now(), sentence]);
};
new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
const frame = requestAnimationFrame.bind(window);
window.requestAnimationFrame = callback => { window.__frames++; return frame(callback); };
}"""

Row = dict[str, float]
Found = dict[str, dict[str, Row]]  # by page and case


class Watched:
    """A new page that records the sentences of its wave and counts the frames it requests."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.add_init_script(WATCH)
        self._protocol: CDPSession = context.new_cdp_session(self.page)
        self._protocol.send("Performance.enable")

    def metrics(self) -> dict[str, float]:
        """Return Chromium's counters: seconds of main-thread work by kind since the page began, and more."""
        return {one["name"]: one["value"] for one in self._protocol.send("Performance.getMetrics")["metrics"]}

    def seen(self) -> list[tuple[float, str]]:
        """Return the sentences of the wave so far, each with its time in ms since navigation."""
        return [(time, sentence) for time, sentence in self.page.evaluate("window.__seen")]

    def wait_for_advances(self, count: int) -> None:
        """Wait until the wave has said `count` different sentences. Raises TimeoutError."""
        for _ in range(0, TIMEOUT_MS, POLL_MS):
            if self.page.evaluate("window.__seen.length") >= count:
                return
            self.page.wait_for_timeout(POLL_MS)  # a page's policy may forbid wait_for_function
        raise TimeoutError(f"{self.page.url} has not said {count} different sentences in {TIMEOUT_MS / 1000:.0f} s")
