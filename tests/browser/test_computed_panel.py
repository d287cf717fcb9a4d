"""The laboratory, in a real browser: a network is computed, explained, mended, compared and trained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from app.figure.magnitudes import write_magnitude
from app.figure.shading import halves, shade_magnitudes, whole_decades
from app.figure.text import write_power_of_ten
from app.network.config import COMPUTED_FIELDS, NetworkConfig
from app.network.training import Training
from app.panels.computed.fixes import FIXES, TRIAL_STEPS, affordable_steps, candidates, trial_ms
from app.panels.computed.markup import trial_text, untried_text
from app.panels.learn.lessons import LESSONS_BY_NAME
from tests.panels.computed.test_fixes import tried
from tests.support.accessibility import SCHEMES, assert_no_sideways_scrolling, assert_no_violation
from tests.support.pages import ALL_PANELS, Opener, Watched
from tests.support.places import HOME, NUMPY, SITE
from tests.support.routes import Held, abort, answer_404, half
from tests.support.scripts import HOLD_TIMEOUTS

LAYERS = (3, 4, 4, 2)
FIX = {fix.name: fix for fix in FIXES}
MOST_A_FRAME = 8  # as app/panels/computed/model.py has it, which CPython can not import
SIGMOID = LESSONS_BY_NAME["sigmoid"]
BUNDLE = next(SITE.glob("computed-*.bundle"), SITE)

# The view the page opens on, its network computed with what a network has by default.
SET_BACK = """() => {
  document.activeElement.blur();
  const set = (id, value) => {
    const field = document.getElementById(id);
    if (field.type === "radio") field.checked = true; else field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  set("source-synthesised");
  set("gradients", "");
  set("architecture", "3-4-4-2");
  set("layer", "4");
  set("source-computed");
}"""
# The network as it is by default: what was left of another one stays while another source is chosen.
SET_DEFAULTS = """defaults => {
  for (const [name, value] of Object.entries(defaults)) {
    const field = document.querySelector(`[data-field=${name}]`);
    if (field.type === "checkbox") field.checked = value === "1"; else field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  const compare = document.getElementById("compare");
  if (compare.textContent === "Compare no more") compare.click();
  document.getElementById("train-reset").click();
}"""
HEAR = """() => {
  window.said = [];
  const heard = ({ target }) => {
    const region = target.closest("[aria-live], [role=status], [role=alert], output");
    if (region && region.ariaLive !== "off") said.push([region.id, region.textContent]);
  };
  new MutationObserver(changes => changes.forEach(heard)).observe(document.body, { childList: true, subtree: true });
}"""
DEFAULTS = {field.name: field.write(field.default) for field in COMPUTED_FIELDS}


def take_sigmoid_lesson(lab: Page) -> None:
    """Open the lesson of the sigmoid network, and let it show its answer."""
    lab.locator("[data-lesson=sigmoid]").click()
    lab.get_by_role("button", name="Show me").click()


def come(page: Page) -> None:
    """Let time pass, which stands still, until the laboratory is there."""
    until(page, lambda: page.locator("#bars [data-part=plot]").count() == 1)


def wait_for_fixes(page: Page) -> None:
    """Let time pass until the fixes for the present network are tried."""
    until(page, lambda: "Trying" not in page.locator("#fix-status").inner_text())


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Let time pass, which stands still, until something holds; raises AssertionError if it never does."""
    for _ in range(1_000):
        if holds():
            return
        page.clock.run_for(50)
    raise AssertionError("the page never came to it")


def opened_at(open_: Opener, query: str) -> Watched:
    """The page with its laboratory, for which it goes to the network, and then with its clock standing still."""
    return open_(HOME + query, clock=True, ready="#bars [data-part=plot]", viewport=ALL_PANELS)


@pytest.fixture(scope="module")
def shared(open_shared: Opener) -> Watched:
    return opened_at(open_shared, "?source=computed")


@pytest.fixture
def lab(shared: Watched) -> Iterator[Page]:
    """The page with its network computed, the wave waiting at the loss and the clock standing still."""
    page = shared.page
    page.evaluate(SET_BACK)
    come(page)
    page.evaluate(SET_DEFAULTS, DEFAULTS)
    page.evaluate(SET_BACK)  # a new panel
    come(page)
    page.evaluate("for (const fold of document.querySelectorAll('#bars details, #more-fields')) fold.open = true")
    expect(page.locator("#bars tbody tr")).to_have_count(len(LAYERS))
    yield page
    assert shared.errors == []


def numbers(page: Page, column: int = 3) -> list[float]:
    """The magnitudes as the table of the bars has them, in full precision; the fourth column is of the former ones."""
    titles = page.locator(f"#bars tbody td:nth-child({column})").evaluate_all("cells => cells.map(cell => cell.title)")
    return [float(title) for title in titles]


def computed(layers: tuple[int, ...] = LAYERS, step: int = 0, **fields: object) -> list[float | None]:
    """The same as computed here, by CPython."""
    training = Training(layers, replace(NetworkConfig(), **fields))  # type: ignore[arg-type]  # each test names real fields
    for _ in range(step):
        training.advance()
    return list(training.shown(step).gradients)


def asked(page: Page) -> dict[str, str]:
    """The address's parameters, once it has been written."""
    page.clock.run_for(300)
    return dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))


def readout(page: Page) -> str:
    return page.locator('#figure [data-part="readout"]').inner_text()


def ends(page: Page) -> tuple[str, str]:
    """The ends of the scale, as the figure's legend has them."""
    low, high = page.locator("#figure [data-part=legend]").inner_text().split()[-2:]
    return low, high


def verdict(page: Page) -> str:
    return page.locator("#verdict-text").inner_text()


def test_nothing_of_it_is_fetched_before_it_is_chosen_and_then_it_comes_once_without_given_names_and_label(
    open_page: Opener,
) -> None:
    opened = open_page(f"{HOME}?gradients=1,2,3,4&names=a,b,c,d&label=L2&playing=0", viewport=ALL_PANELS)
    page = opened.page
    assert not any(file.name in url for file in (BUNDLE, NUMPY) for url in opened.requests)
    expect(page.locator("#explained")).to_be_hidden()
    names = page.locator("#figure .gradient-flow-names text")
    expect(names).to_have_text(["a", "b", "c", "d"])
    page.get_by_label("Computed", exact=True).check()
    expect(page.locator("#verdict")).to_contain_text("hidden 1")
    expect(names).to_have_count(0)
    expect(page.locator("#layer")).to_have_attribute("aria-valuetext", "4 of 4, output")
    expect(page).to_have_url(re.compile(r"\?playing=0&source=computed$"))
    page.get_by_label("Synthesised", exact=True).check()
    expect(page.locator("#explained")).to_be_hidden()
    expect(names).to_have_text(["a", "b", "c", "d"])
    assert readout(page) == "layer 04 / 04 · L2 4.00"
    page.get_by_label("Computed", exact=True).check()
    expect(page.locator("#verdict")).to_contain_text("hidden 1")
    assert [sum(file.name in url for url in opened.requests) for file in (BUNDLE, NUMPY)] == [1, 1]
    assert opened.errors == []


def test_figure_and_bars_show_what_the_same_network_has_under_cpython(lab: Page) -> None:
    wanted = computed()
    assert numbers(lab) == pytest.approx(wanted, rel=1e-12)
    assert readout(lab) == f"layer 04 / 04 · RMS ∂L/∂a {write_magnitude(wanted[3])}"
    assert lab.locator('#figure [data-part="tag"]').text_content() == f"RMS ∂L/∂a {write_magnitude(wanted[3])}"
    assert verdict(lab) == f"{Training(LAYERS, NetworkConfig()).shown(0).verdict}."
    expect(lab.locator("#verdict-basis")).to_have_text(" (by L2 ∂L/∂z)")
    assert asked(lab) == {"source": "computed", "playing": "0"}
    low, high = whole_decades(wanted)
    legend = lab.locator("#figure [data-part=legend]").inner_text().split()
    assert legend[-2:] == [write_power_of_ten(low), write_power_of_ten(high)]
    steps = [shade.step for shade in shade_magnitudes(wanted).shades]
    places = [float(place) for place in lab.locator("#figure .gradient-flow-shaded").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('fill').match(/([0-9.]+)%/)[1])")]  # fmt: skip
    assert places == pytest.approx([100 * halves(step)[1] for step in steps], abs=0.01)


def test_another_activation_answers_at_once_and_the_former_bars_stay_as_a_ghost(lab: Page) -> None:
    bars = lab.locator("#bars svg").first
    place = bars.bounding_box()
    lab.get_by_label("Activation").select_option("relu")
    expect(lab.locator("#bars [data-part=legend]")).to_contain_text("before")
    assert bars.bounding_box() == place  # the legend has its room
    lab.get_by_label("Initialisation").select_option("he_normal")
    assert numbers(lab) == pytest.approx(computed(activation="relu", initialisation="he_normal"), rel=1e-12)
    assert numbers(lab, 4) == pytest.approx(computed(activation="relu"), rel=1e-12)
    assert asked(lab) == {
        "source": "computed",
        "activation": "relu",
        "initialisation": "he_normal",
        "playing": "0",
    }
    lab.get_by_label("Initialisation").select_option("normal")
    lab.get_by_label("σ", exact=True).fill("100")
    low, high = ends(lab)
    for seed in "12":  # what has the wide range goes, and then its ghost
        lab.get_by_label("σ", exact=True).fill("0.5")
        lab.get_by_label("Seed", exact=True).fill(seed)
    assert ends(lab) == (low, high)
    fit = lab.get_by_role("button", name="Fit axis")
    fit.click()
    expect(fit).to_be_hidden()
    assert ends(lab)[1] != high
    expect(lab.locator("#bars [role=slider]")).to_be_focused()


def test_a_field_that_means_nothing_now_is_hidden(lab: Page) -> None:
    expect(lab.get_by_label("σ", exact=True)).to_be_hidden()
    lab.get_by_label("Initialisation").select_option("normal")
    expect(lab.get_by_label("σ", exact=True)).to_have_value("1")
    lab.get_by_label("σ", exact=True).fill("0.5")
    assert numbers(lab) == pytest.approx(computed(initialisation="normal", sigma=0.5), rel=1e-12)


def test_a_wrong_value_is_named_and_the_last_good_picture_stays(lab: Page) -> None:
    before = numbers(lab)
    for label, text, sentence in (
        ("Seed", "-1", 'Seed: must be a whole number from 0 to 9007199254740991, got "-1"'),
        ("Batch", "<b>x", 'Batch: must be a whole number from 1 to 512, got "<b>x"'),
        ("Learning rate", "fast", 'Learning rate: must be a finite number of at least 0, got "fast"'),
    ):
        field = lab.get_by_label(label, exact=True)
        field.fill(text)
        message = lab.locator(f"#{field.get_attribute('id')}-message")
        expect(message).to_have_text(sentence)
        expect(field).to_have_attribute("aria-invalid", "true")
        assert numbers(lab) == before
    lab.get_by_label("Seed", exact=True).fill("7")
    assert numbers(lab) == pytest.approx(computed(seed=7), rel=1e-12)
    expect(lab.get_by_label("Batch", exact=True)).to_have_value("<b>x")  # what was typed is not lost


def test_an_architecture_that_the_loss_does_not_fit_is_named_and_the_last_good_picture_stays(lab: Page) -> None:
    lab.get_by_label("Loss", exact=True).select_option("cross_entropy")
    before = numbers(lab)
    lab.get_by_label("Architecture").fill("3-4-1")
    expect(lab.locator("#architecture-message")).to_contain_text("single output neuron")
    assert numbers(lab) == before
    lab.get_by_label("Architecture").fill("2-8-8-8-3")
    assert numbers(lab) == pytest.approx(computed((2, 8, 8, 8, 3), loss="cross_entropy"), rel=1e-12)
    expect(lab.locator("#figure .gradient-flow-counts text")).to_have_text(["2", "8", "8", "8", "3"])


def test_what_the_magnitude_means_is_chosen_and_written_on_the_picture(lab: Page) -> None:
    lab.get_by_label("Magnitude").select_option("l2_w")
    wanted = computed(measure="l2_w")
    assert wanted[0] is None
    assert lab.locator("#bars tbody td:nth-child(3)").first.get_attribute("title") == "none"
    assert readout(lab) == f"layer 04 / 04 · L2 ∂L/∂W {write_magnitude(wanted[3])}"
    lab.get_by_label("Magnitude").select_option("rms_z")
    lab.get_by_label("Relative to the output").check()
    assert readout(lab) == "layer 04 / 04 · RMS ∂L/∂z ÷ output 1.00"
    assert numbers(lab) == pytest.approx(computed(measure="rms_z", relative=True), rel=1e-12)


def test_the_layer_in_view_is_lit_in_the_bars_and_explained(lab: Page) -> None:
    links = Training(LAYERS, NetworkConfig()).shown(0).links
    expect(lab.locator("#why-heading")).to_have_text("Why here: output")
    lab.get_by_role("slider", name="Layer", exact=True).nth(1).press("ArrowLeft")  # of the bars
    expect(lab.locator("#why-heading")).to_have_text("Why here: hidden 2")
    expect(lab.locator("#why-text")).to_have_text(
        f"RMS ∂L/∂a is ×{write_magnitude(links[2].measured)} of that at the output."
    )
    expect(lab.locator("#why-factors tbody tr")).to_have_count(2)
    expect(lab.locator("#why-shares")).to_have_text(links[2].units())
    assert readout(lab).startswith("layer 03 / 04")
    lab.locator("body").press("ArrowLeft")
    expect(lab.locator("#why-heading")).to_have_text("Why here: hidden 1")
    expect(lab.locator("#bars [data-part=plot]")).to_have_attribute("aria-valuenow", "2")


def test_fixes_are_tried_before_they_are_offered_and_can_be_undone(lab: Page) -> None:
    take_sigmoid_lesson(lab)
    layers, sick = SIGMOID.layers, SIGMOID.computed
    expect(lab.locator("#fix-status")).to_contain_text("Trying fixes")
    trial = tried(layers, sick)
    wait_for_fixes(lab)
    expect(lab.locator("#fix-status")).to_have_text(trial_text(trial, TRIAL_STEPS))
    expect(lab.locator("#fixes button")).to_have_text([fix.label for fix in trial.offered()])
    expect(lab.locator("#fixes span")).to_have_text([str(trial.outcomes[fix.name]) for fix in trial.offered()])
    expect(lab.locator("#fix-rest li")).to_have_count(len(trial.refused()))
    fixed = FIX["relu"].change(sick)
    lab.get_by_role("button", name="ReLU", exact=True).click()
    assert numbers(lab) == pytest.approx(Training(layers, fixed).shown(0).gradients, rel=1e-12)
    assert numbers(lab, 4) == pytest.approx(Training(layers, sick).shown(0).gradients, rel=1e-12)
    undo = lab.get_by_role("button", name="Undo: ReLU")
    expect(undo).to_be_focused()
    wait_for_fixes(lab)
    expect(lab.locator("#fixes button").first).to_have_text("He initialisation")
    lab.get_by_role("button", name="He initialisation").click()
    wait_for_fixes(lab)
    expect(lab.locator("#fix-status")).to_have_text(
        "The network is healthy at once and after 50 training steps: no fix is needed."
    )
    expect(lab.locator("#fixes button")).to_have_count(0)
    lab.get_by_role("button", name="Undo: He initialisation").click()
    undo.click()
    expect(undo).to_be_hidden()
    expect(lab.locator("#fixes-heading")).to_be_focused()
    assert numbers(lab) == pytest.approx(Training(layers, sick).shown(0).gradients, rel=1e-12)


def test_a_network_too_large_to_try_is_offered_fixes_untried(lab: Page) -> None:
    lab.get_by_label("Architecture").fill("512-512-512-64")
    layers, config = (512, 512, 512, 64), NetworkConfig()
    assert affordable_steps(layers, config) is None
    wait_for_fixes(lab)
    expect(lab.locator("#fix-status")).to_have_text(untried_text(trial_ms(layers, config, 0)))
    expect(lab.locator("#fixes button")).to_have_text([fix.label for fix in candidates(layers, config)])


def test_two_networks_can_run_side_by_side(lab: Page) -> None:
    take_sigmoid_lesson(lab)
    layers = SIGMOID.layers
    lab.get_by_label("Scale").select_option("linear")
    expect(lab.locator("#lesson-title")).to_contain_text(SIGMOID.title)
    lab.get_by_label("Scale").select_option("log")
    lab.get_by_label("Activation").select_option("relu")
    expect(lab.locator("#lesson-title")).to_be_empty()  # the lesson was about another network
    lab.get_by_role("button", name="Compare with before").click()
    expect(lab.locator("#bars [data-part=legend]")).to_contain_text("Sigmoid")
    expect(lab.locator("#verdict")).to_contain_text("Beside it: Vanishing")
    lab.get_by_role("button", name="Step", exact=True).click()  # both
    beside = Training(layers, SIGMOID.computed)
    beside.advance()
    assert numbers(lab, 4) == pytest.approx(beside.shown(1).gradients, rel=1e-12)
    assert asked(lab)["against"] == ""
    lab.get_by_role("button", name="Compare no more").click()
    assert "against" not in asked(lab)


def test_a_step_trains_and_any_step_can_be_looked_at_again(lab: Page) -> None:
    for _ in range(3):
        lab.get_by_role("button", name="Step", exact=True).click()
    expect(lab.locator("#timeline [data-part=readout]")).to_contain_text("step 3 of 3")
    assert numbers(lab) == pytest.approx(computed(step=3), rel=1e-12)
    scrub = lab.locator("#timeline input[type=range]")
    scrub.press("ArrowLeft")
    scrub.press("ArrowLeft")
    expect(lab.locator("#timeline [data-part=readout]")).to_contain_text("step 1 of 3")
    assert numbers(lab) == pytest.approx(computed(step=1), rel=1e-12)
    assert readout(lab).endswith(write_magnitude(computed(step=1)[3]))
    lab.get_by_role("button", name="Reset").click()
    expect(lab.locator("#timeline [data-part=readout]")).to_contain_text("step 0 of 0")
    assert numbers(lab) == pytest.approx(computed(), rel=1e-12)


def test_training_runs_until_it_is_paused_and_any_change_stops_it(lab: Page) -> None:
    before = str(lab.locator("#verdict-said").text_content())
    lab.evaluate(HEAR)
    lab.get_by_role("button", name="Run", exact=True).click()
    lab.clock.run_for(100)
    count = lab.locator("#timeline [data-part=readout]")
    expect(lab.locator("#train-run")).to_have_text("Pause")
    said = lab.evaluate("said.splice(0)")
    assert {region for region, _ in said} <= {"verdict-said"}
    kinds = [text.partition(":")[0] for text in [before, *(text for _, text in said)]]
    assert all(kind != after for kind, after in pairwise(kinds)), "a verdict of the same kind is announced again"
    lab.locator("#train-run").click()
    assert [region for region, _ in lab.evaluate("said.splice(0)")] == ["train-said"]
    assert lab.locator("#train-said").inner_text().startswith("Step ")
    made = int(count.inner_text().split()[1])
    assert made > MOST_A_FRAME
    assert made % MOST_A_FRAME == 0
    assert numbers(lab) == pytest.approx(computed(step=made), rel=1e-12)
    lab.clock.run_for(100)
    expect(count).to_contain_text(f"step {made} of {made}")
    lab.locator("#train-run").click()
    lab.clock.run_for(50)
    lab.get_by_label("Activation").select_option("tanh")
    lab.clock.run_for(100)
    expect(count).to_contain_text("step 0 of 0")
    expect(lab.locator("#train-run")).to_have_text("Run")


def test_a_forward_pass_goes_first_where_it_is_asked_for(open_page: Opener) -> None:
    opened = opened_at(open_page, "?source=computed&forward=1&playing=0&layer=-4")
    page = opened.page
    shown = Training(LAYERS, NetworkConfig()).shown(0)

    def stands_at(layer: int, label: str, magnitude: float | None) -> None:
        assert readout(page) == f"layer {layer:02d} / 04 · {label} {write_magnitude(magnitude)}"

    stands_at(1, "RMS a", shown.activations[0])
    page.locator("body").press("ArrowRight")
    stands_at(2, "RMS a", shown.activations[1])
    page.locator("#back").click()  # it points to the right, as the pass goes
    stands_at(3, "RMS a", shown.activations[2])
    assert asked(page)["layer"] == "-2"
    page.locator("body").press("End")
    page.locator("body").press("ArrowRight")
    stands_at(4, "RMS ∂L/∂a", shown.gradients[3])
    page.locator("body").press("ArrowLeft")
    stands_at(3, "RMS ∂L/∂a", shown.gradients[2])
    page.locator("body").press("ArrowRight")
    page.locator("body").press("ArrowRight")
    stands_at(4, "RMS a", shown.activations[3])
    page.get_by_label("Forward pass first").uncheck()
    stands_at(4, "RMS ∂L/∂a", shown.gradients[3])
    assert opened.errors == []


def test_synthesised_brings_back_what_was_there(lab: Page) -> None:
    lab.get_by_label("Activation").select_option("relu")
    lab.get_by_label("Synthesised", exact=True).check()
    for room in ("#explained", "#computed", "#training"):
        expect(lab.locator(room)).to_be_hidden()
        expect(lab.locator(f"{room} > *")).to_have_count(0)
    assert readout(lab) == "layer 04 / 04 · |∂L| 1.00"
    assert asked(lab) == {"playing": "0"}
    lab.get_by_label("Gradients").fill("1, 2, 3, 4")
    assert readout(lab) == "layer 04 / 04 · |∂L| 4.00"
    lab.get_by_label("Computed", exact=True).check()
    come(lab)
    expect(lab.get_by_label("Gradients")).to_be_hidden()
    lab.get_by_label("Synthesised", exact=True).check()
    assert readout(lab) == "layer 04 / 04 · |∂L| 4.00"


def test_the_address_brings_it_back_and_what_is_wrong_in_it_is_named(open_page: Opener) -> None:
    told = "layers=2-8-8-3&source=computed&activation=gelu&residual=1&loss=cross_entropy&seed=5&batch=x"
    opened = opened_at(open_page, f"?{told}&layer=1&playing=0")
    page = opened.page
    wanted = computed((2, 8, 8, 3), activation="gelu", residual=True, loss="cross_entropy", seed=5)
    expect(page.locator("#figure [data-part=readout]")).to_have_text(
        f"layer 03 / 04 · RMS ∂L/∂a {write_magnitude(wanted[2])}"
    )
    expect(page.locator("#notices li")).to_have_text(
        'Batch: must be a whole number from 1 to 512, got "x". '
        "This came from “batch” in the address; the default stands in: 64."
    )
    expect(page.get_by_label("Activation")).to_have_value("gelu")
    assert asked(page) == {
        "layers": "2-8-8-3",
        "source": "computed",
        "activation": "gelu",
        "residual": "1",
        "loss": "cross_entropy",
        "seed": "5",
        "layer": "1",
        "playing": "0",
    }
    assert opened.errors == []


def test_embedded_the_figure_alone_shows_what_is_computed(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?embed=1&source=computed&playing=0")
    page = opened.page
    expect(page.locator("#figure [data-part=readout]")).to_have_text(
        f"layer 04 / 04 · RMS ∂L/∂a {write_magnitude(computed()[3])}"
    )
    for room in ("#explained", "#training", "#customize"):
        expect(page.locator(room)).to_be_hidden()
    assert opened.errors == []


@pytest.mark.parametrize(
    ("file", "what", "sources"),
    [
        (BUNDLE.name, "What computes gradients", ["Computed"]),
        (NUMPY.name, "numpy", ["Computed", "Recorded"]),
    ],
)
def test_what_can_not_be_brought_is_named_and_may_be_tried_again(
    open_page: Opener, file: str, what: str, sources: list[str]
) -> None:
    opened = open_page(f"{HOME}?speed=80", script=HOLD_TIMEOUTS, viewport=ALL_PANELS)
    page, message, pattern = opened.page, opened.page.locator("#source-message"), f"**/{file}"

    def assert_said(source: str, how: str) -> None:
        again = f"The magnitudes are synthesised; choose {source} to try again."
        expect(message).to_have_text(f"{what} is missing: {file} {how}. {again}")
        expect(page.get_by_label("Synthesised", exact=True)).to_be_checked()
        assert_wave_goes_on(page)

    for source in sources:
        for handler, how in ((answer_404, "answered 404"), (abort, "could not be loaded"), (half, "arrived damaged")):
            opened.context.route(pattern, handler)
            page.get_by_label(source, exact=True).click()  # not checked: it may be undone at once
            assert_said(source, how)
            opened.context.unroute(pattern)

    source, held = sources[-1], Held()
    opened.context.route(pattern, held)
    page.get_by_label(source, exact=True).click()
    held.await_one(page)
    expect(page.locator("#source-hint")).to_contain_text("Loading what")
    assert_wave_goes_on(page)
    page.evaluate("patience.at(-1)[1].abort()")
    assert_said(source, "did not arrive within 30 seconds")
    held.let_go(page)
    opened.context.unroute(pattern)

    page.get_by_label(source, exact=True).click()
    expect(page.locator("#run-files" if source == "Recorded" else "#verdict")).to_be_visible()
    expect(message).to_be_empty()


def assert_wave_goes_on(page: Page) -> None:
    """Of what is synthesised, and from one layer to another."""
    before = readout(page)
    assert "|∂L|" in before
    expect(page.locator("#figure [data-part=readout]")).not_to_have_text(before)


def test_axe_finds_nothing_and_nothing_is_cut_off(open_page: Opener) -> None:
    opened = open_page(f"{HOME}?source=computed&playing=0&seed=x&forward=1", viewport={"width": 320, "height": 800})
    page = opened.page
    page.get_by_role("button", name="Residual rescue").click()
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("tab", name="Model").click()
    page.get_by_label("Seed", exact=True).fill("x")
    for tab in ("Why", "Model", "Lesson"):
        page.get_by_role("tab", name=tab).click()
        assert_no_violation(page)
    page.get_by_role("button", name="Explore").click()  # on a phone a lesson needs the room of the table
    page.locator("#bars summary").click()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in (320, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert_no_sideways_scrolling(page)
            assert_no_violation(page)
