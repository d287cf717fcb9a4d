"""Series of a file: none written over another, statistics apart, and all that was assumed is said."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np
import pytest

from app.runs.collector import LogError
from app.runs.run import Run, combine, read

NAN = math.nan


def one(*records: Mapping[str, object], file: str = "run.jsonl") -> Run:
    (run,) = combine([read(file, "\n".join(map(json.dumps, records)))])
    return run


def rows(run: Run) -> dict[str, list[float]]:
    return {name: row.tolist() for name, row in zip(run.names, run.norms, strict=True)}


def test_what_stands_around_the_gradient_word_tells_series_apart() -> None:
    found = one({"step": 0, "actor/grads/fc1.weight": 0.5, "critic/grads/fc1.weight": 70, "critic/grads/fc2.bias": 9})
    assert rows(found) == {"actor/fc1": [0.5], "critic/fc1": [70], "critic/fc2": [9]}


def test_what_all_series_share_around_the_gradient_word_is_left_out() -> None:
    found = one({"step": 0, "train/agent/grad_norm/fc1": 0.5, "train/agent/grad_norm/fc2": 0.7})
    assert rows(found) == {"fc1": [0.5], "fc2": [0.7]}


def test_contexts_are_shown_from_where_they_differ() -> None:
    found = one({"step": 0, "train/actor/grad_norm/fc1": 0.5, "train/critic/grad_norm/fc1": 0.7})
    assert rows(found) == {"actor/fc1": [0.5], "critic/fc1": [0.7]}


def test_values_by_step_and_values_by_epoch_stay_apart() -> None:
    found = one({"step": 0, "train/grad_norm/fc1": 0.5, "train_epoch/grad_norm/fc1": 0.6})
    assert rows(found) == {"train/fc1": [0.5], "train_epoch/fc1": [0.6]}


def test_one_name_written_in_two_ways_at_the_same_steps_keeps_both() -> None:
    found = one({"step": 0, "grad_norm/fc1": 0.5, "gradient_norm/fc1": 0.6})
    assert sorted(rows(found).values()) == [[0.5], [0.6]]


def test_a_name_that_changes_with_its_wrapper_goes_on_as_one_series() -> None:
    found = one({"step": 0, "grad_norm/module.fc1.weight": 0.5}, {"step": 1, "grad_norm/_orig_mod.fc1.weight": 0.6})
    assert rows(found) == {"fc1": [0.5, 0.6]}
    assert any("were taken for one series, fc1.weight" in problem for problem in found.problems)


def test_norms_of_weights_and_updates_are_no_gradients() -> None:
    record = {"step": 0, "GradNorm/fc1.weight": 0.5, "ParamNorm/fc1.weight": 30, "l2_norm/update/fc1.weight": 0.01}
    assert rows(one(record)) == {"fc1": [0.5]}


@pytest.mark.parametrize("name", ["param_norm/fc1.weight", "weights/fc1.weight", "l2_norm/param/fc1.weight"])
def test_a_file_of_weights_alone_is_refused(name: str) -> None:
    with pytest.raises(LogError, match="no gradients in it"):
        read("x.jsonl", json.dumps({"step": 0, name: 1.5}))


def test_statistics_are_a_choice_each_and_never_added_up() -> None:
    found = one({"step": 0, "grad_norm/fc1.weight": 3, "grad_max/fc1.weight": 0.5, "grad_std/fc1.weight": 0.1})
    assert rows(found) == {"fc1": [3]}
    assert [reduction for _, reduction in found.choices] == ["l2", "max", "std"]


def test_what_is_no_magnitude_is_left_out_and_said() -> None:
    found = one({"step": 0, "grad_norm/fc1": 3, "grad_min/fc1": 0.1, "grad_median/fc1": 0.2})
    assert rows(found) == {"fc1": [3]}
    assert (
        "run.jsonl: Left out were statistics that are no magnitudes: grad_min/fc1, grad_median/fc1." in found.problems
    )


def test_a_mean_with_its_sign_is_left_out_wholly() -> None:
    found = one(
        {"step": 0, "grad_mean/fc1": 1e-4, "grad_max/fc1": 0.3},
        {"step": 1, "grad_mean/fc1": -1e-4, "grad_max/fc1": 0.4},
    )
    assert (found.reduction, rows(found)) == ("max", {"fc1": [0.3, 0.4]})
    assert any("below zero at times" in problem and "grad_mean/fc1" in problem for problem in found.problems)


def test_maxima_beside_minima_below_zero_are_said_to_have_signs() -> None:
    found = one({"step": 0, "grad_max/fc1": 0.3, "grad_min/fc1": -0.5})
    assert (found.reduction, rows(found)) == ("max", {"fc1": [0.3]})
    assert any("maxima are of values with their signs" in problem for problem in found.problems)


def test_a_norm_below_zero_is_counted() -> None:
    found = one({"step": 0, "grad_norm/fc1": 2}, {"step": 1, "grad_norm/fc1": -2})
    assert len(found.problems) == 1
    assert found.problems[0].startswith("run.jsonl: 1 value was no magnitude")


def test_gradients_before_clipping_are_shown() -> None:
    found = one({"step": 0, "grad_norm_post_clip/fc1": 1, "grad_norm_pre_clip/fc1": 7})
    assert rows(found) == {"fc1": [7]}
    assert any("after clipping: grad_norm_post_clip/fc1" in problem for problem in found.problems)


def test_values_by_epoch_are_used_where_there_are_no_others() -> None:
    assert rows(one({"step": 0, "grad_norm/fc1_epoch": 4, "grad_norm/fc2_epoch": 5})) == {"fc1": [4], "fc2": [5]}


def test_a_module_s_norm_is_left_out_where_its_parts_are_there() -> None:
    found = one({"step": 0, "grad_norm/encoder": 9, "grad_norm/encoder.0.weight": 3, "grad_norm/encoder.1.weight": 4})
    assert rows(found) == {"encoder.0": [3], "encoder.1": [4]}
    assert any("modules whose parts are there as well: grad_norm/encoder" in problem for problem in found.problems)


def test_a_module_called_norm_is_told_from_a_norm_by_its_neighbours() -> None:
    found = one({"step": 0, "gradients/block_one": 1, "gradients/block_two": 2, "gradients/encoder_one_norm": 3})
    assert rows(found) == {"block_one": [1], "block_two": [2], "encoder_one_norm": [3]}


def test_parameters_are_combined_only_where_all_of_them_are_logged() -> None:
    found = one(
        {"step": 0, "grad_norm/fc1.weight": 3, "grad_norm/fc1.bias": 4},
        {"step": 1, "grad_norm/fc1.weight": 3},
        {"step": 2, "grad_norm/fc1.weight": 6, "grad_norm/fc1.bias": 8},
    )
    np.testing.assert_array_equal(found.norms, [[5, NAN, 10]])
    assert found.logged.tolist() == [[True, False, True]]
    assert any("not all parameters of fc1 were logged" in problem for problem in found.problems)


def test_parameters_that_are_never_logged_together_are_rows_of_their_own() -> None:
    found = one({"step": 0, "grad_norm/fc1.weight": 3}, {"step": 1, "grad_norm/fc1.bias": 4})
    np.testing.assert_array_equal(found.norms, [[3, NAN], [NAN, 4]])
    assert found.names == ("fc1.weight", "fc1.bias")


@pytest.mark.parametrize(
    ("word", "label"), [("grad_rms", "RMS values"), ("grad_mean_abs", "Means"), ("grad_std", "Standard")]
)
def test_what_needs_sizes_is_not_combined_without_them(word: str, label: str) -> None:
    found = one({"step": 0, f"{word}/fc1.weight": 3, f"{word}/fc1.bias": 4, f"{word}/fc2.weight": 5})
    assert rows(found) == {"fc1.weight": [3], "fc1.bias": [4], "fc2.weight": [5]}
    assert any(problem.startswith(label) and "own row" in problem for problem in found.problems)


def test_maxima_need_no_sizes() -> None:
    assert rows(one({"step": 0, "grad_max/fc1.weight": 3, "grad_max/fc1.bias": 4})) == {"fc1": [4]}


def test_layers_of_a_recurrent_module_are_apart() -> None:
    names = [f"lstm.{part}_l{at}" for at in range(3) for part in ("weight_ih", "weight_hh")]
    found = one({"step": 0, **{f"grad_norm/{name}": at for at, name in enumerate(names)}, "grad_norm/fc.weight": 1})
    assert found.names == ("lstm.l0", "lstm.l1", "lstm.l2", "fc")


def test_the_only_layer_of_a_recurrent_module_has_its_name() -> None:
    found = one({"step": 0, "grad_norm/rnn.weight_ih_l0": 3, "grad_norm/rnn.weight_hh_l0": 4})
    assert rows(found) == {"rnn": [5]}


def test_one_norm_over_all_layers_is_refused_as_that() -> None:
    with pytest.raises(LogError, match="one norm over all layers"):
        read("x.jsonl", '{"step": 0, "loss": 1.5, "train/grad_norm": 2.5}\n{"step": 1, "train/grad_norm": 2.5}')


def test_one_network_s_whole_norm_is_refused_as_that() -> None:
    with pytest.raises(LogError, match="actor/grad_norm is one norm over all layers"):
        read("x.jsonl", '{"step": 0, "actor/grad_norm": 1.5}\n{"step": 1, "actor/grad_norm": 2.5}')


def test_steps_that_come_again_are_said_and_the_later_stand() -> None:
    found = one(*({"step": step, "grad_norm/fc1": at} for at, step in enumerate([0, 10, 20, 10, 20, 30])))
    assert rows(found) == {"fc1": [0, 3, 4, 5]}
    assert any("Steps between 10 and 20 were logged more than once" in problem for problem in found.problems)


def test_what_no_name_says_is_said() -> None:
    found = one({"fc1.weight": 0.5, "fc2.weight": 0.6})
    assert any("No name says that it is a gradient" in problem for problem in found.problems)
    assert "How the gradients were reduced is not said: taken for L2 norms." in found.problems


def test_a_guessed_order_is_said() -> None:
    found = one({"step": 0, "grad_norm/classifier.1": 1, "grad_norm/features.0": 2, "grad_norm/features.3": 3})
    assert found.names == ("features.0", "features.3", "classifier.1")
    assert any(problem.startswith("The order of the layers is guessed") for problem in found.problems)


def test_what_most_series_are_is_shown_first() -> None:
    few = {"weight_grad_norm/embed": 1.0}
    many = {f"grad_norm/block {at}": 0.5 for at in range(8)}
    assert len(one({"step": 0, **few, **many}).names) == 8
