"""The main navigation: Learn, Train and Your run. Until Python runs, its links work by their addresses."""

from __future__ import annotations

from typing import Any, Final

from js import URL, document

from ..browser.elements import by_id
from ..browser.handles import Attribute, Listener
from ..view.snapshot import SourceRequest, State
from .sources import Sources
from .store import Store
from .tabs import Tabs

LEARN, TRAIN, OWN_RUN = "learn", "train", "run"
UNASKED: Final = "explore"  # the state of the learner's panel without a question
TABS: Final = {LEARN: "lesson", TRAIN: "train", OWN_RUN: "model"}  # what a narrow window shows


class Views:
    """Changes the view without a reload, and marks the link of the present view."""

    def __init__(self, store: Store, sources: Sources, tabs: Tabs) -> None:
        self._store, self._sources, self._tabs = store, sources, tabs
        self._lesson = ""  # that was open last
        self._learning = self._read_learning()
        self._listeners = [
            Listener(document.querySelector(".views"), "click", self._on_click),
            Attribute(by_id("learn"), "data-state", self._note_lesson),
        ]
        store.subscribe(self._follow)
        self._mark()

    @property
    def current(self) -> str:
        """The name of the present view; empty if it is none of the three."""
        source = self._store.settings.source
        if source == "computed":
            return TRAIN if self._learning[0] == UNASKED else LEARN
        return OWN_RUN if source == "recorded" else ""

    def choose(self, name: str) -> None:
        """Show a view: the last lesson or the first one, the training, or the recorded run."""
        if name == OWN_RUN:
            self._sources.choose("recorded", SourceRequest(focus=True))
        elif name == TRAIN:
            chosen = self._sources.choose("computed", SourceRequest({"mode": "explore"}))
            chosen.add_done_callback(lambda _chosen: self._show_training())
        elif self.current != LEARN:
            lesson = self._lesson or self._first_lesson()
            self._sources.choose("computed", SourceRequest({"lesson": lesson}))
        self._tabs.choose(TABS[name])

    @staticmethod
    def _first_lesson() -> str:
        link = document.querySelector(f".views [data-destination={LEARN}]")
        return str(URL.new(link.href).searchParams.get("lesson"))

    @staticmethod
    def _show_training() -> None:
        if not by_id("training-heading"):
            return  # it could not be loaded, or another source was chosen meanwhile
        by_id("training-heading").focus(preventScroll=True)
        by_id("training").scrollIntoView(block="nearest")

    def _on_click(self, event: Any) -> None:
        link = event.target.closest("[data-destination]")
        if not link or event.button or event.ctrlKey or event.metaKey or event.shiftKey or event.altKey:
            return  # the browser opens another tab or window, or saves the address
        event.preventDefault()
        self.choose(str(link.dataset.destination))

    def _follow(self, before: State, now: State) -> None:
        if now.settings.source != before.settings.source:
            self._mark()

    @staticmethod
    def _read_learning() -> tuple[str, str]:
        """The state of the learner's panel, and the name of the open lesson."""
        button = document.querySelector("#learn [data-lesson][aria-current]")
        return str(getattr(by_id("learn").dataset, "state", UNASKED)), str(button.dataset.lesson) if button else ""

    def _note_lesson(self) -> None:
        """Bring a lesson or a question that begins into view, and remember the lesson."""
        learning = self._read_learning()
        if learning == self._learning:
            return
        self._learning = learning
        self._lesson = learning[1] or self._lesson
        if learning[0] != UNASKED:
            self._tabs.choose(TABS[LEARN], leading=True)
        self._mark()

    def _mark(self) -> None:
        current = self.current
        for link in document.querySelectorAll(".views [data-destination]"):
            if link.dataset.destination == current:
                link.setAttribute("aria-current", "true")
            else:
                link.removeAttribute("aria-current")
