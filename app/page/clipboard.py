"""Copy buttons: each `<button data-copy="ID">`, whenever it came to the page, copies the text of the element ID.

How it went stands on the button, and is announced. Where the clipboard is missing (a page not from a secure origin) or
refuses (a permission, a frame), the text is selected instead, and the button says which keys copy it.

With `data-copy-file="ADDRESS"` the text is that of a file, fetched on the first click and kept in the element from then
on. The element may be hidden until its text is to be selected; `ID-message` says so where the file did not come.
"""

from __future__ import annotations

import asyncio
from typing import Any

from js import Blob, Error, Object, Promise, document, fetch, getSelection, navigator, window
from pyodide.ffi import to_js

from ..browser.handles import Interval, Listener

SHOWN = 2_000  # ms that a button says "Copied" before it has its own text again
APPLE = ("Mac", "iPhone", "iPad", "iPod")


class CopyButtons:
    """All copy buttons of the page, through one listener. `announcement` is a live region, empty but for the news."""

    def __init__(self, announcement: Any) -> None:
        self._announcement = announcement
        self._told: tuple[Any, str] | None = None  # the button that says how it went, and its own text
        self._awaits_keys = False
        self._coming: asyncio.Future[None] | None = None  # held: the loop itself would let it be collected
        self._rest = Interval(self._restore)
        self._listeners = [
            Listener(document, "click", self._on_click),
            Listener(document, "copy", lambda _event: self._on_keys()),
        ]

    def destroy(self) -> None:
        """Give the button its text back, listen no more and free the proxies."""
        self._restore()
        if self._coming:
            self._coming.cancel()
        self._rest.destroy()
        for listener in self._listeners:
            listener.destroy()

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("button[data-copy]")
        if not button:
            return
        self._restore()
        source = document.getElementById(button.dataset.copy)
        file = button.getAttribute("data-copy-file")
        if file and not source.textContent:
            self._fetch(button, source, str(file))
            return
        clipboard = getattr(navigator, "clipboard", None)
        if not clipboard:
            self._select(button, source)
            return
        # Within the click itself: some browsers let nobody else write.
        clipboard.writeText(source.textContent).then(
            lambda _nothing: self._copied(button), lambda _refusal: self._select(button, source)
        )

    def _fetch(self, button: Any, source: Any, file: str) -> None:
        """Copy a file that is fetched for it, one at a time."""
        self._tell(button, "Fetching …", "")
        if self._coming and not self._coming.done():
            return
        text = fetch(file).then(_text)
        written = _write_coming(text)
        self._coming = asyncio.ensure_future(self._copy_coming(button, source, text, written))

    async def _copy_coming(self, button: Any, source: Any, text: Any, written: Any) -> None:
        """Keep the text in the element once it has come, and tell whether it has been written."""
        message = document.getElementById(f"{source.id}-message")
        message.textContent = ""
        came: Any
        refusal: Any
        came, refusal = await asyncio.gather(text, written, return_exceptions=True)
        self._restore()
        if isinstance(came, BaseException):
            why = getattr(came, "message", came)
            message.textContent = (
                f"{button.dataset.copyFile} could not be fetched: {why}. Press the button to try again."
            )
            return
        source.textContent = came
        if isinstance(refusal, BaseException):
            self._select(button, source)
        else:
            self._copied(button)

    def _copied(self, button: Any) -> None:
        self._tell(button, "Copied", "Copied.")
        self._rest.start(SHOWN)

    def _select(self, button: Any, source: Any) -> None:
        hidden = source.closest("[hidden]")
        if hidden:
            hidden.hidden = False
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


def _text(answer: Any) -> Any:
    """A promise of an answer's text; rejected where the answer is not what was asked for."""
    return answer.text() if answer.ok else Promise.reject(Error.new(f"the host answered {answer.status}"))


def _write_coming(text: Any) -> Any:
    """Write a text that is still to come: to be called within the click, for some browsers let nobody write later.

    Returns a promise, rejected where the clipboard is out of reach.
    """
    item = getattr(window, "ClipboardItem", None)
    if not item or not getattr(navigator, "clipboard", None):
        return Promise.reject(Error.new("no clipboard"))
    plain = text.then(lambda came: Blob.new(to_js([came]), type="text/plain"))
    return navigator.clipboard.write(to_js([item.new(to_js({"text/plain": plain}, dict_converter=Object.fromEntries))]))
