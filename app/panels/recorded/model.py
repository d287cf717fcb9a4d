"""Recorded runs: reads them, arranges them, and holds the step in view. It knows neither the page nor the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...browser.time_slicing import CancelToken, TimeSlice, run_in_slices
from ...runs.collector import LogError
from ...view.snapshot import Snapshot
from .arrangement import Origin, Plan, Recording, View, arranging, recordings_of
from .reading import Progress, fetch_run, read_files

OnProgress = Callable[[float, Progress | None], object]  # the share that is done, and the file that is read


class RecordedModel:
    """All runs that were read, and the view of one of them.

    Coroutines raise Cancelled when their token is cancelled, and LogError, OSError, ValueError or MemoryError. Then
    the view stays as it was. `changed` is called when the view or the step changes.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self._recordings: tuple[Recording, ...] = ()
        self._refusals: tuple[str, ...] = ()
        self._view: View | None = None
        self._step = 0
        self._snapshot: Snapshot | None = None

    @property
    def view(self) -> View | None:
        """The view; None before a run was read."""
        return self._view

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """All runs that were read."""
        return self._recordings

    @property
    def refusals(self) -> tuple[str, ...]:
        """A sentence for each file of the last selection that could not be used."""
        return self._refusals

    @property
    def step(self) -> int:
        """The index of the step in view."""
        return self._step

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot of the step in view."""
        return self._snapshot

    @property
    def origin(self) -> Origin | None:
        """The origin of the run in view, and the step."""
        if self._view is None:
            return None
        return Origin(self._recordings[self._view.plan.run].address, float(self._view.steps[self._step]))

    async def read(
        self,
        files: Sequence[object],
        token: CancelToken,
        on_progress: OnProgress,
        *,
        address: str = "",
        step: float | None = None,
    ) -> None:
        """Read files (JavaScript's) and show the first run in them, at a step or at its last step."""
        logs, refusals = await read_files(files, lambda progress: on_progress(progress.share, progress), token)
        if not any(log.tables for log in logs):
            raise LogError(" ".join([*refusals, *(log.refusal for log in logs)]))
        work = recordings_of(logs, address, self._recordings)
        found = await run_in_slices(work, lambda share: on_progress(share, None), token)
        plan, recordings = Plan(len(self._recordings)), (*self._recordings, *found)
        view = await run_in_slices(arranging(recordings, plan), lambda share: on_progress(share, None), token)
        await TimeSlice(token).yield_to_browser()  # the figure takes most of a frame by itself
        self._recordings, self._refusals = recordings, tuple(refusals)
        self._show(view, view.last if step is None else view.place_of(step))

    async def fetch(self, address: str, step: float | None, token: CancelToken, on_progress: OnProgress) -> None:
        """Read the run at an address."""
        file = await fetch_run(address, lambda progress: on_progress(progress.share, progress), token)
        await self.read([file], token, on_progress, address=address, step=step)

    async def arrange(self, change: Callable[[View], Plan], token: CancelToken, on_progress: OnProgress) -> None:
        """Show another run, or the same run in another arrangement, at the step in view if possible."""
        before = self._view
        if before is None:
            return
        plan = change(before)
        work = arranging(self._recordings, plan, before)
        view = await run_in_slices(work, lambda share: on_progress(share, None), token)
        await TimeSlice(token).yield_to_browser()
        number = float(before.steps[self._step])
        self._show(view, view.place_of(number) if plan.run == before.plan.run else view.last)

    def forget_others(self) -> None:
        """Forget all runs except the one in view and the one it is compared with."""
        view = self._view
        if view is None:
            return
        kept = [view.plan.run, *([] if view.plan.beside is None else [view.plan.beside])]
        self._recordings = tuple(self._recordings[at] for at in kept)
        self._view = replace(view, plan=replace(view.plan, run=0, beside=1 if len(kept) > 1 else None))

    def look_at(self, step: int) -> None:
        """Show a step, by its index."""
        if self._view is not None:
            self._show(self._view, step)

    def _show(self, view: View, step: int) -> None:
        self._view, self._step = view, step
        self._snapshot = Snapshot(
            (1,) * len(view.rows),
            view.main.gradients(step),
            view.label,
            view.names,
            source="recorded",
            domain=view.domain,
        )
        self._changed()
