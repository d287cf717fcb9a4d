"""A network whose gradients the figure shows, and its training. It knows neither page nor panel. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ...network.config import NetworkConfig, is_same_run
from ...network.training import StepSnapshot, Training
from ...view.snapshot import Snapshot


class ComputedModel:
    """A network, perhaps a second one beside it, and the step in view.

    `changed` is called after each change except those by `compute`. Raises ValueError if the network is impossible.
    """

    def __init__(self, layers: tuple[int, ...], config: NetworkConfig, changed: Callable[[], object]) -> None:
        self._layers, self._config, self._changed = layers, config, changed
        self._run, self._other = _trainings(layers, config)
        self._step = 0
        self._read_step()

    @property
    def config(self) -> NetworkConfig:
        """The configuration of the network."""
        return self._config

    @property
    def layers(self) -> tuple[int, ...]:
        """The architecture."""
        return self._layers

    @property
    def snapshot(self) -> Snapshot:
        """The data that the figure shows."""
        return self._snapshot

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

    def compute(self, layers: tuple[int, ...], config: NetworkConfig) -> None:
        """Compute another network, or another view of this one. Raises ValueError before anything has changed.

        The training is kept if it is valid for the new configuration.
        """
        if not self._is_same_training(layers, config):
            self._run, self._other = _trainings(layers, config)
            self._step = 0
        elif config.against is None:
            self._other = None
        self._layers, self._config = layers, config
        self._read_step()

    def _is_same_training(self, layers: tuple[int, ...], config: NetworkConfig) -> bool:
        same = layers == self._layers and is_same_run(self._config, config)
        before, against = self._config.against, config.against
        return same and (against is None or (before is not None and is_same_run(before, against)))

    def change(self, layers: tuple[int, ...], config: NetworkConfig) -> None:
        """Compute another network and show it. Raises ValueError before anything has changed."""
        self.compute(layers, config)
        self._changed()

    def advance(self) -> None:
        """Train both networks by one step. `look_at` shows it."""
        self._run.advance()
        if self._other:
            self._other.advance()

    def look_at(self, step: int) -> None:
        """Show the network at a step that it has made."""
        self._step = step
        self._read_step()
        self._changed()

    def reset(self) -> None:
        """Return to the untrained network, without its steps."""
        self._run, self._other = _trainings(self._layers, self._config)
        self.look_at(0)

    def _read_step(self) -> None:
        """Read the numbers of the step in view, once for all that show them."""
        shown = self._shown = self._run.shown(self._step, self._config)
        self._beside = self._other.shown(self._step, self._config.against) if self._other else None
        activations = shown.activations if self._config.forward else None
        self._snapshot = Snapshot(
            self._layers, shown.gradients, shown.label, activations=activations, source="computed"
        )


def _trainings(layers: tuple[int, ...], config: NetworkConfig) -> tuple[Training, Training | None]:
    return Training(layers, config), None if config.against is None else Training(layers, config.against)
