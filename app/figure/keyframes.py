"""The wave as CSS keyframes: one round of the glows, sampled from the component's own fades. Pure.

Times are milliseconds. A round has one beat per layer, and after it the wave starts again. It may have more beats in
which the wave pauses, while a forward pass travels. The prerendered page (`tools.prerender`) and the animated picture
(`svg`) use these keyframes.
"""

from __future__ import annotations

import copy
import math
from array import array
from dataclasses import dataclass
from typing import Final

from ..spring import Fades, Spring, Transition
from . import wave

TOLERANCE: Final = 0.004  # of opacity, a 256th: the largest error of a straight line between two keyframes
MAX_SAMPLE_STEP_MS: Final = 5.0  # between two samples of a fade; a stiff spring needs less
MIN_SAMPLE_STEP_MS: Final = 1.0  # no screen shows more
MAX_SAMPLE_ANGLE: Final = 0.08  # rad of a spring's oscillation between two samples
MIN_SEEN_SHARE: Final = 1e-5  # of a fade; a smaller rest is invisible
MAX_FADE_MS: Final = 20_000.0  # a longer fade is cut
MIN_SETTLING_ADVANCES: Final = 256  # then rounds are alike, even if each advance interrupts a longer tween
COURSE_COUNT: Final = len(wave.GLOWS)  # different courses: of the output, of the layer before it, of all others
Point = tuple[float, float]


@dataclass(frozen=True)
class Round:
    """The glows over one round, which repeats.

    `glows[beat][i][layer]` is the layer's glow, 0 to 1, `offsets[i]` ms after the start of that beat. A beat is the
    wave's advance to a cursor, or a pause.
    """

    beat: float
    offsets: list[float]
    glows: list[list[array[float]]]

    @property
    def beats(self) -> int:
        """The number of beats in the round."""
        return len(self.glows)

    def course(self, layer: int, first: int) -> list[Point]:
        """A layer's glow over one round that starts with the advance to cursor `first`: ms since then, and glow."""
        points = [
            (at * self.beat + offset, glows[layer])
            for at, samples in enumerate([*self.glows[first:], *self.glows[:first]])
            for offset, glows in zip(self.offsets, samples, strict=True)
        ]
        return [*points, (self.beats * self.beat, points[0][1])]


def sample_round(depth: int, beat: float, transition: Transition, pause: int = 0) -> Round:
    """One round of the wave through `depth` layers, `beat` ms per advance, after all rounds have become alike.

    The wave is followed by `pause` beats in which nothing is lit.
    """
    beats, offsets = depth + pause, _offsets(beat, transition)
    aims = [wave.glow_targets(wave.layer_at(cursor, depth), depth) for cursor in range(depth)]
    aims += [[0.0] * depth] * pause
    fades = Fades(aims[0], transition)
    glows: list[list[array[float]]] = [[] for _ in range(beats)]
    first = beats * math.ceil(max(fade_memory(transition) / beat, MIN_SETTLING_ADVANCES) / beats) + 1
    for advance in range(1, first + beats):
        now = advance * beat / 1000.0
        fades.aim(aims[advance % beats], now)
        if advance >= first:
            glows[advance % beats] = [_sample_glows(fades, now + offset / 1000.0) for offset in offsets]
    return Round(beat, offsets, glows)


def glow_courses(depth: int, beat: float, transition: Transition, pause: int = 0) -> list[list[Point]]:
    """The different courses of a glow, by distance from the output. Each starts with the advance that lights its layer.

    A layer has the course of its distance, or else the last one. In a deep network, and in a pause, a glow rests for
    most of the round. So only some layers and beats are sampled, and the time at rest is inserted.
    """
    sampled = min(depth, math.ceil(fade_memory(transition) / beat) + COURSE_COUNT + 2)
    paused = min(pause, sampled)
    round_ = sample_round(sampled, beat, transition, paused)
    rising, longer = (sampled + paused - COURSE_COUNT + 1) * beat, (depth - sampled + pause - paused) * beat
    return [
        [
            (at + longer if longer and at >= rising else at, glow)
            for at, glow in round_.course(sampled - 1 - distance, distance)
        ]
        for distance in range(min(depth, COURSE_COUNT))
    ]


def fade_memory(transition: Transition) -> float:
    """The milliseconds after which the start of a fade has no visible effect, at most `MAX_FADE_MS`."""
    if not isinstance(transition, Spring):
        return min(1000.0 * transition.duration, MAX_FADE_MS)
    omega, decay = transition.frequency, transition.damping_ratio * transition.frequency
    if decay > omega:  # the slower of the two rates, without cancellation
        decay = omega * omega / (decay + math.sqrt(decay * decay - omega * omega))
    return min(1000.0 * math.log(1.0 / MIN_SEEN_SHARE) / max(decay, 1e-9), MAX_FADE_MS)


def keyframes(name: str, points: list[Point]) -> str:
    """The @keyframes rule for a course, with as few points as possible."""
    round_ = points[-1][0]
    kept = simplify([(at / round_, glow) for at, glow in points], TOLERANCE)
    course = " ".join(f"{write_percent(at, round_)} {{ opacity: {write_decimal(glow)}; }}" for at, glow in kept)
    return f"@keyframes {name} {{ {course} }}"


def simplify(points: list[Point], tolerance: float) -> list[Point]:
    """The points without those that lie within `tolerance` of the line between the others (Douglas–Peucker)."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    off = [abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) for x, y in points]
    worst = max(range(len(points)), key=off.__getitem__)
    if off[worst] <= tolerance:
        return [points[0], points[-1]]
    return simplify(points[: worst + 1], tolerance)[:-1] + simplify(points[worst:], tolerance)


def write_percent(fraction: float, round_: float) -> str:
    """A fraction of a round of `round_` ms as a keyframe's percentage, exact to the ms or better."""
    return f"{write_decimal(100.0 * fraction, max(3, math.ceil(math.log10(round_)) - 2))}%"


def write_decimal(value: float, digits: int = 3) -> str:
    """A number with at most `digits` decimals, without trailing zeros."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _offsets(beat: float, transition: Transition) -> list[float]:
    """The sample times after each advance, ms: while something may move, and just before the next advance."""
    finest = MAX_SAMPLE_STEP_MS
    if isinstance(transition, Spring):
        finest = 1000.0 * MAX_SAMPLE_ANGLE / transition.frequency
    elif transition.duration > 0.0:
        finest = 1000.0 * transition.duration / 20.0
    step = beat / math.ceil(beat / min(max(finest, MIN_SAMPLE_STEP_MS), MAX_SAMPLE_STEP_MS))
    moving = min(fade_memory(transition), beat - step)
    return [*(at * step for at in range(max(math.floor(moving / step + 1e-9), 1))), beat - step]


def _sample_glows(fades: Fades, now: float) -> array[float]:
    """The glow of each layer at a later time. `fades` stays unchanged."""
    return array("d", (min(max(glow, 0.0), 1.0) for glow in copy.copy(fades).sample(now)))
