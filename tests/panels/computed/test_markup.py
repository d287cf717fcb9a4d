"""The markup and the texts of the computed panel."""

from __future__ import annotations

import re
from dataclasses import replace

from app.network.config import COMPUTED_FIELDS, NetworkConfig
from app.network.training import Training
from app.panels.computed import markup
from app.panels.computed.fixes import FixOutcome, Trial


def test_each_field_has_one_control_with_its_label_hint_and_message() -> None:
    text = markup.network_form_markup() + markup.training_markup()
    assert sorted(re.findall(r'data-field="(\w+)"', text)) == sorted(field.name for field in COMPUTED_FIELDS)
    for field in COMPUTED_FIELDS:
        own = f"computed-{field.name}"
        assert f'<label for="{own}" title="{field.hint}">{field.label}</label>' in text
        for part in ("hint", "message", "field"):
            assert text.count(f'id="{own}-{part}"') == 1


def test_each_choice_is_offered() -> None:
    text = markup.network_form_markup() + markup.training_markup()
    for field in COMPUTED_FIELDS:
        for value, _ in field.choices:
            assert f'<option value="{value}">' in text


def test_the_sentence_above_the_fixes_says_what_was_tried() -> None:
    sick, well = FixOutcome("vanishing", 0.5, "vanishing", 0.25), FixOutcome("healthy", 0.5, "healthy", 0.25)
    without = "Without a fix: vanishing at once and after 50 steps; loss 0.50 → 0.25."
    assert markup.trial_text(Trial(sick, {"relu": well}), 50) == (
        f"{without} The fixes that improve it, the best first:"
    )
    assert markup.trial_text(Trial(sick, {"relu": sick}), 50) == f"{without} No fix here improves it."
    assert markup.trial_text(Trial(well, {}), 50) == (
        "The network is healthy at once and after 50 training steps: no fix is needed."
    )
    assert markup.trial_text(Trial(FixOutcome("healthy", 0.5), {}), 0) == (
        "The network is healthy at once: no fix is needed. 50 training steps would take too long to try."
    )
    assert markup.trial_text(Trial(FixOutcome("vanishing", 0.5), {"relu": FixOutcome("healthy", 0.5)}), 0) == (
        "Without a fix: vanishing at once; loss 0.50. 50 training steps would take too long to try. "
        "The fixes that improve it, the best first:"
    )
    assert markup.untried_text(12345.6) == (
        "The network is too large to try fixes: a look at each would take about 12 s, and 2 s are allowed. Untried:"
    )


def test_a_difference_lists_the_fields_that_differ() -> None:
    own = NetworkConfig(activation="relu", residual=True, clip=1.0)
    assert markup.difference(own, NetworkConfig()) == "ReLU, residual connections, clipping 1"
    assert markup.difference(NetworkConfig(), own) == "Sigmoid, no residual connections, clipping none"
    assert markup.difference(own, replace(own, measure="l2_w")) == ""


def test_what_a_verdict_is_about_is_said_unless_the_bars_show_it() -> None:
    training = Training((2, 4, 4, 2), NetworkConfig())
    training.advance()
    first, second = training.shown(0), training.shown(1)
    assert markup.basis_text(first, "l2_z") == ""
    assert markup.basis_text(first, "rms_a") == " (by L2 ∂L/∂z)"
    assert markup.basis_text(second, "l2_z") == " (by L2 ∂L/∂z over 2 steps)"
    assert markup.judged_text(second) == "The verdict judges L2 ∂L/∂z over 2 steps."
