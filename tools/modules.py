"""The modules of app/: what each imports, what the page starts with and brings later, what others get as a package.

All lists of files follow from the folders and the imports by the rules here; none is kept by hand. `python -m
tools.prerender` writes them into pyscript.toml and app/config.toml.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

# Lazy bundles: each has the modules of its folder, what these lead to, and the style sheets beside them.
LAZY: Final = {"charts": "charts", "computed": "panels/computed", "recorded": "panels/recorded"}
SHARED: Final = "charts"  # the bundle that comes with each of the others, and has what they share
LAZY_PACKAGES: Final = ("charts", "network", "runs", "panels")  # a start imports nothing of these
ENTRY: Final = "main"
SNAPSHOT: Final = "page.snapshot_imports"  # what the memory that return visits start from has imported
PAGE_ALONE: Final = ("main.py", "page/", "panels/")  # no part of the package that others install
FORMER: Final = "former"  # modules by the names that they had, each a line that leads to the present one


def all_modules(app: Path) -> dict[str, Path]:
    """The modules below a folder by their dotted names: `figure.wave`, `figure` for a package, `` for the folder."""
    return {_name(path.relative_to(app)): path for path in sorted(app.rglob("*.py"))}


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(app: Path, name: str, modules: dict[str, Path], *, for_types: bool = True) -> Iterator[str]:
    """The modules of the folder that one of them imports, wherever in it, by their dotted names.

    `for_types`: also what it imports only where types are checked.
    """
    path = modules[name]
    package = name.split(".") if path.name == "__init__.py" and name else name.split(".")[:-1]
    if package == [FORMER]:
        package = []  # it runs as a module of the package itself
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), for_types):
        if isinstance(node, ast.ImportFrom) and (base := _base(node, package, app.name)) is not None:
            for alias in node.names:
                inner = ".".join((*base, alias.name))
                found = inner if inner in modules else ".".join(base)
                if found in modules and found != name:
                    yield found


def _nodes(tree: ast.AST, for_types: bool) -> Iterator[ast.AST]:
    """All nodes of a tree, those that only a type checker sees among them or not."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if for_types or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from _nodes(node, for_types)


def _base(node: ast.ImportFrom, package: list[str], root: str) -> list[str] | None:
    """The module that an import names, as parts below the folder; None for one from elsewhere."""
    parts = node.module.split(".") if node.module else []
    if node.level:
        return [*package[: len(package) - node.level + 1], *parts]
    return parts[1:] if parts[:1] == [root] else None


def reachable(app: Path, entries: Iterable[str], stop: Iterable[str] = (), *, for_types: bool = False) -> set[str]:
    """The modules that `entries` lead to, themselves and the packages that they lie in included.

    Nothing is followed into the top-level packages in `stop`. `for_types`: imports for type checks count, too.
    """
    modules, ends = all_modules(app), frozenset(stop)
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found or name.split(".")[0] in ends:
            continue
        found.add(name)
        if name:
            waiting.append(name.rpartition(".")[0])
        waiting.extend(imported(app, name, modules, for_types=for_types))
    return found


def start_files(app: Path) -> list[str]:
    """What the page starts with, by paths from the folder, without its entry, main.py: `figure/wave.py`."""
    return _paths(app, _start(app) - {ENTRY})


def _start(app: Path) -> set[str]:
    return reachable(app, [ENTRY, SNAPSHOT], LAZY_PACKAGES)


def lazy_files(app: Path) -> dict[str, list[str]]:
    """What each lazy bundle holds, by paths from the folder; no file is in two, nor in one and in the start."""
    start = _start(app)
    led_to = {group: reachable(app, _modules_in(app, folder)) - start for group, folder in LAZY.items()}
    others = [names for group, names in led_to.items() if group != SHARED]
    led_to[SHARED] |= set.intersection(*others)
    groups = {group: names if group == SHARED else names - led_to[SHARED] for group, names in led_to.items()}
    return {group: sorted([*_paths(app, names), *_style_sheets(app, names)]) for group, names in groups.items()}


def _modules_in(app: Path, folder: str) -> list[str]:
    prefix = folder.replace("/", ".")
    return [name for name in all_modules(app) if name == prefix or name.startswith(f"{prefix}.")]


def _style_sheets(app: Path, names: Iterable[str]) -> list[str]:
    """The style sheets of these modules: beside a module, or in a package, and named like it."""
    places = [app.joinpath(*name.split(".")) for name in names]
    sheets = [sheet for place in places for sheet in (place.with_suffix(".css"), place / f"{place.name}.css")]
    return [sheet.relative_to(app).as_posix() for sheet in sheets if sheet.is_file()]


def remote_files(app: Path) -> list[str]:
    """What a page gets that names app/config.toml as a package: the components, and the network that computes."""
    names = reachable(app, ["", "network"], for_types=True)  # for the exports of the package, which come when asked for
    modules = all_modules(app)
    former = {name for name in modules if name == FORMER or name.startswith(f"{FORMER}.")}
    names |= {name for name in former if set(imported(app, name, modules)) <= names | {FORMER}}
    return sorted([*_paths(app, names), *_style_sheets(app, names)])


def package_files(app: Path) -> list[str]:
    """What the wheel holds of the folder: all but what only the page uses."""
    files = (path.relative_to(app).as_posix() for path in app.rglob("*") if path.suffix in {".py", ".css", ".typed"})
    return sorted(name for name in files if not name.startswith(PAGE_ALONE))


def _paths(app: Path, names: Iterable[str]) -> list[str]:
    modules = all_modules(app)
    return sorted(modules[name].relative_to(app).as_posix() for name in names)
