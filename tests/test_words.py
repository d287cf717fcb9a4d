"""The words of the code: docstrings say what a thing is or does, and a public name has one meaning in app/."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tools.runtime import ROOT

INVERTED: Final = re.compile(r"(What|Whether|Where|How|Why)\b")


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if "former" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def inverted_docstrings(path: Path) -> Iterator[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(parsed(path)):
        text = ast.get_docstring(node) if isinstance(node, documented) else None
        if text is not None and INVERTED.match(text):
            yield f"{path.relative_to(ROOT)}: {text.splitlines()[0]}"


def public_names(body: list[ast.stmt]) -> Iterator[str]:
    """The public names that a module's own statements define, those for type checkers among them."""
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names = [node.name]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        elif isinstance(node, ast.If):
            names = list(public_names(node.body))
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))


def shared_names() -> dict[str, set[str]]:
    """The public names with more than one definition, each with the packages of its modules."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in sources("app"):
        inside = path.relative_to(ROOT / "app")
        package = "/".join(inside.parts[:-1][:2]) or inside.stem
        for name in set(public_names(parsed(path).body)):
            homes[name].append(package)
    return {name: set(packages) for name, packages in homes.items() if len(packages) > 1}


def test_no_docstring_begins_with_a_question_word() -> None:
    paths = sources("app", "tools", "recorder", "bench", "tests")
    assert [line for path in paths for line in inverted_docstrings(path)] == []


def test_no_public_name_of_the_app_is_defined_twice() -> None:
    assert shared_names() == {}
