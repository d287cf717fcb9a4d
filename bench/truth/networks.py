"""Feed-forward networks: perceptrons, convolutions with and without normalisation, a narrow ResNet, adapters, experts.

The spine of a network is the chain of modules whose outputs are alike, in the order of the forward pass. The truth is
measured along it. A network without a method `spine` has all of its affine layers on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import torch
from torch import nn

from bench.truth.weights import initialise

ACTIVATIONS: Final[dict[str, Callable[[], Any]]] = {
    "relu": nn.ReLU,
    "leaky": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "selu": nn.SELU,
    "silu": nn.SiLU,
    "linear": nn.Identity,
}


def mlp(
    widths: Sequence[int],
    activation: str = "relu",
    *,
    weights: str = "default",
    scale: float = 1.0,
    bias: bool = True,
    norm: str = "",
) -> Any:
    """Return a perceptron. `norm`: `batch` or `layer` normalises each hidden layer before its activation."""
    parts: list[Any] = []
    for before, width in pairwise(widths):
        parts.append(nn.Linear(before, width, bias=bias))
        if norm:
            parts.append({"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[norm](width))
        parts.append(ACTIVATIONS[activation]())
    hidden = parts[: -2 - bool(norm)]
    return initialise(nn.Sequential(*hidden, nn.Linear(widths[-2], widths[-1], bias=bias)), weights, scale)


def deep(depth: int, width: int, *, inputs: int = 64, outputs: int = 10) -> list[int]:
    """Return the widths of a perceptron with `depth` affine layers."""
    return [inputs, *[width] * (depth - 1), outputs]


class ResidualPerceptron(nn.Module):
    """A stem, blocks x + W₂·relu(W₁·norm(x)), and a head."""

    def __init__(self, blocks: int, width: int, *, norm: bool = True) -> None:
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(width) if norm else nn.Identity(),
                nn.Linear(width, width),
                nn.ReLU(),
                nn.Linear(width, width),
            )
            for _ in range(blocks)
        )
        self.head = nn.Linear(width, 10)

    def forward(self, x: Any) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)

    def spine(self) -> list[Any]:
        return [block[1] for block in self.blocks]


def cnn(
    channels: Sequence[int],
    activation: str = "relu",
    *,
    weights: str = "default",
    scale: float = 1.0,
    norm: str = "",
    bias: bool = True,
) -> Any:
    """Return convolutions of 3 by 3, then an average over the image and an affine layer."""
    parts: list[Any] = []
    for before, after in pairwise([1, *channels]):
        parts.append(nn.Conv2d(before, after, 3, padding=1, bias=bias))
        if norm:
            parts.append(nn.BatchNorm2d(after) if norm == "batch" else nn.GroupNorm(4, after))
        parts.append(ACTIVATIONS[activation]())
    head = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels[-1], 10, bias=bias)]
    return initialise(nn.Sequential(*parts, *head), weights, scale)


class Separable(nn.Module):
    """A convolution by channel, then one by pixel, as MobileNet has them."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(before, before, 3, padding=1, groups=before, bias=False)
        self.bn1 = nn.BatchNorm2d(before)
        self.pointwise = nn.Conv2d(before, after, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.bn1(self.depthwise(x)))
        return torch.relu(self.bn2(self.pointwise(x)))


class MobileNet(nn.Module):
    """A stem and separable convolutions."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.blocks = nn.ModuleList(Separable(width, width) for _ in range(blocks))
        self.classifier = nn.Linear(width, 10)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.bn(self.stem(x)))
        for block in self.blocks:
            x = block(x)
        return self.classifier(x.mean((2, 3)))

    def spine(self) -> list[Any]:
        return [block.pointwise for block in self.blocks]


class BasicBlock(nn.Module):
    """The block of ResNet-18. `zero_init`: its last normalisation begins at 0, so that it begins as the identity."""

    def __init__(self, before: int, after: int, stride: int, *, zero_init: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        shape = before != after or stride != 1
        project = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
        self.downsample = project if shape else None
        if zero_init:
            nn.init.zeros_(self.bn2.weight)

    def forward(self, x: Any) -> Any:
        around = x if self.downsample is None else self.downsample(x)
        x = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(x)) + around)


class ResNet(nn.Module):
    """A narrow ResNet with two blocks a stage."""

    def __init__(self, width: int = 8, stages: int = 3, *, zero_init: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        before = width
        self.blocks: list[Any] = []
        for stage in range(stages):
            after = width << stage
            first = BasicBlock(before, after, 1 + (stage > 0), zero_init=zero_init)
            both = [first, BasicBlock(after, after, 1, zero_init=zero_init)]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*both))
            self.blocks += both
            before = after
        self.fc = nn.Linear(before, 10)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.bn1(self.conv1(x)))
        for block in self.blocks:
            x = block(x)
        return self.fc(x.mean((2, 3)))

    def spine(self) -> list[Any]:
        return [self.conv1, *self.blocks]


class UNet(nn.Module):
    """An encoder and a decoder with a connection across at each size; it reproduces an image of 8 by 8."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.down1 = nn.Conv2d(1, width, 3, padding=1)
        self.down2 = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.middle = nn.Conv2d(2 * width, 2 * width, 3, 2, 1)
        self.up2 = nn.ConvTranspose2d(2 * width, 2 * width, 2, 2)
        self.up1 = nn.ConvTranspose2d(4 * width, width, 2, 2)
        self.out = nn.Conv2d(2 * width, 1, 3, padding=1)

    def forward(self, x: Any) -> Any:
        one = torch.relu(self.down1(x.reshape(-1, 1, 8, 8)))
        two = torch.relu(self.down2(one))
        x = torch.relu(self.up2(torch.relu(self.middle(two))))
        x = torch.relu(self.up1(torch.cat([x, two], 1)))
        return self.out(torch.cat([x, one], 1)).flatten(1)

    def spine(self) -> list[Any]:
        return [self.down1, self.down2, self.middle, self.up2, self.up1, self.out]


class LoRALinear(nn.Module):
    """A frozen affine layer beside a trained product of two thin matrices, the second of which begins at 0."""

    def __init__(self, frozen: Any, rank: int) -> None:
        super().__init__()
        self.base = frozen.requires_grad_(requires_grad=False)
        self.lora_A = nn.Linear(frozen.in_features, rank, bias=False)
        self.lora_B = nn.Linear(rank, frozen.out_features, bias=False)
        nn.init.zeros_(self.lora_B.weight)

    def forward(self, x: Any) -> Any:
        return self.base(x) + self.lora_B(self.lora_A(x))


def adapted(model: Any, rank: int) -> Any:
    """Put an adapter of low rank beside each affine layer of a trained perceptron and return it."""
    for place, part in enumerate(model):
        if isinstance(part, nn.Linear):
            model[place] = LoRALinear(part, rank)
    model.spine = lambda: [part for part in model if isinstance(part, LoRALinear)]
    return model


class Experts(nn.Module):
    """A mixture of experts: a gate sends each example to the best `top` of them."""

    def __init__(self, experts: int, top: int, width: int = 32) -> None:
        super().__init__()
        self.top = top
        self.inp = nn.Linear(64, width)
        self.gate = nn.Linear(width, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)) for _ in range(experts)
        )
        self.head = nn.Linear(width, 10)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.inp(x))
        shares, chosen = self.gate(x).softmax(1).topk(self.top, 1)
        added = torch.zeros_like(x)
        for index, expert in enumerate(self.experts):
            rows, places = (chosen == index).nonzero(as_tuple=True)
            if len(rows):
                added = added.index_add(0, rows, shares[rows, places, None] * expert(x[rows]))
        return self.head(x + added)

    def spine(self) -> list[Any]:
        return [self.inp, self.head]
