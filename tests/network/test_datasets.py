"""Data sets: their shapes, what their labels mean, and their batches."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.datasets import DATASETS, Data

names = st.sampled_from(DATASETS)
PLANE = [name for name in DATASETS if name != "teacher"]


@given(names, st.integers(1, 9), st.integers(1, 5), st.integers(1, 60), st.integers(0, 100))
def test_it_has_as_many_points_inputs_and_outputs_as_asked_for(
    name: str, inputs: int, outputs: int, size: int, seed: int
) -> None:
    data = Data(name, inputs, outputs, size=size, seed=seed)
    assert data.inputs.shape == (size, inputs)
    assert data.targets.shape == (size, outputs)
    assert data.labels.shape == (size,)
    assert 0 <= data.labels.min() <= data.labels.max() < max(outputs, 2)
    assert data.inputs.dtype == data.targets.dtype == np.float64
    assert data.labels.dtype == np.int64


@pytest.mark.parametrize("name", PLANE)
def test_its_targets_are_its_labels(name: str) -> None:
    data = Data(name, 2, 3)
    np.testing.assert_array_equal(data.targets.argmax(axis=1), data.labels)
    assert data.targets.sum(axis=1).tolist() == [1.0] * 512
    single = Data(name, 2, 1)
    np.testing.assert_array_equal(single.targets[:, 0], single.labels)


@pytest.mark.parametrize("name", DATASETS)
def test_every_class_occurs(name: str) -> None:
    expected = 2 if name == "xor" else 3
    assert len(set(Data(name, 4, 3).labels.tolist())) == expected
    assert set(Data(name, 4, 1).labels.tolist()) == {0, 1}


@pytest.mark.parametrize("name", PLANE)
@pytest.mark.parametrize("inputs", [3, 16])
def test_more_inputs_keep_the_plane_s_shape_and_its_scale(name: str, inputs: int) -> None:
    flat, placed = Data(name, 2, 2).inputs, Data(name, inputs, 2).inputs
    distances = [np.linalg.norm(points[1:] - points[:-1], axis=1) for points in (flat, placed)]
    np.testing.assert_allclose(distances[1], distances[0] * np.sqrt(inputs / 2))
    assert np.mean(placed**2) == pytest.approx(np.mean(flat**2))


def test_exclusive_or_is_about_signs() -> None:
    data = Data("xor", 2, 2, noise=0.0)
    np.testing.assert_array_equal(data.labels, (data.inputs[:, 0] * data.inputs[:, 1] < 0).astype(int))
    assert {tuple(signs) for signs in np.sign(data.inputs).tolist()} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


def test_circles_are_rings_and_spirals_arms() -> None:
    rings = Data("circles", 2, 3, noise=0.0)
    np.testing.assert_allclose(np.hypot(*rings.inputs.T), 2.0 * (rings.labels + 1) / 3)
    arms = Data("spirals", 2, 3, noise=0.0)
    radius, turns = np.hypot(*arms.inputs.T), np.arctan2(arms.inputs[:, 1], arms.inputs[:, 0]) / (2 * np.pi)
    apart = (turns - 0.75 * radius / 2.0 - arms.labels / 3) % 1.0
    assert np.minimum(apart, 1.0 - apart).max() < 1e-12


def test_blobs_are_centred_on_their_means() -> None:
    data = Data("blobs", 2, 4, size=4096)
    for label in range(4):
        points = data.inputs[data.labels == label]
        np.testing.assert_allclose(
            points.mean(axis=0), 2 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])[label], atol=0.1
        )
        assert points.std() > 0.4


def test_a_teacher_s_targets_are_a_function_of_its_inputs_and_its_label_the_largest() -> None:
    data = Data("teacher", 3, 4, noise=0.0)
    np.testing.assert_array_equal(data.targets.argmax(axis=1), data.labels)
    again = Data("teacher", 3, 4, noise=0.5)
    np.testing.assert_array_equal(again.inputs, data.inputs)
    assert (again.targets - data.targets).std() == pytest.approx(0.5, rel=0.1)


@given(names, st.integers(0, 100), st.integers(0, 50))
def test_the_same_number_is_the_same_batch(name: str, seed: int, number: int) -> None:
    first, second = (Data(name, 3, 2, size=20, seed=seed).batch(8, number) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.integers(1, 30), st.integers(0, 5), st.integers(0, 100))
def test_an_epoch_takes_no_point_twice(size: int, epoch: int, seed: int) -> None:
    data = Data("teacher", 1, 1, size=30, seed=seed)
    batches = 30 // size
    taken = [data.batch(size, epoch * batches + place).inputs[:, 0].tolist() for place in range(batches)]
    points = [point for batch in taken for point in batch]
    assert all(len(batch) == size for batch in taken)
    assert len(set(points)) == len(points)
    assert set(points) <= set(data.inputs[:, 0].tolist())


def test_each_epoch_has_its_own_order() -> None:
    data = Data("blobs", 2, 2)
    first, second = data.batch(512, 0), data.batch(512, 1)
    assert not np.array_equal(first.inputs, second.inputs)
    np.testing.assert_array_equal(np.sort(first.inputs, axis=0), np.sort(second.inputs, axis=0))


def test_batches_follow_one_another_without_an_end() -> None:
    data = Data("circles", 2, 2, size=10)
    for number, batch in enumerate(islice(data.batches(4), 7)):
        np.testing.assert_array_equal(batch.inputs, data.batch(4, number).inputs)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "moons"}, "name: must be one of spirals, circles, xor, blobs, teacher, got 'moons'"),
        ({"inputs": 0}, "inputs: must be a whole number from 1 to 1024, got 0"),
        ({"outputs": 2.0}, r"outputs: must be a whole number from 1 to 1024, got 2\.0"),
        ({"size": 0}, "size: must be a whole number from 1 to 65536, got 0"),
        ({"noise": -1}, "noise: must be a finite number of at least 0, got -1"),
        ({"seed": -1}, "seed: must be a whole number from 0 to 9007199254740991, got -1"),
    ],
)
def test_a_wrong_value_is_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Data(**{"name": "spirals", "inputs": 2, "outputs": 2, **change})


def test_an_impossible_batch_is_refused() -> None:
    data = Data("spirals", 2, 2, size=10)
    with pytest.raises(ValueError, match=r"^size: must be a whole number from 1 to 10, got 11$"):
        data.batch(11)
    with pytest.raises(ValueError, match=r"^number: must be a whole number from 0 to .*, got -1$"):
        data.batch(5, -1)
