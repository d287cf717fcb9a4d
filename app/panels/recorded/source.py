"""The source Recorded: training logs that people choose, drop, paste or name in the address, with a panel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from ...browser.elements import by_id
from ...browser.handles import now
from ...browser.time_slicing import Cancelled, CancelToken, TimeSlice, run_in_slices
from ...runs.collector import LogError
from ...view.settings import Settings, parse_step
from ...view.snapshot import Snapshot, SourceRequest
from .arrangement import Plan, View
from .markup import CANCELLED, reading_text
from .model import RecordedModel
from .panel import RecordedPanel
from .reading import Progress

if TYPE_CHECKING:
    from ...view.source import Host, Source

NO_ROOM: Final = (
    "There is not enough memory for this here. Log every tenth step, or a norm a layer, or forget other runs."
)
DRAWING_SLICE_S: Final = 0.003  # what takes longer to draw has a frame of its own
BETWEEN_REPORTS_S: Final = 0.1  # of progress: each lays out a part of the page and paints it
Work = Callable[[CancelToken], Awaitable[None]]


def make_source() -> Source:
    """The source, closed."""
    return RecordedSource()


class RecordedSource:
    """Does what is asked for, one piece of work after the other, and shows it in the panel.

    The runs that were read, and the step in view, are kept while another source is chosen.
    """

    def __init__(self) -> None:
        self._model = RecordedModel(self._publish)
        self._host: Host | None = None  # while it is open
        self._panel: RecordedPanel | None = None  # while it is open, but in a frame
        self._unsubscribe: Callable[[], None] = lambda: None
        self._token = CancelToken()
        self._waiting: list[Work] = []
        self._running: asyncio.Future[None] | None = None  # held here: a loop holds it weakly
        self._reported_at = -BETWEEN_REPORTS_S

    @property
    def snapshot(self) -> Snapshot | None:
        """What is shown; None while it is closed, or no run was read."""
        return self._model.snapshot if self._host else None

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Show the panel and the run in view, and read what is requested."""
        if self._host is None:
            self._show(host)
        if request.focus:
            by_id("source").scrollIntoView(behavior="auto")
            by_id("run-files").focus(preventScroll=True)
        if request.files:
            self.read(request.files)
        elif request.parameters.get("run"):
            self._fetch(host, request.parameters["run"], request.parameters.get("step"))

    def _show(self, host: Host) -> None:
        self._host = host
        if not host.is_embedded:
            self._panel = RecordedPanel(self._model, self, host)
            self._unsubscribe = host.subscribe(self._panel.follow)
        if self._model.snapshot is not None:
            self._publish()
        self._start(self._rest)  # then all else is drawn

    def _fetch(self, host: Host, address: str, step_text: str | None) -> None:
        step = None
        try:
            step = parse_step(step_text) if step_text is not None else None
        except ValueError as error:
            host.notice([f"{error}. This came from “step” in the address; the last one is shown."])
        self._start(lambda token: self._model.fetch(address, step, token, self._report))

    def follow(self, settings: Settings) -> None:
        """A run has an architecture of its own."""

    def program(self, _view: Settings) -> str | None:
        """The magnitudes are to be given."""
        return None

    def command(self) -> list[str] | None:
        """The magnitudes are to be given."""
        return None

    def address(self) -> list[tuple[str, str]]:
        """The parameters that bring run and step back; none where the run is a file."""
        origin = self._model.origin
        return origin.address() if origin else []

    def described(self) -> None:
        """Nothing is computed."""

    def close(self) -> None:
        """Stop reading, and take the panel off the page."""
        self.cancel()
        self._host = None
        self._unsubscribe()
        if self._panel:
            self._panel.destroy()
            self._panel = None

    def read(self, files: Sequence[object]) -> None:
        """Read files, JavaScript's, and look at the first run in them."""
        self._start(lambda token: self._model.read(files, token, self._report))

    def arrange(self, change: Callable[[View], Plan]) -> None:
        """Look at another run, or at the same one arranged otherwise."""
        self._start(lambda token: self._model.arrange(change, token, self._report))

    def forget_others(self) -> None:
        """Forget all runs but the one in view and the one beside it."""
        self._start(self._forget_others)

    async def _forget_others(self, _token: CancelToken) -> None:
        self._model.forget_others()

    async def _rest(self, _token: CancelToken) -> None:
        """No work: what there is gets drawn after it."""

    def cancel(self) -> None:
        """Give up what is being done, and what waits for it."""
        self._waiting.clear()
        self._token.stop()

    def _start(self, work: Work) -> None:
        """Do some work, after all that waits already."""
        self._waiting.append(work)
        self._mark(busy=True)
        if self._running is None:
            self._running = asyncio.ensure_future(self._do_all())

    async def _do_all(self) -> None:
        """Do all that waits, one after the other; what went wrong with any of it is told until the next lot."""
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

    async def _problems_of(self, work: Work, token: CancelToken) -> list[str]:
        """Do some work; what went wrong, whatever it is. What was shown before stays unless all of it was done."""
        try:
            await work(token)
        except Cancelled:
            return [CANCELLED]
        except MemoryError:
            problem = NO_ROOM
        except (LogError, OSError, ValueError) as error:
            problem = str(error)
        else:
            return []
        if self._host and self._model.snapshot is None:
            self._host.publish(None)  # an address's run was awaited
        return [problem]

    async def _draw(self) -> None:
        """Draw the panel a part at a time, so that no frame has to wait for all of it."""
        await TimeSlice(CancelToken()).yield_to_browser()
        if self._panel:
            await run_in_slices(self._panel.showing(), lambda _share: None, CancelToken(), DRAWING_SLICE_S)

    def _publish(self) -> None:
        if self._host:
            self._host.publish(self._model.snapshot)

    def _mark(self, *, busy: bool) -> None:
        if self._panel:
            self._panel.mark(busy=busy)

    def _report(self, share: float, progress: Progress | None) -> None:
        """Tell how far the work is, 0 to 1, now and then."""
        if self._panel and now() - self._reported_at >= BETWEEN_REPORTS_S:
            self._reported_at = now()
            self._panel.tell(share, reading_text(progress) if progress else "Arranging layers and steps …")

    def _end_report(self, problem: str) -> None:
        """Tell that the work is done, and what went wrong, if anything."""
        self._reported_at = now()
        if self._panel:
            self._panel.tell(None, problem)
        elif self._host and problem not in {"", CANCELLED}:
            self._host.notice([problem])
