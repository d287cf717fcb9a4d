"""`python -m app`, which is `python -m gradient_flow_viz` once installed."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.figure.svg import animated_svg, still_svg
from app.network.activations import ACTIVATIONS
from app.network.config import NetworkConfig
from app.network.training import Training
from app.spring import INSTANT, SPRINGS
from tools.runtime import ROOT

SINGLE = "must be mean_squared_error for a single output neuron"


Answer = subprocess.CompletedProcess[bytes]


def run_process(*arguments: str) -> Answer:
    return subprocess.run([sys.executable, "-m", "app", *arguments], cwd=ROOT, capture_output=True, check=False)


def run(*arguments: str) -> Answer:
    """The same without a process of its own, which takes longer to start than the command to run."""
    outputs = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    with redirect_stdout(outputs[0]), redirect_stderr(outputs[1]):
        code = main(arguments)
    out, err = (bytes(output.buffer.getvalue()) for output in outputs)
    return Answer(arguments, code, out, err)


def test_it_writes_the_file_it_is_told_to(tmp_path: Path) -> None:
    target = tmp_path / "wave.svg"
    answer = run_process("3-4-4-2", "--gradients", "0.0008,0.012,0.18,1", "-o", str(target))
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, b"", b"")
    assert target.read_text(encoding="utf-8") == animated_svg([3, 4, 4, 2], [0.0008, 0.012, 0.18, 1])


def test_it_writes_to_the_standard_output_in_utf_8() -> None:
    assert (
        run_process("3-2").stdout.decode("utf-8")
        == run("3-2", "-o", "-").stdout.decode("utf-8")
        == animated_svg([3, 2])
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--speed", "900"], animated_svg([3, 2], play_speed=900)),
        (["--transition", "bouncy"], animated_svg([3, 2], transition=SPRINGS.bouncy)),
        (["--shading", "magnitude"], animated_svg([3, 2], shading="magnitude")),
        (["--transition", "instant"], animated_svg([3, 2], transition=INSTANT)),
        (["--still", "1"], still_svg([3, 2], None, 1)),
        (["--gradients", "NaN ∞"], animated_svg([3, 2], [float("nan"), float("inf")])),
        (["--gradients", "none,2"], animated_svg([3, 2], [None, 2])),
        (["--activations", "none 0.5"], animated_svg([3, 2], activations=[None, 0.5])),
        (["--activations", "1 0.5", "--still", "-2"], still_svg([3, 2], None, -2, activations=[1, 0.5])),
        (["--label", "RMS ∂L/∂a"], animated_svg([3, 2], label="RMS ∂L/∂a")),
        (["--names", "a~,b, <الطبقة>"], animated_svg([3, 2], names=["a,b", "<الطبقة>"])),
        (["--label", "RMS ∂L/∂a", "--still", "1"], still_svg([3, 2], None, 1, label="RMS ∂L/∂a")),
    ],
)
def test_each_option_does_what_it_says(options: list[str], expected: str) -> None:
    assert run("3, 2", *options).stdout.decode() == expected


@pytest.mark.parametrize(
    ("options", "computed", "steps"),
    [
        (["--source", "computed"], NetworkConfig(), 0),
        (["--activation", "relu"], NetworkConfig(activation="relu"), 0),
        (
            ["--residual", "--measure", "l2_w", "--relative"],
            NetworkConfig(residual=True, measure="l2_w", relative=True),
            0,
        ),
        (["--steps", "70", "--optimiser", "adam", "--rate", "0.01"], NetworkConfig(optimiser="adam", rate=0.01), 70),
    ],
)
def test_it_computes_gradients(options: list[str], computed: NetworkConfig, steps: int) -> None:
    training = Training((2, 4, 4, 3), computed)
    while training.steps < steps:
        training.advance()
    shown = training.shown(steps)
    expected = animated_svg([2, 4, 4, 3], shown.gradients, label=shown.label)
    assert run("2-4-4-3", *options).stdout.decode() == expected


def test_a_forward_pass_is_computed_too() -> None:
    shown = Training((2, 3, 2), NetworkConfig(forward=True)).shown(0)
    given: dict[str, Any] = {"label": shown.label, "activations": shown.activations}
    assert run("2-3-2", "--forward").stdout.decode() == animated_svg([2, 3, 2], shown.gradients, **given)
    still = still_svg([2, 3, 2], shown.gradients, -3, **given)
    assert run("2-3-2", "--forward", "--still", "-3").stdout.decode() == still


def test_layers_that_are_computed_may_have_names() -> None:
    assert "layer 2 of 3 (fc1)." in run("2-3-2", "--residual", "--names", "in,fc1,out", "--still", "1").stdout.decode()


def test_a_label_may_be_another_than_the_measure_s() -> None:
    assert ">size 8.8e-3<" in run("2-3-2", "--source", "computed", "--label", "size").stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["3-0-2"], 'Architecture: layer 2 must be a whole number from 1 to 1024, got "0"'),
        (["3-2", "--gradients", "1"], "Gradients: needs one magnitude a layer, 2 for 2 layers, got 1"),
        (
            ["3-2", "--gradients", "1,<b>"],
            'Gradients: the magnitude of layer 2 must be a number of at least 0, NaN, Infinity or none, got "<b>"',
        ),
        (["3-2", "--label", ""], 'Label: must be a string of 1 to 24 printable characters, got ""'),
        (["3-2", "--names", "a,b,c"], "Names: needs one name a layer, 2 for 2 layers, got 3"),
        (
            ["3-2", "--names", "a,,b"],
            'Names: the name of layer 2 must be a string of 1 to 200 printable characters, got ""',
        ),
        (["3-2", "--speed", "2001"], 'Playback: must be a number of milliseconds from 0 to 2000, got "2001"'),
        (
            ["3-2", "--transition", "soft"],
            'Transition: must be one of smooth, snappy, gentle, bouncy, instant, got "soft"',
        ),
        (["3-2", "--activation", "step"], f'Activation: must be one of {", ".join(ACTIVATIONS)}, got "step"'),
        (["3-1", "--loss", "cross_entropy"], f'Loss: {SINGLE}, got "cross_entropy"'),
        (["3-2", "--steps", "1e9"], 'Steps: must be a whole number from 0 to 5000, got "1e9"'),
        (["3-2", "--source", "guessed"], 'Source: must be synthesised or computed, got "guessed"'),
        (
            ["3-2", "--source", "synthesised", "--residual"],
            'Source: must be computed where there is --residual, got "synthesised"',
        ),
        (
            ["3-2", "--residual", "--activations", "1,2"],
            'Activations: must not be given where they are computed, got "1,2"',
        ),
        (
            ["3-2", "--residual", "--gradients", "1,2"],
            'Gradients: must not be given where they are computed, got "1,2"',
        ),
        (["3-2", "--still", "2"], 'Layer: must be a whole number from 0 to 1 here, got "2"'),
        (["3-2", "--still", "-1"], 'Layer: must be a whole number from 0 to 1 here, got "-1"'),
        (["3-2", "--activations", "1"], "Activations: needs one magnitude a layer, 2 for 2 layers, got 1"),
        (
            ["3-2", "--activations", "1,x"],
            'Activations: the magnitude of layer 2 must be a number of at least 0, NaN, Infinity or none, got "x"',
        ),
        (["3-2", "--still", "x"], 'Layer: must be a whole number, 0 at the loss side, got "x"'),
    ],
)
def test_a_wrong_value_is_named_with_its_rule(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    target = tmp_path / "wave.svg"
    target.write_text("the last good one")
    answer = run(*arguments, "-o", str(target))
    assert (answer.returncode, answer.stdout, answer.stderr.decode()) == (2, b"", f"gradient_flow_viz: {sentence}\n")
    assert target.read_text() == "the last good one"


def test_a_file_that_can_t_be_written_is_named(tmp_path: Path) -> None:
    answer = run("3-2", "-o", str(tmp_path / "none" / "wave.svg"))
    assert answer.returncode == 2
    assert answer.stderr.decode().endswith("can't be written: No such file or directory\n")
