"""Initialisations of a network's weight matrices, by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from torch import nn

AFFINE: Final = (nn.Linear, nn.Conv2d)


def initialise(model: Any, name: str, scale: float = 1.0) -> Any:
    """Draw the weights of all affine layers anew and return the model. Biases become 0; `default` keeps PyTorch's."""
    for module in model.modules():
        if isinstance(module, AFFINE) and name != "default":
            INITIALISATIONS[name](module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, AFFINE):
            module.weight.data.mul_(scale)
    return model


def _lecun(weight: Any) -> None:
    nn.init.normal_(weight, std=1 / math.sqrt(weight[0].numel()))


def _half(weight: Any) -> None:
    nn.init.normal_(weight, std=0.5)


INITIALISATIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "he": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "xavier": nn.init.xavier_normal_,
    "lecun": _lecun,
    "orthogonal": nn.init.orthogonal_,
    "N(0, 0.5)": _half,
}
