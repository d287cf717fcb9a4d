"""The check of training logs on the command line: `python -m gradient_flow_viz check run.jsonl`."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ..figure.diagnosis import DEAD, EXPLODING, NOT_FINITE, VANISHING, Verdict
from ..figure.text import quote, write_step
from ..figure.work import finished
from .events import NO_EVENT, Event, finding_events
from .families import finding_families
from .reader import Reader
from .run import Run, combine
from .run_verdict import RunJudge
from .series import LogError, ParsedLog

KINDS_TO_FAIL_ON: Final = (VANISHING, EXPLODING, DEAD, NOT_FINITE)
PIECE_BYTES: Final = 1 << 20


def run_check(arguments: Sequence[str]) -> int:
    """Print what is found in training logs. Returns the exit code: 0, 1 for a kind to fail on, 2 for an error."""
    options = _parser().parse_args(arguments)
    try:
        wanted = _kinds(options.fail_on)
        reports = reports_of([_read(file) for file in options.files])
    except (ValueError, OSError) as error:
        said = f"{quote(error.filename)} can't be read: {error.strerror}" if isinstance(error, OSError) else str(error)
        print(f"gradient_flow_viz: {said}", file=sys.stderr)
        return 2
    if options.json:
        said = json.dumps(reports[0] if len(reports) == 1 else reports, indent=2, ensure_ascii=False)
    else:
        said = "\n\n".join(map(markdown, reports))
    sys.stdout.buffer.write(f"{said}\n".encode())
    return int(any(report["verdict"]["kind"] in wanted for report in reports))


def reports_of(logs: Sequence[ParsedLog]) -> list[dict[str, Any]]:
    """A report for each run in some logs: its verdict at the last step, what happened, and what is assumed."""
    return [_report(run, RunJudge(run, finished(finding_families(logs, run.title)))) for run in combine(logs)]


def markdown(report: dict[str, Any]) -> str:
    """A report as Markdown."""
    verdict = report["verdict"]
    lines = [f"# {report['run']}", "", f"**{verdict['text']}.**", "", verdict["reason"], "", _judged(verdict)]
    events = [f"{event['text']}." for event in report["events"]] or [f"{NO_EVENT}."]
    for title, items in (("Events", events), ("Assumptions", report["assumptions"])):
        if items:
            lines += ["", f"## {title}", "", *(f"- {item}" for item in items)]
    return "\n".join(lines)


def _read(file: str) -> ParsedLog:
    reader = Reader(file)
    with Path(file).open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            reader.feed(piece)
    return reader.finish()


def _report(run: Run, judge: RunJudge) -> dict[str, Any]:
    if not len(run.steps) or (verdict := judge.at(float(run.steps[-1]))) is None:
        raise LogError(f"{run.title}: has no gradients in its last steps.")
    return {
        "run": run.title,
        "verdict": _verdict(run, judge, verdict),
        "events": [_event(event) for event in finished(finding_events(run, judge))],
        "assumptions": list(run.problems),
    }


def _verdict(run: Run, judge: RunJudge, verdict: Verdict) -> dict[str, Any]:
    window = judge.steps_of(verdict, float(run.steps[-1]))
    numbers = {"factor": verdict.factor, "decades": verdict.decades, "r_squared": verdict.r_squared}
    return {
        "kind": verdict.kind,
        "text": verdict.text,
        "family": verdict.family,
        "confidence": judge.confidence(verdict),
        "reason": verdict.reason,
        **{name: number if math.isfinite(number) else None for name, number in numbers.items()},
        "layers": verdict.steps + 1,
        "named": list(verdict.named),
        "window": {"first": float(window[0]), "last": float(window[-1]), "steps": len(window)},
    }


def _event(event: Event) -> dict[str, Any]:
    """An event for JSON; its weight only orders the events."""
    found = event._asdict()
    del found["weight"]
    return {**found, "layers": list(event.layers)}


def _judged(verdict: dict[str, Any]) -> str:
    window = verdict["window"]
    steps = f"steps {write_step(window['first'])} to {write_step(window['last'])}"
    return f"Judged by {verdict['family']}, {steps}. Confidence: {verdict['confidence']}."


def _kinds(text: str) -> frozenset[str]:
    """The kinds in a list such as `vanishing,not-finite`. Raises ValueError naming rule and value."""
    wanted = [kind.strip().replace("-", " ").replace("_", " ") for kind in text.split(",") if kind.strip()]
    for kind in wanted:
        if kind not in KINDS_TO_FAIL_ON:
            known = ", ".join(each.replace(" ", "-") for each in KINDS_TO_FAIL_ON)
            raise ValueError(f"Fail on: must be some of {known}, got {quote(kind)}")
    return frozenset(wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradient_flow_viz check",
        description="Says whether gradients vanish, explode, die or are not finite in a recorded training run. "
        "Every format that the page reads is read.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a training log, or the files of one run")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    parser.add_argument(
        "--fail-on",
        default="",
        metavar="KINDS",
        help="exit with code 1 if one of these is the verdict: vanishing,exploding,dead,not-finite (default: none)",
    )
    return parser
