"""The recorder's file of version 2: its kinds of magnitudes, its descriptions, and the ratios that follow."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.work import finished
from app.runs.alignment import reordering
from app.runs.layer_groups import Row, folded
from app.runs.reductions import RATIOS, short_label
from app.runs.run import Run, combine, read
from app.runs.series import LogError

HEAD: dict[str, Any] = {
    "gradient_flow": 2,
    "kind": "parameter",
    "reduction": "l2",
    "order": "definition",
    "sizes": {"fc2.weight": 6, "fc2.bias": 2, "fc1.weight": 3},
    "modules": {"fc2": "Linear", "fc1": "Linear"},
}
STEP = {
    "loss": 0.5,
    "grad_norm/fc2.weight": 3.0,
    "grad_norm/fc2.bias": 4.0,
    "grad_norm/fc1.weight": 6.0,
    "output_grad_norm/fc2": 7.0,
    "output_grad_norm/fc1": 8.0,
    "weight_norm/fc2.weight": 8.0,
    "weight_norm/fc2.bias": 6.0,
    "weight_norm/fc1.weight": 0.0,
    "update_norm/fc2.weight": 0.03,
    "update_norm/fc2.bias": 0.04,
    "update_norm/fc1.weight": 0.5,
    "zeros/fc2": 0.0,
    "zeros/fc1": 1.0,
}
CHOICES = (
    ("parameter", "l2"),
    ("output", "l2"),
    ("update ratio", "l2"),
    ("gradient ratio", "l2"),
    ("weight", "l2"),
    ("update", "l2"),
    ("zeros", "share"),
)


def recording(*records: dict[str, Any], head: dict[str, Any] = HEAD) -> str:
    return "\n".join(map(json.dumps, (head, *records)))


def run_of(text: str, kind: str | None = None) -> Run:
    (run,) = combine([read("run.jsonl", text)], kind)
    return run


def test_each_kind_of_magnitude_is_a_choice_and_the_gradient_is_shown_first() -> None:
    text = recording({"step": 0} | STEP, {"step": 1} | STEP)
    first = run_of(text)
    assert (first.kind, first.choices, first.problems) == ("parameter", CHOICES, ())
    found = {kind: run_of(text, kind) for kind, _ in CHOICES}
    assert {run.names for run in found.values()} == {("fc2", "fc1")}  # in the order of definition
    assert {kind: run.norms[:, 1].tolist() for kind, run in found.items() if kind not in RATIOS} == {
        "parameter": [5.0, 6.0],
        "output": [7.0, 8.0],
        "weight": [10.0, 0.0],
        "update": [0.05, 0.5],
        "zeros": [0.0, 1.0],
    }
    assert {run.choices for run in found.values()} == {CHOICES}


def test_a_ratio_is_that_of_the_layer_and_unknown_where_all_weights_are_zero() -> None:
    text = recording({"step": 0} | STEP)
    update, gradient = run_of(text, "update ratio"), run_of(text, "gradient ratio")
    np.testing.assert_allclose(update.norms, [[0.005], [np.nan]], rtol=1e-15)
    np.testing.assert_allclose(gradient.norms, [[0.5], [np.nan]], rtol=1e-15)
    assert update.logged.tolist() == gradient.logged.tolist() == [[True], [False]]


def test_the_labels_name_the_magnitude() -> None:
    assert [short_label(*choice) for choice in CHOICES] == [
        "L2 ∂L/∂W",
        "L2 ∂L/∂z",
        "‖ΔW‖/‖W‖",
        "‖∂L/∂W‖/‖W‖",
        "‖W‖",
        "‖ΔW‖",
        "zeros",
    ]
    assert run_of(recording({"step": 0} | STEP), "zeros").label == "activation after the layer, share of zeros"


positive = st.floats(1e-3, 1e3)


@given(st.lists(st.tuples(positive, positive), min_size=2, max_size=5))
def test_a_folded_block_has_the_ratio_of_all_its_weights(pairs: list[tuple[float, float]]) -> None:
    step: dict[str, Any] = {"step": 0, "grad_norm/h.0.weight": 1.0}
    for at, (update, weight) in enumerate(pairs):
        step |= {f"update_norm/h.{at}.weight": update, f"weight_norm/h.{at}.weight": weight}
    run = run_of(recording(step), "update ratio")
    turned = finished(reordering(run, run.names[::-1]))
    updates, weights = np.array(pairs).T
    expected = [[np.linalg.norm(updates) / np.linalg.norm(weights)]]
    for each in (run, turned):
        block = folded(each, [Row("h", range(len(pairs)), 0)])
        np.testing.assert_allclose(block.norms, expected, rtol=1e-12)
        assert block.weights is not None
        np.testing.assert_allclose(block.weights, [[np.linalg.norm(weights)]], rtol=1e-12)


def test_shares_of_zeros_are_folded_as_their_mean() -> None:
    run = run_of(recording({"step": 0, "grad_norm/a.weight": 1.0, "zeros/h.0": 0.0, "zeros/h.1": 1.0}), "zeros")
    assert folded(run, [Row("h", range(2), 0)]).norms.tolist() == [[0.5]]


def test_later_descriptions_add_to_the_first() -> None:
    head = {"gradient_flow": 2, "order": "definition", "sizes": {"fc1.weight": 3}, "optimizer": "Adam"}
    log = read("run.jsonl", recording({"step": 0, "grad_norm/fc2.weight": 1.0}, head, {"step": 1} | STEP))
    assert log.sizes == {"fc2.weight": 6, "fc2.bias": 2, "fc1.weight": 3}
    (run,) = combine([log])
    assert (run.modules, run.optimizer, run.sizes) == ({"fc2": "Linear", "fc1": "Linear"}, "Adam", (8, 3))
    assert run.logged.tolist() == [[False, True], [False, True]]


def test_layers_that_are_recorded_later_stand_where_they_are_defined() -> None:
    head = HEAD | {"sizes": {"first.weight": 1, "second.weight": 1}, "modules": {"first": "Linear", "second": "Linear"}}
    late = {"step": 1, "grad_norm/first.weight": 1.0, "output_grad_norm/first": 1.0}
    text = recording({"step": 0, "grad_norm/second.weight": 1.0, "output_grad_norm/second": 1.0}, late, head=head)
    assert [run_of(text, kind).names for kind in ("parameter", "output")] == [("first", "second")] * 2


def test_a_file_that_goes_on_in_version_2_is_one_run() -> None:
    old = ['{"gradient_flow": 1, "order": "definition"}', '{"step": 0, "grad_norm/fc2.weight": 1}']
    run = run_of("\n".join([*old, recording({"step": 1, "grad_norm/fc2.weight": 2.0, "weight_norm/fc2.weight": 3.0})]))
    assert (run.norms.tolist(), run.problems) == ([[1.0, 2.0]], ())


@pytest.mark.parametrize("version", [3, "2", True, None, {"a": 1}])
def test_another_version_is_refused_by_its_name(version: Any) -> None:
    with pytest.raises(
        LogError, match=r"^run\.jsonl: is a recording of version .*, and this page reads versions 1 and 2"
    ):
        read("run.jsonl", recording({"step": 0} | STEP, head={"gradient_flow": version}))


def test_a_metric_of_the_mark_s_name_is_no_description() -> None:
    assert run_of('{"step": 0, "gradient_flow": 3, "grad_norm/fc1.weight": 2}').norms.tolist() == [[2.0]]


@given(
    st.dictionaries(st.sampled_from([*HEAD]), st.sampled_from([None, 1, -1, "x", [], {}, {"a": {}}, {"fc1.weight": 0}]))
)
def test_a_damaged_description_loses_only_itself(damage: dict[str, Any]) -> None:
    head = HEAD | damage | {"gradient_flow": 2}
    assert run_of(recording({"step": 0} | STEP, head=head)).norms.shape == (2, 1)


def test_five_kinds_of_as_many_names_as_other_files_have_are_read() -> None:
    names = [f"layer.{at}.weight" for at in range(4000)]
    step = {"step": 0} | {f"{kind}/{name}": 1.0 for kind in ("grad_norm", "weight_norm") for name in names}
    run = run_of(recording(step), "weight")
    assert (len(run.names), run.problems) == (4000, ())
