"""The cost of a running wave: during autoplay, when its network changes, and at rest."""

from __future__ import annotations

import argparse
import functools
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Final

from playwright.sync_api import Browser, BrowserType

from bench.watched import Found, Row, Watched
from tools.chromium import ARGUMENTS, executable

FRAME_GAPS: Final = """seconds => new Promise(done => {
  const gaps = []; let last = performance.now(); const end = last + seconds * 1e3;
  const step = now => { gaps.push(now - last); last = now; now < end ? requestAnimationFrame(step) : done(gaps); };
  requestAnimationFrame(step); })"""
REFLOW: Final = """([text, depth]) => new Promise(done => {
  const label = [...document.querySelectorAll('label')].find(l => l.textContent.includes('Architecture'));
  const input = label.control || label.querySelector('input');
  const start = performance.now();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
  input.dispatchEvent(new Event('input', {bubbles: true}));
  const there = () => [...document.querySelectorAll('[aria-live]')].some(e => e.textContent.includes(` of ${depth} `));
  const poll = () => there() ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)))
    : performance.now() - start > 20000 ? done(NaN) : requestAnimationFrame(poll);
  requestAnimationFrame(poll); })"""

Scenario = Callable[[BrowserType, Mapping[str, str], argparse.Namespace], Found]


def for_each(measure: Callable[[Browser, str, argparse.Namespace], dict[str, Row]]) -> Scenario:
    """Return a scenario that measures one page after another in one browser."""

    @functools.wraps(measure)
    def scenario(chromium: BrowserType, pages: Mapping[str, str], options: argparse.Namespace) -> Found:
        browser = chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        found = {page: measure(browser, base, options) for page, base in pages.items()}
        browser.close()
        return found

    return scenario


def spell(size: str) -> str:
    """Return `12x12` as an architecture."""
    if "x" not in size:
        return size
    depth, width = size.split("x")
    return "-".join([width] * int(depth))


def address(base: str, size: str, **more: str) -> str:
    """Return a page's address with an architecture and other parameters."""
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{base}?layers={spell(size)}&speed=500{extra}"


@for_each
def steady(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """Measure main-thread ms per second of autoplay, and the gaps between frames in ms."""
    found = {}
    for size in options.sizes.split(","):
        watched = Watched(browser.new_context())
        watched.page.goto(address(base, size))
        watched.wait_for_advances(4)
        before, began = watched.metrics(), time.perf_counter()
        gaps = sorted(watched.page.evaluate(FRAME_GAPS, options.seconds)[1:])
        after, took = watched.metrics(), time.perf_counter() - began
        found[size] = {
            "busy": (after["TaskDuration"] - before["TaskDuration"]) / took * 1e3,
            "script": (after["ScriptDuration"] - before["ScriptDuration"]) / took * 1e3,
            "p99": gaps[int(0.99 * len(gaps))],
            "longest": gaps[-1],
            "elements": watched.page.evaluate("document.querySelectorAll('[role=figure] *').length"),
        }
        watched.context.close()
    return found


@for_each
def reflow(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """Measure the ms from a change of the architecture field, from 2-2, to the new figure."""
    watched = Watched(browser.new_context())
    watched.page.goto(base)
    watched.wait_for_advances(3)
    found = {}
    for size in options.sizes.split(","):
        took = []
        for _ in range(options.runs):
            watched.page.evaluate(REFLOW, ["2-2", 2])
            took.append(watched.page.evaluate(REFLOW, [spell(size), spell(size).count("-") + 1]))
        found[f"2-2 to {size}"] = {"ms": statistics.median(took)}
    watched.context.close()
    return found


@for_each
def rest(browser: Browser, base: str, options: argparse.Namespace) -> dict[str, Row]:
    """Measure a paused, settled page: requested frames, and main-thread ms per second."""
    watched = Watched(browser.new_context())
    watched.page.goto(address(base, "3-4-4-2", playing="0"))
    watched.wait_for_advances(1)
    watched.page.wait_for_timeout(3000)
    before, frames = watched.metrics(), watched.page.evaluate("window.__frames")
    watched.page.wait_for_timeout(options.seconds * 1000)
    after, later = watched.metrics(), watched.page.evaluate("window.__frames")
    watched.context.close()
    busy = (after["TaskDuration"] - before["TaskDuration"]) / options.seconds * 1e3
    script = (after["ScriptDuration"] - before["ScriptDuration"]) / options.seconds * 1e3
    return {"3-4-4-2": {"frames": later - frames, "busy": busy, "script": script}}
