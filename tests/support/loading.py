"""The page on its way to Python, or where a stub takes Python's place and only fetches what it would."""

from __future__ import annotations

import json
from typing import Final

from playwright.sync_api import Page, Route, expect

from tests.support.places import HOME, RUNTIME, SITE, SNAPSHOT

CORE: Final = next(RUNTIME.glob("pyscript/core-*.js"), SITE)
# In the order in which the page asks for them, by paths from its folder.
FILES: Final = (
    *(str(path.relative_to(SITE)) for path in (RUNTIME / "pyscript" / "core.js", CORE)),
    "pyscript.json",
    *(f"{RUNTIME.relative_to(SITE)}/pyodide/{name}" for name in ("pyodide.mjs", "pyodide.asm.mjs", "start.wasm")),
    SNAPSHOT["snapshot"].name,
    f"{RUNTIME.relative_to(SITE)}/pyodide/pyodide-lock.json",
    SNAPSHOT["start"].name,
)
# It lives once it has all of them; with `?damaged` in the address it fails, as Python does where a file is damaged.
STUB: Final = f"""
for (const file of {json.dumps(FILES)}) {{
  const answer = await fetch(new URL(file, document.baseURI));
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error("as Python would without it");
}}
if (new URLSearchParams(location.search).has("damaged")) throw new Error("as Python would with it");
document.documentElement.dataset.state = "alive";
gradientFlow.ready();
"""


def answer_stub(route: Route) -> None:
    """The stub in place of what starts PyScript, nothing in place of what starts Python; both keep their sizes."""
    file = SITE / route.request.url.partition(HOME)[2]
    text = STUB if file.name == "start-pyscript.js" else ""
    body = text.encode().ljust(file.stat().st_size)
    route.fulfill(body=body, content_type="text/javascript")


def assert_figure_stands(page: Page) -> None:
    """The picture that came with the page, whole."""
    expect(page.locator("#figure svg")).to_be_visible()
    expect(page.get_by_role("figure", name="Gradient wave · backward")).to_contain_text("layer 04 / 04 · |∂L| 1.00")
    assert page.locator("#figure [data-layer]").count() == 4


def assert_failed(page: Page, said: str, lead: str = "The wave could not start. ") -> None:
    """The line says why, aloud, and offers to try again."""
    line = page.get_by_role("alert").locator("#status-text")
    expect(line).to_contain_text(lead)
    expect(line).to_contain_text(said)
    expect(page.locator("#status-bar")).to_be_hidden()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.state") == "failed"
