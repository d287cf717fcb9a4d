"""GradientDecayExplorer: one bar per layer, below the figure's columns. It owns its listeners until `destroy`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from js import document

from ..browser.handles import Callback, Listener, Pointer
from ..browser.mount import Mount, bring_styles
from ..figure.magnitudes import write_bounded, write_magnitude
from ..figure.shading import magnitude_kind
from . import bars
from .bars import EXPLORER_NAME, BarProps, change_bar_props, make_bar_props
from .bounds import bound_places, bounds_at
from .chart import CHART_CLASS, CHART_STYLES, HEADING_MARKUP
from .scales import Scale

if TYPE_CHECKING:
    from typing import Unpack

    from .bars import GivenBarProps

EXPLORER_CLASS = "gradient-explorer"
EXPLORER_MARKUP = f"""{HEADING_MARKUP}
<ul class="gradient-explorer-legend" data-part="legend" hidden></ul>
<div class="gradient-explorer-plot" data-part="plot" role="slider" tabindex="0" aria-label="Layer" aria-valuemin="1">
<svg aria-hidden="true"></svg></div>
<details class="gradient-explorer-numbers-table"><summary>The numbers as a table</summary>
<div class="gradient-explorer-scroll" role="group" tabindex="0" data-part="table"></div></details>"""


class GradientDecayExplorer:
    """Gradient magnitudes by layer, drawn in `root` as bars on a log scale.

    `root` is an element or a CSS selector. With the width of a GradientFlowViz above it, each bar is below its column.
    The props are keyword arguments:

    - `layers`: neurons per layer, input first: 1 to 256 layers of 1 to 1024 neurons. Required.
    - `gradients`: one magnitude per layer, input first: ≥ 0, NaN, infinity, or None for a layer without one. Required.
      NaN is a lattice, infinity fades out upwards, 0 is flat, and None is an empty slot.
    - `label`: the name of the magnitudes, 1 to 24 characters.
    - `names`: the names of the layers. `None`: `input`, `hidden 1` … `output`.
    - `current_layer`: the cursor, as in GradientFlowViz: 0 at the loss side, depth − 1 at the input; −depth … −1 from
      input to output; clamped. While it is given, only `update(current_layer=…)` changes the lit layer. `None`: the
      component changes it.
    - `scale`: `log`, in decades, or `linear`, from 0.
    - `former`: earlier magnitudes, drawn as outlines.
    - `other`: magnitudes of another network, on the same axis, as hatched bars beside the others. `other_name`: its
      name.
    - `own_name`: the name of `gradients` in the legend if there are other series; `now` by default.
    - `bounds`: the bounds of estimated `gradients`, one pair (low, high) per layer, or None for an exact one. A line
      over the bar shows them.
    - `on_current_layer_change`: called with the cursor of a layer that the user has chosen by click, tap or key.
    - `class_name`: classes that are added to the element's own.
    - `domain`: two magnitudes, the lower one first. A log scale reaches at least over both, a linear one at least to
      the upper one.

    The plot is one slider: arrow keys move by a layer, Page Up and Page Down by a tenth, Home and End to the ends.

    Raises LookupError if no element matches `root`, TypeError for an unknown or missing prop, ValueError for a wrong
    value: the message names the prop, the rule and the value, and nothing has changed.
    """

    def __init__(self, root: Any, **props: Unpack[GivenBarProps]) -> None:
        self._props: BarProps = make_bar_props(props)
        self._destroyed = False
        self._mount = Mount(root, EXPLORER_NAME, self.destroy)
        self._root: Any = self._mount.element
        bring_styles(*CHART_STYLES, "charts/bar_chart.css")
        self._notify = Callback(EXPLORER_NAME, "on_current_layer_change")
        self._cursor = self._props.current_layer or 0
        self._root.innerHTML = EXPLORER_MARKUP
        self._root.setAttribute("role", "group")
        self._put_classes()
        self._plot = _Plot(self._root, f"{EXPLORER_CLASS}-{id(self):x}")
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
        """The cursor: 0 at the loss side, depth − 1 at the input; below 0 in a forward pass."""
        return self._cursor

    @property
    def layer(self) -> int:
        """The index of the lit layer; 0 is the input."""
        return bars.lit_layer(self._cursor, self._props.depth)

    def update(self, **props: Unpack[GivenBarProps]) -> None:
        """Change some props; all others stay. Raises as the constructor does, and then nothing has changed."""
        if self._destroyed:
            raise RuntimeError(f"{EXPLORER_NAME}: update() was called after destroy(); make a new one")
        old, self._props = self._props, change_bar_props(self._props, props)
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
        self._mount.destroy()
        del self._plot, self._table, self._root

    def _show(self) -> None:
        self._plot.draw(self._props, self.layer)
        self._table.show(self._props, self.layer)

    def _put_classes(self) -> None:
        self._mount.put_classes(CHART_CLASS, EXPLORER_CLASS, *self._props.class_name.split())

    def _on_key(self, event: Any) -> None:
        if event.ctrlKey or event.altKey or event.metaKey:
            return
        layer = bars.key_step(str(event.key), self.layer, self._props.depth)
        if layer is not None:
            event.preventDefault()  # else the page scrolls
            event.stopPropagation()  # the page has keys of its own
            self._choose(layer)

    def _choose(self, layer: int) -> None:
        """Report a chosen layer, and light it unless the caller controls the cursor."""
        if layer == self.layer:
            return
        cursor = self._props.depth - 1 - layer
        if self._props.current_layer is None:
            self._cursor = cursor
            self._show()
        self._notify(self._props.on_current_layer_change, cursor)  # last: the callback may destroy or update this one


class _Written:
    """The attributes and the text of one element, written only if they change."""

    __slots__ = ("_element", "_set", "_shown")

    def __init__(self, element: Any) -> None:
        self._element, self._set, self._shown = element, element.setAttribute, dict[str, str]()

    def set(self, name: str, value: str) -> None:
        if self._shown.get(name) != value:
            self._shown[name] = value
            self._set(name, value)

    def write_text(self, text: str) -> None:
        if self._shown.get("") != text:
            self._shown[""] = text
            self._element.textContent = text


class _Plot:
    """Heading, legend and bars. Other layers are drawn anew; everything else changes single attributes."""

    def __init__(self, root: Any, ident: str) -> None:
        self._root, self._ident = root, ident
        self.element: Any = root.querySelector('[data-part="plot"]')
        self._svg: Any = self.element.querySelector("svg")
        self._legend: Any = root.querySelector('[data-part="legend"]')
        self._slider, self._group = _Written(self.element), _Written(root)
        self._label, self._scale, self._readout = (
            _Written(root.querySelector(f'[data-part="{part}"]')) for part in ("title", "subtitle", "readout")
        )
        self._shape: tuple[object, ...] = ()
        self._named: tuple[str, ...] = ()

    def draw(self, props: BarProps, layer: int) -> None:
        """Show these props with a lit layer."""
        if bars.plot_shape(props) != self._shape:
            self._shape = bars.plot_shape(props)
            self._build(props)
        self._label.write_text(props.label)
        self._scale.write_text("by layer, log scale" if props.scale == "log" else "by layer")
        self._group.set("aria-label", f"{props.label} by layer")
        self._write_legend(props)
        self._write_bars(props)
        self._light(props, layer)

    def _build(self, props: BarProps) -> None:
        self._svg.innerHTML = bars.plot_markup(props, self._ident)
        there = bars.bar_places(props.layers, props.other is not None)
        self._group.set("data-dense", "yes" if there.dense else "no")
        self._lines = {"former", "other"} if there.dense else set[str]()
        self._room = there.pitch if props.other is None else there.width
        find = self._svg.querySelectorAll
        self._bars = {name: [_Written(bar) for bar in find(f'[data-bar="{name}"]')] for name in bars.BAR_SERIES}
        self._values = {name: [_Written(text) for text in find(f'[data-value="{name}"]')] for name in bars.BAR_SERIES}
        self._halo = _Written(self._svg.querySelector('[data-part="halo"]'))
        self._grid, self._ticks = (self._svg.querySelector(f'[data-part="{part}"]') for part in ("grid", "ticks"))
        self._axis: Scale | None = None
        self._magnitudes: dict[str, bars.Magnitudes] = {}
        self._bounds = [_Written(line) for line in find("[data-bounds]")]
        self._lit: int | None = None

    def _write_legend(self, props: BarProps) -> None:
        drawn = [name for name in ("gradients", "former", "other") if props.series(name) is not None]
        named = tuple(props.series_name(name) for name in drawn)
        if named == self._named:
            return
        self._named = named
        self._legend.hidden = len(drawn) < 2
        self._legend.replaceChildren(*(_legend_item(name, text) for name, text in zip(drawn, named, strict=True)))

    def _write_bars(self, props: BarProps) -> None:
        axis = props.axis
        same_axis = axis == self._axis
        if not same_axis:
            self._axis = axis
            self._grid.innerHTML, self._ticks.innerHTML = bars.grid_markup(axis)
        for name in bars.BAR_SERIES:
            magnitudes = props.series(name)
            if magnitudes is not None and not (same_axis and magnitudes == self._magnitudes.get(name)):
                self._magnitudes[name] = magnitudes
                self._write_series(name, magnitudes, axis)
        self._write_bounds(props, axis)

    def _write_bounds(self, props: BarProps, axis: Scale) -> None:
        """Place the lines between bounds, and the texts of their bars above them."""
        for layer, (line, bounds) in enumerate(zip(self._bounds, props.bounds or (), strict=True)):
            upper, lower = bound_places(bounds, axis)
            line.set("y1", f"{upper:.2f}%")
            line.set("y2", f"{lower:.2f}%")
            for text in self._values["gradients"][layer : layer + 1] if bounds else ():  # there may be no texts
                top = 100 - bars.bar_height(props.gradients[layer], axis)
                text.set("y", f"{min(top, upper):.2f}%")

    def _write_series(self, name: str, magnitudes: bars.Magnitudes, axis: Scale) -> None:
        for bar, magnitude in zip(self._bars[name], magnitudes, strict=True):
            height = bars.bar_height(magnitude, axis)
            kind = magnitude_kind(magnitude)
            bar.set("y", f"{100 - height:.2f}%")
            as_line = kind == "value" and name in self._lines
            bar.set("height", f"{bars.MIN_BAR_HEIGHT if as_line else height:.2f}%")
            bar.set("data-kind", kind)
            # The fill applies unless a style rule has a colour.
            bar.set("fill", f"url(#{self._ident}-{'other' if kind == 'value' else kind})")
        fits = bars.text_fits(magnitudes, self._room)
        shown = zip(self._values[name], magnitudes, fits, strict=False)  # there may be no texts
        for text, magnitude, fit in shown:
            text.set("y", f"{100 - bars.bar_height(magnitude, axis):.2f}%" if magnitude is not None else "100%")
            text.set("data-fit", fit)
            text.write_text(write_magnitude(magnitude))

    def _light(self, props: BarProps, layer: int) -> None:
        self._readout.write_text(bars.readout_of(props, layer))
        self._slider.set("aria-valuemax", str(props.depth))
        self._slider.set("aria-valuenow", str(layer + 1))
        self._slider.set("aria-valuetext", bars.announcement(props, layer))
        if layer == self._lit:
            return
        self._halo.set("x", bars.halo_left(props.layers, layer))
        for written in (*self._bars.values(), *self._values.values()):
            for at, lit in ((self._lit, "no"), (layer, "yes")):
                if at is not None and at < len(written):
                    written[at].set("data-lit", lit)
        self._lit = layer


class _Table:
    """The numbers as a table. It is made when it is first opened, and written only while it is open."""

    def __init__(self, root: Any) -> None:
        self.details: Any = root.querySelector("details")
        self._place: Any = root.querySelector('[data-part="table"]')
        self._heads: tuple[str, ...] = ()
        self._rows: list[tuple[_Written, ...]] = []
        self._lines: list[_Written] = []

    def show(self, props: BarProps, layer: int) -> None:
        """Show these props if the table is open."""
        if not self.details.open:
            return
        drawn = [name for name in ("gradients", "former", "other") if props.series(name) is not None]
        own = props.label if len(drawn) == 1 else f"{props.label}, {props.own_name}"
        # The layers of a recorded run have no neurons.
        counts = ("neurons",) if max(props.layers) > 1 else ()
        heads = ("layer", *counts, own, *(props.series_name(name) for name in drawn[1:]))
        if heads != self._heads or len(self._rows) != props.depth:
            self._heads = heads
            self._build(props, heads)
        for at, (head, *cells) in enumerate(self._rows):
            head.write_text(props.name(at))
            for cell in cells[: len(counts)]:
                cell.write_text(str(props.layers[at]))
            for name, cell in zip(drawn, cells[len(counts) :], strict=True):
                magnitude = (props.series(name) or ())[at]
                cell.write_text(write_bounded(magnitude, bounds_at(props.bounds, at) if name == "gradients" else None))
                cell.set("title", "none" if magnitude is None else repr(magnitude))
            self._lines[at].set("aria-current", "true" if at == layer else "false")

    def _build(self, props: BarProps, heads: tuple[str, ...]) -> None:
        table, body = document.createElement("table"), document.createElement("tbody")
        self._place.setAttribute("aria-label", f"{props.label} by layer, as a table")
        table.append(_row("col", *heads)[0], body)
        made = [_row("row", *("" for _ in heads)) for _ in range(props.depth)]
        self._lines = [_Written(line) for line, _ in made]
        self._rows = [tuple(_Written(cell) for cell in cells) for _, cells in made]
        body.append(*(line for line, _ in made))
        self._place.replaceChildren(table)


def _row(scope: str, *texts: str) -> tuple[Any, list[Any]]:
    """A row of a table and its cells. All are headers in a row of columns, else only the first."""
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
