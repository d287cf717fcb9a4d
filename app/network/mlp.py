"""A multilayer perceptron in numpy whose backward pass reports the gradients of each layer. Pure.

    network = Network([2, 16, 16, 3], activation="sigmoid", loss="cross_entropy")
    data = Data("spirals", inputs=2, outputs=3)
    network.forward_backward(data.batch(64)).series("rms_a")     # ∂L/∂a, layer by layer
    network.train_step(data.batch(64), Adam(0.01))             # the same, then one optimiser step

All numbers are float64. An overflow is not an error: NaN and ∞ are results, and the report says where they began.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..figure.props import check_layers
from ..figure.validation import check_choice, check_flag, check_number
from ..figure.work import finished
from . import operations
from .activations import ACTIVATIONS, Activation
from .arrays import Array, ClassLabels
from .datasets import Batch
from .initialisers import INITIALISER_NAMES as INITIALISATION_NAMES
from .initialisers import WITH_GAIN, initial_biases
from .initialisers import initialisation as initialisation_named
from .metrics import BackwardParts, LayerPass, Report
from .optimisers import Optimiser
from .pieces import VALUE_OPERATIONS, Pieces, is_one_piece, multiplications, row_blocks, weight_count, without_warnings
from .splitmix import SplitMix

MEAN_SQUARED_ERROR: Final = "mean_squared_error"
CROSS_ENTROPY: Final = "cross_entropy"
LOSS_NAMES: Final = (MEAN_SQUARED_ERROR, CROSS_ENTROPY)
MAX_MULTIPLICATIONS: Final = 3_000_000_000  # of a training step: about a second in a page on a fast machine
VALUE_BYTES: Final = 88  # for each neuron and example of a batch: eleven arrays of float64, of this step and the next
MAX_VALUE_BYTES: Final = 800_000_000
MAX_WEIGHTS: Final = 4_000_000  # 32 MB; Adam keeps two more arrays of this size, and a page has little memory


class Forward(NamedTuple):
    """The values of a forward pass that the backward pass needs: a of the layer before, this layer's a, f′(z)."""

    before: Array
    a: Array
    slopes: Array
    standardised: operations.Standardised | None


class Layer:
    """One layer after the input: s = W a + b; z = s or the normalised s; a = f(z), plus its input if it `skips`.

    `parameters` holds `weights` (n, m) and `biases` (n,). With normalisation it also holds `gains` and `shifts` (n,).
    """

    def __init__(self, parameters: dict[str, Array], activation: Activation, *, skips: bool) -> None:
        self.parameters, self.activation, self.skips = parameters, activation, skips

    def copied(self) -> Layer:
        """Return a layer with the same arrays in a dictionary of its own."""
        return Layer(dict(self.parameters), self.activation, skips=self.skips)

    def forwarding(self, before: Array) -> Pieces[Forward]:
        """Apply the layer to the values of the layer before, (B, m)."""
        weights = self.parameters["weights"]
        each = weights.size + VALUE_OPERATIONS * len(weights)
        if is_one_piece(len(before) * each):
            yield len(before) * each
            return self._forward(before)
        parts = []
        for block in row_blocks(len(before), each):
            parts.append(self._forward(before[block]))
            yield (block.stop - block.start) * each
        return _joined_rows(before, parts)

    def _forward(self, before: Array) -> Forward:
        """Apply the layer to some rows of the values before. No row depends on another."""
        own = self.parameters
        z, standardised = operations.affine(before, own["weights"], own["biases"]), None
        if "gains" in own:
            z, standardised = operations.normalise(z, own["gains"], own["shifts"])
        a, slopes = self.activation.both(z)
        return Forward(before, a + before if self.skips else a, slopes, standardised)

    def backpropagating(self, kept: Forward, gradient_a: Array) -> Pieces[tuple[Array, LayerPass]]:
        """Return ∂L/∂a of the layer before, (B, m), and this layer's part of the report, from ∂L/∂a, (B, n)."""
        own, gradients = self.parameters, {}
        gradient = gradient_z = gradient_a * kept.slopes
        if kept.standardised is not None:
            normalised = operations.normalise_backward(gradient, kept.standardised, own["gains"])
            gradient, gradients["gains"], gradients["shifts"] = normalised
        backward = yield from operations.backpropagating(gradient, kept.before, own["weights"])
        through, gradients["weights"], gradients["biases"] = backward
        gradient_before = through + gradient_a if self.skips else through
        # The dictionary is copied: an optimiser step replaces arrays in it, and the report keeps the old ones.
        values = (kept.a, kept.slopes, self.activation.steepest, gradient_a, gradient_z, dict(own), gradients)
        scale = None if kept.standardised is None else kept.standardised.scale
        parts = BackwardParts(gradient, through if self.skips else None)
        return gradient_before, LayerPass(*values, scale, self.skips, parts, self.activation.flat)


def _joined_rows(before: Array, parts: Sequence[Forward]) -> Forward:
    standardised = [part.standardised for part in parts if part.standardised is not None]
    return Forward(
        before,
        np.concatenate([part.a for part in parts]),
        np.concatenate([part.slopes for part in parts]),
        operations.Standardised(*map(np.concatenate, zip(*standardised, strict=True))) if standardised else None,
    )


class Network:
    """A multilayer perceptron.

    `layers` are its widths, the input's first. The hidden layers have the `activation`, one of `ACTIVATIONS`; the
    output is linear. `initialisation` is one of `initialisers.INITIALISER_NAMES`; `sigma` is the standard deviation of
    `normal`, the others do not use it. Biases begin at 0, except with `pytorch_default`. `activation_gain` multiplies
    the weights of `xavier_uniform`, `xavier_normal` and `orthogonal` by the gain of their layer's activation, as
    PyTorch's `calculate_gain` gives it: 5/3 for tanh, √2 for ReLU, 1 for the linear output. `residual` adds a layer's
    input to its output, in each hidden layer that is as wide as the one before (He, Zhang, Ren and Sun, "Deep residual
    learning for image recognition", 2015). `normalisation` normalises the input of each hidden layer's activation.
    `loss` is one of `LOSS_NAMES`; `cross_entropy` includes the softmax. The same `seed` gives the same weights.

    Raises ValueError naming field, rule and value.
    """

    def __init__(
        self,
        layers: Sequence[int],
        *,
        activation: str = "tanh",
        initialisation: str = "xavier_normal",
        sigma: float = 1.0,
        activation_gain: bool = False,
        residual: bool = False,
        normalisation: bool = False,
        loss: str = MEAN_SQUARED_ERROR,
        seed: int = 0,
    ) -> None:
        self.layers = check_size(check_layers(layers))
        self.loss = check_choice(loss, LOSS_NAMES, "loss")
        if self.loss == CROSS_ENTROPY and self.layers[-1] < 2:
            raise ValueError(f"loss: must be {MEAN_SQUARED_ERROR} for a single output neuron, got {loss!r}")
        hidden = ACTIVATIONS[check_choice(activation, ACTIVATIONS, "activation")]
        name = check_choice(initialisation, INITIALISATION_NAMES, "initialisation")
        begin = initialisation_named(name, check_number(sigma, "sigma"))
        uses_gain = check_flag(activation_gain, "activation_gain") and name in WITH_GAIN
        residual, normalisation = check_flag(residual, "residual"), check_flag(normalisation, "normalisation")
        self._begin, self._initialisation, self._uses_gain, self._seed = begin, name, uses_gain, seed
        self._hidden, self._residual, self._normalisation = hidden, residual, normalisation
        SplitMix(seed)  # refuses a wrong seed now, not when the weights are drawn
        self._drawn: list[Layer] = []

    def initialising(self) -> Pieces[None]:
        """Draw the first weights. The other methods draw those that are still missing."""
        while len(self._drawn) < len(self.layers) - 1:
            layer = yield from without_warnings(self._initialising_layer(len(self._drawn) + 1))
            self._drawn.append(layer)

    def _initialising_layer(self, index: int) -> Pieces[Layer]:
        inputs, outputs = self.layers[index - 1 : index + 1]
        is_output = index == len(self.layers) - 1
        function = ACTIVATIONS["identity"] if is_output else self._hidden
        weights = yield from self._begin.drawing(SplitMix(self._seed, "weights", index), outputs, inputs)
        if self._uses_gain:
            weights = function.gain * weights
        biases = initial_biases(self._initialisation, SplitMix(self._seed, "biases", index), outputs, inputs)
        parameters = {"weights": weights, "biases": biases}
        if self._normalisation and not is_output:
            parameters |= {"gains": np.ones(outputs), "shifts": np.zeros(outputs)}
        return Layer(parameters, function, skips=self._residual and not is_output and inputs == outputs)

    @property
    def _layers(self) -> list[Layer]:
        if len(self._drawn) < len(self.layers) - 1:
            finished(self.initialising())
        return self._drawn

    def copied(self) -> Network:
        """Return a network with the same parameters, which learns apart from this one."""
        other = copy(self)
        other._drawn = [layer.copied() for layer in self._layers]
        return other

    @property
    def parameters(self) -> tuple[dict[str, Array], ...]:
        """Each layer's arrays by name, one dictionary per layer; the input's is empty.

        `weights` are (n, m), `biases`, `gains` and `shifts` (n,). An array may be replaced by another of its shape.
        """
        return ({}, *(layer.parameters for layer in self._layers))

    def predict(self, inputs: Array) -> Array:
        """Return the outputs, (B, n), for inputs (B, n₀); with cross-entropy, before the softmax. Raises ValueError."""
        a = self._check_inputs(inputs)
        for layer in self._layers:
            a = finished(without_warnings(layer.forwarding(a))).a
        return a

    def forward_backward(self, batch: Batch) -> Report:
        """Run a forward and a backward pass on a batch, without changing the network.

        Raises ValueError naming field, rule and value.
        """
        return finished(self.passing(batch))

    def passing(self, batch: Batch) -> Pieces[Report]:
        """Do the same in pieces."""
        yield from self.initialising()
        inputs = self._check_inputs(batch.inputs)
        expected = self._check_expected(batch, len(inputs))
        report = yield from without_warnings(self._pass(inputs, expected))
        return report

    def train_step(self, batch: Batch, optimiser: Optimiser) -> Report:
        """Run `forward_backward`, then change the parameters by one step of the optimiser; return the report.

        Raises ValueError before anything has changed.
        """
        report = self.forward_backward(batch)
        self.apply_gradients(report, optimiser)
        return report

    def apply_gradients(self, report: Report, optimiser: Optimiser) -> None:
        """Change the parameters by one step of the optimiser along the gradients of a report of this network.

        Raises ValueError if the report or the optimiser belongs to another network; nothing has changed then.
        """
        finished(self.applying(report, optimiser))

    def applying(self, report: Report, optimiser: Optimiser) -> Pieces[None]:
        """Do the same in pieces. The parameters change at the end, and the optimiser's state shortly before."""
        if [list(own) for own in self.parameters] != [list(layer.parameters) for layer in report.passes]:
            raise ValueError("report: must be of this network, got one of other layers")
        pairs = list(zip(self.parameters, report.passes, strict=True))
        places = [(own, name) for own, _ in pairs for name in own]
        gradients = [layer.gradients[name] for own, layer in pairs for name in own]
        stepped = yield from optimiser.stepping([own[name] for own, name in places], gradients)
        for (own, name), value in zip(places, stepped, strict=True):
            own[name] = value

    look, step, follow = forward_backward, train_step, apply_gradients  # the former names

    def _pass(self, inputs: Array, expected: Any) -> Pieces[Report]:
        kept: list[Forward] = []
        a = inputs
        for layer in self._layers:
            kept.append((yield from layer.forwarding(a)))
            a = kept[-1].a
        loss, gradient = self._loss(a, expected)
        passes = []
        for layer, forward in zip(reversed(self._layers), reversed(kept), strict=True):
            gradient, layer_pass = yield from layer.backpropagating(forward, gradient)
            passes.append(layer_pass)
        passes.append(LayerPass(inputs, np.ones_like(inputs), 1.0, gradient, gradient, {}, {}))
        return Report(loss, tuple(reversed(passes)))

    def _loss(self, outputs: Array, expected: Any) -> tuple[float, Array]:
        """Return L, and ∂L/∂a of the output, (B, n)."""
        if self.loss == CROSS_ENTROPY:
            return operations.cross_entropy(outputs, expected), operations.cross_entropy_backward(outputs, expected)
        return operations.mean_squared_error(outputs, expected), operations.mean_squared_error_backward(
            outputs, expected
        )

    def _check_inputs(self, inputs: Any) -> Array:
        return _check_table(inputs, "inputs", None, self.layers[0])

    def _check_expected(self, batch: Batch, size: int) -> Any:
        """Return the batch's labels for cross-entropy, else its targets."""
        if self.loss == CROSS_ENTROPY:
            return _check_labels(batch.labels, size, self.layers[-1])
        return _check_table(batch.targets, "targets", size, self.layers[-1])


def check_size(layers: tuple[int, ...], field: str = "layers") -> tuple[int, ...]:
    """Return `layers` if a network of them has at most `MAX_WEIGHTS`. Raises ValueError naming `field`."""
    weights = weight_count(layers)
    if weights > MAX_WEIGHTS:
        raise ValueError(f"{field}: must have at most {MAX_WEIGHTS:,} weights between them, got {weights:,}")
    return layers


def check_cost(layers: Sequence[int], batch: int) -> None:
    """Check that a step of training takes neither too long nor too much memory. Raises ValueError."""
    weights, neurons = weight_count(layers), sum(layers)
    by_time = MAX_MULTIPLICATIONS // max(multiplications(layers, 1), 1)
    by_memory = MAX_VALUE_BYTES // (neurons * VALUE_BYTES)
    if batch <= min(by_time, by_memory):
        return
    if by_time < by_memory:
        takes = f"{multiplications(layers, batch):,} multiplications, and at most {MAX_MULTIPLICATIONS:,} are allowed"
    else:
        megabytes = neurons * batch * VALUE_BYTES / 1e6
        takes = f"{megabytes:,.0f} MB of memory, and at most {MAX_VALUE_BYTES / 1e6:,.0f} MB are allowed"
    of = f"{weights:,} weights and {neurons:,} neurons"
    raise ValueError(
        f"Batch: must be at most {min(by_time, by_memory)} for these {of}, because a step would take {takes}, "
        f"got {batch}"
    )


def _check_table(values: Any, field: str, rows: int | None, columns: int) -> Array:
    """Return real numbers as an array of float64, (rows, columns); None allows any number of rows except 0."""
    rule = f"must be an array of real numbers, {'B' if rows is None else rows} × {columns}"
    try:
        table = np.asarray(values)
    except ValueError:
        raise ValueError(f"{field}: {rule}, got rows of unlike length") from None
    if table.dtype.kind not in "fiu":
        raise ValueError(f"{field}: {rule}, got {'none' if values is None else f'an array of {table.dtype}'}")
    if table.ndim != 2 or table.shape[1] != columns or not len(table) or rows not in (None, len(table)):
        raise ValueError(f"{field}: {rule}, got {_shape(table)}")
    return table.astype(np.float64)


def _check_labels(values: Any, rows: int, classes: int) -> ClassLabels:
    rule = f"must be {rows} whole numbers from 0 to {classes - 1}, one for each input"
    labels = np.asarray(values)
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels: {rule}, got {'none' if values is None else f'an array of {labels.dtype}'}")
    if labels.shape != (rows,):
        raise ValueError(f"labels: {rule}, got {_shape(labels)}")
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        raise ValueError(f"labels: {rule}, got {wrong[0]}")
    return labels.astype(np.int64)


def _shape(array: NDArray[Any]) -> str:
    return " × ".join(map(str, array.shape)) if array.ndim else "a single number"
