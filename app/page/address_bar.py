"""The page's address and its snippets: both lead back to the view that is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from js import URLSearchParams, document, history, location

from ..browser.elements import write
from ..browser.handles import Attribute, Interval
from ..view.settings import (
    COMPUTED_PARAMETERS,
    FIELDS,
    LEARN_PARAMETERS,
    RECORDED_PARAMETERS,
    Settings,
    write_address,
    write_query,
)
from ..view.snapshot import State
from .store import Store

if TYPE_CHECKING:
    from ..view.snippets import Snippets

PAUSE_MS = 200  # after a change until the address is written: browsers limit the rate (Safari: 100 in 30 s)
SOURCE_PARAMETERS = ("source", *RECORDED_PARAMETERS, *COMPUTED_PARAMETERS, *LEARN_PARAMETERS)


class AddressBar:
    """Writes the address and the snippets when nothing has changed for a moment.

    `requested` is the source that the address asked for. Its parameters stay in the address until it shows something.
    The address of an embedded page is never written. When the view changes, the address loses its hash: it leads to the
    figure then, and not to the section that was read before.
    """

    def __init__(self, store: Store, requested: str, *, is_embedded: bool) -> None:
        self._store, self._requested = store, requested
        self._rest = Interval(self.write)
        self._written = self._content()
        self._is_changed = False  # since the address was written
        self._theme = Attribute(document.documentElement, "data-theme", self._write_snippets)
        if not is_embedded:
            store.subscribe(self._follow)
            self._rest.start(PAUSE_MS)

    def _content(self) -> tuple[Settings, list[tuple[str, str]], str]:
        """The content of the address and the snippets: the layer only of a paused wave, magnitudes only if needed."""
        view, own = self._store.view, self._store.source.address()
        layer, gradients = 0 if view.playing else view.layer, None if own else view.gradients
        return replace(view, layer=layer, gradients=gradients), own, self._store.settings.source

    def _follow(self, _before: State, _now: State) -> None:
        content = self._content()
        if content != self._written:
            self._written, self._is_changed = content, True
            self._rest.start(PAUSE_MS)

    def write(self) -> None:
        """Write the address and the snippets at once."""
        self._rest.stop()
        query = URLSearchParams.new(location.search)
        settings, snapshot, _ = self._store.state
        is_coming = settings.source == self._requested != snapshot.source
        for name in (*(field.name for field in FIELDS), *(() if is_coming else SOURCE_PARAMETERS)):
            query.delete(name)
        parts = str(query.toString()), write_query(write_address(self._store.view, self._store.source.address()))
        search = "&".join(part for part in parts if part)
        place = "" if self._is_changed else location.hash
        self._is_changed = False  # a section that the visitor goes to later stays in the address
        address = f"{location.pathname}{'?' + search if search else ''}{place}"
        if address != f"{location.pathname}{location.search}{location.hash}":
            history.replaceState(None, "", address)
        self._write_snippets()

    def link(self) -> str:
        """The address that leads to the present view."""
        return self._snippets().link

    def _write_snippets(self) -> None:
        for name, text in vars(self._snippets()).items():
            write(f"snippet-{name}", text)

    def _snippets(self) -> Snippets:
        from ..view.snippets import write_snippets  # noqa: PLC0415  # imported here: the first picture does not need it

        look = document.documentElement.dataset
        theme, show = getattr(look, "theme", ""), getattr(look, "show", "")
        base = f"{location.origin}{location.pathname}"
        return write_snippets(self._store.view, base, theme, self._store.source, show)
