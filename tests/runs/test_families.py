"""Families of like series: by what a run is judged."""

from __future__ import annotations

from app.runs.families import (
    BY_ACTIVATIONS,
    BY_BIASES,
    BY_GAINS,
    BY_LAYERS,
    BY_OUTPUTS,
    BY_SHIFTS,
    BY_WEIGHTS,
    Families,
)
from tests.support.recordings import Value, falling, families_of, mlp, recording


def rows(found: Families) -> dict[str, tuple[str, ...]]:
    return {family.role: family.layers for family in found.members}


def test_biases_of_a_chain_are_one_family() -> None:
    found = families_of(recording(mlp([1.0] * 6)))
    assert found.basis == BY_BIASES
    assert rows(found) == {"": tuple(f"fc{at}" for at in range(6))}


def test_weights_alone_are_none() -> None:
    found = families_of(recording({f"fc{at}.weight": 1.0 for at in range(6)}))
    assert (found.basis, found.members) == (BY_WEIGHTS, ())
    few = families_of(recording({f"conv{at}.weight": 1.0 for at in range(9)} | {"fc.weight": 1.0, "fc.bias": 1.0}))
    assert few.basis == BY_WEIGHTS


def test_two_layers_are_judged_by_their_biases() -> None:
    assert rows(families_of(recording(mlp([1.0, 2.0])))) == {"": ("fc0", "fc1")}


def test_biases_before_a_normalisation_tell_nothing() -> None:
    plain: dict[str, Value] = {}
    for at in range(0, 12, 2):  # a Sequential, whose names don't tell
        plain |= {f"{at}.weight": 3.0, f"{at}.bias": 1e-7, f"{at + 1}.weight": 0.2, f"{at + 1}.bias": 0.2}
    assert rows(families_of(recording(plain | {"12.weight": 1.0, "12.bias": 0.3}))) == {
        "": ("1", "3", "5", "7", "9", "11", "12")
    }


def test_a_few_biases_along_the_whole_depth_tell_whatever_their_layers_are() -> None:
    plain: dict[str, Value] = {}
    for at in (0, 3, 6):  # a Sequential of affine layers without biases, each before a normalisation
        plain |= {f"{at}.weight": 1.0, f"{at + 1}.weight": 0.2, f"{at + 1}.bias": 0.2}
    found = families_of(recording(plain | {"9.weight": 1.0}))
    assert (found.basis, rows(found)) == (BY_BIASES, {"": ("1", "4", "7")})
    named: dict[str, Value] = {}
    for at in (1, 2, 3):
        named |= {f"conv{at}.weight": 1.0, f"bn{at}.weight": 0.2, f"bn{at}.bias": 0.2}
    found = families_of(recording(named | {"fc.weight": 1.0, "fc.bias": 1.0}))
    assert (found.basis, rows(found)) == (BY_BIASES, {"": ("bn1", "bn2", "bn3", "fc")})


def test_a_few_biases_with_a_gap_between_them_are_not_enough() -> None:
    values: dict[str, Value] = {"0.weight": 1.0, "0.bias": 1.0, "2.weight": 1.0, "4.weight": 1.0}
    values |= {f"{at}.{part}": 1.0 for at in (6, 8) for part in ("weight", "bias")}
    assert families_of(recording(values)).basis == BY_WEIGHTS


def test_biases_that_cancel_in_several_layers_in_a_row_tell_nothing() -> None:
    linear: dict[str, Value] = {}
    for at in range(6):  # in a linear network the bias of a normalisation is 0 as well, because the next one follows
        linear |= {f"{2 * at}.weight": 1.0, f"{2 * at}.bias": 1e-8}
        linear |= {f"{2 * at + 1}.weight": 0.1, f"{2 * at + 1}.bias": 0.2 if at == 5 else 1e-8}
    found = families_of(recording(linear | {"12.weight": 1.0, "12.bias": 0.3}))
    assert (found.basis, found.members) == (BY_WEIGHTS, ())


def test_normalisation_layers_tell_where_affine_ones_have_no_biases() -> None:
    names = {f"layer{stage}.{block}" for stage in (1, 2, 3) for block in (0, 1)}
    blocks: dict[str, Value] = {}
    for name in sorted(names):
        for part in ("1", "2"):
            blocks |= {f"{name}.conv{part}.weight": 1.0, f"{name}.bn{part}.weight": 0.3, f"{name}.bn{part}.bias": 0.2}
    found = families_of(recording({"conv1.weight": 1.0, **blocks, "fc.weight": 1.0, "fc.bias": 1.0}))
    assert found.basis == BY_SHIFTS
    assert {role: len(layers) for role, layers in rows(found).items()} == {"layer*.*.bn1": 6, "layer*.*.bn2": 6}
    llama: dict[str, Value] = {}
    for at in range(6):
        llama |= {f"layers.{at}.{part}_proj.weight": 1.0 for part in "qkvo"}
        llama |= {f"layers.{at}.input_layernorm.weight": 0.1, f"layers.{at}.post_attention_layernorm.weight": 0.1}
    assert families_of(recording(llama)).basis == BY_GAINS


def test_each_role_of_a_transformer_is_a_family_but_queries_and_keys() -> None:
    values: dict[str, Value] = {"wte.weight": 1.0}
    for at in range(6):
        values |= {f"h.{at}.ln_1.weight": 0.1, f"h.{at}.ln_1.bias": 0.1}
        for part in ("attn.q_proj", "attn.k_proj", "attn.v_proj", "mlp.fc1", "mlp.fc2"):
            values |= {f"h.{at}.{part}.weight": 1.0, f"h.{at}.{part}.bias": 1e-8 if "k_proj" in part else 0.1}
    found = families_of(recording(values | {"head.weight": 1.0, "head.bias": 1.0}))
    assert set(rows(found)) == {"h.*.attn.v_proj", "h.*.mlp.fc1", "h.*.mlp.fc2"}
    assert {family.label for family in found.members} >= {"gradients of biases, h.*.mlp.fc1"}


def test_recurrent_layers_are_not_compared_with_the_head() -> None:
    values: dict[str, Value] = {}
    for at in range(3):
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            values[f"lstm.{part}_l{at}"] = 0.1
    found = families_of(recording(values | {"head.weight": 1.0, "head.bias": 1.0}))
    assert rows(found) == {"lstm.l*.bias_ih": ("lstm.l0", "lstm.l1", "lstm.l2")}


def test_experts_lie_beside_each_other_and_have_no_slope() -> None:
    values = mlp([1.0, 1.0], names="experts.{}") | mlp([1.0, 1.0], names="layer{}")
    assert rows(families_of(recording(values))) == {"": ("layer0", "layer1")}


def test_branches_beside_each_other_are_judged_one_by_one() -> None:
    values = mlp([1.0] * 3, names="trunk.{}")
    for at, head in enumerate("abc"):
        values |= mlp([0.1**at] * 3, names=f"heads.{head}.{{}}")
    found = {role: len(layers) for role, layers in rows(families_of(recording(values))).items()}
    assert found == dict.fromkeys(("", "heads.a", "heads.b", "heads.c"), 3)
    halves = mlp([1.0] * 5, names="encoder.{}") | mlp([1.0] * 5, names="decoder.{}")
    assert {role: len(layers) for role, layers in rows(families_of(recording(halves))).items()} == {"": 10}


def test_raw_parameters_have_roles_too() -> None:
    values: dict[str, Value] = {f"{letter}{at}": 1.0 for at in range(6) for letter in "wb"}
    assert rows(families_of(recording(values))) == {"": ("b0", "b1", "b2", "b3", "b4", "b5")}


def test_the_order_of_a_sorted_log_does_not_hide_biases_before_a_normalisation() -> None:
    values: dict[str, Value] = {}
    for at in range(0, 14, 2):
        values |= {f"{at}.weight": 3.0, f"{at}.bias": 1e-7, f"{at + 1}.weight": 0.2, f"{at + 1}.bias": 0.2}
    values = dict(sorted((values | {"14.weight": 1.0, "14.bias": 0.3}).items()))
    text = recording(values).partition("\n")[2]  # without the recorder's word on the order
    assert rows(families_of(text)) == {"": ("1", "3", "5", "7", "9", "11", "13", "14")}


def test_gradients_of_outputs_count_more_than_those_of_biases() -> None:
    outputs = {f"output_grad_norm/{name}": size for name, size in zip("abcdef", falling(6, 0.1), strict=True)}
    header = {"modules": {"a": "Linear", "b": "BatchNorm1d", "c": "Linear", "d": "Conv2d", "e": "Linear", "f": "Dense"}}
    found = families_of(recording(mlp([1.0] * 6) | outputs, header=header))
    assert found.basis == BY_OUTPUTS
    assert rows(found) == {"": ("a", "c", "d", "e", "f")}


def test_layers_of_unknown_parameters_are_none() -> None:
    assert (
        families_of("\n".join('{"step": 1, "grad_norm/fc1": 1.0, "grad_norm/fc2": 1.0}' for _ in "ab")).basis
        == BY_LAYERS
    )
    text = '{"step": 1, "activation_grad_norm/fc1": 1.0, "activation_grad_norm/fc2": 0.5}'
    assert families_of(text).basis == BY_ACTIVATIONS
