"""The diagnosis of a network from its gradient magnitudes: one word and a sentence. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from .magnitudes import check_magnitudes, write_magnitude
from .mentions import mention, mention_some
from .text import write_power_of_ten

HEALTHY, VANISHING, EXPLODING, DEAD, NOT_FINITE = "healthy", "vanishing", "exploding", "dead", "not finite"
UNDECIDED: Final = "undecided"
MAX_WINDOW: Final = 20  # steps that are judged together
LAST_ZEROS: Final = 5  # steps at the end of a window that are 0: then the layer has no gradient now
MIN_ROWS: Final = 5  # fewer layers have no slope, only levels
MIN_SLOPE_DECADES: Final = 1.3  # over the depth
MIN_R_SQUARED: Final = 0.5  # of the line; below it, the layers scatter too much for a trend
MIN_LEVEL_DECADES: Final = 2.0  # between a layer and the median of all, or between the ends of a few layers
MIN_SAFE_MAGNITUDE: Final = 1e-300  # a smaller one soon becomes 0 in float64
LEVELS: Final = (1e-8, 1e8)  # a family whose median is outside is told: float32 updates of 1e-8 of a weight are lost
_SLACK: Final = 1 - 5e-7  # so that a change of exactly a bound counts in spite of rounding


class Verdict(NamedTuple):
    """A diagnosis. As a string it is its sentence.

    `kind` is `healthy`, `vanishing`, `exploding`, `dead`, `not finite` or `undecided`. `steps` counts the steps from
    layer to layer. `factor` multiplies the magnitude at each layer on its way to the input. `decades` is the change
    along the fitted line from one end to the other, negative if the magnitude shrinks, and `r_squared` says how well
    the line fits. All three are NaN if no line can be fitted. `between` has the two layers with the largest drop or
    rise between them, the one nearer to the loss first; None if all changes are alike or there are none. `family` names
    what was judged, `window` counts the training steps judged together, and `reason` says why this is the verdict.
    `named` are the layers that stand out.
    """

    kind: str
    text: str
    steps: int
    factor: float = math.nan
    decades: float = math.nan
    between: tuple[str, str] | None = None
    r_squared: float = math.nan
    family: str = ""
    window: int = 1
    reason: str = ""
    named: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


class _Rows(NamedTuple):
    """The layers that have a magnitude, the input first."""

    names: tuple[str, ...]
    magnitudes: tuple[float, ...]

    @property
    def steps(self) -> int:
        return len(self.names) - 1

    def part(self, start: int, stop: int | None = None) -> _Rows:
        return _Rows(self.names[start:stop], self.magnitudes[start:stop])


class _Line(NamedTuple):
    """A least-squares line through log₁₀ of the magnitudes, from the loss to the input."""

    decades: float
    r_squared: float
    factor: float


def diagnose(names: Sequence[str], magnitudes: Iterable[object], *, family: str = "") -> Verdict:
    """The verdict on one family of like magnitudes, such as the L2 norms of ∂L/∂z, in the order input … output.

    Each magnitude is a number, None for a layer without one, or the sequence of a layer's magnitudes over a window of
    training steps, whose last MAX_WINDOW are judged by their geometric mean (`typical`).

    The rule, in this order:

    1. *Not finite*: there is a NaN or an ∞.
    2. *Dead*: a layer and all layers on its input side are 0. Exception: a 0 after a magnitude below 10⁻³⁰⁰ has only
       become too small for float64. A 0 elsewhere is named, and the other layers decide.
    3. *Vanishing* or *exploding*, with five layers or more: a straight line is fitted by least squares to log₁₀ of the
       magnitudes over the layers. It changes by 1.3 decades or more in all, and explains at least half of the variance.
       Or the layers at the input are two decades or more off the median of all. With fewer layers: the first is two
       decades or more off the last.
    4. *Undecided*: the layers scatter too much for a line, single layers are two decades or more off the median, or all
       magnitudes are below 10⁻⁸ or above 10⁸.
    5. *Healthy*: none of these.

    Raises ValueError naming rule and value if a magnitude is wrong, if the numbers of names and magnitudes differ, or
    if no layer has a magnitude.
    """
    listed, window = _windows(magnitudes)
    checked = check_magnitudes(listed, "magnitudes")
    if not checked or len(checked) != len(names):
        raise ValueError(f"magnitudes: must be one for each of the {len(names)} names, got {len(checked)}")
    there = [(name, size) for name, size in zip(names, checked, strict=True) if size is not None]
    if not there:
        raise ValueError("magnitudes: at least one must be a number, got None for each")
    rows = _Rows(tuple(name for name, _ in there), tuple(size for _, size in there))
    return _judge(rows)._replace(family=family, window=window)


judge = diagnose  # the name of version 1.0.0


def typical(values: Sequence[float]) -> float:
    """The magnitude that stands for a window of steps: the geometric mean of those above 0.

    NaN or ∞ if the last is, or if half of them are; 0 if more than half are, or all of the last five.
    """
    if not math.isfinite(values[-1]):
        return values[-1]
    broken = [value for value in values if not math.isfinite(value)]
    if 2 * len(broken) >= len(values):
        return broken[-1]
    above = [value for value in values if value > 0 and math.isfinite(value)]
    if 2 * len(above) < len(values) - len(broken) or not any(values[-LAST_ZEROS:]):
        return 0.0
    mean = math.exp(math.fsum(math.log(value) for value in above) / len(above))
    return min(max(mean, min(above)), max(above))  # whatever rounding did


def _windows(magnitudes: Iterable[object]) -> tuple[Iterable[object], int]:
    """One magnitude a layer, and the number of steps that were judged together."""
    if isinstance(magnitudes, (str, bytes)):
        return magnitudes, 1
    listed, window = list(magnitudes), 1
    for at, each in enumerate(listed):
        if hasattr(each, "__len__") and not isinstance(each, (str, bytes)):
            steps = check_magnitudes(list(each)[-MAX_WINDOW:], "magnitudes")  # type: ignore[call-overload]  # sized
            window = max(window, len(steps))
            known = [step for step in steps if step is not None]
            listed[at] = typical(known) if known else None
    return listed, window


def _judge(rows: _Rows) -> Verdict:
    for name, magnitude in zip(rows.names[::-1], rows.magnitudes[::-1], strict=True):
        if not math.isfinite(magnitude):
            text = f"Not finite: {write_magnitude(magnitude)} at {mention(name)}"
            return Verdict(
                NOT_FINITE, text, rows.steps, reason="Weights that are updated with it are lost.", named=(name,)
            )
    first = next((at for at, magnitude in enumerate(rows.magnitudes) if magnitude), len(rows.names))
    if first:
        return _judge_ended(rows, first)
    zeros = tuple(name for name, magnitude in zip(rows.names, rows.magnitudes, strict=True) if not magnitude)
    if not zeros:
        return _by_size(rows)
    pairs = [(name, magnitude) for name, magnitude in zip(rows.names, rows.magnitudes, strict=True) if magnitude]
    verdict = _by_size(_Rows(tuple(name for name, _ in pairs), tuple(magnitude for _, magnitude in pairs)))
    text = f"{verdict.text}; no gradient at {mention_some(zeros)}, though layers nearer to the input have one"
    return verdict._replace(text=text, named=(*verdict.named, *zeros))


def _judge_ended(rows: _Rows, first: int) -> Verdict:
    """The verdict on layers of which some at the input are 0, and `first` is the first that is not."""
    if first == len(rows.names):
        text = "Dead: 0 at " + ("every layer" if rows.steps else mention(rows.names[0]))
        return Verdict(DEAD, text, rows.steps, reason="Nothing gets a gradient.", named=rows.names)
    if rows.magnitudes[first] < MIN_SAFE_MAGNITUDE and len(rows.names) - first > 1:
        verdict = _by_size(rows.part(first))
        text = f"{verdict.text}; too small for float64 from {mention(rows.names[first - 1])} on"
        return verdict._replace(text=text, steps=rows.steps)
    rest = " and everything before it" if first > 1 else ""
    dead, alive = mention(rows.names[first - 1]), mention(rows.names[first])
    text = f"Dead: 0 at {dead}{rest}; {alive} has {write_magnitude(rows.magnitudes[first])}"
    reason = f"No gradient gets past {alive}, so nothing before it learns."
    return Verdict(DEAD, text, rows.steps, reason=reason, named=rows.names[:first])


def _by_size(rows: _Rows) -> Verdict:
    """The verdict on finite magnitudes above 0."""
    if not rows.steps:
        text = "Healthy: a single layer, which loses nothing"
        return _leveled(rows, Verdict(HEALTHY, text, 0, reason="One layer has no slope."))
    logarithms = [math.log10(magnitude) for magnitude in rows.magnitudes]
    line = _fit(logarithms[::-1])
    ends = logarithms[0] - logarithms[-1]
    verdict = Verdict(
        UNDECIDED, "", rows.steps, line.factor, line.decades, _largest(rows, logarithms, line.decades), line.r_squared
    )
    if len(rows.names) < MIN_ROWS:
        return _by_levels(rows, verdict, ends)
    if abs(line.decades) >= MIN_SLOPE_DECADES * _SLACK and line.r_squared >= MIN_R_SQUARED:
        reason = (
            f"The line through {len(rows.names):,} layers changes by {abs(line.decades):.1f} decades "
            f"(R² {line.r_squared:.2f}); {MIN_SLOPE_DECADES} are too many."
        )
        return _sloped(rows, verdict, line.decades, ends, reason)
    return _by_outliers(rows, verdict, logarithms, ends)


def _by_levels(rows: _Rows, verdict: Verdict, ends: float) -> Verdict:
    """The verdict on a few layers, by the level of the first and the last."""
    few = f"{len(rows.names)} layers are too few for a slope; the first and the last are {abs(ends):.1f} decades apart."
    if abs(ends) >= MIN_LEVEL_DECADES * _SLACK:
        return _sloped(rows, verdict, ends, ends, few)
    spread = math.log10(max(rows.magnitudes)) - math.log10(min(rows.magnitudes))
    if max(abs(ends), spread - MIN_LEVEL_DECADES + MIN_SLOPE_DECADES) >= MIN_SLOPE_DECADES * _SLACK:
        text = f"Undecided: {_ends(rows, ends)}, and {len(rows.names)} layers are too few for a slope"
        return verdict._replace(text=text, reason=few)
    return _leveled(rows, verdict._replace(kind=HEALTHY, text=f"Healthy: {_ends(rows, ends)}", reason=few))


def _by_outliers(rows: _Rows, verdict: Verdict, logarithms: Sequence[float], ends: float) -> Verdict:
    """The verdict on five layers or more without a slope: healthy, unless some stand out."""
    middle = median(logarithms)
    off = [at for at, size in enumerate(logarithms) if abs(size - middle) >= MIN_LEVEL_DECADES * _SLACK]
    named = tuple(rows.names[at] for at in off)
    if not off:
        if abs(verdict.decades) >= MIN_SLOPE_DECADES * _SLACK:
            text = (
                f"Undecided: the layers scatter too much for a trend (R² {verdict.r_squared:.2f}); {_ends(rows, ends)}"
            )
            return verdict._replace(text=text, reason="The line explains less than half of the variance.")
        reason = f"The line through {len(rows.names):,} layers changes by {abs(verdict.decades):.1f} decades."
        text = f"Healthy: {_change(rows, verdict, ends)}"
        return _leveled(rows, verdict._replace(kind=HEALTHY, text=text, reason=reason))
    low = logarithms[off[0]] < middle
    how = f"{_times(logarithms[off[0]] - middle)} the median of all layers"
    if off == list(range(len(off))) and all((logarithms[at] < middle) == low for at in off):
        kind, name = (VANISHING, rows.names[off[-1]]) if low else (EXPLODING, rows.names[off[-1]])
        text = f"{kind.capitalize()} at {mention(name)}: {mention(rows.names[0])} gets {how}"
        reason = f"Two decades or more off the median at the input side: {mention_some(named)}."
        return verdict._replace(kind=kind, text=text, named=named, reason=reason)
    text = f"Undecided: {mention(rows.names[off[0]])} gets {how}"
    others = f", and {len(off) - 1:,} more are as far off" if len(off) > 1 else ""
    reason = "Two decades or more off the median, while layers nearer to the input are not."
    return verdict._replace(text=text + others, named=named, reason=reason)


def _sloped(rows: _Rows, verdict: Verdict, decades: float, ends: float, reason: str) -> Verdict:
    """Vanishing or exploding, by the sign of the decades."""
    kind = VANISHING if decades < 0 else EXPLODING
    return verdict._replace(kind=kind, text=f"{kind.capitalize()}: {_change(rows, verdict, ends)}", reason=reason)


def _leveled(rows: _Rows, verdict: Verdict) -> Verdict:
    """A healthy verdict, or undecided if all magnitudes are far from what training needs."""
    middle = median(rows.magnitudes)
    if LEVELS[0] <= middle <= LEVELS[1]:
        return verdict
    size, level = ("small", "below 10⁻⁸") if middle < 1 else ("large", "above 10⁸")
    text = f"Undecided: alike, but very {size}: {write_magnitude(middle)} in the middle"
    reason = f"Magnitudes {level} are too {size} for most trainings, unless the loss has converged or was scaled."
    return verdict._replace(kind=UNDECIDED, text=text, reason=reason)


def _change(rows: _Rows, verdict: Verdict, ends: float) -> str:
    """The change over the layers in words: from end to end, unless the fitted line and the ends differ."""
    if abs(ends) < 1 if abs(verdict.decades) < MIN_SLOPE_DECADES else abs(ends) >= 1 and ends * verdict.decades > 0:
        a_layer = f" ({_factor(verdict)})" if len(rows.names) >= MIN_ROWS else ""
        return f"{_ends(rows, ends)}{a_layer}"
    return f"{_factor(verdict)}, {abs(verdict.decades):.1f} decades over {rows.steps:,} layers"


def _ends(rows: _Rows, decades: float) -> str:
    """`the input gets 1/37,000 of the output's gradient`."""
    return f"{mention(rows.names[0])} gets {_times(decades)} {mention(rows.names[-1])}'s gradient"


def _times(decades: float) -> str:
    """`1/37,000 of`, `0.66 times`, `95 times`, `10⁻⁹ times`."""
    if abs(decades) >= 6:
        return f"{write_power_of_ten(round(decades))} times"
    factor = 10.0 ** abs(decades)
    if factor < 9.95:
        return f"{10.0**decades:.2f} times"
    rounded = f"{float(f'{factor:.2g}'):,.0f}"
    return f"1/{rounded} of" if decades < 0 else f"{rounded} times"


def _factor(verdict: Verdict) -> str:
    return f"×{write_magnitude(verdict.factor)} a layer"


def _largest(rows: _Rows, logarithms: Sequence[float], decades: float) -> tuple[str, str] | None:
    """The two layers with the largest change between them, or None if all changes are alike."""
    sign = -1.0 if decades < 0 else 1.0
    changes = [sign * (there - here) for here, there in pairwise(logarithms[::-1])]
    largest = max(changes)
    if largest - min(changes) <= 1e-6 * abs(largest):
        return None
    at = rows.steps - changes.index(largest)
    return rows.names[at], rows.names[at - 1]


def _fit(values: Sequence[float]) -> _Line:
    """The least-squares line through (0, values[0]), (1, values[1]) …"""
    count = len(values)
    middle, mean = (count - 1) / 2, math.fsum(values) / count
    spread = math.fsum((index - middle) ** 2 for index in range(count))
    slope = math.fsum((index - middle) * (value - mean) for index, value in enumerate(values)) / spread
    variance = math.fsum((value - mean) ** 2 for value in values)
    explained = slope * slope * spread / variance if variance > 0 else 1.0
    return _Line(slope * (count - 1), min(explained, 1.0), 10.0**slope if slope < 308 else math.inf)
