"""Copy buttons: each `<button data-copy="ID">` copies the text of the element with that id.

The button shows the result for a moment, and a live region announces it. If there is no clipboard (the page's origin
isn't secure) or it refuses (a permission, a frame), the text is selected, and the button names the keys that copy it.

With `data-copy-file="ADDRESS"` the text is a file's. It is fetched on the first click and kept in the element. The
element may be hidden until its text has to be selected. The element `ID-message` shows why a file did not arrive.
"""

from __future__ import annotations

import asyncio
from typing import Any

from js import Blob, Error, Object, Promise, document, fetch, getSelection, navigator, window
from pyodide.ffi import to_js

from ..browser.handles import Interval, Listener

RESULT_MS = 2_000  # how long a button shows "Copied"
APPLE = ("Mac", "iPhone", "iPad", "iPod")


class CopyButtons:
    """Handles all copy buttons of the page with one listener. `announcement` is a live region for the results."""

    def __init__(self, announcement: Any) -> None:
        self._announcement = announcement
        self._result: tuple[Any, str] | None = None  # the button that shows a result, and its own text
        self._awaits_keys = False
        self._coming: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._rest = Interval(self._restore)
        self._listeners = [
            Listener(document, "click", self._on_click),
            Listener(document, "copy", lambda _event: self._on_keys()),
        ]

    def destroy(self) -> None:
        """Restore the button's text, remove the listeners and free the proxies."""
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
        # During the click: some browsers allow writing only then.
        clipboard.writeText(source.textContent).then(
            lambda _nothing: self._copied(button), lambda _refusal: self._select(button, source)
        )

    def _fetch(self, button: Any, source: Any, file: str) -> None:
        """Fetch a file and copy it, one file at a time."""
        self._show(button, "Fetching …", "")
        if self._coming and not self._coming.done():
            return
        text = fetch(file).then(_text)
        written = _write_coming(text)
        self._coming = asyncio.ensure_future(self._copy_coming(button, source, text, written))

    async def _copy_coming(self, button: Any, source: Any, text: Any, written: Any) -> None:
        """Keep the text in the element when it has arrived, and show if it was copied."""
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
        self._show(button, "Copied", "Copied.")
        self._rest.start(RESULT_MS)

    def _select(self, button: Any, source: Any) -> None:
        hidden = source.closest("[hidden]")
        if hidden:
            hidden.hidden = False
        getSelection().selectAllChildren(source)
        keys = "⌘+C" if str(navigator.platform).startswith(APPLE) else "Ctrl+C"
        self._show(button, f"Press {keys}", f"The clipboard is out of reach. Press {keys}: the text is selected.")
        self._awaits_keys = True

    def _on_keys(self) -> None:
        """The keys have copied the text that was selected for them."""
        if self._awaits_keys and self._result:
            button, _ = self._result
            self._restore()
            self._copied(button)

    def _show(self, button: Any, label: str, sentence: str) -> None:
        self._restore()  # a second click may come before the first result is gone
        self._result = button, str(button.textContent)
        button.textContent = button.dataset.result = label  # a button that shows an icon shows it by the attribute
        self._announcement.textContent = sentence

    def _restore(self) -> None:
        """Restore the button's text and empty the live region, so that the same result can be announced again."""
        self._rest.stop()
        self._awaits_keys = False
        if self._result:
            button, label = self._result
            button.textContent = label
            del button.dataset.result
            self._result = None
        self._announcement.textContent = ""


def _text(answer: Any) -> Any:
    """A promise of a response's text, rejected if the response is an error."""
    return answer.text() if answer.ok else Promise.reject(Error.new(f"the host answered {answer.status}"))


def _write_coming(text: Any) -> Any:
    """Write a text that has not arrived yet. Call it during the click: some browsers allow no writing later.

    Returns a promise, rejected if the clipboard can't be written.
    """
    item = getattr(window, "ClipboardItem", None)
    if not item or not getattr(navigator, "clipboard", None):
        return Promise.reject(Error.new("no clipboard"))
    plain = text.then(lambda came: Blob.new(to_js([came]), type="text/plain"))
    return navigator.clipboard.write(to_js([item.new(to_js({"text/plain": plain}, dict_converter=Object.fromEntries))]))
