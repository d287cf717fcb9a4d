"""The Chromium that the tests and the measurements drive, and how it is started for them."""

from __future__ import annotations

import os
import shutil
from typing import Final

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",  # a container's is small, and a full one crashes a page
)


def executable() -> str | None:
    """The one in CHROMIUM, or on the PATH; None: the one that Playwright installed."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def headless_shell() -> str | None:
    """Chromium without what a window has around the page, at half the cost of a page; else the whole of it."""
    return shutil.which("chromium-headless-shell") or executable()
