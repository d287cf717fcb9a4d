"""app/panels/recorded/arrangement.py: what of recorded runs is seen, by plan."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.panels.recorded.arrangement import Plan, Recording, View, arranging, held, recordings_of
from app.runs.collector import finished
from app.runs.run import read

LAYERS = ("fc1", "fc2", "fc3", "fc4")


def jsonl(rate: float = 0.5, steps: int = 6, names: tuple[str, ...] = LAYERS, every: int = 1) -> str:
    """A run that vanishes by `rate` a layer, with a loss at every step of so many."""
    return "".join(
        json.dumps(
            {"step": 10 * step}
            | ({"loss": 1.0 / (1 + step)} if step % every == 0 else {})
            | {f"grad_norm/{name}.bias": rate ** (len(names) - 1 - at) for at, name in enumerate(names)}
        )
        + "\n"
        for step in range(steps)
    )


def recorded(*texts: str) -> list[Recording]:
    return [
        recording
        for number, text in enumerate(texts)
        for recording in finished(recordings_of([read(f"run{number}.jsonl", text)]))
    ]


def seen(recordings: list[Recording], plan: Plan, before: View | None = None) -> View:
    return finished(arranging(recordings, plan, before))


def test_a_view_has_the_run_s_layers_steps_and_magnitudes() -> None:
    view = seen(recorded(jsonl()), Plan(0))
    assert (view.title, view.names, view.label) == ("run0.jsonl", LAYERS, "L2 ∂L/∂W")
    assert view.steps.tolist() == [0, 10, 20, 30, 40, 50]
    assert view.main.gradients(view.last) == (0.125, 0.25, 0.5, 1.0)
    assert str(view.main.verdict(0)).startswith("Healthy: fc1 gets 0.12 times fc4's gradient")
    assert view.beside is None


def test_runs_of_the_same_title_are_told_apart_and_each_keeps_its_own_choices() -> None:
    text = '{"step": 1, "grad_norm/a.weight": 1.0, "grad_mean/a.weight": 0.25}\n'
    recordings: tuple[Recording, ...] = ()
    for _ in range(3):
        recordings += finished(recordings_of([read("run.jsonl", text)], "", recordings))
    assert [recording.run.title for recording in recordings] == ["run.jsonl", "run.jsonl (2)", "run.jsonl (3)"]
    view = seen(list(recordings), Plan(2, choice=recordings[2].run.choices[-1]))
    assert (view.title, view.main.gradients(0)) == ("run.jsonl (3)", (0.25,))


def test_what_was_not_logged_has_no_magnitude_and_no_verdict() -> None:
    text = '{"step": 1, "grad_norm/a.weight": 1.0}\n{"step": 2, "grad_norm/a.weight": NaN, "grad_norm/b.weight": 2.0}\n'
    view = seen(recorded(text), Plan(0))
    assert view.main.gradients(0) == (1.0, None)
    assert math.isnan(view.main.gradients(1)[0] or 0.0)
    assert view.main.verdict(0) is not None
    bare = replace(view.main, run=replace(view.main.run, logged=np.zeros((2, 2), np.bool_)))
    assert bare.verdict(0) is None


def test_a_second_run_is_on_the_same_layers_and_steps_and_what_it_lacks_is_said() -> None:
    recordings = recorded(jsonl(), jsonl(0.9, 9, ("fc1", "fc2", "fc4", "head")))
    view = seen(recordings, Plan(0, beside=1))
    assert view.beside is not None
    assert view.beside_title == "run1.jsonl"
    assert len(view.steps) == 9
    assert view.beside.gradients(0)[2] is None
    assert view.main.gradients(8) == (None,) * 4
    assert any("run1.jsonl has no fc3 (1 layer)." in remark for remark in view.remarks)
    assert any("run0.jsonl has no head (1 layer)." in remark for remark in view.remarks)


def test_folding_alone_keeps_runs_trend_and_remarks() -> None:
    names = tuple(f"blocks.{block}.{part}" for block in range(20) for part in ("a", "b", "c"))
    recordings = recorded(jsonl(names=names), jsonl(0.9, names=names))
    first = seen(recordings, Plan(0, beside=1))
    assert first.beside is not None
    second = seen(recordings, replace(first.plan, opened=first.opened("blocks.3")), first)
    assert second.beside is not None
    assert len(second.rows) == len(first.rows) + 2
    assert (second.main.run, second.main.trend, second.remarks) == (first.main.run, first.main.trend, first.remarks)
    assert second.beside.run is first.beside.run
    again = seen(recordings, replace(second.plan, opened=second.opened("blocks.3")), second)
    assert again.names == first.names


def test_a_row_moves_past_its_neighbour_and_stops_at_the_ends() -> None:
    recordings = recorded(jsonl())
    view = seen(recordings, Plan(0))
    assert view.moved(0, -1) == LAYERS
    assert view.moved(3, 1) == LAYERS
    assert view.moved(view.place_named("fc9"), 1) == LAYERS
    assert view.place_named("fc3") == 2
    assert view.moved(1, 1) == ("fc1", "fc3", "fc2", "fc4")
    moved = seen(recordings, replace(view.plan, order=view.moved(1, 1)), view)
    assert moved.names == ("fc1", "fc3", "fc2", "fc4")
    assert (view.order, moved.order) == ("logged", "")
    assert moved.main.gradients(0) == (0.125, 0.5, 0.25, 1.0)
    back = seen(recordings, replace(moved.plan, order="natural"), moved)
    assert (back.names, back.order) == (LAYERS, "natural")


@given(st.permutations(range(9)), st.integers(0, 8), st.sampled_from([-1, 1]))
def test_moving_loses_no_layer_and_moving_back_restores_the_order(order: list[int], row: int, by: int) -> None:
    names = tuple(f"l{at}" for at in order)
    view = seen(recorded(jsonl(steps=1, names=names)), Plan(0, order=names))
    row = min(row, len(view.rows) - 1)
    moved = view.moved(row, by)
    assert sorted(moved) == sorted(names)
    if 0 <= row + by < len(view.rows):
        again = seen(recorded(jsonl(steps=1, names=names)), Plan(0, order=moved))
        assert again.moved(row + by, -by) == names


def test_another_choice_is_read_from_the_logs_again() -> None:
    text = '{"step": 1, "grad_norm/a.weight": 3.0, "grad_max/a.weight": 2.0}\n'
    recordings = recorded(text)
    view = seen(recordings, Plan(0))
    assert [reduction for _, reduction in view.choices] == ["l2", "max"]
    other = seen(recordings, Plan(0, choice=view.choices[1]), view)
    assert (other.label, other.main.gradients(0)) == ("max |∂L/∂W|", (2.0,))


def test_more_rows_than_the_figure_has_are_refused() -> None:
    names = tuple(f"blocks.{block}.{part}" for block in range(60) for part in "abcde")
    recordings = recorded(jsonl(steps=1, names=names))
    view = seen(recordings, Plan(0))
    assert len(view.rows) <= 32
    blocks = frozenset(f"blocks.{block}" for block in range(60))
    ranges = frozenset(entry.name for entry in view.entries if len(entry.members) > 1)
    with pytest.raises(ValueError, match="Layers: at most 256 rows can be seen at once, got 300; fold a block first"):
        seen(recordings, Plan(0, opened=blocks | ranges), view)


def test_the_nearest_step_is_found() -> None:
    view = seen(recorded(jsonl()), Plan(0))
    assert [view.place_of(number) for number in (-5, 0, 4, 6, 44, 46, 1e9)] == [0, 0, 0, 1, 4, 5, 5]


def test_a_loss_stands_until_the_next_and_nowhere_else() -> None:
    track = seen(recorded(jsonl(steps=6, every=3)), Plan(0)).main.track
    assert track.losses is not None
    assert track.losses[:4].tolist() == [1.0, 1.0, 1.0, 0.25]
    assert [track.loss(step) for step in (2, 4)] == [1.0, None]
    assert held(None, None) == (None, None)
    losses, missing = held(np.array([np.nan, np.nan, 1.0, np.nan]), np.array([False, True, True, False]))
    assert losses is not None
    assert missing is not None
    assert (np.isnan(losses).tolist(), missing.tolist()) == ([True, True, False, True], [True, False, False, True])


def test_an_event_leads_to_its_step_and_its_row() -> None:
    text = jsonl(steps=4) + '{"step": 40, "grad_norm/fc2.bias": 900.0}\n'
    view = seen(recorded(text), Plan(0))
    (event,) = view.main.events
    assert (event.text, view.row_of(event), view.place_of(event.step)) == ("Steps 30–40: fc2 rose ×10⁴", 1, 4)
    assert "Nothing stands out" not in view.main.summary
    assert "Nothing stands out" in seen(recorded(jsonl(steps=4)), Plan(0)).main.summary
    folded = seen(recorded(text), Plan(0, opened=frozenset()))
    assert folded.row_of(event._replace(layers=("gone",))) is None
