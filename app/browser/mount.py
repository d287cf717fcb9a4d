"""Where a component goes in a document: its root element, and the style sheets that it needs."""

from __future__ import annotations

from typing import Any

from js import CSSStyleSheet, document, getComputedStyle

_in_force: set[str] = set()  # style sheets that this page has, which keeps them


def bring_styles(*names: str) -> None:
    """Put the package's style sheets in force unless the document has them: `viz.css`, `charts/timeline.css`.

    Each sheet sets a custom property that marks it as there, `--gradient-flow-timeline`. A caller names all that it
    needs at once, because the browser styles the whole page again after each. The sheets are constructed: a content
    security policy may allow neither a <style> nor the host that they came from.
    """
    unseen = [name for name in names if name not in _in_force]
    if not unseen:
        return  # to ask the browser has it style the page, perhaps in the midst of changes
    _in_force.update(unseen)
    found = getComputedStyle(document.documentElement)
    missing = [name for name in unseen if not found.getPropertyValue(_mark(name))]
    if not missing:
        return
    from pathlib import Path  # noqa: PLC0415  # only where it is needed: the project's own page links its sheet

    for name in missing:
        source = Path(__file__).parents[1] / name
        if source.is_file():  # not so of viz.css on that page, whose link may have failed
            sheet = CSSStyleSheet.new()
            sheet.replaceSync(source.read_text(encoding="utf-8"))
            document.adoptedStyleSheets.push(sheet)


def _mark(name: str) -> str:
    stem = name.rpartition("/")[2].removesuffix(".css").replace("_", "-")
    return f"--gradient-flow-{stem}"


def find_root(root: Any, owner: str) -> Any:
    """The element that is given, or the first that a selector matches. Raises LookupError, which names `owner`."""
    found = document.querySelectorAll(root) if isinstance(root, str) else (root,)
    element = next(iter(found), None)
    if not hasattr(element, "replaceChildren"):  # so that null, what a selector without a match gives, is named as well
        raise LookupError(f"{owner}: root must be an element or a selector that matches one, got {root!r}")
    return element
