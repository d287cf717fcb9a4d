"""Use this view: the snippets follow the page, can be copied, and the files hold what is in view."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.figure.svg import COLOUR_TOKENS, animated_svg, still_svg
from app.view.export import magnitudes_csv, magnitudes_json
from app.view.settings import Settings, write_address, write_query
from app.view.snippets import write_snippets
from tests.support.pages import Opener, Watched
from tests.support.places import HOME
from tests.support.routes import Held
from tests.support.scripts import COLLECT_VIOLATIONS

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
WAYS = ("python", "link", "iframe", "command")
SIZE = (2 * 808, 2 * 506)  # px of a PNG
GROUND, NODE = (1_000, 60), (1_408, 504)  # px in it: of the ground, and the middle of a neuron of the output layer
PIXELS = """async ([address, places]) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const { width, height } = image;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const hex = ([x, y]) => "#" + [...context.getImageData(x, y, 1, 1).data].slice(0, 3)
    .map(value => value.toString(16).padStart(2, "0")).join("");
  return [width, height, ...places.map(hex)];
}"""
COUNT = """() => {
  window.rewritten = 0;
  const count = () => { window.rewritten += 1; };
  const all = { subtree: true, childList: true, characterData: true };
  new MutationObserver(count).observe(document.querySelector(".snippets"), all);
}"""


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME, clock=True, **CLIPBOARD)


@pytest.fixture
def live(shared: Watched) -> Iterator[Page]:
    """The page at rest at the loss, with the clock standing still, and the first snippet in view."""
    page = shared.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.get_by_label("Gradients").fill("")
    page.get_by_label("Architecture").fill("3-4-4-2")
    page.get_by_label("Playback", exact=True).fill("500")
    page.get_by_label("Layer", exact=True).fill("4")
    page.locator("#way-python").check()
    page.clock.run_for(3_000)
    yield page
    assert shared.errors == []


def told(page: Page) -> dict[str, str]:
    """The four texts, once they have been written."""
    page.clock.run_for(200)
    return {way: page.locator(f"#snippet-{way}").text_content() or "" for way in WAYS}


def base(page: Page) -> str:
    return page.url.partition("?")[0]


def download(page: Page, name: str) -> tuple[str, bytes]:
    """Name and contents of the file that a button gives."""
    with page.expect_download() as caught:
        page.get_by_role("button", name=name, exact=True).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def pixels(page: Page, png: bytes) -> list[Any]:
    """Width and height of a PNG and its colours at GROUND and NODE, as a browser decodes it."""
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    found: list[Any] = page.evaluate(PIXELS, [address, [GROUND, NODE]])
    return found


class TestSnippets:
    def test_they_name_the_host_they_come_from(self, open_page: Opener) -> None:
        page = open_page(HOME, clock=True).page
        assert told(page) == vars(write_snippets(Settings(), base(page)))
        assert base(page).startswith("http://127.0.0.1:")

    def test_they_follow_the_form_and_the_transport(self, live: Page) -> None:
        live.get_by_label("Architecture").fill("3, 5, 2")
        live.get_by_label("Gradients").fill("0.001 NaN ∞")
        live.get_by_label("Playback", exact=True).fill("900")
        live.locator("#forward").click()
        nan = float("nan")
        view = Settings((3, 5, 2), (0.001, nan, float("inf")), 900.0, 1, False)
        assert told(live) == vars(write_snippets(view, base(live)))
        live.locator("#play").click()
        assert told(live) == vars(write_snippets(replace(view, playing=True), base(live)))

    def test_a_wrong_field_leaves_the_last_good_view(self, live: Page) -> None:
        live.get_by_label("Architecture").fill("3-4")
        live.get_by_label("Architecture").fill("3-4-<b>")
        assert "layers=3-4&" in told(live)["link"]

    def test_a_wave_that_advances_by_itself_rewrites_none(self, live: Page) -> None:
        live.locator("#play").click()
        live.clock.run_for(1_000)
        live.evaluate(COUNT)
        live.clock.run_for(5_000)
        assert live.evaluate("rewritten") == 0
        live.get_by_label("Architecture").fill("3-3")
        live.clock.run_for(200)
        assert live.evaluate("rewritten") == 1  # all four at once

    def test_one_is_in_view_and_choosing_another_moves_nothing(self, live: Page) -> None:
        live.locator("#way-python").focus()
        before = live.locator("[data-download=csv]").bounding_box()
        for way in WAYS:
            expect(live.locator(f"#snippet-{way}")).to_be_visible()
            expect(live.locator(".snippet pre:visible")).to_have_count(1)
            expect(live.locator(".share [data-copy]:visible")).to_have_attribute("data-copy", f"snippet-{way}")
            live.keyboard.press("ArrowRight")
        assert live.locator("[data-download=csv]").bounding_box() == before
        expect(live.locator("#play")).to_have_text("Play")  # the arrow was the choice's alone

    @pytest.mark.parametrize("way", WAYS)
    def test_each_is_copied_as_it_is_now(self, live: Page, way: str) -> None:
        live.locator(f"#way-{way}").check()
        live.get_by_label("Architecture").fill("7-6")
        live.locator(f".share [data-copy=snippet-{way}]").click()  # before the address has been written
        expect(live.locator(f".share [data-copy=snippet-{way}]")).to_have_text("Copied")
        view = Settings((7, 6), playing=False)
        assert live.evaluate("navigator.clipboard.readText()") == vars(write_snippets(view, base(live)))[way]

    def test_a_chosen_theme_goes_into_the_frame_at_once(self, live: Page) -> None:
        frame = live.locator("#snippet-iframe")
        live.evaluate("document.documentElement.dataset.theme = 'dark'")
        expect(frame).to_contain_text("&amp;theme=dark")
        expect(frame).to_contain_text('style="border:0; color-scheme: dark"')
        live.evaluate("delete document.documentElement.dataset.theme")
        expect(frame).not_to_contain_text("dark")


class TestDownloads:
    def test_the_pictures(self, live: Page) -> None:
        live.get_by_label("Playback", exact=True).fill("900")
        live.locator("#forward").click()
        name, animated = download(live, "Animated SVG")
        assert (name, animated.decode()) == (
            "gradient-flow-3-4-4-2-animated.svg",
            animated_svg([3, 4, 4, 2], play_speed=900),
        )
        name, still = download(live, "Still SVG")
        assert (name, still.decode()) == ("gradient-flow-3-4-4-2-layer-3.svg", still_svg([3, 4, 4, 2], None, 1))

    def test_the_magnitudes(self, live: Page) -> None:
        live.get_by_label("Architecture").fill("3-2")
        live.get_by_label("Gradients").fill("NaN, 0.30000000000000004")
        name, table = download(live, "CSV")
        assert name == "gradient-flow-3-2.csv"
        assert list(csv.reader(table.decode().splitlines())) == [
            ["layer", "name", "neurons", "magnitude"],
            ["0", "input", "3", "NaN"],
            ["1", "output", "2", "0.30000000000000004"],
        ]
        name, whole = download(live, "JSON")
        assert name == "gradient-flow-3-2.json"
        assert [layer["magnitude"] for layer in json.loads(whole)["layers"]] == ["NaN", 0.1 + 0.2]

    def test_names_and_label_come_along(self, open_page: Opener) -> None:
        view = Settings((3, 2), (0.5, 1.0), playing=False, names=("<b>&amp;", "it's a,b"), label='"L2" ∂W')
        page = open_page(f"{HOME}?{write_query(write_address(view))}", clock=True).page
        assert told(page) == vars(write_snippets(view, base(page)))
        given: dict[str, Any] = {"names": view.names, "label": view.label}
        assert download(page, "Still SVG")[1].decode() == still_svg([3, 2], [0.5, 1], **given)
        assert download(page, "Animated SVG")[1].decode() == animated_svg([3, 2], [0.5, 1], **given)
        assert download(page, "CSV")[1].decode() == magnitudes_csv(view)
        assert download(page, "JSON")[1].decode() == magnitudes_json(view)

    @pytest.mark.parametrize(("scheme", "index"), [("light", 0), ("dark", 1)])
    @pytest.mark.parametrize("is_chosen", [False, True])
    def test_a_png_is_twice_the_picture_in_the_theme_in_view(
        self, live: Page, scheme: Any, index: int, is_chosen: bool
    ) -> None:
        live.emulate_media(color_scheme=scheme)
        if is_chosen:  # against the system's preference
            live.emulate_media(color_scheme="dark" if scheme == "light" else "light")
        live.evaluate("theme => { document.documentElement.dataset.theme = theme; }", scheme if is_chosen else "system")
        name, png = download(live, "PNG")
        live.evaluate("delete document.documentElement.dataset.theme")
        assert name == "gradient-flow-3-4-4-2-layer-4.png"
        surface, wave = COLOUR_TOKENS["--cb-surface"][index], COLOUR_TOKENS["--cb-warning"][index]
        assert pixels(live, png) == [*SIZE, surface, wave]

    def test_a_png_that_can_t_be_drawn_is_one_sentence(self, live: Page) -> None:
        refuse = "() => Promise.reject(new DOMException('no room', 'EncodingError'))"
        live.evaluate(f"() => {{ window.kept = Image.prototype.decode; Image.prototype.decode = {refuse}; }}")
        live.get_by_role("button", name="PNG").click()
        message = live.locator("#download-message")
        expect(message).to_have_text(re.compile(r"^PNG: the browser could not draw it \(.*no room\)\. The SVG"))
        live.evaluate("() => { Image.prototype.decode = window.kept; }")
        assert download(live, "PNG")[1].startswith(b"\x89PNG")
        expect(message).to_be_hidden()

    def test_what_was_asked_for_before_python_came_comes_then(self, open_page: Opener) -> None:
        held = Held()
        page = open_page(HOME + "?layers=9-8", alive=False, routes={"**/start-*.bundle": held}).page
        page.get_by_role("button", name="CSV").click()
        with page.expect_download() as caught:
            held.let_go(page)
        assert caught.value.suggested_filename == "gradient-flow-9-8.csv"


def test_copying_and_downloading_go_against_no_policy(open_page: Opener) -> None:
    opened = open_page(HOME, alive=False, bypass_csp=False, script=COLLECT_VIOLATIONS, **CLIPBOARD)
    page = opened.page
    expect(page.locator("html")).to_have_attribute("data-state", "alive")
    page.locator(".share [data-copy]:visible").click()
    expect(page.locator(".share [data-copy]:visible")).to_have_text("Copied")
    for name in ("Animated SVG", "Still SVG", "PNG", "CSV", "JSON"):
        assert download(page, name)[1]
    assert page.evaluate("violations") == []
    assert opened.errors == []
