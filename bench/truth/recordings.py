"""Recordings with their labels: written into a folder, and read back as weight gradients alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.truth.rule import Label, label
from bench.truth.training import Case, train

LABELS: Final = "labels.json"
FIRST_VERSION: Final = {"gradient_flow": 1, "kind": "parameter", "reduction": "l2", "order": "definition"}
KEPT: Final = ("step", "loss")
WEIGHTS: Final = "grad_norm/"


class Recording(NamedTuple):
    """A recorded training and its label."""

    name: str
    label: Label
    path: Path


def record(cases: Mapping[str, Case], seeds: list[int], folder: Path) -> Iterator[Recording]:
    """Train the cases with each seed, and yield each when it is recorded. Writes the labels at the end."""
    labels: dict[str, Mapping[str, Any]] = {}
    for name, case in cases.items():
        for seed in seeds:
            path = folder / f"{name}-{seed}.jsonl"
            path.unlink(missing_ok=True)
            found = label(case, train(case, seed, path))
            labels[path.stem] = found._asdict()
            yield Recording(path.stem, found, path)
    (folder / LABELS).write_text(json.dumps(labels, indent=1) + "\n")


def as_weights_alone(path: Path, folder: Path) -> Path:
    """Write what a recorder of the first version would have written, norms of ∂L/∂W alone, and return the file."""
    lines = [json.dumps(FIRST_VERSION)]
    for line in path.read_text().splitlines():
        step = json.loads(line)
        if "step" in step:
            kept = {key: value for key, value in step.items() if key in KEPT or key.startswith(WEIGHTS)}
            lines.append(json.dumps(kept))
    written = folder / path.name
    written.write_text("\n".join(lines) + "\n")
    return written
