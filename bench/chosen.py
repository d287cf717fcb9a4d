"""The first choice of Computed on a first visit: nothing that it needs has been fetched before.

- `first`: ms from choosing Computed, once Python runs, until the figure shows the first gradients. numpy and the code
  are fetched and imported in that time.
- `all`: ms until the bars and the verdict are shown too.
- `before`, `after`: MB of Python's memory when the page runs, and when everything is shown. It never shrinks.

To compare with another state of the page, name both: `--page ours=ADDRESS --page before=ADDRESS`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType

from bench.boot import COMPARED, fresh_profile, medians
from bench.computed import ALIVE, CHOOSE, CHOSEN
from bench.watched import Found, Row

HEAP: Final = """async () => {
  const { loadPyodide } = await import('./web/pyodide-loader.js');
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return python._module.HEAPU8.length / 1e6;
}"""


def visit(context: BrowserContext, base: str) -> Row:
    """Visit a page for the first time and choose Computed at once."""
    page = context.new_page()
    page.goto(f"{base}?playing=0&layers={CHOSEN}")
    page.wait_for_selector(ALIVE)
    before = page.evaluate(HEAP)
    row: Row = {**page.evaluate(CHOOSE), "before": before, "after": page.evaluate(HEAP)}
    page.close()
    return row


def chosen(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure the pages that compute, alternating, with a new profile for each visit."""
    rows: dict[str, list[Row]] = {page: [] for page in pages if page not in COMPARED}
    for _ in range(options.runs):
        for page, taken in rows.items():
            with fresh_profile(chromium) as context:
                taken.append(visit(context, pages[page]))
    return {page: {"chosen": medians(taken)} for page, taken in rows.items()}
