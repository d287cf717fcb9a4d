"""Perceptrons and convolutional networks drawn at random: activation, weights, depth, normalisation, optimiser."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.truth.networks import ACTIVATIONS, cnn, deep, mlp
from bench.truth.training import Case
from bench.truth.weights import INITIALISATIONS

WEIGHTS = ("default", *(name for name in INITIALISATIONS if name != "N(0, 0.5)"))
SCALES = (0.4, 0.6, 0.8, 1.0, 1.0, 1.0, 1.3, 1.7, 2.5)
DEPTHS = (3, 5, 6, 7, 8, 10, 12, 16, 24)
MAX_CONVOLUTIONS = 10
NORMS = ("", "", "", "batch", "layer")  # half as many with normalisation as without
RATES = (("sgd", 0.1), ("sgd", 0.01), ("sgd", 0.001), ("adam", 1e-3), ("adam", 3e-4), ("momentum", 0.01))


def random_cases(count: int, seed: int) -> dict[str, Case]:
    """Return so many cases, which follow from the seed. Their names say what they are."""
    draw = random.Random(seed)
    return dict(_random_case(draw, index) for index in range(count))


def _random_case(draw: random.Random, index: int) -> tuple[str, Case]:
    is_convolutional, bias = draw.random() < 0.2, draw.random() < 0.75
    activation, weights, scale = draw.choice(list(ACTIVATIONS)), draw.choice(WEIGHTS), draw.choice(SCALES)
    depth, width, norm = draw.choice(DEPTHS), draw.choice((16, 32, 64, 96)), draw.choice(NORMS)
    optimiser, rate = draw.choice(RATES)
    build: Callable[..., Any] = partial(mlp, deep(depth, width))
    if is_convolutional:
        depth, width = min(depth, MAX_CONVOLUTIONS), 8
        norm = "group" if norm == "layer" else norm
        build = partial(cnn, [width] * depth)
    build = partial(build, activation, weights=weights, scale=scale, norm=norm, bias=bias)
    kind = "cnn" if is_convolutional else "mlp"
    parts = (kind, f"{depth}x{width}", activation, weights, f"{scale:g}", norm, "" if bias else "nobias", optimiser)
    task = "images" if is_convolutional else "digits"
    case = Case(build, task, optimiser, rate, draw.choice((60, 120)), biases=bias)
    return "-".join(filter(None, (f"random-{index}", *parts, f"{rate:g}"))), case
