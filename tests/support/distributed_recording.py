"""One of several processes that train the same small network together and record it, in several ways of sharding.

python -m tests.support.distributed_recording FOLDER     with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
import torch.distributed as dist
from gradient_flow_recorder import TorchRecorder
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

STEPS: Final = 2
ROWS: Final = 8  # of a batch, over all processes
IN: Final = 6


class Network(nn.Module):  # type: ignore[misc]  # PyTorch has no types here
    """Three layers, of which the second may be computed again in the backward pass."""

    def __init__(self, *, is_checkpointed: bool = False) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.second, self.last = nn.Linear(IN, 10), nn.Linear(10, 12), nn.Linear(12, 4)
        self.is_checkpointed = is_checkpointed

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs for a batch, shape (N, 4)."""
        hidden = torch.relu(self.first(inputs))
        second = checkpoint(self.second, hidden, use_reentrant=True) if self.is_checkpointed else self.second(hidden)
        return self.last(torch.relu(second))


def batch(step: int) -> torch.Tensor:
    """Return the batch of a step for all processes, shape (ROWS, IN)."""
    return torch.randn(ROWS, IN, generator=torch.Generator().manual_seed(step))


def train(
    model: nn.Module,
    recorder: TorchRecorder | None,
    part: Callable[[torch.Tensor], torch.Tensor],
    *,
    is_mixed: bool = False,
) -> None:
    """Train for some steps on a part of each batch, with clipping unless some parameters are sharded and some not."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = model(part(batch(step))).square().mean()
        loss.backward()
        if not is_mixed:
            nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        optimizer.step()
        if recorder:
            recorder.step(loss)


def mine(inputs: torch.Tensor) -> torch.Tensor:
    """Return this process's rows of a batch."""
    return inputs.chunk(dist.get_world_size())[dist.get_rank()]


def whole(inputs: torch.Tensor) -> torch.Tensor:
    """Return all rows of a batch."""
    return inputs


def ddp(folder: Path) -> None:
    """Replicate the network."""
    model = DistributedDataParallel(Network())
    with TorchRecorder(folder / "ddp.jsonl", model) as recorder:
        train(model, recorder, mine)


def ddp_checkpointed(folder: Path) -> None:
    """Replicate a network of which a part is computed again; the recorder knows it without its wrapper."""
    model = Network(is_checkpointed=True)
    with TorchRecorder(folder / "ddp_checkpointed.jsonl", model) as recorder:
        train(DistributedDataParallel(model), recorder, mine)


def one_rank(folder: Path) -> None:
    """Replicate the network and record on one rank alone, which must not wait for the other."""
    model = DistributedDataParallel(Network())
    with warnings.catch_warnings(record=True) as caught:
        recorder = TorchRecorder(folder / "one_rank.jsonl", model) if dist.get_rank() == 0 else None
        train(model, recorder, mine)
    if recorder:
        recorder.close()
        (folder / "one_rank.txt").write_text("\n".join(str(each.message) for each in caught))


def unlike(folder: Path) -> None:
    """Replicate the network and record other steps on each rank, of which none may wait for the other."""
    model, rank = DistributedDataParallel(Network()), dist.get_rank()
    recorder = TorchRecorder(folder / "unlike.jsonl", model, every=1 + rank)
    with warnings.catch_warnings(record=True) as caught, recorder:
        train(model, recorder, mine)
    if rank == 0:
        (folder / "unlike.txt").write_text("\n".join(str(each.message) for each in caught))


def fsdp1(folder: Path) -> None:
    """Shard flattened parameters, of which nothing can be recorded."""
    model = FullyShardedDataParallel(Network(), device_id=torch.device("cpu"))
    with warnings.catch_warnings(record=True) as caught, TorchRecorder(folder / "fsdp1.jsonl", model) as recorder:
        warnings.simplefilter("always")
        train(model, recorder, mine, is_mixed=True)
    (folder / f"fsdp1 {dist.get_rank()}.txt").write_text("\n".join(str(each.message) for each in caught))


def fsdp(folder: Path) -> None:
    """Shard the parameters over the processes."""
    model: Any = Network()
    for module in (model.first, model.second, model.last, model):
        fully_shard(module)
    with TorchRecorder(folder / "fsdp.jsonl", model) as recorder:
        (folder / f"fsdp {dist.get_rank()}.json").write_text(json.dumps(recorder._facts()["sizes"]))
        train(model, recorder, mine)


def tensor_parallel(folder: Path) -> None:
    """Split two layers by columns and by rows; every process has the whole batch."""
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    plan = {"first": ColwiseParallel(), "second": RowwiseParallel()}
    model = parallelize_module(Network(), mesh, plan)
    with TorchRecorder(folder / "tensor_parallel.jsonl", model) as recorder:
        train(model, recorder, whole, is_mixed=True)


def main() -> None:
    """Train in each of the ways, one after another."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    for case in (ddp, ddp_checkpointed, one_rank, unlike, fsdp, fsdp1, tensor_parallel):
        case(Path(sys.argv[1]))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
