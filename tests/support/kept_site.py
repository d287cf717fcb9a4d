"""A static host that publishes releases and can be unplugged, and the visits that keep its site."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.pages import shown
from tests.support.places import SITE
from tools import release
from tools.serve import Handler, Server

UPDATE_CHECK = "sw.js"  # a browser asks for it by itself at each visit: that is how it hears of a new release
KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys())
    found[name] = (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname);
  return found;
}"""
DAMAGE = """async name => {
  for (const key of await caches.keys()) {
    const cache = await caches.open(key);
    for (const request of (await cache.keys()).filter(request => request.url.includes(name)))
      await cache.put(request, new Response("damaged"));
  }
}"""
SETTLED = """() => navigator.serviceWorker.getRegistration()
  .then(found => Boolean(found?.active?.state === "activated" && !found.installing))"""


class StaticHost:
    """A static host with its own copy of the site; notes what it is asked for, and can be unplugged.

    One that `shortens` addresses sends a browser from docs.html to docs, as some do.
    """

    def __init__(self, folder: Path, base: str, *, shortens: bool = False) -> None:
        self.site, self.base, self.asked = folder / base.strip("/"), base, list[str]()
        shutil.copytree(SITE, self.site, dirs_exist_ok=True)
        self._folder, self._connections, self._shortens = folder, list[socket.socket](), shortens
        self._port = 0
        self.plug_in()

    @property
    def home(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self._port}{self.base}"

    def plug_in(self) -> None:
        """Answer, at the same address as before."""
        handler = partial(_noting(self.asked, self._connections, shortens=self._shortens), directory=str(self._folder))
        self._server = Server(("127.0.0.1", self._port), handler)
        self._port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def unplug(self) -> None:
        """Answer no more, not even on the connections that a browser keeps."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._connections:
            with contextlib.suppress(OSError):  # the browser may have closed it
                connection.shutdown(socket.SHUT_RDWR)
        self._connections.clear()

    def publish(self, change: Callable[[Path], object]) -> None:
        """Put up another release: this one, changed."""
        change(self.site)
        release.stamp(self.site)


def _noting(asked: list[str], connections: list[socket.socket], *, shortens: bool) -> type[Handler]:
    class Noting(Handler):
        def setup(self) -> None:
            super().setup()
            connections.append(self.connection)

        def do_GET(self) -> None:  # noqa: N802 - the base class's name
            asked.append(self.path)
            if shortens and self.path.endswith("/docs.html"):
                self.send_response(308)
                self.send_header("Location", self.path.removesuffix(".html"))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if shortens and self.path.endswith("/docs"):
                self.path += ".html"
            super().do_GET()

    return Noting


def visit(context: BrowserContext, address: str) -> Page:
    """A page that has come alive."""
    page = context.new_page()
    page.goto(address)
    assert_alive(page)
    return page


def assert_alive(page: Page) -> None:
    """Python has taken over, and the wave advances."""
    try:
        expect(page.locator("html")).to_have_attribute("data-state", "alive")
    except AssertionError as error:
        raise AssertionError(f"the page did not come alive: {shown(page)}") from error
    readout = page.locator("#figure [data-part=readout]")
    expect(readout).not_to_have_text(readout.inner_text())


def wait_until(page: Page, script: str) -> None:
    """Wait for a promise of true; by evaluate, as the page's policy allows no text to be waited for."""
    came = page.evaluate(f"""async () => {{
      for (let frames = 0; frames < 6_000; frames++) {{
        if (await ({script})()) return true;
        await new Promise(requestAnimationFrame);
      }}
    }}""")
    assert came, f"never came true: {script}"


def visit_and_keep(context: BrowserContext, address: str) -> Page:
    """A first visit, until the site is kept."""
    page = visit(context, address)
    wait_until(page, SETTLED)
    return page


def release_of(page: Page) -> str:
    """The name of the release that the page is of."""
    return str(page.locator("html").get_attribute("data-release"))
