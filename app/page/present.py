"""Present: the button and the key F show the page as for a lecture. panels/present, loaded then, has the rest.

Single keys act only while the page is presented, except F. The legend of the presentation switches all of them off
(WCAG 2.1.4, https://www.w3.org/TR/WCAG22/#character-key-shortcuts).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from js import document, window
from pyodide.ffi import JsException

from ..browser.elements import by_id
from ..browser.handles import Listener
from .lazy_bundles import bring

if TYPE_CHECKING:
    from ..view.snapshot import State
    from .controller import Page

KEPT: Final = "gradient-flow-single-keys"  # in localStorage: `off`, if the visitor wants no single keys
TYPED_IN: Final = 'input:not([type="range"], [type="radio"], [type="checkbox"]), select, textarea, [contenteditable]'


class Present:
    """Opens and closes the presentation, and passes it the keys. It lives as long as its tab."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._shown: Any = None  # the presentation
        self._task: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._listeners = [
            Listener(by_id("present"), "click", lambda _event: self._open()),
            Listener(document, "keydown", self._on_key),
            Listener(document, "fullscreenchange", lambda _event: self._on_full_screen()),
        ]

    # The page, as the presentation sees it.

    @property
    def state(self) -> State:
        """The settings and the snapshot shown for them."""
        return self._page.state

    def subscribe(self, callback: Callable[[State, State], None]) -> Callable[[], None]:
        """Call `callback` after each change. Returns a function that ends this."""
        return self._page.subscribe(callback)

    async def choose(self, source: str) -> None:
        """Choose a source, and wait until it is shown or has failed."""
        await self._page.choose(source)

    def described(self) -> Mapping[str, object] | None:
        """The fields of the computed network that is shown; None if none is."""
        return self._page.store.source.described()

    # Opening and closing.

    def _on_key(self, event: Any) -> None:
        if event.defaultPrevented or event.isComposing or event.ctrlKey or event.altKey or event.metaKey:
            return
        key = str(event.key)
        if key == "Escape" and self._shown:
            self._close()
        elif not event.repeat and not _is_typed(event) and are_single_keys_on() and self._press(key, event.shiftKey):
            event.preventDefault()

    def _press(self, key: str, is_shifted: bool) -> bool:
        """Do what a single key means now. False if it means nothing."""
        if key.lower() == "f":
            if self._shown:
                self._close()
            else:
                self._open()
            return True
        return bool(self._shown and self._shown.press(key.lower(), back=is_shifted))

    def _open(self) -> None:
        if self._shown or (self._task and not self._task.done()):
            return
        # During the click or the key: browsers allow it only then. An iPhone has no such function.
        ask = getattr(document.documentElement, "requestFullscreen", None)
        self._task = asyncio.ensure_future(self._present(ask() if ask else None))

    async def _present(self, full_screen: Any) -> None:
        if full_screen is not None:
            with suppress(JsException):  # refused: the look is the same in the window
                await full_screen
        try:
            await bring("charts", "present")
        except OSError as error:
            self._page.notice([f"{error} Press the button to try again."])
            _leave_full_screen()
            return
        module = import_module(f"{__package__.rpartition('.')[0]}.panels.present.presentation")
        self._shown = module.Presentation(self, self._close, switch_single_keys, has_keys=are_single_keys_on())

    def _close(self) -> None:
        if self._shown:
            shown, self._shown = self._shown, None
            shown.destroy()
            _leave_full_screen()

    def _on_full_screen(self) -> None:
        """Leave together with the full screen, which the browser's own keys end."""
        if not document.fullscreenElement:
            self._close()


def _leave_full_screen() -> None:
    if getattr(document, "fullscreenElement", None):
        document.exitFullscreen()


def _is_typed(event: Any) -> bool:
    closest = getattr(event.target, "closest", None)
    return bool(closest and closest(TYPED_IN))


def are_single_keys_on() -> bool:
    """True unless the visitor has switched the single keys off. Denied storage keeps no choice."""
    try:
        return bool(window.localStorage.getItem(KEPT) != "off")
    except JsException:
        return True


def switch_single_keys(is_on: bool) -> None:
    """Keep the choice for this visit and the next ones."""
    with suppress(JsException):
        window.localStorage.setItem(KEPT, "on" if is_on else "off")
