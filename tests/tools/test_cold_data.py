"""The data that comes with the second half: its ranges, and the check of the first half's code."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import cold_data
from tools.runtime import SetupError

BLOCK = 4_096  # bytes, by which the snapshot keeps or drops memory
ADDRESSES = st.sampled_from(cold_data.RANGES).flatmap(lambda pair: st.integers(pair[0], pair[1] - 1))


def test_the_ranges_are_whole_blocks_in_order() -> None:
    assert all(first % BLOCK == end % BLOCK == 0 and first < end for first, end in cold_data.RANGES)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(cold_data.RANGES))


@given(ADDRESSES.filter(lambda address: address not in cold_data.NUMBERS))
def test_an_address_in_the_code_is_refused(address: int) -> None:
    for code in (f"(i32.const {address})", f"(i32.load offset={address} align=1"):
        with pytest.raises(SetupError, match=rf"has {address} in its code.*tools/cold_data\.py"):
            cold_data.check(f"(func $1 {code})")


@pytest.mark.parametrize("number", [0, 1, cold_data.RANGES[0][0] - 1, cold_data.RANGES[-1][1], *cold_data.NUMBERS])
def test_other_numbers_may_stand_there(number: int) -> None:
    cold_data.check(f"(i32.const {number}) (i64.const {cold_data.RANGES[0][0]})")


def test_a_known_number_may_be_no_place_of_a_table() -> None:
    with pytest.raises(SetupError, match="has 1114111 in its code"):
        cold_data.check("(i32.load8_u offset=1114111")
