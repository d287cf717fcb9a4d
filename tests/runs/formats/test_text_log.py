"""Long JSON, read with pauses: the same as json.loads, whatever it holds."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.collector import finished
from app.runs.formats import text_log

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=30,
)


@pytest.fixture(autouse=True, scope="module")
def short() -> Any:
    """Everything is long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_log, "LONG", 0)
        patch.setattr(text_log, "_FLAT", re.compile(r"[\[{][^\[\]{}]{0,6}+[\]}]"))
        yield


def paused(text: str) -> Any:
    return finished(text_log.decoding(text))


@given(VALUES, st.sampled_from([None, 2]))
def test_it_is_what_json_reads(value: Any, indent: int | None) -> None:
    assert paused(f" {json.dumps(value, indent=indent)}\n") == value


@given(VALUES, st.data())
def test_what_json_refuses_is_refused_at_the_same_place(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    at = data.draw(st.integers(0, len(text) - 1))
    text = text[:at] + data.draw(st.sampled_from(["", "]", "}", ",", ":", "{", "[", '"', "x"])) + text[at + 1 :]
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(json.JSONDecodeError):
            paused(text)
    else:
        assert paused(text) == expected


def test_it_pauses_within_a_long_value() -> None:
    text = json.dumps({"log_history": [{"step": step, "loss": 0.5} for step in range(50)]})
    assert sum(1 for _ in text_log.decoding(text)) >= 50


def test_nested_too_deeply_is_refused_as_json_does() -> None:
    with pytest.raises(RecursionError):
        paused("[" * 200_000)
