"""The present view as files for the visitor to keep, made in the page: nothing is uploaded for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from js import URL, Blob, Image, OffscreenCanvas, document, encodeURIComponent, matchMedia
from pyodide.ffi import JsException, to_js

from ..figure.svg import Scheme, animated_svg, still_svg
from ..view.export import file_name, magnitudes_csv, magnitudes_json
from ..view.settings import Settings
from ..view.snapshot import Snapshot

SCALE: Final = 2  # pixels of a PNG to each of the picture's
SVG: Final = "image/svg+xml"


Described = Mapping[str, object]  # the fields of a computed network


class View(NamedTuple):
    """What a file shows: the view, what the figure has of it, and the fields of the network that computed it."""

    settings: Settings
    snapshot: Snapshot
    computed: Described | None


def _texts(snapshot: Snapshot) -> dict[str, Any]:
    return {"label": snapshot.label, "names": snapshot.names, "activations": snapshot.activations}


def _animated(view: View) -> str:
    settings = view.settings
    return animated_svg(settings.layers, settings.gradients, play_speed=settings.speed, **_texts(view.snapshot))


def _still(view: View, scheme: Scheme | None = None) -> str:
    settings = view.settings
    return still_svg(settings.layers, settings.gradients, settings.layer, scheme, **_texts(view.snapshot))


TEXTS: Final[dict[str, tuple[str, str, Callable[[View], str]]]] = {  # ending, type, and the text of a file
    "animated": (".svg", SVG, _animated),
    "still": (".svg", SVG, _still),
    "csv": (".csv", "text/csv", lambda view: magnitudes_csv(view.settings)),
    "json": (".json", "application/json", lambda view: magnitudes_json(view.settings, view.computed)),
}


def scheme_in_view() -> Scheme:
    """Whether the page is seen in light or in dark: as it was told to, else as the system prefers."""
    chosen = getattr(document.documentElement.dataset, "theme", "")
    if chosen in {"light", "dark"}:
        return "dark" if chosen == "dark" else "light"
    return "dark" if matchMedia("(prefers-color-scheme: dark)").matches else "light"


class Downloads:
    """Makes files. `message` is the element that says what went wrong."""

    def __init__(self, message: Any) -> None:
        self._message = message
        self._address = ""  # of the file offered last
        self._drawing: asyncio.Future[None] | None = None  # held: the loop itself would let it be collected

    def offer(self, kind: str, settings: Settings, snapshot: Snapshot, computed: Described | None) -> None:
        """Hand the view to the browser as a file: `animated`, `still`, `csv`, `json` or, a moment later, `png`."""
        self._message.textContent = ""
        view = View(settings, snapshot, computed)
        if kind == "png":
            svg = _still(view, scheme_in_view())
            self._drawing = asyncio.ensure_future(self._draw(svg, file_name(settings, ".png", still=True)))
            return
        suffix, media_type, write = TEXTS[kind]
        name = file_name(settings, suffix, still=kind == "still")
        self._save(Blob.new(to_js([write(view)]), type=media_type), name)

    async def _draw(self, svg: str, name: str) -> None:
        """As `name` the SVG in pixels. It comes by a data: address, for the page's policy lets no image be a blob:."""
        try:
            image = Image.new()
            image.src = f"data:{SVG},{encodeURIComponent(svg)}"
            await image.decode()
            width, height = SCALE * image.naturalWidth, SCALE * image.naturalHeight
            canvas = OffscreenCanvas.new(width, height)
            canvas.getContext("2d").drawImage(image, 0, 0, width, height)
            blob = await canvas.convertToBlob(type="image/png")
        except JsException as error:
            self._message.textContent = f"PNG: the browser could not draw it ({error}). The still SVG shows the same."
        else:
            self._save(blob, name)

    def _save(self, blob: Any, name: str) -> None:
        if self._address:
            URL.revokeObjectURL(self._address)  # only now: a browser may go on reading a file long after the click
        self._address = URL.createObjectURL(blob)
        link = document.createElement("a")
        link.href, link.download = self._address, name
        link.click()
