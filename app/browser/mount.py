"""The root element of a component, and the style sheets that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from js import CSSStyleSheet, document, getComputedStyle
from pyodide.ffi import JsException, create_proxy

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


ELEMENT_NODE = 1  # of JavaScript's Node.nodeType


class Mount:
    """A component's hold on its root element. An element holds one component: a later one ends the former.

    `root` is an element or a selector, of which the first match counts. `end` ends the component. Raises LookupError,
    which names `owner`.
    """

    def __init__(self, root: Any, owner: str, end: Callable[[], object]) -> None:
        self.element = find_element(root, owner)
        if former := getattr(self.element, "endGradientFlow", None):
            former()
        self._classes: list[str] = []
        self._proxy: Any = create_proxy(end)
        self.element.endGradientFlow = self._proxy

    def put_classes(self, *names: str) -> None:
        """Replace the classes added so far by these. The element's own classes stay."""
        classes = self.element.classList
        for name in self._classes:
            classes.remove(name)
        self._classes = [name for name in dict.fromkeys(names) if not classes.contains(name)]
        for name in self._classes:
            classes.add(name)

    def destroy(self) -> None:
        """Remove the added classes, let the element go, and free the proxy. A second call is harmless."""
        if self._proxy is not None:
            self.put_classes()
            del self.element.endGradientFlow
            self._proxy.destroy()
            self._proxy = None


def find_element(root: Any, owner: str) -> Any:
    """The element that `root` is or, for a selector, the first match. Raises LookupError, which names `owner`."""
    try:
        element = document.querySelector(root) if isinstance(root, str) else root
    except JsException:  # no selector
        element = None
    if getattr(element, "nodeType", None) != ELEMENT_NODE:  # JavaScript's null has none, a document another
        raise LookupError(f"{owner}: root must be an element or a selector that matches one, got {root!r}")
    return element
