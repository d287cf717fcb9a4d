"""The shape that all sources of magnitudes have, and what each may ask of the page. For type checkers alone.

A source is open while it is the one that is chosen. It publishes snapshots to its host, and the host tells all who show
something. A source is kept when it is closed, and opened again it is as it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from .settings import Settings
from .snapshot import Snapshot, SourceRequest, State


class Host(Protocol):
    """The page, as a source sees it."""

    @property
    def state(self) -> State:
        """The page's settings, and what it shows."""

    @property
    def is_embedded(self) -> bool:
        """True in a frame, where the figure stands alone."""

    def publish(
        self, snapshot: Snapshot | None, *, layers: tuple[int, ...] | None = None, layer: int | None = None
    ) -> None:
        """Show this; None: there is nothing to show. `layers` and `layer` become the page's architecture and cursor."""

    def pause_at(self, cursor: int) -> None:
        """Move the wave to a cursor, and let it wait there."""

    def notice(self, sentences: Sequence[str]) -> None:
        """Show sentences above the form."""

    def subscribe(self, callback: Callable[[State, State], None]) -> Callable[[], None]:
        """Call back after each change, with the state before and after it, until the function returned is called."""


class Source(Protocol):
    """Where magnitudes come from."""

    @property
    def snapshot(self) -> Snapshot | None:
        """What is shown; None while the source is closed or has nothing to show."""

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Show the source if it isn't shown yet, and do what is requested. Raises ValueError where it can't."""

    def follow(self, settings: Settings) -> None:
        """Take other settings: what they say of the source. Raises ValueError, and then nothing has changed."""

    def program(self, view: Settings) -> str | None:
        """A Python program that makes the view again; None where its magnitudes are to be given."""

    def command(self) -> list[str] | None:
        """The command line's options that make the magnitudes again; None where they are to be given."""

    def address(self) -> list[tuple[str, str]]:
        """The parameters that bring the source back as it is; none where no address can."""

    def described(self) -> Mapping[str, object] | None:
        """The fields of a computed network, for a file of data; None where nothing is computed."""

    def close(self) -> None:
        """Stop, and leave nothing on the page; what was made is kept."""
