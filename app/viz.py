"""GradientFlowViz: props in, SVG out. It owns its timer, its frame and its proxies until `destroy`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .browser.handles import REDUCED_MOTION, Callback, Frames, Interval, MediaQuery, animated_since, now
from .browser.mount import Mount, bring_styles
from .drawing import Drawing
from .figure import handoff, wave
from .figure.layout import Layout, lay_out
from .figure.legend import live_fills
from .figure.markup import drawing_markup, figure_markup
from .figure.props import STEPS, Props, change_props, make_props
from .spring import Fades

if TYPE_CHECKING:
    from typing import Unpack

    from .figure.magnitudes import Magnitude
    from .figure.markup import NodeFills
    from .figure.props import GivenProps

FIGURE_CLASS = "gradient-flow"
PRERENDERED = "data-prerendered"
PHASE_ATTRIBUTE = "data-phase"
MIN_ANNOUNCEMENT_MS = 500.0  # between two announcements: a screen reader can't read the magnitudes of every frame


class GradientFlowViz:
    """A network drawn in `root`, with a wave that travels from the loss side to the input.

    `root` is an element or a CSS selector; it becomes the figure. A figure that was there before ends.

    The props are keyword arguments:

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
    - `announce`: what a screen reader announces. `advance`: each advance. `steps`: a step by hand and a pause, but
      nothing while the wave plays by itself or the magnitudes change.
    - `shading`: the meaning of the nodes' fill. `wave`: the wave. `magnitude`: the logarithm of the layer's magnitude,
      with a legend; the wave is then an outline and a glow around the nodes. NaN is a lattice, infinity is solid, 0 has
      a line at the bottom, and a layer without a magnitude is empty.
    - `domain`: the two magnitudes at the ends of the shading's colour scale, the lower one first. Others get the colour
      of the nearer end. `None`: the whole decades around the magnitudes.

    If `root` holds a prerendered figure of the same depth, whose wave runs by CSS, an uncontrolled component takes it
    over: the wave goes on from the lit layer.

    The component adds its style sheet if the page has not linked it. That sheet wins over the page's rules of the same
    specificity, but not over the page's colours on :root or on the figure.

    With reduced motion the cursor parks at the input, nothing plays and nothing fades. A later
    `update(current_layer=…)` is a deliberate step and moves the wave at once.

    Raises LookupError if no element matches `root`, TypeError for an unknown prop, ValueError for a wrong value: the
    message names the prop, the rule and the value, and nothing has changed.
    """

    def __init__(self, root: Any, **props: Unpack[GivenProps]) -> None:
        self._props: Props = make_props(props)
        self._destroyed = False
        self._mount = Mount(root, "GradientFlowViz", self.destroy)
        self._root: Any = self._mount.element
        bring_styles("viz.css")
        self._notify = Callback("GradientFlowViz", "on_current_layer_change")
        self._timer = Interval(self._tick)
        self._frame_loop = Frames(self._draw_frame)
        self._announcement = Interval(self._write)  # for changed magnitudes
        self._motion = MediaQuery(REDUCED_MOTION, self._on_motion_preference)
        self._reduced: bool = self._motion.matches
        self._quiet_until = 0.0  # ms
        self._next: int | None = None  # the cursor of the wave's own advance, for which the timer has just asked
        self._phase = ""  # the root's data-phase; empty without a forward pass
        self._cursor: int = self._props.depth - 1 if self._reduced else self._clamp(self._start_cursor(props))
        start = self._find_prerendered_wave()
        if start is None:
            self._render()
            self._pace()
        else:
            self._take_over(start)

    @property
    def current_layer(self) -> int:
        """The cursor: 0 at the loss side, depth − 1 at the input; in a forward pass −depth … −1."""
        return self._cursor

    @property
    def layers(self) -> tuple[int, ...]:
        """Neurons per layer, as shown."""
        return self._props.layers

    @property
    def gradients(self) -> tuple[Magnitude, ...]:
        """The magnitudes shown, one per layer: the given ones, or the synthesised series."""
        return self._props.magnitudes

    @property
    def has_forward(self) -> bool:
        """True if each round begins with a forward pass; then cursors start at −depth."""
        return self._props.has_forward

    def update(self, **props: Unpack[GivenProps]) -> None:
        """Change some props; all others stay. Raises as the constructor does, and then nothing has changed."""
        self._check_alive("update")
        old, new, before = self._props, change_props(self._props, props), self._cursor
        self._props = new
        if new.class_name != old.class_name:
            self._put_classes()
        if new.transition != old.transition:
            self._fades.turn_to(new.transition, now())
        cursor = self._wanted_cursor(old, props)
        if new.names != old.names and new.layers == old.layers:
            self._view.rename(self._frame.layer, new.names)
        self._show_change(old, new, cursor)
        if self._beat(new) != self._beat(old):
            self._pace(is_moved=cursor != before)
        elif new.announce != old.announce:
            self._view.set_live(self._is_aloud(not self._timer.is_running))

    def _show_change(self, old: Props, new: Props, cursor: int) -> None:
        """Show other layers, magnitudes or another cursor, by as few changes of the page as possible."""
        if new.shading != old.shading:
            self._cursor = cursor
            self._frame_loop.stop()
            self._render()
            return
        if new.layers != old.layers:
            self._cursor = cursor
            self._redraw()
            return
        if (new.magnitudes, new.domain, new.label) != (old.magnitudes, old.domain, old.label):
            self._view.shade(self._fills())
        if cursor != self._cursor:
            self._move(cursor)
        elif new.wave_frame(cursor) != old.wave_frame(cursor) or new.has_forward != old.has_forward:
            self._rewrite()

    def destroy(self) -> None:
        """Cancel timer, frame and listener, free every proxy, empty the root. A second call is harmless."""
        if self._destroyed:
            return
        self._destroyed = True
        self._timer.destroy()
        self._announcement.destroy()
        self._frame_loop.destroy()
        self._motion.destroy()
        self._root.replaceChildren()
        self._root.removeAttribute("role")
        self._root.removeAttribute("aria-labelledby")
        self._root.removeAttribute(PHASE_ATTRIBUTE)
        self._mount.destroy()
        del self._view, self._root

    def _check_alive(self, method: str) -> None:
        if self._destroyed:
            raise RuntimeError(f"GradientFlowViz: {method}() was called after destroy(); make a new one")

    @property
    def _frame(self) -> wave.WaveFrame:
        return self._props.wave_frame(self._cursor)

    def _clamp(self, cursor: int) -> int:
        return wave.clamp_cursor(cursor, self._props.depth, self._props.has_forward)

    def _start_cursor(self, given: GivenProps) -> int:
        """The first cursor: the controlled one, the given default, or the start of a round."""
        if self._props.current_layer is not None:
            return self._props.current_layer
        first = wave.first_cursor(self._props.depth, self._props.has_forward)
        return self._props.default_current_layer if "default_current_layer" in given else first

    def _wanted_cursor(self, old: Props, given: GivenProps) -> int:
        """The cursor after an update: the controlled one, the parked one, or the present one."""
        wanted = given.get("current_layer") if self._reduced else self._props.current_layer
        if wanted is not None:
            return self._clamp(int(wanted))
        if self._reduced and self._props.layers != old.layers:
            return self._props.depth - 1
        return self._clamp(self._cursor)

    def _find_prerendered_wave(self) -> float | None:
        """The start time of the wave in the root's prerendered figure; None if there is none to take over."""
        halos = self._root.querySelectorAll('[data-part="halo"]')
        is_elsewhere = self._props.current_layer is not None or self._props.has_forward or self._reduced
        if not self._root.hasAttribute(PRERENDERED) or is_elsewhere or len(halos) != self._props.depth:
            return None
        return animated_since(halos[0])

    def _take_over(self, start: float) -> None:
        """Continue the prerendered wave, which started at `start`, with the same glows, speeds and beat."""
        depth, moment = self._props.depth, now()
        self._cursor = handoff.cursor_after(moment - start, depth)
        self._render()
        self._fades = handoff.fades_after(moment - start, depth, moment)
        self._fades.turn_to(self._props.transition, moment)  # before the first frame, whose time stamp may be earlier
        self._view.show_glows(self._fades.moves(now()))
        beat = max(self._props.play_speed - handoff.BEAT_MS, 0.0) + 1000.0 * handoff.seconds_to_next(moment - start)
        self._pace(max(beat - 1000.0 * (now() - moment), 0.0))
        self._frame_loop.start()

    def _render(self) -> None:
        layout, title_id = lay_out(self._props.layers), self._ident
        self._root.innerHTML = figure_markup(layout, self._frame, title_id, self._props.names, fills=self._fills())
        self._root.setAttribute("role", "figure")
        self._root.setAttribute("aria-labelledby", title_id)
        self._root.removeAttribute(PRERENDERED)
        self._put_classes()
        self._put_phase()
        self._attach(layout)

    def _redraw(self) -> None:
        """Replace the drawing. Title, readout and live region stay the same elements, unless the root lost them."""
        layout = lay_out(self._props.layers)
        self._frame_loop.stop()
        if not self._root.contains(self._view.drawing):
            self._render()
            return
        self._view.drawing.outerHTML = drawing_markup(layout, self._frame, self._props.names, self._fills())
        self._attach(layout)
        self._write()

    def _attach(self, layout: Layout) -> None:
        fills = self._fills()
        self._view = Drawing(self._root, layout, self._frame, fills)
        self._view.shade(fills)
        self._view.set_live(self._is_aloud(not self._timer.is_running))
        self._fades = Fades(self._targets(), self._props.transition)

    @property
    def _ident(self) -> str:
        """The start of the figure's ids."""
        return f"{FIGURE_CLASS}-{id(self):x}"

    def _fills(self) -> NodeFills | None:
        """The fills of the nodes, if they show magnitudes."""
        shades = self._props.shades
        return None if shades is None else live_fills(shades, self._props.label, self._ident)

    def _targets(self) -> list[float]:
        frame = self._frame
        return wave.glow_targets(frame.layer, frame.depth, frame.phase)

    def _put_phase(self) -> None:
        """Set data-phase, by which the style sheet recognises a forward pass."""
        phase = self._frame.phase.name if self._props.has_forward else ""
        if phase != self._phase:
            self._phase = phase
            if phase:
                self._root.setAttribute(PHASE_ATTRIBUTE, phase)
            else:
                self._root.removeAttribute(PHASE_ATTRIBUTE)

    def _put_classes(self) -> None:
        self._mount.put_classes(FIGURE_CLASS, *self._props.class_name.split())

    @staticmethod
    def _beat(props: Props) -> tuple[object, ...]:
        """The props that the timer depends on."""
        return props.playing, props.play_speed, props.depth, props.has_forward

    def _pace(self, first: float | None = None, *, is_moved: bool = True) -> None:
        """Start or stop the timer, by the props and the motion preference. The first advance comes after `first` ms.

        A wave that stops is announced. If it `is_moved`, that has been done.
        """
        has_two, was_playing = self._props.depth > 1 or self._props.has_forward, self._timer.is_running
        plays = self._props.playing and not self._reduced and has_two
        if plays:
            self._timer.start(self._props.play_speed, first)
        else:
            self._timer.stop()
        self._view.set_live(self._is_aloud(not plays))
        if was_playing and not plays and not is_moved and self._props.announce == STEPS:
            self._view.repeat()

    def _is_aloud(self, is_by_hand: bool) -> bool:
        """True if a screen reader announces the sentence."""
        return is_by_hand or self._props.announce != STEPS

    def _tick(self) -> None:
        cursor = self._next = wave.next_cursor(self._cursor, self._props.depth, self._props.has_forward)
        if self._props.current_layer is None:
            self._move(cursor)
        self._notify(
            self._props.on_current_layer_change, cursor
        )  # last: the callback may destroy or update this figure

    def _move(self, cursor: int) -> None:
        is_by_hand = not self._timer.is_running or cursor != self._next
        self._cursor, self._next = cursor, None
        targets = self._targets()
        self._view.show_states(self._frame)
        self._write(is_by_hand)
        if is_by_hand and self._props.announce == STEPS:  # until it has been spoken
            self._quiet_until = 1000.0 * now() + MIN_ANNOUNCEMENT_MS
        if self._reduced:
            self._fades.jump(targets)
            self._view.show_glows(enumerate(self._fades.values))
        else:
            self._fades.aim(targets, now())
            self._frame_loop.start()

    def _write(self, is_by_hand: bool = False) -> None:
        self._announcement.stop()
        self._put_phase()
        self._view.set_live(self._is_aloud(is_by_hand))
        self._view.show_texts(self._frame)

    def _rewrite(self) -> None:
        """Write changed texts for the present cursor. The announcement waits if there was one a moment ago."""
        moment = 1000.0 * now()
        if moment >= self._quiet_until:
            self._quiet_until = moment + MIN_ANNOUNCEMENT_MS
            self._write()
            return
        self._put_phase()
        self._view.show_texts(self._frame, announced=False)
        if not self._announcement.is_running:
            self._announcement.start(self._quiet_until - moment)

    def _draw_frame(self, seconds: float) -> bool:
        self._view.show_glows(self._fades.moves(seconds))
        return self._fades.is_moving

    def _on_motion_preference(self, reduced: bool) -> None:
        self._reduced = reduced
        if reduced:
            self._frame_loop.stop()
            self._move(self._props.depth - 1)
        elif self._props.current_layer is not None:
            self._move(self._clamp(self._props.current_layer))
        self._pace()
