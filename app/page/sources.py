"""The choice of the source in the form. Computed and Recorded are loaded when they are chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from js import document

from ..browser.elements import by_id, write
from ..browser.handles import Listener
from ..figure.text import end_sentence
from ..view.request import ViewRequest
from ..view.settings import SOURCES, SYNTHESISED
from ..view.snapshot import SourceRequest, State
from .store import Store

if TYPE_CHECKING:
    from ..view.source import Host, Source

PURPOSES: Final = {"computed": "computes", "recorded": "reads training logs"}  # shown while a source is loaded


class Sources:
    """Opens the source that is named in the settings, and closes the one before. Each is made once and kept."""

    def __init__(self, store: Store, host: Host) -> None:
        self._store, self._host = store, host
        self._made: dict[str, Source] = {}
        self._open: Source | None = None
        self._latest: tuple[str, asyncio.Future[None]] | None = None  # the last choice, and its work
        self._tasks: set[asyncio.Future[None]] = set()  # held here: the event loop keeps no reference
        self._listeners = [
            Listener(by_id("source"), "input", lambda event: self.choose(str(event.target.value))),
        ]
        store.subscribe(self._follow)
        self._mark()

    def receive(self, files: Sequence[object]) -> None:
        """Show the run in files (JavaScript's) that were dropped or pasted."""
        self.choose("recorded", SourceRequest(files=files))

    def choose(self, name: str, request: SourceRequest | None = None) -> asyncio.Future[None]:
        """Choose a source, and pass a request to it. The result is done when the source is shown or has failed."""
        write("source-message", "")
        self._store.apply(replace(self._store.settings, source=name))
        task = self._start(self._bring(name, request or SourceRequest()))
        self._latest = name, task
        return task

    def show(self, request: ViewRequest) -> None:
        """Show the view of an address in place of the present one. For Recorded, that is the run that was read last."""
        settings, present = request.settings, self._store.settings
        if settings.source == "recorded":
            self.choose("recorded", SourceRequest(focus=True))
            return
        if "speed" not in request.parameters:
            settings = replace(settings, speed=present.speed)
        if settings.source == present.source == "computed" and self._open is not None:
            settings = replace(settings, layers=present.layers)  # the source itself changes them, with its network
        self._store.apply(settings)
        source_request = SourceRequest(request.parameters)
        if self._latest and self._latest[0] == settings.source:  # perhaps it is still being loaded for another view
            self._start(self._bring_after(self._latest[1], settings.source, source_request))
        else:
            self.choose(settings.source, source_request)

    async def _bring_after(self, former: asyncio.Future[None], name: str, request: SourceRequest) -> None:
        await former
        if self._store.settings.source == name:
            await self._bring(name, request)

    def _follow(self, before: State, now: State) -> None:
        if now.settings.source == before.settings.source:
            return
        if self._open is not None:
            self._open.close()
            self._open = None
        self._mark()

    def _mark(self) -> None:
        """Check the source's radio button, and tell web/workbench.css which columns there are."""
        chosen = self._store.settings.source
        document.documentElement.dataset.source = chosen
        for name in SOURCES:
            by_id(f"source-{name}").checked = name == chosen

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _bring(self, name: str, request: SourceRequest) -> None:
        if name == SYNTHESISED:
            return
        try:
            await self._fetch(name)
            if self._store.settings.source == name:  # another may have been chosen meanwhile
                await self._enter(name).open(self._host, request)
        except (OSError, ValueError) as error:
            if self._store.settings.source == name:
                self._store.apply(replace(self._store.settings, source=SYNTHESISED))
                again = f"The magnitudes are synthesised; choose {name.capitalize()} to try again."
                write("source-message", f"{end_sentence(str(error))} {again}")

    async def _fetch(self, name: str) -> None:
        """Load the bundles of a source, with a hint meanwhile. Raises OSError."""
        from .lazy_bundles import NUMPY, bring  # noqa: PLC0415  # imported here: few visitors need it

        write("source-loading", f"Loading what {PURPOSES[name]} …")
        try:
            await bring(NUMPY, "charts", name)
        finally:
            write("source-loading", "")

    def _enter(self, name: str) -> Source:
        if name not in self._made:  # imported by name: the start must not depend on it
            module = import_module(f"{__package__.rpartition('.')[0]}.panels.{name}.source")
            self._made[name] = getattr(module, f"{name.capitalize()}Source")()
        self._open = self._made[name]
        self._store.enter(self._open)
        return self._open
