"""A file's format, known by its content, and its reader, which is fed in pieces. Pure."""

from __future__ import annotations

from typing import Final, Protocol

from .collector import READ, LogError, ParsedLog, Paused, in_one_go
from .formats import sqlite, wandb
from .formats.lines import Lines, is_utf_16
from .formats.npz import ArchiveReader
from .formats.safetensors import SafetensorsReader, is_safetensors
from .formats.sqlite import SqliteReader
from .formats.tensorboard import EventReader, is_event_file
from .formats.wandb import WandbReader
from .layer_names import clean

HEAD: Final = 64  # bytes that tell what a file is
PICKLE: Final = "is a pickle, which can run any code, so it is not opened. Save gradients with np.savez"
KNOWN: Final = (  # by their first bytes
    (b"\x80\x02", PICKLE),
    (b"\x80\x03", PICKLE),
    (b"\x80\x04", PICKLE),
    (b"\x80\x05", PICKLE),
    (b"\x1f\x8b", "is compressed by gzip. Unpack it first"),
    (b"BZh", "is compressed by bzip2. Unpack it first"),
    (b"\xfd7zXZ", "is compressed by xz. Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd. Unpack it first"),
    (b"\x93NUMPY", "is one NumPy array without names. Save gradients by name with np.savez"),
    (b"\x89HDF", f"is an HDF5 file, which is not read; {READ}"),
    (b"PAR1", f"is a Parquet file, which is not read; {READ}"),
    (b"%PDF", f"is a PDF; {READ}"),
    (b"\x89PNG", f"is a picture; {READ}"),
    (b"\xff\xd8\xff", f"is a picture; {READ}"),
    (b"PK\x05\x06", "is an empty archive. Expected is what np.savez writes"),
)
BINARY: Final = ((b"PK\x03\x04", ArchiveReader), (wandb.WANDB_MAGIC, WandbReader), (sqlite.SQLITE_MAGIC, SqliteReader))


class FileReader(Protocol):
    """A reader of one format."""

    def feeding(self, data: bytes) -> Paused[None]:
        """Takes the next bytes. Raises LogError."""

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""


class Reader:
    """Reads one file that is fed in pieces of any size.

    `feeding` and `finishing` pause every few milliseconds: a line may be long, and an archive's piece unpack to many.
    `feed` and `finish` do the same without pauses.
    """

    def __init__(self, file: str, size: int | None = None) -> None:
        self.file, self.size, self.read = clean(file) or "pasted text", size, 0
        self._head = b""
        self._reader: FileReader | None = None

    @property
    def progress(self) -> float:
        """The share of the file that was fed, 0 to 1; 0 if its size is not known."""
        return min(1.0, self.read / self.size) if self.size else 0.0

    def feeding(self, data: bytes) -> Paused[None]:
        """Take the next bytes. Raises LogError when it is clear that nothing can be used."""
        self.read += len(data)
        if self._reader:
            yield from self._reader.feeding(data)
            return
        self._head += data
        if len(self._head) >= HEAD:
            yield from self._begin()

    def _begin(self) -> Paused[FileReader]:
        self._reader = reader = open_format(self.file, self._head)
        head, self._head = self._head, b""
        yield from reader.feeding(head)
        return reader

    def finishing(self) -> Paused[ParsedLog]:
        """Return all that was found. Raises LogError when that is nothing."""
        reader = self._reader or (yield from self._begin())
        return (yield from reader.finishing())

    feed, finish = in_one_go(feeding), in_one_go(finishing)


def open_format(file: str, head: bytes) -> FileReader:
    """The reader for a file that begins with these bytes. Raises LogError for what is known and not read."""
    for magic, why in KNOWN:
        if head.startswith(magic):
            raise LogError(f"{file}: {why}.")
    for magic, reader in BINARY:
        if head.startswith(magic):
            return reader(file)
    if is_safetensors(head):
        return SafetensorsReader(file)
    if is_event_file(head):
        return EventReader(file)
    if not is_utf_16(head) and b"\0" in head.split(b"\n", 1)[0]:
        raise LogError(
            f"{file}: has a zero byte at byte {head.index(0):,}, so it is no text, nor a format known here; {READ}."
        )
    return Lines(file)


def read(file: str, data: bytes | str) -> ParsedLog:
    """The log in a whole file, or in pasted text. Raises LogError."""
    reader = Reader(file)
    reader.feed(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    return reader.finish()
