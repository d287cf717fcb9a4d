"""The view that an address asks for, and the problems in the address. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from .settings import (
    COMPUTED_PARAMETERS,
    FIELDS,
    LOOK_PARAMETERS,
    RECORDED_PARAMETERS,
    Settings,
    check_look_parameters,
    read_address,
)

KNOWN_PARAMETERS: Final = frozenset(
    (*(field.name for field in FIELDS), *LOOK_PARAMETERS, *RECORDED_PARAMETERS, *COMPUTED_PARAMETERS)
)


class ViewRequest(NamedTuple):
    """The settings from an address, its parameters by name, and a sentence for each unusable parameter."""

    settings: Settings
    parameters: Mapping[str, str]
    problems: list[str]

    @property
    def is_awaited(self) -> bool:
        """True if the source of the magnitudes must be loaded first."""
        return self.settings.source == "computed" or (self.settings.source == "recorded" and self.has_run)

    @property
    def has_run(self) -> bool:
        """True if the page must fetch a recorded run."""
        return bool(self.parameters.get("run"))


def read_request(pairs: Iterable[tuple[str, str]]) -> ViewRequest:
    """The view from the parameters of an address. The first of several equal parameters counts."""
    given = list(pairs)
    parameters: dict[str, str] = {}
    for name, text in given:
        parameters.setdefault(name, text)
    settings, wrong = read_address(parameters)
    problems = [*_repeated(given), *wrong, *check_look_parameters(parameters), *_unused(parameters, settings.source)]
    return ViewRequest(settings, parameters, problems)


def _repeated(given: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, count in Counter(name for name, _ in given if name in KNOWN_PARAMETERS).items():
        if count > 1:
            yield f"“{name}” is {count} times in the address; the first one is used."


def _unused(parameters: Mapping[str, str], source: str) -> Iterator[str]:
    """A sentence for each parameter that belongs to another source."""
    is_computed, is_recorded = source == "computed", source == "recorded"
    needs = dict.fromkeys(() if is_computed else COMPUTED_PARAMETERS, "source=computed")
    needs |= dict.fromkeys(() if is_recorded else RECORDED_PARAMETERS, "source=recorded")
    if is_recorded and not parameters.get("run"):
        needs["step"] = "a run"
    for name in parameters:
        if name in needs:
            yield f"“{name}” in the address is not used: it needs {needs[name]}."
