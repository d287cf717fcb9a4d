"""The page in a frame of somebody else's, on another host: how it looks there, and how it is driven by messages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, FrameLocator, expect

from app.network.config import NetworkConfig
from app.network.training import Training
from app.view.settings import HIDEABLE
from tests.support.other_origin import OtherOrigin
from tests.support.pages import BLOCKED, Opener, Watched, new_context, watch
from tests.support.places import HOME, ROOT
from tests.support.routes import Held
from tests.support.scripts import WATCH_SHIFTS

Sizes = tuple[int, int]

# The page around: a colour of its own behind the frame, and all that it hears from in there.
AROUND = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Somebody else's page</title>
<link rel="icon" href="data:,">
<style>html { background: rgb(12, 120, 90); } body { margin: 20px; } h1 { color: white; background: black; }</style>
</head>
<body>
<main>
<h1>A training run</h1>
<iframe src="SRC" title="Gradient wave · backward" width="WIDTH" height="HEIGHT" style="border:0; STYLE"></iframe>
</main>
<script>
  window.heard = [];
  addEventListener("message", ({ source, origin, data }) => {
    if (source === frames[0] && data.type?.startsWith("gradient-flow")) heard.push({ origin, data });
  });
  window.say = (message) => frames[0].postMessage(message, "*");
</script>
</body>
</html>
"""


class Around:
    """A page on another host that frames ours."""

    def __init__(self, browser: Browser, folder: Path, elsewhere: OtherOrigin, origin: str) -> None:
        self._folder, self._browser, self.ours = folder, browser, origin
        self.origin = elsewhere.origin.replace("127.0.0.1", "localhost")  # another site too, not only another port
        self.opened: list[Watched] = []

    def open(
        self,
        query: str = "",
        *,
        size: Sizes = (640, 420),
        style: str = "",
        alive: bool = True,
        routes: dict[str, Any] | None = None,
        script: str = "",
        **options: Any,
    ) -> Framed:
        html = AROUND.replace("SRC", f"{self.ours}{HOME}?embed=1{query and f'&amp;{query}'}").replace("STYLE", style)
        html = html.replace("WIDTH", str(size[0])).replace("HEIGHT", str(size[1]))
        (self._folder / "index.html").write_text(html, encoding="utf-8")
        context = new_context(self._browser, **{"bypass_csp": True, **options})
        context.add_init_script(script)
        for pattern, handler in (routes or {}).items():
            context.route(pattern, handler)
        watched = watch(context)
        self.opened.append(watched)
        watched.page.goto(f"{self.origin}/index.html", wait_until="load" if alive else "commit")
        framed = Framed(watched)
        if alive:
            framed.wait_alive()
        return framed


class Framed:
    """Our page in the frame, and the page around it."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.page = watched, watched.page
        self.inside: FrameLocator = self.page.frame_locator("iframe")

    def wait_alive(self) -> None:
        """Wait until Python has taken the framed page over."""
        try:
            expect(self.inside.locator("html")).to_have_attribute("data-state", "alive")
        except AssertionError as error:
            raise AssertionError(f"the page in the frame did not come alive: {self.watched.told()}") from error

    def say(self, message: str) -> None:
        """Post a message, which is JavaScript here, from the page around."""
        self.page.evaluate(f"() => say({message})")

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a type that the page around has heard, without the type."""
        told = [each["data"] for each in self.page.evaluate("heard")]
        return [{name: each[name] for name in each if name != "type"} for each in told if each["type"] == kind]

    def wait_for(self, condition: str) -> None:
        """Wait until the page around has heard what makes a condition on `heard` true."""
        self.page.wait_for_function(f"() => {condition}")

    def run(self, code: str) -> Any:
        """Run JavaScript in the framed page."""
        return self.inside.locator("html").evaluate(f"html => {code}")

    def shown(self) -> str:
        """All that stands in the framed page, but for the glows on their way to where they settle."""
        stage = str(self.run("document.querySelector('.stage').innerHTML"))
        return re.sub(r' opacity="[\d.]+"', "", stage)


def _arounds(browser: Browser, origin: str, folder: Path) -> Iterator[Around]:
    elsewhere = OtherOrigin(folder)
    around = Around(browser, folder, elsewhere, origin)
    yield around
    for watched in around.opened:
        watched.context.close()
    elsewhere.stop()


@pytest.fixture
def around(browser: Browser, origin: str, tmp_path: Path) -> Iterator[Around]:
    yield from _arounds(browser, origin, tmp_path)


@pytest.fixture(scope="module")
def shared(browser: Browser, origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Framed]:
    """One framed page for all messages: a start takes seconds."""
    for around in _arounds(browser, origin, tmp_path_factory.mktemp("around")):
        yield around.open()


@pytest.fixture
def driven(shared: Framed) -> Iterator[Framed]:
    """The framed page, standing still at the loss side of 3-4-4-2 with the series, nothing heard of it yet."""
    shared.say('{type: "gradient-flow", layers: [3, 4, 4, 2], gradients: null, speed: 500, layer: 0, playing: false}')
    shared.say('{type: "gradient-flow", layer: -99}')  # answered after all that came before it
    shared.wait_for("heard.some(({ data }) => data.message?.endsWith('-99'))")
    shared.page.evaluate("() => { heard.length = 0; }")
    yield shared
    assert shared.watched.errors == []


# What is said, then what stands in the frame: the readout, and the neurons of each layer.
GOOD = [
    ("layer: 1", "layer 03 / 04 · |∂L| 0.55", "3442"),
    ("layer: 3", "layer 01 / 04 · |∂L| 0.17", "3442"),
    ("layer: 0, playing: false", "layer 04 / 04 · |∂L| 1.00", "3442"),
    ("gradients: [0.1, 0.2, 0.3, 0.4]", "layer 04 / 04 · |∂L| 0.40", "3442"),
    ("gradients: [0.1, 0.2, 0.3, 0.4], layer: 3", "layer 01 / 04 · |∂L| 0.10", "3442"),
    ("gradients: new Float32Array([1, 2, 3, 0.5])", "layer 04 / 04 · |∂L| 0.50", "3442"),
    ("gradients: [NaN, 1, 1, 1], layer: 3", "layer 01 / 04 · |∂L| NaN", "3442"),
    ("gradients: [1, 1, 1, Infinity]", "layer 04 / 04 · |∂L| ∞", "3442"),
    ("gradients: [1, 1, 1, 0]", "layer 04 / 04 · |∂L| 0", "3442"),
    ("gradients: [1, 1, 1, 0.0008]", "layer 04 / 04 · |∂L| 8.0e-4", "3442"),
    ("gradients: [null, 2, 3, 4], layer: 3", "layer 01 / 04 · |∂L| –", "3442"),
    ("gradients: null, layer: 2", "layer 02 / 04 · |∂L| 0.30", "3442"),
    ("layers: [5]", "layer 01 / 01 · |∂L| 1.00", "5"),
    ("layers: [1, 2], layer: 1", "layer 01 / 02 · |∂L| 0.55", "12"),
    ("layers: [1, 2, 3, 4, 5, 6, 7]", "layer 07 / 07 · |∂L| 1.00", "1234567"),
    ("layers: new Uint8Array([9, 8])", "layer 02 / 02 · |∂L| 1.00", "98"),
    ("layers: [7, 7], gradients: [3, 4]", "layer 02 / 02 · |∂L| 4.00", "77"),
    ("layers: [7, 7], gradients: [3, 4], layer: 1, speed: 80", "layer 01 / 02 · |∂L| 3.00", "77"),
    ("layers: [2, 2, 2], gradients: null, layer: 2, playing: false, speed: 0", "layer 01 / 03 · |∂L| 0.30", "222"),
    ("speed: 2000, layer: 1", "layer 03 / 04 · |∂L| 0.55", "3442"),
    ("layer: 2n, layers: undefined", "layer 02 / 04 · |∂L| 0.30", "3442"),
]
BAD = [
    ('layers: "3-4-4-2"', "layers"),
    ("layers: []", "layers"),
    ("layers: null", "layers"),
    ("layers: [3, -1]", "layers"),
    ("layers: [3, 1.5]", "layers"),
    ("layers: [3, NaN]", "layers"),
    ("layers: [3, null]", "layers"),
    ("layers: [3, [4]]", "layers"),
    ("layers: [3, [[4]]]", "layers"),
    ('layers: ["<img src=x onerror=heard.push(1)>"]', "layers"),
    ("layers: {length: 2, 0: 3, 1: 4}", "layers"),
    ("layers: Array(300).fill(2)", "layers"),
    ("gradients: [1, 2]", "gradients"),
    ("gradients: [1, 2, 3, -4]", "gradients"),
    ('gradients: [1, 2, 3, "<b>4</b>"]', "gradients"),
    ('names: ["a", "b"]', "names"),
    ('names: ["a", "b", "c", 4]', "names"),
    ('names: "abcd"', "names"),
    ('label: "L2"', "label"),
    ("label: 3, gradients: [1, 2, 3, 4]", "label"),
    ("layer: 4", "layer"),
    ("layer: -1", "layer"),
    ("layer: 0.5", "layer"),
    ('playing: "yes"', "playing"),
    ("speed: -1", "speed"),
    ('"<i>colour</i>": 1', "<i>colour</i>"),
]


class TestMessages:
    @pytest.mark.parametrize(("said", "readout", "neurons"), GOOD)
    def test_a_right_one_is_obeyed(self, driven: Framed, said: str, readout: str, neurons: str) -> None:
        driven.say(f'{{type: "gradient-flow", {said}}}')
        expect(driven.inside.locator("[data-part=readout]")).to_have_text(readout)
        expect(driven.inside.locator(".gradient-flow-counts text")).to_have_text(list(neurons))
        assert driven.heard("gradient-flow-error") == []

    def test_names_and_label_are_shown_and_taken_back(self, driven: Framed) -> None:
        named = 'gradients: [1, 2, 3, 4], names: ["a", "b", "<b>c", "d"], label: "L2 ∂W", layer: 1'
        driven.say(f'{{type: "gradient-flow", {named}}}')
        names = driven.inside.locator(".gradient-flow-names text")
        expect(driven.inside.locator("[data-part=readout]")).to_have_text("layer 03 / 04 · L2 ∂W 3.00")
        expect(names).to_have_text(["a", "b", "<b>c", "d"])
        driven.say('{type: "gradient-flow", layers: [1, 2, 3, 4], names: null, label: null}')
        expect(driven.inside.locator("[data-part=readout]")).to_have_text("layer 03 / 04 · |∂L| 3.00")
        expect(names).to_have_count(0)
        assert driven.heard("gradient-flow-error") == []

    @pytest.mark.parametrize(("said", "field"), BAD)
    def test_a_wrong_one_is_answered_and_changes_nothing(self, driven: Framed, said: str, field: str) -> None:
        before = driven.shown()
        driven.say(f'{{type: "gradient-flow", {"" if "playing" in said else "playing: true, "}{said}}}')
        driven.wait_for("heard.length")
        (error,) = driven.heard("gradient-flow-error")
        assert error["field"] == field
        assert error["message"].strip('"').startswith(f"{field}")
        assert driven.heard("gradient-flow-layer") == []
        assert driven.shown() == before

    def test_other_shapes_and_other_windows_are_not_heard(self, driven: Framed) -> None:
        before = driven.shown()
        for other in (
            "3",
            "null",
            '"gradient-flow"',
            "[1]",
            "{}",
            "{layer: 2}",
            '{type: "other", layer: 2}',
            "new Date",
        ):
            driven.say(other)
        driven.say('new Map([["layer", 2]])')
        message = '{type: "gradient-flow", layer: 2}'
        driven.run(f"window.postMessage({message}, '*')")  # from the framed page itself
        driven.page.evaluate(  # and from another frame beside it
            f"""() => new Promise(done => {{
              const frame = document.createElement("iframe");
              frame.srcdoc = "<script>parent.frames[0].postMessage({message.replace('"', "'")}, '*')</" + "script>";
              frame.onload = () => {{ frame.remove(); done(); }};
              document.body.append(frame);
            }})"""
        )
        driven.say('{type: "gradient-flow", layer: 9}')  # answered after all those before it
        driven.wait_for("heard.length")
        assert [error["field"] for error in driven.heard("gradient-flow-error")] == ["layer"]
        assert len(driven.page.evaluate("heard")) == 1
        assert driven.shown() == before

    def test_each_wrong_field_is_named(self, driven: Framed) -> None:
        driven.say('{type: "gradient-flow", layer: 1, playing: 0, speed: "fast"}')
        driven.wait_for("heard.length === 2")
        assert driven.heard("gradient-flow-error") == [
            {"field": "playing", "message": "playing: must be true or false, got 0"},
            {"field": "speed", "message": 'speed: must be a number of milliseconds from 0 to 2000, got "fast"'},
        ]

    def test_the_page_around_hears_of_each_advance(self, driven: Framed) -> None:
        driven.say('{type: "gradient-flow", playing: true, speed: 80}')
        expect(driven.inside.locator("#play")).to_have_text("Pause")
        driven.wait_for("heard.length >= 6")
        assert driven.heard("gradient-flow-layer")[:6] == [{"layer": layer} for layer in (1, 2, 3, 0, 1, 2)]
        assert {each["origin"] for each in driven.page.evaluate("heard")} == {
            driven.page.frames[1].url.split("/grad")[0]
        }

    def test_and_of_each_step_by_hand_or_message(self, driven: Framed) -> None:
        driven.inside.locator("#forward").click()
        driven.wait_for("heard.length === 1")
        driven.say('{type: "gradient-flow", layer: 3}')
        driven.wait_for("heard.length === 2")
        assert driven.heard("gradient-flow-layer") == [{"layer": 1}, {"layer": 3}]

    def test_a_flood_is_obeyed_to_its_end(self, driven: Framed) -> None:
        driven.page.evaluate("""() => {
          for (let step = 1; step <= 20_000; step++) say({type: "gradient-flow", gradients: [1, 1, 1, step]});
        }""")
        expect(driven.inside.locator("[data-part=readout]")).to_have_text("layer 04 / 04 · |∂L| 2.0e4")
        assert driven.heard("gradient-flow-error") == []

    def test_others_that_come_in_a_flood_are_obeyed_too(self, driven: Framed) -> None:
        driven.page.evaluate("""() => {
          say({type: "gradient-flow", layers: [5, 6], layer: 1});
          for (let step = 1; step <= 50; step++) say({type: "gradient-flow", gradients: [step, 1]});
          say({type: "gradient-flow", layers: [7, 8, 9]});
          for (let step = 1; step <= 50; step++) say({type: "gradient-flow", layer: step % 3});
        }""")
        expect(driven.inside.locator(".gradient-flow-counts text")).to_have_text(["7", "8", "9"])
        expect(driven.inside.locator("[data-part=readout]")).to_have_text("layer 01 / 03 · |∂L| 0.30")
        assert driven.heard("gradient-flow-error") == []

    def test_a_huge_one_is_refused_by_its_length(self, driven: Framed) -> None:
        for said in (
            "gradients: new Float64Array(1_000_000)",
            "layers: new Array(4_294_967_295)",
            "names: [1, 2, new Array(4_294_967_295), 4]",
            "label: new Array(4_294_967_295), gradients: [1, 2, 3, 4]",
        ):
            driven.say(f'{{type: "gradient-flow", {said}}}')
        driven.say("new Array(4_294_967_295)")
        driven.say(
            '{type: "gradient-flow", ...Object.fromEntries(Array.from({length: 1e4}, (_, at) => [`wrong${at}`, at]))}'
        )
        driven.wait_for("heard.length === 15")
        errors = driven.heard("gradient-flow-error")
        assert [error["field"] for error in errors[:4]] == ["gradients", "layers", "names", "label"]
        assert errors[-1] == {"field": "", "message": "9,990 more fields are wrong"}

    def test_keys_work_in_the_focused_frame(self, driven: Framed) -> None:
        driven.inside.locator("#figure").click()
        driven.page.keyboard.press("ArrowLeft")
        expect(driven.inside.locator("[data-part=readout]")).to_have_text("layer 03 / 04 · |∂L| 0.55")
        driven.page.keyboard.press("Space")
        expect(driven.inside.locator("#play")).to_have_text("Pause")


def test_what_is_said_before_python_is_there_is_kept_and_obeyed(around: Around) -> None:
    held = Held()
    framed = around.open(alive=False, routes={"**/pyscript.json": held})
    held.await_one(framed.page)
    expect(framed.inside.get_by_role("progressbar", name="Loading")).to_be_in_viewport()
    framed.say('{type: "gradient-flow", layers: [6, 5, 4], playing: false}')
    framed.say('{type: "gradient-flow", layer: 7}')
    framed.say('{type: "gradient-flow", layer: 1}')
    expect(framed.inside.locator(".gradient-flow-counts text")).to_have_text(["3", "4", "4", "2"])
    held.let_go(framed.page)
    framed.wait_alive()
    expect(framed.inside.locator(".gradient-flow-counts text")).to_have_text(["6", "5", "4"])
    expect(framed.inside.locator("[data-part=readout]")).to_have_text("layer 02 / 03 · |∂L| 0.55")
    framed.wait_for("heard.some(({ data }) => data.layer === 1)")
    assert [error["field"] for error in framed.heard("gradient-flow-error")] == ["layer"]
    assert framed.watched.errors == []


@pytest.fixture(scope="module")
def shared_still(browser: Browser, origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Framed]:
    """One framed page, its wave waiting, for those who look at how it is laid out."""
    for around in _arounds(browser, origin, tmp_path_factory.mktemp("around")):
        yield around.open("playing=0")


def test_it_is_the_figure_and_its_transport_alone(shared_still: Framed) -> None:
    inside = shared_still.inside
    expect(inside.get_by_role("figure", name="Gradient wave · backward")).to_be_visible()
    for name in ("Step forward, towards the input", "Play", "Step back, towards the loss"):
        expect(inside.get_by_role("button", name=name)).to_be_visible()
    expect(inside.get_by_role("slider", name="Layer")).to_be_visible()
    expect(
        inside.locator(":is(button, input, select, a, h1, h2, p, label:not(.visually-hidden)):visible")
    ).to_have_count(5)
    expect(inside.get_by_role("link", name="Open this view on its own page")).to_be_visible()


def test_each_thing_that_can_be_hidden_is(shared_still: Framed) -> None:
    parts = {
        "title": "#figure .gradient-flow-title",
        "readout": "#figure [data-part=readout]",
        "direction": "#figure .gradient-flow-direction",
        "counts": "#figure .gradient-flow-counts",
        "transport": "#controls",
        "slider": ".scrub",
        "link": "#open-page",
        "status": ".below",
    }
    assert set(parts) == set(HIDEABLE)
    for name, part in parts.items():
        shared_still.run("html.dataset.hide = ''")
        expect(shared_still.inside.locator(part)).not_to_have_css("display", "none")
        shared_still.run(f"html.dataset.hide = '{name}'")
        expect(shared_still.inside.locator(part)).to_have_css("display", "none")
    shared_still.run("html.dataset.hide = ''")


def test_what_the_address_hides_is_hidden_and_the_figure_keeps_its_name(around: Around) -> None:
    framed = around.open("hide=title,transport&amp;layers=2-2")
    expect(framed.inside.locator("#figure .gradient-flow-title")).to_be_hidden()
    expect(framed.inside.locator("#controls")).to_be_hidden()
    expect(framed.inside.get_by_role("figure", name="Gradient wave · backward")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "style"), [("", ""), ("dark", "color-scheme: dark"), ("light", "color-scheme: light")]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_behind_the_frame_shines_through(around: Around, scheme: Any, theme: str, style: str) -> None:
    style = style or f"color-scheme: {scheme}"
    held = Held()
    framed = around.open(
        f"theme={theme or 'system'}", alive=False, style=style, color_scheme=scheme, routes={"**/pyscript.json": held}
    )
    held.await_one(framed.page)
    expect(framed.inside.locator("#figure")).to_be_visible()
    box = framed.page.locator("iframe").bounding_box()
    assert box is not None
    inside = framed.page.screenshot(
        clip={"x": box["x"] + 2, "y": box["y"] + box["height"] - 6, "width": 4, "height": 4}
    )
    outside = framed.page.screenshot(clip={"x": box["x"] - 8, "y": box["y"] + 50, "width": 4, "height": 4})
    assert inside == outside
    ink = framed.run("getComputedStyle(document.querySelector('.gradient-flow-title')).color")
    assert ink == {"light": "rgb(28, 25, 23)", "dark": "rgb(245, 245, 244)"}[theme or scheme]


FITS = """html => {
  const inside = ({ left, top, right, bottom }) =>
    left >= -0.5 && top >= -0.5 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5;
  const scale = document.querySelector("#figure svg").getScreenCTM().a;
  const size = (text) => parseFloat(getComputedStyle(text).fontSize) * scale;
  const feet = [...document.querySelectorAll(
    "#figure :is(.gradient-flow-counts text, .gradient-flow-names text, .gradient-flow-name)",
  )].filter(text => text.getClientRects().length);
  const parts = [...document.querySelectorAll("#controls > *, #layer, .gradient-flow-layer > .gradient-flow-nodes")];
  return {
    scrolls: document.scrollingElement.scrollWidth > innerWidth || document.scrollingElement.scrollHeight > innerHeight,
    outside: [...parts, ...feet].filter(part => !inside(part.getBoundingClientRect()))
      .map(part => part.outerHTML.slice(0, 60)),
    texts: [document.querySelector(".gradient-flow-tag"), ...feet].map(size),
    drawing: 400 * scale,
  };
}"""


def assert_fits(framed: Framed, widths: Iterable[int], heights: Iterable[int]) -> None:
    frame = framed.page.locator("iframe")
    before = [frame.get_attribute(name) for name in ("width", "height")]
    for width, height in itertools.product(widths, heights):
        frame.evaluate("(frame, [width, height]) => { frame.width = width; frame.height = height; }", [width, height])
        expect(framed.inside.locator("html")).to_have_js_property("clientWidth", width)
        expect(framed.inside.locator("html")).to_have_js_property("clientHeight", height)
        found = framed.inside.locator("html").evaluate(FITS)
        assert not found["scrolls"], (width, height)
        assert found["outside"] == [], (width, height)
        assert min(found["texts"]) >= 9, (width, height, found)
    frame.evaluate("(frame, [width, height]) => { frame.width = width; frame.height = height; }", before)


def test_it_fits_its_frame(shared_still: Framed) -> None:
    assert_fits(shared_still, (300, 420, 640, 1100), range(150, 500, 25))
    assert_fits(shared_still, (1100, 1280), (600,))


@pytest.mark.parametrize(
    "names",
    ["fc1,fc2,fc3,head", f"{'m' * 200},encoder.layer.11.attention.self.query,第三层卷积神经网络模块,head"],
    ids=["short", "long"],
)
def test_it_fits_its_frame_with_names_too(around: Around, names: str) -> None:
    framed = around.open(f"playing=0&amp;layer=3&amp;names={names}")
    assert_fits(framed, (300, 640, 1100), range(150, 500, 50))
    assert framed.watched.errors == []


def test_wrong_parameters_are_named_in_the_frame(around: Around) -> None:
    framed = around.open("hide=title,&lt;b&gt;&amp;show=bras,figure&amp;theme=blue&amp;layers=0")
    expect(framed.inside.get_by_role("listitem")).to_have_text(
        [
            'Architecture: layer 1 must be a whole number from 1 to 1024, got "0". '
            "This came from “layers” in the address; the default stands in: 3-4-4-2.",
            "Hide: each must be title, readout, direction, counts, transport, slider, link or status, "
            'got "<b>". This came from “hide” in the address; the others are hidden.',
            'Show: each must be figure, transport, bars or verdict, got "bras". '
            "This came from “show” in the address; it is left out.",
            'Theme: must be system, light or dark, got "blue". '
            "This came from “theme” in the address; it changes nothing.",
        ]
    )
    expect(framed.inside.get_by_role("alert")).to_be_visible()
    expect(framed.inside.locator("#figure .gradient-flow-title")).to_be_hidden()
    expect(framed.inside.locator("#controls")).to_be_hidden()


def test_the_parts_that_are_asked_for_are_shown_and_a_link_opens_the_same_view(around: Around) -> None:
    beside = "&amp;against=activation:relu"
    framed = around.open(f"show=bars,verdict&amp;source=computed&amp;layers=2-8-8-8-3&amp;playing=0{beside}")
    inside = framed.inside
    for series in ("gradients", "other"):
        expect(inside.locator(f"#bars [data-bar={series}]")).to_have_count(5)
    expect(inside.locator("#bars .gradient-explorer-legend")).to_have_text(re.compile("now.*ReLU"))
    verdicts = [
        Training((2, 8, 8, 8, 3), NetworkConfig(activation=name)).shown(0).verdict for name in ("sigmoid", "relu")
    ]
    expect(inside.locator("#verdict")).to_have_text("{}. Beside it: {}. The verdict judges L2 ∂L/∂z.".format(*verdicts))
    expect(inside.locator("#figure")).to_be_hidden()
    inside.get_by_role("slider", name="Layer").press("Home")
    framed.wait_for("heard.some(({ data }) => data.layer === 4)")
    link = inside.get_by_role("link", name="Open this view on its own page")
    link.hover()
    view = r"/gradient-flow-viz/\?layers=2-8-8-8-3&layer=4&playing=0&source=computed&against=activation:relu$"
    expect(link).to_have_attribute("href", re.compile(view))
    expect(link).to_have_attribute("target", "_blank")
    framed.say('{type: "gradient-flow", gradients: [1, 2, 3, 4, 5], names: ["a", "b", "c", "d", "e"]}')
    expect(inside.locator("#verdict")).to_contain_text("No verdict")
    expect(inside.locator("#bars [data-part=readout]")).to_have_text("a · 1.00")
    expect(inside.locator("#bars [data-bar=other]")).to_have_count(0)
    assert framed.watched.errors == []


def test_a_small_frame_shows_the_bars_of_a_network_alone(around: Around) -> None:
    framed = around.open("source=computed&amp;playing=0", size=(300, 150))
    frame, bars = framed.page.locator("iframe"), framed.inside.locator("#bars svg").first
    expect(bars).to_be_in_viewport(ratio=1)
    expect(framed.inside.locator("#figure")).to_be_hidden()
    assert framed.run("document.scrollingElement.scrollHeight") == 150
    frame.evaluate("frame => { frame.width = 640; frame.height = 420; }")
    expect(framed.inside.locator("#figure")).to_be_visible()
    expect(framed.inside.locator("#controls")).to_be_visible()
    expect(bars).to_be_hidden()
    framed.say('{type: "gradient-flow", gradients: [1, 2, 3, 4]}')
    frame.evaluate("frame => { frame.width = 300; frame.height = 150; }")
    expect(framed.inside.locator("#figure")).to_be_visible()  # the numbers are not measured here
    assert framed.watched.errors == []


def test_what_is_computed_follows_the_layers_that_are_told_and_gives_way_to_magnitudes(around: Around) -> None:
    framed = around.open("source=computed&amp;playing=0")
    readout = framed.inside.locator("[data-part=readout]")
    expect(readout).to_contain_text("04 / 04 · RMS ∂L/∂a")
    framed.say('{type: "gradient-flow", layers: [2, 8, 8, 8, 3]}')
    expect(readout).to_contain_text("05 / 05 · RMS ∂L/∂a")
    framed.say('{type: "gradient-flow", layers: Array(20).fill(1024)}')
    framed.wait_for('heard.some(({ data }) => data.type === "gradient-flow-error")')
    (refusal,) = framed.heard("gradient-flow-error")
    assert refusal["field"] == "layers"
    assert "must have at most 4,000,000 weights" in refusal["message"]
    expect(readout).to_contain_text("05 / 05 · RMS ∂L/∂a")
    framed.say('{type: "gradient-flow", gradients: [1, 2, 3, 4, 5]}')
    expect(readout).to_have_text("layer 05 / 05 · |∂L| 5.00")


def test_it_writes_no_address_and_keeps_nothing(around: Around) -> None:
    script = """
      window.noted = [];
      history.replaceState = (...given) => noted.push(given);
      if (window.ServiceWorkerContainer) ServiceWorkerContainer.prototype.register = (...given) => noted.push(given);
    """
    framed = around.open("playing=0", script=script)
    framed.inside.locator("#forward").click()
    framed.say('{type: "gradient-flow", layers: [2, 2], layer: 1}')
    framed.wait_for("heard.some(({ data }) => data.layer === 1)")
    framed.run("new Promise(done => setTimeout(done, 400))")  # twice what the page waits for before it writes
    assert framed.run("noted") == []


def test_nothing_shifts_as_it_starts(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?embed=1", script=WATCH_SHIFTS, viewport={"width": 640, "height": 420})
    expect(opened.page.locator("#figure:not([data-prerendered])")).to_be_visible()
    assert sum(opened.page.evaluate("shifts")) == 0
    assert opened.errors == []


def test_a_start_that_fails_says_so_in_the_frame(around: Around) -> None:
    framed = around.open(alive=False, routes={"**/core.js": lambda route: route.abort()})
    expect(framed.inside.get_by_role("alert")).to_contain_text("core.js could not be loaded.")
    expect(framed.inside.get_by_role("button", name="Try again")).to_be_visible()
    expect(framed.inside.locator("#status-text")).to_be_in_viewport()


def test_axe_finds_nothing_in_it(shared_still: Framed) -> None:
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    for frame in shared_still.page.frames:
        frame.evaluate(axe)
    found = shared_still.page.evaluate("axe.run().then(results => results.violations)")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_it_lives_where_third_parties_may_store_nothing(
    launch_whole: Callable[..., BrowserContext], around: Around, origin: str
) -> None:
    around.open(alive=False)  # writes the page around
    watched = watch(launch_whole(BLOCKED, bypass_csp=True))
    watched.page.goto(f"{around.origin}/index.html")
    framed = Framed(watched)
    with pytest.raises(Error, match="denied"):
        framed.run("localStorage.length")
    framed.wait_alive()
    framed.say('{type: "gradient-flow", layers: [5, 5], playing: false}')
    expect(framed.inside.locator(".gradient-flow-counts text")).to_have_text(["5", "5"])
    assert watched.errors == []
