"""The choice between sources, in a real browser: each is kept as it was left, and form and figure agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from app.figure.magnitudes import write_magnitude
from app.network.config import NetworkConfig
from app.network.training import Training
from tests.support.pages import ALL_PANELS, Opener, Watched
from tests.support.places import HOME
from tests.support.recorded_panel import deep, give, jsonl, readout, scrub, show
from tests.support.routes import Held

DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  document.getElementById("figure").dispatchEvent(
    new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""

# All by scripts: what Playwright itself holds of an element keeps it from being collected.
WORK_WITH_ALL_SOURCES = """async text => {
  const one = selector => document.querySelector(selector);
  const until = async holds => { while (!holds()) await new Promise(done => setTimeout(done, 20)); };
  const choose = source => one(`#source-${source}`).click();
  const steps = () => Number(one("#timeline input")?.max);
  choose("recorded");
  await until(() => one("#run-files"));
  for (const name of ["one.jsonl", "two.jsonl"]) {
    const carried = new DataTransfer(), chooser = one("#run-files");
    carried.items.add(new File([text], name));
    chooser.files = carried.files;
    chooser.dispatchEvent(new Event("change", { bubbles: true }));
    await until(() => one("#run-heading")?.textContent.startsWith(`Run: ${name}`) && one("[aria-busy=false]"));
  }
  one("#run-forget").click();
  await until(() => one("#run-shown").length === 1 && one("[aria-busy=false]"));
  choose("computed");
  await until(() => one("#train-run") && one("#learn > *"));
  one("#train-run").click();
  await until(() => steps() >= 5);
  one("#train-reset").click();
  await until(() => steps() === 0 && !/^Trying|stops/.test(one("#fix-status").textContent));
  choose("synthesised");
  await until(() => !one("#train-run"));
}"""
PYTHON_OBJECTS = """async () => {
  const { loadPyodide } = await import("./web/pyodide-loader.js"); // the one that runs
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return python.runPython("import gc; gc.collect(); len(gc.get_objects())");
}"""


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME + "?playing=0", viewport=ALL_PANELS)


@pytest.fixture
def page(shared: Watched) -> Iterator[Page]:
    """The page with its wave waiting and Synthesised chosen."""
    page = shared.page
    choose(page, "Synthesised")
    page.get_by_label("Gradients").fill("")
    page.get_by_label("Architecture").fill("3-4-4-2")
    yield page
    assert shared.errors == []


def choose(page: Page, source: str) -> None:
    page.get_by_label(source, exact=True).click()


def network(step: int) -> str:
    """The readout's text at the output after some steps."""
    training = Training((3, 4, 4, 2), NetworkConfig(activation="relu", seed=3, optimiser="adam"))
    for _ in range(step):
        training.advance()
    return f"RMS ∂L/∂a {write_magnitude(training.shown(step).gradients[-1])}"


def train(page: Page) -> None:
    """Choose a network, and train it for two steps."""
    choose(page, "Computed")
    page.get_by_label("Activation").select_option("relu")
    page.evaluate("document.getElementById('more-fields').open = true")
    page.get_by_label("Seed", exact=True).fill("3")
    page.get_by_label("Optimiser").select_option("adam")
    page.locator("#train-reset").click()
    for _ in range(2):
        page.get_by_role("button", name="Step", exact=True).click()
    assert_trained(page)


def assert_trained(page: Page) -> None:
    """The network is there with its steps."""
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 2 of 2")
    expect(page.get_by_label("Activation")).to_have_value("relu")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("3")
    expect(page.get_by_label("Optimiser")).to_have_value("adam")
    assert readout(page).endswith(network(2))


def test_a_network_comes_back_with_its_steps_after_another_source(page: Page) -> None:
    train(page)
    choose(page, "Synthesised")
    expect(page.locator("#training")).to_be_hidden()
    assert readout(page).endswith("|∂L| 1.00")
    choose(page, "Computed")
    assert_trained(page)


def test_a_network_comes_back_with_its_steps_after_a_stray_drop(page: Page) -> None:
    train(page)
    page.evaluate(DROP, ["diary.txt", "dear diary"])
    expect(page.locator("#run-message")).to_contain_text("diary.txt")
    expect(page.locator("#source-recorded")).to_be_checked()
    choose(page, "Computed")
    assert_trained(page)


def test_a_network_follows_an_architecture_that_was_typed_meanwhile(page: Page) -> None:
    train(page)
    choose(page, "Synthesised")
    page.get_by_label("Architecture").fill("2-5-3")
    choose(page, "Computed")
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 0 of 0")
    expect(page.get_by_label("Activation")).to_have_value("relu")
    assert page.locator("#figure .gradient-flow-counts text").all_text_contents() == ["2", "5", "3"]


def test_a_run_comes_back_at_its_step_and_given_magnitudes_as_they_were(page: Page) -> None:
    page.get_by_label("Gradients").fill("1, 2, 3, 4")
    choose(page, "Recorded")
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    scrub(page, 3)
    recorded = readout(page)
    choose(page, "Synthesised")
    assert readout(page).endswith("|∂L| 4.00")
    expect(page.get_by_label("Gradients")).to_have_value("1, 2, 3, 4")
    choose(page, "Recorded")
    show(page, "mlp.jsonl")
    assert readout(page) == recorded
    expect(page.locator("#timeline [data-part=readout]")).to_contain_text("step 30 of 190")


def test_magnitudes_that_are_typed_are_to_be_seen_and_the_recorded_panel_goes(open_page: Opener) -> None:
    opened = open_page(HOME + "?playing=0&source=recorded", ready="#run-files", viewport=ALL_PANELS)
    page = opened.page
    page.get_by_label("Gradients").fill("1, 2, 3, 4")
    expect(page.locator("#source-synthesised")).to_be_checked()
    expect(page.locator("#recorded")).to_be_hidden()
    expect(page.locator("#recorded > *")).to_have_count(0)
    assert readout(page).endswith("|∂L| 4.00")
    choose(page, "Recorded")
    expect(page.locator("#run-files")).to_be_visible()
    give(page, ("mlp.jsonl", jsonl()))
    show(page, "mlp.jsonl")
    expect(page.locator("#source-recorded")).to_be_checked()
    assert opened.errors == []


def test_a_run_that_is_left_while_it_is_read_is_busy_no_more(page: Page, tmp_path: Path) -> None:
    choose(page, "Recorded")
    give(page, ("good.jsonl", jsonl()))
    show(page, "good.jsonl")
    (tmp_path / "long.jsonl").write_text(deep(300, 400))
    page.locator("#run-files").set_input_files(tmp_path / "long.jsonl")
    expect(page.locator("#run-progress")).to_be_visible()
    expect(page.locator("#run")).to_have_attribute("aria-busy", "true")
    choose(page, "Synthesised")
    expect(page.locator("#run")).to_have_attribute("aria-busy", "false")
    choose(page, "Recorded")
    show(page, "good.jsonl")


@pytest.mark.parametrize("source", ["<b>", "synthesised"])
def test_a_run_beside_another_source_is_not_awaited_and_that_is_said(open_page: Opener, source: str) -> None:
    opened = open_page(f"{HOME}?source={source}&run=x&playing=0", viewport=ALL_PANELS)
    page = opened.page
    assert readout(page) == "layer 04 / 04 · |∂L| 1.00"
    expect(page.locator("#source-synthesised")).to_be_checked()
    expect(page.locator("#notices li").last).to_have_text("“run” in the address is not used: it needs source=recorded.")
    if source != "synthesised":
        expect(page.locator("#notices li").first).to_have_text(
            'Source: must be synthesised, computed or recorded, got "<b>". '
            "This came from “source” in the address; the magnitudes are synthesised."
        )
    page.wait_for_url("**/?playing=0")
    assert opened.errors == []


def test_what_the_address_says_twice_or_in_vain_is_named(open_page: Opener) -> None:
    opened = open_page(
        f"{HOME}?layers=2-2&layers=5-5-5&step=3&activation=relu&playing=0&lable=x#understanding", viewport=ALL_PANELS
    )
    page = opened.page
    assert page.locator("#figure .gradient-flow-counts text").all_text_contents() == ["2", "2"]
    expect(page.locator("#notices li")).to_have_text(
        [
            "“layers” is 2 times in the address; the first one is used.",
            "“step” in the address is not used: it needs source=recorded.",
            "“activation” in the address is not used: it needs source=computed.",
            '"lable" in the address is no parameter of this page; it changes nothing.',
        ]
    )
    page.wait_for_url("**/?lable=x&layers=2-2&playing=0#understanding")
    page.get_by_label("Architecture").fill("3-3")
    page.wait_for_url("**/?lable=x&layers=3-3&playing=0")  # which leads to the figure
    assert opened.errors == []


def test_a_silent_host_is_named_and_the_run_can_be_cancelled(open_page: Opener) -> None:
    routes = {"**/slow.jsonl": Held()}
    opened = open_page(
        f"{HOME}?run=slow.jsonl&playing=0", routes=routes, clock=True, ready="#run-cancel", viewport=ALL_PANELS
    )
    page = opened.page
    routes["**/slow.jsonl"].await_one(page)
    expect(page.locator("#run-progress-text")).to_have_text("Reading slow.jsonl · 0.0 MB")
    host = page.evaluate("location.host")
    silence = page.locator("#run-message")
    for _ in range(60):
        page.clock.run_for(500)
        if silence.inner_text():
            break
    expect(silence).to_have_text(f"Nothing has arrived from {host} for 10 seconds. Wait on, or cancel.")
    page.get_by_role("button", name="Cancel").click()
    expect(silence).to_have_text("Cancelled. What was shown before stays.")
    page.clock.run_for(500)
    assert readout(page) == "layer 04 / 04 · |∂L| 1.00"
    assert opened.errors == []


def test_the_last_source_chosen_is_the_one_that_is_shown(page: Page) -> None:
    page.evaluate(
        """() => {
          for (const name of ["computed", "recorded", "synthesised", "computed"])
            document.getElementById(`source-${name}`).click();
        }"""
    )
    expect(page.locator("#verdict")).not_to_be_empty()
    expect(page.locator("#recorded")).to_be_hidden()
    expect(page.locator("#run-files")).to_have_count(0)
    expect(page.locator("#bars")).to_have_count(1)
    assert "RMS ∂L/∂a" in readout(page)


def left_behind(page: Page, protocol: CDPSession) -> tuple[float, float, float]:
    """The numbers of Python's objects, of nodes and of listeners, after collections of all that is not needed."""
    objects = page.evaluate(PYTHON_OBJECTS)
    protocol.send("HeapProfiler.collectGarbage")
    counted = {each["name"]: each["value"] for each in protocol.send("Performance.getMetrics")["metrics"]}
    return objects, counted["Nodes"], counted["JSEventListeners"]


def test_what_was_read_trained_and_left_is_forgotten(open_page: Opener) -> None:
    opened = open_page(HOME + "?playing=0&layers=2-2", viewport=ALL_PANELS)
    page = opened.page
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable")
    page.evaluate(WORK_WITH_ALL_SOURCES, jsonl(3))  # what is loaded then stays
    page.evaluate(WORK_WITH_ALL_SOURCES, jsonl(3))
    counts = [left_behind(page, protocol)]
    for _ in range(3):
        page.evaluate(WORK_WITH_ALL_SOURCES, jsonl(3))
        counts.append(left_behind(page, protocol))
    # What each round leaves for good makes a count larger after every round; what a frame just needs does not.
    for kind in zip(*counts, strict=True):
        assert any(now <= then for then, now in pairwise(kind)), counts
    assert opened.errors == []


def test_a_downloaded_json_has_the_network_that_computed_it(page: Page) -> None:
    train(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="JSON", exact=True).click()
    found = json.loads(coming.value.path().read_text(encoding="utf-8"))
    assert (found["computed"]["activation"], found["label"], found["synthesised"]) == ("relu", "RMS ∂L/∂a", False)
