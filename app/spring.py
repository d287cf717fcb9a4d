"""What a transition does over time: pure functions of time, vectorised over layers.

Three kinds are offered: a `Spring` (closed-form solution of a damped harmonic oscillator), a `Tween` (a
duration and an easing) and `INSTANT`. `Fades` holds the values under way, one a layer, and keeps position and
velocity when a target changes in mid-flight. Times are seconds; nothing here reads a clock.

Sources: the oscillator m·x″ + c·x′ + k·x = 0 in any mechanics textbook (e.g. Landau & Lifshitz, Mechanics,
§25); `visual_duration` and `bounce` as in Motion's spring options
(https://motion.dev/docs/react-transitions#spring).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Easing = Callable[[Array], Array]

REST_DELTA: Final = 0.01  # of full glow (Motion's is 0.005; this asks for a tenth fewer frames): nearer than this …
REST_SPEED: Final = 0.12  # … and slower than this, in full glows a second (0.002 a frame), a value is at rest
VISUAL_DURATION_FACTOR: Final = 1.2  # Motion's: to the eye a spring settles at 1 / 1.2 of its period


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

    Given either by those three or by `visual_duration` (seconds until it looks settled) and `bounce` (0 none
    … 1 most), which mean stiffness = (2π / (1.2 · visual_duration))², damping = 2 · (1 − bounce) ·
    √stiffness, mass = 1.

    Raises ValueError when a value is out of its range or the two ways are mixed.
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
            usual = (100.0, 10.0, 1.0)
            values = tuple(b if a is None else a for a, b in zip(physical, usual, strict=True))
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
        """ζ = c / (2 √(k m)): below 1 it overshoots, at 1 it is critically damped, above 1 it creeps."""
        return self.damping / (2.0 * math.sqrt(self.stiffness * self.mass))


def _from_visual_duration(visual_duration: float, bounce: float) -> tuple[float, float, float]:
    duration = _positive("Spring", "visual_duration", visual_duration)
    if not (_is_finite(bounce) and 0.0 <= bounce <= 1.0):
        raise ValueError(f"Spring: bounce must be a number from 0 to 1, got {bounce!r}")
    root = 2.0 * math.pi / (duration * VISUAL_DURATION_FACTOR)
    # Motion lets no spring swing for ever: at least 5 % of critical damping stay.
    return root * root, 2.0 * max(1.0 - bounce, 0.05) * root, 1.0


@dataclass(frozen=True)
class Tween:
    """A fade of `duration` seconds along an `easing`.

    `easing` is a name of `EASINGS`, four numbers of a CSS cubic-bezier, or a function from progress to
    progress, both arrays of shape (n,) from 0 to 1. Raises ValueError for a negative duration or an unknown
    easing.
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
    """The springs that have a name."""

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

    def at(s: Array, p1: float, p2: float) -> Array:
        return ((1 + 3 * p1 - 3 * p2) * s + 3 * p2 - 6 * p1) * s * s + 3 * p1 * s

    def ease(progress: Array) -> Array:
        low, high = np.zeros_like(progress), np.ones_like(progress)
        for _ in range(40):  # x(s) never falls, so halving finds s to 1e-12 whatever the slope
            middle = (low + high) / 2
            below = at(middle, x1, x2) < progress
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        eased = at((low + high) / 2, y1, y2)
        return np.where(progress <= 0, 0.0, np.where(progress >= 1, 1.0, eased))

    return ease


def _linear(progress: Array) -> Array:
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
"""No transition: a value is at its target at once."""

Transition = Spring | Tween


def spring_motion(spring: Spring, offset: Array, velocity: Array, elapsed: Array | float) -> tuple[Array, Array]:
    """Where a spring that started at `offset` from its target with `velocity` is after `elapsed` seconds.

    `offset` and `velocity` have shape (n,), `elapsed` too, or it is one time for all. Returns offset from the
    target and velocity, shape (n,) each.

    x(t) = e^(−ζωt) · (x₀ C(t) + (v₀ + ζω x₀) S(t)), where C, S are cos(ω_d t), sin(ω_d t)/ω_d below critical
    damping, 1, t at it, and cosh(ω_d t), sinh(ω_d t)/ω_d above it; from x″ = −ω² x − 2ζω x′ follows
    x′(t) = e^(−ζωt) · (v₀ C(t) − (ω² x₀ + ζω v₀) S(t)).
    """
    omega, decay = spring.frequency, spring.damping_ratio * spring.frequency
    even, odd = _basis(spring, np)(elapsed)
    position = offset * even + (velocity + decay * offset) * odd
    speed = velocity * even - (omega * omega * offset + decay * velocity) * odd
    return position, speed


def _basis(spring: Spring, maths: Any) -> Callable[[Any], tuple[Any, Any]]:
    """e^(−ζωt) C(t) and e^(−ζωt) S(t) of `spring_motion` as a function of t, with numpy's functions or math's."""
    omega, zeta = spring.frequency, spring.damping_ratio
    decay, exp = zeta * omega, maths.exp
    damped = omega * math.sqrt(abs(zeta * zeta - 1.0))
    # ω²/(ζω + ω_d) is ζω − ω_d without cancellation.
    slow = omega * omega / (decay + damped)

    def under(t: Any) -> tuple[Any, Any]:
        envelope = exp(-decay * t)
        return envelope * maths.cos(damped * t), envelope * maths.sin(damped * t) / damped

    def critical(t: Any) -> tuple[Any, Any]:
        envelope = exp(-decay * t)
        return envelope, envelope * t

    def over(t: Any) -> tuple[Any, Any]:
        # e^(−ζωt)·cosh as two falling exponentials: cosh alone overflows.
        envelope, lost = exp(-slow * t), -maths.expm1(-2.0 * damped * t)
        return envelope * (2.0 - lost) / 2.0, envelope * lost / (2.0 * damped)

    return critical if zeta == 1.0 or damped == 0.0 else under if zeta < 1.0 else over


class Fades:
    """The glow of n layers under way to their targets, values from 0 (rest) to 1 (fully lit).

    `aim` sets targets, `moves` says where those under way are at a time, `sample` where all are. A layer is under way
    until it has been found at rest at such a time: then it sits exactly on its target. Times are seconds on any one
    clock; a time before the last `aim` counts as that moment.
    """

    def __init__(self, values: Array, transition: Transition) -> None:
        self.values: Array = np.array(values, dtype=np.float64)
        self.moving: NDArray[np.bool_] = np.zeros(self.values.shape, dtype=np.bool_)
        self.is_moving = False  # any of them: asked at every frame, so it is kept and not counted
        self._transition: Transition = transition
        self._target: Array = self.values.copy()
        self._offset: Array = np.zeros_like(self.values)  # from the target, and …
        self._velocity: Array = np.zeros_like(self.values)  # … velocity at the start; zero where at rest
        self._since: Array = np.zeros_like(self.values)  # each layer's start, for tweens
        self._last_start = 0.0  # all moving layers' start, for springs
        self._course: list[tuple[int, float, float, float]] = []  # layer, target, x₀ and v₀ + ζω x₀ of `spring_motion`
        self._bounds = (0.0, 0.0, 0.0, 0.0)
        self._basis: Callable[[float], tuple[float, float]] = lambda _elapsed: (0.0, 0.0)

    def aim(self, targets: Array, now: float) -> None:
        """Send every layer to its target; one whose target is new starts from where and how fast it is."""
        velocity = self._stop_at(now)
        started = targets != self._target
        self._target = np.array(targets, dtype=np.float64)
        if isinstance(self._transition, Spring):
            # Position and velocity are all a spring remembers: begun anew it goes the same way, on one clock.
            started |= self.moving
        self._start(started, velocity, now)

    def jump(self, targets: Array) -> None:
        """Put every layer on its target, at rest."""
        self._target = np.array(targets, dtype=np.float64)
        self.values = self._target.copy()
        self._settle(np.ones_like(self.moving))

    def turn_to(self, transition: Transition, now: float) -> None:
        """Go on from here and from this speed by another transition."""
        velocity = self._stop_at(now)
        self._transition = transition
        self._start(self.moving.copy(), velocity, now)

    def sample(self, now: float) -> Array:
        """Values at `now`, shape (n,). Updates `values`, and `moving` as `moves` does."""
        for layer, value in self.moves(now):
            self.values[layer] = value
        return self.values

    def moves(self, now: float) -> list[tuple[int, float]]:
        """The layers under way, each with its value at `now`. Updates `moving`, which tells who is not yet at rest."""
        if not self.is_moving:
            return []
        if not isinstance(self._transition, Spring):
            return self._tween_moves(self._transition, now)
        # What `spring_motion` says, in plain floats: this runs at every frame, and numpy is slow with so few.
        elapsed = now - self._last_start
        even, odd = self._basis(elapsed if elapsed > 0.0 else 0.0)
        offset, drive, velocity, pull = self._bounds
        if offset * abs(even) + drive * abs(odd) < REST_DELTA and velocity * abs(even) + pull * abs(odd) < REST_SPEED:
            self._settle(self.moving)
            return [(layer, target) for layer, target, _, _ in self._course]
        return [(layer, target + start * even + push * odd) for layer, target, start, push in self._course]

    def _tween_moves(self, tween: Tween, now: float) -> list[tuple[int, float]]:
        layers = np.flatnonzero(self.moving)
        offset, _, rest = self._tween_motion(tween, now)
        values = np.where(rest, self._target, self._target + offset)[layers]
        if rest.any():
            self._settle(rest)
        return list(zip(layers.tolist(), values.tolist(), strict=True))

    def _stop_at(self, now: float) -> Array:
        """Bring `values` up to `now`; the velocities there, shape (n,). By this nobody comes to rest: nobody looked."""
        if isinstance(self._transition, Spring):
            elapsed = max(float(now) - self._last_start, 0.0)
            offset, velocity = spring_motion(self._transition, self._offset, self._velocity, elapsed)
        else:
            offset, velocity, _ = self._tween_motion(self._transition, now)
        self.values = self._target + offset
        return velocity

    def _start(self, started: NDArray[np.bool_], velocity: Array, now: float) -> None:
        self._offset = np.where(started, self.values - self._target, self._offset)
        self._velocity = np.where(started, velocity, self._velocity)
        self._since = np.where(started, now, self._since)
        self._last_start = float(now)
        self.moving = self.moving | started
        self.is_moving = bool(self.moving.any())
        if isinstance(self._transition, Spring):
            self._prepare(self._transition)

    def _prepare(self, spring: Spring) -> None:
        """What stays until the next start: the coefficients of `spring_motion`, and the largest of each."""
        omega, decay = spring.frequency, spring.damping_ratio * spring.frequency
        self._basis = _basis(spring, math)
        drive = self._velocity + decay * self._offset
        pull = omega * omega * self._offset + decay * self._velocity
        self._bounds = tuple(np.abs((self._offset, drive, self._velocity, pull)).max(axis=1).tolist())
        layers = np.flatnonzero(self.moving)
        numbers = (one[layers].tolist() for one in (self._target, self._offset, drive))
        self._course = list(zip(layers.tolist(), *numbers, strict=True))

    def _settle(self, rest: NDArray[np.bool_]) -> None:
        self._offset = np.where(rest, 0.0, self._offset)
        self._velocity = np.where(rest, 0.0, self._velocity)
        self.moving = self.moving & ~rest
        self.is_moving = bool(self.moving.any())

    def _tween_motion(self, tween: Tween, now: float) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Offsets from the targets and velocities at `now`, and who has come to the end, shape (n,) each."""
        if tween.duration == 0.0:
            return self._offset * 0.0, self._offset * 0.0, self.moving
        step = 1e-4  # of the duration: the speed handed on to a spring, as a difference
        progress = np.minimum(np.maximum(now - self._since, 0.0) / tween.duration, 1.0)
        eased, later = tween.curve(progress), tween.curve(np.minimum(progress + step, 1.0))
        speed = -self._offset * (later - eased) / (step * tween.duration)
        return self._offset * (1.0 - eased), speed, self.moving & (progress >= 1.0)
