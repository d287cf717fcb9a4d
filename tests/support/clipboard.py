"""The clipboard allowed, out of reach, or refused."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.pages import Watched

NO_CLIPBOARD = "delete Navigator.prototype.clipboard;"  # as where the page is not from a secure origin
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def selected(page: Page) -> str:
    return str(page.evaluate("getSelection().toString()"))


def refuse_clipboard(opened: Watched) -> None:
    """As a visitor does in the browser's settings."""
    browser = opened.context.browser
    assert browser is not None
    target = opened.context.new_cdp_session(opened.page).send("Target.getTargetInfo")
    permission = {
        "permission": {"name": "clipboard-write"},
        "setting": "denied",
        "browserContextId": target["targetInfo"]["browserContextId"],
    }
    browser.new_browser_cdp_session().send("Browser.setPermission", permission)
