"""The explanation of a magnitude: its terms multiply to what is measured, its sentences say what is there."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.magnitudes import write_magnitude
from app.network.activations import ACTIVATIONS
from app.network.config import NetworkConfig
from app.network.metrics import MEASURES
from app.network.training import Training
from app.panels.computed.why import Explanation, Term, axis_decades, explain, explained_measure, why_markup

LAYERS = (3, 6, 6, 4, 2)
CONFIG = NetworkConfig(activation="tanh")


def explained(training: Training, at: int, measure: str = "rms_a") -> Explanation:
    shown = training.shown(training.steps)
    config = replace(training.computed, measure=measure)
    return explain(shown.links, at, config, loss=shown.loss, widths=training.layers)


@given(
    *(st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(["rms_a", "l2_a", "rms_z", "l2_z"])),
    *(st.booleans(), st.booleans(), st.integers(0, 9)),
)
def test_the_terms_multiply_to_the_ratio_of_the_magnitudes(
    activation: str, measure: str, residual: bool, normalisation: bool, seed: int
) -> None:
    config = NetworkConfig(activation=activation, residual=residual, normalisation=normalisation, seed=seed)
    training = Training(LAYERS, replace(config, initialisation="he_normal"))
    values = training.values(measure)[:, 0]
    for at in range(len(LAYERS) - 1):
        product = math.prod(term.factor for term in explained(training, at, measure).terms)
        if values[at] > 0:
            assert product == pytest.approx(values[at] / values[at + 1], rel=1e-11)


def test_each_measure_that_is_no_rms_and_no_norm_is_explained_by_one_that_is() -> None:
    assert {measure: explained_measure(measure) for measure in MEASURES if explained_measure(measure) != measure} == {
        "mean_a": "rms_a",
        "mean_z": "rms_z",
        **dict.fromkeys(("l2_w", "mean_slope", "saturated", "dead", "spectral_norm"), "rms_a"),
    }


def test_a_hidden_layer_has_a_sentence_and_its_factors_with_those_alone() -> None:
    training = Training(LAYERS, CONFIG)
    found, link = explained(training, 2), training.shown(0).links[2]
    assert found.sentences == (f"RMS ∂L/∂a is ×{write_magnitude(link.measured)} of that at hidden 3.",)
    assert found.terms == (
        Term("slope f′", link.slope_met, link.rms_slope),
        Term("weights W", link.gain_met, link.gain),
    )


def test_the_sums_have_the_slope_of_their_own_layer() -> None:
    training = Training(LAYERS, CONFIG)
    assert [term.name for term in explained(training, 2, "l2_z").terms] == [
        "weights W",
        "slope f′ of hidden 2",
    ]
    assert [term.name for term in explained(training, 0, "l2_z").terms] == ["weights W"]


@pytest.mark.parametrize("loss", ["mean_squared_error", "cross_entropy"])
def test_the_output_has_the_loss_s_own_gradient(loss: str) -> None:
    training = Training(LAYERS, replace(CONFIG, loss=loss, batch=16))
    found, last = explained(training, 4), training.report.passes[-1]
    assert (found.source, found.terms) == ("", ())
    if loss == "cross_entropy":
        error = np.sqrt(np.mean((last.gradient_a * 16) ** 2))
        how = f"RMS of softmax − target {write_magnitude(error)}, divided by 16 examples"
    else:
        targets = training._data.batch(16, 0).targets
        assert targets is not None
        error = np.sqrt(np.mean((last.a - targets) ** 2))
        how = f"2 × RMS error {write_magnitude(error)}, divided by 16 examples × 2 outputs"
        assert 2 * error / 32 == pytest.approx(training.values("rms_a")[-1, 0])
    magnitude = write_magnitude(training.values("rms_a")[-1, 0])
    assert found.sentences == (f"The loss’s own gradient: RMS ∂L/∂a {magnitude} = {how}.",)


def test_at_the_input_it_says_that_nothing_learns_from_it() -> None:
    sentences = explained(Training(LAYERS, CONFIG), 0).sentences
    assert sentences[-1] == "No weight learns from it: the first weights learn from ∂L/∂z at hidden 1."


def test_a_skip_connection_is_stated_with_both_paths_and_their_cosine() -> None:
    training = Training(LAYERS, replace(CONFIG, residual=True))
    found, link = explained(training, 1), training.shown(0).links[1]
    assert [term.name for term in found.terms][-1] == "skip"
    assert re.fullmatch(
        r"The units’ path brings ×[\d.]+ and the skip ×1 of hidden 2’s ∂L/∂a; the cosine between them is −?[\d.]+\.",
        found.sentences[1],
    )
    assert found.terms[-1].alone == pytest.approx(math.hypot(1, link.through_alone) / link.through_alone)


@pytest.mark.parametrize("residual", [False, True])
def test_a_dead_layer_passes_nothing_but_the_skip(residual: bool) -> None:
    training = Training((3, 4, 4, 4, 2), NetworkConfig(activation="relu", residual=residual))
    training._network.parameters[2]["biases"] = np.full(4, -100.0)
    training._network.parameters[3]["biases"] = np.full(4, 100.0)
    training._optimiser = replace(training.computed, rate=0.0).new_optimiser()
    training.advance()
    sentences = explained(training, 1).sentences
    assert sentences[0] == "f′ is 0 wherever a gradient reaches hidden 2, so nothing comes through its units."
    if residual:
        assert sentences[1] == "Only the skip past hidden 2 passes the gradient on, with ×1."
    else:
        assert explained(training, 0).sentences[0] == "No gradient comes from hidden 1."


def test_an_overflow_is_said() -> None:
    training = Training(LAYERS, NetworkConfig(activation="identity", initialisation="normal", sigma=1e200))
    assert explained(training, 1).sentences == ("There is a NaN or an ∞.",)
    assert why_markup(explained(training, 1), 1.0).count("<tr>") == 3


def test_the_table_has_a_bar_to_the_factor_and_a_line_at_the_factor_alone() -> None:
    markup = why_markup(Explanation("a", "<b>", (), (Term("f", 0.1, 10.0),)), 2.0)
    assert '<rect x="25.00%" width="25.00%"' in markup
    assert '<line class="why-alone" x1="75.00%"' in markup
    assert "<td>×0.10</td><td>×10.00</td>" in markup
    assert "between &lt;b&gt; and a" in markup
    assert why_markup(Explanation("output", "", ()), 1.0) == ""


@pytest.mark.parametrize(("factor", "bar"), [(0.0, (0, 50)), (math.inf, (50, 50)), (1e-9, (0, 50)), (math.nan, None)])
def test_a_bar_ends_at_the_axis_s_end(factor: float, bar: tuple[int, int] | None) -> None:
    markup = why_markup(Explanation("a", "b", (), (Term("f", factor, math.nan),)), 2.0)
    found = re.search(r'<rect x="([\d.]+)%" width="([\d.]+)%"', markup)
    assert (tuple(map(float, found.groups())) if found else None) == bar


def test_one_axis_has_room_for_all_layers() -> None:
    links = Training(LAYERS, CONFIG).shown(0).links
    assert axis_decades(links, "rms_a") == 1.0
    wide = [links[0]._replace(gain_met=3e-3), *links[1:]]
    assert axis_decades(wide, "rms_a") == 3.0
    assert axis_decades(links[-1:], "rms_a") == 1.0
