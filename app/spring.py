"""Transitions as pure functions of time.

There are three kinds: a `Spring` (the closed-form solution of a damped harmonic oscillator), a `Tween` (a duration and
an easing) and `INSTANT`. `Fades` holds one moving value per layer, and keeps position and velocity when a target
changes on the way. Times are seconds; nothing here reads a clock.

All numbers are plain floats. Only a few layers move at a time, and for so few numpy is slower. So no figure has to wait
for numpy.

Sources: the oscillator m·x″ + c·x′ + k·x = 0 in any mechanics textbook (e.g. Landau & Lifshitz, Mechanics,
§25); `visual_duration` and `bounce` as in Motion's spring options
(https://motion.dev/docs/react-transitions#spring).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

Easing = Callable[[float], float]

# A value is at rest if it is nearer to its target and slower than this.
REST_DELTA: Final = 0.01  # of the full glow; Motion has 0.005, which needs a tenth more frames
REST_SPEED: Final = 0.12  # full glows per second, 0.002 per frame
VISUAL_DURATION_FACTOR: Final = 1.2  # from Motion: to the eye, a spring settles at 1 / 1.2 of its period


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= sys.float_info.max


def _positive(owner: str, name: str, value: float) -> float:
    if not (_is_finite(value) and value > 0):
        raise ValueError(f"{owner}: {name} must be a finite number above 0, got {value!r}")
    return float(value)


def _not_negative(owner: str, name: str, value: float) -> float:
    if not (_is_finite(value) and value >= 0):
        raise ValueError(f"{owner}: {name} must be a finite number of at least 0, got {value!r}")
    return float(value)


@dataclass(frozen=True, init=False)
class Spring:
    """A damped spring: `stiffness` k (1/s² at mass 1), `damping` c (1/s at mass 1), `mass` m.

    It is given by those three, or by `visual_duration` (seconds until it looks settled) and `bounce` (0 for none, 1 for
    the most). The latter mean stiffness = (2π / (1.2 · visual_duration))², damping = 2 · (1 − bounce) · √stiffness,
    mass = 1. With both given, the spring moves as Motion's does. With one of them it does not: here the other one is
    0.3 s or 0, while Motion ignores a visual duration without a bounce, and fits a bounce alone into 0.8 s.

    Raises ValueError if a value is out of its range or if the two ways are mixed.
    """

    stiffness: float
    damping: float
    mass: float

    def __init__(
        self,
        stiffness: float | None = None,
        damping: float | None = None,
        mass: float | None = None,
        *,
        visual_duration: float | None = None,
        bounce: float | None = None,
    ) -> None:
        physical = (stiffness, damping, mass)
        if visual_duration is None and bounce is None:
            defaults = (100.0, 10.0, 1.0)
            values = tuple(b if a is None else a for a, b in zip(physical, defaults, strict=True))
        elif any(value is not None for value in physical):
            raise ValueError(
                "Spring: give stiffness, damping and mass, or visual_duration and bounce, not both, "
                f"got stiffness={stiffness!r}, damping={damping!r}, mass={mass!r}, "
                f"visual_duration={visual_duration!r}, bounce={bounce!r}"
            )
        else:
            values = _from_visual_duration(
                0.3 if visual_duration is None else visual_duration, 0.0 if bounce is None else bounce
            )
        object.__setattr__(self, "stiffness", _positive("Spring", "stiffness", values[0]))
        object.__setattr__(self, "damping", _not_negative("Spring", "damping", values[1]))
        object.__setattr__(self, "mass", _positive("Spring", "mass", values[2]))

    @property
    def frequency(self) -> float:
        """The undamped angular frequency ω = √(k / m), rad/s."""
        return math.sqrt(self.stiffness / self.mass)

    @property
    def damping_ratio(self) -> float:
        """ζ = c / (2 √(k m)): underdamped below 1, critically damped at 1, overdamped above 1."""
        return self.damping / (2.0 * math.sqrt(self.stiffness * self.mass))


def _from_visual_duration(visual_duration: float, bounce: float) -> tuple[float, float, float]:
    duration = _positive("Spring", "visual_duration", visual_duration)
    if not (_is_finite(bounce) and 0.0 <= bounce <= 1.0):
        raise ValueError(f"Spring: bounce must be a number from 0 to 1, got {bounce!r}")
    root = 2.0 * math.pi / (duration * VISUAL_DURATION_FACTOR)
    # As in Motion, at least 5 % of critical damping stay, so that no spring oscillates forever.
    return root * root, 2.0 * max(1.0 - bounce, 0.05) * root, 1.0


@dataclass(frozen=True)
class Tween:
    """A fade of `duration` seconds along an `easing`.

    `easing` is a name of `EASINGS`, four numbers of a CSS cubic-bezier, or a function from progress to
    progress, both numbers from 0 to 1. Raises ValueError for a negative duration or an unknown easing.
    """

    duration: float = 0.3
    easing: str | tuple[float, float, float, float] | Easing = "ease_out"

    def __post_init__(self) -> None:
        _not_negative("Tween", "duration", self.duration)
        _easing(self.easing)

    @property
    def curve(self) -> Easing:
        """The easing as a function of progress."""
        return _easing(self.easing)


class SPRINGS:
    """The named springs."""

    smooth: Final = Spring(stiffness=200.0, damping=26.0)
    snappy: Final = Spring(stiffness=400.0, damping=30.0)
    gentle: Final = Spring(stiffness=100.0, damping=20.0)
    bouncy: Final = Spring(stiffness=300.0, damping=12.0)


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Easing:
    """CSS's cubic-bezier(x1, y1, x2, y2) as a function of progress (CSS Easing Functions 1, §2.3).

    Raises ValueError unless x1 and x2 are from 0 to 1.
    """
    if not (0.0 <= x1 <= 1.0 and 0.0 <= x2 <= 1.0):
        raise ValueError(f"Tween: a cubic-bezier's x values must be from 0 to 1, got {x1!r} and {x2!r}")

    def at(s: float, p1: float, p2: float) -> float:
        return ((1 + 3 * p1 - 3 * p2) * s + 3 * p2 - 6 * p1) * s * s + 3 * p1 * s

    def ease(progress: float) -> float:
        if not 0.0 < progress < 1.0:
            return 0.0 if progress <= 0.0 else 1.0
        low, high = 0.0, 1.0
        for _ in range(40):  # x(s) never falls, so bisection finds s to 1e-12 for any slope
            middle = (low + high) / 2
            if at(middle, x1, x2) < progress:
                low = middle
            else:
                high = middle
        return at((low + high) / 2, y1, y2)

    return ease


def _linear(progress: float) -> float:
    return progress


EASINGS: Final[dict[str, Easing]] = {
    "linear": _linear,
    "ease": cubic_bezier(0.25, 0.1, 0.25, 1.0),
    "ease_in": cubic_bezier(0.42, 0.0, 1.0, 1.0),
    "ease_out": cubic_bezier(0.0, 0.0, 0.58, 1.0),
    "ease_in_out": cubic_bezier(0.42, 0.0, 0.58, 1.0),
}


def _easing(easing: str | tuple[float, float, float, float] | Easing) -> Easing:
    if isinstance(easing, str):
        if easing not in EASINGS:
            raise ValueError(f"Tween: easing must be one of {', '.join(EASINGS)}, got {easing!r}")
        return EASINGS[easing]
    if isinstance(easing, tuple):
        if len(easing) != 4:
            raise ValueError(f"Tween: easing must be the four numbers of a cubic-bezier, got {easing!r}")
        return cubic_bezier(*easing)
    if not callable(easing):
        raise ValueError(f"Tween: easing must be a name, four numbers or a function, got {easing!r}")
    return easing


INSTANT: Final = Tween(duration=0.0, easing="linear")
"""No transition: a value reaches its target at once."""

Transition = Spring | Tween


def spring_motion(spring: Spring, offset: float, velocity: float, elapsed: float) -> tuple[float, float]:
    """The offset of a spring from its target and its velocity, `elapsed` seconds after the start.

    `offset` and `velocity` are those at the start.

    x(t) = e^(−ζωt) · (x₀ C(t) + (v₀ + ζω x₀) S(t)), where C, S are cos(ω_d t), sin(ω_d t)/ω_d below critical
    damping, 1, t at it, and cosh(ω_d t), sinh(ω_d t)/ω_d above it; from x″ = −ω² x − 2ζω x′ follows
    x′(t) = e^(−ζωt) · (v₀ C(t) − (ω² x₀ + ζω v₀) S(t)).
    """
    return _motion_from_basis(spring, offset, velocity, _basis(spring)(elapsed))


def _motion_from_basis(
    spring: Spring, offset: float, velocity: float, basis: tuple[float, float]
) -> tuple[float, float]:
    """The result of `spring_motion`, from the values of `_basis` at that time."""
    even, odd = basis
    drive, pull = _drive_and_pull(spring, offset, velocity)
    return offset * even + drive * odd, velocity * even - pull * odd


def _drive_and_pull(spring: Spring, offset: float, velocity: float) -> tuple[float, float]:
    """v₀ + ζω x₀ and ω² x₀ + ζω v₀ of `spring_motion`."""
    omega, decay = spring.frequency, spring.damping_ratio * spring.frequency
    return velocity + decay * offset, omega * omega * offset + decay * velocity


def _basis(spring: Spring) -> Callable[[float], tuple[float, float]]:
    """e^(−ζωt) C(t) and e^(−ζωt) S(t) of `spring_motion` as a function of t."""
    omega, zeta = spring.frequency, spring.damping_ratio
    decay = zeta * omega
    damped = omega * math.sqrt(abs(zeta * zeta - 1.0))
    # ω²/(ζω + ω_d) is ζω − ω_d without cancellation.
    slow = omega * omega / (decay + damped)

    def under(t: float) -> tuple[float, float]:
        envelope = math.exp(-decay * t)
        return envelope * math.cos(damped * t), envelope * math.sin(damped * t) / damped

    def critical(t: float) -> tuple[float, float]:
        envelope = math.exp(-decay * t)
        return envelope, envelope * t

    def over(t: float) -> tuple[float, float]:
        # e^(−ζωt)·cosh as two decaying exponentials, because cosh alone overflows.
        envelope, lost = math.exp(-slow * t), -math.expm1(-2.0 * damped * t)
        return envelope * (2.0 - lost) / 2.0, envelope * lost / (2.0 * damped)

    return critical if zeta == 1.0 or damped == 0.0 else under if zeta < 1.0 else over


class _Start(NamedTuple):
    """The start of a layer's motion: its offset from the target, its velocity, and the time."""

    offset: float
    velocity: float
    since: float


class Fades:
    """The glows of n layers on the way to their targets, from 0 (rest) to 1 (fully lit).

    `aim` sets targets, `moves` gives the moving values at a time, `sample` gives all values. A layer moves until one of
    these finds it at rest; then it is exactly on its target. Times are seconds on any one clock; a time before the last
    `aim` counts as that moment.

    All attributes are replaced and never changed in place, so a shallow copy can look ahead.
    """

    def __init__(self, values: Sequence[float], transition: Transition) -> None:
        self.values: tuple[float, ...] = tuple(values)
        self._transition: Transition = transition
        self._targets = self.values
        self._under_way: dict[int, _Start] = {}
        self._last_start = 0.0  # the common start of all moving layers; for springs
        self._course: list[tuple[int, float, float, float]] = []  # layer, target, x₀ and v₀ + ζω x₀ of `spring_motion`
        self._bounds = (0.0, 0.0, 0.0, 0.0)
        self._basis: Callable[[float], tuple[float, float]] = lambda _elapsed: (0.0, 0.0)

    @property
    def moving(self) -> tuple[int, ...]:
        """The layers that are not yet at rest."""
        return tuple(self._under_way)

    @property
    def is_moving(self) -> bool:
        """True if any layer is not yet at rest."""
        return bool(self._under_way)

    def aim(self, targets: Sequence[float], now: float) -> None:
        """Send every layer to its target. A layer with a new target keeps its present value and velocity."""
        velocities = self._stop_at(now)
        started = {at for at, (new, old) in enumerate(zip(targets, self._targets, strict=True)) if new != old}
        self._targets = tuple(targets)
        if isinstance(self._transition, Spring):
            # Position and velocity determine a spring, so it may restart on its way. Then all share one start time.
            started |= self._under_way.keys()
        self._start(started, velocities, now)

    def jump(self, targets: Sequence[float]) -> None:
        """Put every layer on its target, at rest."""
        self.values = self._targets = tuple(targets)
        self._under_way = {}

    def turn_to(self, transition: Transition, now: float) -> None:
        """Continue with another transition, from the present values and velocities."""
        velocities = self._stop_at(now)
        self._transition = transition
        self._start(set(self._under_way), velocities, now)

    def sample(self, now: float) -> tuple[float, ...]:
        """The value of each layer at `now`. Updates `values` and, as `moves` does, `moving`."""
        self._put(dict(self.moves(now)))
        return self.values

    def moves(self, now: float) -> list[tuple[int, float]]:
        """The moving layers with their values at `now`. Updates `moving`: layers found at rest leave it."""
        if not self._under_way:
            return []
        if not isinstance(self._transition, Spring):
            return self._tween_moves(self._transition, now)
        # The result of `spring_motion`, with the constant parts computed beforehand, because this runs in each frame.
        elapsed = now - self._last_start
        even, odd = self._basis(elapsed if elapsed > 0.0 else 0.0)
        offset, drive, velocity, pull = self._bounds
        if offset * abs(even) + drive * abs(odd) < REST_DELTA and velocity * abs(even) + pull * abs(odd) < REST_SPEED:
            self._under_way = {}
            return [(layer, target) for layer, target, _, _ in self._course]
        return [(layer, target + start * even + push * odd) for layer, target, start, push in self._course]

    def _tween_moves(self, tween: Tween, now: float) -> list[tuple[int, float]]:
        curve = tween.curve
        progresses = {start.since: _progress(tween, now - start.since) for start in self._under_way.values()}
        left = {since: 1.0 - curve(progress) for since, progress in progresses.items() if progress < 1.0}
        glows = [
            (layer, self._targets[layer] + start.offset * left.get(start.since, 0.0))
            for layer, start in self._under_way.items()
        ]
        self._under_way = {layer: start for layer, start in self._under_way.items() if start.since in left}
        return glows

    def _put(self, glows: dict[int, float]) -> None:
        self.values = tuple(glows.get(layer, value) for layer, value in enumerate(self.values))

    def _stop_at(self, now: float) -> dict[int, float]:
        """Update `values` to `now` and return the velocities by layer. No layer comes to rest here."""
        under_way, transition = self._under_way.items(), self._transition
        if isinstance(transition, Spring):
            basis = self._basis(max(now - self._last_start, 0.0))
            moved = {
                layer: _motion_from_basis(transition, start.offset, start.velocity, basis) for layer, start in under_way
            }
        else:
            moved = {layer: _tween_motion(transition, start.offset, now - start.since) for layer, start in under_way}
        self._put({layer: self._targets[layer] + offset for layer, (offset, _) in moved.items()})
        return {layer: velocity for layer, (_, velocity) in moved.items()}

    def _start(self, started: set[int], velocities: dict[int, float], now: float) -> None:
        new = {
            layer: _Start(self.values[layer] - self._targets[layer], velocities.get(layer, 0.0), now)
            for layer in started
        }
        self._under_way = dict(sorted({**self._under_way, **new}.items()))
        self._last_start = now
        if isinstance(self._transition, Spring):
            self._prepare(self._transition)

    def _prepare(self, spring: Spring) -> None:
        """Compute the coefficients of `spring_motion`, which stay until the next start, and the largest of each."""
        self._basis = _basis(spring)
        course, bounds = [], (0.0, 0.0, 0.0, 0.0)
        for layer, (offset, velocity, _) in self._under_way.items():
            drive, pull = _drive_and_pull(spring, offset, velocity)
            course.append((layer, self._targets[layer], offset, drive))
            a, b, c, d = bounds
            bounds = max(a, abs(offset)), max(b, abs(drive)), max(c, abs(velocity)), max(d, abs(pull))
        self._course, self._bounds = course, bounds


def _progress(tween: Tween, elapsed: float) -> float:
    return min(max(elapsed, 0.0) / tween.duration, 1.0) if tween.duration else 1.0


def _tween_motion(tween: Tween, offset: float, elapsed: float) -> tuple[float, float]:
    """The offset from the target and the velocity of a tween that started at `offset`, `elapsed` seconds ago."""
    if not tween.duration:
        return 0.0, 0.0
    step = 1e-4  # of the duration, for the velocity as a difference quotient; a following spring needs it
    progress = _progress(tween, elapsed)
    eased, later = tween.curve(progress), tween.curve(min(progress + step, 1.0))
    return offset * (1.0 - eased), -offset * (later - eased) / (step * tween.duration)
