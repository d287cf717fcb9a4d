"""Sizes of each way to use the figure elsewhere, at 3-4-4-2: downloaded files, the wheel, the frame.

`kB` is the file's size, `gzipped` its size on the wire. The frame's size is everything that a first visit loads for it.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Mapping
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserType, Page, Request

from bench.autoplay import address
from bench.prepare import ROOT
from bench.watched import Found, Row
from tools import build, wheel
from tools.chromium import ARGUMENTS, executable

SIZE = "3-4-4-2"
ALIVE = "html[data-state=alive]"


def weighed(content: bytes, sent: int | None = None) -> Row:
    """Return a content's size in kB; `sent` is the number of bytes on the wire, if it is known."""
    return {"kB": len(content) / 1e3, "gzipped": (len(gzip.compress(content, 9)) if sent is None else sent) / 1e3}


def weights(chromium: BrowserType, pages: Mapping[str, str], _options: argparse.Namespace) -> Found:
    """Measure each way. Only this page has them; another name ends the program with a sentence."""
    if "ours" not in pages:
        raise SystemExit("weights: is of this page alone; with --page, call it ours: --page ours=ADDRESS")
    browser = chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
    base = pages["ours"]
    with urlopen(f"{base}{build.DOWNLOADS}/{wheel.file_name(ROOT)}") as answer:
        found = {**_files(browser, base), "wheel": weighed(answer.read()), "frame": _frame(browser, base)}
    browser.close()
    return {"ours": found}


def _files(browser: Browser, base: str) -> dict[str, Row]:
    page = browser.new_page()
    page.goto(address(base, SIZE))
    page.locator(ALIVE).wait_for()
    buttons = page.locator("[data-download]").all()
    return {button.inner_text(): weighed(_downloaded(page, button.inner_text())) for button in buttons}


def _downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(caught.value.path()).read_bytes()


def _frame(browser: Browser, base: str) -> Row:
    context = browser.new_context(service_workers="block")  # it would load everything again from the browser's cache
    page, requests = context.new_page(), list[Request]()
    # A lambda, because Playwright sets an attribute on its handlers, which a list's method does not allow.
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108
    page.goto(address(base, SIZE, embed="1"))
    page.locator(ALIVE).wait_for()
    answers = [request.response() for request in requests]
    bodies = [answer.body() for answer in answers if answer is not None]
    sent = sum(request.sizes()["responseBodySize"] for request in requests)
    return weighed(b"".join(bodies), sent)
