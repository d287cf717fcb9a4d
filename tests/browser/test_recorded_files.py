"""Recorded runs as people have them: the files of real tools, bad ones, by keyboard alone, and what is announced."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from gradient_flow_recorder import Recorder
from numpy.typing import NDArray
from playwright.sync_api import Dialog, FilePayload, Page, expect

from app.figure.text import write_step
from app.figure.work import finished
from app.runs.families import finding_families
from app.runs.run import Run, combine, read
from app.runs.run_verdict import RunJudge
from tests.support.accessibility import assert_no_sideways_scrolling
from tests.support.bad_logs import BadLog
from tests.support.pages import ALL_PANELS, Opener, Watched
from tests.support.places import HOME
from tests.support.recorded_panel import SET_BACK_RECORDED, deep, drawn, give, jsonl, readout, scrub, show, table
from tests.support.tracker_samples import SAMPLES, histogram_items, history, run_record, wandb_log
from tests.support.train_tiny import FORMATS

CHOSEN = ("JSON lines", "event file")  # the other formats are dropped
DROP = """files => {
  const carried = new DataTransfer();
  for (const [name, text] of files)
    carried.items.add(new File([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.getElementById("figure").dispatchEvent(
      new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
# Each text that a live region gets from here on, in `window.announced`, those within one task together.
LISTEN = """() => {
  window.announced = [];
  const regions = "[aria-live=polite], [role=status], [role=alert]";
  window.listener = new MutationObserver(changes => {
    for (const region of new Set(changes.map(({ target }) => (target.parentElement ?? target).closest(regions)
        ?? target.closest?.(regions))))
      if (region && region.textContent.trim()) window.announced.push(region.textContent.trim());
  });
  window.listener.observe(document.body, { childList: true, characterData: true, subtree: true });
}"""
FOCUSED = "document.activeElement.id || document.activeElement.getAttribute('aria-label')"
# What of the run's parts reaches beyond the window, or is cut off without a way to scroll to it.
CUT_OFF = """() => [...document.querySelectorAll("#explained *, #run *, #recorded *")]
  .filter(element => element.checkVisibility() && !element.closest("svg, .visually-hidden, select, table"))
  .filter(element => {
    const { left, right } = element.getBoundingClientRect();
    const hides = ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
    return left < -0.5 || right > innerWidth + 0.5 || hides && element.scrollWidth > element.clientWidth + 1;
  })
  .map(element => `${element.tagName} ${element.id} ${element.className}`)"""


# Bad files that differ in what happens in the page. tests/runs/test_damaged_logs.py reads all of them.
BAD_IN_THE_PAGE = (
    *("nested.json", "objects.json", "document.json", "nested-1.npz"),  # depth that would end the page's Python
    *("bomb-1.npz", "wide.csv", "empty.jsonl", "script.jsonl"),  # memory, many names, no block at all, markup
    *("truncated.jsonl", "damaged.tfevents", "trainer_state.json", "model.pt", "junk.bin"),  # remarks and refusals
)


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME + "?playing=0&source=recorded", ready="#run-files", viewport=ALL_PANELS)


@pytest.fixture
def recorded(shared: Watched) -> Iterator[Page]:
    """The page with Recorded chosen, a run in view, and its figure waiting. Nothing may ask or complain."""
    page = shared.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.evaluate(SET_BACK_RECORDED)
    page.wait_for_selector("#run-files")
    give(page, ("good.jsonl", jsonl()))
    show(page, "good.jsonl")
    yield page
    assert shared.errors == []


def run_of(*files: Path) -> tuple[Run, RunJudge]:
    """The one run in some files, as CPython reads it, and its judge."""
    logs = [read(file.name, file.read_bytes()) for file in files]
    (run,) = combine(logs)
    return run, RunJudge(run, finished(finding_families(logs, run.title)))


def choose(page: Page, *files: Path) -> None:
    page.locator("#run-files").set_input_files(files)


def give_bytes(page: Page, name: str, content: bytes) -> None:
    payload = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    page.locator("#run-files").set_input_files([payload])


def begun(file: Path, folder: Path) -> Path:
    """A file, or of a large one what was there early in the training: here WebAssembly is not at its fastest."""
    copy = folder / file.name
    copy.write_bytes(file.read_bytes()[:1_000_000])
    return copy


def drop(page: Page, *files: Path) -> None:
    page.evaluate(DROP, [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files])


def names(page: Page) -> list[str]:
    return page.locator("#run-layers .run-layer-name").all_inner_texts()


def said_at(run: Run, judge: RunJudge, place: int) -> str:
    """The sentence about a run's step."""
    step = float(run.steps[place])
    return f"Step {write_step(step)}. {judge.at(step)}."


def assert_shows(page: Page, run: Run, judge: RunJudge, place: int) -> None:
    """The page shows a run's step, by its place, as CPython has it."""
    expect(page.locator("#verdict")).to_have_text(said_at(run, judge, place))
    assert names(page) == list(run.names)
    shown = [float(text.replace("none", "nan")) for text in table(page)]
    np.testing.assert_allclose(shown, run.norms[:, place], rtol=1e-12)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_each_real_tool_is_shown_as_cpython_reads_it(
    recorded: Page, real_logs: Path, tmp_path: Path, name: str
) -> None:
    files = [begun(real_logs / file, tmp_path) for file in FORMATS[name]]
    run, judge = run_of(*files)
    (choose if name in CHOSEN else drop)(recorded, *files)
    show(recorded, run.title)
    assert_shows(recorded, run, judge, len(run.steps) - 1)
    place = len(run.steps) // 2
    scrub(recorded, place)
    assert_shows(recorded, run, judge, place)
    where = f"step {write_step(float(run.steps[place]))} of {write_step(float(run.steps[-1]))}"
    expect(recorded.locator("#timeline [data-part=readout]")).to_contain_text(where)


def test_archives_of_single_steps_that_are_dropped_together_are_one_run(recorded: Page, real_logs: Path) -> None:
    drop(recorded, *(real_logs / file for file in FORMATS["archives"]))
    show(recorded, "run")
    expect(recorded.locator("#run-told")).to_contain_text("3 layers of 6 parameters · 3 steps")
    slider = recorded.locator("#timeline input[type=range]")
    assert slider.get_attribute("max") == "2"
    for place, step in enumerate((0, 100, 200)):
        scrub(recorded, place)
        assert slider.get_attribute("aria-valuetext") == f"step {step} of 200"


def test_norms_of_histograms_are_shown_as_estimates_with_their_bounds(recorded: Page) -> None:
    items = [*histogram_items("gradients/fc1.weight"), *histogram_items("gradients/fc2.weight")]
    log = wandb_log(run_record("a1", "sunny"), *(history(step, items) for step in range(3)))
    give_bytes(recorded, "run-a1.wandb", log)
    show(recorded, "sunny (a1)")
    expect(recorded.locator("#timeline [data-part=caption]")).to_contain_text("L2 ∂L/∂W (estimate)")
    expect(recorded.locator("#timeline [data-part=readout]")).to_contain_text("(4.24 to 5.83)")
    expect(recorded.locator("#run-remarks")).to_contain_text("The norms are estimates from histograms")
    lines = recorded.locator("#timeline [data-bounds]")
    expect(lines).to_have_count(2)
    bar = recorded.locator("#timeline [data-part=bars] rect").first.bounding_box()
    line = lines.first.bounding_box()
    assert bar
    assert line
    assert line["x"] < bar["x"] + bar["width"] < line["x"] + line["width"]  # the bar ends between the bounds
    give(recorded, ("exact.jsonl", jsonl()))
    show(recorded, "exact.jsonl")
    expect(lines).to_have_count(0)


@pytest.mark.parametrize("name", ["mlflow.db", "trackio.db"])
def test_databases_of_trackers_are_read_in_the_page(recorded: Page, name: str) -> None:
    give_bytes(recorded, name, SAMPLES[name])
    show(recorded, "sunny")
    expect(recorded.locator("#run-told")).to_contain_text("3 steps")


def test_two_runs_that_are_dropped_together_are_both_there(recorded: Page, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("early.jsonl", "late.jsonl")]
    for file in files:
        file.write_text(jsonl(10))
    drop(recorded, *files)
    show(recorded, "early.jsonl")
    offered = recorded.locator("#run-shown option").all_inner_texts()
    assert offered[-2:] == ["early.jsonl", "late.jsonl"]
    recorded.locator("#run-shown").select_option(label="late.jsonl")
    show(recorded, "late.jsonl")


def test_the_mouse_scrubs_on_the_map_and_keys_on_the_slider(recorded: Page) -> None:
    page = recorded
    page.locator("#timeline [data-part=map]").scroll_into_view_if_needed()
    box = page.locator("#timeline [data-part=map]").bounding_box()
    assert box

    def over(place: int) -> tuple[float, float]:
        return box["x"] + box["width"] * (place + 0.5) / 20, box["y"] + box["height"] / 2

    line = page.locator("#timeline [data-part=readout]")
    page.mouse.move(*over(3))
    page.mouse.down()
    expect(line).to_contain_text(" · step 30 · ")
    page.mouse.move(*over(12))
    page.mouse.up()
    expect(line).to_contain_text(" · step 120 · ")
    page.mouse.move(*over(5))
    expect(line).to_contain_text(" · step 50 · ")  # the crosshair alone: it was let go
    page.mouse.move(0, 0)
    expect(line).to_contain_text("step 120 of 190")
    for key, step in (("ArrowLeft", 110), ("Home", 0), ("ArrowRight", 10), ("End", 190)):
        page.locator("#timeline input[type=range]").press(key)
        expect(line).to_contain_text(f"step {step} of 190")
    expect(page.locator("#verdict")).to_contain_text("Step 190.")


def test_the_wave_plays_the_step_in_view(recorded: Page) -> None:
    page = recorded
    scrub(page, 0)
    page.evaluate(
        """() => {
          const readout = document.querySelector("#figure [data-part=readout]");
          window.seen = [];
          window.watch = new MutationObserver(() => window.seen.push(readout.textContent));
          window.watch.observe(readout, { childList: true, characterData: true, subtree: true });
        }"""
    )
    page.locator("#play").click()
    page.wait_for_function("new Set(window.seen).size >= 4")
    page.locator("#play").click()
    seen = set(page.evaluate("window.watch.disconnect() ?? window.seen"))
    magnitudes = ("0.12", "0.25", "0.50", "1.00")  # two digits, as 1/8 is written
    assert seen == {f"layer 0{layer} / 04 · L2 ∂L/∂W {text}" for layer, text in enumerate(magnitudes, start=1)}


Array = NDArray[np.float64]
Gradients = Mapping[str, Array]


def trained(path: Path, spread: float, steps: int = 60) -> list[Gradients]:
    """Train a network of sigmoids for a while, recording it; the gradients of each step."""
    rng = np.random.default_rng(7)
    weights = [rng.normal(0, spread, shape) for shape in pairwise((6, 8, 8, 8, 1))]
    inputs, wanted = rng.normal(size=(32, 6)), rng.uniform(size=(32, 1))
    history: list[Gradients] = []
    with Recorder(path) as recorder:
        for step in range(steps):
            loss, gradients = backward(weights, inputs, wanted)
            history.append({f"layer{at}.weight": gradient for at, gradient in enumerate(gradients, start=1)})
            recorder.write(step, history[-1], loss)
            weights = [weight - 0.5 * gradient for weight, gradient in zip(weights, gradients, strict=True)]
    return history


def backward(weights: Sequence[Array], inputs: Array, wanted: Array) -> tuple[float, list[Array]]:
    """The loss, mean ½ (y − t)², and its gradient by each layer's weights."""
    outputs = [inputs]
    for weight in weights:
        outputs.append(1 / (1 + np.exp(-outputs[-1] @ weight)))
    error = outputs.pop() - wanted
    ahead, gradients = error / len(inputs), []
    after = error + wanted
    for weight, before in zip(reversed(weights), reversed(outputs), strict=True):
        ahead = ahead * after * (1 - after)
        gradients.append(before.T @ ahead)
        ahead, after = ahead @ weight.T, before
    return float((error**2).mean() / 2), gradients[::-1]


def norms_at(history: Sequence[Gradients], step: int) -> list[float]:
    return [float(np.linalg.norm(gradient)) for gradient in history[step].values()]


def test_a_stranger_records_drops_scrubs_reads_the_verdict_and_compares(recorded: Page, tmp_path: Path) -> None:
    page, runs = recorded, {}
    for name, spread in (("small", 0.3), ("large", 3.0)):
        (tmp_path / name).mkdir()
        runs[name] = trained(tmp_path / name / "run.jsonl", spread)
    drop(page, tmp_path / "small" / "run.jsonl")
    show(page, "run.jsonl")
    scrub(page, 40)
    assert names(page) == ["layer1", "layer2", "layer3", "layer4"]
    np.testing.assert_allclose([float(text) for text in table(page)], norms_at(runs["small"], 40), rtol=1e-6)
    assert page.locator("#verdict").inner_text().startswith("Step 40. Undecided: gradients of weights alone can't tell")
    small = page.locator("#run-heading").inner_text().removeprefix("Run: ")
    drop(page, tmp_path / "large" / "run.jsonl")
    expect(page.locator("#run-heading")).not_to_have_text(f"Run: {small}")
    drawn(page)
    page.locator("#run-beside").select_option(label=small)
    expect(page.locator("#run-told")).to_contain_text(f"beside it: {small}")
    drawn(page)
    large = page.locator("#run-heading").inner_text().removeprefix("Run: ")
    expect(page.locator("#timeline [data-part=caption]")).to_have_text(f"L2 ∂L/∂W, {large}")
    expect(page.locator("#timeline [data-part=caption-other]")).to_have_text(f"L2 ∂L/∂W, {small}")
    scrub(page, 40)
    both = [float(text) for text in table(page)]
    np.testing.assert_allclose(both[::2], norms_at(runs["large"], 40), rtol=1e-6)
    np.testing.assert_allclose(both[1::2], norms_at(runs["small"], 40), rtol=1e-6)
    theirs = "Undecided: gradients of weights alone can't tell"
    assert page.locator("#verdict").inner_text().endswith(f"Beside it: {theirs}.")
    expect(page.locator("#run-reason")).to_contain_text("TorchRecorder(")


def test_each_bad_file_gets_its_sentence_and_the_page_stays_alive(
    recorded: Page, shared: Watched, bad_logs: list[BadLog]
) -> None:
    page, asked = recorded, []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    by_name = {bad.path.name: bad for bad in bad_logs}
    for bad in (by_name[name] for name in BAD_IN_THE_PAGE):
        before = page.locator("#run-heading").inner_text(), table(page)
        choose(page, bad.path)
        sentence = re.compile(bad.sentence)
        if bad.layers:
            show(page, run_of(bad.path)[0].title)  # another's too, perhaps, which goes when this one has been read
            if bad.sentence:
                expect(page.locator("#run-remarks")).to_contain_text(sentence)
            expect(page.locator("#run-told")).to_contain_text(f" {bad.layers:,} layer")
        else:
            expect(page.locator("#run-message")).to_have_text(sentence)
            assert (page.locator("#run-heading").inner_text(), table(page)) == before, bad.path.name
        expect(page.locator("#run-progress")).to_be_hidden()
        page.locator("#layer").press("Home")
        expect(page.locator('#figure [data-part="readout"]')).to_contain_text("layer 01 / ")
        assert page.locator("img[src=x], #run script, #recorded script, #explained script").count() == 0
        assert shared.errors == [], bad.path.name
    page.remove_listener("dialog", refuse)
    assert asked == []


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press a key until what has the focus is called so, by its id or its label."""
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"{key} never came to {name}")


def test_all_of_it_can_be_done_by_keyboard(recorded: Page) -> None:
    page = recorded
    page.evaluate("document.getElementById('source-synthesised').click(); scrollTo(0, 0)")
    expect(page.locator("#run")).to_be_hidden()
    page.evaluate("document.activeElement.blur(); document.querySelector('.contents a').focus()")
    tab_to(page, "source-synthesised")
    page.keyboard.press("ArrowLeft")  # from the first choice to the last
    expect(page.locator("#source-recorded")).to_be_checked()
    page.wait_for_selector("#run-files")
    tab_to(page, "run-files")
    give(page, ("deep.jsonl", deep(16, 5)))
    show(page, "deep.jsonl")
    expect(page.locator("#run-files")).to_be_focused()
    tab_to(page, "Unfold blocks.1")
    page.keyboard.press("Enter")
    expect(page.locator("#figure [data-layer]")).to_have_count(18)
    drawn(page)
    expect(page.get_by_role("button", name="Fold blocks.1", exact=True)).to_be_focused()
    tab_to(page, "Move blocks.1.attn down, towards the loss")
    page.keyboard.press("Space")
    expect(page.locator("#run-layers .run-layer-name").nth(2)).to_have_text("blocks.1.mlp")
    drawn(page)
    expect(page.get_by_role("button", name="Move blocks.1.attn down, towards the loss")).to_be_focused()
    tab_to(page, "Step", "Shift+Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#verdict")).to_contain_text("Step 1.")
    tab_to(page, "run-beside", "Shift+Tab")
    chosen = page.locator("#run-beside").input_value()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#run-told")).to_contain_text("beside it: ")
    drawn(page)
    expect(page.locator("#run-beside")).to_be_focused()
    assert page.locator("#run-beside").input_value() != chosen


def test_what_happens_is_announced(recorded: Page) -> None:
    page = recorded
    page.evaluate(LISTEN)
    give(page, ("heard.jsonl", jsonl(12)))
    show(page, "heard.jsonl")
    page.wait_for_function("announced.some(text => text.startsWith('Step 110. Healthy'))")
    assert "heard.jsonl is shown: 4 layers, 12 steps." in page.evaluate("announced")
    page.evaluate("announced.length = 0")
    page.get_by_role("button", name="Go to step 70").press("Enter")
    page.wait_for_function("announced.some(text => text.startsWith('Step 70. '))")
    assert [text for text in page.evaluate("announced") if text.startswith("Backward")][-1].startswith(
        "Backward gradient wave at layer 2 of 4 (fc2)."
    )
    page.evaluate("announced.length = 0")
    page.locator("#timeline input[type=range]").press("ArrowRight")
    expect(page.locator("#verdict")).to_contain_text("Step 80.")
    assert not [text for text in page.evaluate("announced") if text.startswith("Step")]  # the slider says it
    give(page, ("diary.txt", "dear diary"))
    page.wait_for_function("announced.some(text => text.startsWith('diary.txt: no gradients in it.'))")
    page.evaluate("listener.disconnect()")


def test_what_is_refused_or_under_way_is_seen_from_wherever_it_was_dropped(recorded: Page, tmp_path: Path) -> None:
    page = recorded
    (tmp_path / "diary.txt").write_text("dear diary")
    page.evaluate("scrollTo(0, 0)")
    drop(page, tmp_path / "diary.txt")
    expect(page.locator("#run-message")).to_contain_text("diary.txt")
    expect(page.locator("#run-message")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    page.locator("#run-files").focus()
    give(page, ("long.jsonl", deep(200, 300)))
    expect(page.locator("#run-progress")).to_be_visible()
    expect(page.locator("#run-progress")).to_be_in_viewport()
    page.locator("#run-cancel").press("Enter")
    expect(page.locator("#run-message")).to_have_text("Cancelled. What was shown before stays.")
    expect(page.locator("#run-files")).to_be_focused()
    show(page, "good.jsonl")


def test_with_reduced_motion_the_wave_is_parked_and_the_numbers_follow_the_step(recorded: Page) -> None:
    page = recorded
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator('#figure [data-part="readout"]')).to_contain_text("layer 01 / 04")
    scrub(page, 0)
    assert readout(page) == "layer 01 / 04 · L2 ∂L/∂W 0.12"
    scrub(page, 19)
    assert readout(page) == "layer 01 / 04 · L2 ∂L/∂W 0.24"
    give(page, ("parked.jsonl", deep(5)))
    show(page, "parked.jsonl")
    assert readout(page).startswith("layer 01 / ")
    expect(page.locator("#play")).to_be_disabled()


@pytest.mark.parametrize("width", [320, 640])  # the second is 1280 px at 200 %
def test_nothing_is_cut_off_in_a_narrow_window(recorded: Page, width: int) -> None:
    page = recorded
    size = page.viewport_size
    page.set_viewport_size({"width": width, "height": 512})
    give(page, ("a-run-with-a-name-of-some-length.jsonl", deep(40)), ("notes.txt", "dear diary"))
    show(page, "a-run-with-a-name-of-some-length.jsonl")
    page.locator("#run-beside").select_option(index=1)
    expect(page.locator("#run-told")).to_contain_text("beside it: ")
    drawn(page)
    assert_no_sideways_scrolling(page)
    assert page.evaluate(CUT_OFF) == []
    assert size
    page.set_viewport_size(size)


ODD = {  # runs that lack something, or have nothing but what is broken
    "one layer, one step": '{"step": 5, "grad_norm/fc.weight": 0.5}\n',
    "no loss": "".join(f'{{"step": {step}, "grad_norm/a.weight": 1, "grad_norm/b.weight": 2}}\n' for step in range(9)),
    "NaN alone": "".join(f'{{"step": {step}, "loss": NaN, "grad_norm/a.weight": NaN}}\n' for step in range(4)),
}


@pytest.mark.parametrize(
    ("what", "told", "verdict", "trend"),
    [
        ("one layer, one step", "1 layer · 1 step", "Step 5. Undecided: gradients of weights", "One step was logged"),
        ("no loss", "2 layers · 9 steps", "Step 8. Undecided: gradients of weights", "Nothing stands out"),
        ("NaN alone", "1 layer · 4 steps", "Step 3. Not finite: NaN at a.", "Over the run"),
    ],
)
def test_an_odd_run_is_shown_as_what_it_is(recorded: Page, what: str, told: str, verdict: str, trend: str) -> None:
    page = recorded
    page.locator("#run-files").set_input_files(
        FilePayload(name=f"{what}.jsonl", mimeType="", buffer=ODD[what].encode())
    )
    show(page, f"{what}.jsonl")
    expect(page.locator("#run-told")).to_contain_text(told)
    expect(page.locator("#verdict")).to_contain_text(verdict)
    expect(page.locator("#run-trend")).to_contain_text(trend)
    assert page.locator("#timeline [data-part=curve]").is_visible() == ("loss" in ODD[what])
    expect(page.locator("#run-events li")).to_have_count(int("NaN" in what))


def test_a_run_that_is_dropped_takes_over_from_a_computed_wave_and_back(recorded: Page, tmp_path: Path) -> None:
    page = recorded
    (tmp_path / "taken.jsonl").write_text(jsonl())
    page.evaluate("document.getElementById('source-computed').click()")
    expect(page.locator("#bars [data-part=plot]")).to_be_visible()
    expect(page.locator(".why")).to_be_visible()
    drop(page, tmp_path / "taken.jsonl")
    show(page, "taken.jsonl")
    expect(page.locator("#source-recorded")).to_be_checked()
    expect(page.locator(".why")).to_have_count(0)
    page.evaluate("document.getElementById('source-computed').click()")
    expect(page.locator(".why")).to_be_visible()
    expect(page.locator("#run")).to_be_hidden()
    assert readout(page).startswith("layer 04 / 04 · ")


def test_a_folder_is_chosen_by_keyboard_and_its_files_are_one_run(recorded: Page, tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    for name, values in (("grad_norm_fc1", (1, 2)), ("grad_norm_fc2", (3, 4)), ("loss", (5, 6))):
        (job / f"{name}.csv").write_text(f"step,{name}\n0,{values[0]}\n1,{values[1]}\n", encoding="utf-8")
    with recorded.expect_file_chooser() as chooser:
        recorded.get_by_role("button", name="Choose a folder").press("Enter")  # the focus and the key in one
    chooser.value.set_files(job)
    show(recorded, "job")
    expect(recorded.locator("#run-told")).to_contain_text("2 layers · 2 steps")
    expect(recorded.locator("#run-remarks")).to_be_hidden()  # the loss, too, is read
