"""A network that learns, with all that is shown of each of its steps, so that one can go back to any of them. Pure.

training = Training([2, 16, 16, 3], Computed(activation="relu"))
training.shown(0).verdict        # untrained
training.advance()
training.losses, training.values("rms_a")    # (S,), (depth, S)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from ..figure.diagnosis import Verdict, diagnose
from ..figure.validation import check_whole
from .arrays import Array
from .chain_rule import FACTORS, NEEDED, LayerFactor, layer_factors_from, wiring
from .config import NetworkConfig
from .metrics import GRADIENT_MEASURES, MEASURES, LayerPass, Looked, Report, rms

MAX_STEPS: Final = 5000
MAX_NUMBERS: Final = 4_000_000  # float64 that are kept of one training: 32 MB, and half as much again as they grow
ACTIVATION_METRIC: Final = "activation"
ROWS: Final = (*MEASURES, ACTIVATION_METRIC, *FACTORS)  # of the numbers that are kept of a layer at a step
_ROW: Final = {name: row for row, name in enumerate(ROWS)}
_FIRST_ROOM: Final = 64  # steps
SPECTRAL: Final = "spectral_norm"
# Of a matrix n × m it costs about n·m·min(n, m). Up to so much in all, it is kept of each step, which takes some
# milliseconds in the page; up to so much, it is taken of the last step where that is shown, which takes a second.
SPECTRAL_EACH: Final = 1_000_000
SPECTRAL_ONCE: Final = 100_000_000


class StepSnapshot(NamedTuple):
    """What a picture of one step needs; each series has one entry a layer, the input first.

    `gradients` are the magnitudes that `label` names, None where a layer has none or it was not kept; a slope's mean
    below 0 is told by its size. `activations` are the RMS of a. `verdict` is on the magnitudes, or where these are no
    gradients, on RMS ∂L/∂a; `links` are the chain rule's; `overflow` says where NaN or ∞ came up first, None: nowhere.
    """

    step: int
    gradients: tuple[float | None, ...]
    label: str
    activations: tuple[float, ...]
    verdict: Verdict
    links: tuple[LayerFactor, ...]
    overflow: str | None
    loss: float


class Training:
    """A network of these layers, trained step by step as `computed` says; what is against it is another training.

    Step 0 is the network as it begins, seen on batch 0; step n has learnt from n batches and is seen on batch n. Two
    trainings of one seed see the same batches. Raises ValueError as `computed.check` does.
    """

    def __init__(self, layers: Sequence[int], computed: NetworkConfig) -> None:
        self.layers, self.computed = tuple(layers), computed
        self._network = computed.network(self.layers)
        self._data = computed.data_for(self.layers)
        self._optimiser = computed.new_optimiser()
        depth = len(self.layers)
        self._spectral_cost = sum(n * m * min(n, m) for n, m in pairwise(self.layers))
        self.most_steps = min(MAX_STEPS, MAX_NUMBERS // (len(ROWS) * depth) - 1)
        self._seen = 0
        self._losses = np.empty(_FIRST_ROOM)
        self._numbers = np.empty((len(ROWS), depth, _FIRST_ROOM))
        self._overflows: dict[int, str] = {}
        self._look()
        self._wiring = wiring(self.report)

    @property
    def names(self) -> tuple[str, ...]:
        """`input`, `hidden 1` … `output`."""
        return self._wiring.names

    @property
    def steps(self) -> int:
        """How many steps it has learnt: the last that can be shown."""
        return self._seen - 1

    @property
    def finished(self) -> bool:
        """Whether it has made all the steps that are kept."""
        return self.steps >= self.most_steps

    @property
    def losses(self) -> Array:
        """L of each step so far, (steps + 1,), read-only."""
        return _read_only(self._losses[: self._seen])

    def values(self, measure: str, *, relative: bool = False) -> Array:
        """One of `measures.MEASURES` for each layer and step so far, (depth, steps + 1), read-only.

        Relative, each is divided by the output's of its step. NaN at an input that has none, and all over where it
        `keeps` none.
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
        """Whether a measure is kept of each step. The spectral norm of large weights takes too long for that."""
        return measure != SPECTRAL or self._spectral_cost <= SPECTRAL_EACH

    def advance(self) -> None:
        """One step on: the weights follow the gradients last seen, and are looked at on the next batch.

        Raises RuntimeError once it has `finished`.
        """
        if self.finished:
            raise RuntimeError(f"Training: has made all of its {self.most_steps} steps")
        self._network.apply_gradients(self.report, self._optimiser)
        self._look()

    def overflow(self, step: int) -> str | None:
        """Where NaN or ∞ came up first at this step, as a sentence; None: nowhere."""
        return self._overflows.get(self._checked(step))

    def shown(self, step: int, view: NetworkConfig | None = None) -> StepSnapshot:
        """All numbers of a step; `view` says which magnitude is meant, if it is another than the training's own.

        Raises ValueError for a step that has not been made.
        """
        step, view = self._checked(step), view or self.computed
        series = {name: self._numbers[row, :, step] for name, row in _ROW.items()}
        return StepSnapshot(
            step,
            self._gradients(view, step),
            view.label,
            tuple(series[ACTIVATION_METRIC].tolist()),
            self._verdict(series, view.measure),
            layer_factors_from(self._wiring, {name: series[name] for name in (*FACTORS, *NEEDED)}),
            self._overflows.get(step),
            float(self._losses[step]),
        )

    def _series(self, measure: str, step: int) -> Array | None:
        """A measure of a step, (depth,); None where it was not kept, and can't be taken any more in good time."""
        if self.keeps(measure):
            return self._numbers[_ROW[measure], :, step]
        is_now = step == self.steps and self._spectral_cost <= SPECTRAL_ONCE
        return self.report.series(measure) if is_now else None

    def _gradients(self, view: NetworkConfig, step: int) -> tuple[float | None, ...]:
        values, first = self._series(view.measure, step), MEASURES[view.measure].first
        if values is None:
            return (None,) * len(self.layers)
        if view.is_relative:
            with np.errstate(all="ignore"):
                values = values / values[-1]
        return (*[None] * first, *np.abs(values[first:]).tolist())

    def _verdict(self, series: dict[str, Array], measure: str) -> Verdict:
        first = MEASURES[measure].first
        if measure not in GRADIENT_MEASURES or first >= len(self.layers):
            measure, first = "rms_a", 0
        return diagnose(self.names[first:], series[measure][first:].tolist())

    def _checked(self, step: int) -> int:
        return check_whole(step, 0, self.steps, "step")

    def _look(self) -> None:
        """See the network on the batch that is next, and keep its numbers."""
        self.report = self._network.forward_backward(self._data.batch(self.computed.batch, self._seen))
        if self._seen == len(self._losses):
            self._losses, self._numbers = _doubled(self._losses), _doubled(self._numbers)
        self._losses[self._seen] = self.report.loss
        self._numbers[:, :, self._seen] = numbers(self.report, spectral=self.keeps(SPECTRAL))
        overflow = self.report.overflow
        if overflow is not None:
            self._overflows[self._seen] = overflow
        self._seen += 1


def numbers(report: Report, *, spectral: bool = True) -> Array:
    """The `ROWS` of a report, (len(ROWS), depth): its measures, the RMS of a, and the factors of the chain rule.

    NaN where there is none; without `spectral` the spectral norm is.
    """
    wanted = [name != SPECTRAL or spectral for name in MEASURES]
    with np.errstate(all="ignore"):
        return np.array([_numbers(layer, wanted) for layer in report.passes]).T


def _numbers(layer: LayerPass, wanted: Sequence[bool]) -> list[float]:
    looked, has_weights = Looked(layer), bool(layer.parameters)
    kinds = zip(MEASURES.values(), wanted, strict=True)
    measured = [kind.take(looked) if takes and (has_weights or not kind.first) else math.nan for kind, takes in kinds]
    return [*measured, rms(layer.a), *(take(layer) if has_weights else math.nan for take in FACTORS.values())]


def _doubled(values: Array) -> Array:
    """The values with twice the room along the last axis."""
    return np.concatenate((values, np.empty_like(values)), axis=-1)


def _read_only(values: Array) -> Array:
    view = values.view()
    view.flags.writeable = False
    return view
