"""The manifest: the block of data in index.html and docs.html that tells the page's scripts what to load.

web/pyodide-loader.js reads the bundles in it, web/loading-status.js the table of files. The tree's manifest has no
bundles, because PyScript loads the tree's files one by one. The build writes the site's manifest in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tools.runtime import SetupError

OPENING: Final = '<script type="application/json" id="manifest">'
CLOSING: Final = "</script>"


class AwaitedFile(NamedTuple):
    """A file that the wave waits for, as the status line names and counts it."""

    prefix: str  # of the file's name
    kilobytes: int  # unpacked, at least 1
    label: str


# In the order of the requests. The sizes are those of the tree; the build measures its own.
TREE_FILES: Final = (
    AwaitedFile("start-pyscript.js", 1, "PyScript"),
    AwaitedFile("pyodide-loader.js", 13, "PyScript"),
    AwaitedFile("core.js", 1, "PyScript"),
    AwaitedFile("core-", 136, "PyScript"),
    AwaitedFile("pyscript.", 8, "the page’s configuration"),
    AwaitedFile("pyodide.mjs", 18, "Pyodide"),
    AwaitedFile("pyodide.asm.mjs", 1250, "Pyodide"),
    AwaitedFile("pyodide.asm.wasm", 9596, "Python"),
    AwaitedFile("python_stdlib.", 2545, "Python’s standard library"),
    AwaitedFile("pyodide-lock.json", 114, "Pyodide’s list of packages"),
    AwaitedFile("main.py", 1, "the page’s own code"),
)


class File(NamedTuple):
    """A file whose content the loader checks: its address, relative to the page, and its integrity.

    Where the browser can't check that, size and CRC-32 show a damaged file.
    """

    address: str
    integrity: str
    size: int = 0  # in bytes
    crc32: int = 0


class SnapshotFiles(NamedTuple):
    """The files of a start from the memory snapshot. If one of them fails, the start without it follows."""

    script: File  # Emscripten's, without what the page does not reach
    wasm: File  # the half of Pyodide's module that has what the start calls …
    rest: File  # … and the other half; loaded after the start
    memory: File
    start: File  # the bundle of the page's modules that are not in memory
    library: File  # the bundle of Python's modules that are not in memory; loaded after the start


@dataclass(frozen=True)
class Manifest:
    """The files that the page's scripts load. Addresses are relative to the page."""

    files: tuple[AwaitedFile, ...] = TREE_FILES
    bundles: tuple[str, ...] = ()  # Python's own modules, then the modules that the page starts with
    lazy_bundles: Mapping[str, str] = field(default_factory=dict)  # numpy, and each bundle that is loaded on demand
    snapshot: SnapshotFiles | None = None
    scripts: tuple[str, ...] = ()  # the large ones of the runtime, for web/announce-scripts.js
    release: str = ""  # the name of the built site's release; empty in the tree


def insert(page: str, manifest: Manifest, file: str = "index.html") -> str:
    """Return `page` with its manifest replaced. Raises SetupError, which names `file`, if it has no place for one."""
    before, _, after = _split(page, file)
    fields = {
        "release": manifest.release,
        "files": manifest.files,
        "bundles": manifest.bundles,
        "lazyBundles": dict(manifest.lazy_bundles),
        "snapshot": manifest.snapshot and manifest.snapshot._asdict(),
        "scripts": manifest.scripts,
    }
    lines = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
    text = ",\n".join(lines).replace("<", "\\u003c")  # no content can close the element
    return f"{before}{OPENING}\n{{{text}}}\n{CLOSING}{after}"


def read(page: str, file: str = "index.html") -> Manifest:
    """Return the manifest in `page`. Raises SetupError, which names `file`, if there is none."""
    _, text, _ = _split(page, file)
    try:
        fields = json.loads(text)
        files = tuple(AwaitedFile(*row) for row in fields["files"])
        snapshot = fields["snapshot"] and SnapshotFiles(
            **{name: File(*pair) for name, pair in fields["snapshot"].items()}
        )
        return Manifest(
            files=files,
            bundles=tuple(fields["bundles"]),
            lazy_bundles=fields["lazyBundles"],
            snapshot=snapshot,
            scripts=tuple(fields["scripts"]),
            release=fields["release"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise SetupError(f"{file} has a manifest that cannot be read: {error!r}.") from None


def _split(page: str, file: str) -> tuple[str, str, str]:
    """Split a page into what is before its manifest, the manifest's text, and what is after."""
    before, found, rest = page.partition(OPENING)
    text, closed, after = rest.partition(CLOSING)
    if not found or not closed or OPENING in after:
        raise SetupError(f"{file} must have one manifest, which begins with {OPENING}.")
    return before, text, after
