"""The drawing of a figure in the page: its changing elements, each looked up once and written only if it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .figure import wave
from .figure.layer_labels import place_lit_label, shorten_lit_label
from .figure.layout import Layout, tag_place
from .figure.markup import Fill, NodeFills, column_labels_markup, lit_label_markup, number

TEXT_SELECTORS = (
    ".gradient-flow-title",
    ".gradient-flow-direction",
    "[data-part=readout]",
    "[data-part=tag]",
    "[data-part=summary]",
)
COLUMN_LABELS = ".gradient-flow-counts, .gradient-flow-names, .gradient-flow-name"
READOUT_CHARS = 22  # of a readout without its label; viz.css has the sum for the default label
OPACITIES = tuple(f"{glow / 1000:.3f}" for glow in range(1001))


class Drawing:
    """The changing elements of one drawing, each looked up once."""

    def __init__(self, root: Any, layout: Layout, frame: wave.WaveFrame, fills: NodeFills | None) -> None:
        self._root, self._layout = root, layout
        self.drawing: Any = root.querySelector("svg")
        self._texts: list[Any] = [root.querySelector(text) for text in TEXT_SELECTORS]
        _, _, self._readout, self._tag, self._summary = self._texts
        self._live = self._summary.getAttribute("aria-live") == "polite"
        self._shaded: list[Any] = list(self.drawing.querySelectorAll(".gradient-flow-shaded"))
        self._fills: list[Fill] = [*fills.fills] if fills else []
        self._legend = ""
        # The present texts, kept: reading them back costs more than the rest of an update that changes nothing.
        self._written = [str(text.textContent) for text in self._texts]
        self._layers: list[Any] = list(self.drawing.querySelectorAll("[data-layer]"))
        # Bound methods, kept: looking one up in each frame costs as much as the call.
        self._halos: list[Any] = [halo.setAttribute for halo in self.drawing.querySelectorAll('[data-part="halo"]')]
        self._active = frame
        self._tagged = frame.layer, len(frame.label)
        self._name = self._find_name()
        self._label_chars = len(wave.LABEL)  # the style sheet's room
        self._make_room(frame.label)
        glows = wave.glow_targets(frame.layer, frame.depth, frame.phase)
        self._shown = [round(glow * 1000) for glow in glows]

    def show_glows(self, glows: Iterable[tuple[int, float]]) -> None:
        """Write each changed opacity. A spring may overshoot the range 0 to 1 a little."""
        shown, halos = self._shown, self._halos
        for layer, glow in glows:
            step = int(glow * 1000.0 + 0.5)  # a finer step is invisible, and each write is a repaint
            if step != shown[layer]:
                shown[layer] = step
                halos[layer]("opacity", OPACITIES[step] if 0 <= step <= 1000 else OPACITIES[0 if step < 0 else 1000])

    def show_states(self, frame: wave.WaveFrame) -> None:
        """Write each changed layer state."""
        reach = range(len(wave.STATES))
        touched = {at.layer + at.phase.ahead * distance for at in (self._active, frame) for distance in reach}
        self._active = frame
        for index in touched:
            if 0 <= index < frame.depth:
                state = wave.layer_state(index, frame.layer, frame.phase)
                self._layers[index].setAttribute("data-state", state)

    def show_texts(self, frame: wave.WaveFrame, announced: bool = True) -> None:
        """Write each changed text. The announced sentence comes last, and never twice."""
        texts = (frame.phase.title, frame.phase.direction, frame.readout, frame.tag, frame.summary)
        for index, text in enumerate(texts if announced else texts[:-1]):
            if text != self._written[index]:
                self._written[index] = self._texts[index].textContent = text
        place = frame.layer, len(frame.label)
        if place != self._tagged:
            self._tagged = place
            self._make_room(frame.label)
            _put(self._tag, tag_place(self._layout, *place))
            if self._name:
                self._name.textContent = name = shorten_lit_label(frame.name)
                _put(self._name, place_lit_label(self._layout, frame.layer, name))

    def shade(self, fills: NodeFills | None) -> None:
        """Write each changed fill of the nodes, and the legend."""
        if fills is None:
            return
        for layer, fill in enumerate(fills.fills):
            kind, paint = self._fills[layer]
            if paint != fill.paint:
                self._shaded[layer].setAttribute("fill", fill.paint)
            if kind != fill.kind:
                self._shaded[layer].setAttribute("data-shade", fill.kind)
        self._fills = [*fills.fills]
        if fills.legend != self._legend:
            self._legend = fills.legend
            self._root.querySelector("[data-part=legend]").innerHTML = fills.legend

    def set_live(self, aloud: bool) -> None:
        """Let screen readers announce the next sentence, or not."""
        if aloud != self._live:
            self._live = aloud
            self._summary.setAttribute("aria-live", "polite" if aloud else "off")

    def repeat(self) -> None:
        """Write the sentence again, so that it is announced."""
        self._summary.textContent = self._written[-1]

    def rename(self, layer: int, names: Sequence[str] | None) -> None:
        """Replace the names below the columns, or show the counts without names, with the wave at `layer`."""
        for element in self.drawing.querySelectorAll(COLUMN_LABELS):
            element.remove()
        markup = column_labels_markup(self._layout, names) + lit_label_markup(self._layout, layer, names)
        self.drawing.insertAdjacentHTML("beforeend", markup)
        self._name = self._find_name()

    def _find_name(self) -> Any:
        """The text of the lit layer's name; null if the names of all layers fit, or without names."""
        return self.drawing.querySelector("[data-part=name]")

    def _make_room(self, label: str) -> None:
        """Make the readout wide enough, on a narrow page high enough, for any magnitude with this label."""
        if len(label) != self._label_chars:
            self._label_chars = len(label)
            self._readout.style.minWidth = f"min({READOUT_CHARS + len(label)}ch, 100%)"
            self._readout.toggleAttribute("data-long", len(label) > wave.MAX_SHORT_LABEL_CHARS)


def _put(text: Any, place: tuple[float, str]) -> None:
    """Move a text of the drawing to an x with a `text-anchor`."""
    x, anchor = place
    text.setAttribute("x", number(x))
    text.setAttribute("text-anchor", anchor)
