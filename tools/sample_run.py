"""Write web/sample-run.jsonl, a log to look at: a ReLU network whose learning rate is too high from one step on.

    python -m tools.sample_run

The network is the project's own, the log is the recorder's.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from gradient_flow_recorder import Recorder

from app.network.datasets import Data
from app.network.metrics import Report
from app.network.mlp import Network
from app.network.optimisers import Momentum

SAMPLE: Final = Path(__file__).parents[1] / "web" / "sample-run.jsonl"
LAYERS: Final = (2, 16, 16, 16, 16, 16, 3)
STEPS: Final = 480
EVERY: Final = 10  # steps from one record to the next
RATE: Final = 0.02
TOO_HIGH: Final = 0.2  # a learning rate
RAISED_AT: Final = 240  # the step from which on it is too high
BATCH: Final = 64
SEED: Final = 5


def train(path: Path) -> None:
    """Train the network, and record it into a new file."""
    path.unlink(missing_ok=True)
    network = Network(LAYERS, activation="relu", initialisation="he_normal", loss="cross_entropy", seed=SEED)
    data = Data("spirals", LAYERS[0], LAYERS[-1], seed=SEED)
    optimiser = Momentum(RATE)
    with Recorder(path, every=EVERY) as recorder:
        for step in range(STEPS):
            if step == RAISED_AT:
                optimiser.learning_rate = TOO_HIGH
            report = network.train_step(data.batch(BATCH, step), optimiser)
            if recorder.due(step):
                recorder.write_norms(step, _norms(report, "w"), report.loss, output_grad_norm=_norms(report, "z"))


def _norms(report: Report, of: str) -> Mapping[str, float]:
    """The L2 norms of the gradients by weights, or by outputs of layers, of the layers after the input."""
    names = [f"fc{at}" for at in range(1, report.depth)]
    passes = report.passes[1:]
    arrays = [each.gradients["weights"] if of == "w" else each.gradient_z for each in passes]
    norms = [float(f"{np.linalg.norm(array):.3g}") for array in arrays]
    return dict(zip((f"{name}.weight" if of == "w" else name for name in names), norms, strict=True))


if __name__ == "__main__":
    train(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
