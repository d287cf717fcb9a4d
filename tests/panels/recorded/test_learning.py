"""The questions about a recorded run fit what its rows are."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from app.figure.work import finished
from app.panels.learn.questions import ORDERLESS, PLAIN
from app.panels.recorded.arrangement import Plan, arranging, recordings_of
from app.panels.recorded.learning import RecordedLearner
from app.runs.run import read

WAY = {**ORDERLESS, **PLAIN}


@pytest.mark.parametrize(
    ("kind", "names", "pool"),
    [
        ("output_grad_norm", [f"l{at}" for at in range(8)], WAY),
        ("output_grad_norm", [f"blocks.{at}.fc{one}" for at in range(40) for one in (1, 2)], ORDERLESS),
        ("grad_norm", [f"l{at}.weight" for at in range(8)], ORDERLESS),
    ],
)
def test_the_way_of_a_gradient_is_only_asked_about_where_each_row_is_a_layer_on_it(
    kind: str, names: list[str], pool: dict[str, Any]
) -> None:
    lines = [{"gradient_flow": 2}, *({"step": step, **{f"{kind}/{name}": 1.0 for name in names}} for step in range(3))]
    log = read("run.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    view = finished(arranging(finished(recordings_of([log])), Plan(0)))
    model: Any = SimpleNamespace(view=view, step=0)
    host: Any = None
    assert RecordedLearner(model, host).pool == pool
