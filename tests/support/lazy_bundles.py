"""Python in the page: running code there, and bringing the lazy bundles that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

COMPUTED = ["numpy", "charts", "computed"]  # as app/page/sources.py brings them
RECORDED = ["numpy", "charts", "recorded"]
BRING_LAZY = """async (groups) => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return python.runPythonAsync(`
import asyncio
from app.page import lazy_bundles
groups = "${groups.join()}".split(",")
try:
    await asyncio.gather(lazy_bundles.bring(*groups), lazy_bundles.bring(*groups))  # whoever asks meanwhile shares it
except OSError as error:
    said = str(error)
else:
    said = ""
said`);
}"""


def bring_lazy(page: Page, groups: Sequence[str] = COMPUTED) -> str:
    """Bring what the page brings when gradients are to be computed, or other groups; what was wrong, or nothing."""
    return str(page.evaluate(BRING_LAZY, groups))


RUN_ASYNC = """async code => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return JSON.parse(await python.runPythonAsync(code));
}"""


def run_async(page: Page, code: str) -> Any:
    """Run Python in the page, which may await and ends with a text of JSON; what that says."""
    return page.evaluate(RUN_ASYNC, code)


RUN = """async code => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  return (await loadPyodide({ stdout: console.log, stderr: console.error })).runPython(code);
}"""


def run_python(page: Page, code: str) -> object:
    """The value of the last line of Python code, run in the page."""
    return page.evaluate(RUN, code)
