"""One line about what is on the screen: a layer, what it gets, and why. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ...figure.magnitudes import write_magnitude
from ...figure.mentions import mention, mention_first
from .question import Scene, write_share

if TYPE_CHECKING:
    from ..computed.why import Explanation


UNCHANGED: Final = 0.01  # decades
NEAREST_FLOAT: Final = 1e-300  # a gradient that is smaller soon becomes 0 in float64


def narrate(scene: Scene, layer: int | None, explanation: Explanation | None = None) -> str:
    """Return the line about a layer of the figure, or with None about all layers.

    `explanation` has the factors between the layer and the one after it, if the network is computed.
    """
    if layer is None:
        return f"{scene.verdict.text}."
    at = layer - scene.first
    if not 0 <= at < len(scene.names):
        return "No weight learns from the input’s gradient."
    name, size, last = mention_first(scene.names[at]), scene.size(at), len(scene.names) - 1
    if not math.isfinite(size):
        return f"{name}: {'NaN or ∞ here' if scene.magnitudes[at] is not None else 'no magnitude here'}."
    if size == 0.0:
        return _told_zero(scene, at)
    label = "" if scene.is_drawn else f" ({scene.label})"
    own = f"{name} gets {write_magnitude(size)}{label}"
    if at == last:
        return f"{own}{'' if _is_of_weights(scene) else ' straight from the loss'}."
    share = ""
    if scene.size(last) > 0.0 and math.isfinite(scene.size(last)):
        decades = math.log10(size) - math.log10(scene.size(last))
        share = f", {write_share(decades)} of {mention(scene.names[last])}’s"
    cause = _cause(scene, explanation)
    return f"{own}{share}{f'; {cause}' if cause else ''}."


def _is_of_weights(scene: Scene) -> bool:
    return "∂L/∂W" in scene.label


def _told_zero(scene: Scene, at: int) -> str:
    """The line about a layer whose magnitude is 0."""
    name, after = scene.names[at], scene.size(at + 1) if at + 1 < len(scene.names) else math.nan
    if 0.0 < after < NEAREST_FLOAT:
        return f"{mention_first(name)} gets 0: its gradient is too small for float64."
    parts = "weights" if _is_of_weights(scene) else "sums" if "∂L/∂z" in scene.label else ""
    if not parts:
        return f"{mention_first(name)} gets no gradient at all."
    return f"The {parts} of {mention(name)} get no gradient at all."


def _cause(scene: Scene, explanation: Explanation | None) -> str:
    """Return the factor that changes the gradient most between two layers; empty if none is known."""
    terms = [term for term in explanation.terms if 0.0 < term.factor < math.inf] if explanation else []
    if not terms or not explanation or len(terms) < len(explanation.terms):
        return ""
    most = max(terms, key=lambda term: abs(math.log10(term.factor)))
    whole, part = (math.log10(math.prod(term.factor for term in terms)), math.log10(most.factor))
    of = "" if scene.label.startswith(explanation.label) else f"{explanation.label} is "
    way = f"{of}×{write_magnitude(10.0**whole)} from {mention(explanation.source)}"
    if abs(part) < UNCHANGED:
        return way
    is_most = part * whole > 0.0 and 0.5 * abs(whole) < abs(part) <= 1.5 * abs(whole)
    return f"{way}, {'most of it' if is_most else 'changed most'} by the {most.name} (×{write_magnitude(most.factor)})"
