"""Terms in texts: markup that makes a term a button with a tooltip. Pure."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from .terms import SECTIONS, GlossaryTerm

TERM_BUTTON: Final = '<button type="button" class="term" data-term="{name}">{word}</button>'
TERMS_BY_WORD: Final = {word: term for _, terms in SECTIONS for term in terms for word in term.words}
TERMS_BY_NAME: Final = {term.name: term for _, terms in SECTIONS for term in terms}
_WORD: Final = re.compile(
    rf"(?<![\w∂])(?:{'|'.join(map(re.escape, sorted(TERMS_BY_WORD, key=len, reverse=True)))})(?!\w)"
)


def with_terms(text: str) -> str:
    """Return a text as markup in which each term is a button at its first place."""
    seen: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        term = TERMS_BY_WORD[found[0]]
        if term.name in seen:
            return escape(found[0])
        seen.add(term.name)
        return TERM_BUTTON.format(name=escape(term.name), word=escape(found[0]))

    parts, end = [], 0
    for found in _WORD.finditer(text):
        parts += [escape(text[end : found.start()]), mark(found)]
        end = found.end()
    return "".join((*parts, escape(text[end:])))


def tooltip(name: str) -> str:
    """Return the sentence of a term: `Decade: a factor of 10.`"""
    return write_tooltip(TERMS_BY_NAME[name])


def write_tooltip(term: GlossaryTerm) -> str:
    """Return the name and the meaning as one text that ends with a full stop."""
    meaning = term.meaning.replace("`", "")
    return f"{term.name[0].upper()}{term.name[1:]}: {meaning}{'' if meaning.endswith(('.', '…')) else '.'}"
