"""The picture where people put it: in an <img> with scripts off, and inlined among others."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from app.figure import wave
from app.figure.layout import lay_out
from app.figure.svg import COLOUR_TOKENS, DRAWING_TOP, PADDING, START_BEATS, animated_svg, still_svg
from app.spring import SPRINGS, Fades
from tests.support.pages import new_context
from tools.chromium import ARGUMENTS, executable

LAYERS, DEPTH, BEAT = [3, 4, 4, 2], 4, 0.5
TIMES = (0.33, 0.92, 1.88)  # s after it began: each time others rise and fall
PIXELS = """([source, places]) => new Promise((resolve, reject) => {
  const image = new Image();
  image.onerror = reject;
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    resolve(places.map(([x, y]) => Array.from(context.getImageData(x, y, 1, 1).data.slice(0, 3))));
  };
  image.src = source;
})"""
STYLES = """id => {
  const style = getComputedStyle(document.getElementById(id));
  return Object.fromEntries([...style].map((name) => [name, style[name]]));
}"""
Pages = Callable[..., Page]
Colours = Callable[[bytes], list[list[int]]]


@pytest.fixture
def pages(browser: Browser) -> Iterator[Pages]:
    """Opens a page that shows some HTML, with scripts off unless told."""
    contexts: list[BrowserContext] = []

    def open_(content: str, **options: Any) -> Page:
        contexts.append(new_context(browser, **{"java_script_enabled": False, **options}))
        page = contexts[-1].new_page()
        page.set_content(content, wait_until="load")
        return page

    yield open_
    for context in contexts:
        context.close()


def as_image(svg: str) -> str:
    return f'<body style="margin: 0"><img src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


def at(svg: str, seconds: float) -> str:
    """The picture held so long after its beginning: a paused animation stands where its negative delay says."""
    delays = r"(--at:|--to:|step-end) -([\d.]+)s"
    later = re.sub(delays, lambda delay: f"{delay[1]} {-float(delay[2]) - seconds:.6f}s", svg)
    assert later != svg
    return later.replace("</style>", "* { animation-play-state: paused !important; }</style>")


@pytest.fixture(scope="module")
def node_colours(browser: Browser) -> Iterator[Colours]:
    """Reads from a screenshot the colour in the middle of each layer's first node."""
    context = new_context(browser)
    page = context.new_page()
    columns = lay_out(LAYERS).columns
    places = [(round(column.x + PADDING), round(column.ys[0] + PADDING + DRAWING_TOP)) for column in columns]

    def read(shot: bytes) -> list[list[int]]:
        source = f"data:image/png;base64,{base64.b64encode(shot).decode()}"
        colours: list[list[int]] = page.evaluate(PIXELS, [source, places])
        return colours

    yield read
    context.close()


def glows(colours: list[list[int]], scheme: int, lit: str = "--cb-warning") -> list[float]:
    """The share of the way that each colour has gone from the node's own to the wave's, or to another token's."""
    dark, bright = (np.array([int(COLOUR_TOKENS[name][scheme][i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
                    for name in ("--cb-node", lit))  # fmt: skip
    way = bright - dark
    return [float((np.array(colour) - dark) @ way / (way @ way)) for colour in colours]


def springs(seconds: float) -> tuple[float, ...]:
    """The component's fades so long into a round that is not the first."""
    fades = Fades(wave.glow_targets(DEPTH - 1, DEPTH), SPRINGS.smooth)
    for advance in range(1, 3 * DEPTH + int(seconds // BEAT) + 1):
        fades.aim(wave.glow_targets(wave.layer_at(advance % DEPTH, DEPTH), DEPTH), advance * BEAT)
    return fades.sample(3 * DEPTH * BEAT + seconds)


@pytest.mark.parametrize(("scheme", "colour_scheme"), [(0, "light"), (1, "dark")])
@pytest.mark.parametrize("seconds", TIMES)
def test_in_an_image_without_scripts_it_shows_what_the_springs_say(
    node_colours: Colours, pages: Pages, seconds: float, scheme: int, colour_scheme: str
) -> None:
    page = pages(as_image(at(animated_svg(LAYERS), seconds)), color_scheme=colour_scheme)
    found = glows(node_colours(page.screenshot()), scheme)
    np.testing.assert_allclose(found, springs(seconds + START_BEATS * BEAT), atol=0.02)
    assert max(value % 0.95 for value in found) > 0.05  # it was on the way, not at an end


@pytest.mark.parametrize(("scheme", "colour_scheme"), [(0, "light"), (1, "dark")])
@pytest.mark.parametrize("beats", [0.66, 1.84, 3.3])  # of the forward pass, when nothing is left of the wave before it
def test_a_forward_pass_goes_the_other_way_in_a_colour_of_its_own(
    node_colours: Colours, pages: Pages, beats: float, scheme: int, colour_scheme: str
) -> None:
    svg = animated_svg(LAYERS, activations=[0.9, 0.5, 0.4, 0.3])
    page = pages(as_image(at(svg, (beats - START_BEATS) * BEAT)), color_scheme=colour_scheme)
    fades = Fades([0.0] * DEPTH, SPRINGS.smooth)
    for layer in range(int(beats) + 1):
        fades.aim(wave.glow_targets(layer, DEPTH, wave.FORWARD), layer * BEAT)
    found = glows(node_colours(page.screenshot()), scheme, "--cb-accent")[1:]  # of the input the wave before has a rest
    np.testing.assert_allclose(found, fades.sample(beats * BEAT)[1:], atol=0.02)


def test_the_words_follow_both_passes(pages: Pages) -> None:
    svg = animated_svg(LAYERS, activations=[0.9, 0.5, 0.4, 0.3])
    read = """() => [...document.querySelectorAll("text")]
      .filter((text) => getComputedStyle(text).visibility === "visible" && !text.closest(".gradient-flow-counts"))
      .map((text) => text.textContent)"""
    forward, backward = wave.PHASES
    told = [
        (forward, 0, "RMS a 0.90"),
        (forward, 3, "RMS a 0.30"),
        (backward, 3, "|∂L| 1.00"),
        (backward, 0, "|∂L| 0.17"),
    ]
    for beat, (phase, layer, tag) in zip((0, 3, 4, 7), told, strict=True):
        page = pages(at(svg, beat * BEAT), java_script_enabled=True)
        readout = f"layer 0{layer + 1} / 04 · {tag}"
        assert page.evaluate(read) == [phase.title, phase.direction, readout, tag]


def test_left_alone_it_plays_in_an_image(node_colours: Colours, pages: Pages) -> None:
    page = pages(as_image(animated_svg(LAYERS)))
    seen = set()
    for _ in range(200):
        found = glows(node_colours(page.screenshot()), 0)
        seen.add(int(np.argmax(found)))
        if len(seen) == DEPTH:
            return
    raise AssertionError(f"of four layers only {seen} were ever the brightest")


def test_where_reduced_motion_is_preferred_it_stands_at_the_input(playwright: Playwright) -> None:
    # What Playwright emulates reaches no image: here it is the browser's own preference.
    arguments = [*ARGUMENTS, "--force-prefers-reduced-motion"]
    browser = playwright.chromium.launch(executable_path=executable(), args=arguments)
    page = browser.new_page(reduced_motion="null", java_script_enabled=False)
    shots = []
    for svg in (animated_svg(LAYERS), still_svg(LAYERS, None, DEPTH - 1), still_svg(LAYERS)):
        page.set_content(as_image(svg), wait_until="load")
        shots.append(page.screenshot())
    browser.close()
    playing, at_the_input, at_the_output = shots
    assert playing == at_the_input
    assert playing != at_the_output


def test_inlined_ones_disturb_neither_each_other_nor_the_page(pages: Pages) -> None:
    one, two = animated_svg(LAYERS), animated_svg([2, 3], play_speed=900)
    others = '<p id="before" class="title">words</p><svg><text id="text">x</text></svg>'
    page = pages(others + one + two + still_svg([2, 3]), java_script_enabled=True)
    plain = pages(others, java_script_enabled=True)
    for id_ in ("before", "text"):
        assert page.evaluate(STYLES, id_) == plain.evaluate(STYLES, id_)
    names = page.evaluate(
        """() => [...document.querySelectorAll("svg[role=img]")].map((svg) =>
             svg.getAnimations({ subtree: true }).map((one) => [one.animationName, one.effect.getTiming().duration]))"""
    )
    (first, second, third) = ({(name.rpartition("-")[0], duration) for name, duration in found} for found in names)
    assert len(first) == len(second) == 1
    assert {duration for _, duration in first | second} == {2000, 1800}
    assert third == set()
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_at_first_sight_it_is_at_the_loss_side(node_colours: Colours, pages: Pages) -> None:
    page = pages(as_image(at(animated_svg(LAYERS), 0.0)))
    np.testing.assert_allclose(glows(node_colours(page.screenshot()), 0), [0.0, 0.25, 0.55, 1.0], atol=0.12)
