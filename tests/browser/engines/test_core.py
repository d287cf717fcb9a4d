"""The page's core in the engines that the other tests don't run in: it lives, plays, obeys, and keeps to itself."""

from __future__ import annotations

import json

from tests.browser.engines.conftest import Launch
from tests.support.driver import Driver
from tests.support.engine_page import READOUT, assert_kept_to_itself, wait_alive, wait_for
from tests.support.host import Host
from tests.support.places import HOME

COUNTS = "[...document.querySelectorAll('#figure .gradient-flow-counts text')].map(count => count.textContent)"
TOO_EARLY = "performance.getEntriesByName('cold-call').length"  # calls of the second half before it came
FROM_SNAPSHOT = "performance.getEntriesByName('python-from-snapshot').length"
PLAY = "document.getElementById('play').textContent"
# Opacities that are painted, relative to the active layer's, in hundredths.
GLOWS = """(() => {
  const of = state => [...document.querySelectorAll(`#figure [data-layer]${state} [data-part=halo]`)]
    .map(halo => Number(getComputedStyle(halo).opacity));
  const [active] = of("[data-state=active]");
  return of("").map(opacity => Math.round(100 * opacity / active));
})()"""
# Each text that the readout has from here on, in `window.seen`.
WATCH_READOUT = """(() => {
  const readout = document.querySelector("#figure [data-part=readout]");
  window.seen = [readout.textContent];
  new MutationObserver(() => {
    if (readout.textContent !== window.seen.at(-1)) window.seen.push(readout.textContent);
  }).observe(readout, { childList: true, characterData: true, subtree: true });
})()"""
# An interval beside the page's own, on the same clock and no faster: the wave has had as many chances as it counts.
COUNT_TICKS = "(() => { window.ticks = 0; setInterval(() => { window.ticks += 1; }, 80); })()"


def blur(driver: Driver) -> None:
    driver.js("document.activeElement.blur()")


def test_python_takes_the_page_over(live: Driver) -> None:
    assert live.js("document.getElementById('controls').disabled") is False
    assert live.js("document.getElementById('notices').hidden") is True
    assert live.js(COUNTS) == ["3", "4", "4", "2"]
    assert live.js(READOUT) == "layer 04 / 04 · |∂L| 1.00"
    assert len(live.requests()) > 10
    assert live.js(FROM_SNAPSHOT) == 1
    assert live.js(TOO_EARLY) == 0


def test_the_wave_advances_by_itself(live: Driver) -> None:
    live.js(WATCH_READOUT)
    live.click("#play")
    live.until("window.seen.length >= 5")
    assert live.js("window.seen.slice(0, 5)") == [
        "layer 04 / 04 · |∂L| 1.00",
        "layer 03 / 04 · |∂L| 0.55",
        "layer 02 / 04 · |∂L| 0.30",
        "layer 01 / 04 · |∂L| 0.17",
        "layer 04 / 04 · |∂L| 1.00",
    ]


def test_the_glows_settle_on_what_the_states_promise(live: Driver) -> None:
    wait_for(live, GLOWS, [0, 25, 55, 100])
    live.click("#forward")
    wait_for(live, GLOWS, [25, 55, 100, 0])
    assert live.js("[...document.querySelectorAll('#figure [data-layer]')].map(layer => layer.dataset.state)") == [
        "far",
        "near",
        "active",
        "rest",
    ]


def test_another_architecture_reflows_the_diagram(live: Driver) -> None:
    live.fill("#architecture", "2-3, 5 1")
    wait_for(live, COUNTS, ["2", "3", "5", "1"])
    live.fill("#architecture", "4-8-8-8-1")
    wait_for(live, COUNTS, ["4", "8", "8", "8", "1"])
    assert live.js(READOUT) == "layer 05 / 05 · |∂L| 1.00"
    wait_for(live, GLOWS, [0, 0, 25, 55, 100])


def test_a_wrong_architecture_is_named_and_the_last_good_diagram_stays(live: Driver) -> None:
    message = "document.getElementById('architecture-message').textContent"
    invalid = "document.getElementById('architecture').getAttribute('aria-invalid')"
    live.fill("#architecture", "5-6-7")
    wait_for(live, COUNTS, ["5", "6", "7"])
    live.press("End")
    live.press("x")
    wait_for(live, message, 'Architecture: layer 3 must be a whole number from 1 to 1024, got "7x"')
    assert live.js(invalid) == "true"
    assert live.js(COUNTS) == ["5", "6", "7"]
    live.fill("#architecture", "5-8-7")
    wait_for(live, COUNTS, ["5", "8", "7"])
    assert live.js(message) == ""
    assert live.js(invalid) == "false"


def test_keys_play_and_step(live: Driver) -> None:
    for key, readout in (
        ("ArrowLeft", "layer 03 / 04 · |∂L| 0.55"),
        ("Home", "layer 01 / 04 · |∂L| 0.17"),
        ("ArrowRight", "layer 02 / 04 · |∂L| 0.30"),
        ("End", "layer 04 / 04 · |∂L| 1.00"),
    ):
        live.press(key)
        wait_for(live, READOUT, readout)
    live.press("Space")
    wait_for(live, PLAY, "Pause")
    live.press("Space")
    wait_for(live, PLAY, "Play")


def test_keys_belong_to_the_field_that_has_the_focus(live: Driver) -> None:
    live.click("#architecture")
    live.press("Home")
    live.press("1")
    wait_for(live, COUNTS, ["13", "4", "4", "2"])
    assert live.js(READOUT) == "layer 04 / 04 · |∂L| 1.00"


def test_the_address_is_written(live: Driver) -> None:
    live.fill("#architecture", "5-6-7")
    blur(live)
    live.press("Home")
    wait_for(live, "location.search", "?layers=5-6-7&layer=2&playing=0")


def test_reduced_motion_parks_at_the_input_and_leaves_the_stepping_to_the_reader(launch: Launch, origin: str) -> None:
    driver = launch(reduced_motion=True)
    driver.open(f"{origin}{HOME}?speed=80")
    wait_alive(driver)
    assert driver.js(READOUT) == "layer 01 / 04 · |∂L| 0.17"
    assert driver.js(GLOWS) == [100, 0, 0, 0]
    assert driver.js(PLAY) == "Play"
    assert driver.js("document.getElementById('play').disabled") is True
    assert driver.js("document.getElementById('reduced').hidden") is False
    driver.js(WATCH_READOUT)
    driver.press("Space")
    driver.js(COUNT_TICKS)
    driver.until("window.ticks >= 10")
    driver.press("ArrowRight")
    driver.until("window.seen.length > 1")
    assert driver.js(GLOWS) == [55, 100, 0, 0]
    driver.press("End")
    driver.until("window.seen.length > 2")
    assert driver.js("window.seen") == [
        "layer 01 / 04 · |∂L| 0.17",
        "layer 02 / 04 · |∂L| 0.30",
        "layer 04 / 04 · |∂L| 1.00",
    ]
    assert_kept_to_itself(driver, origin + HOME)


def test_it_comes_back_with_the_cable_out(launch: Launch, host: Host) -> None:
    driver = launch()
    driver.open(host.origin + HOME)
    wait_alive(driver)
    driver.js("void navigator.serviceWorker.ready.then(() => { window.kept = true; })")
    driver.until("window.kept", seconds=60)
    host.stop()
    driver.reload()
    driver.until("document.documentElement.dataset.state === 'alive'", seconds=90)
    before = driver.js(READOUT)
    driver.until(f"{READOUT} !== {json.dumps(before)}")
