"""Each snippet leads back to the view that it was written for."""

from __future__ import annotations

import shlex
import sys
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import __main__ as command_line
from app.figure.props import Props, make_props
from app.figure.svg import animated_svg, still_svg
from app.figure.wave import LABEL
from app.page.synthesised import SynthesisedSource
from app.panels.recorded.arrangement import Origin
from app.view.settings import Settings, read_address
from app.view.snippets import MAX_CALL_CHARS, write_command, write_iframe, write_link, write_python, write_snippets

BASE = "https://host.example/gradient-flow-viz/"
NAN, INF = float("nan"), float("inf")


@st.composite
def views(draw: st.DrawFn, *, most_layers: int = 256, most_neurons: int = 1024) -> Settings:
    """Views of the page. NaN is only among the examples below, because nothing equals it."""
    layers = tuple(draw(st.lists(st.integers(1, most_neurons), min_size=1, max_size=most_layers)))
    depth = len(layers)
    magnitude = st.none() | st.floats(min_value=0.0)
    magnitudes = st.lists(magnitude, min_size=depth, max_size=depth).map(tuple)
    gradients = draw(st.one_of(st.none(), magnitudes))
    playing = draw(st.booleans())
    layer = 0 if playing else draw(st.integers(0, depth - 1))
    text = st.text(min_size=1, max_size=24).filter(str.isprintable) | st.text("a '\"\\,~-&<", min_size=1, max_size=24)
    names = draw(st.none() | st.lists(text, min_size=depth, max_size=depth).map(tuple))
    label = LABEL if gradients is None else draw(text | st.just(LABEL))
    speed = draw(st.one_of(st.just(500.0), st.floats(80.0, 2000.0)))
    return Settings(layers, gradients, speed, layer, playing, names=names, label=label)


def read(address: str) -> Settings:
    """The settings that the page reads from an address."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=bool(urlsplit(address).query))
    found, wrong = read_address(dict(pairs))
    assert wrong == []
    return found


def attributes(markup: str) -> dict[str, str | None]:
    """The attributes of the one element in a text, as a browser reads them."""
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(markup)
    ((tag, read),) = found
    assert tag == "iframe"
    return read


def run(program: str) -> tuple[str, Props]:
    """The root and the checked props that a program gives the component."""
    made: list[tuple[str, dict[str, Any]]] = []
    stand_in = SimpleNamespace(GradientFlowViz=lambda target, **props: made.append((target, props)))
    with patch.dict(sys.modules, {"gradient_flow_viz": stand_in}):
        exec(program, {})
    ((target, props),) = made
    return target, make_props(props)


def write_picture(command: str) -> str:
    """The output of the command, run with the words of a shell."""
    python, option, module, *words = shlex.split(command)
    assert (python, option, module) == ("python", "-m", "gradient_flow_viz")
    assert words[-2:] == ["-o", "wave.svg"]
    with TemporaryDirectory() as folder:
        target = Path(folder) / "wave.svg"
        assert command_line.main([*words[:-1], str(target)]) == 0
        return target.read_text(encoding="utf-8")


@given(views())
def test_the_link_leads_back_to_the_view(view: Settings) -> None:
    assert read(write_link(view, BASE)) == view


@given(views(), st.sampled_from(["", "light", "dark"]))
def test_the_iframe_shows_the_view_alone(view: Settings, theme: str) -> None:
    found = attributes(write_iframe(view, BASE, theme))
    source = str(found["src"])
    assert source.startswith(f"{BASE}?embed=1&layers=")
    assert read(source) == view
    told = dict(parse_qsl(urlsplit(source).query))
    assert told.get("theme", "") == theme
    assert found["style"] == ("border:0" + (f"; color-scheme: {theme}" if theme else ""))


def test_the_iframe_shows_the_parts_of_the_page_s_own_address() -> None:
    found = attributes(write_snippets(Settings(), BASE, show="bars verdict").iframe)["src"]
    assert found == f"{BASE}?embed=1&layers=3-4-4-2&show=bars,verdict"
    assert "show" not in write_snippets(Settings(), BASE).iframe


@given(views())
def test_the_program_shows_the_view(view: Settings) -> None:
    target, props = run(write_python(view))
    assert target == "#here"
    expected = make_props({"layers": view.layers, "gradients": view.gradients, "play_speed": view.speed})
    assert (props.layers, props.magnitudes, props.play_speed) == (view.layers, expected.magnitudes, view.speed)
    assert (props.playing, props.default_current_layer) == (view.playing, view.layer)
    assert (props.names, props.label) == (view.names, view.label)
    assert props.current_layer is None  # it goes on by itself


@given(views(most_layers=6, most_neurons=5))
@settings(deadline=None)
def test_the_command_draws_the_view(view: Settings) -> None:
    told: dict[str, Any] = {"label": view.label, "names": view.names}
    still = still_svg(view.layers, view.gradients, view.layer, **told)
    plays = animated_svg(view.layers, view.gradients, play_speed=view.speed, **told)
    assert write_picture(write_command(view)) == (plays if view.playing else still)


def test_a_longer_view_is_complete_in_all_four_snippets() -> None:
    view = Settings((3, 4, 4, 2), (None, NAN, INF, 1e16), speed=900.0, layer=2, playing=False)
    found = write_snippets(view, BASE, "dark")
    assert found.python == (
        "from gradient_flow_viz import GradientFlowViz\n\n"
        "GradientFlowViz(\n"
        '    "#here",\n'
        "    layers=[3, 4, 4, 2],\n"
        '    gradients=[None, float("NaN"), float("Infinity"), 1e16],\n'
        "    play_speed=900,\n"
        "    playing=False,\n"
        "    default_current_layer=2,\n"
        ")"
    )
    assert found.link == f"{BASE}?gradients=none,NaN,Infinity,1e16&speed=900&layer=2&playing=0"
    assert found.iframe == (
        f'<iframe src="{BASE}?embed=1&amp;layers=3-4-4-2&amp;gradients=none,NaN,Infinity,1e16&amp;speed=900'
        '&amp;layer=2&amp;playing=0&amp;theme=dark" title="Gradient wave · backward" width="640" height="420" '
        'style="border:0; color-scheme: dark" loading="lazy"></iframe>'
    )
    assert found.command == (
        "python -m gradient_flow_viz 3-4-4-2 --gradients none,NaN,Infinity,1e16 --still 2 -o wave.svg"
    )
    assert "NaN" in write_picture(found.command)
    _, props = run(found.python)
    assert [str(magnitude) for magnitude in props.magnitudes] == ["None", "nan", "inf", "1e+16"]


def test_measured_magnitudes_are_shaded_in_program_and_command() -> None:
    view = Settings((3, 2), (0.1, 1.0), source="recorded")
    found = write_snippets(view, BASE)
    assert run(found.python)[1].shading == "magnitude"
    assert write_picture(found.command) == animated_svg((3, 2), (0.1, 1.0), shading="magnitude")


def test_names_and_label_are_complete_in_all_four_snippets() -> None:
    view = Settings((3, 2), (None, 1.0), names=('<b>"', "it's a,b"), label="L2 ∂L/∂W")
    found = write_snippets(view, BASE)
    assert found.python.endswith(
        "GradientFlowViz(\n"
        '    "#here",\n'
        "    layers=[3, 2],\n"
        "    gradients=[None, 1],\n"
        '    label="L2 ∂L/∂W",\n'
        '    names=["<b>\\"", "it\'s a,b"],\n'
        ")"
    )
    query = "gradients=none,1&names=%3Cb%3E%22,it%27s%20a~,b&label=L2%20%E2%88%82L/%E2%88%82W"
    assert found.link == f"{BASE}?layers=3-2&{query}"
    assert query.replace("&", "&amp;") in found.iframe
    assert found.command == (
        "python -m gradient_flow_viz 3-2 --gradients none,1 --label 'L2 ∂L/∂W' "
        """--names '<b>",it'"'"'s a~,b' -o wave.svg"""
    )


def test_a_name_that_begins_with_a_dash_is_no_option() -> None:
    assert " --names=-a,b -o" in write_command(Settings((3, 2), names=("-a", "b")))


def test_the_default_view_has_short_snippets() -> None:
    found = write_snippets(Settings(), BASE)
    assert found.python == (
        'from gradient_flow_viz import GradientFlowViz\n\nGradientFlowViz("#here", layers=[3, 4, 4, 2])'
    )
    assert found.link == BASE
    assert found.iframe == (
        f'<iframe src="{BASE}?embed=1&amp;layers=3-4-4-2" title="Gradient wave · backward" width="640" height="420" '
        'style="border:0" loading="lazy"></iframe>'
    )
    assert found.command == "python -m gradient_flow_viz 3-4-4-2 -o wave.svg"


@pytest.mark.parametrize("layer", range(4))
def test_a_wave_that_plays_changes_nothing(layer: int) -> None:
    assert write_snippets(Settings(layer=layer), BASE) == write_snippets(Settings(), BASE)


@given(views())
def test_a_program_has_no_call_too_long_for_its_line(view: Settings) -> None:
    call = write_python(view).split("\n")[2]
    assert len(call) <= MAX_CALL_CHARS


def test_any_address_stays_within_its_attribute() -> None:
    base = "https://host.example/a\"><script>alert('&amp;')</script>/"  # no browser has such an address unescaped
    assert str(attributes(write_iframe(Settings(), base))["src"]) == f"{base}?embed=1&layers=3-4-4-2"


class RunSource(SynthesisedSource):
    """A source with the address of a run."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(Settings())
        self._origin = origin

    def address(self) -> list[tuple[str, str]]:
        return self._origin.address()


def test_a_recorded_run_comes_back_by_its_address_and_a_local_file_by_the_current_step() -> None:
    shown: dict[str, Any] = {"gradients": (0.5, 1.0), "names": ("fc1", "fc2"), "label": "L2 ∂L/∂W"}
    view = Settings(layers=(1, 1), **shown, source="recorded")
    fetched = write_snippets(view, BASE, source=RunSource(Origin("logs/run 1.jsonl", 120.0)))
    assert fetched.link == f"{BASE}?source=recorded&run=logs/run%201.jsonl&step=120"
    assert "embed=1&amp;source=recorded&amp;run=logs/run%201.jsonl&amp;step=120" in fetched.iframe
    found = write_snippets(view, BASE, source=RunSource(Origin("", 120.0)))
    asked = dict(parse_qsl(urlsplit(found.link).query))
    assert asked == {"layers": "1-1", "gradients": "0.5,1", "names": "fc1,fc2", "label": "L2 ∂L/∂W"}
    assert "step" not in found.iframe
