"""The decades of a training: of all its steps, as they come, and the same for figure, bars and map."""

from __future__ import annotations

import numpy as np
import pytest

from app.charts.bars import make_bar_props
from app.charts.heatmap import colour_span, make_cells
from app.figure.props import make_props
from app.figure.shading import to_domain, whole_decades
from app.network.config import NetworkConfig
from app.panels.computed.model import ComputedModel


@pytest.mark.parametrize("against", [None, NetworkConfig(initialisation="normal", sigma=3.0)])
def test_they_are_those_of_all_steps_and_grow_with_them(against: NetworkConfig | None) -> None:
    model = ComputedModel((2, 6, 6, 3), NetworkConfig(rate=0.5, against=against), lambda: None)
    before = model.decades
    for _ in range(20):
        model.advance()
        model.look_at(model.run.steps)
    sizes = [run.values("rms_a").ravel() for run in (model.run, model.other) if run]
    assert model.decades == whole_decades(np.concatenate(sizes).tolist())
    assert before is not None
    assert model.decades is not None
    assert model.decades[0] <= before[0]
    assert model.decades[1] >= before[1]
    model.look_at(0)
    assert model.snapshot.domain == to_domain(model.decades)


def test_figure_bars_and_map_have_the_same_scale() -> None:
    model = ComputedModel((2, 6, 6, 6, 3), NetworkConfig(activation="sigmoid"), lambda: None)
    assert model.decades == colour_span([make_cells(np.asarray(model.run.values("rms_a")))])
    shades = make_props(model.snapshot.props()).shades
    assert shades is not None
    axis = make_bar_props(
        {"layers": model.layers, "gradients": model.shown.gradients, "domain": model.snapshot.domain}
    ).axis
    assert (shades.low, shades.high) == (axis.low, axis.high) == model.decades


def test_another_series_starts_anew_and_one_without_magnitudes_has_none() -> None:
    model = ComputedModel((2, 6, 3), NetworkConfig(measure="saturated"), lambda: None)
    assert model.snapshot.domain is None or model.decades is not None
    model.change((2, 6, 3), NetworkConfig(measure="l2_w"))
    sizes = model.run.values("l2_w")
    assert model.decades == whole_decades(sizes[np.isfinite(sizes)].tolist())
