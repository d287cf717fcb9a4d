"""The table of the component's props, from its signature and docstring, for the page and for the documentation.

Types come from GivenProps in app/figure/props.py, defaults from Props there, and descriptions from GradientFlowViz's
docstring in app/viz.py. The files are parsed, not imported, because viz needs a browser.
"""

from __future__ import annotations

import ast
import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COMPONENT: Final = "GradientFlowViz"
HEADINGS: Final = ("Prop", "Type", "Default", "What it does")
REQUIRED: Final = "required"
_BULLET: Final = re.compile(r"^- `(\w+)`: (.+?)(?=\n- |\n\n|\Z)", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Prop:
    """One prop in the table: Python source for type and default, and a description with `code` in it."""

    name: str
    type: str
    default: str | None  # None if it is required
    description: str


def read_props(app: Path) -> list[Prop]:
    """Return the component's props in order. Raises ValueError if its three sources name different props."""
    tree = ast.parse((app / "figure" / "props.py").read_text(encoding="utf-8"))
    given, made = _fields(_class(tree, "GivenProps")), _fields(_class(tree, "Props"))
    types = {name: ast.unparse(field.annotation) for name, field in given}
    defaults = {name: ast.unparse(field.value) if field.value else None for name, field in made}
    component = _class(ast.parse((app / "viz.py").read_text(encoding="utf-8")), COMPONENT)
    descriptions = dict(_bullets(ast.get_docstring(component) or ""))
    if not list(types) == list(defaults) == list(descriptions):
        raise ValueError(
            f"GivenProps has {', '.join(types)}; Props has {', '.join(defaults)}; "
            f"{COMPONENT}' docstring has {', '.join(descriptions)}: they must be the same"
        )
    return [Prop(name, types[name], defaults[name], descriptions[name]) for name in types]


def _class(tree: ast.AST, name: str) -> ast.ClassDef:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name]
    if len(found) != 1:
        raise ValueError(f"there must be one class {name}, found {len(found)}")
    return found[0]


def _fields(definition: ast.ClassDef) -> Iterator[tuple[str, ast.AnnAssign]]:
    for node in definition.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


def _bullets(docstring: str) -> Iterator[tuple[str, str]]:
    for name, text in _BULLET.findall(docstring):
        line = " ".join(textwrap.dedent(text).split())
        yield name, line[0].upper() + line[1:]


def props_html(props: list[Prop]) -> str:
    """Return the table's markup, with explicit roles, because narrow screens show rows as blocks."""
    heads = "".join(f'<th scope="col" role="columnheader">{heading}</th>' for heading in HEADINGS)
    rows = "".join(f"{_row(prop)}\n" for prop in props)
    return (
        f'<table class="props" role="table" aria-labelledby="props-heading">\n'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}</tbody>\n</table>\n'
    )


def _row(prop: Prop) -> str:
    default = f"<code>{html.escape(prop.default)}</code>" if prop.default else REQUIRED
    description = _CODE.sub(r"<code>\1</code>", html.escape(prop.description, quote=False))
    return (
        f'<tr role="row" id="prop-{prop.name}"><th scope="row" role="rowheader"><code>{prop.name}</code></th>'
        f'<td role="cell"><code>{html.escape(prop.type)}</code></td>'
        f'<td role="cell">{default}</td>'
        f'<td role="cell">{description}</td></tr>'
    )


def props_markdown(props: list[Prop]) -> str:
    """Return the table as Markdown. GitHub needs bars escaped in a table, even in code."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(_cells(prop) for prop in props)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(prop: Prop) -> tuple[str, ...]:
    default = f"`{prop.default}`" if prop.default else REQUIRED
    cells = (f"`{prop.name}`", f"`{prop.type}`", default, prop.description)
    return tuple(cell.replace("|", r"\|") for cell in cells)
