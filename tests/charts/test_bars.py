from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import bars
from app.charts.bars import BarProps, change_bar_props, make_bar_props
from app.charts.bounds import bound_places
from app.charts.scales import make_scale
from app.figure.layout import WIDTH, lay_out
from app.figure.magnitudes import describe_magnitude, write_magnitude
from app.figure.shading import magnitude_kind

BASE = {"layers": [3, 4, 4, 2], "gradients": [0.1, 0.2, 0.5, 1.0]}
LAYERS = st.lists(st.integers(1, 64), min_size=1, max_size=256)
RULE = "must be a number of at least 0, NaN, Infinity or None"

REFUSED = [
    ({"layers": [3, 0, 4, 2]}, "layers: layer 2 must be a whole number from 1 to 1024, got 0"),
    ({"gradients": [1.0]}, "gradients: needs one magnitude a layer, 4 for 4 layers, got 1"),
    ({"gradients": [1, None, -2, 1]}, f"gradients: the magnitude of layer 3 {RULE}, got -2"),
    ({"gradients": "1234"}, "gradients: must be a sequence of numbers, one a layer, got '1234'"),
    ({"gradients": 4}, "gradients: must be a sequence of numbers, one a layer, got 4"),
    ({"former": [1, 2]}, "former: needs one magnitude a layer, 4 for 4 layers, got 2"),
    ({"other": ["x", 1, 1, 1]}, f"other: the magnitude of layer 1 {RULE}, got 'x'"),
    ({"label": ""}, "label: must be a string of 1 to 24 printable characters, got ''"),
    ({"label": "a\nb"}, "label: must be a string of 1 to 24 printable characters, got 'a\\nb'"),
    ({"names": ["a", "b"]}, "names: needs one name a layer, 4 for 4 layers, got 2"),
    ({"names": "abcd"}, "names: must be a sequence of strings, one a layer, got 'abcd'"),
    (
        {"names": ["a", 2, "c", "d"]},
        "names: the name of layer 2 must be a string of 1 to 200 printable characters, got 2",
    ),
    ({"current_layer": 0.5}, "current_layer: must be a whole number, 0 at the loss side, got 0.5"),
    ({"scale": "cubic"}, "scale: must be one of log, linear, got 'cubic'"),
    ({"own_name": ""}, "own_name: must be a string of 1 to 200 printable characters, got ''"),
    ({"other_name": 3}, "other_name: must be a string of 0 to 200 printable characters, got 3"),
    (
        {"on_current_layer_change": 5},
        "on_current_layer_change: must be a function of one argument or None, got 5",
    ),
    ({"class_name": None}, "class_name: must be a string, got None"),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSED)
def test_a_wrong_prop_is_named_with_rule_and_value(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make_bar_props({**BASE, **wrong})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        change_bar_props(make_bar_props(BASE), wrong)


def test_an_unknown_or_missing_prop_is_named() -> None:
    with pytest.raises(TypeError, match="there is no prop 'colour'; the props are layers, gradients"):
        make_bar_props({**BASE, "colour": "red"})
    with pytest.raises(TypeError, match="the prop gradients is required"):
        make_bar_props({"layers": [3, 2]})


def test_a_layer_may_have_no_magnitude() -> None:
    given_bars = make_bar_props({**BASE, "gradients": [None, math.inf, 0, 1], "other": (None,) * 4})
    assert given_bars.gradients == (None, math.inf, 0.0, 1.0)
    assert given_bars.other == (None, None, None, None)


@pytest.mark.parametrize(("cursor", "layer"), [(0, 3), (3, 0), (99, 0), (-4, 0), (-1, 3), (-99, 0)], ids=str)
def test_the_cursor_counts_back_from_the_output_and_below_0_forward_to_it(cursor: int, layer: int) -> None:
    assert bars.lit_layer(cursor, 4) == layer


@given(LAYERS, st.booleans())
def test_bars_are_below_the_figures_columns_and_apart(layers: list[int], beside: bool) -> None:
    there = bars.bar_places(tuple(layers), beside)
    columns = lay_out(layers).columns
    for layer, column in enumerate(columns):
        left, width = there.span("gradients", layer)
        right = sum(there.span("other", layer)) if beside else left + width
        assert (left + right) / 2 == pytest.approx(column.x)
        assert 0 <= left < right <= WIDTH
        assert layer == 0 or left > sum(there.span("other" if beside else "gradients", layer - 1)) - 1e-9


@given(LAYERS, st.floats(0, 1))
def test_a_place_belongs_to_the_nearest_column(layers: list[int], across: float) -> None:
    layer = bars.nearest_layer(tuple(layers), across)
    distances = [abs(column.x - across * WIDTH) for column in lay_out(layers).columns]
    assert distances[layer] == min(distances)


@pytest.mark.parametrize(
    ("key", "layer", "to"),
    [
        *[("ArrowRight", 0, 1), ("ArrowLeft", 0, 0), ("ArrowUp", 19, 19), ("ArrowDown", 5, 4), ("Home", 7, 0)],
        *[("End", 7, 19), ("PageUp", 7, 9), ("PageDown", 1, 0), ("a", 7, None), (" ", 7, None)],
    ],
)
def test_keys_move_as_a_slider_s_do(key: str, layer: int, to: int | None) -> None:
    assert bars.key_step(key, layer, 20) == to


@pytest.mark.parametrize(
    ("magnitude", "kind", "text", "said"),
    [
        *[(0.17, "value", "0.17", "0.17"), (0.0, "zero", "0", "0"), (None, "none", "–", "none")],
        *[(math.nan, "nan", "NaN", "NaN"), (math.inf, "infinite", "∞", "∞")],
    ],
)
def test_nan_infinity_0_and_none_have_their_own_look_and_word(
    magnitude: float | None, kind: str, text: str, said: str
) -> None:
    assert (magnitude_kind(magnitude), write_magnitude(magnitude), describe_magnitude(magnitude)) == (
        kind,
        text,
        said,
    )


@given(st.lists(st.none() | st.floats(min_value=0), min_size=1, max_size=9), st.booleans())
def test_every_layer_has_a_mark(magnitudes: list[float | None], log: bool) -> None:
    axis = make_scale(magnitudes, log)
    heights = [bars.bar_height(magnitude, axis) for magnitude in magnitudes]
    assert all(0 <= height <= 100 for height in heights)
    assert all(height > 0 for height in heights)


def test_numbers_are_written_above_all_bars_or_none_and_the_rest_where_it_fits() -> None:
    assert bars.text_fits((1.0, 0.5, None), 120.0) == ("any", "any", "any")
    assert bars.text_fits((1.0, 1e-12, math.nan), 60.0) == ("none", "none", "broad")


@given(st.integers(1, 256), st.floats(0.5, 100))
def test_numbers_below_the_plot_do_not_touch(depth: int, pitch: float) -> None:
    shown = sorted(bars.shown_numbers(depth, pitch))
    assert shown[-1] == depth
    assert set(shown) <= set(range(1, depth + 1))
    room = [(two - one) * pitch for one, two in pairwise(shown)]
    assert all(gap >= bars.TEXT_CHAR_WIDTH_PX * len(str(depth)) + 7.9 for gap in room)


def test_the_markup_is_made_of_numbers_alone() -> None:
    hostile = '<img src="x">'
    given_bars = make_bar_props(
        {**BASE, "names": [hostile] * 4, "label": hostile, "other": [1] * 4, "other_name": hostile}
    )
    markup = bars.plot_markup(given_bars, "here") + "".join(bars.grid_markup(given_bars.axis))
    assert "img" not in markup
    assert markup.count("<rect data-bar=") == 8


def test_the_texts_of_the_lit_layer_have_all_series() -> None:
    shown = make_bar_props(
        {**BASE, "label": "RMS ∂L/∂a", "former": [8e-4] * 4, "other": [None] * 4, "other_name": "He"}
    )
    assert bars.readout_of(shown, 2) == "hidden 2 · 0.50 · before 8.0e-4 · He –"
    assert bars.announcement(shown, 2) == "layer 3 of 4, hidden 2: RMS ∂L/∂a 0.50, before 8.0e-4, He none"


def test_only_other_layers_and_series_need_new_elements() -> None:
    first: BarProps = make_bar_props(BASE)
    assert bars.plot_shape(first) == bars.plot_shape(
        change_bar_props(first, {"gradients": [1, 1, 1, None], "scale": "linear"})
    )
    assert bars.plot_shape(first) != bars.plot_shape(change_bar_props(first, {"former": [1, 1, 1, 1]}))


def test_bounds_of_estimates_stand_in_readout_and_sentence() -> None:
    shown = make_bar_props(
        {**BASE, "gradients": [0.17] * 4, "bounds": [(0.14, 0.21), None, (0, math.inf), (0.17, 0.17)]}
    )
    assert bars.readout_of(shown, 0) == "input · 0.17 (0.14 to 0.21)"
    assert bars.announcement(shown, 0).endswith("0.17, between 0.14 and 0.21")
    assert bars.readout_of(shown, 1) == "hidden 1 · 0.17"
    assert bars.readout_of(shown, 2) == "hidden 2 · 0.17 (0 to ∞)"


@pytest.mark.parametrize("pair", [(2, 1), (-1, 1), (math.nan, 1), (1,), 5, "12"])
def test_wrong_bounds_are_refused(pair: object) -> None:
    with pytest.raises(ValueError, match=r"^bounds: layer 1 must have two numbers, 0 ≤ low ≤ high, or None, got "):
        make_bar_props({**BASE, "bounds": [pair, None, None, None]})


def test_bounds_are_one_pair_a_layer() -> None:
    with pytest.raises(ValueError, match=r"^bounds: needs one "):
        make_bar_props({**BASE, "bounds": [(1, 2)]})
    with pytest.raises(ValueError, match=r"^bounds: must be a sequence of pairs, one a layer, got 5"):
        make_bar_props({**BASE, "bounds": 5})


def test_the_line_between_bounds_has_its_ends_on_the_axis() -> None:
    shown = make_bar_props(
        {**BASE, "gradients": [1e-3, 1e-2, 1e-1, 1], "bounds": [(1e-4, 1e-2), None, (0, math.inf), (1, 10)]}
    )
    assert bound_places((10, 10), shown.axis) == (0, 0)
    upper, lower = bound_places((1e-4, 1e-2), shown.axis)
    assert upper == pytest.approx(100 - 100 * shown.axis.place(1e-2))
    assert lower == pytest.approx(100 - 100 * shown.axis.place(1e-4))
    assert bound_places(None, shown.axis) == (100, 100)
    assert bound_places((0, math.inf), shown.axis) == (0, 100)
    assert bars.plot_markup(shown, "id").count("<line data-bounds ") == 4
    assert "data-bounds" not in bars.plot_markup(make_bar_props(BASE), "id")
