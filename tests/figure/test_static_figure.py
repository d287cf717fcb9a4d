"""GradientFlowFigure: it checks values as the component does, displays itself and writes files."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.props import make_props
from app.figure.static_figure import GradientFlowFigure
from app.figure.svg import animated_svg, still_svg
from app.spring import INSTANT, SPRINGS, Spring, Tween


def test_it_displays_itself_playing() -> None:
    figure = GradientFlowFigure(layers=[3, 4, 2], gradients=[0.1, 0.2, 1], play_speed=300, transition=SPRINGS.gentle)
    expected = animated_svg([3, 4, 2], [0.1, 0.2, 1], play_speed=300, transition=SPRINGS.gentle)
    assert figure._repr_html_() == figure.to_svg() == expected


def test_it_stands_still_at_the_given_layer() -> None:
    assert GradientFlowFigure(layers=[3, 2]).to_svg(animated=False) == still_svg([3, 2])
    assert GradientFlowFigure(layers=[3, 2]).to_svg(animated=False, current_layer=1) == still_svg([3, 2], None, 1)


def test_it_takes_the_arrays_of_a_training_loop() -> None:
    figure = GradientFlowFigure(layers=(n for n in (3, 2)), gradients=np.array([0.5, 1.0], dtype=np.float32))
    assert figure.layers == (3, 2)
    assert figure.gradients == (0.5, 1.0)
    assert figure.to_svg() == animated_svg([3, 2], [0.5, 1])


def test_it_uses_the_given_label() -> None:
    named = GradientFlowFigure(layers=[3, 2], names=["fc1", "fc2"])
    assert named.to_svg() == animated_svg([3, 2], names=["fc1", "fc2"])
    assert repr(named) == "GradientFlowFigure(layers=(3, 2), names=('fc1', 'fc2'))"
    figure = GradientFlowFigure(layers=[3, 2], gradients=[None, 1], label="L2 ∂L/∂W")
    assert figure.to_svg() == animated_svg([3, 2], [None, 1], label="L2 ∂L/∂W")
    assert figure.to_svg(animated=False) == still_svg([3, 2], [None, 1], label="L2 ∂L/∂W")
    assert repr(figure) == "GradientFlowFigure(layers=(3, 2), gradients=(None, 1.0), label='L2 ∂L/∂W')"


def test_it_plays_a_forward_pass_too() -> None:
    figure = GradientFlowFigure(layers=[3, 2], activations=np.array([0.5, 2.0]))
    assert figure.activations == (0.5, 2.0)
    assert figure.to_svg() == animated_svg([3, 2], activations=[0.5, 2])
    assert figure.to_svg(animated=False, current_layer=-2) == still_svg([3, 2], None, -2, activations=[0.5, 2])


def test_it_never_changes() -> None:
    layers = [3, 2]
    figure = GradientFlowFigure(layers=layers)
    layers.append(9)
    assert figure.layers == (3, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        figure.layers = (3, 9)  # type: ignore[misc]  # because that is what is tried


def test_figures_with_the_same_arguments_are_equal() -> None:
    one, other = GradientFlowFigure(layers=[3, 2], play_speed=10), GradientFlowFigure(layers=(3, 2), play_speed=80)
    assert one == other
    assert hash(one) == hash(other)
    assert one != GradientFlowFigure(layers=[3, 2])


@given(
    layers=st.lists(st.integers(1, 1024), min_size=1, max_size=8).map(tuple),
    speed=st.floats(80.0, 2000.0),
    transition=st.sampled_from([SPRINGS.smooth, Spring(visual_duration=0.4, bounce=0.2), Tween(0.2), INSTANT]),
)
def test_its_repr_makes_it_again(layers: tuple[int, ...], speed: float, transition: Any) -> None:
    figure = GradientFlowFigure(layers=layers, gradients=[0.5] * len(layers), play_speed=speed, transition=transition)
    assert eval(repr(figure)) == figure


def test_its_repr_leaves_out_defaults() -> None:
    assert repr(GradientFlowFigure(layers=[3, 2])) == "GradientFlowFigure(layers=(3, 2))"


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": []},
        {"layers": [3, 1025]},
        {"layers": [3, 2], "gradients": [1, 1, 1]},
        {"layers": [3, 2], "gradients": [-1, 1]},
        {"layers": [3, 2], "play_speed": math.nan},
        {"layers": [3, 2], "transition": 0.3},
    ],
)
def test_a_wrong_value_is_named_as_the_component_names_it(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^(layers|gradients|play_speed|transition): ") as component:
        make_props(wrong)
    with pytest.raises(ValueError) as figure:  # noqa: PT011  # the message is compared below
        GradientFlowFigure(**wrong)
    assert str(figure.value) == str(component.value)


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    figure = GradientFlowFigure(layers=[3, 2])
    figure.save(tmp_path / "wave.svg")
    figure.save(str(tmp_path / "still.SVG"), animated=False, current_layer=1)
    assert (tmp_path / "wave.svg").read_text(encoding="utf-8") == figure.to_svg()
    assert (tmp_path / "still.SVG").read_text(encoding="utf-8") == still_svg([3, 2], None, 1)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^path: must end in \.svg, got '.*wave\.png'$"):
        GradientFlowFigure(layers=[3, 2]).save(tmp_path / "wave.png")
    assert list(tmp_path.iterdir()) == []
