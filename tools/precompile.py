"""Compiles the runtime's Python ahead of time, and leaves out what the page doesn't need of it.

Else each visitor's browser would compile it, on every first visit, for seconds, and fetch twice as much.
"""

from __future__ import annotations

import ast
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tools import runtime

TOOLS: Final = Path(__file__).resolve().parent
COMPILER: Final = tuple(TOOLS / name for name in ("archives.mjs", "archives.py", "rehearsal.py"))
NOT_ARCHIVED: Final = frozenset({"app", "js", "pyscript"})  # the page itself, the browser, PyScript


def precompiled(root: Path, archives: Sequence[Path], imports: Sequence[str] = ()) -> list[Path]:
    """Each archive with compiled modules for sources, and only those that pages with these imports need.

    No imports: all modules. From the cache where it has them. Raises SetupError.
    """
    folder = runtime.cache_folder(root) / "precompiled"
    made = folder / _key(archives, imports)
    if not made.is_dir():
        print("Compiling Python's standard library and numpy …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)  # what was made of other archives is of no more use
        folder.mkdir()
        with tempfile.TemporaryDirectory(dir=folder, prefix="partial-") as partial:
            pyodide = root / "node_modules" / "pyodide"
            paths = [str(path) for path in (COMPILER[0], pyodide, TOOLS, Path(partial))]
            command = ["node", *paths, ",".join(imports), *map(str, archives)]
            runtime.run(command, "Compiling the runtime's modules", root)
            shutil.copytree(partial, made)
    return [made / archive.name for archive in archives]


def page_imports(app: Path) -> list[str]:
    """What the modules in a folder import, wherever in them, from outside it: `math`, `dataclasses:replace`.

    Raises SetupError for a syntax error.
    """
    found: set[str] = set()
    for path in sorted(app.rglob("*.py")):
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


def _key(archives: Sequence[Path], imports: Sequence[str]) -> str:
    total = hashlib.sha256(",".join(imports).encode())
    for path in (*archives, *COMPILER):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]
