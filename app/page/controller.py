"""The page around the figure: transport, form, address. One state, `Settings`; everything shown follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from js import Event, KeyboardEvent, URLSearchParams, document, history, location

from ..browser.elements import by_id
from ..browser.handles import REDUCED_MOTION, Attribute, Interval, Listener, MediaQuery
from ..figure import wave
from ..figure.magnitudes import Magnitude
from ..figure.validation import check_length
from ..view.settings import (
    FIELDS,
    LOOK_PARAMETERS,
    RECORDED,
    Settings,
    check_look_parameters,
    fitted,
    parse_gradients,
    parse_layers,
    parse_speed,
    read_address,
    write_address,
    write_gradients,
    write_layers,
    write_query,
    write_speed,
)
from ..viz import GradientFlowViz
from .clipboard import CopyButtons
from .sources import PLAIN, Sources, given_props

OWN_KEYS = 'input, select, textarea, button, a, summary, [contenteditable], [tabindex="0"]'
STEP_KEYS = "[data-transport]"
_NAMES = tuple(field.name for field in FIELDS)
ADDRESS_PAUSE = 200  # ms of rest before the address is written: browsers refuse a flood of them (Safari: 100 in 30 s)


def is_read_on() -> bool:
    """Whether figure and form are out of view, further up: Space, Home and End are for reading then."""
    return all(by_id(name).getBoundingClientRect().bottom <= 0 for name in ("figure", "customize"))


class FormField:
    """A text field with its message: read on each input, wrong text is named beneath it and harms nothing else."""

    def __init__(self, name: str, use: Callable[[str], None]) -> None:
        self._input: Any = by_id(name)
        self._message: Any = by_id(f"{name}-message")
        self._use = use
        self._listener = Listener(self._input, "input", lambda _event: self.read())

    @property
    def text(self) -> str:
        """What stands in the field."""
        return str(self._input.value)

    @text.setter
    def text(self, text: str) -> None:
        if self._input.value != text:
            self._input.value = text

    def read(self) -> None:
        """Use the text, or name what is wrong with it."""
        try:
            self._use(self.text)
        except ValueError as error:
            self.complain(str(error))
        else:
            self.complain("")

    def complain(self, message: str) -> None:
        """Show what is wrong; nothing wrong is the empty string."""
        self._message.textContent = message
        self._input.setAttribute("aria-invalid", "true" if message else "false")


class Page:
    """The whole page; lives as long as its tab does."""

    def __init__(self) -> None:
        query = URLSearchParams.new(location.search)
        given = {name: query.get(name) for name in (*_NAMES, *LOOK_PARAMETERS, *RECORDED, "forward") if query.has(name)}
        self._settings, wrong = read_address(given)
        self.notice([*wrong, *check_look_parameters(given)])
        source = given.get("source") or ("recorded" if "run" in given else "synthesised")
        is_elsewhere = source == "computed" or "run" in given
        self._told = PLAIN if is_elsewhere else given_props(self._settings)
        self.is_embedded: bool = document.documentElement.hasAttribute("data-embed")  # web/before-paint.js has read it
        self.on_layer: Callable[[int], object] = lambda _cursor: None
        is_still = query.has("layer") or not self._settings.playing
        self._media = MediaQuery(REDUCED_MOTION, self._on_motion_preference)
        self._viz = GradientFlowViz(
            by_id("figure"),
            layers=self._settings.layers,
            gradients=[None] * len(self._settings.layers) if is_elsewhere else self._settings.gradients,
            **self._told,
            current_layer=self._settings.layer if is_still else None,
            on_current_layer_change=self._go,
            playing=self._settings.playing,
            play_speed=self._settings.speed,
        )
        # Parked, where reduced motion is preferred, or where the wave was before Python came.
        asked, self._settings.layer = self._settings.layer, self._viz.current_layer
        self._address = Interval(self._show_address)
        self._sources = Sources(self)
        self._bind_transport()
        self._bind_form()
        self._downloads: Any = None  # made at the first download
        self._listeners.append(Listener(document, "click", self._on_click))  # before the copy buttons' own
        self._copying = CopyButtons(by_id("announcement"))
        self._theme = Attribute(document.documentElement, "data-theme", self._show_snippets)
        self._show()
        self._sources.begin(source, dict(query.entries()), asked if is_still and not self._media.matches else None)

    @property
    def settings(self) -> Settings:
        """What the page shows."""
        return self._settings

    @property
    def is_parked(self) -> bool:
        """Whether the wave stands at the input, because reduced motion is preferred."""
        return self._media.matches

    @property
    def has_forward(self) -> bool:
        """Whether a forward pass goes before the wave: then there are cursors below 0."""
        return self._viz.has_forward

    def use(self, settings: Settings) -> None:
        """Show another view. Raises ValueError where it can't be shown, and then nothing has changed."""
        self._change(settings)
        self._write_form()

    def receive(self, files: Sequence[Any]) -> None:
        """Show the run in files, JavaScript's, that were dropped on the page, or pasted."""
        self._sources.receive(files)

    def _change(self, settings: Settings) -> None:
        self._sources.follow(settings)  # first: it may refuse
        self.adopt(settings)

    def adopt(self, settings: Settings) -> None:
        """Show settings that are already followed."""
        self._settings = fitted(settings)
        self.show_numbers()
        self._show()

    def show_numbers(self) -> None:
        """Hand the figure what there is to show now."""
        settings = self._settings
        self._told = self._sources.tell(settings)
        self._viz.update(
            layers=settings.layers,
            gradients=settings.gradients,
            **self._told,
            current_layer=settings.layer,
            playing=settings.playing,
            play_speed=settings.speed,
        )
        settings.layer = self._viz.current_layer  # without a forward pass there are fewer

    def obey(self, kept: Any) -> None:
        """Do what was done on the page before Python was there, in its order: web/loading-status.js has kept it."""
        for event in kept:
            if event.type == "click":
                event.target.click()
            elif event.type == "input":
                event.target.value = event.value
                event.target.dispatchEvent(Event.new("input", bubbles=True))
            else:
                event.target.dispatchEvent(KeyboardEvent.new(event.type, key=event.key, bubbles=True, cancelable=True))

    def _bind_transport(self) -> None:
        self._play, self._layer = by_id("play"), by_id("layer")
        self._listeners = [
            Listener(self._play, "click", lambda _event: self._toggle()),
            Listener(by_id("forward"), "click", lambda _event: self._point(-1)),
            Listener(by_id("back"), "click", lambda _event: self._point(1)),
            Listener(self._layer, "input", lambda _event: self._scrub()),
            Listener(document, "keydown", self._on_key),
        ]

    def _bind_form(self) -> None:
        self._architecture = FormField("architecture", self._use_architecture)
        self._gradients = FormField("gradients", self._use_gradients)
        self._playback = FormField("playback", self._use_playback)
        self._write_form()
        for preset in document.querySelectorAll("[data-preset]"):
            self._listeners.append(Listener(preset, "click", self._use_preset))

    def _write_form(self) -> None:
        if self._settings.recorded is None:  # else what was typed is kept for when they are given again
            self._architecture.text = write_layers(self._settings.layers)
            if self._settings.computed is None:
                self._gradients.text = write_gradients(self._settings.gradients).replace(",", ", ")
        self._playback.text = write_speed(self._settings.speed)

    # What people do. Each changes the settings, hands the figure what changed, and shows the rest.

    def _go(self, cursor: int) -> None:
        self._settings.layer = cursor
        self._viz.update(current_layer=cursor)
        self._show_layer()

    def _step(self, steps: int) -> None:
        """By hand: the wave waits, and what was stepped to stays; past either end there is nothing."""
        cursor = wave.clamp_cursor(self._settings.layer + steps, len(self._settings.layers), self.has_forward)
        self.pause_at(cursor)

    def _point(self, columns: int) -> None:
        """One column on, to the left where it is negative: forward in time or back, as the pass goes."""
        self._step(columns * wave.phase_at(self._settings.layer).ahead)

    def _scrub(self) -> None:
        self._pause_at_layer(int(self._layer.value) - 1)

    def _pause_at_layer(self, index: int) -> None:
        """At a layer, the input is 0, within the pass that the wave is in."""
        self.pause_at(wave.cursor_at(index, len(self._settings.layers), wave.phase_at(self._settings.layer)))

    def pause_at(self, cursor: int) -> None:
        """Go to where somebody wants it, and wait there."""
        if not self._media.matches:  # where nothing plays anyway, the wish to play is not taken back
            self._settings.playing = False
        self._settings.layer = cursor
        self._viz.update(current_layer=cursor, playing=self._settings.playing)
        self._show()

    def _toggle(self) -> None:
        if self._media.matches:
            return
        self._settings.playing = not self._settings.playing
        self._viz.update(playing=self._settings.playing)
        self._show()

    def _use_architecture(self, text: str) -> None:
        self._use_shape(parse_layers(text))

    def _use_preset(self, event: Any) -> None:
        self._architecture.text = event.currentTarget.dataset.preset
        self._architecture.read()

    def _use_gradients(self, text: str) -> None:
        gradients = parse_gradients(text)
        if gradients is not None:
            check_length(len(gradients), len(self._settings.layers), "Gradients")
        self._change(replace(self._settings, gradients=gradients))

    def _use_shape(self, layers: tuple[int, ...]) -> None:
        """Another architecture. Magnitudes typed for another depth stay in their field, and the series stands in."""
        changed, misfit = replace(self._settings, layers=layers, layer=self.fitting(layers)), ""
        if changed.computed is None:
            changed.gradients, misfit = self._gradients_for(len(layers))
        self._change(changed)
        self._gradients.complain(misfit)

    def fitting(self, layers: tuple[int, ...]) -> int:
        """Where the wave belongs in another architecture."""
        depth = len(layers)
        return depth - 1 if self._media.matches else wave.clamp_cursor(self._settings.layer, depth, self.has_forward)

    def _gradients_for(self, depth: int) -> tuple[tuple[Magnitude, ...] | None, str]:
        try:
            gradients = parse_gradients(self._gradients.text)
            if gradients is not None:
                check_length(len(gradients), depth, "Gradients")
        except ValueError as error:
            return None, f"{error}; the synthesised series stands in"
        return gradients, ""

    def go_back(self) -> None:
        """To what stands in the form: its architecture, and its magnitudes or the synthesised series."""
        plain = replace(self._settings, computed=None, recorded=None)
        if self._settings.recorded is not None:
            plain = replace(plain, layers=self._architecture_typed(), names=None, label=wave.LABEL)
        gradients, misfit = self._gradients_for(len(plain.layers))
        self._change(replace(plain, gradients=gradients, layer=self.fitting(plain.layers)))
        self._gradients.complain(misfit)

    def _architecture_typed(self) -> tuple[int, ...]:
        try:
            return parse_layers(self._architecture.text)
        except ValueError:
            return Settings.layers

    def _use_playback(self, text: str) -> None:
        self._settings.speed = parse_speed(text)
        self._viz.update(play_speed=self._settings.speed)
        self._show()

    def _on_click(self, event: Any) -> None:
        """Copied and downloaded is the view as it is now, not as it was when the address was written last."""
        button = event.target.closest("[data-copy], [data-download]")
        if not button:
            return
        self._show_address()
        if kind := getattr(button.dataset, "download", ""):
            from .downloads import Downloads  # noqa: PLC0415  # here: few visitors need it, and none at the start

            self._downloads = self._downloads or Downloads(by_id("download-message"))
            self._downloads.offer(kind, self._settings, self._told)

    def _on_key(self, event: Any) -> None:
        if event.defaultPrevented or event.ctrlKey or event.altKey or event.metaKey or event.shiftKey:
            return
        is_owned = bool(event.target.closest(OWN_KEYS))
        if not self._is_for_transport(event) if is_owned else is_read_on():
            return
        keys: dict[str, Callable[[], None]] = {
            " ": self._toggle,
            "ArrowLeft": lambda: self._point(-1),
            "ArrowRight": lambda: self._point(1),
            "Home": lambda: self._pause_at_layer(0),
            "End": lambda: self._pause_at_layer(len(self._settings.layers) - 1),
        }
        if event.key in keys:
            event.preventDefault()
            if not (event.repeat and event.key == " "):  # a key held down steps on, but doesn't flicker
                keys[event.key]()

    @staticmethod
    def _is_for_transport(event: Any) -> bool:
        """A transport button has its own Space, and the layer slider its own arrows; the other keys are free there."""
        if not event.target.closest(STEP_KEYS):
            return False
        is_slider = event.target.id == "layer"
        return bool(event.key == " ") if is_slider else bool(event.key != " ")

    def _on_motion_preference(self, reduced: bool) -> None:
        if reduced:
            self._settings.layer = len(self._settings.layers) - 1
        self._viz.update(current_layer=self._settings.layer)  # where it is parked is where it goes on from
        self._show()

    # What is shown.

    def _show(self) -> None:
        reduced = self._media.matches
        playing = self._settings.playing and not reduced
        self._play.textContent = "Pause" if playing else "Play"
        self._play.dataset.playing = "true" if playing else "false"
        self._play.disabled = reduced
        by_id("reduced").hidden = not reduced
        by_id("keys").hidden = reduced
        by_id("playback-value").textContent = f"{self._settings.speed:g} ms"
        self._sources.show()
        self._layer.max = len(self._settings.layers)
        self._show_layer()
        if not self.is_embedded:  # a frame's address is the work of the page around it
            self._address.start(ADDRESS_PAUSE)

    def _show_layer(self) -> None:
        depth = len(self._settings.layers)
        index = wave.layer_at(self._settings.layer, depth)
        self._layer.value = index + 1
        phase = f", {wave.phase_at(self._settings.layer).name}" if self.has_forward else ""
        name = wave.layer_name(index, depth, self._told["names"])
        self._layer.setAttribute("aria-valuetext", f"{index + 1} of {depth}, {name}{phase}")
        self._sources.show_layer(self._settings.layer)
        self.on_layer(self._settings.layer)

    def _show_address(self) -> None:
        self._address.stop()
        query = URLSearchParams.new(location.search)
        for name in (*_NAMES, *self._sources.names):
            query.delete(name)
        parts = str(query.toString()), write_query(write_address(self._settings))
        search = "&".join(part for part in parts if part)
        address = f"{location.pathname}{'?' + search if search else ''}{location.hash}"
        if address != f"{location.pathname}{location.search}{location.hash}":
            history.replaceState(None, "", address)
        self._show_snippets()

    def _show_snippets(self) -> None:
        from ..view.snippets import write_snippets  # noqa: PLC0415  # here: the first picture does without

        theme = getattr(document.documentElement.dataset, "theme", "")
        texts = write_snippets(self._settings, f"{location.origin}{location.pathname}", theme)
        for name, text in vars(texts).items():
            snippet = by_id(f"snippet-{name}")
            if snippet.textContent != text:
                snippet.textContent = text

    def notice(self, wrong: Iterable[str]) -> None:
        """Say, above the form, what of the address is wrong."""
        notices = by_id("notices")
        sentences = notices.querySelector("ul")
        for sentence in wrong:
            item = document.createElement("li")
            item.textContent = sentence
            sentences.appendChild(item)
        notices.hidden = not sentences.children.length
