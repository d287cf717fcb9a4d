"""The markup and the texts of the computed panel."""

from __future__ import annotations

import re
from dataclasses import replace

from app.network.config import COMPUTED_FIELDS, NetworkConfig
from app.panels.computed import markup
from app.panels.computed.lessons import FIXES, LESSONS


def test_each_field_has_one_control_with_its_label_hint_and_message() -> None:
    text = markup.network_form_markup() + markup.training_markup()
    assert sorted(re.findall(r'data-field="(\w+)"', text)) == sorted(field.name for field in COMPUTED_FIELDS)
    for field in COMPUTED_FIELDS:
        own = f"computed-{field.name}"
        assert f'<label for="{own}">{field.label}</label>' in text
        for part in ("hint", "message", "field"):
            assert text.count(f'id="{own}-{part}"') == 1


def test_each_choice_is_offered() -> None:
    text = markup.network_form_markup() + markup.training_markup()
    for field in COMPUTED_FIELDS:
        for value, _ in field.choices:
            assert f'<option value="{value}">' in text


def test_each_lesson_and_each_fix_has_a_button() -> None:
    assert re.findall(r'data-lesson="(\w+)"', markup.network_form_markup()) == [lesson.name for lesson in LESSONS]
    assert re.findall(r'data-fix="(\w+)"', markup.explanation_markup()) == [fix.name for fix in FIXES]


def test_a_difference_lists_the_fields_that_differ() -> None:
    own = NetworkConfig(activation="relu", residual=True, clip=1.0)
    assert markup.difference(own, NetworkConfig()) == "ReLU, residual connections, clipping 1"
    assert markup.difference(NetworkConfig(), own) == "Sigmoid, no residual connections, clipping none"
    assert markup.difference(own, replace(own, measure="l2_w")) == ""
