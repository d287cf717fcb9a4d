"""The prerendered wave at a time, and the state with which Python continues it."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure import handoff, wave
from app.figure.keyframes import TOLERANCE
from app.spring import Fades
from app.view.settings import Settings
from tools.prerender import ROOT, fresh, wave_css

BEAT = handoff.BEAT_MS / 1000.0
DEPTH = 4  # of the figure that the page opens on


css = functools.cache(wave_css)


def css_glows(milliseconds: float) -> list[float]:
    """Each halo's opacity a time after the start of the animations, computed from the written keyframes."""
    glows = []
    elapsed = milliseconds - handoff.BEAT_MS  # the animations' delay
    for layer, start in zip(range(DEPTH), wave.glow_targets(DEPTH - 1, DEPTH), strict=True):
        (course,) = re.findall(rf"@keyframes gradient-flow-glow-{layer} {{ (.*) }}\n", css())
        points = [(float(at), float(glow)) for at, glow in re.findall(r"([\d.]+)% { opacity: ([\d.]+); }", course)]
        percent = 100.0 * (elapsed % (DEPTH * handoff.BEAT_MS)) / (DEPTH * handoff.BEAT_MS)
        xs, ys = zip(*points, strict=True)
        glows.append(float(start) if elapsed < 0 else float(np.interp(percent, xs, ys)))
    return glows


@pytest.mark.parametrize(
    ("seconds", "cursor", "to_next"), [(0.0, 0, 0.5), (0.499, 0, 0.001), (0.5, 1, 0.5), (1.75, 3, 0.25), (2.0, 0, 0.5)]
)
def test_the_wave_advances_at_its_beat_and_starts_again(seconds: float, cursor: int, to_next: float) -> None:
    assert handoff.cursor_after(seconds, DEPTH) == cursor
    assert handoff.seconds_to_next(seconds) == pytest.approx(to_next)


def test_its_beat_is_the_default_speed_of_the_page() -> None:
    assert Settings().speed == handoff.BEAT_MS


def test_before_its_start_it_is_at_the_loss_side() -> None:
    assert handoff.cursor_after(-0.01, DEPTH) == 0
    assert handoff.fades_after(-0.01, DEPTH, 7.0).sample(7.0) == tuple(wave.glow_targets(3, DEPTH))


@given(seconds=st.floats(0.0, 20.0), depth=st.integers(1, 12), now=st.floats(0.0, 1e4))
def test_its_glows_are_those_of_a_figure_that_has_run_all_the_time(seconds: float, depth: int, now: float) -> None:
    whole = Fades(wave.glow_targets(depth - 1, depth), handoff.SPRING)
    for advance in range(1, int(seconds * 1000 // handoff.BEAT_MS) + 1):
        whole.aim(wave.glow_targets(wave.layer_at(advance % depth, depth), depth), advance * BEAT)
    later = 0.03
    found = handoff.fades_after(seconds, depth, now)
    np.testing.assert_allclose(found.sample(now), whole.sample(seconds), atol=1e-5)
    np.testing.assert_allclose(found.sample(now + later), whole.sample(seconds + later), atol=1e-5)


@given(milliseconds=st.floats(0.0, 9_000.0))
def test_the_style_sheet_shows_the_springs(milliseconds: float) -> None:
    seconds = milliseconds / 1000.0
    expected = np.clip(handoff.fades_after(seconds, DEPTH, seconds).sample(seconds), 0.0, 1.0)
    # Within the tolerance of the keyframes, and of the snap with which a spring comes to rest.
    np.testing.assert_allclose(css_glows(milliseconds), expected, atol=2 * TOLERANCE + 0.01)


def test_figure_and_style_sheet_in_the_tree_are_fresh() -> None:
    for path, text in fresh(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale; run python -m tools.prerender"
