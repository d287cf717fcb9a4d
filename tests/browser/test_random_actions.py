"""Random actions, the same on every run: after each of them all that shows the view says the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page

from app.view.settings import read_address
from tests.support.pages import Opener, Watched
from tests.support.places import HOME
from tests.support.recorded_panel import give, jsonl

ACTIONS = 60  # a source
READ = """() => {
  const one = selector => document.querySelector(selector), all = selector => [...document.querySelectorAll(selector)];
  const text = part => one(`#figure [data-part=${part}]`).textContent, slider = one("#layer");
  const layers = all("#figure [data-layer]");
  return {
    readout: text("readout"), tag: text("tag"), summary: text("summary"),
    depth: layers.length, active: layers.flatMap((layer, at) => layer.dataset.state === "active" ? [at] : []),
    counts: all("#figure .gradient-flow-counts text").map(count => count.textContent),
    slider: [slider.value, slider.max, slider.getAttribute("aria-valuetext")],
    architecture: one("#architecture").value, wrong: one("#architecture").getAttribute("aria-invalid") === "true",
    playing: one("#play").textContent === "Pause", source: one("[name=source]:checked").id.replace("source-", ""),
    training: one("#train-run")?.textContent === "Pause",
    bars: all("#bars [data-bar=gradients]").length, lit: all("#bars [data-bar=gradients]")
      .flatMap((bar, at) => bar.dataset.lit === "yes" ? [at] : []),
    heads: all("#bars th[scope=col]").map(head => head.textContent),
    rows: all("#bars tbody tr").map(row =>
      [row.getAttribute("aria-current"), ...[...row.children].map(cell => cell.textContent)]),
  };
}"""
READY = """() => {
  const source = document.querySelector("[name=source]:checked").id, bars = document.querySelector("#bars [data-part]");
  const table = document.querySelector("#bars details"), row = document.querySelector("#bars tbody tr");
  if (table) table.open = true; // what it holds is drawn when it is opened
  const isBusy = document.getElementById("run").getAttribute("aria-busy") === "true";
  return source === "source-synthesised" || (bars && row && !(source === "source-recorded" && isBusy));
}"""
CLICK = "selector => document.querySelector(selector)?.click()"
FILL = """([selector, value]) => {
  const field = document.querySelector(selector);
  if (!field || field.disabled) return;
  field.value = value;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""


@dataclass(frozen=True)
class Action:
    """Something that people do with the page, and what it is called where the page is found at odds with itself."""

    name: str
    do: Callable[[Page], object]


def click(selector: str) -> Action:
    return Action(f"click {selector}", lambda page: page.evaluate(CLICK, selector))


def fill(selector: str, value: str) -> Action:
    return Action(f"fill {selector} with {value!r}", lambda page: page.evaluate(FILL, [selector, value]))


def press(key: str) -> Action:
    def do(page: Page) -> None:
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        page.keyboard.press(key)

    return Action(f"press {key}", do)


def wait(milliseconds: int) -> Action:
    return Action(f"wait {milliseconds} ms", lambda page: page.clock.run_for(milliseconds))


EVERYWHERE = [
    *map(click, ("#forward", "#back", "#play")),
    *map(press, ("Space", "ArrowLeft", "ArrowRight", "Home", "End")),
    *(fill("#layer", value) for value in ("1", "2", "3")),
    *(fill("#playback", value) for value in ("80", "500", "2000")),
    *map(wait, (0, 90, 700, 3_000)),
]
FORM = [
    *(fill("#architecture", text) for text in ("3-4-4-2", "2, 3", "7", "4-4-4-4-4-4-4-4", "3-x", "", "5-6-0", "9 8 7")),
    *(fill("#gradients", text) for text in ("", "1, 2, 3, 4", "0.5 NaN", "0.25 ∞ 0 1", "x")),
    *(click(f"[data-preset='{preset}']") for preset in ("3-4-4-2", "8-64-64-8", "16-8-3-8-16")),
]
NETWORK = [
    *(fill("#architecture", text) for text in ("3-4-4-2", "2, 3", "4-4-4-4-4-4-4-4", "3-x", "")),
    *(fill("[data-field=activation]", name) for name in ("relu", "sigmoid", "tanh")),
    *(fill("[data-field=seed]", seed) for seed in ("1", "7")),
    *map(click, ("#train-step", "#train-run", "#train-reset", "[data-lesson=dead_relu]", "[data-lesson=sigmoid]")),
]
RUNS = [
    *(fill("#timeline input[type=range]", step) for step in ("0", "7", "19")),
    Action("read short.jsonl", lambda page: give(page, ("short.jsonl", jsonl(steps=3, layers=2)))),
    Action("read long.jsonl", lambda page: give(page, ("long.jsonl", jsonl(steps=30, layers=6)))),
    Action("read diary.txt", lambda page: give(page, ("diary.txt", "dear diary"))),
]


def settle(page: Page) -> None:
    """Let time pass, which stands still, until all is shown and announced, and the address has been written."""
    for _ in range(1_000):
        page.clock.run_for(25)
        if page.evaluate(READY):
            break
    page.clock.run_for(600)


def assert_consistent(page: Page) -> None:
    """Slider, readout, tag, live text, form, bars, table and address say the same."""
    shown: dict[str, Any] = page.evaluate(READ)
    (active,) = shown["active"]
    number, depth, tag = active + 1, shown["depth"], shown["tag"]
    digits = max(2, len(str(depth)))
    label, value = tag.rsplit(" ", 1)
    assert shown["readout"] == f"layer {number:0{digits}} / {depth:0{digits}} · {tag}"
    assert shown["slider"][:2] == [str(number), str(depth)]
    assert shown["slider"][2].startswith(f"{number} of {depth}, ")
    assert shown["summary"].startswith(f"Backward gradient wave at layer {number} of {depth} (")
    if not shown["training"]:  # each step brings other magnitudes, and two a second are announced
        assert shown["summary"].endswith(f" {'none' if value == '–' else value}.")
    if shown["source"] != "recorded":  # the address of a file that was chosen is nobody else's
        assert_address_agrees(page.url, shown)
    if shown["source"] != "synthesised":
        assert shown["bars"] == len(shown["rows"]) == depth
        assert shown["lit"] == [active]
        assert [at for at, row in enumerate(shown["rows"]) if row[0] == "true"] == [active]
        heads = [head.removesuffix(", now") for head in shown["heads"]]  # beside what it was before
        assert label in heads
        assert shown["rows"][active][1 + heads.index(label)] == value


def assert_address_agrees(address: str, shown: dict[str, Any]) -> None:
    settings, wrong = read_address(dict(parse_qsl(urlsplit(address).query, keep_blank_values=True)))
    assert wrong == []
    assert settings.source == shown["source"]
    assert settings.playing == shown["playing"]
    if not settings.playing:
        assert settings.layer == shown["depth"] - 1 - shown["active"][0]
    layers = [str(neurons) for neurons in settings.layers]
    assert len(layers) == shown["depth"]
    assert shown["counts"] in (layers, [])  # many columns leave no room for them
    if not shown["wrong"]:
        assert re.findall(r"\d+", shown["architecture"]) == layers


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME, clock=True)


@pytest.mark.parametrize(
    ("source", "actions"),
    [("synthesised", FORM), ("computed", NETWORK), ("recorded", RUNS)],
    ids=["synthesised", "computed", "recorded"],
)
def test_after_each_action_all_that_is_shown_agrees(shared: Watched, source: str, actions: list[Action]) -> None:
    page, chosen = shared.page, random.Random(source)
    page.evaluate(CLICK, f"#source-{source}")
    if source == "recorded":
        page.wait_for_selector("#run-files")
        give(page, ("first.jsonl", jsonl()))
    done = []
    for _ in range(ACTIONS):
        action = chosen.choice(chosen.choice([EVERYWHERE, actions]))
        done.append(action.name)
        action.do(page)
        settle(page)
        try:
            assert_consistent(page)
        except AssertionError as error:
            raise AssertionError(f"at {page.url} after {done}: {error}") from error
    assert shared.errors == []
