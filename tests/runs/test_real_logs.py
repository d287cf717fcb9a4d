"""Logs as the real tools write them, of one training each; skipped without the tools, which ./test.sh installs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.runs import metric_names
from app.runs.check import reports_of
from app.runs.reductions import ESTIMATE
from app.runs.run import Reader, Run, combine, read
from tests.support.train_tiny import FORMATS, SAVED, STEPS

pytestmark = pytest.mark.xdist_group("tools")
LAYERS = ("stem", "body10", "body9")  # in the order of their definition


RAW = ("archives", "safetensors")  # formats that hold the gradients themselves


def norms(folder: Path, layer: str) -> list[float]:
    """The norms that the training itself found, in float64."""
    truth = json.loads((folder / "truth.json").read_text())
    return [float(np.hypot(*pair)) for pair in zip(truth[f"{layer}.weight"], truth[f"{layer}.bias"], strict=True)]


def the_run(*files: Path, kind: str | None = None) -> Run:
    (run,) = combine([read(file.name, file.read_bytes()) for file in files], kind)
    return run


@pytest.mark.parametrize("file", ["run.jsonl", "numpy.jsonl"])
def test_the_recorder_sees_gradients_before_they_are_clipped(real_logs: Path, file: str) -> None:
    run = the_run(real_logs / file)
    assert (run.names, run.steps.tolist()) == (LAYERS, list(range(STEPS)))
    for row, layer in enumerate(LAYERS):
        np.testing.assert_allclose(run.norms[row], norms(real_logs, layer), rtol=2e-6)
    assert run.loss is not None
    np.testing.assert_allclose(run.loss, json.loads((real_logs / "truth.json").read_text())["loss"], rtol=1e-6)
    assert run.label == "parameter gradient ∂L/∂W, L2 norm"
    assert run.problems == ()


def test_an_event_file_of_tensorboardx_has_scalars_and_histograms(real_logs: Path) -> None:
    file = real_logs / FORMATS["event file"][0]
    content = file.read_bytes()
    reader = Reader(file.name, len(content))
    for start in range(0, len(content), 10_007):
        reader.feed(content[start : start + 10_007])
    log = reader.finish()
    (scalars,) = combine([log])
    (histograms,) = combine([log], reduction=metric_names.RMS)  # of which there are no scalars
    for layer, size in zip(LAYERS, (40, 72, 27), strict=True):
        expected = np.array(norms(real_logs, layer))
        np.testing.assert_allclose(scalars.norms[scalars.names.index(layer)], expected, rtol=1e-6)
        np.testing.assert_allclose(histograms.norms[histograms.names.index(layer)], expected / size**0.5, rtol=1e-6)
    assert scalars.loss is not None
    assert [len(log.problems), "histograms were left out" in log.problems[1]] == [2, True]
    assert log.problems[0].startswith("1 of 4,202 records was longer than 4 MB and passed over; at byte ")


@pytest.mark.parametrize("raw", RAW)
def test_raw_gradients_have_the_same_norms(real_logs: Path, raw: str) -> None:
    run = the_run(*(real_logs / name for name in FORMATS[raw]))
    assert run.steps.tolist() == list(SAVED)
    for layer in LAYERS:
        expected = [norms(real_logs, layer)[step] for step in SAVED]
        np.testing.assert_allclose(run.norms[run.names.index(layer)], expected, rtol=1e-9)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_the_same_of_one_training(real_logs: Path, name: str) -> None:
    run = the_run(*(real_logs / file for file in FORMATS[name]))
    assert sorted(run.names) == sorted(LAYERS)
    assert run.steps.tolist() == list(SAVED if name in RAW else range(STEPS))
    assert run.logged.all()
    for layer in LAYERS:
        expected = np.array(norms(real_logs, layer))[run.steps.astype(int)]
        np.testing.assert_allclose(run.norms[run.names.index(layer)], expected, rtol=1e-4)
    assert (run.loss is None) == (name in RAW)
    assert run.label.startswith("parameter gradient ∂L/∂W, L2 norm")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_leads_to_the_same_verdict(real_logs: Path, name: str) -> None:
    files = [real_logs / file for file in FORMATS[name]]
    (report,) = reports_of([read(file.name, file.read_bytes()) for file in files])
    verdict = report["verdict"]
    family = "∂L/∂z of modules" if name == "JSON lines" else "gradients of biases"  # which the recorder alone writes
    assert (verdict["kind"], verdict["family"]) == ("healthy", family)


def test_the_table_of_lightnings_csv_logger_has_the_same_loss(real_logs: Path) -> None:
    run = the_run(real_logs / "metrics.csv")
    assert run.loss is not None
    np.testing.assert_allclose(run.loss, json.loads((real_logs / "truth.json").read_text())["loss"], rtol=1e-4)


def test_the_histograms_of_wandb_bound_the_norms(real_logs: Path) -> None:
    log = read("run-tiny.wandb", (real_logs / FORMATS["W&B"][0]).read_bytes())
    assert log.problems == ()
    (run,) = combine([log], reduction=ESTIMATE)
    assert run.title == "tiny (tiny)"
    assert run.steps.tolist() == list(range(STEPS))
    assert run.bounds is not None
    for row, layer in enumerate(run.names):
        expected = np.array(norms(real_logs, layer))
        np.testing.assert_allclose(run.norms[row], expected, rtol=0.02)
        for step in range(STEPS):
            low, high = run.bounds.at(step, [layer]) or (np.nan, np.nan)
            assert low <= expected[step] <= high


def test_the_callback_of_keras_records_each_batch(real_logs: Path) -> None:
    run = the_run(real_logs / "keras.jsonl")
    assert run.names == ("sequential/first", "sequential/second")
    assert run.steps.tolist() == list(range(16))
    assert (run.norms > 0).all()
    assert (run.optimizer, run.modules) == ("SGD", dict.fromkeys(run.names, "Dense"))
    gradients, ratio = run.norms, the_run(real_logs / "keras.jsonl", kind="update ratio")
    assert ratio.weights is not None
    np.testing.assert_allclose(ratio.norms * ratio.weights, 0.01 * gradients, rtol=1e-4)  # of plain SGD
    assert run.loss is not None
