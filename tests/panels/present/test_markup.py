"""The presentation's bar: a button for each stepped field, and a caption for each kind of view."""

from __future__ import annotations

import pytest

from app.network.config import COMPUTED_FIELDS
from app.panels.present.markup import STEPPED_FIELDS, bar_markup, caption_text, layers_text, value_text
from app.view.snapshot import Snapshot


def test_the_bar_has_a_button_for_each_field_that_a_key_steps_through() -> None:
    known = {field.name for field in COMPUTED_FIELDS}
    for key, (field, label) in STEPPED_FIELDS.items():
        assert field in known
        assert f'data-step="{field}" aria-keyshortcuts="{key.upper()}"' in bar_markup()
        assert label in bar_markup()


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        ((3,), "3"),
        ((3, 4, 4, 2), "3-4-4-2"),
        ((2, *[16] * 8, 2), "10 layers, 8 hidden of 16"),
        ((2, 8, 16, 16, 16, 8, 2), "7 layers of 2 to 16"),
    ],
)
def test_an_architecture_is_said_in_a_few_words(layers: tuple[int, ...], text: str) -> None:
    assert layers_text(layers) == text


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (Snapshot((3, 4, 2)), "Synthesised series · 3-4-2"),
        (Snapshot((3, 4), (0.5, 1.0)), "Given magnitudes · 3-4"),
        (Snapshot((3, 4), (0.5, 1.0), source="computed"), "3-4"),
        (Snapshot((1, 1), (0.5, 1.0), source="recorded"), "Recorded run · 2 rows"),
    ],
)
def test_the_caption_says_what_is_shown(snapshot: Snapshot, text: str) -> None:
    assert caption_text(snapshot) == text


def test_a_value_is_said_in_words() -> None:
    assert value_text(True, "", 1.0) == "on"
    assert value_text(False, "", 1.0) == "off"
    assert value_text("relu", "ReLU", 1.0) == "ReLU"
    assert value_text("normal", "Normal, N(0, σ²)", 0.1) == "Normal, N(0, 0.1²)"
