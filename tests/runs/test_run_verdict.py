"""The verdict on a run: right on sick and healthy networks, and none where nothing can be told."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.diagnosis import MAX_WINDOW, Verdict, typical
from app.runs.run_verdict import RunJudge, typical_magnitudes, window_at
from tests.support.recordings import Value, falling, judge_of, mlp, recording


def last(judge: RunJudge, step: float = 1e9) -> Verdict:
    verdict = judge.at(step)
    assert verdict is not None
    return verdict


def verdict_on(values: dict[str, Value], **more: object) -> Verdict:
    return last(judge_of(recording(values, **more)))  # type: ignore[arg-type]  # as named


def test_biases_tell_what_weights_hide() -> None:
    found = verdict_on(mlp(falling(10, 0.28)))
    assert (found.kind, found.family, found.window) == ("vanishing", "gradients of biases", MAX_WINDOW)
    assert found.text == "Vanishing: fc0 gets 1/95,000 of fc9's gradient (×0.28 a layer)"
    assert verdict_on(mlp(falling(10, 2.5), weights=100.0)).kind == "exploding"
    assert verdict_on(mlp(falling(24, 0.97))).kind == "healthy"


@pytest.mark.parametrize(("decades", "kind"), [(0.9, "healthy"), (1.2, "undecided"), (1.4, "vanishing")])
def test_biases_that_nearly_vanish_are_no_proof_of_health(decades: float, kind: str) -> None:
    assert verdict_on(mlp(falling(11, 10 ** (-decades / 10)))).kind == kind
    rising = verdict_on(mlp(falling(11, 10 ** (decades / 10))))
    assert rising.kind == ("exploding" if kind == "vanishing" else kind)
    assert ("nearly exploding" in rising.text) == (kind == "undecided")
    outputs: dict[str, Value] = {
        f"output_grad_norm/fc{at}": size for at, size in enumerate(falling(11, 10 ** (-decades / 10)))
    }
    exact = verdict_on(mlp([1.0] * 11) | outputs, header={"modules": {f"fc{at}": "Linear" for at in range(11)}})
    assert exact.kind == ("healthy" if kind == "undecided" else kind)


def test_weights_alone_can_t_tell_and_the_verdict_says_what_would() -> None:
    found = verdict_on({f"{at}.weight": 1.0 for at in range(14)})
    assert found.text == "Undecided: gradients of weights alone can't tell"
    assert 'TorchRecorder("run.jsonl", model)' in found.reason


def test_a_layer_that_passes_nothing_on_is_dead_without_biases_too() -> None:
    found = verdict_on({"0.weight": 0.0, "2.weight": 0.0, "4.weight": 1.0, "6.weight": 1.0})
    assert found.text == "Dead: 0 at layer 2 and everything before it; layer 4 has 1.00"
    assert judge_of(recording({"0.weight": 0.0, "2.weight": 1.0})).confidence(found) == "high"


def test_no_gradient_by_design_is_not_dead() -> None:
    lora: dict[str, Value] = {}
    for at in range(3):
        lora |= {f"fc{at}.lora_A.weight": lambda step: 0.1 * (step > 0), f"fc{at}.lora_B.weight": 1.0}
    assert last(judge_of(recording(lora)), 0).kind == "undecided"
    experts = mlp([1.0, 1.0], names="layer{}") | {"experts.0.w.weight": 0.0, "experts.0.w.bias": 0.0}
    found = verdict_on(experts)
    assert found.kind == "healthy"
    assert found.reason.endswith("No gradient in these steps at experts.0.w: no example was routed there.")
    skipped = mlp([1.0] * 6) | {"fc3.weight": 0.0, "fc3.bias": 0.0}
    assert verdict_on(skipped).kind == "healthy"
    assert "fc3" in verdict_on(skipped).named


def test_zeros_at_the_first_step_alone_are_no_verdict() -> None:
    zero_head: dict[str, Value] = dict.fromkeys(mlp([1.0] * 6), lambda step: 1.0 * (step > 0))
    judge = judge_of(recording(zero_head | {"head.weight": 1.0, "head.bias": 1.0}))
    assert last(judge, 0).kind == "healthy"


def test_a_nan_counts_at_its_step_and_a_passed_one_does_not() -> None:
    values = mlp([1.0] * 6) | {"fc2.bias": lambda step: math.nan if step in {4, 29} else 1.0}
    judge = judge_of(recording(values))
    assert last(judge).text == "Not finite: NaN at fc2"
    assert last(judge, 28).kind == "healthy"
    assert last(judge, 4).kind == "not finite"


def test_one_step_does_not_decide() -> None:
    values = mlp([1.0] * 8)
    values |= dict.fromkeys(list(values)[:8], lambda step: 1e-6 if step == 29 else 1.0)
    assert verdict_on(values).kind == "healthy"


def test_gradients_of_outputs_decide_where_they_are_recorded() -> None:
    outputs: dict[str, Value] = {f"output_grad_norm/{at}": size for at, size in enumerate(falling(14, 0.28))}
    header = {"modules": {str(at): "Linear" for at in range(14)}, "optimizer": "AdamW"}
    weights: dict[str, Value] = {f"{at}.weight": 1.0 for at in range(14)}
    judge = judge_of(recording(weights | outputs, header=header))
    found = last(judge)
    assert (found.kind, found.family, judge.confidence(found)) == ("vanishing", "∂L/∂z of modules", "high")
    assert "With AdamW, which scales each gradient, unbalanced gradients are no root cause" in found.reason


@pytest.mark.parametrize(
    ("falling_roles", "kind"), [(4, "vanishing"), (2, "vanishing"), (1, "healthy"), (0, "healthy")]
)
def test_half_of_the_roles_of_a_transformer_decide(falling_roles: int, kind: str) -> None:
    values: dict[str, Value] = {}
    for at, size in enumerate(falling(8, 0.3)):
        for role, part in enumerate(("attn.v", "attn.o", "mlp.fc1", "mlp.fc2")):
            values |= {f"h.{at}.{part}.weight": 1.0, f"h.{at}.{part}.bias": size if role < falling_roles else 1.0}
    found = verdict_on(values)
    assert found.kind == kind
    assert ("Otherwise in 1 of 4 families: gradients of biases, h.*.attn.v: Vanishing" in found.reason) == (
        falling_roles == 1
    )


def test_gains_of_normalisation_layers_alone_show_only_what_is_sick() -> None:
    def gains(factor: float) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for at, size in enumerate(falling(8, factor)):
            values |= {f"layers.{at}.input_layernorm.weight": size, f"layers.{at}.mlp.weight": 1.0}
        return values

    assert verdict_on(gains(0.3)).kind == "vanishing"
    assert verdict_on(gains(1.0)).kind == "undecided"


@pytest.mark.parametrize(
    ("update", "size", "kind", "note"),
    [
        (1e-3, 1.0, "healthy", ""),
        (1e-8, 1.0, "healthy", "Weights move little: by 1.0e-8 of themselves a step"),
        (0.5, 1.0, "healthy", "Weights move much: by 0.50 of themselves a step"),
        (1e-3, 1e-12, "healthy", "About 1.0e-3 is usual."),
        (1e-12, 1e-12, "undecided", "Weights move little"),
    ],
)
def test_the_level_is_judged_by_how_much_weights_move(update: float, size: float, kind: str, note: str) -> None:
    values = mlp([size] * 6, weights=size)
    values |= {f"output_grad_norm/fc{at}": size for at in range(6)}
    values |= {f"weight_norm/fc{at}.weight": 2.0 for at in range(6)}
    values |= {f"update_norm/fc{at}.weight": 2.0 * update for at in range(6)}
    found = verdict_on(values, header={"modules": {f"fc{at}": "Linear" for at in range(6)}})
    assert found.kind == kind
    assert note in found.reason
    assert ("of themselves" in found.reason + found.text) == (update != 1e-3 or size != 1.0)


def test_a_layer_that_has_just_died_is_dead() -> None:
    values: dict[str, Value] = mlp([1.0] * 6)
    values |= {f"fc{at}.{part}": lambda step: 1.0 * (step < 8) for at in (0, 1) for part in ("weight", "bias")}
    assert verdict_on(values, steps=13).text.startswith("Dead: 0 at fc1 and everything before it")


def test_no_gradient_at_a_loss_of_0_is_no_trouble() -> None:
    text = recording(dict.fromkeys(mlp([1.0] * 6), 0.0))
    assert last(judge_of(text)).kind == "dead"
    found = last(judge_of(text.replace('"loss": 1.0', '"loss": 0.0')))
    assert found.text == "Undecided: 0 at every layer, and so is the loss: there is nothing left to learn"


@pytest.mark.parametrize(
    ("losses", "factor", "kind"),
    [
        (lambda step: 2.3 * 0.95**step, 1.45, "undecided"),
        (lambda step: 2.3 * 0.95**step, 1.75, "exploding"),
        (lambda step: 2.3 * 0.995**step, 1.45, "undecided"),  # a third: enough for biases
        (lambda step: 2.3, 1.45, "exploding"),
        (lambda step: 2.3 + 16 * 0.8**step, 1.45, "exploding"),
    ],
)
def test_a_mild_slope_is_no_alarm_while_the_loss_falls(
    losses: Callable[[int], float], factor: float, kind: str
) -> None:
    lines = recording(mlp(falling(10, factor)), steps=80).splitlines()
    text = "\n".join(line.replace('"loss": 1.0', f'"loss": {losses(at)}') for at, line in enumerate(lines))
    found = last(judge_of(text))
    assert found.kind == kind
    assert ("yet it learns: the loss fell from" in found.text) == (kind == "undecided")


@pytest.mark.parametrize(
    ("losses", "decades", "kind"),
    [
        (lambda step: 2.3 + 0.02 * (step % 3), 1.8, "vanishing"),
        (lambda step: 2.3 + 0.02 * (step % 3), 1.4, "undecided"),
        (lambda step: 2.3 * 0.998**step, 1.8, "undecided"),  # it falls by a tenth
        (lambda step: 2.3 + 3.0 * (step // 30 == 1), 1.8, "undecided"),
        (lambda step: -1.0, 1.8, "undecided"),
    ],
)
def test_a_few_layers_vanish_from_1_5_decades_where_the_loss_stays(
    losses: Callable[[int], float], decades: float, kind: str
) -> None:
    lines = recording(mlp(falling(3, 10 ** (-decades / 2))), steps=80).splitlines()
    text = "\n".join(line.replace('"loss": 1.0', f'"loss": {losses(at)}') for at, line in enumerate(lines))
    found = last(judge_of(text))
    assert found.kind == kind
    if kind == "vanishing":
        assert found.text == "Vanishing: fc0 gets 1/63 of fc2's gradient, and the loss does not fall"
        later = text.replace('"step": ', '"step": 1')  # a training that is resumed
        assert last(judge_of(later)).kind == "undecided"
        assert last(judge_of(text), 30).kind == "undecided"  # too early


def test_a_loss_that_stays_tells_nothing_where_the_weights_hardly_move() -> None:
    values = mlp(falling(3, 10**-0.9))
    values |= {f"{kind}/fc0.weight": size for kind, size in (("update_norm", 1e-9), ("weight_norm", 1.0))}
    lines = recording(values, steps=80, header={})
    assert last(judge_of(lines)).kind == "undecided"
    assert last(judge_of(lines.replace("1e-09", "1e-03"))).kind == "vanishing"


def test_a_mild_slope_of_exact_gradients_is_no_alarm_only_if_the_loss_halves() -> None:
    values: dict[str, Value] = {f"output_grad_norm/fc{at}": size for at, size in enumerate(falling(10, 1.45))}
    lines = recording(values, steps=80, header={"modules": {f"fc{at}": "Linear" for at in range(10)}}).splitlines()
    for rate, kind in ((0.995, "exploding"), (0.98, "undecided")):
        text = "\n".join(line.replace('"loss": 1.0', f'"loss": {2.3 * rate**at}') for at, line in enumerate(lines))
        assert last(judge_of(text)).kind == kind


def test_nothing_logged_has_no_verdict() -> None:
    text = '{"step": 0, "grad_norm/a.weight": 1.0}\n{"step": 50, "grad_norm/b.weight": 1.0}'
    assert judge_of(text).at(0) is not None


def test_the_window_ends_at_the_step_and_has_a_few_steps_at_the_start() -> None:
    steps = np.arange(0.0, 1000.0, 10.0)
    assert window_at(steps, 0) == slice(0, 5)
    assert window_at(steps, 95) == slice(0, 10)
    assert window_at(steps, 500) == slice(31, 51)
    assert window_at(np.array([0.0, 1.0]), 0) == slice(0, 2)


VALUES = st.one_of(st.floats(1e-30, 1e30), st.sampled_from([0.0, math.nan, math.inf]))


@given(st.lists(st.lists(st.tuples(VALUES, st.booleans()), min_size=6, max_size=6), min_size=1, max_size=4))
def test_all_rows_at_once_are_as_each_by_itself(rows: list[list[tuple[float, bool]]]) -> None:
    values = np.array([[value for value, _ in row] for row in rows])
    logged = np.array([[there for _, there in row] for row in rows])
    for found, row in zip(typical_magnitudes(values, logged), rows, strict=True):
        known = [value for value, there in row if there]
        if not known:
            assert found is None
        else:
            expected = typical(known)
            assert found == pytest.approx(expected, rel=1e-9, nan_ok=True) or (
                not math.isfinite(expected) and found is not None and not math.isfinite(found)
            )
