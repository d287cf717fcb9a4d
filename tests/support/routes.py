"""Answers to a page's requests: held back, wrong, damaged, or from the local copy of the public runtime."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page, Route

from tests.support.pages import until
from tests.support.places import HOME, PUBLIC, ROOT, SITE

Handler = Callable[[Route], None]


def answer_404(route: Route) -> None:
    route.fulfill(status=404, body="Not found")


def abort(route: Route) -> None:
    route.abort()


def answer(text: str) -> Handler:
    return lambda route: route.fulfill(status=200, body=text)


def half(route: Route) -> None:
    """The file's first half, as of a transfer that broke off and was kept so by a cache on the way."""
    body = (SITE / urlsplit(route.request.url).path.removeprefix(HOME)).read_bytes()
    kinds = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
    route.fulfill(body=body[: len(body) // 2], content_type=kinds.get(Path(route.request.url).suffix, "text/plain"))


def as_text(route: Route) -> None:
    """The file itself, under a type that it is not of."""
    route.fulfill(path=SITE / urlsplit(route.request.url).path.removeprefix(HOME), content_type="text/plain")


def answer_public_addresses(route: Route) -> None:
    """The public runtime's addresses, answered from the local copy: the same bytes."""
    for prefix, folder in PUBLIC.items():
        if route.request.url.startswith(prefix):
            name = route.request.url.removeprefix(prefix)
            types = {
                ".wasm": "application/wasm",
                ".mjs": "text/javascript",
                ".js": "text/javascript",
                ".css": "text/css",
            }
            kind = types.get(Path(name).suffix, "application/octet-stream")
            file = ROOT / ".cache" / name if name.endswith(".whl") else folder / name
            route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*", "Content-Type": kind})
            return
    route.continue_()


class Held:
    """A route's handler that answers nothing until told to, and everything from then on."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._is_over = False

    def __call__(self, route: Route) -> None:
        if self._is_over:
            route.continue_()
        else:
            self.routes.append(route)

    def await_one(self, page: Page) -> None:
        """Wait until there is something to answer."""
        until(page, lambda: bool(self.routes))

    def let_go(self, page: Page) -> None:
        """Answer, once there is something to answer."""
        self.await_one(page)
        self._is_over = True
        for route in self.routes:
            with suppress(Error):  # for a page that is gone
                route.continue_()


PUBLIC_ROUTES: dict[str, Callable[[Route], None]] = {
    "https://pyscript.net/**": answer_public_addresses,
    "https://cdn.jsdelivr.net/**": answer_public_addresses,
}
