"""What is drawn beneath the figure, on component.html's stage: it comes with what the page brings late."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import bring_late
from tests.browser.stage import Stage

MOUNT = """
import numpy as np
from app.charts.bar_chart import GradientDecayExplorer
from app.charts.timeline import Timeline
from app.charts.series import Track

def mounted(make, **props):
    root = document.createElement("div")
    root.className = "theirs"
    document.getElementById("stage").append(root)
    try:
        figures.append(make(root, **props))
    except Exception:
        root.remove()
        raise
    return figures[-1]

def explore(**props):
    return mounted(GradientDecayExplorer, **props)

def timeline(**props):
    return mounted(Timeline, **props)
"""


def bring_drawing(stage: Stage) -> None:
    """Bring it, once a page."""
    if not stage.python("'explore' in globals()"):
        assert bring_late(stage.page) == ""
        stage.python(MOUNT)


RUN_ASYNC = """async code => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return JSON.parse(await python.runPythonAsync(code));
}"""


def run_async(page: Page, code: str) -> Any:
    """Run Python in the page, which may await and ends with a text of JSON; what that says."""
    return page.evaluate(RUN_ASYNC, code)
