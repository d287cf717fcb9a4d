"""Tooltips of terms: shown while a term is pointed at, has the focus or was tapped. Escape hides them."""

from __future__ import annotations

from typing import Any, Final

from js import document, window

from ...browser.elements import by_id
from ...browser.handles import Listener
from .glossary import tooltip

TIP: Final = "term-tip"
MARGIN_PX: Final = 8.0


class Tips:
    """The one tooltip of the page, and the listeners that show and hide it, until `destroy`."""

    def __init__(self) -> None:
        self._tip: Any = document.createElement("div")
        self._tip.id, self._tip.className, self._tip.hidden = TIP, "term-tip", True
        self._tip.setAttribute("role", "tooltip")
        by_id("main").appendChild(self._tip)  # a landmark
        self._term: Any = None  # the button whose tooltip is shown
        self._listeners = [
            Listener(document, "mouseover", self._point),
            Listener(document, "focusin", self._point),
            Listener(document, "click", self._point),
            Listener(document, "keydown", lambda event: self._hide() if event.key == "Escape" else None),
            Listener(document, "scroll", lambda _event: self._place()),
        ]

    def destroy(self) -> None:
        """Remove the tooltip and the listeners."""
        self._hide()
        for listener in self._listeners:
            listener.destroy()
        self._tip.remove()

    def _point(self, event: Any) -> None:
        """Show the tooltip of the term at an event. The tooltip itself may be pointed at."""
        if event.target is document or event.target.closest(f"#{TIP}"):
            return
        term = event.target.closest("[data-term]")
        if term:
            self._show(term)
        elif not (event.type == "mouseover" and self._term and self._term.matches(":focus")):
            self._hide()

    def _show(self, term: Any) -> None:
        self._hide()
        self._term = term
        self._tip.textContent = tooltip(str(term.dataset.term))
        self._tip.hidden = False
        term.setAttribute("aria-describedby", TIP)
        self._place()

    def _place(self) -> None:
        """Place the tooltip above its term, or below it if there is no room."""
        if not self._term:
            return
        at, own = self._term.getBoundingClientRect(), self._tip.getBoundingClientRect()
        left = max(MARGIN_PX, min(at.left, float(window.innerWidth) - own.width - MARGIN_PX))
        top = at.bottom if at.top < own.height + MARGIN_PX else at.top - own.height
        self._tip.style.left, self._tip.style.top = f"{left:.0f}px", f"{top:.0f}px"

    def _hide(self) -> None:
        if self._term:
            self._term.removeAttribute("aria-describedby")
            self._term = None
        self._tip.hidden = True
