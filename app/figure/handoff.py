"""The handoff: how the component continues the prerendered wave, which runs by CSS until Python is ready. Pure.

`tools.prerender` writes that wave with the values here. Times count from the start of its animation.
"""

from __future__ import annotations

from typing import Final

from ..spring import SPRINGS, Fades
from . import wave

BEAT_MS: Final = 500  # between two advances; the default speed of the page
SPRING: Final = SPRINGS.smooth
MAX_FADE_ADVANCES: Final = 4  # after so many advances nothing is left of a fade


def cursor_after(seconds: float, depth: int) -> int:
    """The cursor of the prerendered wave, `seconds` after its start at the loss side."""
    return _advances(seconds) % depth


def seconds_to_next(seconds: float) -> float:
    """The time until its next advance."""
    return (_advances(seconds) + 1) * BEAT_MS / 1000.0 - seconds


def fades_after(seconds: float, depth: int, now: float) -> Fades:
    """The glows in motion, `seconds` after the start, with their positions and velocities.

    `now` is the time of that moment on the caller's clock.
    """
    start, advances = now - seconds, _advances(seconds)
    first = max(advances - MAX_FADE_ADVANCES, 0)
    fades = Fades(wave.glow_targets(wave.layer_at(first % depth, depth), depth), SPRING)
    for advance in range(first + 1, advances + 1):
        targets = wave.glow_targets(wave.layer_at(advance % depth, depth), depth)
        fades.aim(targets, start + advance * BEAT_MS / 1000.0)
    return fades


def _advances(seconds: float) -> int:
    return int(max(seconds, 0.0) * 1000.0 // BEAT_MS)
