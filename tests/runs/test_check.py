"""The check of a log: what it prints, and its exit code."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from gradient_flow_recorder import Recorder
from hypothesis import given, settings
from hypothesis import strategies as st

from app.__main__ import main
from app.runs.check import markdown, reports_of
from app.runs.run import read
from app.runs.series import LogError
from tests.support.recordings import falling, mlp, recording


@pytest.fixture
def sick(tmp_path: Path) -> str:
    path = tmp_path / "sick.jsonl"
    path.write_text(recording(mlp(falling(10, 0.28))), encoding="utf-8")
    return str(path)


def test_the_report_is_markdown_for_people(sick: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["check", sick]) == 0
    printed = capfdbinary.readouterr().out.decode()
    assert printed.startswith(f"# {sick}\n\n**Vanishing: fc0 gets 1/95,000 of fc9's gradient (×0.28 a layer).**\n")
    assert "Judged by gradients of biases, steps 10 to 29. Confidence: medium." in printed


def test_the_report_is_json_for_programs(sick: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["check", sick, "--json"]) == 0
    report = json.loads(capfdbinary.readouterr().out)
    assert list(report) == ["run", "verdict", "events", "assumptions"]
    verdict = report["verdict"]
    assert (verdict["kind"], verdict["family"], verdict["confidence"]) == ("vanishing", "gradients of biases", "medium")
    assert verdict["decades"] == pytest.approx(9 * math.log10(0.28))
    assert verdict["window"] == {"first": 10.0, "last": 29.0, "steps": 20}


def test_the_steps_are_those_of_the_family_that_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    names = [f"fc{at}" for at in range(6)]
    with Recorder(path, every=4) as recorder:
        for step in range(0, 404, 4):
            rare = {"output_grad_norm": dict.fromkeys(names, 1.0)} if step % 20 == 0 else {}
            recorder.write_norms(step, {f"{name}.weight": 1.0 for name in names}, **rare)
    (report,) = reports_of([read(path.name, path.read_bytes())])
    assert report["verdict"]["window"] == {"first": 20.0, "last": 400.0, "steps": 20}
    assert report["events"] == []


def test_several_runs_are_a_list(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "runs.csv"
    rows = [f"{run},{step},1.0,1.0" for run in "ab" for step in range(3)]
    path.write_text("\n".join(["run,step,grad_norm/fc1.bias,grad_norm/fc2.bias", *rows]), encoding="utf-8")
    assert main(["check", str(path), "--json"]) == 0
    found = json.loads(capfdbinary.readouterr().out)
    assert [report["run"] for report in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("kinds", "code"), [("vanishing", 1), ("dead, vanishing", 1), ("exploding,dead,not-finite", 0), ("", 0)]
)
def test_a_named_kind_that_is_found_is_exit_code_1(sick: str, kinds: str, code: int) -> None:
    assert main(["check", sick, "--fail-on", kinds]) == code


def test_a_nan_is_named_with_a_hyphen(tmp_path: Path) -> None:
    path = tmp_path / "nan.jsonl"
    path.write_text(recording(mlp([math.nan, 1.0])), encoding="utf-8")
    assert main(["check", str(path), "--fail-on", "not-finite"]) == 1


def test_what_can_t_be_read_is_exit_code_2(tmp_path: Path, capfd: pytest.CaptureFixture[str], sick: str) -> None:
    nothing = tmp_path / "nothing.txt"
    nothing.write_text("nothing\n", encoding="utf-8")
    assert main(["check", str(nothing)]) == 2
    assert "nothing.txt" in capfd.readouterr().err
    assert main(["check", str(tmp_path / "none.jsonl")]) == 2
    assert "can't be read: No such file or directory" in capfd.readouterr().err
    assert main(["check", sick, "--fail-on", "sick"]) == 2
    message = 'Fail on: must be some of vanishing, exploding, dead, not-finite, got "sick"'
    assert message in capfd.readouterr().err


NAMES = st.lists(
    st.one_of(
        st.sampled_from(
            ["wte.weight", "head.bias", "lstm.bias_ih_l0", "experts.1.w.bias", "cls_token", "w3", "b3", "fc"]
        ),
        st.builds(
            "{}.{}.{}".format,
            st.sampled_from(["h.0", "h.1", "layer1.0", "heads.a", "heads.b", "7", "encoder"]),
            st.sampled_from(["0", "conv1", "bn1", "attn.q", "mlp.c_fc"]),
            st.sampled_from(["weight", "bias", "gamma", "kernel:0"]),
        ),
    ),
    min_size=1,
    max_size=12,
    unique=True,
)
VALUES = st.one_of(st.none(), st.floats(0, 1e30), st.sampled_from([0.0, math.nan, math.inf, 1e-300]))


@settings(max_examples=60)
@given(st.data(), NAMES, st.integers(1, 30))
def test_any_log_has_a_report_whose_verdict_is_one_of_six(data: st.DataObject, names: list[str], steps: int) -> None:
    rows = data.draw(st.lists(st.lists(VALUES, min_size=len(names), max_size=len(names)), min_size=1, max_size=steps))
    lines = [
        json.dumps({"step": step, **{f"grad_norm/{name}": value for name, value in zip(names, row, strict=True)}})
        for step, row in enumerate(rows)
    ]
    try:
        (report,) = reports_of([read("any.jsonl", "\n".join(lines))])
    except LogError:
        return  # nothing was logged in it
    assert report["verdict"]["kind"] in {"healthy", "vanishing", "exploding", "dead", "not finite", "undecided"}
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert markdown(report).startswith("# any.jsonl\n\n**")
