"""Steps and layers where print tells them in headings, in rows and in blocks; the numbers are invented."""

from __future__ import annotations

import pytest

from app.runs.formats.printed_prefix import heading_step
from app.runs.formats.steps import Labels
from tests.runs.formats.reading import TWO, layers, one, refusal, steps

BLOCKS = [  # a step's text with two layers
    "Gradient norms at step {s}:\n  fc1: {a}\n  fc2: {b}\n",
    "## Gradients after epoch {s}\n\n| Layer | Grad norm |\n|---|---|\n| fc1.weight | {a} |\n| fc2.weight | {b} |\n\n",
    "      Epoch    GPU_mem   box_loss\n      {s}/100      2.1G   1.234: 100%|████| 4/4 [00:01<00:00,  2.9it/s]\n"
    "grad_norm/fc1.weight: {a}\ngrad_norm/fc2.weight: {b}\n",
    "| time/         |    |\n|    iterations | {s} |\n| grads/ | |\n|    fc1.weight | {a} |\n|    fc2.weight | {b} |\n",
    "step {s}: loss 2.5, 120ms\ngrad norms: fc1.weight {a} fc2.weight {b}\n",
    "iteration {s}/500 | grad norm: 1.2 | fc1 grad norm: {a} | fc2 grad norm: {b} | number of nan iterations: 0 |\n",
    "epoch = {s}, grad norm fc1 = {a}f0, grad norm fc2 = {b}f0\n",
    "step {s} grad norms:\nFrozenDict({{\n    params: {{\n        fc1: {{\n"
    "            kernel: Array({a}, dtype=float32),\n        }},\n"
    "        fc2: {{\n            kernel: Array({b}, dtype=float32),\n        }},\n    }},\n}})\n",
    "2024-05-01 12:00:00\thost:0\ttrain:962\tINFO\t[step={s}/100,epoch=0]\n"
    "    grad/fc1.norm={a}\n    grad/fc2.norm={b}\n",
    "STEP={s} GRAD_NORM[fc1]={a:E} GRAD_NORM[fc2]={b:E}\n",
    "2024-05-01 12:00:00 [info     ] gradients           fc1={a} fc2={b} step={s}\n",
    "[step {s}]\nfc1\n    weight grad norm {a}\nfc2\n    weight grad norm {b}\n",
    "step {s}: ‖∇fc1‖₂ = {a}, ‖∇fc2‖₂ = {b}\n",
    "Iter {s}: fc1 grad {a} fc2 grad {b}\n",
    "[rank0]: step {s} fc1 grad norm: {a}\n[rank1]: step {s} fc1 grad norm: 9\n"
    "[rank0]: step {s} fc2 grad norm: {b}\n[rank1]: step {s} fc2 grad norm: 9\n",
    "2024-05-01T12:00:00.000000000Z stdout F step {s} fc1 grad norm: {a} fc2 grad norm: {b}\n",
    "timestep {s}: fc1_grad_norm={a} fc2_grad_norm={b} entropy=0.5 reward=1\n",
    "step {s}\nfc1.weight: grad shape torch.Size([4, 3]), norm {a}\n"
    "fc2.weight: grad shape torch.Size([2, 4]), norm {b}\n",
    "step {s}\nfc1 [4x3] grad: {a}\nfc2 [2x4] grad: {b}\n",
    "step {s} | fc1 grad norm before clip: {a} after clip: 0.05 | fc2 grad norm before clip: {b} after clip: 0.06\n",
    "step {s} | fc1 grad norm (pre-clip): {a} | fc1 grad norm (post-clip): 0.05 | fc2 grad norm (pre-clip): {b}\n",
    "step {s} | loss train: 1.2, val: n/a | iter time: 100.00 ms | grad fc1: {a} fc2: {b}\n",
    "Epoch: [{s}/500] fc1 grad {a} (0.5) fc2 grad {b} (0.6)\n",
    "Epoch: [1][{s}/500] fc1 grad {a} (0.5) fc2 grad {b} (0.6)\n",
    "Train: [0/300][{s}/1251]\teta 0:10:00\tgrad_fc1 {a} (0.15)\tgrad_fc2 {b} (0.25)\n",
    "At step {s}, the gradient norm of fc1 is {a} and the gradient norm of fc2 is {b}.\n",
    "[Step {s}/200] [D loss: 0.5] [G loss: 0.9] [fc1 grad: {a}] [fc2 grad: {b}]\n",
    "==== Gradients (iter {s}) ====\nlayer        norm\nfc1          {a}\nfc2          {b}\n",
    "global step {s}, epoch: 0, batch: {s}, loss: 2.1, 3.2 step/s\nfc1@GRAD norm: {a}\nfc2@GRAD norm: {b}\n",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_layers_and_steps_are_read_as_they_are_told(block: str) -> None:
    text = "".join(block.format(s=step, a=a, b=b) for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4)))
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Gradient norms at step 5:", Labels(5, None)),
        ("=== after epoch 3 ===", Labels(None, 3)),
        ("# in iteration 7/100", Labels(7, None)),
        ("grad is NaN at step 3", None),
        ("checkpoint saved at step 3:", None),
        ("the model trains at step 3", None),
    ],
)
def test_a_heading_tells_a_step_at_its_end_and_an_event_does_not(text: str, labels: Labels | None) -> None:
    assert heading_step(text) == labels


def test_blocks_within_blocks_keep_layers_of_one_name_apart() -> None:
    text = "Gradients:\nencoder:\n  fc:\n    weight: 0.1\n  out: 0.2\ndecoder:\n  fc:\n    weight: 0.3\n"
    assert layers(text) == {"encoder.fc": [0.1], "encoder.out": [0.2], "decoder.fc": [0.3]}


def test_jax_s_names_stay_whole() -> None:
    run = one("step=5\n['Dense_0']['kernel']: 0.1\n['Dense_1']['kernel']: 0.2\n")
    assert run.names == ("['Dense_0']", "['Dense_1']")


def test_rllib_s_norm_of_a_policy_is_one_over_all_layers() -> None:
    record = '{"training_iteration": 5, "info": {"learner": {"default_policy": {"learner_stats": {%s}}}}}\n'
    assert "one norm over all layers" in refusal(record % '"grad_gnorm": 3.0')
    assert steps(record % '"grad_gnorm": 3.0, "grad_norm/fc1": 0.1, "grad_norm/fc2": 0.2') == [5]


def test_what_another_rank_tells_of_the_same_layer_and_step_is_counted() -> None:
    run = one("[rank0]: step 5 fc1 grad norm: 1\n[rank1]: step 5 fc1 grad norm: 2\n[rank1]: step 5 fc2 grad norm: 3\n")
    assert (run.names, run.norms.tolist()) == (("fc1", "fc2"), [[1], [3]])
    assert any("told by another rank before, for the same layer and step; at line 2" in each for each in run.problems)


def test_means_beside_minima_below_zero_are_no_magnitudes() -> None:
    run = one("step 5\nfc1.weight: grad min=-0.5, max=0.4, mean=0.001, std=0.3\n")
    assert [reduction for _, reduction in run.choices] == ["max", "std"]
    assert any("Left out were means of values that have signs: grad_mean/fc1.weight." in each for each in run.problems)


@pytest.mark.parametrize(
    "text",
    [
        "      fc1.weight  fc2.weight\nstep                        \n5            0.1         0.2\n"
        "7            0.3         0.4\n",
        "            5    7\nlayer             \nfc1.weight  0.1  0.3\nfc2.weight  0.2  0.4\n",
    ],
)
def test_an_index_of_pandas_may_have_a_name(text: str) -> None:
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "text",
    [
        "fc1 grad norm: 1\nfc2 grad norm: 2\nfc1 grad norm: 3\nfc2 grad norm: 4\n",
        '{"grad_norm/fc1": 1, "grad_norm/fc2": 2}\n{"grad_norm/fc1": 3, "grad_norm/fc2": 4}\n',
        "grad_norm/fc1,grad_norm/fc2\n1,2\n3,4\n",
    ],
)
def test_records_that_tell_no_step_are_counted_and_that_is_said(text: str) -> None:
    run = one(text)
    assert run.steps.tolist() == [0, 1]
    assert any("No step is told, so the records were counted." in problem for problem in run.problems)


def test_percentiles_of_gradients_are_no_layers() -> None:
    assert "no gradients" in refusal("step 5 fc1 grad percentiles: 5%=0.01 50%=0.1 95%=0.9\n")


def test_a_table_s_step_may_have_a_name_in_another_language() -> None:
    text = "Schritt;Gradientennorm fc1;Gradientennorm fc2\n5;0,1;0,2\n7;0,3;0,4\n"
    assert (layers(text), steps(text)) == (TWO, [5, 7])


def test_layers_whose_names_do_not_speak_of_gradients_beside_some_that_do_are_named() -> None:
    run = one('{"step": 5, "grad/fc1": 0.1, "fc2.weight": 3.0, "other": 1.0}\n')
    assert run.names == ("fc1",)
    assert any("Left out, for their names don't speak of gradients: fc2.weight." in each for each in run.problems)
