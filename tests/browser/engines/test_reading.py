"""A run fetched from another host, and read, in the engines that the other tests don't run in."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser.engines.conftest import Launch
from tests.support.engine_page import wait_alive, wait_for
from tests.support.other_origin import OtherOrigin
from tests.support.places import HOME

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
LINES = "".join(f'{{"step": {step}, "grad_norm/fc1": 0.5, "grad_norm/fc2": 0.25}}\n' for step in range(30_000))


def test_a_run_of_another_host_is_fetched_and_read_where_it_lets_that(
    launch: Launch, origin: str, tmp_path: Path
) -> None:
    (tmp_path / "run.jsonl").write_text(LINES)
    hosts = OtherOrigin(tmp_path, is_open=True), OtherOrigin(tmp_path)
    addresses = [f"{host.origin}/run.jsonl" for host in hosts]
    driver = launch()
    driver.open(origin + HOME)
    wait_alive(driver)
    driver.js(f"({RUN}({json.dumps(f'ADDRESSES = {addresses}' + CODE)}), null)")
    refused = f"{addresses[1]} could not be reached, or its host doesn’t let other pages read it (CORS)."
    driver.until("'told' in window")
    wait_for(driver, "told", [[[30_000], []], refused])
    assert driver.violations() == []
    for host in hosts:
        host.stop()
