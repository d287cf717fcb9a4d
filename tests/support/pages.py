"""Pages of a browser that note what they ask for and what they complain of, and waiting for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, ViewportSize

TIMEOUT_MS = 120_000  # ms that anything may take; what takes longer never comes, however busy the machine
ALIVE = "document.documentElement.dataset.state === 'alive'"
ALL_PANELS: ViewportSize = {"width": 1024, "height": 768}  # a window of two columns: all panels at once, without tabs
BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}  # no page may store anything


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A visitor with nothing kept, as patient as all that is awaited here."""
    context = browser.new_context(**options)
    context.set_default_timeout(TIMEOUT_MS)
    return context


@dataclass
class Watched:
    """A page with all it asked for, what of that has no answer yet, all it said and what of that was a complaint."""

    page: Page
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    unanswered: list[Request] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def python(self, code: str) -> Any:
        """Run Python in component.html's page; the value of its last line. Raises AssertionError if it raised."""
        answer = json.loads(self.page.evaluate("code => runPython(code)", code))
        assert "raised" not in answer, answer["raised"]
        return answer["value"]

    def raised(self, code: str) -> str:
        """The errors that Python in component.html's page raised, `ValueError: …`."""
        return str(json.loads(self.page.evaluate("code => runPython(code)", code))["raised"])

    def note_request(self, request: Request) -> None:
        """Note what is asked for."""
        self.requests.append(request.url)
        self.unanswered.append(request)

    def note_answer(self, request: Request) -> None:
        """Note that a request has an answer, or none to come."""
        with suppress(ValueError):  # it had been made before anyone watched
            self.unanswered.remove(request)

    def wait_alive(self) -> None:
        """Wait until Python has taken the page over. Raises AssertionError that tells how far the page has come."""
        try:
            self.page.wait_for_function(ALIVE)
        except Error as error:
            raise AssertionError(f"the page did not come alive: {self.told()}") from error

    def told(self) -> str:
        """The page's progress, by what it shows, says and waits for."""
        unanswered = [request.url for request in self.unanswered]
        return f"{shown(self.page)}; unanswered: {unanswered}; errors: {self.errors}; console: {self.lines}"


def shown(page: Page) -> str:
    """The page's text about its start; one that hangs shows nothing."""
    try:
        state = page.locator("html").get_attribute("data-state", timeout=5_000)
        return f"{state}, “{page.locator('#status-text').text_content(timeout=5_000)}”"
    except Error as error:
        return f"nothing ({error.message.splitlines()[0]})"


def is_complaint(line: ConsoleMessage) -> bool:
    """True if the console's line says that something is wrong."""
    return line.type in {"error", "warning"}


def watch(context: BrowserContext) -> Watched:
    """A new page that notes its requests and errors."""
    page = context.new_page()
    watched = Watched(page, context)
    page.on("request", watched.note_request)
    page.on("requestfinished", watched.note_answer)
    page.on("requestfailed", watched.note_answer)
    page.on("console", lambda line: watched.lines.append(line.text))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda line: watched.errors.append(line.text) if is_complaint(line) else None)
    return watched


def frames(page: Page, count: int = 3) -> None:
    """Let the browser paint some frames: what it still had to report by then, it has reported."""
    page.wait_for_function("count => (window.framesPainted = (window.framesPainted ?? 0) + 1) > count", arg=count)
    page.evaluate("delete window.framesPainted")


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page go on until something holds on this side; raises AssertionError if it never does."""
    for _ in range(3_000):
        if holds():
            return
        frames(page, 1)
    raise AssertionError("the page never came to it")


Opener = Callable[..., Watched]  # opens a path of the server: the fixtures `open_page` and `open_shared`
