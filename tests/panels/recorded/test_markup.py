"""The text and the words around a recorded run."""

from __future__ import annotations

import re

import pytest

from app.panels.recorded import markup
from app.runs.run import Run, combine, read


def run_of(steps: int, *names: str) -> Run:
    lines = (
        f'{{"step": {step}, ' + ", ".join(f'"grad_norm/{name}": 1.0' for name in names) + "}" for step in range(steps)
    )
    return combine([read("run.jsonl", "\n".join(lines))])[0]


def test_a_silent_host_is_named() -> None:
    told = "Nothing has arrived from example.org for 10 seconds."
    assert markup.silence_text("example.org", 10, can_cancel=True) == f"{told} Wait on, or cancel."
    assert markup.silence_text("example.org", 10, can_cancel=False) == f"{told} The page waits on."


def test_each_choice_has_one_control_with_its_label_and_hint() -> None:
    text = markup.form_markup()
    for name, label, hint in markup.SELECTS:
        assert f'<label for="run-{name}">{label}</label>' in text
        assert f'<p class="hint" id="run-{name}-hint">{hint}</p>' in text
    everything = text + markup.EXPLAINED + markup.PANEL
    ids = re.findall(r'\bid="([^"]+)"', everything)
    assert len(ids) == len(set(ids))
    assert set(" ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', everything)).split()) <= set(ids)


def test_a_run_is_told_by_what_it_is_made_of() -> None:
    run = run_of(3, "fc1.weight", "fc1.bias", "fc2.weight")
    assert markup.told(run) == "parameter gradient ∂L/∂W, L2 norm · 2 layers of 3 parameters · 3 steps"
    assert markup.told(run, "b.jsonl").endswith(" · beside it: b.jsonl")


@pytest.mark.parametrize(
    ("steps", "names", "remarks", "said"),
    [
        (1, ("a.weight",), 0, "run.jsonl is shown: 1 layer, 1 step."),
        (2_000, ("a.weight", "b.weight"), 3, "run.jsonl is shown: 2 layers, 2,000 steps, with 3 remarks."),
    ],
)
def test_what_is_shown_is_said(steps: int, names: tuple[str, ...], remarks: int, said: str) -> None:
    assert markup.shown_now(run_of(steps, *names), remarks) == said


def test_the_reduction_comes_first_in_a_choice() -> None:
    assert markup.choice_text(("parameter", "rms")) == "RMS of ∂L/∂W"
