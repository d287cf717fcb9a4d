"""Training that keeps the metrics of each step, so that any step can be shown again. Pure.

training = Training([2, 16, 16, 3], NetworkConfig(activation="relu"))
training.shown(0).verdict                    # untrained
training.advance()
training.losses, training.values("rms_a")    # (S,), (depth, S)
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from ..figure.diagnosis import MAX_WINDOW, Verdict
from ..figure.validation import check_whole
from ..figure.work import finished
from .arrays import Array
from .chain_rule import FACTORS, NEEDED_MEASURES, LayerFactor, layer_factors_from, structure_of
from .config import NetworkConfig
from .metrics import JUDGED, MEASURES, CachedNorms, Report, diagnose_window, rms
from .mlp import Network
from .optimisers import Optimiser
from .pieces import Outcome, Pieces, is_one_piece, shares, step_cost, without_warnings

MAX_TRAINING_STEPS: Final = 5000
MAX_NUMBERS: Final = 4_000_000  # float64 kept of one training: 32 MB, and up to as much again while arrays grow
ACTIVATION_METRIC: Final = "activation"
ROWS: Final = (*MEASURES, ACTIVATION_METRIC, *FACTORS)  # the numbers that are kept of a layer at a step
_ROW: Final = {name: row for row, name in enumerate(ROWS)}
_FIRST_CAPACITY: Final = 64  # steps
MEASURE_OPERATIONS: Final = 40  # of a norm, for each number in it
SPECTRAL: Final = "spectral_norm"
# The cost for an n × m matrix is about n·m·min(n, m). Up to the first limit, it is kept of each step, which takes some
# milliseconds in the page. Up to the second, it is computed only for the last step: 24 ms for a 256 × 256 matrix.
MAX_SPECTRAL_COST_EACH: Final = 1_000_000
MAX_SPECTRAL_COST_ONCE: Final = 20_000_000


class StepSnapshot(NamedTuple):
    """The data of one step for a picture; each series has one entry per layer, the input first.

    `gradients` are the magnitudes that `label` names, None if a layer has none or it was not kept; a negative mean
    slope is shown by its absolute value. `activations` are the RMS of a. `verdict` diagnoses L2 of ∂L/∂z, whatever the
    magnitudes are, over the last steps up to this one, at most 20. `links` are the factors of the chain rule.
    `overflow` says where NaN or ∞ occurred first, None if nowhere.
    """

    step: int
    gradients: tuple[float | None, ...]
    label: str
    activations: tuple[float, ...]
    verdict: Verdict
    links: tuple[LayerFactor, ...]
    overflow: str | None
    loss: float


class NextStep(NamedTuple):
    """A step that is computed but not made yet: network and optimiser after it, the report, and its `ROWS`."""

    network: Network
    optimiser: Optimiser
    report: Report
    rows: Array
    overflow: str | None


Shares = Generator[float, None, Outcome]  # work in pieces of some milliseconds: yields the share that is done, 0 to 1


class Training:
    """A network of these layers, trained step by step as `computed` says, without its `against`.

    Step 0 is the untrained network, evaluated on batch 0. Step n has learnt from n batches and is evaluated on batch n.
    Two trainings with one seed see the same batches. Raises ValueError as `config.check` does.

    In pieces, for a page that answers meanwhile:

        training = yield from Training.starting(layers, computed)
        training.keep((yield from training.stepping()))  # until `keep`, nothing has changed
    """

    def __init__(self, layers: Sequence[int], computed: NetworkConfig) -> None:
        self._prepare(layers, computed)
        finished(self._looking_first())

    @classmethod
    def starting(cls, layers: Sequence[int], computed: NetworkConfig) -> Shares[Training]:
        """Make a training in pieces. Raises ValueError as `config.check` does, before the first one."""
        training = cls.__new__(cls)
        training._prepare(layers, computed)
        yield from shares(training._looking_first(), computed.start_cost(layers))
        return training

    def _prepare(self, layers: Sequence[int], computed: NetworkConfig) -> None:
        self.layers, self.computed = tuple(layers), computed
        self._network = computed.network(self.layers)
        self._data = computed.data_for(self.layers)
        self._optimiser = computed.new_optimiser()
        depth = len(self.layers)
        self._spectral_cost = sum(n * m * min(n, m) for n, m in pairwise(self.layers))
        self.max_steps = min(MAX_TRAINING_STEPS, MAX_NUMBERS // (len(ROWS) * depth) - 1)
        self._seen = 0
        self._losses = np.empty(_FIRST_CAPACITY)
        self._numbers = np.empty((len(ROWS), depth, _FIRST_CAPACITY))
        self._overflows: dict[int, str] = {}

    def _looking_first(self) -> Pieces[None]:
        yield from self._data.drawing()
        self.keep((yield from self._evaluating(self._network, self._optimiser)))
        self._structure = structure_of(self.report)

    @property
    def names(self) -> tuple[str, ...]:
        """`input`, `hidden 1` … `output`."""
        return self._structure.names

    @property
    def steps(self) -> int:
        """The number of training steps so far, which is also the last step that can be shown."""
        return self._seen - 1

    @property
    def finished(self) -> bool:
        """True if it has made as many steps as it can keep."""
        return self.steps >= self.max_steps

    @property
    def losses(self) -> Array:
        """L of each step so far, (steps + 1,), read-only."""
        return _read_only(self._losses[: self._seen])

    def values(self, measure: str, *, relative: bool = False) -> Array:
        """One of `metrics.MEASURES` for each layer and step so far, (depth, steps + 1), read-only.

        `relative` divides each by the output's of the same step. NaN at an input that has none, and everywhere if the
        training does not keep this measure.
        """
        values = self._numbers[_ROW[measure], :, : self._seen]
        if relative:
            with np.errstate(all="ignore"):
                values = values / values[-1]
        return _read_only(values)

    @property
    def activations(self) -> Array:
        """The RMS of a for each layer and step so far, (depth, steps + 1), read-only."""
        return self.values(ACTIVATION_METRIC)

    def keeps(self, measure: str) -> bool:
        """Return True if a measure is kept of each step. The spectral norm of large weights takes too long."""
        return measure != SPECTRAL or self._spectral_cost <= MAX_SPECTRAL_COST_EACH

    def advance(self) -> None:
        """Make one step: apply the last gradients, then evaluate the network on the next batch.

        Raises RuntimeError if it has `finished`.
        """
        self.keep(finished(self._stepping()))

    def stepping(self) -> Shares[NextStep]:
        """Compute the next step in pieces. Nothing changes until `keep`. Raises RuntimeError if it has `finished`."""
        step = yield from shares(self._stepping(), step_cost(self.layers, self.computed.batch))
        return step

    def _stepping(self) -> Pieces[NextStep]:
        if self.finished:
            raise RuntimeError(f"Training: has made all of its {self.max_steps} steps")
        network, optimiser = self._network.copied(), copy(self._optimiser)
        yield from network.applying(self.report, optimiser)
        step = yield from self._evaluating(network, optimiser)
        return step

    def _evaluating(self, network: Network, optimiser: Optimiser) -> Pieces[NextStep]:
        report = yield from network.passing(self._data.batch(self.computed.batch, self._seen))
        rows = yield from without_warnings(measuring(report, spectral=self.keeps(SPECTRAL)))
        overflow = yield from without_warnings(report.finding_overflow())
        return NextStep(network, optimiser, report, rows, overflow)

    def keep(self, step: NextStep) -> None:
        """Make the step that `stepping` has computed."""
        if self._seen == len(self._losses):
            more = min(self._seen, self.max_steps + 1 - self._seen)
            self._losses, self._numbers = _extended(self._losses, more), _extended(self._numbers, more)
        self._network, self._optimiser, self.report = step.network, step.optimiser, step.report
        self._losses[self._seen] = step.report.loss
        self._numbers[:, :, self._seen] = step.rows
        if step.overflow is not None:
            self._overflows[self._seen] = step.overflow
        self._seen += 1

    def overflow(self, step: int) -> str | None:
        """Return a sentence that says where NaN or ∞ occurred first at this step; None if nowhere."""
        return self._overflows.get(self._check_step(step))

    def shown(self, step: int, view: NetworkConfig | None = None) -> StepSnapshot:
        """Return all numbers of a step; `view` chooses another magnitude than the training's own.

        Raises ValueError for a step that has not been made.
        """
        step, view = self._check_step(step), view or self.computed
        series = {name: self._numbers[row, :, step] for name, row in _ROW.items()}
        return StepSnapshot(
            step,
            self._gradients(view, step),
            view.label,
            tuple(series[ACTIVATION_METRIC].tolist()),
            diagnose_window(self.names, self._numbers[_ROW[JUDGED], :, max(step + 1 - MAX_WINDOW, 0) : step + 1]),
            layer_factors_from(self._structure, {name: series[name] for name in (*FACTORS, *NEEDED_MEASURES)}),
            self._overflows.get(step),
            float(self._losses[step]),
        )

    def _series(self, measure: str, step: int) -> Array | None:
        """Return a measure of a step, (depth,); None if it was not kept and cannot be computed quickly enough."""
        if self.keeps(measure):
            return self._numbers[_ROW[measure], :, step]
        is_last = step == self.steps and self._spectral_cost <= MAX_SPECTRAL_COST_ONCE
        return self.report.series(measure) if is_last else None

    def _gradients(self, view: NetworkConfig, step: int) -> tuple[float | None, ...]:
        values, first = self._series(view.measure, step), MEASURES[view.measure].first
        if values is None:
            return (None,) * len(self.layers)
        if view.is_relative:
            with np.errstate(all="ignore"):
                values = values / values[-1]
        return (*[None] * first, *np.abs(values[first:]).tolist())

    def _check_step(self, step: int) -> int:
        return check_whole(step, 0, self.steps, "step")


def measuring(report: Report, *, spectral: bool = True) -> Pieces[Array]:
    """Return the `ROWS` of a report, (len(ROWS), depth): its measures, the RMS of a, and the factors of the chain rule.

    A number that does not exist is NaN. Without `spectral`, the spectral norm is NaN.
    """
    wanted = [name != SPECTRAL or spectral for name in MEASURES]
    rows = []
    for before, own in pairwise([None, *map(CachedNorms, report.passes)]):
        if own is not None:
            row = yield from _measuring_layer(own, before, wanted)
            rows.append(row)
    return np.array(rows).T


def _measuring_layer(own: CachedNorms, before: CachedNorms | None, wanted: Sequence[bool]) -> Pieces[list[float]]:
    each = MEASURE_OPERATIONS * max(array.size for array in (own.layer.a, *own.layer.gradients.values()))
    if is_one_piece(each * len(ROWS)):
        yield each * len(ROWS)
        return list(_layer_numbers(own, before, wanted))
    row = []
    for number in _layer_numbers(own, before, wanted):
        row.append(number)
        yield each
    return row


def _layer_numbers(own: CachedNorms, before: CachedNorms | None, wanted: Sequence[bool]) -> Iterator[float]:
    """Yield the `ROWS` of a layer, each when it is asked for; `before` is the layer before it, None at the input."""
    for kind, takes in zip(MEASURES.values(), wanted, strict=True):
        yield kind.take(own) if takes and (before or not kind.first) else math.nan
    yield rms(own.layer.a)
    for take in FACTORS.values():
        yield take(own, before) if before else math.nan


def _extended(values: Array, more: int) -> Array:
    """Return the values with room for so many more along the last axis."""
    return np.concatenate((values, np.empty((*values.shape[:-1], more))), axis=-1)


def _read_only(values: Array) -> Array:
    view = values.view()
    view.flags.writeable = False
    return view
