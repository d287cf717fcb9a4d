"""A recorded run, chosen, shown and scrubbed, in the engines that the other tests don't run in."""

from __future__ import annotations

import json

from tests.support.driver import Driver
from tests.support.engine_page import READOUT, wait_for

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
# Whether the bars are as high as the map, and the figure is a strip.
BARS_IN_ROWS = """(() => {
  const [map, bars, figure] = ["map", "bars", "figure"].map(name => document.querySelector({
    map: "#timeline [data-part=map]", bars: "#timeline .gradient-timeline-plot", figure: "#figure" }[name])
    .getBoundingClientRect());
  return Math.abs(map.top - bars.top) < 1 && Math.abs(map.bottom - bars.bottom) < 1 && bars.width > 20
    && figure.height < 200;
})()"""
NORMS = {"fc1.bias": 0.25, "fc2.bias": 0.5, "fc3.bias": 1.0}
RUN = "".join(
    json.dumps({"step": 10 * step, **{f"grad_norm/{name}": norm / (1 + step) for name, norm in NORMS.items()}}) + "\n"
    for step in range(4)
)


def test_a_chosen_run_is_shown_and_scrubbed_and_a_bad_file_harms_nothing(live: Driver) -> None:
    live.js("void document.getElementById('source-recorded').click()")
    live.until("document.getElementById('run-files') !== null", seconds=60)
    live.js(f"void {CHOOSE}('run.jsonl', {json.dumps(RUN)})")
    wait_for(live, HEADING, "Run: run.jsonl")
    wait_for(live, BUSY, "false")
    assert live.js(READOUT) == "layer 03 / 03 · L2 ∂L/∂W 0.25"
    assert live.js(VERDICT) == "Step 30. Healthy: fc1 gets 0.25 times"[:32]
    assert live.js(PAINTED) is True
    for width in ("258px", ""):  # the first as in a window of 320 px
        live.js(f"void (document.getElementById('timeline').style.width = '{width}')")
        live.until(BARS_IN_ROWS)
    live.js("document.querySelector('#timeline input').focus()")
    live.press("Home")
    wait_for(live, READOUT, "layer 03 / 03 · L2 ∂L/∂W 1.00")
    live.press("ArrowRight")
    wait_for(live, READOUT, "layer 03 / 03 · L2 ∂L/∂W 0.50")
    wait_for(live, VERDICT, "Step 10. Healthy: fc1 gets 0.25 times"[:32])
    live.js(f"void {CHOOSE}('diary.txt', 'dear diary')")
    live.until(f"{MESSAGE}.startsWith('diary.txt: no gradients in it.')")
    assert live.js(HEADING) == "Run: run.jsonl"
