"""The source Computed: a network of the page's architecture, with a panel that explains and trains it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...network.config import read_computed
from ...network.options import command_words
from ...view.settings import Settings
from ...view.snapshot import Snapshot, SourceRequest
from ...view.snippets import write_motion_props
from .model import ComputedModel
from .panel import ComputedPanel
from .python_source import write_program

if TYPE_CHECKING:
    from ...view.source import Host, Source


class ComputedSource:
    """Keeps one model, so that configuration, training and step remain while another source is chosen."""

    def __init__(self) -> None:
        self._model: ComputedModel | None = None
        self._host: Host | None = None  # while it is open
        self._panel: ComputedPanel | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def snapshot(self) -> Snapshot | None:
        """The data shown; None while the source is closed."""
        return self._model.snapshot if self._model and self._host else None

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Show the network for the page's architecture, and then the panel: the picture comes first.

        Raises ValueError if a network of these layers is impossible.
        """
        if self._host is not None:
            return
        self._compute(host, request)
        self._host = host
        self._publish(request.cursor)
        await asyncio.sleep(0)
        if self._model and self._host is host and not self._panel and not host.is_embedded:
            self._panel = ComputedPanel(self._model, host)
            self._unsubscribe = host.subscribe(self._panel.follow)

    def _compute(self, host: Host, request: SourceRequest) -> None:
        layers = host.state.settings.layers
        if self._model is None:
            config, wrong = read_computed(request.parameters, layers)
            self._model = ComputedModel(layers, config, self._publish)
            host.notice(wrong)
        elif layers != self._model.layers:
            self._model.compute(layers, self._model.config)

    def _publish(self, cursor: int | None = None) -> None:
        if self._model and self._host:
            self._host.publish(self._model.snapshot, layers=self._model.layers, layer=cursor)

    def follow(self, settings: Settings) -> None:
        """Compute another architecture. Raises ValueError before anything has changed."""
        if self._model and settings.layers != self._model.layers:
            self._model.compute(settings.layers, self._model.config)

    def program(self, view: Settings) -> str | None:
        """Return a program that computes the network."""
        return write_program(view.layers, self._model.config, write_motion_props(view)) if self._model else None

    def command(self) -> list[str] | None:
        """Return the command-line options that compute the network."""
        return command_words(self._model.config) if self._model else None

    def address(self) -> list[tuple[str, str]]:
        """Return the address parameters that compute the network."""
        return self._model.config.address() if self._model else []

    def described(self) -> Mapping[str, object] | None:
        """Return all fields of the network."""
        return self._model.config.described() if self._model else None

    def close(self) -> None:
        """Stop training, and remove the panel from the page."""
        self._host = None
        self._unsubscribe()
        if self._panel:
            self._panel.destroy()
            self._panel = None


if TYPE_CHECKING:
    _has_the_shape: Source = ComputedSource()
