"""Releases of the built site: the files that a browser keeps, and the release's name.

The service worker keeps a release as a whole or not at all, so sw.js lists each file with its integrity.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from tools import manifest
from tools.runtime import SetupError

WORKER: Final = "sw.js"
PAGES: Final = ("index.html", "docs.html")
HOME: Final = PAGES[0]  # what the folder's own address shows
DATA_LINE: Final = '"use strict"; const RELEASE = '  # so begins the worker's first line, which the build writes
# Files that are kept after the first request. Some belong to the start without the memory snapshot, which few need.
LAZY: Final = re.compile(
    r"(?!snapshot-|start-|library-|documentation-)[^/]*\.bundle|.*/(numpy-[^/]*|python_stdlib)\.bundle|.*/whole/.*|.*/pyodide\.asm\.wasm"
)
# Files that a visit never requests: sources, the package, licences, parts of PyScript, and style sheets that are in a
# bundle or in the page.
NOT_KEPT: Final = re.compile(
    r"sw\.js|gradient_flow_recorder\.py|app/.*\.(py|toml)|app/(?!viz\.css).*\.css|web/prerendered-wave\.css|dist/.*|(.*/)?(LICENSE|COPYING)[^/]*|.*/numpy-licences/.*|runtime/(.*/)?pyscript/(?!core\.js|(core|error)-).*"
)


def kept(names: Iterable[str]) -> list[str]:
    """Return the files, by their paths from the site's root, that a visit needs or may request."""
    return sorted(name for name in names if not NOT_KEPT.fullmatch(name))


def integrity(content: bytes) -> str:
    """Return the content's sha256 in the form that browsers compare."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def stamp(site: Path) -> str:
    """Write the release into the pages' manifests and into the worker; return its name. Raises SetupError.

    The name follows from the contents alone: the same site built twice is the same release. A site may be stamped again
    after a change.
    """
    _name_release(site, "")
    names = kept(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    sums = {name: integrity((site / name).read_bytes()) for name in names}
    version = hashlib.sha256(json.dumps(sums).encode()).hexdigest()[:12]
    _name_release(site, version)
    sums |= {page: integrity((site / page).read_bytes()) for page in PAGES}
    lazy = {name: sums[name] for name in names if LAZY.fullmatch(name)}
    files = {"" if name == HOME else name: sums[name] for name in names if name not in lazy}
    _write_data(site / WORKER, {"version": version, "files": files, "lazy": lazy})
    return version


def _name_release(site: Path, version: str) -> None:
    for name in PAGES:
        page = (site / name).read_text(encoding="utf-8")
        named = replace(manifest.read(page, name), release=version)
        (site / name).write_text(manifest.insert(page, named, name), encoding="utf-8")


def _write_data(path: Path, data: Mapping[str, object]) -> None:
    first, _, code = path.read_text(encoding="utf-8").partition("\n")
    if not first.startswith(DATA_LINE):
        raise SetupError(f"{path.name} must begin with {DATA_LINE.strip()}, got {first[:40]}.")
    path.write_text(f"{DATA_LINE}{json.dumps(data)};\n{code}", encoding="utf-8")
