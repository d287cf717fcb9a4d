"""Timeline: the loss over the steps, a map of magnitudes by layer and step, and a slider to scrub over them."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

from js import ImageData, document, getComputedStyle
from pyodide.ffi import create_proxy

from ..browser.handles import Attribute, Callback, Listener, MediaQuery, Pointer
from ..browser.mount import Mount, bring_styles
from ..figure.magnitudes import describe_magnitude, write_magnitude
from ..figure.markup import number
from ..figure.shading import Decades
from ..figure.text import write_step
from ..figure.wave import LABEL
from . import heatmap, line_chart
from .arrays import FloatArray, PixelArray
from .chart import CHART_CLASS, CHART_STYLES, HEADING_MARKUP
from .series import RunSeries, row_names

if TYPE_CHECKING:  # for type checkers alone
    from typing import TypedDict, Unpack

    class ShowOptions(TypedDict, total=False):
        """The optional arguments of `Timeline.show_in_parts`."""

        label: str
        layer: int
        other: RunSeries | None
        other_name: str
        numbers: FloatArray | None
        decades: Decades | None


TIMELINE_NAME = "Timeline"
TIMELINE_CLASS = "gradient-timeline"
PALETTE_COLOURS = ("low", "middle", "high", "ground", "mark")  # of heatmap.Palette; timeline.css has their values
THEME_QUERIES = ("(prefers-color-scheme: dark)", "(forced-colors: active)")
MAX_ROW_NAMES = 16
CELL_KIND_WORDS = {"none": "none", "zero": "0", "nan": "NaN", "infinite": "∞"}

CURVE_MARKUP = f"""<svg class="gradient-timeline-curve" data-part="curve"
viewBox="0 0 {line_chart.CURVE_WIDTH} {line_chart.CURVE_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
<g data-part="grid"></g><g data-part="broken"></g>
<path class="gradient-timeline-other" data-part="line-other"/>
<path class="gradient-timeline-loss" data-part="line"/></svg>"""
TIMELINE_MARKUP = f"""{HEADING_MARKUP}
<div class="gradient-timeline-body"><div class="gradient-timeline-texts" aria-hidden="true">
<svg class="gradient-timeline-curve" data-part="losses"></svg>
<div class="gradient-timeline-caption"></div><svg class="gradient-timeline-names" data-part="names"></svg>
<div class="gradient-timeline-caption" data-other></div>
<svg class="gradient-timeline-names" data-part="names-other" data-other></svg>
</div><div class="gradient-timeline-plots" data-part="plots">{CURVE_MARKUP}
<div class="gradient-timeline-caption" data-part="caption"></div>
<canvas class="gradient-timeline-map" data-part="map" role="img" aria-label="{LABEL} by layer and step"></canvas>
<div class="gradient-timeline-caption" data-other data-part="caption-other"></div>
<canvas class="gradient-timeline-map" data-part="map-other" data-other role="img"
aria-label="{LABEL} by layer and step"></canvas>
<div class="gradient-timeline-cursor" data-part="cursor"></div></div>
<input class="gradient-timeline-step" data-part="step" type="range" min="0" value="0" aria-label="Step"></div>
<div class="gradient-timeline-key"><canvas data-part="key" width="256" height="1" aria-hidden="true"></canvas>
<svg data-part="decades" aria-hidden="true"></svg><ul data-part="kinds"></ul></div>
<span hidden>{"".join(f'<i data-colour="{name}"></i>' for name in PALETTE_COLOURS)}</span>"""


class Timeline:
    """A training run in `root`: the loss as a curve, magnitudes by layer and step as a map, and one slider below both.

    `root` is an element or a CSS selector. `on_step` is called with a step that the user has chosen; 0 is the first.

    The curve has a log scale if all losses are above 0. At NaN and infinity it is interrupted and marked. The map's
    colours are log10 of the magnitudes, with the input at the bottom. NaN is a lattice, infinity is solid, 0 is a line
    at the bottom of the row, and a missing magnitude is transparent. Colours follow the theme.

    Raises LookupError if no element matches `root`.
    """

    def __init__(self, root: Any, *, on_step: Callable[[int], object] | None = None) -> None:
        self._destroyed = False
        self._mount = Mount(root, TIMELINE_NAME, self.destroy)
        self._root: Any = self._mount.element
        bring_styles(*CHART_STYLES, "charts/timeline.css")
        self._on_step = on_step
        self._notify = Callback(TIMELINE_NAME, "on_step")
        self._root.innerHTML = TIMELINE_MARKUP
        self._mount.put_classes(CHART_CLASS, TIMELINE_CLASS)
        self._parts = {str(part.dataset.part): part for part in self._root.querySelectorAll("[data-part]")}
        self._step, self._steps, self._layer = 0, 1, 0
        self._texts: dict[tuple[str, str], str] = {}
        self._names: tuple[str, ...] = ()
        self._rows: list[tuple[int, Any]] = []
        self._lit: set[int] = set()
        self._numbers: FloatArray | None = None
        self._run: RunSeries | None = None
        self._other: RunSeries | None = None
        self._label, self._other_name = LABEL, ""
        self._decades: Decades | None = None
        self._palette: heatmap.Palette | None = None
        self._handles: list[Any] = [
            Listener(self._parts["step"], "input", lambda event: self._choose(int(event.target.value))),
            Pointer(self._parts["plots"], lambda place: self._choose(line_chart.step_at(place, self._steps))),
            Attribute(document.documentElement, "data-theme", self._on_theme),
            *(MediaQuery(query, lambda _matches: self._on_theme()) for query in THEME_QUERIES),
        ]

    @property
    def step(self) -> int:
        """The marked step; 0 is the first."""
        return self._step

    def show(self, names: Sequence[str], run: RunSeries, step: int, **more: Unpack[ShowOptions]) -> None:
        """Show a run and mark a step and a layer. The arguments are those of `show_in_parts`."""
        for _ in self.show_in_parts(names, run, step, **more):
            pass

    def show_in_parts(
        self,
        names: Sequence[str],
        run: RunSeries,
        step: int,
        *,
        label: str = LABEL,
        layer: int = 0,
        other: RunSeries | None = None,
        other_name: str = "the other network",
        numbers: FloatArray | None = None,
        decades: Decades | None = None,
    ) -> Generator[None, None, None]:
        """Show a run in parts, between which the page may paint. It is complete after the last part.

        `names`: one per layer, the input first. `other`: a second run with as many layers and steps, on the same
        scales; `other_name` is its name. `numbers`: the numbers of the steps, shape (S,); by default they count from 0.
        `decades`: the exponents of ten at the ends of the colours; by default the whole decades around all magnitudes.
        Raises ValueError if the shapes don't match, and then nothing has changed.
        """
        self._check_alive()
        steps = run.values.shape[-1]
        for series in (run, other):
            if series:
                _check_series(names, series, steps)
        if numbers is not None and numbers.shape != (steps,):
            raise ValueError(f"numbers: must have the shape {(steps,)}, got {numbers.shape}")
        self._run, self._other = run, other
        self._label, self._other_name = label, other_name
        self._steps, self._numbers, self._decades = steps, numbers, decades
        self._name(tuple(names), other is not None)
        self._draw_curves()
        yield
        self._check_alive()
        self._draw_maps()
        yield
        self._check_alive()
        self._mark(step, layer)

    def go(self, step: int, layer: int | None = None) -> None:
        """Mark another step and layer of the shown run, clamped."""
        self._check_alive()
        self._mark(step, self._layer if layer is None else layer)

    def destroy(self) -> None:
        """Remove the listeners, free every proxy, empty the root. A second call is harmless."""
        if self._destroyed:
            return
        self._destroyed = True
        for handle in self._handles:
            handle.destroy()
        self._root.replaceChildren()
        self._run = self._other = None
        self._parts.clear()
        self._rows.clear()
        self._mount.destroy()
        del self._root

    def _check_alive(self) -> None:
        if self._destroyed:
            raise RuntimeError(f"{TIMELINE_NAME}: it was called after destroy(); make a new one")

    def _put(self, part: str, name: str, value: str) -> None:
        """Write an attribute, or the text if `name` is empty, if it changes."""
        if self._texts.get((part, name)) != value:
            self._texts[part, name] = value
            if name:
                self._parts[part].setAttribute(name, value)
            else:
                self._parts[part].textContent = value

    def _name(self, names: tuple[str, ...], beside: bool) -> None:
        """Show the rows' names, the output at the top, as many as fit, and make room for the rows."""
        self._root.toggleAttribute("data-beside", beside)
        if names == self._names:
            return
        self._names = names
        self._root.style.setProperty("--rows", str(min(max(len(names), 3), MAX_ROW_NAMES)))
        stride, texts_of = math.ceil(len(names) / MAX_ROW_NAMES), row_names(names)
        self._rows, self._lit = [], set()
        for part in ("names", "names-other"):
            texts = []
            for layer in range(len(names) - 1, -1, -stride):
                text = document.createElementNS("http://www.w3.org/2000/svg", "text")
                text.setAttribute("x", "100%")
                text.setAttribute("y", f"{100 * (len(names) - layer - 0.5) / len(names):.2f}%")
                text.textContent = texts_of[layer]
                texts.append(text)
                self._rows.append((layer, text))
            self._parts[part].replaceChildren(*texts)

    def _runs(self) -> tuple[RunSeries, ...]:
        return tuple(run for run in (self._run, self._other) if run is not None)

    def _draw_curves(self) -> None:
        losses = [run.losses for run in self._runs()]
        there = [each for each in losses if each is not None]
        self._root.toggleAttribute("data-lossless", not there)
        self._put("title", "", "Loss by step" if there else "Gradients by step")
        scale = line_chart.loss_axis(there)
        heights = [(1 - at, text) for at, text in scale.ticks]
        lines = (f"M0 {number(line_chart.CURVE_HEIGHT * at)}h{line_chart.CURVE_WIDTH}" for at, _ in heights)
        self._draw("grid", f'<path d="{"".join(lines)}"/>')
        self._draw("losses", "".join(f'<text x="100%" y="{number(100 * at)}%">{text}</text>' for at, text in heights))
        for part, each in zip(("line", "line-other"), (*losses, None), strict=False):
            self._put(part, "d", "" if each is None else line_chart.line_path(each, scale))
        marked = (run.marked_losses for run in self._runs())
        marks = [mark for each in marked if each is not None for mark in line_chart.broken_stretches(each)]
        self._draw("broken", "".join(_broken_markup(*mark) for mark in marks))

    def _draw(self, part: str, markup: str) -> None:
        """Put markup, which must consist of numbers, into a part if it changes."""
        if self._texts.get((part, "html")) != markup:
            self._texts[part, "html"] = markup
            self._parts[part].innerHTML = markup

    def _draw_maps(self) -> None:
        maps = [run.map_cells for run in self._runs()]
        span = self._decades or heatmap.colour_span(maps)
        palette = self._palette = self._palette or self._read_palette()
        for part, map_ in zip(("map", "map-other"), maps, strict=False):
            _put_pixels(self._parts[part], heatmap.paint(map_, span, palette))
        self._draw_key(span, heatmap.kinds_shown(maps), palette)

    def _draw_key(self, span: tuple[int, int], kinds: tuple[str, ...], palette: heatmap.Palette) -> None:
        drawn = f"{span} {kinds} {palette}"
        if self._texts.get(("key", "drawn")) == drawn:
            return
        self._texts["key", "drawn"] = drawn
        _put_pixels(self._parts["key"], palette.shades()[None])
        marks = heatmap.key_marks(span)
        anchors = ["start", *("middle" for _ in marks[2:]), "end"]
        self._parts["decades"].innerHTML = "".join(
            f'<text x="{number(100 * at)}%" y="1em" text-anchor="{anchor}">{text}</text>'
            for (at, text), anchor in zip(marks, anchors, strict=True)
        )
        items = "".join(f'<li><span data-kind="{kind}"></span>{CELL_KIND_WORDS[kind]}</li>' for kind in kinds)
        self._parts["kinds"].innerHTML = items

    def _read_palette(self) -> heatmap.Palette:
        """The present colours. They are painted, because only a canvas resolves all notations."""
        canvas = document.createElement("canvas")
        canvas.width, canvas.height = len(PALETTE_COLOURS), 1
        context = canvas.getContext("2d", willReadFrequently=True)
        for at, name in enumerate(PALETTE_COLOURS):
            context.fillStyle = getComputedStyle(self._root.querySelector(f'[data-colour="{name}"]')).color
            context.fillRect(at, 0, 1, 1)
        data = list(context.getImageData(0, 0, len(PALETTE_COLOURS), 1).data)
        found = {name: (data[4 * at], data[4 * at + 1], data[4 * at + 2]) for at, name in enumerate(PALETTE_COLOURS)}
        return heatmap.Palette(**found)

    def _on_theme(self) -> None:
        self._palette = None
        if self._run is not None:
            self._draw_maps()

    def _mark(self, step: int, layer: int) -> None:
        run = self._run
        if run is None:
            return
        layers = len(run.values)
        self._step = step = min(max(step, 0), self._steps - 1)
        self._layer = layer = min(max(layer, 0), layers - 1)
        for row, text in self._rows:
            if (row == layer) != (row in self._lit):
                text.toggleAttribute("data-lit", row == layer)
        self._lit = {layer}
        last = self._steps - 1
        where = f"step {self._number(step)} of {self._number(last)}"
        loss = run.loss(step)
        loss_text = "" if run.losses is None else f" · loss {write_magnitude(loss)}"
        self._put("readout", "", f"{where}{loss_text} · {run.written(layer, step)}")
        self._put("caption", "", f"{self._label} by layer and step")
        self._put("caption-other", "", f"{self._label}, {self._other_name}")
        self._put("step", "max", str(last))
        self._put("step", "aria-valuetext", where if loss is None else f"{where}, loss {describe_magnitude(loss)}")
        slider = self._parts["step"]
        if slider.value != str(step):
            slider.value = str(step)
        self._root.style.setProperty("--cell", f"{100 / self._steps:.4f}%")
        self._root.style.setProperty("--at", f"{100 * line_chart.step_place(step, self._steps):.3f}%")
        for part in ("map", "map-other"):
            self._put(part, "aria-label", f"{self._label} by layer and step, {layers} layers and {self._steps} steps")

    def _number(self, step: int) -> str:
        """The text of a step's number."""
        return str(step) if self._numbers is None else write_step(float(self._numbers[step]))

    def _choose(self, step: int) -> None:
        if self._run is None or step == self._step:
            return
        self._mark(step, self._layer)
        self._notify(self._on_step, step)  # last: the callback may destroy or change this one


def _check_series(names: Sequence[str], series: RunSeries, steps: int) -> None:
    shape = (len(names), max(steps, 1))
    if series.values.shape != shape:
        raise ValueError(f"values: must have the shape {shape}, got {series.values.shape}")
    if series.losses is not None and series.losses.shape != (steps,):
        raise ValueError(f"losses: must have the shape {(steps,)}, got {series.losses.shape}")
    if series.logged is not None and series.logged.shape != shape:
        raise ValueError(f"logged: must have the shape {shape}, got {series.logged.shape}")


def _broken_markup(start: float, end: float, kind: str) -> str:
    left, width = number(line_chart.CURVE_WIDTH * start), number(line_chart.CURVE_WIDTH * (end - start))
    return f'<rect data-kind="{kind}" x="{left}" y="0" width="{width}" height="{line_chart.CURVE_HEIGHT}"/>'


def _put_pixels(canvas: Any, pixels: PixelArray) -> None:
    """Show pixels of shape (height, width, 4). JavaScript reads them without a copy by Python."""
    height, width, _ = pixels.shape
    if (canvas.width, canvas.height) != (width, height):
        canvas.width, canvas.height = width, height
    flat: Any = pixels.reshape(-1)
    proxy: Any = create_proxy(flat)
    buffer = proxy.getBuffer("u8clamped")
    canvas.getContext("2d").putImageData(ImageData.new(buffer.data, width, height), 0, 0)
    buffer.release()
    proxy.destroy()
