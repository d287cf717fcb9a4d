"""The Chromium that tests and measurements drive, and its arguments."""

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
    """Return the Chromium in CHROMIUM or on the PATH; None for the one that Playwright installed."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def headless_shell() -> str | None:
    """Return Chromium's headless shell, whose pages cost half as much; else the whole Chromium."""
    return shutil.which("chromium-headless-shell") or executable()
