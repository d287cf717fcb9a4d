"""Logs as the real tools write them, of one training each; skipped without the tools, which ./test.sh installs."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app import tags
from app.runs import Reader, Run, combine, read
from tests.train_tiny import STEPS
from tools.runtime import ROOT

TOOLS = ("torch", "tensorboardX", "pytorch_lightning", "keras")
MISSING = [name for name in TOOLS if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"needs requirements-tools.txt: no {', '.join(MISSING)} here"),
    pytest.mark.xdist_group("tools"),
]
LAYERS = ("stem", "body10", "body9")  # in the order of their definition


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    subprocess.run([sys.executable, "-m", "tests.train_tiny", str(folder)], cwd=ROOT, check=True, timeout=600)
    return folder


def norms(folder: Path, layer: str) -> list[float]:
    """What the training itself found, in float64."""
    truth = json.loads((folder / "truth.json").read_text())
    return [float(np.hypot(*pair)) for pair in zip(truth[f"{layer}.weight"], truth[f"{layer}.bias"], strict=True)]


def the_run(*files: Path) -> Run:
    (run,) = combine([read(file.name, file.read_bytes()) for file in files])
    return run


@pytest.mark.parametrize("file", ["run.jsonl", "numpy.jsonl"])
def test_the_recorder_sees_gradients_before_they_are_clipped(written: Path, file: str) -> None:
    run = the_run(written / file)
    assert (run.names, run.steps.tolist()) == (LAYERS, list(range(STEPS)))
    for row, layer in enumerate(LAYERS):
        np.testing.assert_allclose(run.norms[row], norms(written, layer), rtol=2e-6)
    assert run.loss is not None
    np.testing.assert_allclose(run.loss, json.loads((written / "truth.json").read_text())["loss"], rtol=1e-6)
    assert run.label == "parameter gradient ∂L/∂W, L2 norm"
    assert run.problems == ()


def test_an_event_file_of_tensorboardx_has_scalars_and_histograms(written: Path) -> None:
    (file,) = (written / "events").iterdir()
    content = file.read_bytes()
    reader = Reader(file.name, len(content))
    for start in range(0, len(content), 10_007):
        reader.feed(content[start : start + 10_007])
    log = reader.finish()
    (scalars,) = combine([log])
    (histograms,) = combine([log], reduction=tags.RMS)  # of which there are no scalars
    for layer, size in zip(LAYERS, (40, 72, 27), strict=True):
        expected = np.array(norms(written, layer))
        np.testing.assert_allclose(scalars.norms[scalars.names.index(layer)], expected, rtol=1e-6)
        np.testing.assert_allclose(histograms.norms[histograms.names.index(layer)], expected / size**0.5, rtol=1e-6)
    assert scalars.loss is not None
    assert len(log.problems) == 1
    assert log.problems[0].startswith("1 of 4,202 records was longer than 4 MB and passed over; at byte ")


def test_archives_of_numpy_have_the_same_norms(written: Path) -> None:
    run = the_run(*(written / f"gradients-{step}.npz" for step in (0, 100, 200)))
    assert run.steps.tolist() == [0, 100, 200]
    for layer in LAYERS:
        expected = [norms(written, layer)[step] for step in (0, 100, 200)]
        np.testing.assert_allclose(run.norms[run.names.index(layer)], expected, rtol=1e-9)


def test_the_table_of_lightnings_csv_logger_is_read(written: Path) -> None:
    run = the_run(written / "lightning" / "version_0" / "metrics.csv")
    assert run.names == ("fc1", "fc2")
    assert len(run.steps) == 40
    assert run.logged.all()
    assert (run.norms > 0).all()
    assert run.loss is not None
    assert np.isfinite(run.loss).all()
    assert run.label == "parameter gradient ∂L/∂W, L2 norm"


def test_the_callback_of_keras_records_each_batch(written: Path) -> None:
    run = the_run(written / "keras.jsonl")
    assert run.names == ("sequential/first", "sequential/second")
    assert run.steps.tolist() == list(range(16))
    assert (run.norms > 0).all()
    assert run.loss is not None
