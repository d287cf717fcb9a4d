"""Paints maps of magnitudes and their key of colours on canvases, in the colours of the present theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from js import ImageData, document, getComputedStyle
from pyodide.ffi import create_proxy

from ..figure.markup import number
from ..figure.shading import Decades
from . import heatmap
from .arrays import PixelArray
from .parts import Parts
from .timeline_markup import PALETTE_COLOURS

CELL_KIND_WORDS = {"none": "none", "zero": "0", "nan": "NaN", "infinite": "∞"}


class MapPainter:
    """Paints the canvases among the `parts` of `root`: `map`, `map-other`, `key`; and the texts of the key."""

    def __init__(self, root: Any, parts: Parts) -> None:
        self._root, self._parts = root, parts
        self._palette: heatmap.Palette | None = None
        self._key = ""  # what the key shows

    def forget_colours(self) -> None:
        """Read the colours anew for the next picture: the theme has changed."""
        self._palette = None

    def paint(self, maps: Sequence[heatmap.Cells], span: Decades) -> None:
        """Paint one map or two, and the key."""
        palette = self._palette = self._palette or self._read_palette()
        for part, map_ in zip(("map", "map-other"), maps, strict=False):
            _put_pixels(self._parts[part], heatmap.paint(map_, span, palette))
        self._paint_key(span, heatmap.kinds_shown(maps), palette)

    def _paint_key(self, span: Decades, kinds: tuple[str, ...], palette: heatmap.Palette) -> None:
        drawn = f"{span} {kinds} {palette}"
        if self._key == drawn:
            return
        self._key = drawn
        _put_pixels(self._parts["key"], palette.shades()[None])
        marks = heatmap.key_marks(span)
        anchors = ["start", *("middle" for _ in marks[2:]), "end"]
        self._parts["decades"].innerHTML = "".join(
            f'<text x="{number(100 * at)}%" y="1em" text-anchor="{anchor}">{text}</text>'
            for (at, text), anchor in zip(marks, anchors, strict=True)
        )
        items = "".join(f'<li><span data-kind="{kind}"></span>{CELL_KIND_WORDS[kind]}</li>' for kind in kinds)
        self._parts["kinds"].innerHTML = items

    def _read_palette(self) -> heatmap.Palette:
        """The present colours. They are painted, because only a canvas resolves all notations."""
        canvas = document.createElement("canvas")
        canvas.width, canvas.height = len(PALETTE_COLOURS), 1
        context = canvas.getContext("2d", willReadFrequently=True)
        for at, name in enumerate(PALETTE_COLOURS):
            context.fillStyle = getComputedStyle(self._root.querySelector(f'[data-colour="{name}"]')).color
            context.fillRect(at, 0, 1, 1)
        data = list(context.getImageData(0, 0, len(PALETTE_COLOURS), 1).data)
        found = {name: (data[4 * at], data[4 * at + 1], data[4 * at + 2]) for at, name in enumerate(PALETTE_COLOURS)}
        return heatmap.Palette(**found)


def _put_pixels(canvas: Any, pixels: PixelArray) -> None:
    """Show pixels of shape (height, width, 4). JavaScript reads them without a copy by Python."""
    height, width, _ = pixels.shape
    if (canvas.width, canvas.height) != (width, height):
        canvas.width, canvas.height = width, height
    flat: Any = pixels.reshape(-1)
    proxy: Any = create_proxy(flat)
    buffer = proxy.getBuffer("u8clamped")
    canvas.getContext("2d").putImageData(ImageData.new(buffer.data, width, height), 0, 0)
    buffer.release()
    proxy.destroy()
