"""Names of a layer or of a norm over all layers: read where what is beside them tells, else left out and said."""

from __future__ import annotations

import json

import pytest

from tests.runs.formats.reading import layers, one, refusal

SPELLED = [
    "Step 1\n{0}: 0.1\n{1}: 0.2\n{2}: 0.3\nStep 2\n{0}: 0.1\n{1}: 0.2\n{2}: 0.3\n",
    "Gradients:\n{0}: 0.1\n{1}: 0.2\n{2}: 0.3\n",
    "step 1 {0}: 0.1 {1}: 0.2 {2}: 0.3\nstep 2 {0}: 0.1 {1}: 0.2 {2}: 0.3\n",
    "{0} grad norm: 0.1\n{1} grad norm: 0.2\n{2} grad norm: 0.3\n",
    "step,{0},{1},{2}\n1,0.1,0.2,0.3\n2,0.1,0.2,0.3\n",
    '{{"step": 1, "grads": {{"{0}": 0.1, "{1}": 0.2, "{2}": 0.3}}}}\n',
    '{{"step": 1, "grad_norm/{0}": 0.1, "grad_norm/{1}": 0.2, "grad_norm/{2}": 0.3}}\n',
]


@pytest.mark.parametrize("text", SPELLED)
@pytest.mark.parametrize("names", [("fc1", "norm", "fc2"), ("L1", "L2", "L3"), ("embed_tokens", "norm", "lm_head")])
def test_a_layer_may_be_called_as_a_statistic_is(text: str, names: tuple[str, str, str]) -> None:
    found = layers(text.format(*names))
    assert list(found) == list(names)
    assert [row[0] for row in found.values()] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize("text", [SPELLED[0], SPELLED[2], SPELLED[4], SPELLED[5]])
def test_what_may_be_the_norm_of_all_layers_is_left_out_and_said(text: str) -> None:
    run = one(text.format("fc1", "fc2", "norm"))
    assert run.names == ("fc1", "fc2")
    assert any("norm; it may be a layer, or the norm of all layers." in problem for problem in run.problems)


def test_names_of_statistics_alone_are_no_layers() -> None:
    assert "grad/L1 is one norm over all layers" in refusal('{"step": 1, "grad/L1": 0.1, "grad/L2": 0.2}')


def test_a_total_tells_no_steps_of_layers_under_plain_names() -> None:
    records = [{"step": step, "grad/norm": 9.0, "fc1.weight": 0.1, "fc2.weight": 0.2} for step in (5, 7)]
    run = one("".join(f"{json.dumps(record)}\n" for record in records))
    assert (run.names, run.steps.tolist()) == (("fc1", "fc2"), [5, 7])
