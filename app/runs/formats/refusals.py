"""Sentences about logs of which nothing can be shown: what was found, and the nearest thing that works. Pure."""

from __future__ import annotations

import re
from typing import Final

from .. import metric_names
from ..collector import SeriesCollector
from .json_decoding import TOO_MANY_LEVELS
from .long_form import NO_GRADIENT

JSON_EXPECTED: Final = 'Expected are names as in {"step": 120, "grad_norm/fc1.weight": 3.1e-4}.'
TABLE_EXPECTED: Final = "Expected are columns as in step,grad_norm/fc1.weight,grad_norm/fc2.weight."
PRINTED_EXPECTED: Final = "Expected is a name and a number a line, as in fc1.weight: 3.1e-4."
RECORD_EACH: Final = "Record each layer's own with gradient_flow_recorder.py."
TRAINER_STATE: Final = (
    "is a trainer_state.json, which holds one grad_norm over all layers and so nothing of where gradients vanish. "
    f"{RECORD_EACH}"
)
LISTS_OF_LISTS: Final = (
    "is a list of lists without names, so it doesn't tell which value is of which layer. "
    'Expected is a list of objects, as in [{"step": 0, "grad_norm/fc1.weight": 0.1}].'
)
TOO_DEEP: Final = f"is JSON {TOO_MANY_LEVELS}, which is not read. {JSON_EXPECTED}"
MARKUP: Final = (
    "is a web page (HTML or XML), not a log: the address leads to a page about the file, or the host answered with an "
    "error page. Use the address of the raw file."
)
NO_HEADER: Final = (
    "is a table of numbers without a line of names, so it doesn't tell which column is of which layer. "
    "Add a first line as in step,grad_norm/fc1.weight,grad_norm/fc2.weight."
)
_ALL: Final = "total|global|overall|avg|mean|max"
_SINGLE: Final = re.compile(
    rf"(?:^|[/._ ])(?:(?:{_ALL}|train|model)[/._ ]?)*"
    rf"(?:grad(?:ient)?s?[/._ -]?norms?(?:[/._ ](?:{_ALL}|all|step))?|gnorm|grad_2\.0_norm_total)$",
    re.IGNORECASE,
)
_WEIGHTS: Final = re.compile(r"(?:^|[/._ ])(?:weights?|params?|parameters?|biases)(?:[/._ ]|$)", re.IGNORECASE)


def unclear_list(name: str) -> str:
    """The sentence about a list of which it is not clear whether it goes by layer or by step."""
    return (
        f"{name} is a list that doesn't tell whether it goes by layer or by step, so it was left out. "
        'Expected is a name a layer, as in {"grad_norm": {"fc1": [0.1, 0.2]}}.'
    )


def nearest(collector: SeriesCollector, expected: str) -> str:
    """The last sentence about a file without gradients by layer: the reason if it is a known one, else the expected."""
    names = collector.names()
    single = next((name for name in names if is_single(name)), None)
    if single:
        name = metric_names.clean(single)
        return f"{name} is one norm over all layers, which tells nothing of where gradients vanish. {RECORD_EACH}"
    if any(_WEIGHTS.search(name) and not _is_gradient(name) for name in names):
        return f"They are of weights and of other things, not of gradients. {expected}"
    return expected


def is_single(name: str) -> bool:
    """Say whether a name is that of one norm over all layers."""
    return bool(_SINGLE.search(name.strip()))


def _is_gradient(name: str) -> bool:
    return "grad" in name.casefold() and not NO_GRADIENT.search(name)
