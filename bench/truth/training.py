"""Training of a case: a network on a task, recorded by the product and measured apart from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from gradient_flow_recorder import TorchRecorder

from bench.truth.data import Task, task
from bench.truth.probe import Norms, Probe

WINDOW: Final = 20  # steps at the end by which a run is judged
LOOKS: Final = 5  # at ∂L/∂z in this window
OPTIMISERS: Final[dict[str, Callable[..., Any]]] = {
    "sgd": torch.optim.SGD,
    "momentum": lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, momentum=0.9),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "decay": lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, weight_decay=0.3),
}


@dataclass(frozen=True)
class Case:
    """A network to be trained. `biases` says whether its affine layers have biases that are trained."""

    build: Callable[[], Any]
    task: str = "digits"
    optimiser: str = "sgd"
    rate: float = 0.1
    steps: int = 120
    batch: int = 64
    biases: bool = True
    clip: float = 0.0  # the largest norm of all gradients together; 0: not clipped
    rate_at: tuple[tuple[int, float], ...] = ()  # steps from which another rate holds


class Trained(NamedTuple):
    """The result of a training: its losses, and ‖∂L/∂z‖ along the spine over the window at the end."""

    losses: tuple[float, ...]
    norms: Norms  # the geometric mean of the looks; 0 where all are 0, NaN where one is not finite
    accuracy: float  # over all examples at the end; NaN without classes
    guess: float  # the accuracy of always naming the commonest class; NaN without classes
    chance: float  # the loss of the best prediction that ignores the input
    finite: bool  # weights and losses are finite at the end

    @property
    def last_loss(self) -> float:
        """The mean loss over the window at the end."""
        return float(np.mean(self.losses[-WINDOW:]))

    @property
    def skill(self) -> float:
        """The share of the loss of a constant prediction that the network avoids at the end."""
        return 1.0 - self.last_loss / self.chance if math.isfinite(self.last_loss) else -math.inf

    @property
    def best_skill(self) -> float:
        """The best skill over a window of the training."""
        means = np.convolve(self.losses, np.full(WINDOW, 1 / WINDOW), "valid")
        return 1.0 - float(np.nanmin(means)) / self.chance


def train(case: Case, seed: int, path: Path) -> Trained:
    """Train a case and record it into a file. All random numbers follow from the seed."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model, given = case.build(), task(case.task)
    probe = Probe(case.build())
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = OPTIMISERS[case.optimiser](wanted, lr=case.rate)
    batches = torch.Generator().manual_seed(seed)
    looks: list[Norms] = []
    losses: list[float] = []
    watched = set(range(case.steps - 1, case.steps - WINDOW, -(WINDOW // LOOKS)))
    with TorchRecorder(path, model) as recorder:
        for step in range(case.steps):
            for group in optimiser.param_groups:
                group["lr"] = dict(case.rate_at).get(step, group["lr"])
            chosen = torch.randint(len(given.inputs), (case.batch,), generator=batches)
            batch = given.inputs[chosen], given.targets[chosen]
            if step in watched:
                looks.append(probe.look(model, batch, given.loss))
            optimiser.zero_grad()
            loss = given.loss(model(batch[0]), batch[1])
            loss.backward()
            if case.clip:
                torch.nn.utils.clip_grad_norm_(wanted, case.clip)
            optimiser.step()
            recorder.step(loss)
            losses.append(float(loss.detach()))
    finite = math.isfinite(losses[-1]) and all(bool(each.isfinite().all()) for each in model.parameters())
    share, guess = accuracy(model, given)
    return Trained(tuple(losses), typical(looks), share, guess, given.chance, finite)


def typical(looks: list[Norms]) -> Norms:
    """Return the geometric mean of each place over some looks, without those at which it was 0."""
    if len({len(look) for look in looks}) > 1:
        raise ValueError("looks: must have as many places each, for one network's spine does not change")
    values = np.array(looks)
    found = np.full(values.shape[1], np.nan)
    for place, column in enumerate(values.T):
        if np.isfinite(column).all():
            above = column[column > 0]
            found[place] = np.exp(np.log(above).mean()) if 2 * above.size > column.size else 0.0
    return found


def accuracy(model: Any, given: Task) -> tuple[float, float]:
    """Return the share of right answers over the first thousand examples, and that of always naming one class."""
    if not given.classes:
        return math.nan, math.nan
    model.eval()
    wanted = given.targets[:1000]
    with torch.no_grad():
        right = model(given.inputs[:1000]).argmax(-1) == wanted
    return float(right.float().mean()), float(wanted.flatten().bincount().max() / wanted.numel())
