"""The figure as a picture: the content of its text, and that its rules stay inside it."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure import wave
from app.figure.props import make_props
from app.figure.svg import COLOUR_TOKENS, CONTRAST_RULES, CONTRAST_TOKENS, Scheme, animated_svg, still_svg
from app.spring import INSTANT, SPRINGS, Spring, Transition
from tools.runtime import ROOT

SVG = "{http://www.w3.org/2000/svg}"
LAYERS = st.lists(st.integers(1, 1024), min_size=1, max_size=40)
MAGNITUDE = st.none() | st.floats(0.0) | st.just(math.nan)
LABELS = st.text(min_size=1, max_size=24).filter(str.isprintable) | st.sampled_from(
    ["<SCOPE>", "SCOPE", "</text>", "&"]
)
TRANSITIONS: list[Transition] = [SPRINGS.smooth, SPRINGS.snappy, SPRINGS.gentle, SPRINGS.bouncy, INSTANT]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def style(svg: str) -> str:
    text = parsed(svg).findtext(f"{SVG}style")
    assert text
    return text


def shown(svg: str) -> list[str]:
    """The texts of the readouts and tags that are visible before, or without, any motion."""
    groups = [group for group in parsed(svg).iter(f"{SVG}g") if "data-says" in group.attrib]
    return [
        "".join(text.itertext())
        for group in groups
        if group.get("visibility") == "visible"
        for text in group.iter(f"{SVG}text")
    ]


@given(data=st.data(), layers=LAYERS, label=LABELS, transition=st.sampled_from(TRANSITIONS), speed=st.floats(0.0, 1e9))
def test_any_network_makes_a_well_formed_picture_of_numbers(
    data: st.DataObject, layers: list[int], label: str, transition: Transition, speed: float
) -> None:
    gradients = data.draw(st.none() | st.lists(MAGNITUDE, min_size=len(layers), max_size=len(layers)))
    svg = animated_svg(layers, gradients, label=label, play_speed=speed, transition=transition)
    assert all(f" · {label} " in "".join(group.itertext()) for group in parsed(svg).findall(f".//{SVG}g[@data-says]"))
    activations = data.draw(st.none() | st.lists(MAGNITUDE, min_size=len(layers), max_size=len(layers)))
    svg = animated_svg(layers, gradients, activations=activations, play_speed=speed, transition=transition)
    assert len(parsed(svg).findall(f".//{SVG}g[@data-layer]")) == len(layers)
    assert len(parsed(svg).findall(f".//{SVG}g[@data-says]")) == len(layers) * (1 if activations is None else 2)
    assert not re.search(r"(?i)<script|\son\w+=|href|url\(|@import|style=|nan%|inf%", svg)


def test_it_is_an_image_with_a_title_and_a_description_of_its_own() -> None:
    root = parsed(animated_svg([3, 4, 4, 2], [0.0008, 0.012, 0.18, 1]))
    texts = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("role") == "img"
    assert texts[root.get("aria-labelledby")] == "Gradient wave · backward"
    assert texts[root.get("aria-describedby")] == (
        "A neural network of 3-4-4-2 neurons a layer, the input first. A wave travels back from the loss to the input. "
        "Gradient magnitudes on its way: output 1.00, hidden 2 0.18, hidden 1 0.01, input 8.0e-4."
    )


def test_it_has_the_components_texts_for_each_layer() -> None:
    root = parsed(animated_svg([3, 4, 4, 2], [0.0008, 0.012, 0.18, 1]))
    for layer, magnitude in enumerate([0.0008, 0.012, 0.18, 1]):
        (group,) = root.findall(f".//{SVG}g[@data-says='{layer}']")
        assert [text.text for text in group.iter(f"{SVG}text")] == [
            wave.readout_text(layer, 4, magnitude),
            wave.tag_text(magnitude),
        ]


def test_it_uses_the_given_label() -> None:
    svg = animated_svg([3, 4, 2], [None, 0.012, 1], label="L2 <∂L/∂W>")
    assert shown(svg) == ["layer 03 / 03 · L2 <∂L/∂W> 1.00", "L2 <∂L/∂W> 1.00"]
    description = parsed(svg).findtext(f"{SVG}desc") or ""
    assert description.endswith(" L2 <∂L/∂W> on its way: output 1.00, hidden 1 0.01, input none.")
    assert shown(still_svg([3, 2], [None, 1], 1, label="L2"))[1] == "L2 –"


@pytest.mark.parametrize("depth", [3, 40])
def test_it_uses_the_given_names(depth: int) -> None:
    names = [f"<SCOPE>.a&b.{index}" for index in range(depth)]
    svg = animated_svg([3] * depth, names=names)
    root = parsed(svg)
    rows = [[text.text for text in row] for row in root.iter(f"{SVG}g") if row.get("class") == "gradient-flow-names"]
    assert rows == ([names] if depth == 3 else [])
    lone = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "gradient-flow-name"]
    assert lone == names
    assert f"{names[-1]} 1.00, {names[-2]} 0.55" in (root.findtext(f"{SVG}desc") or "")
    assert "at layer 2 of 3 (fc)." in still_svg([3, 2, 2], None, 1, names=["a", "fc", "c"])


def test_it_has_rules_for_names_only_with_names() -> None:
    assert "gradient-flow-name" not in animated_svg([3, 2])
    rules = style(animated_svg([3, 2], names=["a", "b"]))
    assert rules.count(".gradient-flow-names text") == 3
    assert "display: inline" in rules


def test_it_plays_a_forward_pass_before_the_wave() -> None:
    root = parsed(svg := animated_svg([3, 4, 2], [0.1, 0.2, 1], activations=[0.9, None, 0.4], play_speed=1000))
    said = [(group.get("data-says"), group.get("data-phase"), [text.text for text in group.iter(f"{SVG}text")][1])
            for group in root.findall(f".//{SVG}g[@data-says]")]  # fmt: skip
    assert said == [
        ("0", None, "|∂L| 0.10"), ("1", None, "|∂L| 0.20"), ("2", None, "|∂L| 1.00"),
        ("2", "forward", "RMS a 0.40"), ("1", "forward", "RMS a –"), ("0", "forward", "RMS a 0.90"),
    ]  # fmt: skip
    assert [head.get("data-head") for head in root.findall(f".//{SVG}g[@data-head]")] == ["forward", "backward"]
    assert root.findtext(f"{SVG}title") == "Gradient wave · backward and forward"
    assert (root.findtext(f"{SVG}desc") or "").endswith(
        "A forward pass travels from the input to the output. "
        "RMS of activations on its way: input 0.90, hidden 1 none, output 0.40. "
        "A wave travels back from the loss to the input. "
        "Gradient magnitudes on its way: output 1.00, hidden 1 0.20, input 0.10."
    )
    # Half a beat into the forward pass at first; each delay says how long ago its layer was lit.
    delays = re.findall(r'data-layer="(\d)"\], \S+ \[data-says="\d"\] { --at: (\S+)s; --to: (\S+)s; }', svg)
    assert delays == [("0", "-1.5", "-6.5"), ("1", "-2.5", "-5.5"), ("2", "-3.5", "-4.5")]


def test_without_activations_there_are_no_texts_about_them() -> None:
    assert not re.search("forward|accent|--to", animated_svg([3, 4, 2]) + still_svg([3, 4, 2]))


def test_a_still_picture_of_a_forward_pass_has_its_colour() -> None:
    svg = still_svg([3, 4, 2], None, -2, activations=[0.9, 0.5, 0.4])
    assert shown(svg) == ["layer 02 / 03 · RMS a 0.50", "RMS a 0.50"]
    assert parsed(svg).findtext(f"{SVG}title") == "Gradient wave · forward"
    (group,) = parsed(svg).findall(f"{SVG}g[@data-phase='forward']")
    assert group.find(f".//{SVG}g[@data-layer]") is not None
    assert re.search(r"\[data-phase=forward\] { --cb-warning: var\(--cb-accent\); }", style(svg))


def test_a_single_layer_with_activations_has_two_passes_to_play() -> None:
    assert "animation" in animated_svg([5], activations=[1])


def test_with_a_long_label_title_and_readout_stay_small_enough_for_their_line() -> None:
    sizes = {label: re.findall(r"max-width.*?font-size: (\d+)px", style(still_svg([3, 2], label=label)))
             for label in ("RMS ∂L/∂a", "RMS ∂L/∂a ÷ output")}  # fmt: skip
    assert list(sizes.values()) == [["18", "23"], ["16", "16"]]


@pytest.mark.parametrize("transition", TRANSITIONS)
@pytest.mark.parametrize("speed", [80, 500, 2000])
def test_the_page_s_network_takes_at_most_20_kb(transition: Transition, speed: float) -> None:
    svg = animated_svg([3, 4, 4, 2], [8e-4, 1.2e-3, 1.8e-3, 1e-5], play_speed=speed, transition=transition)
    assert len(svg.encode()) <= 20_000


def test_a_deep_network_has_keyframes_for_three_courses_alone() -> None:
    assert len(re.findall("@keyframes .*opacity", animated_svg([32] * 32))) == 3


@pytest.mark.parametrize("activations", [False, True])
@pytest.mark.parametrize("layers", [[3, 4, 4, 2], [5], [2, 3], [32] * 32])
def test_every_rule_and_every_id_is_the_picture_s_own(layers: list[int], activations: bool) -> None:
    svg = animated_svg(layers, activations=[1] * len(layers) if activations else None)
    name = parsed(svg).get("class")
    assert name
    assert re.fullmatch("gradient-flow-[0-9a-f]{8}", name)
    assert all(id_.startswith(name) for id_ in re.findall(r'id="([^"]*)"', svg))
    assert all(frames.startswith(name) for frames in re.findall(r"@keyframes (\S+)", svg))
    rules = re.sub(r"@keyframes \S+ {( \S+ {[^}]*})* }|@media [^{]*{", "", style(svg))
    selectors = [one.strip() for rule in re.findall(r"([^{}]+){", rules) for one in rule.split(",")]
    assert len(selectors) > 15
    assert all(re.match(rf"\.{name}\b", selector) for selector in selectors), selectors


def test_the_name_follows_from_what_is_shown() -> None:
    names = {
        parsed(svg).get("class")
        for svg in (
            animated_svg([3, 2]),
            animated_svg([3, 3]),
            animated_svg([3, 2], [0.5, 1]),
            animated_svg([3, 2], label="L2"),
            animated_svg([3, 2], names=["a", "b"]),
            animated_svg([3, 2], activations=[1, 2]),
            animated_svg([3, 2], play_speed=600),
            animated_svg([3, 2], transition=SPRINGS.gentle),
            still_svg([3, 2]),
            still_svg([3, 2], None, 1),
        )
    }
    assert len(names) == 10
    assert animated_svg([3, 2]) == animated_svg((3, 2), None, transition=Spring(200.0, 26.0))


def test_its_colours_are_those_of_the_component() -> None:
    css, _, more = (ROOT / "app" / "viz.css").read_text(encoding="utf-8").partition("@media (prefers-contrast: more)")
    for part, tokens in ((css, COLOUR_TOKENS), (more, CONTRAST_TOKENS)):
        found = re.findall(r"(--cb-[\w-]+): light-dark\((.*?), (.*?)\);", part)
        assert {name: (light, dark) for name, light, dark in found} == tokens
    assert all(f".gradient-flow {rule}" in more for rule in CONTRAST_RULES)
    assert "--cb-halo: color-mix(in srgb, var(--cb-warning) 16%, transparent);" in css


@pytest.mark.parametrize(
    ("cursor", "layer"),
    [(0, "layer 04 / 04 · |∂L| 1.00"), (3, "layer 01 / 04 · |∂L| 0.17"), (99, "layer 01 / 04 · |∂L| 0.17")],
)
def test_a_still_picture_shows_the_wave_at_its_cursor(cursor: int, layer: str) -> None:
    svg = still_svg([3, 4, 4, 2], None, cursor)
    assert shown(svg) == [layer, layer.partition(" · ")[2]]
    assert "animation" not in svg


def test_a_playing_picture_without_animations_is_at_the_loss_side() -> None:
    assert shown(animated_svg([3, 4, 4, 2]))[0] == "layer 04 / 04 · |∂L| 1.00"


def test_a_single_layer_has_nothing_to_play() -> None:
    assert "animation" not in animated_svg([5])


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": "3-4"},
        {"layers": [3, 0]},
        {"layers": [3, 4], "gradients": [1]},
        {"layers": [3, 4], "gradients": [1, -1]},
        {"layers": [3, 4], "gradients": ["<b>", 1]},
        {"layers": [3, 4], "label": ""},
        {"layers": [3, 4], "names": ["a"]},
        {"layers": [3, 4], "names": ["a", "b\n"]},
        {"layers": [3, 4], "play_speed": "fast"},
        {"layers": [3, 4], "transition": "smooth"},
    ],
)
def test_a_wrong_value_is_named_as_the_component_names_it(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^(layers|gradients|label|names|play_speed|transition): ") as component:
        make_props(wrong)
    with pytest.raises(ValueError, match=re.escape(str(component.value))):
        animated_svg(**wrong)


def test_a_wrong_cursor_is_named() -> None:
    with pytest.raises(ValueError, match=r"^current_layer: must be a whole number, 0 at the loss side, got 1\.5$"):
        still_svg([3, 4], None, 1.5)  # type: ignore[arg-type]  # because that is what is wrong


@pytest.mark.parametrize(("scheme", "other"), [("light", 1), ("dark", 0)])
def test_a_picture_of_one_scheme_has_its_colours_alone(scheme: Scheme, other: int) -> None:
    told = style(still_svg([3, 4], None, 1, scheme, activations=[1, 2], shading="magnitude"))
    assert "prefers-color-scheme" not in told
    for name, both in COLOUR_TOKENS.items():
        assert f"{name}: {both[1 - other]}" in told
    assert COLOUR_TOKENS["--cb-warning"][other] not in told


@pytest.mark.parametrize("scheme", [None, "dark"])
def test_programs_without_style_sheets_find_plain_attributes(scheme: Scheme | None) -> None:
    names = ("first", "second", "a-name-that-is-too-long-for-its-place", "d")
    given: dict[str, Any] = {"activations": [1] * 4, "shading": "magnitude", "label": "RMS"}
    for named in (None, names):
        svg = still_svg([3, 40, 4, 2], [math.nan, 0.0, None, 0.5], -2, scheme, names=named, **given)
        root = parsed(re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL))
        ancestors = {child: parent for parent in root.iter() for child in parent}

        def own(element: ET.Element, name: str, parents: dict[ET.Element, ET.Element] = ancestors) -> str | None:
            at: ET.Element | None = element
            while at is not None and at.get(name) is None:
                at = parents.get(at)
            return None if at is None else at.get(name)

        drawn = [each for each in root.iter() if each.tag.rpartition("}")[2] in {"path", "rect", "circle", "text"}]
        for each in drawn:
            assert own(each, "fill") or each.get("class") == "gradient-flow-foot", ET.tostring(each)
        for text in root.iter(f"{SVG}text"):
            assert own(text, "font-family"), ET.tostring(text)
        values = [value for each in root.iter() for value in each.attrib.values()]
        assert not [value for value in values if "var(" in value or "color-mix" in value]
        assert COLOUR_TOKENS["--cb-accent"][scheme == "dark"] in values  # the forward pass
