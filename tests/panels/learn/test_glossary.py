"""Terms become buttons with a tooltip, and the glossary has each of them once."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.panels.learn.glossary import TERMS_BY_NAME, TERMS_BY_WORD, tooltip, with_terms
from app.panels.learn.terms import SECTIONS

ALL = [term for _, terms in SECTIONS for term in terms]
TAUGHT = (
    "gradient magnitude",
    "RMS",
    "L2",
    "decade",
    "gain",
    "f′",
    "saturated",
    "inactive",
    "dead",
    "residual connection",
)


def test_no_term_and_no_word_is_there_twice() -> None:
    assert len(TERMS_BY_NAME) == len(ALL)
    assert len(TERMS_BY_WORD) == sum(len(term.words) for term in ALL)


@pytest.mark.parametrize("word", [*TAUGHT, "normalisation", "Xavier", "He", "saturated", "inactive", "dead units"])
def test_the_words_that_lessons_use_have_a_tooltip(word: str) -> None:
    assert f'data-term="{TERMS_BY_WORD[word].name}"' in with_terms(f"Here is {word}, here.")
    assert re.fullmatch(r"[^*`]*[.…]", tooltip(TERMS_BY_WORD[word].name))


def test_a_term_is_marked_once_and_only_as_a_whole_word() -> None:
    marked = with_terms("A decade, two decades; Here <b> of L2s, the gradient magnitude of a gradient.")
    assert re.findall(r"<button[^>]*>([^<]*)<", marked) == ["decade", "gradient magnitude", "gradient"]
    assert "&lt;b&gt;" in marked


@given(st.lists(st.sampled_from([*TERMS_BY_WORD, " ", "<", "&", "x", "∂", ", "])).map("".join))
def test_marking_changes_no_character_of_the_text(text: str) -> None:
    assert unescape(re.sub(r"</?button[^>]*>", "", with_terms(text))) == text
