"""Checks: what passes comes back as its type, what doesn't is one sentence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from app.figure.validation import check_choice, check_flag, check_number, check_whole


def test_what_is_allowed_comes_back_as_its_type() -> None:
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
