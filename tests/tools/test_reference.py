"""The table of props: read from the component's signature and docstring, the same on the page and in the docs."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from app.figure.props import Props
from tools.reference import Prop, props_html, props_markdown, read_props
from tools.runtime import ROOT

TYPES = """
class GivenProps(TypedDict):
    layers: Iterable[int]
    pace: float | None
"""
DEFAULTS = """
class Props:
    layers: tuple[int, ...]
    pace: float = 1.5
    depth = 3
"""
DOCSTRING = '''
class GradientFlowViz:
    """A figure.

    - `layers`: neurons, `[3, 4]`, over
      two lines.
    - `pace`: how < fast.

    Raises something. - `not`: a prop
    """
'''


def sources(folder: Path, types: str = TYPES, docstring: str = DOCSTRING) -> Path:
    (folder / "figure").mkdir()
    (folder / "figure" / "props.py").write_text(types + DEFAULTS, encoding="utf-8")
    (folder / "viz.py").write_text(docstring, encoding="utf-8")
    return folder


def test_a_prop_has_type_default_and_description(tmp_path: Path) -> None:
    assert read_props(sources(tmp_path)) == [
        Prop("layers", "Iterable[int]", None, "Neurons, `[3, 4]`, over two lines."),
        Prop("pace", "float | None", "1.5", "How < fast."),
    ]


def test_markup_is_escaped_and_code_is_code(tmp_path: Path) -> None:
    table = props_html(read_props(sources(tmp_path)))
    assert "<code>float | None</code>" in table
    assert "Neurons, <code>[3, 4]</code>, over two lines." in table
    assert "How &lt; fast." in table
    assert table.count('role="row"') == 3


def test_bars_are_escaped_in_markdown(tmp_path: Path) -> None:
    assert props_markdown(read_props(sources(tmp_path))).splitlines()[2:] == [
        "| `layers` | `Iterable[int]` | required | Neurons, `[3, 4]`, over two lines. |",
        r"| `pace` | `float \| None` | `1.5` | How < fast. |",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"types": TYPES.replace("pace", "speed")},
        {"docstring": DOCSTRING.replace("`pace`", "`speed`")},
        {"docstring": DOCSTRING.replace("- `layers`", "`layers`")},
    ],
)
def test_sources_that_differ_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"they must be the same$"):
        read_props(sources(tmp_path, **wrong))


def test_a_missing_class_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one class GivenProps, found 0"):
        read_props(sources(tmp_path, types=""))


def test_the_table_lists_the_props_that_the_component_takes() -> None:
    told = read_props(ROOT / "app")
    assert [prop.name for prop in told] == [field.name for field in fields(Props)]
    assert [prop.name for prop in told if prop.default is None] == [
        field.name for field in fields(Props) if field.default is MISSING
    ]
    assert all(prop.description.endswith(".") for prop in told)
