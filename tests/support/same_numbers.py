"""Numbers that are to be the same in the page's Python and in any other, as JSON: `test_pyodide.py` compares them."""

from __future__ import annotations

import json
import sys
from itertools import cycle, islice
from typing import Any

from app.network.activations import ACTIVATIONS
from app.network.datasets import DATASETS, Data
from app.network.initialisers import INITIALISER_NAMES, initialisation
from app.network.metrics import MEASURES
from app.network.mlp import LOSS_NAMES, Network
from app.network.optimisers import OPTIMISERS, optimiser
from app.network.splitmix import SplitMix
from app.network.training import Training
from app.panels.learn.lessons import LESSONS


def drawn() -> dict[str, Any]:
    """Numbers of the random generator."""
    random = SplitMix(7, "numbers")
    return {
        "bits": [str(bits) for bits in random.bits(50).tolist()],  # all 64 of them, which JSON's readers may not keep
        "uniform": random.uniform(200).tolist(),
        "normal": random.normal(500).tolist(),
        "permutation": random.permutation(100).tolist(),
    }


def data() -> dict[str, Any]:
    """A batch of each data set."""
    sets = {name: Data(name, 3, 2, seed=1).batch(32, 5)._asdict() for name in DATASETS}
    return {name: {part: array.tolist() for part, array in batch.items()} for name, batch in sets.items()}


def weights() -> dict[str, Any]:
    """A wide and a tall matrix of each initialisation."""
    shapes = {"wide": (16, 24), "tall": (24, 16)}
    makers = {name: initialisation(name, 0.3) for name in INITIALISER_NAMES}
    return {
        name: {shape: make(SplitMix(2, name), *size).tolist() for shape, size in shapes.items()}
        for name, make in makers.items()
    }


def looks() -> dict[str, Any]:
    """Each measure of networks of 12 layers, with each activation, each initialisation and all else in turn.

    The last network is so large that it is computed in pieces.
    """
    found: dict[str, Any] = {}
    for number, (activation, beginning) in enumerate(zip(cycle(ACTIVATIONS), INITIALISER_NAMES, strict=False)):
        network = Network(
            [3, *[16] * 10, 3],
            activation=activation,
            initialisation=beginning,
            sigma=0.3,
            residual=number % 2 == 1,
            normalisation=number % 3 == 1,
            loss=LOSS_NAMES[number % 2],
            seed=number,
        )
        report = network.forward_backward(Data("spirals", 3, 3, seed=number).batch(64))
        series = {name: report.series(name)[kind.first :].tolist() for name, kind in MEASURES.items()}
        found[f"{activation}, {beginning}"] = {"loss": report.loss, **series}
    report = Network([3, 150, 150, 3], initialisation="orthogonal").forward_backward(Data("teacher", 3, 3).batch(512))
    found["large"] = {"loss": report.loss, "rms_a": report.series("rms_a").tolist()}
    return found


def training() -> dict[str, Any]:
    """The losses and parameters of some steps with each optimiser."""
    found = {}
    for name in OPTIMISERS:
        network, chosen = Network([2, 8, 8, 3], loss="cross_entropy"), optimiser(name, 0.02, 1.0)
        losses = [network.train_step(batch, chosen).loss for batch in islice(Data("blobs", 2, 3).batches(32), 50)]
        layers = {f"layer {index}": own for index, own in enumerate(network.parameters)}
        arrays = {layer: {key: array.tolist() for key, array in own.items()} for layer, own in layers.items()}
        found[name] = {"losses": losses, "parameters": arrays}
    return found


def shown() -> dict[str, Any]:
    """The numbers of each lesson's network, at first, and after some steps if it hasn't overflowed."""
    found: dict[str, Any] = {}
    for lesson in LESSONS:
        trained = Training(lesson.layers, lesson.computed)
        for _ in range(10):
            trained.advance()
        for step in (0, 10):
            now = trained.shown(step)
            if now.overflow:
                continue
            found[f"{lesson.name}, step {step}"] = {
                "loss": now.loss,
                "gradients": now.gradients,
                "activations": now.activations,
                "predicted": [link.predicted for link in now.links[:-1]],
                "kind": now.verdict.kind,
            }
    return found


def numbers() -> dict[str, Any]:
    """All of them."""
    parts = {"drawn": drawn(), "data": data(), "weights": weights(), "looks": looks(), "training": training()}
    return {**parts, "shown": shown()}


if __name__ == "__main__":
    made = numbers()
    made["needless"] = [name for name in ("numpy.random", "numpy.ma", "numpy.fft") if name in sys.modules]
    print(json.dumps(made))
