"""The modules of app/: their imports, the files that the page starts with, the lazy bundles, the remote package.

All lists of files follow from the folders and the imports by these rules; none is kept by hand. `python -m
tools.prerender` writes them into pyscript.toml and app/config.toml.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

# Lazy bundles: each has the modules of its folder, the modules that these import, and the style sheets beside them.
LAZY: Final = {
    "charts": "charts",
    "computed": "panels/computed",
    "recorded": "panels/recorded",
    "present": "panels/present",
    "sheet": "sheet",
    "documentation": "page/documentation",  # for docs.html
}
SHARED: Final = "charts"  # the bundle that is loaded with each of the panels, and holds what lazy bundles share
# The start imports nothing from these.
LAZY_PACKAGES: Final = ("charts", "network", "runs", "panels", "sheet", "page.documentation")
ENTRY: Final = "main"
PAGE_ALONE: Final = ("main.py", "page/", "panels/")  # not in the package that others install
FORMER: Final = "former"  # aliases for former module names


def all_modules(app: Path) -> dict[str, Path]:
    """Return the modules below a folder by dotted name: `figure.wave`, `figure` for a package, `` for the folder."""
    return {_name(path.relative_to(app)): path for path in sorted(app.rglob("*.py"))}


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(app: Path, name: str, modules: dict[str, Path], *, for_types: bool = True) -> Iterator[str]:
    """Yield the dotted names of the folder's modules that one of them imports, anywhere in its code.

    `for_types`: include imports under TYPE_CHECKING.
    """
    path = modules[name]
    package = name.split(".") if path.name == "__init__.py" and name else name.split(".")[:-1]
    if package == [FORMER]:
        package = []  # an alias runs as a module of the package itself
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), for_types):
        if isinstance(node, ast.ImportFrom) and (base := _base(node, package, app.name)) is not None:
            for alias in node.names:
                inner = ".".join((*base, alias.name))
                found = inner if inner in modules else ".".join(base)
                if found in modules and found != name:
                    yield found


def _nodes(tree: ast.AST, for_types: bool) -> Iterator[ast.AST]:
    """Yield all nodes of a tree, with or without those under TYPE_CHECKING."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if for_types or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from _nodes(node, for_types)


def _base(node: ast.ImportFrom, package: list[str], root: str) -> list[str] | None:
    """Return the module that an import names, as parts below the folder; None for a module from elsewhere."""
    parts = node.module.split(".") if node.module else []
    if node.level:
        return [*package[: len(package) - node.level + 1], *parts]
    return parts[1:] if parts[:1] == [root] else None


def reachable(app: Path, entries: Iterable[str], stop: Iterable[str] = (), *, for_types: bool = False) -> set[str]:
    """Return the modules that `entries` import directly or indirectly, with the entries and their packages.

    Imports of the packages in `stop` are not followed. `for_types`: include imports under TYPE_CHECKING.
    """
    modules, ends = all_modules(app), tuple(f"{end}." for end in stop)
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found or f"{name}.".startswith(ends):
            continue
        found.add(name)
        if name:
            waiting.append(name.rpartition(".")[0])
        waiting.extend(imported(app, name, modules, for_types=for_types))
    return found


def start_files(app: Path) -> list[str]:
    """Return the files that the page starts with, as paths from the folder, without main.py: `figure/wave.py`."""
    return _paths(app, start_modules(app) - {ENTRY})


def start_modules(app: Path) -> set[str]:
    """Return the modules that the page starts with, with main.py."""
    return reachable(app, [ENTRY], LAZY_PACKAGES)


def lazy_files(app: Path) -> dict[str, list[str]]:
    """Return the files of each lazy bundle, as paths from the folder. No file is in two bundles or in the start."""
    start = start_modules(app)
    imported_by = {group: reachable(app, _modules_in(app, folder)) - start for group, folder in LAZY.items()}
    others = Counter(name for group, names in imported_by.items() if group != SHARED for name in names)
    imported_by[SHARED] |= {name for name, count in others.items() if count > 1}
    groups = {group: names if group == SHARED else names - imported_by[SHARED] for group, names in imported_by.items()}
    return {group: sorted([*_paths(app, names), *_style_sheets(app, names)]) for group, names in groups.items()}


def _modules_in(app: Path, folder: str) -> list[str]:
    prefix = folder.replace("/", ".")
    return [name for name in all_modules(app) if name == prefix or name.startswith(f"{prefix}.")]


def _style_sheets(app: Path, names: Iterable[str]) -> list[str]:
    """Return the style sheets of these modules: beside a module or in a package, and named like it."""
    places = [app.joinpath(*name.split(".")) for name in names]
    sheets = [sheet for place in places for sheet in (place.with_suffix(".css"), place / f"{place.name}.css")]
    return [sheet.relative_to(app).as_posix() for sheet in sheets if sheet.is_file()]


def remote_files(app: Path) -> list[str]:
    """Return the files of the remote package, app/config.toml: the components, and the network that computes."""
    names = reachable(app, ["", "network"], for_types=True)  # for the exports, imported on first use
    modules = all_modules(app)
    former = {name for name in modules if name == FORMER or name.startswith(f"{FORMER}.")}
    names |= {name for name in former if set(imported(app, name, modules)) <= names | {FORMER}}
    return sorted([*_paths(app, names), *_style_sheets(app, names)])


def package_files(app: Path) -> list[str]:
    """Return the files of the wheel: all of the folder except what only the page uses."""
    files = (path.relative_to(app).as_posix() for path in app.rglob("*") if path.suffix in {".py", ".css", ".typed"})
    return sorted(name for name in files if not name.startswith(PAGE_ALONE))


def _paths(app: Path, names: Iterable[str]) -> list[str]:
    modules = all_modules(app)
    return sorted(modules[name].relative_to(app).as_posix() for name in names)
