"""The view that an address asks for, and the problems in the address. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ..figure.text import quote
from .settings import (
    COMPUTED_PARAMETERS,
    FIELDS,
    LEARN_PARAMETERS,
    LOOK_PARAMETERS,
    RECORDED_PARAMETERS,
    Settings,
    check_look_parameters,
    read_address,
)

KNOWN_PARAMETERS: Final = frozenset(
    (*(field.name for field in FIELDS), *LOOK_PARAMETERS, *RECORDED_PARAMETERS, *COMPUTED_PARAMETERS, *LEARN_PARAMETERS)
)
# Parameters that mailings, advertisements and social networks add to links. They are nobody's mistake.
TRACKING_PREFIXES: Final = ("utm_", "mtm_", "pk_", "hsa_", "_hs", "_ga", "_gl", "mc_", "mkt_", "oly_", "vero_")
TRACKING_PARAMETERS: Final = frozenset(
    (
        *("fbclid", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "gad_source", "gad_campaignid", "msclkid"),
        *("igshid", "igsh", "twclid", "ttclid", "li_fat_id", "yclid", "ysclid", "rdt_cid", "epik", "srsltid", "ref"),
    )
)
MAX_UNKNOWN_NAMED: Final = 5  # unknown parameters that are named; the others are counted


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
    problems = [
        *_repeated(given),
        *wrong,
        *check_look_parameters(parameters),
        *_unused(parameters, settings.source),
        *_unknown(parameters),
    ]
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
    if not is_computed:
        needs["lesson"] = "source=computed"
    if not (is_computed or is_recorded):
        needs |= dict.fromkeys(("mode", "quiz"), "source=computed or source=recorded")
    if is_recorded and not parameters.get("run"):
        needs["step"] = "a run"
    for name in parameters:
        if name in needs:
            yield f"“{name}” in the address is not used: it needs {needs[name]}."


def _unknown(parameters: Iterable[str]) -> Iterator[str]:
    """A sentence that names the parameters which this page does not have."""
    unknown = [name for name in parameters if name not in KNOWN_PARAMETERS and not _is_tracking(name)]
    if not unknown:
        return
    more = len(unknown) - MAX_UNKNOWN_NAMED
    names = ", ".join(quote(name) for name in unknown[:MAX_UNKNOWN_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    if len(unknown) == 1:
        yield f"{names} in the address is no parameter of this page; it changes nothing."
    else:
        yield f"{names} in the address are no parameters of this page; they change nothing."


def _is_tracking(name: str) -> bool:
    return name.lower().startswith(TRACKING_PREFIXES) or name.lower() in TRACKING_PARAMETERS
