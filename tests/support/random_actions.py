"""Random actions on the page, the same on every run, and the check that all that shows the view says the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from app.view.settings import read_address
from tests.support.recorded_panel import jsonl

READ = """() => {
  const one = selector => document.querySelector(selector), all = selector => [...document.querySelectorAll(selector)];
  const text = part => one(`#figure [data-part=${part}]`).textContent, slider = one("#layer");
  const layers = all("#figure [data-layer]");
  return {
    address: location.href,
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
    rowBars: all("#timeline [data-part=bars] rect").length,
    rowValue: one("#timeline [data-part=values] [data-lit]")?.textContent,
  };
}"""
READY = """() => {
  const source = document.querySelector("[name=source]:checked").id, bars = document.querySelector("#bars [data-part]");
  const table = document.querySelector("#bars details"), row = document.querySelector("#bars tbody tr");
  if (table) table.open = true; // what it holds is drawn when it is opened
  const isBusy = document.getElementById("run").getAttribute("aria-busy") === "true";
  if (source === "source-recorded") return document.querySelector("#map [data-part=lit] rect") && !isBusy;
  return source === "source-synthesised" || (bars && row);
}"""
CLICK = """selector => {
  const element = document.querySelector(selector);
  if (element?.checkVisibility()) element.click();
}"""
FILL = """([selector, value]) => {
  const field = document.querySelector(selector);
  if (!field?.checkVisibility() || field.disabled) return;
  field.value = value;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""


NEXT = """selector => {
  const field = document.querySelector(selector);
  if (!field?.checkVisibility()) return;
  field.selectedIndex = (field.selectedIndex + 1) % field.length;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""
CHOOSE = """([name, text]) => {
  const carried = new DataTransfer(), chooser = document.getElementById("run-files");
  carried.items.add(new File([text], name));
  chooser.files = carried.files;
  chooser.dispatchEvent(new Event("change", { bubbles: true }));
}"""
UNFOCUS = "() => { document.activeElement.blur(); scrollTo(0, 0); }"


class Hands(Protocol):
    """A page in some browser, as far as the actions need it."""

    def evaluate(self, script: str, argument: object = None) -> Any:
        """The value of a JavaScript function of one argument."""

    def press(self, key: str) -> None:
        """Press a key."""

    def wait(self, milliseconds: int) -> None:
        """Let time pass."""


@dataclass(frozen=True)
class Action:
    """An action of a visitor, with its name for messages."""

    name: str
    do: Callable[[Hands], object]


def click(selector: str) -> Action:
    return Action(f"click {selector}", lambda hands: hands.evaluate(CLICK, selector))


def fill(selector: str, value: str) -> Action:
    return Action(f"fill {selector} with {value!r}", lambda hands: hands.evaluate(FILL, [selector, value]))


def choose_next(selector: str) -> Action:
    return Action(f"choose the next of {selector}", lambda hands: hands.evaluate(NEXT, selector))


def press(key: str) -> Action:
    def do(hands: Hands) -> None:
        hands.evaluate(UNFOCUS)
        hands.press(key)

    return Action(f"press {key}", do)


def wait(milliseconds: int) -> Action:
    return Action(f"wait {milliseconds} ms", lambda hands: hands.wait(milliseconds))


def read(name: str, text: str) -> Action:
    return Action(f"read {name}", lambda hands: hands.evaluate(CHOOSE, [name, text]))


EVERYWHERE = [
    *map(click, ("#forward", "#back", "#play")),
    *map(press, ("Space", "ArrowLeft", "ArrowRight", "Home", "End")),
    *(fill("#layer", value) for value in ("1", "2", "3")),
    *(fill("#playback", value) for value in ("80", "500", "2000")),
]
WAITING = [*map(wait, (0, 90, 700, 3_000))]
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
    *map(click, ("#fixes button", "#undo-fix", "#compare")),
    *map(choose_next, ("[data-field=measure]", "[data-field=scale]")),
    *(fill("#timeline input[type=range]", step) for step in ("0", "2")),
]
RUNS = [
    *(fill("#timeline input[type=range]", step) for step in ("0", "7", "19")),
    *map(choose_next, ("#run-shown", "#run-beside", "#run-order")),
    *map(click, ("#run-forget", "#run-layers li:last-child button", "#run-events button")),
    read("short.jsonl", jsonl(steps=3, layers=2)),
    read("long.jsonl", jsonl(steps=30, layers=6)),
    read("diary.txt", "dear diary"),
]


SOURCES = {"synthesised": FORM, "computed": NETWORK, "recorded": RUNS}


def begin(hands: Hands, source: str) -> None:
    """Choose a source; a recorded one has no run yet."""
    hands.evaluate(CLICK, f"#source-{source}")


def chosen(source: str, count: int, *, waiting: bool, seed: str = "") -> Iterator[Action]:
    """The actions for a source, always the same. `waiting`: time passes only by an action."""
    luck = random.Random(source + seed)
    everywhere = [*EVERYWHERE, *WAITING] if waiting else EVERYWHERE
    if source == "recorded":
        yield read("first.jsonl", jsonl())
    for _ in range(count):
        yield luck.choice(luck.choice([everywhere, SOURCES[source]]))


def assert_consistent(hands: Hands) -> None:
    """Slider, readout, tag, live text, form, bars, table and address say the same."""
    shown: dict[str, Any] = hands.evaluate(READ)
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
        assert_address_agrees(shown)
    if shown["source"] == "recorded":
        assert (shown["rowBars"], shown["rowValue"]) == (depth, value)
    if shown["source"] == "computed":
        assert shown["bars"] == len(shown["rows"]) == depth
        assert shown["lit"] == [active]
        assert [at for at, row in enumerate(shown["rows"]) if row[0] == "true"] == [active]
        named = [head == label or head.startswith(f"{label}, ") for head in shown["heads"]]  # beside others: `L2, now`
        assert True in named
        assert shown["rows"][active][1 + named.index(True)] == value


def assert_address_agrees(shown: dict[str, Any]) -> None:
    settings, wrong = read_address(dict(parse_qsl(urlsplit(shown["address"]).query, keep_blank_values=True)))
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
