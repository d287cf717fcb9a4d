"""The bench of verdicts: networks are labelled by a rule of its own, and the product's check agrees. Needs PyTorch."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("torch")  # importing it takes seconds: once is enough
EXPECTED = {
    "mlp-4-default-adam": ("healthy", "right", "right"),
    "mlp-10-default-sigmoid": ("vanishing", "right", "right"),
    "mlp-14-default-relu-nobias": ("vanishing", "abstention", "right"),
    "mlp-10-dies-midway": ("dead", "right", "right"),
}


@pytest.fixture(scope="module")
def bench() -> Any:
    """The modules of the bench, which import PyTorch and scikit-learn."""
    for name in ("torch", "sklearn"):
        pytest.importorskip(name, reason=f"{name} is not installed; ./test.sh does it where it can")
    names = ("data", "networks", "probe", "random_cases", "recordings", "rule", "score", "training")
    return {name: importlib.import_module(f"bench.truth.{name}") for name in names}


@pytest.fixture(scope="module")
def answers(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The answers about the networks of EXPECTED, by weight gradients alone and by all that is recorded."""
    verdicts = importlib.import_module("bench.verdicts")
    cases = {name: verdicts.CASES[name] for name in EXPECTED}
    found = verdicts.judge(cases, [0], tmp_path_factory.mktemp("truth"))
    return {name: [way[index] for way in found.values()] for index, name in enumerate(EXPECTED)}


def test_random_networks_follow_from_their_seed(bench: Any) -> None:
    drawn = [list(bench["random_cases"].random_cases(5, seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_check_agrees_with_the_measured_truth(answers: dict[str, list[Any]], name: str) -> None:
    both = answers[name]
    assert (both[0].label.truth, *(each.outcome for each in both)) == EXPECTED[name], "\n".join(map(str, both))


def test_the_probe_measures_what_autograd_gives_by_hand(bench: Any) -> None:
    """Of two affine layers without an activation: ∂L/∂z₂ = ∂L/∂y and ∂L/∂z₁ = W₂ᵀ·∂L/∂y."""
    torch = importlib.import_module("torch")
    torch.manual_seed(0)
    model, twin = (bench["networks"].mlp([3, 4, 2], "linear") for _ in range(2))
    inputs, wanted = torch.randn(5, 3), torch.randn(5, 2)
    found = bench["probe"].Probe(twin).look(model, (inputs, wanted), torch.nn.functional.mse_loss)
    output = 2 * (model(inputs) - wanted).detach().double() / wanted.numel()
    expected = [float((output @ model[2].weight.detach().double()).norm()), float(output.norm())]
    assert found.tolist() == pytest.approx(expected, rel=1e-6)


def test_a_line_through_magnitudes_has_its_decades(bench: Any) -> None:
    line = bench["probe"].line
    np = importlib.import_module("numpy")
    assert line(np.array([1e-4, 1e-2, 1.0])) == pytest.approx((-4, -4, 1))
    assert line(np.array([10.0, 1.0])) == pytest.approx((1, 1, 1))
    assert all(math.isnan(each) for values in ([1.0], [0.0, 1.0], [np.nan, 1.0]) for each in line(np.array(values)))


@pytest.mark.parametrize(
    ("truth", "blind", "kind", "outcome"),
    [
        ("healthy", False, "vanishing", "false alarm"),
        ("healthy", False, "undecided", "abstention"),
        ("vanishing", True, "healthy", "miss"),
        ("vanishing", False, "exploding", "wrong kind"),
        ("dead", False, "dead", "right"),
        ("either", False, "healthy", "either"),
    ],
)
def test_an_outcome_follows_from_truth_and_verdict(
    bench: Any, truth: str, blind: bool, kind: str, outcome: str
) -> None:
    label = bench["rule"].Label(truth, blind, -2.0, -2.0, 0.9, 0.0, 2.3, 0.1)
    assert bench["score"].outcome(label, kind) == outcome


def test_a_recording_can_be_read_as_weights_alone(bench: Any, tmp_path: Path) -> None:
    lines = [
        {"gradient_flow": 2, "kind": "parameter", "reduction": "l2", "order": "definition", "sizes": {"a.weight": 2}},
        {"step": 0, "loss": 1.0, "grad_norm/a.weight": 2.0, "output_grad_norm/a": 3.0, "weight_norm/a.weight": 4.0},
    ]
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "other").mkdir()
    written = bench["recordings"].as_weights_alone(path, tmp_path / "other").read_text().splitlines()
    assert [json.loads(line) for line in written] == [
        bench["recordings"].FIRST_VERSION,
        {"step": 0, "loss": 1.0, "grad_norm/a.weight": 2.0},
    ]
