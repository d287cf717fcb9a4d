"""The events from before Python ran: web/loading-status.js has queued them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from js import Event, KeyboardEvent


def repeat(kept: Iterable[Any]) -> None:
    """Repeat the queued events, in their order."""
    for event in kept:
        if event.type == "click":
            event.target.click()
        elif event.type == "input":
            event.target.value = event.value
            event.target.dispatchEvent(Event.new("input", bubbles=True))
        else:
            event.target.dispatchEvent(KeyboardEvent.new(event.type, key=event.key, bubbles=True, cancelable=True))
