"""app/charts/cell_place.py: the cell that a place or a key leads to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.cell_place import CellPlace, key_place, row_at

KEYS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End")


@pytest.mark.parametrize(("place", "row"), [(0.0, 3), (0.24, 3), (0.26, 2), (0.99, 0), (1.0, 0), (-5.0, 3), (7.0, 0)])
def test_the_output_s_row_is_at_the_top(place: float, row: int) -> None:
    assert row_at(place, 4) == row


@pytest.mark.parametrize(
    ("key", "leads_to"),
    [
        ("ArrowLeft", (49, 2)),
        ("ArrowRight", (51, 2)),
        ("ArrowUp", (50, 3)),
        ("ArrowDown", (50, 1)),
        ("PageUp", (60, 2)),
        ("PageDown", (40, 2)),
        ("Home", (0, 2)),
        ("End", (99, 2)),
    ],
)
def test_keys_move_by_a_step_a_row_a_tenth_or_to_the_ends(key: str, leads_to: tuple[int, int]) -> None:
    assert key_place(key, 50, 2, 100, 5) == CellPlace(*leads_to)


def test_other_keys_lead_nowhere() -> None:
    assert key_place(" ", 50, 2, 100, 5) is None


@given(st.sampled_from(KEYS), st.integers(1, 10**6), st.integers(1, 256), st.data())
def test_a_key_never_leaves_the_map(key: str, steps: int, rows: int, data: st.DataObject) -> None:
    step, row = data.draw(st.integers(0, steps - 1)), data.draw(st.integers(0, rows - 1))
    place = key_place(key, step, row, steps, rows)
    assert place is not None
    assert place.row is not None
    assert 0 <= place.step < steps
    assert 0 <= place.row < rows
