"""The fixes: each changes only its fields, is tried before it is offered, and leads to what the trial says."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from app.figure.diagnosis import DEAD, EXPLODING, HEALTHY, NOT_FINITE, VANISHING
from app.network.config import NetworkConfig, applies
from app.network.training import Training
from app.panels.computed.fixes import (
    FIXES,
    MAX_TRIAL_MS,
    TRIAL_STEPS,
    Fix,
    FixOutcome,
    Trial,
    affordable_steps,
    candidates,
    trial_ms,
    trying,
)
from app.panels.learn.lessons import DEEP_LAYERS, LESSONS, LESSONS_BY_NAME, Lesson

FIX = {fix.name: fix for fix in FIXES}
SICK = NetworkConfig()  # sigmoid


def tried(layers: tuple[int, ...], config: NetworkConfig, steps: int = TRIAL_STEPS) -> Trial:
    work, progress = trying(layers, config, steps), [0.0]
    while True:
        try:
            progress.append(next(work))
        except StopIteration as end:
            assert progress == sorted(progress)
            assert progress[-1] <= 1.0 + 1e-12
            found: Trial = end.value
            return found


@pytest.mark.parametrize("chosen", FIXES, ids=lambda fix: fix.name)
def test_a_fix_changes_only_its_fields_and_only_once(chosen: Fix) -> None:
    before = NetworkConfig(activation="tanh", initialisation="normal", against=NetworkConfig(activation="gelu"))
    after = chosen.change(before)
    assert replace(after, **{name: getattr(before, name) for name in chosen.changes}) == before
    assert chosen.helps(before, DEEP_LAYERS)
    assert not chosen.helps(after, DEEP_LAYERS)
    assert chosen.change(after) == after


def test_a_fix_without_effect_does_not_help() -> None:
    assert not FIX["residual"].helps(NetworkConfig(), (2, 3, 4, 2))
    assert not FIX["clipping"].helps(NetworkConfig(clip=5.0), DEEP_LAYERS)
    assert not any(fix.helps(NetworkConfig(), (3,)) for fix in FIXES)
    assert all(applies(name, NetworkConfig(), DEEP_LAYERS) for fix in FIXES for name in fix.changes)


def test_two_fixes_that_do_the_same_are_one() -> None:
    names = [fix.name for fix in candidates(DEEP_LAYERS, NetworkConfig(activation="relu"))]
    assert names == ["he", "leaky_relu", "residual", "normalisation", "clipping"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_healthy_network_is_offered_nothing_and_another_only_what_improves_it(lesson: Lesson) -> None:
    trial = tried(lesson.layers, lesson.computed)
    if trial.former.is_healthy:
        assert trial.offered() == trial.refused() == ()
        return
    ranks = [trial.outcomes[fix.name].rank for fix in trial.offered()]
    assert ranks
    assert ranks == sorted(ranks)
    assert all(rank[0] <= trial.former.rank[0] for rank in ranks)
    names = sorted(fix.name for fix in (*trial.offered(), *trial.refused()))
    assert names == sorted(fix.name for fix in candidates(lesson.layers, lesson.computed))
    for fix in trial.offered():
        assert trial.outcomes[fix.name].kind_after != NOT_FINITE


def test_the_lessons_that_go_wrong_have_a_fix_that_makes_them_healthy() -> None:
    sick = ("sigmoid", "normal_exploding", "dead_relu")
    best = {name: tried(LESSONS_BY_NAME[name].layers, LESSONS_BY_NAME[name].computed) for name in sick}
    found = {name: [fix.name for fix in trial.offered()] for name, trial in best.items()}
    assert found["sigmoid"][0] == "he_relu"
    assert found["normal_exploding"][0] == "he"
    assert found["dead_relu"][0] == "leaky_relu"
    assert "residual" not in found["normal_exploding"] + found["dead_relu"]
    assert best["sigmoid"].outcomes["he_relu"].is_healthy


@pytest.mark.parametrize("name", ["relu", "residual", "clipping"])
def test_a_trial_says_what_the_training_shows(name: str) -> None:
    outcome = tried(DEEP_LAYERS, SICK).outcomes[name]
    training = Training(DEEP_LAYERS, FIX[name].change(SICK))
    for _ in range(TRIAL_STEPS):
        training.advance()
    first, last = training.shown(0), training.shown(TRIAL_STEPS)
    assert outcome == FixOutcome(first.verdict.kind, first.loss, last.verdict.kind, last.loss)


def test_a_trial_stops_where_the_training_is_no_longer_finite() -> None:
    config = NetworkConfig(activation="relu", initialisation="he_normal", residual=True)
    former = tried(DEEP_LAYERS, config).former
    training = Training(DEEP_LAYERS, config)
    while training.overflow(training.steps) is None:
        training.advance()
    assert (former.kind_after, former.broken) == (NOT_FINITE, training.steps)
    assert str(former).startswith(f"exploding at once, not finite from step {training.steps} on; loss ")


def test_without_steps_a_trial_is_a_look() -> None:
    trial = tried(DEEP_LAYERS, SICK, 0)
    assert (trial.former.kind_after, trial.former.loss_after) == (None, None)
    assert str(trial.former) == f"vanishing at once; loss {trial.former.loss:.2f}"
    assert {fix.name for fix in trial.offered()} == {"relu", "he_relu", "leaky_relu", "residual"}
    assert all(trial.outcomes[fix.name].kind == HEALTHY for fix in trial.offered())


def test_outcomes_are_ranked_by_the_verdict_after_training_then_at_once_then_by_loss() -> None:
    ordered = [
        FixOutcome(HEALTHY, 1.0, HEALTHY, 0.1),
        FixOutcome(HEALTHY, 1.0, HEALTHY, 0.2),
        FixOutcome(VANISHING, 1.0, HEALTHY, 0.1),
        FixOutcome(HEALTHY, 1.0, VANISHING, 0.1),
        FixOutcome(EXPLODING, 1.0, VANISHING, 0.1),
        FixOutcome(HEALTHY, 1.0, DEAD, 0.1),
        FixOutcome(HEALTHY, 1.0, NOT_FINITE, math.nan, 3),
    ]
    ranks = [outcome.rank for outcome in ordered]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert ordered[0].improves(ordered[1])
    assert not ordered[1]._replace(loss_after=0.19).improves(ordered[1])
    assert not ordered[-1].improves(ordered[-1])


def test_the_cost_decides_how_far_fixes_are_tried() -> None:
    assert affordable_steps(DEEP_LAYERS, SICK) == TRIAL_STEPS
    assert affordable_steps((784, 128, 64, 10), SICK) == 0
    assert affordable_steps((1024, 1024, 1024), SICK) is None
    assert trial_ms((1024, 1024, 1024), SICK, 0) > MAX_TRIAL_MS
    assert trial_ms(DEEP_LAYERS, replace(SICK, activation="gelu"), 1) > trial_ms(DEEP_LAYERS, SICK, 1)
    assert all(affordable_steps(lesson.layers, lesson.computed) == TRIAL_STEPS for lesson in LESSONS)


def test_clipping_keeps_a_steep_training_finite() -> None:
    steep = NetworkConfig(activation="relu", initialisation="he_normal", rate=1.0)
    trial = tried(DEEP_LAYERS, steep)
    assert trial.former.kind_after == NOT_FINITE
    assert trial.outcomes["clipping"].kind_after != NOT_FINITE
    assert FIX["clipping"] in trial.offered()
