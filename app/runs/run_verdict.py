"""The verdict on a run at a step: families of like series, each over a window of steps. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ..figure.diagnosis import (
    DEAD,
    EXPLODING,
    HEALTHY,
    MAX_WINDOW,
    MIN_ROWS,
    NOT_FINITE,
    UNDECIDED,
    VANISHING,
    Verdict,
    typical,
)
from ..figure.magnitudes import Magnitude, write_magnitude
from ..figure.mentions import mention_some
from .arrays import Floats, Mask, median
from .direction import Arrangement, arranged, diagnose_in_orders
from .families import BY_ACTIVATIONS, BY_GAINS, BY_LAYERS, BY_OUTPUTS, BY_WEIGHTS, Families, Family
from .run import Run

FIRST_WINDOW: Final = (
    5  # steps that are judged together at the start of a run: at step 0 some gradients are 0 by design
)
ADAPTIVE: Final = ("adam", "adagrad", "rmsprop", "adadelta", "lion", "lamb")  # optimisers that scale each gradient
EXACT: Final = frozenset((BY_OUTPUTS, BY_ACTIVATIONS))  # other families only stand for ∂L/∂z
TO_TELL: Final = 'To tell, record ∂L/∂z with version 2 of the recorder: recorder = TorchRecorder("run.jsonl", model).'
# Of biases and their like, which stand for ∂L/∂z: beyond these they are no proof of health.
NEARLY_DECADES: Final = (-1.0, 1.1)
MIN_SURE_DECADES: Final = 2.0  # of an alarm in a network whose loss falls
FIRST_LOSSES: Final = slice(10, 20)  # steps
MOVEMENT: Final = (1e-5, 0.1)  # of ‖ΔW‖/‖W‖; about 1e-3 is usual (Stanford's course CS231n)
LEVELS_ALONE: Final = "alike, but very"  # in the verdict of `diagnose`
TOO_FEW: Final = "layers are too few for a slope"  # as well
MIN_STUCK_DECADES: Final = -1.5  # over a few layers of a network whose loss stays
MIN_STUCK_R_SQUARED: Final = 0.8
STILL: Final = 0.05  # of the loss, which stays if it changes by less
ALARMS: Final = (VANISHING, EXPLODING)


class RunJudge:
    """Gives the verdict on one run at any step, in a few milliseconds."""

    def __init__(self, run: Run, families: Families, orders: Sequence[Sequence[str]] = ()) -> None:
        """A judge of a run of gradients; `orders` are its layers in other orders than the run's, the first counts."""
        self._run, self._families = run, families
        orders = orders or (run.names, *run.other_orders)
        self._orders = [arranged(run.names, order) for order in orders]
        self._family_orders = [
            [arranged(_rows_of(family, run), order) for order in orders] for family in families.members
        ]

    @property
    def is_gradient(self) -> bool:
        """True if the run's magnitudes are of gradients; of anything else there is no verdict."""
        return self._run.is_gradient

    def at(self, step: float) -> Verdict | None:
        """The verdict at a step: on the steps up to it, at most MAX_WINDOW; None if nothing was logged at these."""
        run = self._run
        window = window_at(run.steps, step)
        count = window.stop - window.start
        values, logged = run.norms[:, window], run.logged[:, window]
        if not logged.any():
            return None
        zeros: tuple[str, ...] = ()
        if not ((np.isfinite(values) & (values > 0)) | ~logged).all():
            sizes = typical_magnitudes(values, logged)
            said = diagnose_in_orders(self._orders, sizes, BY_LAYERS)
            if said.kind == DEAD and not any(sizes) and self._is_learnt(window):
                text = "Undecided: 0 at every layer, and so is the loss: there is nothing left to learn"
                return said._replace(kind=UNDECIDED, text=text, reason="All examples are learnt.", window=count)
            if said.kind in {DEAD, NOT_FINITE}:
                return said._replace(window=count)
            zeros = tuple(name for name, size in zip(run.names, sizes, strict=True) if size == 0)
        verdict = self._by_families(step)
        if verdict.kind in ALARMS and abs(verdict.decades) < MIN_SURE_DECADES and (fell := self._loss_fell(window)):
            text = f"Undecided: {_clause(verdict)}, yet it learns: {fell}"
            reason = f"{verdict.reason} Less than {MIN_SURE_DECADES:g} decades need not harm."
            verdict = verdict._replace(kind=UNDECIDED, text=text, reason=reason)
        movement = self._movement(step)
        if verdict.kind == UNDECIDED and TOO_FEW in verdict.text and not movement < MOVEMENT[0]:
            verdict = self._with_the_loss(verdict, window)
        if verdict.kind == UNDECIDED and LEVELS_ALONE in verdict.text and movement and _moves(movement):
            text = (
                f"Healthy: {_clause(verdict)}, yet the weights move by {write_magnitude(movement)} of themselves a step"
            )
            verdict = verdict._replace(kind=HEALTHY, text=text, reason="About 1.0e-3 is usual.")
        return self._with_notes(verdict, zeros, movement)._replace(window=len(self.steps_of(verdict, step)))

    def steps_of(self, verdict: Verdict, step: float) -> Floats:
        """The recorded steps that a verdict judges. They are not the run's where its family has values at fewer."""
        members = self._families.members
        steps = members[0].steps if members and verdict.family != BY_LAYERS else self._run.steps
        return steps[window_at(steps, step)]

    def confidence(self, verdict: Verdict) -> str:
        """The certainty of a verdict: high, medium or low; none if it is undecided."""
        if verdict.kind in {DEAD, NOT_FINITE}:
            return "high"
        if verdict.kind == UNDECIDED:
            return "none"
        has_slope = verdict.steps + 1 >= MIN_ROWS
        levels = ("high", "medium") if self._families.basis == BY_OUTPUTS else ("medium", "low")
        return levels[0] if has_slope else levels[1]

    def _by_families(self, step: float) -> Verdict:
        pairs = zip(self._families.members, self._family_orders, strict=True)
        found = [verdict for family, orders in pairs if (verdict := _of_family(family, orders, step))]
        if not found:
            return _untold(self._families, len(self._run.names))
        return _majority(found, self._families.basis)

    def _loss_fell(self, window: slice) -> str:
        """The fall of the loss; empty unless it halved since the first steps, and still falls.

        For a family that only stands for ∂L/∂z a fall by a fifth is enough.
        The very first steps don't count: a network that is sick may begin with a loss far above that of guessing, which
        it then falls to, and stays there.
        """
        before, halfway, now = self._losses(window)
        share, still = (0.5, 0.8) if self._families.basis in EXACT else (0.8, 0.9)
        falls = 0 <= now < min(share * before, still * halfway)
        return f"the loss fell from {write_magnitude(before)} to {write_magnitude(now)}" if falls else ""

    def _losses(self, window: slice) -> tuple[float, float, float]:
        """The median loss at the first steps, halfway and in a window; NaN if one of these is not known."""
        run, middle = self._run, window.stop // 2
        if run.loss is None or run.loss_logged is None or window.start < FIRST_LOSSES.stop:
            return (math.nan,) * 3
        parts = (FIRST_LOSSES, slice(middle - 5, middle + 5), window)
        losses = [run.loss[part][run.loss_logged[part]] for part in parts]
        if not all(part.size and np.isfinite(part).all() for part in losses):
            return (math.nan,) * 3
        before, halfway, now = (float(median(part)) for part in losses)
        return before, halfway, now

    def _with_the_loss(self, verdict: Verdict, window: slice) -> Verdict:
        """Vanishing instead of undecided, if a few layers lose much and the loss has stayed as it began.

        In a training that is resumed the loss may stay because all is learnt.
        """
        before, halfway, now = self._losses(window)
        stays = before > 0 and abs(halfway / before - 1) <= STILL and abs(now / before - 1) <= STILL
        falls = verdict.decades <= MIN_STUCK_DECADES and verdict.r_squared >= MIN_STUCK_R_SQUARED
        if not (falls and stays) or self._run.steps[0] > 1:
            return verdict
        text = f"Vanishing: {_clause(verdict).rpartition(', and ')[0]}, and the loss does not fall"
        reason = f"{verdict.reason} The loss is {write_magnitude(now)}, and began as {write_magnitude(before)}."
        return verdict._replace(kind=VANISHING, text=text, reason=reason)

    def _is_learnt(self, window: slice) -> bool:
        """True if the loss is 0 at the end of a window."""
        run = self._run
        if run.loss is None or run.loss_logged is None:
            return False
        losses = run.loss[window][run.loss_logged[window]]
        return bool(losses.size and losses[-1] == 0)

    def _movement(self, step: float) -> float:
        """The median of ‖ΔW‖/‖W‖ over the weight matrices; NaN where it was not recorded."""
        if self._families.movement is None:
            return math.nan
        updates, weights = (_typical_of(family, step) for family in self._families.movement)
        ratios = [up / size for up, size in zip(updates, weights, strict=True) if up is not None and size]
        return float(median(np.array(ratios))) if ratios else math.nan

    def _with_notes(self, verdict: Verdict, zeros: tuple[str, ...], movement: float) -> Verdict:
        """The verdict with what else there is to know."""
        notes = [verdict.reason]
        if not math.isnan(movement) and not _moves(movement):
            much = "little" if movement < MOVEMENT[0] else "much"
            size = f"{write_magnitude(movement)} of themselves"
            notes.append(f"Weights move {much}: by {size} a step (‖ΔW‖/‖W‖), where 1.0e-3 is usual.")
        if zeros:
            notes.append(f"No gradient in these steps at {mention_some(zeros)}: {_why_zero(zeros, self._run)}.")
        optimizer = self._run.optimizer
        if verdict.kind in ALARMS and optimizer.casefold().startswith(ADAPTIVE):
            notes.append(
                f"With {optimizer}, which scales each gradient, unbalanced gradients are no root cause of trouble "
                "(Liu et al. 2020)."
            )
        return verdict._replace(reason=" ".join(filter(None, notes)), named=(*verdict.named, *zeros))


def _rows_of(family: Family, run: Run) -> list[str]:
    """The rows' names in the run: layers, or parameters where these are rows of their own."""
    known = frozenset(run.names)
    pairs = zip(family.layers, family.parameters, strict=True)
    return [layer if layer in known else parameter for layer, parameter in pairs]


def _of_family(family: Family, orders: Sequence[Arrangement], step: float) -> Verdict | None:
    """The verdict on one family at a step; None if nothing of it has a gradient there."""
    known = [size or None for size in _typical_of(family, step)]  # a 0 is none: `at` has looked for dead layers
    if all(size is None for size in known):
        return None
    found = diagnose_in_orders(orders, known, family.label)
    is_level = NEARLY_DECADES[0] < found.decades < NEARLY_DECADES[1]
    if family.basis in EXACT or found.kind != HEALTHY or is_level or found.steps + 1 < MIN_ROWS:
        return found
    nearly = VANISHING if found.decades < 0 else EXPLODING
    text = f"Undecided: {_clause(found)}, nearly {nearly}, and {family.basis} only stand for ∂L/∂z"
    return found._replace(kind=UNDECIDED, text=text, reason=f"{found.reason} {TO_TELL}")


def _typical_of(family: Family, step: float) -> list[Magnitude]:
    """The magnitudes that stand for a family's rows at a step."""
    window = window_at(family.steps, step)
    values = np.array([series[window] for series, _ in family.series])
    return typical_magnitudes(values, np.array([there[window] for _, there in family.series]))


def _moves(movement: float) -> bool:
    """True if the weights move by about as much as in most trainings."""
    return MOVEMENT[0] <= movement <= MOVEMENT[1]


def window_at(steps: Floats, step: float) -> slice:
    """The places of the steps that are judged at a step: those up to it, at the start of a run the first few."""
    stop = int(np.searchsorted(steps, step, "right"))
    return slice(max(0, stop - MAX_WINDOW), min(max(stop, FIRST_WINDOW), len(steps)))


def typical_magnitudes(values: Floats, logged: Mask) -> list[Magnitude]:
    """The magnitude that stands for each row of a window, as `diagnosis.typical` has it; None where none was logged."""
    with np.errstate(all="ignore"):  # NaN, infinity and 0 are magnitudes here
        above = logged & np.isfinite(values) & (values > 0)
        counts = np.maximum(above.sum(axis=1), 1)
        means: Floats = np.exp(np.where(above, np.log(np.where(above, values, 1.0)), 0.0).sum(axis=1) / counts)
    sound, there = np.all(above | ~logged, axis=1).tolist(), np.any(logged, axis=1).tolist()
    return [
        None if not there[row] else mean if sound[row] else typical(values[row, logged[row]].tolist())
        for row, mean in enumerate(means.tolist())
    ]


def _majority(found: Sequence[Verdict], basis: str) -> Verdict:
    """The verdict of half or more of the families; healthy if most are, with the others named."""
    by_size = sorted(found, key=lambda verdict: -abs(verdict.decades) if verdict.steps else 0.0)
    for kinds in ((VANISHING,), (EXPLODING,), ALARMS):
        alarms = [verdict for verdict in by_size if verdict.kind in kinds]
        if 2 * len(alarms) >= len(found):
            return alarms[0]
    calm = [verdict for verdict in found if verdict.kind == HEALTHY]
    others = [verdict for verdict in by_size if verdict.kind != HEALTHY]
    if 2 * len(calm) <= len(found):
        return others[0]._replace(kind=UNDECIDED, text=f"Undecided: {_clause(others[0])}")
    best = max(calm, key=lambda verdict: verdict.steps)
    if basis == BY_GAINS:
        text = f"Undecided: {_clause(best)}, but gradients of normalisation layers' weights alone show little"
        return best._replace(kind=UNDECIDED, text=text, reason=f"{best.reason} {TO_TELL}")
    if not others:
        return best
    reason = f"{best.reason} Otherwise in {len(others)} of {len(found)} families: {others[0].family}: {others[0].text}."
    return best._replace(reason=reason, named=(*best.named, *others[0].named))


def _clause(verdict: Verdict) -> str:
    """The sentence of a verdict without its kind: `fc1 gets 0.85 times fc9's gradient`."""
    return verdict.text.partition(": ")[2]


def _untold(families: Families, layers: int) -> Verdict:
    """The verdict where no series tells."""
    if families.members:
        text, reason = "no gradient in these steps at the layers that tell", f"These are {families.basis}."
    elif families.basis == BY_WEIGHTS:
        text = "gradients of weights alone can't tell"
        reason = (
            f"With ReLU or linear layers they are alike in all layers, even where ∂L/∂z vanishes or explodes. {TO_TELL}"
        )
    else:
        text = "the log doesn't tell what these gradients are by"
        reason = f"A layer's gradient by its weights can't tell, and one by its outputs can. {TO_TELL}"
    return Verdict(UNDECIDED, f"Undecided: {text}", layers - 1, family=families.basis, reason=reason)


def _why_zero(names: Sequence[str], run: Run) -> str:
    """Reasons why layers may have no gradient, while others nearer to the input have one."""
    parameters = " ".join(names).casefold() + " ".join(
        parameter for name, each in zip(run.names, run.parameters, strict=True) if name in names for parameter in each
    )
    if "lora" in parameters:
        return "LoRA's A has none while B is 0"
    if "expert" in parameters:
        return "no example was routed there"
    return "they may be frozen, unused, or behind a weight that begins at 0"
