"""Until Python is there, in a real browser: the wave by CSS, the take-over, what is done meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.figure import handoff, wave
from app.figure.magnitudes import synthesise
from app.figure.wave import readout_text, tag_text
from tests.support.pages import Opener, Watched, frames
from tests.support.places import HOME
from tests.support.routes import Held

DEPTH = 4
ENTRY = "**/pyscript.*"  # its configuration: held, Python waits

# What is seen of the wave `seconds` after it set out; its animations stand still there.
SEEK = """seconds => {
  const animations = document.getAnimations().filter(animation => animation.animationName?.startsWith("gradient-flow"));
  for (const animation of animations) { animation.pause(); animation.currentTime = seconds * 1000; }
  const readout = document.querySelector("[data-part=readout]");
  return {
    animations: animations.length,
    glows: [...document.querySelectorAll("[data-part=halo]")].map(halo => Number(getComputedStyle(halo).opacity)),
    readout: JSON.parse(getComputedStyle(readout, "::after").content),
    tags: [...document.querySelectorAll(".gradient-flow-tag")]
      .filter(tag => getComputedStyle(tag).visibility === "visible")
      .map(tag => [tag.textContent, tag.getAttribute("x")]),
  };
}"""
# From here on each frame's stamp and opacities, as long as Python is there and has not advanced the wave.
FOLLOW = """() => {
  const halos = () => [...document.querySelectorAll("[data-part=halo]")];
  const glows = () => halos().map(halo => Number(halo.getAttribute("opacity")));
  const seen = window.seen = { setOut: halos()[0].getAnimations()[0].startTime, frames: [], readouts: [] };
  const root = document.getElementById("figure");
  new MutationObserver(() => {
    const readout = document.querySelector("[data-part=readout]").textContent;
    if (seen.readouts.at(-1)?.[1] !== readout) seen.readouts.push([performance.now(), readout]);
  }).observe(root, { attributes: true, childList: true, subtree: true, characterData: true });
  const ask = requestAnimationFrame;
  window.requestAnimationFrame = callback => ask(stamp => {
    callback(stamp);
    if ("destroy" in callback) seen.frames.push([stamp, glows()]); // Python's own: a proxy
  });
  const look = stamp => {
    if (root.hasAttribute("data-prerendered")) { seen.lastByCss = stamp; ask(look); }
  };
  ask(look);
}"""


def is_moving(page: Page) -> bool:
    """True if the wave by CSS runs."""
    states = page.evaluate(
        "[...document.querySelectorAll('[data-part=halo]')].map(halo => halo.getAnimations()[0]?.playState)"
    )
    return bool(states == ["running"] * DEPTH)


@pytest.fixture
def waiting(open_page: Opener) -> tuple[Watched, Held]:
    """The page with Python held back."""
    held = Held()
    opened = open_page(HOME, alive=False, routes={ENTRY: held})
    held.await_one(opened.page)
    return opened, held


def let_live(opened: Watched, held: Held) -> None:
    """Answer what was held, and wait until Python has taken the page over."""
    held.let_go(opened.page)
    opened.wait_alive()


@pytest.fixture(scope="module")
def prerendered_page(open_shared: Opener) -> Page:
    """The page with Python held back for good, whose wave by CSS can be set to any moment."""
    held = Held()
    opened = open_shared(HOME, alive=False, routes={ENTRY: held})
    held.await_one(opened.page)
    return opened.page


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.56, 0.7, 1.0, 1.31, 1.62, 1.9, 2.05, 2.2, 7.1])
def test_the_wave_travels_by_css_as_it_will_by_python(prerendered_page: Page, seconds: float) -> None:
    shown: dict[str, Any] = prerendered_page.evaluate(SEEK, seconds)
    cursor = handoff.cursor_after(seconds, DEPTH)
    layer = wave.layer_at(cursor, DEPTH)
    magnitude = synthesise(DEPTH)[layer]
    assert shown["animations"] == DEPTH + DEPTH + 1  # a halo and a tag a layer, and the readout
    assert shown["glows"] == pytest.approx(handoff.fades_after(seconds, DEPTH, seconds).sample(seconds), abs=0.02)
    assert shown["readout"] == readout_text(layer, DEPTH, magnitude)
    assert [tag for tag, _ in shown["tags"]] == [tag_text(magnitude)]


def test_python_goes_on_from_the_layer_that_is_lit(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    page.evaluate(FOLLOW)
    let_live(opened, held)
    page.wait_for_function("seen.readouts.length >= 3")
    seen = page.evaluate("seen")
    (noticed, lit), (first, _), (second, _) = [(at - seen["setOut"], text) for at, text in seen["readouts"]]
    said = [DEPTH - int(text.removeprefix("layer ")[:2]) for _, text in seen["readouts"]]
    assert said == [(said[0] + step) % DEPTH for step in range(3)]
    # It was lit when Python took over: since the last frame by CSS, and before that was noticed here.
    earliest, latest = seen["lastByCss"] - seen["setOut"], noticed
    lit_since = [beat for beat in beats_until(latest) if handoff.cursor_after(beat / 1000.0, DEPTH) == said[0]][-1]
    assert lit_since + handoff.BEAT_MS > earliest, lit
    assert second - first > handoff.BEAT_MS / 2  # the beat before them may be short: it began by CSS
    fades = handoff.fades_after(lit_since / 1000.0, DEPTH, lit_since / 1000.0)
    assert seen["frames"]
    for stamp, glows in seen["frames"]:
        if noticed < stamp - seen["setOut"] < first - 20:  # of the fades that CSS began, each frame
            assert glows == pytest.approx(fades.sample((stamp - seen["setOut"]) / 1000.0), abs=0.03)


def beats_until(milliseconds: float) -> list[float]:
    """When the wave advances."""
    return [float(beat) for beat in range(0, int(milliseconds) + 1, handoff.BEAT_MS)]


def test_the_picture_that_python_takes_over_is_the_same(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    drawing = page.locator("#figure svg")
    read = """svg => [svg.getBoundingClientRect().toJSON(), ...[...svg.querySelectorAll("path, rect, text")]
        .filter(element => !element.dataset.prerenderedCursor && element.dataset.part !== "tag")
        .map(element => [element.outerHTML, getComputedStyle(element).fill, getComputedStyle(element).stroke])]"""
    before = drawing.evaluate(read)
    let_live(opened, held)
    assert drawing.evaluate(read) == before
    expect(page.locator("[data-prerendered], [data-prerendered-cursor]")).to_have_count(0)


def test_reduced_motion_shows_what_python_will_show(open_page: Opener) -> None:
    held = Held()
    opened = open_page(HOME, alive=False, routes={ENTRY: held}, reduced_motion="reduce")
    page = opened.page
    held.await_one(page)
    shown = page.evaluate(SEEK, 0)
    assert (shown["animations"], shown["glows"]) == (0, [1, 0, 0, 0])
    assert (shown["readout"], shown["tags"]) == ("layer 01 / 04 · |∂L| 0.17", [["|∂L| 0.17", "48"]])
    let_live(opened, held)
    expect(page.locator("[data-part=readout]")).to_have_text("layer 01 / 04 · |∂L| 0.17")
    assert (
        page.locator("[data-part=tag]").evaluate("tag => [tag.textContent, tag.getAttribute('x')]") == shown["tags"][0]
    )


@pytest.mark.parametrize("query", ["?layer=2", "?playing=0", "?layer=1&playing=0"])
def test_a_view_that_stands_still_does_so_from_the_start(open_page: Opener, query: str) -> None:
    held = Held()
    opened = open_page(HOME + query, alive=False, routes={ENTRY: held})
    held.await_one(opened.page)
    shown = opened.page.evaluate(SEEK, 0)
    assert (shown["animations"], shown["readout"]) == (0, "layer 04 / 04 · |∂L| 1.00")


def test_without_javascript_the_picture_moves_and_one_sentence_says_why_no_more(open_page: Opener) -> None:
    opened = open_page(HOME, alive=False, java_script_enabled=False)
    page = opened.page
    expect(page.locator("noscript .hint")).to_contain_text("Switch JavaScript on")
    expect(page.locator("#status")).to_be_hidden()
    figure = page.locator("#figure")
    first = figure.screenshot(animations="allow")
    assert any(figure.screenshot(animations="allow") != first for _ in range(100))


# What is done before Python is there


def test_all_controls_can_be_reached_from_the_first_paint(waiting: tuple[Watched, Held]) -> None:
    page = waiting[0].page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the figure")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(13):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.preset"))
    assert reached[:5] == ["forward", "play", "back", "layer", "architecture"]
    assert reached[-3:] == ["source-synthesised", "playback", "gradients"]


def test_what_was_typed_and_clicked_is_done_in_its_order(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    page.get_by_role("button", name="Autoencoder").click()
    page.get_by_label("Gradients").fill("1, 2, 3")
    page.get_by_label("Architecture").fill("2-3-2")
    for _ in range(20):
        page.get_by_label("Playback").press("ArrowRight")
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator("#status-text")).to_contain_text("what you did is kept")
    let_live(opened, held)
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["2", "3", "2"])
    expect(page.get_by_label("Gradients")).to_have_value("1, 2, 3")
    expect(page.locator("#gradients-message")).to_be_empty()
    expect(page.locator("#playback-value")).to_have_text("900 ms")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()  # stepped by hand, it waits
    asked = "Object.fromEntries(new URLSearchParams(location.search))"
    page.wait_for_function(f"{asked}.playing === '0'")
    assert page.evaluate(asked) == {
        "layers": "2-3-2",
        "gradients": "1,2,3",
        "speed": "900",
        "layer": page.evaluate(f"{asked}.layer"),
        "playing": "0",
    }


def test_a_wrong_text_is_kept_and_named(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    page.get_by_label("Architecture").fill("3-x")
    let_live(opened, held)
    expect(page.get_by_label("Architecture")).to_have_value("3-x")
    expect(page.locator("#architecture-message")).to_contain_text('got "x"')
    expect(page.locator("#figure .gradient-flow-counts text")).to_have_text(["3", "4", "4", "2"])


@pytest.mark.parametrize("by_key", [True, False])
def test_pause_stops_the_wave_at_once_and_for_good(waiting: tuple[Watched, Held], by_key: bool) -> None:
    opened, held = waiting
    page = opened.page
    assert is_moving(page)
    if by_key:
        page.locator("body").press(" ")
    else:
        page.get_by_role("button", name="Pause").click()
    assert not is_moving(page)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    lit = page.evaluate(
        "JSON.parse(getComputedStyle(document.querySelector('[data-part=readout]'), '::after').content)"
    )
    let_live(opened, held)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-part=readout]")).to_have_text(lit)


def test_paused_and_played_it_moves_on(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play", exact=True).click()
    assert is_moving(page)
    let_live(opened, held)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_steps_and_keys_are_kept(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    page.locator("body").press("Home")
    page.locator("body").press("ArrowRight")
    let_live(opened, held)
    expect(page.locator("[data-part=readout]")).to_have_text("layer 02 / 04 · |∂L| 0.30")


def test_keys_on_the_transport_are_kept_as_python_reads_them(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    page.get_by_role("button", name="Pause").click()  # the focus stays on it: its own key is Space
    page.locator("#play").press("Home")
    page.locator("#play").press("ArrowRight")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    let_live(opened, held)
    expect(page.locator("[data-part=readout]")).to_have_text("layer 02 / 04 · |∂L| 0.30")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_slider_is_kept(waiting: tuple[Watched, Held]) -> None:
    opened, held = waiting
    page = opened.page
    for _ in range(2):
        page.get_by_label("Layer", exact=True).press("ArrowLeft")
    let_live(opened, held)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-part=readout]")).to_have_text("layer 02 / 04 · |∂L| 0.30")
    expect(page.get_by_label("Layer", exact=True)).to_have_value("2")


def test_the_picture_moves_on_and_can_be_paused_when_python_never_comes(open_page: Opener) -> None:
    opened = open_page(HOME, alive=False, routes={"**/*.wasm": lambda route: route.abort()})
    page = opened.page
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    frames(page)
    assert is_moving(page)
    page.get_by_role("button", name="Pause").click()
    assert not is_moving(page)
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")  # what is wrong is still said
