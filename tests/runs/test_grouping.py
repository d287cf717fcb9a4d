"""Which files are one run: never two trainings spliced into one, never one training in pieces."""

from __future__ import annotations

import json

from app.runs.run import Run, combine, read


def log(file: str, steps: range, **norms: float) -> tuple[str, str]:
    lines = [
        json.dumps({"step": step, **{f"grad_norm/{name}": norm for name, norm in norms.items()}}) for step in steps
    ]
    return file, "\n".join(lines)


def runs(*files: tuple[str, str]) -> tuple[Run, ...]:
    return combine([read(name, content) for name, content in files])


def titles(*files: tuple[str, str]) -> list[str]:
    return [run.title for run in runs(*files)]


def test_two_files_of_one_name_are_two_runs() -> None:
    first, second = runs(log("metrics.jsonl", range(3), a=1, b=2), log("metrics.jsonl", range(3, 6), a=5, b=6))
    assert (first.title, second.title) == ("metrics.jsonl", "metrics.jsonl (2)")
    assert (first.steps.tolist(), second.steps.tolist()) == ([0, 1, 2], [3, 4, 5])


def test_folders_tell_runs_apart() -> None:
    found = titles(log("v0/metrics.jsonl", range(3), a=1, b=2), log("v1/metrics.jsonl", range(3), a=1, b=2))
    assert found == ["v0/metrics.jsonl", "v1/metrics.jsonl"]


def test_a_file_a_metric_is_one_run() -> None:
    (run,) = runs(log("fc1.json", range(2), fc1=1), log("fc2.json", range(2), fc2=2), log("fc3.json", range(2), fc3=3))
    assert run.names == ("fc1", "fc2", "fc3")
    assert "3 files of one series each were taken for one run." in run.problems


def test_files_of_one_metric_in_two_folders_are_two_runs() -> None:
    files = [log(f"{folder}/{name}.json", range(2), **{name: 1}) for folder in ("x", "y") for name in ("fc1", "fc2")]
    assert [(run.title, run.names) for run in runs(*files)] == [("x", ("fc1", "fc2")), ("y", ("fc1", "fc2"))]


def test_a_file_of_one_metric_alone_has_its_own_name() -> None:
    assert titles(log("fc1.json", range(2), fc1=1)) == ["fc1.json"]


def chart(file: str, run: str, layer: str, steps: range) -> tuple[str, str]:
    return file, "\n".join([f'"Step","{run} - grad_norm/{layer}"', *(f'"{step}","0.5"' for step in steps)])


def test_charts_that_name_one_run_are_one_run() -> None:
    (run,) = runs(chart("1.csv", "calm-1", "fc1", range(3)), chart("2.csv", "calm-1", "fc2", range(3)))
    assert (run.title, run.names) == ("calm-1", ("fc1", "fc2"))


def test_charts_of_one_run_and_layer_whose_steps_overlap_are_of_two_runs() -> None:
    found = titles(chart("1.csv", "calm-1", "fc1", range(5)), chart("2.csv", "calm-1", "fc1", range(3, 9)))
    assert found == ["calm-1", "calm-1 (2)"]


def test_a_run_that_goes_on_in_another_file_is_one_run_and_said_to() -> None:
    (run,) = runs(chart("1.csv", "calm-1", "fc1", range(3)), chart("2.csv", "calm-1", "fc1", range(3, 6)))
    assert run.steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert "calm-1 goes on from one file to the next." in run.problems
