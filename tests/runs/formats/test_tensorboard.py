"""Messages of event files; what is done with damaged ones is in test_damaged_logs.py."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.formats.tensorboard import Histogram, Value, is_event_file, read_event
from app.runs.run import combine, read
from tests.support.log_samples import VERSION, event, event_file, field, histogram, scalar, sealed


def test_an_event_file_is_known_by_its_first_record() -> None:
    assert is_event_file(event_file()[:64])
    assert is_event_file(b"\0" * 12 + VERSION)  # a damaged length
    assert not is_event_file(b'{"step": 1}\n')
    assert not is_event_file(b"")


steps = st.integers(-(2**63), 2**63 - 1)
singles = st.floats(width=32)


@given(steps, st.lists(st.tuples(st.text(max_size=30), singles), max_size=5))
def test_an_event_is_read_as_it_was_written(step: int, values: list[tuple[str, float]]) -> None:
    found, read_values = read_event(event(step, *(scalar(tag, value) for tag, value in values)))
    assert found == step
    assert [value.tag for value in read_values] == [tag for tag, _ in values]
    for value, (_, written) in zip(read_values, values, strict=True):
        assert value.scalar == written or (
            math.isnan(written) and value.scalar is not None and math.isnan(value.scalar)
        )


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.floats(0, 1e300), st.floats(0, 1e300))
def test_a_histogram_s_moments_are_read(low: float, high: float, count: float, squares: float) -> None:
    (_, (value,)) = read_event(event(0, histogram("gradients/a", low, high, count, squares)))
    assert value == Value("gradients/a", None, Histogram(low, high, count, squares))


@pytest.mark.parametrize(
    ("tensor", "scalar"),
    [
        (field(1, 1) + field(5, struct.pack("<f", 0.5)), 0.5),
        (field(1, 1) + field(4, struct.pack("<f", 0.5)), 0.5),
        (field(1, 2) + field(6, struct.pack("<d", 0.1)), 0.1),
        (field(1, 1) + b"\x2d" + struct.pack("<f", 0.5), 0.5),
        (field(1, 1) + field(5, struct.pack("<2f", 1, 2)), None),
        (field(1, 7) + field(8, "text"), None),
    ],
)
def test_a_tensor_of_one_number_is_a_scalar(tensor: bytes, scalar: float | None) -> None:
    (_, (value,)) = read_event(event(0, field(1, "grad_norm/a") + field(8, tensor)))
    assert value.scalar == scalar


def test_a_histogram_gives_the_norm_the_rms_and_the_maximum() -> None:
    log = read("events", sealed(VERSION, event(7, histogram("gradients/a.weight", -3.0, 2.0, 4.0, 16.0))))
    for reduction, expected in {"l2": 4.0, "rms": 2.0, "max": 3.0}.items():
        (run,) = combine([log], reduction=reduction)
        assert (run.steps.tolist(), run.norms.tolist()) == ([7], [[expected]])


def test_a_histogram_of_what_is_no_gradient_is_passed_over() -> None:
    data = sealed(VERSION, event(7, histogram("a.weight", -3.0, 2.0, 4.0, 16.0), scalar("grad_norm/a.weight", 1)))
    assert combine([read("events", data)])[0].choices == (("parameter", "l2"),)


logged = st.tuples(
    st.sampled_from(["grad_norm/a", "grad_norm/b", "loss", "lr"]),
    st.sampled_from([0, 1, 127, 128, 300, 2**40]),
    st.floats(-1, 1, width=32),
)


@given(st.lists(logged, min_size=1))
def test_events_like_those_before_are_read_as_if_each_were_the_first(values: list[tuple[str, int, float]]) -> None:
    first = ("grad_norm/a", 5, 0.5)  # or there might be no gradient at all
    written = [*values, first]
    messages = [event(step, scalar(tag, value)) for tag, step, value in written]
    log = read("events", sealed(VERSION, *messages))
    expected = {(tag, step): value for tag, step, value in written if tag == "loss" or value >= 0}
    (table,) = log.tables.values()
    found = {("loss", step): value for step, value in log.losses.get("", {}).items()}
    for name, column in table.columns.items():
        for step, row in table.rows.items():
            if row < len(column.values) and column.logged[row]:
                found[f"grad_norm/{name}", int(step)] = column.values[row]
    assert found == {key: value for key, value in expected.items() if key[0] != "lr"}
    below = sum(tag.startswith("grad") and value < 0 for tag, _, value in written)
    assert any(problem.startswith(f"{below} value") for problem in log.problems) == (below > 0)
