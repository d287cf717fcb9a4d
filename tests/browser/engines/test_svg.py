"""The picture, opened from disk, in the engines that the other tests don't run in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.figure import wave
from app.figure.svg import START_BEATS, animated_svg
from app.spring import SPRINGS, Fades
from tests.browser.engines.conftest import Launch
from tests.support.driver import Driver

DEPTH, BEAT = 4, 0.5
# What the picture shows, its animations held at a time; with null, as they are.
SHOWN = """(seconds => {
  for (const one of seconds === null ? [] : document.getAnimations()) { one.pause(); one.currentTime = 1000 * seconds; }
  return {
    glows: [...document.querySelectorAll("[data-part=halo]")].map(halo => Number(getComputedStyle(halo).opacity)),
    said: [...document.querySelectorAll("[data-says]")].filter(one => getComputedStyle(one).visibility === "visible")
      .map(one => one.querySelector(".gradient-flow-tag").textContent),
    animations: document.getAnimations().length,
  };
})"""


def opened(driver: Driver, folder: Path) -> Driver:
    (folder / "wave.svg").write_text(animated_svg([3, 4, 4, 2]), encoding="utf-8")
    driver.open((folder / "wave.svg").as_uri())
    driver.until("document.readyState === 'complete'")
    return driver


def springs(seconds: float) -> tuple[float, ...]:
    """The component's fades so long into a round that is not the first."""
    fades = Fades(wave.glow_targets(DEPTH - 1, DEPTH), SPRINGS.smooth)
    for advance in range(1, 3 * DEPTH + int(seconds // BEAT) + 1):
        fades.aim(wave.glow_targets(wave.layer_at(advance % DEPTH, DEPTH), DEPTH), advance * BEAT)
    return fades.sample(3 * DEPTH * BEAT + seconds)


def test_it_shows_what_the_springs_say(launch_shared: Launch, tmp_path: Path) -> None:
    driver = opened(launch_shared(), tmp_path)
    for seconds, said in ((0.1, "1.00"), (0.33, "0.55"), (0.92, "0.30"), (1.88, "1.00")):
        shown: dict[str, Any] = driver.js(f"{SHOWN}({seconds})")
        assert shown["animations"] == 2 * DEPTH
        np.testing.assert_allclose(shown["glows"], springs(seconds + START_BEATS * BEAT), atol=0.02)
        assert shown["said"] == [f"|∂L| {said}"]


def test_where_reduced_motion_is_preferred_it_stands_at_the_input(launch: Launch, tmp_path: Path) -> None:
    shown = opened(launch(reduced_motion=True), tmp_path).js(f"{SHOWN}(null)")
    assert shown == {"glows": pytest.approx([1, 0, 0, 0]), "said": ["|∂L| 0.17"], "animations": 0}
