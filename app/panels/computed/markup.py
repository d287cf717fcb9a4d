"""Markup and texts of the computed panel: form, explanation, training. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

from ...network.config import CHOICE, COMPUTED_FIELDS, FLAG, WHOLE, ComputedField, NetworkConfig
from ...network.metrics import JUDGED
from ..learn.glossary import with_terms
from ..learn.questions import judged_by
from .fixes import MAX_TRIAL_MS, TRIAL_STEPS, Trial

if TYPE_CHECKING:
    from ...network.training import StepSnapshot

NETWORK_FIELDS: Final = (
    "activation",
    "initialisation",
    "sigma",
    "activation_gain",
    "residual",
    "normalisation",
    "data",
    "batch",
    "loss",
    "seed",
)
RARE_FIELDS: Final = ("activation_gain", "batch", "seed", "relative", "scale", "forward")  # folded under More
VIEW_FIELDS: Final = ("measure", "relative", "scale", "forward")  # these change the view, not the network
TRAINING_FIELDS: Final = ("optimiser", "rate", "clip")

HEADLINE: Final = """<p id="verdict" class="verdict"><span id="verdict-text"></span>\
<span id="verdict-basis" class="verdict-basis"></span></p>
<p id="verdict-said" class="visually-hidden" role="status"></p>"""

MEASURED: Final = """<div id="bars"></div>
<button type="button" id="fit-axis" title="Shrink the axis to these magnitudes" hidden>Fit axis</button>"""

EXPLANATION: Final = """<section class="why" id="why" aria-labelledby="why-heading">
<h2 id="why-heading"></h2>
<p id="why-text" class="why-text"></p>
<div id="why-factors" class="why-factors"></div>
<p id="why-more" class="why-text"></p>
<p id="why-legend" class="hint">Bar, “here”: the factor that the gradient meets. Line, “alone”: for a random \
direction.</p>
<p id="why-shares" class="hint"></p>
</section>
<p id="verdict-judged" class="hint"></p>"""

FIX_ROOM: Final = """<h2 id="fixes-heading" tabindex="-1">Fixes</h2>
<p id="fix-status" class="fix-status"></p>
<ol id="fixes" hidden></ol>
<details id="fix-rest" class="hint" hidden>
<summary id="fix-rest-summary"></summary><ul id="fix-rest-list"></ul></details>
<p class="fix-buttons"><button type="button" id="undo-fix" hidden></button>
<button type="button" id="compare" hidden></button></p>
<p id="fix-message" class="message" role="status"></p>"""

MODEL_FORM: Final = """<div class="computed-fields">{usual}</div>
<details id="more-fields" class="more"><summary>More</summary><div class="computed-fields">{rare}</div></details>"""

TRAINER: Final = """<h2 id="training-heading" tabindex="-1">Train</h2>
<div class="train">
<button type="button" id="train-run" class="play">Run</button>
<button type="button" id="train-step">Step</button>
<button type="button" id="train-reset">Reset</button>
</div>
<p id="train-said" class="visually-hidden" role="status"></p>
<p id="train-note" class="hint" role="status"></p>
<div id="timeline"></div>
<div class="computed-fields">{training}</div>"""


def select_fields(names: Iterable[str]) -> list[ComputedField]:
    """Return the fields with these names, in this order."""
    known = {field.name: field for field in COMPUTED_FIELDS}
    return [known[name] for name in names]


def network_form_markup() -> str:
    """Return the part of the form under Customize."""
    usual = [name for name in (*NETWORK_FIELDS, *VIEW_FIELDS) if name not in RARE_FIELDS]
    return MODEL_FORM.format(usual=_fields_markup(usual), rare=_fields_markup(RARE_FIELDS))


def training_markup() -> str:
    """Return the training panel."""
    return TRAINER.format(training=_fields_markup(TRAINING_FIELDS))


def _fields_markup(names: Sequence[str]) -> str:
    return "".join(map(_form_field_markup, select_fields(names)))


def _form_field_markup(field: ComputedField) -> str:
    own = f"computed-{field.name}"
    attributes = f'id="{own}" data-field="{field.name}" aria-describedby="{own}-hint {own}-message"'
    label = f'<label for="{own}" title="{escape(field.hint)}">{escape(field.label)}</label>'
    if field.kind == CHOICE:
        options = "".join(f'<option value="{escape(value)}">{escape(words)}</option>' for value, words in field.choices)
        control = f"{label}<select {attributes}>{options}</select>"
    elif field.kind == FLAG:
        control = f'<span class="flag"><input type="checkbox" {attributes}>{label}</span>'
    else:
        mode = "numeric" if field.kind == WHOLE else "decimal"
        control = f'{label}<input type="text" inputmode="{mode}" spellcheck="false" {attributes}>'
    hint = f'<p class="hint" id="{own}-hint">{with_terms(field.hint)}</p>'
    message = f'<p class="message" id="{own}-message" role="status"></p>'
    return f'<div class="field" id="{own}-field">{control}{hint}{message}</div>'


def verdict_text(shown: StepSnapshot, beside: StepSnapshot | None) -> str:
    """Return the verdict on a step, with the place of an overflow, and the verdict on the network beside it."""
    parts = f"{shown.verdict}.", shown.overflow, beside and f"Beside it: {beside.verdict}."
    return " ".join(filter(None, parts))


def basis_text(shown: StepSnapshot, measure: str) -> str:
    """Return what the verdict is about, unless the bars show the same: they have the `measure` of one step."""
    return "" if measure == JUDGED and shown.verdict.window == 1 else f" (by {judged_by(shown.verdict)})"


def judged_text(shown: StepSnapshot) -> str:
    """Return the sentence that says what the verdict is about: not always what the bars show."""
    return f"The verdict judges {judged_by(shown.verdict)}."


def difference(computed: NetworkConfig, other: NetworkConfig) -> str:
    """Return the values of `computed` that differ from those of `other`: `Sigmoid, no residual connections`."""
    texts = []
    for field in select_fields((*NETWORK_FIELDS, *TRAINING_FIELDS)):
        value = getattr(computed, field.name)
        if value != getattr(other, field.name):
            texts.append(_value_text(field, value))
    return ", ".join(texts)


def trial_text(trial: Trial, steps: int) -> str:
    """Return the sentence above the fixes that were tried for some steps, or at once only."""
    former, short = trial.former, "" if steps else f" {TRIAL_STEPS} training steps would take too long to try."
    if former.is_healthy:
        after = f" and after {TRIAL_STEPS} training steps" if steps else ""
        return f"The network is healthy at once{after}: no fix is needed.{short}"
    end = "The fixes that improve it, the best first:" if trial.offered() else "No fix here improves it."
    return f"Without a fix: {former}.{short} {end}"


def untried_text(trial_ms: float) -> str:
    """Return the sentence above fixes for a network that is too large to try them, which would take so long."""
    estimate = f"a look at each would take about {trial_ms / 1000:,.0f} s, and {MAX_TRIAL_MS / 1000:.0f} s are allowed"
    return f"The network is too large to try fixes: {estimate}. Untried:"


def _value_text(field: ComputedField, value: Any) -> str:
    if field.kind == CHOICE:
        return dict(field.choices)[value]
    if field.kind == FLAG:
        return f"{'' if value else 'no '}{field.label.lower()}"
    return f"{field.label.lower()} {field.write(value) or 'none'}"
