"""The bounds of estimated magnitudes: a line over each bar, from the lower to the upper bound. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..figure.magnitudes import Bounds
from .scales import Scale

AllBounds = tuple[Bounds | None, ...]  # one per layer


def check_bounds(values: Any) -> AllBounds:
    """The prop `bounds`: one pair per layer, or None. Raises ValueError."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"bounds: must be a sequence of pairs, one a layer, got {values!r}")
    return tuple(None if pair is None else _check_pair(pair, layer) for layer, pair in enumerate(values, 1))


def _check_pair(pair: Any, layer: int) -> Bounds:
    try:
        low, high = map(float, () if isinstance(pair, str) else pair)
    except (TypeError, ValueError):
        low, high = math.nan, math.nan
    if not 0 <= low <= high:
        raise ValueError(f"bounds: layer {layer} must have two numbers, 0 ≤ low ≤ high, or None, got {pair!r}")
    return low, high


def bounds_at(bounds: AllBounds | None, layer: int) -> Bounds | None:
    """The bounds for the layer at an index; None if its magnitude is exact or unknown."""
    return None if bounds is None else bounds[layer]


def bounds_markup(middles: Iterable[str]) -> str:
    """A line at each horizontal place. `bound_places` gives its ends."""
    lines = "".join(f'<line data-bounds x1="{x}" x2="{x}"/>' for x in middles)
    return f'<g class="gradient-explorer-bounds">{lines}</g>'


def bound_places(bounds: Bounds | None, axis: Scale) -> tuple[float, float]:
    """The upper and the lower end of a line, in per cent from the top. Without bounds it has no length."""
    if bounds is None:
        return 100.0, 100.0
    upper, lower = (_place(bound, axis) for bound in reversed(bounds))
    return upper, lower


def _place(bound: float, axis: Scale) -> float:
    if math.isinf(bound):
        return 0.0
    return 100 - 100 * axis.place(bound) if bound > 0 else 100.0
