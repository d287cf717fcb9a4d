"""The source Computed: a network of the page's architecture, with a panel that explains and trains it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...browser.time_slicing import Cancelled
from ...figure import wave
from ...network.config import NetworkConfig, check, read_computed
from ...network.options import command_words
from ...network.pieces import weight_count
from ...view.settings import LEARN_PARAMETERS, Settings, read_address
from ...view.shown import Shown
from ...view.snapshot import Snapshot, SourceRequest, State
from ...view.snippets import write_motion_props
from ..learn.panel import LearnPanel
from .background import NO_MEMORY, SlicedBackground
from .learning import ComputedLearner, QuickControls
from .markup import judged_text, verdict_text
from .model import ComputedModel, takes_long
from .panel import ComputedPanel
from .python_source import write_program
from .shown import shown_network

if TYPE_CHECKING:
    from ...view.source import Host, Source


class ComputedSource:
    """Keeps one model, so that configuration, training and step remain while another source is chosen."""

    def __init__(self) -> None:
        self._model: ComputedModel | None = None
        self._host: Host | None = None  # while it is open
        self._opening: object = None  # the last call of `open`, until `close`
        self._asked: Mapping[str, str] = {}  # the parameters of the last request
        self._panel: ComputedPanel | None = None
        self._learn: LearnPanel | None = None
        self._controls: QuickControls | None = None
        self._background = SlicedBackground(self._give_up, self._fail)
        self._config: NetworkConfig | None = None  # of the first network, which may be given up and asked for again
        self._first: NetworkConfig | None = None  # of the first network, while it is computed
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def snapshot(self) -> Snapshot | None:
        """The data shown; None while the source is closed."""
        return self._model.snapshot if self._model and self._host else None

    async def open(self, host: Host, request: SourceRequest) -> None:
        """Show the network for the page's architecture, and then the panel: the picture comes first.

        Raises ValueError if a network of these layers is impossible.
        """
        self._asked = request.parameters
        if self._host is not None:
            self._show_requested(host, request)
            return
        self._host, opening = host, object()
        self._opening = opening
        try:
            await self._compute(host, request)
        except ValueError:
            if self._opening is not opening:
                return  # it was closed meanwhile
            self._host = self._opening = None
            raise
        if self._opening is not opening:
            return
        self._publish(request.cursor)
        await asyncio.sleep(0)
        if self._model and self._host is host and not self._panel and not host.is_embedded:
            self._open_panels(self._model, host)

    def _show_requested(self, host: Host, request: SourceRequest) -> None:
        """Begin the lesson or the questions of a request, or show its network in place of the present one."""
        if self._learn and any(name in request.parameters for name in LEARN_PARAMETERS):
            host.notice(self._learn.open_address(request.parameters))
        elif self._panel and "source" in request.parameters:  # the address of a whole view
            layers = read_address(request.parameters)[0].layers
            config, wrong = read_computed(request.parameters, layers)
            host.notice(wrong)
            self._panel.show_network(layers, config)
            self._publish(request.cursor)

    def _open_panels(self, model: ComputedModel, host: Host) -> None:
        """Show the panel of the network and the learner's, with the lesson or the questions that were asked for."""
        self._panel = ComputedPanel(model, host, self._background)
        learner = ComputedLearner(model, self._panel, host)
        self._learn = LearnPanel(learner, lambda: learner.current_layer)
        self._controls = QuickControls(model, self._panel)
        self._unsubscribe = host.subscribe(self._follow)
        host.notice(self._learn.open_address(self._asked))

    def _follow(self, before: State, now: State) -> None:
        if self._panel:
            self._panel.follow(before, now)
        if self._learn:
            self._learn.follow(before, now)
        if self._controls and now.snapshot is not before.snapshot:
            self._controls.show()

    async def _compute(self, host: Host, request: SourceRequest) -> None:
        """Compute the network for the page's architecture. A large one becomes visible when it is computed."""
        layers = host.state.settings.layers
        if self._model is None:
            if self._config is None:
                self._config, wrong = read_computed(request.parameters, layers)
                host.notice(wrong)
            await self._compute_first(host, self._config, self._opening)
        elif "source" in request.parameters:  # the address of a whole view
            config, wrong = read_computed(request.parameters, layers)
            host.notice(wrong)
            self._model.compute(layers, config)
        elif layers != self._model.layers:
            self._model.compute(layers, self._model.config)

    async def _compute_first(self, host: Host, config: NetworkConfig, opening: object) -> None:
        """Compute the first network. Another architecture begins it anew, and another source ends it."""
        while self._model is None and self._opening is opening:
            layers = host.state.settings.layers
            self._first = config
            try:
                self._model = await self._made(layers, config)
            except Cancelled:
                if self._opening is opening and host.state.settings.layers == layers:
                    raise ValueError("The computation was cancelled.") from None
            except MemoryError:
                raise ValueError(NO_MEMORY) from None
            finally:
                if self._opening is opening:
                    self._first = None

    async def _made(self, layers: tuple[int, ...], config: NetworkConfig) -> ComputedModel:
        if not takes_long(layers, config):
            return ComputedModel(layers, config, self._publish, self._background)
        work = ComputedModel.starting(layers, config, self._publish, self._background)
        return await self._background.run(work, f"Computing a network of {weight_count(layers):,} weights")

    def _give_up(self) -> None:
        """Keep what is shown: the visitor has cancelled a computation."""
        if self._panel:
            self._panel.pause()
        if self._model:
            self._model.give_up()

    def _fail(self, reason: str) -> None:
        self._give_up()
        if self._host:
            self._host.notice([reason])

    def _publish(self, cursor: int | None = None) -> None:
        if self._model and self._host:
            self._host.publish(self._model.snapshot, layers=self._model.wanted.layers, layer=cursor)

    def follow(self, settings: Settings) -> None:
        """Compute another architecture. Raises ValueError before anything has changed."""
        if self._first:
            check(self._first, settings.layers)
            self._background.cancel()
        elif self._model and settings.layers != self._model.wanted.layers:
            self._model.compute(settings.layers, self._model.wanted.config)

    def program(self, view: Settings) -> str | None:
        """Return a program that computes the network."""
        return write_program(view.layers, self._model.config, write_motion_props(view)) if self._model else None

    def command(self) -> list[str] | None:
        """Return the command-line options that compute the network."""
        return command_words(self._model.config) if self._model else None

    def address(self) -> list[tuple[str, str]]:
        """Return the address parameters that compute the network."""
        if not self._model:
            return []
        return [*self._model.wanted.config.address(), *(self._learn.address() if self._learn else ())]

    def described(self) -> Mapping[str, object] | None:
        """Return all fields of the network."""
        return self._model.config.described() if self._model else None

    def verdict(self) -> str:
        """Return the verdict on the step in view."""
        model = self._model
        return f"{verdict_text(model.shown, model.shown_beside)} {judged_text(model.shown)}" if model else ""

    def shown(self, view: Settings) -> Shown | None:
        """Return the content around the figure."""
        if not self._model:
            return None
        layer = wave.layer_at(view.layer, len(self._model.layers))
        shown = shown_network(self._model, layer)
        learn = self._learn
        return shown._replace(lesson=learn.lesson_text, is_hidden=learn.awaits_guess) if learn else shown

    def close(self) -> None:
        """Stop training, and remove the panel from the page."""
        self._host = self._opening = self._first = None
        self._background.cancel()
        if self._model:
            self._model.give_up()
            self._model.begin_anew()
        self._unsubscribe()
        parts: tuple[QuickControls | LearnPanel | ComputedPanel | None, ...]
        parts = self._controls, self._learn, self._panel
        for part in parts:
            if part is not None:
                part.destroy()
        self._controls = self._learn = self._panel = None


if TYPE_CHECKING:
    _has_the_shape: Source = ComputedSource()
