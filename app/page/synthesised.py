"""The source Synthesised: magnitudes that are given, or else the synthesised series. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..view.settings import Settings
from ..view.snapshot import Snapshot, SourceRequest

if TYPE_CHECKING:
    from ..view.source import Host


class SynthesisedSource:
    """Shows the magnitudes in the settings if there is one per layer, or else the synthesised series.

    It is always open, and stands in for a source that has nothing to show yet.
    """

    def __init__(self, settings: Settings) -> None:
        self._snapshot = Snapshot(settings.layers)
        self.follow(settings)

    @property
    def snapshot(self) -> Snapshot:
        """The current snapshot."""
        return self._snapshot

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Do nothing: it is always open."""

    def follow(self, settings: Settings) -> None:
        """Show the magnitudes, names and label of the settings."""
        gradients = settings.gradients
        snapshot = Snapshot(settings.layers, names=settings.names)
        if gradients is not None and len(gradients) == len(settings.layers):
            snapshot = snapshot._replace(gradients=gradients, label=settings.label)
        if snapshot != self._snapshot:
            self._snapshot = snapshot

    def program(self, _view: Settings) -> None:
        """None: the magnitudes are given."""

    def command(self) -> None:
        """None: the magnitudes are given."""

    def address(self) -> list[tuple[str, str]]:
        """No parameters: the settings contain all."""
        return []

    def described(self) -> None:
        """None: nothing is computed."""

    def verdict(self) -> str:
        """Nothing: what the magnitudes measure is not known."""
        return ""

    def shown(self, _view: Settings) -> None:
        """None: nothing is shown around the figure."""

    def close(self) -> None:
        """Do nothing: it is always open."""
