"""Which files belong to one run. Pure.

A file is a run, but a run may be in several: W&B's and TensorBoard's exports name it, others write a file a metric or
an archive a step. Files that tell different things of one layer at one step are of different runs.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePosixPath
from typing import Final

from .series import Column, Key, LogError, ParsedLog, Table

Part = tuple[ParsedLog, str]  # a log, and the run in it
UNNAMED: Final = "run"
ARCHIVE: Final = (".npz", ".safetensors")  # the ends of names of files that hold raw gradients of one step


@dataclass
class Group:
    """The parts of one run. `run` is what its files call it; empty where they don't."""

    run: str
    folder: str
    parts: list[Part]
    title: str = ""
    follows: bool = False  # a file goes on where another ends
    left_out: list[str] = field(default_factory=list)  # a sentence for each file that may be of this run
    series: set[tuple[str, str, str]] = field(default_factory=set)  # kind, reduction and name of each

    @property
    def problems(self) -> tuple[str, ...]:
        """The assumptions, a sentence each."""
        if self.run or len(self.parts) == 1 or all(log.file.endswith(ARCHIVE) for log, _ in self.parts):
            goes_on = (f"{self.title} goes on from one file to the next.",) if self.follows else ()
            return (*goes_on, *self.left_out)
        return (f"{len(self.parts):,} files of one series each were taken for one run.", *self.left_out)


def group_logs(logs: Sequence[ParsedLog]) -> list[Group]:
    """The runs in some logs, each with a title of its own. Raises LogError if there is none."""
    groups: list[Group] = []
    for log in logs:
        for run in dict.fromkeys(key.run for key in log.tables):
            group = _fitting(groups, log, run)
            if group is None:
                groups.append(group := Group(run, _folder(log), []))
            group.parts.append((log, run))
            group.series |= _names(log, run)
    for log in logs:
        if not log.tables:
            _take_loss(groups, log)
    titles: set[str] = set()
    for group in groups:
        group.title = _untaken(_title(group), titles)
        titles.add(group.title)
    return groups


def _take_loss(groups: list[Group], log: ParsedLog) -> None:
    """Add a file that has the loss alone to its run, or to the only one. Raises LogError where there is none."""
    if not groups:
        raise LogError(log.refusal)
    for run in log.losses:
        fitting = [group for group in groups if group.run == run] or groups
        if len(fitting) == 1:
            fitting[0].parts.append((log, run))
        else:
            fitting[0].left_out.append(f"{log.file} was left out: which run its loss is of is not said.")


def _fitting(groups: list[Group], log: ParsedLog, run: str) -> Group | None:
    """The group that a part of a run belongs to, those of its folder first; None where it begins one."""
    if not run and not is_part(log):
        return None
    among = [group for group in groups if group.run == run and (run or all(is_part(each) for each, _ in group.parts))]
    for group in sorted(among, key=lambda group: group.folder != _folder(log)):
        shared = group.series & _names(log, run)
        if not shared:
            return group
        if (run or log.file.endswith(ARCHIVE)) and not any(_overlap(group, log, run, each) for each in shared):
            group.follows = bool(run)
            return group
    return None


def _overlap(group: Group, log: ParsedLog, run: str, series: tuple[str, str, str]) -> bool:
    """True if a series has a value at some step both in the group and in a log."""
    key, name = Key(run, *series[:2]), series[2]
    steps = _steps(log.tables[key], log.tables[key].columns[name])
    for other, _ in group.parts:
        table = other.tables.get(key)
        if table and name in table.columns and not steps.isdisjoint(_steps(table, table.columns[name])):
            return True
    return False


def _steps(table: Table, column: Column) -> set[float]:
    return {step for step, logged in zip(table.rows, column.logged, strict=False) if logged}


def _names(log: ParsedLog, run: str) -> set[tuple[str, str, str]]:
    return {
        (key.kind, key.reduction, name) for key, table in log.tables.items() if key.run == run for name in table.columns
    }


def is_part(log: ParsedLog) -> bool:
    """True if a file that names no run is a part of one: it holds one series, or is an archive of one step."""
    tables = log.tables.values()
    if log.file.endswith(ARCHIVE):
        return all(len(table.rows) == 1 for table in tables)
    return len({name for table in tables for name in table.columns}) == 1


def _folder(log: ParsedLog) -> str:
    folder = str(PurePosixPath(log.file.replace("\\", "/")).parent)
    return "" if folder == "." else folder


def _title(group: Group) -> str:
    """As its files call the run, else as the file is called, or the folder of several."""
    (log, _), *others = group.parts
    if group.run:
        return group.run
    if log.file.endswith(ARCHIVE) and is_part(log):
        return group.folder or UNNAMED
    return (group.folder or UNNAMED) if others else log.file


def _untaken(title: str, taken: Container[str]) -> str:
    return next(each for number in count(1) if (each := f"{title} ({number})" if number > 1 else title) not in taken)
