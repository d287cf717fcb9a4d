"""Networks that take long to compute: the page answers meanwhile, and what is given up changes nothing."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from app.network.config import NetworkConfig
from app.network.training import Training
from tests.support.pages import ALL_PANELS, Opener
from tests.support.places import HOME

LAYERS: Final = (500, 500, 500, 2)
QUERY: Final = f"?source=computed&playing=0&layers={'-'.join(map(str, LAYERS))}"
# Frames that the page gets from now on: one long task would be one frame.
COUNT_FRAMES: Final = """() => {
  window.framesSeen = 0;
  const count = () => { window.framesSeen += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""

# Run, and Pause in the frame in which a step's progress is shown; returns what it says.
RUN_AND_PAUSE: Final = """() => new Promise(resolve => {
  const run = document.getElementById("train-run"), line = document.getElementById("computed-progress");
  run.click();
  const look = () => {
    if (line.hidden) return requestAnimationFrame(look);
    run.click();
    resolve(line.textContent);
  };
  look();
})"""


def magnitudes(page: Page) -> list[float]:
    """The magnitudes in the table of the bars, in full precision."""
    titles = page.locator("#bars tbody td:nth-child(3)").evaluate_all("cells => cells.map(cell => cell.title)")
    return [float(title) for title in titles]


def test_a_large_network_is_computed_and_trained_while_the_page_answers(open_page: Opener) -> None:
    opened = open_page(HOME + QUERY, viewport=ALL_PANELS)
    page = opened.page
    progress, figure = page.locator("#computed-progress-text"), page.locator("#figure .gradient-flow-counts text")
    expect(progress).to_contain_text("Computing a network of 501,000 weights …")
    expect(page.locator("#bars [data-part=plot]")).to_have_count(1)
    expect(page.locator("#computed-progress")).to_be_hidden()
    page.evaluate("document.querySelector('#bars details').open = true")
    training = Training(LAYERS, NetworkConfig())
    assert magnitudes(page) == pytest.approx(training.shown(0).gradients, rel=1e-11)

    # Another architecture, given up: the former one is back, also in the form.
    page.get_by_label("Architecture").fill("800-800-800-2")
    expect(progress).to_contain_text("Computing a network of 1,281,600 weights …")
    page.locator("#computed-cancel").dispatch_event("click")  # at once: it may be done soon
    expect(page.get_by_label("Architecture")).to_have_value("500-500-500-2")
    expect(page.locator("#computed-progress")).to_be_hidden()
    expect(figure).to_have_text(["500", "500", "500", "2"])

    # A training step has many frames, in which Pause is answered, and goes on after it.
    run = page.locator("#train-run")
    page.evaluate(COUNT_FRAMES)
    assert "Training step 1 …" in page.evaluate(RUN_AND_PAUSE)
    expect(run).to_have_text("Run")
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 0 of 0")
    expect(page.locator("#computed-progress")).to_be_hidden()
    page.locator("#train-step").click()
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 1 of 1")
    expect(run).to_have_text("Run")
    assert page.evaluate("window.framesSeen") > 10
    training.advance()
    assert magnitudes(page) == pytest.approx(training.shown(1).gradients, rel=1e-11)

    # A quick change while a large network is computed replaces it.
    page.locator("#more-fields > summary").click()
    page.get_by_label("Seed", exact=True).fill("3")
    expect(progress).to_contain_text("Computing a network of 501,000 weights …")
    page.get_by_label("Architecture").fill("3-4-4-2")
    expect(figure).to_have_text(["3", "4", "4", "2"])
    expect(page.locator("#computed-progress")).to_be_hidden()
    small = Training((3, 4, 4, 2), NetworkConfig(seed=3)).shown(0).gradients
    expect(page.locator("#bars tbody tr")).to_have_count(4)
    assert magnitudes(page) == pytest.approx(small, rel=1e-11)
    assert opened.errors == []


def test_a_first_network_that_is_given_up_leaves_the_synthesised_magnitudes(open_page: Opener) -> None:
    opened = open_page(HOME + QUERY.replace("500", "900") + "&activation=relu", viewport=ALL_PANELS)
    page = opened.page
    expect(page.locator("#computed-progress-text")).to_contain_text("Computing a network of 1,621,800 weights …")
    page.locator("#computed-cancel").dispatch_event("click")  # at once: it may be done soon
    expect(page.locator("#source-message")).to_have_text(
        "The computation was cancelled. The magnitudes are synthesised; choose Computed to try again."
    )
    expect(page.get_by_label("Synthesised", exact=True)).to_be_checked()
    page.get_by_label("Batch", exact=True).wait_for(state="detached")
    page.get_by_label("Computed", exact=True).check()
    expect(page.locator("#computed-progress-text")).to_contain_text("Computing a network of 1,621,800 weights …")
    page.get_by_label("Architecture").fill("3-4-4-2")  # begins it anew
    expect(page.locator("#bars [data-part=plot]")).to_have_count(1)
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["3", "4", "4", "2"])
    expect(page.get_by_label("Activation", exact=True)).to_have_value("relu")  # as the address has it
    page.get_by_label("Architecture").fill("1024-1024-1024-1024")
    expect(page.locator("#computed-progress-text")).to_contain_text("Computing a network of 3,145,728 weights …")
    page.locator("#more-fields > summary").click()
    page.get_by_label("Batch", exact=True).fill("512")
    expect(page.locator("#computed-batch-message")).to_have_text(
        "Batch: must be at most 317 for these 3,145,728 weights and 4,096 neurons, because a step would take "
        "4,831,838,208 multiplications, and at most 3,000,000,000 are allowed, got 512"
    )
    page.locator("#computed-cancel").dispatch_event("click")  # at once: it may be done soon
    expect(page.get_by_label("Architecture")).to_have_value("3-4-4-2")
    assert opened.errors == []
