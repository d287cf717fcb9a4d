"""Compile the runtime's Python ahead of time, and leave out the modules that the page does not need.

Otherwise each first visit would load twice as much, and spend seconds compiling.
"""

from __future__ import annotations

import ast
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tools import cached, runtime

TOOLS: Final = Path(__file__).resolve().parent
COMPILER: Final = tuple(TOOLS / name for name in ("archives.mjs", "archives.py", "rehearsal.py", "reduced.py"))
NOT_ARCHIVED: Final = frozenset({"app", "js", "pyscript"})  # the page itself, the browser, PyScript
LIBRARY: Final = "/lib/python3.14"  # Python's own modules …
SITE_PACKAGES: Final = "/lib/python3.14/site-packages"  # … installed packages …
PYSCRIPT_MODULES: Final = "node_modules/@pyscript/core/src/stdlib/pyscript.js"  # the copy that is built into its core
HOME: Final = "/home/pyodide"  # … and the folder that Python starts in


@dataclass(frozen=True)
class Archive:
    """An archive to be packed as a bundle: the bundle's name, its folder in Python's file system, its optimisation."""

    source: Path
    name: str
    folder: str
    optimize: int = 2  # without asserts and docstrings, which the page does not use


def precompiled(root: Path, archives: Sequence[Archive], imports: Sequence[str] = ()) -> list[Path]:
    """Return a bundle of each archive, with compiled modules, and only those that a page with these imports needs.

    Without imports, all modules are kept. The bundles come from the cache if it has them. Raises SetupError.
    """

    def make(target: Path) -> None:
        print("Compiling Python's standard library and numpy …", flush=True)
        _pack(root, archives, target, imports)

    made = cached.folder(root, "precompiled", _key(archives, imports), make)
    return [made / archive.name for archive in archives]


def bundled(root: Path, modules: Sequence[str], lazy: Mapping[str, Sequence[str]]) -> tuple[Path, dict[str, Path]]:
    """Return the bundle of the page's own modules and PyScript's, and the lazy bundles, from the cache if it has them.

    Raises SetupError.
    """
    with tempfile.TemporaryDirectory(dir=runtime.cache_folder(root), prefix="sources-") as sources:
        first = _zipped(Path(sources) / "app.zip", _texts(root, modules) | pyscript_modules(root))
        archives = [Archive(first, "app.bundle", HOME)]
        for group, names in lazy.items():
            source = _zipped(Path(sources) / f"{group}.zip", _texts(root, names))
            archives.append(Archive(source, f"{group}.bundle", HOME))
        made = cached.folder(root, "bundled", _key(archives, ()), lambda target: _pack(root, archives, target))
    return made / archives[0].name, {group: made / f"{group}.bundle" for group in lazy}


def _texts(root: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in names}


def _zipped(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def pyscript_modules(root: Path) -> dict[str, str]:
    """Return the Python modules that PyScript writes into the page's folder: `pyscript/context.py` and its text.

    Python never compares their bytecode with the text, so a test does. Raises SetupError if they are not found.
    """
    path = root / PYSCRIPT_MODULES
    try:
        folders = json.loads(path.read_text(encoding="utf-8").partition("export default ")[2].rstrip().rstrip(";"))
    except (OSError, ValueError) as error:
        raise runtime.SetupError(f"PyScript's own modules can't be read from {path.name}: {error}.") from None
    return {f"{folder}/{name}": text for folder, modules in folders.items() for name, text in modules.items()}


def _pack(root: Path, archives: Sequence[Archive], target: Path, imports: Sequence[str] = ()) -> None:
    """Run archives.mjs, which writes the bundles into the folder `target`."""
    paths = {"pyodide": root / "node_modules" / "pyodide", "tools": TOOLS, "target": target}
    listed = [{**asdict(one), "source": str(one.source)} for one in archives]
    job = {**{name: str(path) for name, path in paths.items()}, "imports": list(imports), "archives": listed}
    runtime.run(["node", str(COMPILER[0]), json.dumps(job)], "Compiling Python modules", root)


def page_imports(modules: Iterable[Path]) -> list[str]:
    """Return what the page's modules import from outside app/, anywhere in them: `math`, `dataclasses:replace`.

    Raises SetupError for a syntax error.
    """
    found: set[str] = set()
    for path in modules:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            raise runtime.SetupError(f"app/{path.name}, line {error.lineno}: {error.msg}.") from None
        found.update(imported(tree))
    return sorted(name for name in found if re.split("[.:]", name)[0] not in NOT_ARCHIVED)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports from outside its own package, anywhere in it: `math`, `dataclasses:replace`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}:{alias.name}" for alias in node.names)


def _key(archives: Sequence[Archive], imports: Sequence[str]) -> str:
    words = [*imports, *(f"{one.name} {one.folder} {one.optimize}" for one in archives)]
    return cached.key(words, [*(one.source for one in archives), *COMPILER])
