"""Addresses in the engines that the other tests don't run in: the page's own, and a run's on another host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.engines.conftest import Launch
from tests.support.driver import Driver
from tests.support.engine_page import READOUT, assert_kept_to_itself, wait_alive, wait_for
from tests.support.other_origin import OtherOrigin
from tests.support.places import HOME

QUERY = "?layers=2-3-4&gradients=0.5,0.25,NaN&names=<b>,a~,b,%D8%A7&speed=fast&layer=1&playing=0"
COUNTS = "[...document.querySelectorAll('#figure .gradient-flow-counts text')].map(count => count.textContent)"
NAMES = COUNTS.replace("counts", "names")
PLAY = "document.getElementById('play').textContent"
CODE = """
import json
from app.page.lazy_bundles import bring
await bring("numpy", "charts", "recorded")
from app.browser import time_slicing
from app.panels.recorded import reading

async def told_of(address):
    stop = time_slicing.CancelToken()
    try:
        file = await reading.fetch_run(address, lambda progress: None, stop)
    except OSError as error:
        return str(error)
    logs, wrong = await reading.read_files([file], lambda progress: None, stop)
    return [[len(table.rows) for log in logs for table in log.tables.values()], wrong]

json.dumps([await told_of(address) for address in ADDRESSES])
"""
RUN = """(async code => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  window.told = JSON.parse(await python.runPythonAsync(code).catch(error => JSON.stringify(String(error))));
})"""
NOTE = "x" * 6_000  # so that a file of few lines is more than one block
LINES = "".join(f'{{"step": {step}, "note": "{NOTE}", "grad_norm/fc1": 0.5}}\n' for step in range(200))


@pytest.fixture(scope="module")
def addressed(launch_shared: Launch, origin: str) -> Driver:
    """The page at an address with settings, one of them wrong: one start of Python for both tests."""
    driver = launch_shared()
    driver.open(origin + HOME + QUERY)
    wait_alive(driver)
    return driver


def test_the_address_is_read_what_is_wrong_in_it_is_named_and_the_policy_is_in_force(
    addressed: Driver, origin: str
) -> None:
    assert addressed.js(NAMES) == ["<b>", "a,b", "ا"]
    assert addressed.js(READOUT) == "layer 02 / 03 · |∂L| 0.25"
    assert addressed.js(PLAY) == "Play"
    assert addressed.js("['architecture', 'gradients', 'playback'].map(id => document.getElementById(id).value)") == [
        "2-3-4",
        "0.5, 0.25, NaN",
        "500",
    ]
    assert addressed.js("[...document.querySelectorAll('#notices li')].map(notice => notice.textContent)") == [
        'Playback: must be a number of milliseconds from 0 to 2000, got "fast". '
        "This came from “speed” in the address; the default stands in: 500."
    ]
    addressed.js("void document.getElementById('source-computed').click()")
    wait_for(addressed, COUNTS, ["2", "3", "4"])
    addressed.js("void document.getElementById('source-synthesised').click()")
    wait_for(addressed, NAMES, ["<b>", "a,b", "ا"])
    assert_kept_to_itself(addressed, origin + HOME)
    script = "Object.assign(document.createElement('script'), { text: 'window.ran = true' })"
    addressed.js(f"void document.body.append({script})")
    addressed.until("window.violations.length > 0")
    assert addressed.js("window.ran ?? false") is False
    assert [violation.split()[0] for violation in addressed.violations()] == ["script-src-elem"]


def test_a_run_of_another_host_is_fetched_and_read_where_it_lets_that(addressed: Driver, tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(LINES)
    hosts = OtherOrigin(tmp_path, is_open=True), OtherOrigin(tmp_path)
    addresses, before = [f"{host.origin}/run.jsonl" for host in hosts], addressed.violations()
    addressed.js(f"({RUN}({json.dumps(f'ADDRESSES = {addresses}' + CODE)}), null)")
    refused = f"{addresses[1]} could not be reached, or its host doesn’t let other pages read it (CORS)."
    addressed.until("'told' in window")
    wait_for(addressed, "told", [[[200], []], refused])
    assert addressed.violations() == before
    for host in hosts:
        host.stop()
