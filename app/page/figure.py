"""The figure of the page: shows the store's snapshot, and moves the store's cursor as the wave advances."""

from __future__ import annotations

from typing import Any

from ..browser.elements import by_id
from ..view.settings import Settings
from ..view.snapshot import State
from ..viz import GradientFlowViz
from .store import Store


class Figure:
    """Draws into `#figure`. It takes over the prerendered wave unless the wave `is_still`."""

    def __init__(self, store: Store, *, is_still: bool) -> None:
        props = _props(store.state)
        if not is_still:
            props["current_layer"] = None
        self._viz = GradientFlowViz(by_id("figure"), **props, announce="steps", on_current_layer_change=store.move_to)
        # The cursor is at the input if reduced motion is preferred, or where the prerendered wave is.
        store.move_to(self._viz.current_layer)
        store.subscribe(self._show)

    def _show(self, before: State, now: State) -> None:
        self._viz.update(**_motion(now.settings) if now.snapshot is before.snapshot else _props(now))


def _motion(settings: Settings) -> dict[str, Any]:
    return {"current_layer": settings.layer, "playing": settings.playing, "play_speed": settings.speed}


def _props(state: State) -> dict[str, Any]:
    return {**state.snapshot.props(), **_motion(state.settings)}
