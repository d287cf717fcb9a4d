"""Names of logged values: as the tools write them, and what each says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.props import check_names
from app.runs import metric_names
from app.runs.metric_names import Tag, layer_of, natural_key, read_tag


@pytest.mark.parametrize(
    ("key", "name", "reduction"),
    [
        ("grad_norm/fc1.weight", "fc1.weight", metric_names.L2),
        ("grad_2.0_norm/fc1.weight", "fc1.weight", metric_names.L2),  # Lightning's grad_norm()
        ("grad_inf_norm/fc1.weight", "fc1.weight", metric_names.MAX),
        ("grad_1.0_norm/fc1.weight", "fc1.weight", metric_names.L1),
        ("grad_3.0_norm/fc1.weight", "fc1.weight", "l3"),
        ("grad_norm/23.cv3.2.2.weight", "23.cv3.2.2.weight", metric_names.L2),
        ("train/grad_norm/fc1.weight", "fc1.weight", metric_names.L2),
        ("grad_norm/fc1.weight_step", "fc1.weight", metric_names.L2),  # Lightning's, logged by step and by epoch
        ("grad_norm_fc1.weight", "fc1.weight", metric_names.L2),  # a file's name, in which TensorBoard has no slash
        ("grad_norm.fc1.weight", "fc1.weight", metric_names.L2),
        ("fc1.weight/grad_norm", "fc1.weight", metric_names.L2),
        ("fc1.weight.grad", "fc1.weight", metric_names.ASSUMED),
        ("fc1.weight_grad_norm", "fc1.weight", metric_names.L2),
        ("gradients/fc1.weight", "fc1.weight", metric_names.ASSUMED),  # wandb.watch
        ("Gradients/fc1.weight", "fc1.weight", metric_names.ASSUMED),
        ("grad_rms/fc1", "fc1", metric_names.RMS),
        ("grad_abs_mean/fc1", "fc1", metric_names.MEAN),
        ("grad_max/fc1", "fc1", metric_names.MAX),
        ("max_grad/fc1", "fc1", metric_names.MAX),
        ("grad_norm/_orig_mod.fc1.weight", "fc1.weight", metric_names.L2),  # torch.compile
        ("grad_norm/module.fc1.weight", "fc1.weight", metric_names.L2),  # DistributedDataParallel
        ("grad_norm/encoder/layer_0/kernel", "encoder/layer_0/kernel", metric_names.L2),
    ],
)
def test_a_gradient_is_known_by_what_tools_call_it(key: str, name: str, reduction: str) -> None:
    assert read_tag(key) == Tag("gradient", name, metric_names.UNKNOWN, reduction)


@pytest.mark.parametrize(
    "key", ["activation_grad/relu1", "act_grad_norm/relu1", "grad_output/relu1", "output_grad_norm/relu1"]
)
def test_a_gradient_by_activations_is_told_from_one_by_parameters(key: str) -> None:
    tag = read_tag(key)
    assert (tag.role, tag.name, tag.kind) == ("gradient", "relu1", metric_names.ACTIVATION)


@pytest.mark.parametrize(
    "key",
    [
        *(
            "grad_norm",
            "train/grad_norm",
            "grad_2.0_norm_total",
            "grad_norm/total",
            "total_grad_norm",
            "global_grad_norm",
        ),
        *("max_grad_norm", "grad_norm/fc1.weight__MIN", "grad_norm/fc1.weight__MAX", "grad_norm/fc1.weight_epoch"),
        *("epoch", "lr", "val_loss", "val/acc", "accuracy", "_runtime", "_timestamp", "weight_decay", "learning_rate"),
    ],
)
def test_totals_extremes_and_metrics_are_no_layers(key: str) -> None:
    assert read_tag(key).role == "other"


@pytest.mark.parametrize("key", ["loss", "train_loss", "train/loss", "Loss/train", "train_loss_step"])
def test_a_training_loss_is_known(key: str) -> None:
    assert read_tag(key).role == "loss"


@pytest.mark.parametrize("key", ["step", "_step", "Step", "global_step", "trainer/global_step"])
def test_a_step_is_known(key: str) -> None:
    assert read_tag(key).role == "step"


@pytest.mark.parametrize(
    "key", ["fc1.weight", "time_embed.weight", "token_embedding.weight", "layer 3", "loss_head.bias"]
)
def test_a_name_alone_may_be_a_layer_s(key: str) -> None:
    assert read_tag(key) == Tag("bare", key)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("fc1.weight", "fc1"),
        ("fc1.bias", "fc1"),
        ("encoder.layers.0.self_attn.in_proj_weight", "encoder.layers.0.self_attn"),
        ("lstm.weight_ih_l0", "lstm"),
        ("dense/kernel", "dense"),
        ("conv.parametrizations.weight.original0", "conv"),
        ("bn.gamma", "bn"),
        ("layer.2", "layer.2"),
        ("cls_token", "cls_token"),
        ("weight", "weight"),
    ],
)
def test_a_parameter_belongs_to_its_module(name: str, layer: str) -> None:
    assert layer_of(name) == layer


def test_layer_2_comes_before_layer_10() -> None:
    names = ["layer.10.a", "layer.2.b", "layer.2.a", "head", "layer"]
    assert sorted(names, key=natural_key) == ["head", "layer", "layer.2.a", "layer.2.b", "layer.10.a"]


def test_a_name_is_shown_without_what_could_mislead() -> None:
    assert metric_names.clean("fc1\u202e\x1b[31m\n.weight") == "fc1\ufffd\ufffd[31m\ufffd.weight"
    assert len(metric_names.clean("x" * 10_000)) == metric_names.LONGEST


@given(st.text(max_size=300) | st.sampled_from(["", " ", "_step", "fc\u00a01.weight", "\ue000.weight.grad"]))
def test_a_layer_s_name_is_one_that_the_figure_takes(key: str) -> None:
    tag = read_tag(key)
    if tag.role in {"bare", "gradient"}:
        check_names([tag.name, layer_of(tag.name)])


@given(st.text())
def test_any_name_is_read_and_sorted(key: str) -> None:
    tag = read_tag(key)
    assert tag.role in {"step", "loss", "gradient", "bare", "other"}
    assert layer_of(tag.name) == layer_of(layer_of(tag.name)) or layer_of(tag.name)
    assert sorted([key, tag.name], key=natural_key)


@given(
    st.sampled_from(["grad", "gradients", "grad_norm", "grad_2.0_norm", "train/grad_rms"]),
    st.from_regex(r"[a-z]{2,5}[0-9]\.weight", fullmatch=True),
)
def test_a_prefix_leaves_the_name(prefix: str, name: str) -> None:
    assert read_tag(f"{prefix}/{name}").name == name


@pytest.mark.parametrize(
    ("reduction", "label"),
    [
        (metric_names.L2, "L2 norm"),
        (metric_names.ASSUMED, "L2 norm (assumed)"),
        ("l3", "L3 norm"),
        (metric_names.RMS, "RMS"),
    ],
)
def test_a_reduction_can_be_written_on_the_picture(reduction: str, label: str) -> None:
    assert metric_names.reduction_label(reduction) == label
