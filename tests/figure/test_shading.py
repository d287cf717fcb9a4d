"""The shades of nodes: places on a log scale, the map's colours, and looks for what has no place."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import heatmap
from app.charts.scales import make_scale
from app.figure.legend import live_fills, picture_fills
from app.figure.magnitudes import Magnitude
from app.figure.shading import MARK_WORDS, SHADE_COUNT, Shade, magnitude_kind, mix, shade_magnitudes, whole_decades
from app.figure.static_figure import GradientFlowFigure
from app.figure.svg import COLOUR_TOKENS, animated_svg, still_svg

ANY = st.none() | st.floats(min_value=0) | st.sampled_from([0.0, math.nan, math.inf, 5e-324, 1.7e308])
SCALE = ("--cb-magnitude-low", "--cb-warning", "--cb-magnitude-high")
WITHOUT_PLACE: list[Magnitude] = [None, math.nan, 0.0, math.inf]


@given(st.lists(ANY, min_size=1, max_size=9), st.none() | st.sampled_from([(1e-7, 1.0), (1e-320, 1e-310), (2.0, 3.0)]))
def test_every_layer_has_a_shade_and_a_larger_magnitude_never_a_lower_one(
    magnitudes: list[Magnitude], domain: tuple[float, float] | None
) -> None:
    shading = shade_magnitudes(magnitudes, domain)
    assert [shade.kind for shade in shading.shades] == [magnitude_kind(magnitude) for magnitude in magnitudes]
    assert set(shading.kinds) == {shade.kind for shade in shading.shades} - {"value"}
    there = sorted((size, shade.step) for size, shade in zip(magnitudes, shading.shades, strict=True)
                   if size is not None and 0 < size < math.inf)  # fmt: skip
    steps = [step for _, step in there]
    assert steps == sorted(steps)
    assert all(0 <= step < SHADE_COUNT for step in steps)


def test_magnitudes_four_decades_apart_look_different_and_those_outside_a_domain_like_its_ends() -> None:
    low, high = (shade.step for shade in shade_magnitudes([1.8e-7, 6.7e-3]).shades)
    assert high - low > SHADE_COUNT / 2
    assert shade_magnitudes([1e-9, 1e-7, 1.0, 1e3], (1e-7, 1.0)).shades == (
        Shade("value", 0),
        Shade("value", 0),
        Shade("value", SHADE_COUNT - 1),
        Shade("value", SHADE_COUNT - 1),
    )


@given(st.lists(ANY, min_size=1, max_size=9))
def test_the_scale_is_that_of_the_bars(magnitudes: list[Magnitude]) -> None:
    axis, shading = make_scale(magnitudes), shade_magnitudes(magnitudes)
    assert (shading.low, shading.high) == (axis.low, axis.high) == whole_decades(magnitudes)


@pytest.mark.parametrize(("domain", "ends"), [((1e-7, 1.0), ("10⁻⁷", "10⁰")), ((0.002, 30.0), ("2.0e-3", "3.0e1"))])
def test_the_ends_of_the_scale_are_written(domain: tuple[float, float], ends: tuple[str, str]) -> None:
    assert shade_magnitudes([1.0], domain).ends == ends


def channels(colour: str) -> tuple[int, int, int]:
    """The red, green and blue of `#rrggbb`."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


@pytest.mark.parametrize("scheme", [0, 1])
def test_the_colours_are_those_of_the_map(scheme: int) -> None:
    low, middle, high = (COLOUR_TOKENS[name][scheme] for name in SCALE)
    palette = heatmap.Palette(channels(low), channels(middle), channels(high), (0, 0, 0), (0, 0, 0))
    mixed = [mix(step, low, middle, high) for step in range(SHADE_COUNT)]
    assert [channels(colour) for colour in mixed] == [tuple(shade[:3]) for shade in palette.shades().tolist()]


def test_what_has_no_place_has_a_look_of_its_own_and_a_word_in_the_legend() -> None:
    shading = shade_magnitudes([*WITHOUT_PLACE, 0.5])
    for fills in (live_fills(shading, "<b>", "one"), picture_fills(shading, "one")):
        assert len({fill.paint for fill in fills.fills}) == 5
        assert "url(#one-nan)" in {fill.paint for fill in fills.fills}
        assert 'id="one-nan"' in fills.definitions
    legend = live_fills(shading, "<b>", "one").legend
    assert all(f"</i>{word}</li>" in legend for word in MARK_WORDS.values())
    assert "&lt;b&gt;" in legend


@pytest.mark.parametrize("make", [animated_svg, still_svg])
def test_a_picture_shows_magnitudes_as_the_component_does(make: Callable[..., str]) -> None:
    layers, given_ = [3, 4, 4, 4, 2], [*WITHOUT_PLACE, 0.5]
    plain = make(layers, given_)
    text = make(layers, given_, shading="magnitude", domain=(1e-3, 1.0), activations=[1, 1, 1, 1, 1])
    picture = ET.fromstring(text)
    kinds = [path.get("data-shade") for path in picture.iterfind(".//*[@data-layer]/*[@data-shade]")]
    assert kinds == ["none", "nan", "zero", "infinite", "value"]
    paints = {path.get("fill") for path in picture.iterfind(".//*[@data-layer]/*[@data-shade]")}
    (lattice,) = (pattern.get("id") for pattern in picture.iterfind(".//{*}pattern"))
    assert f"url(#{lattice})" in paints
    assert '[data-layer="4"] > .gradient-flow-shaded { fill: var(--shade-4); }' in text
    low, middle, high = (COLOUR_TOKENS[name][0] for name in SCALE)
    step = shade_magnitudes([0.5], (1e-3, 1.0)).shades[0].step
    assert f"--shade-4: {mix(step, low, middle, high)}" in text
    assert mix(step, low, middle, high) in paints
    assert "10⁻³" in text
    assert "shade" not in plain
    assert "magnitude-low" not in plain


def test_a_figure_as_a_value_has_the_shading_and_names_what_is_wrong() -> None:
    figure = GradientFlowFigure(layers=[2, 2], gradients=[0.1, 1], shading="magnitude", domain=(0.01, 1))
    assert repr(figure) == (
        "GradientFlowFigure(layers=(2, 2), gradients=(0.1, 1.0), shading='magnitude', domain=(0.01, 1.0))"
    )
    assert figure.to_svg() == animated_svg([2, 2], [0.1, 1], shading="magnitude", domain=(0.01, 1))
    with pytest.raises(ValueError, match=r"^shading: must be one of wave, magnitude, got 'dark'$"):
        GradientFlowFigure(layers=[2, 2], shading="dark")
