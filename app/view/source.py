"""The protocol of all sources of magnitudes, and the protocol of the page for a source. For type checkers only.

The chosen source is open. It publishes snapshots to its host, and the host informs its subscribers. A closed source is
kept, and opening it again shows it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from .settings import Settings
from .shown import Shown
from .snapshot import Snapshot, SourceRequest, State


class Host(Protocol):
    """The page, as a source sees it."""

    @property
    def state(self) -> State:
        """The page's settings and the snapshot that it shows."""

    @property
    def is_embedded(self) -> bool:
        """True in a frame, which shows only the figure."""

    def publish(
        self, snapshot: Snapshot | None, *, layers: tuple[int, ...] | None = None, layer: int | None = None
    ) -> None:
        """Show a snapshot, or nothing for None. `layers` and `layer` become the page's architecture and cursor."""

    def pause_at(self, cursor: int) -> None:
        """Move the wave to a cursor and pause it there."""

    def notice(self, sentences: Sequence[str]) -> None:
        """Show sentences at the top of the window."""

    def subscribe(self, callback: Callable[[State, State], None]) -> Callable[[], None]:
        """Call `callback` after each change with the states before and after it. Returns a function that ends this."""


class Source(Protocol):
    """A source of magnitudes."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The current snapshot; None while the source is closed or has nothing to show."""

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Show the source if it isn't shown yet, and fulfil the request. Raises ValueError if it can't."""

    def follow(self, settings: Settings) -> None:
        """Adopt changed settings. Raises ValueError, and then nothing has changed."""

    def program(self, view: Settings) -> str | None:
        """A Python program that makes the view again; None if it must contain the magnitudes themselves."""

    def command(self) -> list[str] | None:
        """The command line's options that make the magnitudes again; None if it must contain them."""

    def address(self) -> list[tuple[str, str]]:
        """The address parameters that restore the source; empty if no address can."""

    def described(self) -> Mapping[str, object] | None:
        """The fields of a computed network, for an export; None if nothing is computed."""

    def verdict(self) -> str:
        """The sentence about the step in view; empty if the magnitudes can't be judged."""

    def shown(self, view: Settings) -> Shown | None:
        """The content that it shows around the figure, for a sheet; None if there is none."""

    def close(self) -> None:
        """Stop and remove everything from the page. The results are kept."""
