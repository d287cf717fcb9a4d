"""The chain rule from layer to layer, in numbers: it explains the magnitude of each layer's gradient. Pure.

A layer of n units with m inputs computes s = W a + b, z = s or the normalised s, and its own a = f(z). In the backward
pass, the gradient is multiplied by f′(z), by the derivative N of the normalisation, and by Wᵀ:

    ∂L/∂z = ∂L/∂a ⊙ f′(z),    ∂L/∂s = N ∂L/∂z,    ∂L/∂a before = Wᵀ ∂L/∂s, plus ∂L/∂a if the layer skips

Assume a gradient g with a random direction: E gᵢgⱼ is r² if i = j, else 0. Then each operation multiplies its root mean
square (RMS) by one factor:

- Wᵀ g has m entries with Σ E(Wᵀg)² = r² ‖W‖F², so W has the gain ‖W‖F / √m. (Glorot and Bengio, "Understanding the
  difficulty of training deep feedforward neural networks", 2010, eq. 6, has n Var[W], its square.)
- g ⊙ f′(z) has the mean square r² · mean f′(z)² if the two are independent. So the factor is RMS f′(z). It equals the
  mean of f′ if f′ is the same for all units, and is larger otherwise. If half of a ReLU layer's units pass the
  gradient, the factor is 0.71, not 0.50.
- Layer normalisation divides by the standard deviation, multiplies by γ, and removes two of the gradient's n
  dimensions: along the mean and along the standardised sums. Its factor is RMS γ · RMS 1/σ · √((n − 2) / n).
- A skip connection adds the gradient itself. If both are independent, the mean squares add up: √(1 + factor²).

The measured factor stands beside this prediction. Where they differ, the direction of the gradient is not random.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..figure.magnitudes import write_magnitude
from .arrays import Array
from .metrics import LayerPass, Report, l2, rms


class LayerFactor(NamedTuple):
    """The factors by which RMS ∂L/∂a is multiplied from `source`, the next layer towards the loss, to the layer `name`.

    `gain`, `mean_slope`, `rms_slope`, `saturated` and `dead` belong to `source`; so do `skips` and `normalisation`,
    which is None without normalisation. `predicted` and `measured` are the whole factor; `magnitude` is RMS ∂L/∂a at
    the layer `name`. At the output, whose gradient comes from the loss, `source` is empty, and all numbers except the
    magnitude are NaN.
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

    @property
    def through(self) -> float:
        """The factor of the path through the units of `source`, without the skip connection."""
        return self.gain * self.rms_slope * (1.0 if self.normalisation is None else self.normalisation)

    def sentence(self) -> str:
        """`gain of W 1.02 × RMS f′(z) 0.21 = ×0.21; measured ×0.24`; at the output, the gradient of the loss."""
        if not self.source:
            return f"the loss’s own gradient: RMS ∂L/∂a {write_magnitude(self.magnitude)}"
        parts = [f"gain of W {write_magnitude(self.gain)}", f"RMS f′(z) {write_magnitude(self.rms_slope)}"]
        if self.normalisation is not None:
            parts.append(f"normalisation {write_magnitude(self.normalisation)}")
        through = write_magnitude(self.through)
        skip = f", beside the skip √(1 + {through}²) = ×{write_magnitude(self.predicted)}" if self.skips else ""
        return f"{' × '.join(parts)} = ×{through}{skip}; {self._measured()}"

    def units(self) -> str:
        """`hidden 3: mean f′(z) 0.21, saturated 12 %, dead 0 %`, of the layer `source`; empty at the output."""
        if not self.source:
            return ""
        shares = f"saturated {_percent(self.saturated)}, dead {_percent(self.dead)}"
        return f"{self.source}: mean f′(z) {_signed(self.mean_slope)}, {shares}"

    def _measured(self) -> str:
        if math.isnan(self.measured) and self.magnitude == 0.0:
            return f"nothing comes from {self.source}"
        return f"measured ×{write_magnitude(self.measured)}"


def _percent(share: float) -> str:
    return "NaN" if math.isnan(share) else f"{100.0 * share:.0f} %"


def _signed(value: float) -> str:
    return f"−{write_magnitude(-value)}" if value < 0.0 else write_magnitude(value)


def _gain(layer: LayerPass) -> float:
    weights = layer.parameters["weights"]
    return l2(weights) / math.sqrt(weights.shape[1])


def _normalisation(layer: LayerPass) -> float:
    if layer.scale is None:
        return math.nan
    units = layer.slopes.shape[1]
    return rms(layer.parameters["gains"]) * rms(layer.scale) * math.sqrt(max(units - 2, 0) / units)


# Factors of each layer with weights that are not measures. NaN means that the layer has no normalisation.
FACTORS: Final[dict[str, Callable[[LayerPass], float]]] = {
    "gain": _gain,
    "rms_slope": lambda layer: rms(layer.slopes),
    "normalisation": _normalisation,
}
NEEDED_MEASURES: Final = ("rms_a", "mean_slope", "saturated", "dead")  # the measures that the factors need


class Structure(NamedTuple):
    """The parts of a network that no step changes: names, and which layers skip and normalise; one entry per layer."""

    names: tuple[str, ...]
    skips: tuple[bool, ...]
    normalises: tuple[bool, ...]


def structure_of(report: Report) -> Structure:
    """Return the structure of the network that a report is about."""
    skips = tuple(layer.skips for layer in report.passes)
    return Structure(report.names, skips, tuple(layer.scale is not None for layer in report.passes))


def layer_factors(report: Report) -> tuple[LayerFactor, ...]:
    """Return one `LayerFactor` per layer, the input first."""
    with np.errstate(all="ignore"):
        factors = {name: np.array([math.nan, *map(take, report.passes[1:])]) for name, take in FACTORS.items()}
    return layer_factors_from(structure_of(report), factors | {name: report.series(name) for name in NEEDED_MEASURES})


def layer_factors_from(structure: Structure, series: Mapping[str, Array]) -> tuple[LayerFactor, ...]:
    """Return the same from a stored series, (depth,), for each of `FACTORS` and `NEEDED_MEASURES`."""
    magnitudes = series["rms_a"].tolist()
    found = [_layer_factor(structure, series, at, magnitudes) for at in range(len(magnitudes) - 1)]
    return (*found, LayerFactor(structure.names[-1], "", magnitudes[-1]))


def _layer_factor(
    structure: Structure, series: Mapping[str, Array], at: int, magnitudes: Sequence[float]
) -> LayerFactor:
    """Return the factors from the layer after `at` to the layer `at`."""
    source = at + 1
    values = {name: float(values[source]) for name, values in series.items() if name not in ("rms_a", "normalisation")}
    factor = LayerFactor(
        structure.names[at],
        structure.names[source],
        magnitudes[at],
        **values,
        normalisation=float(series["normalisation"][source]) if structure.normalises[source] else None,
        skips=structure.skips[source],
        measured=_ratio(magnitudes[at], magnitudes[source]),
    )
    return factor._replace(predicted=math.hypot(1.0, factor.through) if factor.skips else factor.through)


def _ratio(magnitude: float, source: float) -> float:
    """Return the quotient; NaN if the source is 0."""
    return magnitude / source if source else math.nan
