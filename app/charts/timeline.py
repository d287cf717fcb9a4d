"""Timeline: the loss over the steps, a map of magnitudes by layer and step, and a slider to scrub over them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Final

from js import document

from ..browser.handles import Attribute, Callback, Listener, MediaQuery, Resize
from ..browser.mount import Mount, bring_styles
from ..figure.magnitudes import describe_magnitude, write_magnitude
from ..figure.shading import Decades
from ..figure.text import write_step
from ..figure.wave import LABEL
from . import heatmap, line_chart, row_bars
from .arrays import FloatArray
from .cell_place import CellPlace, key_place
from .chart import CHART_CLASS, CHART_STYLES
from .crosshair import CellPointer, row_under
from .loss_curves import draw_losses
from .map_painter import MapPainter
from .map_table import MapTable
from .parts import Parts
from .row_labels import RowLabels
from .series import RunSeries, check_series
from .step_bars import StepBars
from .table_cells import MapRows
from .timeline_markup import TIMELINE_MARKUP

if TYPE_CHECKING:  # for type checkers alone
    from typing import TypedDict, Unpack

    class ShowOptions(TypedDict, total=False):
        """The optional arguments of `Timeline.show_in_parts`."""

        label: str
        layer: int
        other: RunSeries | None
        other_name: str
        own_name: str
        numbers: FloatArray | None
        decades: Decades | None
        scale: str


TIMELINE_NAME: Final = "Timeline"
TIMELINE_CLASS: Final = "gradient-timeline"
THEME_QUERIES: Final = ("(prefers-color-scheme: dark)", "(forced-colors: active)")
ROW_CLASSES: Final = ("gradient-timeline-names", "gradient-timeline-bars")  # whose rows can be pressed
FIRST_ROW_NAMES: Final = 16  # rows for whose names a timeline without a height of its own has room


class Timeline:
    """A training run in `root`: the loss as a curve, magnitudes by layer and step as a map, and one slider below both.

    `root` is an element or a CSS selector. `on_step` is called with a step that the user has chosen; 0 is the first.
    `on_layer` is called with a layer that the user has chosen; 0 is the input. `has_bars`: the magnitudes of the step
    in view are bars beside the map, in its rows.

    The curve has a log scale if all losses are above 0. At NaN and infinity it is interrupted and marked. The map's
    colours are log10 of the magnitudes, with the input at the bottom. NaN is a lattice, infinity is solid, 0 is a line
    at the bottom of the row, and a missing magnitude is transparent. Colours follow the theme.

    A mouse over the map has a crosshair, and the readout shows the cell under it. With the focus on the map, arrow keys
    move the crosshair by a row or a step, Page Up and Page Down by a tenth of the steps, Home and End to the ends; a
    live region says the cell, and Enter chooses its layer. A table of some steps is below.

    Raises LookupError if no element matches `root`.
    """

    def __init__(
        self,
        root: Any,
        *,
        on_step: Callable[[int], object] | None = None,
        on_layer: Callable[[int], object] | None = None,
        has_bars: bool = False,
    ) -> None:
        self._destroyed = False
        self._mount = Mount(root, TIMELINE_NAME, self.destroy)
        self._root: Any = self._mount.element
        bring_styles(*CHART_STYLES, "charts/timeline.css")
        self._on_step, self._on_layer = on_step, on_layer
        self._notify = Callback(TIMELINE_NAME, "on_step")
        self._notify_layer = Callback(TIMELINE_NAME, "on_layer")
        self._root.innerHTML = TIMELINE_MARKUP
        self._mount.put_classes(CHART_CLASS, TIMELINE_CLASS)
        self._root.toggleAttribute("data-bars", has_bars)
        self._parts = Parts(self._root)
        self._parts["side"].hidden = not has_bars
        self._step, self._steps, self._layer = 0, 1, 0
        self._crosshair: CellPlace | None = None  # where a mouse or the focus is
        self._names: tuple[str, ...] = ()
        self._numbers: FloatArray | None = None
        self._is_new = True  # the run, since a step of it was marked
        self._run: RunSeries | None = None
        self._other: RunSeries | None = None
        self._label, self._run_names, self._is_log = LABEL, ("", ""), True
        self._decades: Decades | None = None
        self._span: Decades = (-1, 0)
        self._labels = RowLabels(self._parts)
        self._painter = MapPainter(self._root, self._parts)
        self._bars = StepBars(self._parts, f"{TIMELINE_CLASS}-{id(self):x}") if has_bars else None
        self._table = MapTable(self._parts, self._table_rows)
        field = self._parts["field"]
        self._handles: list[Any] = [
            self._table,
            Listener(self._parts["step"], "input", lambda event: self._choose(int(event.target.value), None)),
            CellPointer(self._parts["plots"], self._shape, self._press, self._point_at),
            *(Listener(self._parts[part], "pointerdown", self._on_row) for part in ("texts", "side")),
            Listener(self._parts["fit"], "click", lambda _event: self._fit_bars()),
            Listener(field, "keydown", self._on_key),
            Listener(field, "focus", lambda _event: self._on_focus()),
            Listener(field, "blur", lambda _event: self._point_at(None)),
            Resize(field, self._fit_names),
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
        own_name: str = "this network",
        numbers: FloatArray | None = None,
        decades: Decades | None = None,
        scale: str = "log",
    ) -> Generator[None, None, None]:
        """Show a run in parts, between which the page may paint. It is complete after the last part.

        `names`: one per layer, the input first. `other`: a second run with as many layers and steps, on the same
        scales; `other_name` is its name, `own_name` that of the first. `numbers`: the numbers of the steps, shape (S,);
        by default they count from 0.
        `decades`: the exponents of ten at the ends of the colours; by default the whole decades around all magnitudes.
        `scale`: of the bars, `log` or `linear`.
        Raises ValueError if the shapes don't match, and then nothing has changed.
        """
        self._check_alive()
        steps = run.values.shape[-1]
        for series in (run, other):
            if series:
                check_series(names, series, steps)
        if numbers is not None and numbers.shape != (steps,):
            raise ValueError(f"numbers: must have the shape {(steps,)}, got {numbers.shape}")
        self._run, self._other = run, other
        self._label, self._run_names = label, (own_name, other_name)
        self._steps, self._numbers, self._decades, self._is_log = steps, numbers, decades, scale == "log"
        self._is_new = True
        place = self._crosshair
        if place is not None and (place.step >= steps or (place.row or 0) >= len(names)):
            self._set_crosshair(None)
        self._name(tuple(names), other is not None)
        self._draw_curves()
        yield
        self._check_alive()
        self._draw_maps()
        yield
        self._check_alive()
        self._is_new = True  # the bars have the map's scale
        if self._bars is not None:
            self._bars.begin(self._runs(), self._span, is_log=self._is_log)
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
        for name in ("bars", "beside", "lossless", "crosshair", "cell"):
            self._root.removeAttribute(f"data-{name}")
        self._run = self._other = None
        self._parts.clear()
        self._mount.destroy()
        del self._root

    def _check_alive(self) -> None:
        if self._destroyed:
            raise RuntimeError(f"{TIMELINE_NAME}: it was called after destroy(); make a new one")

    def _name(self, names: tuple[str, ...], beside: bool) -> None:
        """Make room for the rows, and show their names, the output at the top."""
        self._root.toggleAttribute("data-beside", beside)
        if names == self._names:
            return
        self._names = names
        self._labels.name(names)
        style = self._root.style
        style.setProperty("--rows", str(min(max(len(names), 3), FIRST_ROW_NAMES)))
        style.setProperty("--row", f"{100 / len(names):.3f}%")
        style.setProperty("--names", str(self._labels.width))
        self._fit_names()

    def _fit_names(self) -> None:
        if self._names:
            self._layer = min(self._layer, len(self._names) - 1)
            self._labels.fit(float(self._parts["field"].clientHeight), self._layer)
            self._mark(self._step, self._layer)

    def _runs(self) -> tuple[RunSeries, ...]:
        return tuple(run for run in (self._run, self._other) if run is not None)

    def _draw_curves(self) -> None:
        has_losses = draw_losses(self._parts, self._runs())
        self._root.toggleAttribute("data-lossless", not has_losses)
        self._parts.write("title", "Loss by step" if has_losses else "Gradients by step")

    def _draw_maps(self) -> None:
        maps = [run.map_cells for run in self._runs()]
        self._span = self._decades or heatmap.colour_span(maps)
        self._painter.paint(maps, self._span)

    def _on_theme(self) -> None:
        self._painter.forget_colours()
        if self._run is not None:
            self._draw_maps()

    # What is in view: a step, a layer, and a crosshair.

    def _shape(self) -> tuple[int, int]:
        """The numbers of steps and rows."""
        return self._steps, max(len(self._names), 1)

    def _mark(self, step: int, layer: int) -> None:
        run = self._run
        if run is None:
            return
        layers, former, self._is_new = len(run.values), None if self._is_new else self._step, False
        self._step = step = min(max(step, 0), self._steps - 1)
        self._layer = layer = min(max(layer, 0), layers - 1)
        self._labels.light(layer)
        own, others = (f"{self._label}, {name}" for name in self._run_names)
        self._parts.write("caption", own if self._other else f"{self._label} by layer and step")
        self._parts.write("caption-other", others)
        self._parts.put(
            "field", "aria-label", f"{self._label} by layer and step, {layers} layers and {self._steps} steps"
        )
        self._mark_slider(run)
        self._root.style.setProperty("--cell", f"{100 / self._steps:.4f}%")
        self._place("--at", "--lit", CellPlace(step, layer))
        if self._bars is not None:
            if step != former:
                self._draw_bars(self._bars)
            self._bars.light(layer, self._labels.rows_beside(layer))
        self._write_readout()
        self._table.change()

    def _mark_slider(self, run: RunSeries) -> None:
        slider, where, loss = self._parts["step"], self._where(), run.loss(self._step)
        self._parts.put("step", "max", str(self._steps - 1))
        self._parts.put(
            "step", "aria-valuetext", where if loss is None else f"{where}, loss {describe_magnitude(loss)}"
        )
        if slider.value != str(self._step):
            slider.value = str(self._step)

    def _draw_bars(self, bars: StepBars) -> None:
        """Draw the bars of the step in view."""
        bars.show(self._runs(), self._step)
        for part in ("caption-bars", "caption-bars-other"):
            self._parts.write(part, f"at step {self._number(self._step)}")

    def _fit_bars(self) -> None:
        if self._bars is not None and self._run is not None:
            self._bars.toggle_fit()
            self._draw_bars(self._bars)
            self._bars.light(self._layer, self._labels.rows_beside(self._layer))

    def _place(self, across: str, down: str, place: CellPlace) -> None:
        """Write the places of a step and of a row, per cent of the map, into two properties."""
        style = self._root.style
        style.setProperty(across, f"{100 * line_chart.step_place(place.step, self._steps):.3f}%")
        if place.row is not None:
            rows = max(len(self._names), 1)
            style.setProperty(down, f"{row_bars.row_middle(place.row, rows) - 50 / rows:.3f}%")

    def _where(self) -> str:
        return f"step {self._number(self._step)} of {self._number(self._steps - 1)}"

    def _number(self, step: int) -> str:
        """The text of a step's number."""
        return str(step) if self._numbers is None else write_step(float(self._numbers[step]))

    def _write_readout(self) -> None:
        run, place = self._run, self._crosshair
        if run is None:
            return
        if place is not None and place.row is not None:
            self._parts.write("readout", self._told(self._labels.texts[place.row], place))
            return
        loss = "" if run.losses is None else f" · loss {write_magnitude(run.loss(self._step))}"
        self._parts.write("readout", f"{self._where()}{loss} · {self._magnitudes(self._step, self._layer)}")

    def _told(self, name: str, place: CellPlace) -> str:
        """A cell: `h.3 · step 1,200 · 3.2e-4`."""
        return f"{name} · step {self._number(place.step)} · {self._magnitudes(place.step, place.row or 0)}"

    def _magnitudes(self, step: int, row: int) -> str:
        return " · beside it ".join(run.written(row, step) for run in self._runs())

    # Actions of the user.

    def _point_at(self, place: CellPlace | None) -> None:
        """Show the crosshair, or none. A mouse that leaves the map gives way to the keyboard."""
        if self._run is None:
            return
        if place is None and self._parts["field"].matches(":focus-visible"):
            place = CellPlace(self._step, self._layer)
        self._set_crosshair(place)
        self._write_readout()

    def _set_crosshair(self, place: CellPlace | None) -> None:
        self._crosshair = place
        self._root.toggleAttribute("data-crosshair", place is not None)
        self._root.toggleAttribute("data-cell", place is not None and place.row is not None)
        if place is not None:
            self._place("--hair-step", "--hair-row", place)

    def _press(self, place: CellPlace) -> None:
        """Choose the cell where the pointer is pressed or dragged."""
        self._set_crosshair(place)
        self._choose(*place)

    def _on_focus(self) -> None:
        if self._parts["field"].matches(":focus-visible"):  # by key: a press has its own crosshair
            self._point_at(None)

    def _on_row(self, event: Any) -> None:
        """Choose the row whose name or bar is pressed."""
        rows = (row_under(event, name, len(self._names)) for name in ROW_CLASSES if self._names)
        row = next((row for row in rows if row is not None), None)
        if row is not None:
            self._choose(self._step, row)

    def _on_key(self, event: Any) -> None:
        if self._run is None or event.ctrlKey or event.altKey or event.metaKey:
            return
        row = self._layer if self._crosshair is None or self._crosshair.row is None else self._crosshair.row
        if event.key == "Enter":
            self._choose(self._step, row)
            return
        place = key_place(str(event.key), self._step, row, *self._shape())
        if place is None:
            return
        event.preventDefault()  # else the page scrolls
        event.stopPropagation()  # the page has keys of its own
        self._point_at(place)
        self._parts.write("said", self._told(self._names[place.row or 0], place))
        self._choose(place.step, None)

    def _choose(self, step: int, row: int | None) -> None:
        """Mark a step and, unless it is None, a row, and report what has changed."""
        if self._run is None:
            return
        is_other_step, is_other_row = step != self._step, row is not None and row != self._layer
        self._mark(step, self._layer if row is None else row)
        if is_other_step:
            self._notify(self._on_step, step)  # last: the callback may destroy or change this one
        if is_other_row and row is not None and not self._destroyed:
            self._notify_layer(self._on_layer, row)

    def _table_rows(self) -> MapRows | None:
        if self._run is None:
            return None
        return MapRows(
            f"{self._label} by layer and step, as a table",
            self._names,
            self._runs(),
            self._run_names,
            self._steps,
            self._step,
            self._number,
        )
