"""A recorded run, chosen, shown and scrubbed, in the engines that the other tests don't run in."""

from __future__ import annotations

import json

from tests.browser.engines.conftest import Launch
from tests.support.engine_page import READOUT, assert_kept_to_itself, wait_alive, wait_for
from tests.support.places import HOME

CHOOSE = """((name, text) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  const chooser = document.getElementById("run-files");
  chooser.files = carried.files;
  chooser.dispatchEvent(new Event("change", { bubbles: true }));
})"""
BUSY = "document.getElementById('run').getAttribute('aria-busy')"
HEADING = "document.getElementById('run-heading')?.textContent"
VERDICT = "document.getElementById('verdict').textContent.slice(0, 32)"
MESSAGE = "document.getElementById('run-message').textContent"
# Whether each of the map's pixels is painted.
PAINTED = """(() => {
  const map = document.querySelector("#timeline [data-part=map]");
  const { data } = map.getContext("2d").getImageData(0, 0, map.width, map.height);
  return data.length > 0 && data.every((value, at) => at % 4 < 3 || value === 255);
})()"""
NORMS = {"fc1.weight": 0.25, "fc2.weight": 0.5, "fc3.weight": 1.0}
RUN = "".join(
    json.dumps({"step": 10 * step, **{f"grad_norm/{name}": norm / (1 + step) for name, norm in NORMS.items()}}) + "\n"
    for step in range(4)
)


def test_a_chosen_run_is_shown_and_scrubbed_and_a_bad_file_harms_nothing(launch: Launch, origin: str) -> None:
    driver = launch()
    driver.open(f"{origin}{HOME}?playing=0&source=recorded")
    wait_alive(driver)
    driver.until("document.getElementById('run-files') !== null", seconds=60)
    driver.js(f"void {CHOOSE}('run.jsonl', {json.dumps(RUN)})")
    wait_for(driver, HEADING, "Run: run.jsonl")
    wait_for(driver, BUSY, "false")
    assert driver.js(READOUT) == "layer 03 / 03 · L2 ∂L/∂W 0.25"
    assert driver.js(VERDICT) == "Step 30. Vanishing: ×0.50 a layer"[:32]
    assert driver.js(PAINTED) is True
    driver.js("document.querySelector('#timeline input').focus()")
    driver.press("Home")
    wait_for(driver, READOUT, "layer 03 / 03 · L2 ∂L/∂W 1.00")
    driver.press("ArrowRight")
    wait_for(driver, READOUT, "layer 03 / 03 · L2 ∂L/∂W 0.50")
    wait_for(driver, VERDICT, "Step 10. Vanishing: ×0.50 a layer"[:32])
    driver.js(f"void {CHOOSE}('diary.txt', 'dear diary')")
    driver.until(f"{MESSAGE}.startsWith('diary.txt: no gradients in it.')")
    assert driver.js(HEADING) == "Run: run.jsonl"
    assert_kept_to_itself(driver, origin + HOME)
