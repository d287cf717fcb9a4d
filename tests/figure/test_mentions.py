"""The mention of layers in sentences."""

from __future__ import annotations

import pytest

from app.figure.mentions import mention, mention_first, mention_some


@pytest.mark.parametrize(
    ("name", "within", "first"),
    [
        ("output", "the output", "The output"),
        ("input", "the input", "The input"),
        ("3", "layer 3", "Layer 3"),
        ("layer 3", "layer 3", "Layer 3"),
        ("hidden 2", "hidden 2", "Hidden 2"),
        ("fc1", "fc1", "fc1"),
        ("h.0", "h.0", "h.0"),
        ("output.weight", "output.weight", "output.weight"),
    ],
)
def test_places_have_an_article_and_numbers_a_noun(name: str, within: str, first: str) -> None:
    assert (mention(name), mention_first(name)) == (within, first)
    assert mention(within) == within


def test_of_many_layers_three_are_named() -> None:
    assert mention_some(["fc1", "0", "output"]) == "fc1, layer 0, the output"
    assert mention_some(iter(["a", "b", "c", "d", "e"])) == "a, b, c and 2 more"
