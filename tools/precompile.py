"""Compiles the runtime's Python ahead of time, and leaves out what the page doesn't need of it.

Else each visitor's browser would compile it, on every first visit, for seconds, and fetch twice as much.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tools import runtime

TOOLS: Final = Path(__file__).resolve().parent
COMPILER: Final = tuple(TOOLS / name for name in ("archives.mjs", "archives.py", "rehearsal.py", "reduced.py"))
NOT_ARCHIVED: Final = frozenset({"app", "js", "pyscript"})  # the page itself, the browser, PyScript
SUMS: Final = "sums.json"  # beside the bundles in the cache
LIBRARY: Final = "/lib/python3.14"  # where Python has its own modules …
SITE_PACKAGES: Final = "/lib/python3.14/site-packages"  # … what is installed …
PYSCRIPT_MODULES: Final = "node_modules/@pyscript/core/src/stdlib/pyscript.js"  # as they are built into its core
HOME: Final = "/home/pyodide"  # … and where it starts


@dataclass(frozen=True)
class Archive:
    """An archive to be packed anew as a bundle, under which name, for which folder of Python's, and how compiled."""

    source: Path
    name: str
    folder: str
    optimize: int = 2  # neither asserts nor docstrings: nobody reads numpy's manual out of the page


def precompiled(root: Path, archives: Sequence[Archive], imports: Sequence[str] = ()) -> list[Path]:
    """A bundle of each archive, with compiled modules for sources, and only those that pages with these imports need.

    No imports: all modules. From the cache where it has them. Raises SetupError.
    """
    folder = runtime.cache_folder(root) / "precompiled"
    made = folder / _key(archives, imports)
    if not _is_whole(made):
        print("Compiling Python's standard library and numpy …", flush=True)
        _pack(root, archives, made, imports)
    return [made / archive.name for archive in archives]


def bundled(root: Path, modules: Sequence[str], late: Mapping[str, Sequence[str]]) -> tuple[Path, dict[str, Path]]:
    """Bundles, from the cache if there: the page's own modules with PyScript's, and of each group that it brings late.

    The first is compiled with asserts and all, as the sources are. Raises SetupError.
    """
    folder = runtime.cache_folder(root) / "bundled"
    with tempfile.TemporaryDirectory(dir=runtime.cache_folder(root), prefix="sources-") as sources:
        first = _zipped(Path(sources) / "app.zip", _texts(root, modules) | pyscript_modules(root))
        archives = [Archive(first, "app.bundle", HOME, optimize=0)]
        for group, names in late.items():
            source = _zipped(Path(sources) / f"{group}.zip", _texts(root, names))
            archives.append(Archive(source, f"{group}.bundle", HOME))
        made = folder / _key(archives, ())
        if not _is_whole(made):
            _pack(root, archives, made)
    return made / archives[0].name, {group: made / f"{group}.bundle" for group in late}


def _texts(root: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in names}


def _zipped(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def pyscript_modules(root: Path) -> dict[str, str]:
    """The Python within PyScript as it writes that into the page's folder: `pyscript/context.py` and its text.

    Their bytecode is never compared with the text, so a test does. Raises SetupError where they aren't found.
    """
    path = root / PYSCRIPT_MODULES
    try:
        folders = json.loads(path.read_text(encoding="utf-8").partition("export default ")[2].rstrip().rstrip(";"))
    except (OSError, ValueError) as error:
        raise runtime.SetupError(f"PyScript's own modules can't be read from {path.name}: {error}.") from None
    return {f"{folder}/{name}": text for folder, modules in folders.items() for name, text in modules.items()}


def _pack(root: Path, archives: Sequence[Archive], made: Path, imports: Sequence[str] = ()) -> None:
    """Run archives.mjs; the folder `made` appears when all is done, with its checksums, and replaces all others."""
    shutil.rmtree(made.parent, ignore_errors=True)  # what was made of other archives is of no more use
    made.parent.mkdir()
    with tempfile.TemporaryDirectory(dir=made.parent, prefix="partial-") as folder:
        partial = Path(folder) / "new"
        partial.mkdir()
        paths = {"pyodide": root / "node_modules" / "pyodide", "tools": TOOLS, "target": partial}
        listed = [{**asdict(one), "source": str(one.source)} for one in archives]
        job = {**{name: str(path) for name, path in paths.items()}, "imports": list(imports), "archives": listed}
        runtime.run(["node", str(COMPILER[0]), json.dumps(job)], "Compiling Python modules", root)
        (partial / SUMS).write_text(json.dumps(_sums(partial)), encoding="utf-8")
        partial.rename(made)


def _sums(folder: Path) -> dict[str, str]:
    """The sha256 of each bundle in a folder, by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.bundle"))}


def _is_whole(made: Path) -> bool:
    """True if a folder has the very bundles that were made: a full disk or a killed build may leave others."""
    try:
        return bool(json.loads((made / SUMS).read_text(encoding="utf-8")) == _sums(made))
    except (OSError, ValueError):
        return False


def page_imports(modules: Iterable[Path]) -> list[str]:
    """What the page's modules import, wherever in them, from outside app/: `math`, `dataclasses:replace`.

    Raises SetupError for a syntax error.
    """
    found: set[str] = set()
    for path in modules:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            raise runtime.SetupError(f"app/{path.name}, line {error.lineno}: {error.msg}.") from None
        found.update(_imported(tree))
    return sorted(name for name in found if re.split("[.:]", name)[0] not in NOT_ARCHIVED)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}:{alias.name}" for alias in node.names)


def _key(archives: Sequence[Archive], imports: Sequence[str]) -> str:
    total = hashlib.sha256(
        ",".join([*imports, *(f"{one.name} {one.folder} {one.optimize}" for one in archives)]).encode()
    )
    for path in (*(one.source for one in archives), *COMPILER):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]
