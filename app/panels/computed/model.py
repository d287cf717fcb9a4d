"""The laboratory: a real network whose gradients the figure shows, and its training.

Brought and imported when somebody chooses Computed. What is shown follows from the page's settings, of which `computed`
is this one's, and from the step in view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...network.config import NetworkConfig, is_same_run, read_computed
from ...network.training import StepSnapshot, Training


class ComputedModel:
    """Computes for the page, and shows what is computed, until `destroy`.

    `parameters` are the address's; the page is told of those that are wrong. Raises ValueError where there can be no
    network of these layers.
    """

    def __init__(self, page: Any, layers: tuple[int, ...], parameters: Mapping[str, str]) -> None:
        self._page = page
        self._layers = layers
        self._computed, wrong = read_computed(parameters, layers)
        self._run, self._other = self._made(layers, self._computed)
        self._step = 0
        self._view: Any = None  # a LabView
        self._see()
        page.notice(wrong)

    @property
    def computed(self) -> NetworkConfig:
        """What is computed."""
        return self._computed

    @property
    def layers(self) -> tuple[int, ...]:
        """Of which architecture."""
        return self._layers

    @property
    def gradients(self) -> tuple[float | None, ...]:
        """The magnitudes that the figure is to show."""
        return self.shown.gradients

    @property
    def told(self) -> dict[str, Any]:
        """What the figure is to say of them: its props `label` and `activations`."""
        return {"label": self.shown.label, "activations": self.shown.activations if self._computed.forward else None}

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
        """What is shown of it."""
        return self._shown

    @property
    def shown_beside(self) -> StepSnapshot | None:
        """What is shown of the network that it is compared with."""
        return self._beside

    def open(self) -> None:
        """Show all else that explains the figure. Apart from the start, so that the figure itself comes first."""
        from .panel import ComputedPanel  # noqa: PLC0415  # as said

        if self._view is None:
            self._view = ComputedPanel(self)
            self.show()

    def compute(self, layers: tuple[int, ...], computed: NetworkConfig) -> None:
        """Another network, or another view of this one. Raises ValueError, and then nothing has changed."""
        if not self._goes_on(layers, computed):
            self._run, self._other = self._made(layers, computed)
            self._step = 0
        elif computed.against is None:
            self._other = None
        self._layers, self._computed = layers, computed
        self._see()

    def _goes_on(self, layers: tuple[int, ...], computed: NetworkConfig) -> bool:
        """Whether what was trained so far holds for these as well."""
        same = layers == self._layers and is_same_run(self._computed, computed)
        before, against = self._computed.against, computed.against
        return same and (against is None or (before is not None and is_same_run(before, against)))

    def try_out(self, layers: tuple[int, ...], computed: NetworkConfig) -> None:
        """Show the page with these. Raises ValueError, and then nothing has changed."""
        layer = self._page.fitting(layers)
        self._page.use(replace(self._page.settings, layers=layers, computed=computed, layer=layer))

    def show(self) -> None:
        """Show all that there is, but for the figure, which is the page's."""
        if self._view:
            self._view.show()

    def show_layer(self, cursor: int) -> None:
        """The wave has come to another layer."""
        if self._view:
            self._view.show_layer(cursor)

    def go_to_layer(self, cursor: int) -> None:
        """The wave shall go there, and wait."""
        self._page.pause_at(cursor)

    @property
    def cursor(self) -> int:
        """Where the wave is."""
        return int(self._page.settings.layer)

    def advance(self) -> None:
        """One step of training, of both networks where there are two. Shown when `look_at` is called."""
        self._run.advance()
        if self._other:
            self._other.advance()

    def look_at(self, step: int) -> None:
        """Show the network at a step that it has taken."""
        self._step = step
        self._see()
        self._page.show_numbers()
        if self._view:
            self._view.show_step()

    def reset(self) -> None:
        """Back to the untrained network, which forgets its steps."""
        self._run, self._other = self._made(self._layers, self._computed)
        self.look_at(0)

    def destroy(self) -> None:
        """Stop, and leave nothing on the page."""
        if self._view:
            self._view.destroy()

    def _see(self) -> None:
        """Take the numbers of the step in view, once for all who show them."""
        self._shown = self._run.shown(self._step, self._computed)
        self._beside = self._other.shown(self._step, self._computed.against) if self._other else None

    @staticmethod
    def _made(layers: tuple[int, ...], computed: NetworkConfig) -> tuple[Training, Training | None]:
        against = computed.against
        return Training(layers, computed), None if against is None else Training(layers, against)
