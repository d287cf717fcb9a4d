"""Printed text, of the shapes that training scripts and frameworks print; the numbers are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.formats.printed_labels import parse_printed_label
from app.runs.formats.printed_prefix import step_in, without_prefix
from app.runs.formats.steps import Labels
from tests.runs.formats.reading import TWO, layers, one, refusal, steps

ONE_LAYER_A_LINE = [
    "{n} grad norm: {v}",
    "{n} has gradient mean of {v}",
    "{n} | grad norm: {v}",
    "{n}: grad_norm={v}",
    "{n}: Gradient norm: {v}",
    "Grad norm for {n}: {v}",
    "Gradients for {n}: {v}",
    "grad norm {n}: {v}",
    "gradient of {n}: {v}",
    "{n} gradient L2 norm: {v}",
    "||grad|| {n} = {v}",
    "{n}.grad: {v}",
    "{n}.grad.norm(): {v}",
    "{n}: mean |grad| = {v} (n_params_with_grad=4)",
    "{n}: {v} (grad norm)",
    "{n} (Linear): grad norm = {v}",
    "Param: {n} | grad_norm={v} | exp_avg_norm=3.0 | exp_avg_sq_norm=2.0",
    "{n}: grad_norm={v}, param_norm=3.2",
    "{n} grad: norm={v} mean=-0.0001",
    "| {n} | grad norm {v} | weight norm 3.2 |",
    "Parameter {n}, gradient norm {v}",
    "Layer: {n}, Grad norm: {v}",
    "Layer: {n} | Gradient: {v}",
    "Layer {n} gradient norm = {v}",
    "name: {n} grad_norm: {v}",
    "[OK] grad: {n} | norm={v}",
    "[GRAD_CHECK] {n}: grad.norm={v}",
    "{n}               {v}  ████",
    "{n}: grad_norm={v} ✓",
    "{n}: tensor({v}, device='cuda:0')",
    "{n}: tensor({v}, grad_fn=<NormBackward1>)",
    "{n}\t{v}",
    "grad_norm({n}) = {v}",
    "∂L/∂{n}: {v}",
    "‖∇{n}‖ = {v}",
    "{n} -> {v}",
    '"{n}": {v},',
]


@pytest.mark.parametrize("line", ONE_LAYER_A_LINE)
def test_a_line_with_one_layer_is_read_with_the_words_around_its_name(line: str) -> None:
    text = "\n".join(
        f"Step {step}\n{line.format(n='fc1.weight', v=a)}\n{line.format(n='fc2.weight', v=b)}"
        for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))
    )
    assert layers(text) == TWO
    assert steps(text) == [5, 7]


@pytest.mark.parametrize(
    "prefix",
    [
        "INFO:root:",
        "WARNING:trainer:",
        "[rank0]: ",
        "[Rank 0]   ",
        "[1,0]<stdout>: ",
        "(RayWorker pid=123) ",
        "[12:00:00] ",
        "2024-01-01 12:00:00,123 - trainer - INFO - ",
        "2024-01-01 12:00:00.123 | INFO     | __main__:train:42 - ",
        "2024-01-01T12:00:00Z ",
        "[2024-01-01 12:00:00,123][root][INFO] - ",
        "I1128 12:00:00.123456 140 train.py:10] ",
        "worker 0 : 2022-11-11 14:05:00 | INFO | train_inner | ",
        "DEBUG    | train:step:12 | ",
        "  - ",
        "🔥 ",
    ],
)
@pytest.mark.parametrize("line", ["{n}: {v}", "{n} grad norm: {v}"])
def test_what_a_logger_puts_before_a_line_is_no_part_of_the_name(prefix: str, line: str) -> None:
    text = "\n".join(
        prefix + line.format(n=name, v=value) for name, value in (("fc1.weight", 0.1), ("fc2.weight", 0.2))
    )
    assert layers(text) == {"fc1": [0.1], "fc2": [0.2]}


@pytest.mark.parametrize(
    "heading",
    [
        *("Step {s}", "Step {s}:", "step={s}", "[Step {s}]", "=== Step {s} ===", "--- step: {s} ---", "Iteration {s}"),
        *(
            "Epoch {s}",
            "Epoch: {s}",
            "Epoch [{s}/10]",
            "Epoch {s}/10",
            "iter {s}/1000",
            "Update #{s}",
            "global_step {s}",
        ),
    ],
)
def test_a_heading_tells_the_step_of_the_lines_under_it(heading: str) -> None:
    text = "\n".join(
        f"{heading.format(s=step)}\nfc1.weight: {a}\nfc2.weight: {b}" for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))
    )
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "line",
    [
        "Step {s} | loss: 1.2 | fc1: {a} | fc2: {b}",
        "step={s} fc1={a} fc2={b}",
        "[{s}] fc1: {a}, fc2: {b}",
        "[{s}/1000] fc1.weight: {a} fc2.weight: {b}",
        "Epoch: {s}, fc1: {a}, fc2: {b}",
        "[Epoch {s}] fc1: {a} fc2: {b}",
        "Epoch [1/2], Step [{s}/600], Loss: 0.3, fc1: {a}, fc2: {b}",
        "step: {s} loss: 0.2 grad_norm/fc1: {a} grad_norm/fc2: {b}",
        "global_step {s} | grad_norm/fc1 {a} | grad_norm/fc2 {b}",
        "Batch {s}: fc1 grad norm = {a}, fc2 grad norm = {b}",
        "12:00:00 iter {s}: fc1={a}, fc2={b}",
        "it {s}  fc1 {a}; fc2 {b}",
        "step {s} - loss: 0.5 - fc1.weight: {a} - fc2.weight: {b}",
        "Step: {s}, Loss: 0.5, Gradient norms: fc1={a}, fc2={b}",
        "Step {s} fc1: {a}\nStep {s} fc2: {b}",
        "Epoch {s} Layer fc1 Gradient Mean: {a}\nEpoch {s} Layer fc2 Gradient Mean: {b}",
        "Epoch {s}: {{'fc1': {a}, 'fc2': {b}}}",
        'Step {s}: {{"fc1": {a}, "fc2": {b}}}',
        "{{'step': {s}, 'grads': {{'fc1': np.float64({a}), 'fc2': tensor({b})}}}}",
        "INFO {{'step': {s}, 'grad_norm/fc1': {a}, 'grad_norm/fc2': {b}, 'lr': 1e-3}}",
        'INFO | train_inner | {{"step": {s}, "loss": "15.8", "grad_norm/fc1": "{a}", "grad_norm/fc2": "{b}"}}',
        "step-{s}: fc1={a} fc2={b}",
        "step={s} layer=fc1 grad_norm={a}\nstep={s} layer=fc2 grad_norm={b}",
        "Jan 01 12:00:00 host train[123]: step {s} fc1 grad norm: {a} fc2 grad norm: {b}",
        "Step {s} fc1 grad norm: {a} ± 0.01, fc2 grad norm: {b} ± 0.01",
        'time=2024-01-01T00:00:00Z level=info msg="train" step={s} grad_norm_fc1={a} grad_norm_fc2={b}',
        "- step: {s}\n  grad_norm:\n    fc1: {a}\n    fc2: {b}",
        "ep {s} fc1={a} fc2={b}",
        "Step\t{s}\tfc1\t{a}\tfc2\t{b}",
        "Step {s}: [('fc1', {a}), ('fc2', {b})]",
        "step {s} OrderedDict([('fc1', {a}), ('fc2', {b})])",
        "step {s} defaultdict(<class 'float'>, {{'fc1': {a}, 'fc2': {b}}})",
        "step {s} {{'fc1': Array({a}, dtype=float32), 'fc2': Array({b}, dtype=float32)}}",
        "step {s} {{'fc1': <tf.Tensor: shape=(), dtype=float32, numpy={a}>, 'fc2': {b}}}",
        "{{'fc1.weight': {a},\n 'fc2.weight': {b},\n 'step': {s}}}",
        "2024/01/01 00:00:00 - mmengine - INFO - Iter(train) [  {s}/90] grad_norm/fc1: {a}  grad_norm/fc2: {b}",
        " iteration   {s}/  90 | lm loss: 1.0E+00 | fc1 grad norm: {a} | fc2 grad norm: {b} |",
        "[01/01 00:00:00 d2.utils.events]:  eta: 0:10:00  iter: {s}  grad_fc1: {a}  grad_fc2: {b}  max_mem: 100M",
        "Training: 10%|# | 1/10 [00:01<00:09, step={s}, fc1={a}, fc2={b}]",
        "Epoch {s}/10\n9/9 [===] - 1s 2ms/step - loss: 0.3 - grad_norm_fc1: {a} - grad_norm_fc2: {b}",
    ],
)
def test_a_line_may_hold_its_step_and_all_layers(line: str) -> None:
    text = "\n".join(line.format(s=step, a=a, b=b) for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4)))
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "line",
    [
        "Step {s} grad norms: [{a}, {b}]",
        "Step {s} Gradient norms: tensor([{a}, {b}])",
        "[{s}] layer gradients = [np.float64({a}), np.float64({b})]",
    ],
)
def test_a_list_of_gradients_is_by_layer(line: str) -> None:
    text = "\n".join(line.format(s=step, a=a, b=b) for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4)))
    assert (layers(text), steps(text)) == ({"0": [0.1, 0.3], "1": [0.2, 0.4]}, [5, 7])


def test_lines_under_a_layer_s_name_are_that_layer_s() -> None:
    text = (
        "fc1.weight:\n    Shape: torch.Size([4, 4])\n    Grad norm: 0.1\n    Grad max: 0.05\n"
        "fc2.weight:\n    Shape: torch.Size([4, 4])\n    Grad norm: 0.2\n    Grad max: 0.1\n"
        "Grad norm: 0.5\nTotal grad norm: 0.6\n"
    )
    assert layers(text) == {"fc1": [0.1], "fc2": [0.2]}
    assert one(text).reduction == "l2"


def test_a_heading_that_speaks_of_gradients_holds_for_the_names_under_it() -> None:
    run = one("Gradient norms:\nfc1: 0.1\nfc2: 0.2\nloss: 0.3\n")
    assert (run.names, run.reduction) == (("fc1", "fc2"), "l2")


NOISE = [
    "Using device: cuda:0",
    "Trainable params: 1234567",
    "Epoch 1 took 12.3s",
    "Saving checkpoint to runs/ckpt-100.pt",
    "torch/nn/modules.py:123: UserWarning: something is 0.5",
    "train loss: 0.532 | val loss: 0.612",
    "seed = 42",
    "GPU memory: 1234 MB",
    "Namespace(lr=0.001, max_grad_norm=1.0, epochs=10)",
    "Model(\n  (fc1): Linear(in_features=10, out_features=5, bias=True)\n)",
    "100%|██████████| 100/100 [00:10<00:00,  9.9it/s]",
    "Early stopping counter: 3 out of 5",
    "Total gradient norm: 3.2",
    "grad scaler scale: 65536.0",
    "torch.Size([64, 10])",
    "tensor(0.5321, device='cuda:0', grad_fn=<NllLossBackward0>)",
    "Layer (type)                Output Shape              Param #",
    "Linear-1                    [-1, 10]                  110",
    "WARNING: loss is nan at batch 3",
    "{'lr': 0.001, 'model': 'mlp', 'hidden': 64}",
    '{"config": {"lr": 0.1, "layers": 3}}',
    "0",
    "==========",
]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize(
    "record",
    [
        "Step {s}\nfc1.weight grad norm: {a}\n{x}\nfc2.weight grad norm: {b}\n{x}",
        "{x}\nStep {s} | loss: 1.2 | grad_norm/fc1: {a} | grad_norm/fc2: {b}",
        "{x}\nINFO:root:Step {s}\n{x}\nINFO:root:grad/fc1 = {a}\nINFO:root:grad/fc2 = {b}",
        '{x}\n{{"step": {s}, "grad_norm/fc1": {a}, "grad_norm/fc2": {b}}}',
        "{x}\nstep,layer,grad_norm\n{s},fc1,{a}\n{s},fc2,{b}",
        "Step {s} gradients:\n  fc1: {a}\n  fc2: {b}\n{x}",
    ],
)
def test_other_lines_between_gradients_change_neither_layers_nor_steps(noise: str, record: str) -> None:
    text = "\n".join(record.format(s=step, a=a, b=b, x=noise) for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4)))
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "noise", ["seed = 42", "Trainable params: 1234567", "Using device: cuda:0", "GPU memory: 9 MB"]
)
def test_names_that_look_like_layers_are_told_from_others_in_print_without_gradient_words(noise: str) -> None:
    text = "\n".join(
        f"Step {step}\nfc1.weight: {a}\n{noise}\nfc2.weight: {b}" for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))
    )
    assert (layers(text), steps(text)) == (TWO, [5, 7])


def test_names_that_are_left_out_are_said() -> None:
    run = one("fc1: 1\nfc2: 2\nTrainable params: 9\n")
    assert run.names == ("fc1", "fc2")
    assert "log.txt: Names that don't look like layers were left out: Trainable." in run.problems


def test_where_no_name_looks_like_a_layer_s_all_are_taken() -> None:
    assert layers("Step 5\nup: 0.1\ndown: 0.2\nStep 7\nup: 0.3\ndown: 0.4\n") == {"up": [0.1, 0.3], "down": [0.2, 0.4]}


@pytest.mark.parametrize(
    "name",
    [
        *("encoder.layer.0.attention.self.query.weight", "['params']['Dense_0']['kernel']", "0.weight", "fc", "w1"),
        *("layer 3", "Conv2d_1a_3x3", "block1/conv", "backbone.stages[0].conv", "Interactive Conv", "self-attn"),
        *("lm_head", "ln_f.weight", "layers.3.norm1.weight", "output", "hidden2", "rnn.weight_ih_l0", "x1", "Layer-2"),
        *("q_proj", "pos_embed", "block 2", "stage3.0.conv2.weight", "model/dense/kernel:0"),
    ],
)
@pytest.mark.parametrize(
    "line",
    ["{n} grad norm: {v}", "{n}: {v}", "{n} {v}", "Grad norm for {n}: {v}", "Layer: {n}, Grad norm: {v}", "|{n}|{v}|"],
)
def test_any_name_is_told_from_the_words_around_it(name: str, line: str) -> None:
    run = one(f"{line.format(n=name, v=0.125)}\n{line.format(n='other9.weight', v=0.25)}\n")
    assert sorted(run.norms[:, 0].tolist()) == [0.125, 0.25]
    assert len(run.steps) == 1


def test_the_part_of_a_layer_is_told_by_the_word_beside_gradient() -> None:
    run = one("Layer 1 (Dense) weight_grad norm: 3\nLayer 1 (Dense) bias_grad norm: 4\n")
    assert run.parameters == (("Layer 1.weight", "Layer 1.bias"),)
    assert run.norms.tolist() == [[5]]


@pytest.mark.parametrize(
    "name",
    ["norm.weight", "layers.0.norm.weight", "layer_norm", "blocks.0", "0.conv.weight", "layer 3", "Layer #4", "output"],
)
def test_names_made_of_words_for_norms_and_layers_are_names(name: str) -> None:
    assert parse_printed_label(f"{name} grad norm").name == (name if name != "output" else "")
    assert parse_printed_label(name).name == name


def test_colours_and_progress_bars_are_no_part_of_names() -> None:
    assert layers("\x1b[32m[12:00:00]\x1b[0m \x1b[1mstep\x1b[0m=5 \x1b[36mfc1.weight\x1b[0m=0.1\n") == {"fc1": [0.1]}
    bar = "Epoch 80:  6{n}%|##  | {n}/15 [02:53<01:18, 15.7s/it, loss=4, v_num=l1_0, grad_2.0_norm_fc1.weight_step={n}]"
    text = "\r".join(bar.format(n=at) for at in (2, 3, 4))
    assert (layers(text), steps(text)) == ({"fc1": [2, 3, 4]}, [0, 1, 2])
    assert one(text).problems == ("log.txt: Step 80 has several records, so the records were counted.",)


def test_lines_that_end_with_a_carriage_return_alone_are_lines() -> None:
    text = "step,grad_norm/fc1,grad_norm/fc2\r5,0.1,0.2\r7,0.3,0.4\r"
    assert (layers(text), steps(text)) == (TWO, [5, 7])


def test_caffe_s_debug_lines_are_mean_gradients_of_the_parameters() -> None:
    head = "I1109 12:00:00.000001 1 net.cpp:620]     "
    records = [
        f"{head}[Forward] Layer ip1, top blob ip1 data: 0.7\n"
        f"{head}[Backward] Layer ip1, bottom blob data diff: 0.5\n"
        f"{head}[Backward] Layer ip1, param blob 0 diff: {a}\n"
        f"{head}[Backward] Layer ip2, param blob 0 diff: {b}\n"
        f"{head}[Update] Layer ip1, param 0 data: 0.3; diff: 0.9\n"
        f"I1109 12:00:00.000001 1 solver.cpp:228] Iteration {step}, loss = 0.5\n"
        for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))
    ]
    run = one("".join(records))
    assert (run.names, run.norms.tolist(), run.steps.tolist()) == (("ip1", "ip2"), [[0.1, 0.3], [0.2, 0.4]], [5, 7])
    assert (run.kind, run.reduction) == ("parameter", "mean")
    assert run.loss is not None
    assert run.loss.tolist() == [0.5, 0.5]


def test_steps_of_lines_by_themselves_are_of_the_values_after_them_where_the_first_line_comes_first() -> None:
    text = "".join(
        f"solver.cpp:228] Iteration {step} (2 iter/s, 5s/20 iters), loss = {step / 10}\n"
        f"net.cpp:620]     [Backward] Layer ip1, param blob 0 diff: {value}\n"
        f"net.cpp:620]     [Backward] Layer ip2, param blob 0 diff: {value}\n"
        for step, value in ((0, 0.1), (20, 0.3), (40, 0.5))
    )
    run = one(text)
    assert (run.steps.tolist(), run.norms.tolist()) == ([0, 20, 40], [[0.1, 0.3, 0.5]] * 2)
    assert run.loss is not None
    assert run.loss.tolist() == [0, 2, 4]
    assert any("The steps are taken from the lines before their values." in problem for problem in run.problems)


def test_mxnet_s_monitor_tells_gradients_by_backward() -> None:
    line = "2017-04-10 19:58:31,948 Host Batch:     {step} {name}         {value}\t\n"
    text = "".join(
        line.format(step=step, name=name, value=value)
        for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))
        for name, value in (("fc1_backward_weight", a), ("fc1_weight", 5), ("fc2_backward_weight", b))
    )
    assert (layers(text), steps(text)) == (TWO, [5, 7])
    assert "divided by the root of the number of elements" in one(text).problems[0]


def test_transformer_engine_s_log_has_a_line_a_statistic() -> None:
    line = "INFO - layers.{at}.fc1_{what} \t\t\t\t iteration={step:06d} \t\t\t\t value={value}\n"
    text = "".join(
        line.format(at=at, what=what, step=step, value=value)
        for step in (5, 7)
        for at in (0, 1)
        for what, value in (("activation_l2_norm", 4.3), ("gradient_l2_norm", step + at))
    )
    run = one(text)
    assert (run.names, run.norms.tolist()) == (("layers.0.fc1", "layers.1.fc1"), [[5, 7], [6, 8]])
    assert (run.kind, run.reduction, run.steps.tolist()) == ("activation", "l2", [5, 7])


@pytest.mark.parametrize(
    "text",
    [
        "        layer  grad_norm\n0  fc1.weight        {a}\n1  fc2.weight        {b}\n",
        "| layer | grad norm |\n|---|---|\n| fc1.weight | {a} |\n| fc2.weight | {b} |\n",
        "Parameter     Grad Norm   Weight Norm\n---------------\nfc1.weight   {a}   3.0\nfc2.weight   {b}   3.0\n",
        "┏━━━━━━━┳━━━━━━┓\n┃ Layer ┃ Grad Norm ┃\n┡━━━╇━━━┩\n│ fc1.weight │ {a} │\n│ fc2.weight │ {b} │\n└───┴──┘\n",
    ],
    ids=["pandas", "markdown", "wide spaces", "rich"],
)
def test_a_table_may_be_printed_at_each_step(text: str) -> None:
    printed = "".join(f"Epoch {step}\n{text.format(a=a, b=b)}" for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4)))
    assert (layers(printed), steps(printed)) == (TWO, [5, 7])
    assert layers(text.format(a=0.1, b=0.2)) == {"fc1": [0.1], "fc2": [0.2]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{'loss': 1.2, 'grad_norm': 2.5, 'epoch': 0.1}\n" * 3, "grad_norm is one norm over all layers"),
        ("Iteration 1: Avg Error = 0.1, Gradient Norm = 0.2\n", "grad_norm is one norm over all layers"),
        ("Step 5: global grad norm: 0.2\n", "grad_norm is one norm over all layers"),
        ("fc1.weight mean: 0.1 std: 0.2\nfc2.weight mean: 0.3 std: 0.3\n", "not of gradients"),
        ("fc1.weight weight norm: 3\nfc2.weight weight norm: 4\n", "not of gradients"),
        ("Epoch 1 loss: 0.5 acc: 0.9 throughput: 100\n" * 2, "no gradients in it"),
    ],
)
def test_what_is_no_gradient_by_layer_is_refused_with_what_it_is(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


@pytest.mark.parametrize(
    ("text", "labels", "rest"),
    [
        ("Step 100 fc1", Labels(100, None), "fc1"),
        ("Epoch 1, Step [5/600], x", Labels(5, 1), ",  , x"),
        ("epoch 2 batch 7 iter 70:", Labels(70, 2), ":"),
        ("1.5it/s", None, "1.5it/s"),
        ("fc1.weight_step=2", None, "fc1.weight_step=2"),
    ],
)
def test_the_step_of_a_line_is_told_from_names_with_the_word_in_them(
    text: str, labels: Labels | None, rest: str
) -> None:
    found, left = step_in(text)
    assert (found, left.split()) == (labels, rest.split())


@given(st.text(max_size=200))
def test_any_line_is_read_or_left(text: str) -> None:
    without_prefix(text)
    step_in(text)
    assert parse_printed_label(text).name is not None
    assert refusal(text.encode("utf-8", "replace"))
