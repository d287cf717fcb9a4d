"""A release of the built site: what a browser keeps of it, and the name it goes by.

The worker in sw.js takes a release whole or not at all, so each of its files stands there with its integrity.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tools.runtime import SetupError

WORKER: Final = "sw.js"
PAGE: Final = "index.html"
EMPTY: Final = 'const RELEASE = { version: "", files: {}, late: {} };'
ROOT_ELEMENT: Final = '<html lang="en" data-state="loading"'
LATE: Final = re.compile(r"(?!app-)[^/]*\.bundle|.*/numpy-[^/]*\.bundle")  # kept once it has been asked for
# For people and for other pages, not for a visit: sources, the package, licences, what of PyScript is never asked for,
# and the style sheets that the page has in a bundle.
NOT_KEPT: Final = re.compile(
    r"sw\.js|gradient_flow_recorder\.py|app/(?!main\.py).*\.(py|toml)|app/(?!viz\.css).*\.css|dist/.*|(.*/)?(LICENSE|COPYING)[^/]*|.*/numpy-licences/.*|runtime/(.*/)?pyscript/(?!core\.js|(core|error)-).*"
)


def kept(names: Iterable[str]) -> list[str]:
    """The files, by their paths from the site's root, that a visit needs, or may ask for."""
    return sorted(name for name in names if not NOT_KEPT.fullmatch(name))


def integrity(content: bytes) -> str:
    """The content's sha256 as browsers compare it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def stamp(site: Path) -> str:
    """Writes the release into the page and its worker; the release's name. Raises SetupError where it has no place.

    The name follows from the contents alone: the same site built twice is the same release.
    """
    names = kept(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    sums = {name: integrity((site / name).read_bytes()) for name in names}
    version = hashlib.sha256(json.dumps(sums).encode()).hexdigest()[:12]
    _put(site / PAGE, ROOT_ELEMENT, f'{ROOT_ELEMENT} data-release="{version}"')
    sums[PAGE] = integrity((site / PAGE).read_bytes())
    late = {name: sums[name] for name in names if LATE.fullmatch(name)}
    files = {"" if name == PAGE else name: sums[name] for name in names if name not in late}
    told = {"version": version, "files": files, "late": late}
    _put(site / WORKER, EMPTY, f"const RELEASE = {json.dumps(told, indent=1)};")
    return version


def _put(path: Path, place: str, text: str) -> None:
    former = path.read_text(encoding="utf-8")
    if former.count(place) != 1:
        raise SetupError(f"{path.name} must have one place that reads {place}, found {former.count(place)}.")
    path.write_text(former.replace(place, text), encoding="utf-8")
