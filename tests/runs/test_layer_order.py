"""The order of layers: as logged where the file is not sorted, else by numbers and roles, and what these leave open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.layer_order import AS_LOGGED, FROM_NAMES, is_sorted, order_layers

GPT = ("transformer.wte", "transformer.h.0.mlp", "transformer.h.1.mlp", "transformer.ln_f", "lm_head")
NETWORKS = (  # in the order of their definition
    GPT,
    ("features.0", "features.3", "features.10", "classifier.1", "classifier.4", "classifier.6"),
    ("conv1", "bn1", "layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer2.0.conv1", "layer10.0.conv1", "fc"),
    ("encoder.0", "encoder.1", "decoder.0", "decoder.1"),
    ("embedding", "lstm.l0", "lstm.l1", "fc"),
    ("conv1", "bn1", "conv2", "bn2", "fc1", "fc2"),
    ("patch_embed.proj", "blocks.0.attn.qkv", "blocks.0.mlp.fc1", "blocks.11.attn.qkv", "norm", "head"),
    ("model.embed_tokens", "model.layers.2.mlp.up_proj", "model.layers.10.mlp.up_proj", "model.norm", "lm_head"),
    ("stem.conv", "stages.0", "stages.1", "stages.2", "head.fc"),
    ("backbone.conv1", "backbone.layer1.0", "neck.0", "head.0"),
    ("conv2d", "conv2d_1", "conv2d_2", "dense", "dense_1"),
    ("down_blocks.0", "down_blocks.1", "mid_block", "up_blocks.0", "up_blocks.1"),
    ("['params']['Conv_0']", "['params']['Dense_0']", "['params']['Dense_1']"),
)


@pytest.mark.parametrize("names", NETWORKS)
def test_a_sorted_file_gets_the_order_of_the_network_back(names: tuple[str, ...]) -> None:
    assert order_layers(sorted(names), sorted(names)).names == names


@pytest.mark.parametrize("names", NETWORKS)
def test_the_file_s_own_order_is_kept_where_it_is_not_sorted(names: tuple[str, ...]) -> None:
    parameters = [f"{name}.{each}" for name in names for each in ("weight", "bias")]
    found = order_layers(names, parameters)
    assert (found.names, found.source, found.others) == (names, AS_LOGGED, ())


def test_an_order_of_definition_is_kept_even_where_it_is_sorted() -> None:
    assert order_layers(["body", "stem"], ["body", "stem"], defined=True).names == ("body", "stem")


@pytest.mark.parametrize("names", [("fc1", "fc2", "fc3"), ("enc.0", "enc.1", "head"), ("dense", "dense_1"), ("0", "1")])
def test_where_names_and_file_agree_nothing_is_guessed(names: tuple[str, ...]) -> None:
    assert order_layers(names, names) == (names, AS_LOGGED, ())


def test_what_the_names_leave_open_is_tried_the_other_way_round() -> None:
    found = order_layers(["alpha", "beta", "gamma"], ["alpha", "beta", "gamma"])
    assert found.source == FROM_NAMES
    assert found.others == (("gamma", "beta", "alpha"),)


def test_the_file_s_order_is_another_one_where_roles_changed_it() -> None:
    names = ["classifier.1", "features.0", "features.3"]
    assert order_layers(names, names).others == (tuple(names),)


@pytest.mark.parametrize(
    "names", [("fc3", "fc2", "fc1"), ("23.cv3", "22.m", "0.conv"), ("head", "body.1", "body.0", "stem")]
)
def test_a_file_that_begins_at_the_loss_is_turned(names: tuple[str, ...]) -> None:
    found = order_layers(names, names)
    assert (found.names, found.source) == (names[::-1], FROM_NAMES)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b", "c"], True),
        (["A", "b", "C"], True),
        (["l.10", "l.2"], True),
        (["l.2", "l.10"], True),
        (["b", "a"], False),
        (["fc1.weight", "fc1.bias"], False),
        ([], True),
    ],
)
def test_alphabetical_is_by_code_without_case_or_by_numbers(names: list[str], expected: bool) -> None:
    assert is_sorted(names) == expected


PARTS = st.sampled_from(["fc", "conv1", "layer", "0", "10", "head", "embed", "a", "bn", "attn", "norm", ""])


@given(st.lists(st.lists(PARTS, min_size=1, max_size=4).map(".".join), unique=True, max_size=20))
def test_no_layer_is_lost_in_any_order(names: list[str]) -> None:
    found = order_layers(names, names)
    assert all(sorted(each) == sorted(names) for each in (found.names, *found.others))
