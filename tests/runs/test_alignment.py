"""app/runs/alignment.py: runs on the same layers and steps."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from app.runs import alignment
from app.runs.alignment import align, pairing, reordering
from app.runs.collector import LogError, finished
from app.runs.run import Run, combine, read
from tests.runs.test_run import one, records


def test_two_runs_are_aligned_by_layer_and_what_is_missing_is_said() -> None:
    left = one("a.jsonl", '{"grad_norm/fc1.weight":1,"grad_norm/fc2.weight":2,"grad_norm/old.weight":3}')
    right = one(
        "b.jsonl", '{"grad_norm/fc2.weight":5,"grad_norm/fc1.weight":4,"grad_norm/n1.weight":6,"grad_norm/n2.weight":6}'
    )
    found = align(left, right)
    assert found.names == ("fc1", "fc2")
    assert [left.norms[row, 0] for row in found.left] == [1, 2]
    assert [right.norms[row, 0] for row in found.right] == [4, 5]
    assert (found.only_left, found.only_right) == (("old",), ("n1", "n2"))
    assert found.problems == ("b.jsonl has no old (1 layer).", "a.jsonl has no n1, n2 (2 layers).")


def test_runs_of_different_reductions_and_steps_are_said_to_be_no_match() -> None:
    left, right = one("a", '{"step":1,"grad_norm/fc1":1}'), one("b", '{"step":2,"grad_rms/fc1":1}')
    assert align(left, right).problems == (
        "a has the gradient (the log doesn't say by what), L2 norm, b the gradient (the log doesn't say by what), RMS: "
        "their sizes can't be compared.",
        "a and b have no step in common.",
    )


def test_a_run_s_layers_are_put_in_another_order_with_all_that_is_theirs() -> None:
    log = read("", '{"grad_norm/l.10.weight":1,"grad_norm/l.2.weight":2,"grad_norm/l.2.bias":0,"grad_norm/a.weight":3}')
    (run,) = combine([log], order="natural")
    assert run.names == ("a", "l.2", "l.10")
    logged = finished(reordering(run, "logged"))
    assert (logged.names, logged.norms.ravel().tolist()) == (("l.10", "l.2", "a"), [1, 2, 3])
    assert logged.parameters == (("l.10.weight",), ("l.2.weight", "l.2.bias"), ("a.weight",))
    assert logged.sizes == (1, 2, 1)
    assert finished(reordering(logged, "natural")).names == run.names
    assert finished(reordering(run, ["l.10", "nothing"])).names == ("l.10", "a", "l.2")


def test_a_run_that_is_in_order_is_not_copied() -> None:
    run = one("", '{"grad_norm/a.weight":1,"grad_norm/b.weight":2}')
    for order in ("natural", "logged", ["a"]):
        assert finished(reordering(run, order)).norms is run.norms
    assert finished(pairing(run, run)) == (run, run)


@given(records, records)
def test_two_runs_are_laid_on_the_same_layers_and_steps(
    ours: list[dict[str, float]], others: list[dict[str, float]]
) -> None:
    def logged(steps: list[dict[str, float]], stride: int) -> Run:
        lines = [
            json.dumps(
                {"step": stride * at, "loss": at, **{f"grad_norm/{name}": value for name, value in found.items()}}
            )
            for at, found in enumerate(steps)
        ]
        return one(str(stride), "\n".join(lines))

    runs = logged(ours, 2), logged(others, 3)
    paired = finished(pairing(*runs))
    assert paired[0].names == paired[1].names == runs[0].names
    assert (
        paired[0].steps.tolist()
        == paired[1].steps.tolist()
        == sorted({*runs[0].steps.tolist(), *runs[1].steps.tolist()})
    )
    for run, pair in zip(runs, paired, strict=True):
        assert (pair.title, pair.norms.shape) == (run.title, pair.logged.shape)
        for row, name in enumerate(pair.names):
            for at, step in enumerate(pair.steps.tolist()):
                there = name in run.names and step in run.steps
                assert not (pair.logged[row, at] and not there)
                if there:
                    of = run.names.index(name), run.steps.tolist().index(step)
                    np.testing.assert_array_equal(pair.norms[row, at], run.norms[of])
                    assert pair.logged[row, at] == run.logged[of]
                    assert pair.parameters[row] == run.parameters[of[0]]
                else:
                    assert math.isnan(pair.norms[row, at])
        assert pair.loss is not None
        assert run.loss is not None
        assert dict(
            zip(pair.steps[~np.isnan(pair.loss)].tolist(), pair.loss[~np.isnan(pair.loss)].tolist(), strict=True)
        ) == dict(zip(run.steps.tolist(), run.loss.tolist(), strict=True))


def test_a_run_without_losses_has_none_beside_another() -> None:
    left, right = one("a", '{"step":1,"loss":1,"grad_norm/fc1":1}'), one("b", '{"step":2,"grad_norm/fc1":1}')
    first, second = finished(pairing(left, right))
    assert first.loss is not None
    np.testing.assert_array_equal(first.loss, [1, math.nan])
    assert second.loss is None


def test_two_runs_that_are_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MAX_CELLS", 2_000)
    run = one("a", '{"step":1,"grad_norm/fc1":1}')
    long = replace(run, steps=np.arange(2_001.0))
    with pytest.raises(LogError, match=r"^a and a: together they have 2,001 steps, and 1 layers by these are more"):
        finished(pairing(long, long))
