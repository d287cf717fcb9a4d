"""WebKitGTK's MiniBrowser, driven by Selenium, on a screen that nobody sees.

WebDriver can't look into a page before its own scripts run. So errors and policy violations are noted from a moment
after the document is there, seconds before Python starts; of what goes wrong before that the loading status tells. And
what the browser itself writes to the console is not seen. Of the requests, those to other hosts are all seen, by a
proxy that refuses them; of those to this machine, the ones that the page's Performance timeline lists.
"""

from __future__ import annotations

import os
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.common.exceptions import NoSuchFrameException, NoSuchWindowException, TimeoutException
from selenium.webdriver import ActionChains, Keys, WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.support.driver import NOTE_COMPLAINTS, NOTE_VIOLATIONS, Driver

KEYS = {
    "Space": " ",
    "ArrowLeft": Keys.ARROW_LEFT,
    "ArrowRight": Keys.ARROW_RIGHT,
    "Home": Keys.HOME,
    "End": Keys.END,
    "Tab": Keys.TAB,
    "Enter": Keys.ENTER,
    "Escape": Keys.ESCAPE,
}
BETWEEN_DOCUMENTS = (NoSuchFrameException, NoSuchWindowException)  # for a moment there is none to ask
NAVIGATION_AND_RESOURCES = """["navigation", "resource"]
  .flatMap(kind => performance.getEntriesByType(kind)).map(entry => entry.name)"""


@contextmanager
def screen(xvfb: str) -> Iterator[str]:
    """An X server without a screen, under a number that it finds free itself: what DISPLAY is to be."""
    listen, tell = os.pipe()
    command = [xvfb, "-displayfd", str(tell), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL) as server:
        os.close(tell)
        try:
            with os.fdopen(listen) as told:
                number = told.readline().strip()
            if not number:
                raise RuntimeError(f"{xvfb} did not start")
            yield f":{number}"
        finally:
            server.terminate()


def environment(display: str, folder: Path, *, reduced_motion: bool) -> dict[str, str]:
    """The browser's environment. GTK's setting of animations is what it takes for the preference.

    The setting is written below `folder`, which stands in for the user's own.
    """
    for version in ("gtk-3.0", "gtk-4.0"):
        (folder / version).mkdir(parents=True)
        (folder / version / "settings.ini").write_text(
            f"[Settings]\ngtk-enable-animations={int(not reduced_motion)}\n", encoding="utf-8"
        )
    own = {"DISPLAY": display, "GDK_BACKEND": "x11", "XDG_CONFIG_HOME": str(folder)}
    return {**os.environ, **own}


class _Refusal(socketserver.StreamRequestHandler):
    """Notes what a client asks a proxy for, and refuses it."""

    server: Elsewhere

    def handle(self) -> None:
        method, address, *_ = [*self.rfile.readline().decode("latin-1").split(), "", ""]
        self.server.asked.append(f"https://{address}" if method == "CONNECT" else address)
        self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Elsewhere(socketserver.ThreadingTCPServer):
    """A proxy that stands for all other hosts, and answers for none. `asked` holds the addresses it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()


class WebKitDriver(Driver):
    """MiniBrowser in automation mode, which keeps nothing of an earlier run."""

    def __init__(self, driver: str, browser: str, env: Mapping[str, str]) -> None:
        self._elsewhere = Elsewhere()
        options = Options()
        options.binary_location = browser
        options.page_load_strategy = "none"  # any other waits for an event that now and then never reaches the driver
        for argument in ("--automation", f"--proxy={self._elsewhere.address}", "--ignore-host=127.0.0.1"):
            options.add_argument(argument)
        self._driver = WebKitGTK(options=options, service=Service(driver, env=env))

    def open(self, address: str) -> None:
        self._elsewhere.asked.clear()
        self._load(lambda: self._driver.get(address))

    def reload(self) -> None:
        self._load(self._driver.refresh)

    def _load(self, leave: Callable[[], None]) -> None:
        """Leave the document for another one, and note what happens there from the moment it can be spoken to."""
        self.js("window.isLeft = true")
        leave()
        self.until("!window.isLeft")
        for script in (NOTE_VIOLATIONS, NOTE_COMPLAINTS):
            self.js(f"({script})()")
        self.until("document.readyState !== 'loading'")

    def js(self, expression: str) -> Any:
        return self._driver.execute_script(f"return ({expression})")

    def until(self, expression: str, seconds: float = 30) -> None:
        try:
            WebDriverWait(self._driver, seconds, 0.05, BETWEEN_DOCUMENTS).until(lambda _driver: self.js(expression))
        except TimeoutException:
            raise AssertionError(f"never came to hold: {expression}") from None

    def click(self, selector: str) -> None:
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def fill(self, selector: str, text: str) -> None:
        # Typed, for WebDriver's own clear() tells the page of nothing but a "change".
        field = self._driver.find_element(By.CSS_SELECTOR, selector)
        field.send_keys(Keys.CONTROL + "a")
        field.send_keys(text or Keys.BACKSPACE)

    def press(self, key: str) -> None:
        ActionChains(self._driver).send_keys(KEYS.get(key, key)).perform()

    def requests(self) -> list[str]:
        return [*self.js(NAVIGATION_AND_RESOURCES), *self._elsewhere.asked]

    def complaints(self) -> list[str]:
        return list(self.js("window.complaints"))

    def close(self) -> None:
        self._driver.quit()
        self._elsewhere.close()
