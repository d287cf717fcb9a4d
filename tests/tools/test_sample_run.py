"""tools/sample_run.py: the sample run is what the program writes, and has what there is to find in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.panels.recorded.arrangement import Plan, View, arranging, recordings_of
from app.panels.recorded.markup import SAMPLE_RUN
from app.runs.collector import finished
from app.runs.run import read
from tools.sample_run import RAISED_AT, SAMPLE, train

MAX_BYTES = 20_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / SAMPLE.name
    train(path)
    return path


def seen(path: Path) -> View:
    return finished(arranging(finished(recordings_of([read(path.name, path.read_text())])), Plan(0)))


def test_it_is_small_and_where_the_page_looks_for_it() -> None:
    assert SAMPLE.stat().st_size <= MAX_BYTES
    assert SAMPLE.as_posix().endswith(SAMPLE_RUN)


def test_it_is_what_the_program_writes(written: Path) -> None:
    """Other processors round differently, and the steps after the jump amplify that."""
    ours, theirs = ([json.loads(line) for line in path.read_text().splitlines()] for path in (SAMPLE, written))
    assert [list(line) for line in ours] == [list(line) for line in theirs]
    for one, other in zip(ours[1:], theirs[1:], strict=True):
        if one["step"] < RAISED_AT / 2:
            assert one == pytest.approx(other, rel=0.02)


def test_it_learns_until_the_rate_is_raised_and_then_its_units_are_dead() -> None:
    view = seen(SAMPLE)
    assert str(view.main.verdict(view.place_of(RAISED_AT - 10))).startswith("Healthy: ")
    assert str(view.main.verdict(view.last)) == "Dead: 0 at fc5 and everything before it; fc6 has 0.02"
    assert [str(event) for event in view.main.events] == [
        "Step 260: no gradient at fc1 to fc5 from here on",
        "Steps 240–250: fc1, fc4 rose, most in fc4: ×240",
    ]
    losses = view.main.run.loss
    assert losses is not None
    assert losses[view.place_of(RAISED_AT)] < 0.05
    assert losses[-1] > 0.5
