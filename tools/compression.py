"""Gzip over HTTP: content negotiation, and gzipped copies of the files that it makes smaller."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LEVEL: Final = 6  # 9 takes twice as long over the runtime's 10 MB of wasm, and saves half a percent
WORTH_IT: Final = 0.95  # of the file's size at most: compressed files shrink by only one or two percent
WEIGHT: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)

Version = tuple[int, int]  # when a file was last modified, in ns, and its size in bytes


def version(status: os.stat_result) -> Version:
    """Return the version of a file, from its status."""
    return status.st_mtime_ns, status.st_size


def accepts_gzip(field_value: str) -> bool:
    """True if an Accept-Encoding field allows gzip, by name or by `*`, with a weight above 0 (RFC 9110, 12.5.3)."""
    weights = {}
    for item in field_value.split(","):
        coding, _, weight = item.partition(";")
        weights[coding.strip().lower()] = _weight(weight.strip())
    return next((weights[coding] > 0 for coding in ("gzip", "x-gzip", "*") if coding in weights), False)


def _weight(text: str) -> float:
    if not text:
        return 1.0
    found = WEIGHT.fullmatch(text)
    return float(found[1]) if found else 0.0  # an unreadable weight does not count as acceptance


def shrunk(content: bytes) -> bytes | None:
    """Return the gzipped content, or None if that saves almost nothing."""
    packed = gzip.compress(content, LEVEL, mtime=0)
    return packed if len(packed) <= WORTH_IT * len(content) else None


@dataclass
class _Copy:
    version: Version | None = None
    content: bytes | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Copies:
    """Gzipped copies of files, made on first use and kept until the file changes. Threads may share it."""

    def __init__(self) -> None:
        self._copies: dict[Path, _Copy] = {}
        self._lock = threading.Lock()

    def get(self, path: Path, wanted: Version) -> bytes | None:
        """Return that version of a file gzipped, or None if it is better sent uncompressed. Raises OSError."""
        with self._lock:
            copy = self._copies.setdefault(path, _Copy())
        with copy.lock:  # only requests for the same file wait
            if copy.version != wanted:
                copy.content = shrunk(path.read_bytes())
                copy.version = wanted
            return copy.content

    def make(self, folder: Path) -> None:
        """Make the copies of all files below a folder in advance: the big ones take a while."""
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            with contextlib.suppress(OSError):  # deleted meanwhile
                self.get(path, version(path.stat()))
