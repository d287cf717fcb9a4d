"""The transport below the figure: play and pause, step buttons, the layer slider."""

from __future__ import annotations

from dataclasses import replace

from ..browser.elements import by_id, write, write_in
from ..browser.handles import Listener
from ..figure import wave
from ..view.snapshot import State
from .store import Store


class Transport:
    """Plays, pauses and steps in the store, and shows the layer of the wave."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._play, self._layer = by_id("play"), by_id("layer")
        self._listeners = [
            Listener(self._play, "click", lambda _event: self.toggle()),
            Listener(by_id("forward"), "click", lambda _event: self.point(-1)),
            Listener(by_id("back"), "click", lambda _event: self.point(1)),
            Listener(self._layer, "input", lambda _event: self.pause_at_layer(int(self._layer.value) - 1)),
        ]
        store.subscribe(self._show)
        self._shown = (0, "")
        self._show_playing(store.state)
        self._show_layer(store.state)

    @property
    def depth(self) -> int:
        """The number of layers that are shown."""
        return len(self._store.state.snapshot.layers)

    def toggle(self) -> None:
        """Play or pause. A parked wave does neither."""
        settings, _, is_parked = self._store.state
        if not is_parked:
            self._store.apply(replace(settings, playing=not settings.playing))

    def point(self, columns: int) -> None:
        """Step by columns, to the right if positive. That is forward or back in time, depending on the pass."""
        settings, snapshot, _ = self._store.state
        steps = columns * wave.phase_at(settings.layer).ahead
        self._store.pause_at(wave.clamp_cursor(settings.layer + steps, self.depth, snapshot.has_forward))

    def pause_at_layer(self, index: int) -> None:
        """Pause at a layer, 0 the input, within the pass that the wave is in."""
        self._store.pause_at(wave.cursor_at(index, self.depth, wave.phase_at(self._store.settings.layer)))

    def _show(self, before: State, now: State) -> None:
        was, settings = before.settings, now.settings
        if (settings.playing, settings.speed, now.is_parked) != (was.playing, was.speed, before.is_parked):
            self._show_playing(now)
        if settings.layer != was.layer or now.snapshot is not before.snapshot:
            self._show_layer(now)

    def _show_playing(self, state: State) -> None:
        settings, _, is_parked = state
        plays = settings.playing and not is_parked
        write_in(self._play, "Pause" if plays else "Play")
        self._play.dataset.playing = "true" if plays else "false"
        self._play.disabled = is_parked
        by_id("reduced").hidden = not is_parked
        by_id("keys").hidden = is_parked
        write("playback-value", f"{settings.speed:g} ms")

    def _show_layer(self, state: State) -> None:
        settings, snapshot, _ = state
        depth = len(snapshot.layers)
        index = wave.layer_at(settings.layer, depth)
        phase = f", {wave.phase_at(settings.layer).name}" if snapshot.has_forward else ""
        name = wave.layer_name(index, depth, snapshot.names)
        shown = depth, f"{index + 1} of {depth}, {name}{phase}"
        if shown != self._shown:  # other magnitudes alone change nothing here
            self._shown = shown
            self._layer.max = depth
            self._layer.value = index + 1
            self._layer.setAttribute("aria-valuetext", shown[1])
