from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.charts import heatmap
from app.charts.arrays import FloatArray

PALETTE = heatmap.Palette((250, 240, 230), (180, 83, 9), (60, 20, 7), (255, 255, 255), (29, 78, 216))
CELLS = st.floats(min_value=0) | st.just(heatmap.MISSING_VALUE)
VALUES = st.tuples(st.integers(1, 5), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=CELLS)
)
MARK, GROUND = [29, 78, 216, 255], [255, 255, 255, 255]


@given(VALUES, st.integers(1, 50))
def test_each_column_shows_the_worst_of_its_steps_and_stays_within_them(values: FloatArray, most: int) -> None:
    map_ = heatmap.make_cells(values, most)
    share = -(-values.shape[1] // most)
    assert map_.kinds.shape == (len(values), -(-values.shape[1] // share)) == map_.logs.shape
    assert map_.kinds.shape[1] <= most
    for layer, column in np.ndindex(map_.kinds.shape):
        steps = values[layer, column * share : (column + 1) * share]
        finite = steps[(steps > 0) & np.isfinite(steps)]
        worst = [np.isnan(steps).any(), np.isinf(steps).any(), finite.size, (steps == 0).any(), True]
        kinds = (heatmap.CELL_NAN, heatmap.CELL_INFINITE, heatmap.CELL_VALUE, heatmap.CELL_ZERO, heatmap.CELL_EMPTY)
        kind = next(kind for kind, there in zip(kinds, worst, strict=True) if there)
        assert map_.kinds[layer, column] == kind
        if kind == heatmap.CELL_VALUE:
            logs = np.log10(finite)
            assert logs.min() - 1e-9 <= map_.logs[layer, column] <= logs.max() + 1e-9


def test_a_column_is_the_mean_of_logarithms_but_a_spike_of_a_decade_is_shown() -> None:
    values = np.array([[0.1, 0.01, 0.1, 0.01], [1, 1, 1, 1000], [1, 1e-6, 1, 1]])
    assert heatmap.make_cells(values, 1).logs == pytest.approx(np.array([[-1.5], [3], [-6]]))


@given(VALUES)
def test_a_picture_has_a_colour_or_a_mark_for_each_cell_with_a_magnitude(values: FloatArray) -> None:
    map_ = heatmap.make_cells(values)
    pixels = heatmap.paint(map_, heatmap.colour_span([map_]), PALETTE)
    assert pixels.shape == (len(values) * heatmap.CELL_ROWS, values.shape[1], 4)
    empty = np.repeat(values[::-1] < 0, heatmap.CELL_ROWS, axis=0)
    assert (pixels[..., 3] == np.where(empty, 0, 255)).all()


def test_nan_infinity_and_0_have_their_own_patterns_and_the_output_is_at_the_top() -> None:
    map_ = heatmap.make_cells(np.array([[np.nan, np.inf, 0.0, heatmap.MISSING_VALUE], [1.0, 0.1, 0.5, 0.01]]))
    pixels = heatmap.paint(map_, (-2, 0), PALETTE)
    assert pixels[0, 0].tolist() == [60, 20, 7, 255]
    assert pixels[0, 3].tolist() == [250, 240, 230, 255]
    rows = pixels[heatmap.CELL_ROWS :]
    assert [rows[at, 0].tolist() for at in range(4)] == [MARK, MARK, GROUND, GROUND]
    assert all(rows[at, 1].tolist() == MARK for at in range(4))
    assert [rows[at, 2].tolist() for at in range(4)] == [GROUND, GROUND, GROUND, MARK]
    assert rows[:, 3].max() == 0


def test_several_maps_share_whole_decades() -> None:
    maps = [heatmap.make_cells(np.array([[0.02, np.inf]])), heatmap.make_cells(np.array([[30.0, 0.0]]))]
    assert heatmap.colour_span(maps) == (-2, 2)
    assert heatmap.colour_span([heatmap.make_cells(np.array([[0.0]]))]) == (-1, 0)
    assert heatmap.colour_span([heatmap.make_cells(np.array([[1.0]]))]) == (-1, 0)
    assert heatmap.kinds_shown(maps) == ("zero", "infinite")


@given(st.integers(-324, 308), st.integers(1, 633))
def test_the_key_has_both_ends_and_few_marks_between(low: int, width: int) -> None:
    marks = heatmap.key_marks((low, low + width))
    assert 2 <= len(marks) <= 5
    assert (marks[0][0], marks[-1][0]) == (0.0, 1.0)
    assert [at for at, _ in marks] == sorted({at for at, _ in marks})


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 0)])
def test_a_wrong_shape_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"values: must have the shape \(layers, steps\)"):
        heatmap.make_cells(np.zeros(shape))


def test_none_becomes_a_missing_magnitude() -> None:
    assert heatmap.to_values([[None, 1.0], [0, 2]]).tolist() == [[heatmap.MISSING_VALUE, 1.0], [0.0, 2.0]]
