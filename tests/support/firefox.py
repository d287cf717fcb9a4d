"""Firefox ESR as the system has it, driven by Playwright."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Playwright, TimeoutError

from tests.support.driver import NOTE_VIOLATIONS, Driver


def launch_firefox(playwright: Playwright, path: str, *, reduced_motion: bool) -> Browser:
    """Firefox with no window. The preference is the browser's own: this way of driving it can't emulate one."""
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=path,
        firefox_user_prefs={"ui.prefersReducedMotion": int(reduced_motion)},
    )


class FirefoxDriver(Driver):
    """A page in a context of its own. It is watched from before its first line runs."""

    def __init__(self, browser: Browser) -> None:
        # "null": emulate nothing. Playwright would otherwise set each of these, which this browser has no command for.
        self._context = browser.new_context(
            color_scheme="null", reduced_motion="null", forced_colors="null", contrast="null"
        )
        self._context.add_init_script(f"({NOTE_VIOLATIONS})()")
        self._page = self._context.new_page()
        self._requests: list[str] = []
        self._complaints: list[str] = []
        self._page.on("request", lambda request: self._requests.append(request.url))
        self._page.on("pageerror", lambda error: self._complaints.append(str(error)))
        self._page.on(
            "console", lambda line: self._complaints.append(line.text) if line.type in {"error", "warning"} else None
        )

    def open(self, address: str) -> None:
        self._requests.clear()
        self._complaints.clear()
        self._page.goto(address, wait_until="domcontentloaded")

    def reload(self) -> None:
        self._page.reload(wait_until="domcontentloaded")

    def js(self, expression: str) -> Any:
        return self._page.evaluate(f"() => ({expression})")

    def until(self, expression: str, seconds: float = 30) -> None:
        # A function, for Playwright hands a bare expression to the page's own eval, which a policy may forbid.
        try:
            self._page.wait_for_function(f"() => ({expression})", timeout=seconds * 1000)
        except TimeoutError:
            raise AssertionError(f"never came to hold: {expression}") from None

    def click(self, selector: str) -> None:
        self._page.click(selector)

    def fill(self, selector: str, text: str) -> None:
        self._page.fill(selector, text)

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def requests(self) -> list[str]:
        return list(self._requests)

    def complaints(self) -> list[str]:
        return list(self._complaints)

    def close(self) -> None:
        self._context.close()
