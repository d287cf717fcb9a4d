"""Reading the files that people choose, drop or paste, in the page: in slices, with progress, until it is stopped.

Nothing of a file is held but the stretch that is being read and the one after it.
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
STRETCH: Final = 1 << 20  # bytes that are asked of the browser at once
SMALLEST: Final = 1 << 12  # bytes that a reader gets at once, at least …
MAX_FILE_BYTES: Final = 1 << 18  # … and at most …
RELAY: Final = "web/cross-origin-fetch.html"
RELAY_PATIENCE: Final = 30.0  # s until it is there
TIMEOUT_S: Final = 0.006  # … and the s that it may take between two pauses, which are half a slice


class Progress(NamedTuple):
    """The progress of reading: the file's name; its number, from 1, of how many; the bytes of all files."""

    file: str
    number: int
    files: int
    read: int
    size: int

    @property
    def share(self) -> float:
        """The share that is read, 0 to 1; 0 if the size is not known."""
        return min(1.0, self.read / self.size) if self.size else 0.0


async def read_files(
    files: Sequence[Any], told: Callable[[Progress], object], stop: CancelToken
) -> tuple[list[ParsedLog], list[str]]:
    """The logs in some files, JavaScript's `File`s or `Blob`s, and a sentence for each that can't be used.

    `told` gets how far it has come, at least once a file. Raises Stopped when `stop` has been stopped.
    """
    if len(files) > MAX_FILES:
        return [], [f"{len(files):,} files are too many. Expected are at most {MAX_FILES:,} at once."]
    reading = _Reading(files, told, stop)
    logs: list[ParsedLog] = []
    wrong: list[str] = []
    for file in files:
        try:
            logs.append(await reading.read(file))
        except (LogError, OSError) as error:
            wrong.append(str(error))
    reading.tell()
    return logs, wrong


class _Reading:
    """Files that are read one after the other."""

    def __init__(self, files: Sequence[Any], told: Callable[[Progress], object], stop: CancelToken) -> None:
        self._told = told
        self._slice = TimeSlice(stop)
        self._progress = Progress("", 0, len(files), 0, sum(int(file.size) for file in files))
        self._piece = SMALLEST

    async def read(self, file: Any) -> ParsedLog:
        """One file. Raises LogError, OSError and Stopped."""
        before, size = self._progress, int(file.size)
        reader = Reader(_name_of(file), size)
        self._progress = before._replace(file=reader.file, number=before.number + 1)
        self.tell()
        try:
            await self._feed_all(reader, file, size)
            return await self._slice.run(reader.finishing(), lambda _nothing: self.tell())
        finally:
            self._progress = self._progress._replace(read=before.read + size)

    async def _feed_all(self, reader: Reader, file: Any, size: int) -> None:
        """Feed a whole file; while a stretch of it is read, the next one comes."""
        stretch = asyncio.ensure_future(_stretch(file, 0, reader.file))
        try:
            for after in range(STRETCH, max(size, 1) + STRETCH, STRETCH):
                data = await stretch
                if after < size:
                    stretch = asyncio.ensure_future(_stretch(file, after, reader.file))
                await self._feed(reader, data)
        finally:
            _let_go(stretch)

    async def _feed(self, reader: Reader, data: bytes) -> None:
        """Feed what was read of a file, in pieces as large as the reader keeps up with."""
        at = 0
        while at < len(data):
            piece = data[at : at + self._piece]
            at += len(piece)
            self._slice.longest = 0.0
            await self._slice.run(reader.feeding(piece), lambda _nothing: self.tell())
            self._fit(self._slice.longest)
            self._progress = self._progress._replace(read=self._progress.read + len(piece))

    def _fit(self, longest: float) -> None:
        """Make the next piece smaller or larger by how long the last one went without a pause."""
        if longest > TIMEOUT_S:
            self._piece = max(SMALLEST, self._piece // 2)
        elif longest < TIMEOUT_S / 2:
            self._piece = min(MAX_FILE_BYTES, 2 * self._piece)

    def tell(self) -> None:
        """Tell how far it has come."""
        self._told(self._progress)


async def fetch_run(address: str, told: Callable[[Progress], object], stop: CancelToken) -> Any:
    """Fetch a `File` from an address, relative to the page's own or of any host that lets others read it.

    A frame fetches it, see web/cross-origin-fetch.js. `told` gets how far it has come. Raises OSError with a sentence,
    and Stopped when `stop` has been stopped.
    """
    stop.check()
    url = _url(address)
    relay = _Relay(url.href, told, _file_name(url))
    stop.watch(lambda: relay.fail(Cancelled()))
    try:
        blob = await relay.found
    finally:
        relay.destroy()
    return File.new(to_js([blob]), relay.name)


def _url(address: str) -> Any:
    """An address as the browser reads it. Raises OSError."""
    try:
        url = URL.new(address, location.href)
    except JsException:
        url = None
    if url is None or url.protocol not in {"http:", "https:"}:
        raise OSError(f"Run: must be the address of a file, beginning with https:// or http://, got {quote(address)}.")
    return url


def _file_name(url: Any) -> str:
    """The name of the file at an address."""
    last = str(url.pathname).rpartition("/")[2]
    try:
        return str(decodeURIComponent(last)) or str(url.host)
    except JsException:
        return last


class _Relay:
    """The frame that fetches one file, from now until `destroy`; what it found, or an error, comes to `found`."""

    def __init__(self, address: str, told: Callable[[Progress], object], name: str) -> None:
        self.name, self._address, self._told = name, address, told
        self.found: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
        self._patience = asyncio.get_event_loop().call_later(RELAY_PATIENCE, self._give_up)
        self._channel: Any = MessageChannel.new()
        self._frame: Any = document.createElement("iframe")
        self._frame.hidden = True
        self._frame.title = "Relay"
        self._frame.src = URL.new(RELAY, document.baseURI).href
        self._listeners = [
            Listener(self._frame, "load", lambda _event: self._ask()),
            Listener(self._channel.port1, "message", lambda event: self._hear(event.data)),
        ]
        self._channel.port1.start()
        document.body.append(self._frame)

    def _ask(self) -> None:
        self._frame.contentWindow.postMessage(self._address, location.origin, to_js([self._channel.port2]))

    def _hear(self, said: Any) -> None:
        self._patience.cancel()
        if self.found.done():
            return  # it was stopped
        if hasattr(said, "blob"):
            self.found.set_result(said.blob)
        elif hasattr(said, "wrong"):
            self.fail(OSError(f"{self._address} {said.wrong}."))
        elif hasattr(said, "bytes"):
            self._told(Progress(self.name, 1, 1, int(said.bytes), int(said.size)))

    def _give_up(self) -> None:
        self.fail(OSError(f"What fetches runs is missing: {RELAY} did not answer within {RELAY_PATIENCE:g} seconds."))

    def fail(self, error: Exception) -> None:
        """Wait no longer."""
        if not self.found.done():
            self.found.set_exception(error)

    def destroy(self) -> None:
        """Take the frame away, and with it what it is still fetching."""
        self._patience.cancel()
        self._frame.remove()
        for listener in self._listeners:
            listener.destroy()
        self._channel.port1.close()


def _name_of(file: Any) -> str:
    """A file's path in the folder that was chosen or dropped, else its name. A `Blob` has none."""
    return next((str(name) for each in ("path", "webkitRelativePath", "name") if (name := getattr(file, each, ""))), "")


def _let_go(stretch: asyncio.Future[bytes]) -> None:
    """Wait no more for bytes, nor ask what became of them."""
    stretch.cancel()
    if stretch.done() and not stretch.cancelled():
        stretch.exception()


async def _stretch(file: Any, at: int, name: str) -> bytes:
    """The next bytes of a file. Raises OSError, with a sentence."""
    try:
        # A file that is gone, or a folder, may have no bytes: asked as a whole it says so, and its slice doesn't.
        content = await (file.slice(at, at + STRETCH) if file.size else file).arrayBuffer()
    except JsException as error:
        raise OSError(
            f"{name}: could not be read ({error.name}). It may be a folder, or have been moved or changed since it was "
            "chosen."
        ) from None
    data: bytes = content.to_bytes()
    return data
