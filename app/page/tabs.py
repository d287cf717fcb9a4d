"""The tabs: of the panels beside the figure, one is shown. They stand beneath the stage of a narrow window, and at the
top of the right column of a broad one, where the form keeps a column of its own.

web/workbench.css hides the other panels there, by the root's `data-tab`, which web/before-paint.js sets first.
Between these widths all panels are shown, and no tabs.
"""

from __future__ import annotations

from typing import Any, Final

from js import document, window

from ..browser.elements import by_id, write_in
from ..browser.handles import Attribute, Listener, MediaQuery
from ..view.snapshot import State
from .store import Store

NARROW: Final = "(max-width: 43.99rem)"  # as in web/workbench.css
BROAD: Final = "(min-width: 72rem) and (min-height: 36rem)"  # three columns, as there
FORM_PANEL: Final = "model"  # the panel that is no tab in a broad window
# The tabs of each source. Their order is that of the buttons in index.html.
LABELS: Final = {
    "synthesised": {"model": "Model"},
    "computed": {"lesson": "Lesson", "model": "Model", "why": "Why", "fixes": "Fixes", "train": "Train"},
    "recorded": {"lesson": "Predict", "model": "Run", "why": "Verdict", "layers": "Layers"},
}
DEFAULTS: Final = (FORM_PANEL, "why", "lesson")  # the first that is there is shown if the chosen one is not
MOVES: Final = {"ArrowLeft": -1, "ArrowRight": 1}


class Tabs:
    """Shows one panel at a time. Tab and arrow keys, clicks, and links to something in a panel choose it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._buttons: dict[str, Any] = {
            str(button.dataset.tab): button for button in document.querySelectorAll(".tabs [data-tab]")
        }
        self._panels: dict[str, Any] = {
            name: by_id(each.getAttribute("aria-controls")) for name, each in self._buttons.items()
        }
        self._names = {name: panel.getAttribute("aria-labelledby") for name, panel in self._panels.items()}
        self._narrow, self._broad = (MediaQuery(query, lambda _matches: self._place()) for query in (NARROW, BROAD))
        self._row = row = document.querySelector(".tabs")
        self._listeners: list[Any] = [
            Listener(row, "click", self._on_click),
            Listener(row, "keydown", self._on_key),
            Listener(document, "click", self._on_link),
            *(Attribute(panel, "hidden", self._show) for panel in self._panels.values()),
        ]
        store.subscribe(self._follow)
        self._place()

    @property
    def chosen(self) -> str:
        """The name of the panel that is shown."""
        return str(document.documentElement.dataset.tab)

    def choose(self, name: str, *, leading: bool = False) -> None:
        """Show a panel. In a narrow window, the page scrolls until the panel begins right beneath the stage.

        `leading`: the stage goes to the top of the window, so that there is more room for the panel.
        """
        document.documentElement.dataset.tab = name
        self._show()
        if not self._narrow.matches:
            return
        top = self._panels[name].getBoundingClientRect().top
        stage = document.querySelector(".stage").getBoundingClientRect()
        if top < stage.bottom:
            window.scrollBy(0, top - stage.bottom)
        elif leading:
            window.scrollBy(0, stage.top)

    def _offered(self) -> dict[str, str]:
        """The labels of the tabs that the source has. A recorded run fills its panels when it has been read."""
        source = self._store.settings.source
        labels = dict(LABELS[source])
        if self._broad.matches:
            labels.pop(FORM_PANEL, None)
        return {name: label for name, label in labels.items() if source != "recorded" or not self._panels[name].hidden}

    def _place(self) -> None:
        """Put the tabs where the window has room for them."""
        if self._broad.matches:
            by_id("learn").before(self._row)
        else:
            document.querySelector(".stage").append(self._row)
        self._show_roles()
        self._show()

    def _follow(self, before: State, now: State) -> None:
        if now.settings.source != before.settings.source:
            self._show()

    def _show(self) -> None:
        offered = self._offered()
        if self.chosen not in offered:
            document.documentElement.dataset.tab = next((name for name in DEFAULTS if name in offered), FORM_PANEL)
        for name, button in self._buttons.items():
            is_chosen = name == self.chosen
            button.hidden = name not in offered
            button.tabIndex = 0 if is_chosen else -1
            button.setAttribute("aria-selected", "true" if is_chosen else "false")
            if name in offered:
                write_in(button, offered[name])

    def _show_roles(self) -> None:
        """Make the panels that have a tab tab panels, and the others regions with their own names."""
        for name, panel in self._panels.items():
            own = self._names[name]
            if self._narrow.matches or (self._broad.matches and name != FORM_PANEL):
                panel.setAttribute("role", "tabpanel")
                panel.setAttribute("aria-labelledby", self._buttons[name].id)
                continue
            panel.removeAttribute("role")
            if own:
                panel.setAttribute("aria-labelledby", own)
            else:
                panel.removeAttribute("aria-labelledby")

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("[data-tab]")
        if button:
            self.choose(str(button.dataset.tab))

    def _on_key(self, event: Any) -> None:
        """Move the focus, and choose the tab that gets it."""
        names = [name for name in self._buttons if not self._buttons[name].hidden]
        at = names.index(self.chosen)
        key = str(event.key)
        if key in MOVES:
            at = (at + MOVES[key]) % len(names)
        elif key in ("Home", "End"):
            at = 0 if key == "Home" else len(names) - 1
        else:
            return
        event.preventDefault()
        self._buttons[names[at]].focus()
        self.choose(names[at])

    def _on_link(self, event: Any) -> None:
        """Show the panel that a link of the page leads into."""
        link = event.target.closest("a[href^='#']")
        target = by_id(str(link.hash)[1:]) if link else None
        panel = target.closest("[data-panel]") if target else None
        if panel and str(panel.dataset.panel) in self._offered():
            self.choose(str(panel.dataset.panel))
