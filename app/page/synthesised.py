"""The source of magnitudes that are given, or else synthesised. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..view.settings import Settings
from ..view.snapshot import Snapshot, SourceRequest

if TYPE_CHECKING:
    from ..view.source import Host


class SynthesisedSource:
    """Shows the magnitudes in the settings while there is one for each layer, else the synthesised series.

    It is always open: it stands in where another source has nothing to show yet.
    """

    def __init__(self, settings: Settings) -> None:
        self._snapshot = Snapshot(settings.layers)
        self.follow(settings)

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self._snapshot

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Nothing has to be brought."""

    def follow(self, settings: Settings) -> None:
        """Show these magnitudes, names and label, for this architecture."""
        gradients = settings.gradients
        snapshot = Snapshot(settings.layers, names=settings.names)
        if gradients is not None and len(gradients) == len(settings.layers):
            snapshot = snapshot._replace(gradients=gradients, label=settings.label)
        if snapshot != self._snapshot:
            self._snapshot = snapshot

    def program(self, _view: Settings) -> None:
        """The magnitudes are to be given."""

    def command(self) -> None:
        """The magnitudes are to be given."""

    def address(self) -> list[tuple[str, str]]:
        """The settings say it all."""
        return []

    def described(self) -> None:
        """Nothing is computed."""

    def close(self) -> None:
        """There is nothing to stop."""
