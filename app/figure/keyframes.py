"""The wave as CSS keyframes: one round of the glows, sampled from the very fades that the component runs. Pure.

Times are milliseconds. A round is one beat a layer, after which the wave is where it was; it may pause for some beats
more, while another one travels. What stands here serves the prerendered page (`tools.prerender`) and the picture that
moves by itself (`picture`).
"""

from __future__ import annotations

import copy
import math
from array import array
from dataclasses import dataclass
from typing import Final

from ..spring import Fades, Spring, Transition
from . import wave

TOLERANCE: Final = 0.004  # of opacity, a 256th: what a straight line between two keyframes may be off
MAX_STEP_S: Final = 5.0  # ms between two samples of a fade, less for a stiff spring, …
SHORTEST_STEP: Final = 1.0  # … but no screen shows more
ANGLE: Final = 0.08  # rad of a spring's swing that a sample may stand for
FORGOTTEN: Final = 1e-5  # of a fade: what is no longer seen of it
MAX_MEMORY_S: Final = 20_000.0  # ms; what swings for longer is cut short
ALIKE: Final = 256  # advances after which rounds are alike, also where each cuts short a tween that is longer
PLACES: Final = len(wave.GLOWS)  # courses that differ: the output's, the one's before it, all others'
Point = tuple[float, float]


@dataclass(frozen=True)
class Round:
    """The glows over one round that repeats itself.

    `glows[beat][i][layer]` is the layer's glow `offsets[i]` ms after the round's beat began: the wave's advance to that
    cursor, or a pause; values from 0 to 1.
    """

    beat: float
    offsets: list[float]
    glows: list[list[array[float]]]

    @property
    def beats(self) -> int:
        """How many beats it takes."""
        return len(self.glows)

    def course(self, layer: int, first: int) -> list[Point]:
        """A layer's glow over the round from the advance to cursor `first` on: ms since then, and glow."""
        points = [
            (at * self.beat + offset, glows[layer])
            for at, looks in enumerate([*self.glows[first:], *self.glows[:first]])
            for offset, glows in zip(self.offsets, looks, strict=True)
        ]
        return [*points, (self.beats * self.beat, points[0][1])]


def sample_round(depth: int, beat: float, transition: Transition, pause: int = 0) -> Round:
    """One round of the wave through `depth` layers, `beat` ms an advance, once all the rounds are alike.

    After it nothing is lit for `pause` beats.
    """
    beats, offsets = depth + pause, _offsets(beat, transition)
    aims = [wave.glow_targets(wave.layer_at(cursor, depth), depth) for cursor in range(depth)]
    aims += [[0.0] * depth] * pause
    fades = Fades(aims[0], transition)
    glows: list[list[array[float]]] = [[] for _ in range(beats)]
    first = beats * math.ceil(max(memory(transition) / beat, ALIKE) / beats) + 1
    for advance in range(1, first + beats):
        now = advance * beat / 1000.0
        fades.aim(aims[advance % beats], now)
        if advance >= first:
            glows[advance % beats] = [_look(fades, now + offset / 1000.0) for offset in offsets]
    return Round(beat, offsets, glows)


def courses(depth: int, beat: float, transition: Transition, pause: int = 0) -> list[list[Point]]:
    """The courses that there are, by distance from the output, each from the advance that lights its layer on.

    A layer has the course of its distance, or the last one. In a deep network that one is at rest for most of the
    round, as all are in a pause, so a few layers and beats are sampled and the rest is put in between.
    """
    sampled = min(depth, math.ceil(memory(transition) / beat) + PLACES + 2)
    paused = min(pause, sampled)
    round_ = sample_round(sampled, beat, transition, paused)
    rising, longer = (sampled + paused - PLACES + 1) * beat, (depth - sampled + pause - paused) * beat
    return [
        [
            (at + longer if longer and at >= rising else at, glow)
            for at, glow in round_.course(sampled - 1 - distance, distance)
        ]
        for distance in range(min(depth, PLACES))
    ]


def memory(transition: Transition) -> float:
    """Milliseconds after which nothing is seen of where a fade came from, as far as they count."""
    if not isinstance(transition, Spring):
        return min(1000.0 * transition.duration, MAX_MEMORY_S)
    omega, decay = transition.frequency, transition.damping_ratio * transition.frequency
    if decay > omega:  # the slower of its two rates, without cancellation
        decay = omega * omega / (decay + math.sqrt(decay * decay - omega * omega))
    return min(1000.0 * math.log(1.0 / FORGOTTEN) / max(decay, 1e-9), MAX_MEMORY_S)


def keyframes(name: str, points: list[Point]) -> str:
    """The rule for a course, with the fewest points that tell it."""
    round_ = points[-1][0]
    kept = simplified([(at / round_, glow) for at, glow in points], TOLERANCE)
    course = " ".join(f"{percent(at, round_)} {{ opacity: {short(glow)}; }}" for at, glow in kept)
    return f"@keyframes {name} {{ {course} }}"


def simplified(points: list[Point], tolerance: float) -> list[Point]:
    """The points without those that a straight line between the others hits within `tolerance` (Douglas–Peucker)."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    off = [abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) for x, y in points]
    worst = max(range(len(points)), key=off.__getitem__)
    if off[worst] <= tolerance:
        return [points[0], points[-1]]
    return simplified(points[: worst + 1], tolerance)[:-1] + simplified(points[worst:], tolerance)


def percent(fraction: float, round_: float) -> str:
    """A fraction of a round of so many ms as a keyframe's place, true to the ms or better."""
    return f"{short(100.0 * fraction, max(3, math.ceil(math.log10(round_)) - 2))}%"


def short(value: float, digits: int = 3) -> str:
    """A number to so many decimals, as short as it goes."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _offsets(beat: float, transition: Transition) -> list[float]:
    """When to look after each advance, ms: as long as something may be moving, and right before the next one."""
    finest = MAX_STEP_S
    if isinstance(transition, Spring):
        finest = 1000.0 * ANGLE / transition.frequency
    elif transition.duration > 0.0:
        finest = 1000.0 * transition.duration / 20.0
    step = beat / math.ceil(beat / min(max(finest, SHORTEST_STEP), MAX_STEP_S))
    moving = min(memory(transition), beat - step)
    return [*(at * step for at in range(max(math.floor(moving / step + 1e-9), 1))), beat - step]


def _look(fades: Fades, now: float) -> array[float]:
    """The glows at a time to come, one a layer, without bringing anything to rest by it."""
    return array("d", (min(max(glow, 0.0), 1.0) for glow in copy.copy(fades).sample(now)))
