"""The cost of recording per training step, on the CPU: a wide perceptron and a deep one, with and without the recorder.

    python -m bench.recorder [--steps 100] [--batch 64] [--only wide,deep]

Two equal networks are trained in turns, step by step, so that a slowdown of the machine affects both. One is recorded,
in the second half of the steps the other. The figures are means over the steps, of processor time over all threads,
which other work on the machine disturbs least, and of the clock. Some kinds are recorded at about every fiftieth step,
so `--steps` should be a multiple of a hundred. Needs PyTorch (requirements/tools.txt).

On Linux memory that is freed is kept for the next step. Otherwise each step of the wide perceptron fetches 14,000 to
21,000 pages from the system, by chance, which hides what the recorder costs.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from gradient_flow_recorder import TorchRecorder

Times = tuple[float, float]  # processor and clock, in seconds
WIDTHS: Final = {"wide": (784, 2200, 2200, 1500, 10), "deep": (64,) * 301}  # 9.9 million, and 300 layers of 64²
NO: Final = {"outputs": False, "weights": False, "updates": False, "zeros": False}
WAYS: Final[dict[str, dict[str, Any]]] = {
    "as it is by default": {},
    "every tenth step": {"every": 10},
    "each step, gradients alone": NO | {"every": 1},
    "each step, with outputs": NO | {"every": 1, "outputs": True},
    "each step, everything": {"every": 1},
    "each step, everything at each": {"every": 1, "costly_every": 1},
}
MALLOPT: Final = {-1: 2**31 - 1, -4: 0}  # glibc's M_TRIM_THRESHOLD and M_MMAP_MAX: free memory is not given back
WARM_UP_STEPS: Final = 5


def train_step(network: tuple[Any, Any], batch: tuple[Any, Any], recorder: TorchRecorder | None) -> Times:
    """Make one training step, with the recorder if there is one; return its times."""
    from torch.nn.functional import cross_entropy  # noqa: PLC0415  # only a measurement needs it

    model, optimizer = network
    start, began = time.process_time(), time.perf_counter()
    optimizer.zero_grad()
    loss = cross_entropy(model(batch[0]), batch[1])
    loss.backward()
    optimizer.step()
    if recorder:
        recorder.step(loss)
    return time.process_time() - start, time.perf_counter() - began


def build(widths: tuple[int, ...]) -> tuple[Any, Any]:
    """Return a perceptron and its optimizer."""
    import torch  # noqa: PLC0415  # as above

    torch.manual_seed(0)
    layers = [part for pair in pairwise(widths) for part in (torch.nn.Linear(*pair), torch.nn.ReLU())][:-1]
    for layer in layers[::2]:
        torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")  # so that nothing vanishes in 300 layers
    model = torch.nn.Sequential(*layers)
    return model, torch.optim.Adam(model.parameters(), lr=1e-4)


def measure(widths: tuple[int, ...], steps: int, size: int, how: dict[str, Any]) -> tuple[Times, Times]:
    """Return the mean times of a step without and with the recorder."""
    import torch  # noqa: PLC0415  # as above

    batch = torch.randn(size, widths[0]), torch.randint(0, widths[-1], (size,))
    networks = build(widths), build(widths)
    times: tuple[list[Times], list[Times]] = [], []
    for network in networks * WARM_UP_STEPS:
        train_step(network, batch, None)
    with tempfile.TemporaryDirectory() as folder:
        for recorded in networks:
            with TorchRecorder(Path(folder) / "run.jsonl", recorded[0], first=1, **how) as recorder:
                for _ in range(steps // 2):
                    for network in networks:
                        is_recorded = network is recorded
                        times[is_recorded].append(train_step(network, batch, recorder if is_recorded else None))
    return mean_times(times[0]), mean_times(times[1])


def mean_times(times: list[Times]) -> Times:
    """Return the means of the times."""
    return sum(each[0] for each in times) / len(times), sum(each[1] for each in times) / len(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--only", default=",".join(WIDTHS))
    options = parser.parse_args()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # not glibc
        for option, value in MALLOPT.items():
            ctypes.CDLL(None).mallopt(option, value)
    for name in options.only.split(","):
        widths = WIDTHS[name]
        count = sum((one + 1) * other for one, other in pairwise(widths))
        print(f"{name}: {len(widths) - 1} layers, {count / 1e6:.1f} million parameters, batch of {options.batch}, Adam")
        for way, how in WAYS.items():
            (cpu, clock), (cpu_with, clock_with) = measure(widths, options.steps, options.batch, how)
            print(
                f"  {way:34s}processor {cpu * 1e3:6.1f} ms, {100 * (cpu_with / cpu - 1):+5.1f} %;"
                f"  clock {clock * 1e3:6.1f} ms, {100 * (clock_with / clock - 1):+5.1f} %"
            )


if __name__ == "__main__":
    main()
