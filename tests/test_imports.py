"""The imports of app/: who may import whom, and no circles. docs/architecture.md has the same table."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tools import modules
from tools.runtime import ROOT

APP: Final = ROOT / "app"
MODULES: Final = modules.all_modules(APP)
IMPORTS: Final = {name: set(modules.imported(APP, name, MODULES)) for name in MODULES}

# Package or module → what it may import besides itself. `` is app/__init__.py: it hands out what is public.
TABLE: Final = {
    "main": {"page"},
    "page": {
        "view",
        "viz",
        "backprop_flow",
        "browser",
        "figure",
        "spring",
        "sheet",
    },  # it loads panels by name, when they are asked for
    "panels": {"network", "runs", "charts", "view", "viz", "browser", "figure"},
    "charts": {"browser", "figure"},
    "sheet": {"view", "charts", "figure"},
    "viz": {"drawing", "browser", "figure", "spring"},
    "drawing": {"figure"},
    "backprop_flow": {"viz", "browser", "figure"},
    "__main__": {
        "",
        "network",
        "runs",
        "view",
        "figure",
        "spring",
    },  # it reads its options as form and address are read
    "view": {"figure", "spring"},
    "network": {"figure", "spring"},
    "runs": {"figure", "spring"},
    "figure": {"spring"},
    "browser": set(),
    "spring": set(),
    "": {"viz", "backprop_flow", "charts", "figure", "spring"},
    "former": {"network", "runs", "figure", "charts"},  # aliases, a line each
}


def package(name: str) -> str:
    return name.partition(".")[0]


def is_allowed(importer: str, imported: str) -> bool:
    return package(importer) == package(imported) or package(imported) in TABLE[package(importer)]


def circles() -> set[frozenset[str]]:
    """Groups of modules that lead to each other by their imports."""
    reach = {name: reached(name) for name in IMPORTS}
    return {frozenset({name, *(other for other in reach[name] if name in reach[other])}) for name in reach} - {
        frozenset({name}) for name in reach if name not in reach[name]
    }


def reached(start: str) -> set[str]:
    """The modules that one leads to by its imports, itself only by a circle."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in IMPORTS[waiting.pop()] - found:
            found.add(name)
            waiting.append(name)
    return found


def test_each_package_has_a_row_in_the_table() -> None:
    assert {package(name) for name in MODULES} == set(TABLE)


def test_each_import_goes_in_the_direction_of_the_table() -> None:
    broken = {(importer, name) for importer in IMPORTS for name in IMPORTS[importer] if not is_allowed(importer, name)}
    assert broken == set()


def test_modules_import_each_other_in_no_circle() -> None:
    assert circles() == set()


@pytest.mark.parametrize("name", ["figure", "network", "runs", "sheet", "view", "spring"])
def test_pure_packages_import_numpy_and_the_standard_library_alone(name: str) -> None:
    paths = [path for module, path in MODULES.items() if package(module) == name]
    assert paths
    found = {top for path in paths for top in outside(path)}
    assert found - sys.stdlib_module_names - {"numpy"} == set()


def outside(path: Path) -> Iterator[str]:
    """The top-level packages that a module imports from outside app/."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (package(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield package(node.module or "")
