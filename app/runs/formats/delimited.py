"""Tables as text: which separator stands between the cells, where the header is, and the cells of a line. Pure."""

from __future__ import annotations

import re
from _csv import Error, reader  # the reader alone: csv around it would come to each visitor with the standard library
from collections.abc import Sequence
from typing import Final, NamedTuple

from .long_form import NAMES
from .number_text import has_decimal_comma, read_number
from .steps import is_step_or_epoch, keyed_step, plain_name

WIDE_SPACES: Final = "  "  # at least two spaces between cells, which may have single ones in them
SPACES: Final = ""  # the separator of a table whose cells have spaces between them
PIPE: Final = "|"
MAX_PRINTED_CELLS: Final = 5000  # of a table with spaces or bars between them
MAX_SPACED_CHARS: Final = 1 << 17  # of a header with spaces between its cells
MAX_CELLS_LOOKED_AT: Final = 200
MIN_COUNTED: Final = 2
MAX_ROWS_LOOKED_AT: Final = 6
BY_LOOKS: Final = (SPACES, WIDE_SPACES, PIPE)  # separators that stand in print too
_SEPARATORS: Final = (",", ";", "\t", PIPE)
_SEPARATOR_LINE: Final = re.compile(r'^"?sep=(?P<separator>.)"?$', re.IGNORECASE)
_COMMENT: Final = re.compile(r"^\s*(?:#|%|//)")
_WIDE: Final = re.compile(r"\s{2,}")
_RULE: Final = re.compile(r"^[\s\-+=|:_─━═┄┈│┃║┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╒╕╘╛╞╡╤╧╪┏┓┗┛┡┩┢┪┣┫┳┻╇╈╋┯┷]{3,}$")
_WORD: Final = re.compile(r"^(?:[A-Za-z_∂∇‖(]|#(?!\d)|\[['\"A-Za-z])[^=,;%|]*(?<![:|])$")
_NESTED: Final = ("[]", "{}")  # ends of a cell with a list or an object
_DATE_CELL: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_BARS: Final = re.compile("[│┃║]")
_EDGE: Final = re.compile(r"^\s*\||\|\s*$")
_WRAPPED: Final = re.compile(r"\(\s+(?=[-+\d.])|(?<=[\d.])\s+\)")


class Header(NamedTuple):
    """Find a table's header among some lines: its place, its cells, and the separator."""

    line: int
    cells: list[str]
    separator: str


def separator_line(line: str) -> str | None:
    """The separator that Excel's first line, `sep=;`, tells; None for another line."""
    found = _SEPARATOR_LINE.match(line.strip())
    return found["separator"] if found else None


def is_comment(line: str) -> bool:
    """Say whether a line of a table is a comment."""
    return bool(_COMMENT.match(line))


def is_rule(line: str) -> bool:
    """Say whether a line is drawn between the rows of a table."""
    return bool(_RULE.match(line))


def split_cells(line: str, separator: str) -> list[str]:
    """The cells of a line; one cell where its quotes are beyond the csv module."""
    if separator == WIDE_SPACES:
        return _WIDE.split(line.strip())
    if separator == SPACES:
        return _WRAPPED.sub("(", line).split()
    if separator == PIPE:
        return [cell.strip() for cell in _EDGE.sub("", _BARS.sub("|", line)).split("|")]
    try:
        return next(reader([line], delimiter=separator, skipinitialspace=True), [])
    except Error:
        return [line]


def is_numeric(cell: str) -> bool:
    """Say whether a cell holds a number, with a point or a comma."""
    return read_number(cell) is not None or has_decimal_comma(cell)


def find_header(lines: Sequence[str]) -> Header | None:
    """The header of the table that these lines begin with; None where they begin with something else."""
    told = None
    for at, line in enumerate(lines):
        separator = separator_line(line)
        if separator is not None:
            told = separator
        elif is_comment(line):
            header = _header(line.strip().lstrip("#%/ "), lines[at + 1 :], told)
            if header and _names_steps(header.cells):
                return header._replace(line=at)
        elif not is_rule(line):
            header = _with_index_name(lines, at)
            if header:
                return header
            header = _header(line, lines[at + 1 :], told)
            return header._replace(line=at) if header else None
    return None


def _with_index_name(lines: Sequence[str], at: int) -> Header | None:
    """The header in two lines of a table whose index has a name, as pandas prints it; None for all else."""
    name = lines[at + 1].strip() if at + 1 < len(lines) else ""
    if not lines[at][:1].isspace() or not (is_step_or_epoch(name) or plain_name(name) in NAMES):
        return None
    header = _header(f"{name}  {lines[at].strip()}", lines[at + 2 :], None)
    return header._replace(line=at + 1) if header else None


def _header(line: str, rest: Sequence[str], told: str | None) -> Header | None:
    """The header that a line is, if what follows it are its rows."""
    is_long = len(line) > MAX_SPACED_CHARS
    plain = line if is_long else _BARS.sub("|", line)
    separators = sorted(_SEPARATORS, key=plain.count, reverse=True)
    by_looks = () if is_long else (SPACES, WIDE_SPACES)
    tried = [told] if told else [*(each for each in separators if each in plain), *by_looks]
    for separator in tried:
        cells = [cell.strip() for cell in split_cells(line, separator)]
        if len(cells) > 1 and _is_header(cells, separator) and _have_rows(cells, separator, rest):
            return Header(0, cells, separator)
    return None


def _is_header(cells: list[str], separator: str) -> bool:
    if _DATE_CELL.match(cells[0]):
        return False
    if (
        plain_name(cells[0]) in NAMES
        and len(cells) > MIN_COUNTED
        and all(map(keyed_step, cells[1:MAX_CELLS_LOOKED_AT]))
    ):
        return True  # a column a step
    numeric = [cell for cell in cells[:MAX_CELLS_LOOKED_AT] if is_numeric(cell)]
    if numeric and not (_are_counted(numeric) and (_names_steps(cells) or cells[0] == "")):
        return False
    if separator not in BY_LOOKS:
        return True
    if len(cells) > MAX_PRINTED_CELLS:
        return False
    words = [cell for cell in cells if cell and not cell.isdecimal()]
    return all(map(_WORD.match, words)) and (_names_steps(cells) or _names_layers(cells))


def _are_counted(cells: Sequence[str]) -> bool:
    """Say whether cells are 0, 1, 2 and so on, as layers without names are called."""
    if len(cells) < MIN_COUNTED or not all(cell.isdecimal() for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return numbers[0] <= 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _names_steps(cells: Sequence[str]) -> bool:
    return any(is_step_or_epoch(cell) for cell in cells)


def _names_layers(cells: Sequence[str]) -> bool:
    return any(plain_name(cell) in NAMES for cell in cells)


def _have_rows(header: list[str], separator: str, rest: Sequence[str]) -> bool:
    """Say whether one of the next lines is a row under this header. A header alone must name the step."""
    looked_at = [line for line in rest if not is_comment(line) and not is_rule(line)][:MAX_ROWS_LOOKED_AT]
    if not looked_at:
        return _names_steps(header)
    return any(is_row(header, split_cells(line, separator), separator) for line in looked_at)


def without_trailing(cells: list[str], count: int) -> list[str]:
    """The cells without empty ones at the end that are more than there should be."""
    while len(cells) > count and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def is_row(header: list[str], cells: list[str], separator: str) -> bool:
    """Say whether cells are a row under a header: as many, or one more as pandas prints its index, and a number."""
    cells = without_trailing(cells, len(header))
    extra = len(cells) - len(header)
    if extra and not (extra == 1 and separator in BY_LOOKS and is_numeric(cells[0])):
        return False
    filled = [stripped for cell in cells[:MAX_CELLS_LOOKED_AT] if (stripped := cell.strip())]
    return not filled or any(is_numeric(cell) or f"{cell[0]}{cell[-1]}" in _NESTED for cell in filled)
