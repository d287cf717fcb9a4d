"""Training data that packages ship: scikit-learn's digits and diabetes, and the help texts of Python itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from pydoc_data.topics import topics
from typing import Any, Final, NamedTuple

import torch
from sklearn.datasets import load_diabetes, load_digits
from torch.nn.functional import cross_entropy, mse_loss, multi_margin_loss

CONTEXT: Final = 32  # characters of a text that a network sees at once
STRIDE: Final = 7  # characters from one piece of the text to the next
TEXT_CHARS: Final = 150_000
TEN_CLASSES: Final = math.log(10)


class Task(NamedTuple):
    """Inputs, targets and the loss. `chance` is the loss of the best prediction that ignores the input."""

    inputs: Any
    targets: Any
    loss: Callable[[Any, Any], Any]
    chance: float
    classes: int = 0  # 0: no classification


@cache
def task(name: str) -> Task:
    """Return a task by its name in TASKS."""
    return TASKS[name]()


def _digits() -> tuple[Any, Any]:
    found = load_digits()
    inputs = torch.tensor(found.data, dtype=torch.float32)
    return (inputs - inputs.mean()) / inputs.std(), torch.tensor(found.target)


def _flat() -> Task:
    """Handwritten digits as 64 numbers, to be told apart."""
    return Task(*_digits(), cross_entropy, TEN_CLASSES, 10)


def _images() -> Task:
    """Handwritten digits as images of 8 by 8."""
    inputs, targets = _digits()
    return Task(inputs.reshape(-1, 1, 8, 8), targets, cross_entropy, TEN_CLASSES, 10)


def _rows() -> Task:
    """Handwritten digits as sequences of 8 rows."""
    inputs, targets = _digits()
    return Task(inputs.reshape(-1, 8, 8), targets, cross_entropy, TEN_CLASSES, 10)


def _turned() -> Task:
    """Handwritten digits turned by a quarter: what a network knows before it is adapted."""
    inputs, targets = _digits()
    turned = inputs.reshape(-1, 8, 8).rot90(1, (1, 2)).reshape(-1, 64)
    return Task(turned, targets, cross_entropy, TEN_CLASSES, 10)


def _margin() -> Task:
    """The first 64 handwritten digits with a loss that is 0 once each is told apart by a margin."""
    inputs, targets = _digits()
    return Task(inputs[:64], targets[:64], multi_margin_loss, 0.9, 10)


def _copies() -> Task:
    """Handwritten digits to be reproduced."""
    inputs, _ = _digits()
    return Task(inputs, inputs, mse_loss, float((inputs - inputs.mean(0)).square().mean()))


def _diabetes() -> Task:
    """The progression of diabetes, predicted from ten measurements."""
    found = load_diabetes()
    inputs = torch.tensor(found.data, dtype=torch.float32)
    targets = torch.tensor(found.target, dtype=torch.float32)[:, None]
    targets = (targets - targets.mean()) / targets.std(correction=0)
    return Task(inputs / inputs.std(0), targets, mse_loss, 1.0)


def _text() -> Task:
    """Python's own help, of which the next character is predicted."""
    text = "\n".join(topics[name] for name in sorted(topics))[:TEXT_CHARS]
    known = {character: index for index, character in enumerate(sorted(set(text)))}
    codes = torch.tensor([known[character] for character in text])
    pieces = codes.unfold(0, CONTEXT + 1, STRIDE)
    shares = codes.bincount() / len(codes)
    chance = -float((shares * shares.log()).sum())
    return Task(pieces[:, :-1], pieces[:, 1:], _each_character, chance, len(known))


def _each_character(scores: Any, wanted: Any) -> Any:
    return cross_entropy(scores.flatten(0, 1), wanted.flatten())


TASKS: Final = {
    "digits": _flat,
    "images": _images,
    "rows": _rows,
    "turned": _turned,
    "margin": _margin,
    "copies": _copies,
    "diabetes": _diabetes,
    "text": _text,
}
