"""Recognition of what a text is by its first lines: JSON, a table, one metric of MLflow's, or print. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from ..collector import LogError, ParsedLog, Paused, SeriesCollector
from . import refusals
from .delimited import find_header, is_numeric, split_cells
from .json_records import JsonReader
from .metric_files import MetricReader, is_metric_file
from .printed import PrintedReader
from .table import TableReader

_MARKUP: Final = re.compile(r"^\s*(?:<!doctype|<\?xml|<html|<head|<body|<svg|<!--|<rss|<Error>)", re.IGNORECASE)
MAX_LOOKED_AT: Final = 4096  # characters of a line
MIN_COLUMNS: Final = 2


class LineReader(Protocol):
    """A reader of the lines of one format."""

    def line(self, text: str, number: int) -> Paused[None]:
        """Take the next line that isn't empty, without its end."""

    def finishing(self) -> Paused[ParsedLog]:
        """All that was found. Raises LogError when that is nothing."""


def recognise(lines: Sequence[str], collector: SeriesCollector) -> LineReader:
    """The reader for a text that begins with these lines. Raises LogError for what is known and not read."""
    first = lines[0].strip()
    if _MARKUP.match(first):
        raise LogError(f"{collector.file}: {refusals.MARKUP}")
    if first[0] in "{[" and _is_json(first) and not _is_printed_first(lines):
        return JsonReader(collector)
    if is_metric_file(lines):
        return MetricReader(collector)
    header = find_header(lines)
    if header:
        return TableReader(collector, header)
    if _is_headerless(lines):
        raise LogError(f"{collector.file}: {refusals.NO_HEADER}")
    return PrintedReader(collector)


def _is_json(first: str) -> bool:
    """Say whether a line begins a JSON value, and no prefix in brackets: `[rank0]: …`, `[12:00:00] …`."""
    if first[0] == "{" or first[-1] in "[,]":
        return first[0] == "{" or not re.match(r"\[[A-Za-z][\w .:=-]*\]", first)
    return bool(re.match(r"\[\s*(?:[\[{\"\]]|[-+\d.]+\s*[,\]]\s*[-+\d.\[\]]|$)", first))


def _is_printed_first(lines: Sequence[str]) -> bool:
    """Say whether a whole object that tells no gradient, as a configuration, stands before printed lines."""
    rest = [line.lstrip()[:1] for line in lines[1:]]
    if not rest or not lines[0].rstrip().endswith("}") or "grad" in lines[0].casefold():
        return False
    return 2 * sum(mark == "{" for mark in rest) < len(rest)


def _is_headerless(lines: Sequence[str]) -> bool:
    """Say whether all lines are as many numbers each."""
    for separator in (",", ";", "\t", ""):
        rows = [split_cells(line[:MAX_LOOKED_AT], separator) for line in lines[:8]]
        if all(len(row) == len(rows[0]) > MIN_COLUMNS and all(map(is_numeric, row)) for row in rows):
            return True
    return False
