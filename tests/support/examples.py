"""The page's running examples, brought near, and the host that its lines to install from name before Python comes."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

HOST: Final = "https://HOST/gradient-flow-viz/"


def go_to(page: Page, selector: str) -> None:
    page.locator(selector).evaluate("element => element.scrollIntoView({ behavior: 'instant', block: 'center' })")


def run_example(page: Page, name: str) -> None:
    """Bring an example near, and wait until its figure is there."""
    go_to(page, f"#{name}")
    page.wait_for_selector(f"#{name} :is([data-layer], [data-bar])", state="attached")
