"""The rules for values: a right value comes back with its type, a wrong one raises one sentence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from app.figure.validation import (
    check_choice,
    check_flag,
    check_length,
    check_lengths,
    check_number,
    check_whole,
    optional,
    parse_flag,
    parse_float,
)


def test_an_allowed_value_comes_back_with_its_type() -> None:
    assert check_choice("b", ["a", "b"], "field") == "b"
    assert type(check_whole(np.int64(3), 1, 5, "field")) is int
    assert type(check_number(np.float32(0.5), "field")) is float
    assert check_number(0, "field") == 0.0
    assert check_flag(False, "field") is False


@pytest.mark.parametrize("value", ["c", "", None, 1, ["a"]])
def test_a_choice_is_one_of_the_names(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^field: must be one of a, b, got "):
        check_choice(value, ["a", "b"], "field")


@pytest.mark.parametrize("value", [0, 6, 2.0, "3", None, True, math.nan])
def test_a_whole_number_is_one_and_in_its_range(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^field: must be a whole number from 1 to 5, got "):
        check_whole(value, 1, 5, "field")


@pytest.mark.parametrize("value", [-0.1, math.inf, math.nan, "1", None, True, 1j])
def test_a_number_is_finite_and_not_negative(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^field: must be a finite number of at least 0, got "):
        check_number(value, "field")


def test_a_number_s_limits_are_named() -> None:
    with pytest.raises(ValueError, match=r"^field: must be a finite number greater than 0 and less than 1, got 0$"):
        check_number(0, "field", above=0.0, below=1.0)
    with pytest.raises(ValueError, match=r"^field: must be a finite number of at least 0 and less than 1, got 1\.0$"):
        check_number(1.0, "field", below=1.0)


@pytest.mark.parametrize("value", [0, 1, None, "True", np.True_])
def test_a_flag_is_a_bool(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^field: must be True or False, got "):
        check_flag(value, "field")


def test_a_flag_is_named_as_the_caller_writes_it() -> None:
    with pytest.raises(ValueError, match=r"^field: must be true or false, got 1$"):
        check_flag(1, "field", lambda value: str(value).lower())


@pytest.mark.parametrize(
    ("count", "depth", "message"),
    [
        (3, 4, "gradients: needs one magnitude a layer, 4 for 4 layers, got 3"),
        (0, 1, "gradients: needs one magnitude a layer, 1 for 1 layer, got 0"),
    ],
)
def test_a_length_that_is_not_the_depth_is_refused(count: int, depth: int, message: str) -> None:
    with pytest.raises(ValueError, match=r"^gradients: ") as refused:
        check_length(count, depth, "gradients")
    assert str(refused.value) == message


def test_a_magnitude_a_layer_is_accepted() -> None:
    check_length(4, 4, "gradients")


def test_only_the_fields_that_are_given_need_the_depth() -> None:
    check_lengths({"gradients": (1.0, 2.0), "names": None}, 2)
    with pytest.raises(ValueError, match=r"^Names: needs one name a layer, 2 for 2 layers, got 1$"):
        check_lengths({"Gradients": (1.0, 2.0), "Names": ("a",)}, 2)


def test_a_wrong_value_is_shown_as_the_caller_writes_it() -> None:
    with pytest.raises(ValueError, match=r"^field: must be one of a, b, got <c>$"):
        check_choice("c", ["a", "b"], "field", "<{}>".format)
    with pytest.raises(ValueError, match=r"^field: must be a whole number from 1 to 5, got <6>$"):
        check_whole(6, 1, 5, "field", format_value="<{}>".format)
    with pytest.raises(ValueError, match=r"^field: must be a finite number of at least 0, got <nan>$"):
        check_number(math.nan, "field", format_value="<{}>".format)


@pytest.mark.parametrize(("text", "flag"), [("1", True), (" True ", True), ("0", False), ("false", False)])
def test_a_flag_is_read_from_its_text(text: str, flag: bool) -> None:
    assert parse_flag(text, "field") is flag


@pytest.mark.parametrize("text", ["", "yes", "2", "1 0"])
def test_a_wrong_text_for_a_flag_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"^field: must be 1 or 0, got \"") as refused:
        parse_flag(text, "field")
    assert str(refused.value).endswith(f'"{text}"')


def test_a_text_without_a_number_is_nan() -> None:
    assert parse_float(" 1e-3 ") == 0.001
    assert math.isnan(parse_float("fast"))


def test_an_optional_value_may_be_none() -> None:
    check = optional(lambda value: check_flag(value, "field"))
    assert check(None) is None
    assert check(True) is True
    with pytest.raises(ValueError, match=r"^field: "):
        check(0)
