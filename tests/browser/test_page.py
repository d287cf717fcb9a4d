"""The page in a real browser: the transport, the form, the address."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.support.pages import Opener, Watched
from tests.support.places import HOME
from tests.support.routes import Held
from tests.support.scripts import SET_BACK


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME, clock=True)


@pytest.fixture
def live(shared: Watched) -> Iterator[Page]:
    """The page as it opens, at the loss and playing, with the clock standing still."""
    page = shared.page
    page.emulate_media(reduced_motion="no-preference")
    expect(page.locator("#reduced")).to_be_hidden()  # the page has heard of it
    page.evaluate(SET_BACK)
    page.clock.run_for(3_000)
    page.evaluate("document.getElementById('play').click()")
    yield page
    assert shared.errors == []


def active(page: Page) -> int:
    """Index of the lit layer, 0 the input."""
    return int(page.locator('#figure [data-state="active"]').get_attribute("data-layer") or "")


def readout(page: Page) -> str:
    return page.locator('#figure [data-part="readout"]').inner_text()


def depth(page: Page) -> int:
    return page.locator("#figure [data-layer]").count()


def counts(page: Page) -> list[str]:
    """Neurons a layer as the figure writes them."""
    return page.locator("#figure .gradient-flow-counts text").all_text_contents()


def names(page: Page) -> list[str]:
    """Names of the layers as the figure writes them."""
    return page.locator("#figure .gradient-flow-names text").all_text_contents()


def glows(page: Page) -> list[float]:
    """Opacity of each layer's halo."""
    return [float(halo.get_attribute("opacity") or "") for halo in page.locator('[data-part="halo"]').all()]


def states(page: Page) -> list[str | None]:
    return [layer.get_attribute("data-state") for layer in page.locator("#figure [data-layer]").all()]


def on_body(page: Page, key: str) -> None:
    """Press a key while nothing has the focus."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


def address(page: Page) -> dict[str, list[str]]:
    """The address's parameters, once it has been written."""
    page.clock.run_for(200)
    return parse_qs(urlsplit(page.url).query)


def assert_plays(page: Page, *, milliseconds: int = 500) -> None:
    """The wave advances once in that time, and in no less."""
    page.clock.run_for(milliseconds - 1)
    before = active(page)
    page.clock.run_for(1)
    assert active(page) == (before - 1) % depth(page)


def assert_waits(page: Page) -> None:
    before = active(page)
    page.clock.run_for(5_000)
    assert active(page) == before
    expect(page.locator("#play")).to_have_text("Play")


class TestOpening:
    def test_opens_on_3_4_4_2_at_500_ms_playing(self, open_page: Opener) -> None:
        opened = open_page(HOME, clock=True)
        page = opened.page
        assert counts(page) == ["3", "4", "4", "2"]
        expect(page.get_by_label("Architecture")).to_have_value("3-4-4-2")
        expect(page.get_by_label("Playback", exact=True)).to_have_value("500")
        expect(page.locator("#playback-value")).to_have_text("500 ms")
        expect(page.get_by_label("Gradients")).to_have_value("")
        expect(page.locator("#play")).to_have_text("Pause")
        expect(page.locator("#controls:disabled")).to_have_count(0)
        expect(page.locator("#notices")).to_be_hidden()
        assert page.get_by_role("heading", name="Customize").count() == 1
        before = active(page)
        page.clock.run_for(500)
        assert active(page) == (before - 1) % 4
        assert address(page) == {}
        assert opened.errors == []

    def test_the_wave_runs_from_the_loss_to_the_input_and_starts_again(self, live: Page) -> None:
        seen = [active(live)]
        for _ in range(4):
            live.clock.run_for(500)
            seen.append(active(live))
        assert seen == [3, 2, 1, 0, 3]

    def test_readout_tag_and_slider_follow_the_wave(self, live: Page) -> None:
        live.clock.run_for(500)
        assert readout(live) == "layer 03 / 04 · |∂L| 0.55"
        assert live.locator('#figure [data-part="tag"]').text_content() == "|∂L| 0.55"
        slider = live.get_by_label("Layer", exact=True)
        expect(slider).to_have_value("3")
        expect(slider).to_have_attribute("aria-valuetext", "3 of 4, hidden 2")

    def test_what_was_typed_before_python_came_is_used(self, open_page: Opener) -> None:
        held = Held()
        opened = open_page(HOME, alive=False, routes={"**/start-*.bundle": held})
        opened.page.get_by_label("Architecture").fill("5-6-0")
        opened.page.get_by_label("Gradients").fill("1, 2, 3, 4")
        held.let_go(opened.page)
        opened.wait_alive()
        expect(opened.page.locator("#architecture-message")).to_have_text(
            'Architecture: layer 3 must be a whole number from 1 to 1024, got "0"'
        )
        assert counts(opened.page) == ["3", "4", "4", "2"]
        opened.page.get_by_role("button", name="Pause").click()
        opened.page.locator("#layer").press("Home")
        assert readout(opened.page) == "layer 01 / 04 · |∂L| 1.00"


class TestTransport:
    def test_pause_and_play(self, live: Page) -> None:
        live.get_by_role("button", name="Pause").click()
        assert_waits(live)
        live.get_by_role("button", name="Play").click()
        expect(live.locator("#play")).to_have_text("Pause")
        assert_plays(live)

    def test_pausing_keeps_the_layer(self, live: Page) -> None:
        live.clock.run_for(1_000)
        live.get_by_role("button", name="Pause").click()
        assert active(live) == 1
        live.get_by_role("button", name="Play").click()
        assert active(live) == 1

    def test_stepping_forward_goes_towards_the_input_and_waits(self, live: Page) -> None:
        forward = live.get_by_role("button", name="Step forward, towards the input")
        seen = []
        for _ in range(5):
            forward.click()
            seen.append(active(live))
        assert seen == [2, 1, 0, 0, 0]
        assert_waits(live)

    def test_stepping_back_goes_towards_the_loss_and_waits(self, live: Page) -> None:
        live.clock.run_for(1_000)
        back = live.get_by_role("button", name="Step back, towards the loss")
        seen = []
        for _ in range(3):
            back.click()
            seen.append(active(live))
        assert seen == [2, 3, 3]
        assert_waits(live)

    def test_the_slider_scrubs_under_the_mouse(self, live: Page) -> None:
        slider = live.get_by_label("Layer", exact=True)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        live.mouse.move(box["x"] + box["width"] - 9, y)
        live.mouse.down()
        seen = []
        for share in (0.66, 0.34, 0.02):
            live.mouse.move(box["x"] + share * box["width"], y)
            seen.append(active(live))
        live.mouse.up()
        assert seen == [2, 1, 0]
        assert_waits(live)

    def test_the_slider_obeys_its_own_keys(self, live: Page) -> None:
        slider = live.get_by_label("Layer", exact=True)
        seen = []
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "Home", "End"):
            slider.press(key)
            seen.append(active(live))
        assert seen == [2, 1, 2, 0, 3]
        assert_waits(live)

    def test_space_plays_and_pauses_on_the_slider(self, live: Page) -> None:
        live.get_by_label("Layer", exact=True).press("Space")
        assert_waits(live)

    @pytest.mark.parametrize("place", ["body", "#forward", "#back", "#play"])
    def test_arrows_step_and_home_and_end_go_to_the_ends(self, live: Page, place: str) -> None:
        seen = []
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "Home", "ArrowLeft", "End", "ArrowRight"):
            live.locator(place).press(key)
            seen.append(active(live))
        assert seen == [2, 1, 2, 0, 0, 3, 3]
        assert_waits(live)

    @pytest.mark.parametrize("place", ["body", "#play"])
    def test_space_plays_and_pauses(self, live: Page, place: str) -> None:
        live.locator(place).press("Space")
        assert_waits(live)
        live.locator(place).press("Space")
        assert_plays(live)

    def test_space_on_a_step_button_steps(self, live: Page) -> None:
        live.locator("#forward").press("Space")
        assert active(live) == 2
        expect(live.locator("#play")).to_have_text("Play")

    def test_a_held_space_bar_toggles_once(self, live: Page) -> None:
        live.keyboard.down("Space")
        live.keyboard.down("Space")  # a second down without an up is what holding a key sends
        live.keyboard.up("Space")
        assert_waits(live)

    def test_a_transport_key_does_not_scroll_the_page(self, live: Page) -> None:
        live.set_viewport_size({"width": 640, "height": 400})
        live.evaluate("scrollTo(0, 0)")
        for key in ("Space", "End", "Space", "Home"):
            on_body(live, key)
        assert live.evaluate("scrollY") == 0
        live.set_viewport_size({"width": 1280, "height": 720})

    @pytest.mark.parametrize("field", ["Architecture", "Gradients"])
    def test_no_key_reaches_the_transport_from_a_text_field(self, live: Page, field: str) -> None:
        text = live.get_by_label(field)
        before = text.input_value()
        for key in ("Home", "ArrowRight", "ArrowLeft", "End", "Space"):
            text.press(key)
        assert text.input_value() == before + " "
        assert active(live) == 3
        expect(live.locator("#play")).to_have_text("Pause")

    def test_arrows_on_the_playback_slider_change_the_pace_alone(self, live: Page) -> None:
        live.get_by_label("Playback", exact=True).press("ArrowRight")
        expect(live.locator("#playback-value")).to_have_text("520 ms")
        assert active(live) == 3
        expect(live.locator("#play")).to_have_text("Pause")

    @pytest.mark.parametrize("keys", ["Control+ArrowLeft", "Alt+End", "Shift+Home", "Meta+ArrowLeft"])
    def test_keys_with_a_modifier_are_the_browsers(self, live: Page, keys: str) -> None:
        live.evaluate(
            """keys => {
              const [modifier, key] = keys.split("+");
              const event = { key, [`${modifier.replace("Control", "ctrl").toLowerCase()}Key`]: true, bubbles: true };
              document.body.dispatchEvent(new KeyboardEvent("keydown", event));
            }""",
            keys,
        )
        assert active(live) == 3


class TestArchitecture:
    def test_the_figure_follows_as_one_types(self, live: Page) -> None:
        field = live.get_by_label("Architecture")
        field.fill("")
        seen = []
        for letter in "5-12":
            live.keyboard.type(letter)
            seen.append(counts(live))
        assert seen == [["5"], ["5"], ["5", "1"], ["5", "12"]]

    @pytest.mark.parametrize("text", ["2-5-3", "2,5,3", "2 5 3", "2, 5 - 3", " 2–5—3 "])
    def test_dashes_commas_and_spaces_part_the_layers(self, live: Page, text: str) -> None:
        live.get_by_label("Architecture").fill(text)
        assert counts(live) == ["2", "5", "3"]
        expect(live.locator("#architecture-message")).to_have_text("")
        expect(live.get_by_label("Architecture")).to_have_attribute("aria-invalid", "false")
        assert address(live)["layers"] == ["2-5-3"]

    @pytest.mark.parametrize("text", ["3-4-4-2", "4-" * 15 + "1", "8-64-64-8", "784-128-64-10", "16-8-3-8-16"])
    def test_a_preset_fills_the_field_and_the_figure(self, live: Page, text: str) -> None:
        live.get_by_label("Architecture").fill("1-1")
        live.locator(f'[data-preset="{text}"]').click()
        expect(live.get_by_label("Architecture")).to_have_value(text)
        assert depth(live) == text.count("-") + 1
        expect(live.locator("#layer")).to_have_attribute("max", str(depth(live)))
        assert_plays(live)

    def test_a_preset_takes_a_message_away(self, live: Page) -> None:
        live.get_by_label("Architecture").fill("x")
        live.get_by_role("button", name="Wide").click()
        expect(live.locator("#architecture-message")).to_have_text("")

    def test_the_cursor_stays_within_a_shallower_network(self, live: Page) -> None:
        on_body(live, "Home")
        live.get_by_label("Architecture").fill("7-8")
        assert readout(live) == "layer 01 / 02 · |∂L| 0.55"
        expect(live.locator("#layer")).to_have_attribute("aria-valuetext", "1 of 2, input")

    def test_a_single_layer_is_the_output_and_no_key_harms_it(self, live: Page) -> None:
        live.get_by_label("Architecture").fill("9")
        for key in ("ArrowLeft", "ArrowRight", "Home", "End"):
            on_body(live, key)
        assert readout(live) == "layer 01 / 01 · |∂L| 1.00"
        expect(live.locator("#layer")).to_have_attribute("aria-valuetext", "1 of 1, output")

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("3-4-4.5-2", 'layer 3 must be a whole number from 1 to 1024, got "4.5"'),
            ("3-0-2", 'layer 2 must be a whole number from 1 to 1024, got "0"'),
            ("1025-2", 'layer 1 must be a whole number from 1 to 1024, got "1025"'),
            ("3-four-2", 'layer 2 must be a whole number from 1 to 1024, got "four"'),
            ("3-4-", 'layer 3 must be a whole number from 1 to 1024, got ""'),
            ("-3", 'layer 1 must be a whole number from 1 to 1024, got ""'),
            ("", 'layer 1 must be a whole number from 1 to 1024, got ""'),
            ("٣-4", 'layer 1 must be a whole number from 1 to 1024, got "٣"'),
            ("9" * 50, f'layer 1 must be a whole number from 1 to 1024, got "{"9" * 39}…"'),
            ("1-" * 256 + "1", "must have 1 to 256 layers, got 257"),
            ("<b>4</b>-2", 'layer 1 must be a whole number from 1 to 1024, got "<b>4</b>"'),
        ],
    )
    def test_wrong_text_is_named_beneath_and_the_last_good_figure_lives(
        self, live: Page, text: str, message: str
    ) -> None:
        field, told = live.get_by_label("Architecture"), live.locator("#architecture-message")
        field.fill(text)
        expect(told).to_have_text(f"Architecture: {message}")
        expect(told).to_be_visible()
        expect(field).to_have_attribute("aria-invalid", "true")
        assert "architecture-message" in (field.get_attribute("aria-describedby") or "").split()
        assert field.input_value() == text
        assert counts(live) == ["3", "4", "4", "2"]
        assert_plays(live)
        assert address(live) == {}
        field.fill("3-4-2")
        expect(told).to_be_hidden()
        expect(field).to_have_attribute("aria-invalid", "false")
        assert counts(live) == ["3", "4", "2"]

    def test_enter_in_a_field_keeps_the_page(self, live: Page) -> None:
        live.evaluate("window.sameDocument = true")
        live.get_by_label("Architecture").fill("5-5")
        live.get_by_label("Architecture").press("Enter")
        assert address(live)["layers"] == ["5-5"]
        assert live.evaluate("window.sameDocument") is True
        assert counts(live) == ["5", "5"]


class TestPlayback:
    @pytest.mark.parametrize("milliseconds", [80, 200, 1200])
    def test_the_slider_sets_the_pace_and_says_it(self, live: Page, milliseconds: int) -> None:
        live.get_by_label("Playback", exact=True).fill(str(milliseconds))
        expect(live.locator("#playback-value")).to_have_text(f"{milliseconds} ms")
        assert_plays(live, milliseconds=milliseconds)
        assert address(live)["speed"] == [str(milliseconds)]

    def test_the_slider_goes_no_lower_than_the_floor(self, live: Page) -> None:
        live.get_by_label("Playback", exact=True).press("Home")
        expect(live.locator("#playback-value")).to_have_text("80 ms")
        assert_plays(live, milliseconds=80)


class TestGradients:
    def test_typed_magnitudes_are_shown(self, live: Page) -> None:
        live.get_by_label("Gradients").fill("0.0008, 0.012 NaN; ∞")
        seen = [readout(live)]
        for _ in range(3):
            live.clock.run_for(500)
            seen.append(readout(live))
        assert seen == [
            "layer 04 / 04 · |∂L| ∞",
            "layer 03 / 04 · |∂L| NaN",
            "layer 02 / 04 · |∂L| 0.01",
            "layer 01 / 04 · |∂L| 8.0e-4",
        ]
        assert address(live)["gradients"] == ["0.0008,0.012,NaN,Infinity"]

    def test_an_emptied_field_brings_the_series_back(self, live: Page) -> None:
        live.get_by_label("Gradients").fill("4, 3, 2, 9")
        live.get_by_label("Gradients").fill("")
        assert readout(live) == "layer 04 / 04 · |∂L| 1.00"
        assert address(live) == {}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("1, 2", "needs one magnitude a layer, 4 for 4 layers, got 2"),
            ("1, -2, 3, 4", 'the magnitude of layer 2 must be a number of at least 0, NaN, Infinity or none, got "-2"'),
            ("1, 2, x, 4", 'the magnitude of layer 3 must be a number of at least 0, NaN, Infinity or none, got "x"'),
        ],
    )
    def test_wrong_text_is_named_beneath_and_the_last_good_figure_lives(
        self, live: Page, text: str, message: str
    ) -> None:
        field, told = live.get_by_label("Gradients"), live.locator("#gradients-message")
        field.fill("1, 2, 3, 7")
        field.fill(text)
        expect(told).to_have_text(f"Gradients: {message}")
        expect(field).to_have_attribute("aria-invalid", "true")
        assert "gradients-message" in (field.get_attribute("aria-describedby") or "").split()
        assert readout(live) == "layer 04 / 04 · |∂L| 7.00"
        assert_plays(live)

    def test_magnitudes_that_no_longer_fit_are_kept_said_and_used_again(self, live: Page) -> None:
        field, told = live.get_by_label("Gradients"), live.locator("#gradients-message")
        field.fill("5, 6, 7, 8")
        live.get_by_label("Architecture").fill("3-4-2")
        expect(told).to_have_text(
            "Gradients: needs one magnitude a layer, 3 for 3 layers, got 4; the synthesised series stands in"
        )
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_value("5, 6, 7, 8")
        assert readout(live) == "layer 03 / 03 · |∂L| 1.00"
        assert "gradients" not in address(live)
        live.get_by_label("Architecture").fill("3-4-9-2")
        expect(told).to_be_hidden()
        expect(field).to_have_attribute("aria-invalid", "false")
        assert readout(live).endswith("|∂L| 8.00")


class TestAddress:
    def test_every_parameter_is_read_and_an_unknown_one_is_kept(self, open_page: Opener) -> None:
        query = "utm_source=lecture&layers=2-3-4&gradients=0.5,0.25,NaN&speed=200&layer=1&playing=0"
        opened = open_page(f"{HOME}?{query}#part", clock=True)
        page = opened.page
        assert counts(page) == ["2", "3", "4"]
        assert readout(page) == "layer 02 / 03 · |∂L| 0.25"
        expect(page.get_by_label("Architecture")).to_have_value("2-3-4")
        expect(page.get_by_label("Gradients")).to_have_value("0.5, 0.25, NaN")
        expect(page.get_by_label("Playback", exact=True)).to_have_value("200")
        expect(page.locator("#layer")).to_have_value("2")
        expect(page.locator("#notices")).to_be_hidden()
        assert_waits(page)
        assert page.url.endswith(f"?{query}#part")
        page.get_by_label("Architecture").fill("6-6-6")
        assert address(page)["utm_source"] == ["lecture"]
        page.locator("#play").click()
        assert "playing" not in address(page)
        page.clock.run_for(2_000)
        assert_plays(page, milliseconds=200)
        assert opened.errors == []

    def test_the_address_leads_back_to_the_view(self, live: Page, open_page: Opener) -> None:
        live.get_by_label("Architecture").fill("4 8 8 8 1")
        live.get_by_label("Gradients").fill("0, 1e-7, 0.02, inf, 3")
        live.get_by_label("Playback", exact=True).fill("840")
        live.locator("#layer").press("ArrowLeft")
        live.clock.run_for(3_000)  # the fades have settled, the address has been written
        found = urlsplit(live.url)
        other = open_page(f"{found.path}?{found.query}", clock=True)
        other.page.clock.run_for(1_000)
        assert readout(other.page) == readout(live) == "layer 04 / 05 · |∂L| ∞"
        for view in (counts, glows, states):
            assert view(other.page) == view(live)
        for name in ("layer", "playback"):
            expect(other.page.locator(f"#{name}")).to_have_value(live.locator(f"#{name}").input_value())
        expect(other.page.get_by_label("Architecture")).to_have_value("4-8-8-8-1")
        expect(other.page.get_by_label("Gradients")).to_have_value("0, 1e-07, 0.02, Infinity, 3")
        expect(other.page.locator("#play")).to_have_text("Play")
        assert urlsplit(other.page.url).query == found.query
        assert other.errors == []

    def test_names_and_label_are_read_shown_and_written(self, open_page: Opener) -> None:
        view = "layers=3-4-2&gradients=0.5,0.25,1&names=%3Cb%3Efc~,1%3C/b%3E,h%20%26amp%3B,%D8%A7&label=L2%20%E2%88%82W"
        opened = open_page(f"{HOME}?utm_source=a&{view}&layer=1&playing=0", clock=True)
        page, slider = opened.page, opened.page.locator("#layer")
        assert names(page) == ["<b>fc,1</b>", "h &amp;", "ا"]
        assert readout(page) == "layer 02 / 03 · L2 ∂W 0.25"
        expect(slider).to_have_attribute("aria-valuetext", "2 of 3, h &amp;")
        summary = page.locator("#figure [data-part=summary]")
        expect(summary).to_have_text("Backward gradient wave at layer 2 of 3 (h &amp;). L2 ∂W 0.25.")
        expect(page.locator("#notices")).to_be_hidden()
        page.locator("#back").click()
        expect(slider).to_have_attribute("aria-valuetext", "3 of 3, ا")
        page.clock.run_for(1_000)
        assert page.url.endswith(f"?utm_source=a&{view}&playing=0")
        assert page.locator("#figure b").count() == 0
        assert opened.errors == []

    def test_names_and_label_give_way_with_what_they_are_of(self, open_page: Opener) -> None:
        opened = open_page(f"{HOME}?layers=3-2&gradients=0.5,1&names=fc1,fc2&label=L2&playing=0", clock=True)
        page = opened.page
        page.get_by_label("Architecture").fill("6-6")
        assert (names(page), readout(page)) == (["fc1", "fc2"], "layer 02 / 02 · L2 1.00")
        page.get_by_label("Gradients").fill("3, 4")
        assert (names(page), readout(page)) == (["fc1", "fc2"], "layer 02 / 02 · L2 4.00")
        page.get_by_label("Gradients").fill("")
        assert (names(page), readout(page)) == (["fc1", "fc2"], "layer 02 / 02 · |∂L| 1.00")
        page.get_by_label("Architecture").fill("6-6-6")
        assert (names(page), counts(page)) == ([], ["6", "6", "6"])
        assert address(page) == {"layers": ["6-6-6"], "playing": ["0"]}
        expect(page.locator("#notices")).to_be_hidden()
        expect(page.locator("#layer")).to_have_attribute("aria-valuetext", "3 of 3, output")
        assert opened.errors == []

    def test_each_wrong_parameter_is_named_and_its_default_stands_in(self, open_page: Opener) -> None:
        opened = open_page(
            f"{HOME}?layers=3-4.5-2&gradients=1,2&speed=fast&layer=9&playing=maybe#understanding", clock=True
        )
        page = opened.page
        expect(page.get_by_role("alert")).to_be_in_viewport()
        expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(
            [
                'Architecture: layer 2 must be a whole number from 1 to 1024, got "4.5". '
                "This came from “layers” in the address; the default stands in: 3-4-4-2.",
                'Playback: must be a number of milliseconds from 0 to 2000, got "fast". '
                "This came from “speed” in the address; the default stands in: 500.",
                'Playing: must be 1 or 0, got "maybe". '
                "This came from “playing” in the address; the default stands in: 1.",
                "Gradients: needs one magnitude a layer, 4 for 4 layers, got 2. "
                "This came from “gradients” in the address; the default stands in: the synthesised series.",
                'Layer: must be a whole number from 0 to 3 here, got "9". '
                "This came from “layer” in the address; the default stands in: 0.",
            ]
        )
        assert counts(page) == ["3", "4", "4", "2"]
        expect(page.locator("#play")).to_have_text("Pause")
        assert address(page) == {}
        before = active(page)
        page.clock.run_for(500)
        assert active(page) == (before - 1) % 4
        for width, height in ((390, 844), (1280, 720)):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
            expect(page.get_by_role("alert").get_by_role("listitem").first).to_be_in_viewport(ratio=1)
        page.get_by_role("button", name="Close").click()
        expect(page.locator("#notices")).to_be_hidden()
        assert opened.errors == []

    def test_nothing_from_the_address_or_the_form_becomes_markup(self, open_page: Opener) -> None:
        dialogs: list[str] = []

        def note(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        attack = "<img src=x onerror=alert(1)>"
        names = ("layers", "gradients", "names", "label", "speed", "layer", "playing")
        wrong = "&".join(f"{name}={quote(attack)}" for name in names)
        opened = open_page(f"{HOME}?{wrong}&x=1&{quote(attack)}=1")
        page = opened.page
        page.on("dialog", note)
        told = page.locator("#notices li")
        # A space parts two layers, or two magnitudes, so these two quote the first piece alone.
        expect(told).to_have_count(8)
        assert sum(attack in text for text in told.all_text_contents()) == 5
        assert "&lt;img" in told.first.inner_html()
        page.get_by_label("Architecture").fill("<img/src=x/onerror=alert(1)>")
        page.get_by_label("Gradients").fill("<svg/onload=alert(1)>")
        expect(page.locator("#architecture-message")).to_contain_text('"<img/src=x/onerror=alert(1)>"')
        expect(page.locator("#gradients-message")).to_contain_text('"<svg/onload=alert(1)>"')
        assert page.locator("img, [onerror], [onload]").count() == 0
        assert dialogs == []
        assert opened.errors == []

    def test_a_key_held_down_does_not_flood_the_address(self, live: Page) -> None:
        """Browsers drop or refuse what is too much (Safari: 100 changes in 30 s), so one is written, at rest."""
        live.get_by_label("Architecture").fill("1-" * 255 + "1")
        live.clock.run_for(200)
        live.evaluate(
            """() => {
              window.written = 0;
              const replace = history.replaceState;
              history.replaceState = function (...what) { window.written += 1; replace.apply(this, what); };
            }"""
        )
        live.evaluate(
            """() => {
              document.activeElement.blur();
              for (let i = 0; i < 255; i++)
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
            }"""
        )
        assert readout(live).startswith("layer 001 / 256")
        assert address(live)["layer"] == ["255"]
        assert live.evaluate("window.written") == 1
        live.evaluate("delete history.replaceState")


class TestReducedMotion:
    def test_parks_at_the_input_and_leaves_the_stepping_to_the_reader(self, live: Page) -> None:
        live.emulate_media(reduced_motion="reduce")
        expect(live.locator("#play")).to_be_disabled()
        expect(live.locator("#play")).to_have_text("Play")
        expect(live.locator("#reduced")).to_be_visible()
        expect(live.locator("#keys")).to_be_hidden()
        assert readout(live) == "layer 01 / 04 · |∂L| 0.17"
        live.clock.run_for(5_000)
        assert active(live) == 0
        live.locator("#back").click()
        assert active(live) == 1
        live.locator("#layer").press("ArrowRight")
        assert active(live) == 2
        live.locator("#forward").click()
        assert active(live) == 1
        on_body(live, "End")
        assert active(live) == 3
        on_body(live, "Space")
        live.clock.run_for(5_000)
        assert active(live) == 3

    def test_a_step_needs_no_frame_to_be_seen(self, live: Page) -> None:
        live.emulate_media(reduced_motion="reduce")
        expect(live.locator("#reduced")).to_be_visible()
        live.locator("#back").click()
        assert glows(live) == [0.55, 1, 0, 0]

    def test_plays_on_when_the_preference_goes(self, live: Page) -> None:
        live.emulate_media(reduced_motion="reduce")
        expect(live.locator("#reduced")).to_be_visible()
        live.emulate_media(reduced_motion="no-preference")
        expect(live.locator("#play")).to_be_enabled()
        expect(live.locator("#play")).to_have_text("Pause")
        expect(live.locator("#reduced")).to_be_hidden()
        live.locator("#play").click()
        assert active(live) == 0
        live.locator("#play").click()
        assert_plays(live)

    def test_who_had_paused_stays_paused(self, live: Page) -> None:
        live.locator("#play").click()
        live.emulate_media(reduced_motion="reduce")
        expect(live.locator("#reduced")).to_be_visible()
        live.emulate_media(reduced_motion="no-preference")
        expect(live.locator("#reduced")).to_be_hidden()
        assert_waits(live)

    def test_another_architecture_is_parked_too(self, live: Page) -> None:
        live.emulate_media(reduced_motion="reduce")
        expect(live.locator("#reduced")).to_be_visible()
        live.locator("#back").click()
        live.get_by_label("Architecture").fill("2-2-2-2-2-2")
        assert readout(live) == "layer 01 / 06 · |∂L| 0.05"

    def test_opens_parked_where_motion_is_reduced(self, open_page: Opener) -> None:
        opened = open_page(HOME, clock=True, reduced_motion="reduce")
        page = opened.page
        assert readout(page) == "layer 01 / 04 · |∂L| 0.17"
        expect(page.locator("#layer")).to_have_value("1")
        expect(page.locator("#play")).to_be_disabled()
        expect(page.locator("#reduced")).to_be_visible()
        page.emulate_media(reduced_motion="no-preference")
        expect(page.locator("#play")).to_have_text("Pause")
        page.locator("#play").click()
        assert active(page) == 0
        page.locator("#play").click()
        assert_plays(page)
        assert opened.errors == []
