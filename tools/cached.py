"""Folders of made files in the cache: each is made once for the same inputs, and is whole or not there."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tools import runtime

SUMS: Final = "sums.json"  # beside the made files


def folder(root: Path, kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of a kind of files for a key, from the cache if it has it.

    `make` writes the files into an empty folder. The folder appears at the end, and replaces those of other keys.
    """
    place = runtime.cache_folder(root) / kind / key
    if not _is_whole(place):
        shutil.rmtree(place.parent, ignore_errors=True)
        place.parent.mkdir()
        with tempfile.TemporaryDirectory(dir=place.parent, prefix="partial-") as partial:
            fresh = Path(partial) / "new"
            fresh.mkdir()
            make(fresh)
            (fresh / SUMS).write_text(json.dumps(_sums(fresh)), encoding="utf-8")
            fresh.rename(place)
    return place


def key(words: Iterable[str], files: Iterable[Path]) -> str:
    """Return a key that changes with any of the words and with the content of any of the files."""
    total = hashlib.sha256("\n".join(words).encode())
    for path in files:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]


def _sums(place: Path) -> dict[str, str]:
    files = (path for path in sorted(place.iterdir()) if path.name != SUMS)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _is_whole(place: Path) -> bool:
    """Return True if a folder has the files that were made: a full disk or a killed build may leave others."""
    try:
        return bool(json.loads((place / SUMS).read_text(encoding="utf-8")) == _sums(place))
    except (OSError, ValueError):
        return False
