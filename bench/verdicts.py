"""Verdicts on networks whose truth is known: false alarms, misses and abstentions.

    python -m bench.verdicts [--seeds 0,1,2] [--only REGULAR_EXPRESSION] [--random 300] [--keep FOLDER]

Trains the networks of bench/truth/cases.py, or as many random ones as given, for a few seconds each and records them.
Each gets a label by the rule of bench/truth/rule.py, from its learning and from ∂L/∂z by hooks of the bench's own in
float64. The check of the command line then judges each recording twice: by the norms of ∂L/∂W alone, and by all that
the recorder writes. Networks that the rule labels `either` are counted apart. `--keep` writes the recordings and their
labels into a folder. Needs PyTorch and scikit-learn (requirements/oracle.txt).
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bench.truth.cases import CASES
from bench.truth.random_cases import random_cases
from bench.truth.recordings import as_weights_alone, record
from bench.truth.rule import EITHER
from bench.truth.score import RIGHT, Answer, answer, summary
from bench.truth.training import Case

WAYS = ("∂L/∂W alone", "all that is recorded")


def judge(cases: Mapping[str, Case], seeds: list[int], folder: Path) -> dict[str, list[Answer]]:
    """Train, record and judge the networks; return the answers by the way of recording. Shows how far it is."""
    total = len(cases) * len(seeds)
    found: dict[str, list[Answer]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as other:
        for count, recording in enumerate(record(cases, seeds, folder), 1):
            weights = as_weights_alone(recording.path, Path(other))
            for way, path in zip(WAYS, (weights, recording.path), strict=True):
                found[way].append(answer(recording.name, recording.label, path))
            print(f"\r{count} of {total}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def report(way: str, answers: list[Answer]) -> str:
    """Return the count of a way of recording, and a line for each labelled network whose answer is not right."""
    either = Counter(each.kind for each in answers if each.label.truth == EITHER)
    lines = [f"\n{way}: {summary(answers)}", *(f"  {each}" for each in answers if each.outcome not in {RIGHT, EITHER})]
    if either:
        lines.append("  either: " + ", ".join(f"{kind} {count}" for kind, count in sorted(either.items())))
    return "\n".join(lines)


def main() -> None:
    """Judge the chosen networks and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0", help="separated by commas (default: 0)")
    parser.add_argument("--only", default="", metavar="REGULAR_EXPRESSION", help="in the names of networks")
    parser.add_argument("--random", type=int, default=0, metavar="COUNT", help="draw random networks by the first seed")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for the recordings and labels")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    every = random_cases(options.random, seeds[0]) if options.random else CASES
    cases = {name: case for name, case in every.items() if re.search(options.only, name)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = judge(cases, seeds, folder)
    truths = Counter(
        f"{each.label.truth} without biases" if each.label.blind else each.label.truth for each in found[WAYS[0]]
    )
    print(f"{len(cases)} networks, seeds {options.seeds}: " + ", ".join(f"{n} {truth}" for truth, n in truths.items()))
    for way, answers in found.items():
        print(report(way, answers))


if __name__ == "__main__":
    main()
