"""A map of magnitudes by layer and step as pixels: its columns, its colours, its marks. Pure.

Arrays of magnitudes are float64 of shape (layers, steps), the input first. `MISSING_VALUE`, or any negative number,
stands for a missing magnitude. The picture has the output at the top, so a gradient travels downwards.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from ..figure.shading import SHADE_COUNT, decades_around
from ..figure.text import write_power_of_ten
from .arrays import BoolArray, FloatArray, PixelArray

MISSING_VALUE: Final = -1.0
CELL_ROWS: Final = 4  # pixels per layer, enough for the patterns of NaN and 0
MAX_MAP_COLUMNS: Final = 480  # more are not seen, and each costs time while a network trains
MAX_PIECE_VALUES: Final = 1 << 15  # made into cells without a pause
CELL_VALUE, CELL_EMPTY, CELL_ZERO, CELL_NAN, CELL_INFINITE = range(5)  # indices of CELL_KINDS
CELL_KINDS: Final = ("value", "none", "zero", "nan", "infinite")
MIN_SPIKE_DECADES: Final = 1.0  # from the mean of a column's steps; from here on the extreme is shown instead


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a map, shape (layers, columns). `kinds`: indices of CELL_KINDS; `logs`: log10 of values, else 0."""

    kinds: npt.NDArray[np.int8]
    logs: FloatArray

    @property
    def span(self) -> tuple[float, float] | None:
        """The least and the greatest logarithm; None without values."""
        shown = self.logs[self.kinds == CELL_VALUE]
        return (float(shown.min()), float(shown.max())) if shown.size else None


@dataclass(frozen=True)
class Palette:
    """Colours as red, green, blue, each 0 to 255: `low`, `middle`, `high` for values, `mark` for other cells."""

    low: tuple[int, int, int]
    middle: tuple[int, int, int]
    high: tuple[int, int, int]
    ground: tuple[int, int, int]
    mark: tuple[int, int, int]

    def shades(self) -> PixelArray:
        """The opaque colours from low to high, shape (SHADE_COUNT, 4)."""
        stops = np.array([self.low, self.middle, self.high], np.float64)
        at = np.linspace(0.0, 2.0, SHADE_COUNT)
        shades = np.full((SHADE_COUNT, 4), 255, np.uint8)
        for channel in range(3):
            shades[:, channel] = np.rint(np.interp(at, (0.0, 1.0, 2.0), stops[:, channel]))
        return shades


def to_values(magnitudes: Sequence[Sequence[float | None]]) -> FloatArray:
    """Magnitudes by layer and step as an array. None becomes `MISSING_VALUE`."""
    return np.array([[MISSING_VALUE if one is None else one for one in layer] for layer in magnitudes], np.float64)


def make_cells(values: FloatArray, most: int = MAX_MAP_COLUMNS) -> Cells:
    """The cells of the map, in at most `most` columns. Raises ValueError unless `values` is 2D and not empty.

    A column of several steps shows the mean of their logarithms, or an extreme that is a decade or more away from the
    mean. NaN wins over infinity, infinity over any value, a value over 0, and 0 over a missing magnitude.
    """
    if values.ndim != 2 or not values.size:
        raise ValueError(f"values: must have the shape (layers, steps), one or more of each, got {values.shape}")
    return merge_steps(values, steps_per_column(values.shape[1], most))


def steps_per_column(steps: int, most: int = MAX_MAP_COLUMNS) -> int:
    """The number of steps per column for at most `most` columns. The last column may have fewer."""
    return max(1, -(-steps // most))


def merge_steps(values: FloatArray, share: int) -> Cells:
    """The cells of columns of `share` steps each. The last column has the remaining steps."""
    above = (values > 0) & (values < np.inf)
    kinds = np.zeros(values.shape, np.int8)
    if above.all():
        logs = np.log10(values)
    else:
        with np.errstate(all="ignore"):
            logs = np.where(above, np.log10(values), 0.0)
        kinds[values == 0] = CELL_ZERO
        kinds[values < 0] = CELL_EMPTY
        kinds[np.isnan(values)] = CELL_NAN
        kinds[values == np.inf] = CELL_INFINITE
    return merge_cells(Cells(kinds, logs), share)


def merge_cells(cells: Cells, share: int) -> Cells:
    """The cells of fewer columns, each of which shows `share` of the given ones. The last has the remaining ones."""
    if share == 1:
        return cells
    kinds, logs = cells.kinds, cells.logs
    whole = kinds.shape[1] // share * share
    parts = [_merged(kinds[:, :whole], logs[:, :whole], share)] if whole else []
    if whole < kinds.shape[1]:
        parts.append(_merged(kinds[:, whole:], logs[:, whole:], kinds.shape[1] - whole))
    return Cells(*(np.concatenate(several, axis=1) for several in zip(*parts, strict=True)))


def _merged(kinds: npt.NDArray[np.int8], logs: FloatArray, share: int) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """The kinds and logarithms of columns of exactly `share` steps."""
    blocks = _stacked(logs, share)
    if not kinds.any():
        mean = blocks.mean(axis=0)
        return np.zeros(mean.shape, np.int8), _spiked(mean, blocks.min(axis=0), blocks.max(axis=0))
    holding = _stacked(kinds, share)
    shown = holding == CELL_VALUE
    counted = shown.sum(axis=0)
    mean = blocks.sum(axis=0) / np.maximum(counted, 1)
    low, high = np.where(shown, blocks, np.inf).min(axis=0), np.where(shown, blocks, -np.inf).max(axis=0)
    merged = np.where(counted == 0, CELL_EMPTY, CELL_VALUE).astype(np.int8)
    for kind, over in ((CELL_ZERO, counted == 0), (CELL_INFINITE, True), (CELL_NAN, True)):
        merged[(holding == kind).any(axis=0) & over] = kind
    return merged, np.where(merged == CELL_VALUE, _spiked(mean, low, high), 0.0)


def _stacked(values: npt.NDArray[Any], share: int) -> npt.NDArray[Any]:
    """The steps of each column on the first axis, shape (share, layers, columns), which is fastest to sum."""
    return np.ascontiguousarray(values.reshape(len(values), -1, share).transpose(2, 0, 1))


def _spiked(mean: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """The mean, or the furthest extreme if that is a decade or more away from it."""
    furthest = np.where(high - mean >= mean - low, high, low)
    return np.where(np.abs(furthest - mean) >= MIN_SPIKE_DECADES, furthest, mean)


def colour_span(maps: Sequence[Cells]) -> tuple[int, int]:
    """The whole decades around all values of the maps, as on the bars' axis; −1 to 0 without values."""
    spans = [span for one in maps if (span := one.span) is not None]
    if not spans:
        return -1, 0
    return decades_around(min(low for low, _ in spans), max(high for _, high in spans))


def paint(map_: Cells, span: tuple[int, int], palette: Palette) -> PixelArray:
    """The pixels of the map, shape (layers × CELL_ROWS, columns, 4), the output at the top.

    NaN is a lattice, infinity is solid, 0 is a line at the bottom of the row, all in the mark's colour on the ground. A
    missing magnitude is transparent.
    """
    low, high = span
    shade = np.clip((map_.logs[::-1] - low) * ((SHADE_COUNT - 1) / (high - low)), 0, SHADE_COUNT - 1).astype(np.intp)
    pixels = np.repeat(palette.shades()[shade], CELL_ROWS, axis=0)
    kinds = map_.kinds[::-1]
    if kinds.any():
        _paint_marks(pixels, np.repeat(kinds, CELL_ROWS, axis=0), palette)
    return pixels


def _paint_marks(pixels: PixelArray, kinds: npt.NDArray[np.int8], palette: Palette) -> None:
    """Overwrite the cells without a value."""
    rows, columns = np.arange(kinds.shape[0])[:, None], np.arange(kinds.shape[1])
    mark, ground = (*palette.mark, 255), (*palette.ground, 255)
    pixels[kinds == CELL_EMPTY] = 0
    pixels[(kinds == CELL_ZERO) | (kinds == CELL_NAN)] = ground
    pixels[(kinds == CELL_ZERO) & (rows % CELL_ROWS == CELL_ROWS - 1)] = mark
    pixels[(kinds == CELL_NAN) & ((rows // 2 + columns) % 2 == 0)] = mark
    pixels[kinds == CELL_INFINITE] = mark


def key_marks(span: tuple[int, int], most: int = 5) -> list[tuple[float, str]]:
    """The marks of the colour key, each with its place, 0 to 1, and its text: the ends, and even steps between."""
    low, high = span
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 400, 800) if (high - low) / step <= most - 1)
    inner = [mark for mark in range(low + step, high, step) if high - mark >= step]
    return [((mark - low) / (high - low), write_power_of_ten(mark)) for mark in (low, *inner, high)]


def kinds_shown(maps: Sequence[Cells]) -> tuple[str, ...]:
    """The kinds of cells in the maps, other than values, which the key has to explain."""
    # Counted, because np.unique would load numpy.ma, which the page doesn't have.
    counts = np.sum([np.bincount(one.kinds.ravel(), minlength=len(CELL_KINDS)) for one in maps], axis=0)
    return tuple(name for number, name in enumerate(CELL_KINDS) if counts[number] and number != CELL_VALUE)


class RecordedNorms(Protocol):
    """The norms of a run and the mask of the logged ones, both of shape (layers, steps)."""

    @property
    def norms(self) -> FloatArray:
        """The norms."""

    @property
    def logged(self) -> BoolArray:
        """True for each logged norm."""


def cells_in_pieces(run: RecordedNorms, most: int = MAX_MAP_COLUMNS) -> Generator[float, None, Cells]:
    """The cells of a run's map, shape (layers, at most `most`), made piece by piece; yields the share done, 0 to 1."""
    layers, steps = run.norms.shape
    share = steps_per_column(steps, most)
    columns = -(-steps // share)
    cells = Cells(np.empty((layers, columns), np.int8), np.empty((layers, columns)))
    high, wide = max(1, MAX_PIECE_VALUES // max(1, steps)), max(1, MAX_PIECE_VALUES // share)
    for top in range(0, layers, high):
        for left in range(0, columns, wide):
            yield (top + left / columns) / layers
            rows, part = slice(top, top + high), slice(left * share, (left + wide) * share)
            piece = merge_steps(np.where(run.logged[rows, part], run.norms[rows, part], MISSING_VALUE), share)
            cells.kinds[rows, left : left + wide] = piece.kinds
            cells.logs[rows, left : left + wide] = piece.logs
    return cells
