"""The series of a run: the names of its rows, and the texts of its magnitudes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.series import MAX_ROW_NAME_CHARS, RunSeries, linear_domain, row_names


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["input", "hidden 1", "output"], ["input", "hidden 1", "output"]),
        (["blocks.0.attn.proj", "blocks.11.fc"], ["0.attn.proj", "11.fc"]),
        (["model.blocks.0.mlp.fc1", "model.blocks.0.mlp.fc2"], ["fc1", "fc2"]),
        (["net.fc1", "net.fc10", "network.fc2"], ["net.fc1", "net.fc10", "network.fc2"]),
        (["encoder.layer.0.attention.self.query", "head"], ["…self.query", "head"]),
        (["fc"], ["fc"]),
        (["net.fc", "net.fc"], ["fc", "fc"]),
        (["net", "net.fc"], ["net", "net.fc"]),
    ],
)
def test_rows_are_named_by_what_distinguishes_them(names: list[str], texts: list[str]) -> None:
    assert row_names(names) == texts


@given(st.lists(st.text("ab.", min_size=1, max_size=20), min_size=1, max_size=6))
def test_each_row_has_the_end_of_its_name_and_fits(names: list[str]) -> None:
    for name, text in zip(names, row_names(names), strict=True):
        assert len(text) <= MAX_ROW_NAME_CHARS
        assert name.endswith(text.removeprefix("…"))


def test_a_magnitude_that_is_an_estimate_is_written_with_its_bounds() -> None:
    values = np.array([[0.5, 2.0], [1.0, 1.0]])
    assert RunSeries(None, values).written(0, 1) == "2.00"
    bounds = {(0, 1): (1.5, 3.0)}
    run = RunSeries(None, values, bounds=lambda layer, step: bounds.get((layer, step)))
    assert run.written(0, 1) == "2.00 (1.50 to 3.00)"
    assert run.written(1, 1) == "1.00"


def test_a_linear_axis_reaches_to_the_greatest_finite_magnitude_of_all_steps_of_all_runs() -> None:
    one = RunSeries(None, np.array([[0.1, np.inf, 9.0]]), np.array([[True, True, False]]))
    other = RunSeries(None, np.array([[0.2, np.nan, -1.0]]))
    assert (linear_domain([one]) or (0, 0))[1] == 0.1
    assert (linear_domain([one, other]) or (0, 0))[1] == 0.2
    assert linear_domain([RunSeries(None, np.array([[0.0, np.nan]]))]) is None
