"""The markup and the words of what stands around a recorded run. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...figure.mentions import mention, mention_first
from ...figure.text import write_step
from ...runs import metric_names
from ...runs.layer_order import FROM_NAMES
from ...runs.reductions import (
    ACTIVATION,
    OUTPUT,
    PARAMETER,
    RATIOS,
    SHORT,
    UNKNOWN,
    UPDATE_NORM,
    WEIGHT_NORM,
    ZEROS,
)
from ...runs.run import LOGGED, NATURAL, Run
from .arrangement import GUESSED, TURNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...figure.diagnosis import Verdict
    from .arrangement import View
    from .reading import Progress

FORM: Final = """<div class="field">
<label for="run-files">Training log</label>
<input type="file" id="run-files" multiple aria-describedby="run-hint run-message">
<button type="button" id="run-folder-button" aria-describedby="run-hint">Choose a folder</button>
<input type="file" id="run-folder" webkitdirectory hidden aria-label="Folder of training logs">
<p class="hint" id="run-hint">JSON lines, CSV, logs of TensorBoard, W&amp;B, MLflow or trackio, .npz or
.safetensors, several at once. Or drop them anywhere on this page, or paste. Nothing is uploaded: your browser reads
them here. <a href="docs.html#record">How to record one</a></p>
<div id="run-progress" class="run-progress" hidden><progress max="1" aria-labelledby="run-progress-text"></progress>
<span id="run-progress-text"></span><button type="button" id="run-cancel">Cancel</button></div>
<p class="message" id="run-message" role="status"></p>
<p id="verdict-said" class="visually-hidden" role="status"></p>
</div>
<div id="run-choices" class="computed-fields run-choices" hidden>{fields}</div>
<p class="hint" id="run-shown-now" role="status"></p>
<button type="button" id="run-forget" hidden>Forget the other runs</button>"""

SAMPLE_RUN: Final = "web/sample-run.jsonl"  # tools/sample_run.py has written it

MAP: Final = '<p id="verdict" class="verdict"></p><div id="timeline"></div>'

EXPLAINED: Final = """<h2 class="visually-hidden">Verdict</h2>
<p id="run-reason" class="hint"></p>
<p id="run-trend" class="hint"></p>
<ul id="run-events" class="run-events" aria-label="Events of this run"></ul>
<div class="run-share"><button type="button" data-copy="run-findings">Copy the findings</button>
<button type="button" data-copy="snippet-link">Copy link</button></div>
<p id="run-share-hint" class="hint"></p>
<div hidden><pre id="run-findings"></pre></div>"""

PANEL: Final = """<h2 id="run-heading"></h2>
<p id="run-told" class="hint"></p>
<div id="run-remarks" class="remarks" hidden><p></p><details><summary></summary><ul></ul></details></div>
<h3 id="run-layers-heading">Layers, the input first</h3>
<p id="run-order-source" class="hint"></p>
<ol id="run-layers" class="run-layers" aria-labelledby="run-layers-heading"></ol>"""

RECORDER_LINES: Final = """from gradient_flow_recorder import TorchRecorder

recorder = TorchRecorder("run.jsonl", model)
for inputs, targets in batches:
    ...  # your training step
    recorder.step(loss)"""

DROP_ZONE: Final = f"""<div class="run-drop">
<p class="run-drop-title">Drop a log here, or choose
<button type="button" data-choose="run-files">files</button>
<button type="button" data-choose="run-folder">a folder</button></p>
<p class="hint">The log of a training that has gradient norms. It is read in this browser and uploaded nowhere.</p>
<p><button type="button" id="run-sample" class="play">Look at a sample run</button></p>
</div>
<div class="run-record"><h2>No log yet? Record one with three lines</h2>
<pre id="run-recorder-lines" tabindex="0" role="region" aria-label="How to record a run">{RECORDER_LINES}</pre>
<p><button type="button" data-copy="run-recorder-lines">Copy</button>
<a href="docs.html#record">The recorder, also for Keras and numpy</a></p></div>"""

SELECTS: Final = (  # which field, its label, its hint
    ("shown", "Run", ""),
    ("beside", "Compare with", "A second run on the same axes, by the names of the layers."),
    ("choice", "Magnitude", "What the log has."),
    ("scale", "Loss scale", "Divided out: all steps at the scale of the first ones."),
    ("order", "Order of layers", "The input first. By hand: move them in the list of layers."),
)
SYMBOLS: Final = {  # of what has a reduction
    PARAMETER: "∂L/∂W",
    ACTIVATION: "∂L/∂a",
    OUTPUT: "∂L/∂z",
    UNKNOWN: "the gradient",
    WEIGHT_NORM: "weights W",
    UPDATE_NORM: "update ΔW",
}
NOT_JUDGED: Final = "These are no gradients, so there is no verdict."
CANCELLED: Final = "Cancelled. What was shown before stays."
LOSS_SCALES: Final = (("", "as logged"), ("divided", "divided out"))
ORDERS: Final = {NATURAL: "by name", LOGGED: "as logged", "": "by hand"}


def form_markup() -> str:
    """The markup of the fields in Customize."""
    return FORM.format(fields="".join(_field_markup(*each) for each in SELECTS))


def _field_markup(name: str, label: str, hint: str) -> str:
    own = f"run-{name}"
    return (
        f'<div class="field" id="{own}-field"><label for="{own}">{label}</label>'
        f'<select id="{own}" data-select="{name}" aria-describedby="{own}-hint"></select>'
        f'<p class="hint" id="{own}-hint">{hint}</p></div>'
    )


def choice_text(choice: tuple[str, str]) -> str:
    """The reduction and what it is of, short enough for a narrow field: `L2 norm of ∂L/∂W`."""
    kind, reduction = choice
    if kind == ZEROS:
        return f"{metric_names.reduction_label(reduction)} in activations"
    return SHORT[kind] if kind in RATIOS else f"{metric_names.reduction_label(reduction)} of {SYMBOLS[kind]}"


def order_options(view_order: str, source: str) -> list[tuple[str, str]]:
    """The choices of order: what was guessed, where that is what is shown; the others; and the other way round."""
    guessed = [(GUESSED, "guessed from names")] if source == FROM_NAMES else []
    by_hand = [("", ORDERS[""])] if view_order == "" else []
    plain = [(value, text) for value, text in ORDERS.items() if value]
    return [*guessed, *plain, *by_hand, (TURNED, "turn it round")]


def order_text(run: Run) -> str:
    """The source of the layers' order: `Order of layers as logged. fc1 is at the input, fc9 at the loss.`"""
    if len(run.names) < 2:
        return ""
    change = ": change it if that is wrong" if run.order_source == FROM_NAMES else ""
    ends = f"{mention_first(run.names[0])} is at the input, {mention(run.names[-1])} at the loss"
    return f"Order of layers {run.order_source}{change}. {ends}."


def told(run: Run, beside: str = "") -> str:
    """A summary of a run: `parameter gradient ∂L/∂W, L2 norm · 7 layers of 14 parameters · 1,204 steps`."""
    layers, parameters, steps = len(run.names), sum(map(len, run.parameters)), len(run.steps)
    of = f" of {counted(parameters, 'parameter')}" if parameters != layers else ""
    parts = [run.label, f"{counted(layers, 'layer')}{of}", counted(steps, "step")]
    return " · ".join([*parts, f"beside it: {beside}"] if beside else parts)


def run_verdict_text(view: View, step: int) -> str:
    """The step at an index and its verdict, and the verdict on the run beside it."""
    verdict = view.main.verdict(step)
    beside = view.beside.verdict(step) if view.beside else None
    judged = "Nothing was logged here." if view.main.run.is_gradient else NOT_JUDGED
    said = f"Step {write_step(float(view.steps[step]))}. {verdict or judged}" + ("." if verdict else "")
    return f"{said} Beside it: {beside}." if beside else said


def reason_text(verdict: Verdict) -> str:
    """The reason for a verdict, and what it judges: `… Judged by gradients of biases over 20 recorded steps.`"""
    steps = f"over {counted(verdict.window, 'recorded step')}" if verdict.window > 1 else "at one step"
    return f"{verdict.reason} Judged by {verdict.family} {steps}.".strip()


def reading_text(progress: Progress) -> str:
    """`Reading run.jsonl · 12.0 of 200.0 MB`."""
    of = f", file {progress.number:,} of {progress.files:,}" if progress.files > 1 else ""
    all_of_it = f" of {progress.size / 1e6:.1f}" if progress.size else ""
    return f"Reading {progress.file}{of} · {progress.read / 1e6:.1f}{all_of_it} MB"


def silence_text(host: str, seconds: float, *, can_cancel: bool) -> str:
    """A sentence about a host that has sent nothing for a while."""
    then = "Wait on, or cancel." if can_cancel else "The page waits on."
    return f"Nothing has arrived from {host} for {seconds:.0f} seconds. {then}"


def counted(count: int, noun: str) -> str:
    """`1 layer`, `1,204 layers`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shown_now(run: Run, remarks: int) -> str:
    """`run.jsonl is shown: 4 layers, 20 steps, with 2 remarks.`"""
    noted = f", with {counted(remarks, 'remark')}" if remarks else ""
    return f"{run.title} is shown: {counted(len(run.names), 'layer')}, {counted(len(run.steps), 'step')}{noted}."


def findings(title: str, run: Run, said: Sequence[str]) -> str:
    """The text to pass on: the run, its verdict and its events, a line each."""
    return "\n".join((f"{title}: {told(run)}", *filter(None, said)))


def share_hint(address: str) -> str:
    """The sentence about what the link of the view brings to others. `address`: that of the run, empty for a file."""
    if address:
        return "The link opens this run at this step."
    return "The link has the numbers of this step alone: the log is on your disk, and no link can bring it."
