"""The state of the page: the settings and the source's snapshot. All that the page shows follows from it. Pure.

store = Store(Settings())
stop = store.subscribe(lambda before, now: print(now.snapshot.gradients))
store.apply(replace(store.settings, layers=(3, 3)))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ..figure.wave import clamp_cursor
from ..view.settings import Settings, drop_misfits
from ..view.snapshot import Snapshot, State
from .synthesised import SynthesisedSource

if TYPE_CHECKING:
    from ..view.source import Source

Subscriber = Callable[[State, State], None]


class Store:
    """Holds the state. A change is applied completely or not at all, and each subscriber is told once.

    `is_awaited`: the source in the settings is still to be loaded. Until then its magnitudes are shown as missing.
    """

    def __init__(self, settings: Settings, *, is_awaited: bool = False, is_parked: bool = False) -> None:
        self._given = SynthesisedSource(settings)
        self._source: Source | None = None  # the open one, if it isn't that
        self._is_awaited = is_awaited
        self._missing = Snapshot(settings.layers, (None,) * len(settings.layers))
        self._subscribers: list[Subscriber] = []
        self._untold: list[tuple[State, State]] = []
        self._state = State(settings, self._shown(settings), is_parked)

    @property
    def state(self) -> State:
        """The settings and the snapshot shown for them."""
        return self._state

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self._state.settings

    @property
    def source(self) -> Source:
        """The source of the magnitudes that are shown."""
        return self._source if self._source is not None and self._source.snapshot is not None else self._given

    @property
    def view(self) -> Settings:
        """The settings with the layers, the magnitudes, the names and the label of the snapshot."""
        settings, snapshot = self._state.settings, self.source.snapshot or self._state.snapshot
        return replace(
            settings,
            layers=snapshot.layers,
            gradients=snapshot.gradients,
            names=snapshot.names,
            label=snapshot.label,
            source=snapshot.source,
        )

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` after each change with the states before and after it. Returns a function that ends this."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def apply(self, settings: Settings) -> None:
        """Change the settings. Raises ValueError if the source refuses them, and then nothing has changed."""
        settings = drop_misfits(settings)
        if self._source is not None and settings.source == self.settings.source:
            self._source.follow(settings)
        self._change(settings)

    def apply_view(self, view: Settings) -> None:
        """Apply the differences between a view and the one that is shown. Raises ValueError as `apply` does."""
        shown = self.view
        if shown.source == "recorded" and view.source != shown.source:  # the layers of the run stay
            self.apply(view)
            return
        names = {field.name for field in fields(Settings) if getattr(view, field.name) != getattr(shown, field.name)}
        if "gradients" in names and view.gradients is not None:
            names.add("source")  # also if another one is awaited
        self.apply(replace(self.settings, **{name: getattr(view, name) for name in names}))

    def enter(self, source: Source | None) -> None:
        """Open a source. It is shown as soon as it publishes a snapshot. None: no source is open."""
        self._source = source

    def publish(
        self, snapshot: Snapshot | None, *, layers: tuple[int, ...] | None = None, layer: int | None = None
    ) -> None:
        """Show a snapshot of the chosen source, or nothing for None. A snapshot of another source is ignored."""
        if snapshot is not None and snapshot.source != self.settings.source:
            return
        self._is_awaited = False
        settings = self.settings
        layers = settings.layers if layers is None else layers
        self._change(drop_misfits(replace(settings, layers=layers, layer=settings.layer if layer is None else layer)))

    def move_to(self, cursor: int) -> None:
        """Move the wave to a cursor."""
        self._change(replace(self.settings, layer=cursor))

    def pause_at(self, cursor: int) -> None:
        """Move the wave to a cursor and pause it there. A parked wave keeps its setting to play."""
        self._change(replace(self.settings, layer=cursor, playing=self.settings.playing and self._state.is_parked))

    def park(self, is_parked: bool) -> None:
        """Park the wave at the input, or let it go on from there."""
        layer = len(self._state.snapshot.layers) - 1 if is_parked else self.settings.layer
        self._change(replace(self.settings, layer=layer), is_parked=is_parked)

    def _shown(self, settings: Settings) -> Snapshot:
        """The snapshot that is shown for these settings."""
        found = None if self._source is None else self._source.snapshot
        if found is not None:
            return found
        self._given.follow(settings)
        if not self._is_awaited:
            return self._given.snapshot
        if self._missing.layers != settings.layers:
            self._missing = Snapshot(settings.layers, (None,) * len(settings.layers))
        return self._missing

    def _change(self, settings: Settings, *, is_parked: bool | None = None) -> None:
        before = self._state
        if settings.source != before.settings.source:
            self._source, self._is_awaited = None, False
        parked = before.is_parked if is_parked is None else is_parked
        snapshot = self._shown(settings)
        layer = _fitting(settings.layer, before, snapshot, parked)
        if layer != settings.layer:
            settings = replace(settings, layer=layer)
        self._state = State(settings, snapshot, parked)
        if (settings, parked) != (before.settings, before.is_parked) or snapshot is not before.snapshot:
            self._tell(before)

    def _tell(self, before: State) -> None:
        """Tell all subscribers. If one of them makes another change, all are told of it afterwards."""
        self._untold.append((before, self._state))
        if len(self._untold) > 1:
            return
        try:
            while self._untold:
                for callback in tuple(self._subscribers):
                    if callback in self._subscribers:  # an earlier one may have ended it
                        callback(*self._untold[0])
                self._untold.pop(0)
        finally:
            self._untold.clear()


def _fitting(cursor: int, before: State, snapshot: Snapshot, is_parked: bool) -> int:
    """The cursor clamped to the snapshot. If the depth changes, a parked wave that was not moved goes to the input."""
    depth = len(snapshot.layers)
    is_moved = cursor != before.settings.layer
    if is_parked and not is_moved and depth != len(before.snapshot.layers):
        return depth - 1
    return clamp_cursor(cursor, depth, snapshot.has_forward)
