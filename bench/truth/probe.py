"""∂L/∂z along a network, measured in float64 by hooks of its own on a twin of the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bench.truth.weights import AFFINE

Norms = NDArray[np.float64]


class Probe:
    """A twin of a network in float64. Each look at the network copies its weights."""

    def __init__(self, twin: Any) -> None:
        self.twin = twin.double()
        self._found: list[tuple[Any, float]] = []
        modules = twin.spine() if hasattr(twin, "spine") else affine_layers(twin)
        for module in modules:
            module.register_forward_hook(self._watch)

    def _watch(self, module: Any, _inputs: Any, output: Any) -> None:
        z = output[0] if isinstance(output, tuple) else output
        if z.requires_grad:
            z.register_hook(lambda gradient: self._found.append((module, float(torch.linalg.vector_norm(gradient)))))

    def look(self, model: Any, batch: tuple[Any, Any], loss: Callable[[Any, Any], Any]) -> Norms:
        """Return ‖∂L/∂z‖ of each module on the spine, from the input to the output, for one batch."""
        self.twin.load_state_dict(model.state_dict())
        self._found.clear()
        inputs, targets = (each.double() if each.is_floating_point() else each for each in batch)
        loss(self.twin(inputs), targets).backward()
        self.twin.zero_grad()
        return np.array([size for _, size in reversed(self._found)])


def affine_layers(model: Any) -> list[Any]:
    """Return a network's affine layers in the order of their definition."""
    return [module for module in model.modules() if isinstance(module, (*AFFINE, nn.ConvTranspose2d))]


def line(norms: Norms) -> tuple[float, float, float]:
    """Return the decades from the output to the input by a line, those from end to end, and the line's R².

    All are NaN if a line can't be fitted. Negative decades are lost on the way to the input.
    """
    if len(norms) < 2 or not (np.isfinite(norms) & (norms > 0)).all():
        return np.nan, np.nan, np.nan
    logs = np.log10(norms[::-1])
    places = np.arange(len(logs))
    slope, start = np.polyfit(places, logs, 1)
    spread = float(((logs - logs.mean()) ** 2).sum())
    rest = float(((logs - start - slope * places) ** 2).sum())
    return float(slope * places[-1]), float(logs[-1] - logs[0]), 1.0 - rest / spread if spread > 0 else 0.0
