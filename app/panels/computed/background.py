"""Work of the computed source that takes long: in slices, with a line of progress that can cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from ...browser.elements import by_id, write
from ...browser.handles import Listener, now
from ...browser.mount import bring_styles
from ...browser.time_slicing import Cancelled, CancelToken, run_in_slices
from ...network.pieces import Outcome
from ...network.training import Shares

PROGRESS_INTERVAL_S: Final = 0.1  # of progress: each report costs layout and paint
NO_MEMORY: Final = "There is not enough memory for this network here. Choose fewer neurons or a smaller batch."
PROGRESS_MARKUP: Final = """<div id="computed-progress" class="run-progress" hidden>
<progress max="1" aria-labelledby="computed-progress-text"></progress>
<span id="computed-progress-text"></span><button type="button" id="computed-cancel">Cancel</button></div>"""


class ProgressLine:
    """A line that says how far some work is, with a button that cancels it."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        bring_styles("panels/panels.css")
        by_id("source-message").insertAdjacentHTML("afterend", PROGRESS_MARKUP)
        self._line: Any = by_id("computed-progress")
        self._listener = Listener(by_id("computed-cancel"), "click", lambda _event: cancel())  # as long as the page
        self._shown_at = -PROGRESS_INTERVAL_S

    def show(self, share: float, text: str) -> None:
        """Show the share that is done, 0 to 1, at intervals."""
        if now() - self._shown_at >= PROGRESS_INTERVAL_S:
            self._shown_at = now()
            self._line.hidden = False
            self._line.querySelector("progress").value = share
            write("computed-progress-text", f"{text} … {100 * share:.0f} %")

    def hide(self) -> None:
        """Show nothing until the next progress."""
        self._line.hidden = True


class SlicedBackground:
    """Does one work at a time. `failed` gets the reason if it fails; `given_up` is called if the visitor cancels it.

    A work that is cancelled by `cancel`, or replaced by another one, ends without a word.
    """

    def __init__(self, given_up: Callable[[], object], failed: Callable[[str], object]) -> None:
        self._given_up, self._failed = given_up, failed
        self._token = CancelToken()
        self._task: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._line: ProgressLine | None = None

    def start(self, work: Shares[None], text: str) -> None:
        """Do this work instead of the present one."""
        self._task = asyncio.ensure_future(self._do(work, text, self._replace()))

    async def _do(self, work: Shares[None], text: str, token: CancelToken) -> None:
        try:
            await self._run(work, text, token)
        except Cancelled:
            return
        except MemoryError:
            self._failed(NO_MEMORY)
        except ValueError as error:
            self._failed(str(error))

    async def run(self, work: Shares[Outcome], text: str) -> Outcome:
        """Do this work instead of the present one, and return its result.

        Raises Cancelled, and the work's own exceptions.
        """
        return await self._run(work, text, self._replace())

    def _replace(self) -> CancelToken:
        """Give up the present work, and return the handle of the next one."""
        self.cancel()
        self._token = CancelToken()
        return self._token

    async def _run(self, work: Shares[Outcome], text: str, token: CancelToken) -> Outcome:
        try:
            return await run_in_slices(work, lambda share: self.show(share, text), token)
        finally:
            if token is self._token:
                self.hide()

    def cancel(self) -> None:
        """Give up the present work without a word."""
        self._token.stop()
        self.hide()

    def show(self, share: float, text: str) -> None:
        """Show the progress of work that somebody else does."""
        if self._line is None:
            self._line = ProgressLine(self._give_up)
        self._line.show(share, text)

    def hide(self) -> None:
        """Hide the line of progress."""
        if self._line is not None:
            self._line.hide()

    def _give_up(self) -> None:
        self.cancel()
        self._given_up()
