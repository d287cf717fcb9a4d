"""Names of logged values as public projects write them, and what each says."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.props import check_names
from app.runs.layer_names import MAX_METRIC_NAME_CHARS, clean, layer_of, module_name, natural_key
from app.runs.metric_names import BARE, GRADIENT, LOSS, OTHER, STATISTIC, STEP, TOTAL, WEIGHT, parse_metric_name
from app.runs.reductions import (
    ACTIVATION,
    ASSUMED,
    L1,
    L2,
    MAX,
    MEAN,
    PARAMETER,
    RMS,
    STD,
    UNKNOWN,
    reduction_label,
    short_label,
)

GRADIENTS = (  # the name, the parameter or layer, the reduction, the context
    ("grad_2.0_norm/fc1.weight", "fc1.weight", L2, ""),
    ("grad_inf_norm/fc1.weight", "fc1.weight", MAX, ""),
    ("grad_1.0_norm/fc1.weight", "fc1.weight", L1, ""),
    ("conv1_weights_grad:0", "conv1_weights", ASSUMED, ""),
    ("grad_mag/fc1", "fc1", L2, ""),
    ("fc1.weight.grad.abs().mean()", "fc1.weight", MEAN, ""),
    ("grad_norm/lstm.weight_ih_l1", "lstm.weight_ih_l1", L2, ""),
    ("lstm.weight_hh_l2.grad", "lstm.weight_hh_l2", ASSUMED, ""),
    ("gradients/lstm.bias_ih_l1", "lstm.bias_ih_l1", ASSUMED, ""),
    ("grad_3.0_norm/fc1.weight", "fc1.weight", "l3", ""),
    ("grad_2.0_norm_model.conv1.weight_step", "model.conv1.weight", L2, ""),
    ("grad_2.0_norm/model.conv1.weight_step", "model.conv1.weight", L2, ""),
    ("grad_2.0_norm/fc1.weight_step", "fc1.weight", L2, ""),
    ("gradnorm/grad_2.0_norm/fc1.weight", "fc1.weight", L2, ""),
    ("train/grad_2.0_norm/fc1.weight", "fc1.weight", L2, "train"),
    ("grad_norm/fc1.weight", "fc1.weight", L2, ""),
    ("grad_norms/fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/23.cv3.2.2.weight", "23.cv3.2.2.weight", L2, ""),
    ("train/grad_norm/fc1.weight", "fc1.weight", L2, "train"),
    ("debug/L2_grad_norm/fc1.weight", "fc1.weight", L2, "debug"),
    ("grad_norm_fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm.fc1.weight", "fc1.weight", L2, ""),
    ("fc1.weight/grad_norm", "fc1.weight", L2, ""),
    ("fc1.weight.grad", "fc1.weight", ASSUMED, ""),
    ("fc1.weight.grad_norm", "fc1.weight", L2, ""),
    ("fc1.weight_grad_norm", "fc1.weight", L2, ""),
    ("gradients/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("Gradients/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("gradients/graph_0fc1.weight", "graph_0fc1.weight", ASSUMED, ""),
    ("Gradient/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("grad/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("grads/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("Grads/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("GradNorm/fc1.weight", "fc1.weight", L2, ""),
    ("GradientNorms/fc1.weight", "fc1.weight", L2, ""),
    ("Gradient_Norms/fc1.weight", "fc1.weight", L2, ""),
    ("gradient_norms/fc1.weight", "fc1.weight", L2, ""),
    ("gradient_norm/fc1.weight", "fc1.weight", L2, ""),
    ("gradients_norm/dense/kernel:0", "dense/kernel:0", L2, ""),
    ("gradients/norm/fc1.weight", "fc1.weight", L2, ""),
    ("Gradients/Norm/encoder", "encoder", L2, ""),
    ("grad-norm/fc1.weight", "fc1.weight", L2, ""),
    ("gradnorm/fc1.weight", "fc1.weight", L2, ""),
    ("gnorm/fc1.weight", "fc1.weight", L2, ""),
    ("grad_rms/fc1", "fc1", RMS, ""),
    ("grad_abs_mean/fc1", "fc1", MEAN, ""),
    ("grad_max/fc1", "fc1", MAX, ""),
    ("max_grad/fc1", "fc1", MAX, ""),
    ("avg_grad/fc1.weight", "fc1.weight", MEAN, ""),
    ("GRAD_MEAN/fc1.weight", "fc1.weight", MEAN, ""),
    ("grad_mean/fc1", "fc1", MEAN, ""),
    ("grad_std/fc1", "fc1", STD, ""),
    ("mean_abs_grad/fc1", "fc1", MEAN, ""),
    ("persistent_pgd_loss/mean_abs_grad/fc1", "fc1", MEAN, "persistent_pgd_loss"),
    ("gradients/fc1.weight_norm", "fc1.weight", L2, ""),
    ("grads/fc1.weight_norm", "fc1.weight", L2, ""),
    ("Gradients/fc1.weight_Mean", "fc1.weight", MEAN, ""),
    ("Gradients/fc1.weight_norm", "fc1.weight", L2, ""),
    ("gradient/fc1.weight_abs_mean", "fc1.weight", MEAN, ""),
    ("gradients/fc1.weight/norm", "fc1.weight", L2, ""),
    ("gradient/fc1.weight/norm", "fc1.weight", L2, ""),
    ("gradient/fc1.weight/mean", "fc1.weight", MEAN, ""),
    ("grad/per_param/fc1.weight/norm", "fc1.weight", L2, ""),
    ("params/fc1.weight/grad_norm", "fc1.weight", L2, ""),
    ("grad/norm/transformer.layers.3.mlp.up_proj.weight", "transformer.layers.3.mlp.up_proj.weight", L2, ""),
    ("l2_norm/grad/layers.0.weight", "layers.0.weight", L2, ""),
    ("layer_grad_l2_norm/layers.0.weight", "layers.0.weight", L2, ""),
    ("grad/transformer.blocks.0.att_proj.weight.norm", "transformer.blocks.0.att_proj.weight", L2, ""),
    ("grad/transformer.blocks.0.att_proj.weight.max", "transformer.blocks.0.att_proj.weight", MAX, ""),
    ("grad/transformer.blocks.0.att_proj.weight.avg", "transformer.blocks.0.att_proj.weight", MEAN, ""),
    ("grad/transformer.ln_f.weight.norm", "transformer.ln_f.weight", L2, ""),
    ("grad_norm/layers.0.norm.weight", "layers.0.norm.weight", L2, ""),
    ("grad/layers.0.norm", "layers.0.norm", ASSUMED, ""),
    ("grad/layers/0/norm/weight", "layers/0/norm/weight", ASSUMED, ""),
    ("gradients/layer_norm", "layer_norm", ASSUMED, ""),
    ("gradients/encoder.final_layer_norm.bias", "encoder.final_layer_norm.bias", ASSUMED, ""),
    ("gradients/actor_cnn_norm", "actor_cnn", L2, ""),
    ("gradients/critic_mlp_norm", "critic_mlp", L2, ""),
    ("actor/grads/fc1.weight", "fc1.weight", ASSUMED, "actor"),
    ("critic/grads/fc1.weight", "fc1.weight", ASSUMED, "critic"),
    ("actor_grad_norm", "actor", L2, ""),
    ("critic_grad_norm", "critic", L2, ""),
    ("lora_grad_norm/fc1.weight", "fc1.weight", L2, "lora"),
    ("train/lora_grad_norm/fc1.weight", "fc1.weight", L2, "train/lora"),
    ("layers/grad_norm/encoder.layers.0", "encoder.layers.0", L2, ""),
    ("param_grad_norm/fc1.weight", "fc1.weight", L2, ""),
    ("train/param_grad_norm/fc1.weight", "fc1.weight", L2, "train"),
    ("per_layer_grad_norm/3", "3", L2, ""),
    ("grad_norm_layer0", "layer0", L2, ""),
    ("grad_norm_layer_3", "layer_3", L2, ""),
    ("layer_3_grad_norm", "layer_3", L2, ""),
    ("policy_first_layer_grad_norm", "policy_first_layer", L2, ""),
    ("backward_grad_norms (layer 3)", "layer 3", L2, ""),
    ("grad_flow/fc1.weight", "fc1.weight", ASSUMED, ""),
    ("grad_flow/adapter/total_norm", "adapter", L2, ""),
    ("Gradients/ValueNet/TotalNorm", "ValueNet", L2, ""),
    ("training/gradient_norms/encoder.0", "encoder.0", L2, "training"),
    ("optim/grad_norm/encoder", "encoder", L2, "optim"),
    ("train_epoch/grad_norm/fc1.weight", "fc1.weight", L2, "train_epoch"),
    ("weight_grad_norm/fc1", "fc1.weight", L2, ""),
    ("bias_grad_norm/fc1", "fc1.bias", L2, ""),
    ("grad_norm_weights/hidden1", "hidden1.weight", L2, ""),
    ("grad_norm_biases/hidden1", "hidden1.bias", L2, ""),
    ("fc1/weight_grad", "fc1/weight", ASSUMED, ""),
    ("fc1/weight/grad", "fc1/weight", ASSUMED, ""),
    ("layer1/weight/gradient_norm", "layer1/weight", L2, ""),
    ("dense/kernel:0/gradient", "dense/kernel:0", ASSUMED, ""),
    ("dense/kernel:0_grad", "dense/kernel:0", ASSUMED, ""),
    ("grad_std/dense/kernel:0", "dense/kernel:0", STD, ""),
    ("gradients_norm/conv2d/bias:0", "conv2d/bias:0", L2, ""),
    ("grad_norm/encoder/layer_0/kernel", "encoder/layer_0/kernel", L2, ""),
    ("grad_norm/lstm/lstm_cell/recurrent_kernel:0", "lstm/lstm_cell/recurrent_kernel:0", L2, ""),
    ("grad_norm/['params']['Dense_0']['kernel']", "['params']['Dense_0']['kernel']", L2, ""),
    ("grad_norm/params/Dense_0/kernel", "params/Dense_0/kernel", L2, ""),
    ("grads/mlp/~/linear_0/w", "mlp/~/linear_0/w", ASSUMED, ""),
    ("grad_flow/processor/blocks_1/mlp/output_layer/kernel", "processor/blocks_1/mlp/output_layer/kernel", ASSUMED, ""),
    ("conv1a_backward_weight", "conv1a_weight", ASSUMED, ""),
    ("fc1_backward_bias", "fc1_bias", ASSUMED, ""),
    ("decoder.1.mlp.fc1_gradient_mean", "decoder.1.mlp.fc1", MEAN, ""),
    ("decoder.1.mlp.fc1_gradient_l2_norm", "decoder.1.mlp.fc1", L2, ""),
    ("decoder.1.mlp.fc1_wgrad_l2_norm", "decoder.1.mlp.fc1", L2, ""),
    ("decoder.1.mlp.fc1_dgrad_l1_norm", "decoder.1.mlp.fc1", L1, ""),
    ("transformer_layer.self_attention.proj_gradient_cur_amax", "transformer_layer.self_attention.proj", MAX, ""),
    ("decoder.1.mlp.fc1_gradient_std", "decoder.1.mlp.fc1", STD, ""),
    ("fc1.weight_grad", "fc1.weight", ASSUMED, ""),
    ("fc1.weight_grads", "fc1.weight", ASSUMED, ""),
    ("fc1.weightGrad", "fc1.weight", ASSUMED, ""),
    ("fc1.weight_grad_mean", "fc1.weight", MEAN, ""),
    ("fc1.weight/gradients/norm", "fc1.weight", L2, ""),
    ("fc1_gradient_l2_norm", "fc1", L2, ""),
    ("fc1.weight - Grad Mean", "fc1.weight", MEAN, ""),
    ("fc1.weight | grad norm", "fc1.weight", L2, ""),
    ("fc1.weight grad norm", "fc1.weight", L2, ""),
    ("fc1.weight: grad norm", "fc1.weight", L2, ""),
    ("Grad norm fc1.weight", "fc1.weight", L2, ""),
    ("grad norm of fc1.weight", "fc1.weight", L2, ""),
    ("gradient norm for fc1.weight", "fc1.weight", L2, ""),
    ("encoder.grad.norm", "encoder", L2, ""),
    ("fc1.grad.mean", "fc1", MEAN, ""),
    ("actor.grad_norm/encoder", "encoder", L2, "actor"),
    ("grad_norm/_orig_mod.fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/module.fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/_orig_mod.module.fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/module._orig_mod.fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/_fsdp_wrapped_module._forward_module.fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/_forward_module.module.fc1.weight", "fc1.weight", L2, ""),
    (
        "grad_norm/base_model.model.model.layers.0.q_proj.lora_A.default.weight",
        "model.layers.0.q_proj.lora_A.weight",
        L2,
        "",
    ),
    ("grad_norm/module.base_model.model.h.0.weight", "h.0.weight", L2, ""),
    ("grad_norm/layers.0._fsdp_wrapped_module.fc.weight", "layers.0.fc.weight", L2, ""),
    ("grad_rms_pre_clip/enc.0", "enc.0", RMS, ""),
    ("grad_rms_post_clip/enc.0", "enc.0", RMS, ""),
    ("grad_norm_before_clip/enc.0", "enc.0", L2, ""),
    ("grad_norm/pre_clip/fc1.weight", "fc1.weight", L2, ""),
    ("clipped_grad_norm/fc1.weight", "fc1.weight", L2, ""),
    ("raw_grad_norm/fc1.weight", "fc1.weight", L2, ""),
    ("grad_norm/fc1.weight_pre_clip", "fc1.weight", L2, ""),
    ("pre_clip/grad_norm/fc1.weight", "fc1.weight", L2, ""),
    ("grads/fc1.weight/sat", "fc1.weight/sat", ASSUMED, ""),
    ("grad_0", "0", ASSUMED, ""),
    ("grad_enc/fc1.weight", "enc/fc1.weight", ASSUMED, ""),
    ("gradients/grad_norm/fc1", "fc1", L2, ""),
    ("grad_norm/attn_norm.weight", "attn_norm.weight", L2, ""),
    ("grad_norm/q_norm", "q_norm", L2, ""),
    ("gradient_magnitude/fc1", "fc1", L2, ""),
    ("grad_magnitude/conv1", "conv1", L2, ""),
    ("grad_norm/loss_head.weight", "loss_head.weight", L2, ""),
    ("grad_norm/scale", "scale", L2, ""),
    ("grad/weight", "weight", ASSUMED, ""),
    ("grad_norm/model.embed_tokens.weight", "model.embed_tokens.weight", L2, ""),
    ("train/grad_flow/first_layer_norm_step", "first_layer", L2, "train"),
    ("grad_norm/train_head.weight", "train_head.weight", L2, ""),
    ("dW1", "W1", ASSUMED, ""),
    ("db2", "b2", ASSUMED, ""),
    ("mech_grad_mean", "mech", MEAN, ""),
    ("grad_l2/fc1", "fc1", L2, ""),
    ("grad_l1/fc1", "fc1", L1, ""),
    ("grad_linf/fc1", "fc1", MAX, ""),
    ("fc1.weight/grad/l2", "fc1.weight", L2, ""),
    ("grad_absmax/fc1", "fc1", MAX, ""),
    ("model/grad_norm/blocks.0.attn", "blocks.0.attn", L2, "model"),
    ("gradients/policy/fc1.weight", "policy/fc1.weight", ASSUMED, ""),
    ("grad_norm/backbone.layer1.0.conv1.weight", "backbone.layer1.0.conv1.weight", L2, ""),
    ("rms_grad/fc1", "fc1", RMS, ""),
    ("fc1.weight/grad_l2_norm", "fc1.weight", L2, ""),
    ("grad_norm/fc1.weight_total", "fc1.weight_total", L2, ""),
)
TOTALS = (
    "grad_norm",
    "train/grad_norm",
    "grad_2.0_norm_total",
    "grad_norm/total",
    "total_grad_norm",
    "global_grad_norm",
    "max_grad_norm",
    "grad/norm/total",
    "l2_norm/grad/global",
    "grad_norm/avg_per_param",
    "grad_norm_total",
    "gnorm",
    "losses/grad_norm",
    "opt/grad_norm",
    "diagnostics/grad_norm",
    "grad_norm/mean",
    "grad_flow/max_norm",
    "grad_flow/mean_norm",
    "gradient_stats/mean_norm",
    "GradNorm/Train",
    "Gradient_norm/before",
    "grad_norm/before_clip",
    "grad/norm/after_clip",
    "l2_norm/grad/pre_clip_global",
    "grad_l2_norm/step",
    "probe/grad_norm/total",
    "max_layer_grad_norm",
    "Gradient Norm",
    "model_wise_grad_norm",
    "optim/total_grad_norm",
    "train/gradient_norm/model",
    "total_norm",
    "avg_grad_norm",
    "train/grad_norm/total",
    "gradients/global_norm",
    "trainer.grad_norm",
    "optim/grad_norm",
    "debug/grad_norm",
    "grad_norm/max_layer_norm",
    "gradients/min_layer_norm",
    "grad_norm/num_zeros",
    "grad_norm/clip_coef",
)
STATISTICS = (
    "grad_min/fc1",
    "grad_var/fc1",
    "grad_median/fc1.weight",
    "grad/transformer.ln_f.weight.min",
    "grad_norm/encoder/min",
    "gradients/fc1.weight_min",
    "grad_norm/attn/mean",
)
WEIGHTS = (
    "ParamNorm/fc1.weight",
    "param_norm/fc1.weight",
    "weights/fc1.weight",
    "Weights/conv1.weight",
    "l2_norm/param/layers.0.weight",
    "l2_norm/update/layers.0.weight",
    "l2_norm/moment/layers.0.weight",
    "param/transformer.ln_f.weight.norm",
    "exp_avg/transformer.ln_f.weight.norm",
    "update/fc1.weight",
    "updates/fc1",
    "activation/relu1",
    "activations/fc1",
    "fc1.weight/weight_norm",
    "fc1.weight_norm",
    "fc1_param_norm",
    "weight_norm/fc1",
    "params/fc1.weight",
    "parameters/fc1.weight",
    "fc1.weight_data",
    "update_norm/fc1",
    "params/norm/total",
    "weight_norm_total",
    "momentum/fc1.weight",
    "layer1_activation_mean",
)
OTHERS = (
    "grad_norm/fc1.weight__MIN",
    "epoch",
    "lr",
    "val_loss",
    "val/acc",
    "accuracy",
    "_runtime",
    "_timestamp",
    "weight_decay",
    "learning_rate",
    "max_layer_norm",
    "time/fps",
    "train/n_tokens",
    "Unnamed: 0",
    "grad_to_param_ratio_pre_clip/enc.0",
    "cosine/moment_grad/layers.0.weight",
    "cosine/update_grad/layers.0.weight",
    "fc1.weight_grad_finite",
    "grad_norm_ratio/fc1",
    "vanishing_grad_warning",
    "grad_count/encoder",
    "gradient_alignment/a_vs_b",
    "num_zero_grads",
    "num-zeros-in-grad",
    "log10_grad_norm/fc1",
    "relative_grad_norm/fc1",
    "grad_sync_time",
    "time/grad",
    "no_grad_layers",
    "grad_acc_steps",
    "grad_clip/fc1",
    "grad_cos/fc1",
    "grad_penalty",
    "gradient_accumulation_steps",
    "decoder.1.mlp.fc1_gradient_underflows%",
    "has_grad/fc1",
    "grad_scale",
)
BARE_NAMES = (
    "fc1.weight",
    "time_embed.weight",
    "token_embedding.weight",
    "layer 3",
    "loss_head.bias",
    "fc1",
    "dense/kernel:0",
    "['params']['Dense_0']['kernel']",
    "params/Dense_0/kernel",
    "conv1",
    "layers.0.norm.weight",
    "0",
    "per_layer/0",
    "other",
    "blocks.3.attn.qkv.weight",
    "encoder.layer.0.output.dense.weight",
    "act_norm.weight",
)


def test_the_table_has_150_names() -> None:
    assert len({row[0] for row in GRADIENTS}) >= 150


@pytest.mark.parametrize(("key", "name", "reduction", "context"), GRADIENTS)
def test_a_gradient_is_known_by_what_projects_call_it(key: str, name: str, reduction: str, context: str) -> None:
    found = parse_metric_name(key)
    assert (found.role, found.name, found.reduction, found.context) == (GRADIENT, name, reduction, context)


@pytest.mark.parametrize(
    ("role", "key"),
    [
        *product([TOTAL], TOTALS),
        *product([STATISTIC], STATISTICS),
        *product([WEIGHT], WEIGHTS),
        *product([OTHER], OTHERS),
        *product([BARE], BARE_NAMES),
    ],
)
def test_what_is_no_layer_s_gradient_is_told_apart(role: str, key: str) -> None:
    assert parse_metric_name(key).role == role


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("activation_grad/relu1", ACTIVATION),
        ("act_grad_norm/relu1", ACTIVATION),
        ("grad_output/relu1", ACTIVATION),
        ("output_grad_norm/relu1", ACTIVATION),
        ("relu1.grad_input", ACTIVATION),
        ("activations/relu1.grad", ACTIVATION),
        ("relu1_dgrad_l2_norm", ACTIVATION),
        ("relu1_backward_data", ACTIVATION),
        ("fc1_wgrad_l2_norm", PARAMETER),
        ("weight_grad_norm/fc1", PARAMETER),
        ("fc1_backward_weight", PARAMETER),
        ("dW1", PARAMETER),
        ("grad_norm/fc1", UNKNOWN),
    ],
)
def test_what_a_gradient_is_by_is_told_where_the_name_tells_it(key: str, kind: str) -> None:
    assert parse_metric_name(key).kind == kind


@pytest.mark.parametrize(
    ("key", "stage"),
    [
        ("grad_rms_pre_clip/enc.0", "before clipping"),
        ("grad_norm_before_clip/enc.0", "before clipping"),
        ("pre_clip/grad_norm/enc.0", "before clipping"),
        ("raw_grad_norm/enc.0", "before clipping"),
        ("grad_rms_post_clip/enc.0", "after clipping"),
        ("clipped_grad_norm/enc.0", "after clipping"),
        ("grad_norm/enc.0_epoch", "by epoch"),
        ("grad_norm/enc.0_step", ""),
        ("grad_norm/enc.0", ""),
    ],
)
def test_a_value_before_clipping_is_told_from_one_after_it(key: str, stage: str) -> None:
    found = parse_metric_name(key)
    assert (found.name, found.stage) == ("enc.0", stage)


@pytest.mark.parametrize("key", ["loss", "train_loss", "train/loss", "Loss/train", "train_loss_step"])
def test_a_training_loss_is_known(key: str) -> None:
    assert parse_metric_name(key).role == LOSS


@pytest.mark.parametrize(
    "key", ["step", "_step", "Step", "global_step", "trainer/global_step", "num_updates", "Iteration", "metrics/step"]
)
def test_a_step_is_known(key: str) -> None:
    assert parse_metric_name(key).role == STEP


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("fc1.weight", "fc1"),
        ("fc1.bias", "fc1"),
        ("fc1_weight", "fc1"),
        ("encoder.layers.0.self_attn.in_proj_weight", "encoder.layers.0.self_attn"),
        ("lstm.weight_ih_l0", "lstm.l0"),
        ("lstm.bias_hh_l3", "lstm.l3"),
        ("lstm.weight_hh_l1_reverse", "lstm.l1"),
        ("dense/kernel", "dense"),
        ("dense_1/kernel:0", "dense_1"),
        ("['params']['Dense_0']['kernel']", "['params']['Dense_0']"),
        ("mlp/~/linear_0/w", "mlp/~/linear_0"),
        ("conv.parametrizations.weight.original0", "conv"),
        ("bn.gamma", "bn"),
        ("layer.2", "layer.2"),
        ("cls_token", "cls_token"),
        ("weight", "weight"),
        ("q_proj.lora_A.weight", "q_proj.lora_A"),
        ("q_proj.lora_B", "q_proj.lora_B"),
        ("q_proj.lora_A.style.weight", "q_proj.lora_A.style"),
        ("embeddings/token_embeddings", "embeddings/token_embeddings"),
        ("Embed_0/embedding", "Embed_0"),
        ("encoder.pos_embedding", "encoder.pos_embedding"),
    ],
)
def test_a_parameter_belongs_to_its_module(name: str, layer: str) -> None:
    assert layer_of(name) == layer


@pytest.mark.parametrize(
    "name",
    [
        "module.fc1.weight",
        "_orig_mod.fc1.weight",
        "_orig_mod.module.fc1.weight",
        "module._orig_mod.fc1.weight",
        "_fsdp_wrapped_module._forward_module.fc1.weight",
        "_forward_module.module.fc1.weight",
        "base_model.model.fc1.weight",
        "module.base_model.model.fc1.weight",
    ],
)
def test_what_wraps_a_module_is_no_part_of_its_name(name: str) -> None:
    assert module_name(name) == "fc1.weight"


def test_layer_2_comes_before_layer_10() -> None:
    names = ["layer.10.a", "layer.2.b", "layer.2.a", "head", "layer"]
    assert sorted(names, key=natural_key) == ["head", "layer", "layer.2.a", "layer.2.b", "layer.10.a"]


def test_a_name_is_shown_without_what_could_mislead() -> None:
    assert clean("fc1\u202e\x1b[31m\n.weight") == "fc1\ufffd\ufffd[31m\ufffd.weight"
    assert len(clean("x" * 10_000)) == MAX_METRIC_NAME_CHARS


@given(st.text(max_size=300) | st.sampled_from(["", " ", "_step", "fc\u00a01.weight", "\ue000.weight.grad"]))
def test_a_layer_s_name_is_one_that_the_figure_takes(key: str) -> None:
    found = parse_metric_name(key)
    if found.role in {BARE, GRADIENT}:
        check_names([found.name, found.layer])


@given(
    st.text()
    | st.lists(st.sampled_from(["grad", "norm", "/", "_", ".", "fc1", "weight", " ", "max", "2.0"])).map("".join)
)
def test_any_name_is_read_and_sorted(key: str) -> None:
    found = parse_metric_name(key)
    assert found.role in {STEP, LOSS, GRADIENT, BARE, TOTAL, STATISTIC, WEIGHT, OTHER}
    assert found.role not in {GRADIENT, BARE} or found.layer
    assert sorted([key, found.name], key=natural_key)


@given(
    st.sampled_from(["grad", "gradients", "grad_norm", "grad_2.0_norm", "train/grad_rms", "l2_norm/grad", "GradNorm"]),
    st.from_regex(r"[a-z]{2,5}[0-9]\.weight", fullmatch=True),
)
def test_a_prefix_leaves_the_name(prefix: str, name: str) -> None:
    assert parse_metric_name(f"{prefix}/{name}").name == name


@pytest.mark.parametrize(
    ("reduction", "label"),
    [(L2, "L2 norm"), (ASSUMED, "L2 norm (assumed)"), ("l3", "L3 norm"), (RMS, "RMS"), (STD, "standard deviation")],
)
def test_a_reduction_can_be_written_on_the_picture(reduction: str, label: str) -> None:
    assert reduction_label(reduction) == label


def test_a_short_label_stands_before_a_magnitude() -> None:
    assert [short_label(PARAMETER, each) for each in (L2, ASSUMED, MEAN, STD, L1)] == [
        "L2 ∂L/∂W",
        "L2? ∂L/∂W",
        "mean |∂L/∂W|",
        "std ∂L/∂W",
        "L1 ∂L/∂W",
    ]
