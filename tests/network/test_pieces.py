"""Computations in pieces: they give what they give at once, no piece is long, and nothing changes before the end."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.work import finished
from app.network import initialisers, operations, pieces
from app.network.config import NetworkConfig
from app.network.datasets import Data
from app.network.initialisers import INITIALISER_NAMES
from app.network.mlp import MAX_MULTIPLICATIONS, Network
from app.network.optimisers import OPTIMISERS
from app.network.pieces import PIECE_OPERATIONS, row_blocks, step_cost
from app.network.splitmix import SplitMix
from app.network.training import Training

LAYERS = (5, 40, 40, 30, 3)
VARIANTS = [
    NetworkConfig(activation="gelu", normalisation=True, residual=True, optimiser="adam", clip=0.1, data="teacher"),
    NetworkConfig(activation="relu", initialisation="orthogonal", optimiser="momentum", loss="cross_entropy"),
    NetworkConfig(initialisation="xavier_uniform", batch=512, measure="spectral_norm"),
]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses so often that a small network has many pieces, of one row if need be."""
    monkeypatch.setattr(pieces, "PIECE_OPERATIONS", 2_000)
    monkeypatch.setattr(pieces, "CALL_OPERATIONS", 0)
    monkeypatch.setattr(initialisers, "MAX_QR_OPERATIONS", 0)


def run(work: Generator[Any, None, Any]) -> tuple[Any, list[Any]]:
    """Do all of some work; return its result and what it yielded."""
    yielded = []
    while True:
        try:
            yielded.append(next(work))
        except StopIteration as end:
            return end.value, yielded


def same(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)


def numbers(training: Training) -> Iterator[Any]:
    """All that a training keeps of its steps."""
    yield training.losses
    for measure in ("rms_a", "l2_w", "saturated", "spectral_norm"):
        yield training.values(measure)


@given(st.integers(0, 5_000), st.integers(0, 10**9))
def test_blocks_have_each_row_once_and_are_one_piece_unless_a_row_is_longer(rows: int, each: int) -> None:
    blocks = row_blocks(rows, each)
    assert [row for block in blocks for row in range(rows)[block]] == list(range(rows))
    assert all((block.stop - block.start) * each <= max(PIECE_OPERATIONS, each) for block in blocks)


@pytest.mark.parametrize("computed", VARIANTS)
def test_a_training_in_pieces_has_the_numbers_that_it_has_at_once(
    computed: NetworkConfig, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    at_once = Training(LAYERS, computed)
    for _ in range(3):
        at_once.advance()
    request.getfixturevalue("small_pieces")
    training, yielded = run(Training.starting(LAYERS, computed))
    assert len(yielded) > 50
    assert yielded == sorted(yielded)
    assert 0 < yielded[0] < yielded[-1] <= 1
    for _ in range(3):
        step, yielded = run(training.stepping())
        assert len(yielded) > 50
        training.keep(step)
    for found, expected in zip(numbers(training), numbers(at_once), strict=True):
        same(found, expected)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("computed", VARIANTS)
def test_a_step_that_is_given_up_changes_nothing(computed: NetworkConfig) -> None:
    training, undisturbed = Training(LAYERS, computed), Training(LAYERS, computed)
    count = len(run(training.stepping())[1])
    for stop in (1, count // 3, count // 2, count - 1):
        work = training.stepping()
        for _ in range(stop):
            next(work)
        work.close()
    assert training.steps == 0
    for each in (training, undisturbed):
        each.advance()
        each.advance()
    for found, expected in zip(numbers(training), numbers(undisturbed), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.usefixtures("small_pieces")
def test_numpy_warns_as_before_in_each_pause_and_a_piece_may_run_in_another_context() -> None:
    before = np.geterr()
    computed = replace(VARIANTS[0], initialisation="normal", sigma=1e300)
    work = Training.starting(LAYERS, computed)
    while True:
        try:
            next(work)
        except StopIteration as end:
            training = end.value
            break
        assert np.geterr() == before
    assert str(training.overflow(0)).startswith("NaN or ∞")


@pytest.mark.parametrize("computed", VARIANTS)
def test_no_piece_of_a_large_network_is_long(computed: NetworkConfig) -> None:
    layers = (1024, 400, 10)
    computed = replace(computed, batch=128, measure="rms_a")
    network, data, optimiser = computed.network(layers), computed.data_for(layers), computed.new_optimiser()
    _, drawn = run(network.initialising())
    _, points = run(data.drawing())
    report, passed = run(network.passing(data.batch(computed.batch)))
    _, applied = run(network.applying(report, optimiser))
    for yielded in (drawn, points, passed, applied):
        assert max(yielded) <= 2 * PIECE_OPERATIONS
    assert 0.2 < sum(passed + applied) / step_cost(layers, computed.batch) < 1.5
    started = sum(drawn + points + passed)
    assert 0.2 < started / computed.start_cost(layers) < 1.5


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.usefixtures("small_pieces")
def test_an_optimiser_changes_a_large_array_as_it_changes_its_rows(name: str) -> None:
    shape = 7, 30
    whole, rows = (OPTIMISERS[name](0.1) for _ in range(2))
    together, apart = SplitMix(0).normal(*shape), list(SplitMix(0).normal(*shape))
    for number in range(3):
        gradient = SplitMix(number).normal(*shape)
        (together,) = whole.step([together], [gradient])
        apart = rows.step(apart, list(gradient))
    np.testing.assert_array_equal(together, np.array(apart))


@pytest.mark.parametrize(("outputs", "inputs"), [(30, 30), (7, 40), (40, 7), (1, 9), (9, 1), (1, 1)])
def test_an_orthogonal_matrix_is_the_same_in_pieces(outputs: int, inputs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = initialisers.orthogonal(SplitMix(3), outputs, inputs)
    monkeypatch.setattr(initialisers, "MAX_QR_OPERATIONS", 0)
    found = initialisers.orthogonal(SplitMix(3), outputs, inputs)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    small = found @ found.T if outputs <= inputs else found.T @ found
    np.testing.assert_allclose(small, np.eye(min(outputs, inputs)), rtol=0, atol=1e-14)


@pytest.mark.parametrize("initialisation", INITIALISER_NAMES)
@pytest.mark.parametrize("data", ["spirals", "teacher"])
def test_numbers_are_drawn_as_they_are_drawn_at_once(
    initialisation: str, data: str, request: pytest.FixtureRequest
) -> None:
    weights = Network(LAYERS, initialisation=initialisation, seed=4).parameters[2]["weights"]
    points = Data(data, 5, 3).inputs
    request.getfixturevalue("small_pieces")
    network, drawn = Network(LAYERS, initialisation=initialisation, seed=4), Data(data, 5, 3)
    finished(network.initialising())
    finished(drawn.drawing())
    same(network.parameters[2]["weights"], weights)
    same(drawn.inputs, points)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_the_products_without_blas_are_those_with_it(batch: int, inputs: int, outputs: int, seed: int) -> None:
    random = SplitMix(seed)
    a, weights, biases = random.normal(batch, inputs), random.normal(outputs, inputs), random.normal(outputs)
    along = random.normal(batch, outputs)
    with_blas = operations.affine(a, weights, biases), *operations.affine_backward(along, a, weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "HAS_BLAS", False)
        patch.setattr(operations, "MIN_EINSUM_OPERATIONS", 0)
        without = operations.affine(a, weights, biases), *operations.affine_backward(along, a, weights)
    for found, expected in zip(without, with_blas, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("layers", "batch", "sentence"),
    [
        (
            (1024,) * 4,
            512,
            "Batch: must be at most 317 for these 3,145,728 weights and 4,096 neurons, because a step would take "
            "4,831,838,208 multiplications, and at most 3,000,000,000 are allowed, got 512",
        ),
        (
            (1024, 15) * 128,
            512,
            "Batch: must be at most 68 for these 3,916,800 weights and 132,992 neurons, because a step would take "
            "5,992 MB of memory, and at most 800 MB are allowed, got 512",
        ),
    ],
)
def test_a_step_that_would_take_too_much_is_refused_with_what_it_would_take(
    layers: tuple[int, ...], batch: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Training.starting(layers, NetworkConfig(batch=batch)).send(None)
    most = int(sentence.split(maxsplit=6)[5])
    NetworkConfig(batch=most).network(layers)  # is allowed, and not drawn yet
    with pytest.raises(ValueError, match=r"^Batch: "):
        NetworkConfig(batch=most + 1).network(layers)


def test_every_architecture_that_is_allowed_can_be_computed_with_the_default_batch() -> None:
    """The most weights are allowed, and so are the most neurons with so many weights."""
    assert 3 * 4_000_000 * NetworkConfig().batch <= MAX_MULTIPLICATIONS
    NetworkConfig().network((1024, 15) * 128)
