"""The end of Python while the page is in use: the page says so, and a new start keeps the view and what was typed."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Page, expect

from tests.support.pages import Opener
from tests.support.places import HOME

# Python's own JSON decoder ends Pyodide, whose stack is small. The page's readers refuse such a file before it.
END_PYTHON: Final = """async () => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  try {
    python.runPython("import json; json.loads('[' * 100_000)");
  } catch (error) {
    return String(error);
  }
}"""


def end_python(page: Page) -> None:
    """End Python, and wait until the page has noticed."""
    page.evaluate(END_PYTHON)
    expect(page.locator("html")).to_have_attribute("data-state", "stopped")


def test_the_page_says_that_python_has_stopped_and_starts_anew_with_what_was_typed(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?playing=0&speed=700&layers=2-3-2")
    page = opened.page
    page.get_by_label("Gradients").fill("one")  # is refused, and kept all the same
    end_python(page)
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(
        re.compile(
            r"Python has stopped \(.+\), so the page does not answer any more\. A new start keeps the view and what "
            r"was typed\. Training steps and files that were read are lost\.\s+Start anew"
        )
    )
    assert any("fatal error" in line for line in opened.lines)
    page.get_by_label("Architecture").fill("2-5-5-2")  # nobody reads it now
    with page.expect_navigation():
        page.get_by_role("button", name="Start anew").click()
    opened.wait_alive()
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["2", "5", "5", "2"])
    expect(page.get_by_label("Architecture")).to_have_value("2-5-5-2")
    expect(page.get_by_label("Gradients")).to_have_value("one")
    expect(page.locator("#gradients-message")).not_to_be_empty()

    end_python(page)
    expect(alert).to_contain_text(
        "That was the second time in a row: a new start leaves out the address and what was typed."
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Start anew").click()
    opened.wait_alive()
    assert page.evaluate("location.search") == ""
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["3", "4", "4", "2"])
    expect(page.get_by_role("alert")).to_have_count(0)

    page.evaluate("dispatchEvent(new ErrorEvent('error', { message: 'Uncaught PythonError: …\\nMemoryError' }))")
    expect(page.get_by_role("alert")).to_contain_text("Python has stopped (it has no more memory), so the page")
