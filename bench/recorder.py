"""The cost of recording per training step: a perceptron of 10 million parameters on the CPU, with and without it.

    python -m bench.recorder [--steps 60] [--batch 64]

Steps with and without the recorder alternate, so that a slowdown of the machine affects both. The figures are medians
of the clock, and of processor time over all threads, which other work on the machine disturbs least. Needs PyTorch
(requirements/tools.txt).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from gradient_flow_recorder import TorchRecorder

WIDTHS = (784, 1800, 1800, 1800, 1100, 10)  # 10.0 million parameters


Times = tuple[float, float]  # processor and clock, in seconds


def step(model: Any, optimizer: Any, criterion: Any, batch: tuple[Any, Any], recorder: TorchRecorder | None) -> Times:
    """Make one training step, with the recorder if there is one; return its times."""
    start, began = time.process_time(), time.perf_counter()
    optimizer.zero_grad()
    loss = criterion(model(batch[0]), batch[1])
    loss.backward()
    optimizer.step()
    if recorder:
        recorder.step(loss)
    return time.process_time() - start, time.perf_counter() - began


def measure(steps: int, size: int) -> tuple[list[Times], list[Times], int]:
    """Return the times of steps without and with the recorder, and the number of parameters."""
    import torch  # noqa: PLC0415  # only a measurement needs it
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(0)
    layers = [part for pair in pairwise(WIDTHS) for part in (nn.Linear(*pair), nn.ReLU())][:-1]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    batch = torch.randn(size, WIDTHS[0]), torch.randint(0, WIDTHS[-1], (size,))
    plain, recorded = [], []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(steps):
            if turn % 2:
                with TorchRecorder(Path(folder) / "run.jsonl", model, first=turn) as recorder:
                    recorded.append(step(model, optimizer, nn.functional.cross_entropy, batch, recorder))
            else:
                plain.append(step(model, optimizer, nn.functional.cross_entropy, batch, None))
    return plain, recorded, sum(parameter.numel() for parameter in model.parameters())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args()
    plain, recorded, count = measure(options.steps, options.batch)
    print(f"{count / 1e6:.1f} million parameters, batch of {options.batch}, Adam, {options.steps} steps")
    for name, which in (("processor", 0), ("clock", 1)):
        without, with_ = (statistics.median(time[which] for time in times[3:]) * 1000 for times in (plain, recorded))
        more = 100 * (with_ / without - 1)
        print(f"{name:10s}without {without:6.1f} ms, with {with_:6.1f} ms a step: {more:+.1f} % (at most 5 %)")


if __name__ == "__main__":
    main()
