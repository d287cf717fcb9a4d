"""Roles of parameters and modules."""

from __future__ import annotations

import pytest

from app.runs.roles import AFFINE, EMBEDDING, NORM, OF_BIAS, OF_WEIGHT, RECURRENT, UNLIKE, module_role, role_of


@pytest.mark.parametrize(
    ("name", "part", "kind", "place"),
    [
        ("0.bias", OF_BIAS, AFFINE, "*"),
        ("fc12.weight", OF_WEIGHT, AFFINE, "fc*"),
        ("head.bias", OF_BIAS, AFFINE, "head"),
        ("layer1.0.conv1.weight", OF_WEIGHT, AFFINE, "layer*.*.conv1"),
        ("layer1.0.bn1.bias", OF_BIAS, NORM, "layer*.*.bn1"),
        ("h.3.attn.c_attn.bias", OF_BIAS, AFFINE, "h.*.attn.c_attn"),
        ("h.3.ln_1.weight", OF_WEIGHT, NORM, "h.*.ln_1"),
        ("model.layers.3.post_attention_layernorm.weight", OF_WEIGHT, NORM, "model.layers.*.post_attention_layernorm"),
        ("encoder.layers.0.self_attn.in_proj_bias", OF_BIAS, AFFINE, "encoder.layers.*.self_attn.in_proj_bias"),
        ("stages.2.blocks.1.mlp.fc1.bias", OF_BIAS, AFFINE, "stages.*.blocks.*.mlp.fc1"),
        ("layers.4.1.weight", OF_WEIGHT, AFFINE, "layers.*.1"),
        ("blocks.2.1.conv_pw.weight", OF_WEIGHT, AFFINE, "blocks.*.*.conv_pw"),
        ("features.3.conv.0.0.weight", OF_WEIGHT, AFFINE, "features.*.conv.0.0"),
        ("features.denseblock2.denselayer3.conv1.weight", OF_WEIGHT, AFFINE, "features.denseblock*.denselayer*.conv1"),
        ("encoder.layer.7.attention.self.value.bias", OF_BIAS, AFFINE, "encoder.layer.*.attention.self.value"),
        ("lstm.bias_ih_l2", OF_BIAS, RECURRENT, "lstm.l*.bias_ih"),
        ("lstm.weight_hh_l0_reverse", OF_WEIGHT, RECURRENT, "lstm.l*.weight_hh_reverse"),
        ("wte.weight", OF_WEIGHT, EMBEDDING, "wte"),
        ("model.embed_tokens.weight", OF_WEIGHT, EMBEDDING, "model.embed_tokens"),
        ("fc1.lora_A.weight", OF_WEIGHT, AFFINE, "fc*.lora_A"),
        ("dense_2/kernel:0", OF_WEIGHT, AFFINE, "dense_*"),
        ("batch_normalization_1/beta:0", OF_BIAS, NORM, "batch_normalization_*"),
        ("params/Dense_3/bias", OF_BIAS, AFFINE, "params.Dense_*"),
        ("net.w12", OF_WEIGHT, AFFINE, "net.*"),
        ("b0", OF_BIAS, AFFINE, "*"),
        ("fc1", UNLIKE, AFFINE, "fc*"),
    ],
)
def test_a_name_tells_the_role(name: str, part: str, kind: str, place: str) -> None:
    role = role_of(name, {})
    assert (role.part, role.kind, role.place) == (part, kind, place)


def test_a_known_type_counts_more_than_the_name() -> None:
    types = {"1": "BatchNorm1d", "norm": "Linear", "x": "Embedding", "rnn": "LSTM", "act": "PReLU"}
    assert [module_role(name, types).kind for name in ("1", "norm", "x", "rnn", "act", "2")] == [
        *(NORM, AFFINE, EMBEDDING, RECURRENT, UNLIKE, AFFINE)
    ]


def test_experts_and_scores_of_attention_are_known() -> None:
    assert role_of("layers.0.experts.3.w1.weight", {}).is_expert
    assert [role_of(f"h.0.attn.{part}_proj.bias", {}).is_score for part in "qkvo"] == [True, True, False, False]
