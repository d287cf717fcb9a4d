"""GradientDecayExplorer: one bar a layer, beneath the figure's columns. Owns its listeners until `destroy`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from js import document

from ..browser.handles import Callback, Listener, Pointer
from ..browser.mount import bring_styles, find_root
from ..figure.magnitudes import write_bounded, write_magnitude
from . import bars
from .bars import OWNER, Bars, change_bars, make_bars
from .bounds import bound_places, bounds_at
from .scales import Scale

if TYPE_CHECKING:
    from typing import Unpack

    from .bars import GivenBars

ROOT_CLASS = "gradient-explorer"
FRAME = """<div class="gradient-explorer-head">
<span class="gradient-explorer-title"><span data-part="label"></span> <small data-part="scale"></small></span>
<span class="gradient-explorer-readout" data-part="readout"></span></div>
<ul class="gradient-explorer-legend" data-part="legend" hidden></ul>
<div class="gradient-explorer-plot" data-part="plot" role="slider" tabindex="0" aria-label="Layer" aria-valuemin="1">
<svg aria-hidden="true"></svg></div>
<details class="gradient-explorer-numbers-table"><summary>The numbers as a table</summary>
<div class="gradient-explorer-scroll" role="group" tabindex="0" data-part="table"></div></details>"""


class GradientDecayExplorer:
    """Gradient magnitudes by layer, drawn in `root`: bars on a log scale, the static sibling of the wave.

    `root` is an element or a CSS selector. As wide as a GradientFlowViz above it, it has each bar beneath its column.
    The props are keyword arguments:

    - `layers`: neurons per layer, left to right: 1 to 256 layers of 1 to 1024 neurons. Required.
    - `gradients`: one magnitude a layer, input first: ≥ 0, NaN, infinity, or None where there is none. Required. What
      is no number has a look of its own: NaN is a lattice, infinity fades out upwards, 0 is flat, None an empty slot.
    - `label`: what a magnitude is called, 1 to 24 characters.
    - `names`: what the layers are called, one name a layer. `None`: `input`, `hidden 1` … `output`.
    - `current_layer`: the cursor, as in GradientFlowViz: 0 at the loss side, depth − 1 at the input; −depth … −1 from
      input to output; clamped. While it is given, only `update(current_layer=…)` moves the light. `None`: the component
      moves it where it was asked to.
    - `scale`: `log`, in decades, or `linear`, from 0.
    - `former`: magnitudes as they were before, drawn as outlines.
    - `other`: magnitudes of another network, on the same axis, beside the bars; hatched. `other_name`: its name.
    - `own_name`: what the legend calls `gradients` where there are others; `now` by default.
    - `bounds`: of `gradients` that are estimates, what each is at least and at most: a pair a layer, or None where
      it is exact. A line over the bar leads from one to the other.
    - `on_current_layer_change`: called with the cursor of a layer that was chosen by click, tap or key.
    - `class_name`: classes added to the element's own.

    The plot is one slider: arrow keys move by a layer, Page Up and Page Down by a tenth, Home and End to the ends.

    Raises LookupError when no element matches `root`, TypeError for an unknown or missing prop, ValueError for a wrong
    value: the message names prop, rule and value, and nothing has changed.
    """

    def __init__(self, root: Any, **props: Unpack[GivenBars]) -> None:
        self._props: Bars = make_bars(props)
        self._root: Any = find_root(root, OWNER)
        bring_styles("viz.css", "charts/bar_chart.css")
        self._destroyed = False
        self._notify = Callback(OWNER, "on_current_layer_change")
        self._cursor = self._props.current_layer or 0
        self._classes: list[str] = []
        self._root.innerHTML = FRAME
        self._root.setAttribute("role", "group")
        self._put_classes()
        self._plot = _Plot(self._root, f"{ROOT_CLASS}-{id(self):x}")
        self._table = _Table(self._root)
        plot = self._plot.element
        self._handles: list[Any] = [
            Listener(plot, "keydown", self._on_key),
            Pointer(plot, lambda place: self._choose(bars.nearest_layer(self._props.layers, place))),
            Listener(self._table.details, "toggle", lambda _event: self._table.show(self._props, self.layer)),
        ]
        self._plot.draw(self._props, self.layer)

    @property
    def current_layer(self) -> int:
        """Where the cursor is: 0 at the loss side, depth − 1 at the input; below 0 in a forward pass."""
        return self._cursor

    @property
    def layer(self) -> int:
        """The index of the layer that is lit, 0 at the input."""
        return bars.lit_layer(self._cursor, self._props.depth)

    def update(self, **props: Unpack[GivenBars]) -> None:
        """Change some props; what they don't touch stays as it is. Raises as the constructor does, changing nothing."""
        if self._destroyed:
            raise RuntimeError(f"{OWNER}: update() was called after destroy(); make a new one")
        old, self._props = self._props, change_bars(self._props, props)
        if self._props.class_name != old.class_name:
            self._put_classes()
        if self._props.current_layer is not None:
            self._cursor = self._props.current_layer
        self._show()

    def destroy(self) -> None:
        """Remove the listeners, free every proxy, empty the root. A second call is harmless."""
        if self._destroyed:
            return
        self._destroyed = True
        for handle in self._handles:
            handle.destroy()
        self._root.replaceChildren()
        for attribute in ("role", "aria-label", "data-dense"):
            self._root.removeAttribute(attribute)
        for name in self._classes:
            self._root.classList.remove(name)
        del self._plot, self._table, self._root

    def _show(self) -> None:
        self._plot.draw(self._props, self.layer)
        self._table.show(self._props, self.layer)

    def _put_classes(self) -> None:
        """Take back the classes added so far and add those wanted; the root's own are never touched."""
        for name in self._classes:
            self._root.classList.remove(name)
        wanted = dict.fromkeys((ROOT_CLASS, *self._props.class_name.split()))
        self._classes = [name for name in wanted if not self._root.classList.contains(name)]
        for name in self._classes:
            self._root.classList.add(name)

    def _on_key(self, event: Any) -> None:
        if event.ctrlKey or event.altKey or event.metaKey:
            return
        layer = bars.key_step(str(event.key), self.layer, self._props.depth)
        if layer is not None:
            event.preventDefault()  # or the page would scroll
            event.stopPropagation()  # a page may have keys of its own
            self._choose(layer)

    def _choose(self, layer: int) -> None:
        """Ask for a layer; go there where nobody else decides."""
        if layer == self.layer:
            return
        cursor = self._props.depth - 1 - layer
        if self._props.current_layer is None:
            self._cursor = cursor
            self._show()
        self._notify(self._props.on_current_layer_change, cursor)  # last: it may well destroy or update this one


class _Written:
    """Attributes of one element, each written only where it changes."""

    __slots__ = ("_element", "_set", "_shown")

    def __init__(self, element: Any) -> None:
        self._element, self._set, self._shown = element, element.setAttribute, dict[str, str]()

    def put(self, name: str, value: str) -> None:
        if self._shown.get(name) != value:
            self._shown[name] = value
            self._set(name, value)

    def say(self, text: str) -> None:
        if self._shown.get("") != text:
            self._shown[""] = text
            self._element.textContent = text


class _Plot:
    """Heading, legend and bars: drawn anew where the layers change, else written attribute by attribute."""

    def __init__(self, root: Any, ident: str) -> None:
        self._root, self._ident = root, ident
        self.element: Any = root.querySelector('[data-part="plot"]')
        self._svg: Any = self.element.querySelector("svg")
        self._legend: Any = root.querySelector('[data-part="legend"]')
        self._slider, self._group = _Written(self.element), _Written(root)
        self._label, self._scale, self._readout = (
            _Written(root.querySelector(f'[data-part="{part}"]')) for part in ("label", "scale", "readout")
        )
        self._shape: tuple[object, ...] = ()
        self._named: tuple[str, ...] = ()

    def draw(self, props: Bars, layer: int) -> None:
        """Show these props with that layer lit."""
        if bars.shape(props) != self._shape:
            self._shape = bars.shape(props)
            self._build(props)
        self._label.say(props.label)
        self._scale.say("by layer, log scale" if props.scale == "log" else "by layer")
        self._group.put("aria-label", f"{props.label} by layer")
        self._write_legend(props)
        self._write_bars(props)
        self._light(props, layer)

    def _build(self, props: Bars) -> None:
        self._svg.innerHTML = bars.plot_markup(props, self._ident)
        there = bars.places(props.layers, props.other is not None)
        self._group.put("data-dense", "yes" if there.dense else "no")
        self._lines = {"former", "other"} if there.dense else set[str]()
        self._room = there.pitch if props.other is None else there.width
        find = self._svg.querySelectorAll
        self._bars = {name: [_Written(bar) for bar in find(f'[data-bar="{name}"]')] for name in bars.SERIES}
        self._values = {name: [_Written(text) for text in find(f'[data-value="{name}"]')] for name in bars.SERIES}
        self._halo = _Written(self._svg.querySelector('[data-part="halo"]'))
        self._grid, self._ticks = (self._svg.querySelector(f'[data-part="{part}"]') for part in ("grid", "ticks"))
        self._axis: Scale | None = None
        self._magnitudes: dict[str, bars.Magnitudes] = {}
        self._bounds = [_Written(line) for line in find("[data-bounds]")]
        self._lit: int | None = None

    def _write_legend(self, props: Bars) -> None:
        drawn = [name for name in ("gradients", "former", "other") if props.series(name) is not None]
        named = tuple(props.series_name(name) for name in drawn)
        if named == self._named:
            return
        self._named = named
        self._legend.hidden = len(drawn) < 2
        self._legend.replaceChildren(*(_legend_item(name, text) for name, text in zip(drawn, named, strict=True)))

    def _write_bars(self, props: Bars) -> None:
        axis = props.axis
        same_axis = axis == self._axis
        if not same_axis:
            self._axis = axis
            self._grid.innerHTML, self._ticks.innerHTML = bars.grid_markup(axis)
        for name in bars.SERIES:
            magnitudes = props.series(name)
            if magnitudes is not None and not (same_axis and magnitudes == self._magnitudes.get(name)):
                self._magnitudes[name] = magnitudes
                self._write_series(name, magnitudes, axis)
        for line, bounds in zip(self._bounds, props.bounds or (), strict=True):
            upper, lower = bound_places(bounds, axis)
            line.put("y1", f"{upper:.2f}%")
            line.put("y2", f"{lower:.2f}%")

    def _write_series(self, name: str, magnitudes: bars.Magnitudes, axis: Scale) -> None:
        for bar, magnitude in zip(self._bars[name], magnitudes, strict=True):
            height = bars.bar_height(magnitude, axis)
            kind = bars.kind(magnitude)
            bar.put("y", f"{100 - height:.2f}%")
            as_line = kind == "value" and name in self._lines
            bar.put("height", f"{bars.LOWEST if as_line else height:.2f}%")
            bar.put("data-kind", kind)
            bar.put("fill", f"url(#{self._ident}-{'other' if kind == 'value' else kind})")  # where no colour overrules
        shown = zip(
            self._values[name], magnitudes, bars.fits(magnitudes, self._room), strict=False
        )  # or there are none
        for text, magnitude, fit in shown:
            text.put("y", f"{100 - bars.bar_height(magnitude, axis):.2f}%" if magnitude is not None else "100%")
            text.put("data-fit", fit)
            text.say(write_magnitude(magnitude))

    def _light(self, props: Bars, layer: int) -> None:
        self._readout.say(bars.readout(props, layer))
        self._slider.put("aria-valuemax", str(props.depth))
        self._slider.put("aria-valuenow", str(layer + 1))
        self._slider.put("aria-valuetext", bars.sentence(props, layer))
        if layer == self._lit:
            return
        self._halo.put("x", bars.halo_place(props.layers, layer))
        for written in (*self._bars.values(), *self._values.values()):
            for at, lit in ((self._lit, "no"), (layer, "yes")):
                if at is not None and at < len(written):
                    written[at].put("data-lit", lit)
        self._lit = layer


class _Table:
    """The numbers as a table, made when it is first opened and written only while it is open."""

    def __init__(self, root: Any) -> None:
        self.details: Any = root.querySelector("details")
        self._place: Any = root.querySelector('[data-part="table"]')
        self._heads: tuple[str, ...] = ()
        self._rows: list[tuple[_Written, ...]] = []
        self._lines: list[_Written] = []

    def show(self, props: Bars, layer: int) -> None:
        """Show these props, if anybody looks."""
        if not self.details.open:
            return
        drawn = [name for name in ("gradients", "former", "other") if props.series(name) is not None]
        own = props.label if len(drawn) == 1 else f"{props.label}, {props.own_name}"
        # Where each layer stands for itself, as in a recorded run, there are no neurons to count.
        counts = ("neurons",) if max(props.layers) > 1 else ()
        heads = ("layer", *counts, own, *(props.series_name(name) for name in drawn[1:]))
        if heads != self._heads or len(self._rows) != props.depth:
            self._heads = heads
            self._build(props, heads)
        for at, (head, *cells) in enumerate(self._rows):
            head.say(props.name(at))
            for cell in cells[: len(counts)]:
                cell.say(str(props.layers[at]))
            for name, cell in zip(drawn, cells[len(counts) :], strict=True):
                magnitude = (props.series(name) or ())[at]
                cell.say(write_bounded(magnitude, bounds_at(props.bounds, at) if name == "gradients" else None))
                cell.put("title", "none" if magnitude is None else repr(magnitude))
            self._lines[at].put("aria-current", "true" if at == layer else "false")

    def _build(self, props: Bars, heads: tuple[str, ...]) -> None:
        table, body = document.createElement("table"), document.createElement("tbody")
        self._place.setAttribute("aria-label", f"{props.label} by layer, as a table")
        table.append(_row("col", *heads)[0], body)
        made = [_row("row", *("" for _ in heads)) for _ in range(props.depth)]
        self._lines = [_Written(line) for line, _ in made]
        self._rows = [tuple(_Written(cell) for cell in cells) for _, cells in made]
        body.append(*(line for line, _ in made))
        self._place.replaceChildren(table)


def _row(scope: str, *texts: str) -> tuple[Any, list[Any]]:
    """A table's row and its cells: heads all of them, or the first alone."""
    line, cells = document.createElement("tr"), []
    for at, text in enumerate(texts):
        head = scope == "col" or at == 0
        cell = document.createElement("th" if head else "td")
        if head:
            cell.setAttribute("scope", scope)
        cell.textContent = text
        cells.append(cell)
    line.append(*cells)
    return line, cells


def _legend_item(series: str, text: str) -> Any:
    item, swatch = document.createElement("li"), document.createElement("span")
    swatch.className = "gradient-explorer-swatch"
    swatch.setAttribute("data-series", series)
    item.append(swatch, text)
    return item
