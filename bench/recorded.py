"""Reading a big training log in the page: time, frame times and memory.

One visit per format, each in its own browser. The file, from bench/logs.py, is chosen in the form. Then the step is
moved over the whole run.

- `MB`: the file's size; `s`: seconds until its run is drawn; `MB/s`: their ratio.
- `frame`: the longest time between two frames while it is read, in ms; `task`: the longest task; `scrub`: the longest
  time between two frames while the step moves.
- `heap`: MB of Python's memory at the end, which never shrinks, so this is its peak; `before`: MB when Python had
  started.
- `peak`: MB, the peak memory of the page's process (`VmHWM` in /proc), including the browser's own. Only this contains
  Python's heap, the browser's copies of the file and everything else.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserType, Page

from bench.logs import FORMATS, pieces
from bench.watched import Found, Row
from tools.chromium import ARGUMENTS, executable

PAGE: Final = "ours"
CASES: Final = {"jsonl": "run.jsonl", "events": "events.out.tfevents.1", "csv": "metrics.csv"}
ALIVE: Final = "html[data-state=alive]"
REST: Final = 6_000  # ms after the page runs, while it is kept for the next visit
TIMEOUT_MS: Final = 900_000
STEPS: Final = 60  # to which the slider is moved
CHOOSER: Final = "#run-files"
DRAWN: Final = "#run[aria-busy=false]"
WATCH: Final = """async () => {
  const { loadPyodide } = await import('./web/pyodide-loader.js');
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  const watched = (window.watched = { gaps: [], tasks: [], began: performance.now(), drawn: null });
  watched.heap = () => python._module.HEAPU8.length / 1e6;
  watched.before = watched.heap();
  let last = watched.began;
  const note = list => watched.tasks.push(...list.getEntries().map(task => task.duration));
  new PerformanceObserver(note).observe({type: 'longtask'});
  new MutationObserver(() => {
    if (document.querySelector('#run[aria-busy=false]')) watched.drawn ??= performance.now();
  }).observe(document.getElementById('run'), { attributes: true });
  requestAnimationFrame(function step() {
    watched.gaps.push(performance.now() - last);
    last = performance.now();
    requestAnimationFrame(step);
  });
}"""
RESULTS: Final = """() => {
  const { began, drawn, gaps, tasks, before, heap } = window.watched;
  const [frame, task] = [Math.max(...gaps), Math.max(0, ...tasks)];
  gaps.length = 0;
  return { s: (drawn - began) / 1000, frame, task, before, heap: heap() };
}"""
SCRUB: Final = """async count => {
  const slider = document.querySelector('#timeline input[type=range]');
  for (let at = 0; at <= count; at++) {
    slider.value = Math.round((slider.max * at) / count);
    slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return Math.max(...window.watched.gaps);
}"""


def made(name: str, size: int, folder: Path) -> Path:
    """Write a file of a format with about `size` bytes; return its path."""
    path = folder / CASES[name]
    with path.open("wb") as file:
        file.writelines(pieces(FORMATS[name](), size))
    return path


def peak(browser: Browser) -> float:
    """Return the peak memory of the browser's pages, in MB."""
    answer: Any = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    most = 0.0
    for process in answer["processInfo"]:
        if process["type"] == "renderer":
            status = Path(f"/proc/{process['id']}/status").read_text(encoding="utf-8")
            (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
            most = max(most, int(kilobytes) / 1000)
    return most


def visit(page: Page, base: str, path: Path) -> Row:
    """Visit a page, and let it read a file."""
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{base}?playing=0&source=recorded")
    page.wait_for_selector(ALIVE)
    page.wait_for_selector(CHOOSER)
    page.wait_for_timeout(REST)
    page.evaluate(WATCH)
    page.set_input_files(CHOOSER, path)
    page.wait_for_selector(DRAWN)
    row: Row = page.evaluate(RESULTS)
    row["scrub"] = page.evaluate(SCRUB, STEPS)
    megabytes = path.stat().st_size / 1e6
    return {"MB": megabytes, "MB/s": megabytes / row["s"], **row}


def recorded(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure this page only, each format once."""
    found: dict[str, Row] = {}
    with tempfile.TemporaryDirectory(prefix="logs-") as folder:
        for name in CASES:
            path = made(name, options.megabytes * 1_000_000, Path(folder))
            browser = chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
            found[name] = visit(browser.new_page(), pages[PAGE], path) | {"peak": peak(browser)}
            browser.close()
            path.unlink()
    return {PAGE: found}
