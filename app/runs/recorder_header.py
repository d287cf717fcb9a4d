"""The recorder's description of its file: the version, sizes of parameters, types of modules, the optimizer. Pure.

It is the first line, or any later line that adds to it. In a file of version 2 the name of each value begins with its
kind: `grad_norm/fc1.weight`, `output_grad_norm/fc1`, `weight_norm/fc1.weight`, `update_norm/fc1.weight`, `zeros/fc1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .layer_names import clean, module_name
from .metric_names import GRADIENT, MetricName
from .reductions import L2, OUTPUT, PARAMETER, SHARE, UPDATE_NORM, WEIGHT_NORM, ZEROS
from .series import MAX_NAMES, Column, Key, LogError, Table

MARK: Final = "gradient_flow"
VERSIONS: Final = (1, 2)
MAX_TYPE_CHARS: Final = 80  # of a module's or an optimizer's type
KINDS_BY_PREFIX: Final = {
    "grad_norm": (PARAMETER, L2),
    "output_grad_norm": (OUTPUT, L2),
    "weight_norm": (WEIGHT_NORM, L2),
    "update_norm": (UPDATE_NORM, L2),
    "zeros": (ZEROS, SHARE),
}
OF_PARAMETERS: Final = ("grad_norm", "weight_norm", "update_norm")


def is_header(record: Mapping[str, Any]) -> bool:
    """True if a record describes the file: it has the recorder's mark and no step."""
    return MARK in record and "step" not in record


class RecorderHeader:
    """The descriptions in one file, put together. Without any it says nothing."""

    def __init__(self) -> None:
        self.version = 0
        self.ordered = False
        self.optimizer = ""
        self.modules: dict[str, str] = {}
        self._sizes: dict[str, int] = {}

    @property
    def max_names(self) -> int:
        """The number of names that the file may have: version 2 has several for each parameter."""
        return MAX_NAMES * (len(KINDS_BY_PREFIX) if self.version > 1 else 1)

    @property
    def sizes(self) -> dict[str, int]:
        """The number of elements of each parameter, by the names of its series in the file."""
        return {f"{prefix}/{name}": size for name, size in self._sizes.items() for prefix in OF_PARAMETERS}

    def add(self, file: str, record: Mapping[str, Any]) -> None:
        """Take one description. Raises LogError if it is of a version that is not known."""
        version = record[MARK]
        if version not in VERSIONS or isinstance(version, bool):
            raise LogError(
                f"{file}: is a recording of version {clean(str(version))[:20]}, and this page reads versions "
                f"{VERSIONS[0]} and {VERSIONS[1]}. Update the page, or record with the recorder that it offers."
            )
        self.version = max(self.version, int(version))
        self.ordered = record.get("order") == "definition"
        self.optimizer = _type_name(record.get("optimizer")) or self.optimizer
        modules = {module_name(clean(name)): _type_name(each) for name, each in _items(record, "modules")}
        sizes = {name: size for name, size in _items(record, "sizes") if type(size) is int and size > 0}
        self.modules, self._sizes = _joined(self.modules, modules), _joined(self._sizes, sizes)

    def metric(self, key: str) -> MetricName | None:
        """A value's name in a file of version 2, taken apart; None for any other name."""
        prefix, _, name = key.partition("/")
        if self.version < 2 or prefix not in KINDS_BY_PREFIX or not name:
            return None
        return MetricName(GRADIENT, module_name(clean(name)), *KINDS_BY_PREFIX[prefix])

    def in_order(self, tables: Mapping[Key, Table]) -> dict[Key, Table]:
        """Tables with their columns in the order of definition: a parameter may be recorded later than its neighbours.

        Names that no description has come last.
        """
        if not self.ordered or not self._sizes:
            return dict(tables)
        places = {module_name(clean(name)): at for at, name in enumerate(self._sizes)}
        modules = {name: at for at, name in enumerate(self.modules)}
        return {
            key: Table(table.rows, _sorted(table.columns, modules if key.kind in {OUTPUT, ZEROS} else places))
            for key, table in tables.items()
        }


def _joined(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Both descriptions, in the order of the later one if it has all that the former has."""
    return after if before.keys() <= after.keys() else before | after


def _sorted(columns: dict[str, Column], places: Mapping[str, int]) -> dict[str, Column]:
    last = len(places)
    return {name: columns[name] for name in sorted(columns, key=lambda name: places.get(name, last))}


def _items(record: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    """The pairs of an inner object; none where there is no such object."""
    inner = record.get(name)
    return inner.items() if isinstance(inner, dict) else ()


def _type_name(value: object) -> str:
    return clean(value)[:MAX_TYPE_CHARS] if isinstance(value, str) else ""
