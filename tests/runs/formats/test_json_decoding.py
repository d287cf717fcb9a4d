"""Long JSON, read with pauses: the same as json.loads, whatever it holds."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs.collector import finished
from app.runs.formats import json_decoding
from app.runs.formats.json_decoding import MAX_DEPTH, TooDeepError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=30,
)


@pytest.fixture(autouse=True, scope="module")
def short() -> Any:
    """Everything is long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_decoding, "PAUSE_CHARS", 0)
        patch.setattr(json_decoding, "SCANNED_CHARS", 3)
        patch.setattr(json_decoding, "_FLAT", re.compile(r"[\[{][^\[\]{}]{0,6}+[\]}]"))
        yield


def paused(text: str) -> Any:
    return finished(json_decoding.decoding(text))


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
    assert sum(1 for _ in json_decoding.decoding(text)) >= 50


def test_nested_too_deeply_is_refused_before_it_is_decoded() -> None:
    assert paused("[" * MAX_DEPTH + "]" * MAX_DEPTH) == json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for opening in ("[", '{"a":', '[{"a":'):
        with pytest.raises(TooDeepError, match=r"^nested more than 32 levels deep$"):
            paused(opening * 10_000)


@given(VALUES)
def test_brackets_in_strings_are_no_levels(value: Any) -> None:
    wrapped = {"[[[[" * MAX_DEPTH: value, "b": ['"]' * MAX_DEPTH, "\\" * MAX_DEPTH]}
    assert paused(json.dumps(wrapped)) == wrapped


@given(
    st.recursive(st.just(1), lambda inner: st.lists(inner, min_size=1, max_size=2), max_leaves=20), st.integers(0, 9)
)
def test_the_depth_that_is_found_is_that_of_the_value(value: Any, limit: int) -> None:
    def depth(one: Any) -> int:
        return 1 + max(map(depth, one)) if isinstance(one, list) else 0

    try:
        finished(json_decoding.check_depth(json.dumps(value), limit))
        assert depth(value) <= limit
    except TooDeepError:
        assert depth(value) > limit
