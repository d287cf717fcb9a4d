"""An address as a request for a view: its source, and a sentence for each unused parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.view.request import KNOWN_PARAMETERS, read_request

NO_PARAMETERS = "in the address are no parameters of this page; they change nothing."


def problems(query: str) -> list[str]:
    return read_request(pairs(query)).problems


def pairs(query: str) -> list[tuple[str, str]]:
    return [(name, text) for name, _, text in (part.partition("=") for part in query.split("&") if part)]


@pytest.mark.parametrize(
    ("query", "source", "is_awaited"),
    [
        ("", "synthesised", False),
        ("source=computed", "computed", True),
        ("source=recorded", "recorded", False),
        ("run=x", "recorded", True),
        ("source=recorded&run=x", "recorded", True),
        ("run=", "synthesised", False),
        ("source=foo&run=x", "synthesised", False),
        ("source=synthesised&run=x", "synthesised", False),
        ("source=computed&run=x", "computed", True),
    ],
)
def test_an_address_asks_for_one_source(query: str, source: str, is_awaited: bool) -> None:
    request = read_request(pairs(query))
    assert (request.settings.source, request.is_awaited) == (source, is_awaited)


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        ("source=synthesised&run=x", ["“run” in the address is not used: it needs source=recorded."]),
        ("source=computed&run=x", ["“run” in the address is not used: it needs source=recorded."]),
        ("step=3", ["“step” in the address is not used: it needs source=recorded."]),
        ("source=recorded&step=3", ["“step” in the address is not used: it needs a run."]),
        (
            "activation=relu&seed=4",
            [f"“{name}” in the address is not used: it needs source=computed." for name in ("activation", "seed")],
        ),
        ("source=computed&activation=relu&against=", []),
        ("run=x&step=3", []),
        ("utm_source=a&fbclid=b&gclid=c&_ga=d&UTM_medium=e", []),
        ("foo=1", ['"foo" in the address is no parameter of this page; it changes nothing.']),
        ("foo", ['"foo" in the address is no parameter of this page; it changes nothing.']),
        ("Layers=2-2&lable=x&x=1&x=2", [f'"Layers", "lable", "x" {NO_PARAMETERS}']),
        ("&".join(f"p{at}" for at in range(1_000)), [f'"p0", "p1", "p2", "p3", "p4" and 995 more {NO_PARAMETERS}']),
    ],
)
def test_a_parameter_of_another_source_is_reported(query: str, sentences: list[str]) -> None:
    assert problems(query) == sentences


def test_the_first_of_two_equal_parameters_counts_and_the_second_is_reported() -> None:
    request = read_request(pairs("layers=2-2&speed=900&layers=5-5-5&layers=7&seed=1&seed=2&source=computed"))
    assert request.settings.layers == (2, 2)
    assert request.parameters["seed"] == "1"
    assert request.problems == [
        "“layers” is 3 times in the address; the first one is used.",
        "“seed” is 2 times in the address; the first one is used.",
    ]


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOWN_PARAMETERS)), st.text(max_size=5))))
def test_any_request_gives_settings_and_sentences(asked: list[tuple[str, str]]) -> None:
    request = read_request(asked)
    assert all(sentence.endswith(".") for sentence in request.problems)
    assert request.settings.source in {"synthesised", "computed", "recorded"}
