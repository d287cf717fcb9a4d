"""A page under measurement: what it says, what it asks of the browser, and Chromium's own counters."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import BrowserContext, CDPSession, Page

PATIENCE: Final = 120_000  # ms
GLANCE: Final = 100  # ms between two looks at a page that is waited for
WATCH: Final = """{
window.__seen = []; window.__frames = 0;
const look = () => {
  const said = [...document.querySelectorAll('[aria-live]')].map(e => e.textContent)
    .find(t => /layer \\d+ of \\d+/.test(t));
  if (said && window.__seen.at(-1)?.[1] !== said) window.__seen.push([performance.now(), said]);
};
new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
const frame = requestAnimationFrame.bind(window);
window.requestAnimationFrame = callback => { window.__frames++; return frame(callback); };
}"""

Row = dict[str, float]
Found = dict[str, dict[str, Row]]  # of each page, of each case


class Watched:
    """A new page of a browser that notes each different thing its wave says, and the frames it asks for."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.add_init_script(WATCH)
        self._protocol: CDPSession = context.new_cdp_session(self.page)
        self._protocol.send("Performance.enable")

    def metrics(self) -> dict[str, float]:
        """Chromium's counters: seconds of main-thread work of each kind since the page began, and more."""
        return {one["name"]: one["value"] for one in self._protocol.send("Performance.getMetrics")["metrics"]}

    def seen(self) -> list[tuple[float, str]]:
        """What the wave has said so far, each with its time in ms since navigation."""
        return [(time, said) for time, said in self.page.evaluate("window.__seen")]

    def wait_for_advances(self, count: int) -> None:
        """Wait until the wave has said `count` different things; raises TimeoutError if it doesn't."""
        for _ in range(0, PATIENCE, GLANCE):
            if self.page.evaluate("window.__seen.length") >= count:
                return
            self.page.wait_for_timeout(GLANCE)  # and not wait_for_function: a page's policy may refuse that
        raise TimeoutError(f"{self.page.url} has not said {count} different things in {PATIENCE / 1000:.0f} s")
