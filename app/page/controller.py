"""The page around the figure: puts its parts together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from js import URLSearchParams, document, location

from ..browser.elements import by_id
from ..browser.handles import REDUCED_MOTION, Listener, MediaQuery
from ..view.request import read_request
from ..view.snapshot import Snapshot, SourceRequest, State
from .address_bar import AddressBar
from .clipboard import CopyButtons
from .figure import Figure
from .form import Form
from .keyboard import Keyboard
from .notices import Notices
from .sources import Sources
from .store import Store
from .transport import Transport
from .view_links import ViewLinks

if TYPE_CHECKING:
    from .downloads import Content

_PRINT: Final = "print"  # among the kinds of downloads


class Page:
    """The whole page. All that it shows follows from `store`. It lives as long as its tab.

    For a source it is the host (view/source.py).
    """

    def __init__(self) -> None:
        request = read_request((str(name), str(text)) for name, text in URLSearchParams.new(location.search).entries())
        settings = request.settings
        is_still = "layer" in request.parameters or not settings.playing
        self._media = MediaQuery(REDUCED_MOTION, self._park)
        self.store = Store(settings, is_awaited=request.is_awaited, is_parked=self._media.matches)
        self._figure = Figure(self.store, is_still=is_still)
        self._transport = Transport(self.store)
        self._keyboard = Keyboard(self._transport)
        self._form = Form(self.store)
        self.sources = Sources(self.store, self)
        self._address = AddressBar(self.store, settings.source, is_embedded=self.is_embedded)
        self._downloads: Any = None  # made at the first download
        self._handout: Any = None
        self._listener = Listener(document, "click", self._on_click)  # before the copy buttons' own
        self._copying = CopyButtons(by_id("announcement"))
        self._links = ViewLinks(self.sources)
        self._notices = Notices()
        self._notices.add(request.problems)
        if settings.source != "synthesised":
            cursor = settings.layer if is_still and not self._media.matches else None
            self.sources.choose(settings.source, SourceRequest(request.parameters, cursor))

    @property
    def state(self) -> State:
        """The settings and the snapshot shown for them."""
        return self.store.state

    @property
    def is_embedded(self) -> bool:
        """True in a frame, which shows only the figure. web/before-paint.js has read the address."""
        return bool(document.documentElement.hasAttribute("data-embed"))

    def publish(
        self, snapshot: Snapshot | None, *, layers: tuple[int, ...] | None = None, layer: int | None = None
    ) -> None:
        """Show a snapshot of the source."""
        self.store.publish(snapshot, layers=layers, layer=layer)

    def pause_at(self, cursor: int) -> None:
        """Move the wave to a cursor and pause it there."""
        self.store.pause_at(cursor)

    def notice(self, sentences: Sequence[str]) -> None:
        """Show sentences at the top of the window."""
        self._notices.add(sentences)

    async def choose(self, source: str) -> None:
        """Choose a source, and wait until it is shown or has failed."""
        await self.sources.choose(source)

    def subscribe(self, callback: Callable[[State, State], None]) -> Callable[[], None]:
        """Call `callback` after each change. Returns a function that ends this."""
        return self.store.subscribe(callback)

    def receive(self, files: Sequence[object]) -> None:
        """Show the run in files (JavaScript's) that were dropped or pasted."""
        self.sources.receive(files)

    def _park(self, is_reduced: bool) -> None:
        self.store.park(is_reduced)

    def _on_click(self, event: Any) -> None:
        """Update address and snippets before they are copied, and make downloads."""
        if event.target.closest("#export-menu a"):
            by_id("export-menu").hidePopover()  # it would cover the place to which the link leads
        button = event.target.closest("[data-copy], [data-download], a[download]")
        if not button:
            return
        self._address.write()
        kind = getattr(button.dataset, "download", "")
        if kind == _PRINT:
            self.find_handout().print_view()
        elif kind:
            message = "export-message" if button.closest("#export-menu") else "download-message"
            self._find_downloads().offer(kind, self._content(), by_id(message))
        elif button.hasAttribute("download"):
            event.preventDefault()
            message = by_id(button.getAttribute("aria-describedby"))
            self._find_downloads().pass_on(str(button.href), message)

    def _find_downloads(self) -> Any:
        """The downloads, made when they are first needed."""
        from .downloads import Downloads  # noqa: PLC0415  # imported here: few visitors need it

        self._downloads = self._downloads or Downloads()
        return self._downloads

    def find_handout(self) -> Any:
        """The handout for printing, made when it is first needed."""
        from .handout import Handout  # noqa: PLC0415  # imported here: the first picture does not need it

        self._handout = self._handout or Handout(self.store, self._content)
        return self._handout

    def _content(self) -> Content:
        """The content of a file or of a sheet of paper: the view as it is now. Writes the address and the snippets."""
        from .downloads import Content  # noqa: PLC0415  # imported here: few visitors need it

        self._address.write()
        store, source = self.store, self.store.source
        return Content(
            store.view, store.state.snapshot, source.described(), source.shown(store.view), self._address.link()
        )
