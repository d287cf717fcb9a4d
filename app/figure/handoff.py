"""The wave by CSS alone, that runs in a prerendered figure until Python is there, and how to go on from it. Pure.

`tools.prerender` writes it from what is here; times count from the moment it set out.
"""

from __future__ import annotations

from typing import Final

from ..spring import SPRINGS, Fades
from . import wave

BEAT: Final = 500  # ms between its advances: what the page opens with
SPRING: Final = SPRINGS.smooth
REMEMBERED: Final = 4  # advances after which nothing is left of a fade


def cursor_after(seconds: float, depth: int) -> int:
    """Which cursor it is at, so long after it set out from the loss side."""
    return _advances(seconds) % depth


def seconds_to_next(seconds: float) -> float:
    """How long until it advances again."""
    return (_advances(seconds) + 1) * BEAT / 1000.0 - seconds


def fades_after(seconds: float, depth: int, now: float) -> Fades:
    """The glows under way, position and velocity, on a clock that says `now` at that moment."""
    set_out, advances = now - seconds, _advances(seconds)
    first = max(advances - REMEMBERED, 0)
    fades = Fades(wave.glow_targets(wave.layer_at(first % depth, depth), depth), SPRING)
    for advance in range(first + 1, advances + 1):
        targets = wave.glow_targets(wave.layer_at(advance % depth, depth), depth)
        fades.aim(targets, set_out + advance * BEAT / 1000.0)
    return fades


def _advances(seconds: float) -> int:
    return int(max(seconds, 0.0) * 1000.0 // BEAT)
