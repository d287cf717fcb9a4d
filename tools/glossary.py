"""docs/glossary.md, written from the terms whose tooltips the page shows."""

from __future__ import annotations

from app.panels.learn.terms import SECTIONS, GlossaryTerm


def glossary_markdown() -> str:
    """Return the whole page: one table for each section."""
    return "# Glossary\n" + "".join(_section(title, terms) for title, terms in SECTIONS)


def _section(title: str, terms: tuple[GlossaryTerm, ...]) -> str:
    rows = "\n".join(f"| {_cell(term.name)} | {_cell(term.meaning)} |" for term in terms)
    return f"\n## {title}\n\n| Term | Meaning |\n|---|---|\n{rows}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
