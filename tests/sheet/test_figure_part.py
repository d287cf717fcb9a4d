"""The figure of a sheet: its attributes say the same as the style sheet of the picture alone."""

from __future__ import annotations

import re
from typing import Final

import pytest

from app.figure.plain_attributes import LIT_ATTRIBUTES, PLAIN_ATTRIBUTES
from app.figure.props import make_props
from app.figure.svg import COLOUR_TOKENS, FIGURE_RULES, NAMES_RULES, SHADING_RULES
from app.sheet.figure_part import figure_part

RULES: Final = dict(rule.rstrip(" }").split("{ ") for rule in (*FIGURE_RULES, *NAMES_RULES, *SHADING_RULES))
# Names of the same colour, and values that a viewer without a style sheet takes as they are.
SAME: Final = {"var(--wave)": "var(--cb-warning)", "var(--cb-magnitude-middle)": "var(--cb-warning)"}


def declared(selector: str) -> dict[str, str]:
    """The colours and lines of a rule."""
    parts = re.findall(r"([a-z-]+): ([^;]+)", RULES.get(f"{selector} ", ""))
    return {name: SAME.get(value, value) for name, value in parts if name not in {"font", "display"}}


def attributes(text: str) -> dict[str, str]:
    parts = re.findall(r'([a-z-]+)="([^"]*)"', text)
    return {name: SAME.get(value, value) for name, value in parts if not name.startswith("font")}


@pytest.mark.parametrize(
    "name", ["lines", "band", "nodes", "shaded", "foot", "mark", "ground", "low", "middle", "high"]
)
def test_a_class_has_the_attributes_of_its_rule(name: str) -> None:
    assert attributes(PLAIN_ATTRIBUTES[name]) == declared(f".gradient-flow-{name}")


@pytest.mark.parametrize("name", ["halo", "lines", "band", "nodes", "outline"])
def test_a_class_in_the_wave_has_the_attributes_of_both_its_rules(name: str) -> None:
    rules = declared(f".gradient-flow-{name}") | declared(f".gradient-flow-lit .gradient-flow-{name}")
    assert attributes(LIT_ATTRIBUTES[name]) == rules


def test_nodes_of_a_recorded_run_take_less_height() -> None:
    layers = [1, 1, 1]
    assert figure_part(make_props({"layers": layers}), 0).height < figure_part(make_props({"layers": [1, 2]}), 0).height


def test_a_forward_pass_has_its_own_colour_and_a_missing_magnitude_no_fill() -> None:
    given = {"layers": [2, 2], "gradients": [None, 0.0], "activations": [1.0, 2.0], "shading": "magnitude"}
    forward, backward = (figure_part(make_props(given), cursor).markup for cursor in (-1, 0))
    wave = COLOUR_TOKENS["--cb-warning"][0]
    assert "Gradient wave · forward" in forward
    assert f'font-weight="700" fill="{COLOUR_TOKENS["--cb-accent"][0]}"' in forward
    assert f'font-weight="700" fill="{wave}"' in backward
    assert re.search(r'stroke-dasharray="2 3" fill="none"', backward)
