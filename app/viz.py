"""GradientFlowViz: props in, SVG out. Owns its timer, its frame and its proxies until `destroy`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .browser.handles import REDUCED_MOTION, Callback, Frames, Interval, MediaQuery, animated_since, now
from .browser.mount import bring_styles, find_root
from .figure import handoff, wave
from .figure.layer_labels import place_lit_label, shorten_lit_label
from .figure.layout import Layout, lay_out, tag_place
from .figure.markup import column_labels_markup, drawing_markup, figure_markup, lit_label_markup, number
from .figure.props import Props, change_props, make_props
from .spring import Fades

if TYPE_CHECKING:
    from typing import Unpack

    from .figure.magnitudes import Magnitude
    from .figure.props import GivenProps

FIGURE_CLASS = "gradient-flow"
PRERENDERED = "data-prelude"
PHASE_ATTRIBUTE = "data-phase"
TEXT_SELECTORS = (
    ".gradient-flow-title",
    ".gradient-flow-direction",
    "[data-part=readout]",
    "[data-part=tag]",
    "[data-part=summary]",
)
COLUMN_LABEL_SELECTORS = (
    ".gradient-flow-counts, .gradient-flow-names, .gradient-flow-name"  # what stands beneath the columns
)
READOUT_CHARS = 22  # characters of a readout beside the label, as viz.css has it for the label that is usual

MIN_ANNOUNCEMENT_MS = (
    500.0  # ms: a screen reader can't say the magnitudes of every frame, so it gets the latest so often
)
OPACITIES = tuple(f"{glow / 1000:.3f}" for glow in range(1001))


class GradientFlowViz:
    """A network drawn in `root`, with a wave that travels from the loss side to the input.

    `root` is an element or a CSS selector; it becomes the figure. The props are keyword arguments:

    - `layers`: neurons per layer, input first: 1 to 256 layers of 1 to 1024 neurons.
    - `gradients`: one magnitude per layer, input first, ≥ 0. NaN and infinity are shown as `NaN` and `∞`. `None` is a
      layer without a magnitude, shown as `–`. Without them: the vanishing series 0.55^(depth − 1 − l).
    - `label`: the name of the magnitudes, such as `RMS ∂L/∂a`; 1 to 24 printable characters.
    - `names`: the names of the layers, input first, 1 to 200 printable characters each. They replace the neuron counts
      below the columns, shortened to fit. If too little of them fits, only the lit layer's name is shown. `None`:
      layers are announced as `input`, `hidden 1` … `output`.
    - `activations`: the root mean square of each layer's activations, input first, as `gradients` are. With them, each
      round of the wave begins with a forward pass, from the input to the output. `None`: the wave is backward only.
    - `current_layer`: the controlled cursor: 0 at the loss side, depth − 1 at the input; in a forward pass from −depth
      at the input to −1 at the output; clamped. While it is given, only `update(current_layer=…)` moves the wave.
      `None`: the component moves it.
    - `default_current_layer`: the first position of an uncontrolled cursor. Without it, a forward pass comes first.
    - `on_current_layer_change`: called with the new cursor on each advance; in controlled mode, with the requested one.
    - `playing`: true if the wave advances by itself. After the input it starts again.
    - `play_speed`: milliseconds between two advances; less than 80 counts as 80.
    - `transition`: how halos and nodes fade. One of `SPRINGS`, `Spring(stiffness, damping, mass)`,
      `Spring(visual_duration=…, bounce=…)`, `Tween(duration, easing)` or `INSTANT`; durations are in seconds.
    - `class_name`: classes that are added to the element's own.

    A prerendered figure in `root`, whose wave runs by CSS, is taken over as it stands: same depth, uncontrolled, and
    the wave goes on from the layer that is lit.

    Its style sheet comes with it where the page has not linked it. The page's rules of the same weight give way to that
    one; its colours, on :root or on the figure, do not.

    Where reduced motion is preferred the cursor parks at the input, nothing plays and nothing fades; a later
    `update(current_layer=…)` is somebody's own step and is obeyed at once.

    Raises LookupError when no element matches `root`, TypeError for an unknown prop, ValueError for a wrong value:
    the message names prop, rule and value, and nothing has changed.
    """

    def __init__(self, root: Any, **props: Unpack[GivenProps]) -> None:
        self._props: Props = make_props(props)
        self._root: Any = find_root(root, "GradientFlowViz")
        bring_styles("viz.css")
        self._destroyed = False
        self._notify = Callback("GradientFlowViz", "on_current_layer_change")
        self._classes: list[str] = []
        self._timer = Interval(self._tick)
        self._frames = Frames(self._draw_frame)
        self._news = Interval(self._write)  # other magnitudes that are still to be announced
        self._motion = MediaQuery(REDUCED_MOTION, self._on_motion_preference)
        self._reduced: bool = self._motion.matches
        self._quiet_until = 0.0  # ms
        self._phase = ""  # what the root says of it: nothing where there is but one
        self._cursor: int = self._props.depth - 1 if self._reduced else self._clamp(self._start(props))
        set_out = self._find_prelude()
        if set_out is None:
            self._render()
            self._pace()
        else:
            self._take_over(set_out)

    @property
    def current_layer(self) -> int:
        """Where the cursor is: 0 at the loss side, depth − 1 at the input; in a forward pass −depth … −1."""
        return self._cursor

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers shown."""
        return self._props.layers

    @property
    def gradients(self) -> tuple[Magnitude, ...]:
        """The magnitudes shown, one a layer: those given, or the synthesised series."""
        return self._props.magnitudes

    @property
    def has_forward(self) -> bool:
        """Whether each round begins with a forward pass: there are cursors from −depth on."""
        return self._props.has_forward

    def update(self, **props: Unpack[GivenProps]) -> None:
        """Change some props; what they don't touch stays as it is. Raises as the constructor does, changing nothing."""
        self._check_alive("update")
        old, new = self._props, change_props(self._props, props)
        self._props = new
        if new.class_name != old.class_name:
            self._put_classes()
        if new.transition != old.transition:
            self._fades.turn_to(new.transition, now())
        cursor = self._wanted_cursor(old, props)
        if new.names != old.names and new.layers == old.layers:
            self._view.rename(self._look.layer, new.names)
        if new.layers != old.layers:
            self._cursor = cursor
            self._redraw()
        elif cursor != self._cursor:
            self._move(cursor)
        elif new.wave_frame(cursor) != old.wave_frame(cursor) or new.has_forward != old.has_forward:
            self._rewrite()
        if self._beat(new) != self._beat(old):
            self._pace()

    def destroy(self) -> None:
        """Cancel timer, frame and listener, free every proxy, empty the root. A second call is harmless."""
        if self._destroyed:
            return
        self._destroyed = True
        self._timer.destroy()
        self._news.destroy()
        self._frames.destroy()
        self._motion.destroy()
        self._root.replaceChildren()
        self._root.removeAttribute("role")
        self._root.removeAttribute("aria-labelledby")
        self._root.removeAttribute(PHASE_ATTRIBUTE)
        for name in self._classes:
            self._root.classList.remove(name)
        del self._view, self._root

    def _check_alive(self, method: str) -> None:
        if self._destroyed:
            raise RuntimeError(f"GradientFlowViz: {method}() was called after destroy(); make a new one")

    @property
    def _look(self) -> wave.WaveFrame:
        return self._props.wave_frame(self._cursor)

    def _clamp(self, cursor: int) -> int:
        return wave.clamp_cursor(cursor, self._props.depth, self._props.has_forward)

    def _start(self, given: GivenProps) -> int:
        """Where the cursor starts: where it is held, or is told to, or where a round begins."""
        if self._props.current_layer is not None:
            return self._props.current_layer
        first = wave.first_cursor(self._props.depth, self._props.has_forward)
        return self._props.default_current_layer if "default_current_layer" in given else first

    def _wanted_cursor(self, old: Props, given: GivenProps) -> int:
        """Where the cursor belongs after an update: where it was told to be, parked, or where it is."""
        told = given.get("current_layer") if self._reduced else self._props.current_layer
        if told is not None:
            return self._clamp(int(told))
        if self._reduced and self._props.layers != old.layers:
            return self._props.depth - 1
        return self._clamp(self._cursor)

    def _find_prelude(self) -> float | None:
        """When the wave by CSS set out in the root's prerendered figure; None where there is none to go on from."""
        halos = self._root.querySelectorAll('[data-part="halo"]')
        is_elsewhere = self._props.current_layer is not None or self._props.has_forward or self._reduced
        if not self._root.hasAttribute(PRERENDERED) or is_elsewhere or len(halos) != self._props.depth:
            return None
        return animated_since(halos[0])

    def _take_over(self, set_out: float) -> None:
        """Go on as if the wave had been this figure's own so far: the same glows, speeds and beat."""
        depth, moment = self._props.depth, now()
        self._cursor = handoff.cursor_after(moment - set_out, depth)
        self._render()
        self._fades = handoff.fades_after(moment - set_out, depth, moment)
        self._fades.turn_to(self._props.transition, moment)  # from here on: a frame may be stamped before this moment
        self._view.show_glows(self._fades.moves(now()))
        beat = max(self._props.play_speed - handoff.BEAT_MS, 0.0) + 1000.0 * handoff.seconds_to_next(moment - set_out)
        self._pace(max(beat - 1000.0 * (now() - moment), 0.0))
        self._frames.start()

    def _render(self) -> None:
        title_id = f"{FIGURE_CLASS}-{id(self):x}"
        layout = lay_out(self._props.layers)
        self._root.innerHTML = figure_markup(layout, self._look, title_id, self._props.names)
        self._root.setAttribute("role", "figure")
        self._root.setAttribute("aria-labelledby", title_id)
        self._root.removeAttribute(PRERENDERED)
        self._put_classes()
        self._put_phase()
        self._attach(layout)

    def _redraw(self) -> None:
        """A new drawing in the place of the old one; title, readout and live region stay the same elements."""
        layout = lay_out(self._props.layers)
        self._frames.stop()
        self._view.drawing.outerHTML = drawing_markup(layout, self._look, self._props.names)
        self._attach(layout)
        self._write()

    def _attach(self, layout: Layout) -> None:
        self._view = _View(self._root, layout, self._look)
        self._fades = Fades(self._targets(), self._props.transition)

    def _targets(self) -> list[float]:
        look = self._look
        return wave.glow_targets(look.layer, look.depth, look.phase)

    def _put_phase(self) -> None:
        """By this the style sheet tells a forward pass; the elements are the same."""
        phase = self._look.phase.name if self._props.has_forward else ""
        if phase != self._phase:
            self._phase = phase
            if phase:
                self._root.setAttribute(PHASE_ATTRIBUTE, phase)
            else:
                self._root.removeAttribute(PHASE_ATTRIBUTE)

    def _put_classes(self) -> None:
        """Take back the classes added so far and add those wanted; the root's own are never touched."""
        for name in self._classes:
            self._root.classList.remove(name)
        wanted = dict.fromkeys((FIGURE_CLASS, *self._props.class_name.split()))
        self._classes = [name for name in wanted if not self._root.classList.contains(name)]
        for name in self._classes:
            self._root.classList.add(name)

    @staticmethod
    def _beat(props: Props) -> tuple[object, ...]:
        """What the timer follows from."""
        return props.playing, props.play_speed, props.depth, props.has_forward

    def _pace(self, first: float | None = None) -> None:
        """Start or stop the timer as the props and the preference say; the first advance in `first` ms."""
        has_two = self._props.depth > 1 or self._props.has_forward
        if self._props.playing and not self._reduced and has_two:
            self._timer.start(self._props.play_speed, first)
        else:
            self._timer.stop()

    def _tick(self) -> None:
        cursor = wave.next_cursor(self._cursor, self._props.depth, self._props.has_forward)
        if self._props.current_layer is None:
            self._move(cursor)
        self._notify(self._props.on_current_layer_change, cursor)  # last: it may well destroy or update this figure

    def _move(self, cursor: int) -> None:
        self._cursor = cursor
        targets = self._targets()
        self._view.show_states(self._look)
        self._write()
        if self._reduced:
            self._fades.jump(targets)
            self._view.show_glows(enumerate(self._fades.values))
        else:
            self._fades.aim(targets, now())
            self._frames.start()

    def _write(self) -> None:
        self._news.stop()
        self._put_phase()
        self._view.show_texts(self._look)

    def _rewrite(self) -> None:
        """Other texts for where the wave is; what is announced follows a little later where it just was anew."""
        moment = 1000.0 * now()
        if moment >= self._quiet_until:
            self._quiet_until = moment + MIN_ANNOUNCEMENT_MS
            self._write()
            return
        self._put_phase()
        self._view.show_texts(self._look, announced=False)
        if not self._news.is_running:
            self._news.start(self._quiet_until - moment)

    def _draw_frame(self, seconds: float) -> bool:
        self._view.show_glows(self._fades.moves(seconds))
        return self._fades.is_moving

    def _on_motion_preference(self, reduced: bool) -> None:
        self._reduced = reduced
        if reduced:
            self._frames.stop()
            self._move(self._props.depth - 1)
        elif self._props.current_layer is not None:
            self._move(self._clamp(self._props.current_layer))
        self._pace()


class _View:
    """The elements of one drawing that change, each looked up once."""

    def __init__(self, root: Any, layout: Layout, look: wave.WaveFrame) -> None:
        self._layout = layout
        self.drawing: Any = root.querySelector("svg")
        self._texts: list[Any] = [root.querySelector(text) for text in TEXT_SELECTORS]
        _, _, self._readout, self._tag, _ = self._texts
        # What they say, kept: reading it back costs more than all else of an update that says nothing new.
        self._said = [str(text.textContent) for text in self._texts]
        self._layers: list[Any] = list(self.drawing.querySelectorAll("[data-layer]"))
        # Bound methods, kept: looking one up for each frame costs as much as calling it.
        self._halos: list[Any] = [halo.setAttribute for halo in self.drawing.querySelectorAll('[data-part="halo"]')]
        self._active = look
        self._tagged = look.layer, len(look.label)
        self._name = self._find_name()
        self._roomy = len(wave.LABEL)  # as the style sheet has it
        self._make_room(look.label)
        glows = wave.glow_targets(look.layer, look.depth, look.phase)
        self._shown = [round(glow * 1000) for glow in glows]

    def show_glows(self, glows: Iterable[tuple[int, float]]) -> None:
        """Write each layer's opacity where it changes; a spring may swing a little past what one can be."""
        shown, halos = self._shown, self._halos
        for layer, glow in glows:
            step = int(glow * 1000.0 + 0.5)  # a finer one is not seen, and each write is a repaint
            if step != shown[layer]:
                shown[layer] = step
                halos[layer]("opacity", OPACITIES[step] if 0 <= step <= 1000 else OPACITIES[0 if step < 0 else 1000])

    def show_states(self, look: wave.WaveFrame) -> None:
        """Mark what the wave does with each layer, where that has changed."""
        reach = range(len(wave.STATES))
        touched = {at.layer + at.phase.ahead * distance for at in (self._active, look) for distance in reach}
        self._active = look
        for index in touched:
            if 0 <= index < look.depth:
                state = wave.layer_state(index, look.layer, look.phase)
                self._layers[index].setAttribute("data-state", state)

    def show_texts(self, look: wave.WaveFrame, announced: bool = True) -> None:
        """Write the texts where they change, the sentence that is announced last: it is not said twice."""
        texts = (look.phase.title, look.phase.direction, look.readout, look.tag, look.summary)
        for index, text in enumerate(texts if announced else texts[:-1]):
            if text != self._said[index]:
                self._said[index] = self._texts[index].textContent = text
        place = look.layer, len(look.label)
        if place != self._tagged:
            self._tagged = place
            self._make_room(look.label)
            _put(self._tag, tag_place(self._layout, *place))
            if self._name:
                self._name.textContent = name = shorten_lit_label(look.name)
                _put(self._name, place_lit_label(self._layout, look.layer, name))

    def rename(self, layer: int, names: Sequence[str] | None) -> None:
        """Other names beneath the columns, or none, with the wave at a layer."""
        for element in self.drawing.querySelectorAll(COLUMN_LABEL_SELECTORS):
            element.remove()
        markup = column_labels_markup(self._layout, names) + lit_label_markup(self._layout, layer, names)
        self.drawing.insertAdjacentHTML("beforeend", markup)
        self._name = self._find_name()

    def _find_name(self) -> Any:
        """What says the lit layer's name alone; nothing where those of all fit, or there are none."""
        return self.drawing.querySelector("[data-part=name]")

    def _make_room(self, label: str) -> None:
        """Let the readout be as wide, and on a narrow page as high, as any magnitude with this label."""
        if len(label) != self._roomy:
            self._roomy = len(label)
            self._readout.style.minWidth = f"min({READOUT_CHARS + len(label)}ch, 100%)"
            self._readout.toggleAttribute("data-long", len(label) > wave.MAX_SHORT_LABEL_CHARS)


def _put(text: Any, place: tuple[float, str]) -> None:
    """Move a text of the drawing to an x and its `text-anchor`."""
    x, anchor = place
    text.setAttribute("x", number(x))
    text.setAttribute("text-anchor", anchor)
