"""JSON and Python's dicts, of the shapes that tools write; the numbers are invented."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.collector import finished
from app.runs.formats.json_decoding import decoding_any
from app.runs.formats.steps import BATCHES, EPOCHS, FINE, may_be_label
from tests.runs.formats.reading import TWO, layers, one, refusal, steps

BY_NUMBER = {"0": [0.1, 0.3], "1": [0.2, 0.4]}


def long(**names: str) -> list[dict[str, Any]]:
    """The two layers in long form, with fields of these names."""
    return [
        {names["name"]: f"grad_norm/{layer}", names["value"]: value, "step": step}
        for step, pair in ((5, (0.1, 0.2)), (7, (0.3, 0.4)))
        for layer, value in zip(("fc1", "fc2"), pair, strict=True)
    ]


DOCUMENTS: dict[str, Any] = {
    "lists by step": {"loss": [1, 2], "step": [5, 7], "grad_norms": {"fc1": [0.1, 0.3], "fc2": [0.2, 0.4]}},
    "lists by epoch": {"epochs": [5, 7], "grad_norm/fc1": [0.1, 0.3], "grad_norm/fc2": [0.2, 0.4]},
    "records by step": {"5": {"fc1.weight": 0.1, "fc2.weight": 0.2}, "7": {"fc1.weight": 0.3, "fc2.weight": 0.4}},
    "records by epoch": {"epoch_5": {"fc1": 0.1, "fc2": 0.2}, "epoch_7": {"fc1": 0.3, "fc2": 0.4}},
    "records by step within": {"grad_norms": {"5": {"fc1": 0.1, "fc2": 0.2}, "7": {"fc1": 0.3, "fc2": 0.4}}},
    "history": {
        "config": {"lr": 0.1},
        "history": [
            {"step": 5, "grad_norms": {"fc1": 0.1, "fc2": 0.2}},
            {"step": 7, "grad_norms": {"fc1": 0.3, "fc2": 0.4}},
        ],
    },
    "a list that is called gradients": {
        "grad_history": [{"step": 5, "fc1": 0.1, "fc2": 0.2}, {"step": 7, "fc1": 0.3, "fc2": 0.4}]
    },
    "tags": {f"grad_norm/{n}": [[1.7e9, 5, a], [1.7e9, 7, b]] for n, (a, b) in TWO.items()},
    "clearml": {"grad_norm": {n: {"name": n, "x": [5, 7], "y": row} for n, row in TWO.items()}},
    "sacred": {f"grad_norm.{n}": {"steps": [5, 7], "timestamps": ["a", "b"], "values": row} for n, row in TWO.items()},
    "pairs": {f"grad_norm/{n}": [[5, a], [7, b]] for n, (a, b) in TWO.items()},
    "lists of records by layer": {
        f"grad_norm/{n}": [{"step": 5, "value": a}, {"step": 7, "value": b}] for n, (a, b) in TWO.items()
    },
    "layers by step": {"grad_norm": {f"{n}.weight": {"5": a, "7": b} for n, (a, b) in TWO.items()}},
    "plotly": {"data": [{"name": f"grad_norm/{n}", "x": [5, 7], "y": row} for n, row in TWO.items()]},
    "chart": {"labels": [5, 7], "datasets": [{"label": f"grad_norm/{n}", "data": row} for n, row in TWO.items()]},
    "aim": [
        {"name": f"grad_norm/{n}", "context": {"subset": "train"}, "values": row, "iters": [5, 7]}
        for n, row in TWO.items()
    ],
    "table": {"columns": ["step", "grad_norm/fc1", "grad_norm/fc2"], "data": [[5, 0.1, 0.2], [7, 0.3, 0.4]]},
    "split": {"columns": ["grad_norm/fc1", "grad_norm/fc2"], "index": [5, 7], "data": [[0.1, 0.2], [0.3, 0.4]]},
    "frame": {f"grad_norm/{n}": {"5": a, "7": b} for n, (a, b) in TWO.items()},
    "frame with steps": {
        "step": {"0": 5, "1": 7},
        **{f"grad_norm/{n}": {"0": a, "1": b} for n, (a, b) in TWO.items()},
    },
    "named pairs": [
        {"step": 5, "grads": [["fc1", 0.1], ["fc2", 0.2]]},
        {"step": 7, "grads": [["fc1", 0.3], ["fc2", 0.4]]},
    ],
    "statistics of layers": [
        {
            "step": step,
            **{n: {"grad": {"norm": row[at], "mean": 0.01}, "weight": {"norm": 3}} for n, row in TWO.items()},
        }
        for at, step in enumerate((5, 7))
    ],
    "long": long(name="name", value="value"),
    "comet": long(name="metricName", value="metricValue"),
    "mlflow": long(name="key", value="value"),
    "layers of a record": [
        {"step": 5, "layers": [{"name": "fc1", "grad_norm": 0.1}, {"name": "fc2", "grad_norm": 0.2}]},
        {"step": 7, "layers": [{"name": "fc1", "grad_norm": 0.3}, {"name": "fc2", "grad_norm": 0.4}]},
    ],
    "deep": [
        {
            "info": {"run": {"step": step}},
            "train": {"metrics": {"grad_norm": {"fc1": {"weight": a}, "fc2": {"weight": b}}}},
        }
        for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))
    ],
    "named lists": [
        {"step": 5, "layer_names": ["fc1", "fc2"], "grad_norm": [0.1, 0.2]},
        {"step": 7, "layer_names": ["fc1", "fc2"], "grad_norm": [0.3, 0.4]},
    ],
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_document_is_read_whatever_its_shape(name: str, indent: int | None) -> None:
    text = json.dumps(DOCUMENTS[name], indent=indent)
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "name", [name for name, document in DOCUMENTS.items() if isinstance(document, list) and name != "aim"]
)
@pytest.mark.parametrize("write", [json.dumps, repr])
def test_the_records_of_a_list_may_be_a_line_each(name: str, write: Any) -> None:
    text = "\n".join(map(write, DOCUMENTS[name]))
    assert (layers(text), steps(text)) == (TWO, [5, 7])


def test_a_list_of_lists_may_have_its_names_in_the_first() -> None:
    text = json.dumps([["step", "grad_norm/fc1", "grad_norm/fc2"], [5, 0.1, 0.2], [7, 0.3, 0.4]])
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("rest", ['{"st', '{"step": 9, "grad_norm/fc1": 0.', ""])
def test_of_a_list_that_was_cut_off_the_whole_entries_are_read(indent: int | None, rest: str) -> None:
    records = [{"step": step, "grad_norm/fc1": a, "grad_norm/fc2": b} for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))]
    text = json.dumps(records, indent=indent).removesuffix("]") + f",{rest}"
    assert (layers(text), steps(text)) == (TWO, [5, 7])
    assert "The last entry is not whole" in one(text).problems[0]


def test_lines_that_alternate_between_the_step_and_the_gradients_are_one_record() -> None:
    text = '{"step":5}\n{"grads":{"fc1":0.1,"fc2":0.2}}\n{"step":7}\n{"grads":{"fc1":0.3,"fc2":0.4}}\n'
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "write",
    [
        lambda records: "".join(map(json.dumps, records)),
        lambda records: "\n".join(json.dumps([record]) for record in records),
    ],
)
def test_objects_may_stand_in_one_line_or_in_lists(write: Any) -> None:
    records = [{"step": step, "grad_norm/fc1": a, "grad_norm/fc2": b} for step, a, b in ((5, 0.1, 0.2), (7, 0.3, 0.4))]
    assert (layers(write(records)), steps(write(records))) == (TWO, [5, 7])


def test_objects_over_several_lines_may_follow_each_other() -> None:
    text = "\n".join(json.dumps(record, indent=1) for record in DOCUMENTS["long"])
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "name", ["step", "Step", "global_step", "_step", "iteration", "iter", "it", "num_updates", "update"]
)
@pytest.mark.parametrize("before", ["", "trainer/", "train."])
def test_a_step_has_many_names(name: str, before: str) -> None:
    text = "".join(f'{{"epoch": 1, "{before}{name}": {at}, "grad_norm/a": {at}}}\n' for at in (5, 7))
    assert steps(text) == [5, 7]


@pytest.mark.parametrize("name", ["epoch", "Epoch", "current_epoch", "train/epoch", "batch"])
def test_epochs_and_batches_are_steps_where_there_are_no_finer_ones(name: str) -> None:
    assert steps("".join(f'{{"{name}": {at}, "grad_norm/a": {at}}}\n' for at in (5, 7))) == [5, 7]


def test_numbers_as_python_prints_them_are_numbers() -> None:
    text = (
        '{"step": 0, "grad_norm/a": nan, "grad_norm/b": 0.5}\n'
        '{"step": 1, "grad_norm/a": inf, "grad_norm/b": None}\n'
        "{'step': 2, 'grad_norm/a': tensor(0.5, device='cuda:0'), 'grad_norm/b': np.float64(2.)}\n"
    )
    run = one(text)
    assert layers(text) == {"a": [None, math.inf, 0.5], "b": [0.5, None, 2]}
    assert run.logged.tolist() == [[True, True, True], [True, False, True]]
    assert all("order of the layers" in problem for problem in run.problems)


def test_lists_are_by_layer_in_a_record() -> None:
    text = '{"step": 5, "grad_norm": [0.1, 0.2]}\n{"step": 7, "grad_norm": [0.3, 0.4]}\n'
    assert (layers(text), steps(text)) == (BY_NUMBER, [5, 7])


@pytest.mark.parametrize(
    "document",
    [
        {"loss": [3, 2, 1], "grad_norms": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]},
        {"loss": [3, 2, 1], "grad_norms": [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]},
    ],
)
def test_lists_of_lists_are_by_step_where_the_loss_is_as_long(document: Any) -> None:
    assert layers(json.dumps(document)) == {"0": [0.1, 0.3, 0.5], "1": [0.2, 0.4, 0.6]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"loss": [3, 2, 1], "grad_norms": [0.1, 0.2, 0.3]}', "grad_norms is one norm over all layers"),
        ('{"grad_norms": [0.1, 0.2, 0.3]}', "a list that doesn't tell whether it goes by layer or by step"),
        ('{"epoch": 1, "num_updates": "100", "gnorm": "16.9"}', "gnorm is one norm over all layers"),
        ("[[0.1, 0.2], [0.3, 0.4]]", "a list of lists without names"),
        ('{"step": 1, "x": ' + "[" * 5_000 + "]" * 5_000 + "}", "nested more than 32 levels deep"),
        ("{\n" + '"a": {' * 5_000 + "}" * 5_000 + "\n}", "nested more than 32 levels deep"),
        ("[" * 10_000, "nested more than 32 levels deep"),
        ("<!DOCTYPE html><html><body>404</body></html>", "a web page (HTML or XML), not a log"),
        ("\n  <?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "a web page (HTML or XML), not a log"),
    ],
)
def test_what_holds_no_gradients_by_layer_is_refused_with_what_it_is(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


def test_one_entry_that_is_no_object_is_counted_as_one() -> None:
    run = one('[{"step": 1, "grad_norm/a": 1}, 7]')
    assert run.problems == ("log.txt: 1 entry was no JSON object; at entry 2.",)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_python_prints_is_read_as_the_value_it_is(value: Any) -> None:
    read = finished(decoding_any(repr([value])))
    assert repr(read) == repr([value])


@given(
    st.recursive(
        st.floats(0, 9) | st.text(max_size=4), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_document_is_read_or_refused(value: Any) -> None:
    assert refusal(json.dumps({"step": 1, "grad_norm": value}))


def test_each_name_of_a_step_or_an_epoch_is_found_by_its_first_look() -> None:
    assert all(map(may_be_label, (*FINE, *BATCHES, *EPOCHS)))
