"""Numbers as text: as Python, C and spreadsheets write them. Pure."""

from __future__ import annotations

import re
from typing import Final

NUMBER_PATTERN: Final = (
    r"[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,4})?|[-+]?(?:nan|inf(?:inity)?)"
)
WRAPPED: Final = r"(?:[A-Za-z_][\w.]{0,40}\(\s{0,4})?"  # tensor( and np.float64(
_WRAPPED_NUMBER: Final = re.compile(
    rf"[A-Za-z_][\w.]{{0,40}}\(\s{{0,4}}(?P<number>{NUMBER_PATTERN})\s{{0,4}}[,)]", re.IGNORECASE
)
_DECIMAL_COMMA: Final = re.compile(r"^\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*$")
_GROUPED: Final = re.compile(r"^\s*[-+]?\d{1,3}(?:\.\d{3})+,\d+\s*$")  # 1.234,5


def read_number(cell: str) -> float | None:
    """The number that a text is; None where it is none. `tensor(0.1)` is 0.1."""
    try:
        return float(cell)
    except ValueError:
        found = _WRAPPED_NUMBER.match(cell.strip()) if "(" in cell else None
        return float(found["number"]) if found else None


def has_decimal_comma(cell: str) -> bool:
    """Say whether a text is a number whose decimal mark is a comma."""
    return bool(_DECIMAL_COMMA.match(cell) or _GROUPED.match(cell))


def with_point(cell: str) -> str:
    """The text of a number with a point for its decimal comma."""
    if _DECIMAL_COMMA.match(cell):
        return cell.replace(",", ".")
    return cell.replace(".", "").replace(",", ".") if _GROUPED.match(cell) else cell
