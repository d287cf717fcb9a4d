"""The decades of a training: of all its steps, as they come, and the same for figure, bars and map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.charts.bars import make_bar_props
from app.charts.heatmap import colour_span, make_cells
from app.charts.scales import Scale
from app.figure.props import make_props
from app.figure.shading import to_domain, whole_decades
from app.network.config import NetworkConfig
from app.panels.computed.model import NEW_NETWORK, ComputedModel


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


def changed(model: ComputedModel, **fields: object) -> ComputedModel:
    model.change(model.layers, replace(model.config, **fields))  # type: ignore[arg-type]  # each test names real fields
    return model


def axis_of(model: ComputedModel) -> Scale:
    """The axis that the panel gives the bars."""
    former = model.former
    props = {
        "layers": model.layers,
        "gradients": model.shown.gradients,
        "former": former.magnitudes if former else None,
        "other": model.shown_beside.gradients if model.shown_beside else None,
        "scale": model.config.scale,
        "domain": model.bars_domain,
    }
    return make_bar_props(props).axis


CHANGES = (
    {"activation": "relu"},
    {"activation": "sigmoid"},
    {"initialisation": "normal", "sigma": 3.0},
    {"initialisation": "normal", "sigma": 0.01},
    {"residual": True},
    {"normalisation": True},
    {"data": "blobs"},
    {"measure": "l2_w"},
    {"measure": "rms_z"},
    {"relative": True},
    {"against": NetworkConfig(initialisation="normal", sigma=5.0)},
    {"against": None},
)


@given(st.lists(st.sampled_from([*CHANGES, "advance", "reset", "look back", "fit", "compare"]), max_size=8))
@settings(max_examples=25, deadline=None)
def test_bars_figure_and_map_have_one_scale_after_any_actions(actions: list[dict[str, object] | str]) -> None:
    model = ComputedModel((2, 6, 6, 3), NetworkConfig(), lambda: None)
    for action in actions:
        match action:
            case "advance":
                model.advance()
                model.look_at(model.run.steps)
            case "reset":
                model.reset()
            case "look back":
                model.look_at(0)
            case "fit":
                model.fit_axis()
                assert not model.is_axis_wide
            case "compare":
                model.compare()
            case dict():
                changed(model, **action)
        axis, shades = axis_of(model), make_props(model.snapshot.props()).shades
        assert shades is not None
        assert (shades.low, shades.high) == pytest.approx((axis.low, axis.high))
        assert model.decades in (None, (axis.low, axis.high))


def test_a_parameter_lets_the_axis_grow_and_it_stays_until_it_is_fitted() -> None:
    model = ComputedModel((2, 6, 6, 3), NetworkConfig(), lambda: None)
    own = model.decades
    grown = changed(model, initialisation="normal", sigma=100.0).decades
    assert own is not None
    assert grown is not None
    assert grown[1] > own[1] + 2
    changed(model, initialisation="xavier_normal")
    assert (model.decades, model.is_axis_wide) == (grown, False)  # the ghost needs it
    changed(model, seed=1)
    assert (model.decades, model.is_axis_wide) == (grown, True)
    model.fit_axis()
    assert model.decades is not None
    assert model.decades[1] < grown[1] - 2


@pytest.mark.parametrize("fields", [{"data": "blobs"}, {"measure": "l2_w"}, {"measure": "rms_a", "relative": True}])
def test_other_data_and_another_magnitude_start_it_anew(fields: dict[str, object]) -> None:
    wide = changed(ComputedModel((2, 6, 6, 3), NetworkConfig(), lambda: None), initialisation="normal", sigma=100.0)
    changed(changed(wide, initialisation="xavier_normal"), seed=1)
    assert not changed(wide, **fields).is_axis_wide


ACTS: dict[str, Callable[[ComputedModel], object]] = {
    "architecture": lambda model: model.compute((2, 7, 6, 3), model.config),
    "reset": lambda model: model.reset(),
    "new": lambda model: model.change(model.layers, replace(model.config, seed=2), NEW_NETWORK),
    "source": lambda model: model.begin_anew(),
}


@pytest.mark.parametrize("name", ACTS)
def test_another_architecture_a_reset_a_new_network_and_another_source_start_it_anew(name: str) -> None:
    wide = NetworkConfig(initialisation="normal", sigma=100.0)
    model = changed(changed(ComputedModel((2, 6, 6, 3), wide, lambda: None), initialisation="he_normal"), seed=1)
    assert model.is_axis_wide
    ACTS[name](model)
    assert not model.is_axis_wide


def test_a_linear_axis_grows_too() -> None:
    model = ComputedModel((2, 6, 6, 3), NetworkConfig(initialisation="normal", scale="linear"), lambda: None)
    before = axis_of(model)
    changed(changed(model, sigma=0.1), seed=1)
    assert axis_of(model) == before
    assert model.is_axis_wide
    model.fit_axis()
    assert axis_of(model).high < before.high / 2
