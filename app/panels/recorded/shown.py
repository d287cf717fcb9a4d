"""The recorded view as data: the props of its bars, the arguments of its timeline, its verdict and its run. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from ...figure.text import write_number
from ...view.shown import Shown
from . import markup
from .arrangement import MAX_SHOWN_NAME_CHARS, View

MAX_FILE_WORD_CHARS: Final = 48  # of a run's title in a file name: file systems allow 255 bytes
_ENDING: Final = re.compile(r"\.(jsonl?|ndjson|[ct]sv|txt|log|npz|safetensors|db|wandb)$", re.IGNORECASE)
_UNSAFE: Final = re.compile(r"[^\w.]+")
LOCAL: Final = (
    "The run is a file on the computer where it was opened: the address has the magnitudes of this step alone."
)


def shown_run(view: View, step: int, layer: int, *, has_address: bool) -> Shown:
    """The content around the figure at a step, by its index. `layer`: the lit row."""
    return Shown(
        (safe_word(_ENDING.sub("", view.title)), f"step-{safe_word(write_number(float(view.steps[step])))}"),
        markup.run_verdict_text(view, step),
        tuple(_facts(view)),
        run_bars(view, step),
        run_timeline(view, step, layer),
        remark="" if has_address else LOCAL,
    )


def safe_word(text: str) -> str:
    """A text as a word of a file name: letters, digits, dots and dashes."""
    return _UNSAFE.sub("-", text).strip("-.")[:MAX_FILE_WORD_CHARS] or "run"


def run_bars(view: View, step: int) -> dict[str, Any]:
    """The props of the bars at a step, without the layer in view."""
    return {
        "layers": (1,) * len(view.rows),
        "names": view.names,
        "gradients": view.main.gradients(step),
        "bounds": view.main.bounds(step),
        "label": view.label,
        "scale": view.scale,
        "other": view.beside.gradients(step) if view.beside else None,
        "other_name": view.beside_title[:MAX_SHOWN_NAME_CHARS],
        "own_name": view.title[:MAX_SHOWN_NAME_CHARS],
        "domain": view.bars_domain,
    }


def run_timeline(view: View, step: int, layer: int) -> dict[str, Any]:
    """The arguments of `Timeline.show` for all steps."""
    return {
        "names": view.names,
        "run": view.main.track,
        "step": step,
        "label": view.label,
        "layer": layer,
        "other": view.beside.track if view.beside else None,
        "other_name": view.beside_title[:MAX_SHOWN_NAME_CHARS],
        "own_name": view.title[:MAX_SHOWN_NAME_CHARS],
        "numbers": view.steps,
    }


def _facts(view: View) -> list[tuple[str, str]]:
    facts = [("Run", view.title), ("Content", markup.told(view.main.run, view.beside_title))]
    order = markup.order_text(view.main.run).removeprefix("Order of layers ")
    return [*facts, *([("Order of layers", order)] if order else [])]
