"""Copy buttons: each `<button data-copy="ID">`, whenever it came to the page, copies the text of the element ID.

How it went stands on the button, and is announced. Where the clipboard is missing (a page not from a secure origin) or
refuses (a permission, a frame), the text is selected instead, and the button says which keys copy it.
"""

from __future__ import annotations

from typing import Any

from js import document, getSelection, navigator

from .browser import Interval, Listener

SHOWN = 2_000  # ms that a button says "Copied" before it has its own text again
APPLE = ("Mac", "iPhone", "iPad", "iPod")


class CopyButtons:
    """All copy buttons of the page, through one listener. `announcement` is a live region, empty but for the news."""

    def __init__(self, announcement: Any) -> None:
        self._announcement = announcement
        self._told: tuple[Any, str] | None = None  # the button that says how it went, and its own text
        self._awaits_keys = False
        self._rest = Interval(self._restore)
        self._listeners = [
            Listener(document, "click", self._on_click),
            Listener(document, "copy", lambda _event: self._on_keys()),
        ]

    def destroy(self) -> None:
        """Give the button its text back, listen no more and free the proxies."""
        self._restore()
        self._rest.destroy()
        for listener in self._listeners:
            listener.destroy()

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("button[data-copy]")
        if not button:
            return
        self._restore()
        source = document.getElementById(button.dataset.copy)
        clipboard = getattr(navigator, "clipboard", None)
        if not clipboard:
            self._select(button, source)
            return
        # Within the click itself: some browsers let nobody else write.
        clipboard.writeText(source.textContent).then(
            lambda _nothing: self._copied(button), lambda _refusal: self._select(button, source)
        )

    def _copied(self, button: Any) -> None:
        self._tell(button, "Copied", "Copied.")
        self._rest.start(SHOWN)

    def _select(self, button: Any, source: Any) -> None:
        getSelection().selectAllChildren(source)
        keys = "⌘+C" if str(navigator.platform).startswith(APPLE) else "Ctrl+C"
        self._tell(button, f"Press {keys}", f"The clipboard is out of reach. Press {keys}: the text is selected.")
        self._awaits_keys = True

    def _on_keys(self) -> None:
        """What was selected for these very keys has been copied by them, by the browser itself."""
        if self._awaits_keys and self._told:
            button, _ = self._told
            self._restore()
            self._copied(button)

    def _tell(self, button: Any, label: str, sentence: str) -> None:
        self._restore()  # two clicks in quick succession are both still to be answered
        self._told = button, str(button.textContent)
        button.textContent = label
        self._announcement.textContent = sentence

    def _restore(self) -> None:
        """The button's own text, and nothing to announce: else the same news a second time would be none."""
        self._rest.stop()
        self._awaits_keys = False
        if self._told:
            button, label = self._told
            button.textContent = label
            self._told = None
        self._announcement.textContent = ""
