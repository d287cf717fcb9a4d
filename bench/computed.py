"""Computed gradients in the page: the time until they are shown, and the frame time while a network trains.

- `numpy`: ms until numpy is fetched and imported. The wave does not need it; it is loaded with the first choice.
- `first`: ms from choosing Computed, at 8 layers of 16 and a batch of 64, until the figure shows the first gradients.
  Its code is fetched and imported in that time; Python and numpy already run.
- `all`: ms until the bars and the verdict are shown too.
- `steps`: training steps per second of a network of 12 layers of 32, batch 64.
- `frame`: the longest time between two frames meanwhile, in ms; `task`: the longest task.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType

from bench.boot import fresh_profile, medians
from bench.watched import Found, Row

PAGE: Final = "ours"  # the only page that computes
CHOSEN: Final = "-".join(["16"] * 8)
TRAINED: Final = "-".join(["32"] * 12)
REST: Final = 6_000  # ms after the page runs, while it is kept for the next visit
LOAD: Final = """async () => {
  const { loadPyodide } = await import('./web/pyodide-loader.js');
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  const began = performance.now();
  await window.gradientFlow.loadLazyBundle('numpy', [], '');
  python.runPython('import importlib; importlib.invalidate_caches(); import numpy');
  return performance.now() - began;
}"""
CHOOSE: Final = """() => new Promise(resolve => {
  const times = {}, began = performance.now();
  new MutationObserver((_, observer) => {
    const now = performance.now() - began;
    if (/RMS/.test(document.querySelector('[data-part=readout]').textContent)) times.first ??= now;
    if (document.getElementById('verdict')?.textContent) times.all ??= now;
    if (!times.all) return;
    observer.disconnect();
    resolve(times);
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
  document.getElementById('source-computed').click();
})"""
TRAIN: Final = """ms => new Promise(resolve => {
  const gaps = [], tasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration))).observe({type: 'longtask'});
  document.getElementById('train-run').click();
  const began = performance.now();
  let last = began;
  const step = now => {
    gaps.push(performance.now() - last);
    last = performance.now();
    if (last - began < ms) return requestAnimationFrame(step);
    document.getElementById('train-run').click();
    const made = Number(document.querySelector('#timeline input').max);
    resolve({steps: made / (last - began) * 1000, frame: Math.max(...gaps), task: Math.max(0, ...tasks)});
  };
  requestAnimationFrame(step);
})"""
ALIVE: Final = "html[data-state=alive]"


def visit(context: BrowserContext, base: str, seconds: float) -> Row:
    """Visit one page and choose Computed, and another page and train."""
    page = context.new_page()
    page.goto(f"{base}?playing=0&layers={CHOSEN}")
    page.wait_for_selector(ALIVE)
    page.wait_for_timeout(REST)
    row: Row = {"numpy": page.evaluate(LOAD)}
    row |= page.evaluate(CHOOSE)
    page.goto(f"{base}?playing=0&source=computed&layers={TRAINED}")
    page.wait_for_selector("#train-run")
    page.wait_for_timeout(REST)
    trained: Row = page.evaluate(TRAIN, seconds * 1_000)
    page.close()
    return row | trained


def computed(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
    """Measure this page only, with a new profile for each run."""
    rows = []
    for _ in range(options.runs):
        with fresh_profile(chromium) as context:
            rows.append(visit(context, pages[PAGE], options.seconds))
    return {PAGE: {"computed": medians(rows)}}
