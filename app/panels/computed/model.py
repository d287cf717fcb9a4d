"""A network whose gradients the figure shows, and its training. It knows neither page nor panel. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from ...figure.shading import Decades, Domain, to_domain
from ...figure.work import finished, share_of
from ...network.config import LOG, NetworkConfig, check, is_same_run
from ...network.pieces import step_cost, weight_count
from ...network.training import NextStep, Shares, StepSnapshot, Training
from ...view.snapshot import Snapshot
from .decades import Reach, SteadyAxis, TrainingReach, common_reach, reach_of
from .former_network import FormerNetwork, former_after

MAX_OPERATIONS_AT_ONCE: Final = 100_000_000  # for a change: 40 to 60 ms in the page
MAX_STEP_OPERATIONS_AT_ONCE: Final = 50_000_000  # for a training step, which shares a frame with the display
OTHER_PARAMETER: Final = "parameter"
SAME_DRAG: Final = "drag"  # goes on with the last change, while a slider is dragged
NEW_NETWORK: Final = "new"  # has nothing to do with the one before
RESET_TRAINING: Final = "reset"


class Background(Protocol):
    """The place for work that is too long to be done at once. It does one work at a time."""

    def start(self, work: Shares[None], text: str) -> None:
        """Do this work instead of the present one. `text` names it."""

    def cancel(self) -> None:
        """Give up the present work, if there is one."""


class AtOnce:
    """A background that does all work at once, for programs that nobody waits for."""

    def start(self, work: Shares[None], _text: str) -> None:
        """Do the work."""
        finished(work)

    def cancel(self) -> None:
        """Do nothing: no work is left."""


class WantedNetwork(NamedTuple):
    """A network that is shown, or will be when it is computed."""

    layers: tuple[int, ...]
    config: NetworkConfig


class ComputedModel:
    """A network, perhaps a second one beside it, and the step in view.

    `changed` is called after each change except those by `compute`. A change that takes long is made in the
    `background`, and nothing changes before its end. Raises ValueError if the network is impossible.
    """

    def __init__(
        self,
        layers: tuple[int, ...],
        config: NetworkConfig,
        changed: Callable[[], object],
        background: Background | None = None,
    ) -> None:
        self._prepare(layers, config, changed, background)
        finished(self._computing(layers, config))

    @classmethod
    def starting(
        cls, layers: tuple[int, ...], config: NetworkConfig, changed: Callable[[], object], background: Background
    ) -> Shares[ComputedModel]:
        """Make a model in pieces. Raises ValueError before the first one if the network is impossible."""
        model = cls.__new__(cls)
        model._prepare(layers, config, changed, background)
        yield from model._computing(layers, config)
        return model

    def _prepare(
        self,
        layers: tuple[int, ...],
        config: NetworkConfig,
        changed: Callable[[], object],
        background: Background | None,
    ) -> None:
        self._changed, self._background = changed, background or AtOnce()
        self._shown_network: WantedNetwork | None = None
        self._series: list[TrainingReach] = []
        self._axis = SteadyAxis()
        self._former: FormerNetwork | None = None
        self._wanted = WantedNetwork(layers, config)

    @property
    def config(self) -> NetworkConfig:
        """The configuration of the network."""
        return self._present.config

    @property
    def layers(self) -> tuple[int, ...]:
        """The architecture."""
        return self._present.layers

    @property
    def wanted(self) -> WantedNetwork:
        """The network that will be shown when it is computed; the present one if none is being computed."""
        return self._wanted

    @property
    def _present(self) -> WantedNetwork:
        return self._shown_network or self._wanted

    @property
    def snapshot(self) -> Snapshot:
        """The data that the figure shows."""
        return self._snapshot

    @property
    def decades(self) -> Decades | None:
        """The decades of figure, bars and map; None without a magnitude."""
        return self._axis.decades

    @property
    def bars_domain(self) -> Domain | None:
        """The domain of the bars' axis."""
        return self.snapshot.domain if self.config.scale == LOG else self._axis.span

    @property
    def is_axis_wide(self) -> bool:
        """True if the axis is wider than what is shown needs."""
        return self._axis.is_wide(log=self.config.scale == LOG)

    @property
    def former(self) -> FormerNetwork | None:
        """The network before the last change of a parameter."""
        return self._former

    @property
    def run(self) -> Training:
        """The network in view, with its steps."""
        return self._run

    @property
    def other(self) -> Training | None:
        """The network it is compared with, at the same step."""
        return self._other

    @property
    def step(self) -> int:
        """The step in view; 0 is the untrained network."""
        return self._step

    @property
    def shown(self) -> StepSnapshot:
        """All numbers of the step in view."""
        return self._shown

    @property
    def shown_beside(self) -> StepSnapshot | None:
        """All numbers of the network that it is compared with."""
        return self._beside

    @property
    def is_large(self) -> bool:
        """True if a training step takes too long to be made at once."""
        cost = step_cost(self.layers, self.config.batch) * (2 if self._other else 1)
        return cost > MAX_STEP_OPERATIONS_AT_ONCE

    def compute(self, layers: tuple[int, ...], config: NetworkConfig) -> None:
        """Compute another network, or another view of this one. Raises ValueError before anything has changed.

        The training is kept if it is valid for the new configuration. A large network is computed in the background,
        and `changed` is called at its end.
        """
        self._begin(WantedNetwork(layers, config), lambda: None)

    def change(self, layers: tuple[int, ...], config: NetworkConfig, kind: str = OTHER_PARAMETER) -> None:
        """Compute another network and show it. Raises ValueError before anything has changed."""
        self._begin(WantedNetwork(layers, config), self._changed, kind)

    def compare(self) -> None:
        """Show the former network beside this one, both untrained; or no network beside it any more."""
        against = self._former.config if self._former and self.config.against is None else None
        self.change(self.layers, replace(self.config, against=against))

    def reset(self) -> None:
        """Return to the untrained network, without its steps."""
        self._begin(self._wanted, self._changed, RESET_TRAINING)

    def fit_axis(self) -> None:
        """Shrink the axis to what is shown."""
        self._axis.fit()
        self._show_snapshot()
        self._changed()

    def begin_anew(self) -> None:
        """Forget the former network, and let the axis start anew."""
        self._former = None
        self._axis.begin()
        self._read_step()

    def _begin(self, wanted: WantedNetwork, then: Callable[[], object], kind: str = OTHER_PARAMETER) -> None:
        """Compute a network at once or in the background."""
        work = self._computing(*wanted, kind)
        if (kind != RESET_TRAINING and self._is_same_training(*wanted)) or not takes_long(*wanted):
            finished(work)
            self._background.cancel()
            then()
            return
        next(work)  # raises ValueError
        self._wanted = wanted
        self._background.start(self._telling(work), f"Computing a network of {weight_count(wanted.layers):,} weights")

    def _telling(self, work: Shares[None]) -> Shares[None]:
        yield from work
        self._changed()

    def give_up(self) -> None:
        """Keep the network that is shown, because the wanted one is not computed any more."""
        if self._wanted != self._present:
            self._wanted = self._present
            self._changed()

    def _computing(self, layers: tuple[int, ...], config: NetworkConfig, kind: str = OTHER_PARAMETER) -> Shares[None]:
        former = self._former_after(layers, config, kind)
        if kind == RESET_TRAINING or not self._is_same_training(layers, config):
            self._run, self._other = yield from _starting(layers, config)
            self._step = 0
        elif config.against is None:
            self._other = None
        self._shown_network = self._wanted = WantedNetwork(layers, config)
        self._former = former
        if kind in (RESET_TRAINING, NEW_NETWORK):
            self._axis.begin()
        self._read_step()

    def _former_after(self, layers: tuple[int, ...], config: NetworkConfig, kind: str) -> FormerNetwork | None:
        if kind == NEW_NETWORK or self._shown_network is None or layers != self.layers:
            return None
        if kind == SAME_DRAG and self._former is not None:
            return self._former
        return former_after(self.config, config, self.shown.gradients, self._former)

    def _is_same_training(self, layers: tuple[int, ...], config: NetworkConfig) -> bool:
        if self._shown_network is None:
            return False
        same = layers == self.layers and is_same_run(self.config, config)
        before, against = self.config.against, config.against
        return same and (against is None or (before is not None and is_same_run(before, against)))

    def advance(self) -> None:
        """Train both networks by one step. `look_at` shows it."""
        finished(self.advancing())

    def advancing(self) -> Shares[None]:
        """Do the same in pieces. Nothing changes before the end."""
        trainings = [self._run, *([self._other] if self._other else [])]
        steps: list[NextStep] = []
        for training in trainings:
            step = yield from share_of(training.stepping(), len(steps) / len(trainings), 1 / len(trainings))
            steps.append(step)
        for training, step in zip(trainings, steps, strict=True):
            training.keep(step)

    def look_at(self, step: int) -> None:
        """Show the network at a step that it has made."""
        self._step = step
        self._read_step()
        self._changed()

    def _read_step(self) -> None:
        """Read the numbers of the step in view, once for all that show them."""
        self._shown = self._run.shown(self._step, self.config)
        self._beside = self._other.shown(self._step, self.config.against) if self._other else None
        config = self.config
        self._axis.show((self.layers, config.data, config.measure, config.is_relative), self._needed())
        self._show_snapshot()

    def _show_snapshot(self) -> None:
        shown, decades = self._shown, self.decades
        self._snapshot = Snapshot(
            self.layers,
            shown.gradients,
            shown.label,
            activations=shown.activations if self.config.forward else None,
            source="computed",
            domain=None if decades is None else to_domain(decades),
        )

    def _needed(self) -> Reach:
        """The reach of all steps so far, or of the step in view if the series is not kept, and of the ghost."""
        measure, relative = self.config.measure, self.config.is_relative
        trainings = [self._run, *([self._other] if self._other else [])]
        ghost = reach_of((self._former and self._former.magnitudes) or ())
        if not all(training.keeps(measure) for training in trainings):
            sides = [self._shown, *([self._beside] if self._beside else [])]
            return common_reach(ghost, *(reach_of(side.gradients) for side in sides))
        wanted = [(training, measure, relative) for training in trainings]
        if [each.of for each in self._series] != wanted:
            self._series = [TrainingReach(training, measure, relative=relative) for training in trainings]
        return common_reach(ghost, *(each.read() for each in self._series))


def takes_long(layers: tuple[int, ...], config: NetworkConfig) -> bool:
    """Return True if a network is too large to be drawn and looked at at once."""
    others = 0 if config.against is None else config.against.start_cost(layers)
    return config.start_cost(layers) + others > MAX_OPERATIONS_AT_ONCE


def _starting(layers: tuple[int, ...], config: NetworkConfig) -> Shares[tuple[Training, Training | None]]:
    if config.against is None:
        run = yield from Training.starting(layers, config)
        return run, None
    check(config.against, layers)  # before the first piece
    run = yield from share_of(Training.starting(layers, config), 0.0, 0.5)
    other = yield from share_of(Training.starting(layers, config.against), 0.5, 0.5)
    return run, other
