"""Reading files in the page: several at once, bad ones among them, with progress, until it is stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.lazy_bundles import RECORDED, bring_lazy, run_async
from tests.support.pages import Opener, Watched
from tests.support.places import COMPONENT

READ = """
import json
from js import window
from app.browser import time_slicing
from app.panels.recorded import reading

stop = time_slicing.CancelToken()
told = []

def tell(progress):
    told.append(progress)
    if len(told) == {stopped_at}:
        stop.stop()

try:
    logs, wrong = await reading.read_files(list(window.files), tell, stop)
except time_slicing.Cancelled:
    found = None
else:
    found = {{log.file: [len(table.rows) for table in log.tables.values()] for log in logs}}, wrong
json.dumps({{"found": found, "told": [[*progress[:5], progress.share] for progress in told]}})
"""
LINES = "\n".join(json.dumps({"step": step, "grad_norm/fc1": 0.5, "grad_norm/fc2": 0.25}) for step in range(20_000))
MAKE = """files => { window.files = files.map(([name, text]) => new File([text], name)); }"""
COUNT_FRAMES = """() => {
  window.frames_ = 0;
  requestAnimationFrame(function step() { window.frames_ += 1; requestAnimationFrame(step); });
}"""


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    """component.html, its clock running, with what reads runs."""
    watched = open_shared(COMPONENT)
    assert bring_lazy(watched.page, RECORDED) == ""
    return watched


@pytest.fixture
def page(shared: Watched) -> Page:
    return shared.page


def read(page: Page, files: list[tuple[str, str]] | None, stopped_at: int = 0) -> Any:
    """The result of reading some files, or those that are chosen already."""
    if files is not None:
        page.evaluate(MAKE, files)
    return run_async(page, READ.format(stopped_at=stopped_at))


def test_several_files_are_read_in_turn_with_progress_over_all(page: Page) -> None:
    page.evaluate(COUNT_FRAMES)
    answer = read(page, [("big.jsonl", LINES), ("pasted", "fc1.weight: 3.1e-4\nfc2.weight: 1")])
    assert answer["found"] == [{"big.jsonl": [20_000], "pasted": [1]}, []]
    told = answer["told"]
    assert told[0] == ["big.jsonl", 1, 2, 0, len(LINES) + 32, 0.0]
    assert told[-1] == ["pasted", 2, 2, len(LINES) + 32, len(LINES) + 32, 1.0]
    shares = [share for *_, share in told]
    assert shares == sorted(shares)
    assert len(set(shares)) > 5
    assert page.evaluate("frames_") > 5  # the browser painted in between


def test_a_bad_file_gets_its_sentence_and_the_others_are_read(page: Page) -> None:
    found, wrong = read(page, [("a.jsonl", LINES[:6_000]), ("no.bin", "\0\1\2"), ("b.csv", "step,grad/fc1\n0,1")])[
        "found"
    ]
    assert list(found) == ["a.jsonl", "b.csv"]
    assert [sentence.partition(": ")[0] for sentence in wrong] == ["no.bin"]
    found, wrong = read(page, [("empty.csv", "")])["found"]
    assert (found, len(wrong)) == ({}, 1)
    assert wrong[0].startswith("empty.csv: is empty.")


def test_what_is_stopped_goes_no_further_and_the_next_is_read(page: Page) -> None:
    answer = read(page, [("big.jsonl", LINES), ("b.csv", "step,grad/fc1\n0,1")], stopped_at=3)
    assert answer["found"] is None
    assert len(answer["told"]) == 3
    assert read(page, [("b.csv", "step,grad/fc1\n0,1")])["found"] == [{"b.csv": [1]}, []]


def test_a_file_that_has_vanished_is_said_to_have(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "gone.jsonl"
    path.write_text(LINES)
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {type: 'file', id: 'chooser'}))")
    page.set_input_files("#chooser", path)
    path.unlink()
    page.evaluate("window.files = [...document.getElementById('chooser').files, new File(['fc1.weight: 1'], 'there')]")
    found, wrong = read(page, None)["found"]
    assert found == {"there": [1]}
    (sentence,) = wrong
    assert sentence.startswith("gone.jsonl: could not be read (Not")
    assert sentence.endswith("It may be a folder, or have been moved or changed since it was chosen.")


def test_a_file_that_changes_while_it_is_read_is_said_to_and_nothing_else(shared: Watched) -> None:
    shared.page.evaluate(
        """lines => {
          const file = new File([lines, lines], "changed.jsonl");
          const refused = Promise.reject(new DOMException("", "NotReadableError"));
          refused.catch(() => {});
          window.files = [{ name: file.name, size: file.size,
            slice: (from, to) => from ? { arrayBuffer: () => refused } : file.slice(from, to) }];
        }""",
        LINES,
    )
    found, (sentence,) = read(shared.page, None)["found"]
    assert (found, sentence.partition(". ")[0]) == ({}, "changed.jsonl: could not be read (NotReadableError)")
    assert shared.errors == []


def test_too_many_files_are_refused(page: Page) -> None:
    found, wrong = read(page, [(f"{number}.npz", "") for number in range(2_001)])["found"]
    assert (found, wrong) == ({}, ["2,001 files are too many. Expected are at most 2,000 at once."])
