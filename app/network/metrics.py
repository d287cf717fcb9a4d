"""Metrics of each layer after a forward and a backward pass, and the report that holds them. Pure.

Values are divided by the largest of them before a norm is taken. The squares of a vanishing gradient would otherwise be
0 in float64 below 10⁻¹⁶², long before the gradient itself is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from ..figure.diagnosis import MAX_WINDOW, Verdict, diagnose
from ..figure.mentions import mention
from ..figure.validation import check_choice, check_flag
from ..figure.wave import layer_name
from ..figure.work import finished
from .arrays import Array
from .pieces import Pieces

FINITE_OPERATIONS: Final = 10  # of a test for NaN and ∞, for each number
SATURATED: Final = 0.05  # of the steepest slope: below it, a unit passes almost no gradient


def _scaled(values: Array) -> tuple[float, Array]:
    """Return the largest |value| and all |values| divided by it; [1] if the largest is 0, NaN or ∞."""
    sizes = np.abs(values)
    largest = float(np.maximum.reduce(sizes, axis=None)) if sizes.size else 0.0
    return largest, sizes / largest if 0.0 < largest < np.inf else np.ones(1)


def _sum(values: Array) -> float:
    return float(np.add.reduce(values, axis=None))  # `values.sum()` takes a microsecond more to come here


class Norms(NamedTuple):
    """L2 norm √Σv², root mean square √(Σv² / count) and mean size Σ|v| / count. All are 0 if there are no values."""

    l2: float
    rms: float
    mean_size: float


def norms(values: Array) -> Norms:
    """Compute all three at once, because they share the scaling, which is most of the work."""
    largest, scaled = _scaled(values)
    squares = _sum(scaled * scaled)
    mean_size = largest * (_sum(scaled) / scaled.size)
    return Norms(largest * math.sqrt(squares), largest * math.sqrt(squares / scaled.size), mean_size)


def l2(values: Array) -> float:
    """The L2 norm √Σv²; 0 if there are no values."""
    return norms(values).l2


def rms(values: Array) -> float:
    """The root mean square √(Σv² / count)."""
    return norms(values).rms


def spectral_norm(weights: Array) -> float:
    """The largest singular value of W, the most by which it can lengthen a vector; NaN or ∞ if W contains one."""
    largest = float(np.abs(weights).max())
    if not 0.0 < largest < np.inf:
        return largest
    return largest * float(np.linalg.svd(weights / largest, compute_uv=False)[0])


def mean_slope(slopes: Array) -> float:
    """The mean of f′(z); NaN if a slope is NaN."""
    return _sum(slopes) / slopes.size


def saturated(slopes: Array, steepest: float) -> float:
    """The share of units × inputs with |f′(z)| below 0.05 of the largest |f′|; NaN if a slope is NaN."""
    if math.isnan(mean_slope(slopes)):
        return math.nan
    return float(np.count_nonzero(np.abs(slopes) < SATURATED * steepest) / slopes.size)


def dead(slopes: Array) -> float:
    """The share of units whose f′(z) is 0 for all inputs of the batch; NaN if a slope is NaN. `slopes` are (B, n)."""
    if math.isnan(mean_slope(slopes)):
        return math.nan
    units = slopes.shape[1]
    return float((units - np.count_nonzero(slopes.any(axis=0))) / units)


class BackwardParts(NamedTuple):
    """Intermediate gradients of a layer with weights: ∂L/∂s of its sums s = W a + b, (B, n), and Wᵀ ∂L/∂s, (B, m).

    ∂L/∂s is ∂L/∂z unless the layer normalises. `through` is None if the layer does not skip: it is ∂L/∂a of the layer
    before then.
    """

    gradient_s: Array
    through: Array | None = None


class LayerPass(NamedTuple):
    """The values and gradients of one layer of n units after both passes. L is the mean loss over a batch of B inputs.

    `a` are the layer's values, `slopes` f′(z), `gradient_a` ∂L/∂a and `gradient_z` ∂L/∂z, (B, n) each. z is the input
    of the activation f; `steepest` is the largest |f′|. At the input layer z = a and f′ = 1. `parameters` and
    `gradients` hold arrays by name, with the same shapes; the input layer has none. With normalisation, `scale` is the
    factor of each row of sums, (B, 1). The layer `skips` if its input is added to its output. `parts` is None at the
    input. `flat` is the activation's term for a unit whose slope is near 0.
    """

    a: Array
    slopes: Array
    steepest: float
    gradient_a: Array
    gradient_z: Array
    parameters: Mapping[str, Array]
    gradients: Mapping[str, Array]
    scale: Array | None = None
    skips: bool = False
    parts: BackwardParts | None = None
    flat: str = "saturated"


class CachedNorms:
    """A layer's pass with the norms that more than one measure needs. Each is computed once, on first use."""

    def __init__(self, layer: LayerPass) -> None:
        self.layer = layer

    @cached_property
    def has_slopes(self) -> bool:
        """True unless a value of the layer is NaN: then the slopes of its units are not known."""
        a = self.layer.a
        return not (math.isnan(_sum(a)) and np.isnan(a).any())

    @cached_property
    def norms_a(self) -> Norms:
        """The norms of ∂L/∂a."""
        return norms(self.layer.gradient_a)

    @cached_property
    def norms_z(self) -> Norms:
        """The norms of ∂L/∂z."""
        layer = self.layer
        return self.norms_a if layer.gradient_z is layer.gradient_a else norms(layer.gradient_z)

    @cached_property
    def norms_s(self) -> Norms:
        """The norms of ∂L/∂s; of ∂L/∂z at the input."""
        parts = self.layer.parts
        if parts is None or parts.gradient_s is self.layer.gradient_z:
            return self.norms_z
        return norms(parts.gradient_s)

    @cached_property
    def norms_through(self) -> Norms:
        """The norms of Wᵀ ∂L/∂s of a layer that skips; all 0 of another."""
        parts = self.layer.parts
        return Norms(0.0, 0.0, 0.0) if parts is None or parts.through is None else norms(parts.through)


class Measure(NamedTuple):
    """A number for each layer: its label on a picture, and the function that takes it.

    `first` is the first layer that has one: 1 if the input has none. Only a gradient can be divided by the output's,
    and diagnosed.
    """

    label: str
    take: Callable[[CachedNorms], float]
    is_gradient: bool = True
    first: int = 0


def _of_slopes(take: Callable[[LayerPass], float]) -> Callable[[CachedNorms], float]:
    return lambda norms: take(norms.layer) if norms.has_slopes else math.nan


MEASURES: Final[dict[str, Measure]] = {
    "rms_a": Measure("RMS ∂L/∂a", lambda norms: norms.norms_a.rms),
    "l2_a": Measure("L2 ∂L/∂a", lambda norms: norms.norms_a.l2),
    "mean_a": Measure("mean |∂L/∂a|", lambda norms: norms.norms_a.mean_size),
    "rms_z": Measure("RMS ∂L/∂z", lambda norms: norms.norms_z.rms),
    "l2_z": Measure("L2 ∂L/∂z", lambda norms: norms.norms_z.l2),
    "mean_z": Measure("mean |∂L/∂z|", lambda norms: norms.norms_z.mean_size),
    "l2_w": Measure("L2 ∂L/∂W", lambda norms: l2(norms.layer.gradients["weights"]), first=1),
    "mean_slope": Measure("mean f′(z)", _of_slopes(lambda layer: mean_slope(layer.slopes)), is_gradient=False),
    "saturated": Measure("f′ near 0", _of_slopes(lambda layer: saturated(layer.slopes, layer.steepest)), False),
    "dead": Measure("dead", _of_slopes(lambda layer: dead(layer.slopes)), is_gradient=False),
    "spectral_norm": Measure("‖W‖₂", lambda norms: spectral_norm(norms.layer.parameters["weights"]), False, first=1),
}
JUDGED: Final = "l2_z"
GRADIENT_MEASURES: Final = tuple(name for name, measure in MEASURES.items() if measure.is_gradient)


class Report(NamedTuple):
    """The result of a network's forward and backward pass on one batch. Its metrics are computed on demand.

    `loss` is L, the mean over the batch; `passes` has one `LayerPass` per layer, the input first.
    """

    loss: float
    passes: Sequence[LayerPass]

    @property
    def depth(self) -> int:
        """The number of layers, including the input."""
        return len(self.passes)

    @property
    def names(self) -> tuple[str, ...]:
        """`input`, `hidden 1` … `output`."""
        return tuple(layer_name(index, self.depth) for index in range(self.depth))

    def series(self, measure: str = "rms_a", *, relative: bool = False) -> Array:
        """Return one of `MEASURES` for each layer, shape (depth,), the input first.

        `relative` divides each gradient by the output's. NaN at the input means that the input has no weights. NaN
        elsewhere, and ∞, mean that the pass overflowed. Raises ValueError for an unknown measure, and for a relative
        measure that is not a gradient.
        """
        kind = MEASURES[_check_measure(measure, relative)]
        with np.errstate(all="ignore"):
            taken = np.array([kind.take(CachedNorms(layer)) for layer in self.passes[kind.first :]])
            values = taken / taken[-1] if relative and taken.size else taken
        return np.concatenate((np.full(self.depth - len(values), np.nan), values))

    def verdict(self, measure: str = JUDGED) -> Verdict:
        """Diagnose a gradient's series over the layers with weights: nothing learns from the input's gradient.

        L2 of ∂L/∂z does not mix the width of a layer with its depth, as a mean over units does. Raises ValueError if
        the measure is not a gradient, or if it needs weights and there are none.
        """
        check_choice(measure, GRADIENT_MEASURES, "measure")
        if self.depth <= MEASURES[measure].first:
            raise ValueError(f"measure: must be one that a single layer has, and it has no weights, got {measure!r}")
        return diagnose_layers(self.names, self.series(measure).tolist(), measure)

    @property
    def overflow(self) -> str | None:
        """A sentence that says where NaN or ∞ occurred first, in the order of the computation; None if nowhere."""
        return finished(self.finding_overflow())

    def finding_overflow(self) -> Pieces[str | None]:
        """Find the same in pieces."""
        layers = list(zip(self.names, self.passes, strict=True))
        for name, layer in layers:
            if not np.isfinite(layer.a).all():
                return f"NaN or ∞ from {mention(name)} on, in the forward pass."
            yield FINITE_OPERATIONS * layer.a.size
        if not np.isfinite(self.loss):
            return "NaN or ∞ in the loss."
        for name, layer in reversed(layers):
            arrays = (layer.gradient_a, layer.gradient_z, *layer.gradients.values())
            if not all(np.isfinite(array).all() for array in arrays):
                return f"NaN or ∞ from {mention(name)} on towards the input, in the backward pass."
            yield FINITE_OPERATIONS * sum(array.size for array in arrays)
        return None


def diagnose_layers(names: Sequence[str], magnitudes: Sequence[object], measure: str = JUDGED) -> Verdict:
    """The verdict on one magnitude a layer, the input first, whose own is left out if there are others.

    A magnitude may be a sequence, one number a step.
    """
    first = min(1, len(names) - 1)
    return diagnose(names[first:], magnitudes[first:], family=MEASURES[measure].label)


def diagnose_window(names: Sequence[str], series: Array) -> Verdict:
    """The verdict on a series of `JUDGED` over some steps, (depth, steps): on the last `MAX_WINDOW` together."""
    recent = series[:, -MAX_WINDOW:]
    if not (np.isfinite(recent).all() and (recent > 0.0).all()):
        return diagnose_layers(names, recent.tolist())
    means = np.exp(np.log(recent).mean(axis=1))  # what `diagnose` would compute, but quickly
    typical = np.clip(means, recent.min(axis=1), recent.max(axis=1))
    return diagnose_layers(names, typical.tolist())._replace(window=recent.shape[1])


def measure_label(measure: str, *, relative: bool = False) -> str:
    """Return the label of a measure on a picture: `RMS ∂L/∂a`, or relative `RMS ∂L/∂a ÷ output`.

    Raises ValueError as `Report.series` does.
    """
    label = MEASURES[_check_measure(measure, relative)].label
    return f"{label} ÷ output" if relative else label


def _check_measure(measure: Any, relative: Any) -> str:
    """Return the measure's name if it exists and can be relative."""
    return check_choice(measure, GRADIENT_MEASURES if check_flag(relative, "relative") else MEASURES, "measure")
