"""The memory snapshot: Python's memory after it has imported what the page starts with, which each visitor loads.

A start from it imports almost nothing. The modules that are not in memory are in two bundles of their own: the page's,
which need a browser, and Python's, which the start does not need. The result is the same for the same inputs.
"""

from __future__ import annotations

import ast
import gzip
import json
import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import archives, cached, cold_data, modules, precompile, runtime

TOOLS: Final = Path(__file__).resolve().parent
MAKER: Final = tuple(TOOLS / name for name in ("snapshot.mjs", "snapshot_contents.py", "snapshot.py", "cold_data.py"))
BROWSER: Final = frozenset({"_pyscript", "js", "jsffi", "polyscript", "pyodide_js", "pyscript"})  # in no other place
MEMORY: Final = "snapshot.bundle"
START: Final = "start.bundle"
LIBRARY: Final = "library.bundle"
LEVEL: Final = 9  # of compression: done once, and loaded by every visitor


@dataclass(frozen=True)
class Snapshot:
    """The files of a start from the snapshot."""

    memory: Path  # the snapshot itself
    start: Path  # the bundle of the page's modules that are not in memory
    library: Path  # the bundle of Python's modules that are not in memory


def made(root: Path, bundles: tuple[Path, Path]) -> Snapshot:
    """Return the snapshot of a Python with two bundles, from the cache if it has it. Raises SetupError.

    `bundles`: Python's own modules, and the page's.
    """
    imports = start_imports(root)
    key = cached.key([*imports, runtime.PYODIDE_VERSION], [*bundles, *MAKER])
    folder = cached.folder(root, "snapshot", key, lambda target: _make(root, bundles, imports, target))
    return Snapshot(*(folder / name for name in (MEMORY, START, LIBRARY)))


def _make(root: Path, bundles: tuple[Path, Path], imports: list[str], target: Path) -> None:
    print("Making the memory snapshot …", flush=True)
    raw, empty = target / "raw", target / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    job = {
        "pyodide": str(root / "node_modules" / "pyodide"),
        "empty": str(empty),
        "tools": str(TOOLS),
        "files": [str(bundle) for bundle in bundles],
        "imports": imports,
        "late": cold_data.RANGES,
        "target": str(raw),
    }
    said = runtime.run(["node", str(MAKER[0]), json.dumps(job)], "Making the memory snapshot", root)
    in_memory = frozenset(json.loads(said))
    (target / MEMORY).write_bytes(gzip.compress(raw.read_bytes(), LEVEL, mtime=0))
    raw.unlink()
    empty.unlink()
    for bundle, name in zip(bundles, (LIBRARY, START), strict=True):
        (target / name).write_bytes(_without(in_memory, bundle))


def _without(paths: Collection[str], bundle: Path) -> bytes:
    """Return a bundle without some of its files."""
    files = archives.unbundled(bundle.read_bytes())
    return archives.bundled(((path, content) for path, content in files if path not in paths))


def start_imports(root: Path) -> list[str]:
    """Return what the snapshot imports: the page's modules that need no browser, and what all of its start imports.

    `module:name` is one that is imported from another.
    """
    app = root / "app"
    paths = modules.all_modules(app)
    start = modules.start_modules(app)
    ours = [f"{app.name}.{name}".rstrip(".") for name in start if not _needs_browser(app, name)]
    texts = [*(paths[name].read_text(encoding="utf-8") for name in start), *precompile.pyscript_modules(root).values()]
    return sorted({*ours, *(name for text in texts for name in _imports(text) if not _is_elsewhere(name, app))})


def _needs_browser(app: Path, name: str) -> bool:
    """Return True if a module, or one that it imports, imports something that only a browser has."""
    paths = modules.all_modules(app)
    reached = modules.reachable(app, [name], modules.LAZY_PACKAGES)
    texts = (paths[one].read_text(encoding="utf-8") for one in reached)
    return any(_top(found) in BROWSER for text in texts for found in _imports(text))


def _is_elsewhere(name: str, app: Path) -> bool:
    return _top(name) in BROWSER | {app.name}


def _imports(text: str) -> list[str]:
    return list(precompile.imported(ast.parse(text)))


def _top(name: str) -> str:
    return re.split("[.:]", name)[0]
