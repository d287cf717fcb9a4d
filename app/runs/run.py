"""Training runs out of the files that people have: known by their content, read in pieces, put together by layer. Pure.

    reader = Reader("run.jsonl")
    while piece := file.read(65_536):
        reader.feed(piece)  # a few milliseconds each
    log = reader.finish()
    run = combine([log])[0]  # names, steps, norms (layers, steps), loss

What can't be used is said in `Run.problems`, with file, line or byte; `LogError` is raised where nothing can.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from . import metric_names
from .collector import MOST_CELLS, READ, Column, Key, Log, LogError, Paused, Table, finished
from .formats.lines import Lines, is_utf_16
from .formats.npz import ArchiveReader
from .formats.tensorboard import EventReader, is_event_file

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Done = TypeVar("Done")
Work = Generator[float, None, Done]  # in pieces of a few milliseconds: yields how much is done, 0 to 1
HEAD: Final = 64  # bytes that tell what a file is
NATURAL: Final = "natural"
LOGGED: Final = "logged"
STRETCH: Final = 1 << 14  # steps that are combined at once: what that takes stays in the processor's cache
PREFERRED: Final = (
    metric_names.L2,
    metric_names.ASSUMED,
    metric_names.RMS,
    metric_names.MEAN,
    metric_names.MAX,
    metric_names.L1,
)
PICKLE: Final = "is a pickle, which can run any code, so it is not opened. Save gradients with np.savez"
KNOWN: Final = (  # by their first bytes
    (b"\x80\x02", PICKLE),
    (b"\x80\x03", PICKLE),
    (b"\x80\x04", PICKLE),
    (b"\x80\x05", PICKLE),
    (b"\x1f\x8b", "is compressed by gzip. Unpack it first"),
    (b"BZh", "is compressed by bzip2. Unpack it first"),
    (b"\xfd7zXZ", "is compressed by xz. Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd. Unpack it first"),
    (b"\x93NUMPY", "is one NumPy array without names. Save gradients by name with np.savez"),
    (b"\x89HDF", f"is an HDF5 file, which is not read; {READ}"),
    (b"PAR1", f"is a Parquet file, which is not read; {READ}"),
    (b"SQLite format 3", f"is an SQLite database, which is not read; {READ}"),
    (b":W&B", "is W&B's own transaction log. Export the chart as CSV"),
    (b"%PDF", f"is a PDF; {READ}"),
    (b"\x89PNG", f"is a picture; {READ}"),
    (b"\xff\xd8\xff", f"is a picture; {READ}"),
    (b"PK\x05\x06", "is an empty archive. Expected is what np.savez writes"),
)


class FileReader(Protocol):
    """What reads one format."""

    def feeding(self, data: bytes) -> Paused[None]:
        """Takes the next bytes. Raises LogError."""

    def finishing(self) -> Paused[Log]:
        """All that was found. Raises LogError when that is nothing."""


class Reader:
    """Reads one file that is fed in pieces of any size.

    `feeding` and `finishing` do the same with pauses: a line may be long, and an archive's piece unpack to many.
    """

    def __init__(self, file: str, size: int | None = None) -> None:
        self.file, self.size, self.read = metric_names.clean(file) or "pasted text", size, 0
        self._head = b""
        self._reader: FileReader | None = None

    @property
    def progress(self) -> float:
        """How much of the file was fed, 0 to 1; 0 where its size is not known."""
        return min(1.0, self.read / self.size) if self.size else 0.0

    def feed(self, data: bytes) -> None:
        """Takes the next bytes. Raises LogError when it is clear that nothing can be used."""
        finished(self.feeding(data))

    def feeding(self, data: bytes) -> Paused[None]:
        """What `feed` does, with pauses."""
        self.read += len(data)
        if self._reader:
            yield from self._reader.feeding(data)
            return
        self._head += data
        if len(self._head) >= HEAD:
            yield from self._begin()

    def _begin(self) -> Paused[FileReader]:
        self._reader = reader = open_format(self.file, self._head)
        head, self._head = self._head, b""
        yield from reader.feeding(head)
        return reader

    def finish(self) -> Log:
        """All that was found. Raises LogError when that is nothing."""
        return finished(self.finishing())

    def finishing(self) -> Paused[Log]:
        """What `finish` does, with pauses."""
        reader = self._reader or (yield from self._begin())
        return (yield from reader.finishing())


def open_format(file: str, head: bytes) -> FileReader:
    """The reader for a file that begins with these bytes. Raises LogError for what is known and not read."""
    for magic, why in KNOWN:
        if head.startswith(magic):
            raise LogError(f"{file}: {why}.")
    if head.startswith(b"PK\x03\x04"):
        return ArchiveReader(file)
    if is_event_file(head):
        return EventReader(file)
    if not is_utf_16(head) and b"\0" in head.split(b"\n", 1)[0]:
        raise LogError(
            f"{file}: has a zero byte at byte {head.index(0):,}, so it is no text, nor a format known here; {READ}."
        )
    return Lines(file)


def read(file: str, data: bytes | str) -> Log:
    """The log in a whole file, or in pasted text. Raises LogError."""
    reader = Reader(file)
    reader.feed(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    return reader.finish()


@dataclass(frozen=True, eq=False)
class Run:
    """Gradient magnitudes of one run, by layer and step.

    `names`: the layers, in order; `steps`: shape (S,), ascending; `norms`: shape (layers, S), NaN where nothing was
    logged; `logged`: the same shape, False there, so that a logged NaN can be told from a missing value; `loss`: shape
    (S,), NaN where none was logged, or None, and `loss_logged`, where one was. `parameters`: of each layer, the names
    that are combined in it. `kind` and `reduction` as in `tags`; `choices`: all that the files have. `sizes`: how many
    elements a layer has, as far as the files tell; an unknown parameter counts as one. `as_logged`: the layers in the
    order of the files, where known.
    """

    title: str
    names: tuple[str, ...]
    steps: Array
    norms: Array
    logged: Mask
    loss: Array | None
    parameters: tuple[tuple[str, ...], ...]
    kind: str
    reduction: str
    choices: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    as_logged: tuple[str, ...] = ()
    loss_logged: Mask | None = None

    @property
    def label(self) -> str:
        """What stands on the picture: `parameter gradient ∂L/∂W, L2 norm`."""
        return f"{metric_names.KINDS[self.kind]}, {metric_names.reduction_label(self.reduction)}"


Order = str | Sequence[str] | None


def combine(
    logs: Sequence[Log], kind: str | None = None, reduction: str | None = None, order: Order = None
) -> tuple[Run, ...]:
    """The runs in some files: those that name the same run, or are each a part of one, are put together.

    `kind` and `reduction` choose among what was logged (`Run.choices`); the default is an L2 norm. `order` is
    `"natural"` (layer.2 before layer.10), `"logged"`, or layers by name, the others after them; the default is natural,
    but as logged where the recorder wrote the file, for its order is that of definition. Parameters are combined into
    layers by their module's name. Raises LogError where nothing of that choice was logged.
    """
    return finished(combining(logs, kind, reduction, order))


def combining(
    logs: Sequence[Log],
    kind: str | None = None,
    reduction: str | None = None,
    order: Order = None,
    title: str | None = None,
) -> Work[tuple[Run, ...]]:
    """What `combine` does, in pieces of a few milliseconds: yields how much is done, 0 to 1, and returns the runs.

    `title`: of the one that is wanted; None: all.
    """
    titles: dict[str, list[tuple[Log, str]]] = {}
    for log in logs:
        for run in dict.fromkeys(key.run for key in log.tables):
            titles.setdefault(run or _title(log), []).append((log, run))
    runs: list[Run] = []
    titles = titles if title is None else {title: titles[title]}
    for at, (name, parts) in enumerate(titles.items()):
        work = _combined(name, parts, kind, reduction, order)
        runs.append((yield from share_of(work, at / len(titles), 1 / len(titles))))
    return tuple(runs)


def share_of(work: Work[Done], start: float, share: float) -> Work[Done]:
    """Work as a share of other work, of which `start` is done."""
    while True:
        try:
            done = next(work)
        except StopIteration as end:
            result: Done = end.value
            return result
        yield start + share * done


def _title(log: Log) -> str:
    """A run without a name has its file's; files that hold a single step are parts of one."""
    single = all(len(table.rows) == 1 for table in log.tables.values())
    return "run" if single and log.file.endswith(".npz") else log.file


def _combined(
    title: str,
    parts: list[tuple[Log, str]],
    kind: str | None,
    reduction: str | None,
    order: Order,
) -> Work[Run]:
    choices = _choices(parts)
    chosen = next((one for one in choices if kind in {None, one[0]} and reduction in {None, one[1]}), None)
    if chosen is None:
        offered = "; ".join(
            f"{metric_names.KINDS[one]}, {metric_names.reduction_label(other)}" for one, other in choices
        )
        raise LogError(f"{title}: has no such gradients. It has: {offered}.")
    tables = [(log, log.tables[key]) for log, run in parts if (key := Key(run, *chosen)) in log.tables]
    steps, places = yield from _placing([table for _, table in tables])
    layers = yield from _sorting(tables, places, chosen[0])
    names = ordered(list(layers), order or (LOGGED if all(log.ordered for log, _ in parts) else NATURAL))
    if len(names) * len(steps) > MOST_CELLS:
        raise LogError(
            f"{title}: {len(names):,} layers by {len(steps):,} steps are more than the {MOST_CELLS:,} values there is "
            "room for. Log every tenth step."
        )
    norms, logged = yield from _filling([layers[name] for name in names], len(steps), chosen[1])
    loss, there = yield from share_of(_placing_loss(parts, steps), 1.0, 0.0)
    problems = tuple(dict.fromkeys(f"{log.file}: {problem}" for log, _ in parts for problem in log.problems))
    parameters = tuple(tuple(layers[name]) for name in names)
    sizes = tuple(sum(parameter.size for parameter in layers[name].values()) for name in names)
    return Run(
        title,
        names,
        steps,
        norms,
        logged,
        loss,
        parameters,
        *chosen,
        choices,
        problems,
        sizes,
        as_logged=tuple(layers),
        loss_logged=there,
    )


def _choices(parts: list[tuple[Log, str]]) -> tuple[tuple[str, str], ...]:
    """What kinds and reductions there are, the one to show first first."""
    found = {(key.kind, key.reduction) for log, run in parts for key in log.tables if key.run == run}

    def rank(choice: tuple[str, str]) -> tuple[int, int, str]:
        kind, reduction = choice
        known = PREFERRED.index(reduction) if reduction in PREFERRED else len(PREFERRED)
        return (list(metric_names.KINDS).index(kind), known, reduction)

    return tuple(sorted(found, key=rank))


def _placing(tables: list[Table]) -> Work[tuple[Array, list[Places | None]]]:
    """All steps, ascending, and of each table the places among them of its rows, None where these are the same."""
    listed = yield from _listed(table.rows for table in tables)
    steps = distinct(np.concatenate(listed))
    places: list[Places | None] = []
    for one in listed:
        yield 0.0
        places.append(None if np.array_equal(one, steps) else (yield from _sought(one, steps)))
    return steps, places


def _sought(wanted: Array, steps: Array) -> Work[Places]:
    """Where each of the wanted is among the steps."""
    places = np.empty(len(wanted), np.intp)
    for start in range(0, len(wanted), STRETCH):
        part = slice(start, start + STRETCH)
        places[part] = np.searchsorted(steps, wanted[part])
        yield 0.0
    return places


def _listed(several: Iterable[Iterable[float]]) -> Work[list[Array]]:
    """Numbers as arrays, shape (N,) each."""
    listed: list[Array] = []
    for numbers in several:
        left, pieces = iter(numbers), [np.empty(0)]
        while len(piece := np.fromiter(islice(left, STRETCH), np.float64)):
            pieces.append(piece)
            yield 0.0
        listed.append(np.concatenate(pieces))
    return listed


def distinct(steps: Array) -> Array:
    """Each once, ascending: np.unique would bring numpy.ma, which the page does without."""
    ascending = np.sort(steps, kind="stable")  # which takes no time over what is in order already
    return ascending[np.append(True, np.diff(ascending) > 0)] if ascending.size else ascending


def found_in(wanted: Array, steps: Array) -> tuple[Places, Mask]:
    """Where the wanted ones are among some steps, one at least, and whether they are there at all."""
    at = np.minimum(np.searchsorted(steps, wanted), len(steps) - 1)
    return at, steps[at] == wanted


@dataclass
class _Parameter:
    """A parameter's values in the files: columns, each with its rows' places; and how many elements it has."""

    size: int
    columns: list[tuple[Column, Places | None]]


def _sorting(
    tables: list[tuple[Log, Table]], places: list[Places | None], kind: str
) -> Work[dict[str, dict[str, _Parameter]]]:
    """The parameters of each layer, both as they come in the files. What is no parameter is a layer itself."""
    sizes = [log.sizes for log, _ in tables if log.sizes]
    known: dict[str, _Parameter] = {}
    layers: dict[str, dict[str, _Parameter]] = {}
    for (_, table), place in zip(tables, places, strict=True):
        yield 0.0
        for name, column in table.columns.items():
            parameter = known.get(name)
            if parameter is None:
                layer = metric_names.layer_of(name) if kind == metric_names.PARAMETER else name
                parameter = _Parameter(next((told[name] for told in sizes if name in told), 1), [])
                known[name] = layers.setdefault(layer, {})[name] = parameter
            parameter.columns.append((column, place))
    return layers


def ordered(names: Sequence[str], order: str | Sequence[str]) -> tuple[str, ...]:
    """Names in an order: `"natural"`, `"logged"` (as they are), or those given first and the others after them."""
    if order == NATURAL:
        return tuple(sorted(names, key=metric_names.natural_key))
    if isinstance(order, str):
        return tuple(names)
    there = set(names)
    first = {name: None for name in order if name in there}
    return (*first, *(name for name in names if name not in first))


def _filling(layers: list[dict[str, _Parameter]], steps: int, reduction: str) -> Work[tuple[Array, Mask]]:
    norms = np.empty((len(layers), steps))  # filled row by row, for all at once would take too long
    logged = np.empty(norms.shape, np.bool_)
    for row, parameters in enumerate(layers):
        values, there = [], []
        for parameter in parameters.values():
            yield row / len(layers)
            series, mask = _series(parameter, steps)
            values.append(series)
            there.append(mask)
        sizes = [parameter.size for parameter in parameters.values()]
        work = merging(values, there, reduction, sizes, norms[row], logged[row])
        yield from share_of(work, row / len(layers), 1 / len(layers))
    return norms, logged


def _series(parameter: _Parameter, steps: int) -> tuple[Array, Mask]:
    """A parameter's values, and where one was logged; where two files logged the same step, the later one stands."""
    if len(parameter.columns) == 1:
        column, place = parameter.columns[0]
        if place is None and len(column.values) == steps:  # as it is, without a copy
            return np.frombuffer(column.values, np.float64), np.frombuffer(column.logged, np.bool_)
    values, there = np.full(steps, np.nan), np.zeros(steps, np.bool_)
    for column, place in parameter.columns:
        logged = np.frombuffer(column.logged, np.bool_)
        where = np.flatnonzero(logged) if place is None else place[: len(logged)][logged]
        values[where] = np.frombuffer(column.values, np.float64)[logged]
        there[where] = True
    return values, there


def together(
    values: Sequence[Array], there: Sequence[Mask], reduction: str, sizes: Sequence[int] | None = None
) -> tuple[Array, Mask]:
    """Several series combined into that of all their elements together, and where one at least was logged.

    Of norms ‖g‖ₚ the p-norm, for L2 the root of the sum of squares; of maxima the maximum; RMS and mean weighted by the
    number of elements, `sizes`, or alike where it isn't known. NaN where nothing was logged, or where a NaN was.
    """
    norms, logged = np.empty(len(values[0])), np.empty(len(values[0]), np.bool_)
    finished(merging(values, there, reduction, sizes, norms, logged))
    return norms, logged


def merging(  # noqa: PLR0917  # what is combined, how, and where to
    values: Sequence[Array],
    there: Sequence[Mask],
    reduction: str,
    sizes: Sequence[int] | None,
    norms: Array,
    logged: Mask,
) -> Work[None]:
    """What `together` does, in pieces of a fraction of a millisecond, into `norms` and `logged`, shape (S,) each."""
    weights = [1.0] * len(values) if sizes is None else [float(size) for size in sizes]
    for start in range(0, len(norms), STRETCH):
        part = slice(start, start + STRETCH)
        work = _merging([one[part] for one in values], [mask[part] for mask in there], reduction, weights)
        norms[part], logged[part] = yield from share_of(work, start / len(norms), min(1.0, STRETCH / len(norms)))


def _merging(values: list[Array], there: list[Mask], reduction: str, weights: list[float]) -> Work[tuple[Array, Mask]]:
    """Series of few steps together: largest · (Σ wᵢ (xᵢ / largest)ᵖ)^(1/p), so that no power overflows on the way."""
    largest, logged = np.zeros(len(values[0])), np.zeros(len(values[0]), np.bool_)
    for series, mask in zip(values, there, strict=True):
        yield 0.0
        np.maximum(largest, _known(series, mask), out=largest)
        logged |= mask
    if len(values) > 1 and reduction != metric_names.MAX:
        largest = yield from _summing(values, there, reduction, weights, largest)
    return np.where(logged, largest, np.nan), logged


def _summing(
    values: list[Array], there: list[Mask], reduction: str, weights: list[float], largest: Array
) -> Work[Array]:
    p, divided = _power(reduction), reduction in {metric_names.MEAN, metric_names.RMS}
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    total, weight = np.zeros(len(scale)), np.zeros(len(scale))
    for series, mask, count in zip(values, there, weights, strict=True):
        yield 0.5
        with np.errstate(all="ignore"):  # NaN and infinity are values here
            power = _raised(_known(series, mask) / scale, p)
            total += count * power if divided else power
        if divided:
            weight += count * mask
    with np.errstate(all="ignore"):
        return scale * _raised(total / weight if divided else total, 1 / p)


def _known(series: Array, mask: Mask) -> Array:
    """The series with 0 where nothing was logged."""
    return series if mask.all() else np.where(mask, series, 0.0)


def _raised(values: Array, power: float) -> Array:
    """Values to a power, of which the usual ones have functions that are several times as fast."""
    if power in {2.0, 0.5}:
        return np.square(values) if power == 2 else np.sqrt(values)
    return values if power == 1 else values**power


def _power(reduction: str) -> float:
    """The p of a p-norm by which a reduction is combined: 2 for L2 and RMS, 1 for L1 and mean, infinity for maxima."""
    named = {
        metric_names.L2: 2.0,
        metric_names.ASSUMED: 2.0,
        metric_names.RMS: 2.0,
        metric_names.L1: 1.0,
        metric_names.MEAN: 1.0,
        metric_names.MAX: np.inf,
    }
    return named.get(reduction) or float(reduction[1:])


def _placing_loss(parts: list[tuple[Log, str]], steps: Array) -> Work[tuple[Array, Mask] | tuple[None, None]]:
    """The loss at the steps that have gradients, and where one was logged; None where that is at none of them."""
    loss, logged = np.full(len(steps), np.nan), np.zeros(len(steps), np.bool_)
    for log, run in parts:
        losses = log.losses.get(run, {})
        where, values = yield from _listed((losses, losses.values()))
        for start in range(0, len(where), STRETCH):
            yield 0.0
            at, there = found_in(where[start : start + STRETCH], steps)
            loss[at[there]] = values[start : start + STRETCH][there]
            logged[at[there]] = True
    return (loss, logged) if logged.any() else (None, None)
