"""The explanation of one layer's magnitude: the factors of the chain rule as a table with bars. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import chain
from typing import Final, NamedTuple

from ...figure.magnitudes import write_magnitude
from ...figure.mentions import mention
from ...network.chain_rule import LayerFactor, write_cosine
from ...network.config import NetworkConfig
from ...network.metrics import MEASURES
from ...network.mlp import CROSS_ENTROPY

ROW: Final = """<tr><th scope="row">{name}</th><td class="why-bar">{bar}</td><td>×{factor}</td><td>×{alone}</td></tr>"""
TABLE: Final = """<table><caption class="visually-hidden">The factors between {source} and {name}</caption>
<thead><tr><th scope="col">of {source}</th><td></td><th scope="col">here</th><th scope="col">alone</th></tr></thead>
<tbody>{rows}</tbody></table>"""
BAR: Final = (
    """<svg aria-hidden="true" focusable="false"><line class="why-one" x1="50%" x2="50%" y2="100%"/>{parts}</svg>"""
)
MIN_DECADES: Final = 1.0  # that a bar has room for, on each side of ×1


class Term(NamedTuple):
    """One factor: as the gradient meets it, and alone, for a gradient of random direction."""

    name: str
    factor: float
    alone: float


class Explanation(NamedTuple):
    """The magnitude of a layer: its sentences, and the terms whose product is the ratio to the layer `source`.

    At the output there are no terms, and `source` is empty. `label` is that of the magnitude that is explained.
    """

    name: str
    source: str
    sentences: tuple[str, ...]
    terms: tuple[Term, ...] = ()
    label: str = ""


def explained_measure(measure: str) -> str:
    """Return the measure that the chain rule explains: the one in view if it is an RMS or an L2 norm of ∂L/∂a or ∂L/∂z.

    Of a mean it is the RMS, and of everything else RMS ∂L/∂a.
    """
    instead = {"mean_a": "rms_a", "mean_z": "rms_z"}.get(measure, measure)
    return instead if instead in ("rms_a", "l2_a", "rms_z", "l2_z") else "rms_a"


def explain(
    links: Sequence[LayerFactor], at: int, config: NetworkConfig, *, loss: float, widths: Sequence[int]
) -> Explanation:
    """Explain the magnitude of the layer `at`, from the factors of all layers."""
    link, measure = links[at], explained_measure(config.measure)
    label = MEASURES[measure].label
    if not link.source:
        return Explanation(link.name, "", (_loss_sentence(link, config, loss, widths[-1]),))
    terms = _terms(links, at, measure)
    sentences = [_ratio_sentence(link, label, math.prod(term.factor for term in terms))]
    if link.skips:
        sentences.append(_skip_sentence(link))
    if at == 0:
        sentences.append(f"No weight learns from it: the first weights learn from ∂L/∂z at {mention(link.source)}.")
    return Explanation(link.name, link.source, tuple(sentences), terms, label)


def _ratio_sentence(link: LayerFactor, label: str, ratio: float) -> str:
    if not math.isnan(ratio):
        return f"{label} is ×{write_magnitude(ratio)} of that at {mention(link.source)}."
    if not math.isfinite(link.magnitude):
        return "There is a NaN or an ∞."
    if link.slope_met == 0.0:
        return f"f′ is 0 wherever a gradient reaches {mention(link.source)}, so nothing comes through its units."
    return f"No gradient comes from {mention(link.source)}."


def _loss_sentence(link: LayerFactor, config: NetworkConfig, loss: float, outputs: int) -> str:
    magnitude = write_magnitude(link.magnitude)
    if config.loss == CROSS_ENTROPY:
        error = write_magnitude(link.magnitude * config.batch)
        how = f"RMS of softmax − target {error}, divided by {config.batch} examples"
    else:
        error = write_magnitude(math.sqrt(loss) if loss >= 0.0 else math.nan)
        how = f"2 × RMS error {error}, divided by {config.batch} examples × {outputs} outputs"
    return f"The loss’s own gradient: RMS ∂L/∂a {magnitude} = {how}."


def _skip_sentence(link: LayerFactor) -> str:
    if math.isnan(link.cosine):
        return f"Only the skip past {mention(link.source)} passes the gradient on, with ×1."
    return (
        f"The units’ path brings ×{write_magnitude(link.through)} and the skip ×1 of {mention(link.source)}’s ∂L/∂a; "
        f"the cosine between them is {write_cosine(link.cosine)}."
    )


def _terms(links: Sequence[LayerFactor], at: int, measure: str) -> tuple[Term, ...]:
    """Return the factors from the next layer to this one, whose product is exact."""
    link, is_sums = links[at], measure.endswith("_z")
    width = link.width if measure.startswith("l2") else 1.0
    slope = Term("slope f′", link.slope_met, link.rms_slope)
    terms = [Term("weights W", link.gain_met / width, link.gain / width)]
    if link.normalisation is not None and link.normalisation_met is not None:
        terms.insert(0, Term("normalisation", link.normalisation_met, link.normalisation))
    # From ∂L/∂a to ∂L/∂a, the slope of the next layer comes first; from ∂L/∂z to ∂L/∂z, that of this layer comes last.
    if not is_sums:
        terms.insert(0, slope)
    if link.skips:
        terms.append(_skip_term(link))
    if is_sums and at:
        before = links[at - 1]
        terms.append(Term(f"slope f′ of {link.name}", before.slope_met, before.rms_slope))
    return tuple(terms)


def _skip_term(link: LayerFactor) -> Term:
    """Return the factor by which the skip connection changes what comes through the units."""
    alone = math.hypot(1.0, link.through_alone)
    return Term("skip", _over(link.measured, link.through), _over(alone, link.through_alone))


def _over(whole: float, part: float) -> float:
    return whole / part if part else math.inf


def why_markup(explanation: Explanation, decades: float) -> str:
    """Return the terms as a table with bars, whose axis has `decades` on each side of ×1; empty without terms."""
    rows = "".join(
        ROW.format(
            name=escape(term.name),
            bar=_bar(term, decades),
            factor=write_magnitude(term.factor),
            alone=write_magnitude(term.alone),
        )
        for term in explanation.terms
    )
    if not rows:
        return ""
    return TABLE.format(rows=rows, source=escape(mention(explanation.source)), name=escape(mention(explanation.name)))


def axis_decades(links: Sequence[LayerFactor], measure: str) -> float:
    """Return the decades on each side of ×1 that the bars of all layers need, at least 1."""
    explained = explained_measure(measure)
    terms = chain.from_iterable(_terms(links, at, explained) for at in range(len(links) - 1))
    sizes = (abs(math.log10(size)) for term in terms for size in term[1:] if 0.0 < size < math.inf)
    return max(MIN_DECADES, *(math.ceil(size) for size in sizes), MIN_DECADES)


def _bar(term: Term, decades: float) -> str:
    """Return a bar from ×1 to the factor, and a line at the factor alone."""
    end, alone = _place(term.factor, decades), _place(term.alone, decades)
    parts = ""
    if end is not None:
        parts += f'<rect x="{min(50.0, end):.2f}%" width="{abs(end - 50.0):.2f}%" y="20%" height="60%"/>'
    if alone is not None:
        parts += f'<line class="why-alone" x1="{alone:.2f}%" x2="{alone:.2f}%" y2="100%"/>'
    return BAR.format(parts=parts)


def _place(factor: float, decades: float) -> float | None:
    """Return the place of a factor on the axis, 0 to 100 %; None for NaN."""
    if math.isnan(factor):
        return None
    if factor in (0.0, math.inf):
        return 0.0 if factor == 0.0 else 100.0
    return min(max(50.0 + 50.0 * math.log10(factor) / decades, 0.0), 100.0)
