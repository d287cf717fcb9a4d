"""Present, in the other two engines: the look comes and goes, with full screen or without."""

from __future__ import annotations

from tests.support.driver import Driver


def test_a_key_presents_the_page_and_a_button_leaves(live: Driver) -> None:
    live.press("f")
    live.until("document.querySelector('#present-bar')")
    assert live.js("getComputedStyle(document.querySelector('.masthead')).display") == "none"
    assert live.js("document.querySelector('#present-caption').textContent") == "Synthesised series · 3-4-4-2"
    live.press("?")
    live.until("!document.querySelector('#present-legend').hidden")
    live.click("#present-leave")
    live.until("!document.querySelector('#present-bar')")
    assert live.js("getComputedStyle(document.querySelector('.masthead')).display") != "none"
