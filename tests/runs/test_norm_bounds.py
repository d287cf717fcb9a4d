"""Estimates of norms with their bounds: through combining, by layer and by block of layers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from app.runs import combine, read
from app.runs.norm_bounds import ESTIMATED, NormBounds
from app.runs.reductions import ESTIMATE, L2
from app.runs.run import Run
from tests.support.tracker_samples import histogram_items, history, item, run_record, wandb_log


def drawn(scale: float, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size) * scale


def the_run(order: str | None = None, reduction: str | None = None) -> tuple[Run, dict[tuple[str, int], float]]:
    """A run of which histograms were logged, and the norm of each layer at each step."""
    norms, records = {}, [run_record("a1", "sunny")]
    for step in range(3):
        items = []
        for at, layer in enumerate(("stem", "body", "head")):
            parts = {name: drawn(10.0**-at, size, step) for name, size in (("weight", 3000), ("bias", 40))}
            norms[layer, step] = math.hypot(*(float(np.linalg.norm(part)) for part in parts.values()))
            for name, part in parts.items():
                counts, edges = np.histogram(part, 64)
                values = {"values": counts.tolist(), "bins": edges.tolist()}
                items += histogram_items(f"gradients/{layer}.{name}", values)
        items += [item(f"grad_norm/{layer}.weight", 0.5) for layer in ("stem", "body", "head")]
        records.append(history(step, items))
    (run,) = combine([read("run-a1.wandb", wandb_log(*records))], order=order, reduction=reduction)
    return run, norms


def test_estimates_are_called_so_and_lie_between_their_bounds() -> None:
    run, norms = the_run(reduction=ESTIMATE)
    assert run.label == "parameter gradient ∂L/∂W, L2 norm (estimate)"
    assert run.problems[-1] == ESTIMATED
    assert run.bounds is not None
    for step in range(3):
        for row, name in enumerate(run.names):
            found = run.bounds.at(step, [name])
            assert found is not None
            true = norms[name, step]
            assert found[0] < true < found[1]
            assert found[0] < run.norms[row, step] < found[1]
            assert run.norms[row, step] == pytest.approx(true, rel=0.01)


def test_exact_norms_go_first_and_have_no_bounds() -> None:
    run, _ = the_run()
    assert {reduction for _, reduction in run.choices} == {L2, ESTIMATE}
    assert (run.reduction, run.bounds) == (L2, None)
    assert (run.norms == 0.5).all()


def test_a_block_of_layers_is_bounded_by_the_roots_of_the_sums_of_squares() -> None:
    run, norms = the_run(reduction=ESTIMATE)
    assert run.bounds is not None
    each = [run.bounds.at(1, [name]) for name in ("stem", "body")]
    block = run.bounds.at(1, ["stem", "body"])
    assert block is not None
    assert block == pytest.approx([math.hypot(*(one[side] for one in each if one)) for side in (0, 1)])
    assert block[0] < math.hypot(norms["stem", 1], norms["body", 1]) < block[1]


def test_what_is_not_known_has_no_bounds() -> None:
    bounds = NormBounds({"a": 0, "b": 1}, np.array([1.0, 3.0]), np.array([[1, 2], [3, np.nan]]), np.ones((2, 2)) * 9)
    assert [bounds.at(1, layers) for layers in (["a"], ["b"], ["c"], [])] == [(1, 9), (3, 9), None, None]
    assert [bounds.at(3, layers) for layers in (["a"], ["b"], ["a", "b"])] == [(2, 9), None, None]
    assert bounds.at(2, ["a"]) is None
    assert bounds.at(4, ["a"]) is None


def test_histograms_in_json_lines_are_bounded_too() -> None:
    counts, edges = np.histogram(drawn(1.0, 3000, 0), 64)
    histogram = {"_type": "histogram", "values": counts.tolist(), "bins": edges.tolist()}
    line = json.dumps({"_step": 4, "gradients/fc1.weight": histogram, "gradients/fc2.weight": histogram})
    (run,) = combine([read("history.jsonl", line)])
    assert (run.reduction, run.steps.tolist(), run.sizes) == (ESTIMATE, [4], (3000, 3000))
    assert run.bounds is not None
    low, high = run.bounds.at(4, ["fc1"]) or (0, 0)
    assert low < float(np.linalg.norm(drawn(1.0, 3000, 0))) < high
