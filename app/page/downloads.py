"""Downloads: the view as SVG, PNG, CSV or JSON, made in the page, and files of the site. Nothing is uploaded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from js import URL, Blob, Image, OffscreenCanvas, document, encodeURIComponent, fetch, matchMedia
from pyodide.ffi import JsException, to_js

from ..figure.svg import Scheme, animated_svg, still_svg
from ..view.export import file_name, magnitudes_csv, magnitudes_json
from ..view.settings import Settings
from ..view.snapshot import Snapshot

PNG_SCALE: Final = 2  # PNG pixels per CSS pixel of the picture
SVG: Final = "image/svg+xml"


Described = Mapping[str, object]  # the fields of a computed network


class Content(NamedTuple):
    """The content of a file: the view, the figure's snapshot, and the fields of a computed network."""

    settings: Settings
    snapshot: Snapshot
    computed: Described | None


def _shown(snapshot: Snapshot) -> dict[str, Any]:
    """The props of the picture that are not in the settings."""
    props = dict(snapshot.props())
    return {name: props[name] for name in ("label", "names", "activations", "shading", "domain")}


def _animated(content: Content) -> str:
    settings = content.settings
    return animated_svg(settings.layers, settings.gradients, play_speed=settings.speed, **_shown(content.snapshot))


def _still(content: Content, scheme: Scheme | None = None) -> str:
    settings = content.settings
    return still_svg(settings.layers, settings.gradients, settings.layer, scheme, **_shown(content.snapshot))


TEXTS: Final[dict[str, tuple[str, str, Callable[[Content], str]]]] = {  # ending, type, and the text of a file
    "animated": (".svg", SVG, _animated),
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
    """Makes files. The element `message` shows what went wrong."""

    def __init__(self, message: Any) -> None:
        self._message = message
        self._address = ""  # of the last file
        self._drawing: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._coming: asyncio.Future[None] | None = None

    def offer(self, kind: str, settings: Settings, snapshot: Snapshot, computed: Described | None) -> None:
        """Offer the view as a file. `kind` is `animated`, `still`, `csv`, `json` or, a moment later, `png`."""
        self._message.textContent = ""
        content = Content(settings, snapshot, computed)
        if kind == "png":
            svg = _still(content, scheme_in_view())
            self._drawing = asyncio.ensure_future(self._draw(svg, file_name(settings, ".png", still=True)))
            return
        suffix, media_type, write = TEXTS[kind]
        name = file_name(settings, suffix, still=kind == "still")
        self._save(Blob.new(to_js([write(content)]), type=media_type), name)

    async def _draw(self, svg: str, name: str) -> None:
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
            self._message.textContent = f"PNG: the browser could not draw it ({error}). The still SVG shows the same."
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

    def _save(self, blob: Any, name: str) -> None:
        if self._address:
            URL.revokeObjectURL(self._address)  # only now: a browser may read a file long after the click
        self._address = URL.createObjectURL(blob)
        link = document.createElement("a")
        link.href, link.download = self._address, name
        link.click()
