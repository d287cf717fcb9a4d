"""Verdicts on runs whose order is only guessed: no direction where the guess decides."""

from __future__ import annotations

import json

import pytest

from app.figure.diagnosis import UNDECIDED
from app.figure.work import finished
from app.runs.direction import diagnose_run
from app.runs.run import Run, combine, read
from app.runs.trend import finding_trend


def one(norms: dict[str, float], order: str | list[str] | None = None) -> Run:
    lines = [
        json.dumps({"step": step, **{f"grad_norm/{name}": norm for name, norm in norms.items()}}) for step in (0, 1)
    ]
    (run,) = combine([read("x.jsonl", "\n".join(lines))], order=order)
    return run


def kind(run: Run) -> str:
    return diagnose_run(run, run.norms[:, -1].tolist()).kind


ALEXNET = {"classifier.1": 1.0, "classifier.4": 3.0, "features.0": 0.001, "features.3": 0.01, "features.6": 0.1}


def test_an_order_that_is_logged_has_a_direction() -> None:
    assert kind(one(dict(sorted(ALEXNET.items(), key=lambda pair: pair[1])))) == "vanishing"


def test_where_the_guess_decides_there_is_no_direction() -> None:
    run = one(ALEXNET)
    verdict = diagnose_run(run, run.norms[:, -1].tolist())
    assert verdict.kind == UNDECIDED
    assert "vanishing" in str(verdict)
    assert "Choose the order" in str(verdict)
    assert "undecided" in str(finished(finding_trend(run)))


@pytest.mark.parametrize(
    ("order", "expected"),
    [(["features.0", "features.3", "features.6", "classifier.1"], "vanishing"), ("natural", "undecided")],
)
def test_an_order_that_somebody_chose_has_a_direction(order: str | list[str], expected: str) -> None:
    assert kind(one(ALEXNET, order)) == expected


def test_a_guess_that_decides_nothing_does_no_harm() -> None:
    assert kind(one({"alpha": 1.0, "beta": 1.1, "gamma": 1.0})) == "healthy"
    assert kind(one({"alpha": 0.0, "beta": 0.0, "gamma": 0.0})) == "dead"


def test_names_that_nothing_orders_have_no_direction() -> None:
    assert kind(one({"alpha": 0.001, "beta": 0.1, "gamma": 10.0})) == UNDECIDED
