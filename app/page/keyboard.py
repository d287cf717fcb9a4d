"""The page's keys: Space plays and pauses, the arrows step, Home and End go to the ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from js import document

from ..browser.elements import by_id
from ..browser.handles import Listener
from .transport import Transport

OWN_KEYS = 'input, select, textarea, button, a, summary, [contenteditable], [tabindex="0"]'
STEP_KEYS = "[data-transport]"


def is_read_on() -> bool:
    """Whether figure and form are out of view, further up: Space, Home and End are for reading then."""
    return all(by_id(name).getBoundingClientRect().bottom <= 0 for name in ("figure", "customize"))


class Keyboard:
    """Works the transport by keys, wherever the focus is but in what has keys of its own."""

    def __init__(self, transport: Transport) -> None:
        self._keys: dict[str, Callable[[], None]] = {
            " ": transport.toggle,
            "ArrowLeft": lambda: transport.point(-1),
            "ArrowRight": lambda: transport.point(1),
            "Home": lambda: transport.pause_at_layer(0),
            "End": lambda: transport.pause_at_layer(transport.depth - 1),
        }
        self._listener = Listener(document, "keydown", self._on_key)

    def _on_key(self, event: Any) -> None:
        if event.defaultPrevented or event.ctrlKey or event.altKey or event.metaKey or event.shiftKey:
            return
        is_owned = bool(event.target.closest(OWN_KEYS))
        if not self._is_for_transport(event) if is_owned else is_read_on():
            return
        if event.key in self._keys:
            event.preventDefault()
            if not (event.repeat and event.key == " "):  # a key held down steps on, but doesn't flicker
                self._keys[event.key]()

    @staticmethod
    def _is_for_transport(event: Any) -> bool:
        """A transport button has its own Space, and the layer slider its own arrows; the other keys are free there."""
        if not event.target.closest(STEP_KEYS):
            return False
        is_slider = event.target.id == "layer"
        return bool(event.key == " ") if is_slider else bool(event.key != " ")
