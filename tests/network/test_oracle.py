"""The network against PyTorch's autograd and optimisers, in float64. Left out where there is no PyTorch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

from app.network.activations import ACTIVATIONS, LEAK
from app.network.arrays import Array
from app.network.datasets import Batch, Data
from app.network.initialisers import INITIALISER_NAMES as INITIALISATIONS
from app.network.initialisers import initial_biases
from app.network.initialisers import initialisation as initialisation_named
from app.network.metrics import LayerPass, Report
from app.network.mlp import CROSS_ENTROPY, LOSS_NAMES, MEAN_SQUARED_ERROR, Network
from app.network.optimisers import SGD, Adam, Momentum
from app.network.splitmix import SplitMix


class LazyTorch:
    """PyTorch, imported by the first test that uses it: that takes seconds, which collecting need not."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what pytest looks for in whatever a module has
            raise AttributeError(name)
        torch = pytest.importorskip("torch", reason="PyTorch is not installed; ./test.sh does it where it can")
        torch.set_num_threads(1)
        return getattr(torch, name)


torch: Any = LazyTorch()


def by_name(path: str) -> Callable[..., Any]:
    """A function of PyTorch, looked up when it is called."""

    def call(*given: Any) -> Any:
        return attrgetter(path)(torch)(*given)

    return call


pytestmark = pytest.mark.xdist_group("torch")  # importing it takes seconds: once is enough
LAYERS = [3, 5, 5, 4, 4, 4, 3]
BATCH = Data("teacher", 3, 3, size=7).batch(7)
OPTIONS = ("initialisation", "residual", "normalisation", "loss")
ACTIVATION: dict[str, Any] = {
    "identity": lambda z: z.clone(),  # so that z and a keep gradients of their own
    "sigmoid": by_name("sigmoid"),
    "tanh": by_name("tanh"),
    "relu": by_name("nn.functional.relu"),
    "leaky_relu": by_name("nn.functional.leaky_relu"),
    "gelu": by_name("nn.functional.gelu"),
    "silu": by_name("nn.functional.silu"),
}


class Twin:
    """A network made of PyTorch's parts, with the same parameters."""

    def __init__(self, network: Network, activation: str, residual: bool, loss: str) -> None:
        self.network, self.activation, self.residual, self.loss = network, activation, residual, loss
        self.parameters = [
            {name: torch.tensor(array, requires_grad=True) for name, array in parameters.items()}
            for parameters in network.parameters
        ]

    def leaves(self) -> list[Any]:
        """All parameters, in one list."""
        return [leaf for parameters in self.parameters for leaf in parameters.values()]

    def run(self, batch: Batch) -> tuple[Any, list[Any], list[Any]]:
        """The loss, and each layer's z and a, once autograd has gone back through them."""
        a = torch.tensor(batch.inputs, requires_grad=True)
        z_kept, a_kept = [a], [a]
        for index in range(1, len(self.parameters)):
            z, a = self._layer(index, a)
            z_kept.append(z)
            a_kept.append(a)
        if self.loss == CROSS_ENTROPY:
            loss = torch.nn.functional.cross_entropy(a, torch.tensor(batch.labels))
        else:
            loss = torch.nn.functional.mse_loss(a, torch.tensor(batch.targets))
        for kept in (*z_kept, *a_kept):
            kept.retain_grad()
        loss.backward()
        return loss, z_kept, a_kept

    def _layer(self, index: int, before: Any) -> tuple[Any, Any]:
        own = self.parameters[index]
        z = torch.nn.functional.linear(before, own["weights"], own["biases"])
        if index == len(self.parameters) - 1:
            return z, z.clone()
        if "gains" in own:
            z = torch.nn.functional.layer_norm(z, z.shape[1:], own["gains"], own["shifts"])
        a = ACTIVATION[self.activation](z)
        return z, a + before if self.residual and a.shape == before.shape else a


def agree(found: Array, expected: Any, what: str) -> None:
    """To 1e-10 of the largest of these numbers."""
    numbers = expected.detach().numpy()
    largest = float(np.abs(numbers).max())
    np.testing.assert_allclose(found, numbers, rtol=0.0, atol=1e-10 * largest, err_msg=what)


def agree_measures(report: Report, z: list[Any], a: list[Any]) -> None:
    expected = {
        "rms_a": [kept.grad.square().mean().sqrt().item() for kept in a],
        "l2_z": [kept.grad.norm().item() for kept in z],
        "mean_z": [kept.grad.abs().mean().item() for kept in z],
    }
    for measure, values in expected.items():
        np.testing.assert_allclose(report.series(measure), values, rtol=1e-10)


def agree_layer(layer: LayerPass, twin: dict[str, Any], z: Any, a: Any, name: str) -> None:
    agree(layer.a, a, f"a of {name}")
    agree(layer.gradient_a, a.grad, f"∂L/∂a of {name}")
    agree(layer.gradient_z, z.grad, f"∂L/∂z of {name}")
    for parameter, leaf in twin.items():
        agree(layer.gradients[parameter], leaf.grad, f"{parameter} of {name}")


def test_there_is_a_twin_of_each_activation() -> None:
    assert set(ACTIVATION) == set(ACTIVATIONS)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_combination_s_gradients_are_autograd_s(activation: str) -> None:
    for values in itertools.product(INITIALISATIONS, (False, True), (False, True), LOSS_NAMES):
        options: dict[str, Any] = dict(zip(OPTIONS, values, strict=True))
        network = Network(LAYERS, activation=activation, **options)
        report, twin = network.forward_backward(BATCH), Twin(network, activation, options["residual"], options["loss"])
        found, z, a = twin.run(BATCH)
        assert report.loss == pytest.approx(found.item(), rel=1e-12)
        agree_measures(report, z, a)
        for index, layer in enumerate(report.passes):
            agree_layer(layer, twin.parameters[index], z[index], a[index], f"{report.names[index]}, {options}")


@pytest.mark.parametrize("normalisation", [False, True])
@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize(
    ("make", "theirs"),
    [
        (lambda: SGD(0.05), lambda leaves: torch.optim.SGD(leaves, lr=0.05)),
        (lambda: Momentum(0.05, momentum=0.8), lambda leaves: torch.optim.SGD(leaves, lr=0.05, momentum=0.8)),
        (lambda: Adam(0.01), lambda leaves: torch.optim.Adam(leaves, lr=0.01)),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_ten_steps_lead_to_the_same_place(make: Any, theirs: Any, loss: str, normalisation: bool) -> None:
    network = Network([3, 12, 12, 3], activation="tanh", loss=loss, normalisation=normalisation)
    twin, data = Twin(network, "tanh", False, loss), Data("spirals", 3, 3)
    ours, optimiser = make(), theirs(twin.leaves())
    for number in range(10):
        batch = data.batch(64, number)
        network.train_step(batch, ours)
        optimiser.zero_grad()
        twin.run(batch)
        optimiser.step()
    for parameters, leaves in zip(network.parameters, twin.parameters, strict=True):
        for name, array in parameters.items():
            agree(array, leaves[name], name)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_clipping_gradients_that_are_not_finite_does_as_pytorch_does(wrong: float) -> None:
    gradients = [np.array([1.0, wrong, 3.0]), np.array([[2.0]])]
    leaves = [torch.zeros(gradient.shape, dtype=torch.float64, requires_grad=True) for gradient in gradients]
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = torch.tensor(gradient)
    torch.nn.utils.clip_grad_norm_(leaves, 1.0)
    torch.optim.SGD(leaves, lr=1.0).step()
    found = SGD(1.0, clip=1.0).step([np.zeros(3), np.zeros((1, 1))], gradients)
    for values, leaf in zip(found, leaves, strict=True):
        np.testing.assert_array_equal(values, leaf.detach().numpy())
    assert np.isnan(found[0]).all() == math.isnan(wrong)


def test_clipping_is_by_the_norm_of_all_gradients() -> None:
    network = Network(LAYERS, initialisation="normal", loss=MEAN_SQUARED_ERROR)
    twin = Twin(network, "tanh", False, MEAN_SQUARED_ERROR)
    twin.run(BATCH)
    norm = torch.nn.utils.clip_grad_norm_(twin.leaves(), 0.1).item()
    assert norm > 0.1
    torch.optim.SGD(twin.leaves(), lr=1.0).step()
    network.train_step(BATCH, SGD(1.0, clip=0.1))
    for parameters, leaves in zip(network.parameters, twin.parameters, strict=True):
        for name, array in parameters.items():  # PyTorch adds 1e-6 to the norm that it divides by
            np.testing.assert_allclose(array, leaves[name].detach().numpy(), rtol=0.0, atol=2e-7 / norm)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("normal", lambda w: torch.nn.init.normal_(w, std=0.3)),
        ("xavier_uniform", by_name("nn.init.xavier_uniform_")),
        ("xavier_normal", by_name("nn.init.xavier_normal_")),
        ("he_uniform", lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        ("he_normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("lecun_normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="linear")),
        ("orthogonal", by_name("nn.init.orthogonal_")),
        ("pytorch_default", lambda w: torch.nn.Linear(*reversed(w.shape), dtype=torch.float64).weight.detach()),
    ],
)
def test_an_initialisation_spreads_as_pytorch_s_does(name: str, theirs: Any) -> None:
    torch.manual_seed(0)
    expected = theirs(torch.empty(120, 200, dtype=torch.float64)).numpy()
    agree_in_distribution(initialisation_named(name, 0.3)(SplitMix(0), 120, 200), expected)


def test_pytorch_s_default_draws_the_biases_as_nn_linear_does() -> None:
    torch.manual_seed(0)
    expected = torch.nn.Linear(9, 20_000, dtype=torch.float64).bias.detach().numpy()
    agree_in_distribution(initial_biases("pytorch_default", SplitMix(0), 20_000, 9), expected)


def test_the_gain_of_an_activation_is_pytorch_s_calculate_gain() -> None:
    gain = torch.nn.init.calculate_gain
    theirs = {name: gain("linear" if name == "identity" else name) for name in ("identity", "sigmoid", "tanh", "relu")}
    theirs["leaky_relu"] = gain("leaky_relu", LEAK)
    assert {name: ACTIVATIONS[name].gain for name in theirs} == pytest.approx(theirs, rel=1e-15)
    for name in set(ACTIVATIONS) - set(theirs):
        assert ACTIVATIONS[name].gain == 1.0
        with pytest.raises(ValueError, match="Unsupported nonlinearity"):
            gain(name)


def agree_in_distribution(found: Array, expected: Array) -> None:
    """Equal deviation, mean and quantiles, as far as so many random numbers tell."""
    assert found.std() == pytest.approx(expected.std(), rel=0.02)
    assert abs(found.mean() - expected.mean()) < 6 * expected.std() / math.sqrt(found.size)
    quantiles = np.linspace(0.02, 0.98, 49)
    differences = np.quantile(found, quantiles) - np.quantile(expected, quantiles)
    assert np.abs(differences).max() < 0.05 * expected.std()
