"""Who else must be able to use the page: axe-core's rules, contrast, narrow and zoomed windows, forced colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessibility import Scheme, assert_no_sideways_scrolling, assert_no_violation
from tests.support.examples import run_example
from tests.support.pages import Opener, Watched
from tests.support.places import DOCS, HOME
from tools.sections import EXAMPLES

schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
# Each width and each scheme, not each with each: what depends on the one does not depend on the other.
views = pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1440, "dark")])

# Colours as they are painted, one over the other: the canvas resolves every notation, and what is see-through.
PAINT = """selectors => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  for (const [selector, property] of selectors) {
    context.fillStyle = getComputedStyle(document.querySelector(selector))[property];
    context.fillRect(0, 0, 1, 1);
  }
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
# What can have the focus, from the figure on, in the page's order; each is marked with what it is told apart by.
MARK_CONTROLS = """() => {
  const all = [...document.querySelectorAll(
    "main :is(a[href], button, input, select, summary, [tabindex='0']):not(:disabled)")];
  const shown = all.filter(control => control.checkVisibility({ visibilityProperty: true })
    && !control.matches("[type=radio]:not(:checked)"));
  return shown.map((control, number) => (control.dataset.control = control.id || `control ${number}`));
}"""
Paint = tuple[str, str]
SURFACE: Paint = (".stage", "backgroundColor")
PAGE: Paint = ("body", "backgroundColor")
FIELD: Paint = ("#architecture", "backgroundColor")
HALO: Paint = (".gradient-flow-halo", "fill")
WAVE: Paint = (".gradient-flow-lit .gradient-flow-nodes", "fill")
RESTING: Paint = (".gradient-flow-layer > .gradient-flow-nodes", "fill")


def painted(page: Page, *layers: Paint) -> tuple[float, float, float]:
    red, green, blue = page.evaluate(PAINT, [list(layer) for layer in layers])
    return red, green, blue


def luminance(colour: tuple[float, float, float]) -> float:
    """WCAG's relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page: Page, front: Paint, *behind: Paint) -> float:
    """WCAG's contrast ratio of a colour on the colours behind it, as both are painted."""
    lights = sorted((luminance(painted(page, *behind)), luminance(painted(page, *behind, front))))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return open_shared(HOME)


@pytest.fixture
def live(shared: Watched) -> Iterator[Page]:
    """The page running, in the light, without a message."""
    page = shared.page
    page.emulate_media(
        color_scheme="light", forced_colors="none", reduced_motion="no-preference", contrast="no-preference"
    )
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_label("Gradients").fill("")
    page.get_by_label("Architecture").fill("3-4-4-2")
    yield page
    assert shared.errors == []


@pytest.fixture(scope="module")
def broken(open_shared: Opener) -> Page:
    """The page that could not start."""
    opened = open_shared(HOME, alive=False, routes={"**/core.js": lambda route: route.abort()})
    expect(opened.page.get_by_role("alert")).to_contain_text("could not be loaded")
    return opened.page


@views
class TestAxe:
    def test_the_running_page(self, live: Page, scheme: Scheme, width: int) -> None:
        live.emulate_media(color_scheme=scheme)
        live.set_viewport_size({"width": width, "height": 800})
        assert_no_violation(live)

    def test_the_page_with_errors_shown(self, live: Page, scheme: Scheme, width: int) -> None:
        live.emulate_media(color_scheme=scheme)
        live.set_viewport_size({"width": width, "height": 800})
        live.get_by_label("Gradients").fill("1, x")
        live.get_by_label("Architecture").fill("3-4.5-2")
        expect(live.locator("#architecture-message")).to_be_visible()
        expect(live.locator("#gradients-message")).to_be_visible()
        assert_no_violation(live)
        assert_no_sideways_scrolling(live)

    def test_the_page_with_reduced_motion(self, live: Page, scheme: Scheme, width: int) -> None:
        live.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        live.set_viewport_size({"width": width, "height": 800})
        expect(live.locator("#reduced")).to_be_visible()
        assert_no_violation(live)
        assert_no_sideways_scrolling(live)

    def test_the_page_that_could_not_start(self, broken: Page, scheme: Scheme, width: int) -> None:
        broken.emulate_media(color_scheme=scheme)
        broken.set_viewport_size({"width": width, "height": 800})
        assert_no_violation(broken)
        assert_no_sideways_scrolling(broken)


def test_wrong_parameters_are_shown_without_a_violation(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?layers={'9' * 60}&speed=x&playing=y", viewport={"width": 320, "height": 800})
    expect(opened.page.get_by_role("alert")).to_be_in_viewport()
    assert_no_sideways_scrolling(opened.page)
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        assert_no_violation(opened.page)


@pytest.mark.parametrize("architecture", ["3-4-4-2", "1-" * 255 + "1", "1024-1024-1024"])
@pytest.mark.parametrize("width", [320, 640, 768, 1440])  # 640: what 1280 px are at 200 %
def test_nothing_scrolls_sideways(live: Page, width: int, architecture: str) -> None:
    live.set_viewport_size({"width": width, "height": 800})
    live.get_by_label("Architecture").fill(architecture)
    assert_no_sideways_scrolling(live)


@schemes
class TestContrast:
    def test_the_waves_colour_stands_out(self, live: Page, scheme: Scheme) -> None:
        live.emulate_media(color_scheme=scheme)
        assert contrast(live, WAVE, SURFACE) >= 3
        assert contrast(live, WAVE, SURFACE, HALO) >= 3

    def test_the_forward_pass_s_colour_stands_out_as_well(self, live: Page, scheme: Scheme) -> None:
        live.emulate_media(color_scheme=scheme)
        wave = painted(live, WAVE)
        live.locator("#figure").evaluate("figure => { figure.dataset.phase = 'forward'; }")
        try:
            assert painted(live, WAVE) != wave
            assert contrast(live, WAVE, SURFACE) >= 3
            assert contrast(live, WAVE, SURFACE, HALO) >= 3
            assert contrast(live, ("#figure .gradient-flow-tag", "fill"), SURFACE) >= 4.5
        finally:
            live.locator("#figure").evaluate("figure => { delete figure.dataset.phase; }")

    @pytest.mark.parametrize(
        "selector",
        [".gradient-flow-tag", ".gradient-flow-counts", ".gradient-flow-readout", ".gradient-flow-direction"],
    )
    def test_the_figures_texts_can_be_read(self, live: Page, scheme: Scheme, selector: str) -> None:
        live.emulate_media(color_scheme=scheme)
        is_svg = live.locator(f"#figure {selector}").evaluate("element => element instanceof SVGElement")
        assert contrast(live, (f"#figure {selector}", "fill" if is_svg else "color"), SURFACE) >= 4.5

    @pytest.mark.parametrize(
        ("selector", "behind"),
        [
            (".lead", PAGE),
            (".footer", PAGE),
            (".contents a", PAGE),
            ("#keys", SURFACE),
            ("#architecture-hint", SURFACE),
            ("#architecture-message", SURFACE),
            ("#notices", PAGE),
            ("#playback-value", SURFACE),
            ("#snippet-python", ("#snippet-python", "backgroundColor")),
            (".snippet .hint", SURFACE),
            (".ways label:has(:checked)", (".ways label:has(:checked)", "backgroundColor")),
            ("#architecture", FIELD),
        ],
    )
    def test_the_pages_texts_can_be_read(self, live: Page, scheme: Scheme, selector: str, behind: Paint) -> None:
        live.emulate_media(color_scheme=scheme)
        assert contrast(live, (selector, "color"), behind) >= 4.5

    @pytest.mark.parametrize("selector", ["#architecture", "#play", ".ways label"])
    def test_the_controls_edges_can_be_seen(self, live: Page, scheme: Scheme, selector: str) -> None:
        live.emulate_media(color_scheme=scheme)
        assert contrast(live, (selector, "borderTopColor"), SURFACE) >= 3

    def test_rules_and_edges_reach_three_to_one_if_more_contrast_is_preferred(self, live: Page, scheme: Scheme) -> None:
        live.emulate_media(color_scheme=scheme, contrast="more")
        lit = "#figure .gradient-flow-lit .gradient-flow-lines"
        for front, *behind in (
            ((".stage", "borderTopColor"), PAGE),
            ((".stage", "borderTopColor"), SURFACE),
            ((".masthead", "borderBottomColor"), PAGE),
            (("#figure .gradient-flow-edges .gradient-flow-lines", "stroke"), SURFACE),
            (("#figure .gradient-flow-layer > .gradient-flow-nodes", "stroke"), SURFACE),
            ((lit, "stroke"), SURFACE),
        ):
            assert contrast(live, front, *behind) >= 3, front
        assert live.locator(lit).first.evaluate("lines => getComputedStyle(lines).strokeOpacity") == "1"


@schemes
def test_forced_colours_leave_the_wave_visible(live: Page, scheme: Scheme) -> None:
    live.emulate_media(color_scheme=scheme, forced_colors="active")
    assert painted(live, WAVE) != painted(live, RESTING)
    assert contrast(live, WAVE, RESTING) >= 3
    expect(live.locator("#figure svg")).to_be_visible()


def test_every_control_is_big_enough_to_touch(live: Page) -> None:
    live.set_viewport_size({"width": 320, "height": 800})
    for control in live.locator("button:visible, input:visible, select:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


@pytest.fixture(scope="module")
def documentation(open_shared: Opener) -> Page:
    """docs.html with its examples running."""
    page = open_shared(DOCS).page
    for name in EXAMPLES:
        run_example(page, name)
    return page


@views
def test_the_documentation_with_its_examples_running(documentation: Page, scheme: Scheme, width: int) -> None:
    documentation.emulate_media(color_scheme=scheme)
    documentation.set_viewport_size({"width": width, "height": 800})
    assert_no_violation(documentation)
    assert_no_sideways_scrolling(documentation)


@schemes
def test_the_documentation_s_texts_can_be_read(documentation: Page, scheme: Scheme) -> None:
    documentation.emulate_media(color_scheme=scheme)
    assert contrast(documentation, (".code-head", "color"), (".code", "backgroundColor")) >= 4.5
    assert contrast(documentation, (".contents a", "color"), PAGE) >= 4.5


def reach_all(page: Page) -> list[str]:
    """Reach each control with the Tab key, and return their marks."""
    page.locator(".skip").press("Enter")
    controls = [str(control) for control in page.evaluate(MARK_CONTROLS)]
    for control in controls:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.dataset.control") == control
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    return controls


def test_every_control_is_reached_with_the_tab_key(live: Page) -> None:
    controls = reach_all(live)
    assert controls[:4] == ["forward", "play", "back", "layer"]
    assert {"architecture", "playback", "gradients", "way-python"} < set(controls)


def test_every_control_of_the_documentation_is_reached_with_the_tab_key(documentation: Page) -> None:
    assert {"cursor", "story", "recording-pytorch"} < set(reach_all(documentation))
