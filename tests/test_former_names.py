"""Programs written for version 1.0.0: the names that it documented still work, as in its README."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.runtime import ROOT

NETWORK = """
from itertools import islice
from gradient_flow_viz import GradientFlowFigure
from gradient_flow_viz.datasets import Batch, Data
from gradient_flow_viz.network import Network
from gradient_flow_viz.optimisers import SGD, Adam, Momentum

network = Network([2, 4, 4, 3], activation="sigmoid", initialisation="xavier_normal", loss="cross_entropy", seed=0)
data, optimiser = Data("spirals", inputs=2, outputs=3, seed=0), Adam(learning_rate=0.01)
report = network.look(data.batch(8))
GradientFlowFigure(layers=network.layers, gradients=report.series("rms_a"))
for batch in islice(data.batches(8), 3):
    report = network.step(batch, optimiser)
network.follow(report, optimiser)
assert report.loss > 0 and str(report.verdict()) and report.overflow is None
"""
TRAINING = """
from gradient_flow_viz import GradientFlowFigure
from gradient_flow_viz.chain import Link, links
from gradient_flow_viz.computed import Computed
from gradient_flow_viz.datasets import Data
from gradient_flow_viz.network import Network
from gradient_flow_viz.training import Shown, Training

report = Network([2, 4, 3]).look(Data("spirals", inputs=2, outputs=3).batch(8))
assert isinstance(links(report)[1], Link) and links(report)[0].sentence()
training = Training([2, 4, 3], Computed(activation="relu", initialisation="he_normal", optimiser="adam", rate=0.01))
while training.steps < 3:
    training.advance()
shown = training.shown(3)
assert isinstance(shown, Shown) and len(training.losses) == 4 and training.values("rms_a").shape == (3, 4)
GradientFlowFigure(layers=training.layers, gradients=shown.gradients, label=shown.label)
"""
DIAGNOSIS = """
from gradient_flow_viz.measures import MEASURES, Report, l2, rms
from gradient_flow_viz.verdict import Verdict, judge

verdict = judge(["input", "output"], [0.01, 1.0])
assert isinstance(verdict, Verdict) and verdict.kind == "vanishing" and "rms_a" in MEASURES
"""
RUNS = """
from gradient_flow_recorder import Recorder
from gradient_flow_viz.aligning import align
from gradient_flow_viz.folding import fold, worst_jump
from gradient_flow_viz.runs import LogError, Reader, combine, read
from gradient_flow_viz.trend import Trend

with Recorder("run.jsonl") as recorder:
    for step in range(3):
        recorder.write(step, {"fc1.weight": [3.0, 4.0], "fc2.weight": [6.0, 8.0]}, 0.5)
content = open("run.jsonl", "rb").read()
(run,) = combine([read("run.jsonl", content)], order="logged")
reader = Reader("run.jsonl")
reader.feed(content)
(same,) = combine([reader.finish()])
assert run.names == same.names == ("fc1", "fc2") and run.norms[:, -1].tolist() == [5.0, 10.0]
assert run.label and run.problems is not None and run.choices and fold(run.names) and worst_jump(run) is None
try:
    read("nothing.txt", b"nothing")
except LogError:
    pass
else:
    raise AssertionError("a log without gradients must be refused")
"""


@pytest.mark.parametrize(
    "program", [NETWORK, TRAINING, DIAGNOSIS, RUNS], ids=["network", "training", "diagnosis", "runs"]
)
def test_a_program_for_version_1_still_runs(program: str, tmp_path: Path) -> None:
    head = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'recorder')!r}]\n"
    head += "import app; sys.modules['gradient_flow_viz'] = app\n"
    answer = subprocess.run(
        [sys.executable, "-c", head + program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
