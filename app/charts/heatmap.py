"""A layer × step map of magnitudes as pixels: bins, colours, and what has no colour. Pure.

Arrays of magnitudes are float64 of shape (layers, steps), the input first; `NONE`, any negative number, is where there
is no magnitude. The picture has the output at the top, so that a gradient travels downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..figure.text import write_power_of_ten

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Pixels = npt.NDArray[np.uint8]

NONE: Final = -1.0
ROW: Final = 4  # pixels of a layer's height, so that what is no number can have a pattern
WIDEST: Final = 480  # columns: more are not seen, and each costs time while a network trains
VALUE, EMPTY, ZERO, NAN, INFINITE = range(5)  # what a cell holds
KINDS: Final = ("value", "none", "zero", "nan", "infinite")
SPIKE: Final = 1.0  # decades from a bin's mean at which it is the extreme that is shown
SHADES: Final = 256


@dataclass(frozen=True, eq=False)
class Cells:
    """A map's cells, shape (layers, columns): `kinds` by their number, `logs` log10 of what is shown, else 0."""

    kinds: npt.NDArray[np.int8]
    logs: Array

    @property
    def span(self) -> tuple[float, float] | None:
        """The least and the greatest logarithm shown; None where there is none."""
        shown = self.logs[self.kinds == VALUE]
        return (float(shown.min()), float(shown.max())) if shown.size else None


@dataclass(frozen=True)
class Palette:
    """Colours as red, green, blue, each 0 to 255: `low` to `high` by way of `middle`; `mark` for what is no number."""

    low: tuple[int, int, int]
    middle: tuple[int, int, int]
    high: tuple[int, int, int]
    ground: tuple[int, int, int]
    mark: tuple[int, int, int]

    def shades(self) -> Pixels:
        """SHADES colours from low to high, shape (SHADES, 4), opaque."""
        stops = np.array([self.low, self.middle, self.high], np.float64)
        at = np.linspace(0.0, 2.0, SHADES)
        shades = np.full((SHADES, 4), 255, np.uint8)
        for channel in range(3):
            shades[:, channel] = np.rint(np.interp(at, (0.0, 1.0, 2.0), stops[:, channel]))
        return shades


def to_values(magnitudes: Sequence[Sequence[float | None]]) -> Array:
    """Magnitudes by layer and step, of which any may be None, as an array of the kind that is drawn."""
    return np.array([[NONE if one is None else one for one in layer] for layer in magnitudes], np.float64)


def cells(values: Array, most: int = WIDEST) -> Cells:
    """The map's cells in at most `most` columns, shape (layers, columns); raises ValueError unless `values` is 2D.

    A column that stands for several steps shows the mean of their logarithms, or the extreme that lies a decade or
    more away from it. NaN goes before infinity, both before any number, a number before 0, and 0 before nothing.
    """
    if values.ndim != 2 or not values.size:
        raise ValueError(f"values: must have the shape (layers, steps), one or more of each, got {values.shape}")
    return binned(values, share_of(values.shape[1], most))


def share_of(steps: int, most: int = WIDEST) -> int:
    """How many steps a column stands for, the last perhaps for fewer, so that there are at most `most`."""
    return max(1, -(-steps // most))


def binned(values: Array, share: int) -> Cells:
    """The cells of columns that stand for `share` steps each, the last for what is left."""
    above = (values > 0) & (values < np.inf)
    kinds = np.zeros(values.shape, np.int8)
    if above.all():
        logs = np.log10(values)
    else:
        with np.errstate(all="ignore"):
            logs = np.where(above, np.log10(values), 0.0)
        kinds[values == 0] = ZERO
        kinds[values < 0] = EMPTY
        kinds[np.isnan(values)] = NAN
        kinds[values == np.inf] = INFINITE
    if share == 1:
        return Cells(kinds, logs)
    whole = values.shape[1] // share * share
    parts = [_merged(kinds[:, :whole], logs[:, :whole], share)]
    if whole < values.shape[1]:
        parts.append(_merged(kinds[:, whole:], logs[:, whole:], values.shape[1] - whole))
    return Cells(*(np.concatenate(several, axis=1) for several in zip(*parts, strict=True)))


def _merged(kinds: npt.NDArray[np.int8], logs: Array, share: int) -> tuple[npt.NDArray[np.int8], Array]:
    """What columns of exactly `share` steps hold."""
    blocks = _stacked(logs, share)
    if not kinds.any():
        mean = blocks.mean(axis=0)
        return np.zeros(mean.shape, np.int8), _spiked(mean, blocks.min(axis=0), blocks.max(axis=0))
    holding = _stacked(kinds, share)
    shown = holding == VALUE
    counted = shown.sum(axis=0)
    mean = blocks.sum(axis=0) / np.maximum(counted, 1)
    low, high = np.where(shown, blocks, np.inf).min(axis=0), np.where(shown, blocks, -np.inf).max(axis=0)
    merged = np.where(counted == 0, EMPTY, VALUE).astype(np.int8)
    for kind, over in ((ZERO, counted == 0), (INFINITE, True), (NAN, True)):
        merged[(holding == kind).any(axis=0) & over] = kind
    return merged, np.where(merged == VALUE, _spiked(mean, low, high), 0.0)


def _stacked(cells: npt.NDArray[Any], share: int) -> npt.NDArray[Any]:
    """The steps of each column behind each other, shape (share, layers, columns): summed fastest so."""
    return np.ascontiguousarray(cells.reshape(len(cells), -1, share).transpose(2, 0, 1))


def _spiked(mean: Array, low: Array, high: Array) -> Array:
    """The mean, or where an extreme lies a decade or more away from it the furthest."""
    furthest = np.where(high - mean >= mean - low, high, low)
    return np.where(np.abs(furthest - mean) >= SPIKE, furthest, mean)


def colour_span(maps: Sequence[Cells]) -> tuple[int, int]:
    """Whole decades around all that the maps show; −1 to 0 where they show no number."""
    spans = [span for one in maps if (span := one.span) is not None]
    if not spans:
        return -1, 0
    low, high = math.floor(min(low for low, _ in spans)), math.ceil(max(high for _, high in spans))
    return low - (low == high), high


def paint(map_: Cells, span: tuple[int, int], palette: Palette) -> Pixels:
    """The map's pixels, shape (layers × ROW, columns, 4), the output at the top.

    NaN is a lattice, infinity solid, 0 a line at the row's foot, each in the mark's colour on the ground; where there
    is no magnitude the picture is transparent.
    """
    low, high = span
    shade = np.clip((map_.logs[::-1] - low) * ((SHADES - 1) / (high - low)), 0, SHADES - 1).astype(np.intp)
    pixels = np.repeat(palette.shades()[shade], ROW, axis=0)
    kinds = map_.kinds[::-1]
    if kinds.any():
        _paint_marks(pixels, np.repeat(kinds, ROW, axis=0), palette)
    return pixels


def _paint_marks(pixels: Pixels, kinds: npt.NDArray[np.int8], palette: Palette) -> None:
    """Overwrites what is no number, or 0."""
    rows, columns = np.arange(kinds.shape[0])[:, None], np.arange(kinds.shape[1])
    mark, ground = (*palette.mark, 255), (*palette.ground, 255)
    pixels[kinds == EMPTY] = 0
    pixels[(kinds == ZERO) | (kinds == NAN)] = ground
    pixels[(kinds == ZERO) & (rows % ROW == ROW - 1)] = mark
    pixels[(kinds == NAN) & ((rows // 2 + columns) % 2 == 0)] = mark
    pixels[kinds == INFINITE] = mark


def key_marks(span: tuple[int, int], most: int = 5) -> list[tuple[float, str]]:
    """Decades beside the colour key: place, 0 to 1, and text; the ends, and even steps between."""
    low, high = span
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 400, 800) if (high - low) / step <= most - 1)
    inner = [mark for mark in range(low + step, high, step) if high - mark >= step / 2]
    return [((mark - low) / (high - low), write_power_of_ten(mark)) for mark in (low, *inner, high)]


def kinds_shown(maps: Sequence[Cells]) -> tuple[str, ...]:
    """Which of KINDS beside numbers the maps hold: what the key has to explain."""
    # Counted, for np.unique would bring numpy.ma, which the page does without.
    there = np.sum([np.bincount(one.kinds.ravel(), minlength=len(KINDS)) for one in maps], axis=0)
    return tuple(name for number, name in enumerate(KINDS) if there[number] and number != VALUE)
