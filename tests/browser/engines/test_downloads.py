"""Files and copies of the view in the engines that the other tests don't run in."""

from __future__ import annotations

import pytest

from app.figure.svg import COLOUR_TOKENS
from tests.browser.engines.conftest import Launch
from tests.support.driver import Driver
from tests.support.engine_page import wait_alive, wait_for
from tests.support.places import DOCS

# What is offered from here on, by name, in `window.offered`, instead of being saved.
NOTE_OFFERS = """(() => {
  window.offered = {};
  window.drawn = null;
  const blobs = {};
  const address = URL.createObjectURL;
  URL.createObjectURL = blob => { const made = address.call(URL, blob); blobs[made] = blob; return made; };
  HTMLAnchorElement.prototype.click = function () { window.offered[this.download] = blobs[this.href]; };
})()"""
# A PNG as this engine reads it, in `window.drawn`: its size, the ground's colour and that of a neuron the wave is at.
READ_PNG = """(name => {
  const reader = new FileReader();
  reader.onload = async () => {
    const image = new Image();
    image.src = reader.result;
    await image.decode();
    const { width, height } = image;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const hex = (x, y) => "#" + [...context.getImageData(x, y, 1, 1).data].slice(0, 3)
      .map(value => value.toString(16).padStart(2, "0")).join("");
    window.drawn = [width, height, hex(1000, 60), hex(1408, 504)];
  };
  reader.readAsDataURL(window.offered[name]);
})"""


@pytest.mark.parametrize(("theme", "index"), [("light", 0), ("dark", 1)])
def test_a_png_has_the_colours_in_view(live: Driver, theme: str, index: int) -> None:
    live.js(f"document.documentElement.dataset.theme = '{theme}'")
    live.js(NOTE_OFFERS)
    live.click("[data-download=png]")
    name = "gradient-flow-3-4-4-2-layer-4.png"
    wait_for(live, "Object.keys(window.offered)", [name])
    live.js(f"{READ_PNG}('{name}')")
    live.until("window.drawn")
    assert live.js("window.drawn") == [
        1616,
        1012,
        COLOUR_TOKENS["--cb-surface"][index],
        COLOUR_TOKENS["--cb-warning"][index],
    ]
    live.js("void delete document.documentElement.dataset.theme")


@pytest.fixture(scope="module")
def documentation(launch_shared: Launch, origin: str) -> Driver:
    """docs.html, alive."""
    driver = launch_shared()
    driver.open(origin + DOCS)
    wait_alive(driver)
    return driver


def test_the_whole_view_is_drawn(live: Driver) -> None:
    live.js(NOTE_OFFERS)
    for kind in ("view", "view-png"):
        live.js(f"document.querySelector('[data-download={kind}]').click()")
        name = f"gradient-flow-3-4-4-2.{'svg' if kind == 'view' else 'png'}"
        live.until(f"window.offered['{name}']")
    live.js(f"{READ_PNG}('gradient-flow-3-4-4-2.png')")
    live.until("window.drawn")
    width, height, *_ = live.js("window.drawn")
    assert (width, height > width) == (1616, True)


def test_the_recorder_is_offered_from_memory(documentation: Driver) -> None:
    documentation.js(NOTE_OFFERS)
    documentation.click("a[download]")
    wait_for(documentation, "Object.keys(window.offered)", ["gradient_flow_recorder.py"])


def test_a_copy_is_told_of_or_its_text_is_selected(live: Driver) -> None:
    """An engine that a program drives may have a clipboard or not; both answers are right."""
    live.click("[data-copy=snippet-python]")
    button = "document.querySelector('[data-copy=snippet-python]').textContent"
    live.until(f"{button} !== 'Copy'")
    if live.js(button) != "Copied":
        assert live.js(button) == "Press Ctrl+C"
        assert live.js("getSelection().toString()") == live.js("document.getElementById('snippet-python').textContent")


def test_a_file_that_comes_after_the_click_is_copied_or_its_text_is_selected(documentation: Driver) -> None:
    documentation.click("[data-copy-file]")
    documentation.until("/Copied|Press/.test(document.querySelector('[data-copy-file]').textContent)")
    text = str(documentation.js("document.getElementById('recorder-text').textContent"))
    assert text.startswith('"""Record gradients')
    if "Press" in str(documentation.js("document.querySelector('[data-copy-file]').textContent")):
        assert str(documentation.js("getSelection().toString()")).startswith('"""Record gradients')
