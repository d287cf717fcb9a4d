"""Downloads: the view as SVG, PNG, CSV or JSON, made in the page, and files of the site. Nothing is uploaded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, NamedTuple

from js import URL, Blob, Image, OffscreenCanvas, document, encodeURIComponent, fetch, matchMedia
from pyodide.ffi import JsException, to_js

from ..figure.svg import Scheme, animated_svg, still_svg
from ..view.export import file_name, magnitudes_csv, magnitudes_json, without_magnitudes
from ..view.settings import Settings
from ..view.shown import Shown
from ..view.snapshot import Snapshot
from .lazy_bundles import SHEET_BUNDLES, bring

PNG_SCALE: Final = 2  # PNG pixels per CSS pixel of the picture
NUMBERS: Final = ("csv", "json")  # files that tell the answer to an open question
AWAITS_GUESS: Final = "The numbers are hidden until the open question is answered. Guess, or show the answer, first."
SVG: Final = "image/svg+xml"


class Content(NamedTuple):
    """The content of a file.

    `settings`, `snapshot`: the view and the figure's. `computed`: the fields of a computed network. `shown`: what the
    source shows around the figure. `address`: the view's.
    """

    settings: Settings
    snapshot: Snapshot
    computed: Mapping[str, object] | None
    shown: Shown | None
    address: str

    def file_name(self, suffix: str, *, still: bool = False) -> str:
        """The name of a file."""
        return file_name(self.settings, suffix, self.shown.file_words if self.shown else (), still=still)

    @property
    def is_hidden(self) -> bool:
        """True while a question awaits a guess."""
        return self.shown is not None and self.shown.is_hidden

    @property
    def props(self) -> dict[str, Any]:
        """The props of the figure in view; without magnitudes while a question awaits a guess."""
        if self.is_hidden:
            return dict(without_magnitudes(self.snapshot).props())
        return {**self.snapshot.props(), "layers": self.settings.layers, "gradients": self.settings.gradients}


def _animated(content: Content) -> str:
    return animated_svg(**content.props, play_speed=content.settings.speed)


def _still(content: Content, scheme: Scheme | None = None) -> str:
    return still_svg(**content.props, current_layer=content.settings.layer, scheme=scheme)


TEXTS: Final[dict[str, tuple[str, str, Callable[[Content], str]]]] = {  # ending, type, and the text of a file
    "animated": ("-animated.svg", SVG, _animated),
    "still": (".svg", SVG, _still),
    "csv": (".csv", "text/csv", lambda content: magnitudes_csv(content.settings)),
    "json": (".json", "application/json", lambda content: magnitudes_json(content.settings, content.computed)),
}


def scheme_in_view() -> Scheme:
    """The colour scheme of the page: the visitor's choice, or else the system's preference."""
    chosen = getattr(document.documentElement.dataset, "theme", "")
    if chosen in {"light", "dark"}:
        return "dark" if chosen == "dark" else "light"
    return "dark" if matchMedia("(prefers-color-scheme: dark)").matches else "light"


class Downloads:
    """Makes files, one at a time."""

    def __init__(self) -> None:
        self._address = ""  # of the last file
        self._making: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._coming: asyncio.Future[None] | None = None

    def offer(self, kind: str, content: Content, message: Any) -> None:
        """Offer the view as a file. `message` is the element that shows what went wrong.

        `kind` is `animated`, `still`, `csv`, `json` or, a moment later, `png` for the figure, and `view` or `view-png`
        for the whole view. While a question awaits a guess, pictures have no magnitudes, and there are no numbers.
        """
        message.textContent = AWAITS_GUESS if kind in NUMBERS and content.is_hidden else ""
        if message.textContent:
            return
        if kind in TEXTS:
            suffix, media_type, write = TEXTS[kind]
            self._save_text(write(content), media_type, content.file_name(suffix, still=kind == "still"))
        elif kind == "png":
            svg = _still(content, scheme_in_view())
            self._make(self._draw(svg, content.file_name(".png", still=True), message))
        else:
            self._make(self._draw_view(kind, content, message))

    def _make(self, work: Coroutine[Any, Any, None]) -> None:
        self._making = asyncio.ensure_future(work)

    async def _draw_view(self, kind: str, content: Content, message: Any) -> None:
        """Draw the whole view as SVG or PNG. What draws it comes at the first use."""
        try:
            await bring(*SHEET_BUNDLES)
        except OSError as error:
            message.textContent = str(error)
            return
        from ..sheet.content import SheetContent  # noqa: PLC0415  # imported here: it has come only now
        from ..sheet.view_sheet import view_svg  # noqa: PLC0415  # the same

        svg = view_svg(SheetContent(content.settings, content.snapshot, content.shown, content.address))
        if kind == "view":
            self._save_text(svg, SVG, content.file_name(".svg"))
        else:
            await self._draw(svg, content.file_name(".png"), message)

    async def _draw(self, svg: str, name: str, message: Any) -> None:
        """Draw an SVG as a PNG file. The image is a data: address: the page's policy allows no blob: images."""
        try:
            image = Image.new()
            image.src = f"data:{SVG},{encodeURIComponent(svg)}"
            await image.decode()
            width, height = PNG_SCALE * image.naturalWidth, PNG_SCALE * image.naturalHeight
            canvas = OffscreenCanvas.new(width, height)
            canvas.getContext("2d").drawImage(image, 0, 0, width, height)
            blob = await canvas.convertToBlob(type="image/png")
        except JsException as error:
            message.textContent = f"PNG: the browser could not draw it ({error}). The SVG shows the same."
        else:
            self._save(blob, name)

    def pass_on(self, address: str, message: Any) -> None:
        """Offer a file of the site, one at a time. `message` shows the reason if it does not arrive.

        A browser's own download does not ask the service worker, so it fails without a network.
        """
        if self._coming is None or self._coming.done():
            self._coming = asyncio.ensure_future(self._fetch(address, message))

    async def _fetch(self, address: str, message: Any) -> None:
        name = address.rpartition("/")[2]
        message.textContent = ""
        try:
            response = await fetch(address)
            why = "" if response.ok else f"the host answered {response.status}"
            blob = await response.blob()
        except JsException as error:
            why = error.message
        if why:
            message.textContent = f"{name} could not be fetched: {why}. Try again."
        else:
            self._save(blob, name)

    def _save_text(self, text: str, media_type: str, name: str) -> None:
        self._save(Blob.new(to_js([text]), type=media_type), name)

    def _save(self, blob: Any, name: str) -> None:
        if self._address:
            URL.revokeObjectURL(self._address)  # only now: a browser may read a file long after the click
        self._address = URL.createObjectURL(blob)
        link = document.createElement("a")
        link.href, link.download = self._address, name
        link.click()
