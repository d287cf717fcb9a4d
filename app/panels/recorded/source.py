"""The source Recorded: training logs that are chosen, dropped, pasted or named in the address, with a panel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ...browser.elements import by_id
from ...browser.handles import now
from ...browser.time_slicing import Cancelled, CancelToken, TimeSlice, run_in_slices
from ...figure import wave
from ...runs.collector import LogError
from ...view.settings import Settings, parse_step
from ...view.shown import Shown
from ...view.snapshot import Snapshot, SourceRequest, State
from ..learn.panel import LearnPanel
from .arrangement import Plan, View
from .learning import RecordedLearner
from .markup import CANCELLED, reading_text, run_verdict_text, silence_text
from .model import RecordedModel
from .panel import RecordedPanel
from .reading import SILENCE_S, Progress
from .shown import shown_run

if TYPE_CHECKING:
    from ...view.source import Host, Source

NO_ROOM: Final = (
    "There is not enough memory for this here. Log every tenth step, or a norm a layer, or forget other runs."
)
DRAWING_SLICE_S: Final = 0.003  # of drawing, until the browser gets a frame
BETWEEN_REPORTS_S: Final = 0.1  # of progress: each report costs layout and paint
Job = Callable[[CancelToken], Awaitable[None]]


class RecordedSource:
    """Does jobs one after another, and shows the result in the panel.

    The runs and the step in view are kept while another source is chosen.
    """

    def __init__(self) -> None:
        self._model = RecordedModel(self._publish)
        self._host: Host | None = None  # while it is open
        self._panel: RecordedPanel | None = None  # while it is open, except in a frame
        self._learn: LearnPanel | None = None  # while there is a run to ask about
        self._asked: Mapping[str, str] = {}  # the parameters of the address, until the learner's panel has them
        self._unsubscribe: Callable[[], None] = lambda: None
        self._is_leading = False  # to the drop zone
        self._token = CancelToken()
        self._waiting: list[Job] = []
        self._running: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._reported_at = -BETWEEN_REPORTS_S

    @property
    def snapshot(self) -> Snapshot | None:
        """The current snapshot; None while the source is closed or no run was read."""
        return self._model.snapshot if self._host else None

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Show the panel and the run in view, and read the requested run."""
        if self._host is None:
            self._asked = request.parameters
            self._show(host)
        if request.focus:
            self._lead()
        if request.files:
            self.read(request.files)
        elif request.parameters.get("run"):
            self._fetch(host, request.parameters["run"], request.parameters.get("step"))

    def _lead(self) -> None:
        """Lead to the chooser of files, or without a run to the drop zone, which comes a moment later."""
        if self._model.view is None:
            self._is_leading = True
            self._start(self._rest)
        else:
            by_id("source").scrollIntoView(behavior="auto")
            by_id("run-files").focus(preventScroll=True)

    def _show(self, host: Host) -> None:
        self._host = host
        if not host.is_embedded:
            self._panel = RecordedPanel(self._model, self, host)
            self._unsubscribe = host.subscribe(self._follow)
        if self._model.snapshot is not None:
            self._publish()
        self._start(self._rest)  # draws the panel

    def _follow(self, before: State, now: State) -> None:
        if self._panel:
            self._panel.follow(before, now)
        if self._learn:
            self._learn.follow(before, now)

    def _open_learning(self, host: Host) -> None:
        """Show the learner's panel, with the questions that the address asks for."""
        learner = RecordedLearner(self._model, host)
        self._learn = LearnPanel(learner, lambda: learner.current_layer)
        asked, self._asked = self._asked, {}
        host.notice(self._learn.open_address(asked))

    def _fetch(self, host: Host, address: str, step_text: str | None) -> None:
        step = None
        try:
            step = parse_step(step_text) if step_text is not None else None
        except ValueError as error:
            host.notice([f"{error}. This came from “step” in the address; the last one is shown."])

        async def fetch(token: CancelToken) -> None:
            self._reported_at = -BETWEEN_REPORTS_S  # the first report is shown: a host may be silent after it
            await self._model.fetch(address, step, token, self._report)

        self._start(fetch)

    def follow(self, settings: Settings) -> None:
        """Do nothing: a run has its own layers."""

    def program(self, _view: Settings) -> str | None:
        """None: the magnitudes are given."""
        return None

    def command(self) -> list[str] | None:
        """None: the magnitudes are given."""
        return None

    def address(self) -> list[tuple[str, str]]:
        """The parameters that restore the run and the step; empty if the run is from a file."""
        origin = self._model.origin
        own = origin.address() if origin else []
        return [*own, *(self._learn.address() if self._learn else ())] if own else []

    def described(self) -> None:
        """None: nothing is computed."""

    def verdict(self) -> str:
        """The verdict on the step in view."""
        view = self._model.view
        return run_verdict_text(view, self._model.step) if view is not None else ""

    def shown(self, view: Settings) -> Shown | None:
        """The content around the figure; None before a run was read."""
        arranged, model = self._model.view, self._model
        if arranged is None:
            return None
        layer = wave.layer_at(view.layer, len(arranged.rows))
        shown = shown_run(arranged, model.step, layer, has_address=bool(self.address()))
        learn = self._learn
        return shown._replace(lesson=learn.lesson_text, is_hidden=learn.awaits_guess) if learn else shown

    def close(self) -> None:
        """Stop reading and remove the panel."""
        self.cancel()
        self._host = None
        self._unsubscribe()
        if self._learn:
            self._learn.destroy()
            self._learn = None
        if self._panel:
            self._panel.destroy()
            self._panel = None

    def read(self, files: Sequence[object]) -> None:
        """Read files (JavaScript's) and show the first run in them."""
        self._start(lambda token: self._model.read(files, token, self._report))

    def fetch(self, address: str) -> None:
        """Fetch the run at an address and show its last step."""
        if self._host:
            self._fetch(self._host, address, None)

    def arrange(self, change: Callable[[View], Plan]) -> None:
        """Show another run, or the same run in another arrangement."""
        self._start(lambda token: self._model.arrange(change, token, self._report))

    def forget_others(self) -> None:
        """Forget all runs except the one in view and the one it is compared with."""
        self._start(self._forget_others)

    async def _forget_others(self, _token: CancelToken) -> None:
        self._model.forget_others()

    async def _rest(self, _token: CancelToken) -> None:
        """Do nothing: the panel is drawn after each job."""

    def cancel(self) -> None:
        """Cancel the present job and all that wait."""
        self._waiting.clear()
        self._token.stop()

    def _start(self, job: Job) -> None:
        """Do a job after all that wait already."""
        self._waiting.append(job)
        self._mark(busy=True)
        if self._running is None:
            self._running = asyncio.ensure_future(self._do_all())

    async def _do_all(self) -> None:
        """Do all waiting jobs, one after another. Their errors stay on the page until the next jobs."""
        problems: list[str] = []
        try:
            while self._waiting:
                self._token = CancelToken()
                problems += await self._problems_of(self._waiting.pop(0), self._token)
                self._end_report(" ".join(dict.fromkeys(problems)))
                await self._draw()
        finally:
            self._running = None
            self._mark(busy=False)
            if self._panel and self._model.view is None:
                self._panel.show_drop_zone(leading=self._is_leading)
            self._is_leading = False

    async def _problems_of(self, job: Job, token: CancelToken) -> list[str]:
        """Do a job, and return its errors. The view stays as it was unless the whole job was done."""
        try:
            await job(token)
        except Cancelled:
            problem = CANCELLED
        except MemoryError:
            problem = NO_ROOM
        except (LogError, OSError, ValueError) as error:
            problem = str(error)
        else:
            return []
        if self._host and self._model.snapshot is None:
            self._host.publish(None)  # the address's run is not coming
        return [problem]

    async def _draw(self) -> None:
        """Draw the panel in parts, so that no frame waits for all of it."""
        await TimeSlice(CancelToken()).yield_to_browser()
        if self._panel:
            await run_in_slices(self._panel.showing(), lambda _share: None, CancelToken(), DRAWING_SLICE_S)
        if self._panel and self._host and self._model.view is not None and self._learn is None:
            self._open_learning(self._host)

    def _publish(self) -> None:
        if self._host:
            self._host.publish(self._model.snapshot)

    def _mark(self, *, busy: bool) -> None:
        if self._panel:
            self._panel.mark(busy=busy)

    def _report(self, share: float, progress: Progress | None) -> None:
        """Report the progress, 0 to 1, at intervals, and a host that sends nothing."""
        if progress and progress.silent and self._host:
            if self._panel:
                self._panel.warn(silence_text(progress.silent, SILENCE_S, can_cancel=True))
            else:
                self._host.notice([silence_text(progress.silent, SILENCE_S, can_cancel=False)])
        elif self._panel and now() - self._reported_at >= BETWEEN_REPORTS_S:
            self._reported_at = now()
            self._panel.tell(share, reading_text(progress) if progress else "Arranging layers and steps …")

    def _end_report(self, problem: str) -> None:
        """Report the end of a job, and its error if there is one."""
        self._reported_at = now()
        if self._panel:
            self._panel.tell(None, problem)
        elif self._host and problem not in {"", CANCELLED}:
            self._host.notice([problem])


if TYPE_CHECKING:
    _has_the_shape: Source = RecordedSource()
