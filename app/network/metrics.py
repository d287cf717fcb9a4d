"""What a forward and a backward pass show, layer by layer. Pure.

Every norm is taken of values divided by the largest of them: the squares of a vanishing gradient would be 0 in float64
long before it is, from 10⁻¹⁶² on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from ..figure.diagnosis import Verdict, diagnose
from ..figure.validation import check_choice, check_flag
from ..figure.wave import layer_name
from .arrays import Array

SATURATED: Final = 0.05  # of the steepest slope: with less, a unit passes next to nothing back


def _scaled(values: Array) -> tuple[float, Array]:
    """The largest |value|, and all |values| divided by it. It alone matters where it is 0, NaN or ∞."""
    sizes = np.abs(values)
    largest = float(sizes.max()) if sizes.size else 0.0
    return largest, sizes / largest if 0.0 < largest < np.inf else np.ones(1)


class Norms(NamedTuple):
    """√Σv²; √(Σv² / count), the root of the mean square; Σ|v| / count. All are 0 of no values."""

    l2: float
    rms: float
    mean_size: float


def norms(values: Array) -> Norms:
    """All three at once, of which the scaling is most of the work."""
    largest, scaled = _scaled(values)
    squares = float((scaled * scaled).sum())
    mean_size = largest * (float(scaled.sum()) / scaled.size)
    return Norms(largest * math.sqrt(squares), largest * math.sqrt(squares / scaled.size), mean_size)


def l2(values: Array) -> float:
    """√Σv², the norm; 0 of no values."""
    return norms(values).l2


def rms(values: Array) -> float:
    """√(Σv² / count), the root of the mean square."""
    return norms(values).rms


def spectral_norm(weights: Array) -> float:
    """The largest singular value of W, the most that it lengthens a vector by; NaN or ∞ where W has such."""
    largest = float(np.abs(weights).max())
    if not 0.0 < largest < np.inf:
        return largest
    return largest * float(np.linalg.svd(weights / largest, compute_uv=False)[0])


def mean_slope(slopes: Array) -> float:
    """The mean of f′(z); NaN where one is."""
    return float(slopes.sum()) / slopes.size


def saturated(slopes: Array, steepest: float) -> float:
    """The share of units × inputs with |f′(z)| < 0.05 of the largest |f′| there is; NaN where a slope is."""
    if math.isnan(mean_slope(slopes)):
        return math.nan
    return float(np.count_nonzero(np.abs(slopes) < SATURATED * steepest) / slopes.size)


def dead(slopes: Array) -> float:
    """The share of units whose f′(z) is 0 for all inputs of the batch; NaN where a slope is. `slopes` are (B, n)."""
    if math.isnan(mean_slope(slopes)):
        return math.nan
    units = slopes.shape[1]
    return float((units - np.count_nonzero(slopes.any(axis=0))) / units)


class LayerPass(NamedTuple):
    """What a pass left at one layer of n units, of which the loss L is the mean over a batch of B inputs.

    `a` are the layer's values, `slopes` f′(z), `gradient_a` ∂L/∂a and `gradient_z` ∂L/∂z, (B, n) each, where z is what
    the activation f is given; `steepest` is the largest |f′| there is. At the input z = a and f′ = 1. `parameters` and
    `gradients` hold arrays by name, alike in shape; the input has none. Where sums are normalised, `scale` is what each
    row of them was multiplied by, (B, 1); where the a of the layer before is added, the layer `skips`.
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


class Looked:
    """A layer's pass with the numbers of it that more than one measure needs; each is taken once, when asked for."""

    def __init__(self, layer: LayerPass) -> None:
        self.layer = layer

    @cached_property
    def norms_a(self) -> Norms:
        """Those of ∂L/∂a."""
        return norms(self.layer.gradient_a)

    @cached_property
    def norms_z(self) -> Norms:
        """Those of ∂L/∂z."""
        layer = self.layer
        return self.norms_a if layer.gradient_z is layer.gradient_a else norms(layer.gradient_z)


class Measure(NamedTuple):
    """A number for each layer: what it is called on a picture, how it is taken, and of what.

    Where `first` is 1 the input has none. Only a gradient can be told relative to the loss side, and be judged.
    """

    label: str
    take: Callable[[Looked], float]
    is_gradient: bool = True
    first: int = 0


MEASURES: Final[dict[str, Measure]] = {
    "rms_a": Measure("RMS ∂L/∂a", lambda looked: looked.norms_a.rms),
    "l2_a": Measure("L2 ∂L/∂a", lambda looked: looked.norms_a.l2),
    "mean_a": Measure("mean |∂L/∂a|", lambda looked: looked.norms_a.mean_size),
    "rms_z": Measure("RMS ∂L/∂z", lambda looked: looked.norms_z.rms),
    "l2_z": Measure("L2 ∂L/∂z", lambda looked: looked.norms_z.l2),
    "mean_z": Measure("mean |∂L/∂z|", lambda looked: looked.norms_z.mean_size),
    "l2_w": Measure("L2 ∂L/∂W", lambda looked: l2(looked.layer.gradients["weights"]), first=1),
    "mean_slope": Measure("mean f′(z)", lambda looked: mean_slope(looked.layer.slopes), is_gradient=False),
    "saturated": Measure("saturated", lambda looked: saturated(looked.layer.slopes, looked.layer.steepest), False),
    "dead": Measure("dead", lambda looked: dead(looked.layer.slopes), is_gradient=False),
    "spectral_norm": Measure("‖W‖₂", lambda looked: spectral_norm(looked.layer.parameters["weights"]), False, first=1),
}
GRADIENT_MEASURES: Final = tuple(name for name, measure in MEASURES.items() if measure.is_gradient)


class Report(NamedTuple):
    """What a network's forward and backward pass on one batch came to; its numbers are taken when asked for.

    `loss` is L, the mean over the batch; `passes` has one `LayerPass` a layer, the input first.
    """

    loss: float
    passes: Sequence[LayerPass]

    @property
    def depth(self) -> int:
        """How many layers, the input with them."""
        return len(self.passes)

    @property
    def names(self) -> tuple[str, ...]:
        """`input`, `hidden 1` … `output`."""
        return tuple(layer_name(index, self.depth) for index in range(self.depth))

    def series(self, measure: str = "rms_a", *, relative: bool = False) -> Array:
        """One of `MEASURES` for each layer, shape (depth,), the input first.

        Relative, a gradient is divided by the output's, the loss side. NaN at the input means that it has no weights;
        elsewhere, and ∞, that the pass overflowed. Raises ValueError for an unknown measure, or one that is no gradient
        where it shall be relative.
        """
        kind = MEASURES[_known(measure, relative)]
        with np.errstate(all="ignore"):
            taken = np.array([kind.take(Looked(layer)) for layer in self.passes[kind.first :]])
            values = taken / taken[-1] if relative and taken.size else taken
        return np.concatenate((np.full(self.depth - len(values), np.nan), values))

    def verdict(self, measure: str = "rms_a") -> Verdict:
        """What a gradient's series says: `app.verdict.judge` on the layers that have one.

        Raises ValueError where the measure is no gradient, or where it is one of weights and there are none.
        """
        check_choice(measure, GRADIENT_MEASURES, "measure")
        first = MEASURES[measure].first
        if self.depth <= first:
            raise ValueError(f"measure: must be one that a single layer has, and it has no weights, got {measure!r}")
        return diagnose(self.names[first:], self.series(measure)[first:].tolist())

    @property
    def overflow(self) -> str | None:
        """A sentence that tells where NaN or ∞ came up first, in the order of the computation; None: nowhere."""
        layers = list(zip(self.names, self.passes, strict=True))
        for name, layer in layers:
            if not np.isfinite(layer.a).all():
                return f"NaN or ∞ from {name} on, in the forward pass."
        if not np.isfinite(self.loss):
            return "NaN or ∞ in the loss."
        for name, layer in reversed(layers):
            arrays = (layer.gradient_a, layer.gradient_z, *layer.gradients.values())
            if not all(np.isfinite(array).all() for array in arrays):
                return f"NaN or ∞ from {name} on towards the input, in the backward pass."
        return None


def measure_label(measure: str, *, relative: bool = False) -> str:
    """What a picture of this measure has written on it: `RMS ∂L/∂a`, relative `RMS ∂L/∂a ÷ output`.

    Raises ValueError as `Report.series` does.
    """
    label = MEASURES[_known(measure, relative)].label
    return f"{label} ÷ output" if relative else label


def _known(measure: Any, relative: Any) -> str:
    """A measure that may be told so."""
    return check_choice(measure, GRADIENT_MEASURES if check_flag(relative, "relative") else MEASURES, "measure")
