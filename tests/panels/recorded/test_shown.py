"""The recorded view as data for a sheet."""

from __future__ import annotations

import json

import pytest

from app.charts.bars import make_bar_props
from app.figure.work import finished
from app.panels.recorded.arrangement import Plan, View, arranging, recordings_of
from app.panels.recorded.shown import LOCAL, safe_word, shown_run
from app.runs.run import read
from app.view.export import file_name
from app.view.settings import Settings


def view_of(title: str = "run0.jsonl") -> View:
    lines = [{"step": 10 * step, "loss": 1.0, "grad_norm/a": 0.5, "grad_norm/b": 1.0} for step in range(3)]
    logs = [read(title, "".join(json.dumps(line) + "\n" for line in lines))]
    return finished(arranging(finished(recordings_of(logs)), Plan(0)))


def test_it_has_the_step_in_view_and_all_steps() -> None:
    view = view_of()
    shown = shown_run(view, 1, 0, has_address=True)
    assert shown.verdict == f"Step 10. {view.main.verdict(1)}."
    assert shown.bars["gradients"] == (0.5, 1.0)
    assert shown.timeline is not None
    assert (shown.timeline["step"], shown.timeline["numbers"].tolist()) == (1, [0, 10, 20])
    assert dict(shown.facts)["Run"] == "run0.jsonl"
    assert shown.remark == ""


def test_a_file_s_address_has_one_step_alone() -> None:
    assert shown_run(view_of(), 1, 0, has_address=False).remark == LOCAL


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("my run (2).jsonl", "my-run-2-.jsonl"),
        ("../../etc/passwd", "etc-passwd"),
        ("слой:1", "слой-1"),
        ("<>", "run"),
        ("x" * 200, "x" * 48),
    ],
)
def test_a_title_becomes_a_safe_word(title: str, word: str) -> None:
    assert safe_word(title) == word


def test_a_file_is_named_after_the_run_and_its_step() -> None:
    shown = shown_run(view_of("mlp 10.jsonl"), 2, 0, has_address=True)
    assert file_name(Settings((1, 1)), ".svg", shown.file_words) == "gradient-flow-mlp-10-step-20.svg"


@pytest.mark.parametrize(("kind", "name"), [("zeros", "zeros"), ("output", "output_grad_norm")])
def test_the_axis_of_the_bars_is_that_of_all_steps(kind: str, name: str) -> None:
    header = {"gradient_flow": 2, "order": "forward"}
    lines = [header, *({"step": at, f"{name}/a": size, f"{name}/b": 0.01} for at, size in enumerate((0.5, 0.02)))]
    log = read("run.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    recordings = finished(recordings_of([log]))
    choice = next(pair for pair in recordings[0].run.choices if pair[0] == kind)
    view = finished(arranging(recordings, Plan(0, choice=choice)))
    axes = [make_bar_props(shown_run(view, step, 0, has_address=True).bars).axis for step in range(2)]
    assert axes[0] == axes[1]
    assert axes[0].log == (kind == "output")
