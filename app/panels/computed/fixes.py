"""Fixes, single changes that may improve a gradient, and their trial before they are offered. Pure.

A trial computes what a fix leads to: the verdict and the loss at once and after some steps of training, exactly as the
page shows them when the network is trained.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from ...figure.diagnosis import DEAD, EXPLODING, HEALTHY, MAX_WINDOW, NOT_FINITE, UNDECIDED, VANISHING
from ...figure.magnitudes import write_magnitude
from ...figure.work import share_of
from ...network.config import NetworkConfig, applies
from ...network.metrics import JUDGED, diagnose_window
from ...network.pieces import Pieces

Product = TypeVar("Product")

TRIAL_STEPS: Final = 50  # of training
SEVERITIES: Final = {HEALTHY: 0, UNDECIDED: 1, VANISHING: 2, EXPLODING: 2, DEAD: 3, NOT_FINITE: 4}
MIN_LOSS_GAIN: Final = 0.9  # of the loss without a fix: a smaller gain may be chance, for each batch differs
# Times in the page in ms, roughly, as measured in Pyodide on 2026-11-28. A step takes some for each layer, each
# weight of each example, and each value of an activation function. GELU's error function is slow. A look draws the
# weights too.
STEP_MS_A_LAYER: Final = 0.1
MS_A_PRODUCT: Final = 4e-6
MS_A_VALUE: Final = 5e-5
MS_A_GELU: Final = 2e-4
LOOK_MS_A_LAYER: Final = 1.0
MS_A_WEIGHT: Final = 3e-4
MAX_TRIAL_MS: Final = 2_000.0  # for all fixes together


class Fix(NamedTuple):
    """A change that may improve a gradient: `label` is the text of its button, `changes` the fields that it sets."""

    name: str
    label: str
    changes: Mapping[str, Any]

    def change(self, computed: NetworkConfig) -> NetworkConfig:
        """Return the configuration with this fix. A clipping that is there stays."""
        new = {name: value for name, value in self.changes.items() if name != "clip" or computed.clip is None}
        return replace(computed, **new)

    def helps(self, computed: NetworkConfig, layers: Sequence[int]) -> bool:
        """Return True if it changes anything for a network of these layers."""
        return all(applies(name, computed, layers) for name in self.changes) and self.change(computed) != computed


def _fix(name: str, label: str, **changes: Any) -> Fix:
    return Fix(name, label, MappingProxyType(changes))


FIXES: Final = (
    _fix("he", "He initialisation", initialisation="he_normal"),
    _fix("xavier", "Xavier initialisation", initialisation="xavier_normal"),
    _fix("relu", "ReLU", activation="relu"),
    _fix("he_relu", "ReLU and He initialisation", activation="relu", initialisation="he_normal"),
    _fix("leaky_relu", "Leaky ReLU", activation="leaky_relu"),
    _fix("residual", "Residual connections", residual=True),
    _fix("normalisation", "Layer normalisation", normalisation=True),
    _fix("clipping", "Clip gradients to norm 1", clip=1.0),
)


class FixOutcome(NamedTuple):
    """The outcome of a configuration: kind of verdict and loss at once, and after the trial's steps.

    Without steps, `kind_after` and `loss_after` are None. `broken` is the step at which NaN or ∞ occurred, if any.
    """

    kind: str
    loss: float
    kind_after: str | None = None
    loss_after: float | None = None
    broken: int | None = None

    @property
    def severity(self) -> tuple[int, int]:
        """The severity of both verdicts, that after training first."""
        now = SEVERITIES[self.kind]
        return (now if self.kind_after is None else SEVERITIES[self.kind_after]), now

    @property
    def is_healthy(self) -> bool:
        """True if it is healthy at once, and after the steps that were tried."""
        return self.severity == (0, 0)

    @property
    def rank(self) -> tuple[tuple[int, int], float]:
        """The rank among others: a smaller one is better."""
        loss = self.loss if self.loss_after is None else self.loss_after
        return self.severity, loss if math.isfinite(loss) else math.inf

    def improves(self, former: FixOutcome) -> bool:
        """Return True if it is better than another: by its verdicts, or with equal verdicts by its loss."""
        severity, loss = self.rank
        former_severity, former_loss = former.rank
        return severity < former_severity or (severity == former_severity and loss < MIN_LOSS_GAIN * former_loss)

    def __str__(self) -> str:
        """`exploding at once, healthy after 50 steps; loss 0.56 → 0.25`."""
        loss = write_magnitude(self.loss)
        if self.kind_after is None or self.loss_after is None:
            return f"{self.kind} at once; loss {loss}"
        if self.broken is not None:
            return f"{self.kind} at once, not finite from step {self.broken} on; loss {loss} at once"
        losses = f"loss {loss} → {write_magnitude(self.loss_after)}"
        if self.kind_after == self.kind:
            return f"{self.kind} at once and after {TRIAL_STEPS} steps; {losses}"
        return f"{self.kind} at once, {self.kind_after} after {TRIAL_STEPS} steps; {losses}"


class Trial(NamedTuple):
    """The outcome of a network without a fix, and those of the fixes that would change it."""

    former: FixOutcome
    outcomes: Mapping[str, FixOutcome]

    @property
    def is_needed(self) -> bool:
        """True unless the network is healthy as it is."""
        return not self.former.is_healthy

    def offered(self) -> tuple[Fix, ...]:
        """Return the fixes that improve the network, the best first; none if it is healthy."""
        better = [fix for fix in FIXES if fix.name in self.outcomes and self.outcomes[fix.name].improves(self.former)]
        return tuple(sorted(better, key=lambda fix: self.outcomes[fix.name].rank)) if self.is_needed else ()

    def refused(self) -> tuple[Fix, ...]:
        """Return the fixes that were tried and do not improve the network; none if it is healthy."""
        offered = self.offered()
        tried = [fix for fix in FIXES if fix.name in self.outcomes and fix not in offered]
        return tuple(tried) if self.is_needed else ()


def candidates(layers: Sequence[int], config: NetworkConfig) -> tuple[Fix, ...]:
    """Return the fixes that would change a network, each in another way."""
    found = {fix.change(config): fix for fix in reversed(FIXES) if fix.helps(config, layers)}
    return tuple(reversed(found.values()))


def trial_ms(layers: Sequence[int], config: NetworkConfig, steps: int) -> float:
    """Return about how long it takes in the page to try all fixes for some steps, in ms."""
    return sum(_outcome_ms(layers, each, steps) for each in _tried_configs(layers, config))


def _tried_configs(layers: Sequence[int], config: NetworkConfig) -> list[NetworkConfig]:
    return [config, *(fix.change(config) for fix in candidates(layers, config))]


def _outcome_ms(layers: Sequence[int], config: NetworkConfig, steps: int) -> float:
    weights = sum(n * m for n, m in pairwise(layers))
    a_value = MS_A_GELU if config.activation == "gelu" else MS_A_VALUE
    step = STEP_MS_A_LAYER * len(layers) + config.batch * (MS_A_PRODUCT * weights + a_value * sum(layers[1:-1]))
    return LOOK_MS_A_LAYER * len(layers) + MS_A_WEIGHT * weights + (steps + 1) * step


def affordable_steps(layers: Sequence[int], config: NetworkConfig) -> int | None:
    """Return how many steps each fix can be tried for: all of them, 0 for a look alone, None if even that is too long.

    All fixes together may take about two seconds.
    """
    for steps in (TRIAL_STEPS, 0):
        if trial_ms(layers, config, steps) <= MAX_TRIAL_MS:
            return steps
    return None


def trying(layers: Sequence[int], config: NetworkConfig, steps: int) -> Generator[float, None, Trial]:
    """Try all fixes for some steps, or none, in pieces; yield the progress, 0 to 1.

    The network that is compared with is left out.
    """
    alone = replace(config, against=None)
    fixes = candidates(layers, alone)
    share, done = 1.0 / (len(fixes) + 1), 0.0
    former = yield from share_of(_finding_outcome(layers, alone, steps), done, share)
    outcomes: dict[str, FixOutcome] = {}
    for fix in () if former.is_healthy else fixes:
        done += share
        outcomes[fix.name] = yield from share_of(_finding_outcome(layers, fix.change(alone), steps), done, share)
    return Trial(former, outcomes)


def _finding_outcome(layers: Sequence[int], config: NetworkConfig, steps: int) -> Generator[float, None, FixOutcome]:
    """Train a network for some steps. It reads less of each step than `Training`, and finds the same."""
    network, data, optimiser = config.network(layers), config.data_for(layers), config.new_optimiser()
    for _ in data.drawing():
        yield 0.0
    report = yield from _at(network.passing(data.batch(config.batch, 0)), 0.0)
    now = FixOutcome(report.verdict().kind, report.loss)
    recent = deque([report.series(JUDGED)], maxlen=MAX_WINDOW)
    for step in range(1, steps + 1):
        yield from _at(network.applying(report, optimiser), step / steps)
        report = yield from _at(network.passing(data.batch(config.batch, step)), step / steps)
        recent.append(report.series(JUDGED))
        if report.overflow is not None:
            return now._replace(kind_after=NOT_FINITE, loss_after=report.loss, broken=step)
    if not steps:
        return now
    verdict = diagnose_window(report.names, np.stack(recent, axis=1))
    return now._replace(kind_after=verdict.kind, loss_after=report.loss)


def _at(work: Pieces[Product], progress: float) -> Generator[float, None, Product]:
    """Do some work in pieces, and yield the same progress at each pause and at the end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Product = end.value
            break
        yield progress
    yield progress
    return found
