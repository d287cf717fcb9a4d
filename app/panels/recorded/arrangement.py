"""A recorded run as it is looked at: which one, its layers' order, what is folded, a second run beside it. Pure.

recording = finished(recordings_of(logs))[0]
view = finished(arranging([recording], Plan(0)))
view.gradients(view.last), view.verdict(view.last)
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Final, TypeVar

import numpy as np

from ...charts.heatmap import Cells, cells_in_pieces, colour_span
from ...charts.series import RunSeries, linear_domain
from ...figure.diagnosis import Verdict
from ...figure.magnitudes import Bounds, Magnitude
from ...figure.props import MAX_LAYERS
from ...figure.shading import Domain, to_domain
from ...figure.text import write_number
from ...figure.work import share_of
from ...runs import metric_names
from ...runs.alignment import align, pairing, reordering
from ...runs.arrays import Floats, Mask
from ...runs.collector import ParsedLog
from ...runs.events import NO_EVENT, Event, finding_events
from ...runs.families import Families, finding_families
from ...runs.layer_groups import Entry, Row, folding, open_at_first, outline, rows_of
from ...runs.layer_order import FROM_NAMES
from ...runs.loss_scale import ScaleJump, dividing_out, finding_scale_jumps, say_scale_jumps
from ...runs.reductions import ZEROS
from ...runs.run import LOGGED, Run, combining
from ...runs.run_verdict import RunJudge
from ...runs.trend import Trend, finding_trend

Done = TypeVar("Done")
GUESSED: Final = "guessed"  # of an order: from names
TURNED: Final = "turned"
MAX_SHOWN_NAME_CHARS: Final = 80  # characters that bars and figure show of a layer's name


@dataclass(frozen=True, eq=False)
class Recording:
    """A run as it was read, and the logs that it was read from. `address`: where it came from, empty for a file.

    `logged_as`: what the logs call it, whose title may be another's too. `families`: what it is judged by.
    `scale_jumps`: those of a loss scale, if the gradients have it in them.
    """

    run: Run
    logs: tuple[ParsedLog, ...]
    logged_as: str
    families: Families
    address: str = ""
    scale_jumps: tuple[ScaleJump, ...] = ()

    def judge(self, run: Run) -> RunJudge:
        """The judge of the run, whose layers are in the order of `run` if these are the same."""
        same = sorted(run.names) == sorted(self.run.names)
        return RunJudge(self.run, self.families, (run.names, *run.other_orders) if same else ())


@dataclass(frozen=True)
class Origin:
    """The origin of a recorded view, which an address can bring back: the run's address, and the step."""

    run: str
    step: float

    def address(self) -> list[tuple[str, str]]:
        """The parameters for it; without an address of its own the run is on the visitor's disk, and there are none."""
        return [("source", "recorded"), ("run", self.run), ("step", write_number(self.step))] if self.run else []


@dataclass(frozen=True)
class Plan:
    """A plan of what to show: places among the recordings, and how.

    `choice`: kind and reduction, one of `Run.choices`; None: the first. `order` as in `runs.ordered`; None: as the run
    has it. `opened`: the blocks that are unfolded, by name; None: as many as fit. `is_unscaled`: a loss scale that was
    found is divided out.
    """

    run: int
    beside: int | None = None
    choice: tuple[str, str] | None = None
    order: str | tuple[str, ...] | None = None
    opened: frozenset[str] | None = None
    is_unscaled: bool = False


@dataclass(frozen=True, eq=False)
class Side:
    """One run of a view: whole, and with its rows folded."""

    run: Run
    shown: Run
    cells: Cells
    trend: Trend
    events: tuple[Event, ...]
    layers: tuple[tuple[str, ...], ...]  # of each row
    judge: RunJudge

    @property
    def track(self) -> RunSeries:
        """It as the timeline draws it."""
        losses, lossless = held(self.run.loss, self.run.loss_logged)
        bounds = self.bounds_at if self.run.bounds else None
        return RunSeries(losses, self.shown.norms, self.shown.logged, self.cells, lossless, bounds)

    def gradients(self, step: int) -> tuple[Magnitude, ...]:
        """One magnitude a row at a step, by its place; None where none was logged."""
        return _at(self.shown, step)

    def bounds(self, step: int) -> tuple[Bounds | None, ...] | None:
        """Of estimates, what each row's magnitude is at least and at most at a step; None where they are exact."""
        rows = range(len(self.layers))
        return tuple(self.bounds_at(row, step) for row in rows) if self.run.bounds else None

    def bounds_at(self, row: int, step: int) -> Bounds | None:
        """The bounds of one row's magnitude at a step; None if they are not known."""
        if self.run.bounds is None or not self.shown.logged[row, step]:
            return None
        return self.run.bounds.at(float(self.run.steps[step]), self.layers[row])

    def verdict(self, step: int) -> Verdict | None:
        """The verdict at a step, whatever is shown; None if nothing was logged there, or no gradients."""
        is_judged = self.judge.is_gradient and self.run.logged[:, step].any()
        return self.judge.at(float(self.run.steps[step])) if is_judged else None

    @property
    def summary(self) -> str:
        """The run in a few sentences: how it changed, and if nothing stands out."""
        if not self.judge.is_gradient:
            return ""
        nothing = "" if self.events else f"{NO_EVENT}."
        return " ".join(filter(None, (self.trend.change, nothing)))


@dataclass(frozen=True, eq=False)
class View:
    """A run to look at, and perhaps another beside it on the same layers, steps and rows. `remarks`: what to know."""

    plan: Plan
    title: str
    entries: tuple[Entry, ...]
    rows: tuple[Row, ...]
    main: Side
    beside: Side | None
    beside_title: str
    choices: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    guess_source: str = ""  # where the order comes from in which the run was read
    has_scale: bool = False  # a loss scale, which can be divided out

    @property
    def steps(self) -> Floats:
        """The steps' numbers, shape (S,), ascending."""
        return self.main.run.steps

    @property
    def last(self) -> int:
        """The last step's place."""
        return len(self.steps) - 1

    @property
    def names(self) -> tuple[str, ...]:
        """The rows' names, as long as they may be."""
        return tuple(
            row.name if len(row.name) <= MAX_SHOWN_NAME_CHARS else f"…{row.name[1 - MAX_SHOWN_NAME_CHARS :]}"
            for row in self.rows
        )

    @property
    def label(self) -> str:
        """The label of a magnitude on the picture: `L2 ∂L/∂W`."""
        return metric_names.short_label(self.main.run.kind, self.main.run.reduction)

    @cached_property
    def domain(self) -> Domain:
        """The magnitudes at the ends of the map's colours, which are those of all steps."""
        return to_domain(colour_span([side.cells for side in (self.main, self.beside) if side is not None]))

    @cached_property
    def bars_domain(self) -> Domain | None:
        """The domain of the bars' axis, which is that of all steps."""
        if self.scale == "log":
            return self.domain
        return linear_domain([side.track for side in (self.main, self.beside) if side is not None])

    @property
    def scale(self) -> str:
        """The scale of the bars: shares of zeros lie between 0 and 1, all else over decades."""
        return "linear" if self.main.run.kind == ZEROS else "log"

    @property
    def order(self) -> str:
        """Which order the layers are in: `natural`, `logged`, `guessed`, or empty where they were put there by hand."""
        if self.plan.order is not None:
            return self.plan.order if isinstance(self.plan.order, str) else ""
        return GUESSED if self.main.run.order_source == FROM_NAMES else LOGGED

    def order_chosen(self, value: str) -> str | tuple[str, ...] | None:
        """The order for a plan that a choice stands for; `turned` is the layers the other way round."""
        if value == TURNED:
            return self.main.run.names[::-1]
        return None if value == GUESSED else value

    def place_of(self, number: float) -> int:
        """The place of the step nearest to a number."""
        right = min(int(np.searchsorted(self.steps, number)), self.last)
        left = max(right - 1, 0)
        return left if number - self.steps[left] <= self.steps[right] - number else right

    def row_of(self, event: Event) -> int | None:
        """The row of the layer of an event that is nearest the loss; None if it has no layer that is shown."""
        shown = {name: at for at, name in enumerate(self.main.run.names)}
        layer = next((shown[name] for name in reversed(event.layers) if name in shown), None)
        return next((at for at, row in enumerate(self.rows) if layer in row.members), None)

    def place_named(self, name: str) -> int:
        """The place of the row of that name; −1 where there is none."""
        return next((at for at, row in enumerate(self.rows) if row.name == name), -1)

    def moved(self, row: int, by: int) -> tuple[str, ...]:
        """The layers' names with a row moved past its neighbour, by −1 towards the input or by 1 towards the loss.

        As they are where there is no such row or no neighbour.
        """
        names, other = self.main.run.names, row + by
        if row < 0 or not 0 <= other < len(self.rows):
            return names
        first, second = sorted((row, other))
        before, after = self.rows[first].members, self.rows[second].members
        swapped = (*names[after.start : after.stop], *names[before.start : before.stop])
        return (*names[: before.start], *swapped, *names[after.stop :])

    def opened(self, name: str) -> frozenset[str]:
        """The open blocks, once one is opened or, where it is open, folded."""
        return _opened(self) ^ {name}


def recordings_of(
    logs: Sequence[ParsedLog], address: str = "", before: Sequence[Recording] = ()
) -> Generator[float, None, tuple[Recording, ...]]:
    """The runs in some logs, as recordings; one that is called as one `before` gets a number: `run.jsonl (2)`.

    Raises LogError as `runs.combine` does.
    """
    runs = yield from share_of(combining(logs), 0.0, 0.9)
    taken = {recording.run.title for recording in before}
    found = []
    for run in runs:
        title = _untaken(run.title, taken)
        taken.add(title)
        families = yield from share_of(finding_families(logs, run.title), 0.9, 0.0)
        jumps = yield from share_of(finding_scale_jumps(run), 0.9, 0.0)
        found.append(Recording(replace(run, title=title), tuple(logs), run.title, families, address, jumps))
    return tuple(found)


def _unscaled(recording: Recording) -> Generator[float, None, Recording]:
    """The recording with its loss scale divided out; the recording itself where none was found."""
    if not recording.scale_jumps:
        return recording
    logs = []
    for log in recording.logs:
        logs.append((yield from share_of(dividing_out(log, recording.scale_jumps), 0.0, 0.3)))  # noqa: PERF401  # it yields
    runs = yield from share_of(combining(logs, title=recording.logged_as), 0.3, 0.5)
    families = yield from share_of(finding_families(logs, recording.logged_as), 0.8, 0.2)
    run = replace(runs[0], title=recording.run.title)
    return replace(recording, run=run, logs=tuple(logs), families=families)


def _untaken(title: str, taken: Container[str]) -> str:
    return next(name for number in count(1) if (name := f"{title} ({number})" if number > 1 else title) not in taken)


def arranging(recordings: Sequence[Recording], plan: Plan, before: View | None = None) -> Generator[float, None, View]:
    """The view that a plan asks for: yields how much is done, 0 to 1. What `before` has of it is not made again.

    Raises ValueError where there are more rows than the figure can show, LogError where nothing of the choice was
    logged.
    """
    recording = recordings[plan.run]
    if plan.is_unscaled:
        recording = yield from share_of(_unscaled(recording), 0.0, 0.0)
    other = None if plan.beside is None else recordings[plan.beside]
    if before is not None and _same_runs(before.plan, plan):
        run, beside = before.main.run, before.beside.run if before.beside else None
        yield 0.5
    else:
        run = yield from share_of(_chosen(recording, plan), 0.0, 0.3)
        beside = None
        if other is not None:
            wanted = (run.kind, run.reduction)
            theirs = replace(plan, choice=wanted if wanted in other.run.choices else None, order=None)
            beside = yield from share_of(_chosen(other, theirs), 0.3, 0.1)
    scale_text = say_scale_jumps(recording.scale_jumps, is_divided=plan.is_unscaled)
    remarks = recording.run.problems if other is None else (*recording.run.problems, *other.run.problems)
    if beside is not None and before is not None and _same_runs(before.plan, plan):
        remarks = tuple(each for each in before.remarks if each != scale_text)
    elif beside is not None:
        remarks = (*remarks, *align(run, beside).problems)
        run, beside = yield from share_of(pairing(run, beside), 0.4, 0.1)
    opened = open_at_first(run.names) if plan.opened is None else plan.opened
    entries = outline(run.names, opened)
    rows = rows_of(entries)
    if len(rows) > MAX_LAYERS:
        raise ValueError(
            f"Layers: at most {MAX_LAYERS} rows can be seen at once, got {len(rows):,}; fold a block first"
        )
    main = yield from share_of(_side(run, rows, recording, before.main if before else None), 0.5, 0.3)
    second = None
    if beside is not None and other is not None:
        second = yield from share_of(_side(beside, rows, other, before.beside if before else None), 0.8, 0.2)
    return View(
        replace(plan, opened=opened),
        recording.run.title,
        entries,
        rows,
        main,
        second,
        other.run.title if other else "",
        recording.run.choices,
        (*filter(None, [scale_text]), *remarks),
        recording.run.order_source,
        bool(recording.scale_jumps),
    )


def _same_runs(one: Plan, other: Plan) -> bool:
    """True if two plans differ in nothing but what is folded."""
    return replace(one, opened=None) == replace(other, opened=None)


def _chosen(recording: Recording, plan: Plan) -> Generator[float, None, Run]:
    """A recording's run by kind, reduction and order of the layers."""
    run = recording.run
    if plan.choice not in {None, (run.kind, run.reduction)}:
        runs = yield from combining(recording.logs, *plan.choice, title=recording.logged_as)
        run = replace(runs[0], title=run.title)
    return run if plan.order is None else (yield from reordering(run, plan.order))


def _side(run: Run, rows: Sequence[Row], recording: Recording, before: Side | None) -> Generator[float, None, Side]:
    """A run with its rows folded, and what is said of it."""
    shown = yield from share_of(folding(run, rows), 0.0, 0.5)
    cells = yield from share_of(cells_in_pieces(shown), 0.5, 0.2)
    layers = tuple(run.names[row.members.start : row.members.stop] for row in rows)
    if before is not None and before.run is run:
        return replace(before, shown=shown, cells=cells, layers=layers)
    judge = recording.judge(run)
    if not judge.is_gradient:
        return Side(run, shown, cells, Trend("", 0), (), layers, judge)
    trend = yield from share_of(finding_trend(recording.run, judge), 0.7, 0.1)
    events = yield from share_of(finding_events(recording.run, judge), 0.8, 0.2)
    return Side(run, shown, cells, trend, events, layers, judge)


def _opened(view: View) -> frozenset[str]:
    return view.plan.opened or frozenset()


def _at(run: Run, step: int) -> tuple[Magnitude, ...]:
    pairs: Iterable[tuple[float, bool]] = zip(run.norms[:, step].tolist(), run.logged[:, step].tolist(), strict=True)
    return tuple(value if logged else None for value, logged in pairs)


def held(losses: Floats | None, logged: Mask | None) -> tuple[Floats | None, Mask | None]:
    """Losses as a line has them, shape (S,), and where it has none: between two that were logged the first stands."""
    if losses is None or logged is None:
        return None, None
    there = np.flatnonzero(logged)
    places = np.maximum.accumulate(np.where(logged, np.arange(len(losses)), 0))
    missing = np.ones(len(losses), np.bool_)
    missing[there[0] : there[-1] + 1] = False
    return np.where(missing, np.nan, losses[places]), missing
