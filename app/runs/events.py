"""Events of a run: changes of level, spikes, layers that died or woke, NaN, steps in alarm. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..figure.diagnosis import DEAD, EXPLODING, NOT_FINITE, VANISHING
from ..figure.magnitudes import write_magnitude
from ..figure.mentions import mention, mention_some
from ..figure.text import write_power_of_ten, write_step
from ..figure.work import share_of
from .arrays import Places, Work, distinct
from .change_points import Change, find_changes
from .climbs import find_climbs, join_changes
from .run import Run
from .run_verdict import RunJudge
from .spikes import Spike, ZeroRun, find_excursions, find_zero_runs

MAX_EVENTS: Final = 5
MAX_JUDGED: Final = 40  # steps whose verdicts tell for how long a run is in alarm
CHANGED, SPIKED, DIED, WOKE, BROKE, ALARMED = "changed", "spiked", "died", "woke", "not finite", "in alarm"
SHARED_TIME: Final = 0.5  # of the shorter of two changes: if as much of it is shared in time, they are one event
NEAR_STEPS: Final = 3  # by which changes may miss each other
MAX_GROUPS: Final = 50  # changes that one is compared with
ALIKE, ALIKE_SHARE = math.log10(2.0), 0.1  # decades, and a share of them, in which changes of layers are told as one
MAX_SPIKES_OF_ALL: Final = 5000  # of all layers


NO_EVENT: Final = (
    "Nothing stands out in the recorded steps: no spike, no change of level, no NaN, no layer without a gradient, "
    "no alarm"
)


class Event(NamedTuple):
    """Something that happened to some layers, the input first. As a string it is its sentence, without a full stop.

    `step` is the one to look at, between `first` and `last`. `weight` tells events that matter more.
    """

    kind: str
    text: str
    step: float
    first: float
    last: float
    layers: tuple[str, ...]
    weight: float

    def __str__(self) -> str:
        return self.text


class _Found(NamedTuple):
    """Findings in one layer, by row; the places are those of the run's steps."""

    row: int
    changes: list[Change]
    spikes: list[Spike]
    gaps: list[ZeroRun]
    broken: Places


def finding_events(run: Run, judge: RunJudge) -> Work[tuple[Event, ...]]:
    """The events of a run, at most MAX_EVENTS, those that matter most first; found in pieces of a few milliseconds."""
    found: list[_Found] = []
    for row in range(len(run.names)):
        yield 0.7 * row / len(run.names)
        found.append(_look_at(run, row))
    events = [*_broken(run, found), *_gaps(run, found), *_changes(run, found), *_spikes(run, found)]
    events += yield from share_of(_alarms(run, judge), 0.7, 0.3)
    return tuple(sorted(events, key=lambda event: (-event.weight, event.step))[:MAX_EVENTS])


def _look_at(run: Run, row: int) -> _Found:
    there = np.flatnonzero(run.logged[row])
    values = run.norms[row, there]
    finite = np.isfinite(values)
    above = finite & (values > 0)
    places, logarithms = there[above], np.log10(values[above])
    climbs = find_climbs(logarithms)
    excursions = find_excursions(logarithms, climbs)
    changes = [
        change._replace(start=int(places[change.start]), stop=int(places[change.stop]))
        for change in join_changes([*climbs, *excursions.jumps], find_changes(logarithms))
    ]
    largest = sorted(excursions.spikes, key=lambda spike: -abs(spike.decades))
    spikes = [
        spike._replace(place=int(places[spike.place]))
        for spike in largest[: max(MAX_EVENTS, MAX_SPIKES_OF_ALL // len(run.names))]
    ]
    gaps = [
        ZeroRun(int(there[gap.start]), int(there[gap.stop]) if gap.stop < len(there) else len(run.steps))
        for gap in find_zero_runs(values)
    ]
    return _Found(row, changes, spikes, gaps, there[~finite])


def _broken(run: Run, found: Sequence[_Found]) -> Iterable[Event]:
    """The first NaN or ∞, where it began, and how many steps have one."""
    broken = [each for each in found if each.broken.size]
    if not broken:
        return
    first = min(int(each.broken[0]) for each in broken)
    began = [each.row for each in broken if each.broken[0] == first]
    steps = len(distinct(np.concatenate([each.broken for each in broken]).astype(np.float64)))
    value = write_magnitude(float(run.norms[began[-1], first]))
    where = f"first in {name_layers(run.names, began)}"
    more = f"; {steps:,} of {len(run.steps):,} recorded steps have a NaN or ∞" if steps > 1 else ""
    yield _event(run, BROKE, f"{value} {where}{more}", (first, first), began, 6.0)


def _gaps(run: Run, found: Sequence[_Found]) -> Iterable[Event]:
    """Layers without a gradient for some time: those of the same time together."""
    times: dict[ZeroRun, list[int]] = {}
    for each in found:
        for gap in each.gaps:
            times.setdefault(gap, []).append(each.row)
    for gap, rows in times.items():
        layers, last = name_layers(run.names, rows), len(run.steps)
        if gap.start == 0:
            yield _event(run, WOKE, f"the first gradient at {layers}", (gap.stop, gap.stop), rows, 3.0)
        elif gap.stop == last:
            yield _event(run, DIED, f"no gradient at {layers} from here on", (gap.start, gap.start), rows, 5.0)
        else:
            text = f"no gradient at {layers}"
            yield _event(run, DIED, text, (gap.start, gap.stop - 1), rows, 4.0)


def _changes(run: Run, found: Sequence[_Found]) -> Iterable[Event]:
    """Changes of level: those of several layers at the same time are one event."""
    groups: list[list[tuple[Change, int]]] = []
    for change, row in sorted(((change, each.row) for each in found for change in each.changes), key=_by_time):
        group = next((group for group in groups[-MAX_GROUPS:] if _is_same_time(group[0][0], change)), None)
        if group is None:
            groups.append([(change, row)])
        else:
            group.append((change, row))
    for group in groups:
        rows = sorted({row for _, row in group})
        decades, start, stop = (_middle([getattr(change, name) for change, _ in group]) for name in _CHANGE)
        weight = min(abs(decades), 4.0) * (0.5 + 0.5 * len(rows) / len(run.names))
        text = f"{name_layers(run.names, rows)} {'fell' if decades < 0 else 'rose'}{_how_much(run, group, decades)}"
        event = _event(run, CHANGED, text, (int(start), int(stop)), rows)
        yield event._replace(step=event.last, weight=weight)


def _how_much(run: Run, group: Sequence[tuple[Change, int]], decades: float) -> str:
    """` ×10⁵` if layers changed alike, or else `, most in fc4: ×240`."""
    sizes = [abs(change.decades) for change, _ in group]
    if max(sizes) - min(sizes) <= max(ALIKE, ALIKE_SHARE * max(sizes)):
        return f" {_factor(decades)}"
    most, row = group[sizes.index(max(sizes))]
    return f", most in {mention(run.names[row])}: {_factor(most.decades)}"


_CHANGE: Final = ("decades", "start", "stop")


def _middle(numbers: Sequence[float]) -> float:
    return float(sorted(numbers)[len(numbers) // 2])


def _is_same_time(one: Change, other: Change) -> bool:
    """True if two changes go the same way, and share much of their time or lie within a few steps."""
    shared = min(one.stop, other.stop) - max(one.start, other.start) + NEAR_STEPS
    return one.decades * other.decades > 0 and shared >= SHARED_TIME * min(
        one.stop - one.start, other.stop - other.start
    )


def _by_time(pair: tuple[Change, int]) -> tuple[int, int, int]:
    return pair[0].start, pair[0].stop, pair[1]


def _spikes(run: Run, found: Sequence[_Found]) -> Iterable[Event]:
    """Spikes and dips: those of one step together, and the other steps counted with the largest."""
    at: dict[tuple[int, bool], list[tuple[Spike, int]]] = {}
    for each in found:
        for spike in each.spikes:
            at.setdefault((spike.place, spike.decades > 0), []).append((spike, each.row))
    groups = sorted(at.values(), key=lambda group: -max(abs(spike.decades) for spike, _ in group))
    for number, group in enumerate(groups[:MAX_EVENTS]):
        spike, row = max(group, key=lambda pair: abs(pair[0].decades))
        rows = sorted(row for _, row in group)
        verb = "spiked" if spike.decades > 0 else "dipped"
        most = f" in {mention(run.names[row])}" if len(rows) > 1 else ""
        text = f"{name_layers(run.names, rows)} {verb} {_factor(spike.decades)}{most}"
        if not number and len(groups) > 1:
            text += f"; {len(groups) - 1:,} more {'step has' if len(groups) == 2 else 'steps have'} spikes or dips"
        weight = min(abs(spike.decades), 4.0) / 2 * (0.5 + 0.5 * len(rows) / len(run.names))
        yield _event(run, SPIKED, text, (spike.place, spike.place), rows, weight)


def _alarms(run: Run, judge: RunJudge) -> Work[list[Event]]:
    """The share of the steps with a verdict that is an alarm, and the first of them."""
    count = min(MAX_JUDGED, len(run.steps))
    places = sorted({round(at * (len(run.steps) - 1) / max(1, count - 1)) for at in range(count)})
    kinds: dict[str, list[int]] = {}
    for done, place in enumerate(places):
        yield done / count
        verdict = judge.at(float(run.steps[place]))
        if verdict and verdict.kind in {VANISHING, EXPLODING, DEAD, NOT_FINITE}:
            kinds.setdefault(verdict.kind, []).append(place)
    events = []
    for kind, alarmed in kinds.items():
        share = len(alarmed) / len(places)
        if kind not in {DEAD, NOT_FINITE} and count > 1:
            much = "all" if share == 1 else f"{100 * share:.0f} %"
            text = f"{kind} at {much} of {len(places):,} steps looked at{'' if share == 1 else ', first here'}"
            events.append(_event(run, ALARMED, text, (alarmed[0], alarmed[0]), (), 2.0 + share))
    return events


def _event(  # noqa: PLR0917  # an event's fields
    run: Run, kind: str, text: str, places: tuple[int, int], rows: Sequence[int], weight: float = 0.0
) -> Event:
    first, last = float(run.steps[places[0]]), float(run.steps[places[1]])
    when = f"Step {write_step(first)}" if first == last else f"Steps {write_step(first)}–{write_step(last)}"
    return Event(kind, f"{when}: {text}", first, first, last, tuple(run.names[row] for row in rows), weight)


def name_layers(names: Sequence[str], rows: Sequence[int]) -> str:
    """`all 12 layers`, `fc1 to fc9`, `fc1, fc4, fc7 and 2 more`."""
    if len(rows) == len(names) > 1:
        return "both layers" if len(rows) == 2 else f"all {len(names):,} layers"
    if len(rows) > 2 and rows[-1] - rows[0] == len(rows) - 1:
        return f"{mention(names[rows[0]])} to {mention(names[rows[-1]])}"
    return mention_some(names[row] for row in rows)


def _factor(decades: float) -> str:
    """`×340`, `to 1/50`, `×10⁻⁴`."""
    if abs(decades) >= 3:
        return f"×{write_power_of_ten(round(decades))}"
    return f"{'×' if decades > 0 else 'to 1/'}{float(f'{10 ** abs(decades):.2g}'):g}"
