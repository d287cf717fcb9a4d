"""Training logs as text: JSON lines, a JSON document, what was printed and pasted, comma-separated values. Pure.

Text is taken line by line, so that a file of any size passes through; only a document that is one JSON value has to be
kept whole. `json` reads `NaN` and `Infinity`, which Python writes and JavaScript's `JSON.parse` does not know.
"""

from __future__ import annotations

import codecs
import json
import re
from _csv import Error, reader  # the reader alone: csv around it would come to each visitor with the standard library
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

from .. import metric_names
from ..collector import MAGNITUDES, READ, Collector, Log, LogError, Paused, RowWriter, magnitude, step_number

LONGEST_LINE: Final = 8 << 20  # bytes; 10,000 columns take about 0.6 MB
LONGEST_DOCUMENT: Final = 32 << 20  # bytes of JSON that is not one record a line
LONG: Final = 1 << 16  # characters of JSON that are read without a pause
PRINTED: Final = 1 << 19  # characters of a printed line that are looked at
LOOKED_AT: Final = 4096  # characters of a text's first line that tell what it is
FEW: Final = 64  # values that are taken without a pause: a new name costs some regular expressions
DEEPEST: Final = 4  # objects within objects whose names are joined by a slash: {"grad_norm": {"fc1.weight": 0.1}}
EXPECTED: Final = 'Expected are names as in {"step": 120, "grad_norm/fc1.weight": 3.1e-4}.'
TRAINER_STATE: Final = (
    "is a trainer_state.json, which holds one grad_norm over all layers and so nothing of where gradients vanish. "
    "Record each layer's own with gradient_flow_recorder.py."
)
HISTOGRAM: Final = "a histogram without its sum of squares, from which no norm follows"

_NUMBER: Final = r"[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,4})?|[-+]?(?:nan|inf(?:inity)?)"
_WRAPPED: Final = r"(?:[A-Za-z_][\w.]{0,40}\(\s{0,4})?"  # tensor( and np.float64(
_PAIR: Final = re.compile(
    rf"(['\"])(?P<name>[^'\"]{{1,200}})\1\s{{0,8}}:\s{{0,8}}{_WRAPPED}(?P<number>{_NUMBER})(?![\w.])", re.IGNORECASE
)
_SEVERAL: Final = re.compile(
    rf"(?:^|(?<=[\s,|;]))(?=[^\s:=]{{0,200}}[a-z])(?P<name>[^\s:=,|'\"]{{1,200}})\s{{0,4}}[:=]\s{{0,4}}{_WRAPPED}"
    rf"(?P<number>{_NUMBER})(?![\w.:])",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    rf"[\s:=,]{_WRAPPED}(?P<number>{_NUMBER})(?:,\s{{0,8}}(?:device|dtype|grad_fn|requires_grad)=.{{0,80}})?[\])}},;]{{0,4}}$",
    re.IGNORECASE,
)
_DECIMAL_COMMA: Final = re.compile(r"^\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*$")
_RUN_FILE: Final = re.compile(r"^(?:run-)?(?P<run>.*?)-tag-(?P<tag>.+)$")
_EXTREME: Final = ("__min", "__max")
_WIDE: Final = {b"\xff\xfe": codecs.utf_16_le_decode, b"\xfe\xff": codecs.utf_16_be_decode}


class LineReader(Protocol):
    """What takes the lines of one format."""

    def line(self, text: str, number: int) -> Paused[None]:
        """The next line that isn't empty, without its end."""

    def finishing(self) -> Paused[Log]:
        """All that was found; raises LogError when that is nothing."""


class Lines:
    """Cuts bytes into lines and hands them on, decoded; which reader takes them is decided by the first."""

    def __init__(self, file: str) -> None:
        self._file, self._number, self._skipping = file, 0, False
        self._rest: list[bytes] = []  # the beginning of a line …
        self._long = 0  # … and its bytes
        self._wide: Callable[[bytes, str, bool], tuple[str, int]] | None = None  # decodes text that is UTF-16 …
        self._half = b""  # … of which this is the beginning of a character
        self._started = False
        self._reader: LineReader | None = None
        self._collector = Collector(file)

    def feeding(self, data: bytes) -> Paused[None]:
        """Takes the next bytes. Raises LogError."""
        if not self._started and data:
            self._started = True
            self._wide = _WIDE.get(data[:2])
            data = data[2:] if self._wide else data.removeprefix(b"\xef\xbb\xbf")
        if self._wide:
            data = self._narrow(data, final=False)
        *whole, rest = data.split(b"\n")
        for line in whole:
            yield from self._line(self._whole(line))
            yield
        self._keep(rest)

    def _narrow(self, data: bytes, final: bool) -> bytes:
        assert self._wide
        data = self._half + data
        try:
            text, used = self._wide(data, "strict", final)
        except UnicodeDecodeError:
            raise LogError(
                f"{self._file}: is no longer UTF-16 text, as which it begins, after line {self._number:,}."
            ) from None
        self._half = data[used:]
        return text.encode("utf-8", "replace")

    def _keep(self, rest: bytes) -> None:
        if self._long + len(rest) > LONGEST_LINE:
            self._skipping = True
            self._whole(b"")
        elif rest and not self._skipping:
            self._rest.append(rest)
            self._long += len(rest)

    def _whole(self, line: bytes) -> bytes:
        """A line with the beginning of it that was kept."""
        if self._rest:
            line = b"".join([*self._rest, line])
            self._rest, self._long = [], 0
        return line

    def _line(self, line: bytes) -> Paused[None]:
        self._number += 1
        if self._skipping or len(line) > LONGEST_LINE:
            self._skipping = False
            self._complain(f"longer than {LONGEST_LINE >> 20} MB")
            return
        line = line.strip()
        if not line:
            return
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            self._complain(f"not UTF-8 text (byte {line[error.start]:#04x})")
            return
        if "\0" in text:
            self._complain("not text (it has a zero byte)")
            return
        if self._reader is None:
            self._reader = choose(text, self._collector)
        self._collector.totals["lines"] = self._collector.totals.get("lines", 0) + 1
        yield from self._reader.line(text, self._number)

    def _complain(self, wrong: str) -> None:
        self._collector.totals["lines"] = self._collector.totals.get("lines", 0) + 1
        self._collector.complaints.count("lines", wrong, f"line {self._number:,}")

    def finishing(self) -> Paused[Log]:
        """All that was found. Raises LogError when that is nothing."""
        rest = self._whole(self._narrow(b"", final=True) if self._wide else b"")
        if rest or self._skipping:
            yield from self._line(rest)
        if self._reader is None:
            if self._collector.totals:
                raise LogError(
                    " ".join(
                        (
                            f"{self._file}: is neither text nor any format known here; {READ}.",
                            *self._collector.complaints.sentences(self._collector.totals),
                        )
                    )
                )
            raise LogError(f"{self._file}: is empty. {EXPECTED}")
        return (yield from self._reader.finishing())


def choose(first: str, collector: Collector) -> LineReader:
    """The reader for a text with this first line."""
    if first[0] in "{[":
        return JsonReader(collector)
    first = first[:LOOKED_AT]
    fields = split_fields(first, separator(first))
    if len(fields) > 1 and not _SEVERAL.search(first) and not any(magnitude(cell) is not None for cell in fields):
        return CsvReader(collector)
    return PastedReader(collector)


class JsonReader:
    """JSON: a record a line, or one document that is read when all of it is there."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._document: list[str] | None = None  # in lines, but all …
        self._former: list[str] = []  # … before them in few pieces, for a million lines would take long to join
        self._size = self._records = 0
        self._pasted: PastedReader | None = None

    def line(self, text: str, number: int) -> Paused[None]:
        """A record, or the next line of the document."""
        if self._pasted:
            yield from self._pasted.line(text, number)
        elif self._document is not None:
            self._keep(text)
        else:
            yield from self._record_line(text, number)

    def _keep(self, text: str) -> None:
        assert self._document is not None
        self._size += len(text)
        if self._size > LONGEST_DOCUMENT:
            raise LogError(
                f"{self._collector.file}: is one JSON value of more than {LONGEST_DOCUMENT >> 20} MB. "
                "Expected is a record a line (JSON lines), which may be of any size."
            )
        if len(self._document) >= LOOKED_AT:
            self._former.append("\n".join(self._document))
            self._document = []
        elif not self._former and '"log_history"' in text:
            raise LogError(f"{self._collector.file}: {TRAINER_STATE}")
        self._document.append(text)

    def _record_line(self, text: str, number: int) -> Paused[None]:
        try:
            value = yield from decoding(text.rstrip(","))
        except (ValueError, RecursionError):
            yield from self._not_json(text, number)
            return
        if isinstance(value, dict):
            yield from self._dict(value, f"line {number:,}")
        elif isinstance(value, list) and not self._records:
            yield from self._list(value)
        else:
            self._collector.complaints.count("lines", "no JSON object", f"line {number:,}")

    def _not_json(self, text: str, number: int) -> Paused[None]:
        if not self._records and _PAIR.search(text, 0, LONG) and text.endswith("}"):
            self._pasted = PastedReader(self._collector)
            yield from self._pasted.line(text, number)
        elif not self._records and text[-1] in "{[,":
            self._document = []
            self._keep(text)
        else:
            self._collector.complaints.count("lines", "not JSON", f"line {number:,}")

    def _dict(self, value: dict[str, Any], where: str) -> Paused[None]:
        if "log_history" in value and not self._records:
            raise LogError(f"{self._collector.file}: {TRAINER_STATE}")
        if "gradient_flow" in value:  # the recorder's first line
            self._collector.ordered = value.get("order") == "definition"
            return
        self._records += 1
        self._collector.any_name = self._records == 1  # one dict, pasted
        yield from take(self._collector, dict(flat(value)), self._records - 1, where)

    def _list(self, values: list[Any]) -> Paused[None]:
        triples = 0
        for position, value in enumerate(values):
            triples += isinstance(value, list) and len(value) == 3
            if position % 4096 == 0:
                yield
        if values and triples == len(values):
            yield from self._triples(values)
            return
        for position, value in enumerate(values, start=1):
            yield
            if isinstance(value, dict):
                yield from self._dict(value, f"entry {position:,}")
            else:
                self._collector.complaints.count("entries", "no JSON object", f"entry {position:,}")

    def _triples(self, triples: list[list[Any]]) -> Paused[None]:
        """TensorBoard's own JSON of one tag: wall time, step and value each."""
        run, tag = run_and_tag(self._collector.file)
        for position, (_, step, value) in enumerate(triples, start=1):
            if position % FEW == 0:
                yield
            if isinstance(value, list):
                raise LogError(
                    f"{self._collector.file}: entry {position:,} is {HISTOGRAM}. "
                    "Expected are scalars, or the event file itself (events.out.tfevents…), which has it."
                )
            add(self._collector, tag, step_number(step), value, f"entry {position:,}", run)
        self._collector.any_name = True

    def finishing(self) -> Paused[Log]:
        """What was found. Raises LogError."""
        if self._document is not None:
            yield from self._read_document("\n".join([*self._former, *self._document]))
        return (yield from self._pasted.finishing()) if self._pasted else self._collector.finish(EXPECTED)

    def _read_document(self, text: str) -> Paused[None]:
        try:
            value = yield from decoding(text)
        except (ValueError, RecursionError) as error:
            wrong = str(error) if isinstance(error, ValueError) else "nested too deeply"
            yield from self._printed(text, wrong)
            return
        if isinstance(value, dict):
            yield from self._dict(value, "the document")
        else:
            yield from self._list(value)

    def _printed(self, text: str, wrong: str) -> Paused[None]:
        """A Python dict over several lines, printed by pprint, is no JSON; nor is a document that was cut off."""
        if "log_history" in text[:LOOKED_AT]:
            raise LogError(f"{self._collector.file}: {TRAINER_STATE}")
        self._pasted = PastedReader(self._collector)
        for number, line in enumerate(_LINE.finditer(text), start=1):
            yield from self._pasted.line(line[0], number)
            yield
        if self._pasted.stray:
            self._collector.complaints.say(f"As JSON it is wrong: {wrong}.")


_LINE: Final = re.compile(r"[^\n]+")
_GAP: Final = re.compile(r"[ \t\n\r]*")
_FLAT: Final = re.compile(rf"[\[{{][^\[\]{{}}]{{0,{LONG}}}+[\]}}]")  # an array or object with none in it, not long
_NESTED: Final = 8  # arrays and objects in each other that are read a member at a time
_scan: Final = json.JSONDecoder().raw_decode


def decoding(text: str) -> Paused[Any]:
    """What `json.loads` does, with pauses where the text is long. Raises ValueError and RecursionError as that does."""
    if len(text) <= LONG:
        return json.loads(text)
    value, at = yield from _decoding(text, _after_gap(text, 0), _NESTED)
    if at != len(text):
        raise json.JSONDecodeError("Extra data", text, at)
    return value


def _decoding(text: str, at: int, levels: int) -> Paused[tuple[Any, int]]:
    """The value at a place, and where what follows it and a gap begins."""
    if not levels or text[at : at + 1] not in {"[", "{"} or _FLAT.match(text, at):
        value, at = _scan(text, at)
    else:
        value, at = yield from _members(text, at, levels)
    return value, _after_gap(text, at)


def _members(text: str, at: int, levels: int) -> Paused[tuple[Any, int]]:
    """An array or object at a place, and its end."""
    names, found = list[str](), list[Any]()
    is_object = text[at] == "{"
    end, pause = "}" if is_object else "]", at
    at = _after_gap(text, at + 1)
    mark = "," if text[at : at + 1] != end else end
    at -= mark == ","  # as if one stood before the first
    while mark == ",":
        at = _after_gap(text, at + 1)
        if is_object:
            name, at = _name(text, at)
            names.append(name)
        value, at = yield from _decoding(text, at, levels - 1)
        found.append(value)
        mark = text[at : at + 1]
        if at - pause > LONG >> 3:
            pause = at
            yield
    if mark != end:
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    return dict(zip(names, found, strict=True)) if is_object else found, at + 1


def _name(text: str, at: int) -> tuple[str, int]:
    """A member's name, and where its value begins."""
    if text[at : at + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    name, at = _scan(text, at)
    at = _after_gap(text, at)
    if text[at : at + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
    return name, _after_gap(text, at + 1)


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def flat(value: dict[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The names and values of an object, those of objects in it under joined names."""
    for name, inner in value.items():
        if isinstance(inner, dict) and "_type" not in inner and depth < DEEPEST:
            yield from flat(inner, f"{before}{name}/", depth + 1)
        else:
            yield f"{before}{name}", inner


def take(collector: Collector, record: dict[str, Any], count: int, where: str) -> Paused[None]:
    """One step's values by their names; without a step of its own, the record's number counts."""
    step = step_number(next((record[name] for name in metric_names.STEPS if name in record), count))
    for at, (name, value) in enumerate(record.items(), start=1):
        add(collector, name, step, value, where)
        if at % FEW == 0:
            yield


def add(  # noqa: PLR0917  # all that belongs to a value
    collector: Collector, name: str, step: float | None, value: object, where: str, run: str = ""
) -> None:
    """One value of any type under its name; counts what is no magnitude if it should be one, or has no step."""
    number = value if type(value) is float and value >= 0 else magnitude(value)
    if number is not None and step is not None:
        collector.add(name, step, number, run)
        return
    role = collector.tag(name).role
    if role == "loss" and step is not None:
        _add_loss(collector, step, value, run)
    elif role == "gradient":
        collector.complaints.count("values", _wrong(value, number), f"{where}, {metric_names.clean(name)}")


def _add_loss(collector: Collector, step: float, value: object, run: str) -> None:
    """A loss may be below zero, a magnitude may not."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            collector.loss(step, float(value), run)
        except OverflowError:
            collector.loss(step, float("inf"), run)


def _wrong(value: object, number: float | None) -> str:
    if number is not None:
        return "without a step that is a number"
    if isinstance(value, dict) and "_type" in value:
        return HISTOGRAM
    return "no magnitude (a number of at least 0, NaN or Infinity)"


class PastedReader:
    """What was printed: `fc1.weight: 3.1e-4` a line, or Python dicts. A name that comes again begins the next step."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._seen: set[str] = set()
        self._step: float | None = None
        self._count = 0
        self.stray = 0  # lines that gave nothing
        collector.any_name = True

    def line(self, text: str, number: int) -> Paused[None]:
        """One printed line."""
        count = 0
        for name, value in printed_pairs(text[:PRINTED]):
            self._pair(name, value, f"line {number:,}")
            count += 1
            if count % FEW == 0:
                yield
        if not count and text.strip("{}[]() ,"):
            self.stray += 1
            self._collector.complaints.count("lines", "without a name and a number", f"line {number:,}")
        if len(text) > PRINTED:
            wrong = f"longer than {PRINTED >> 10} kB, of which only that was looked at"
            self._collector.complaints.count("lines", wrong, f"line {number:,}")

    def _pair(self, name: str, value: str, where: str) -> None:
        if self._collector.tag(name).role == "step":
            self._step = step_number(value)
            self._seen.clear()
            return
        if name in self._seen:
            self._seen.clear()
            self._count += 1
            self._step = None
        self._seen.add(name)
        add(self._collector, name, self._count if self._step is None else self._step, float(value), where)

    def finishing(self) -> Paused[Log]:
        """What was found. Raises LogError."""
        yield
        return self._collector.finish("Expected is a name and a number a line, as in fc1.weight: 3.1e-4.")


def printed_pairs(text: str) -> Iterator[tuple[str, str]]:
    """The names and numbers of a printed line: `{'fc1': 0.1, 'fc2': 0.2}`, `fc1: 0.1 fc2: 0.2` or `layer 1  0.1`."""
    pattern = _PAIR if _PAIR.search(text) else _SEVERAL if text.count(":") + text.count("=") > 1 else None
    if pattern:
        yield from ((found["name"], found["number"]) for found in pattern.finditer(text))
        return
    found = _TAIL.search(text) if len(text) <= 2 * metric_names.LONGEST else None
    name = text[: found.start()].strip(" \t:=,'\"|{[-*") if found else ""
    if found and name:
        yield name, found["number"]


def separator(line: str) -> str:
    """What stands between the cells of a table with this first line."""
    return max(",;\t", key=line.count)


def split_fields(line: str, delimiter: str) -> list[str]:
    """The cells of a line; one cell where its quotes are beyond the csv module."""
    try:
        return next(reader([line], delimiter=delimiter), [])
    except Error:
        return [line]


class CsvReader:
    """A table: Lightning's wide one, W&B's of a chart, TensorBoard's of one tag. Cells may be empty."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._delimiter = ","
        self._header: list[str] = []
        self._columns: list[tuple[int, str, str]] = []  # where, under which name, of which run
        self._step: int | None = None
        self._rows = 0
        self._magnitudes: list[tuple[int, str, str]] = []  # of these columns, what may be put by the row, …
        self._losses: list[tuple[int, str, str]] = []  # … and the others of use
        self._writer: RowWriter | None = None

    def line(self, text: str, number: int) -> Paused[None]:
        """The header, then a row each."""
        if not self._header:
            self._delimiter = separator(text)
            yield from self._read_header([cell.strip() for cell in split_fields(text, self._delimiter)])
            self._magnitudes, self._losses = self._of_roles(*MAGNITUDES), self._of_roles("loss")
            return
        count = text.count(self._delimiter) + 1  # or less, where some are in quotes
        cells = split_fields(text, self._delimiter) if count < 4 * len(self._header) + LONG else []
        self._rows += 1
        if len(cells) != len(self._header):
            wrong = f"without the {len(self._header):,} cells of the first line"
            self._collector.complaints.count("lines", wrong, f"line {number:,}, which has {len(cells) or count:,}")
        else:
            step = self._rows - 1 if self._step is None else step_number(self._number(cells[self._step]))
            if step is None or not self._put(step, cells):
                yield from self._row(step, cells, number)

    def _put(self, step: float, cells: list[str]) -> bool:
        """Puts all of a row at once, as nearly every row can be once the first was put; whether it was."""
        if self._writer is None:
            self._writer = self._collector.row_writer([(run, name) for _, name, run in self._magnitudes])
        if self._writer is None or not self._writer.put(step, [cells[at] for at, _, _ in self._magnitudes]):
            return False
        for at, name, run in self._losses:
            if cells[at]:
                add(self._collector, name, step, self._number(cells[at]), "", run)
        return True

    def _of_roles(self, *roles: str) -> list[tuple[int, str, str]]:
        return [column for column in self._columns if self._collector.tag(column[1]).role in roles]

    def _row(self, step: float | None, cells: list[str], number: int) -> Paused[None]:
        where = f"line {number:,}"
        for at, name, run in self._columns:
            if cells[at]:
                add(self._collector, name, step, self._number(cells[at]), where, run)
            if at % FEW == 0:
                yield

    def _number(self, cell: str) -> float | str:
        if self._delimiter == ";" and _DECIMAL_COMMA.match(cell):
            cell = cell.replace(",", ".")
        try:
            return float(cell)
        except ValueError:
            return cell

    def _read_header(self, header: list[str]) -> Paused[None]:
        self._header = header
        folded = [name.casefold() for name in header]
        self._step = next((folded.index(name) for name in metric_names.STEPS if name in folded), None)
        if folded == ["wall time", "step", "value"]:
            run, tag = run_and_tag(self._collector.file)
            self._columns, self._collector.any_name = [(2, tag, run)], True
            return
        chart = any(" - " in name for name in header)
        if chart and self._step is None:
            self._step = 0
        for at, name in enumerate(header):
            run, _, tag = name.rpartition(" - ") if chart else ("", "", name)
            if at != self._step and not tag.casefold().endswith(_EXTREME):
                self._columns.append((at, tag, run))
                self._collector.tag(tag)
            if at % FEW == 0:
                yield

    def finishing(self) -> Paused[Log]:
        """What was found. Raises LogError."""
        yield
        return self._collector.finish("Expected are columns as in step,grad_norm/fc1.weight,grad_norm/fc2.weight.")


def run_and_tag(file: str) -> tuple[str, str]:
    """The run and the tag in the name of a file that TensorBoard exported: `run-train-tag-grad_norm_fc1.weight.csv`."""
    stem = PurePosixPath(file.replace("\\", "/")).name
    for ending in (".csv", ".json"):
        stem = stem.removesuffix(ending)
    found = _RUN_FILE.match(stem)
    run, tag = (found["run"], found["tag"]) if found else (".", stem)
    return "run" if run == "." else run, tag  # of TensorBoard's own, "." is the folder it was started in
