"""The recorder: the content of its lines, which survive failures."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import gradient_flow_recorder
import numpy as np
import pytest
from gradient_flow_recorder import Recorder
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.runs.run import combine, read
from tests.support.train_tiny import run_example
from tools.runtime import ROOT

FOLDER = ROOT / "recorder"


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if "gradient_flow" not in line]


def test_each_line_is_a_step_and_the_first_describes_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Recorder(path) as recorder:
        recorder.write(120, {"fc1.weight": np.array([[3.0], [4.0]]), "fc1.bias": 2}, np.float32(0.5))
    assert path.read_text() == (
        '{"gradient_flow": 2, "kind": "parameter", "reduction": "l2", "order": "definition"}\n'
        '{"step": 120, "loss": 0.5, "grad_norm/fc1.weight": 5, "grad_norm/fc1.bias": 2}\n'
    )


def test_steps_between_the_recorded_ones_are_left_out(tmp_path: Path) -> None:
    with Recorder(tmp_path / "run.jsonl", every=10) as recorder:
        for step in range(25):
            recorder.write(step, {"a": 1.0})
    assert [record["step"] for record in records(tmp_path / "run.jsonl")] == [0, 10, 20]


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_a_wrong_interval_is_refused(every: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^every: must be a whole number of at least 1, got "):
        Recorder(tmp_path / "run.jsonl", every=every)
    assert not list(tmp_path.iterdir())


@given(arrays.arrays(np.float64, st.integers(0, 20), elements=st.floats(-1e307, 1e307)))
def test_a_norm_neither_overflows_nor_underflows(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert gradient_flow_recorder._norm(values) == pytest.approx(math.hypot(*values.tolist()), rel=1e-12, abs=0)


def test_nan_and_infinity_are_recorded(tmp_path: Path) -> None:
    with Recorder(tmp_path / "run.jsonl") as recorder:
        recorder.write(0, {"a.weight": np.array([1, np.nan]), "b.weight": np.array([np.inf, 1])}, math.nan)
    (run,) = combine([read("run.jsonl", (tmp_path / "run.jsonl").read_bytes())])
    np.testing.assert_array_equal(run.norms, [[math.nan], [math.inf]])


def test_recording_continues_after_an_incomplete_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"step": 0, "grad_norm/a": 1}\n{"step": 1, "gra')
    with Recorder(path) as recorder:
        recorder.write(2, {"a": 3.0})
    log = read("run.jsonl", path.read_bytes())
    assert combine([log])[0].steps.tolist() == [0, 2]
    assert log.problems == ("1 of 4 lines was not JSON; at line 2.",)


def test_a_killed_process_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    code = (
        "import sys, itertools; from gradient_flow_recorder import Recorder; recorder = Recorder(sys.argv[1])\n"
        "norms = {f'layer{n}.weight': 0.1 for n in range(50)}\n"
        "for step in itertools.count(): recorder.write_norms(step, norms); print(step, flush=True)"
    )
    path = tmp_path / "run.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=FOLDER, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        said = [int(child.stdout.readline()) for _ in range(200)]
        child.send_signal(signal.SIGKILL)
        said += [int(line) for line in child.stdout.read().split("\n")[:-1]]
    assert child.returncode == -signal.SIGKILL
    *whole, last = path.read_text().split("\n")
    recorded = [json.loads(line) for line in whole[1:]]
    assert [record["step"] for record in recorded] == list(range(len(recorded)))
    assert len(recorded) >= len(said)
    assert last == "" or len(recorded) > said[-1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here, a disk that is always full")
def test_a_full_disk_gives_one_warning_and_training_continues() -> None:
    with pytest.warns(RuntimeWarning, match="^Gradients are no longer recorded: .*No space left"):
        recorder = Recorder("/dev/full")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recorder.write(0, {"a": 1.0})


def test_a_line_that_a_full_disk_cut_off_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    code = (
        "import resource, signal, sys; from gradient_flow_recorder import Recorder\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))\n"
        "recorder = Recorder(sys.argv[1])\n"
        "for step in range(10): recorder.write_norms(step, {f'layer{n}.weight': 0.1 for n in range(3)})"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=FOLDER, check=True, capture_output=True, text=True
    )
    assert answer.stderr.count("Gradients are no longer recorded: [Errno 27] File too large.") == 1
    with Recorder(path) as recorder:
        recorder.write(9, {"layer0.weight": 1.0})
    log = read("run.jsonl", path.read_bytes())
    (run,) = combine([log])
    assert (run.steps.tolist(), run.problems) == ([0, 1, 9], ())


@pytest.mark.parametrize("step", [np.int64(3), np.float32(3), np.int8(3)])
def test_steps_and_intervals_may_be_numbers_of_numpy(step: Any, tmp_path: Path) -> None:
    with Recorder(tmp_path / "run.jsonl", every=np.int64(3)) as recorder:  # type: ignore[arg-type]  # as people have it
        recorder.write(step, {"a": 1.0}, np.float16(0.5))
    assert records(tmp_path / "run.jsonl") == [{"step": 3, "loss": 0.5, "grad_norm/a": 1.0}]


@pytest.mark.parametrize(
    ("array", "norm"),
    [
        (np.array([-128, 0], np.int8), 128.0),
        (np.array([3 + 4j]), 5.0),
        (np.array([255], np.uint8), 255.0),
        (np.array([6e4, 6e4], np.float16), 6e4 * 2**0.5),
    ],
)
def test_a_norm_is_right_for_every_type_of_array(array: Any, norm: float) -> None:
    assert gradient_flow_recorder._norm(array) == pytest.approx(norm, rel=1e-3)


def test_weights_and_their_changes_are_recorded_beside_the_gradients(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Recorder(path, about={"sizes": {"fc1.weight": 2}, "optimizer": "SGD"}) as recorder:
        recorder.write(
            0, {"fc1.weight": [3, 4]}, weight_norm={"fc1.weight": [6, 8]}, update_norm={"fc1.weight": [0.1, 0]}
        )
    log = read("run.jsonl", path.read_bytes())
    values = {kind: combine([log], kind)[0].norms.item() for kind in ("parameter", "weight", "update", "update ratio")}
    assert values == pytest.approx({"parameter": 5.0, "weight": 10.0, "update": 0.1, "update ratio": 0.01})
    assert (log.sizes, log.optimizer) == ({"fc1.weight": 2}, "SGD")


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.jsonl")
    recorder.close()
    recorder.close()
    recorder.write(0, {"a": 1.0})
    assert records(tmp_path / "run.jsonl") == []


def test_importing_it_needs_only_the_standard_library(tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import gradient_flow_recorder; print('numpy' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    answer = subprocess.run(
        [sys.executable, "-I", "-c", code, str(FOLDER)], check=True, capture_output=True, text=True, env=environment
    )
    assert answer.stdout == "False\n"


def test_the_lines_for_numpy_that_the_page_shows_run(tmp_path: Path) -> None:
    def train(batch: int) -> tuple[float, dict[str, Any]]:
        return 1 / batch, {"fc1.weight": np.array([[3.0, 4.0]]) * batch, "fc1.bias": np.array([12.0]) * batch}

    known: dict[str, Any] = {"batches": [1, 2], "train": train}
    with contextlib.chdir(tmp_path):
        run_example("numpy", known)
    known["recorder"].close()
    (run,) = combine([read("run.jsonl", (tmp_path / "run.jsonl").read_bytes())])
    assert (run.names, run.steps.tolist(), run.norms.tolist()) == (("fc1",), [0, 1], [[13, 26]])
    assert run.loss is not None
    assert run.loss.tolist() == [1, 0.5]
