"""The chain rule from layer to layer, in numbers: it explains the magnitude of each layer's gradient. Pure.

A layer of n units with m inputs computes s = W a + b, z = s or the normalised s, and its own a = f(z). In the backward
pass, the gradient is multiplied by f′(z), by the derivative N of the normalisation, and by Wᵀ:

    ∂L/∂z = ∂L/∂a ⊙ f′(z),    ∂L/∂s = N ∂L/∂z,    ∂L/∂a before = Wᵀ ∂L/∂s, plus ∂L/∂a if the layer skips

Each operation multiplies the norm of the gradient that meets it by a factor: ‖g ⊙ f′‖ / ‖g‖, ‖N g‖ / ‖g‖ and
‖Wᵀ g‖ / ‖g‖. A root mean square (RMS) has the last one times √(n/m), because m entries come of n. A skip connection
adds a vector. If the path through the units has the factor t, and c is the cosine of the angle between both, the sum
has √(1 + t² + 2tc). The product is exactly the measured factor.

Beside each factor stands its value alone: the factor for a gradient g with a random direction, whose E gᵢgⱼ is r² if
i = j, else 0.

- Wᵀ g has m entries with Σ E(Wᵀg)² = r² ‖W‖F², so W alone has the gain ‖W‖F / √m. (Glorot and Bengio, "Understanding
  the difficulty of training deep feedforward neural networks", 2010, eq. 6, has n Var[W], its square.)
- g ⊙ f′(z) has the mean square r² · mean f′(z)² if the two are independent. So the factor is RMS f′(z). It equals the
  mean of f′ if f′ is the same for all units, and is larger otherwise. If half of a ReLU layer's units pass the
  gradient, the factor is 0.71, not 0.50.
- Layer normalisation divides by the standard deviation, multiplies by γ, and removes two of the gradient's n
  dimensions: along the mean and along the standardised sums. Its factor is RMS γ · RMS 1/σ · √((n − 2) / n).
- A skip connection adds the gradient itself. If both are independent, the cosine is 0: √(1 + t²).

Where a factor differs from its value alone, the direction of the gradient is not random: it is aligned with the large
slopes or weights, or with the small ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from ..figure.magnitudes import write_magnitude
from ..figure.mentions import mention
from .arrays import Array
from .metrics import CachedNorms, LayerPass, Report, l2, rms


class LayerFactor(NamedTuple):
    """The factors by which RMS ∂L/∂a is multiplied from `source`, the next layer towards the loss, to the layer `name`.

    `slope_met`, `normalisation_met` and `gain_met` are the factors of the gradient that is there; `rms_slope`,
    `normalisation` and `gain` are those of the slopes, the normalisation and W alone. All belong to `source`, and so do
    `mean_slope`, `saturated`, `dead`, `flat` and `skips`. Without normalisation, both of its factors are None. `cosine`
    is that of the angle between the skip connection and the path through the units, NaN without a skip connection.
    `width` is √(n/m), by which `gain_met` exceeds the factor of the L2 norm.

    `predicted` and `measured` are the whole factor, alone and as it is. `magnitude` is RMS ∂L/∂a at the layer `name`.
    At the output, whose gradient comes from the loss, `source` is empty, and all numbers except the magnitude are NaN.
    """

    name: str
    source: str
    magnitude: float
    gain: float = math.nan
    mean_slope: float = math.nan
    rms_slope: float = math.nan
    normalisation: float | None = None
    skips: bool = False
    predicted: float = math.nan
    measured: float = math.nan
    saturated: float = math.nan
    dead: float = math.nan
    gain_met: float = math.nan
    slope_met: float = math.nan
    normalisation_met: float | None = None
    cosine: float = math.nan
    width: float = math.nan
    flat: str = "saturated"

    @property
    def through(self) -> float:
        """The factor of the path through the units of `source`, without the skip connection."""
        if self.slope_met == 0.0:
            return 0.0
        return self.slope_met * (1.0 if self.normalisation_met is None else self.normalisation_met) * self.gain_met

    @property
    def through_alone(self) -> float:
        """The same product of the factors alone."""
        return self.rms_slope * (1.0 if self.normalisation is None else self.normalisation) * self.gain

    def sentence(self) -> str:
        """`slope f′(z) 0.21 (alone 0.24) × weights W 1.02 (alone 1.00) = ×0.21`; at the output, the loss's gradient."""
        if not self.source:
            return f"the loss’s own gradient: RMS ∂L/∂a {write_magnitude(self.magnitude)}"
        parts = [_factor_text("slope f′(z)", self.slope_met, self.rms_slope)]
        if self.normalisation is not None and self.normalisation_met is not None:
            parts.append(_factor_text("normalisation", self.normalisation_met, self.normalisation))
        parts.append(_factor_text("weights W", self.gain_met, self.gain))
        if math.isnan(self.measured) and not math.isnan(self.magnitude):
            return f"{' × '.join(parts)}; nothing comes from {mention(self.source)}"
        skip = f"; with the skip ×1 at cosine {write_cosine(self.cosine)} ×{write_magnitude(self.measured)}"
        return f"{' × '.join(parts)} = ×{write_magnitude(self.through)}{skip if self.skips else ''}"

    def units(self) -> str:
        """`hidden 3: mean f′(z) 0.21, saturated 12 %, dead units 0 %`, of the layer `source`; empty at the output."""
        if not self.source:
            return ""
        shares = f"{self.flat} {_percent(self.saturated)}, dead units {_percent(self.dead)}"
        return f"{self.source}: mean f′(z) {_signed(self.mean_slope)}, {shares}"


def _factor_text(name: str, met: float, alone: float) -> str:
    return f"{name} {write_magnitude(met)} (alone {write_magnitude(alone)})"


def _percent(share: float) -> str:
    return "NaN" if math.isnan(share) else f"{100.0 * share:.0f} %"


def _signed(value: float) -> str:
    return f"−{write_magnitude(-value)}" if value < 0.0 else write_magnitude(value)


def write_cosine(value: float) -> str:
    """Return a number from −1 to 1 with two decimals."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−").replace("nan", "NaN")


def _gain(layer: LayerPass) -> float:
    weights = layer.parameters["weights"]
    return l2(weights) / math.sqrt(weights.shape[1])


def _normalisation(layer: LayerPass) -> float:
    if layer.scale is None:
        return math.nan
    units = layer.slopes.shape[1]
    return rms(layer.parameters["gains"]) * rms(layer.scale) * math.sqrt(max(units - 2, 0) / units)


def _gain_met(own: CachedNorms, before: CachedNorms) -> float:
    parts = own.layer.parts
    through = before.norms_a if parts is None or parts.through is None else own.norms_through
    return _ratio(through.rms, own.norms_s.rms)


def _normalisation_met(own: CachedNorms, _before: CachedNorms) -> float:
    return math.nan if own.layer.scale is None else _ratio(own.norms_s.l2, own.norms_z.l2)


def _cosine(own: CachedNorms, _before: CachedNorms) -> float:
    parts, gradient = own.layer.parts, own.layer.gradient_a
    if parts is None or parts.through is None:
        return math.nan
    lengths = own.norms_through.l2, own.norms_a.l2
    if not all(lengths):
        return math.nan
    return float(np.sum(parts.through / lengths[0] * (gradient / lengths[1])))


# Factors of each layer with weights that are not measures, from its norms and those of the layer before. NaN means that
# the layer has no normalisation or no skip connection, or that no gradient comes.
FACTORS: Final[dict[str, Callable[[CachedNorms, CachedNorms], float]]] = {
    "gain": lambda own, _before: _gain(own.layer),
    "rms_slope": lambda own, _before: rms(own.layer.slopes) if own.has_slopes else math.nan,
    "normalisation": lambda own, _before: _normalisation(own.layer),
    "gain_met": _gain_met,
    "slope_met": lambda own, _before: _ratio(own.norms_z.l2, own.norms_a.l2),
    "normalisation_met": _normalisation_met,
    "cosine": _cosine,
}
NEEDED_MEASURES: Final = ("rms_a", "mean_slope", "saturated", "dead")  # the measures that the factors need


class Structure(NamedTuple):
    """The parts of a network that no step changes; one entry per layer, the input first.

    `widths` are the numbers of units. `flats` are the activations' terms for units with a slope near 0.
    """

    names: tuple[str, ...]
    widths: tuple[int, ...]
    skips: tuple[bool, ...]
    normalises: tuple[bool, ...]
    flats: tuple[str, ...]


def structure_of(report: Report) -> Structure:
    """Return the structure of the network that a report is about."""
    passes = report.passes
    return Structure(
        report.names,
        tuple(layer.a.shape[1] for layer in passes),
        tuple(layer.skips for layer in passes),
        tuple(layer.scale is not None for layer in passes),
        tuple(layer.flat for layer in passes),
    )


def layer_factors(report: Report) -> tuple[LayerFactor, ...]:
    """Return one `LayerFactor` per layer, the input first."""
    pairs = list(pairwise(map(CachedNorms, report.passes)))
    with np.errstate(all="ignore"):
        factors = {
            name: np.array([math.nan, *(take(own, before) for before, own in pairs)]) for name, take in FACTORS.items()
        }
    return layer_factors_from(structure_of(report), factors | {name: report.series(name) for name in NEEDED_MEASURES})


def layer_factors_from(structure: Structure, series: Mapping[str, Array]) -> tuple[LayerFactor, ...]:
    """Return the same from a stored series, (depth,), for each of `FACTORS` and `NEEDED_MEASURES`."""
    magnitudes = series["rms_a"].tolist()
    names = [name for name in series if name != "rms_a"]
    columns = zip(*(series[name].tolist()[1:] for name in names), strict=True)
    found = [
        _layer_factor(structure, at, magnitudes, dict(zip(names, values, strict=True)))
        for at, values in enumerate(columns)
    ]
    return (*found, LayerFactor(structure.names[-1], "", magnitudes[-1]))


def _layer_factor(
    structure: Structure, at: int, magnitudes: Sequence[float], values: dict[str, float | None]
) -> LayerFactor:
    """Return the factors from the layer after `at`, which has the `values`, to the layer `at`."""
    source = at + 1
    if not structure.normalises[source]:
        values |= {"normalisation": None, "normalisation_met": None}
    made: Any = values  # only these two may be None
    factor = LayerFactor(
        structure.names[at],
        structure.names[source],
        magnitudes[at],
        **made,
        skips=structure.skips[source],
        measured=_ratio(magnitudes[at], magnitudes[source]),
        width=math.sqrt(structure.widths[source] / structure.widths[at]),
        flat=structure.flats[source],
    )
    alone = factor.through_alone
    return factor._replace(predicted=math.hypot(1.0, alone) if factor.skips else alone)


def _ratio(magnitude: float, source: float) -> float:
    """Return the quotient; NaN if the source is 0."""
    return magnitude / source if source else math.nan
