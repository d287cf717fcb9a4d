"""All of the laboratory that is seen beside the figure: bars, what explains them, its part of the form, the trainer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from js import document

from ...browser.elements import by_id, empty, fill, write
from ...browser.form_fields import Controls
from ...browser.handles import Frames, Listener, now
from ...browser.mount import bring_styles
from ...charts.bar_chart import GradientDecayExplorer
from ...charts.series import RunSeries
from ...charts.timeline import Timeline
from ...figure import wave
from ...figure.magnitudes import write_magnitude
from ...network.config import COMPUTED_FIELDS, NetworkConfig, applies, change
from ...network.metrics import MEASURES, measure_label
from ...network.training import StepSnapshot, Training
from . import markup
from .lessons import FIXES, LESSONS

if TYPE_CHECKING:
    from .model import ComputedModel

SLICE: Final = 0.010  # s of a frame that training may take; the rest is for showing it, and for the browser
MOST_A_FRAME: Final = 8  # steps, so that a small network's training can be watched as well


class ComputedPanel:
    """What of a `ComputedModel` is seen, and what people do with it, until `destroy`."""

    def __init__(self, lab: ComputedModel) -> None:
        bring_styles("panels/panels.css", "charts/bar_chart.css", "charts/timeline.css")
        self._lab = lab
        self._former: tuple[float | None, ...] | None = None  # magnitudes of before
        self._former_computed: NetworkConfig | None = None
        self._rooms = {
            "explained": markup.explained_markup(),
            "computed": markup.form_markup(),
            "training": markup.training_markup(),
        }
        for name, content in self._rooms.items():
            fill(name, content)
        shown = lab.shown
        self._bars = GradientDecayExplorer(
            by_id("bars"),
            layers=lab.layers,
            gradients=shown.gradients,
            label=shown.label,
            current_layer=lab.cursor,
            on_current_layer_change=lab.go_to_layer,
        )
        self._timeline = Timeline(by_id("timeline"), on_step=self._scrub)
        self._controls: list[Any] = [Controls(by_id(name), self._change) for name in ("computed", "training")]
        self._runner = Frames(self._run_on)
        self._runs = False
        self._listeners: list[Any] = [
            *self._buttons("[data-fix]", self._fix),
            *self._buttons("[data-lesson]", self._teach),
            *self._buttons("#compare", lambda _button: self._compare()),
            *self._buttons("#train-run", lambda _button: self._toggle()),
            *self._buttons("#train-step", lambda _button: self._one_step()),
            *self._buttons("#train-reset", lambda _button: self._reset()),
        ]

    def destroy(self) -> None:
        """Stop training, and take all of it off the page."""
        self._runner.destroy()
        self._bars.destroy()
        self._timeline.destroy()
        for each in (*self._controls, *self._listeners):
            each.destroy()
        for name in self._rooms:
            empty(name)

    def _buttons(self, selector: str, use: Callable[[Any], None]) -> list[Listener]:
        return [
            Listener(button, "click", lambda event: use(event.currentTarget))
            for button in document.querySelectorAll(selector)
        ]

    # What people do.

    def _change(self, name: str, text: str) -> None:
        lab = self._lab
        self._stop()
        self._try(lab.layers, change(lab.computed, name, text, lab.layers), keep=name not in markup.VIEW)

    def _try(self, layers: tuple[int, ...], computed: NetworkConfig, *, keep: bool) -> None:
        """Another network; what the bars are now stays as their ghost where it can be compared."""
        lab = self._lab
        former = self._former, self._former_computed
        if keep and len(layers) == len(lab.layers):
            self._former, self._former_computed = lab.shown.gradients, replace(lab.computed, against=None)
        elif keep:
            self._former = self._former_computed = None
        try:
            lab.try_out(layers, computed)
        except ValueError:
            self._former, self._former_computed = former
            raise

    def _fix(self, button: Any) -> None:
        fix = next(fix for fix in FIXES if fix.name == button.dataset.fix)
        self._stop()
        message = ""
        try:
            self._try(self._lab.layers, fix.change(self._lab.computed), keep=True)
        except ValueError as error:
            message = str(error)
        self._forget_refusals()
        by_id("fix-message").textContent = message

    def _teach(self, button: Any) -> None:
        lesson = next(lesson for lesson in LESSONS if lesson.name == button.dataset.lesson)
        self._stop()
        self._try(lesson.layers, lesson.computed, keep=True)
        self._former = self._former_computed = None
        self._forget_refusals()
        self.show()
        by_id("lesson").textContent = " ".join(lesson.sentences)

    def _forget_refusals(self) -> None:
        for controls in self._controls:
            controls.forget()

    def _compare(self) -> None:
        """With what was before, in lock-step; or no more."""
        computed = self._lab.computed
        against = None if computed.against is not None else self._former_computed
        self._stop()
        self._former = None
        self._lab.try_out(self._lab.layers, replace(computed, against=against))

    def _toggle(self) -> None:
        if self._runs:
            self._stop()
            self._lab.look_at(self._lab.run.steps)
            self._say_step()
        elif not self._lab.run.finished:
            self._runs = True
            self._runner.start()
        self._show_trainer()

    def _stop(self) -> None:
        self._runs = False
        self._runner.stop()

    def _one_step(self) -> None:
        self._stop()
        if not self._lab.run.finished:
            self._lab.advance()
        self._lab.look_at(self._lab.run.steps)
        self._say_step()

    def _reset(self) -> None:
        self._stop()
        self._lab.reset()
        self._say_step()

    def _run_on(self, _seconds: float) -> bool:
        """Some steps of training, as many as a frame has time for; the last of them is shown in the next frame."""
        if self._lab.step < self._lab.run.steps:  # a step and its picture in one frame would take too long
            self._lab.look_at(self._lab.run.steps)
            self._runs = not self._lab.run.finished
            if not self._runs:
                self._show_trainer()
                self._say_step()
            return self._runs
        until = now() + SLICE
        for _ in range(MOST_A_FRAME):
            self._lab.advance()
            if self._lab.run.finished or now() >= until:
                break
        return True

    def _scrub(self, step: int) -> None:
        self._stop()
        self._lab.look_at(step)

    # What is shown.

    def show(self) -> None:
        """All that there is."""
        lab = self._lab
        if self._former is not None and len(self._former) != len(lab.layers):
            self._former = self._former_computed = None
        self._show_fixes()
        texts = {field.name: field.write(getattr(lab.computed, field.name)) for field in COMPUTED_FIELDS}
        for controls in self._controls:
            controls.show(texts, lambda name: applies(name, lab.computed, lab.layers))
        self.show_step()

    def show_step(self) -> None:
        """What differs from step to step: as often as each frame while it trains."""
        lab = self._lab
        shown, beside = lab.shown, lab.shown_beside
        against = lab.computed.against
        self._bars.update(
            layers=lab.layers,
            gradients=shown.gradients,
            label=shown.label,
            scale=lab.computed.scale,
            former=self._former,
            other=beside.gradients if beside else None,
            other_name=markup.difference(against, lab.computed) if against else "",
            current_layer=lab.cursor,
        )
        self._show_verdict(shown, beside)
        self._show_trainer()
        self._explain(lab.cursor)

    def _show_verdict(self, shown: StepSnapshot, beside: StepSnapshot | None) -> None:
        text = " ".join(filter(None, (f"{shown.verdict}.", shown.overflow, beside and f"Beside it: {beside.verdict}.")))
        write("verdict", text)
        by_id("verdict").dataset.kind = shown.verdict.kind
        if not self._runs:
            write("verdict-said", text)

    def _show_fixes(self) -> None:
        lab = self._lab
        for fix in FIXES:
            _by_selector(f'[data-fix="{fix.name}"]').disabled = not fix.helps(lab.computed, lab.layers)
        compare = by_id("compare")
        compare.hidden = lab.computed.against is None and self._former_computed is None
        compare.textContent = "Compare no more" if lab.computed.against is not None else "Compare with before"

    def show_layer(self, cursor: int) -> None:
        """The layer in view."""
        self._bars.update(current_layer=cursor)
        self._explain(cursor)

    def _explain(self, cursor: int) -> None:
        """Why the layer in view has what it has."""
        lab = self._lab
        link = lab.shown.links[wave.layer_at(cursor, len(lab.layers))]
        write("why-heading", f"Why here: {link.name}")
        write("why-factors", link.sentence())
        write("why-shares", link.units())

    def _show_trainer(self) -> None:
        lab = self._lab
        run = lab.run
        write("train-run", "Pause" if self._runs else "Run")
        for name in ("train-run", "train-step"):
            by_id(name).disabled = run.finished
        measure = lab.computed.measure if run.keeps(lab.computed.measure) else "rms_a"
        first = MEASURES[measure].first  # the input has no weights to show anything of
        relative = lab.computed.is_relative

        def track(training: Training) -> RunSeries:
            return RunSeries(training.losses, np.abs(training.values(measure, relative=relative)[first:]))

        self._timeline.show(
            run.names[first:],
            track(run),
            lab.step,
            label=measure_label(measure, relative=relative),
            layer=max(wave.layer_at(lab.cursor, len(lab.layers)) - first, 0),
            other=track(lab.other) if lab.other else None,
        )

    def _say_step(self) -> None:
        write(
            "train-said",
            f"Step {self._lab.step}, loss {write_magnitude(self._lab.shown.loss)}. {self._lab.shown.verdict}.",
        )


def _by_selector(selector: str) -> Any:
    return document.querySelector(selector)
