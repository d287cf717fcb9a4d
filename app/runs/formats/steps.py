"""Steps of a training log: the names they go by, and the number under which each record is kept. Pure.

A log may tell the step (`global_step`), only the epoch, a batch that starts anew in each epoch, or nothing. Records of
a log that tells no step are counted; those of one that tells only epochs are counted too, and get their epochs' numbers
at the end, if no epoch has several records.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ..collector import Column, ParsedLog, Paused, Table

FINE: Final = (  # names of steps, the best first
    *("global_step", "train_step", "training_step", "optimizer_step", "step", "steps", "step_num", "step_number"),
    *("step_idx", "step_id", "current_step", "cur_step", "num_steps", "n_steps", "global_iteration", "global_iter"),
    *("iteration", "iterations", "iter", "iters", "iter_num", "n_iter", "num_iter", "train_iter", "cur_iter", "itr"),
    *("current_iter", "it", "num_updates", "n_updates", "update", "updates", "gradient_step", "grad_step", "_step"),
    *("schritt", "paso", "passo", "krok", "шаг", "步", "步数", "步骤", "ステップ", "스텝"),
    *("training_iteration", "total_timesteps", "timesteps", "num_timesteps", "timestep", "env_step", "env_steps"),
)
BATCHES: Final = ("batch", "batch_idx", "batch_id", "batch_index", "batch_num", "minibatch", "mini_batch")
EPOCHS: Final = (
    "epoch",
    "epochs",
    "ep",
    "epoch_num",
    "epoch_idx",
    "current_epoch",
    "cur_epoch",
    "train_epoch",
    "epoche",
    "epoca",
    "эпоха",
    "轮",
    "轮数",
    "エポック",
    "에포크",
)
COUNTED: Final = "No step is told, so the records were counted."
MAX_CACHED_NAMES: Final = 8192
_RANKS: Final = {name: rank for rank, name in enumerate((*FINE, *BATCHES))}
_EPOCHS: Final = frozenset(EPOCHS)
_LABEL_WORDS: Final = ("step", "ep", "it", "batch", "update", "paso", "passo", "krok")  # in all names in ASCII
_NOT_WORD: Final = re.compile(r"[^a-z0-9_]+")
_KEYED: Final = re.compile(r"^(?P<name>[a-z_ ]*?)[ _\-:=#]*(?P<number>\d{1,15}(?:\.\d{1,9})?)$", re.IGNORECASE)


class Labels(NamedTuple):
    """A record's place in the training."""

    step: float | None
    epoch: float | None


NO_LABELS: Final = Labels(None, None)


@lru_cache(maxsize=MAX_CACHED_NAMES)
def plain_name(name: str) -> str:
    """The last part of a name, in one spelling: `trainer/Global Step` is `global_step`."""
    last = name.strip().casefold().rpartition("/")[2].rpartition(".")[2]
    return _NOT_WORD.sub("_", last).strip("_") or last if not last.startswith("_") else last


def may_be_label(name: str) -> bool:
    """False for most names that are neither a step's, a batch's nor an epoch's, found faster than by their rank."""
    folded = name.casefold()
    return any(map(folded.__contains__, _LABEL_WORDS)) or not name.isascii()


def step_rank(name: str) -> int | None:
    """The rank of a step's name, the best is 0; None for any other name."""
    return _RANKS.get(plain_name(name))


def is_epoch(name: str) -> bool:
    """Say whether a name is that of an epoch's number."""
    return plain_name(name) in _EPOCHS


@lru_cache(maxsize=MAX_CACHED_NAMES)
def is_step_or_epoch(name: str) -> bool:
    """Say whether a name is that of a step's, a batch's or an epoch's number."""
    return step_rank(name) is not None or is_epoch(name)


def is_plain_step(plain: str) -> bool:
    """Say whether a name in one spelling is that of a step's, a batch's or an epoch's number."""
    return plain in _RANKS or plain in _EPOCHS


def best_step(plain: Sequence[str]) -> int | None:
    """The place of the best step's name among names in one spelling; None where there is none."""
    ranked = [(_RANKS[name], at) for at, name in enumerate(plain) if name in _RANKS]
    return min(ranked)[1] if ranked else None


def best_epoch(plain: Sequence[str]) -> int | None:
    """The place of the first epoch's name among names in one spelling; None where there is none."""
    return next((at for at, name in enumerate(plain) if name in _EPOCHS), None)


def keyed_step(key: str) -> Labels | None:
    """The step in a key: of `100`, `step_100` or `epoch 1`; None for any other key."""
    found = _KEYED.match(key.strip())
    if not found:
        return None
    name, number = plain_name(found["name"]) if found["name"].strip() else "", float(found["number"])
    if not name or name in _RANKS:
        return Labels(number, None)
    return Labels(None, number) if name in _EPOCHS else None


def choose_steps(names: Iterable[str]) -> tuple[str | None, str | None]:
    """The best step's name and the epoch's among some names; None for what is not there."""
    listed = list(names)
    plain = [plain_name(name) for name in listed]
    step, epoch = best_step(plain), best_epoch(plain)
    return None if step is None else listed[step], None if epoch is None else listed[epoch]


class Numbering:
    """Turns labels that start anew in each epoch into steps that only go on."""

    def __init__(self) -> None:
        self._offsets: dict[float, float] = {}
        self._raw = self._epoch = math.nan
        self._last, self._gap = -math.inf, 1.0
        self.starts_anew = False

    def step(self, labels: Labels) -> float | None:
        """The step of a record with these labels; None where it tells none."""
        raw, epoch = labels
        if raw is None:
            return None
        if epoch is None:
            self._note(raw, raw)
            return raw
        if epoch not in self._offsets:
            anew = epoch > self._epoch and raw <= self._raw
            self.starts_anew = self.starts_anew or anew
            former = self._offsets.get(self._epoch, 0.0)
            self._offsets[epoch] = self._last + self._gap - raw if anew else former
        step = raw + self._offsets[epoch]
        self._note(raw, step)
        self._epoch = epoch
        return step

    def _note(self, raw: float, step: float) -> None:
        if raw > self._raw:
            self._gap = raw - self._raw
        self._raw, self._last = raw, step


class StepClock:
    """Gives the records of a log, one after the other, the step that each is kept under."""

    def __init__(self) -> None:
        self._numbering = Numbering()
        self._count = 0
        self._numbered: float | None = None
        self._labels = array("d")  # of counted records, NaN for none

    def record(self, labels: Labels) -> float:
        """The step of the next record."""
        step = self._numbering.step(labels)
        if step is not None:
            self._numbered = step
            return step
        if self._numbered is not None:
            return self._numbered
        self._labels.append(math.nan if labels.epoch is None else labels.epoch)
        self._count += 1
        return self._count - 1

    def say(self, log: Any) -> None:
        """Tell the collector's issues what was assumed. Call it before `finish` of the collector."""
        if self._numbering.starts_anew:
            log.issues.say("Steps start anew in each epoch, so they were counted on from one epoch to the next.")
        if self._numbered is None and len(self._labels) > 1 and all(map(math.isnan, self._labels)):
            log.issues.say(COUNTED)
        repeated = None if self._numbered is not None else repeated_label(self._labels)
        if repeated is not None:
            log.issues.say(f"Epoch {repeated:g} has several records and no steps, so the records were counted.")

    def relabelled(self, log: ParsedLog) -> Paused[ParsedLog]:
        """The log with its records at their epochs, where these tell them apart."""
        if self._numbered is None and can_label(self._labels):
            yield from relabel(log, self._labels)
        return log


def repeated_label(labels: array[float]) -> float | None:
    """The first label that two records have one after the other."""
    return next((one for one, other in pairwise(labels) if one == other), None)


def can_label(labels: array[float]) -> bool:
    """Say whether each record has a label, and no two that follow each other the same."""
    return bool(labels) and not any(map(math.isnan, labels)) and repeated_label(labels) is None


def relabel(log: ParsedLog, labels: array[float]) -> Paused[None]:
    """Move the records of a log from their counts to their labels. Of records with one label the later stands."""
    for table in log.tables.values():
        yield from _relabel_table(table, labels)
    for losses in log.losses.values():
        moved = {labels[int(at)]: loss for at, loss in losses.items()}
        losses.clear()
        losses.update(moved)


def _relabel_table(table: Table, labels: array[float]) -> Paused[None]:
    counts = list(table.rows)
    rows: dict[float, int] = {}
    for count in counts:
        rows.setdefault(labels[int(count)], len(rows))
    if len(rows) < len(counts):
        places = [rows[labels[int(count)]] for count in counts]
        for column in table.columns.values():
            _move(column, places)
            yield
    table.rows.clear()
    table.rows.update(rows)


def _move(column: Column, places: list[int]) -> None:
    """Put a column's values at other rows."""
    moved = Column()
    rows = zip(places, column.values, column.logged, strict=False)
    latest = {place: value for place, value, is_logged in rows if is_logged}
    for place in sorted(latest):
        moved.put(place, latest[place])
    column.values, column.logged = moved.values, moved.logged
