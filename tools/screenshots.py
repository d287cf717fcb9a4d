"""Take the screenshots that README.md and docs/ show, from the built site in Chromium.

`./serve.sh --build && python -m tools.screenshots` writes docs/*.png.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from playwright.sync_api import FilePayload, FloatRect, Page, expect, sync_playwright

from tools.chromium import ARGUMENTS, executable
from tools.runtime import ROOT
from tools.serve import open_server

WIDTH, HEIGHT, MARGIN = 900, 900, 8  # px: the window, and the space around an element
SCALE: Final = 1.35  # pixels of a picture per pixel of the page
TIMEOUT_MS: Final = 60_000
LAYERS: Final = 8  # of the runs that the picture of a recorded run shows
STEPS: Final = 300


class Shot(NamedTuple):
    """One picture: the page's query, the element it shows, and a function that prepares the page."""

    name: str
    query: str
    element: str
    prepare: Callable[[Page], None]
    scheme: Literal["light", "dark"] = "light"
    width: int = WIDTH


def wait_for_bars(page: Page) -> None:
    """Wait until the bars and the verdict of a computed view stand."""
    expect(page.locator("#verdict")).not_to_be_empty(timeout=TIMEOUT_MS)


def wait_for_fixes(page: Page) -> None:
    """Show the fixes, and wait until they are tried."""
    wait_for_bars(page)
    page.locator("#tab-fixes").click()
    expect(page.locator("#fixes")).to_be_visible(timeout=TIMEOUT_MS)


def train(page: Page) -> None:
    """Train for some steps, then look at one of them."""
    wait_for_bars(page)
    page.locator("#train-run").click()
    expect(page.locator("#timeline")).to_contain_text(re.compile(r"of [4-9]\d\d "), timeout=TIMEOUT_MS)
    page.locator("#train-run").click()


def log(slope: float, spike: int) -> bytes:
    """Return a synthetic training log: gradients that shrink by `slope` decades per layer, and jump at step `spike`."""
    return "".join(f"{json.dumps(record)}\n" for record in records(slope, spike)).encode()


def records(slope: float, spike: int) -> Iterator[dict[str, float]]:
    """Yield the log's lines, one per step."""
    for step in range(STEPS):
        waves = [0.15 * math.sin(step / 9 + layer) + (1.2 if abs(step - spike) < 3 else 0.0) for layer in range(LAYERS)]
        level = -0.4 * math.log10(1 + step / 20)
        norms = {
            f"grad_norm/blocks.{layer}.weight": 10 ** (level + slope * (LAYERS - 1 - layer) + waves[layer])
            for layer in range(LAYERS)
        }
        yield {"step": step, "loss": 2.3 / (1 + step / 60) + 0.05 * math.sin(step / 5), **norms}


def read_runs(page: Page) -> None:
    """Choose two logs, and show one beside the other."""
    page.get_by_label("Recorded").check()
    runs = (("plain.jsonl", log(-0.35, 120)), ("residual.jsonl", log(-0.02, 210)))
    files: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": content} for name, content in runs]
    page.get_by_label("Training log", exact=True).set_input_files(files)
    page.get_by_label("Compare with").select_option(label="residual.jsonl")
    expect(page.locator("#run")).to_contain_text("beside it")
    expect(page.locator("#run")).to_have_attribute("aria-busy", "false")


COMPUTED: Final = "?source=computed&playing=0&layers="
SHOTS: Final = (
    Shot("figure", "?layer=1&playing=0", "#figure", lambda _page: None),
    Shot("computed", f"{COMPUTED}2-16-16-16-16-16-16-2&layer=3", ".workbench", wait_for_fixes, width=1440),
    Shot("training", f"{COMPUTED}2-16-16-16-3&activation=tanh&loss=cross_entropy", "#training", train),
    Shot("recorded", "?playing=0", ".workbench", read_runs, width=1440),
    Shot("share", "", ".share", lambda _page: None, "dark"),
)


def take(page: Page, shot: Shot, home: str) -> None:
    """Open the page, prepare it, and write the part of it that the picture shows."""
    page.goto(home + shot.query)
    expect(page.locator("html")).to_have_attribute("data-state", "alive", timeout=TIMEOUT_MS)
    shot.prepare(page)
    page.evaluate("document.fonts.ready")
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(shot.element).bounding_box()
    if box is None:
        raise RuntimeError(f"{shot.name}: {shot.element} must be shown")
    clip: FloatRect = {
        "x": box["x"] - MARGIN,
        "y": box["y"] - MARGIN,
        "width": box["width"] + 2 * MARGIN,
        "height": box["height"] + 2 * MARGIN,
    }
    page.screenshot(path=ROOT / "docs" / f"{shot.name}.png", full_page=True, clip=clip)


def main() -> None:
    """Take all screenshots."""
    server = open_server(ROOT / "site", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        for shot in SHOTS:
            context = browser.new_context(
                viewport={"width": shot.width, "height": HEIGHT},
                color_scheme=shot.scheme,
                device_scale_factor=SCALE * WIDTH / shot.width,
            )
            take(context.new_page(), shot, home)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
