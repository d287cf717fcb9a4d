"""The networks of the bench, sick and healthy. Their labels are measured; names only describe them."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import torch
from torch import nn

from bench.truth.branches import BothWays, ConvNeXt, Encoder, Llama, ManyHeads, ReZero, Towers
from bench.truth.data import task
from bench.truth.networks import (
    Experts,
    MobileNet,
    ResidualPerceptron,
    ResNet,
    UNet,
    adapted,
    cnn,
    deep,
    mlp,
)
from bench.truth.sequences import Recurrent, Transformer
from bench.truth.training import Case
from bench.truth.weights import initialise


def freeze(model: Any, layers: int) -> Any:
    """Keep the first affine layers of a perceptron as they are and return it."""
    for module in [part for part in model if isinstance(part, nn.Linear)][:layers]:
        module.requires_grad_(requires_grad=False)
    return model


def with_biases_at(model: Any, place: int, value: float) -> Any:
    """Set the biases of one affine layer of a perceptron and return it."""
    nn.init.constant_([part for part in model if isinstance(part, nn.Linear)][place].bias, value)
    return model


@cache
def _pretrained() -> dict[str, Any]:
    given, model = task("turned"), mlp([64, 48, 48, 10], weights="he")
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(150):
        optimiser.zero_grad()
        chosen = torch.randint(len(given.inputs), (128,))
        given.loss(model(given.inputs[chosen]), given.targets[chosen]).backward()
        optimiser.step()
    return dict(model.state_dict())


def low_rank_adaption(rank: int) -> Any:
    """Return a network that knows turned digits, with adapters for upright ones."""
    model = mlp([64, 48, 48, 10])
    model.load_state_dict(_pretrained())
    return adapted(model, rank)


PERCEPTRONS: Final = {
    "mlp-2-default-adam": Case(lambda: mlp([64, 128, 10]), optimiser="adam", rate=1e-3),
    "mlp-2-default-sgd": Case(lambda: mlp([64, 128, 10])),
    "mlp-4-default-adam": Case(lambda: mlp(deep(4, 64)), optimiser="adam", rate=2e-3),
    "mlp-4-he-relu-tapered": Case(lambda: mlp([64, 128, 64, 32, 10], weights="he"), rate=0.05),
    "mlp-8-he-relu-adam": Case(lambda: mlp(deep(8, 64), weights="he"), optimiser="adam", rate=1e-3),
    "mlp-8-he-relu-nobias": Case(lambda: mlp(deep(8, 64), weights="he", bias=False), rate=0.03, biases=False),
    "mlp-24-he-relu": Case(lambda: mlp(deep(24, 64), weights="he"), rate=0.01, steps=200),
    "mlp-6-xavier-tanh": Case(lambda: mlp(deep(6, 48), "tanh", weights="xavier")),
    "mlp-12-xavier-tanh-adam": Case(lambda: mlp(deep(12, 64), "tanh", weights="xavier"), optimiser="adam", rate=1e-3),
    "mlp-20-orthogonal-tanh": Case(lambda: mlp(deep(30, 128), "tanh", weights="orthogonal"), rate=0.05, steps=200),
    "mlp-6-he-leaky-nobias": Case(lambda: mlp(deep(6, 64), "leaky", weights="he", bias=False), rate=0.05, biases=False),
    "mlp-6-he-gelu-adam": Case(lambda: mlp(deep(6, 64), "gelu", weights="he"), optimiser="adam", rate=1e-3),
    "mlp-10-lecun-selu": Case(lambda: mlp(deep(10, 64), "selu", weights="lecun"), rate=0.02),
    "mlp-6-xavier-linear": Case(lambda: mlp(deep(6, 64), "linear", weights="xavier"), rate=0.02),
    "mlp-3-xavier-sigmoid-adam": Case(
        lambda: mlp(deep(3, 64), "sigmoid", weights="xavier"), optimiser="adam", rate=1e-2, steps=200
    ),
    "mlp-12-batchnorm": Case(lambda: mlp(deep(12, 64), norm="batch"), rate=0.05),
    "mlp-12-layernorm": Case(lambda: mlp(deep(12, 64), norm="layer"), rate=0.05),
    "mlp-16-residual": Case(lambda: ResidualPerceptron(16, 32), optimiser="adam", rate=1e-3),
    "mlp-6-frozen-front": Case(lambda: freeze(mlp(deep(6, 64), weights="he"), 2), rate=0.05),
    "mlp-6-regression": Case(
        lambda: mlp(deep(6, 48, inputs=10, outputs=1), weights="he"), "diabetes", "adam", 1e-3, steps=200
    ),
    "mlp-12-he-relu-rmsprop": Case(lambda: mlp(deep(12, 48), weights="he"), optimiser="rmsprop", rate=3e-4),
}
SICK_PERCEPTRONS: Final = {
    "mlp-10-default-sigmoid": Case(lambda: mlp(deep(10, 48), "sigmoid")),
    "mlp-6-xavier-sigmoid": Case(lambda: mlp(deep(6, 48), "sigmoid", weights="xavier"), rate=0.05),
    "mlp-20-small-relu": Case(lambda: mlp(deep(20, 48), weights="he", scale=0.5)),
    "mlp-14-default-relu": Case(lambda: mlp(deep(14, 48))),
    "mlp-14-default-relu-nobias": Case(lambda: mlp(deep(14, 48), bias=False), biases=False),
    "mlp-10-default-relu-nobias-adam": Case(
        lambda: mlp(deep(16, 48), bias=False), optimiser="adam", rate=1e-4, steps=60, biases=False
    ),
    "mlp-16-default-gelu": Case(lambda: mlp(deep(16, 48), "gelu")),
    "mlp-20-small-tanh": Case(lambda: mlp(deep(20, 48), "tanh", weights="xavier", scale=0.6)),
    "mlp-12-small-leaky-nobias": Case(
        lambda: mlp(deep(12, 48), "leaky", weights="he", scale=0.5, bias=False), biases=False
    ),
    "mlp-10-small-linear-nobias": Case(
        lambda: mlp(deep(10, 48), "linear", weights="xavier", scale=0.5, bias=False), biases=False
    ),
    "mlp-10-wide-relu": Case(lambda: mlp(deep(10, 64), weights="N(0, 0.5)"), rate=1e-9),
    "mlp-16-wide-relu-nobias": Case(
        lambda: mlp(deep(16, 64), weights="N(0, 0.5)", bias=False), rate=1e-20, biases=False
    ),
    "mlp-8-wide-linear-nobias": Case(
        lambda: mlp(deep(8, 64), "linear", weights="N(0, 0.5)", bias=False), rate=1e-9, biases=False
    ),
    "mlp-20-large-tanh": Case(lambda: mlp(deep(30, 128), "tanh", weights="xavier", scale=2.5), rate=1e-3),
    "mlp-5-dead-from-the-start": Case(lambda: with_biases_at(mlp(deep(5, 48), weights="he"), 2, -50.0), rate=0.05),
    "mlp-6-explodes-midway": Case(
        lambda: mlp(deep(6, 48), weights="he"), rate=0.05, clip=1.0, rate_at=((60, 30.0), (61, 0.05))
    ),
    "mlp-10-dies-midway": Case(
        lambda: mlp(deep(10, 24), weights="he"), optimiser="adam", rate=1e-3, rate_at=((60, 0.3), (70, 1e-3))
    ),
    "mlp-8-dies-midway-adam": Case(
        lambda: mlp(deep(8, 48), weights="he"), optimiser="adam", rate=1e-3, rate_at=((60, 3.0), (64, 1e-3))
    ),
    "mlp-6-not-finite": Case(lambda: mlp(deep(6, 48), "leaky", weights="he"), rate=0.05, rate_at=((80, 1e4),)),
    "mlp-10-wide-not-finite": Case(lambda: mlp(deep(10, 64), weights="N(0, 0.5)"), rate=0.1),
    "mlp-16-residual-wide": Case(lambda: initialise(ResidualPerceptron(16, 32, norm=False), "he", 1.5), rate=1e-12),
}
CONVOLUTIONS: Final = {
    "cnn-4-he-adam": Case(lambda: cnn([16] * 4, weights="he"), "images", "adam", 2e-3),
    "cnn-3-default-sgd": Case(lambda: cnn([8, 16, 32]), "images", "momentum", 0.05, steps=200),
    "cnn-8-batchnorm": Case(lambda: cnn([12] * 8, norm="batch"), "images", "sgd", 0.1),
    "cnn-8-groupnorm-nobias": Case(
        lambda: cnn([12] * 8, norm="group", bias=False), "images", "adam", 3e-3, biases=False
    ),
    "mobilenet": Case(lambda: MobileNet(16, 6), "images", "adam", 3e-3),
    "resnet-narrow": Case(ResNet, "images", "sgd", 0.1),
    "resnet-zero-init": Case(lambda: ResNet(zero_init=True), "images", "sgd", 0.1),
    "cnn-14-default": Case(lambda: cnn([12] * 14), "images", "sgd", 0.05),
    "cnn-14-default-nobias": Case(lambda: cnn([12] * 14, bias=False), "images", "sgd", 0.05, biases=False),
    "cnn-10-large": Case(lambda: cnn([12] * 10, weights="he", scale=3.0), "images", "sgd", 1e-12),
    "autoencoder": Case(lambda: mlp([64, 48, 24, 12, 24, 48, 64], weights="he"), "copies", "adam", 3e-3, steps=200),
    "unet": Case(UNet, "copies", "adam", 3e-3),
    "autoencoder-10-sigmoid": Case(
        lambda: mlp([64, 48, 40, 32, 24, 16, 24, 32, 40, 48, 64], "sigmoid"), "copies", "sgd", 0.1
    ),
    "lora": Case(lambda: low_rank_adaption(4), optimiser="adam", rate=1e-2, biases=False),
    "moe-top1": Case(lambda: Experts(16, 1), optimiser="adam", rate=2e-3, batch=16),
    "moe-top2": Case(lambda: Experts(8, 2), optimiser="sgd", rate=0.1),
}
SEQUENCES: Final = {
    "lstm-3-rows": Case(lambda: Recurrent("lstm", 3), "rows", "adam", 5e-3, steps=150),
    "lstm-2-stacked-text": Case(
        lambda: Recurrent("lstm", 2, 48, text=True, stacked=True), "text", "adam", 1e-2, steps=250, batch=32
    ),
    "gru-2-text": Case(lambda: Recurrent("gru", 2, 48, text=True), "text", "adam", 1e-2, steps=150, batch=32),
    "rnn-2-rows": Case(lambda: Recurrent("rnn", 2), "rows", "adam", 3e-3, steps=150),
    "lstm-8-rows": Case(lambda: Recurrent("lstm", 8), "rows", "sgd", 0.1),
    "gru-8-rows": Case(lambda: Recurrent("gru", 8, scale=0.3), "rows", "sgd", 0.1),
    "gpt-4-pre-norm": Case(
        lambda: Transformer(4, 48, text=True, scaled=True), "text", "adamw", 4e-3, steps=350, batch=16
    ),
    "gpt-4-post-norm": Case(
        lambda: Transformer(4, 48, text=True, norm="post"), "text", "adamw", 5e-3, steps=250, batch=16
    ),
    "gpt-4-split": Case(lambda: Transformer(4, 48, text=True, split=True), "text", "adamw", 1e-2, steps=250, batch=16),
    "vit-6-pre-norm": Case(lambda: Transformer(6, 32), "rows", "adam", 2e-3),
    "vit-6-post-norm": Case(lambda: Transformer(6, 32, norm="post"), "rows", "adam", 1e-3),
    "vit-8-no-skip": Case(lambda: Transformer(8, 32, norm="none", skip=False), "rows", "sgd", 0.05),
    "vit-12-no-norm": Case(lambda: Transformer(12, 32, norm="none"), "rows", "adam", 1e-3),
}
BRANCHES: Final = {
    "three-heads": Case(ManyHeads, rate=0.05),
    "two-towers": Case(Towers, rate=0.05),
    "rezero-10": Case(lambda: ReZero(10), optimiser="adam", rate=3e-3),
    "convnext-layer-scale": Case(lambda: ConvNeXt(6), "images", "adamw", 4e-3),
    "llama-6": Case(lambda: Llama(6), "rows", "adamw", 3e-3, biases=False),
    "llama-8-no-skip": Case(lambda: Llama(8, skip=False), "rows", rate=0.05, biases=False),
    "llama-6-no-skip-no-norm": Case(lambda: Llama(4, skip=False, norm=False), "rows", rate=0.05, biases=False),
    "encoder-4-pre-norm": Case(lambda: Encoder(4, pre_norm=True), "rows", "adam", 2e-3),
    "encoder-6-post-norm": Case(lambda: Encoder(6, pre_norm=False), "rows", "adam", 1e-3),
    "lstm-2-both-ways": Case(lambda: BothWays(2), "rows", "adam", 5e-3),
    "mlp-12-half-normalised": Case(
        lambda: nn.Sequential(*mlp(deep(7, 48), norm="batch")[:-1], *mlp([48] * 8 + [10])), rate=0.05
    ),
    "mlp-6-margin-fitted": Case(lambda: mlp(deep(6, 64), weights="he"), "margin", "adam", 3e-3, steps=200),
    "mlp-8-weight-decay": Case(lambda: mlp(deep(8, 64), weights="he"), optimiser="decay", rate=0.05, steps=240),
}
CASES: Final[dict[str, Case]] = {**PERCEPTRONS, **SICK_PERCEPTRONS, **CONVOLUTIONS, **SEQUENCES, **BRANCHES}
