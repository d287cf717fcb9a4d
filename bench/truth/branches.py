"""Networks with branches, gates and learned scales: several heads, two towers, ReZero, ConvNeXt, Llama."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from bench.truth.networks import mlp

HEADS = {"a": 1.0, "b": 0.1, "c": 0.01}  # the weights of a multi-task network's heads


class ManyHeads(nn.Module):
    """A trunk and three heads beside each other, which count differently."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = mlp([64, 64, 64, 64], weights="he")
        self.heads = nn.ModuleDict({name: mlp([64, 64, 64, 10], weights="he") for name in HEADS})

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.trunk(x))
        return sum(weight * self.heads[name](x) for name, weight in HEADS.items())

    def spine(self) -> list[Any]:
        return [part for part in (*self.trunk, *self.heads["a"]) if isinstance(part, nn.Linear)]


class Towers(nn.Module):
    """Two perceptrons beside each other, whose outputs a third layer compares."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = (mlp([32, 48, 48, 48, 48, 24], weights="he") for _ in range(2))
        self.out = nn.Linear(48, 10)

    def forward(self, x: Any) -> Any:
        return self.out(torch.cat([self.left(x[:, :32]), self.right(x[:, 32:])], 1))

    def spine(self) -> list[Any]:
        return [*(part for part in self.left if isinstance(part, nn.Linear)), self.out]


class ReZero(nn.Module):
    """Residual layers with a learned factor each, which begins at 0."""

    def __init__(self, layers: int, width: int = 48) -> None:
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.alpha = nn.ParameterList(nn.Parameter(torch.zeros(())) for _ in range(layers))
        self.head = nn.Linear(width, 10)

    def forward(self, x: Any) -> Any:
        x = self.stem(x)
        for layer, factor in zip(self.layers, self.alpha, strict=True):
            x = x + factor * torch.relu(layer(x))
        return self.head(x)

    def spine(self) -> list[Any]:
        return list(self.layers)


class ScaledBlock(nn.Module):
    """ConvNeXt's block, whose branch begins at a millionth of its size."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm = nn.GroupNorm(1, channels)
        self.pwconv1, self.pwconv2 = nn.Conv2d(channels, 4 * channels, 1), nn.Conv2d(4 * channels, channels, 1)
        self.gamma = nn.Parameter(1e-6 * torch.ones(channels, 1, 1))

    def forward(self, x: Any) -> Any:
        return x + self.gamma * self.pwconv2(nn.functional.gelu(self.pwconv1(self.norm(self.dwconv(x)))))


class ConvNeXt(nn.Module):
    """A stem and blocks with a layer scale."""

    def __init__(self, blocks: int, channels: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.blocks = nn.ModuleList(ScaledBlock(channels) for _ in range(blocks))
        self.head = nn.Linear(channels, 10)

    def forward(self, x: Any) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean((2, 3)))

    def spine(self) -> list[Any]:
        return list(self.blocks)


class LlamaBlock(nn.Module):
    """Attention and a gated perceptron without biases, each behind RMSNorm."""

    def __init__(self, width: int, *, skip: bool, norm: bool) -> None:
        super().__init__()
        self.skip = skip
        self.input_layernorm, self.post_attention_layernorm = (
            nn.RMSNorm(width) if norm else nn.Identity() for _ in range(2)
        )
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.gate_proj, self.up_proj = (nn.Linear(width, 2 * width, bias=False) for _ in range(2))
        self.down_proj = nn.Linear(2 * width, width, bias=False)

    def forward(self, x: Any) -> Any:
        h = self.input_layernorm(x)
        attention = nn.functional.scaled_dot_product_attention(self.q_proj(h), self.k_proj(h), self.v_proj(h))
        x = self.o_proj(attention) + (x if self.skip else 0)
        h = self.post_attention_layernorm(x)
        return self.down_proj(nn.functional.silu(self.gate_proj(h)) * self.up_proj(h)) + (x if self.skip else 0)


class Llama(nn.Module):
    """A transformer without biases over the rows of a digit."""

    def __init__(self, blocks: int, width: int = 32, *, skip: bool = True, norm: bool = True) -> None:
        super().__init__()
        self.embed_tokens = nn.Linear(8, width, bias=False)
        self.layers = nn.ModuleList(LlamaBlock(width, skip=skip, norm=norm) for _ in range(blocks))
        self.lm_head = nn.Linear(width, 10, bias=False)

    def forward(self, x: Any) -> Any:
        x = self.embed_tokens(x)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(x.mean(1))

    def spine(self) -> list[Any]:
        return list(self.layers)


class Encoder(nn.Module):
    """PyTorch's own transformer over the rows of a digit."""

    def __init__(self, blocks: int, width: int = 32, *, pre_norm: bool) -> None:
        super().__init__()
        self.embed = nn.Linear(8, width)
        self.position = nn.Parameter(0.02 * torch.randn(8, width))
        layer = nn.TransformerEncoderLayer(width, 2, 2 * width, 0.0, batch_first=True, norm_first=pre_norm)
        self.encoder = nn.TransformerEncoder(layer, blocks, enable_nested_tensor=False)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Any) -> Any:
        return self.head(self.encoder(self.embed(x) + self.position).mean(1))

    def spine(self) -> list[Any]:
        return list(self.encoder.layers)


class BothWays(nn.Module):
    """Recurrent layers that read the rows of a digit forwards and backwards, all in one module."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.embed = nn.Linear(8, 24)
        self.rnn = nn.LSTM(24, 24, layers, batch_first=True, bidirectional=True)
        self.head = nn.Linear(48, 10)

    def forward(self, x: Any) -> Any:
        return self.head(self.rnn(self.embed(x))[0].mean(1))

    def spine(self) -> list[Any]:
        return [self.embed, self.rnn]
