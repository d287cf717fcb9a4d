"""Recordings of two processes against those of one that has the whole batch."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gradient_flow_recorder import TorchRecorder

from tools.runtime import ROOT

pytest.importorskip("torch", reason="needs requirements/tools.txt")
pytestmark = pytest.mark.xdist_group("tools")
TIMEOUT_S = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which two processes have recorded all cases."""
    folder = tmp_path_factory.mktemp("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    path = os.pathsep.join([str(ROOT / "recorder"), str(ROOT)])
    code = [sys.executable, "-m", "tests.support.distributed_recording", str(folder)]
    children = [
        subprocess.Popen(
            code,
            cwd=ROOT,
            env={**os.environ, **shared, "RANK": str(rank), "PYTHONPATH": path},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        errors = [child.communicate(timeout=TIMEOUT_S)[1] for child in children]
    finally:
        for child in children:
            child.kill()
    assert [child.returncode for child in children] == [0, 0], "\n".join(errors)
    return folder


def records(path: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in path.read_text().splitlines() if "gradient_flow" not in line]
    return [{name.replace("/module.", "/"): value for name, value in record.items()} for record in found]


def truth(folder: Path, *, is_mixed: bool = False) -> list[dict[str, Any]]:
    """The records of one process. That they are right is held against PyTorch's own norms in test_torch_recorder."""
    from tests.support.distributed_recording import Network, train, whole  # noqa: PLC0415  # needs PyTorch

    model, path = Network(), folder / f"one process {is_mixed}.jsonl"
    path.unlink(missing_ok=True)
    with TorchRecorder(path, model) as recorder:
        train(model, recorder, whole, is_mixed=is_mixed)
    return records(path)


def assert_alike(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert [set(record) for record in found] == [set(record) for record in expected]
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, rel=1e-6)


@pytest.mark.parametrize("case", ["ddp", "fsdp"])
def test_ranks_with_parts_of_a_batch_record_what_one_process_records(case: str, folder: Path) -> None:
    assert_alike(records(folder / f"{case}.jsonl"), truth(folder))


def test_ranks_with_parts_of_the_layers_record_what_one_process_records(folder: Path) -> None:
    assert_alike(records(folder / "tensor_parallel.jsonl"), truth(folder, is_mixed=True))


def test_ranks_with_parts_of_the_layers_know_the_sizes_of_the_whole(folder: Path) -> None:
    """By these each rank decides which steps to record, and all must decide alike."""
    ranks = [json.loads((folder / f"fsdp {rank}.json").read_text()) for rank in range(2)]
    first = json.loads((folder / "ddp.jsonl").read_text().partition("\n")[0])
    assert ranks == [{name.removeprefix("module."): size for name, size in first["sizes"].items()}] * 2


def test_checkpointed_gradients_are_read_after_they_were_reduced(folder: Path) -> None:
    expected = [
        {name: value for name, value in record.items() if not name.startswith("zeros")} for record in truth(folder)
    ]
    found = records(folder / "ddp_checkpointed.jsonl")
    assert_alike(
        [{name: record[name] for name in record if not name.startswith("zeros")} for record in found], expected
    )


@pytest.mark.parametrize("case", ["one_rank", "unlike"])
def test_a_rank_that_records_alone_waits_for_nobody_and_says_what_it_lacks(case: str, folder: Path) -> None:
    expected = [
        {name: value for name, value in record.items() if not name.startswith(("output_grad_norm", "zeros", "loss"))}
        for record in truth(folder)
    ]
    found = [{name: record[name] for name in record if name != "loss"} for record in records(folder / f"{case}.jsonl")]
    assert_alike(found, expected)
    said = (folder / f"{case}.txt").read_text()
    assert said.startswith("Not every rank has a recorder of this model with this path, `every` and `first`")


def test_of_flattened_parameters_nothing_is_recorded_and_said_once(folder: Path) -> None:
    assert records(folder / "fsdp1.jsonl") == []
    said = [(folder / f"fsdp1 {rank}.txt").read_text() for rank in range(2)]
    assert [text.count("FSDP1 flattens parameters") for text in said] == [1, 1]
