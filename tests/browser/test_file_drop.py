"""Files dropped anywhere on the page, and what is pasted into it: kept until Python is there, then handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.lazy_bundles import RECORDED, bring_lazy, run_async
from tests.support.pages import Opener
from tests.support.places import HOME, SNAPSHOT
from tests.support.routes import Held

SEND = """([type, target, files, text]) => {
  const data = new DataTransfer();
  for (const name of files) data.items.add(new File(['fc1.weight: 1'], name));
  if (text) data.setData('text/plain', text);
  const options = {bubbles: true, cancelable: true};
  const event = type === 'paste' ? new ClipboardEvent(type, {...options, clipboardData: data})
    : new DragEvent(type, {...options, dataTransfer: data});
  document.querySelector(target).dispatchEvent(event);
  return event.defaultPrevented;
}"""
HEAR = """
import json
from app.page.file_drop import FileDrop

lots = []
arrivals = FileDrop(lots.append)
json.dumps(None)
"""
HEARD = """
import json
found = [[[file.name, await file.text()] for file in lot] for lot in lots]
lots.clear()
json.dumps(found)
"""
KEPT = "() => gradientFlow.fileDrop.listen(null).map(file => file.name)"


def send(page: Page, kind: str, target: str = "body", *, files: tuple[str, ...] = (), text: str = "") -> bool:
    """Drop or paste something; whether the page took it, so that the browser did nothing of its own."""
    return bool(page.evaluate(SEND, [kind, target, files, text]))


def heard(page: Page) -> Any:
    """The lots that came since the last look: each file's name and text."""
    return run_async(page, HEARD)


def drop_from_the_desk(page: Page, path: Path) -> None:
    """Drop something as the system does, and wait until the page has taken it."""
    protocol = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        protocol.send("Input.dispatchDragEvent", {"type": kind, "x": 100, "y": 100, "data": data})
    page.wait_for_function("document.documentElement.dataset.drop === undefined")


@pytest.fixture(scope="module")
def page(open_shared: Opener) -> Page:
    """The page, its files heard by the test."""
    page = open_shared(HOME).page
    run_async(page, HEAR)
    return page


def test_what_is_dropped_before_python_is_kept(open_page: Opener) -> None:
    held = Held()
    page = open_page(HOME, alive=False, routes={f"**/{SNAPSHOT['start'].name}": held}).page
    assert send(page, "drop", "#figure", files=("a.jsonl", "b.csv"))
    assert not send(page, "paste", text="fc1.weight: 1")
    assert page.evaluate(KEPT) == ["a.jsonl", "b.csv", "pasted text"]
    assert page.evaluate(KEPT) == []
    held.let_go(page)


def test_files_dropped_anywhere_are_received_together(page: Page) -> None:
    assert send(page, "drop", "footer", files=("a.jsonl", "b.csv"))
    assert heard(page) == [[["a.jsonl", "fc1.weight: 1"], ["b.csv", "fc1.weight: 1"]]]


def test_pasted_text_and_files_are_received_but_not_what_is_pasted_into_a_field(page: Page) -> None:
    send(page, "paste", text="fc2.weight: 2")
    send(page, "paste", files=("c.csv",), text="c.csv")
    send(page, "paste", "#architecture", text="3-4-2")
    send(page, "paste", text=" \n")
    assert heard(page) == [[["pasted text", "fc2.weight: 2"]], [["c.csv", "fc1.weight: 1"]]]


def test_the_page_shows_that_it_takes_files_and_leaves_other_drags_alone(page: Page) -> None:
    root = page.locator("html")
    assert send(page, "dragover", files=("a.jsonl",))
    expect(root).to_have_attribute("data-drop", "")
    send(page, "dragleave", files=("a.jsonl",))
    assert root.get_attribute("data-drop") is None
    assert not send(page, "dragover", text="words")
    assert root.get_attribute("data-drop") is None
    assert not send(page, "drop", text="words")
    assert heard(page) == []


def test_a_file_chooser_takes_what_is_dropped_on_it(page: Page) -> None:
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {type: 'file', id: 'theirs'}))")
    assert not send(page, "drop", "#theirs", files=("a.jsonl",))
    assert heard(page) == []


def test_who_hears_no_more_leaves_what_comes_to_the_next(page: Page) -> None:
    run_async(page, "arrivals.destroy()\narrivals.destroy()\n'null'")
    send(page, "drop", files=("d.csv",))
    run_async(page, HEAR)
    assert heard(page) == [[["d.csv", "fc1.weight: 1"]]]


def test_a_file_from_the_desk_is_taken_and_the_page_stays(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("fc1.weight: 3")
    drop_from_the_desk(page, path)
    assert heard(page) == [[["run.jsonl", "fc1.weight: 3"]]]
    assert page.url.endswith(HOME) or "?" in page.url


def test_a_folder_s_files_come_with_their_paths(page: Page, tmp_path: Path) -> None:
    for run in ("v0", "v1"):
        (tmp_path / "logs" / run).mkdir(parents=True)
        (tmp_path / "logs" / run / "m.jsonl").write_text(f'{{"step": 1, "grad_norm/fc1": 1, "grad_norm/{run}": 2}}')
    drop_from_the_desk(page, tmp_path / "logs")
    assert bring_lazy(page, RECORDED) == ""
    files, wrong = run_async(
        page,
        "import asyncio, json\nfrom app.browser import time_slicing\nfrom app.panels.recorded import reading\n"
        "while not lots: await asyncio.sleep(0.01)\n"
        "logs, wrong = await reading.read_files(lots.pop(), lambda progress: None, time_slicing.CancelToken())\n"
        "json.dumps([sorted(log.file for log in logs), wrong])",
    )
    assert (files, wrong) == (["logs/v0/m.jsonl", "logs/v1/m.jsonl"], [])


def test_an_empty_folder_gets_a_sentence(page: Page, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    drop_from_the_desk(page, tmp_path / "logs")
    assert bring_lazy(page, RECORDED) == ""
    logs, wrong = run_async(
        page,
        "import json\nfrom app.browser import time_slicing\nfrom app.panels.recorded import reading\n"
        "import asyncio\nwhile not lots: await asyncio.sleep(0.01)\n"
        "told = await reading.read_files(lots.pop(), lambda progress: None, time_slicing.CancelToken())\n"
        "json.dumps(told)",
    )
    assert logs == []
    (sentence,) = wrong
    assert sentence.startswith("logs: could not be read (Not")
