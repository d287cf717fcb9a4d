"""Runs out of the files that people have: each shape as it is found in the wild, put together by layer."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Generator
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs import metric_names
from app.runs.collector import LogError, ParsedLog, finished
from app.runs.merging import STRETCH, together
from app.runs.run import Reader, Run, combine, combining, ordered, read

NAN, INFINITY = math.nan, math.inf
Found = TypeVar("Found")


def one(file: str, content: str | bytes) -> Run:
    (run,) = combine([read(file, content)])
    return run


def test_json_lines_are_a_record_a_step() -> None:
    run = one(
        "run.jsonl",
        '{"step":120,"loss":0.83,"grad_norm/fc1.weight":3.1e-4,"grad_norm/fc2.weight":0.012}\n'
        '{"step":130,"loss":-0.5,"grad_norm/fc1.weight":NaN,"grad_norm/fc2.weight":Infinity}\n',
    )
    assert (run.title, run.names, run.steps.tolist()) == ("run.jsonl", ("fc1", "fc2"), [120.0, 130.0])
    np.testing.assert_array_equal(run.norms, [[3.1e-4, NAN], [0.012, INFINITY]])
    assert run.norms.dtype == np.float64
    assert run.loss is not None
    assert run.loss.tolist() == [0.83, -0.5]
    assert run.label == "parameter gradient ∂L/∂W, L2 norm"
    assert run.problems == ()


def test_a_logged_nan_is_told_from_a_missing_value() -> None:
    run = one("", '{"step":1,"grad_norm/a.weight":NaN}\n{"step":2,"grad_norm/b.weight":1}\n')
    np.testing.assert_array_equal(run.norms, [[NAN, NAN], [NAN, 1]])
    np.testing.assert_array_equal(run.logged, [[True, False], [False, True]])


def test_json_lines_without_a_step_are_counted() -> None:
    assert one("", '{"grad_norm/a":1}\n{"grad_norm/a":2}\n').steps.tolist() == [0, 1]


def test_objects_in_a_record_are_joined_by_a_slash() -> None:
    assert one("", '{"step":1,"grad_norm":{"fc1":{"weight":2}}}').names == ("fc1",)


@pytest.mark.parametrize(
    "text",
    [
        '{"fc1.weight":3.1e-4,"fc2.weight":0.012}',
        '{\n  "fc1.weight": 3.1e-4,\n  "fc2.weight": 0.012\n}',
        "{'fc1.weight': 0.00031, 'fc2.weight': 0.012}",
        "{'fc1.weight': tensor(3.1000e-04), 'fc2.weight': tensor(0.0120, device='cuda:0')}",
        "{'fc1.weight': np.float64(0.00031),\n 'fc2.weight': np.float64(0.012)}",
        "fc1.weight: 3.1e-4\nfc2.weight: 0.012",
        "fc1.weight = 3.1e-4\r\nfc2.weight = 0.012\r\n",
        "fc1.weight\t3.1e-4\nfc2.weight\t0.012",
        "fc1.weight tensor(3.1e-4)\nfc2.weight tensor(0.0120, grad_fn=<NormBackward1>)",
        "fc1.weight=3.1e-4, fc2.weight=0.012",
        "| fc1.weight: 3.1e-4\n- fc2.weight: 0.012",
    ],
)
def test_what_was_printed_is_one_step(text: str) -> None:
    run = one("", text)
    assert run.names == ("fc1", "fc2")
    np.testing.assert_array_equal(run.norms, [[3.1e-4], [0.012]])
    assert run.title == "pasted text"


def test_a_detector_s_own_names_are_taken() -> None:
    run = one("", "grad_norm/23.cv3.2.2.weight: 296916.0\ngrad_norm/23.cv3.10.2.weight: nan")
    assert run.names == ("23.cv3.2.2", "23.cv3.10.2")


def test_printed_steps_follow_each_other_when_a_name_comes_again() -> None:
    assert one("", "a: 1\nb: 2\na: 3\nb: 4").norms.tolist() == [[1, 3], [2, 4]]


def test_a_printed_step_is_the_step() -> None:
    run = one("", "Step 100\nfc1: 1\nfc2: 2\nStep 200\nfc1: 3\nfc2: 4\n")
    assert run.steps.tolist() == [100, 200]


def test_the_reduction_that_a_log_does_not_say_is_said_to_be_assumed() -> None:
    assert one("", '{"fc1.weight": 1}').label == "parameter gradient ∂L/∂W, L2 norm (assumed)"


def test_lightnings_wide_csv_is_sparse_and_its_total_is_dropped() -> None:
    run = one(
        "metrics.csv",
        "epoch,grad_2.0_norm/fc1.weight,grad_2.0_norm/fc2.weight,grad_2.0_norm_total,step,train_loss\n"
        "0,0.00031,0.012,0.0120,50,\n0,,,,50,0.7\n0,,,,75,0.6\n1,0.5,,,99,\n",
    )
    assert (run.names, run.steps.tolist()) == (("fc1", "fc2"), [50, 99])
    np.testing.assert_array_equal(run.norms, [[0.00031, 0.5], [0.012, NAN]])
    assert run.loss is not None
    np.testing.assert_array_equal(run.loss, [0.7, NAN])


def test_a_chart_of_wandb_holds_a_run_a_name_and_extremes_are_dropped() -> None:
    header = (
        '"Step","a - b - grad_norm/fc1.weight","a - b - grad_norm/fc1.weight__MIN","a - b - grad_norm/fc1.weight__MAX"'
    )
    runs = combine(
        [read("chart.csv", f'{header},"run-2 - grad_norm/fc1.weight"\n"7","0.3","0.1","0.5",""\n8,,,,0.9\n')]
    )
    assert [(run.title, run.names, run.steps.tolist()) for run in runs] == [
        ("a - b", ("fc1",), [7]),
        ("run-2", ("fc1",), [8]),
    ]
    assert [run.norms.tolist() for run in runs] == [[[0.3]], [[0.9]]]


def test_tensorboards_csvs_are_a_tag_a_file_and_one_run_together() -> None:
    files = {
        "run-.-tag-grad_norm_fc1.weight.csv": "Wall time,Step,Value\n1654943296.2,0,0.0123\n1654943297.2,10,0.5\n",
        "run-.-tag-grad_norm_fc2.weight.csv": "Wall time,Step,Value\n1654943296.2,10,0.1\n",
        "run-lr3_train-tag-grad_norm_fc1.weight.csv": "Wall time,Step,Value\n1654943296.2,0,9\n",
    }
    first, second = combine([read(name, content) for name, content in files.items()])
    np.testing.assert_array_equal(first.norms, [[0.0123, 0.5], [NAN, 0.1]])
    assert (second.title, second.norms.tolist()) == ("lr3_train", [[9]])


def test_tensorboards_json_is_read_as_its_csv() -> None:
    run = one("run-.-tag-grad_norm_fc1.weight.json", "[[1654943296.2, 0, 0.0123], [1654943297.0, 10, NaN]]")
    assert (run.names, run.steps.tolist()) == (("fc1",), [0, 10])


def test_a_german_spreadsheet_is_a_table_too() -> None:
    assert one("x.csv", "step;grad_norm/fc1\n1;0,25\n2;1,5e-3\n").norms.tolist() == [[0.25, 1.5e-3]]


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 65, 4096])
def test_utf_16_with_its_mark_is_text_too(coding: str, size: int) -> None:
    content = ("\ufeff" + "l1.weight: 3\n" * 9 + "l2𝛿.weight: 4\n").encode(coding)
    reader = Reader("x.txt")
    for start in range(0, len(content), size):
        reader.feed(content[start : start + size])
    (run,) = combine([reader.finish()])
    assert run.names == ("l1", "l2𝛿")
    assert run.norms[:, -1].tolist() == [3, 4]


def test_utf_16_that_ends_within_a_character_is_said_to() -> None:
    with pytest.raises(LogError, match=r"^x: is no longer UTF-16 text, as which it begins, after line 1\.$"):
        read("x", "\ufefffc1.weight: 3\nfc2".encode("utf-16-le") + b"0")


def test_raw_gradients_have_every_norm() -> None:
    gradients = {
        "fc1.weight": np.array([[3.0, -4.0]]),
        "fc1.bias": np.array([12.0], np.float32),
        "fc2.weight": np.ones(7),
    }
    buffer = io.BytesIO()
    np.savez(buffer, **gradients)  # type: ignore[arg-type]  # its stubs take the arrays for its option
    log = read("gradients-120.npz", buffer.getvalue())
    every = np.array([3.0, 4.0, 12.0])
    for reduction, norm in {
        metric_names.L2: np.linalg.norm(every),
        metric_names.RMS: np.sqrt(np.mean(every**2)),
        metric_names.MEAN: every.mean(),
        metric_names.MAX: 12.0,
    }.items():
        (run,) = combine([log], reduction=reduction)
        np.testing.assert_allclose(
            run.norms, [[norm], [np.sqrt(7) if reduction == metric_names.L2 else 1.0]], rtol=1e-12
        )
        assert run.steps.tolist() == [120]
    assert [reduction for _, reduction in combine([log])[0].choices] == [
        metric_names.L2,
        metric_names.RMS,
        metric_names.MEAN,
        metric_names.MAX,
    ]


def test_archives_of_a_step_each_are_one_run() -> None:
    logs = []
    for step in (0, 10, 200):
        buffer = io.BytesIO()
        np.savez(buffer, **{"fc1.weight": np.full(4, step)})  # type: ignore[arg-type]  # as above
        logs.append(read(f"g{step}.npz", buffer.getvalue()))
    (run,) = combine(logs)
    assert (run.steps.tolist(), run.norms.tolist()) == ([0, 10, 200], [[0, 20, 400]])


def test_the_header_of_the_recorder_keeps_the_order_of_definition() -> None:
    head = '{"gradient_flow": 1, "kind": "parameter", "reduction": "l2", "order": "definition"}\n'
    record = '{"step": 0, "grad_norm/alpha.weight": 1, "grad_norm/omega.weight": 2}'
    run = one("", head + record)
    assert (run.names, run.order_source, run.other_orders) == (("alpha", "omega"), "as logged", ())
    assert one("", record).order_source == "guessed from names"


def test_the_order_is_natural_as_logged_or_given() -> None:
    log = read("", '{"grad_norm/layer.10.weight":1,"grad_norm/layer.2.weight":2,"grad_norm/head.weight":3}')
    assert combine([log])[0].names == ("layer.10", "layer.2", "head")
    assert combine([log], order="natural")[0].names == ("head", "layer.2", "layer.10")
    assert combine([log], order="logged")[0].names == ("layer.10", "layer.2", "head")
    (run,) = combine([log], order=["layer.2", "nothing", "head"])
    assert run.names == ("layer.2", "head", "layer.10")
    assert run.norms.ravel().tolist() == [2, 3, 1]
    assert run.parameters == (("layer.2.weight",), ("head.weight",), ("layer.10.weight",))


def test_parameters_are_combined_as_the_root_of_the_sum_of_squares() -> None:
    run = one("", '{"grad_norm/fc1.weight":3,"grad_norm/fc1.bias":4,"grad_norm/fc2.bias":7}')
    assert run.norms.tolist() == [[5], [7]]
    assert run.parameters == (("fc1.weight", "fc1.bias"), ("fc2.bias",))


def test_maxima_are_combined_as_the_maximum() -> None:
    assert one("", '{"grad_inf_norm/fc1.weight":3,"grad_inf_norm/fc1.bias":4}').norms.tolist() == [[4]]


def test_what_is_by_activations_is_not_mixed_with_what_is_by_parameters() -> None:
    log = read("", '{"grad_norm/fc1.weight":1,"activation_grad_norm/fc1":2}')
    (first,) = combine([log])
    (other,) = combine([log], kind=metric_names.ACTIVATION)
    assert (first.norms.tolist(), other.norms.tolist()) == ([[1]], [[2]])
    assert other.label == "activation gradient ∂L/∂a, L2 norm"
    assert (
        first.choices
        == other.choices
        == ((metric_names.PARAMETER, metric_names.L2), (metric_names.ACTIVATION, metric_names.L2))
    )


def test_a_choice_that_was_not_logged_is_refused_with_those_that_were() -> None:
    with pytest.raises(LogError, match=r"^x: has no such magnitudes\. It has: parameter gradient ∂L/∂W, L2 norm\.$"):
        combine([read("x", '{"grad_norm/fc1.weight":1}')], reduction=metric_names.RMS)


def test_runs_can_be_made_in_pieces_that_tell_how_much_is_done() -> None:
    logs = [read(name, '{"loss":1,"grad_norm/a.weight":3,"grad_norm/a.bias":4,"grad_norm/b":2}') for name in "xy"]
    done = list(combining(logs))
    assert done == sorted(done)
    assert (done[0], max(done)) == (0, 1)
    assert [run.norms.tolist() for run in finished(combining(logs))] == [[[5], [2]]] * 2


def test_a_run_of_more_steps_than_are_combined_at_once_is_put_together_whole() -> None:
    steps = 2 * STRETCH + 7
    lines = [
        json.dumps({"step": step, "loss": step, "grad_norm/a.weight": 3 * step, "grad_norm/a.bias": 4 * step})
        for step in range(steps)
    ]
    run = one("x", "\n".join(lines))
    np.testing.assert_allclose(run.norms, [5.0 * np.arange(steps)], rtol=1e-12)
    np.testing.assert_array_equal(run.loss, np.arange(steps))
    assert run.logged.all()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab"), st.floats(0, 10)), min_size=1, max_size=12),
)
def test_steps_in_any_order_and_with_gaps_are_put_where_they_belong(logged: list[tuple[int, str, float]]) -> None:
    lines = [json.dumps({"step": step, f"grad_norm/{name}.weight": value}) for step, name, value in logged]
    (run,) = combine([read("x", "\n".join(lines))])
    wanted = {(step, name): value for step, name, value in logged}
    assert run.steps.tolist() == sorted({step for step, _, _ in logged})
    for row, name in enumerate(run.names):
        for at, step in enumerate(run.steps.tolist()):
            assert bool(run.logged[row, at]) == ((step, name) in wanted)
            np.testing.assert_array_equal(run.norms[row, at], wanted.get((int(step), name), NAN))


def test_a_step_that_is_logged_again_is_as_logged_last() -> None:
    assert one(
        "", '{"step":5,"grad_norm/a":1}\n{"step":3,"grad_norm/a":2}\n{"step":5,"grad_norm/a":9}'
    ).norms.tolist() == [[2, 9]]


def test_histograms_of_few_bins_have_no_norm() -> None:
    said = r"1 value was a histogram of 1 bin, too few to bound a norm, .* line 1, gradients/fc1\.weight\."
    with pytest.raises(LogError, match=said):
        read("history.jsonl", '{"_step":1,"gradients/fc1.weight":{"_type":"histogram","values":[1],"bins":[0,1]}}')


def test_a_script_for_a_name_is_a_name() -> None:
    name = "<script>alert(1)</script>"
    assert one("", json.dumps({f"grad_norm/{name}.weight": 1})).names == (name,)


@pytest.mark.parametrize("size", [1, 7, 64, 65_536])
def test_a_file_may_come_in_pieces_of_any_size(size: int) -> None:
    content = "".join(
        json.dumps({"step": step, "grad_norm/é.weight": step / 7}) + "\r\n" for step in range(50)
    ).encode()
    reader = Reader("run.jsonl", len(content))
    for start in range(0, len(content), size):
        assert reader.progress == pytest.approx(start / len(content))
        reader.feed(content[start : start + size])
    assert reader.progress == 1.0
    (run,) = combine([reader.finish()])
    np.testing.assert_array_equal(run.norms, [[step / 7 for step in range(50)]])


def test_many_names_are_read_sorted_and_combined_with_pauses_in_between() -> None:
    record = {f"grad_norm/{chr(97 + at % 26)}{at}.weight": 0.5 for at in range(2048)}
    reader = Reader("run.jsonl")
    content = "".join(json.dumps({"step": step, **record}) + "\n" for step in range(2)).encode()
    assert pauses(reader.feeding(content))[0] >= 2 * 2048 / 64
    count, log = pauses(reader.finishing())
    assert count >= 3 * 2048 / 256
    count, (run,) = pauses(combining([log]))
    assert count >= 2 * 2048 / 64  # the layers' roles are looked for in both directions
    assert len(run.names) == 2048


def pauses(work: Generator[object, None, Found]) -> tuple[int, Found]:
    """The number of pauses in some work, and its result."""
    count = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return count, end.value
        count += 1


magnitudes = st.one_of(st.floats(min_value=0), st.just(NAN))
names = st.from_regex(r"[a-z]{1,8}(\.[0-9]{1,3}){0,2}\.(weight|bias)", fullmatch=True)
records = st.lists(st.dictionaries(names, magnitudes, min_size=1, max_size=6), min_size=1, max_size=8)


@given(records, st.integers(1, 40))
def test_what_is_written_is_what_is_read(steps: list[dict[str, float]], size: int) -> None:
    lines = [
        json.dumps({"step": step, **{f"grad_norm/{k}": v for k, v in found.items()}})
        for step, found in enumerate(steps)
    ]
    content = "\n".join(lines).encode()
    reader = Reader("run.jsonl")
    for start in range(0, len(content), size):
        reader.feed(content[start : start + size])
    (table,) = reader.finish().tables.values()
    for step, found in enumerate(steps):
        row = table.rows[step]
        for name, column in table.columns.items():
            there = row < len(column.logged) and column.logged[row]
            assert bool(there) == (name in found)
            if there:
                np.testing.assert_array_equal(column.values[row], found[name])


@given(records)
def test_a_table_holds_what_json_lines_hold(steps: list[dict[str, float]]) -> None:
    columns = list(dict.fromkeys(name for found in steps for name in found))
    header = ",".join(["step", *(f"grad_norm/{name}" for name in columns)])
    rows = [
        ",".join([str(at), *(repr(found[name]) if name in found else "" for name in columns)])
        for at, found in enumerate(steps)
    ]
    lines = [
        json.dumps({"step": at, **{f"grad_norm/{k}": v for k, v in found.items()}}) for at, found in enumerate(steps)
    ]
    table, json_lines = one("", "\n".join([header, *rows])), one("", "\n".join(lines))
    assert table.names == json_lines.names
    np.testing.assert_array_equal(table.norms, json_lines.norms)


@given(st.lists(st.lists(st.floats(0, 1e300), min_size=1, max_size=5), min_size=1, max_size=4))
def test_norms_of_parts_combine_to_the_norm_of_all(parts: list[list[float]]) -> None:
    arrays, every = [np.array(part) for part in parts], np.concatenate([np.array(part) for part in parts])
    there = [np.ones(1, np.bool_)] * len(parts)
    sizes = [len(part) for part in parts]
    largest = max(1e-300, every.max())

    def reduced(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]], reduction: str) -> float:
        scaled = array / largest
        found = {
            metric_names.L2: np.sqrt(np.sum(scaled**2)),
            metric_names.RMS: np.sqrt(np.mean(scaled**2)),
            metric_names.MEAN: scaled.mean(),
            metric_names.MAX: scaled.max(),
            metric_names.L1: scaled.sum(),
        }
        return float(found[reduction] * largest)

    for reduction in (metric_names.L2, metric_names.RMS, metric_names.MEAN, metric_names.MAX, metric_names.L1):
        values = [np.array([reduced(array, reduction)]) for array in arrays]
        combined, logged = together(values, there, reduction, sizes)
        np.testing.assert_allclose(combined, [reduced(every, reduction)], rtol=1e-9, atol=1e-290)
        assert logged.all()


def test_nan_and_infinity_survive_combining() -> None:
    there = [np.ones(3, np.bool_)] * 2
    combined, _ = together([np.array([NAN, INFINITY, 0.0]), np.array([1.0, 1.0, 0.0])], there, metric_names.L2)
    np.testing.assert_array_equal(combined, [NAN, INFINITY, 0.0])


@given(st.lists(names, unique=True, max_size=20), st.lists(names, max_size=20))
def test_any_order_keeps_every_name(given_names: list[str], order: list[str]) -> None:
    for how in ("natural", "logged", order):
        assert sorted(ordered(given_names, how)) == sorted(given_names)


def test_a_log_keeps_what_the_files_say() -> None:
    log = read("x", '{"grad_norm/fc1.weight":1}')
    assert isinstance(log, ParsedLog)
    assert (log.file, log.sizes, log.ordered, log.problems) == ("x", {}, False, ())
