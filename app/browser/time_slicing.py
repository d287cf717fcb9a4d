"""Long work in the page: a generator is run in slices, between which the browser paints and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from time import perf_counter
from typing import Final, TypeVar

from js import document

Result = TypeVar("Result")
Progress = TypeVar("Progress")
SLICE_S: Final = 0.012  # s of work without a breath
# s. Timers of 0 are messages to the page in Pyodide, before whose like Chromium paints every 110 ms only, as measured.
# Where nothing is seen they are right, for there the browser lets other timers go off once a second.
PAUSE_S: Final = 0.003


class Cancelled(Exception):  # noqa: N818  # it is no error
    """The work was stopped; what was done of it is gone."""


class CancelToken:
    """What stops some work: at its next breath that raises `Cancelled`. Stopping twice is harmless."""

    def __init__(self) -> None:
        self.stopped = False
        self._callbacks: list[Callable[[], object]] = []

    def stop(self) -> None:
        """Let the work go no further."""
        self.stopped = True
        while self._callbacks:
            self._callbacks.pop()()

    def watch(self, callback: Callable[[], object]) -> None:
        """Call back once it is stopped, for work that waits for something."""
        self._callbacks.append(callback)
        if self.stopped:
            self.stop()

    def check(self) -> None:
        """Raises Stopped if it has been stopped."""
        if self.stopped:
            raise Cancelled


class TimeSlice:
    """The time since the last breath, of one piece of work or of several that go on one after another.

    `longest` is the time in s between two of their pauses, at most, since it was set to 0.
    """

    def __init__(self, stop: CancelToken, length: float = SLICE_S) -> None:
        self._stop, self._length = stop, length
        self._began = perf_counter()
        self.longest = 0.0

    async def yield_to_browser(self) -> None:
        """Let the browser paint and answer. Raises Stopped if somebody has stopped the work meanwhile."""
        await asyncio.sleep(0.0 if document.hidden else PAUSE_S)
        self._stop.check()
        self._began = perf_counter()

    async def run(self, work: Generator[Progress, None, Result], told: Callable[[Progress], object]) -> Result:
        """The result of some work that pauses now and then; `told` gets what it yields, last before each breath.

        Raises Stopped when the work is stopped, and what it raises.
        """
        self._stop.check()
        began = perf_counter()
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                self.longest = max(self.longest, perf_counter() - began)
                found: Result = end.value
                return found
            now = perf_counter()
            self.longest = max(self.longest, now - began)
            began = now
            if now - self._began >= self._length:
                told(share)
                await self.yield_to_browser()
                began = self._began


async def run_in_slices(
    work: Generator[float, None, Result], told: Callable[[float], object], stop: CancelToken, length: float = SLICE_S
) -> Result:
    """The result of some work that yields how much of it is done, 0 to 1, which `told` gets once a slice.

    `length`: of a slice, in s. Raises Stopped when `stop` has been stopped, and what the work raises.
    """
    return await TimeSlice(stop, length).run(work, told)
