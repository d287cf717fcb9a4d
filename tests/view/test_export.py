"""The exports of the magnitudes, read back by other libraries."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.magnitudes import synthesise
from app.network.config import NetworkConfig
from app.view.export import RECORD_FIELDS, file_name, magnitudes_csv, magnitudes_json
from app.view.settings import Settings

NAN, INF = float("nan"), float("inf")
BROKEN = Settings((3, 4, 4, 2), (0.1 + 0.2, NAN, INF, 0.0))
numbers = st.one_of(st.floats(min_value=0.0), st.just(NAN))
series = st.lists(numbers, min_size=1, max_size=256).map(tuple)


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON")


def test_a_table_has_a_row_a_layer_the_input_first() -> None:
    assert magnitudes_csv(BROKEN) == (
        "layer,name,neurons,magnitude\n"
        "0,input,3,0.30000000000000004\n"
        "1,hidden 1,4,NaN\n"
        "2,hidden 2,4,inf\n"
        "3,output,2,0\n"
    )


@given(series)
def test_the_table_has_the_exact_numbers(gradients: tuple[float, ...]) -> None:
    text = magnitudes_csv(Settings((7,) * len(gradients), gradients))
    found = np.genfromtxt(io.StringIO(text), delimiter=",", names=True, dtype=None, encoding="utf-8")
    np.testing.assert_array_equal(np.atleast_1d(found["magnitude"]).astype(float), gradients)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["layer"]) for row in rows] == list(range(len(gradients)))
    np.testing.assert_array_equal([float(row["magnitude"]) for row in rows], gradients)


def test_a_layer_without_a_magnitude_has_an_empty_cell_and_null() -> None:
    settings = Settings((3, 2), (None, 0.5))
    assert magnitudes_csv(settings) == "layer,name,neurons,magnitude\n0,input,3,\n1,output,2,0.5\n"
    found = json.loads(magnitudes_json(settings), parse_constant=refuse)
    assert [layer["magnitude"] for layer in found["layers"]] == [None, 0.5]


@given(series)
def test_the_object_has_the_exact_numbers(gradients: tuple[float, ...]) -> None:
    found = json.loads(magnitudes_json(Settings((7,) * len(gradients), gradients)), parse_constant=refuse)
    np.testing.assert_array_equal([float(layer["magnitude"]) for layer in found["layers"]], gradients)


def test_an_object_describes_itself_and_has_strings_for_nan_and_infinity() -> None:
    assert json.loads(magnitudes_json(BROKEN), parse_constant=refuse) == {
        "architecture": "3-4-4-2",
        "synthesised": False,
        "layers": [
            {"layer": 0, "name": "input", "neurons": 3, "magnitude": 0.1 + 0.2},
            {"layer": 1, "name": "hidden 1", "neurons": 4, "magnitude": "NaN"},
            {"layer": 2, "name": "hidden 2", "neurons": 4, "magnitude": "Infinity"},
            {"layer": 3, "name": "output", "neurons": 2, "magnitude": 0.0},
        ],
    }


def test_names_and_label_are_exported() -> None:
    names = ("<b>", 'a,"b"', "الطبقة", "fc-1=2")
    named = Settings((3, 4, 4, 2), (1.0, 2.0, 3.0, 4.0), names=names, label="L2 ∂L/∂W")
    rows = list(csv.DictReader(io.StringIO(magnitudes_csv(named))))
    assert tuple(row["name"] for row in rows) == names
    found = json.loads(magnitudes_json(named))
    assert list(found) == ["architecture", "synthesised", "label", "layers"]
    assert (found["label"], tuple(layer["name"] for layer in found["layers"])) == ("L2 ∂L/∂W", names)


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "；=", "＋", "－", "＠"])
def test_a_name_in_a_table_is_never_a_formula(mark: str) -> None:
    name = f"{mark}HYPERLINK(1)"
    settings = Settings((3, 2), (1.0, 2.0), names=(name, f"a;{name}"))
    first, second = (row["name"] for row in csv.DictReader(io.StringIO(magnitudes_csv(settings), newline="")))
    assert (first, second) == ((name, f"a;{name}") if mark == "；=" else (f"'{name}", f"a;'{name}"))
    assert json.loads(magnitudes_json(settings))["layers"][0]["name"] == name


@given(st.text(max_size=9).filter(lambda name: not set(name) & set("=+-@\t\r\n\0＝＋－＠")))
def test_other_names_are_exported_unchanged(name: str) -> None:
    text = magnitudes_csv(Settings((3,), (1.0,), names=(name,)))
    assert [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))] == [name]


def test_a_series_that_was_not_given_is_marked_as_synthesised() -> None:
    found = json.loads(magnitudes_json(Settings((3, 2))))
    assert found["synthesised"] is True
    assert [layer["magnitude"] for layer in found["layers"]] == list(synthesise(2))
    assert list(found["layers"][0]) == list(RECORD_FIELDS)


def test_an_object_describes_the_network_that_computed_its_magnitudes() -> None:
    chosen = NetworkConfig(
        activation="relu", measure="l2_z", relative=True, clip=2.0, against=NetworkConfig(residual=True)
    )
    settings = Settings((3, 2), (0.5, 1.0), source="computed", label=chosen.label)
    found = json.loads(magnitudes_json(settings, chosen.described()), parse_constant=refuse)
    assert list(found) == ["architecture", "synthesised", "computed", "label", "layers"]
    assert (found["synthesised"], found["label"]) == (False, "L2 ∂L/∂z ÷ output")
    assert found["computed"] == chosen.described()
    assert (found["computed"]["activation"], found["computed"]["against"]["residual"]) == ("relu", True)
    assert [(layer["name"], layer["magnitude"]) for layer in found["layers"]] == [("input", 0.5), ("output", 1.0)]


@pytest.mark.parametrize(
    ("settings", "still", "name"),
    [
        (Settings(), False, "gradient-flow-3-4-4-2.svg"),
        (Settings(), True, "gradient-flow-3-4-4-2-layer-4.svg"),
        (Settings(layer=3), True, "gradient-flow-3-4-4-2-layer-1.svg"),
        (Settings((1024,) * 256, layer=255), False, "gradient-flow-256-layers.svg"),
        (Settings((1024,) * 256, layer=255), True, "gradient-flow-256-layers-layer-1.svg"),
    ],
)
def test_a_file_is_named_after_its_content(settings: Settings, still: bool, name: str) -> None:
    assert file_name(settings, ".svg", still=still) == name
