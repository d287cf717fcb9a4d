"""The page's keys: Space plays and pauses, the arrows step, Home and End go to the ends.

web/loading-status.js has the rule for when they apply, because it queues them before Python runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from js import document, window

from ..browser.handles import Listener
from .transport import Transport


class Keyboard:
    """Works the transport by keys, unless the focus is in a control that has these keys."""

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
        if event.defaultPrevented or not window.gradientFlow.isTransportKey(event):
            return
        event.preventDefault()
        if not (event.repeat and event.key == " "):  # a held arrow key steps on, but held Space does not flicker
            self._keys[event.key]()
