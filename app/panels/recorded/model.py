"""Runs that were recorded elsewhere: read in the page, arranged, and shown a step at a time.

Brought and imported when somebody chooses Recorded, drops or pastes a log, or comes by an address with one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from ...browser.handles import now
from ...browser.time_slicing import Cancelled, CancelToken, TimeSlice, run_in_slices
from ...runs.collector import LogError
from .arrangement import Origin, Plan, Recording, View, arranging, recordings_of
from .markup import CANCELLED, reading_text
from .reading import Progress, fetch_run, read_files

NO_ROOM = "There is not enough memory for this here. Log every tenth step, or a norm a layer, or forget other runs."


PART = 0.003  # s: what takes longer to draw has a frame of its own
OFTEN = 0.1  # s between two words of how far it is: each lays out a part of the page and paints it
Work = Callable[[CancelToken], Awaitable[None]]


class RecordedModel:
    """The runs that were read, of which one is shown, until it is left. `page` is the page.Page around it."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._recordings: tuple[Recording, ...] = ()
        self._refusals: tuple[str, ...] = ()
        self._view: View | None = None
        self._step = 0
        self._work = CancelToken()
        self._waiting: list[Work] = []
        self._told_at = -OFTEN
        self._running: asyncio.Future[None] | None = None  # kept: a loop holds it weakly
        self._panel: Any = None  # a RecordedView

    @property
    def view(self) -> View | None:
        """What there is to look at; None before anything was read."""
        return self._view

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """All runs that were read."""
        return self._recordings

    @property
    def refusals(self) -> tuple[str, ...]:
        """A sentence for each file that could not be used, of those given last."""
        return self._refusals

    @property
    def step(self) -> int:
        """The place of the step in view."""
        return self._step

    @property
    def cursor(self) -> int:
        """Where the wave is."""
        return int(self._page.settings.layer)

    def open(self) -> None:
        """Show all else that belongs to it: where to choose files, and what explains the figure."""
        from .panel import RecordedPanel  # noqa: PLC0415  # an embedded page has none of it

        if self._panel is None:
            self._panel = RecordedPanel(self)
            self._show_figure()
            self._start(self._show_all)

    def read(self, files: Sequence[Any]) -> None:
        """Read files, JavaScript's, and show the first run in them, once all is done that was asked for before."""
        self._start(lambda stop: self._read(files, "", stop))

    def fetch(self, address: str, step: float | None = None) -> None:
        """Read the run at an address, and show it at a step, or at its last."""
        self._start(lambda stop: self._fetch(address, step, stop))

    def arrange(self, change: Callable[[View], Plan]) -> None:
        """Show another run, or the same one otherwise."""
        self._start(lambda stop: self._rearrange(change, stop))

    def forget_others(self) -> None:
        """Forget all runs but the one in view and the one beside it."""
        self._start(self._forget_others)

    async def _forget_others(self, _stop: CancelToken) -> None:
        view = self._view
        if view is None:
            return
        kept = [view.plan.run, *([] if view.plan.beside is None else [view.plan.beside])]
        self._recordings = tuple(self._recordings[at] for at in kept)
        self._view = replace(view, plan=replace(view.plan, run=0, beside=1 if len(kept) > 1 else None))

    def cancel(self) -> None:
        """Give up what is being done, and what waits for it."""
        self._waiting.clear()
        self._work.stop()

    def look_at(self, step: int) -> None:
        """Show the run at a step, by its place."""
        self._step = step
        self._show_figure()
        if self._panel:
            self._panel.show_step()

    def go_to_layer(self, cursor: int) -> None:
        """The wave shall go there, and wait."""
        self._page.pause_at(cursor)

    def go_to_jump(self) -> None:
        """To the step of the worst jump, and the layer where it is."""
        view = self._view
        if view and view.main.jump:
            self.look_at(view.place_of(view.main.jump.step))
            self.go_to_layer(len(view.rows) - 1 - view.row_of(view.main.jump.layer))
            if self._panel:
                self._panel.say_verdict()

    def show_layer(self, cursor: int) -> None:
        """The wave has come to another layer."""
        if self._panel:
            self._panel.show_layer(cursor)

    def leave(self) -> None:
        """Stop, and leave nothing on the page; the runs are kept for when they are asked for again."""
        self.cancel()
        if self._panel:
            self._panel.destroy()
            self._panel = None

    def _start(self, work: Work) -> None:
        """Do some work, after all that waits already."""
        self._waiting.append(work)
        self._mark(busy=True)
        if self._running is None:
            self._running = asyncio.ensure_future(self._do_all())

    async def _do_all(self) -> None:
        """All that waits, one after the other; what went wrong with any of it is told until the next lot."""
        wrong: list[str] = []
        try:
            while self._waiting:
                self._work = CancelToken()
                wrong += await self._wrong_with(self._waiting.pop(0), self._work)
                self._tell(None, " ".join(dict.fromkeys(wrong)))
                await self._show_all(CancelToken())
        finally:
            self._running = None
            self._mark(busy=False)

    def _mark(self, *, busy: bool) -> None:
        if self._panel:
            self._panel.mark(busy)

    async def _wrong_with(self, work: Work, stop: CancelToken) -> list[str]:
        """Do some work; what went wrong, whatever it is. What was shown before stays unless all of it was done."""
        try:
            await work(stop)
        except Cancelled:
            return [CANCELLED]
        except MemoryError:
            wrong = NO_ROOM
        except (LogError, OSError, ValueError) as error:
            wrong = str(error)
        else:
            return []
        if self._view is None:
            self._page.adopt(self._page.settings)  # an address's run was awaited, and there were no magnitudes
        return [wrong]

    async def _show_all(self, stop: CancelToken) -> None:
        """All that belongs to the view, a part at a time, so that no frame has to wait for all of it."""
        await TimeSlice(stop).yield_to_browser()
        if self._panel:
            await run_in_slices(self._panel.showing(), lambda _share: None, stop, PART)

    async def _read(self, files: Sequence[Any], address: str, stop: CancelToken, step: float | None = None) -> None:
        logs, refusals = await read_files(files, self._told, stop)
        if not logs:
            raise LogError(" ".join(refusals))
        found = await run_in_slices(recordings_of(logs, address, self._recordings), self._arranged, stop)
        await self._arrange(Plan(len(self._recordings)), stop, (*self._recordings, *found), step)
        self._refusals = tuple(refusals)

    async def _fetch(self, address: str, step: float | None, stop: CancelToken) -> None:
        await self._read([await fetch_run(address, self._told, stop)], address, stop, step)

    async def _rearrange(self, change: Callable[[View], Plan], stop: CancelToken) -> None:
        if self._view is not None:
            await self._arrange(change(self._view), stop)

    async def _arrange(
        self, plan: Plan, stop: CancelToken, recordings: tuple[Recording, ...] | None = None, step: float | None = None
    ) -> None:
        among = self._recordings if recordings is None else recordings
        before = self._view if recordings is None else None
        view = await run_in_slices(arranging(among, plan, before), self._arranged, stop)
        await TimeSlice(stop).yield_to_browser()  # the figure takes most of a frame by itself
        number = self._view.steps[self._step] if before is not None and self._view else step
        self._recordings, self._view = among, view
        self._step = view.last if number is None or self._ran_elsewhere(before, plan) else view.place_of(number)
        self._show_figure()

    @staticmethod
    def _ran_elsewhere(before: View | None, plan: Plan) -> bool:
        return before is not None and before.plan.run != plan.run

    def _show_figure(self) -> None:
        view, page = self._view, self._page
        if view is None:
            return
        layers = (1,) * len(view.rows)
        number = float(view.steps[self._step])
        page.use(
            replace(
                page.settings,
                layers=layers,
                gradients=view.main.gradients(self._step),
                names=view.names,
                label=view.label,
                layer=page.fitting(layers),
                computed=None,
                recorded=Origin(self._recordings[view.plan.run].address, number),
            )
        )

    def _told(self, progress: Progress) -> None:
        self._tell(progress.share, reading_text(progress))

    def _arranged(self, share: float) -> None:
        self._tell(share, "Arranging layers and steps …")

    def _tell(self, share: float | None, text: str) -> None:
        """How far it is, 0 to 1, now and then; or that it is done, and what went wrong."""
        if share is not None and now() - self._told_at < OFTEN:
            return
        self._told_at = now()
        if self._panel:
            self._panel.tell(share, text)
        elif share is None and text not in {"", CANCELLED}:
            self._page.notice([text])
