"""The view that an address asks for, and what of the address can't be used. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from .settings import COMPUTED, FIELDS, LOOK_PARAMETERS, RECORDED, Settings, check_look_parameters, read_address

KNOWN: Final = frozenset((*(field.name for field in FIELDS), *LOOK_PARAMETERS, *RECORDED, *COMPUTED))


class ViewRequest(NamedTuple):
    """The settings that an address asks for, its parameters by name, and a sentence for each that can't be used."""

    settings: Settings
    parameters: Mapping[str, str]
    problems: list[str]

    @property
    def is_awaited(self) -> bool:
        """True if the magnitudes come from a source that has to be brought first."""
        return self.settings.source == "computed" or (self.settings.source == "recorded" and self.has_run)

    @property
    def has_run(self) -> bool:
        """True if a recorded run is to be fetched."""
        return bool(self.parameters.get("run"))


def read_request(pairs: Iterable[tuple[str, str]]) -> ViewRequest:
    """The view that an address's parameters ask for. Of a parameter that is given twice the first one counts."""
    given = list(pairs)
    parameters: dict[str, str] = {}
    for name, text in given:
        parameters.setdefault(name, text)
    settings, wrong = read_address(parameters)
    problems = [*_repeated(given), *wrong, *check_look_parameters(parameters), *_unused(parameters, settings.source)]
    return ViewRequest(settings, parameters, problems)


def _repeated(given: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, count in Counter(name for name, _ in given if name in KNOWN).items():
        if count > 1:
            yield f"“{name}” is {count} times in the address; the first one is used."


def _unused(parameters: Mapping[str, str], source: str) -> Iterator[str]:
    """A sentence for each parameter that is another source's."""
    is_computed, is_recorded = source == "computed", source == "recorded"
    needs = dict.fromkeys(() if is_computed else COMPUTED, "source=computed")
    needs |= dict.fromkeys(() if is_recorded else RECORDED, "source=recorded")
    if is_recorded and not parameters.get("run"):
        needs["step"] = "a run"
    for name in parameters:
        if name in needs:
            yield f"“{name}” in the address is not used: it needs {needs[name]}."
