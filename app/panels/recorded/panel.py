"""The panel of a recorded run: where to choose files, map with bars, verdict, its layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from js import document

from ...browser.elements import by_id, element, empty, fill, write
from ...browser.handles import Attribute, Listener, MediaQuery
from ...browser.mount import bring_styles
from ...charts.timeline import Timeline
from ...figure import wave
from . import markup
from .arrangement import Plan, View
from .choices import NOTHING, hide, show_choices
from .list_items import button_key, event_item, layer_item
from .markup import CANCELLED, shown_now
from .shown import run_timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from ...runs.layer_groups import Entry
    from ...view.snapshot import State
    from ...view.source import Host
    from .model import RecordedModel

RUN_STYLES: Final = (
    *("panels/panels.css", "panels/learn/learn.css", "panels/recorded/recorded.css"),
    *("charts/chart.css", "charts/timeline.css"),
)
ROOMS: Final = ("map", "explained", "run")  # all but the map are there only where there is a run
WIDE: Final = "(min-width: 72rem) and (min-height: 36rem)"  # three columns, as in web/workbench.css


class Actions(Protocol):
    """Jobs that take longer. Each is done after those that wait already."""

    def read(self, files: Sequence[object]) -> None:
        """Read files (JavaScript's) and show the first run in them."""

    def arrange(self, change: Callable[[View], Plan]) -> None:
        """Show another run, or the same run in another arrangement."""

    def forget_others(self) -> None:
        """Forget all runs except the one in view and the one it is compared with."""

    def fetch(self, address: str) -> None:
        """Fetch the run at an address and show it."""

    def cancel(self) -> None:
        """Cancel the present job and all that wait."""


class RecordedPanel:
    """Shows a `RecordedModel` and passes on the visitor's actions, until `destroy`."""

    def __init__(self, model: RecordedModel, actions: Actions, host: Host) -> None:
        bring_styles(*RUN_STYLES)
        self._model, self._actions, self._host = model, actions, host
        self._timeline: Any = None  # made when there is a run
        self._takes_focus = False  # the map, once it is there
        self._drawn: View | None = None
        self._gone = False
        self._listed: tuple[Entry, ...] = ()
        fill("recorded", markup.form_markup())
        form = by_id("recorded")
        self._wide = MediaQuery(WIDE, lambda _matches: self._place_verdict())
        self._listeners: list[Any] = [
            self._wide,
            Attribute(document.documentElement, "data-present", self._place_verdict),
            Listener(by_id("map"), "click", self._on_drop_zone),
            Listener(by_id("run-files"), "change", lambda event: self._choose(event.target)),
            Listener(by_id("run-folder"), "change", lambda event: self._choose(event.target)),
            Listener(by_id("run-folder-button"), "click", lambda _event: by_id("run-folder").click()),
            Listener(by_id("run-cancel"), "click", lambda _event: actions.cancel()),
            Listener(by_id("run-forget"), "click", lambda _event: actions.forget_others()),
            Listener(form, "input", self._select),
        ]

    def destroy(self) -> None:
        """Remove the panel from the page."""
        self._gone = True
        for each in (*self._listeners, *filter(None, [self._timeline])):
            each.destroy()
        for name in ("recorded", *ROOMS):
            empty(name)
        self.mark(busy=False)

    # Actions of the visitor.

    def _choose(self, control: Any) -> None:
        files = list(control.files)
        if files:
            self._actions.read(files)

    def _on_drop_zone(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button:
            return
        if button.id == "run-sample":
            self._actions.fetch(markup.SAMPLE_RUN)
        elif hasattr(button.dataset, "choose"):
            by_id(button.dataset.choose).click()

    def _select(self, event: Any) -> None:
        view, name = self._model.view, getattr(event.target.dataset, "select", None)
        if view is None or name is None:
            return
        value = str(event.target.value)
        if name == "shown":
            self._actions.arrange(lambda view: _another(view.plan, int(value)))
        elif name == "beside":
            beside = None if value == NOTHING else int(value)
            self._actions.arrange(lambda view: replace(view.plan, beside=beside))
        elif name == "choice":
            choice = view.choices[int(value)]
            self._actions.arrange(lambda view: replace(view.plan, choice=choice))
        elif name == "scale":
            self._actions.arrange(lambda view: replace(view.plan, is_unscaled=bool(value)))
        elif value:
            self._actions.arrange(lambda view: replace(view.plan, order=view.order_chosen(value)))

    def _on_layers(self, event: Any) -> None:
        button, view = event.target.closest("button"), self._model.view
        if not button or view is None or view is not self._drawn:
            return
        if hasattr(button.dataset, "block"):
            entry = self._listed[int(button.dataset.block)]
            self._actions.arrange(lambda view: replace(view.plan, opened=view.opened(entry.name)))
        elif button.getAttribute("aria-disabled") != "true":
            name, by = view.rows[int(button.dataset.row)].name, int(button.dataset.by)
            self._actions.arrange(lambda view: replace(view.plan, order=view.moved(view.place_named(name), by)))

    # Steps and layers belong to the drawn view. Another run may have been read since.

    def _go_to_step(self, step: int) -> None:
        if self._drawn is self._model.view:
            self._model.look_at(step)

    def _go_to_layer(self, row: int) -> None:
        view = self._model.view
        if view is not None and self._drawn is view:
            self._host.pause_at(len(view.rows) - 1 - row)

    def _on_events(self, event: Any) -> None:
        """Go to the step of an event, and to the layer where it is."""
        button, view = event.target.closest("button"), self._model.view
        if not button or view is None or view is not self._drawn:
            return
        chosen = view.main.events[int(button.dataset.event)]
        self._model.look_at(view.place_of(chosen.step))
        row = view.row_of(chosen)
        if row is not None:
            self._host.pause_at(len(view.rows) - 1 - row)
        self.say_verdict()

    # Display.

    @property
    def _cursor(self) -> int:
        return self._host.state.settings.layer

    def follow(self, before: State, now: State) -> None:
        """Show a change within the same view: the numbers of another step, or another layer."""
        if now.snapshot is not before.snapshot:
            self.show_step()
        elif now.settings.layer != before.settings.layer:
            self.show_layer()

    def tell(self, share: float | None, text: str) -> None:
        """Show the progress, 0 to 1, of the job in `text`. None: the job is over, and `text` is its error, if any."""
        line = by_id("run-progress")
        if share is None:
            hide(line)
            write("run-message", text)
            if text not in {"", CANCELLED}:  # a dropped file may be refused out of view
                by_id("run-message").scrollIntoView(block="nearest")
            return
        line.hidden = False
        write("run-message", "")
        bar = line.querySelector("progress")
        if share:
            bar.value = share
        else:  # the size is not known
            bar.removeAttribute("value")
        write("run-progress-text", f"{text} {100 * share:.0f} %" if share else text)

    @staticmethod
    def warn(text: str) -> None:
        """Show a sentence about the job, which goes on."""
        write("run-message", text)

    @staticmethod
    def mark(*, busy: bool) -> None:
        """Mark the run as about to change, or as up to date."""
        by_id("run").setAttribute("aria-busy", "true" if busy else "false")

    def showing(self) -> Generator[float, None, None]:
        """Draw the whole panel in parts. Ends early if another view has to be drawn."""
        if self._gone:
            return
        model = self._model
        by_id("run-files").value = by_id("run-folder").value = ""  # the same files may be chosen again
        view = model.view
        if view is None:
            return
        if self._timeline is None:
            yield from self._making_rooms()
            if self._gone:
                return
        remarks = (*model.refusals, *view.remarks)
        self._show_remarks(remarks)
        show_choices(view, [recording.run.title for recording in model.recordings])
        yield 0.2
        if self._gone or model.view is not view:
            return
        if view is not self._drawn:
            self._drawn = None
            write("run-heading", f"Run: {view.title}")
            write("run-told", markup.told(view.main.run, view.beside_title))
            write("run-order-source", markup.order_text(view.main.run))
            write("run-trend", " ".join(filter(None, (view.main.summary, _beside_trend(view)))))
            by_id("run-events").replaceChildren(*(event_item(*pair) for pair in enumerate(view.main.events)))
            for part in (self._making_list(view), self._drawing(view)):
                for share in part:
                    yield share
                    if self._gone or self._model.view is not view:
                        return
            self._drawn = view
        self.show_step()
        self._hide_rooms(is_hidden=False)
        write("run-shown-now", shown_now(view.main.run, len(remarks)))
        self.say_verdict()

    @staticmethod
    def say_verdict() -> None:
        """Announce the step in view and its verdict. While the visitor scrubs, the slider says the step."""
        write("verdict-said", str(by_id("verdict").textContent))

    def show_drop_zone(self, *, leading: bool) -> None:
        """Show where to drop a log, unless there is a run. `leading`: bring it into view and into focus."""
        if self._timeline is None and not self._gone:
            fill("map", markup.DROP_ZONE)
            if leading:
                by_id("main").scrollIntoView(behavior="auto")
                document.querySelector("#map button").focus(preventScroll=True)

    def _making_rooms(self) -> Generator[float, None, None]:
        self._takes_focus = bool(by_id("map").contains(document.activeElement))  # it is in the drop zone
        fill("map", markup.MAP)
        fill("explained", markup.EXPLAINED)
        fill("run", markup.PANEL)
        self._hide_rooms(is_hidden=True)
        self._place_verdict()
        yield 0.1
        if self._gone:
            return
        self._timeline = Timeline(
            by_id("timeline"), on_step=self._go_to_step, on_layer=self._go_to_layer, has_bars=True
        )
        self._listeners += [
            Listener(by_id("run-events"), "click", self._on_events),
            Listener(by_id("run-layers"), "click", self._on_layers),
        ]

    def _hide_rooms(self, *, is_hidden: bool) -> None:
        """Hide what is being made for the first time, or show it: then nothing moves while it is filled."""
        by_id("explained").hidden = by_id("run").hidden = is_hidden
        by_id("timeline").toggleAttribute("data-undrawn", is_hidden)
        if not is_hidden and self._takes_focus:
            self._takes_focus = False
            document.querySelector("#timeline [data-part=field]").focus(preventScroll=True)

    def _place_verdict(self) -> None:
        """Put the verdict where there is room: beside the map, or above it, as in a presentation."""
        verdict = by_id("verdict")
        if verdict:
            is_beside = self._wide.matches and not document.documentElement.hasAttribute("data-present")
            by_id("explained" if is_beside else "map").prepend(verdict)

    def _drawing(self, view: View) -> Generator[float, None, None]:
        yield 0.6
        shown = run_timeline(view, self._model.step, self._layer())
        for _ in self._timeline.show_in_parts(**shown, scale=view.scale):
            yield 0.7

    def show_step(self) -> None:
        """Show the numbers of the step in view."""
        model, view = self._model, self._model.view
        if view is None or view is not self._drawn:
            return  # it is still being drawn
        self._timeline.go(model.step, self._layer())
        self._show_verdict(view, model.step)

    def show_layer(self) -> None:
        """Show the layer in view."""
        view = self._model.view
        if view is not None and view is self._drawn:
            self._timeline.go(self._model.step, self._layer())

    def _layer(self) -> int:
        view = self._model.view
        return wave.layer_at(self._cursor, len(view.rows)) if view else 0

    def _show_verdict(self, view: View, step: int) -> None:
        verdict = view.main.verdict(step)
        write("verdict", markup.run_verdict_text(view, step))
        by_id("verdict").dataset.kind = verdict.kind if verdict else ""
        reason = markup.reason_text(verdict) if verdict else ""
        write("run-reason", reason)
        self._show_findings(view, (markup.run_verdict_text(view, step), reason))

    def _show_findings(self, view: View, said: Sequence[str]) -> None:
        """Write what can be passed on."""
        origin = self._model.origin
        events = (f"{event}." for event in view.main.events)
        found = markup.findings(view.title, view.main.run, (*said, view.main.summary, *events))
        write("run-findings", found)
        write("run-share-hint", markup.share_hint(origin.run if origin else ""))

    @staticmethod
    def _show_remarks(remarks: tuple[str, ...]) -> None:
        """The first as it is, the others where one unfolds them."""
        root = by_id("run-remarks")
        root.hidden = not remarks
        first, *others = remarks or ("",)
        root.querySelector("p").textContent = first
        root.querySelector("details").hidden = not others
        more = f"And {markup.counted(len(others), 'more remark')}" if others else ""
        root.querySelector("summary").textContent = more
        root.querySelector("ul").replaceChildren(*(element("li", text) for text in others))

    def _making_list(self, view: View) -> Generator[float, None, None]:
        """Lists rows and open blocks; the button that was used keeps the focus."""
        root, used = by_id("run-layers"), document.activeElement
        focus = button_key(used) if used and root.contains(used) else None
        rows = {row.members.start: at for at, row in enumerate(view.rows)}
        items = []
        for at, entry in enumerate(view.entries):
            items.append(layer_item(entry, at, None if entry.opened else rows[entry.members.start], len(rows)))
            yield 0.5
        self._listed = view.entries
        root.replaceChildren(*items)
        for button in root.querySelectorAll("button"):
            if focus is not None and button_key(button) == focus:
                button.focus()


def _another(plan: Plan, run: int) -> Plan:
    """Another run, with the one beside it that was there, unless that is it."""
    return Plan(run, beside=None if plan.beside == run else plan.beside)


def _beside_trend(view: View) -> str:
    return f"{view.beside_title}: {view.beside.summary}" if view.beside and view.beside.summary else ""
