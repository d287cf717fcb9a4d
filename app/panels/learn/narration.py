"""One line about what is on the screen: a layer, what it gets, and why. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...figure.magnitudes import write_magnitude
from .question import Scene, write_share

if TYPE_CHECKING:
    from ..computed.why import Explanation


def narrate(scene: Scene, layer: int | None, explanation: Explanation | None = None) -> str:
    """Return the line about a layer of the figure, or with None about all layers.

    `explanation` has the factors between the layer and the one after it, if the network is computed.
    """
    if layer is None:
        return f"{scene.verdict.text}."
    at = layer - scene.first
    if not 0 <= at < len(scene.names):
        return "No weight learns from the input’s gradient."
    name, size, last = scene.names[at], scene.size(at), len(scene.names) - 1
    if not math.isfinite(size):
        return f"{name}: {'NaN or ∞ here' if scene.magnitudes[at] is not None else 'no magnitude here'}."
    if size == 0.0:
        return f"{name} gets no gradient at all."
    if at == last:
        return f"{name} gets {write_magnitude(size)} straight from the loss."
    parts = [f"{name} gets {write_magnitude(size)}"]
    if scene.size(last) > 0.0 and math.isfinite(scene.size(last)):
        share = write_share(math.log10(size) - math.log10(scene.size(last)))
        parts.append(f", {share} of {scene.names[last]}’s")
    cause = _cause(explanation)
    return "".join((*parts, f"; {cause}" if cause else "", "."))


def _cause(explanation: Explanation | None) -> str:
    """Return the factor that changes the gradient most between two layers; empty if none is known."""
    terms = [term for term in explanation.terms if 0.0 < term.factor < math.inf] if explanation else []
    if not terms or not explanation or len(terms) < len(explanation.terms):
        return ""
    most = max(terms, key=lambda term: abs(math.log10(term.factor)))
    product = write_magnitude(math.prod(term.factor for term in terms))
    return f"×{product} from {explanation.source}, most of it by the {most.name} (×{write_magnitude(most.factor)})"
