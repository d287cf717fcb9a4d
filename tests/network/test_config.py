"""The configuration of a computed view: fields are read and written, wrong texts are named, networks are made."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.activations import ACTIVATIONS
from app.network.config import (
    CHOICE,
    COMPUTED_FIELDS,
    FLAG,
    OWN,
    PARAMETER_NAMES,
    SHARED,
    SOURCE,
    VIEW,
    NetworkConfig,
    applies,
    change,
    check,
    is_same_run,
    parse_against,
    read_computed,
    write_against,
)
from app.network.metrics import GRADIENT_MEASURES, MEASURES
from app.network.mlp import Network
from app.network.splitmix import MAX_SEED
from app.view.settings import COMPUTED_PARAMETERS, FIELDS, LOOK_PARAMETERS, Settings, read_address, write_address

LAYERS = (3, 4, 4, 2)
BY_NAME = {field.name: field for field in COMPUTED_FIELDS}
EXTENTS: dict[str, st.SearchStrategy[Any]] = {
    "sigma": st.floats(0.0, 1e300),
    "seed": st.integers(0, MAX_SEED),
    "batch": st.integers(1, 512),
    "rate": st.floats(0.0, 1e300),
    "clip": st.none() | st.floats(1e-300, 1e300),
}


def values(name: str) -> st.SearchStrategy[Any]:
    field = BY_NAME[name]
    if field.kind == CHOICE:
        return st.sampled_from([value for value, _ in field.choices])
    return st.booleans() if field.kind == FLAG else EXTENTS[name]


single = st.builds(NetworkConfig, **{name: values(name) for name in BY_NAME})
views = st.builds(lambda own, other: replace(own, against=other), single, st.none() | single)


@given(views)
def test_the_address_recreates_the_view(computed: NetworkConfig) -> None:
    query = "&".join(f"{name}={text}" for name, text in computed.address())
    assert read_computed(dict(parse_qsl(query, keep_blank_values=True)), LAYERS) == (computed, [])


def test_the_defaults_need_no_more_than_the_source() -> None:
    assert NetworkConfig().address() == [("source", "computed")]
    assert read_computed({}, LAYERS) == (NetworkConfig(), [])


def test_an_address_holds_what_differs() -> None:
    computed = NetworkConfig(activation="relu", sigma=0.5, residual=True, clip=1.0, against=NetworkConfig(rate=0.01))
    assert computed.address() == [
        ("source", "computed"),
        ("activation", "relu"),
        ("sigma", "0.5"),
        ("residual", "1"),
        ("clip", "1"),
        ("against", "rate:0.01"),
    ]
    assert replace(computed, against=NetworkConfig()).address()[-1] == ("against", "")


def test_a_view_s_address_has_both_and_no_magnitudes() -> None:
    settings = Settings((3, 2), (0.5, 1.0), speed=900.0, source="computed")
    pairs = write_address(settings, NetworkConfig(activation="tanh").address())
    assert pairs == [
        ("layers", "3-2"),
        ("speed", "900"),
        ("source", "computed"),
        ("activation", "tanh"),
    ]
    assert read_address(dict(pairs))[1] == []


def test_the_page_knows_the_parameters_before_the_network_is_loaded() -> None:
    assert (SOURCE[0], *COMPUTED_PARAMETERS) == PARAMETER_NAMES


def test_each_field_of_the_view_is_in_the_table_and_no_two_share_a_name() -> None:
    assert [field.name for field in COMPUTED_FIELDS] == [field.name for field in fields(NetworkConfig)][:-1]
    assert set(PARAMETER_NAMES) & set(LOOK_PARAMETERS) == {
        SOURCE[0]
    }  # which is looked at before what is computed has come
    assert (
        len({*PARAMETER_NAMES, *LOOK_PARAMETERS, *(field.name for field in FIELDS)})
        == len(PARAMETER_NAMES) + len(LOOK_PARAMETERS) + len(FIELDS) - 1
    )
    assert {field.part for field in COMPUTED_FIELDS} == {OWN, SHARED, VIEW}
    for field in COMPUTED_FIELDS:
        assert field.default == getattr(NetworkConfig(), field.name)
        assert bool(field.choices) == (field.kind == CHOICE)
        assert field.parse(field.write(field.default)) == field.default
        assert field.hint.endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "activation",
            "softplus",
            'Activation: must be one of identity, sigmoid, tanh, relu, leaky_relu, gelu, silu, got "softplus"',
        ),
        ("sigma", "-1", 'σ: must be a finite number of at least 0, got "-1"'),
        ("sigma", "wide", 'σ: must be a finite number of at least 0, got "wide"'),
        ("residual", "yes", 'Residual connections: must be 1 or 0, got "yes"'),
        ("seed", "1.5", f'Seed: must be a whole number from 0 to {MAX_SEED}, got "1.5"'),
        ("seed", "9007199254740992", f'Seed: must be a whole number from 0 to {MAX_SEED}, got "9007199254740992"'),
        ("batch", "0", 'Batch: must be a whole number from 1 to 512, got "0"'),
        ("batch", "٤", 'Batch: must be a whole number from 1 to 512, got "٤"'),
        ("scale", "logarithmic", 'Scale: must be one of log, linear, got "logarithmic"'),
        ("rate", "inf", 'Learning rate: must be a finite number of at least 0, got "inf"'),
        ("rate", "", 'Learning rate: must be a finite number of at least 0, got ""'),
        ("clip", "0", 'Clipping: must be a finite number greater than 0, or nothing, got "0"'),
        ("clip", "<b>", 'Clipping: must be a finite number greater than 0, or nothing, got "<b>"'),
    ],
)
def test_a_wrong_text_is_named_with_its_rule(name: str, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r": ") as refused:
        change(NetworkConfig(), name, text, LAYERS)
    assert str(refused.value) == sentence
    default = BY_NAME[name].write(BY_NAME[name].default) or "none"
    told = f"{sentence}. This came from “{name}” in the address; the default stands in: {default}."
    assert read_computed({name: text, "optimiser": "adam"}, LAYERS) == (NetworkConfig(optimiser="adam"), [told])


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("relu", 'as in activation:relu, got "relu"'),
        ("seed:3", 'as in activation:relu, got "seed:3"'),
        ("activation:relu,against:", 'as in activation:relu, got "against:"'),
        ("rate:fast", 'Against: Learning rate: must be a finite number of at least 0, got "fast"'),
    ],
)
def test_a_wrong_second_configuration_is_named_and_left_out(text: str, end: str) -> None:
    computed, (sentence,) = read_computed({"against": text}, LAYERS)
    assert computed.against is None
    assert sentence.startswith("Against: ")
    assert sentence.endswith(f"{end}. This came from “against” in the address; the default stands in: none.")


@given(st.dictionaries(st.sampled_from(PARAMETER_NAMES), st.text()))
def test_any_address_gives_a_view_and_sentences(parameters: dict[str, str]) -> None:
    computed, wrong = read_computed(parameters, LAYERS)
    assert len(wrong) <= len(parameters)
    assert all(sentence.endswith(".") for sentence in wrong)
    assert read_computed(dict(computed.address()), LAYERS) == (computed, [])


@given(single, single)
def test_two_configurations_differ_only_in_their_own_fields(computed: NetworkConfig, other: NetworkConfig) -> None:
    against = replace(computed, against=replace(other, against=NetworkConfig())).against
    assert against is not None
    assert against.against is None
    for field in COMPUTED_FIELDS:
        source = other if field.part == OWN else computed
        assert getattr(against, field.name) == getattr(source, field.name)
    own: dict[str, Any] = {field.name: getattr(other, field.name) for field in COMPUTED_FIELDS if field.part == OWN}
    assert parse_against(write_against(against)) == NetworkConfig(**own)


def test_what_is_shared_is_changed_for_both() -> None:
    computed = change(NetworkConfig(against=NetworkConfig(activation="relu")), "data", "circles", LAYERS)
    assert computed.against == NetworkConfig(activation="relu", data="circles")


def test_a_single_output_has_no_cross_entropy() -> None:
    sentence = 'Loss: must be mean_squared_error for a single output neuron, got "cross_entropy"'
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        change(NetworkConfig(), "loss", "cross_entropy", (3, 1))
    computed, (told,) = read_computed({"loss": "cross_entropy"}, (3, 1))
    assert computed.loss == "mean_squared_error"
    assert told.startswith(sentence)
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        NetworkConfig(loss="cross_entropy").network((3, 1))
    assert change(NetworkConfig(), "loss", "cross_entropy", (3, 2)).loss == "cross_entropy"


def test_a_network_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Architecture: must have at most 4,000,000 weights between them, got "):
        check(NetworkConfig(), (1024,) * 6)


@pytest.mark.parametrize("name", [name for name in inspect.signature(Network).parameters if name != "layers"])
def test_the_network_has_the_configured_options(name: str) -> None:
    others: dict[str, Any] = {"sigma": 0.5, "seed": 7, "loss": "cross_entropy"}
    value: Any = others.get(name) or (BY_NAME[name].choices[-1][0] if BY_NAME[name].choices else True)
    bases = {
        "sigma": NetworkConfig(initialisation="normal", activation="gelu"),
        "activation_gain": NetworkConfig(activation="tanh"),
    }
    computed = bases.get(name, NetworkConfig())
    found = replace(computed, **{name: value}).network((4, 4, 2))
    plain: dict[str, Any] = {"activation": computed.activation, "initialisation": computed.initialisation}
    expected = Network((4, 4, 2), **{**plain, name: value})
    batch = replace(computed, seed=3).data_for((4, 4, 2)).batch(8)
    assert found.forward_backward(batch).loss == expected.forward_backward(batch).loss
    assert (
        found.forward_backward(batch).loss != computed.network((4, 4, 2)).forward_backward(batch).loss or name == "loss"
    )
    assert found.loss == expected.loss


def test_data_and_optimiser_have_the_configured_options() -> None:
    computed = NetworkConfig(data="teacher", seed=5, optimiser="momentum", rate=0.25, clip=2.0)
    data, optimiser = computed.data_for(LAYERS), computed.new_optimiser()
    assert (data.name, data.seed, data.size) == ("teacher", 5, 512)
    assert (data.inputs.shape[1], data.targets.shape[1]) == (3, 2)
    assert (type(optimiser).__name__, optimiser.learning_rate, optimiser.clip) == ("Momentum", 0.25, 2.0)


@pytest.mark.parametrize("measure", MEASURES)
def test_only_a_gradient_can_be_relative(measure: str) -> None:
    computed = NetworkConfig(measure=measure, relative=True)
    assert computed.is_relative == applies("relative", computed, LAYERS) == (measure in GRADIENT_MEASURES)
    assert computed.label.endswith("÷ output") == computed.is_relative
    assert len(computed.label) <= 24


@pytest.mark.parametrize(
    ("name", "computed", "yes", "no"),
    [
        ("activation", NetworkConfig(), (3, 4, 2), (3, 2)),
        ("initialisation", NetworkConfig(), (3, 2), (3,)),
        ("sigma", NetworkConfig(initialisation="normal"), (3, 2), (3,)),
        ("activation_gain", NetworkConfig(activation="tanh"), (3, 4, 2), (3, 2)),
        ("residual", NetworkConfig(), (4, 4, 2), (3, 4, 2, 2)),
        ("normalisation", NetworkConfig(), (3, 4, 2), (3, 2)),
        ("loss", NetworkConfig(), (3, 2), (3, 1)),
        ("rate", NetworkConfig(), (3, 2), (3,)),
    ],
)
def test_a_field_applies_where_it_makes_a_difference(
    name: str, computed: NetworkConfig, yes: tuple[int, ...], no: tuple[int, ...]
) -> None:
    assert applies(name, computed, yes)
    assert not applies(name, computed, no)


def test_the_deviation_is_for_the_normal_initialisation() -> None:
    assert not applies("sigma", NetworkConfig(), LAYERS)
    computed = NetworkConfig(initialisation="normal")
    assert {field.name for field in COMPUTED_FIELDS if not applies(field.name, computed, LAYERS)} == {"activation_gain"}


def test_a_gain_is_for_an_initialisation_that_takes_one_and_an_activation_that_has_one() -> None:
    def holds(activation: str, initialisation: str) -> bool:
        config = NetworkConfig(activation=activation, initialisation=initialisation)
        return applies("activation_gain", config, LAYERS)

    for initialisation in ("xavier_uniform", "xavier_normal", "orthogonal"):
        assert [name for name in ACTIVATIONS if holds(name, initialisation)] == ["tanh", "relu", "leaky_relu"]
    assert not any(holds("tanh", name) for name in ("normal", "he_normal", "lecun_normal", "pytorch_default"))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_change_of_the_view_keeps_the_run(name: str) -> None:
    field = BY_NAME[name]
    others: dict[str, Any] = {"sigma": 2.0, "seed": 1, "batch": 8, "rate": 0.5, "clip": 1.0}
    value = others.get(name, field.choices[-1][0] if field.choices and field.name != "activation" else True)
    changed = replace(NetworkConfig(), **{name: value})
    assert changed != NetworkConfig()
    assert is_same_run(NetworkConfig(), changed) == (field.part == VIEW)
    assert is_same_run(changed, replace(changed, against=NetworkConfig()))


def test_all_fields_are_described() -> None:
    described = NetworkConfig(clip=2.0, against=NetworkConfig(rate=0.5)).described()
    assert list(described) == [field.name for field in fields(NetworkConfig)]
    assert (described["clip"], described["against"]["rate"], described["against"]["against"]) == (2.0, 0.5, None)
