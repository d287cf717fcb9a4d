"""Logs of made-up networks, as the recorder writes them: the gradients are given by role and depth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from app.figure.work import finished
from app.runs.families import Families, finding_families
from app.runs.run import combine, read
from app.runs.run_verdict import RunJudge

Value = float | Callable[[int], float]  # at each step the same, or by step


def recording(values: Mapping[str, Value], steps: int = 30, header: Mapping[str, object] | None = None) -> str:
    """The lines of a recording. Names without a kind are of gradients: `fc1.weight`."""
    version = 1 if header is None else 2
    first = {"gradient_flow": version, "kind": "parameter", "reduction": "l2", "order": "definition", **(header or {})}
    lines = [json.dumps(first)]
    for step in range(steps):
        row = {_key(name): value if isinstance(value, (int, float)) else value(step) for name, value in values.items()}
        lines.append(json.dumps({"step": step, "loss": 1.0, **row}))
    return "\n".join(lines)


def _key(name: str) -> str:
    return name if "/" in name else f"grad_norm/{name}"


def families_of(text: str) -> Families:
    log = read("run.jsonl", text)
    (run,) = combine([log])
    return finished(finding_families([log], run.title))


def judge_of(text: str) -> RunJudge:
    log = read("run.jsonl", text)
    (run,) = combine([log])
    return RunJudge(run, finished(finding_families([log], run.title)))


def mlp(biases: Sequence[float], weights: float | None = 1.0, names: str = "fc{}") -> dict[str, Value]:
    """A chain of linear layers by the gradients of their biases, the input first; weights as in a ReLU network."""
    found: dict[str, Value] = {}
    for at, bias in enumerate(biases):
        module = names.format(at)
        if weights is not None:
            found[f"{module}.weight"] = weights
        found[f"{module}.bias"] = bias
    return found


def falling(depth: int, factor: float) -> list[float]:
    """Magnitudes that lose a factor at each layer on the way to the input, the input first."""
    return [factor ** (depth - 1 - at) for at in range(depth)]
