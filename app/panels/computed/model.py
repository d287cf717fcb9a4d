"""A network whose gradients the figure shows, and its training. It knows neither page nor panel. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ...network.config import NetworkConfig, is_same_run
from ...network.training import StepSnapshot, Training
from ...view.snapshot import Snapshot


class ComputedModel:
    """A network, perhaps a second one beside it, and the step in view.

    `changed` is called after each change but `compute`'s. Raises ValueError where there can be no such network.
    """

    def __init__(self, layers: tuple[int, ...], config: NetworkConfig, changed: Callable[[], object]) -> None:
        self._layers, self._config, self._changed = layers, config, changed
        self._run, self._other = _trainings(layers, config)
        self._step = 0
        self._take()

    @property
    def config(self) -> NetworkConfig:
        """What is computed."""
        return self._config

    @property
    def layers(self) -> tuple[int, ...]:
        """The architecture."""
        return self._layers

    @property
    def snapshot(self) -> Snapshot:
        """What the figure shows of it."""
        return self._snapshot

    @property
    def run(self) -> Training:
        """The network in view, with its steps."""
        return self._run

    @property
    def other(self) -> Training | None:
        """The network it is compared with, as many steps on."""
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
        """The same of the network that it is compared with."""
        return self._beside

    def compute(self, layers: tuple[int, ...], config: NetworkConfig) -> None:
        """Another network, or another view of this one. Raises ValueError, and then nothing has changed.

        What was trained is kept where it holds for the new configuration as well.
        """
        if not self._goes_on(layers, config):
            self._run, self._other = _trainings(layers, config)
            self._step = 0
        elif config.against is None:
            self._other = None
        self._layers, self._config = layers, config
        self._take()

    def _goes_on(self, layers: tuple[int, ...], config: NetworkConfig) -> bool:
        same = layers == self._layers and is_same_run(self._config, config)
        before, against = self._config.against, config.against
        return same and (against is None or (before is not None and is_same_run(before, against)))

    def change(self, layers: tuple[int, ...], config: NetworkConfig) -> None:
        """Compute another network, and show it. Raises ValueError, and then nothing has changed."""
        self.compute(layers, config)
        self._changed()

    def advance(self) -> None:
        """One step of training, of both networks where there are two. Shown when `look_at` is called."""
        self._run.advance()
        if self._other:
            self._other.advance()

    def look_at(self, step: int) -> None:
        """Show the network at a step that it has taken."""
        self._step = step
        self._take()
        self._changed()

    def reset(self) -> None:
        """Go back to the untrained network, which forgets its steps."""
        self._run, self._other = _trainings(self._layers, self._config)
        self.look_at(0)

    def _take(self) -> None:
        """Take the numbers of the step in view, once for all who show them."""
        shown = self._shown = self._run.shown(self._step, self._config)
        self._beside = self._other.shown(self._step, self._config.against) if self._other else None
        activations = shown.activations if self._config.forward else None
        self._snapshot = Snapshot(
            self._layers, shown.gradients, shown.label, activations=activations, source="computed"
        )


def _trainings(layers: tuple[int, ...], config: NetworkConfig) -> tuple[Training, Training | None]:
    return Training(layers, config), None if config.against is None else Training(layers, config.against)
