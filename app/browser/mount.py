"""The root element of a component, and the style sheets that it needs."""

from __future__ import annotations

from typing import Any

from js import CSSStyleSheet, document, getComputedStyle

_in_force: set[str] = set()  # the style sheets that this page has; they stay for good


def bring_styles(*names: str) -> None:
    """Add the package's style sheets to the document unless it has them: `viz.css`, `charts/timeline.css`.

    Each sheet sets a custom property that marks its presence, `--gradient-flow-timeline`. A caller names all its sheets
    at once, because the browser restyles the whole page after each call. The sheets are constructed ones: a content
    security policy may forbid a <style> element and the host of the files.
    """
    unseen = [name for name in names if name not in _in_force]
    if not unseen:
        return  # the question below makes the browser style the page, perhaps in the middle of changes
    _in_force.update(unseen)
    found = getComputedStyle(document.documentElement)
    missing = [name for name in unseen if not found.getPropertyValue(_mark(name))]
    if not missing:
        return
    from pathlib import Path  # noqa: PLC0415  # only if needed: the project's own page links its sheet

    for name in missing:
        source = Path(__file__).parents[1] / name
        if source.is_file():  # on the project's page viz.css isn't there, if its link has failed
            sheet = CSSStyleSheet.new()
            sheet.replaceSync(source.read_text(encoding="utf-8"))
            document.adoptedStyleSheets.push(sheet)


def _mark(name: str) -> str:
    stem = name.rpartition("/")[2].removesuffix(".css").replace("_", "-")
    return f"--gradient-flow-{stem}"


def find_root(root: Any, owner: str) -> Any:
    """The given element, or the first one that a selector matches. Raises LookupError, which names `owner`."""
    found = document.querySelectorAll(root) if isinstance(root, str) else (root,)
    element = next(iter(found), None)
    if not hasattr(element, "replaceChildren"):  # JavaScript's null from a caller's query has none
        raise LookupError(f"{owner}: root must be an element or a selector that matches one, got {root!r}")
    return element
