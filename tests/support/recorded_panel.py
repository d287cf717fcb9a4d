"""Runs for the panel of recorded runs, and what tests do with it and read from it."""

from __future__ import annotations

import json
import re
from typing import Final

from playwright.sync_api import FilePayload, Page, expect

SPIKE: Final = 7  # the step at which fc2 jumps
# The view the page opens on, with Recorded chosen; runs that were read before are still there to be chosen.
SET_BACK_RECORDED: Final = """() => {
  document.activeElement.blur();
  for (const id of ["source-synthesised", "source-recorded"]) {
    const radio = document.getElementById(id);
    radio.checked = true;
    radio.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}"""


def norm(layer: int, step: int, rate: float = 0.5) -> float:
    """A run that vanishes by `rate` a layer and grows over the steps; fc2 jumps once."""
    return float(f"{rate ** (4 - layer) * (1 + step / 20) * (300 if (layer, step) == (2, SPIKE) else 1):.6g}")


def jsonl(steps: int = 20, rate: float = 0.5, layers: int = 4) -> str:
    """A run as the recorder writes it: biases of fc1 … fc4, with a loss."""
    head = {"gradient_flow": 1, "kind": "parameter", "reduction": "l2", "order": "definition"}
    lines = [json.dumps(head)]
    for step in range(steps):
        norms = {f"grad_norm/fc{layer}.bias": norm(layer, step, rate) for layer in range(1, layers + 1)}
        lines.append(json.dumps({"step": step * 10, "loss": 2 / (1 + step), **norms}))
    return "\n".join(lines) + "\n"


def deep(blocks: int, steps: int = 3) -> str:
    """A run of blocks of three layers each."""
    names = [f"blocks.{block}.{part}.weight" for block in range(blocks) for part in ("attn", "mlp", "norm")]
    norms = ", ".join(f'"grad_norm/{name}": {1.0 + at}' for at, name in enumerate(names))
    return "".join(f'{{"step": {step}, {norms}}}\n' for step in range(steps))


def give(page: Page, *files: tuple[str, str]) -> None:
    """Choose files, as by the file chooser."""
    page.locator("#run-files").set_input_files(
        [FilePayload(name=name, mimeType="text/plain", buffer=text.encode()) for name, text in files]
    )


def show(page: Page, title: str) -> None:
    """Wait until a run is shown; among others of its title it has a number."""
    heading = re.compile(rf"^Run: {re.escape(title)}( \(\d+\))?$")
    expect(page.locator("#run-heading")).to_have_text(heading)
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until all of it is drawn."""
    expect(page.locator("#run")).to_have_attribute("aria-busy", "false")


def readout(page: Page) -> str:
    return page.locator('#figure [data-part="readout"]').inner_text()


def scrub(page: Page, step: int) -> None:
    """Move the timeline's slider to a step, by its place."""
    page.locator("#timeline input[type=range]").fill(str(step))


OPEN_TABLE: Final = """async () => {
  const details = document.querySelector("#timeline details");
  const turn = open => details.open === open || new Promise(done => {
    details.addEventListener("toggle", done, { once: true });
    details.open = open;
  });
  await turn(false);
  await turn(true);
  const heads = [...details.querySelectorAll("th[scope=col]")];
  const column = heads.findIndex(head => head.hasAttribute("data-current"));
  return [...details.querySelectorAll("tbody tr")].map(line => line.children[column].title);
}"""


def table(page: Page) -> list[str]:
    """The magnitudes of the step in view, in full precision, from the map's table. A second run has rows too."""
    titles: list[str] = page.evaluate(OPEN_TABLE)
    return titles
