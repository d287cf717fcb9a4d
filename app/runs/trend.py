"""The trend of a run in a few sentences: the verdict at first and in the end, the level, what broke. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ..figure.diagnosis import DEAD, NOT_FINITE, UNDECIDED, Verdict
from ..figure.magnitudes import write_magnitude
from ..figure.mentions import mention, mention_first
from ..figure.text import write_step
from .arrays import Floats, Mask, Places, Work
from .direction import diagnose_run
from .run import Run
from .run_verdict import RunJudge

WINDOW_SHARE: Final = 10  # of the logged steps, this part is the start, and as many are the end …
MAX_TREND_WINDOW: Final = 200  # … but no more than these
MIN_SHIFT_DECADES: Final = 0.1  # decades: less is no change of level
STEPS_AT_ONCE: Final = 1 << 15  # steps that are looked at at once


class Broken(NamedTuple):
    """A magnitude that is NaN or infinite: of which layer, at which step."""

    layer: str
    step: float
    magnitude: float


class Trend(NamedTuple):
    """The trend of a run; as a string it is its sentences.

    `steps`: how many have anything logged; `window`: how many of them make the start, and how many the end, 0 where
    there are fewer than two steps and so no trend. `first`, `last`: the verdicts on these, None without a trend.
    `shift`: by how many decades gradients grew from the start to the end, negative where they shrank: the mean over the
    layers that have a magnitude above 0 in both, NaN where none has; `most`: the one of them that changed most, and its
    decades. `broken`: how many steps have a NaN or an infinity; `first_broken`: the first of these, of several layers
    the one nearest the loss. `dead`: the layers that are 0 throughout the end, the one nearest the loss first, each
    with the step since when.
    """

    text: str
    steps: int
    window: int = 0
    first: Verdict | None = None
    last: Verdict | None = None
    shift: float = math.nan
    most: tuple[str, float] | None = None
    broken: int = 0
    first_broken: Broken | None = None
    dead: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return self.text

    @property
    def change(self) -> str:
        """The sentences without those on what broke or died."""
        said = [sentence for sentence in (_say_broken(self), _say_dead(self)) if sentence]
        return self.text.removesuffix(" ".join(said)).strip() if said else self.text


class _Looked(NamedTuple):
    """Findings about every value: the steps with anything logged, the number of broken steps, the first of them."""

    there: Places
    broken: int
    first_broken: Broken | None


def finding_trend(run: Run, judge: RunJudge | None = None) -> Work[Trend]:
    """The trend of a run whose layers are in the order input … output, found in pieces of a few milliseconds.

    The rule: the steps at which anything was logged are compared, the first tenth of them (at least one, at most
    MAX_TREND_WINDOW) with the last. In each of the two a layer has the geometric mean of its magnitudes above 0; but
    where half of what it logged there is NaN or infinite it has that, where half is 0 it has 0, and where it logged
    nothing it has none. The verdicts are those of the judge at the ends of the two; without a judge, those of
    `direction.diagnose_run` on these magnitudes. Single values that are not finite are counted over all the run.
    """
    there, broken, first_broken = yield from _looking(run)
    found = Trend("", len(there), broken=broken, first_broken=first_broken)
    if len(there) < 2:
        sentences = ["One step was logged: there is no trend." if len(there) else "Nothing was logged."]
    else:
        window = max(1, min(MAX_TREND_WINDOW, len(there) // WINDOW_SHARE))
        start = yield from _typical(run, there[:window])
        end = yield from _typical(run, there[-window:])
        dead = yield from _dying(run, there[-window:])
        first, last = diagnose_run(run, start), diagnose_run(run, end)
        if judge is not None:
            first = judge.at(float(run.steps[there[window - 1]])) or first
            last = judge.at(float(run.steps[there[-1]])) or last
        is_told = judge is not None and first.kind == last.kind == UNDECIDED  # with why, by the verdict itself
        shift, most = _shift(run.names, start, end)
        found = found._replace(window=window, first=first, last=last, shift=shift, most=most, dead=dead)
        phases = "" if is_told else _say_phases(run.names, (first, start), (last, end))
        sentences = [phases, _say_level(found)]
    sentences += [_say_broken(found), _say_dead(found)]
    return found._replace(text=" ".join(filter(None, sentences)) or "No layer was logged both at first and in the end.")


def _looking(run: Run) -> Work[_Looked]:
    anything, broken = np.zeros(len(run.steps), np.bool_), np.zeros(len(run.steps), np.bool_)
    first, first_layer = len(run.steps), 0
    for layer in range(len(run.names)):
        for start in range(0, len(run.steps), STEPS_AT_ONCE):
            yield 0.9 * (layer + start / len(run.steps)) / len(run.names)
            part = slice(start, start + STEPS_AT_ONCE)
            logged = run.logged[layer, part]
            wrong = logged & ~np.isfinite(run.norms[layer, part])
            anything[part] |= logged
            broken[part] |= wrong
            if wrong.any() and start + int(wrong.argmax()) <= first:
                first, first_layer = start + int(wrong.argmax()), layer
    there = np.flatnonzero(anything)
    if first == len(run.steps):
        return _Looked(there, 0, None)
    found = Broken(run.names[first_layer], float(run.steps[first]), float(run.norms[first_layer, first]))
    return _Looked(there, int(np.count_nonzero(broken)), found)


def _typical(run: Run, steps: Places) -> Work[list[float | None]]:
    """The typical magnitude of each layer at some steps."""
    found: list[float | None] = []
    for layer in range(len(run.names)):
        yield 0.9
        found.append(_typical_of(run.norms[layer, steps], run.logged[layer, steps]))
    return found


def _typical_of(norms: Floats, logged: Mask) -> float | None:
    values = norms[logged]
    if not values.size:
        return None
    broken = values[~np.isfinite(values)]
    if 2 * broken.size >= values.size:
        return math.nan if np.isnan(broken).any() else math.inf
    if 2 * np.count_nonzero(values == 0) >= values.size:
        return 0.0
    above = values[(values > 0) & np.isfinite(values)]
    mean = math.exp(min(float(np.log(above).mean()), 709.0))
    return min(max(mean, float(above.min())), float(above.max()))  # whatever rounding did


def _shift(
    names: tuple[str, ...], start: list[float | None], end: list[float | None]
) -> tuple[float, tuple[str, float] | None]:
    shifts = [
        (name, math.log10(last) - math.log10(first))
        for name, first, last in zip(names, start, end, strict=True)
        if first and last and math.isfinite(first) and math.isfinite(last)
    ]
    if not shifts:
        return math.nan, None
    return math.fsum(shift for _, shift in shifts) / len(shifts), max(shifts, key=lambda shift: abs(shift[1]))


def _dying(run: Run, end: Places) -> Work[tuple[tuple[str, float], ...]]:
    """The layers that are 0 throughout the end, and since when."""
    dead: list[tuple[str, float]] = []
    for layer in range(len(run.names) - 1, -1, -1):
        yield 0.95
        logged = run.logged[layer, end]
        if logged.any() and not run.norms[layer, end][logged].any():
            there = np.flatnonzero(run.logged[layer])
            alive = np.flatnonzero(run.norms[layer, there])
            since = there[alive[-1] + 1] if alive.size else there[0]
            dead.append((run.names[layer], float(run.steps[since])))
    return tuple(dead)


Phase = tuple[Verdict, list[float | None]]


def _say_phases(names: tuple[str, ...], start: Phase, end: Phase) -> str:
    """`Over the run: healthy at first (×0.92 a layer), vanishing in the end (×0.24 a layer).`; nothing of one layer."""
    (first, _), (last, _) = start, end
    if not first.steps and not last.steps and {first.kind, last.kind}.isdisjoint({DEAD, NOT_FINITE}):
        return ""
    joint = " and" if first.kind == last.kind else f", {last.kind}"
    return f"Over the run: {first.kind} at first{_detail(names, *start)}{joint} in the end{_detail(names, *end)}."


def _detail(names: tuple[str, ...], verdict: Verdict, magnitudes: list[float | None]) -> str:
    if math.isfinite(verdict.factor):
        return f" (×{write_magnitude(verdict.factor)} a layer)"
    wrong = [
        (name, size)
        for name, size in zip(names, magnitudes, strict=True)
        if size is not None and (size == 0 if verdict.kind == DEAD else not math.isfinite(size))
    ]
    if not wrong:
        return ""
    more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
    return f" ({write_magnitude(wrong[-1][1])} at {mention(wrong[-1][0])}{more})"


def _say_level(trend: Trend) -> str:
    """`Gradients shrank 1.8 decades on average; most at fc1, 2.6.`"""
    if trend.most is None:
        return ""
    name, decades = trend.most
    moved = abs(trend.shift) >= MIN_SHIFT_DECADES
    level = f"Gradients {_verb(trend.shift)} {abs(trend.shift):.1f} decades" if moved else "Gradients kept their level"
    if abs(decades - trend.shift) < MIN_SHIFT_DECADES:
        return f"{level}."
    if moved and decades * trend.shift > 0:
        return f"{level} on average; most at {mention(name)}, {abs(decades):.1f}."
    return f"{level} on average; {mention(name)} {_verb(decades)} {abs(decades):.1f} decades."


def _verb(decades: float) -> str:
    return "shrank" if decades < 0 else "grew"


def _say_broken(trend: Trend) -> str:
    """`NaN first at step 812 in fc3; 45 of 5,000 recorded steps have a NaN or ∞.`"""
    if trend.first_broken is None:
        return ""
    layer, step, magnitude = trend.first_broken
    count = f"{trend.broken:,} of {trend.steps:,} recorded steps {'has' if trend.broken == 1 else 'have'} a NaN or ∞"
    return f"{write_magnitude(magnitude)} first at step {write_step(step)} in {mention(layer)}; {count}."


def _say_dead(trend: Trend) -> str:
    """`fc2 is 0 from step 300 on.`"""
    if not trend.dead:
        return ""
    name, since = trend.dead[0][0], write_step(trend.dead[0][1])
    if len(trend.dead) == 1:
        return f"{mention_first(name)} is 0 from step {since} on."
    return f"{len(trend.dead):,} layers are 0 in the end; {mention(name)}, nearest the loss, from step {since} on."
