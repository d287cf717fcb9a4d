"""Reads the files that are chosen, dropped, pasted or fetched: in slices, with progress, until it is cancelled.

Only the block that is read and the next one are in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from js import URL, File, MessageChannel, decodeURIComponent, document, location
from pyodide.ffi import JsException, to_js

from ...browser.handles import Listener
from ...browser.time_slicing import Cancelled, CancelToken, TimeSlice
from ...figure.text import quote
from ...runs.collector import LogError, ParsedLog
from ...runs.run import Reader

MAX_FILES: Final = 2_000  # at once; a folder of .npz has one a step
BLOCK_BYTES: Final = 1 << 20  # requested from the browser at once
MIN_PIECE_BYTES: Final = 1 << 12  # passed to a reader at once, at least …
MAX_PIECE_BYTES: Final = 1 << 18  # … and at most
FETCHER: Final = "web/cross-origin-fetch.html"
FETCHER_TIMEOUT_S: Final = 30.0  # until the frame has answered
SILENCE_S: Final = 10.0  # without anything from a host, until that is said
MAX_UNPAUSED_S: Final = 0.006  # between two pauses of a reader: half a slice


class Progress(NamedTuple):
    """The progress of reading: the file's name, its number (from 1) and the count of files; bytes of all files.

    `silent` is the host that has sent nothing for a while.
    """

    file: str
    number: int
    files: int
    read: int
    size: int
    silent: str = ""

    @property
    def share(self) -> float:
        """The share that is read, 0 to 1; 0 if the size is unknown."""
        return min(1.0, self.read / self.size) if self.size else 0.0


async def read_files(
    files: Sequence[Any], on_progress: Callable[[Progress], object], token: CancelToken
) -> tuple[list[ParsedLog], list[str]]:
    """Read files (JavaScript's `File`s or `Blob`s). Returns their logs, and a sentence for each that can't be used.

    `on_progress` is called at least once per file. Raises Cancelled when `token` is cancelled.
    """
    if len(files) > MAX_FILES:
        return [], [f"{len(files):,} files are too many. Expected are at most {MAX_FILES:,} at once."]
    reading = _Reading(files, on_progress, token)
    logs: list[ParsedLog] = []
    wrong: list[str] = []
    for file in files:
        try:
            logs.append(await reading.read(file))
        except (LogError, OSError) as error:
            wrong.append(str(error))
    reading.report()
    return logs, wrong


class _Reading:
    """Reads files one after another."""

    def __init__(self, files: Sequence[Any], on_progress: Callable[[Progress], object], token: CancelToken) -> None:
        self._on_progress = on_progress
        self._slice = TimeSlice(token)
        self._progress = Progress("", 0, len(files), 0, sum(int(file.size) for file in files))
        self._piece = MIN_PIECE_BYTES

    async def read(self, file: Any) -> ParsedLog:
        """Read one file. Raises LogError, OSError and Cancelled."""
        before, size = self._progress, int(file.size)
        reader = Reader(_name_of(file), size)
        self._progress = before._replace(file=reader.file, number=before.number + 1)
        self.report()
        try:
            await self._feed_all(reader, file, size)
            return await self._slice.run(reader.finishing(), lambda _nothing: self.report())
        finally:
            self._progress = self._progress._replace(read=before.read + size)

    async def _feed_all(self, reader: Reader, file: Any, size: int) -> None:
        """Feed a whole file to a reader. The next block is requested while a block is read."""
        block = asyncio.ensure_future(_read_block(file, 0, reader.file))
        try:
            for after in range(BLOCK_BYTES, max(size, 1) + BLOCK_BYTES, BLOCK_BYTES):
                data = await block
                if isinstance(data, OSError):
                    raise data
                if after < size:
                    block = asyncio.ensure_future(_read_block(file, after, reader.file))
                await self._feed(reader, data)
        finally:
            block.cancel()

    async def _feed(self, reader: Reader, data: bytes) -> None:
        """Feed a block in pieces that the reader can handle between two pauses."""
        at = 0
        while at < len(data):
            piece = data[at : at + self._piece]
            at += len(piece)
            self._slice.longest = 0.0
            await self._slice.run(reader.feeding(piece), lambda _nothing: self.report())
            self._fit(self._slice.longest)
            self._progress = self._progress._replace(read=self._progress.read + len(piece))

    def _fit(self, longest: float) -> None:
        """Adapt the size of the pieces to the longest time without a pause."""
        if longest > MAX_UNPAUSED_S:
            self._piece = max(MIN_PIECE_BYTES, self._piece // 2)
        elif longest < MAX_UNPAUSED_S / 2:
            self._piece = min(MAX_PIECE_BYTES, 2 * self._piece)

    def report(self) -> None:
        """Report the progress."""
        self._on_progress(self._progress)


async def fetch_run(address: str, on_progress: Callable[[Progress], object], token: CancelToken) -> Any:
    """Fetch the `File` at an address, relative to the page or on any host that lets other sites read it.

    A frame fetches it (web/cross-origin-fetch.js). Raises OSError with a sentence, and Cancelled when `token` is
    cancelled.
    """
    token.check()
    url = _url(address)
    frame = _FetcherFrame(url, on_progress)
    token.watch(lambda: frame.fail(Cancelled()))
    try:
        blob = await frame.found
    finally:
        frame.destroy()
    return File.new(to_js([blob]), frame.name)


def _url(address: str) -> Any:
    """Parse an address as the browser does. Raises OSError."""
    try:
        url = URL.new(address, location.href)
    except JsException:
        url = None
    if url is None or url.protocol not in {"http:", "https:"}:
        raise OSError(f"Run: must be the address of a file, beginning with https:// or http://, got {quote(address)}.")
    if url.username or url.password:
        raise OSError(f"Run: must have no name and no password, which browsers don’t send, got one for {url.host}.")
    return url


def _file_name(url: Any) -> str:
    """The name of the file at an address."""
    last = str(url.pathname).rpartition("/")[2]
    try:
        return str(decodeURIComponent(last)) or str(url.host)
    except JsException:
        return last


class _FetcherFrame:
    """A frame that fetches one file, until `destroy`. The future `found` receives the file or an error."""

    def __init__(self, url: Any, on_progress: Callable[[Progress], object]) -> None:
        self.name, self._address, self._host = _file_name(url), str(url.href), str(url.host)
        self._on_progress, self._progress = on_progress, Progress(self.name, 1, 1, 0, 0)
        self._loop = asyncio.get_event_loop()
        self.found: asyncio.Future[Any] = self._loop.create_future()
        self._timeout = self._loop.call_later(FETCHER_TIMEOUT_S, self._give_up)
        on_progress(self._progress)
        self._channel: Any = MessageChannel.new()
        self._frame: Any = document.createElement("iframe")
        self._frame.hidden = True
        self._frame.title = "Relay"
        self._frame.src = URL.new(FETCHER, document.baseURI).href
        self._listeners = [
            Listener(self._frame, "load", lambda _event: self._ask()),
            Listener(self._channel.port1, "message", lambda event: self._hear(event.data)),
        ]
        self._channel.port1.start()
        document.body.append(self._frame)

    def _ask(self) -> None:
        self._frame.contentWindow.postMessage(self._address, location.origin, to_js([self._channel.port2]))

    def _hear(self, said: Any) -> None:
        self._timeout.cancel()
        if self.found.done():
            return  # cancelled meanwhile
        self._timeout = self._loop.call_later(SILENCE_S, self._say_silent)
        if hasattr(said, "blob"):
            self.found.set_result(said.blob)
        elif hasattr(said, "wrong"):
            self.fail(OSError(f"{self._address} {said.wrong}."))
        elif hasattr(said, "bytes"):
            self._progress = self._progress._replace(read=int(said.bytes), size=int(said.size))
            self._on_progress(self._progress)

    def _say_silent(self) -> None:
        """Report that the host has sent nothing for a while. The wait goes on."""
        self._on_progress(self._progress._replace(silent=self._host))

    def _give_up(self) -> None:
        self.fail(
            OSError(f"What fetches runs is missing: {FETCHER} did not answer within {FETCHER_TIMEOUT_S:g} seconds.")
        )

    def fail(self, error: Exception) -> None:
        """End the wait with an error."""
        if not self.found.done():
            self.found.set_exception(error)

    def destroy(self) -> None:
        """Remove the frame, which ends its request."""
        self._timeout.cancel()
        self._frame.remove()
        for listener in self._listeners:
            listener.destroy()
        self._channel.port1.close()


def _name_of(file: Any) -> str:
    """A file's path in the folder that was chosen or dropped, else its name. A `Blob` has none."""
    return next((str(name) for each in ("path", "webkitRelativePath", "name") if (name := getattr(file, each, ""))), "")


async def _read_block(file: Any, at: int, name: str) -> bytes | OSError:
    """Read a block of a file. An error is returned: Pyodide would report one that is raised before anyone waits."""
    try:
        # A missing file or a folder may have size 0. Reading it raises an error, but reading a slice of it doesn't.
        content = await (file.slice(at, at + BLOCK_BYTES) if file.size else file).arrayBuffer()
    except JsException as error:
        return OSError(
            f"{name}: could not be read ({error.name}). It may be a folder, or have been moved or changed since it was "
            "chosen."
        )
    data: bytes = content.to_bytes()
    return data
