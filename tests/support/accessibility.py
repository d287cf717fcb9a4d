"""Checks that everybody can use a page: axe-core's rules, and nothing beyond a narrow window."""

from __future__ import annotations

from typing import Any, Final, Literal

from playwright.sync_api import Page

from tests.support.places import ROOT

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


def assert_no_violation(page: Page) -> None:
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=ROOT / "node_modules" / "axe-core" / "axe.min.js")
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(results => results.violations)")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def assert_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
