"""The parts of an embedded page that are not the figure: the bars, the verdict, and the link to the page itself."""

from __future__ import annotations

import asyncio
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from js import document, location

from ..browser.elements import by_id, fill, write
from ..browser.handles import Listener, MediaQuery
from ..figure.magnitudes import synthesise
from ..view.settings import SYNTHESISED
from ..view.snapshot import State
from ..view.snippets import write_link
from .controller import Page
from .lazy_bundles import bring

SMALL: Final = "(max-width: 26rem) and (max-height: 12.5rem)"  # a frame for the bars alone; web/embed.css has the same
_ALONE: Final = MappingProxyType(  # the props of bars that stand alone
    {"names": None, "scale": "log", "former": None, "other": None, "other_name": "", "own_name": "now", "bounds": None}
)
NO_VERDICT: Final = "No verdict: these magnitudes were not measured by this page."


class EmbedParts:
    """Shows bars and verdict if the address asks for them. A small frame shows the bars of a network or a run."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._bars: Any = None
        self._task: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._asked = str(getattr(document.documentElement.dataset, "show", "")).split()
        self._small = MediaQuery(SMALL, lambda _is_small: self._bring_bars())
        if "verdict" in self._asked:
            fill("headline", '<p id="verdict" class="verdict"></p>')
        page.subscribe(self._follow)
        self._show_verdict()
        self._bring_bars()

    def _follow(self, before: State, now: State) -> None:
        if now.snapshot is not before.snapshot:
            self._show_verdict()
            self._bring_bars()
        if self._bars:
            self._bars.update(**self._props(now))

    def _show_verdict(self) -> None:
        if "verdict" in self._asked:
            settings, snapshot, _ = self._page.state
            is_coming = settings.source != snapshot.source
            write("verdict", "" if is_coming else self._page.store.source.verdict() or NO_VERDICT)

    @property
    def _has_bars(self) -> bool:
        if self._asked:
            return "bars" in self._asked
        return self._small.matches and self._page.state.snapshot.source != SYNTHESISED

    def _bring_bars(self) -> None:
        if self._has_bars and self._task is None:
            self._task = asyncio.ensure_future(self._make_bars())

    async def _make_bars(self) -> None:
        try:
            await bring("charts")
        except OSError as error:
            self._page.notice([str(error)])
            return
        module = import_module(f"{__package__.rpartition('.')[0]}.charts.bar_chart")
        fill("measured", '<div id="bars"></div>')
        props = self._props(self._page.state)
        self._bars = module.GradientDecayExplorer(by_id("bars"), **props, on_current_layer_change=self._page.pause_at)

    def _props(self, state: State) -> dict[str, Any]:
        settings, snapshot, _ = state
        store, alone = self._page.store, dict(_ALONE)
        around = None if snapshot.source == SYNTHESISED else store.source.shown(store.view)
        if around is not None:
            return {**alone, **around.bars, "current_layer": settings.layer}
        return {
            **alone,
            "layers": snapshot.layers,
            "gradients": snapshot.gradients or synthesise(len(snapshot.layers)),
            "label": snapshot.label,
            "names": snapshot.names,
            "domain": snapshot.domain,
            "current_layer": settings.layer,
        }


class OpenLink:
    """The link that opens the embedded view on a page of its own.

    Its address is written when it is pointed at: messages may change the view with every frame.
    """

    def __init__(self, page: Page) -> None:
        self._page, self._link = page, by_id("open-page")
        self._listeners = [
            Listener(self._link, event, lambda _event: self._write()) for event in ("pointerover", "focus")
        ]
        page.subscribe(self._follow)
        self._write()
        self._link.hidden = False

    def _follow(self, before: State, now: State) -> None:
        if now.snapshot.source != before.snapshot.source:
            self._write()

    def _write(self) -> None:
        store = self._page.store
        self._link.href = write_link(store.view, f"{location.origin}{location.pathname}", store.source.address())
