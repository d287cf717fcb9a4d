"""The figure as markup: well-formed, small, with the state of each layer."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.layout import lay_out
from app.figure.magnitudes import synthesise
from app.figure.markup import drawing_markup, figure_markup, network_markup, number
from app.figure.wave import ACTIVATIONS_LABEL, FORWARD, WaveFrame

architectures = st.lists(st.one_of(st.integers(1, 12), st.integers(1, 1024)), min_size=1, max_size=40)


def figure(layers: list[int], layer: int, magnitudes: tuple[float, ...] | None = None) -> ET.Element:
    magnitude = (magnitudes or synthesise(len(layers)))[layer]
    return drawn(layers, WaveFrame(layer, len(layers), magnitude))


def drawn(layers: list[int], look: WaveFrame, names: list[str] | None = None) -> ET.Element:
    return ET.fromstring(f"<root>{figure_markup(lay_out(layers), look, 'title-1', names)}</root>")


def by_part(root: ET.Element, part: str) -> list[ET.Element]:
    return root.findall(f".//*[@data-part='{part}']")


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    return root.findall(f".//*[@class='gradient-flow-{name}']")


def count(root: ET.Element) -> int:
    return sum(1 for _ in root.iter()) - 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.001, "0"),
        (0.004, "0"),
        (10.0, "10"),
        (100.0, "100"),
        (760.0, "760"),
        (0.5, "0.5"),
        (0.25, "0.25"),
        (-1.5, "-1.5"),
        (1 / 3, "0.33"),
        (1e6, "1000000"),
    ],
)
def test_a_number_is_as_short_as_a_hundredth_allows(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(-1e6, 1e6))
def test_a_number_is_within_half_a_hundredth_and_never_in_scientific_notation(value: float) -> None:
    assert re.fullmatch(r"-?\d+(\.\d?[1-9])?", number(value))
    assert abs(float(number(value)) - value) <= 0.005 + 1e-9


@given(layers=architectures, data=st.data())
def test_the_markup_is_well_formed(layers: list[int], data: st.DataObject) -> None:
    layer = data.draw(st.integers(0, len(layers) - 1))
    assert [child.tag for child in figure(layers, layer)] == ["div", "div", "svg", "div"]


def test_32_layers_of_32_take_at_most_600_elements() -> None:
    assert count(figure([32] * 32, 31)) <= 600


@pytest.mark.parametrize("depth", [1, 2, 4, 9, 32, 256])
def test_the_number_of_elements_depends_on_depth_alone(depth: int) -> None:
    counts = {count(figure([neurons] * depth, 0)) for neurons in (1, 4, 32, 100, 1024)}
    assert len(counts) == 1


@given(layers=architectures, data=st.data())
def test_every_layer_has_its_index_its_state_and_its_halos_opacity(layers: list[int], data: st.DataObject) -> None:
    depth = len(layers)
    active = data.draw(st.integers(0, depth - 1))
    states, opacities = ["rest"] * depth, ["0"] * depth
    for distance, (state, opacity) in enumerate((("active", "1"), ("near", "0.55"), ("far", "0.25"))):
        if active - distance >= 0:
            states[active - distance], opacities[active - distance] = state, opacity
    groups = figure(layers, active).findall(".//*[@data-layer]")
    assert [group.get("data-layer") for group in groups] == [str(index) for index in range(depth)]
    assert [group.get("data-state") for group in groups] == states
    assert [[halo.get("opacity") for halo in by_part(group, "halo")] for group in groups] == [[o] for o in opacities]


def test_the_texts_are_the_contract() -> None:
    root = figure([3, 4, 4, 2], 3)
    assert [element.text for element in by_class(root, "title")] == ["Gradient wave · backward"]
    assert [element.text for element in by_part(root, "readout")] == ["layer 04 / 04 · |∂L| 1.00"]
    assert [element.text for element in by_part(root, "tag")] == ["|∂L| 1.00"]
    assert [element.text for element in by_class(root, "direction")] == ["← gradients ←"]
    assert [element.text for element in by_part(root, "summary")] == [
        "Backward gradient wave at layer 4 of 4 (output). Gradient magnitude 1.00."
    ]


def test_the_magnitude_shown_is_that_of_the_active_layer() -> None:
    root = figure([3, 4, 2], 1, (0.5, float("nan"), 0.25))
    assert [element.text for element in by_part(root, "tag")] == ["|∂L| NaN"]


def named(names: list[str], layer: int) -> ET.Element:
    layers = [3] * len(names)
    return drawn(layers, WaveFrame(layer, len(layers), 1.0, name=names[layer]), names)


def test_names_replace_the_neuron_counts() -> None:
    root = named(["fc1", "fc2", "<b>&amp;"], 1)
    (row,) = by_class(root, "names")
    assert [(text.get("x"), text.get("y"), text.text) for text in row] == [
        ("180", "382", "fc1"), ("380", "382", "fc2"), ("580", "382", "<b>&amp;"),
    ]  # fmt: skip
    assert not by_class(root, "counts")
    assert not by_part(root, "name")


def test_names_that_fit_only_a_broad_figure_come_with_the_lit_layers_name_for_a_narrow_one() -> None:
    names = ["embeddings", "encoder.layer.11.attention.self.query", "<head>"]
    root = named(names, 1)
    (row,), (name,) = by_class(root, "names"), by_part(root, "name")
    assert [text.text for text in row] == ["embeddings", "encoder…ion.self.query", "<head>"]
    assert (row.get("data-fit"), name.get("data-fit"), name.text) == ("broad", "broad", names[1])


def test_without_room_for_names_only_the_lit_layers_name_is_below_its_column() -> None:
    root = named([f"<encoder>.layers.{index}" for index in range(40)], 39)
    (name,) = by_part(root, "name")
    assert (name.text, name.get("y"), name.get("text-anchor")) == ("<encoder>.layers.39", "382", "end")
    assert not by_class(root, "names")
    assert not by_class(root, "counts")


def test_names_are_announced() -> None:
    (summary,) = by_part(named(["fc1", "fc2", "<b>&amp;"], 2), "summary")
    assert summary.text == "Backward gradient wave at layer 3 of 3 (<b>&amp;). Gradient magnitude 1.00."


def test_a_label_is_text_and_never_markup() -> None:
    label = "<b>&amp;</b>"
    root = drawn([3, 2], WaveFrame(1, 2, 1.0, label))
    assert [element.text for element in by_part(root, "tag")] == [f"{label} 1.00"]
    assert [element.text for element in by_part(root, "readout")] == [f"layer 02 / 02 · {label} 1.00"]
    assert [element.text for element in by_part(root, "summary")] == [
        f"Backward gradient wave at layer 2 of 2 (output). {label} 1.00."
    ]


def test_a_forward_pass_has_its_own_words_and_glows_the_other_way() -> None:
    root = drawn([3, 4, 4, 2], WaveFrame(1, 4, 0.83, ACTIVATIONS_LABEL, FORWARD))
    assert [element.text for element in by_class(root, "title")] == ["Gradient wave · forward"]
    assert [element.text for element in by_class(root, "direction")] == ["→ activations →"]
    assert [element.text for element in by_part(root, "tag")] == ["RMS a 0.83"]
    assert [element.text for element in by_part(root, "readout")] == ["layer 02 / 04 · RMS a 0.83"]
    assert [element.text for element in by_part(root, "summary")] == [
        "Forward pass at layer 2 of 4 (hidden 1). RMS of activations 0.83."
    ]
    assert [layer.get("data-state") for layer in root.findall(".//*[@data-layer]")] == ["rest", "active", "near", "far"]
    assert [halo.get("opacity") for halo in by_part(root, "halo")] == ["0", "1", "0.55", "0.25"]


def test_a_picture_that_plays_both_passes_has_an_unlit_overlay_for_the_forward_one() -> None:
    layout = lay_out([3, 4, 2])
    one = ET.fromstring(f"<root>{network_markup(layout, 2)}</root>")
    both = ET.fromstring(f"<root>{network_markup(layout, 2, both=True)}</root>")
    assert by_part(one, "forward") == []
    assert [overlay.get("opacity") for overlay in by_part(both, "forward")] == ["0"] * 3
    for halo, overlay in zip(by_part(both, "halo"), by_part(both, "forward"), strict=True):
        assert [ET.tostring(part) for part in halo] == [ET.tostring(part) for part in overlay]


def test_the_title_has_the_id_that_it_is_given() -> None:
    assert [element.get("id") for element in by_class(figure([2, 2], 0), "title")] == ["title-1"]


def test_drawing_and_direction_are_hidden_from_assistive_technology() -> None:
    root = figure([2, 2], 0)
    hidden = [element.get("class") for element in root.findall(".//*[@aria-hidden='true']")]
    assert hidden == ["gradient-flow-direction", "gradient-flow-drawing"]


def test_only_the_summary_is_announced() -> None:
    live = figure([2, 2], 0).findall(".//*[@aria-live]")
    assert [(element.get("data-part"), element.get("aria-live")) for element in live] == [("summary", "polite")]


def test_the_drawing_has_the_layouts_view_box() -> None:
    assert [svg.get("viewBox") for svg in figure([2, 2], 0).iter("svg")] == ["0 0 760 400"]


def test_neuron_counts_are_below_their_columns() -> None:
    root = figure([3, 4, 1024], 0)
    assert [text.text for text in root.findall(".//*[@class='gradient-flow-counts']/text")] == [
        "3",
        "4",
        "1024",
    ]


def test_neuron_counts_that_do_not_fit_are_left_out() -> None:
    assert by_class(figure([4] * 32, 0), "counts") == []


def test_a_layer_has_one_circle_a_neuron_in_one_path() -> None:
    node, overlay = by_class(figure([5], 0), "nodes")
    assert node.get("d") == overlay.get("d")
    assert (node.get("d") or "").count("M") == 5


def test_a_gap_has_one_line_an_edge_in_one_path() -> None:
    base, lit = by_class(figure([3, 4], 0), "lines")
    assert base.get("d") == lit.get("d")
    assert (base.get("d") or "").count("M") == 12


def test_a_crowded_gap_is_a_band_and_a_crowded_column_a_bar() -> None:
    root = figure([1024, 1024], 0)
    assert by_class(root, "lines") == []
    assert [band.tag for band in by_class(root, "band")] == ["path", "path"]
    assert {bar.tag for bar in by_class(root, "nodes")} == {"rect"}


def test_only_the_active_layers_tag_text_and_states_change_with_the_wave() -> None:
    layout = lay_out([3, 4, 2])
    paths = [re.findall(r' d="[^"]*"', drawing_markup(layout, WaveFrame(layer, 3, 1.0))) for layer in range(3)]
    assert paths[0] == paths[1] == paths[2]
