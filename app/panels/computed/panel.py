"""The panel of a computed network: bars, explanation, form fields, training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from js import document

from ...browser.elements import by_id, empty, fill, write
from ...browser.form_fields import Controls
from ...browser.handles import Listener
from ...browser.mount import bring_styles
from ...charts.bar_chart import GradientDecayExplorer
from ...charts.timeline import Timeline
from ...figure import wave
from ...figure.magnitudes import write_magnitude
from ...network.config import COMPUTED_FIELDS, NetworkConfig, applies, change
from ...network.training import StepSnapshot
from ...view.snapshot import State
from ..learn.glossary import with_terms
from . import markup
from .background import SlicedBackground
from .fix_offers import FixOffers
from .model import NEW_NETWORK, OTHER_PARAMETER, ComputedModel
from .more_fields import MoreFields
from .runner import TrainingRunner
from .shown import network_bars, training_timeline
from .why import axis_decades, explain, why_markup

if TYPE_CHECKING:
    from ...view.source import Host
STYLES: Final = (
    *("panels/panels.css", "panels/learn/learn.css"),
    *("charts/chart.css", "charts/bar_chart.css", "charts/timeline.css"),
)


class ComputedPanel:
    """Shows and controls a `ComputedModel`, until `destroy`."""

    def __init__(self, model: ComputedModel, host: Host, background: SlicedBackground) -> None:
        bring_styles(*STYLES)
        self._model, self._host = model, host
        self._parts = {
            "headline": markup.HEADLINE,
            "measured": markup.MEASURED,
            "explained": markup.EXPLANATION,
            "mending": markup.FIX_ROOM,
            "computed": markup.network_form_markup(),
            "training": markup.training_markup(),
        }
        for name, content in self._parts.items():
            fill(name, content)
        shown = model.shown
        self._bars = GradientDecayExplorer(
            by_id("bars"),
            layers=model.layers,
            gradients=shown.gradients,
            label=shown.label,
            current_layer=self._cursor,
            on_current_layer_change=host.pause_at,
        )
        self._timeline = Timeline(by_id("timeline"), on_step=self._scrub, on_layer=self._go_to_layer)
        self._controls: list[Any] = [Controls(by_id(name), self._change) for name in ("computed", "training")]
        self._more = MoreFields(model.config)
        self._runner = TrainingRunner(model, background, self._end, lambda reason: host.notice([reason]))
        self._fixes = FixOffers(model, self.apply)
        self._listeners: list[Any] = [
            *self._buttons("#compare", lambda _button: self._compare()),
            *self._buttons("#fit-axis", lambda _button: self._fit_axis()),
            *self._buttons("#train-run", lambda _button: self._toggle()),
            *self._buttons("#train-step", lambda _button: self._one_step()),
            *self._buttons("#train-reset", lambda _button: self._reset()),
        ]
        self._drawn = model.layers, model.config
        self._why = ""  # the table of factors that is shown
        self._axis: tuple[StepSnapshot, float] | None = None  # the decades that a step's bars need
        self._said: object = None  # the network whose verdict was announced last, and the kind of the verdict
        self.show()

    def destroy(self) -> None:
        """Stop training, and remove the panel from the page."""
        self._runner.destroy()
        self._fixes.destroy()
        self._more.destroy()
        self._bars.destroy()
        self._timeline.destroy()
        for each in (*self._controls, *self._listeners):
            each.destroy()
        for name in self._parts:
            empty(name)

    def _buttons(self, selector: str, use: Callable[[Any], None]) -> list[Listener]:
        return [
            Listener(button, "click", lambda event: use(event.currentTarget))
            for button in document.querySelectorAll(selector)
        ]

    # Actions of the visitor.

    def _change(self, name: str, text: str) -> None:
        layers, config = self._model.wanted
        self._stop()
        self._model.change(layers, change(config, name, text, layers))

    def apply(self, computed: NetworkConfig, kind: str = OTHER_PARAMETER) -> None:
        """Show another network of these layers, with the present bars behind its own. Raises ValueError."""
        self._stop()
        self._model.change(self._model.layers, computed, kind)
        self._clear_messages()

    def show_network(self, layers: tuple[int, ...], computed: NetworkConfig) -> None:
        """Show another network as if it were the first one."""
        self._stop()
        self._fixes.forget()
        self._model.change(layers, computed, NEW_NETWORK)
        self._clear_messages()

    def _clear_messages(self) -> None:
        for controls in self._controls:
            controls.forget()

    def _compare(self) -> None:
        """Start the comparison with the former network, step by step, or end it."""
        self._stop()
        self._model.compare()

    def _fit_axis(self) -> None:
        self._model.fit_axis()
        by_id("bars").querySelector('[role="slider"]').focus()  # the button that had the focus is gone

    def _toggle(self) -> None:
        if self._runner.is_running:
            self._stop()
            self._model.look_at(self._model.run.steps)
            self._say_step()
        elif not self._model.run.finished:
            self._fixes.hold()  # training needs the time
            self._runner.start()
        self._show_trainer()

    def pause(self) -> None:
        """Pause the training."""
        self._stop()
        self._show_trainer()

    def _stop(self) -> None:
        self._runner.stop()
        self._fixes.release()

    def _one_step(self) -> None:
        self._stop()
        if self._model.is_large and not self._model.run.finished:
            self._fixes.hold()
            self._runner.start(one_step=True)
            self._show_trainer()
            return
        if not self._model.run.finished:
            self._model.advance()
        self._model.look_at(self._model.run.steps)
        self._say_step()

    def _reset(self) -> None:
        self._stop()
        self._model.reset()
        self._say_step()

    def _end(self) -> None:
        """Show that the training has made all of its steps."""
        self._fixes.release()
        self._show_trainer()
        self._say_step()

    def _go_to_layer(self, layer: int) -> None:
        self._host.pause_at(len(self._model.layers) - 1 - layer)

    def _scrub(self, step: int) -> None:
        self._stop()
        self._model.look_at(step)

    # Display.

    @property
    def _cursor(self) -> int:
        return self._host.state.settings.layer

    def follow(self, before: State, now: State) -> None:
        """Show the change: everything, or the numbers of a step, or the layer in view."""
        layers, config = self._drawn
        if self._model.config is not config or self._model.layers != layers:
            self.show()
        elif now.snapshot is not before.snapshot:
            self.show_step()
        elif now.settings.layer != before.settings.layer:
            self.show_layer(now.settings.layer)

    def show(self) -> None:
        """Show everything."""
        model = self._model
        self._drawn = model.layers, model.config
        self._fixes.show()
        self._show_compare()
        by_id("why").dataset.long = "yes" if model.config.residual or model.config.normalisation else "no"
        layers, config = self._drawn
        texts = {field.name: field.write(getattr(config, field.name)) for field in COMPUTED_FIELDS}
        for controls in self._controls:
            controls.show(texts, lambda name: applies(name, config, layers))
        self.show_step()

    def show_step(self) -> None:
        """Show what differs from step to step, up to once a frame in training."""
        model = self._model
        props: dict[str, Any] = network_bars(model)
        self._bars.update(**props, current_layer=self._cursor)
        by_id("fit-axis").hidden = not model.is_axis_wide
        self._show_verdict(model.shown, model.shown_beside)
        self._show_trainer()
        self._explain(self._cursor)

    def _show_verdict(self, shown: StepSnapshot, beside: StepSnapshot | None) -> None:
        text = markup.verdict_text(shown, beside)
        write("verdict-text", text)
        write("verdict-basis", markup.basis_text(shown, self._model.config.measure))
        by_id("verdict").dataset.kind = shown.verdict.kind
        write("verdict-judged", markup.judged_text(shown))
        judged = self._model.layers, self._model.config, shown.verdict.kind
        if judged != self._said:  # of a step of the same run, the kind alone: a step by hand is announced itself
            self._said = judged
            write("verdict-said", text)

    def _show_compare(self) -> None:
        model = self._model
        compare = by_id("compare")
        compare.hidden = model.config.against is None and model.former is None
        compare.textContent = "Compare no more" if model.config.against is not None else "Compare with before"

    def show_layer(self, cursor: int) -> None:
        """Show the layer in view."""
        self._bars.update(current_layer=cursor)
        self._explain(cursor)

    def _explain(self, cursor: int) -> None:
        """Explain the magnitude of the layer in view."""
        model = self._model
        shown, config, at = model.shown, model.config, wave.layer_at(cursor, len(model.layers))
        explanation = explain(shown.links, at, config, loss=shown.loss, widths=model.layers)
        write("why-heading", f"Why here: {explanation.name}")
        sentence, *more = explanation.sentences
        write("why-text", sentence)
        write("why-more", " ".join(more))
        self._show_units(shown.links[at].units())
        if self._axis is None or self._axis[0] is not shown:
            self._axis = shown, axis_decades(shown.links, config.measure)
        table = why_markup(explanation, self._axis[1])
        if table != self._why:
            self._why = table
            fill("why-factors", table)
            by_id("why-legend").hidden = not table

    def _show_units(self, text: str) -> None:
        """Show the units of a layer, in terms that have tooltips."""
        line = by_id("why-shares")
        if str(line.textContent) != text:
            line.innerHTML = with_terms(text)

    def _show_trainer(self) -> None:
        model = self._model
        run = model.run
        write("train-run", "Pause" if self._runner.is_running else "Run")
        for name in ("train-run", "train-step"):
            by_id(name).disabled = run.finished
        write("train-note", f"All {run.max_steps:,} steps are made. Reset starts anew." if run.finished else "")
        self._timeline.show(**training_timeline(model, wave.layer_at(self._cursor, len(model.layers))))

    def _say_step(self) -> None:
        write(
            "train-said",
            f"Step {self._model.step}, loss {write_magnitude(self._model.shown.loss)}. {self._model.shown.verdict}.",
        )
