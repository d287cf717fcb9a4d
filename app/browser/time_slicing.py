"""Long work in slices of time: the page runs a generator and lets the browser paint in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from time import perf_counter
from typing import Final, TypeVar

from js import document

Result = TypeVar("Result")
Yielded = TypeVar("Yielded")
MAX_SLICE_S: Final = 0.012  # of work between two pauses
# In Pyodide a timer of 0 is a message to the page. Chromium handles such messages before it paints: measured, it then
# paints only every 110 ms. In a hidden page 0 is right, because the browser runs other timers only once a second there.
PAUSE_S: Final = 0.003


class Cancelled(Exception):  # noqa: N818  # it is no error
    """The work was cancelled; its partial result is lost."""


class CancelToken:
    """The handle that cancels some work: it raises `Cancelled` at its next pause. A second `stop` is harmless."""

    def __init__(self) -> None:
        self.stopped = False
        self._callbacks: list[Callable[[], object]] = []

    def stop(self) -> None:
        """Cancel the work."""
        self.stopped = True
        while self._callbacks:
            self._callbacks.pop()()

    def watch(self, callback: Callable[[], object]) -> None:
        """Call `callback` when the work is cancelled, or now if it is. For work that waits for something."""
        self._callbacks.append(callback)
        if self.stopped:
            self.stop()

    def check(self) -> None:
        """Raise Cancelled if the work is cancelled."""
        if self.stopped:
            raise Cancelled


class TimeSlice:
    """The time since the last pause, of one piece of work or of several in a row.

    `longest` is the longest time between two `yield`s of the work in s. A caller may set it back to 0.
    """

    def __init__(self, stop: CancelToken, length: float = MAX_SLICE_S) -> None:
        self._stop, self._length = stop, length
        self._began = perf_counter()
        self.longest = 0.0

    async def yield_to_browser(self) -> None:
        """Let the browser paint and handle events. Raises Cancelled if the work is cancelled meanwhile."""
        await asyncio.sleep(0.0 if document.hidden else PAUSE_S)
        self._stop.check()
        self._began = perf_counter()

    async def run(self, work: Generator[Yielded, None, Result], on_progress: Callable[[Yielded], object]) -> Result:
        """Run a generator to its end and return its result. `on_progress` gets the last yielded value before a pause.

        Raises Cancelled if the work is cancelled, and the work's own exceptions.
        """
        self._stop.check()
        began = perf_counter()
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                self.longest = max(self.longest, perf_counter() - began)
                result: Result = end.value
                return result
            now = perf_counter()
            self.longest = max(self.longest, now - began)
            began = now
            if now - self._began >= self._length:
                on_progress(progress)
                await self.yield_to_browser()
                began = self._began


async def run_in_slices(
    work: Generator[float, None, Result],
    on_progress: Callable[[float], object],
    stop: CancelToken,
    length: float = MAX_SLICE_S,
) -> Result:
    """Run a generator that yields its progress, 0 to 1, and return its result. `on_progress` gets it once a slice.

    `length`: of a slice, in s. Raises Cancelled if `stop` is stopped, and the work's own exceptions.
    """
    return await TimeSlice(stop, length).run(work, on_progress)
