"""Why the gradient has the magnitude it has: the chain rule from layer to layer, with its numbers. Pure.

A layer of n units, fed by m, has s = W a + b, z = s or s normalised, and its own a = f(z). On its way back through it
the gradient is multiplied by f′(z), by what the normalisation does, and by Wᵀ:

    ∂L/∂z = ∂L/∂a ⊙ f′(z),    ∂L/∂s = N ∂L/∂z,    ∂L/∂a before = Wᵀ ∂L/∂s, plus ∂L/∂a where the layer skips

For a gradient g that points anywhere alike, E gᵢgⱼ = r² where i = j and else 0, each of these has one factor by which
it multiplies the root of the mean square:

- Wᵀ g has m entries with Σ E(Wᵀg)² = r² ‖W‖F², so W has the gain ‖W‖F / √m. (Glorot and Bengio, "Understanding the
  difficulty of training deep feedforward neural networks", 2010, eq. 6, has n Var[W], its square.)
- g ⊙ f′(z) has the mean square r² · mean f′(z)², where the two know nothing of each other. So the root of the mean
  square of f′ is what counts: mean f′ where f′ is the same for all units, and more where it isn't. Half the units of a
  ReLU pass all of it, which makes 0.71 and not 0.50.
- Layer normalisation divides by the standard deviation, multiplies by γ, and takes two of the gradient's n dimensions
  away, along the mean and along the standardised sums: RMS γ · RMS 1/σ · √((n − 2) / n).
- What skips comes on top. Where both know nothing of each other, the mean squares add up: √(1 + factor²).

Against this prediction stands the factor that was measured; where they differ, the gradient does not point anywhere.
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
    """How the gradient came to the layer `name`: from `source`, the layer after it, whose weights and units it passed.

    `gain`, `mean_slope`, `rms_slope`, `saturated` and `dead` are those of `source`; so is `normalisation`, None where
    there is none, and whether it `skips`. `predicted` and `measured` are what RMS ∂L/∂a is multiplied by on the way;
    `magnitude` is what it is then. At the output, to which the loss alone gives a gradient, `source` is empty, and all
    numbers but the magnitude are NaN.
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
        """The factor of what goes through the units of `source`, without what skips them."""
        return self.gain * self.rms_slope * (1.0 if self.normalisation is None else self.normalisation)

    def sentence(self) -> str:
        """`gain of W 1.02 × RMS f′(z) 0.21 = ×0.21; measured ×0.24`; at the output what the loss gives."""
        if not self.source:
            return f"the loss’s own gradient: RMS ∂L/∂a {write_magnitude(self.magnitude)}"
        parts = [f"gain of W {write_magnitude(self.gain)}", f"RMS f′(z) {write_magnitude(self.rms_slope)}"]
        if self.normalisation is not None:
            parts.append(f"normalisation {write_magnitude(self.normalisation)}")
        through = write_magnitude(self.through)
        skip = f", beside the skip √(1 + {through}²) = ×{write_magnitude(self.predicted)}" if self.skips else ""
        return f"{' × '.join(parts)} = ×{through}{skip}; {self._measured()}"

    def units(self) -> str:
        """`hidden 3: mean f′(z) 0.21, saturated 12 %, dead 0 %`, of the layer it came through; empty at the output."""
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


# What a link needs besides the measures, of each layer that has weights. NaN: the layer has no normalisation.
FACTORS: Final[dict[str, Callable[[LayerPass], float]]] = {
    "gain": _gain,
    "rms_slope": lambda layer: rms(layer.slopes),
    "normalisation": _normalisation,
}
NEEDED: Final = ("rms_a", "mean_slope", "saturated", "dead")  # of the measures


class Wiring(NamedTuple):
    """What no step changes: the layers' names, which of them skip, and which normalise; one entry a layer."""

    names: tuple[str, ...]
    skips: tuple[bool, ...]
    normalises: tuple[bool, ...]


def wiring(report: Report) -> Wiring:
    """A report's."""
    skips = tuple(layer.skips for layer in report.passes)
    return Wiring(report.names, skips, tuple(layer.scale is not None for layer in report.passes))


def layer_factors(report: Report) -> tuple[LayerFactor, ...]:
    """One `LayerFactor` a layer, the input first; the output's is the loss's own."""
    with np.errstate(all="ignore"):
        factors = {name: np.array([math.nan, *map(take, report.passes[1:])]) for name, take in FACTORS.items()}
    return layer_factors_from(wiring(report), factors | {name: report.series(name) for name in NEEDED})


def layer_factors_from(wired: Wiring, series: Mapping[str, Array]) -> tuple[LayerFactor, ...]:
    """The same from numbers that were kept: for each of `FACTORS` and `NEEDED` a series, (depth,), the input first."""
    magnitudes = series["rms_a"].tolist()
    found = [_link(wired, series, at, magnitudes) for at in range(len(magnitudes) - 1)]
    return (*found, LayerFactor(wired.names[-1], "", magnitudes[-1]))


def _link(wired: Wiring, series: Mapping[str, Array], at: int, magnitudes: Sequence[float]) -> LayerFactor:
    """The one that leads from the layer after `at` to it."""
    source = at + 1
    told = {name: float(values[source]) for name, values in series.items() if name not in ("rms_a", "normalisation")}
    link = LayerFactor(
        wired.names[at],
        wired.names[source],
        magnitudes[at],
        **told,
        normalisation=float(series["normalisation"][source]) if wired.normalises[source] else None,
        skips=wired.skips[source],
        measured=_ratio(magnitudes[at], magnitudes[source]),
    )
    return link._replace(predicted=math.hypot(1.0, link.through) if link.skips else link.through)


def _ratio(magnitude: float, source: float) -> float:
    """Their quotient; NaN where there was nothing to multiply."""
    return magnitude / source if source else math.nan
