"""The sheet of a view: valid XML with all texts and plain attributes, whose bars, points and cells fit the numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.charts.series import RunSeries
from app.figure.magnitudes import write_magnitude
from app.figure.svg import COLOUR_TOKENS
from app.sheet.content import SheetContent
from app.sheet.view_sheet import HIDDEN, view_svg
from app.view.settings import Settings
from app.view.shown import Shown
from app.view.snapshot import Snapshot

NAN, INF = math.nan, math.inf
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "g", "defs", "pattern", "linearGradient", "stop"}  # which drawing programs know
ELEMENTS |= {"path", "rect", "circle", "line", "text"}
ADDRESS = "https://example.org/?layers=3-4-4-2&speed=80"
HOSTILE = ('<b onload="x">', "&amp;", 'class="gradient-flow-nodes" var(--nothing) data-part="x"', "層\u202e\x00]]>")
magnitudes = st.one_of(st.floats(min_value=0.0), st.sampled_from([NAN, INF, 0.0, None]))


def content_of(
    gradients: tuple[float | None, ...],
    names: tuple[str, ...] | None = None,
    *,
    layer: int = 0,
    timeline: dict[str, Any] | None = None,
    **bars: Any,
) -> SheetContent:
    """A computed view of layers of three neurons."""
    layers = (3,) * len(gradients)
    shown = Shown(
        ("tanh",),
        "Healthy: <all> alike & well.",
        (("Architecture", "3-3"), ("Seed", "0")),
        {"layers": layers, "gradients": gradients, "names": names, "label": "RMS", **bars},
        timeline,
    )
    snapshot = Snapshot(layers, gradients, "RMS", names, source="computed")
    return SheetContent(Settings(layers, layer=layer), snapshot, shown, ADDRESS)


def drawn(content: SheetContent) -> ET.Element:
    """The root of the picture, which a parser of XML accepts and which has plain attributes only."""
    text = view_svg(content)
    root = ET.fromstring(text)
    for element in root.iter():
        assert not {"class", "style", "onload"} & set(element.attrib)
        assert not any(re.search(r"var\(|color-mix|oklch|light-dark", value) for value in element.attrib.values())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    return root


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def rects(root: ET.Element, fill: str) -> list[ET.Element]:
    return [rect for rect in root.iter(f"{SVG}rect") if rect.get("fill") == fill]


def points(path: str) -> Iterator[tuple[float, float]]:
    for x, y in re.findall(r"([\d.]+) ([\d.]+)", path):
        yield float(x), float(y)


def test_a_view_without_a_panel_has_the_figure_the_bars_and_its_settings() -> None:
    root = drawn(SheetContent(Settings(), Snapshot((3, 4, 4, 2)), None, ADDRESS))
    found = texts(root)
    for text in ("Gradient wave · backward", "layer 04 / 04 · |∂L| 1.00", "|∂L| 1.00", "0.55", "0.30", "0.17", ADDRESS):
        assert text in found
    assert "Architecture 3-4-4-2 · Magnitudes synthesised: each layer has 0.55 times the next layer’s" in found


def test_everything_that_is_shown_around_the_figure_is_in_it() -> None:
    names = ("fc1", "fc2", "head")
    timeline = {"names": names, "run": RunSeries(np.ones(9), np.ones((3, 9))), "step": 4, "label": "RMS"}
    found = texts(
        drawn(content_of((0.5, 0.25, 0.1), names, layer=2, timeline=timeline, other=(1.0, 2.0, 3.0), other_name="He"))
    )
    for text in (
        "Healthy: <all> alike & well.",
        "layer 01 / 03 · RMS 0.50",
        "RMS by layer, log scale",
        "now",
        "He",
    ):
        assert text in found
    for text in (
        "Loss by step",
        "step 4 of 8 · loss 1.00",
        "RMS by layer and step",
        *names,
        "Architecture 3-3 · Seed 0",
    ):
        assert text in found


def test_each_of_two_runs_has_its_name_with_its_bars_its_curve_and_its_map() -> None:
    run = RunSeries(np.ones(9), np.ones((3, 9)))
    named: dict[str, Any] = {"own_name": "relu.jsonl", "other_name": "a-much-longer-name-of-a-run/folder/tanh.jsonl"}
    timeline = {"names": ("a", "b", "c"), "run": run, "other": run, "step": 4, "label": "L2", **named}
    root = drawn(content_of((0.5, 0.25, 0.1), timeline=timeline, other=(1.0, 2.0, 3.0), **named))
    found = texts(root)
    assert found.count("relu.jsonl") == 2  # with the bars and with the curves
    assert len([text for text in found if text.endswith("/tanh.jsonl") and "…" in text]) == 2
    assert [text for text in found if text.startswith("L2 by layer and step")] == [
        f"L2 by layer and step, {name}" for name in named.values()
    ]
    samples = {path.attrib["d"]: path for path in root.iter(f"{SVG}path") if path.get("d", "").endswith("h26")}
    styles = [(path.get("stroke"), path.get("stroke-dasharray")) for path in samples.values()]
    curves = [path for path in root.iter(f"{SVG}path") if path.get("stroke-linecap") == "round"]
    assert styles == [(path.get("stroke"), path.get("stroke-dasharray")) for path in curves]
    assert len(set(styles)) == 2


def test_a_run_without_a_loss_beside_one_with_it_is_named_so() -> None:
    runs = {"run": RunSeries(np.ones(2), np.ones((1, 2))), "other": RunSeries(None, np.ones((1, 2)))}
    found = texts(drawn(content_of((1.0,), timeline={"names": ("a",), **runs, "step": 0, "other_name": "b"})))
    assert {"this network", "b: no loss"} <= set(found)


@settings(max_examples=30)
@given(st.lists(magnitudes, min_size=1, max_size=12).map(tuple), st.data())
def test_any_magnitudes_and_names_make_a_valid_picture(
    gradients: tuple[float | None, ...], data: st.DataObject
) -> None:
    name = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)
    names = data.draw(st.none() | st.tuples(*(name for _ in gradients)))
    layer = data.draw(st.integers(0, len(gradients) - 1))
    found = texts(drawn(content_of(gradients, names, layer=layer)))
    lit = gradients[len(gradients) - 1 - layer]
    assert f"RMS {write_magnitude(lit)}" in found


def test_while_a_question_awaits_a_guess_nothing_tells_the_answer() -> None:
    content = content_of(
        (0.5, 0.25, 0.125), timeline={"names": ("a",), "run": RunSeries(None, np.ones((1, 2))), "step": 0}
    )
    assert content.around is not None
    found = texts(drawn(content._replace(around=content.around._replace(is_hidden=True))))
    assert HIDDEN in " ".join(found)
    assert "layer 03 / 03 · RMS –" in found
    assert not [text for text in found if re.search(r"0\.50|0\.25|0\.12|0\.13|Healthy|by layer", text)]


def test_names_and_sentences_from_outside_never_become_markup() -> None:
    names = HOSTILE[:3]
    content = content_of((1.0, 2.0, 3.0), names)
    assert content.around is not None
    shown = content.around._replace(verdict=" ".join(HOSTILE), facts=(HOSTILE[:2], HOSTILE[2:]))
    found = " ".join(texts(drawn(content._replace(around=shown, address=HOSTILE[0]))))
    for text in ('<b onload="x">', "&amp;", "var(--nothing)", "]]>"):
        assert text in found
    assert not {"\x00", "\u202e"} & set(found)


def test_a_bar_is_as_long_as_its_magnitude_on_the_common_axis() -> None:
    gradients = (1e-6, 1e-4, 3e-3, 0.1)
    root = drawn(content_of(gradients))
    bars = [*rects(root, COLOUR_TOKENS["--cb-node-line"][0]), *rects(root, COLOUR_TOKENS["--cb-warning"][0])]
    heights = [float(bar.attrib["height"]) for bar in bars if "fill-opacity" not in bar.attrib]
    assert len(heights) == len(gradients)
    slope, _ = np.polyfit(np.log10(gradients), heights, 1)
    np.testing.assert_allclose(np.diff(heights) / np.diff(np.log10(gradients)), slope, rtol=1e-3)
    assert slope > 20  # units a decade


def test_a_point_of_the_loss_is_where_its_number_is() -> None:
    losses = np.array([1.0, 10.0, 100.0, NAN, 10.0])
    timeline = {"names": ("a",), "run": RunSeries(losses, np.ones((1, 5))), "step": 0}
    root = drawn(content_of((1.0,), timeline=timeline))
    (line,) = (path for path in root.iter(f"{SVG}path") if path.get("stroke-linecap") == "round")
    (x0, y0), (x1, y1), (x2, y2), (x4, y4) = points(line.attrib["d"])
    np.testing.assert_allclose((y0 - y1, y4), (y1 - y2, y1), atol=0.2)
    np.testing.assert_allclose((x2 - x1, x4 - x2), (x1 - x0, 2 * (x1 - x0)), atol=0.5)
    assert line.attrib["d"].count("M") == 2  # it is interrupted at the NaN


def test_the_map_has_a_box_for_each_cell_in_the_colour_of_its_magnitude() -> None:
    values = np.array([[1e-4, 1.0, NAN], [0.0, INF, -1.0]])
    timeline = {"names": ("a", "b"), "run": RunSeries(None, values), "step": 0}
    root = drawn(content_of((1.0, 1.0), timeline=timeline))
    (cells,) = (group for group in root.iter(f"{SVG}g") if group.get("shape-rendering") == "crispEdges")
    fills = [(path.attrib["fill"], path.attrib["d"].count("M")) for path in cells]
    accent = COLOUR_TOKENS["--cb-accent"][0]
    assert {fill for fill, _ in fills if not fill.startswith("#")} == {"url(#sheet-run-nan)", "url(#sheet-run-zero)"}
    assert (accent, 1) in fills
    assert sum(count for _, count in fills) == 5  # a missing magnitude has none


def test_a_long_run_makes_a_small_file() -> None:
    values = 10.0 ** np.random.default_rng(0).normal(size=(256, 2000))
    timeline = {"names": [f"layer{at}" for at in range(256)], "run": RunSeries(None, values), "step": 1999}
    assert len(view_svg(content_of((1.0,) * 256, timeline=timeline))) < 1_000_000
