"""The text fields of the form: architecture with presets, gradients, playback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from js import document

from ..browser.elements import by_id, show_error, write_value
from ..browser.handles import Listener
from ..figure.validation import check_length
from ..view.settings import (
    SYNTHESISED,
    Settings,
    parse_gradients,
    parse_layers,
    parse_speed,
    write_gradients,
    write_layers,
    write_speed,
)
from ..view.snapshot import State
from .store import Store


class FormField:
    """A field that is read on each input. A wrong text changes nothing, and its message stands below the field."""

    def __init__(self, name: str, use: Callable[[str], None]) -> None:
        self._input: Any = by_id(name)
        self._use = use
        self._listener = Listener(self._input, "input", lambda _event: self.read())

    @property
    def text(self) -> str:
        """The text in the field."""
        return str(self._input.value)

    def write(self, text: str) -> None:
        """Write a text into the field, if it changes."""
        write_value(self._input, text)

    def read(self) -> None:
        """Use the text, or show what is wrong with it."""
        try:
            self._use(self.text)
        except ValueError as error:
            self.complain(str(error))
        else:
            self.complain("")

    def complain(self, message: str) -> None:
        """Show an error message; the empty string removes it."""
        show_error(self._input, message)


class Form:
    """Reads the fields into the store, and writes a field when its setting changes elsewhere."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._typed: Settings | None = None  # the settings read from a field, while they are applied
        self._architecture = FormField("architecture", self._use_architecture)
        self._gradients = FormField("gradients", self._use_gradients)
        self._playback = FormField("playback", self._use_playback)
        self._listeners = [
            Listener(preset, "click", self._use_preset) for preset in document.querySelectorAll("[data-preset]")
        ]
        store.subscribe(self._show)
        self._write_all(store.settings)
        self._show_fields(store.state)

    def _use_architecture(self, text: str) -> None:
        layers = parse_layers(text)
        try:
            gradients = parse_gradients(self._gradients.text)  # they may fit this depth
        except ValueError:
            gradients = None
        self._apply(replace(self._store.settings, layers=layers, gradients=gradients))

    def _use_preset(self, event: Any) -> None:
        self._architecture.write(event.currentTarget.dataset.preset)
        self._architecture.read()

    def _use_gradients(self, text: str) -> None:
        """Show magnitudes that are typed, whichever source is chosen."""
        settings = self._store.settings
        gradients = parse_gradients(text)
        if gradients is not None:
            check_length(len(gradients), len(settings.layers), "Gradients")
            settings = replace(settings, source=SYNTHESISED)
        self._apply(replace(settings, gradients=gradients))

    def _use_playback(self, text: str) -> None:
        self._apply(replace(self._store.settings, speed=parse_speed(text)))

    def _apply(self, settings: Settings) -> None:
        """Apply settings that were typed, without writing their field."""
        self._typed = settings
        try:
            self._store.apply(settings)
        finally:
            self._typed = None

    def _show(self, before: State, now: State) -> None:
        was, settings = before.settings, now.settings
        typed = self._typed or was
        if settings.layers not in (was.layers, typed.layers):
            self._architecture.write(write_layers(settings.layers))
            self._architecture.complain("")
        if settings.gradients not in (was.gradients, typed.gradients):
            self._gradients.write(_gradients_text(settings))
        if settings.speed not in (was.speed, typed.speed):
            self._playback.write(write_speed(settings.speed))
        if (settings.gradients, settings.layers) != (was.gradients, was.layers):
            self._gradients.complain(_misfit(self._gradients.text, settings))
        if now.snapshot.source != before.snapshot.source:
            self._show_fields(now)

    @staticmethod
    def _show_fields(state: State) -> None:
        """Hide the fields that the source does not use."""
        source = state.snapshot.source
        by_id("architecture-field").hidden = by_id("presets").hidden = source == "recorded"
        by_id("gradients-field").hidden = source != SYNTHESISED

    def _write_all(self, settings: Settings) -> None:
        self._architecture.write(write_layers(settings.layers))
        self._gradients.write(_gradients_text(settings))
        self._playback.write(write_speed(settings.speed))


def _gradients_text(settings: Settings) -> str:
    return write_gradients(settings.gradients).replace(",", ", ")


def _misfit(text: str, settings: Settings) -> str:
    """The error in the text, or that the magnitudes are of another depth. They are kept until they fit again."""
    try:
        parse_gradients(text)
        if settings.gradients is not None:
            check_length(len(settings.gradients), len(settings.layers), "Gradients")
    except ValueError as error:
        return f"{error}; the synthesised series stands in"
    return ""
