"""Networks for sequences: recurrent ones and transformers."""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import nn

from bench.truth.data import CONTEXT, task

RECURRENT: Final = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Recurrent(nn.Module):
    """Layers of recurrent cells over the rows of a digit, or over the characters of a text.

    `stacked`: one module has all of the layers, so that nothing between them can be seen from outside.
    """

    def __init__(
        self, cell: str, layers: int, width: int = 32, *, text: bool = False, stacked: bool = False, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.text, classes = text, task("text" if text else "rows").classes
        self.embed = nn.Embedding(classes, width) if text else nn.Linear(8, width)
        each = [layers] if stacked else [1] * layers
        self.layers = nn.ModuleList(RECURRENT[cell](width, width, count, batch_first=True) for count in each)
        self.head = nn.Linear(width, classes)
        for parameter in self.layers.parameters():
            parameter.data.mul_(scale)

    def forward(self, x: Any) -> Any:
        x = self.embed(x)
        for layer in self.layers:
            x = layer(x)[0]
        return self.head(x if self.text else x[:, -1])

    def spine(self) -> list[Any]:
        return [self.embed, *self.layers]


class Attention(nn.Module):
    """Causal attention with one head. `split`: query, key and value are affine layers of their own."""

    def __init__(self, width: int, *, split: bool, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.c_attn = None if split else nn.Linear(width, 3 * width)
        if split:
            self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.c_proj = nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        if self.c_attn is None:
            q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        else:
            q, k, v = self.c_attn(x).chunk(3, -1)
        return self.c_proj(nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal))


class Block(nn.Module):
    """A transformer's block; `norm` is `pre`, `post` or `none`, `skip` whether it adds to its input."""

    def __init__(self, width: int, norm: str, *, skip: bool, split: bool, causal: bool) -> None:
        super().__init__()
        self.norm, self.skip = norm, skip
        self.ln_1, self.ln_2 = (nn.Identity() if norm == "none" else nn.LayerNorm(width) for _ in range(2))
        self.attn = Attention(width, split=split, causal=causal)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Any) -> Any:
        for norm, part in ((self.ln_1, self.attn), (self.ln_2, self.mlp)):
            found = part(norm(x) if self.norm == "pre" else x)
            x = x + found if self.skip else found
            x = norm(x) if self.norm == "post" else x
        return x


class Transformer(nn.Module):
    """Attention and perceptrons over the rows of a digit or, as in GPT, over the characters of a text."""

    def __init__(
        self,
        blocks: int,
        width: int = 32,
        *,
        text: bool = False,
        norm: str = "pre",
        skip: bool = True,
        split: bool = False,
        scaled: bool = False,
    ) -> None:
        super().__init__()
        self.text, classes = text, task("text" if text else "rows").classes
        self.wte = nn.Embedding(classes, width) if text else nn.Linear(8, width)
        self.wpe = nn.Embedding(CONTEXT, width)
        self.h = nn.ModuleList(Block(width, norm, skip=skip, split=split, causal=text) for _ in range(blocks))
        self.ln_f = nn.LayerNorm(width) if norm == "pre" else nn.Identity()
        self.lm_head = nn.Linear(width, classes, bias=False)
        if scaled:
            self.apply(_as_gpt_2)
            for block in self.h:
                for last in (block.attn.c_proj, block.mlp[2]):
                    nn.init.normal_(last.weight, std=0.02 / math.sqrt(2 * blocks))

    def forward(self, x: Any) -> Any:
        x = self.wte(x) + self.wpe(torch.arange(x.shape[1]))
        for block in self.h:
            x = block(x)
        x = self.ln_f(x)
        return self.lm_head(x if self.text else x.mean(1))

    def spine(self) -> list[Any]:
        return list(self.h)


def _as_gpt_2(module: Any) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
